/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A query in the arguments of a GET request (GraphQL over HTTP: GET):
 *
 *     /graphql?query={orders{id}}&variables={"a":1}&operationName=b
 *
 * each of them percent-encoded, "+" being a space.
 *
 * Any web page may make a browser send such a request with the user's cookies.
 * So it has to carry a header that a page cannot add without asking first
 * (Fetch: CORS-preflight); its name is that of other GraphQL servers.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/utf8.h"

#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


typedef struct {
    base_str_t   name;
    size_t       offset;                /* in ngx_http_graphql_arguments_t */
} ngx_http_graphql_argument_t;


/* data NULL: not there */
typedef struct {
    base_str_t   query;
    base_str_t   document_id;
    base_str_t   operation_name;
    base_str_t   variables;
    base_str_t   extensions;
} ngx_http_graphql_arguments_t;


static const ngx_http_graphql_argument_t  ngx_http_graphql_arguments[] = {

    { BASE_STR_INIT("query"),
      offsetof(ngx_http_graphql_arguments_t, query) },

    { BASE_STR_INIT("documentId"),
      offsetof(ngx_http_graphql_arguments_t, document_id) },

    { BASE_STR_INIT("operationName"),
      offsetof(ngx_http_graphql_arguments_t, operation_name) },

    { BASE_STR_INIT("variables"),
      offsetof(ngx_http_graphql_arguments_t, variables) },

    { BASE_STR_INIT("extensions"),
      offsetof(ngx_http_graphql_arguments_t, extensions) },
};

#define NGX_HTTP_GRAPHQL_ARGUMENT_COUNT                                       \
    (sizeof(ngx_http_graphql_arguments)                                       \
     / sizeof(ngx_http_graphql_arguments[0]))


static const ngx_str_t  ngx_http_graphql_preflight_headers[] = {
    ngx_string("graphql-require-preflight"),
    ngx_string("apollo-require-preflight"),
    ngx_string("x-apollo-operation-name")
};

#define NGX_HTTP_GRAPHQL_PREFLIGHT_COUNT                                      \
    (sizeof(ngx_http_graphql_preflight_headers)                               \
     / sizeof(ngx_http_graphql_preflight_headers[0]))


static ngx_int_t ngx_http_graphql_split(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_arguments_t *arguments);
static ngx_int_t ngx_http_graphql_take(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_arguments_t *arguments, base_str_t name,
    base_str_t value);
static ngx_int_t ngx_http_graphql_decode(base_arena_t *arena,
    base_str_t text, base_str_t *decoded);
static ngx_int_t ngx_http_graphql_argument_object(ngx_http_graphql_ctx_t *ctx,
    base_str_t text, const char *name, const base_json_t **object);


ngx_flag_t
ngx_http_graphql_preflighted(ngx_http_request_t *r)
{
    ngx_uint_t        i, n;
    const ngx_str_t  *name;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            for (n = 0; n < NGX_HTTP_GRAPHQL_PREFLIGHT_COUNT; n++) {
                name = &ngx_http_graphql_preflight_headers[n];

                if (header[i].key.len == name->len
                    && ngx_memcmp(header[i].lowcase_key, name->data,
                                  name->len)
                       == 0
                    && header[i].value.len > 0)
                {
                    return 1;
                }
            }
        }
    }

    return 0;
}


ngx_int_t
ngx_http_graphql_get_params(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params)
{
    const base_json_t             *extensions;
    ngx_http_graphql_arguments_t   arguments;

    ngx_memzero(&arguments, sizeof(ngx_http_graphql_arguments_t));

    if (ngx_http_graphql_split(ctx, &arguments) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(params, sizeof(ngx_http_graphql_params_t));

    if (!base_utf8_valid(arguments.operation_name, NULL)
        || !base_utf8_valid(arguments.document_id, NULL))
    {
        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                              BASE_STR("the arguments are not UTF-8"));
        return NGX_ERROR;
    }

    params->query = arguments.query;
    params->document_id = arguments.document_id;
    params->operation_name = arguments.operation_name;
    params->variables_max = arguments.variables.len;

    if (ngx_http_graphql_argument_object(ctx, arguments.variables,
                                         "variables", &params->variables)
        != NGX_OK
        || ngx_http_graphql_argument_object(ctx, arguments.extensions,
                                            "extensions", &extensions)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_graphql_persisted_params(ctx, params, extensions);
}


static ngx_int_t
ngx_http_graphql_split(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_arguments_t *arguments)
{
    u_char     *p, *last, *end, *equals;
    ngx_str_t  *args = &ctx->request->args;

    last = args->data + args->len;

    for (p = args->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, '&');
        if (end == NULL) {
            end = last;
        }

        equals = ngx_strlchr(p, end, '=');
        if (equals == NULL) {
            continue;
        }

        if (ngx_http_graphql_take(ctx, arguments,
                                  base_str((char *) p, equals - p),
                                  base_str((char *) equals + 1,
                                           end - equals - 1))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_take(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_arguments_t *arguments, base_str_t name, base_str_t value)
{
    ngx_uint_t   i;
    base_str_t  *place;

    for (i = 0; i < NGX_HTTP_GRAPHQL_ARGUMENT_COUNT; i++) {
        if (base_str_eq(ngx_http_graphql_arguments[i].name, name)) {
            goto found;
        }
    }

    return NGX_OK;                      /* not ours */

found:

    place = (base_str_t *) ((u_char *) arguments
                            + ngx_http_graphql_arguments[i].offset);

    if (place->data != NULL) {
        (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                               "\"%.*s\" is there twice", BASE_STR_ARG(name));
        return NGX_ERROR;
    }

    if (ngx_http_graphql_decode(ctx->arena, value, place) != NGX_OK) {
        (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                               "\"%.*s\" is not percent-encoded as it must be",
                               BASE_STR_ARG(name));
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_decode(base_arena_t *arena, base_str_t text,
    base_str_t *decoded)
{
    char       *out;
    size_t      i, len;
    ngx_int_t   byte;

    out = base_arena_alloc(arena, text.len + 1);
    if (out == NULL) {
        return NGX_ERROR;
    }

    len = 0;

    for (i = 0; i < text.len; i++) {

        if (text.data[i] == '+') {
            out[len++] = ' ';
            continue;
        }

        if (text.data[i] != '%') {
            out[len++] = text.data[i];
            continue;
        }

        if (text.len - i < 3) {
            return NGX_ERROR;
        }

        byte = ngx_hextoi((u_char *) &text.data[i + 1], 2);
        if (byte == NGX_ERROR) {
            return NGX_ERROR;
        }

        out[len++] = (char) byte;
        i += 2;
    }

    *decoded = base_str(out, len);

    return NGX_OK;
}


/* An argument that is an object in JSON; empty and null stand for none. */
static ngx_int_t
ngx_http_graphql_argument_object(ngx_http_graphql_ctx_t *ctx, base_str_t text,
    const char *name, const base_json_t **object)
{
    base_json_t        *json;
    base_json_error_t   error;

    *object = NULL;

    if (text.len == 0) {
        return NGX_OK;
    }

    json = base_json_parse(ctx->arena, text, NULL, &error);

    if (json == NULL) {
        (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                               "\"%s\" is not good JSON: %s (byte %zu)", name,
                               error.reason, error.offset);
        return NGX_ERROR;
    }

    switch (json->type) {

    case BASE_JSON_OBJECT:
        *object = json;
        return NGX_OK;

    case BASE_JSON_NULL:
        return NGX_OK;

    default:
        (void) gql_errors_addf(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                               "\"%s\" must be an object or null", name);
        return NGX_ERROR;
    }
}
