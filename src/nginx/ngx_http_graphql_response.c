/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The response: one buffer, its length known, its status from the table of
 * error codes.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


#define NGX_HTTP_GRAPHQL_RESPONSE_BYTES_MAX  (16 * 1024 * 1024)
#define NGX_HTTP_GRAPHQL_RETRY_AFTER_S       "1"


static ngx_uint_t ngx_http_graphql_compose(ngx_http_graphql_ctx_t *ctx,
    base_buf_t *buf);
static ngx_flag_t ngx_http_graphql_some_field_succeeded(const gql_plan_t *plan);
static void ngx_http_graphql_tell_done(ngx_http_graphql_ctx_t *ctx);
static void ngx_http_graphql_log_error(ngx_http_graphql_ctx_t *ctx);
static ngx_int_t ngx_http_graphql_headers(ngx_http_graphql_ctx_t *ctx,
    ngx_uint_t status, size_t len);
static ngx_int_t ngx_http_graphql_more_headers(ngx_http_request_t *r,
    ngx_uint_t status);
static const char *ngx_http_graphql_methods(ngx_http_request_t *r);
static ngx_int_t ngx_http_graphql_add_header(ngx_http_request_t *r,
    const char *name, const char *value);
static ngx_int_t ngx_http_graphql_send(ngx_http_graphql_ctx_t *ctx,
    base_str_t body);


static const ngx_str_t
    ngx_http_graphql_media_types[NGX_HTTP_GRAPHQL_MEDIA_COUNT] =
{
    [NGX_HTTP_GRAPHQL_JSON] = ngx_string("application/json"),
    [NGX_HTTP_GRAPHQL_RESPONSE_JSON] =
        ngx_string("application/graphql-response+json")
};


ngx_int_t
ngx_http_graphql_respond(ngx_http_graphql_ctx_t *ctx)
{
    ngx_int_t            rc;
    base_buf_t           buf;
    base_str_t           body;
    ngx_uint_t           status;
    ngx_http_request_t  *r = ctx->request;

    base_buf_init(&buf, ctx->arena, NGX_HTTP_GRAPHQL_RESPONSE_BYTES_MAX);

    status = ngx_http_graphql_compose(ctx, &buf);
    body = base_buf_str(&buf);

    if (buf.failed) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "out of memory for a graphql response");

        status = NGX_HTTP_INTERNAL_SERVER_ERROR;
        body = BASE_STR("{\"errors\":[{\"message\":\"out of memory\","
                        "\"extensions\":{\"code\":"
                        "\"INTERNAL_SERVER_ERROR\"}}]}");
    }

    if (ctx->errors.first != NULL) {
        ngx_http_graphql_log_error(ctx);
    }

    rc = ngx_http_graphql_headers(ctx, status, body.len);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_graphql_send(ctx, body);
}


/* Returns the HTTP status. */
static ngx_uint_t
ngx_http_graphql_compose(ngx_http_graphql_ctx_t *ctx, base_buf_t *buf)
{
    if (ctx->outcome.len > 0 && ctx->errors.first == NULL) {
        base_buf_add_lit(buf, "{\"outcome\":\"");
        base_buf_add_str(buf, ctx->outcome);
        base_buf_add_lit(buf, "\"}");
        return NGX_HTTP_OK;
    }

    if (ctx->plan == NULL) {
        gql_write_errors(&ctx->errors, buf);
        return ngx_http_graphql_status(&ctx->errors, ctx->media);
    }

    if (ctx->errors.first != NULL) {
        ngx_http_graphql_tell_done(ctx);
    }

    switch (gql_complete(ctx->plan, NULL, buf)) {

    case GQL_RESULT_DATA:
        return NGX_HTTP_OK;

    case GQL_RESULT_PARTIAL:
        if (ngx_http_graphql_some_field_succeeded(ctx->plan)) {
            return NGX_HTTP_OK;
        }

        break;

    case GQL_RESULT_NULL:
        break;

    case GQL_RESULT_NOMEM:
        base_buf_fail(buf);
        break;
    }

    return ngx_http_graphql_status(&ctx->errors, ctx->media);
}


static ngx_flag_t
ngx_http_graphql_some_field_succeeded(const gql_plan_t *plan)
{
    size_t  i;

    for (i = 0; i < plan->count; i++) {
        if (plan->fields[i].host && plan->fields[i].error == NULL) {
            return 1;
        }
    }

    return 0;
}


/*
 * An error that makes all of data null would hide what the fields of a mutation
 * before it have done.  They are told in its extensions:
 *
 *     "done":{"a":"<the order's id>"}
 */
