/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * graphql_orders_durability: an order is answered after replicas have it, or
 * after it is on the disk.
 *
 *     RPUSH {orders:0}:queue {...}
 *     RPUSH {orders:0}:queue {...}
 *     WAIT 1 500                       or WAITAOF 1 0 1000
 *
 * Both wait for what was written on their own connection, and hold back all
 * that comes behind them there.  So mutations have a link of their own, and
 * there is one such command at a time for all that was written before it: what
 * is written meanwhile is the next group's.
 *
 * A waiter stands for one call of a request.  It is settled after the call,
 * because Redis answers a link in order; a confirmation from a new connection,
 * which knows nothing of what was lost with the old one, finds that the call
 * has failed before.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_durable.h"
#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


#define NGX_HTTP_GRAPHQL_REPLICAS_MAX  100
#define NGX_HTTP_GRAPHQL_WAIT_MS_MAX   60000


struct ngx_http_graphql_durable_s {
    ngx_http_graphql_store_t  *store;
    rds_link_t                *link;
    const rds_loop_t          *loop;
    rds_timer_t               *turn;    /* runs at the end of a turn */
    ngx_queue_t                current; /* they wait for the answer */
    ngx_queue_t                next;    /* for the next one */
    unsigned                   waiting:1;
    unsigned                   refused:1;   /* the server cannot confirm */
};


struct ngx_http_graphql_waiter_s {
    ngx_queue_t                group;
    ngx_queue_t                own;     /* of the request */
    ngx_http_graphql_ctx_t    *ctx;
    gql_root_field_t          *field;
};


