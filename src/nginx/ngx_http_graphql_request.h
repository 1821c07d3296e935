/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A request from its headers to its answer.
 */

#ifndef _NGX_HTTP_GRAPHQL_REQUEST_H_INCLUDED_
#define _NGX_HTTP_GRAPHQL_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


/* What the headers say of both bodies (HTTP Semantics: Content-Type,
 * Content-Encoding, Accept). */
typedef struct {
    ngx_http_graphql_media_t      media;    /* of the response */
    unsigned                      accepts:1;    /* the client takes it */
    unsigned                      json:1;   /* application/json in UTF-8 */
    unsigned                      some_json:1;  /* it, or any with +json */
    unsigned                      encoded:1;    /* compressed, say */
} ngx_http_graphql_terms_t;


typedef struct {
    base_str_t                    query;    /* data NULL: none */
    base_str_t                    document_id;  /* the same */
    base_str_t                    document_hash;    /* the same */
    base_str_t                    operation_name;   /* empty: none */
    const base_json_t            *variables;        /* NULL: none */
    size_t                        variables_max;    /* bytes, at most */
} ngx_http_graphql_params_t;


/*
 * What one kind of request does otherwise than another.
 *
 * check        all that can be said before there is a body; NGX_ERROR with an
 *              error in ctx->errors
 * begin, run   with the body, and after each answer of Redis: both return
 *              NGX_DONE while ctx->waiting is not 0, else what is for
 *              ngx_http_finalize_request()
 * unknown      for the client: nobody knows whether it was written
 * unconfirmed  and nobody knows whether it is durable
 */
struct ngx_http_graphql_way_s {
    ngx_int_t                   (*check)(ngx_http_graphql_ctx_t *ctx);
    ngx_int_t                   (*begin)(ngx_http_graphql_ctx_t *ctx);
    ngx_int_t                   (*run)(ngx_http_graphql_ctx_t *ctx);
    base_str_t                    unknown;
    base_str_t                    unconfirmed;
};


/* ngx_http_graphql_request.c */

/* A content handler for requests of one kind. */
ngx_int_t ngx_http_graphql_serve(ngx_http_request_t *r,
    const ngx_http_graphql_way_t *way);


/* ngx_http_graphql_negotiate.c */

void ngx_http_graphql_negotiate(ngx_http_request_t *r,
    ngx_http_graphql_terms_t *terms);

/* The value of a header.  NGX_DECLINED, with data NULL, if there is none,
 * NGX_ERROR if there are two. */
ngx_int_t ngx_http_graphql_find_header(ngx_http_request_t *r, base_str_t name,
    base_str_t *value);


/* ngx_http_graphql_check.c */

/* All that can be said before there is a body; NGX_ERROR with an error in
 * ctx->errors. */
ngx_int_t ngx_http_graphql_check(ngx_http_graphql_ctx_t *ctx);

/* The same of the announced length of the body alone. */
ngx_int_t ngx_http_graphql_check_length(ngx_http_graphql_ctx_t *ctx);

/* The same of the operation: a GET request may only query. */
ngx_int_t ngx_http_graphql_check_operation(ngx_http_graphql_ctx_t *ctx,
    const gql_operation_t *operation);

/* The same of the size of variables. */
ngx_int_t ngx_http_graphql_check_variables(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_params_t *params);

/* Of a request with a plan: a limit of list items that only warns. */
void ngx_http_graphql_warn_lists(ngx_http_graphql_ctx_t *ctx);


/* ngx_http_graphql_body.c, ngx_http_graphql_get.c */

/* The body in one piece, of 1 to conf->max_body bytes; NGX_ERROR with an error
 * in ctx->errors. */
ngx_int_t ngx_http_graphql_body(ngx_http_graphql_ctx_t *ctx,
    base_str_t *text);

/* The same as strict JSON; NULL with an error. */
base_json_t *ngx_http_graphql_body_json(ngx_http_graphql_ctx_t *ctx,
    base_str_t text);

/* The GraphQL request in the body or in the arguments (GraphQL over HTTP:
 * Request Parameters); NGX_ERROR with an error in ctx->errors. */
ngx_int_t ngx_http_graphql_post_params(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params);
ngx_int_t ngx_http_graphql_get_params(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params);

/* True if no browser sent this without having asked. */
ngx_flag_t ngx_http_graphql_preflighted(ngx_http_request_t *r);


#endif /* _NGX_HTTP_GRAPHQL_REQUEST_H_INCLUDED_ */
