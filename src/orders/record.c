/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/record.h"
#include "orders/history.h"
#include "base/time.h"
#include "base/utf8.h"


#define ORDERS_RECORD_NAME(name, text)  BASE_STR_INIT(text),
static const base_str_t  orders_record_fields[] = {
    ORDERS_RECORD_FIELDS(ORDERS_RECORD_NAME)
};
#undef ORDERS_RECORD_NAME


base_str_t
orders_record_field_name(orders_record_field_t field)
{
    return orders_record_fields[field];
}


static base_str_t
orders_record_value(const base_str_t *values, size_t count,
    orders_record_field_t field)
{
    return (size_t) field < count ? values[field] : base_str(NULL, 0);
}


/* What is told to clients: whose order it is, times, and text in UTF-8, because
 * JSON can say nothing else. */
static bool
orders_record_is_sound(const orders_record_t *record)
{
    int64_t  unix_ms;

    return record->user_id.len > 0
           && base_utf8_valid(record->user_id, NULL)
           && base_time_parse(record->created_at, &unix_ms)
           && base_time_parse(record->updated_at, &unix_ms)
           && base_utf8_valid(record->error_message, NULL);
}


orders_record_status_t
orders_record_read(base_arena_t *arena, base_str_t id, const base_str_t *values,
    size_t count, orders_record_t *record)
{
    base_str_t         version, status;
    base_json_error_t  error;

    memset(record, 0, sizeof(*record));
    version = orders_record_value(values, count, ORDERS_RECORD_VERSION);
    if (version.data == NULL) {
        return ORDERS_RECORD_ABSENT;
    }

    if (!base_str_eq(version, BASE_STR(ORDERS_RECORD_FORMAT))) {
        return ORDERS_RECORD_INVALID;
    }

    status = orders_record_value(values, count, ORDERS_RECORD_STATUS);
    if (!orders_status_find(status, &record->status)) {
        return ORDERS_RECORD_INVALID;
    }

    record->id = id;
    record->user_id = orders_record_value(values, count,
                                          ORDERS_RECORD_USER_ID);
    record->created_at = orders_record_value(values, count,
                                             ORDERS_RECORD_CREATED_AT);
    record->updated_at = orders_record_value(values, count,
                                             ORDERS_RECORD_UPDATED_AT);
    record->error_message = orders_record_value(values, count,
                                                ORDERS_RECORD_ERROR_MESSAGE);
    record->history = orders_record_value(values, count,
                                          ORDERS_RECORD_HISTORY);
    record->execution = orders_record_value(values, count,
                                            ORDERS_RECORD_EXECUTION);
    record->workflow = orders_record_value(values, count,
                                           ORDERS_RECORD_WORKFLOW);
    record->consumer = orders_record_value(values, count,
                                           ORDERS_RECORD_CONSUMER);
    record->payment = orders_record_value(values, count,
                                          ORDERS_RECORD_PAYMENT);
    record->steps = orders_record_value(values, count, ORDERS_RECORD_STEPS);
    record->input_text = orders_record_value(values, count,
                                             ORDERS_RECORD_INPUT);

    if (!orders_record_is_sound(record)) {
        return ORDERS_RECORD_INVALID;
    }

    record->input = base_json_parse(arena, record->input_text, NULL, &error);
    if (record->input == NULL) {
        return error.status == BASE_JSON_NOMEM ? ORDERS_RECORD_NOMEM
                                               : ORDERS_RECORD_INVALID;
    }

    return record->input->type == BASE_JSON_OBJECT ? ORDERS_RECORD_OK
                                                   : ORDERS_RECORD_INVALID;
}


static bool
orders_record_own(base_str_t key)
{
    static const base_str_t  names[] = {
        BASE_STR_INIT("id"), BASE_STR_INIT("userId"),
        BASE_STR_INIT("orderStatus"), BASE_STR_INIT("createdAt"),
        BASE_STR_INIT("updatedAt"), BASE_STR_INIT("errorMessage"),
        BASE_STR_INIT("history"),
    };

    size_t  i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (base_str_eq(names[i], key)) {
            return true;
        }
    }

    return false;
}


static bool
orders_record_add(base_arena_t *arena, base_json_t *object, base_str_t key,
    base_str_t value)
{
    base_json_t  *item = base_json_string(arena, value);

    if (item == NULL) {
        return false;
    }

    base_json_add(object, key, item);
    return true;
}


base_json_t *
orders_record_json(base_arena_t *arena, const orders_record_t *record)
{
    base_json_t  *order, *item, *member;

    order = base_json_object(arena);
    if (order == NULL
        || !orders_record_add(arena, order, BASE_STR("id"), record->id))
    {
        return NULL;
    }

    base_json_each(item, record->input) {
        if (orders_record_own(item->key)) {
            continue;
        }

        member = base_json_share(arena, item);
        if (member == NULL) {
            return NULL;
        }

        base_json_add(order, item->key, member);
    }

    if (!orders_record_add(arena, order, BASE_STR("userId"), record->user_id)
        || !orders_record_add(arena, order, BASE_STR("orderStatus"),
                              orders_status_name(record->status))
        || !orders_record_add(arena, order, BASE_STR("createdAt"),
                              record->created_at)
        || !orders_record_add(arena, order, BASE_STR("updatedAt"),
                              record->updated_at))
    {
        return NULL;
    }

    if (record->error_message.data != NULL
        && !orders_record_add(arena, order, BASE_STR("errorMessage"),
                              record->error_message))
    {
        return NULL;
    }

    return order;
}


bool
orders_record_add_history(base_arena_t *arena, base_json_t *order,
    const orders_record_t *record)
{
    base_json_t  *history = orders_history_json(arena, record->history);

    if (history == NULL) {
        return false;
    }

    base_json_add(order, BASE_STR("history"), history);
    return true;
}
