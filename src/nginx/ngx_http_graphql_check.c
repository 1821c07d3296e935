/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What can be said of a request before its body is read: its method, its media
 * types, its size and its user; and, once it is known, of its operation.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/utf8.h"

#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


static ngx_int_t ngx_http_graphql_check_method(ngx_http_graphql_ctx_t *ctx);
static ngx_int_t ngx_http_graphql_user(ngx_http_graphql_ctx_t *ctx);
static ngx_int_t ngx_http_graphql_refuse(ngx_http_graphql_ctx_t *ctx,
    base_str_t code, base_str_t message);
static size_t ngx_http_graphql_or_none(uint32_t limit);
static base_json_t *ngx_http_graphql_limit_extensions(base_arena_t *arena,
    size_t max);


ngx_int_t
ngx_http_graphql_check(ngx_http_graphql_ctx_t *ctx)
{
    ngx_http_request_t        *r = ctx->request;
    ngx_http_graphql_terms_t   terms;

    ngx_http_graphql_negotiate(r, &terms);
    ctx->media = terms.media;

    if (ngx_http_graphql_check_method(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!terms.accepts) {
        return ngx_http_graphql_refuse(ctx, NGX_HTTP_GRAPHQL_NOT_ACCEPTABLE,
            BASE_STR("the response is application/graphql-response+json or "
                     "application/json, and Accept names neither"));
    }

    if (r->method == NGX_HTTP_POST && (!terms.json || terms.encoded)) {
        return ngx_http_graphql_refuse(ctx, NGX_HTTP_GRAPHQL_MEDIA_TYPE,
            BASE_STR("the body must be application/json in UTF-8, "
                     "without a Content-Encoding"));
    }

    if (ngx_http_graphql_check_length(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_graphql_user(ctx);
}


ngx_int_t
ngx_http_graphql_check_length(ngx_http_graphql_ctx_t *ctx)
{
    if (ctx->request->headers_in.content_length_n
        > (off_t) ctx->conf->max_body)
    {
        (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_TOO_LARGE,
                               "the request's body has more than %zu bytes",
                               ctx->conf->max_body);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_check_method(ngx_http_graphql_ctx_t *ctx)
{
    ngx_http_request_t  *r = ctx->request;

    if (r->method == NGX_HTTP_POST) {
        return NGX_OK;
    }

    if (!ctx->conf->get || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_graphql_refuse(ctx, NGX_HTTP_GRAPHQL_METHOD,
            BASE_STR("send the GraphQL request with POST"));
    }

    if (!ngx_http_graphql_preflighted(r)) {
        return ngx_http_graphql_refuse(ctx, NGX_HTTP_GRAPHQL_BAD_REQUEST,
            BASE_STR("a GET request must have the header "
                     "GraphQL-Require-Preflight"));
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_graphql_check_operation(ngx_http_graphql_ctx_t *ctx,
    const gql_operation_t *operation)
{
    if (ctx->request->method == NGX_HTTP_POST
        || gql_operation_kind(operation) == GQL_QUERY)
    {
        return NGX_OK;
    }

    return ngx_http_graphql_refuse(ctx, NGX_HTTP_GRAPHQL_METHOD,
                                   BASE_STR("send a mutation with POST"));
}


static ngx_int_t
ngx_http_graphql_user(ngx_http_graphql_ctx_t *ctx)
{
    ngx_str_t                     value;
    ngx_http_graphql_loc_conf_t  *conf = ctx->conf;

    if (conf->user == NULL) {
        ctx->user = base_str((char *) conf->default_user.data,
                             conf->default_user.len);
        return NGX_OK;
    }

    if (ngx_http_complex_value(ctx->request, conf->user, &value) != NGX_OK) {
        return ngx_http_graphql_refuse(ctx, GQL_CODE_INTERNAL,
                                       BASE_STR("out of memory"));
    }

    ctx->user = base_str((char *) value.data, value.len);

    if (value.len == 0) {
        return ngx_http_graphql_refuse(ctx, NGX_HTTP_GRAPHQL_UNAUTHENTICATED,
                                       BASE_STR("log in first"));
    }

    if (value.len > ORDERS_USER_BYTES_MAX
        || !base_utf8_valid(ctx->user, NULL))
    {
        return ngx_http_graphql_refuse(ctx, NGX_HTTP_GRAPHQL_UNAUTHENTICATED,
            BASE_STR("the user's name is too long or not UTF-8"));
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_refuse(ngx_http_graphql_ctx_t *ctx, base_str_t code,
    base_str_t message)
{
    (void) gql_errors_add(&ctx->errors, code, message);

    return NGX_ERROR;
}


/* They are measured only where they may be too large. */
ngx_int_t
ngx_http_graphql_check_variables(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_params_t *params)
{
    size_t        max, warning;
    base_buf_t    buf;
    gql_error_t  *error;

    max = ngx_http_graphql_or_none(ctx->conf->limits.variables_bytes);
    warning = ngx_http_graphql_or_none(ctx->conf->warnings.variables_bytes);

    if (params->variables == NULL
        || params->variables_max <= ngx_min(max, warning))
    {
        return NGX_OK;
    }

    base_buf_init(&buf, ctx->arena, SIZE_MAX);
    base_json_write(&buf, params->variables);

    if (buf.failed) {
        return ngx_http_graphql_refuse(ctx, GQL_CODE_INTERNAL,
                                       BASE_STR("out of memory"));
    }

    if (buf.len > warning) {
        ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                      "graphql limit variables_bytes of %uz is exceeded by "
                      "%uz bytes of variables", warning, buf.len);
    }

    if (buf.len <= max) {
        return NGX_OK;
    }

    error = gql_errors_addf(&ctx->errors, GQL_CODE_LIMIT,
                            "The limit of %zu is exceeded: bytes of "
                            "variables.", max);

    if (error != NULL) {
        error->extensions = ngx_http_graphql_limit_extensions(ctx->arena, max);
    }

    return NGX_ERROR;
}


/* Lists are met when they are coerced, where a limit refuses them. */
void
ngx_http_graphql_warn_lists(ngx_http_graphql_ctx_t *ctx)
{
    size_t  warning;

    warning = ngx_http_graphql_or_none(ctx->conf->warnings.list_items);

    if (ctx->plan->list_items > warning) {
        ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                      "graphql limit list_items of %uz is exceeded by a list "
                      "of %uD items", warning, ctx->plan->list_items);
    }
}


static size_t
ngx_http_graphql_or_none(uint32_t limit)
{
    return limit == 0 ? SIZE_MAX : limit;
}


/* As the engine's: {"limit":"variables_bytes","max":...}; NULL for want of
 * memory. */
static base_json_t *
ngx_http_graphql_limit_extensions(base_arena_t *arena, size_t max)
{
    base_json_t  *object, *name, *number;

    object = base_json_object(arena);
    name = base_json_string(arena, BASE_STR("variables_bytes"));
    number = base_json_int(arena, (int64_t) max);

    if (object == NULL || name == NULL || number == NULL) {
        return NULL;
    }

    base_json_add(object, BASE_STR("limit"), name);
    base_json_add(object, BASE_STR("max"), number);

    return object;
}
