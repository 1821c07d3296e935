/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The directives that a slot function does not fit, and what a location needs
 * when all its values are known.  Host names are resolved here: hiredis would
 * do it while requests wait.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"


typedef struct {
    ngx_str_t    name;
    ngx_uint_t   offset;                /* in gql_limits_t */
} ngx_http_graphql_limit_t;


#define NGX_HTTP_GRAPHQL_LIMIT_ROW(name, value, text)                         \
    { ngx_string(#name), offsetof(gql_limits_t, name) },

static const ngx_http_graphql_limit_t  ngx_http_graphql_limits[] = {
    GQL_LIMITS(NGX_HTTP_GRAPHQL_LIMIT_ROW)
};

#undef NGX_HTTP_GRAPHQL_LIMIT_ROW

#define NGX_HTTP_GRAPHQL_LIMIT_NAME(name, value, text)  " " #name
#define NGX_HTTP_GRAPHQL_LIMIT_NAMES                                          \
    GQL_LIMITS(NGX_HTTP_GRAPHQL_LIMIT_NAME)

#define NGX_HTTP_GRAPHQL_LIMIT_COUNT                                          \
    (sizeof(ngx_http_graphql_limits) / sizeof(ngx_http_graphql_limits[0]))



static const ngx_http_graphql_limit_t *ngx_http_graphql_find_limit(
    ngx_str_t *name);
static char *ngx_http_graphql_resolve_host(ngx_conf_t *cf,
    base_arena_t *arena, rds_address_t *address);
static ngx_flag_t ngx_http_graphql_is_ip(base_str_t host);
static ngx_flag_t ngx_http_graphql_offers(
    const ngx_http_graphql_loc_conf_t *conf, base_str_t mutation);
static ngx_http_graphql_store_t *ngx_http_graphql_store(ngx_conf_t *cf,
    ngx_http_graphql_main_conf_t *mcf, ngx_http_graphql_loc_conf_t *conf);
static ngx_http_graphql_queue_t *ngx_http_graphql_queue(ngx_conf_t *cf,
    ngx_http_graphql_main_conf_t *mcf, ngx_http_graphql_loc_conf_t *conf);
static ngx_flag_t ngx_http_graphql_same_store(
    const ngx_http_graphql_store_t *store,
    const ngx_http_graphql_loc_conf_t *conf);
static ngx_int_t ngx_http_graphql_store_name(ngx_conf_t *cf,
    ngx_http_graphql_store_t *store);


char *
ngx_http_graphql_set_orders(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_loc_conf_t *glcf = conf;

    const char                    *reason;
    ngx_str_t                     *value;
    rds_address_t                 *address;
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_graphql_main_conf_t  *mcf;

    if (glcf->address != NULL) {
        return glcf->callback.on == (cmd->set == ngx_http_graphql_set_callback)
               ? "is duplicate" : glcf->callback.on
               ? "cannot be beside \"graphql_orders_callback\" in one location"
               : "cannot be beside \"graphql_orders\" in one location";
    }

    mcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_graphql_orders_module);

    address = ngx_pcalloc(cf->pool, sizeof(rds_address_t));
    if (address == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    /* the address itself is not logged: it may hold a password */

    if (!rds_address_parse(&mcf->arena,
                           base_str((char *) value[1].data, value[1].len),
                           address, &reason))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid Redis address in \"%V\": %s "
                           "(it is redis://[user:password@]host[:port][/db] "
                           "or unix:path)", &cmd->name, reason);
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_graphql_handler;

    glcf->address = address;

    return ngx_http_graphql_resolve_host(cf, &mcf->arena, address);
}


static char *
ngx_http_graphql_resolve_host(ngx_conf_t *cf, base_arena_t *arena,
    rds_address_t *address)
{
    size_t      len;
    u_char      text[NGX_SOCKADDR_STRLEN];
    ngx_url_t   u;

    if (address->unix_path.len > 0 || ngx_http_graphql_is_ip(address->host)) {
        return NGX_CONF_OK;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url.data = (u_char *) address->host.data;
    u.url.len = address->host.len;
    u.default_port = address->port;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK || u.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%s in the Redis address of host \"%V\"",
                           u.err ? u.err : "no address", &u.url);
        return NGX_CONF_ERROR;
    }

    len = ngx_sock_ntop(u.addrs[0].sockaddr, u.addrs[0].socklen, text,
                        NGX_SOCKADDR_STRLEN, 0);

    if (!base_arena_str(arena, base_str((char *) text, len), &address->host)) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_flag_t
ngx_http_graphql_is_ip(base_str_t host)
{
#if (NGX_HAVE_INET6)
    u_char  addr[16];

    if (ngx_inet6_addr((u_char *) host.data, host.len, addr) == NGX_OK) {
        return 1;
    }
#endif

    return ngx_inet_addr((u_char *) host.data, host.len) != INADDR_NONE;
}


char *
ngx_http_graphql_set_limit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_loc_conf_t *glcf = conf;

    uint32_t                        *place;
    ngx_int_t                        number;
    ngx_str_t                       *value;
    gql_limits_t                    *limits;
    const ngx_http_graphql_limit_t  *limit;

    value = cf->args->elts;

    limit = ngx_http_graphql_find_limit(&value[1]);

    if (limit == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is no limit that \"%V\" knows:"
                           NGX_HTTP_GRAPHQL_LIMIT_NAMES, &value[1],
                           &cmd->name);
        return NGX_CONF_ERROR;
    }

    limits = &glcf->limits;

    if (cf->args->nelts == 4) {
        limits = &glcf->warnings;

        if (ngx_strcmp(value[3].data, "warn") != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" of the limit \"%V\": "
                               "it is \"warn\"", &value[3], &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    place = (uint32_t *) ((u_char *) limits + limit->offset);

    if (*place != UINT32_MAX) {
        return "is duplicate";
    }

    number = ngx_parse_size(&value[2]);

    if (number == NGX_ERROR || number >= UINT32_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" of the limit \"%V\": "
                           "it is a number, and 0 means no limit", &value[2],
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    *place = (uint32_t) number;

    return NGX_CONF_OK;
}


static const ngx_http_graphql_limit_t *
ngx_http_graphql_find_limit(ngx_str_t *name)
{
    ngx_uint_t                       i;
    const ngx_http_graphql_limit_t  *limit;

    for (i = 0; i < NGX_HTTP_GRAPHQL_LIMIT_COUNT; i++) {
        limit = &ngx_http_graphql_limits[i];

        if (limit->name.len == name->len
            && ngx_strncmp(limit->name.data, name->data, name->len) == 0)
        {
            return limit;
        }
    }

    return NULL;
}


char *
ngx_http_graphql_set_cache(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_main_conf_t *mcf = conf;

    ssize_t      size;
    ngx_int_t    entries;
    ngx_str_t   *value;

    if (mcf->cache_bytes != NGX_CONF_UNSET_SIZE) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        mcf->cache_bytes = 0;
        return cf->args->nelts == 2 ? NGX_CONF_OK
                                    : "takes nothing after \"off\"";
    }

    size = ngx_parse_size(&value[1]);

    if (size < (ssize_t) ngx_pagesize) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" in \"%V\": it is \"off\" or "
                           "at least %ui bytes", &value[1], &cmd->name,
                           ngx_pagesize);
        return NGX_CONF_ERROR;
    }

    mcf->cache_bytes = (size_t) size;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    entries = NGX_ERROR;

    if (ngx_strncmp(value[2].data, "entries=", 8) == 0) {
        entries = ngx_atoi(value[2].data + 8, value[2].len - 8);
    }

    if (entries < 1 || entries > 1000000) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"%V\": it is "
                           "entries=number", &value[2], &cmd->name);
        return NGX_CONF_ERROR;
    }

    mcf->cache_entries = (ngx_uint_t) entries;

    return NGX_CONF_OK;
}


