/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Trusted documents: the operator's own, read and checked with the
 * configuration, so that a request only names one.
 *
 *     graphql_orders_documents  documents.json;    {"id":"query ...",...}
 *     graphql_orders_documents  documents/;        *.graphql
 *
 * Each is found by the SHA-256 of its text, and one of a JSON file by its id
 * there too.  They are parsed before the workers are forked, which then share
 * them, and nobody counts who uses them: they last as long as the cycle.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/sha256.h"

#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"


#define NGX_HTTP_GRAPHQL_TRUSTED_BYTES_MAX  (32 * 1024 * 1024)
#define NGX_HTTP_GRAPHQL_TRUSTED_MAX        10000

#define NGX_HTTP_GRAPHQL_TRUSTED_SUFFIX     ".graphql"


/* A document under one of its names. */
typedef struct {
    base_str_t                    name;
    base_str_t                    text;
    const gql_document_t         *parsed;
} ngx_http_graphql_entry_t;


struct ngx_http_graphql_trusted_s {
    ngx_str_t                     file;
    gql_schema_t                 *schema;
    gql_limits_t                  limits;
    ngx_flag_t                    introspection;
    base_arena_t                  arena;
    ngx_array_t                   entries;  /* sorted by name */
};


typedef struct {
    ngx_conf_t                   *cf;
    ngx_http_graphql_trusted_t   *set;
    ngx_uint_t                    bad;      /* documents with mistakes */
} ngx_http_graphql_trusted_load_t;


static ngx_http_graphql_trusted_t *ngx_http_graphql_trusted_new(
    ngx_conf_t *cf, const ngx_http_graphql_loc_conf_t *conf);
static ngx_flag_t ngx_http_graphql_trusted_same(
    const ngx_http_graphql_trusted_t *set,
    const ngx_http_graphql_loc_conf_t *conf);
static void ngx_http_graphql_trusted_cleanup(void *data);
static ngx_int_t ngx_http_graphql_trusted_load(
    ngx_http_graphql_trusted_load_t *load);
static ngx_int_t ngx_http_graphql_trusted_manifest(
    ngx_http_graphql_trusted_load_t *load, ngx_str_t *path);
static ngx_int_t ngx_http_graphql_trusted_directory(
    ngx_http_graphql_trusted_load_t *load, ngx_str_t *path);
static ngx_int_t ngx_http_graphql_trusted_file(
    ngx_http_graphql_trusted_load_t *load, ngx_str_t *path, ngx_dir_t *dir);
static ngx_int_t ngx_http_graphql_trusted_add(
    ngx_http_graphql_trusted_load_t *load, base_str_t source, base_str_t id,
    base_str_t text);
static const gql_document_t *ngx_http_graphql_trusted_parse(
    ngx_http_graphql_trusted_load_t *load, base_str_t source,
    base_str_t text);
static ngx_int_t ngx_http_graphql_trusted_entry(
    ngx_http_graphql_trusted_load_t *load, base_str_t name, base_str_t text,
    const gql_document_t *parsed);
static ngx_int_t ngx_http_graphql_trusted_sort(
    ngx_http_graphql_trusted_load_t *load);
static int ngx_libc_cdecl ngx_http_graphql_trusted_compare(const void *one,
    const void *two);


ngx_http_graphql_trusted_t *
ngx_http_graphql_trusted(ngx_conf_t *cf,
    const ngx_http_graphql_loc_conf_t *conf)
{
    ngx_uint_t                        i;
    ngx_http_graphql_trusted_t      **set, **sets;
    ngx_http_graphql_main_conf_t     *mcf;
    ngx_http_graphql_trusted_load_t   load;

    mcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_graphql_orders_module);
    sets = mcf->trusted.elts;

    for (i = 0; i < mcf->trusted.nelts; i++) {
        if (ngx_http_graphql_trusted_same(sets[i], conf)) {
            return sets[i];
        }
    }

    load.cf = cf;
    load.bad = 0;
    load.set = ngx_http_graphql_trusted_new(cf, conf);

    if (load.set == NULL || ngx_http_graphql_trusted_load(&load) != NGX_OK
        || load.bad > 0)
    {
        return NULL;
    }

    set = ngx_array_push(&mcf->trusted);
    if (set == NULL) {
        return NULL;
    }

    *set = load.set;

    return load.set;
}


const gql_document_t *
ngx_http_graphql_trusted_find(const ngx_http_graphql_trusted_t *set,
    base_str_t name)
{
    int                              order;
    ngx_uint_t                       low, high, middle;
    const ngx_http_graphql_entry_t  *entries;

    entries = set->entries.elts;
    low = 0;
    high = set->entries.nelts;

    while (low < high) {
        middle = low + (high - low) / 2;
        order = base_str_cmp(name, entries[middle].name);

        if (order == 0) {
            return entries[middle].parsed;
        }

        if (order < 0) {
            high = middle;

        } else {
            low = middle + 1;
        }
    }

    return NULL;
}


