/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Parsed and valid documents.  Clients send the same few documents over and
 * over, with other variables, so each process keeps those it saw last, bounded
 * in bytes and in number.
 *
 * A document is valid for the schema and limits of one location, so that is
 * part of its key.  It is counted: the cache holds a reference, and so does
 * each request that uses it.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


#define NGX_HTTP_GRAPHQL_DOCUMENT_BLOCK_BYTES  4096
#define NGX_HTTP_GRAPHQL_DOCUMENT_BYTES_MAX    (32 * 1024 * 1024)

/* No document may drive out more than this part of the others. */
#define NGX_HTTP_GRAPHQL_CACHE_SHARE           8


struct ngx_http_graphql_document_s {
    ngx_queue_t                         queue;      /* of the cache */
    ngx_http_graphql_document_t        *next;       /* of the bucket */
    const ngx_http_graphql_loc_conf_t  *conf;
    gql_document_t                     *parsed;
    base_str_t                          query;      /* in arena */
    base_arena_t                        arena;
    size_t                              bytes;
    uint32_t                            hash;
    ngx_uint_t                          refs;
};


struct ngx_http_graphql_cache_s {
    ngx_http_graphql_document_t       **buckets;
    ngx_uint_t                          mask;
    ngx_queue_t                         queue;      /* latest used first */
    size_t                              bytes;
    size_t                              bytes_max;
    ngx_uint_t                          entries;
    ngx_uint_t                          entries_max;
};


static ngx_http_graphql_document_t *ngx_http_graphql_cache_latest(
    ngx_http_graphql_cache_t *cache, const ngx_http_graphql_loc_conf_t *conf,
    base_str_t query);
static ngx_http_graphql_document_t *ngx_http_graphql_cache_find(
    ngx_http_graphql_cache_t *cache, const ngx_http_graphql_loc_conf_t *conf,
    base_str_t query, uint32_t hash);
static void ngx_http_graphql_cache_add(ngx_http_graphql_cache_t *cache,
    ngx_http_graphql_document_t *document);
static void ngx_http_graphql_cache_drop(ngx_http_graphql_cache_t *cache,
    ngx_http_graphql_document_t *document);
static ngx_http_graphql_document_t *ngx_http_graphql_document_new(
    ngx_http_graphql_ctx_t *ctx, base_str_t query);
static ngx_int_t ngx_http_graphql_document_read(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_document_t *document);
static void ngx_http_graphql_document_warn(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_document_t *document);


ngx_int_t
ngx_http_graphql_document_take(ngx_http_graphql_ctx_t *ctx, base_str_t query)
{
    uint32_t                      hash;
    ngx_http_graphql_cache_t     *cache = ctx->process->cache;
    ngx_http_graphql_document_t  *document;

    hash = 0;

    if (cache != NULL) {
        document = ngx_http_graphql_cache_latest(cache, ctx->conf, query);

        if (document == NULL) {
            hash = ngx_murmur_hash2((u_char *) query.data, query.len);
            document = ngx_http_graphql_cache_find(cache, ctx->conf, query,
                                                   hash);
        }

        if (document != NULL) {
            document->refs++;
            ctx->document = document;
            ctx->parsed = document->parsed;
            ctx->cache = NGX_HTTP_GRAPHQL_CACHE_HIT;
            ctx->process->found[NGX_HTTP_GRAPHQL_CACHE_HIT]++;
            return NGX_OK;
        }
    }

    ctx->cache = NGX_HTTP_GRAPHQL_CACHE_MISS;
    ctx->process->found[NGX_HTTP_GRAPHQL_CACHE_MISS]++;

    document = ngx_http_graphql_document_new(ctx, query);
    if (document == NULL) {
        (void) gql_errors_add(&ctx->errors, GQL_CODE_INTERNAL,
                              BASE_STR("out of memory"));
        return NGX_ERROR;
    }

    /* errors may point into it, so the request keeps an invalid one too */
    ctx->document = document;

    if (ngx_http_graphql_document_read(ctx, document) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->parsed = document->parsed;

    if (cache != NULL) {
        document->hash = hash;
        ngx_http_graphql_cache_add(cache, document);
    }

    return NGX_OK;
}


void
ngx_http_graphql_document_give(ngx_http_graphql_document_t *document)
{
    if (--document->refs == 0) {
        base_arena_deinit(&document->arena);
        ngx_free(document);
    }
}


static ngx_http_graphql_document_t *
ngx_http_graphql_document_new(ngx_http_graphql_ctx_t *ctx, base_str_t query)
{
    ngx_http_graphql_document_t  *document;

    document = ngx_calloc(sizeof(ngx_http_graphql_document_t), ngx_cycle->log);
    if (document == NULL) {
        return NULL;
    }

    document->conf = ctx->conf;
    document->refs = 1;

    base_arena_init(&document->arena, NGX_HTTP_GRAPHQL_DOCUMENT_BLOCK_BYTES,
                    NGX_HTTP_GRAPHQL_DOCUMENT_BYTES_MAX);

    if (!base_arena_str(&document->arena, query, &document->query)) {
        ngx_http_graphql_document_give(document);
        return NULL;
    }

    return document;
}


static ngx_int_t
ngx_http_graphql_document_read(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_document_t *document)
{
    gql_validate_options_t  options;

    document->parsed = gql_document_parse(&document->arena, document->query,
                                          &ctx->conf->limits, &ctx->errors);
    if (document->parsed == NULL) {
        return NGX_ERROR;
    }

    options.limits = &ctx->conf->limits;
    options.suggest = ctx->conf->suggestions;
    options.introspection = ctx->conf->introspection;

    if (!gql_validate(ctx->conf->schema, document->parsed, &options,
                      &ctx->errors))
    {
        return NGX_ERROR;
    }

    ngx_http_graphql_document_warn(ctx, document);

    document->bytes = sizeof(ngx_http_graphql_document_t)
                      + document->arena.used_bytes;
    return NGX_OK;
}


/* Once for a document, not for each request with it. */
static void
ngx_http_graphql_document_warn(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_document_t *document)
{
    gql_error_t   *error;
    gql_errors_t   errors;

    gql_errors_init(&errors, ctx->arena);

    if (gql_limits_check(document->parsed, &ctx->conf->warnings, &errors)) {
        return;
    }

    for (error = errors.first; error != NULL; error = error->next) {
        ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                      "graphql document beyond a limit that only warns: %*s",
                      error->message.len, error->message.data);
    }
}


