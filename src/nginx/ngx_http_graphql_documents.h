/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Documents that the operator trusts, and how requests name them.
 */

#ifndef _NGX_HTTP_GRAPHQL_DOCUMENTS_H_INCLUDED_
#define _NGX_HTTP_GRAPHQL_DOCUMENTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


/* ngx_http_graphql_file.c */

/* The text, in arena, of a file of at most max bytes; its name is absolute.
 * NGX_ERROR after the reason has been logged. */
ngx_int_t ngx_http_graphql_read_file(ngx_conf_t *cf, base_arena_t *arena,
    const ngx_str_t *name, size_t max, base_str_t *text);

/* Logs all that is wrong with a source: name, line, column, reason. */
void ngx_http_graphql_log_errors(ngx_conf_t *cf, base_str_t name,
    const gql_errors_t *errors);


/* ngx_http_graphql_trusted.c */

/* The documents of conf->documents, loaded once in a cycle for locations that
 * have the same schema and limits.  NULL after all that is wrong has been
 * logged. */
ngx_http_graphql_trusted_t *ngx_http_graphql_trusted(ngx_conf_t *cf,
    const ngx_http_graphql_loc_conf_t *conf);

/* By id or hash; NULL: there is none. */
const gql_document_t *ngx_http_graphql_trusted_find(
    const ngx_http_graphql_trusted_t *set, base_str_t name);


/* ngx_http_graphql_persisted.c */

/* Completes params, which have query and document_id, with the persisted-query
 * extension (extensions may be NULL); there must be one document in all. */
ngx_int_t ngx_http_graphql_persisted_params(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params, const base_json_t *extensions);

/* Sets ctx->parsed to the valid document that params mean; NGX_ERROR with
 * errors in ctx->errors. */
ngx_int_t ngx_http_graphql_find_document(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_params_t *params);


#endif /* _NGX_HTTP_GRAPHQL_DOCUMENTS_H_INCLUDED_ */
