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


static ngx_uint_t ngx_http_graphql_compose(ngx_http_graphql_ctx_t *ctx,
    base_buf_t *buf);
static ngx_flag_t ngx_http_graphql_some_field_succeeded(const gql_plan_t *plan);
static void ngx_http_graphql_log_error(ngx_http_graphql_ctx_t *ctx);
static ngx_int_t ngx_http_graphql_headers(ngx_http_graphql_ctx_t *ctx,
    ngx_uint_t status, size_t len);
static ngx_int_t ngx_http_graphql_add_header(ngx_http_request_t *r,
    ngx_uint_t status);
static ngx_int_t ngx_http_graphql_send(ngx_http_graphql_ctx_t *ctx,
    base_str_t body);


static const ngx_str_t
    ngx_http_graphql_media_types[NGX_HTTP_GRAPHQL_MEDIA_COUNT] =
{
    [NGX_HTTP_GRAPHQL_JSON] = ngx_string("application/json"),
    [NGX_HTTP_GRAPHQL_RESPONSE_JSON] =
        ngx_string("application/graphql-response+json")
};


/* What a status adds to the headers. */
static const struct {
    ngx_uint_t  status;
    ngx_str_t   name;
    ngx_str_t   value;
} ngx_http_graphql_status_headers[] = {
    { 405, ngx_string("Allow"),       ngx_string("POST") },
    { 503, ngx_string("Retry-After"), ngx_string("1") },
};

#define NGX_HTTP_GRAPHQL_STATUS_HEADER_COUNT                                  \
    (sizeof(ngx_http_graphql_status_headers)                                  \
     / sizeof(ngx_http_graphql_status_headers[0]))


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
    if (ctx->plan == NULL) {
        gql_write_errors(&ctx->errors, buf);
        return ngx_http_graphql_status(&ctx->errors, ctx->media);
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
        buf->failed = true;
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

    if (status != NGX_HTTP_OK
        && ngx_http_graphql_add_header(r, status) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_send_header(r);
}


static ngx_int_t
ngx_http_graphql_add_header(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_uint_t        i;
    ngx_table_elt_t  *header;

    for (i = 0; i < NGX_HTTP_GRAPHQL_STATUS_HEADER_COUNT; i++) {

        if (ngx_http_graphql_status_headers[i].status != status) {
            continue;
        }

        header = ngx_list_push(&r->headers_out.headers);
        if (header == NULL) {
            return NGX_ERROR;
        }

        header->hash = 1;
        header->key = ngx_http_graphql_status_headers[i].name;
        header->value = ngx_http_graphql_status_headers[i].value;
        header->lowcase_key = NULL;
#if (nginx_version >= 1023000)
        header->next = NULL;
#endif
    }

    return NGX_OK;
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
