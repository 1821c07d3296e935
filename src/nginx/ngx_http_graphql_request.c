/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A request from its headers to its end:
 *
 *     handler        what the headers say is checked; asks for the body
 *     body_handler   document, operation, plan; starts root fields
 *     continue       each answer of Redis may start the next root field
 *     respond        all root fields have a value or an error
 *
 * Reading the body takes a reference of the request, and the continuation that
 * ends it, be it at once or after Redis has answered, gives it back in one
 * ngx_http_finalize_request().
 *
 * A request may also end from outside (the client leaves): its cleanup makes
 * sure that no call comes back to it.  Its memory goes last, with the pool,
 * because logging and output still use it.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_durable.h"
#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_replies.h"
#include "nginx/ngx_http_graphql_request.h"


static ngx_int_t ngx_http_graphql_drop_body(ngx_http_request_t *r);
static ngx_http_graphql_ctx_t *ngx_http_graphql_ctx_new(ngx_http_request_t *r,
    const ngx_http_graphql_way_t *way);
static void ngx_http_graphql_ctx_cleanup(void *data);
static void ngx_http_graphql_ctx_free(void *data);
static void ngx_http_graphql_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_graphql_begin(ngx_http_graphql_ctx_t *ctx);
static ngx_int_t ngx_http_graphql_params(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params);
static ngx_flag_t ngx_http_graphql_in_vain(const gql_plan_t *plan);
static ngx_int_t ngx_http_graphql_run(ngx_http_graphql_ctx_t *ctx);


static const ngx_http_graphql_way_t  ngx_http_graphql_way = {
    ngx_http_graphql_check,
    ngx_http_graphql_begin,
    ngx_http_graphql_run,
    BASE_STR_INIT("the order store did not confirm the order: it may or may "
                  "not have been accepted; with an Idempotency-Key it is safe "
                  "to send it again"),
    BASE_STR_INIT("the order was accepted, but not confirmed as durable in "
                  "time; with the same Idempotency-Key it is safe to send it "
                  "again")
};


ngx_int_t
ngx_http_graphql_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (r->method == NGX_HTTP_OPTIONS) {
        rc = ngx_http_graphql_drop_body(r);

        return rc == NGX_OK ? ngx_http_graphql_options(r) : rc;
    }

    return ngx_http_graphql_serve(r, &ngx_http_graphql_way);
}


