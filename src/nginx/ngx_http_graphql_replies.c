/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A process listens on channels of its own, one for each queue whose orders
 * may be changed:
 *
 *     SUBSCRIBE orders:replies:<uuid>
 *
 *     {"v":1,"requestId":"17","ok":true,"order":{...}}
 *
 * Redis keeps nothing for who does not listen, so no change is sent while the
 * subscription is down.  A reply may still be lost with it, or come too late;
 * then the client is told that nobody knows.
 *
 * A wait stands for one message of a request.  Its reply and Redis' answer to
 * RPUSH come on two connections, in either order.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "orders/reply.h"
#include "redis/subscriber.h"

#include "nginx/ngx_http_graphql_replies.h"


#define NGX_HTTP_GRAPHQL_REPLIES_NAME  BASE_STR("nginx-graphql-orders-replies")

#define NGX_HTTP_GRAPHQL_WAIT_BUCKETS  64   /* a power of two */


struct ngx_http_graphql_replies_s {
    ngx_http_graphql_process_t  *process;
    ngx_http_graphql_queue_t    *queue;
    rds_subscriber_t            *subscriber;
    base_arena_t                 arena;     /* of the channel's name */
    base_str_t                   channel;
    uint64_t                     last_id;
    ngx_queue_t                  waits[NGX_HTTP_GRAPHQL_WAIT_BUCKETS];
};


struct ngx_http_graphql_wait_s {
    ngx_queue_t                  bucket;
    ngx_queue_t                  own;       /* of the request */
    ngx_http_graphql_ctx_t      *ctx;
    gql_root_field_t            *field;
    rds_timer_t                 *timer;     /* NULL: it is over */
    base_str_t                   id;
};


static ngx_http_graphql_replies_t *ngx_http_graphql_replies_new(
    ngx_http_graphql_process_t *process, ngx_http_graphql_queue_t *queue);
static void ngx_http_graphql_replies_free(ngx_http_graphql_replies_t *replies);
static void ngx_http_graphql_replies_listening(void *data, bool listening,
    const char *reason);
static void ngx_http_graphql_replies_message(void *data, base_str_t channel,
    base_str_t text);
static ngx_http_graphql_wait_t *ngx_http_graphql_replies_find(
    ngx_http_graphql_replies_t *replies, base_str_t text);
static void ngx_http_graphql_wait_reply(ngx_http_graphql_wait_t *wait,
    base_str_t text);
static void ngx_http_graphql_wait_timeout(void *data);
static void ngx_http_graphql_wait_over(ngx_http_graphql_wait_t *wait);


