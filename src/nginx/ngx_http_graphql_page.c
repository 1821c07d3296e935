/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A page of a list: the ids from an index, then the orders themselves.
 *
 *     ZRANGE {orders:0}:user:<userId> (<after> - BYLEX REV LIMIT 0 <first + 1>
 *     HMGET {orders:0}:order:<id> ...
 *
 * An id is a UUID version 7, so the reverse lexical order is newest first.  One
 * more than is asked for tells whether there are more.
 *
 * Each question has an index that answers it exactly: a user's orders, those of
 * one status, and a user's of one status.  (Filtering the first by the orders'
 * hashes would read any number of them to find none, could not count, and
 * would end a page in the middle of nowhere.)  All orders are those of all
 * statuses: their indexes are asked in one transaction, because an order that
 * goes from one to the other in between would come twice or not at all, and
 * merged.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_resolve.h"


#define NGX_HTTP_GRAPHQL_RANGE_ARGS     9

/* Of each index: the range, the other side of the cursor, the length. */
#define NGX_HTTP_GRAPHQL_PAGE_COMMANDS  (3 * ORDERS_STATUS_COUNT)


typedef struct {
    base_str_t                    argv[NGX_HTTP_GRAPHQL_PAGE_COMMANDS]
                                      [NGX_HTTP_GRAPHQL_RANGE_ARGS];
    ngx_http_graphql_command_t    commands[NGX_HTTP_GRAPHQL_PAGE_COMMANDS];
    ngx_uint_t                    n;
    u_char                        limit[NGX_INT_T_LEN];
} ngx_http_graphql_ask_t;


static ngx_int_t ngx_http_graphql_page_indexes(ngx_http_graphql_page_t *page);
static ngx_int_t ngx_http_graphql_page_ask(ngx_http_graphql_page_t *page,
    ngx_http_graphql_ask_t *ask);
static base_str_t ngx_http_graphql_page_bound(ngx_http_graphql_page_t *page,
    const char *kind, base_str_t cursor, const char *none);
static void ngx_http_graphql_page_range(ngx_http_graphql_ask_t *ask,
    base_str_t key, base_str_t from, base_str_t to, ngx_flag_t reverse,
    base_str_t limit);
static void ngx_http_graphql_page_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void ngx_http_graphql_page_exec_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void ngx_http_graphql_page_found(ngx_http_graphql_call_t *call,
    const rds_reply_t **replies, ngx_uint_t n);
static ngx_int_t ngx_http_graphql_page_merge(ngx_http_graphql_page_t *page,
    const rds_reply_t **ranges);
static base_str_t ngx_http_graphql_page_next(
    const ngx_http_graphql_page_t *page, const rds_reply_t **ranges,
    size_t *at);
static void ngx_http_graphql_page_read(ngx_http_graphql_page_t *page);
static void ngx_http_graphql_page_read_handler(ngx_http_graphql_read_t *read,
    base_json_t *order);


void
ngx_http_graphql_page(ngx_http_graphql_page_t *page)
{
    ngx_http_graphql_ask_t  *ask;
    ngx_http_graphql_ctx_t  *ctx = page->ctx;

    ask = base_arena_zalloc(ctx->arena, sizeof(ngx_http_graphql_ask_t));

    if (ask == NULL || ngx_http_graphql_page_indexes(page) != NGX_OK
        || ngx_http_graphql_page_ask(page, ask) != NGX_OK)
    {
        ngx_http_graphql_no_memory(ctx, page->field);
        return;
    }

    if (ask->n == 1) {
        (void) ngx_http_graphql_call(ctx, page->field, ask->commands[0].argv,
                                     ask->commands[0].argc,
                                     ngx_http_graphql_page_handler, page);
        return;
    }

    (void) ngx_http_graphql_transaction(ctx, page->field, ask->commands,
                                        ask->n,
                                        ngx_http_graphql_page_exec_handler,
                                        page);
}


