/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/message.h"
#include "base/time.h"
#include "base/uuid.h"
#include "orders/callback.h"
#include "orders/keys.h"


#define ORDERS_MESSAGE_NAME(name, text)  BASE_STR_INIT(text),
static const base_str_t  orders_message_kinds[] = {
    ORDERS_MESSAGE_KINDS(ORDERS_MESSAGE_NAME)
};
#undef ORDERS_MESSAGE_NAME


base_str_t
orders_message_kind_name(orders_message_kind_t kind)
{
    return orders_message_kinds[kind];
}


/* Takes the values in it off *left. */
static bool
orders_input_count(const base_json_t *value, uint32_t depth, uint32_t *left)
{
    const base_json_t  *item;

    if (*left == 0) {
        return false;
    }

    (*left)--;

    if (value->type != BASE_JSON_ARRAY && value->type != BASE_JSON_OBJECT) {
        return true;
    }

    if (depth == 0) {
        return false;
    }

    base_json_each(item, value) {
        if (!orders_input_count(item, depth - 1, left)) {
            return false;
        }
    }

    return true;
}


bool
orders_input_fits(const base_json_t *input)
{
    uint32_t  left = ORDERS_INPUT_VALUES_MAX;

    return orders_input_count(input, ORDERS_INPUT_DEPTH_MAX, &left);
}


void
orders_message_write(base_buf_t *buf, const orders_message_t *message)
{
    base_buf_add_lit(buf, "{\"v\":1,\"kind\":\"");
    base_buf_add_str(buf, orders_message_kinds[message->kind]);
    base_buf_add_lit(buf, "\",\"id\":");
    base_json_write_str(buf, message->id);
    if (message->user_id.len > 0) {
        base_buf_add_lit(buf, ",\"userId\":");
        base_json_write_str(buf, message->user_id);
    }

    base_buf_add_lit(buf, ",\"createdAt\":");
    base_json_write_str(buf, message->created_at);

    if (message->input != NULL) {
        base_buf_add_lit(buf, ",\"input\":");
        base_json_write(buf, message->input);
    }

    if (message->idempotency_key.len > 0) {
        base_buf_add_lit(buf, ",\"idempotencyKey\":");
        base_json_write_str(buf, message->idempotency_key);
        if (message->idempotency_ttl_s > 0) {
            base_buf_add_lit(buf, ",\"idempotencyTtl\":");
            base_buf_add_int(buf, message->idempotency_ttl_s);
        }
    }

    if (message->traceparent.len > 0) {
        base_buf_add_lit(buf, ",\"traceparent\":");
        base_json_write_str(buf, message->traceparent);
    }

    if (message->scope_all) {
        base_buf_add_lit(buf, ",\"scope\":\"all\"");
    }

    if (message->late) {
        base_buf_add_lit(buf, ",\"late\":true");
    }

    if (message->reply_to.len > 0) {
        base_buf_add_lit(buf, ",\"replyTo\":");
        base_json_write_str(buf, message->reply_to);
        base_buf_add_lit(buf, ",\"requestId\":");
        base_json_write_str(buf, message->request_id);
    }

    base_buf_add_char(buf, '}');
}


static bool
orders_message_kind_find(base_str_t name, orders_message_kind_t *kind)
{
    size_t  i;

    for (i = 0; i < ORDERS_MESSAGE_KIND_COUNT; i++) {
        if (base_str_eq(orders_message_kinds[i], name)) {
            *kind = (orders_message_kind_t) i;
            return true;
        }
    }

    return false;
}


/* Those that begin with a request of a user, who owns the order. */
static bool
orders_message_has_user(orders_message_kind_t kind)
{
    return kind == ORDERS_MESSAGE_POST || kind == ORDERS_MESSAGE_UPDATE
           || kind == ORDERS_MESSAGE_DELETE;
}


static bool
orders_message_check(const orders_message_t *message, base_str_t *reason)
{
    int64_t            created_ms;
    orders_callback_t  callback;

    if (!base_uuid_valid(message->id)) {
        *reason = BASE_STR("\"id\" is not a UUID");
        return false;
    }

    if (!base_time_parse(message->created_at, &created_ms)) {
        *reason = BASE_STR("\"createdAt\" is not an RFC 3339 time");
        return false;
    }

    if (orders_message_has_user(message->kind)
        && (message->user_id.len == 0
            || message->user_id.len > ORDERS_USER_BYTES_MAX))
    {
        *reason = BASE_STR("\"userId\" is not a name of 1 to 256 bytes");
        return false;
    }

    if (message->input != NULL && message->input->type != BASE_JSON_OBJECT) {
        *reason = BASE_STR("\"input\" is not an object");
        return false;
    }

    if (message->input == NULL
        && (message->kind == ORDERS_MESSAGE_POST
            || message->kind == ORDERS_MESSAGE_UPDATE
            || message->kind == ORDERS_MESSAGE_CALLBACK))
    {
        *reason = BASE_STR("\"input\" is missing");
        return false;
    }

    if (message->kind != ORDERS_MESSAGE_CALLBACK) {
        return true;
    }

    if (!orders_callback_read(message->input, &callback, reason)) {
        return false;
    }

    if (!base_str_eq(callback.id, message->id)) {
        *reason = BASE_STR("\"taskToken\" is of another \"id\"");
        return false;
    }

    return true;
}


bool
orders_message_read(base_arena_t *arena, base_str_t text,
    orders_message_t *message, base_str_t *reason)
{
    int64_t            version;
    base_json_t       *json, *late;
    base_json_error_t  error;

    json = base_json_parse(arena, text, NULL, &error);
    if (json == NULL) {
        *reason = base_str_c(error.reason);
        return false;
    }

    if (!base_json_to_int(base_json_get(json, BASE_STR("v")), &version)) {
        *reason = BASE_STR("no version: \"v\" is not a whole number");
        return false;
    }

    if (version != ORDERS_MESSAGE_VERSION) {
        *reason = BASE_STR("written by a newer program: \"v\" is not 1");
        return false;
    }

    if (!orders_message_kind_find(base_json_get_str(json, BASE_STR("kind")),
                                  &message->kind))
    {
        *reason = BASE_STR("\"kind\" is none that this program knows");
        return false;
    }

    message->id = base_json_get_str(json, BASE_STR("id"));
    message->user_id = base_json_get_str(json, BASE_STR("userId"));
    message->created_at = base_json_get_str(json, BASE_STR("createdAt"));
    message->input = base_json_get(json, BASE_STR("input"));
    message->idempotency_key = base_json_get_str(json,
                                                 BASE_STR("idempotencyKey"));
    if (!base_json_to_int(base_json_get(json, BASE_STR("idempotencyTtl")),
                          &message->idempotency_ttl_s)
        || message->idempotency_ttl_s < 0)
    {
        message->idempotency_ttl_s = 0;
    }

    message->traceparent = base_json_get_str(json, BASE_STR("traceparent"));
    message->scope_all = base_str_eq(base_json_get_str(json,
                                                       BASE_STR("scope")),
                                     BASE_STR("all"));
    late = base_json_get(json, BASE_STR("late"));
    message->late = late != NULL && late->type == BASE_JSON_BOOLEAN
                    && late->boolean;
    message->reply_to = base_json_get_str(json, BASE_STR("replyTo"));
    message->request_id = base_json_get_str(json, BASE_STR("requestId"));

    return orders_message_check(message, reason);
}
