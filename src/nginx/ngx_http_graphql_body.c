/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The body of a request in one piece, and the GraphQL request in it:
 *
 *   {"query":"...","operationName":"...","variables":{...},"extensions":{...}}
 *
 * "documentId":"..." may stand in the place of the query.
 *
 * nginx leaves a body in one or several buffers or in a temporary file.  One
 * buffer is read where it is.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


#define NGX_HTTP_GRAPHQL_TYPE(type)  (1 << (type))

/* A member of the request, and the types it may have. */
typedef struct {
    base_str_t   name;
    ngx_uint_t   types;
    const char  *expected;
} ngx_http_graphql_member_t;


enum {
    NGX_HTTP_GRAPHQL_QUERY = 0,
    NGX_HTTP_GRAPHQL_DOCUMENT_ID,
    NGX_HTTP_GRAPHQL_OPERATION_NAME,
    NGX_HTTP_GRAPHQL_VARIABLES,
    NGX_HTTP_GRAPHQL_EXTENSIONS,
    NGX_HTTP_GRAPHQL_MEMBER_COUNT
};


static const ngx_http_graphql_member_t  ngx_http_graphql_members[] = {

    [NGX_HTTP_GRAPHQL_QUERY] = {
        BASE_STR_INIT("query"),
        NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_STRING),
        "a string" },

    [NGX_HTTP_GRAPHQL_DOCUMENT_ID] = {
        BASE_STR_INIT("documentId"),
        NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_STRING)
        |NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_NULL),
        "a string or null" },

    [NGX_HTTP_GRAPHQL_OPERATION_NAME] = {
        BASE_STR_INIT("operationName"),
        NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_STRING)
        |NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_NULL),
        "a string or null" },

    [NGX_HTTP_GRAPHQL_VARIABLES] = {
        BASE_STR_INIT("variables"),
        NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_OBJECT)
        |NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_NULL),
        "an object or null" },

    [NGX_HTTP_GRAPHQL_EXTENSIONS] = {
        BASE_STR_INIT("extensions"),
        NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_OBJECT)
        |NGX_HTTP_GRAPHQL_TYPE(BASE_JSON_NULL),
        "an object or null" },
};


static ngx_int_t ngx_http_graphql_params_members(ngx_http_graphql_ctx_t *ctx,
    const base_json_t *json, base_json_t **found);
static size_t ngx_http_graphql_body_length(ngx_chain_t *in);
static ngx_int_t ngx_http_graphql_body_copy(ngx_http_graphql_ctx_t *ctx,
    ngx_chain_t *in, u_char *p);
static void ngx_http_graphql_body_failed(ngx_http_graphql_ctx_t *ctx,
    const base_json_error_t *error);
static ngx_int_t ngx_http_graphql_params_type(ngx_http_graphql_ctx_t *ctx,
    const base_json_t *json);