static ngx_int_t
ngx_http_graphql_page_indexes(ngx_http_graphql_page_t *page)
{
    base_str_t              *key = page->keys;
    base_arena_t            *arena = page->ctx->arena;
    orders_status_t          status;
    const orders_keys_t     *keys = &page->ctx->conf->queue->keys;

    page->nkeys = 1;

    if (page->user.data != NULL && page->status != NULL) {
        *key = orders_key_user_status(keys, arena, page->user,
                                      orders_status_name(*page->status));

    } else if (page->user.data != NULL) {
        *key = orders_key_user(keys, arena, page->user);

    } else if (page->status != NULL) {
        *key = orders_key_status(keys, arena,
                                 orders_status_name(*page->status));

    } else {
        page->nkeys = ORDERS_STATUS_COUNT;

        for (status = 0; status < ORDERS_STATUS_COUNT; status++) {
            key[status] = orders_key_status(keys, arena,
                                            orders_status_name(status));
            if (key[status].data == NULL) {
                return NGX_ERROR;
            }
        }
    }

    return key->data == NULL ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_graphql_page_ask(ngx_http_graphql_page_t *page,
    ngx_http_graphql_ask_t *ask)
{
    ngx_uint_t  i;
    base_str_t  newest, oldest, limit, cursor, *argv;

    cursor = page->backward ? page->before : page->after;
    page->beyond = page->beyond && cursor.data != NULL;

    newest = ngx_http_graphql_page_bound(page, "(", page->after, "+");
    oldest = ngx_http_graphql_page_bound(page, "(", page->before, "-");
    cursor = ngx_http_graphql_page_bound(page, "[", cursor, "");

    if (newest.data == NULL || oldest.data == NULL || cursor.data == NULL) {
        return NGX_ERROR;
    }

    limit = base_str((char *) ask->limit,
                     ngx_sprintf(ask->limit, "%ui", page->size + 1)
                     - ask->limit);

    for (i = 0; i < page->nkeys; i++) {
        ngx_http_graphql_page_range(ask, page->keys[i],
                                    page->backward ? oldest : newest,
                                    page->backward ? newest : oldest,
                                    !page->backward, limit);

        if (page->beyond) {
            ngx_http_graphql_page_range(ask, page->keys[i], cursor,
                page->backward ? BASE_STR("-") : BASE_STR("+"),
                page->backward, BASE_STR("1"));
        }

        if (page->total) {
            argv = ask->argv[ask->n];
            argv[0] = BASE_STR("ZCARD");
            argv[1] = page->keys[i];
            ask->commands[ask->n].argv = argv;
            ask->commands[ask->n++].argc = 2;
        }
    }

    return NGX_OK;
}


/* "(<cursor>" is without it, "[<cursor>" with it. */
static base_str_t
ngx_http_graphql_page_bound(ngx_http_graphql_page_t *page, const char *kind,
    base_str_t cursor, const char *none)
{
    if (cursor.data == NULL) {
        return base_str_c(none);
    }

    return base_arena_printf(page->ctx->arena, "%s%.*s", kind,
                             BASE_STR_ARG(cursor));
}


/* From the smaller to the larger, or, in reverse, the other way round. */
static void
ngx_http_graphql_page_range(ngx_http_graphql_ask_t *ask, base_str_t key,
    base_str_t from, base_str_t to, ngx_flag_t reverse, base_str_t limit)
{
    size_t       n;
    base_str_t  *argv = ask->argv[ask->n];

    argv[0] = BASE_STR("ZRANGE");
    argv[1] = key;
    argv[2] = from;
    argv[3] = to;
    argv[4] = BASE_STR("BYLEX");
    n = 5;

    if (reverse) {
        argv[n++] = BASE_STR("REV");
    }

    argv[n++] = BASE_STR("LIMIT");
    argv[n++] = BASE_STR("0");
    argv[n++] = limit;

    ask->commands[ask->n].argv = argv;
    ask->commands[ask->n++].argc = n;
}


static void
ngx_http_graphql_page_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    if (outcome != RDS_REPLIED) {
        ngx_http_graphql_call_failed(call, outcome, reply);
        return;
    }

    ngx_http_graphql_page_found(call, &reply, 1);
}


static void
ngx_http_graphql_page_exec_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    ngx_uint_t                i, n;
    const rds_reply_t        *replies[NGX_HTTP_GRAPHQL_PAGE_COMMANDS];
    ngx_http_graphql_page_t  *page = call->data;

    n = page->nkeys * (1 + page->beyond + page->total);

    for (i = 0; i < n; i++) {
        replies[i] = rds_reply_at(reply, i);

        if (replies[i] == NULL) {
            ngx_http_graphql_call_failed(call, outcome, reply);
            return;
        }
    }

    ngx_http_graphql_page_found(call, replies, n);
}