char *
ngx_http_graphql_set_documents(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_loc_conf_t *glcf = conf;

    ngx_str_t  *value;

    if (glcf->documents_only != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0
        || (cf->args->nelts == 3 && ngx_strcmp(value[2].data, "only") != 0))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"%V\": it is a file "
                           "or a directory, and \"only\"",
                           &value[cf->args->nelts - 1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    glcf->documents = value[1];
    glcf->documents_only = cf->args->nelts == 3;

    return NGX_CONF_OK;
}


char *
ngx_http_graphql_complete_conf(ngx_conf_t *cf,
    ngx_http_graphql_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_graphql_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_graphql_orders_module);

    conf->store = ngx_http_graphql_store(cf, mcf, conf);
    if (conf->store == NULL) {
        return NGX_CONF_ERROR;
    }

    conf->queue = ngx_http_graphql_queue(cf, mcf, conf);
    if (conf->queue == NULL) {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->client_max_body_size > 0
        && clcf->client_max_body_size < (off_t) conf->max_body)
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"client_max_body_size\" is less than "
                           "\"graphql_orders_max_body\" of %uz: it is nginx "
                           "itself that refuses larger bodies, in HTML",
                           conf->max_body);
    }

    if (conf->callback.on) {
        return ngx_http_graphql_callback_complete(cf, &mcf->arena,
                                                  &conf->callback);
    }

    conf->schema = ngx_http_graphql_schema(cf, &conf->schema_file);
    if (conf->schema == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_graphql_offers(conf, BASE_STR("updateOrder"))
        || ngx_http_graphql_offers(conf, BASE_STR("deleteOrder")))
    {
        conf->queue->changes = 1;
    }

    if (conf->documents.len > 0) {
        conf->trusted = ngx_http_graphql_trusted(cf, conf);

        if (conf->trusted == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_flag_t
ngx_http_graphql_offers(const ngx_http_graphql_loc_conf_t *conf,
    base_str_t mutation)
{
    return gql_schema_field(conf->schema,
                            gql_schema_root(conf->schema,
                                            BASE_STR("mutation")),
                            mutation)
           != NULL;
}


static ngx_http_graphql_store_t *
ngx_http_graphql_store(ngx_conf_t *cf, ngx_http_graphql_main_conf_t *mcf,
    ngx_http_graphql_loc_conf_t *conf)
{
    ngx_uint_t                  i;
    ngx_http_graphql_store_t   *store, **stores;

    stores = mcf->stores.elts;

    for (i = 0; i < mcf->stores.nelts; i++) {
        if (ngx_http_graphql_same_store(stores[i], conf)) {
            return stores[i];
        }
    }

    store = ngx_pcalloc(cf->pool, sizeof(ngx_http_graphql_store_t));
    if (store == NULL) {
        return NULL;
    }

    store->address = *conf->address;
    store->timeout = conf->timeout;
    store->connect_timeout = conf->connect_timeout;
    store->durability = conf->durability;
    store->index = mcf->stores.nelts;

    if (ngx_http_graphql_store_name(cf, store) != NGX_OK) {
        return NULL;
    }

    stores = ngx_array_push(&mcf->stores);
    if (stores == NULL) {
        return NULL;
    }

    *stores = store;

    return store;
}


static ngx_flag_t
ngx_http_graphql_same_store(const ngx_http_graphql_store_t *store,
    const ngx_http_graphql_loc_conf_t *conf)
{
    const rds_address_t  *a = &store->address;
    const rds_address_t  *b = conf->address;

    return store->timeout == conf->timeout
           && store->connect_timeout == conf->connect_timeout
           && store->durability.kind == conf->durability.kind
           && store->durability.number == conf->durability.number
           && store->durability.wait == conf->durability.wait
           && a->port == b->port
           && a->db == b->db
           && base_str_eq(a->host, b->host)
           && base_str_eq(a->unix_path, b->unix_path)
           && base_str_eq(a->user, b->user)
           && base_str_eq(a->password, b->password);
}


static ngx_int_t
ngx_http_graphql_store_name(ngx_conf_t *cf, ngx_http_graphql_store_t *store)
{
    u_char         *p;
    rds_address_t  *address = &store->address;

    p = ngx_pnalloc(cf->pool, address->host.len + address->unix_path.len
                              + sizeof("unix:[]:65535/") + NGX_INT32_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    store->name.data = p;

    if (address->unix_path.len > 0) {
        p = ngx_sprintf(p, "unix:%*s", address->unix_path.len,
                        address->unix_path.data);

    } else {
        p = ngx_sprintf(p, "%*s:%ui", address->host.len, address->host.data,
                        (ngx_uint_t) address->port);
    }

    if (address->db > 0) {
        p = ngx_sprintf(p, "/%ui", (ngx_uint_t) address->db);
    }

    store->name.len = p - store->name.data;

    return NGX_OK;
}


static ngx_http_graphql_queue_t *
ngx_http_graphql_queue(ngx_conf_t *cf, ngx_http_graphql_main_conf_t *mcf,
    ngx_http_graphql_loc_conf_t *conf)
{
    base_str_t                  prefix;
    const char                 *reason;
    ngx_uint_t                  i;
    ngx_http_graphql_queue_t   *queue, **queues;

    prefix = base_str((char *) conf->prefix.data, conf->prefix.len);
    queues = mcf->queues.elts;

    for (i = 0; i < mcf->queues.nelts; i++) {
        if (queues[i]->store == conf->store
            && base_str_eq(queues[i]->keys.prefix, prefix))
        {
            return queues[i];
        }
    }

    queue = ngx_pcalloc(cf->pool, sizeof(ngx_http_graphql_queue_t));
    if (queue == NULL) {
        return NULL;
    }

    queue->store = conf->store;
    queue->index = mcf->queues.nelts;

    if (!orders_keys_init(&queue->keys, &mcf->arena, prefix, 0, &reason)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"graphql_orders_prefix\" \"%V\": %s",
                           &conf->prefix, reason);
        return NULL;
    }

    queues = ngx_array_push(&mcf->queues);
    if (queues == NULL) {
        return NULL;
    }

    *queues = queue;

    return queue;
}