ngx_int_t
ngx_http_graphql_post_params(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params)
{
    base_str_t    text;
    base_json_t  *json, *member, *found[NGX_HTTP_GRAPHQL_MEMBER_COUNT];

    if (ngx_http_graphql_body(ctx, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    json = ngx_http_graphql_body_json(ctx, text);
    if (json == NULL) {
        return NGX_ERROR;
    }

    if (json->type != BASE_JSON_OBJECT) {
        return ngx_http_graphql_params_type(ctx, json);
    }

    if (ngx_http_graphql_params_members(ctx, json, found) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(params, sizeof(ngx_http_graphql_params_t));
    params->variables_max = text.len;

    member = found[NGX_HTTP_GRAPHQL_QUERY];
    if (member != NULL) {
        params->query = member->text;
    }

    member = found[NGX_HTTP_GRAPHQL_DOCUMENT_ID];
    if (member != NULL && member->type == BASE_JSON_STRING) {
        params->document_id = member->text;
    }

    member = found[NGX_HTTP_GRAPHQL_OPERATION_NAME];
    if (member != NULL && member->type == BASE_JSON_STRING) {
        params->operation_name = member->text;
    }

    member = found[NGX_HTTP_GRAPHQL_VARIABLES];
    if (member != NULL && member->type == BASE_JSON_OBJECT) {
        params->variables = member;
    }

    return ngx_http_graphql_persisted_params(ctx, params,
                                          found[NGX_HTTP_GRAPHQL_EXTENSIONS]);
}


/* A member that is not there is NULL in found. */
static ngx_int_t
ngx_http_graphql_params_members(ngx_http_graphql_ctx_t *ctx,
    const base_json_t *json, base_json_t **found)
{
    ngx_uint_t                        i;
    base_json_t                      *member;
    const ngx_http_graphql_member_t  *expected;

    ngx_memzero(found, NGX_HTTP_GRAPHQL_MEMBER_COUNT * sizeof(base_json_t *));

    base_json_each(member, json) {
        for (i = 0; i < NGX_HTTP_GRAPHQL_MEMBER_COUNT; i++) {
            if (base_str_eq(member->key, ngx_http_graphql_members[i].name)) {
                found[i] = member;
                break;
            }
        }
    }

    for (i = 0; i < NGX_HTTP_GRAPHQL_MEMBER_COUNT; i++) {
        expected = &ngx_http_graphql_members[i];

        if (found[i] != NULL
            && !(expected->types & NGX_HTTP_GRAPHQL_TYPE(found[i]->type)))
        {
            (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                                   "\"%.*s\" must be %s",
                                   BASE_STR_ARG(expected->name),
                                   expected->expected);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_graphql_body(ngx_http_graphql_ctx_t *ctx, base_str_t *text)
{
    size_t               len;
    u_char              *p;
    ngx_chain_t         *in;
    ngx_http_request_t  *r = ctx->request;

    in = r->request_body == NULL ? NULL : r->request_body->bufs;
    len = ngx_http_graphql_body_length(in);

    if (len == 0 && r->err_status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {

        /* "error_page 413" brought it here, and nginx has not kept the body */

        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_TOO_LARGE,
            BASE_STR("the request's body is larger than nginx's "
                     "client_max_body_size"));
        return NGX_ERROR;
    }

    if (len == 0) {
        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                              BASE_STR("the request has no body"));
        return NGX_ERROR;
    }

    if (len > ctx->conf->max_body) {
        (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_TOO_LARGE,
                               "the request's body has more than %zu bytes",
                               ctx->conf->max_body);
        return NGX_ERROR;
    }

    if (in->next == NULL && !in->buf->in_file) {
        *text = base_str((char *) in->buf->pos, len);
        return NGX_OK;
    }

    p = base_arena_alloc(ctx->arena, len);

    if (p == NULL || ngx_http_graphql_body_copy(ctx, in, p) != NGX_OK) {
        (void) gql_errors_add(&ctx->errors, GQL_CODE_INTERNAL,
                              BASE_STR("the request's body was lost"));
        return NGX_ERROR;
    }

    *text = base_str((char *) p, len);

    return NGX_OK;
}


static size_t
ngx_http_graphql_body_length(ngx_chain_t *in)
{
    size_t  len = 0;

    for ( /* void */ ; in != NULL; in = in->next) {
        len += (size_t) ngx_buf_size(in->buf);
    }

    return len;
}


static ngx_int_t
ngx_http_graphql_body_copy(ngx_http_graphql_ctx_t *ctx, ngx_chain_t *in,
    u_char *p)
{
    size_t      size;
    ssize_t     n;
    ngx_buf_t  *b;

    for ( /* void */ ; in != NULL; in = in->next) {
        b = in->buf;
        size = (size_t) ngx_buf_size(b);

        if (size == 0) {
            continue;
        }

        if (!b->in_file) {
            p = ngx_cpymem(p, b->pos, size);
            continue;
        }

        n = ngx_read_file(b->file, p, size, b->file_pos);

        if (n != (ssize_t) size) {
            ngx_log_error(NGX_LOG_CRIT, ctx->request->connection->log, 0,
                          "only %z of %uz bytes could be read from \"%V\"", n,
                          size, &b->file->name);
            return NGX_ERROR;
        }

        p += size;
    }

    return NGX_OK;
}


base_json_t *
ngx_http_graphql_body_json(ngx_http_graphql_ctx_t *ctx, base_str_t text)
{
    base_json_t        *json;
    base_json_error_t   error;

    json = base_json_parse(ctx->arena, text, NULL, &error);
    if (json == NULL) {
        ngx_http_graphql_body_failed(ctx, &error);
    }

    return json;
}


static void
ngx_http_graphql_body_failed(ngx_http_graphql_ctx_t *ctx,
    const base_json_error_t *error)
{
    switch (error->status) {

    case BASE_JSON_NOMEM:
        (void) gql_errors_add(&ctx->errors, GQL_CODE_INTERNAL,
                              BASE_STR("out of memory"));
        break;

    case BASE_JSON_DUPLICATE:
        (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                               "the request's body has the key \"%.*s\" twice "
                               "in one object", BASE_STR_ARG(error->key));
        break;

    default:
        (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                               "the request's body is not good JSON: %s "
                               "(byte %zu)", error->reason, error->offset);
        break;
    }
}


static ngx_int_t
ngx_http_graphql_params_type(ngx_http_graphql_ctx_t *ctx,
    const base_json_t *json)
{
    base_str_t  message;

    message = json->type == BASE_JSON_ARRAY
        ? BASE_STR("batches are not supported: send one request at a time")
        : BASE_STR("the request's body must be a JSON object with \"query\"");

    (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST, message);

    return NGX_ERROR;
}
