/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Root fields: who answers which, and the commands that they send to Redis.
 *
 * A call is in ctx->calls from its sending to its outcome.  A request that ends
 * before cancels the calls that are left: the command goes on in Redis, and
 * nobody hears of it.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_durable.h"
#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


/* Whom the answer of an EXEC is for. */
typedef struct {
    ngx_http_graphql_reply_pt     handler;
    void                         *data;
} ngx_http_graphql_transaction_t;


/* The link for a command, and who waits until it is durable. */
typedef struct {
    rds_link_t                   *link;     /* NULL: there is none */
    ngx_http_graphql_durable_t   *durable;  /* NULL: nobody waits */
    ngx_http_graphql_waiter_t    *waiter;
} ngx_http_graphql_route_t;


static ngx_int_t ngx_http_graphql_route(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, ngx_http_graphql_route_t *route);
static void ngx_http_graphql_sent_on(const ngx_http_graphql_route_t *route);
static void ngx_http_graphql_call_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void ngx_http_graphql_queued_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void ngx_http_graphql_exec_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static ngx_http_graphql_failure_t ngx_http_graphql_call_failure(
    ngx_http_graphql_call_t *call, rds_outcome_t outcome,
    const rds_reply_t *reply);


/* For the log, in place of a reply. */
static const base_str_t  ngx_http_graphql_outcomes[] = {
    [RDS_REPLIED] = BASE_STR_INIT(""),
    [RDS_UNSENT] = BASE_STR_INIT("nothing, it could not be asked"),
    [RDS_UNKNOWN] = BASE_STR_INIT("nothing, the connection ended before"),
};


#define NGX_HTTP_GRAPHQL_TEXT                                                 \
    { BASE_STR_INIT("ID"), BASE_STR_INIT("String") }

#define NGX_HTTP_GRAPHQL_OBJECT                                               \
    { BASE_STR_INIT(""), BASE_STR_INIT("") }

#define NGX_HTTP_GRAPHQL_LAST                                                 \
    { BASE_STR_INIT(""), NGX_HTTP_GRAPHQL_OBJECT, 0 }


static const ngx_http_graphql_parameter_t  ngx_http_graphql_page_parameters[] =
{
    { BASE_STR_INIT("first"), { BASE_STR_INIT("Int"), BASE_STR_INIT("") }, 0 },
    { BASE_STR_INIT("after"), NGX_HTTP_GRAPHQL_TEXT, 0 },
    { BASE_STR_INIT("last"), { BASE_STR_INIT("Int"), BASE_STR_INIT("") }, 0 },
    { BASE_STR_INIT("before"), NGX_HTTP_GRAPHQL_TEXT, 0 },
    { BASE_STR_INIT("status"),
      { BASE_STR_INIT("ORDER_STATUS"), BASE_STR_INIT("String") }, 0 },
    { BASE_STR_INIT("userId"), NGX_HTTP_GRAPHQL_TEXT, 0 },
    NGX_HTTP_GRAPHQL_LAST
};

static const ngx_http_graphql_parameter_t  ngx_http_graphql_id_parameters[] = {
    { BASE_STR_INIT("id"), NGX_HTTP_GRAPHQL_TEXT, 1 },
    NGX_HTTP_GRAPHQL_LAST
};

static const ngx_http_graphql_parameter_t  ngx_http_graphql_post_parameters[] =
{
    { BASE_STR_INIT("input"), NGX_HTTP_GRAPHQL_OBJECT, 1 },
    { BASE_STR_INIT("idempotencyKey"), NGX_HTTP_GRAPHQL_TEXT, 0 },
    NGX_HTTP_GRAPHQL_LAST
};

static const ngx_http_graphql_parameter_t
    ngx_http_graphql_update_parameters[] =
{
    { BASE_STR_INIT("id"), NGX_HTTP_GRAPHQL_TEXT, 1 },
    { BASE_STR_INIT("input"), NGX_HTTP_GRAPHQL_OBJECT, 1 },
    NGX_HTTP_GRAPHQL_LAST
};


const ngx_http_graphql_resolver_t  ngx_http_graphql_resolvers[] = {

    { GQL_QUERY,
      BASE_STR_INIT("orders"),
      ngx_http_graphql_page_parameters,
      1, 0,
      ngx_http_graphql_resolve_orders },

    { GQL_QUERY,
      BASE_STR_INIT("ordersConnection"),
      ngx_http_graphql_page_parameters,
      0, 1,
      ngx_http_graphql_resolve_orders_connection },

    { GQL_QUERY,
      BASE_STR_INIT("order"),
      ngx_http_graphql_id_parameters,
      0, 0,
      ngx_http_graphql_resolve_order },

    { GQL_MUTATION,
      BASE_STR_INIT("postOrder"),
      ngx_http_graphql_post_parameters,
      0, 0,
      ngx_http_graphql_resolve_post_order },

    { GQL_MUTATION,
      BASE_STR_INIT("updateOrder"),
      ngx_http_graphql_update_parameters,
      0, 1,
      ngx_http_graphql_resolve_update_order },

    { GQL_MUTATION,
      BASE_STR_INIT("deleteOrder"),
      ngx_http_graphql_id_parameters,
      0, 1,
      ngx_http_graphql_resolve_delete_order },

    { GQL_QUERY,
      BASE_STR_INIT(""),
      NULL,
      0, 0,
      NULL }
};