static ngx_http_graphql_trusted_t *
ngx_http_graphql_trusted_new(ngx_conf_t *cf,
    const ngx_http_graphql_loc_conf_t *conf)
{
    ngx_pool_cleanup_t          *cln;
    ngx_http_graphql_trusted_t  *set;

    set = ngx_pcalloc(cf->pool, sizeof(ngx_http_graphql_trusted_t));
    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (set == NULL || cln == NULL
        || ngx_array_init(&set->entries, cf->pool, 64,
                          sizeof(ngx_http_graphql_entry_t))
           != NGX_OK)
    {
        return NULL;
    }

    set->file = conf->documents;
    set->schema = conf->schema;
    set->limits = conf->limits;
    set->introspection = conf->introspection;

    base_arena_init(&set->arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    cln->handler = ngx_http_graphql_trusted_cleanup;
    cln->data = &set->arena;

    return set;
}


static void
ngx_http_graphql_trusted_cleanup(void *data)
{
    base_arena_deinit(data);
}


/* Locations for which a document would be checked in the same way share it. */
static ngx_flag_t
ngx_http_graphql_trusted_same(const ngx_http_graphql_trusted_t *set,
    const ngx_http_graphql_loc_conf_t *conf)
{
    return set->schema == conf->schema
           && set->introspection == conf->introspection
           && set->file.len == conf->documents.len
           && ngx_memcmp(set->file.data, conf->documents.data, set->file.len)
              == 0
           && ngx_memcmp(&set->limits, &conf->limits, sizeof(gql_limits_t))
              == 0;
}


static ngx_int_t
ngx_http_graphql_trusted_load(ngx_http_graphql_trusted_load_t *load)
{
    ngx_int_t        rc;
    ngx_str_t        path;
    ngx_file_info_t  fi;

    path = load->set->file;

    if (ngx_conf_full_name(load->cf->cycle, &path, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_file_info(path.data, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, load->cf, ngx_errno,
                           ngx_file_info_n " \"%s\" failed", path.data);
        return NGX_ERROR;
    }

    rc = ngx_is_dir(&fi) ? ngx_http_graphql_trusted_directory(load, &path)
                         : ngx_http_graphql_trusted_manifest(load, &path);

    return rc == NGX_OK ? ngx_http_graphql_trusted_sort(load) : rc;
}


static ngx_int_t
ngx_http_graphql_trusted_manifest(ngx_http_graphql_trusted_load_t *load,
    ngx_str_t *path)
{
    base_str_t           text, source;
    base_arena_t        *arena = &load->set->arena;
    base_json_t         *json, *member;
    base_json_error_t    error;

    if (ngx_http_graphql_read_file(load->cf, arena, path,
                                   NGX_HTTP_GRAPHQL_TRUSTED_BYTES_MAX, &text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    json = base_json_parse(arena, text, NULL, &error);

    if (json == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, load->cf, 0,
                           "%V: not good JSON: %s (byte %uz)", path,
                           error.reason, error.offset);
        return NGX_ERROR;
    }

    if (json->type != BASE_JSON_OBJECT) {
        ngx_conf_log_error(NGX_LOG_EMERG, load->cf, 0,
                           "%V: not an object of documents by their ids", path);
        return NGX_ERROR;
    }

    base_json_each(member, json) {

        if (member->type != BASE_JSON_STRING || member->key.len == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, load->cf, 0,
                               "%V: \"%*s\" must have an id and be the text "
                               "of a document", path, member->key.len,
                               member->key.data);
            load->bad++;
            continue;
        }

        source = base_arena_printf(arena, "%.*s: \"%.*s\"", (int) path->len,
                                   (char *) path->data,
                                   BASE_STR_ARG(member->key));

        if (source.data == NULL
            || ngx_http_graphql_trusted_add(load, source, member->key,
                                            member->text)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_trusted_directory(ngx_http_graphql_trusted_load_t *load,
    ngx_str_t *path)
{
    ngx_int_t  rc;
    ngx_dir_t  dir;

    if (ngx_open_dir(path, &dir) == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, load->cf, ngx_errno,
                           ngx_open_dir_n " \"%V\" failed", path);
        return NGX_ERROR;
    }

    rc = NGX_OK;

    while (rc == NGX_OK && ngx_read_dir(&dir) == NGX_OK) {
        rc = ngx_http_graphql_trusted_file(load, path, &dir);
    }

    (void) ngx_close_dir(&dir);

    return rc;
}


/* Other files than documents may lie there. */
static ngx_int_t
ngx_http_graphql_trusted_file(ngx_http_graphql_trusted_load_t *load,
    ngx_str_t *path, ngx_dir_t *dir)
{
    size_t         len, suffix;
    ngx_str_t      file;
    base_str_t     name, text;
    base_arena_t  *arena = &load->set->arena;

    len = ngx_de_namelen(dir);
    suffix = sizeof(NGX_HTTP_GRAPHQL_TRUSTED_SUFFIX) - 1;

    if (len <= suffix
        || ngx_memcmp(ngx_de_name(dir) + len - suffix,
                      NGX_HTTP_GRAPHQL_TRUSTED_SUFFIX, suffix)
           != 0)
    {
        return NGX_OK;
    }

    name = base_arena_printf(arena, "%.*s/%s", (int) path->len,
                             (char *) path->data, (char *) ngx_de_name(dir));
    if (name.data == NULL) {
        return NGX_ERROR;
    }

    file.data = (u_char *) name.data;
    file.len = name.len;

    if (ngx_http_graphql_read_file(load->cf, arena, &file,
                                   NGX_HTTP_GRAPHQL_TRUSTED_BYTES_MAX, &text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_graphql_trusted_add(load, name, base_str(NULL, 0), text);
}


/* A document with mistakes is reported, and the next one is looked at. */
static ngx_int_t
ngx_http_graphql_trusted_add(ngx_http_graphql_trusted_load_t *load,
    base_str_t source, base_str_t id, base_str_t text)
{
    char                  *hash;
    const gql_document_t  *parsed;

    parsed = ngx_http_graphql_trusted_parse(load, source, text);

    if (parsed == NULL) {
        load->bad++;
        return NGX_OK;
    }

    hash = base_arena_alloc(&load->set->arena, BASE_SHA256_HEX_BYTES);
    if (hash == NULL) {
        return NGX_ERROR;
    }

    base_sha256_hex(text, hash);

    if (ngx_http_graphql_trusted_entry(load,
            base_str(hash, BASE_SHA256_HEX_BYTES), text, parsed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return id.len == 0 ? NGX_OK
                       : ngx_http_graphql_trusted_entry(load, id, text, parsed);
}


static const gql_document_t *
ngx_http_graphql_trusted_parse(ngx_http_graphql_trusted_load_t *load,
    base_str_t source, base_str_t text)
{
    base_arena_t                 arena;
    gql_errors_t                 errors;
    gql_document_t              *parsed;
    gql_validate_options_t       options;
    ngx_http_graphql_trusted_t  *set = load->set;

    options.limits = &set->limits;
    options.introspection = set->introspection;
    options.suggest = true;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);

    parsed = gql_document_parse(&set->arena, text, &set->limits, &errors);

    if (parsed == NULL
        || !gql_validate(set->schema, parsed, &options, &errors))
    {
        ngx_http_graphql_log_errors(load->cf, source, &errors);
        parsed = NULL;
    }

    base_arena_deinit(&arena);

    return parsed;
}


static ngx_int_t
ngx_http_graphql_trusted_entry(ngx_http_graphql_trusted_load_t *load,
    base_str_t name, base_str_t text, const gql_document_t *parsed)
{
    ngx_array_t               *entries = &load->set->entries;
    ngx_http_graphql_entry_t  *entry;

    if (entries->nelts == 2 * NGX_HTTP_GRAPHQL_TRUSTED_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, load->cf, 0,
                           "\"%V\" has more than %d documents",
                           &load->set->file, NGX_HTTP_GRAPHQL_TRUSTED_MAX);
        return NGX_ERROR;
    }

    entry = ngx_array_push(entries);
    if (entry == NULL) {
        return NGX_ERROR;
    }

    entry->name = name;
    entry->text = text;
    entry->parsed = parsed;

    return NGX_OK;
}


/* One name may come twice, with the same text: an id that is its hash, or two
 * files with the same document. */
static ngx_int_t
ngx_http_graphql_trusted_sort(ngx_http_graphql_trusted_load_t *load)
{
    ngx_uint_t                 i;
    ngx_array_t               *array = &load->set->entries;
    ngx_http_graphql_entry_t  *entries;

    entries = array->elts;

    ngx_qsort(entries, array->nelts, sizeof(ngx_http_graphql_entry_t),
              ngx_http_graphql_trusted_compare);

    for (i = 1; i < array->nelts; i++) {
        if (base_str_eq(entries[i - 1].name, entries[i].name)
            && !base_str_eq(entries[i - 1].text, entries[i].text))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, load->cf, 0,
                               "%V: the id \"%*s\" is another document's hash",
                               &load->set->file, entries[i].name.len,
                               entries[i].name.data);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static int ngx_libc_cdecl
ngx_http_graphql_trusted_compare(const void *one, const void *two)
{
    const ngx_http_graphql_entry_t  *a = one;
    const ngx_http_graphql_entry_t  *b = two;

    return base_str_cmp(a->name, b->name);
}