ngx_http_graphql_cache_t *
ngx_http_graphql_cache_new(size_t bytes, ngx_uint_t entries)
{
    ngx_uint_t                 n;
    ngx_http_graphql_cache_t  *cache;

    cache = ngx_calloc(sizeof(ngx_http_graphql_cache_t), ngx_cycle->log);
    if (cache == NULL) {
        return NULL;
    }

    for (n = 1; n < entries; n *= 2) { /* void */ }

    cache->buckets = ngx_calloc(n * sizeof(ngx_http_graphql_document_t *),
                                ngx_cycle->log);
    if (cache->buckets == NULL) {
        ngx_free(cache);
        return NULL;
    }

    ngx_queue_init(&cache->queue);
    cache->mask = n - 1;
    cache->bytes_max = bytes;
    cache->entries_max = entries;

    return cache;
}


void
ngx_http_graphql_cache_free(ngx_http_graphql_cache_t *cache)
{
    ngx_queue_t  *q;

    if (cache == NULL) {
        return;
    }

    while (!ngx_queue_empty(&cache->queue)) {
        q = ngx_queue_head(&cache->queue);
        ngx_http_graphql_cache_drop(cache,
            ngx_queue_data(q, ngx_http_graphql_document_t, queue));
    }

    ngx_free(cache->buckets);
    ngx_free(cache);
}


/* The document that was used last, if it is the one: no hash is needed. */
static ngx_http_graphql_document_t *
ngx_http_graphql_cache_latest(ngx_http_graphql_cache_t *cache,
    const ngx_http_graphql_loc_conf_t *conf, base_str_t query)
{
    ngx_http_graphql_document_t  *document;

    if (ngx_queue_empty(&cache->queue)) {
        return NULL;
    }

    document = ngx_queue_data(ngx_queue_head(&cache->queue),
                              ngx_http_graphql_document_t, queue);

    return document->conf == conf && base_str_eq(document->query, query)
           ? document : NULL;
}


static ngx_http_graphql_document_t *
ngx_http_graphql_cache_find(ngx_http_graphql_cache_t *cache,
    const ngx_http_graphql_loc_conf_t *conf, base_str_t query, uint32_t hash)
{
    ngx_http_graphql_document_t  *document;

    for (document = cache->buckets[hash & cache->mask];
         document != NULL;
         document = document->next)
    {
        if (document->hash == hash && document->conf == conf
            && base_str_eq(document->query, query))
        {
            ngx_queue_remove(&document->queue);
            ngx_queue_insert_head(&cache->queue, &document->queue);
            return document;
        }
    }

    return NULL;
}


static void
ngx_http_graphql_cache_add(ngx_http_graphql_cache_t *cache,
    ngx_http_graphql_document_t *document)
{
    ngx_queue_t                   *q;
    ngx_http_graphql_document_t  **bucket;

    if (document->bytes > cache->bytes_max / NGX_HTTP_GRAPHQL_CACHE_SHARE) {
        return;
    }

    while (cache->entries == cache->entries_max
           || cache->bytes + document->bytes > cache->bytes_max)
    {
        q = ngx_queue_last(&cache->queue);
        ngx_http_graphql_cache_drop(cache,
            ngx_queue_data(q, ngx_http_graphql_document_t, queue));
    }

    bucket = &cache->buckets[document->hash & cache->mask];
    document->next = *bucket;
    *bucket = document;

    ngx_queue_insert_head(&cache->queue, &document->queue);

    document->refs++;
    cache->bytes += document->bytes;
    cache->entries++;
}


static void
ngx_http_graphql_cache_drop(ngx_http_graphql_cache_t *cache,
    ngx_http_graphql_document_t *document)
{
    ngx_http_graphql_document_t  **link;

    link = &cache->buckets[document->hash & cache->mask];

    while (*link != document) {
        link = &(*link)->next;
    }

    *link = document->next;
    ngx_queue_remove(&document->queue);

    cache->bytes -= document->bytes;
    cache->entries--;

    ngx_http_graphql_document_give(document);
}