/* The schema was checked to have no root field without a resolver. */
void
ngx_http_graphql_resolve(ngx_http_graphql_ctx_t *ctx,
    gql_operation_kind_t kind, gql_root_field_t *field)
{
    const ngx_http_graphql_resolver_t  *resolver;

    for (resolver = ngx_http_graphql_resolvers;
         resolver->handler != NULL;
         resolver++)
    {
        if (resolver->kind == kind && base_str_eq(resolver->name, field->name))
        {
            resolver->handler(ctx, field);
            return;
        }
    }
}


ngx_int_t
ngx_http_graphql_call(ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field,
    const base_str_t *argv, size_t argc, ngx_http_graphql_reply_pt handler,
    void *data)
{
    ngx_http_graphql_call_t   *call;
    ngx_http_graphql_route_t   route;

    if (ngx_http_graphql_route(ctx, field, &route) != NGX_OK) {
        return NGX_ERROR;
    }

    call = base_arena_alloc(ctx->arena, sizeof(ngx_http_graphql_call_t));
    if (call == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return NGX_ERROR;
    }

    call->ctx = ctx;
    call->field = field;
    call->sent = ngx_current_msec;
    call->handler = handler;
    call->data = data;

    call->pending = route.link == NULL ? NULL
                    : rds_link_send(route.link, argv, argc,
                                    ngx_http_graphql_call_handler, call);
    if (call->pending == NULL) {
        ngx_http_graphql_call_failed(call, RDS_UNSENT, NULL);
        return NGX_ERROR;
    }

    ngx_queue_insert_tail(&ctx->calls, &call->queue);
    ctx->waiting++;
    ngx_http_graphql_sent_on(&route);

    return NGX_OK;
}


/*
 * The connection is shared: a MULTI without its end would swallow the commands
 * of others, so all of them are taken or none.
 */
ngx_int_t
ngx_http_graphql_transaction(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, const ngx_http_graphql_command_t *inner,
    ngx_uint_t count, ngx_http_graphql_reply_pt handler, void *data)
{
    ngx_uint_t                       i, n;
    rds_command_t                   *commands;
    ngx_http_graphql_call_t         *calls;
    ngx_http_graphql_route_t         route;
    ngx_http_graphql_transaction_t  *transaction;

    static const base_str_t  multi = BASE_STR_INIT("MULTI");
    static const base_str_t  exec = BASE_STR_INIT("EXEC");

    if (ngx_http_graphql_route(ctx, field, &route) != NGX_OK) {
        return NGX_ERROR;
    }

    n = count + 2;
    commands = base_arena_calloc(ctx->arena, n, sizeof(rds_command_t));
    calls = base_arena_calloc(ctx->arena, n, sizeof(ngx_http_graphql_call_t));
    transaction = base_arena_alloc(ctx->arena,
                                   sizeof(ngx_http_graphql_transaction_t));

    if (commands == NULL || calls == NULL || transaction == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return NGX_ERROR;
    }

    transaction->handler = handler;
    transaction->data = data;

    for (i = 0; i < n; i++) {
        commands[i].argv = i == 0 ? &multi : &exec;
        commands[i].argc = 1;
        commands[i].fn = ngx_http_graphql_call_handler;
        commands[i].data = &calls[i];

        calls[i].ctx = ctx;
        calls[i].field = field;
        calls[i].sent = ngx_current_msec;
        calls[i].handler = ngx_http_graphql_queued_handler;
        calls[i].data = transaction;
    }

    for (i = 0; i < count; i++) {
        commands[i + 1].argv = inner[i].argv;
        commands[i + 1].argc = inner[i].argc;
    }

    calls[n - 1].handler = ngx_http_graphql_exec_handler;

    if (route.link == NULL || !rds_link_send_all(route.link, commands, n)) {
        ngx_http_graphql_call_failed(calls, RDS_UNSENT, NULL);
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        calls[i].pending = commands[i].pending;
        ngx_queue_insert_tail(&ctx->calls, &calls[i].queue);
    }

    ctx->waiting += n;
    ngx_http_graphql_sent_on(&route);

    return NGX_OK;
}