static void
ngx_http_graphql_tell_done(ngx_http_graphql_ctx_t *ctx)
{
    size_t             i;
    base_json_t       *done, *id;
    gql_plan_t        *plan = ctx->plan;
    gql_error_t       *error;
    gql_root_field_t  *field;

    if (gql_operation_kind(plan->operation) != GQL_MUTATION || ctx->next < 2) {
        return;
    }

    field = &plan->fields[ctx->next - 1];
    error = field->error;

    if (error == NULL || !gql_root_ends(plan, field)) {
        return;
    }

    done = base_json_object(ctx->arena);

    for (i = 0; i < ctx->next - 1 && done != NULL; i++) {
        field = &plan->fields[i];
        id = base_json_get(field->value, BASE_STR("id"));

        if (id == NULL || field->error != NULL) {
            continue;
        }

        id = base_json_share(ctx->arena, id);
        if (id == NULL) {
            return;
        }

        base_json_add(done, field->response_key, id);
    }

    if (error->extensions == NULL) {
        error->extensions = base_json_object(ctx->arena);
    }

    if (done != NULL && done->count > 0 && error->extensions != NULL) {
        base_json_add(error->extensions, BASE_STR("done"), done);
    }
}


/* What is not the client's fault has been logged where it happened. */
static void
ngx_http_graphql_log_error(ngx_http_graphql_ctx_t *ctx)
{
    const gql_error_t  *error = ctx->errors.first;

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "graphql error %*s: %*s (%ui in all)",
                  error->code.len, error->code.data,
                  error->message.len, error->message.data,
                  (ngx_uint_t) ctx->errors.count);
}


static ngx_int_t
ngx_http_graphql_headers(ngx_http_graphql_ctx_t *ctx, ngx_uint_t status,
    size_t len)
{
    const ngx_str_t     *type = &ngx_http_graphql_media_types[ctx->media];
    ngx_http_request_t  *r = ctx->request;

    r->headers_out.status = status;
    r->headers_out.content_length_n = (off_t) len;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;
    ngx_str_set(&r->headers_out.charset, "utf-8");

    /* too late for a precondition: what was asked for has been done */
    r->disable_not_modified = 1;

    if (ngx_http_graphql_more_headers(r, status) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_send_header(r);
}


static ngx_int_t
ngx_http_graphql_more_headers(ngx_http_request_t *r, ngx_uint_t status)
{
    if (r->method != NGX_HTTP_POST
        && ngx_http_graphql_add_header(r, "Cache-Control", "no-store")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    switch (status) {

    case NGX_HTTP_NOT_ALLOWED:
        return ngx_http_graphql_add_header(r, "Allow",
                                           ngx_http_graphql_methods(r));

    case NGX_HTTP_SERVICE_UNAVAILABLE:
        return ngx_http_graphql_add_header(r, "Retry-After",
                                           NGX_HTTP_GRAPHQL_RETRY_AFTER_S);

    default:
        return NGX_OK;
    }
}


/* A mutation that came with GET is told of POST alone. */
static const char *
ngx_http_graphql_methods(ngx_http_request_t *r)
{
    ngx_http_graphql_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_graphql_orders_module);

    return conf->get && !conf->callback.on
           && !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
           ? "GET, HEAD, POST" : "POST";
}


/* name and value are static. */
static ngx_int_t
ngx_http_graphql_add_header(ngx_http_request_t *r, const char *name,
    const char *value)
{
    ngx_table_elt_t  *header;

    header = ngx_list_push(&r->headers_out.headers);
    if (header == NULL) {
        return NGX_ERROR;
    }

    header->hash = 1;
    header->key.data = (u_char *) name;
    header->key.len = ngx_strlen(name);
    header->value.data = (u_char *) value;
    header->value.len = ngx_strlen(value);
    header->lowcase_key = NULL;
#if (nginx_version >= 1023000)
    header->next = NULL;
#endif

    return NGX_OK;
}


ngx_int_t
ngx_http_graphql_options(ngx_http_request_t *r)
{
    if (ngx_http_graphql_add_header(r, "Allow", ngx_http_graphql_methods(r))
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


static ngx_int_t
ngx_http_graphql_send(ngx_http_graphql_ctx_t *ctx, base_str_t body)
{
    ngx_buf_t           *b;
    ngx_chain_t          out;
    ngx_http_request_t  *r = ctx->request;

    b = base_arena_zalloc(ctx->arena, sizeof(ngx_buf_t));
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = (u_char *) body.data;
    b->last = b->pos + body.len;
    b->memory = 1;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}
