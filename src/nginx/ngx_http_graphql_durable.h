/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Orders that are answered when they are durable.
 */

#ifndef _NGX_HTTP_GRAPHQL_DURABLE_H_INCLUDED_
#define _NGX_HTTP_GRAPHQL_DURABLE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


/* ngx_http_graphql_durable.c */

char *ngx_http_graphql_set_durability(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* For a store that has to do more than to keep it in memory; NULL when out of
 * memory. */
ngx_http_graphql_durable_t *ngx_http_graphql_durable_open(ngx_cycle_t *cycle,
    ngx_http_graphql_process_t *process, ngx_http_graphql_store_t *store);
void ngx_http_graphql_durable_close(ngx_http_graphql_durable_t *durable);

/* The link for commands that are to be durable; NULL: there can be none. */
rds_link_t *ngx_http_graphql_durable_link(
    const ngx_http_graphql_durable_t *durable);

/* A waiter for a command; NULL when out of memory. */
ngx_http_graphql_waiter_t *ngx_http_graphql_waiter_new(
    ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field);

/* A command of the waiter has been sent: its field fails unless that is durable
 * in time, and the request goes on after that. */
void ngx_http_graphql_durable_add(ngx_http_graphql_durable_t *durable,
    ngx_http_graphql_waiter_t *waiter);

/* The request does not wait any longer. */
void ngx_http_graphql_durable_cancel(ngx_http_graphql_ctx_t *ctx);


#endif /* _NGX_HTTP_GRAPHQL_DURABLE_H_INCLUDED_ */