static void ngx_http_graphql_durable_state(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason);
static void ngx_http_graphql_durable_turn(void *data);
static void ngx_http_graphql_durable_ask(ngx_http_graphql_durable_t *durable);
static void ngx_http_graphql_durable_answer(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static ngx_flag_t ngx_http_graphql_durable_confirmed(
    ngx_http_graphql_durable_t *durable, const rds_reply_t *reply);
static void ngx_http_graphql_durable_settle(ngx_queue_t *waiters,
    ngx_flag_t confirmed);


/* The name is how the parameter begins; wait is in ms, where none is given. */
static const struct {
    ngx_str_t    name;
    ngx_msec_t   wait;
    base_str_t   command;
} ngx_http_graphql_durabilities[] = {

    [NGX_HTTP_GRAPHQL_DURABLE_MEMORY] = {
        ngx_string("memory"), 1, BASE_STR_INIT("") },

    [NGX_HTTP_GRAPHQL_DURABLE_REPLICAS] = {
        ngx_string("replicas="), 1000, BASE_STR_INIT("WAIT") },

    [NGX_HTTP_GRAPHQL_DURABLE_FSYNC] = {
        ngx_string("fsync"), 1000, BASE_STR_INIT("WAITAOF") }
};


char *
ngx_http_graphql_set_durability(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_graphql_loc_conf_t *glcf = conf;

    size_t                          len;
    ngx_int_t                       number, wait;
    ngx_str_t                      *value;
    ngx_uint_t                      kind;
    ngx_http_graphql_durability_t  *durability = &glcf->durability;

    if (durability->kind != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (kind = 0; kind < NGX_HTTP_GRAPHQL_DURABLE_COUNT; kind++) {
        len = ngx_http_graphql_durabilities[kind].name.len;

        if (value[1].len >= len
            && ngx_strncmp(value[1].data,
                           ngx_http_graphql_durabilities[kind].name.data, len)
               == 0)
        {
            goto found;
        }
    }

    goto invalid;

found:

    number = 1;
    wait = (ngx_int_t) ngx_http_graphql_durabilities[kind].wait;

    if (kind == NGX_HTTP_GRAPHQL_DURABLE_REPLICAS) {
        number = ngx_atoi(value[1].data + len, value[1].len - len);

    } else if (value[1].len != len) {
        goto invalid;
    }

    if (cf->args->nelts == 3) {
        wait = kind == NGX_HTTP_GRAPHQL_DURABLE_MEMORY
               ? NGX_ERROR : ngx_parse_time(&value[2], 0);
    }

    if (number < 1 || number > NGX_HTTP_GRAPHQL_REPLICAS_MAX || wait < 1
        || wait > NGX_HTTP_GRAPHQL_WAIT_MS_MAX)
    {
        goto invalid;
    }

    durability->kind = kind;
    durability->number = (ngx_uint_t) number;
    durability->wait = (ngx_msec_t) wait;

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameters in \"%V\": it is memory, "
                       "replicas=number [time], or fsync [time]", &cmd->name);
    return NGX_CONF_ERROR;
}


ngx_http_graphql_durable_t *
ngx_http_graphql_durable_open(ngx_cycle_t *cycle,
    ngx_http_graphql_process_t *process, ngx_http_graphql_store_t *store)
{
    ngx_http_graphql_durable_t  *durable;

    durable = ngx_pcalloc(cycle->pool, sizeof(ngx_http_graphql_durable_t));
    if (durable == NULL) {
        return NULL;
    }

    durable->store = store;
    durable->loop = &process->loop.loop;
    ngx_queue_init(&durable->current);
    ngx_queue_init(&durable->next);

    durable->turn = durable->loop->timer_new(durable->loop,
                                             ngx_http_graphql_durable_turn,
                                             durable);
    durable->link = ngx_http_graphql_link_new(process, store,
                                              ngx_http_graphql_durable_state,
                                              durable);

    return durable->turn == NULL || durable->link == NULL ? NULL : durable;
}


void
ngx_http_graphql_durable_close(ngx_http_graphql_durable_t *durable)
{
    rds_link_t  *link = durable->link;

    durable->link = NULL;
    rds_link_close(link);

    ngx_http_graphql_durable_settle(&durable->current, 0);
    ngx_http_graphql_durable_settle(&durable->next, 0);

    if (durable->turn != NULL) {
        durable->loop->timer_close(durable->turn);
        durable->turn = NULL;
    }
}


rds_link_t *
ngx_http_graphql_durable_link(const ngx_http_graphql_durable_t *durable)
{
    return durable->refused ? NULL : durable->link;
}


/* The shared link says the same of the same server; only what concerns this
 * one is kept. */
static void
ngx_http_graphql_durable_state(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason)
{
    ngx_http_graphql_durable_t *durable = data;

    (void) link;
    (void) reason;

    if (state == RDS_LINK_UP) {
        durable->refused = 0;           /* it may be another server now */
    }
}


ngx_http_graphql_waiter_t *
ngx_http_graphql_waiter_new(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    ngx_http_graphql_waiter_t  *waiter;

    waiter = base_arena_alloc(ctx->arena, sizeof(ngx_http_graphql_waiter_t));
    if (waiter == NULL) {
        return NULL;
    }

    waiter->ctx = ctx;
    waiter->field = field;

    return waiter;
}


void
ngx_http_graphql_durable_add(ngx_http_graphql_durable_t *durable,
    ngx_http_graphql_waiter_t *waiter)
{
    ngx_queue_insert_tail(&durable->next, &waiter->group);
    ngx_queue_insert_tail(&waiter->ctx->waiters, &waiter->own);
    waiter->ctx->waiting++;

    if (!durable->waiting) {
        durable->loop->defer(durable->turn);
    }
}


void
ngx_http_graphql_durable_cancel(ngx_http_graphql_ctx_t *ctx)
{
    ngx_queue_t                *q;
    ngx_http_graphql_waiter_t  *waiter;

    while (!ngx_queue_empty(&ctx->waiters)) {
        q = ngx_queue_head(&ctx->waiters);
        waiter = ngx_queue_data(q, ngx_http_graphql_waiter_t, own);

        ngx_queue_remove(&waiter->own);
        ngx_queue_remove(&waiter->group);
    }
}


static void
ngx_http_graphql_durable_turn(void *data)
{
    ngx_http_graphql_durable_t *durable = data;

    if (!durable->waiting) {
        ngx_http_graphql_durable_ask(durable);
    }
}


/* Asks for all that was written so far. */
static void
ngx_http_graphql_durable_ask(ngx_http_graphql_durable_t *durable)
{
    u_char                     number[NGX_INT_T_LEN], wait[NGX_INT_T_LEN];
    base_str_t                 argv[4];
    ngx_uint_t                 argc, kind;
    rds_pending_t             *pending;
    ngx_http_graphql_store_t  *store = durable->store;

    if (ngx_queue_empty(&durable->next)) {
        return;
    }

    ngx_queue_add(&durable->current, &durable->next);
    ngx_queue_init(&durable->next);

    kind = store->durability.kind;

    argc = 0;
    argv[argc++] = ngx_http_graphql_durabilities[kind].command;
    argv[argc++] = base_str((char *) number,
                            ngx_sprintf(number, "%ui",
                                        store->durability.number)
                            - number);

    if (kind == NGX_HTTP_GRAPHQL_DURABLE_FSYNC) {
        argv[argc++] = BASE_STR("0");   /* replicas' disks */
    }

    argv[argc++] = base_str((char *) wait,
                            ngx_sprintf(wait, "%M", store->durability.wait)
                            - wait);

    pending = durable->link == NULL ? NULL
              : rds_link_send_blocking(durable->link, argv, argc,
                                       (uint32_t) store->durability.wait,
                                       ngx_http_graphql_durable_answer,
                                       durable);
    if (pending == NULL) {
        ngx_http_graphql_durable_settle(&durable->current, 0);
        return;
    }

    durable->waiting = 1;
}


static void
ngx_http_graphql_durable_answer(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    ngx_http_graphql_durable_t *durable = data;

    ngx_flag_t   confirmed;
    ngx_queue_t  waiters;

    confirmed = outcome == RDS_REPLIED
                && ngx_http_graphql_durable_confirmed(durable, reply);

    /* requests that go on write again, and the next group must not meet this */

    ngx_queue_init(&waiters);
    ngx_queue_add(&waiters, &durable->current);
    ngx_queue_init(&durable->current);

    durable->waiting = 0;
    ngx_http_graphql_durable_ask(durable);

    ngx_http_graphql_durable_settle(&waiters, confirmed);
}


/* The reply is the number of replicas, or those of disks here and there. */
static ngx_flag_t
ngx_http_graphql_durable_confirmed(ngx_http_graphql_durable_t *durable,
    const rds_reply_t *reply)
{
    int64_t                    n;
    base_str_t                 text;
    rds_error_kind_t           kind;
    ngx_http_graphql_store_t  *store = durable->store;

    if (rds_reply_int(reply, &n) || rds_reply_int(rds_reply_at(reply, 0), &n))
    {
        if (n >= (int64_t) store->durability.number) {
            return 1;
        }

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "redis %V did not make orders durable in %M ms: %L of "
                      "%ui confirmed", &store->name, store->durability.wait, n,
                      store->durability.number);
        return 0;
    }

    text = rds_reply_str(reply);
    kind = rds_reply_error_kind(reply);
    durable->refused = kind == RDS_ERROR_OTHER || kind == RDS_ERROR_AUTH;

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "redis %V cannot make orders durable%s: it said \"%*s\" "
                  "(\"graphql_orders_durability fsync\" needs Redis 7.2 with "
                  "appendonly yes; with an older one set appendfsync always "
                  "there and \"memory\" here)",
                  &store->name, durable->refused ? " and they are refused" : "",
                  text.len, text.data);

    return 0;
}


/* Each request may be gone afterwards, with other waiters of it. */
static void
ngx_http_graphql_durable_settle(ngx_queue_t *waiters, ngx_flag_t confirmed)
{
    ngx_queue_t                *q;
    gql_root_field_t           *field;
    ngx_http_graphql_ctx_t     *ctx;
    ngx_http_graphql_waiter_t  *waiter;

    while (!ngx_queue_empty(waiters)) {
        q = ngx_queue_head(waiters);
        waiter = ngx_queue_data(q, ngx_http_graphql_waiter_t, group);

        ctx = waiter->ctx;
        field = waiter->field;

        ngx_queue_remove(&waiter->group);
        ngx_queue_remove(&waiter->own);
        ctx->waiting--;

        if (!confirmed && field->error == NULL) {
            field->value = NULL;
            ngx_http_graphql_fail(ctx, field, NGX_HTTP_GRAPHQL_UNKNOWN_OUTCOME,
                                  ctx->way->unconfirmed);
        }

        ngx_http_graphql_continue(ctx);
    }
}
