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

#include "nginx/ngx_http_graphql_orders.h"


static void ngx_http_graphql_call_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);


const ngx_http_graphql_resolver_t  ngx_http_graphql_resolvers[] = {

    { GQL_QUERY,
      BASE_STR_INIT("orders"),
      BASE_STR_INIT(""),
      1,
      ngx_http_graphql_resolve_orders },

    { GQL_QUERY,
      BASE_STR_INIT("order"),
      BASE_STR_INIT("id"),
      0,
      ngx_http_graphql_resolve_order },

    { GQL_MUTATION,
      BASE_STR_INIT("postOrder"),
      BASE_STR_INIT("input"),
      0,
      ngx_http_graphql_resolve_post_order },

    { GQL_QUERY, BASE_STR_INIT(""), BASE_STR_INIT(""), 0, NULL }
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
    rds_link_t               *link;
    ngx_http_graphql_call_t  *call;

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

    link = ctx->process->links[ctx->conf->store->index];

    call->pending = link == NULL ? NULL
                                 : rds_link_send(link, argv, argc,
                                                 ngx_http_graphql_call_handler,
                                                 call);
    if (call->pending == NULL) {
        ngx_http_graphql_call_failed(call, RDS_UNSENT, NULL);
        return NGX_ERROR;
    }

    ngx_queue_insert_tail(&ctx->calls, &call->queue);
    ctx->waiting++;

    return NGX_OK;
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
    ngx_str_t                          text, name;
    base_str_t                         code, message;
    ngx_http_graphql_ctx_t            *ctx = call->ctx;
    const ngx_http_graphql_failure_t  *failure;

    text.len = 0;
    text.data = NULL;

    if (outcome == RDS_REPLIED) {
        failure = ngx_http_graphql_reply_failure(reply);
        code = failure->code;
        message = failure->message;

        text.data = (u_char *) rds_reply_str(reply).data;
        text.len = rds_reply_str(reply).len;

    } else if (outcome == RDS_UNKNOWN
               && gql_operation_kind(ctx->plan->operation) == GQL_MUTATION)
    {
        code = NGX_HTTP_GRAPHQL_UNKNOWN_OUTCOME;
        message = BASE_STR("the order store did not confirm the order: it may "
                           "or may not have been accepted");

    } else if (ngx_current_msec - call->sent >= ctx->conf->store->timeout) {
        code = NGX_HTTP_GRAPHQL_TIMEOUT;
        message = BASE_STR("the order store did not answer in time; try again");

    } else {
        code = NGX_HTTP_GRAPHQL_UNAVAILABLE;
        message = BASE_STR("the order store cannot be reached; try again");
    }

    name.data = (u_char *) call->field->name.data;
    name.len = call->field->name.len;

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "graphql field \"%V\" failed: redis %V %s%V", &name,
                  &ctx->conf->store->name,
                  outcome == RDS_UNSENT ? "could not be asked"
                  : outcome == RDS_UNKNOWN ? "did not answer"
                  : "answered ", &text);

    (void) gql_root_fail(ctx->plan, call->field, code, message);
}


void
ngx_http_graphql_no_memory(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "out of memory for a graphql request");

    (void) gql_root_fail(ctx->plan, field, GQL_CODE_INTERNAL,
                         BASE_STR("out of memory"));
}
