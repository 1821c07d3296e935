/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Mutation.postOrder: the order gets its id and goes to the queue.
 *
 *     RPUSH {orders:0}:queue {"v":1,"kind":"post",...}
 *
 * The answer is given after Redis has acknowledged that, and not before.  While
 * there is no room (ngx_http_graphql_fill.c) orders are refused here.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "orders/message.h"

#include "nginx/ngx_http_graphql_orders.h"


static ngx_http_graphql_post_t *ngx_http_graphql_post_new(
    ngx_http_graphql_ctx_t *ctx, const base_json_t *input);
static base_str_t ngx_http_graphql_post_message(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_post_t *post, base_str_t key);
static void ngx_http_graphql_post_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);


void
ngx_http_graphql_resolve_post_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    base_str_t                argv[3], key, message;
    const base_str_t         *full;
    const base_json_t        *input;
    ngx_http_graphql_post_t  *post;

    input = base_json_get(field->arguments, BASE_STR("input"));

    /* the schema may allow null */

    if (input == NULL || input->type != BASE_JSON_OBJECT) {
        (void) gql_root_fail(ctx->plan, field, GQL_CODE_BAD_INPUT,
                             BASE_STR("\"input\" must be an order"));
        return;
    }

    if (!orders_input_fits(input)) {
        (void) gql_root_fail(ctx->plan, field, GQL_CODE_LIMIT,
                             BASE_STR("the order is nested too deeply, or has "
                                      "too many values"));
        return;
    }

    full = ngx_http_graphql_full(ctx);
    if (full != NULL) {
        (void) gql_root_fail(ctx->plan, field, NGX_HTTP_GRAPHQL_QUEUE_FULL,
                             *full);
        return;
    }

    if (ngx_http_graphql_idempotency_key(ctx, field, &key) != NGX_OK) {
        return;
    }

    post = ngx_http_graphql_post_new(ctx, input);
    if (post == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return;
    }

    message = ngx_http_graphql_post_message(ctx, post, key);
    if (message.data == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return;
    }

    if (message.len > ORDERS_MESSAGE_BYTES_MAX) {
        (void) gql_root_fail(ctx->plan, field, GQL_CODE_LIMIT,
                             BASE_STR("the order is too large"));
        return;
    }

    if (key.len > 0) {
        ngx_http_graphql_post_once(ctx, field, post, key, message);
        return;
    }

    argv[0] = BASE_STR("RPUSH");
    argv[1] = ctx->conf->queue->keys.queue;
    argv[2] = message;

    (void) ngx_http_graphql_call(ctx, field, argv, 3,
                                 ngx_http_graphql_post_handler, post);
}


static base_str_t
ngx_http_graphql_post_message(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_post_t *post, base_str_t key)
{
    base_buf_t        buf;
    orders_message_t  message;

    ngx_memzero(&message, sizeof(orders_message_t));

    message.kind = ORDERS_MESSAGE_POST;
    message.id = post->record.id;
    message.user_id = post->record.user_id;
    message.created_at = post->record.created_at;
    message.input = post->record.input;
    message.idempotency_key = key;
    message.idempotency_ttl_s = (int64_t) ctx->conf->idempotency_ttl;

    base_buf_init(&buf, ctx->arena, SIZE_MAX);
    orders_message_write(&buf, &message);

    return buf.failed ? base_str(NULL, 0) : base_buf_str(&buf);
}


static ngx_http_graphql_post_t *
ngx_http_graphql_post_new(ngx_http_graphql_ctx_t *ctx,
    const base_json_t *input)
{
    int64_t                   now_ms;
    orders_record_t          *record;
    ngx_http_graphql_post_t  *post;

    post = base_arena_zalloc(ctx->arena, sizeof(ngx_http_graphql_post_t));
    if (post == NULL) {
        return NULL;
    }

    now_ms = ngx_http_graphql_now(ctx->process, post->created_at);

    if (ngx_http_graphql_new_id(ctx->process, now_ms, post->id) != NGX_OK) {
        return NULL;
    }

    record = &post->record;
    record->id = base_str(post->id, BASE_UUID_TEXT_BYTES);
    record->user_id = ctx->user;
    record->status = ORDERS_STATUS_PENDING;
    record->created_at = base_str(post->created_at, BASE_TIME_TEXT_BYTES);
    record->updated_at = record->created_at;
    record->input = input;

    return post;
}


static void
ngx_http_graphql_post_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    int64_t                   length;
    ngx_http_graphql_post_t  *post = call->data;

    if (outcome != RDS_REPLIED || !rds_reply_int(reply, &length)) {
        ngx_http_graphql_call_failed(call, outcome, reply);
        return;
    }

    ngx_http_graphql_posted(call, post, length);
}


void
ngx_http_graphql_posted(ngx_http_graphql_call_t *call,
    ngx_http_graphql_post_t *post, int64_t length)
{
    base_json_t              *order;
    ngx_http_graphql_ctx_t   *ctx = call->ctx;

    ngx_http_graphql_filled(ctx, length);

    ctx->posted = post->record.id;

    order = orders_record_json(ctx->arena, &post->record);

    if (order == NULL
        || !orders_record_add_history(ctx->arena, order, &post->record))
    {
        ngx_http_graphql_no_memory(ctx, call->field);
        return;
    }

    call->field->value = order;
}
