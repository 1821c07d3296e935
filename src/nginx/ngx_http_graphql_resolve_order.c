/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Query.order and Query.orders: what the worker has stored.
 *
 *     HMGET {orders:0}:order:<id> v userId orderStatus ...
 *     ZRANGE {orders:0}:user:<userId> + - BYLEX REV LIMIT 0 100
 *
 * An id is a UUID version 7, so the reverse lexical order of the second is
 * newest first.  Its ids are then read all at once.  An order of another user
 * is as good as none.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


/* A list of orders that is being read. */
typedef struct {
    gql_root_field_t   *field;
    base_json_t       **items;          /* NULL: none there, or not yet */
    ngx_uint_t          count;
    ngx_uint_t          left;           /* answers that are due */
} ngx_http_graphql_list_t;


/* One order that is asked for. */
typedef struct {
    base_str_t                id;
    const orders_record_t    *otherwise;    /* if it is not stored; or NULL */
    ngx_http_graphql_list_t  *list;     /* NULL: alone */
    ngx_uint_t                index;    /* in the list */
} ngx_http_graphql_read_t;


static ngx_int_t ngx_http_graphql_order_read(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, const ngx_http_graphql_read_t *order);
static void ngx_http_graphql_order_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static ngx_int_t ngx_http_graphql_order_json(ngx_http_graphql_call_t *call,
    const ngx_http_graphql_read_t *read, const rds_reply_t *reply,
    base_json_t **order);
static void ngx_http_graphql_order_invalid(ngx_http_graphql_call_t *call,
    base_str_t id);
static ngx_int_t ngx_http_graphql_order_values(base_arena_t *arena,
    const rds_reply_t *reply, base_str_t *values);
static void ngx_http_graphql_ids_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static ngx_http_graphql_list_t *ngx_http_graphql_list_new(
    ngx_http_graphql_call_t *call, ngx_uint_t count);
static void ngx_http_graphql_list_end(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_list_t *list);


void
ngx_http_graphql_resolve_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    base_str_t  id;

    id = base_json_get_str(field->arguments, BASE_STR("id"));

    /* no order has another kind of id, and a key is no place for free text */

    if (!base_uuid_valid(id)) {
        return;
    }

    (void) ngx_http_graphql_order_or(ctx, field, id, NULL);
}


ngx_int_t
ngx_http_graphql_order_or(ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field,
    base_str_t id, const orders_record_t *otherwise)
{
    ngx_http_graphql_read_t  order = { .id = id, .otherwise = otherwise };

    return ngx_http_graphql_order_read(ctx, field, &order);
}


static ngx_int_t
ngx_http_graphql_order_read(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, const ngx_http_graphql_read_t *order)
{
    size_t                    i;
    base_str_t                argv[2 + ORDERS_RECORD_PUBLIC_COUNT];
    ngx_http_graphql_read_t  *read;

    read = base_arena_alloc(ctx->arena, sizeof(ngx_http_graphql_read_t));
    if (read == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return NGX_ERROR;
    }

    *read = *order;

    argv[0] = BASE_STR("HMGET");
    argv[1] = orders_key_order(&ctx->conf->queue->keys, ctx->arena,
                               order->id);

    if (argv[1].data == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return NGX_ERROR;
    }

    for (i = 0; i < ORDERS_RECORD_PUBLIC_COUNT; i++) {
        argv[2 + i] = orders_record_field_name((orders_record_field_t) i);
    }

    return ngx_http_graphql_call(ctx, field, argv,
                                 2 + ORDERS_RECORD_PUBLIC_COUNT,
                                 ngx_http_graphql_order_handler, read);
}


static void
ngx_http_graphql_order_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    base_json_t              *order;
    ngx_http_graphql_read_t  *read = call->data;
    ngx_http_graphql_list_t  *list = read->list;

    order = NULL;

    if (call->field->error == NULL) {

        if (outcome != RDS_REPLIED) {
            ngx_http_graphql_call_failed(call, outcome, reply);

        } else {
            (void) ngx_http_graphql_order_json(call, read, reply, &order);
        }
    }

    if (list == NULL) {
        call->field->value = order;
        return;
    }

    list->items[read->index] = order;

    if (--list->left == 0 && call->field->error == NULL) {
        ngx_http_graphql_list_end(call->ctx, list);
    }
}


/*
 * The order in a reply to HMGET; NULL for none, or another user's.  NGX_ERROR
 * after the field has been failed.
 */
