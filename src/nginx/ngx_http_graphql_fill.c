/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whether there is room for one more order: in the queue, and in Redis' memory.
 *
 * At maxmemory Redis refuses nearly everything that a worker does (LMOVE, HSET,
 * and inside of MULTI even DEL), so a Redis that is full of messages could not
 * be worked off: there would be no room to say what became of any of them.
 * An order is therefore only let in while there is room to bring it, and all
 * that wait before it, to their ends:
 *
 *     used_memory + waiting * 2048 bytes  <=  90% of maxmemory
 *
 * An order that has ended takes about 800 bytes more than its message took, so
 * the sum falls as the queue is worked off, and the door opens by itself.  The
 * last tenth is for executions under way, which take more for a while, and for
 * what comes in between two looks.
 *
 * A callback is no new order: it brings one to its end that was let in, and
 * until it does so that one takes its room.  So it is not asked how long the
 * queue is, and may use half of the last tenth; the other half is the workers',
 * who need some to take it.
 *
 * A look is LLEN and INFO.  It follows an order that was let in or refused, if
 * the last one is some time ago; what was seen long ago is not believed, so
 * that one order goes to see how it is.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


#define NGX_HTTP_GRAPHQL_LOOK_MS      200
#define NGX_HTTP_GRAPHQL_BELIEVED_MS  1000

#define NGX_HTTP_GRAPHQL_ORDER_BYTES  2048
#define NGX_HTTP_GRAPHQL_FULL_TENTHS  9
#define NGX_HTTP_GRAPHQL_FULL_TWENTIETHS  19


static const base_str_t *ngx_http_graphql_fill_believe(
    ngx_http_graphql_ctx_t *ctx, ngx_http_graphql_fill_t *fill,
    const base_str_t *reason);
static void ngx_http_graphql_fill_look(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_fill_t *fill);
static void ngx_http_graphql_fill_length(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void ngx_http_graphql_fill_memory(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static int64_t ngx_http_graphql_info(base_str_t info, base_str_t name);


static const base_str_t  ngx_http_graphql_queue_full =
    BASE_STR_INIT("too many orders are waiting; try again later");
static const base_str_t  ngx_http_graphql_memory_full =
    BASE_STR_INIT("the order store is nearly full; try again later");


const base_str_t *
ngx_http_graphql_full(ngx_http_graphql_ctx_t *ctx)
{
    int64_t                   needed;
    const base_str_t         *reason = NULL;
    ngx_http_graphql_fill_t  *fill;

    fill = &ctx->process->fills[ctx->conf->queue->index];
    needed = fill->used + fill->length * NGX_HTTP_GRAPHQL_ORDER_BYTES;

    if (ctx->conf->max_queue > 0
        && fill->length >= (int64_t) ctx->conf->max_queue)
    {
        reason = &ngx_http_graphql_queue_full;

    } else if (fill->max > 0
               && needed > fill->max / 10 * NGX_HTTP_GRAPHQL_FULL_TENTHS)
    {
        reason = &ngx_http_graphql_memory_full;
    }

    return ngx_http_graphql_fill_believe(ctx, fill, reason);
}


const base_str_t *
ngx_http_graphql_full_for_end(ngx_http_graphql_ctx_t *ctx, size_t bytes)
{
    int64_t                   needed;
    const base_str_t         *reason = NULL;
    ngx_http_graphql_fill_t  *fill;

    fill = &ctx->process->fills[ctx->conf->queue->index];
    needed = fill->used + (int64_t) bytes;

    if (fill->max > 0
        && needed > fill->max / 20 * NGX_HTTP_GRAPHQL_FULL_TWENTIETHS)
    {
        reason = &ngx_http_graphql_memory_full;
    }

    return ngx_http_graphql_fill_believe(ctx, fill, reason);
}


static const base_str_t *
ngx_http_graphql_fill_believe(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_fill_t *fill, const base_str_t *reason)
{
    if (reason == NULL) {
        return NULL;
    }

    if (ngx_current_msec - fill->seen >= NGX_HTTP_GRAPHQL_BELIEVED_MS) {
        fill->seen = ngx_current_msec;  /* this one goes to see */
        return NULL;
    }

    ngx_http_graphql_fill_look(ctx, fill);

    return reason;
}


void
ngx_http_graphql_filled(ngx_http_graphql_ctx_t *ctx, int64_t length)
{
    ngx_http_graphql_fill_t  *fill;

    fill = &ctx->process->fills[ctx->conf->queue->index];

    fill->length = length;
    fill->seen = ngx_current_msec;

    ngx_http_graphql_fill_look(ctx, fill);
}


/* The answers may come when the request has gone: they belong to the process.
 * If they never come the next look asks again. */
static void
ngx_http_graphql_fill_look(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_fill_t *fill)
{
    base_str_t   argv[2];
    rds_link_t  *link = ctx->process->links[ctx->conf->store->index];

    if (link == NULL
        || (fill->looked
            && ngx_current_msec - fill->looked_at < NGX_HTTP_GRAPHQL_LOOK_MS))
    {
        return;
    }

    fill->looked = 1;
    fill->looked_at = ngx_current_msec;

    argv[0] = BASE_STR("LLEN");
    argv[1] = ctx->conf->queue->keys.queue;
    (void) rds_link_send(link, argv, 2, ngx_http_graphql_fill_length, fill);

    argv[0] = BASE_STR("INFO");
    argv[1] = BASE_STR("memory");
    (void) rds_link_send(link, argv, 2, ngx_http_graphql_fill_memory, fill);
}


static void
ngx_http_graphql_fill_length(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    ngx_http_graphql_fill_t  *fill = data;

    if (outcome == RDS_REPLIED && rds_reply_int(reply, &fill->length)) {
        fill->seen = ngx_current_msec;
    }
}


/* Where INFO is not allowed, nothing is known of the memory. */
static void
ngx_http_graphql_fill_memory(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    base_str_t                info;
    ngx_http_graphql_fill_t  *fill = data;

    if (outcome != RDS_REPLIED || rds_reply_is_error(reply)) {
        return;
    }

    info = rds_reply_str(reply);
    fill->used = ngx_http_graphql_info(info, BASE_STR("\nused_memory:"));
    fill->max = ngx_http_graphql_info(info, BASE_STR("\nmaxmemory:"));
}


/* The number behind a name of INFO; 0 where there is none. */
static int64_t
ngx_http_graphql_info(base_str_t info, base_str_t name)
{
    int64_t      value = 0;
    const char  *p, *end = info.data + info.len;

    p = info.len == 0 ? NULL : memmem(info.data, info.len, name.data, name.len);
    if (p == NULL) {
        return 0;
    }

    for (p += name.len; p < end && *p >= '0' && *p <= '9'; p++) {
        if (value > (INT64_MAX - 9) / 10) {
            return 0;
        }

        value = value * 10 + (*p - '0');
    }

    return value;
}