/* The answers, in the order of the questions. */
static void
ngx_http_graphql_page_found(ngx_http_graphql_call_t *call,
    const rds_reply_t **replies, ngx_uint_t n)
{
    int64_t                   length;
    ngx_uint_t                i, k;
    const rds_reply_t        *ranges[ORDERS_STATUS_COUNT];
    ngx_http_graphql_page_t  *page = call->data;

    k = 0;

    for (i = 0; i < n; k++) {

        if (replies[i]->type != REDIS_REPLY_ARRAY) {
            goto failed;
        }

        ranges[k] = replies[i++];

        if (page->beyond) {
            if (replies[i]->type != REDIS_REPLY_ARRAY) {
                goto failed;
            }

            page->elsewhere |= replies[i++]->elements > 0;
        }

        if (page->total) {
            if (!rds_reply_int(replies[i], &length)) {
                goto failed;
            }

            page->count += length;
            i++;
        }
    }

    if (ngx_http_graphql_page_merge(page, ranges) != NGX_OK) {
        ngx_http_graphql_no_memory(page->ctx, page->field);
        return;
    }

    ngx_http_graphql_page_read(page);

    return;

failed:

    ngx_http_graphql_call_failed(call, RDS_REPLIED, replies[i]);
}


/* The first ids of all ranges, each of which is sorted already. */
static ngx_int_t
ngx_http_graphql_page_merge(ngx_http_graphql_page_t *page,
    const rds_reply_t **ranges)
{
    size_t                    at[ORDERS_STATUS_COUNT];
    base_str_t                id;
    ngx_http_graphql_read_t  *reads;

    reads = base_arena_calloc(page->ctx->arena, page->size + 1,
                              sizeof(ngx_http_graphql_read_t));
    if (reads == NULL) {
        return NGX_ERROR;
    }

    page->reads = reads;
    ngx_memzero(at, sizeof(at));

    for ( ;; ) {
        id = ngx_http_graphql_page_next(page, ranges, at);

        if (id.data == NULL) {
            return NGX_OK;
        }

        /* what is no id is left out, as an order that is gone */

        if (!base_uuid_valid(id)) {
            continue;
        }

        if (page->nreads == page->size) {
            page->more = 1;
            return NGX_OK;
        }

        if (!base_arena_str(page->ctx->arena, id, &reads[page->nreads].id)) {
            return NGX_ERROR;
        }

        page->nreads++;
    }
}


/* Takes the next one; data is NULL at the end of all. */
static base_str_t
ngx_http_graphql_page_next(const ngx_http_graphql_page_t *page,
    const rds_reply_t **ranges, size_t *at)
{
    int         order;
    ngx_uint_t  i, best;
    base_str_t  id, next;

    best = page->nkeys;
    next = base_str(NULL, 0);

    for (i = 0; i < page->nkeys; i++) {

        if (at[i] == ranges[i]->elements) {
            continue;
        }

        id = rds_reply_str(rds_reply_at(ranges[i], at[i]));
        order = base_str_cmp(id, next);

        if (best == page->nkeys || (page->backward ? order < 0 : order > 0)) {
            best = i;
            next = id;
        }
    }

    if (best < page->nkeys) {
        at[best]++;
    }

    return next;
}


static void
ngx_http_graphql_page_read(ngx_http_graphql_page_t *page)
{
    ngx_uint_t                i;
    ngx_http_graphql_read_t  *read;

    page->orders = base_arena_calloc(page->ctx->arena, page->nreads + 1,
                                     sizeof(base_json_t *));
    if (page->orders == NULL) {
        ngx_http_graphql_no_memory(page->ctx, page->field);
        return;
    }

    if (page->nreads == 0 || !page->nodes) {
        ngx_http_graphql_page_value(page);
        return;
    }

    page->left = page->nreads;

    for (i = 0; i < page->nreads; i++) {
        read = &page->reads[i];
        read->ctx = page->ctx;
        read->field = page->field;
        read->user = page->user;
        read->status = page->status;
        read->history = page->history;
        read->handler = ngx_http_graphql_page_read_handler;
        read->data = page;
        read->index = i;

        if (ngx_http_graphql_read(read) != NGX_OK) {
            return;
        }
    }
}


static void
ngx_http_graphql_page_read_handler(ngx_http_graphql_read_t *read,
    base_json_t *order)
{
    ngx_http_graphql_page_t *page = read->data;

    page->orders[read->index] = order;

    if (--page->left == 0 && page->field->error == NULL) {
        ngx_http_graphql_page_value(page);
    }
}
