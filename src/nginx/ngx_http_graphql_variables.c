/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Variables, for log_format above all:
 *
 *     log_format  graphql  '$remote_addr $status $graphql_orders_operation '
 *                          '$graphql_orders_code $graphql_orders_id';
 *
 * What a request does not have (yet) is "-" in a log.  No value has a quote, a
 * space or a line's end in it, whatever the client sent.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


/* Empty: there is none. */
typedef base_str_t (*ngx_http_graphql_variable_pt)(
    const ngx_http_graphql_ctx_t *ctx);

typedef struct {
    ngx_str_t                     name;
    ngx_http_graphql_variable_pt  handler;
} ngx_http_graphql_variable_t;


static ngx_int_t ngx_http_graphql_get_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_graphql_get_count(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static base_str_t ngx_http_graphql_operation_name(
    const ngx_http_graphql_ctx_t *ctx);
static base_str_t ngx_http_graphql_operation_type(
    const ngx_http_graphql_ctx_t *ctx);
static base_str_t ngx_http_graphql_code(const ngx_http_graphql_ctx_t *ctx);
static base_str_t ngx_http_graphql_cache(const ngx_http_graphql_ctx_t *ctx);
static base_str_t ngx_http_graphql_id(const ngx_http_graphql_ctx_t *ctx);
static base_str_t ngx_http_graphql_outcome(const ngx_http_graphql_ctx_t *ctx);


static const ngx_http_graphql_variable_t  ngx_http_graphql_variables[] = {

    { ngx_string("graphql_orders_operation"),
      ngx_http_graphql_operation_name },

    { ngx_string("graphql_orders_operation_type"),
      ngx_http_graphql_operation_type },

    { ngx_string("graphql_orders_code"),
      ngx_http_graphql_code },

    { ngx_string("graphql_orders_cache"),
      ngx_http_graphql_cache },

    { ngx_string("graphql_orders_id"),
      ngx_http_graphql_id },

    { ngx_string("graphql_orders_callback_outcome"),
      ngx_http_graphql_outcome },
};

#define NGX_HTTP_GRAPHQL_VARIABLE_COUNT                                       \
    (sizeof(ngx_http_graphql_variables)                                       \
     / sizeof(ngx_http_graphql_variables[0]))


/* Counts of this process, by how a document was found. */
static const struct {
    ngx_str_t                     name;
    ngx_http_graphql_found_t      found;
} ngx_http_graphql_counts[] = {
    { ngx_string("graphql_orders_cache_hits"), NGX_HTTP_GRAPHQL_CACHE_HIT },
    { ngx_string("graphql_orders_cache_misses"), NGX_HTTP_GRAPHQL_CACHE_MISS },
};

#define NGX_HTTP_GRAPHQL_COUNT_COUNT                                          \
    (sizeof(ngx_http_graphql_counts) / sizeof(ngx_http_graphql_counts[0]))


static const base_str_t  ngx_http_graphql_found_names[] = {
    [NGX_HTTP_GRAPHQL_CACHE_NONE] = BASE_STR_INIT(""),
    [NGX_HTTP_GRAPHQL_CACHE_HIT] = BASE_STR_INIT("HIT"),
    [NGX_HTTP_GRAPHQL_CACHE_MISS] = BASE_STR_INIT("MISS"),
    [NGX_HTTP_GRAPHQL_CACHE_TRUSTED] = BASE_STR_INIT("TRUSTED")
};

static const base_str_t  ngx_http_graphql_type_names[] = {
    [GQL_QUERY] = BASE_STR_INIT("query"),
    [GQL_MUTATION] = BASE_STR_INIT("mutation"),
    [GQL_SUBSCRIPTION] = BASE_STR_INIT("subscription")
};


ngx_int_t
ngx_http_graphql_add_variables(ngx_conf_t *cf)
{
    ngx_str_t             name;
    ngx_uint_t            i;
    ngx_http_variable_t  *v;

    for (i = 0; i < NGX_HTTP_GRAPHQL_VARIABLE_COUNT; i++) {
        name = ngx_http_graphql_variables[i].name;

        v = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
        if (v == NULL) {
            return NGX_ERROR;
        }

        v->get_handler = ngx_http_graphql_get_variable;
        v->data = i;
    }

    for (i = 0; i < NGX_HTTP_GRAPHQL_COUNT_COUNT; i++) {
        name = ngx_http_graphql_counts[i].name;

        v = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
        if (v == NULL) {
            return NGX_ERROR;
        }

        v->get_handler = ngx_http_graphql_get_count;
        v->data = ngx_http_graphql_counts[i].found;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_get_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    base_str_t               value;
    ngx_http_graphql_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_graphql_orders_module);

    value = ctx == NULL ? base_str(NULL, 0)
                        : ngx_http_graphql_variables[data].handler(ctx);

    if (value.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = (u_char *) value.data;
    v->len = value.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_get_count(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_graphql_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_graphql_orders_module);

    if (mcf->process == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = ngx_pnalloc(r->pool, NGX_ATOMIC_T_LEN);
    if (v->data == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_sprintf(v->data, "%ui", mcf->process->found[data]) - v->data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static base_str_t
ngx_http_graphql_operation_name(const ngx_http_graphql_ctx_t *ctx)
{
    return ctx->operation == NULL ? base_str(NULL, 0)
                                  : gql_operation_name(ctx->operation);
}


static base_str_t
ngx_http_graphql_operation_type(const ngx_http_graphql_ctx_t *ctx)
{
    return ctx->operation == NULL
           ? base_str(NULL, 0)
           : ngx_http_graphql_type_names[gql_operation_kind(ctx->operation)];
}


static base_str_t
ngx_http_graphql_code(const ngx_http_graphql_ctx_t *ctx)
{
    return ctx->errors.first == NULL ? base_str(NULL, 0)
                                     : ctx->errors.first->code;
}


static base_str_t
ngx_http_graphql_cache(const ngx_http_graphql_ctx_t *ctx)
{
    return ngx_http_graphql_found_names[ctx->cache];
}


static base_str_t
ngx_http_graphql_id(const ngx_http_graphql_ctx_t *ctx)
{
    return ctx->posted;
}


static base_str_t
ngx_http_graphql_outcome(const ngx_http_graphql_ctx_t *ctx)
{
    return ctx->errors.first == NULL ? ctx->outcome : base_str(NULL, 0);
}