/* All of a mutation goes the way of its orders, so that what is read is no
 * older than what was written. */
static ngx_int_t
ngx_http_graphql_route(ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field,
    ngx_http_graphql_route_t *route)
{
    ngx_uint_t  i = ctx->conf->store->index;

    ngx_memzero(route, sizeof(ngx_http_graphql_route_t));

    if (ctx->process->durables[i] == NULL || !ctx->writes) {
        route->link = ctx->process->links[i];
        return NGX_OK;
    }

    route->durable = ctx->process->durables[i];
    route->link = ngx_http_graphql_durable_link(route->durable);
    route->waiter = ngx_http_graphql_waiter_new(ctx, field);

    if (route->waiter == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_graphql_sent_on(const ngx_http_graphql_route_t *route)
{
    if (route->waiter != NULL) {
        ngx_http_graphql_durable_add(route->durable, route->waiter);
    }
}


/* MULTI or a command that it queues: the first error is the reason why EXEC
 * will do nothing. */
static void
ngx_http_graphql_queued_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    if (outcome == RDS_REPLIED && rds_reply_is_error(reply)
        && call->field->error == NULL)
    {
        ngx_http_graphql_call_failed(call, outcome, reply);
    }
}


static void
ngx_http_graphql_exec_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    ngx_http_graphql_transaction_t *transaction = call->data;

    if (call->field->error != NULL) {
        return;
    }

    call->data = transaction->data;
    transaction->handler(call, outcome, reply);
}


static void
ngx_http_graphql_call_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    ngx_http_graphql_call_t *call = data;

    ngx_http_graphql_ctx_t  *ctx = call->ctx;

    ngx_queue_remove(&call->queue);
    ctx->waiting--;

    call->handler(call, outcome, reply);

    ngx_http_graphql_continue(ctx);
}


void
ngx_http_graphql_cancel_calls(ngx_http_graphql_ctx_t *ctx)
{
    ngx_queue_t              *q;
    ngx_http_graphql_call_t  *call;

    while (!ngx_queue_empty(&ctx->calls)) {
        q = ngx_queue_head(&ctx->calls);
        ngx_queue_remove(q);

        call = ngx_queue_data(q, ngx_http_graphql_call_t, queue);
        rds_pending_cancel(call->pending);
    }
}


void
ngx_http_graphql_call_failed(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    base_str_t               text;
    ngx_uint_t               level;
    ngx_http_graphql_ctx_t  *ctx = call->ctx;

    ngx_http_graphql_failure_t  failure;

    failure = ngx_http_graphql_call_failure(call, outcome, reply);

    text = outcome == RDS_REPLIED
           ? rds_reply_str(reply)
           : ngx_http_graphql_outcomes[outcome];

    /* that the link is down has been logged once, not for each request */
    level = outcome == RDS_UNSENT ? NGX_LOG_INFO : NGX_LOG_ERR;

    ngx_log_error(level, ctx->request->connection->log, 0,
                  "graphql field \"%*s\" failed: redis %V said: %*s",
                  call->field->name.len, call->field->name.data,
                  &ctx->conf->store->name, text.len, text.data);

    ngx_http_graphql_fail(ctx, call->field, failure.code, failure.message);
}


static ngx_http_graphql_failure_t
ngx_http_graphql_call_failure(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    ngx_msec_t               waited;
    ngx_http_graphql_ctx_t  *ctx = call->ctx;

    if (outcome == RDS_REPLIED) {
        return *ngx_http_graphql_reply_failure(reply);
    }

    if (outcome == RDS_UNKNOWN && ctx->writes) {
        return (ngx_http_graphql_failure_t) {
            NGX_HTTP_GRAPHQL_UNKNOWN_OUTCOME, ctx->way->unknown };
    }

    waited = ngx_current_msec - call->sent;

    if (waited >= ctx->conf->store->timeout) {
        return (ngx_http_graphql_failure_t) {
            NGX_HTTP_GRAPHQL_TIMEOUT,
            BASE_STR("the order store did not answer in time; try again") };
    }

    return (ngx_http_graphql_failure_t) {
        NGX_HTTP_GRAPHQL_UNAVAILABLE,
        BASE_STR("the order store cannot be reached; try again") };
}


void
ngx_http_graphql_no_memory(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "out of memory for a graphql request");

    ngx_http_graphql_fail(ctx, field, GQL_CODE_INTERNAL,
                          BASE_STR("out of memory"));
}


void
ngx_http_graphql_fail(ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field,
    base_str_t code, base_str_t message)
{
    if (ctx->plan != NULL) {
        (void) gql_root_fail(ctx->plan, field, code, message);
        return;
    }

    field->error = gql_errors_add(&ctx->errors, code, message);
}