ngx_int_t
ngx_http_graphql_serve(ngx_http_request_t *r,
    const ngx_http_graphql_way_t *way)
{
    ngx_int_t                rc;
    ngx_http_graphql_ctx_t  *ctx;

    ctx = ngx_http_graphql_ctx_new(r, way);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (way->check(ctx) != NGX_OK) {
        rc = ngx_http_graphql_drop_body(r);

        return rc == NGX_OK ? ngx_http_graphql_respond(ctx) : rc;
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_graphql_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


/*
 * Who asked whether to send its body has its answer, and gets no 100 before it
 * (HTTP Semantics: Expect).  It may send the body all the same, so nothing else
 * can come on that connection.
 */
static ngx_int_t
ngx_http_graphql_drop_body(ngx_http_request_t *r)
{
    if (r->headers_in.expect != NULL) {
        r->expect_tested = 1;
        r->keepalive = 0;
    }

    return ngx_http_discard_request_body(r);
}


static ngx_http_graphql_ctx_t *
ngx_http_graphql_ctx_new(ngx_http_request_t *r,
    const ngx_http_graphql_way_t *way)
{
    ngx_pool_cleanup_t            *last;
    ngx_http_cleanup_t            *cln;
    ngx_http_graphql_ctx_t        *ctx;
    ngx_http_graphql_memory_t     *memory;
    ngx_http_graphql_process_t    *process;
    ngx_http_graphql_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_graphql_orders_module);
    process = mcf->process;

    /* nginx without a master does not start a module anew at a reload */

    if (process == NULL) {
        return NULL;
    }

    cln = ngx_http_cleanup_add(r, 0);
    last = ngx_pool_cleanup_add(r->pool, 0);

    if (cln == NULL || last == NULL) {
        return NULL;
    }

    memory = ngx_http_graphql_memory_take(process);
    if (memory == NULL) {
        return NULL;
    }

    ctx = base_arena_zalloc(&memory->arena, sizeof(ngx_http_graphql_ctx_t));
    if (ctx == NULL) {
        ngx_http_graphql_memory_give(process, memory);
        return NULL;
    }

    ctx->request = r;
    ctx->conf = ngx_http_get_module_loc_conf(r, ngx_http_graphql_orders_module);
    ctx->way = way;
    ctx->process = process;
    ctx->memory = memory;
    ctx->arena = &memory->arena;
    gql_errors_init(&ctx->errors, ctx->arena);
    ngx_queue_init(&ctx->calls);
    ngx_queue_init(&ctx->waiters);
    ngx_queue_init(&ctx->waits);

    cln->handler = ngx_http_graphql_ctx_cleanup;
    cln->data = ctx;

    last->handler = ngx_http_graphql_ctx_free;
    last->data = ctx;

    ngx_http_set_ctx(r, ctx, ngx_http_graphql_orders_module);

    return ctx;
}


static void
ngx_http_graphql_ctx_cleanup(void *data)
{
    ngx_http_graphql_cancel_calls(data);
    ngx_http_graphql_durable_cancel(data);
    ngx_http_graphql_wait_cancel(data);
}


static void
ngx_http_graphql_ctx_free(void *data)
{
    ngx_http_graphql_ctx_t *ctx = data;

    if (ctx->document != NULL) {
        ngx_http_graphql_document_give(ctx->document);
    }

    ngx_http_graphql_memory_give(ctx->process, ctx->memory);
}


static void
ngx_http_graphql_body_handler(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_connection_t        *c;
    ngx_http_graphql_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_graphql_orders_module);

    rc = ctx->way->begin(ctx);

    if (ctx->waiting > 0) {
        c = r->connection;
        c->log->action = "waiting for redis";
        r->read_event_handler = ngx_http_test_reading;

        /* a client that left with its last byte causes no further event */

        if (c->read->pending_eof) {
            ngx_post_event(c->read, &ngx_posted_events);
        }

        return;
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_graphql_begin(ngx_http_graphql_ctx_t *ctx)
{
    const gql_operation_t      *operation;
    ngx_http_graphql_params_t   params;

    if (ngx_http_graphql_params(ctx, &params) != NGX_OK
        || ngx_http_graphql_check_variables(ctx, &params) != NGX_OK
        || ngx_http_graphql_find_document(ctx, &params) != NGX_OK)
    {
        return ngx_http_graphql_respond(ctx);
    }

    operation = gql_operation_find(ctx->parsed, params.operation_name,
                                   &ctx->errors);
    if (operation == NULL) {
        return ngx_http_graphql_respond(ctx);
    }

    ctx->operation = operation;
    ctx->writes = gql_operation_kind(operation) == GQL_MUTATION;

    if (ngx_http_graphql_check_operation(ctx, operation) != NGX_OK) {
        return ngx_http_graphql_respond(ctx);
    }

    ctx->plan = gql_plan(ctx->conf->schema, ctx->parsed, operation,
                         params.variables, &ctx->conf->limits, ctx->arena,
                         &ctx->errors);
    if (ctx->plan == NULL || ngx_http_graphql_in_vain(ctx->plan)) {
        return ngx_http_graphql_respond(ctx);
    }

    ngx_http_graphql_warn_lists(ctx);

    return ngx_http_graphql_run(ctx);
}


/* A field with bad arguments makes all of data null: nothing is executed, or
 * nobody would learn of the orders that are posted before it. */
static ngx_flag_t
ngx_http_graphql_in_vain(const gql_plan_t *plan)
{
    size_t  i;

    for (i = 0; i < plan->count; i++) {
        if (gql_root_ends(plan, &plan->fields[i])) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_graphql_params(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params)
{
    return ctx->request->method == NGX_HTTP_POST
           ? ngx_http_graphql_post_params(ctx, params)
           : ngx_http_graphql_get_params(ctx, params);
}


/*
 * Starts root fields: those of a query all at once, those of a mutation one
 * after the other (GraphQL: Normal and Serial Execution).  Redis has to answer
 * while ctx->waiting is not 0.  Else the response is on its way, and the value
 * is for ngx_http_finalize_request(): NGX_AGAIN if the client reads slowly.
 */
static ngx_int_t
ngx_http_graphql_run(ngx_http_graphql_ctx_t *ctx)
{
    gql_plan_t            *plan = ctx->plan;
    gql_root_field_t      *field;
    gql_operation_kind_t   kind;

    kind = gql_operation_kind(plan->operation);

    while (ctx->next < plan->count) {

        if (kind == GQL_MUTATION
            && (ctx->waiting > 0
                || (ctx->next > 0
                    && gql_root_ends(plan, &plan->fields[ctx->next - 1]))))
        {
            break;
        }

        field = &plan->fields[ctx->next++];

        if (field->host) {
            ngx_http_graphql_resolve(ctx, kind, field);
        }
    }

    return ctx->waiting > 0 ? NGX_DONE : ngx_http_graphql_respond(ctx);
}


void
ngx_http_graphql_continue(ngx_http_graphql_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_connection_t    *c;
    ngx_http_request_t  *r = ctx->request;

    c = r->connection;
    ngx_http_set_log_request(c->log, r);

    rc = ctx->way->run(ctx);

    if (ctx->waiting > 0) {
        return;
    }

    ngx_http_finalize_request(r, rc);

    /* Redis' event, not the client's, brought us here */
    ngx_http_run_posted_requests(c);
}