ngx_int_t
ngx_http_graphql_replies_open(ngx_cycle_t *cycle,
    ngx_http_graphql_process_t *process, ngx_array_t *queues)
{
    ngx_uint_t                  i;
    ngx_http_graphql_queue_t  **queue = queues->elts;

    process->replies = ngx_pcalloc(cycle->pool, queues->nelts
                                       * sizeof(ngx_http_graphql_replies_t *));
    if (process->replies == NULL) {
        return NGX_ERROR;
    }

    process->nreplies = queues->nelts;

    for (i = 0; i < queues->nelts; i++) {

        if (!queue[i]->changes) {
            continue;
        }

        process->replies[i] = ngx_http_graphql_replies_new(process, queue[i]);

        if (process->replies[i] == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_http_graphql_replies_t *
ngx_http_graphql_replies_new(ngx_http_graphql_process_t *process,
    ngx_http_graphql_queue_t *queue)
{
    char                         name[BASE_UUID_TEXT_BYTES];
    char                         now[BASE_TIME_TEXT_BYTES];
    ngx_uint_t                   i;
    rds_subscriber_options_t     options;
    ngx_http_graphql_replies_t  *replies;

    replies = ngx_calloc(sizeof(ngx_http_graphql_replies_t), ngx_cycle->log);
    if (replies == NULL) {
        return NULL;
    }

    replies->process = process;
    replies->queue = queue;
    base_arena_init(&replies->arena, 256, BASE_ARENA_UNLIMITED);

    for (i = 0; i < NGX_HTTP_GRAPHQL_WAIT_BUCKETS; i++) {
        ngx_queue_init(&replies->waits[i]);
    }

    if (ngx_http_graphql_new_id(process, ngx_http_graphql_now(process, now),
                                name)
        != NGX_OK)
    {
        goto failed;
    }

    replies->channel = orders_reply_channel(&queue->keys, &replies->arena,
                                            base_str(name, sizeof(name)));
    if (replies->channel.data == NULL) {
        goto failed;
    }

    ngx_memzero(&options, sizeof(rds_subscriber_options_t));

    options.address = queue->store->address;
    options.name = NGX_HTTP_GRAPHQL_REPLIES_NAME;
    options.timeout_ms = (uint32_t) queue->store->timeout;
    options.connect_timeout_ms = (uint32_t) queue->store->connect_timeout;
    options.channels = &replies->channel;
    options.channel_count = 1;
    options.on_message = ngx_http_graphql_replies_message;
    options.on_listening = ngx_http_graphql_replies_listening;
    options.data = replies;

    replies->subscriber = rds_subscriber_new(&process->loop.loop, &options);
    if (replies->subscriber == NULL) {
        goto failed;
    }

    return replies;

failed:

    ngx_http_graphql_replies_free(replies);

    return NULL;
}


static void
ngx_http_graphql_replies_free(ngx_http_graphql_replies_t *replies)
{
    rds_subscriber_close(replies->subscriber);
    base_arena_deinit(&replies->arena);
    ngx_free(replies);
}


void
ngx_http_graphql_replies_close(ngx_http_graphql_process_t *process)
{
    ngx_uint_t                   i, k;
    ngx_queue_t                 *q;
    ngx_http_graphql_ctx_t      *ctx;
    ngx_http_graphql_wait_t     *wait;
    ngx_http_graphql_replies_t  *replies;

    for (i = 0; i < process->nreplies; i++) {
        replies = process->replies[i];
        process->replies[i] = NULL;

        if (replies == NULL) {
            continue;
        }

        for (k = 0; k < NGX_HTTP_GRAPHQL_WAIT_BUCKETS; k++) {
            while (!ngx_queue_empty(&replies->waits[k])) {
                q = ngx_queue_head(&replies->waits[k]);
                wait = ngx_queue_data(q, ngx_http_graphql_wait_t, bucket);
                ctx = wait->ctx;

                ngx_http_graphql_wait_over(wait);
                (void) gql_root_fail(ctx->plan, wait->field,
                    NGX_HTTP_GRAPHQL_UNKNOWN_OUTCOME,
                    BASE_STR("the server ends: the change may or may not "
                             "be made"));
                ngx_http_graphql_continue(ctx);
            }
        }

        ngx_http_graphql_replies_free(replies);
    }
}


static void
ngx_http_graphql_replies_listening(void *data, bool listening,
    const char *reason)
{
    ngx_http_graphql_replies_t *replies = data;

    ngx_str_t  *name = &replies->queue->store->name;

    if (listening) {
        ngx_log_error(NGX_LOG_INFO, ngx_cycle->log, 0,
                      "the replies of workers are heard from redis %V", name);
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "the replies of workers cannot be heard from redis %V: %s; "
                  "no order is changed until they can", name, reason);
}


ngx_http_graphql_wait_t *
ngx_http_graphql_wait_new(ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field,
    base_str_t *channel, base_str_t *request_id)
{
    ngx_http_graphql_wait_t     *wait;
    ngx_http_graphql_replies_t  *replies;

    replies = ctx->process->replies[ctx->conf->queue->index];

    if (replies == NULL || !rds_subscriber_listens(replies->subscriber)) {
        (void) gql_root_fail(ctx->plan, field, NGX_HTTP_GRAPHQL_UNAVAILABLE,
            BASE_STR("orders cannot be changed just now; try again"));
        return NULL;
    }

    wait = base_arena_zalloc(ctx->arena, sizeof(ngx_http_graphql_wait_t));
    if (wait == NULL) {
        goto nomem;
    }

    wait->ctx = ctx;
    wait->field = field;
    wait->id = base_arena_printf(ctx->arena, "%llu",
                                 (unsigned long long) ++replies->last_id);
    wait->timer = ctx->process->loop.loop.timer_new(&ctx->process->loop.loop,
                      ngx_http_graphql_wait_timeout, wait);

    if (wait->id.data == NULL || wait->timer == NULL
        || !base_arena_str(ctx->arena, replies->channel, channel))
    {
        if (wait->timer != NULL) {
            ctx->process->loop.loop.timer_close(wait->timer);
        }

        goto nomem;
    }

    *request_id = wait->id;

    ctx->process->loop.loop.timer_set(wait->timer,
                                      (uint32_t) ctx->conf->timeout, true);
    ngx_queue_insert_tail(&replies->waits[replies->last_id
                                          % NGX_HTTP_GRAPHQL_WAIT_BUCKETS],
                          &wait->bucket);
    ngx_queue_insert_tail(&ctx->waits, &wait->own);
    ctx->waiting++;

    return wait;

nomem:

    ngx_http_graphql_no_memory(ctx, field);

    return NULL;
}


ngx_flag_t
ngx_http_graphql_wait_end(ngx_http_graphql_wait_t *wait)
{
    if (wait->timer == NULL) {
        return 0;
    }

    ngx_http_graphql_wait_over(wait);

    return 1;
}


void
ngx_http_graphql_wait_cancel(ngx_http_graphql_ctx_t *ctx)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&ctx->waits)) {
        q = ngx_queue_head(&ctx->waits);
        ngx_http_graphql_wait_over(ngx_queue_data(q, ngx_http_graphql_wait_t,
                                                  own));
    }
}


