/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which document a request means.  It brings the text, or it names one that the
 * server knows (ngx_http_graphql_trusted.c):
 *
 *     {"query":"{ orders { id } }"}
 *     {"documentId":"..."}             an id, or "sha256:" and the hash
 *     {"extensions":{"persistedQuery":{"version":1,"sha256Hash":"..."}}}
 *
 * The last form is Apollo's, and so are the messages of its errors: its client
 * knows them by that, and sends the text then.  A text is never remembered for
 * others here.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/sha256.h"

#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


static ngx_int_t ngx_http_graphql_persisted_hash(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params, const base_json_t *persisted);
static ngx_int_t ngx_http_graphql_named(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_params_t *params);
static ngx_int_t ngx_http_graphql_sent(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_params_t *params);
static ngx_int_t ngx_http_graphql_trust(ngx_http_graphql_ctx_t *ctx,
    base_str_t name);
static ngx_int_t ngx_http_graphql_persisted_bad(ngx_http_graphql_ctx_t *ctx,
    base_str_t message);


ngx_int_t
ngx_http_graphql_persisted_params(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params, const base_json_t *extensions)
{
    const base_json_t  *persisted;

    persisted = base_json_get(extensions, BASE_STR("persistedQuery"));

    if (persisted != NULL && persisted->type != BASE_JSON_NULL
        && ngx_http_graphql_persisted_hash(ctx, params, persisted) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (params->document_id.data != NULL
        && (params->query.data != NULL || params->document_hash.data != NULL))
    {
        return ngx_http_graphql_persisted_bad(ctx,
            BASE_STR("with \"documentId\" there must be no other document"));
    }

    if (params->query.data == NULL && params->document_id.data == NULL
        && params->document_hash.data == NULL)
    {
        return ngx_http_graphql_persisted_bad(ctx,
            BASE_STR("\"query\" must be a string"));
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_persisted_hash(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_params_t *params, const base_json_t *persisted)
{
    int64_t             version;
    const base_json_t  *hash, *number;

    hash = base_json_get(persisted, BASE_STR("sha256Hash"));
    number = base_json_get(persisted, BASE_STR("version"));

    if (hash == NULL || hash->type != BASE_JSON_STRING
        || number == NULL || !base_json_to_int(number, &version)
        || version != 1)
    {
        return ngx_http_graphql_persisted_bad(ctx,
            BASE_STR("\"persistedQuery\" must be "
                     "{\"version\":1,\"sha256Hash\":\"...\"}"));
    }

    params->document_hash = hash->text;

    return NGX_OK;
}


ngx_int_t
ngx_http_graphql_find_document(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_params_t *params)
{
    return params->query.data == NULL ? ngx_http_graphql_named(ctx, params)
                                      : ngx_http_graphql_sent(ctx, params);
}


static ngx_int_t
ngx_http_graphql_named(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_params_t *params)
{
    base_str_t  name;

    static const base_str_t  prefix = BASE_STR_INIT("sha256:");

    if (ctx->conf->trusted == NULL) {
        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_NOT_SUPPORTED,
                              BASE_STR("PersistedQueryNotSupported"));
        return NGX_ERROR;
    }

    name = params->document_id.data == NULL ? params->document_hash
                                            : params->document_id;

    if (ngx_http_graphql_trust(ctx, name) == NGX_OK) {
        return NGX_OK;
    }

    if (base_str_starts(name, prefix)
        && ngx_http_graphql_trust(ctx, base_str(name.data + prefix.len,
                                                name.len - prefix.len))
           == NGX_OK)
    {
        return NGX_OK;
    }

    (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_NOT_FOUND,
                          BASE_STR("PersistedQueryNotFound"));
    return NGX_ERROR;
}


static ngx_int_t
ngx_http_graphql_sent(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_params_t *params)
{
    char        hex[BASE_SHA256_HEX_BYTES];
    base_str_t  hash;

    if (ctx->conf->trusted == NULL
        || (!ctx->conf->documents_only && params->document_hash.data == NULL))
    {
        return ngx_http_graphql_document_take(ctx, params->query);
    }

    base_sha256_hex(params->query, hex);
    hash = base_str(hex, BASE_SHA256_HEX_BYTES);

    if (params->document_hash.data != NULL
        && !base_str_eq(params->document_hash, hash))
    {
        return ngx_http_graphql_persisted_bad(ctx,
            BASE_STR("provided sha does not match query"));
    }

    if (ngx_http_graphql_trust(ctx, hash) == NGX_OK) {
        return NGX_OK;
    }

    if (!ctx->conf->documents_only) {
        return ngx_http_graphql_document_take(ctx, params->query);
    }

    (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_NOT_TRUSTED,
                          BASE_STR("only documents that the server knows are "
                                   "executed"));
    return NGX_ERROR;
}


/* NGX_DECLINED if there is none of that name. */
static ngx_int_t
ngx_http_graphql_trust(ngx_http_graphql_ctx_t *ctx, base_str_t name)
{
    ctx->parsed = ngx_http_graphql_trusted_find(ctx->conf->trusted, name);

    if (ctx->parsed == NULL) {
        return NGX_DECLINED;
    }

    ctx->cache = NGX_HTTP_GRAPHQL_CACHE_TRUSTED;

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_persisted_bad(ngx_http_graphql_ctx_t *ctx, base_str_t message)
{
    (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST, message);

    return NGX_ERROR;
}
