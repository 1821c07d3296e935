/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The links of a process: one for each store, that is for each distinct Redis
 * address with its timeouts and durability, shared by all locations; where more
 * than memory counts, one more for mutations.
 *
 * What the error log says of a link:
 *
 *   [notice]  redis 127.0.0.1:6379 is up
 *   [warn]    redis 127.0.0.1:6379 was lost: <reason>; connecting again
 *   [error]   redis 127.0.0.1:6379 is down: <reason>; orders are refused ...
 *
 * each of them once for an outage, however many requests feel it.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_durable.h"
#include "nginx/ngx_http_graphql_orders.h"


#define NGX_HTTP_GRAPHQL_LINK_NAME  BASE_STR("nginx-graphql-orders")


static ngx_int_t ngx_http_graphql_link_open(ngx_cycle_t *cycle,
    ngx_http_graphql_process_t *process, ngx_http_graphql_store_t *store);
static void ngx_http_graphql_link_state(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason);


ngx_int_t
ngx_http_graphql_links_open(ngx_cycle_t *cycle,
    ngx_http_graphql_process_t *process, ngx_array_t *stores)
{
    ngx_uint_t                  i;
    ngx_http_graphql_store_t  **store;

    process->links = ngx_pcalloc(cycle->pool,
                                 stores->nelts * sizeof(rds_link_t *));
    process->durables = ngx_pcalloc(cycle->pool,
        stores->nelts * sizeof(ngx_http_graphql_durable_t *));

    if (process->links == NULL || process->durables == NULL) {
        return NGX_ERROR;
    }

    process->nlinks = stores->nelts;
    store = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        if (ngx_http_graphql_link_open(cycle, process, store[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_link_open(ngx_cycle_t *cycle,
    ngx_http_graphql_process_t *process, ngx_http_graphql_store_t *store)
{
    ngx_uint_t  i = store->index;

    process->links[i] = ngx_http_graphql_link_new(process, store,
                                                  ngx_http_graphql_link_state,
                                                  store);
    if (process->links[i] == NULL) {
        return NGX_ERROR;
    }

    if (store->durability.kind == NGX_HTTP_GRAPHQL_DURABLE_MEMORY) {
        return NGX_OK;
    }

    process->durables[i] = ngx_http_graphql_durable_open(cycle, process, store);

    return process->durables[i] == NULL ? NGX_ERROR : NGX_OK;
}


rds_link_t *
ngx_http_graphql_link_new(ngx_http_graphql_process_t *process,
    ngx_http_graphql_store_t *store, rds_link_state_fn on_state, void *data)
{
    rds_link_options_t  options;

    ngx_memzero(&options, sizeof(rds_link_options_t));

    options.address = store->address;
    options.name = NGX_HTTP_GRAPHQL_LINK_NAME;
    options.timeout_ms = (uint32_t) store->timeout;
    options.connect_timeout_ms = (uint32_t) store->connect_timeout;
    options.waiting_max = NGX_HTTP_GRAPHQL_PENDING_MAX;
    options.on_state = on_state;
    options.data = data;

    return rds_link_new(&process->loop.loop, &options);
}


void
ngx_http_graphql_links_close(ngx_http_graphql_process_t *process)
{
    ngx_uint_t   i;
    rds_link_t  *link;

    for (i = 0; i < process->nlinks; i++) {
        link = process->links[i];
        process->links[i] = NULL;
        rds_link_close(link);

        if (process->durables[i] != NULL) {
            ngx_http_graphql_durable_close(process->durables[i]);
        }
    }
}


static void
ngx_http_graphql_link_state(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason)
{
    ngx_log_t                 *log = ngx_cycle->log;
    ngx_http_graphql_store_t  *store = data;

    (void) link;

    switch (state) {

    case RDS_LINK_UP:
        ngx_log_error(NGX_LOG_NOTICE, log, 0, "redis %V is up", &store->name);
        break;

    case RDS_LINK_CONNECTING:
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "redis %V was lost: %s; connecting again",
                      &store->name, reason);
        break;

    case RDS_LINK_DOWN:
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "redis %V is down: %s; requests that need it are "
                      "answered with 503 until it is back",
                      &store->name, reason);
        break;

    case RDS_LINK_CLOSED:
        break;
    }
}
