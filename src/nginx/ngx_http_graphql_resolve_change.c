/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Mutation.updateOrder and Mutation.deleteOrder: messages, as orders are.
 *
 *     RPUSH {orders:0}:queue {"v":1,"kind":"update","id":...,"userId":...,
 *         "input":{...},"replyTo":"orders:replies:<uuid>","requestId":"17"}
 *
 * The worker decides about them, and nobody else: an order may have changed
 * since it was read here.  Its outcome is the answer
 * (ngx_http_graphql_replies.c).
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "orders/message.h"

#include "nginx/ngx_http_graphql_replies.h"


static void ngx_http_graphql_change(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, orders_message_t *message);
static ngx_int_t ngx_http_graphql_change_id(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, base_str_t *id);
static ngx_int_t ngx_http_graphql_change_input(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, const base_json_t **input);
static ngx_flag_t ngx_http_graphql_change_required(
    ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field, base_str_t name);
static void ngx_http_graphql_change_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);


void
ngx_http_graphql_resolve_update_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    orders_message_t  message;

    ngx_memzero(&message, sizeof(orders_message_t));
    message.kind = ORDERS_MESSAGE_UPDATE;

    if (ngx_http_graphql_change_input(ctx, field, &message.input) == NGX_OK) {
        ngx_http_graphql_change(ctx, field, &message);
    }
}


void
ngx_http_graphql_resolve_delete_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    orders_message_t  message;

    ngx_memzero(&message, sizeof(orders_message_t));
    message.kind = ORDERS_MESSAGE_DELETE;

    ngx_http_graphql_change(ctx, field, &message);
}


static void
ngx_http_graphql_change(ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field,
    orders_message_t *message)
{
    char                      now[BASE_TIME_TEXT_BYTES];
    base_buf_t                buf;
    base_str_t                argv[3];
    const base_str_t         *full;
    ngx_http_graphql_wait_t  *wait;

    if (ngx_http_graphql_change_id(ctx, field, &message->id) != NGX_OK) {
        return;
    }

    full = ngx_http_graphql_full(ctx);
    if (full != NULL) {
        (void) gql_root_fail(ctx->plan, field, NGX_HTTP_GRAPHQL_QUEUE_FULL,
                             *full);
        return;
    }

    wait = ngx_http_graphql_wait_new(ctx, field, &message->reply_to,
                                     &message->request_id);
    if (wait == NULL) {
        return;
    }

    (void) ngx_http_graphql_now(ctx->process, now);

    message->user_id = ctx->user;
    message->created_at = base_str(now, BASE_TIME_TEXT_BYTES);
    message->scope_all = ctx->conf->scope == NGX_HTTP_GRAPHQL_SCOPE_ALL;

    base_buf_init(&buf, ctx->arena, SIZE_MAX);
    orders_message_write(&buf, message);

    if (buf.failed) {
        (void) ngx_http_graphql_wait_end(wait);
        ngx_http_graphql_no_memory(ctx, field);
        return;
    }

    if (buf.len > ORDERS_MESSAGE_BYTES_MAX) {
        (void) ngx_http_graphql_wait_end(wait);
        (void) gql_root_fail(ctx->plan, field, GQL_CODE_LIMIT,
                             BASE_STR("the change is too large"));
        return;
    }

    argv[0] = BASE_STR("RPUSH");
    argv[1] = ctx->conf->queue->keys.queue;
    argv[2] = base_buf_str(&buf);

    if (ngx_http_graphql_call(ctx, field, argv, 3,
                              ngx_http_graphql_change_handler, wait)
        != NGX_OK)
    {
        (void) ngx_http_graphql_wait_end(wait);
    }
}


/* No order has an id that is no UUID; they are in lower case. */
static ngx_int_t
ngx_http_graphql_change_id(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, base_str_t *id)
{
    u_char      *p;
    base_str_t   text;

    text = base_json_get_str(field->arguments, BASE_STR("id"));

    if (!base_uuid_valid(text)) {
        (void) gql_root_fail(ctx->plan, field, NGX_HTTP_GRAPHQL_NO_ORDER,
                             BASE_STR("there is no such order"));
        return NGX_ERROR;
    }

    p = base_arena_alloc(ctx->arena, BASE_UUID_TEXT_BYTES);
    if (p == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return NGX_ERROR;
    }

    ngx_strlow(p, (u_char *) text.data, BASE_UUID_TEXT_BYTES);
    *id = base_str((char *) p, BASE_UUID_TEXT_BYTES);

    return NGX_OK;
}


/*
 * All members of an update are optional, and GraphQL has no words for one that
 * may be left out but must not be null: that is so where the field of the order
 * is not nullable.
 */
static ngx_int_t
ngx_http_graphql_change_input(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, const base_json_t **input)
{
    base_str_t          message;
    const base_json_t  *member;

    *input = base_json_get(field->arguments, BASE_STR("input"));

    if (*input == NULL || (*input)->type != BASE_JSON_OBJECT) {
        (void) gql_root_fail(ctx->plan, field, GQL_CODE_BAD_INPUT,
                             BASE_STR("\"input\" must be an object"));
        return NGX_ERROR;
    }

    if (!orders_input_fits(*input)) {
        (void) gql_root_fail(ctx->plan, field, GQL_CODE_LIMIT,
                             BASE_STR("the change is nested too deeply, or "
                                      "has too many values"));
        return NGX_ERROR;
    }

    base_json_each(member, *input) {

        if (member->type != BASE_JSON_NULL
            || !ngx_http_graphql_change_required(ctx, field, member->key))
        {
            continue;
        }

        message = base_arena_printf(ctx->arena, "\"%.*s\" cannot be null",
                                    BASE_STR_ARG(member->key));
        if (message.data == NULL) {
            ngx_http_graphql_no_memory(ctx, field);
            return NGX_ERROR;
        }

        (void) gql_root_fail(ctx->plan, field, GQL_CODE_BAD_INPUT, message);

        return NGX_ERROR;
    }

    return NGX_OK;
}


/* The order's type is the root field's, "Order!". */
static ngx_flag_t
ngx_http_graphql_change_required(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, base_str_t name)
{
    base_str_t          type;
    const gql_field_t  *member;

    type = gql_field_type_text(field->definition, ctx->arena);

    if (type.len > 0 && type.data[type.len - 1] == '!') {
        type.len--;
    }

    member = gql_schema_field(ctx->conf->schema, type, name);

    if (member == NULL) {
        return 0;
    }

    type = gql_field_type_text(member, ctx->arena);

    return type.len > 0 && type.data[type.len - 1] == '!';
}


static void
ngx_http_graphql_change_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    int64_t                   length;
    ngx_http_graphql_ctx_t   *ctx = call->ctx;
    ngx_http_graphql_wait_t  *wait = call->data;

    if (outcome == RDS_REPLIED && rds_reply_int(reply, &length)) {
        ngx_http_graphql_filled(ctx, length);
        return;
    }

    /* a reply that was faster than this is the truth */

    if (!ngx_http_graphql_wait_end(wait)) {
        return;
    }

    if (outcome != RDS_UNKNOWN) {
        ngx_http_graphql_call_failed(call, outcome, reply);
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "graphql field \"%*s\" failed: redis %V did not confirm it",
                  call->field->name.len, call->field->name.data,
                  &ctx->conf->store->name);

    (void) gql_root_fail(ctx->plan, call->field,
        NGX_HTTP_GRAPHQL_UNKNOWN_OUTCOME,
        BASE_STR("the order store did not confirm the change: it may or may "
                 "not be made"));
}