static ngx_int_t
ngx_http_graphql_order_json(ngx_http_graphql_call_t *call,
    const ngx_http_graphql_read_t *read, const rds_reply_t *reply,
    base_json_t **order)
{
    ngx_int_t                rc;
    base_str_t               values[ORDERS_RECORD_PUBLIC_COUNT];
    orders_record_t          record;
    ngx_http_graphql_ctx_t  *ctx = call->ctx;
    orders_record_status_t   status;

    rc = ngx_http_graphql_order_values(ctx->arena, reply, values);

    if (rc == NGX_DECLINED) {
        ngx_http_graphql_call_failed(call, RDS_REPLIED, reply);
        return NGX_ERROR;
    }

    status = ORDERS_RECORD_NOMEM;

    if (rc == NGX_OK) {
        status = orders_record_read(ctx->arena, read->id, values,
                                    ORDERS_RECORD_PUBLIC_COUNT, &record);
    }

    if (status == ORDERS_RECORD_ABSENT && read->otherwise != NULL) {
        status = ORDERS_RECORD_OK;
        record = *read->otherwise;
    }

    switch (status) {

    case ORDERS_RECORD_OK:
        if (!base_str_eq(record.user_id, ctx->user)) {
            return NGX_OK;
        }

        *order = orders_record_json(ctx->arena, &record);
        if (*order != NULL) {
            return NGX_OK;
        }

        break;

    case ORDERS_RECORD_ABSENT:
        return NGX_OK;

    case ORDERS_RECORD_INVALID:
        ngx_http_graphql_order_invalid(call, read->id);
        return NGX_ERROR;

    case ORDERS_RECORD_NOMEM:
        break;
    }

    ngx_http_graphql_no_memory(ctx, call->field);

    return NGX_ERROR;
}


static void
ngx_http_graphql_order_invalid(ngx_http_graphql_call_t *call, base_str_t id)
{
    ngx_http_graphql_ctx_t  *ctx = call->ctx;

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "the hash of order %*s in redis %V is not of a format "
                  "that this program knows", id.len, id.data,
                  &ctx->conf->store->name);

    (void) gql_root_fail(ctx->plan, call->field, GQL_CODE_INTERNAL,
                         BASE_STR("the order cannot be read"));
}


/* Copies, because the reply dies before the response is written.  NGX_DECLINED
 * when it is no answer to HMGET. */
static ngx_int_t
ngx_http_graphql_order_values(base_arena_t *arena, const rds_reply_t *reply,
    base_str_t *values)
{
    size_t              i;
    base_str_t          text;
    const rds_reply_t  *element;

    for (i = 0; i < ORDERS_RECORD_PUBLIC_COUNT; i++) {
        element = rds_reply_at(reply, i);

        if (element == NULL) {
            return NGX_DECLINED;
        }

        text = rds_reply_str(element);
        values[i] = text;

        if (text.data != NULL && !base_arena_str(arena, text, &values[i])) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
ngx_http_graphql_resolve_orders(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    u_char      limit[NGX_INT_T_LEN];
    base_str_t  argv[9];

    argv[0] = BASE_STR("ZRANGE");
    argv[1] = orders_key_user(&ctx->conf->queue->keys, ctx->arena, ctx->user);
    argv[2] = BASE_STR("+");
    argv[3] = BASE_STR("-");
    argv[4] = BASE_STR("BYLEX");
    argv[5] = BASE_STR("REV");
    argv[6] = BASE_STR("LIMIT");
    argv[7] = BASE_STR("0");
    argv[8] = base_str((char *) limit,
                       ngx_sprintf(limit, "%ui", ctx->conf->list_max) - limit);

    if (argv[1].data == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return;
    }

    (void) ngx_http_graphql_call(ctx, field, argv, 9,
                                 ngx_http_graphql_ids_handler, NULL);
}


static void
ngx_http_graphql_ids_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    ngx_uint_t                i;
    base_str_t                id;
    ngx_http_graphql_read_t   order;
    ngx_http_graphql_list_t  *list;

    if (outcome != RDS_REPLIED || reply->type != REDIS_REPLY_ARRAY) {
        ngx_http_graphql_call_failed(call, outcome, reply);
        return;
    }

    list = ngx_http_graphql_list_new(call, reply->elements);
    if (list == NULL) {
        ngx_http_graphql_no_memory(call->ctx, call->field);
        return;
    }

    /* what is no id in the index is left out, as an order that is gone */

    for (i = 0; i < list->count; i++) {
        id = rds_reply_str(rds_reply_at(reply, i));

        if (!base_uuid_valid(id)) {
            list->left--;
            continue;
        }

        if (!base_arena_str(call->ctx->arena, id, &id)) {
            ngx_http_graphql_no_memory(call->ctx, call->field);
            return;
        }

        order.id = id;
        order.otherwise = NULL;
        order.list = list;
        order.index = i;

        if (ngx_http_graphql_order_read(call->ctx, call->field, &order)
            != NGX_OK)
        {
            return;
        }
    }

    if (list->left == 0) {
        ngx_http_graphql_list_end(call->ctx, list);
    }
}


static ngx_http_graphql_list_t *
ngx_http_graphql_list_new(ngx_http_graphql_call_t *call, ngx_uint_t count)
{
    ngx_http_graphql_list_t  *list;

    list = base_arena_alloc(call->ctx->arena, sizeof(ngx_http_graphql_list_t));
    if (list == NULL) {
        return NULL;
    }

    list->field = call->field;
    list->count = count;
    list->left = count;
    list->items = base_arena_calloc(call->ctx->arena, count + 1,
                                    sizeof(base_json_t *));

    return list->items == NULL ? NULL : list;
}


static void
ngx_http_graphql_list_end(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_list_t *list)
{
    ngx_uint_t    i;
    base_json_t  *array;

    array = base_json_array(ctx->arena);
    if (array == NULL) {
        ngx_http_graphql_no_memory(ctx, list->field);
        return;
    }

    for (i = 0; i < list->count; i++) {
        if (list->items[i] != NULL) {
            base_json_append(array, list->items[i]);
        }
    }

    list->field->value = array;
}