static void
ngx_http_graphql_wait_over(ngx_http_graphql_wait_t *wait)
{
    ngx_queue_remove(&wait->bucket);
    ngx_queue_remove(&wait->own);
    wait->ctx->process->loop.loop.timer_close(wait->timer);
    wait->timer = NULL;
    wait->ctx->waiting--;
}


static void
ngx_http_graphql_wait_timeout(void *data)
{
    ngx_http_graphql_wait_t *wait = data;

    ngx_http_graphql_ctx_t  *ctx = wait->ctx;

    ngx_http_graphql_wait_over(wait);

    if (wait->field->error == NULL) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "graphql field \"%*s\": no worker has replied in time",
                      wait->field->name.len, wait->field->name.data);

        (void) gql_root_fail(ctx->plan, wait->field, NGX_HTTP_GRAPHQL_TIMEOUT,
            BASE_STR("the change was not made in time; it may still be made"));
    }

    ngx_http_graphql_continue(ctx);
}


static void
ngx_http_graphql_replies_message(void *data, base_str_t channel,
    base_str_t text)
{
    ngx_http_graphql_replies_t *replies = data;

    ngx_http_graphql_ctx_t   *ctx;
    ngx_http_graphql_wait_t  *wait;

    (void) channel;

    wait = ngx_http_graphql_replies_find(replies, text);

    if (wait == NULL) {
        return;                         /* the client has left, or it is late */
    }

    ctx = wait->ctx;

    ngx_http_graphql_wait_over(wait);

    if (wait->field->error == NULL) {
        ngx_http_graphql_wait_reply(wait, text);
    }

    ngx_http_graphql_continue(ctx);
}


static ngx_http_graphql_wait_t *
ngx_http_graphql_replies_find(ngx_http_graphql_replies_t *replies,
    base_str_t text)
{
    ngx_int_t                   id;
    ngx_queue_t                *q, *bucket;
    orders_reply_t              reply;
    ngx_http_graphql_wait_t    *wait, *found;
    ngx_http_graphql_memory_t  *memory;

    memory = ngx_http_graphql_memory_take(replies->process);
    if (memory == NULL) {
        return NULL;
    }

    found = NULL;

    if (!orders_reply_read(&memory->arena, text, &reply)) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "what came from redis %V on channel \"%*s\" is no reply "
                      "of a worker", &replies->queue->store->name,
                      replies->channel.len, replies->channel.data);
        goto done;
    }

    id = ngx_atoi((u_char *) reply.request_id.data, reply.request_id.len);

    if (id == NGX_ERROR) {
        goto done;
    }

    bucket = &replies->waits[(ngx_uint_t) id % NGX_HTTP_GRAPHQL_WAIT_BUCKETS];

    for (q = ngx_queue_head(bucket);
         q != ngx_queue_sentinel(bucket);
         q = ngx_queue_next(q))
    {
        wait = ngx_queue_data(q, ngx_http_graphql_wait_t, bucket);

        if (base_str_eq(wait->id, reply.request_id)) {
            found = wait;
            break;
        }
    }

done:

    ngx_http_graphql_memory_give(replies->process, memory);

    return found;
}


/* Read once more, into the memory of its request. */
static void
ngx_http_graphql_wait_reply(ngx_http_graphql_wait_t *wait, base_str_t text)
{
    base_str_t               copy;
    orders_reply_t           reply;
    ngx_http_graphql_ctx_t  *ctx = wait->ctx;

    if (!base_arena_str(ctx->arena, text, &copy)
        || !orders_reply_read(ctx->arena, copy, &reply))
    {
        ngx_http_graphql_no_memory(ctx, wait->field);
        return;
    }

    if (reply.code.len > 0) {
        (void) gql_root_fail(ctx->plan, wait->field, reply.code,
                             reply.message);
        return;
    }

    wait->field->value = reply.order;
}
