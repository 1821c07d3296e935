/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The front door for orders: GraphQL over HTTP on one side, a queue and hashes
 * in Redis on the other.
 *
 *     location = /graphql {
 *         graphql_orders  redis://127.0.0.1:6379;
 *     }
 *
 * is all that it needs.  This file holds the directives and their defaults.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_durable.h"
#include "nginx/ngx_http_graphql_orders.h"


#define NGX_HTTP_GRAPHQL_EVERYWHERE                                           \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF                    \
     |NGX_HTTP_LIF_CONF)


static void *ngx_http_graphql_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_graphql_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_graphql_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_graphql_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static void ngx_http_graphql_merge_limits(ngx_http_graphql_loc_conf_t *conf,
    const ngx_http_graphql_loc_conf_t *prev);
static void ngx_http_graphql_free_arena(void *data);
static ngx_int_t ngx_http_graphql_init_process(ngx_cycle_t *cycle);
static void ngx_http_graphql_exit_process(ngx_cycle_t *cycle);


static ngx_conf_num_bounds_t  ngx_http_graphql_list_bounds = {
    ngx_conf_check_num_bounds, 1, 1000
};


static ngx_command_t  ngx_http_graphql_commands[] = {

    { ngx_string("graphql_orders"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_CONF_TAKE1,
      ngx_http_graphql_set_orders,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_schema"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, schema_file),
      NULL },

    { ngx_string("graphql_orders_user"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, user),
      NULL },

    { ngx_string("graphql_orders_default_user"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, default_user),
      &ngx_http_graphql_user_name },

    { ngx_string("graphql_orders_prefix"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, prefix),
      NULL },

    { ngx_string("graphql_orders_timeout"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, timeout),
      &ngx_http_graphql_msec },

    { ngx_string("graphql_orders_connect_timeout"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, connect_timeout),
      &ngx_http_graphql_msec },

    { ngx_string("graphql_orders_max_body"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, max_body),
      &ngx_http_graphql_size },

    { ngx_string("graphql_orders_list_max"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, list_max),
      &ngx_http_graphql_list_bounds },

    { ngx_string("graphql_orders_scope"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_graphql_set_scope,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_max_queue"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, max_queue),
      NULL },

    { ngx_string("graphql_orders_durability"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE12,
      ngx_http_graphql_set_durability,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_idempotency_header"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, idempotency_header),
      &ngx_http_graphql_header },

    { ngx_string("graphql_orders_idempotency_ttl"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, idempotency_ttl),
      &ngx_http_graphql_sec },

    { ngx_string("graphql_orders_get"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, get),
      NULL },

    { ngx_string("graphql_orders_introspection"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, introspection),
      NULL },

    { ngx_string("graphql_orders_suggestions"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, suggestions),
      NULL },

    { ngx_string("graphql_orders_limit"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE23,
      ngx_http_graphql_set_limit,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_documents"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE12,
      ngx_http_graphql_set_documents,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_document_cache"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_graphql_set_cache,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_callback"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_CONF_TAKE1,
      ngx_http_graphql_set_callback,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_callback_secret"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_graphql_set_secret,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_callback_signature"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_1MORE,
      ngx_http_graphql_set_signature,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_callback_window"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, callback.window),
      &ngx_http_graphql_window },

    { ngx_string("graphql_orders_callback_outcome"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_1MORE,
      ngx_http_graphql_set_outcome,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("graphql_orders_callback_token"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, callback.token),
      &ngx_http_graphql_pointer },

    { ngx_string("graphql_orders_callback_output"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, callback.output),
      &ngx_http_graphql_pointer },

    { ngx_string("graphql_orders_callback_error"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, callback.error),
      &ngx_http_graphql_pointer },

    { ngx_string("graphql_orders_callback_cause"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, callback.cause),
      &ngx_http_graphql_pointer },

    { ngx_string("graphql_orders_callback_id"),
      NGX_HTTP_GRAPHQL_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_graphql_loc_conf_t, callback.id),
      &ngx_http_graphql_pointer },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_graphql_orders_module_ctx = {
    ngx_http_graphql_add_variables,        /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_graphql_create_main_conf,     /* create main configuration */
    ngx_http_graphql_init_main_conf,       /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_graphql_create_loc_conf,      /* create location configuration */
    ngx_http_graphql_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_graphql_orders_module = {
    NGX_MODULE_V1,
    &ngx_http_graphql_orders_module_ctx,   /* module context */
    ngx_http_graphql_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_graphql_init_process,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_graphql_exit_process,         /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_graphql_create_main_conf(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t            *cln;
    ngx_http_graphql_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_graphql_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     mcf->process = NULL;
     */

    if (ngx_array_init(&mcf->stores, cf->pool, 1,
                       sizeof(ngx_http_graphql_store_t *))
        != NGX_OK
        || ngx_array_init(&mcf->queues, cf->pool, 1,
                          sizeof(ngx_http_graphql_queue_t *))
           != NGX_OK
        || ngx_array_init(&mcf->schemas, cf->pool, 1,
                          sizeof(ngx_http_graphql_schema_t))
           != NGX_OK
        || ngx_array_init(&mcf->trusted, cf->pool, 1,
                          sizeof(ngx_http_graphql_trusted_t *))
           != NGX_OK)
    {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    base_arena_init(&mcf->arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    cln->handler = ngx_http_graphql_free_arena;
    cln->data = &mcf->arena;

    mcf->cache_bytes = NGX_CONF_UNSET_SIZE;
    mcf->cache_entries = NGX_CONF_UNSET_UINT;

    return mcf;
}


static void
ngx_http_graphql_free_arena(void *data)
{
    base_arena_deinit(data);
}


static char *
ngx_http_graphql_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_graphql_main_conf_t  *mcf = conf;

    ngx_conf_init_size_value(mcf->cache_bytes, 4 * 1024 * 1024);
    ngx_conf_init_uint_value(mcf->cache_entries, 1024);

    return NGX_CONF_OK;
}


static void *
ngx_http_graphql_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_graphql_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_graphql_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->address = NULL;
     *     conf->store = NULL;
     *     conf->schema = NULL;
     *     conf->schema_file = { 0, NULL };
     *     conf->documents = { 0, NULL };
     *     conf->trusted = NULL;
     *     conf->default_user = { 0, NULL };
     *     conf->prefix = { 0, NULL };
     *     conf->idempotency_header = { 0, NULL };
     *     conf->queue = NULL;
     *     conf->callback.on = 0;
     *     the pointers of conf->callback = { 0, NULL };
     */

    conf->user = NGX_CONF_UNSET_PTR;
    conf->timeout = NGX_CONF_UNSET_MSEC;
    conf->connect_timeout = NGX_CONF_UNSET_MSEC;
    conf->max_body = NGX_CONF_UNSET_SIZE;
    conf->idempotency_ttl = NGX_CONF_UNSET;
    conf->list_max = NGX_CONF_UNSET_UINT;
    conf->max_queue = NGX_CONF_UNSET_UINT;
    conf->durability.kind = NGX_CONF_UNSET_UINT;
    conf->documents_only = NGX_CONF_UNSET;
    conf->scope = NGX_CONF_UNSET_UINT;
    conf->get = NGX_CONF_UNSET;
    conf->introspection = NGX_CONF_UNSET;
    conf->suggestions = NGX_CONF_UNSET;
    ngx_memset(&conf->limits, 0xff, sizeof(gql_limits_t));
    ngx_memset(&conf->warnings, 0xff, sizeof(gql_limits_t));
    ngx_http_graphql_callback_init(&conf->callback);

    return conf;
}


static char *
ngx_http_graphql_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_graphql_loc_conf_t  *prev = parent;
    ngx_http_graphql_loc_conf_t  *conf = child;

    ngx_http_core_loc_conf_t     *clcf;

    ngx_conf_merge_str_value(conf->schema_file, prev->schema_file, "");
    ngx_conf_merge_value(conf->documents_only, prev->documents_only, 0);
    ngx_conf_merge_str_value(conf->documents, prev->documents, "");
    ngx_conf_merge_ptr_value(conf->user, prev->user, NULL);
    ngx_conf_merge_str_value(conf->default_user, prev->default_user,
                             "anonymous");
    ngx_conf_merge_str_value(conf->prefix, prev->prefix,
                             ORDERS_PREFIX_DEFAULT);
    ngx_conf_merge_msec_value(conf->timeout, prev->timeout, 2000);
    ngx_conf_merge_msec_value(conf->connect_timeout, prev->connect_timeout,
                              1000);
    ngx_conf_merge_size_value(conf->max_body, prev->max_body, 1024 * 1024);
    ngx_conf_merge_sec_value(conf->idempotency_ttl, prev->idempotency_ttl,
                             86400);
    ngx_conf_merge_str_value(conf->idempotency_header,
                             prev->idempotency_header, "Idempotency-Key");
    ngx_conf_merge_uint_value(conf->list_max, prev->list_max, 100);
    ngx_conf_merge_uint_value(conf->max_queue, prev->max_queue, 1000000);
    ngx_conf_merge_uint_value(conf->scope, prev->scope,
                              NGX_HTTP_GRAPHQL_SCOPE_OWN);

    if (conf->durability.kind == NGX_CONF_UNSET_UINT) {
        conf->durability = prev->durability;
    }

    ngx_conf_init_uint_value(conf->durability.kind,
                             NGX_HTTP_GRAPHQL_DURABLE_MEMORY);

    ngx_conf_merge_value(conf->get, prev->get, 0);
    ngx_conf_merge_value(conf->introspection, prev->introspection, 1);
    ngx_conf_merge_value(conf->suggestions, prev->suggestions, 1);
    ngx_http_graphql_merge_limits(conf, prev);
    ngx_http_graphql_callback_merge(&conf->callback, &prev->callback);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* the blocks inside of a location: "if" keeps its handler, limit_except
     * has none of its own */

    if (conf->address == NULL && clcf->noname) {
        conf->address = prev->address;
        conf->callback.on = prev->callback.on;
    }

    if (conf->address == NULL) {
        return NGX_CONF_OK;
    }

    if (clcf->lmt_excpt && clcf->handler == NULL) {
        clcf->handler = conf->callback.on ? ngx_http_graphql_callback_handler
                                          : ngx_http_graphql_handler;
    }

    return ngx_http_graphql_complete_conf(cf, conf);
}


/*
 * A limit that is set to warn, and is not set besides, refuses nothing; one
 * that is set at all hides what the level above has.
 */
static void
ngx_http_graphql_merge_limits(ngx_http_graphql_loc_conf_t *conf,
    const ngx_http_graphql_loc_conf_t *prev)
{
#define NGX_HTTP_GRAPHQL_MERGE_LIMIT(name, value, text)                       \
    if (conf->limits.name == UINT32_MAX                                       \
        && conf->warnings.name == UINT32_MAX)                                 \
    {                                                                         \
        conf->limits.name = prev->limits.name;                                \
        conf->warnings.name = prev->warnings.name;                            \
    }                                                                         \
                                                                              \
    if (conf->limits.name == UINT32_MAX) {                                    \
        conf->limits.name = conf->warnings.name == UINT32_MAX                 \
                            ? gql_limits_default.name : 0;                    \
    }                                                                         \
                                                                              \
    if (conf->warnings.name == UINT32_MAX) {                                  \
        conf->warnings.name = 0;                                              \
    }

    GQL_LIMITS(NGX_HTTP_GRAPHQL_MERGE_LIMIT)

#undef NGX_HTTP_GRAPHQL_MERGE_LIMIT
}


static ngx_int_t
ngx_http_graphql_init_process(ngx_cycle_t *cycle)
{
    ngx_http_graphql_main_conf_t  *mcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle,
                                              ngx_http_graphql_orders_module);

    if (mcf == NULL || mcf->stores.nelts == 0) {
        return NGX_OK;
    }

    return ngx_http_graphql_process_start(cycle, mcf);
}


static void
ngx_http_graphql_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_graphql_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle,
                                              ngx_http_graphql_orders_module);

    if (mcf != NULL && mcf->process != NULL) {
        ngx_http_graphql_process_end(mcf);
    }
}
