/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One order, as the worker has stored it:
 *
 *     HMGET {orders:0}:order:<id> v userId orderStatus ...
 *
 * An order of another user is as good as none.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_resolve.h"


static void ngx_http_graphql_read_field_handler(ngx_http_graphql_read_t *read,
    base_json_t *order);
static size_t ngx_http_graphql_read_count(
    const ngx_http_graphql_read_t *read);
static void ngx_http_graphql_read_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static base_json_t *ngx_http_graphql_read_order(ngx_http_graphql_call_t *call,
    const rds_reply_t *reply);
static ngx_flag_t ngx_http_graphql_read_fits(
    const ngx_http_graphql_read_t *read, const orders_record_t *record);
static void ngx_http_graphql_read_invalid(ngx_http_graphql_read_t *read);
static ngx_int_t ngx_http_graphql_read_values(
    const ngx_http_graphql_read_t *read, const rds_reply_t *reply,
    base_str_t *values);


base_str_t
ngx_http_graphql_reach(const ngx_http_graphql_ctx_t *ctx)
{
    return ctx->conf->scope == NGX_HTTP_GRAPHQL_SCOPE_ALL
           ? base_str(NULL, 0) : ctx->user;
}


void
ngx_http_graphql_read_field(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, base_str_t id, base_str_t user,
    const orders_record_t *otherwise)
{
    ngx_http_graphql_read_t  *read;

    read = base_arena_zalloc(ctx->arena, sizeof(ngx_http_graphql_read_t));
    if (read == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return;
    }

    read->ctx = ctx;
    read->field = field;
    read->id = id;
    read->user = user;
    read->otherwise = otherwise;
    read->history = gql_root_selects(ctx->plan, field, BASE_STR("history"));
    read->handler = ngx_http_graphql_read_field_handler;

    (void) ngx_http_graphql_read(read);
}


static void
ngx_http_graphql_read_field_handler(ngx_http_graphql_read_t *read,
    base_json_t *order)
{
    read->field->value = order;
}


ngx_int_t
ngx_http_graphql_read(ngx_http_graphql_read_t *read)
{
    size_t                   i, count;
    base_str_t               argv[2 + ORDERS_RECORD_PUBLIC_COUNT];
    ngx_http_graphql_ctx_t  *ctx = read->ctx;

    argv[0] = BASE_STR("HMGET");
    argv[1] = orders_key_order(&ctx->conf->queue->keys, ctx->arena, read->id);

    if (argv[1].data == NULL) {
        ngx_http_graphql_no_memory(ctx, read->field);
        return NGX_ERROR;
    }

    count = ngx_http_graphql_read_count(read);

    for (i = 0; i < count; i++) {
        argv[2 + i] = orders_record_field_name((orders_record_field_t) i);
    }

    return ngx_http_graphql_call(ctx, read->field, argv, 2 + count,
                                 ngx_http_graphql_read_handler, read);
}


/* The fields that are asked for. */
static size_t
ngx_http_graphql_read_count(const ngx_http_graphql_read_t *read)
{
    return read->history ? ORDERS_RECORD_PUBLIC_COUNT
                         : ORDERS_RECORD_ORDER_COUNT;
}


static void
ngx_http_graphql_read_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    base_json_t              *order;
    ngx_http_graphql_read_t  *read = call->data;

    order = NULL;

    if (call->field->error == NULL) {

        if (outcome != RDS_REPLIED) {
            ngx_http_graphql_call_failed(call, outcome, reply);

        } else {
            order = ngx_http_graphql_read_order(call, reply);
        }
    }

    read->handler(read, order);
}


/* The order in a reply to HMGET; NULL for none, or another user's, and after
 * the field has been failed. */
static base_json_t *
ngx_http_graphql_read_order(ngx_http_graphql_call_t *call,
    const rds_reply_t *reply)
{
    ngx_int_t                 rc;
    base_str_t                values[ORDERS_RECORD_PUBLIC_COUNT];
    base_json_t              *order;
    base_arena_t             *arena = call->ctx->arena;
    orders_record_t           record;
    orders_record_status_t    status;
    ngx_http_graphql_read_t  *read = call->data;

    rc = ngx_http_graphql_read_values(read, reply, values);

    if (rc == NGX_DECLINED) {
        ngx_http_graphql_call_failed(call, RDS_REPLIED, reply);
        return NULL;
    }

    status = ORDERS_RECORD_NOMEM;

    if (rc == NGX_OK) {
        status = orders_record_read(arena, read->id, values,
                                    ngx_http_graphql_read_count(read),
                                    &record);
    }

    if (status == ORDERS_RECORD_ABSENT && read->otherwise != NULL) {
        status = ORDERS_RECORD_OK;
        record = *read->otherwise;
    }

    switch (status) {

    case ORDERS_RECORD_OK:
        if (!ngx_http_graphql_read_fits(read, &record)) {
            return NULL;
        }

        order = orders_record_json(arena, &record);
        if (order != NULL
            && (!read->history
                || orders_record_add_history(arena, order, &record)))
        {
            return order;
        }

        break;

    case ORDERS_RECORD_ABSENT:
        return NULL;

    case ORDERS_RECORD_INVALID:
        ngx_http_graphql_read_invalid(read);
        return NULL;

    case ORDERS_RECORD_NOMEM:
        break;
    }

    ngx_http_graphql_no_memory(call->ctx, call->field);

    return NULL;
}


static ngx_flag_t
ngx_http_graphql_read_fits(const ngx_http_graphql_read_t *read,
    const orders_record_t *record)
{
    if (read->status != NULL && *read->status != record->status) {
        return 0;
    }

    return read->user.data == NULL || base_str_eq(read->user, record->user_id);
}


static void
ngx_http_graphql_read_invalid(ngx_http_graphql_read_t *read)
{
    ngx_http_graphql_ctx_t  *ctx = read->ctx;

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "the hash of order %*s in redis %V is not of a format "
                  "that this program knows", read->id.len, read->id.data,
                  &ctx->conf->store->name);

    (void) gql_root_fail(ctx->plan, read->field, GQL_CODE_INTERNAL,
                         BASE_STR("the order cannot be read"));
}


/* Copies, because the reply dies before the response is written.  NGX_DECLINED
 * when it is no answer to HMGET. */
static ngx_int_t
ngx_http_graphql_read_values(const ngx_http_graphql_read_t *read,
    const rds_reply_t *reply, base_str_t *values)
{
    size_t              i, count;
    base_str_t          text;
    const rds_reply_t  *element;

    count = ngx_http_graphql_read_count(read);

    for (i = 0; i < count; i++) {
        element = rds_reply_at(reply, i);

        if (element == NULL) {
            return NGX_DECLINED;
        }

        text = rds_reply_str(element);
        values[i] = text;

        if (text.data != NULL
            && !base_arena_str(read->ctx->arena, text, &values[i]))
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
