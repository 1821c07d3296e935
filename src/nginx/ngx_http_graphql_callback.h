/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Webhooks that end tasks: graphql_orders_callback and what belongs to it.
 *
 *   ..._callback_conf.c  directives
 *   ..._callback.c       a webhook from its signature to the queue
 *
 * This header needs no other of the front door.
 */

#ifndef _NGX_HTTP_GRAPHQL_CALLBACK_H_INCLUDED_
#define _NGX_HTTP_GRAPHQL_CALLBACK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/arena.h"
#include "base/str.h"
#include "orders/signature.h"
#include "orders/webhook.h"


/* A secret and where it is from, which may be logged. */
typedef struct {
    base_str_t                    text;
    ngx_str_t                     source;
} ngx_http_graphql_secret_t;


/* Of a location. */
typedef struct {
    ngx_array_t                  *secrets;  /* ngx_http_graphql_secret_t */
    ngx_array_t                  *events;   /* orders_webhook_event_t, or
                                               NULL */
    ngx_str_t                     outcome;  /* pointers; data NULL: not set */
    ngx_str_t                     token;
    ngx_str_t                     output;
    ngx_str_t                     error;
    ngx_str_t                     cause;
    ngx_str_t                     id;
    orders_signature_t           *signature;    /* NULL: none */
    time_t                        window;
    unsigned                      on:1;     /* the location takes webhooks */

    /* where it does, made of the above */

    orders_webhook_map_t          map;
    base_str_t                    keys[ORDERS_SIGNATURE_KEYS_MAX];
    ngx_uint_t                    nkeys;    /* 0: signature is NULL */
    base_str_t                    name;     /* the location's */
} ngx_http_graphql_callback_t;


/* ngx_http_graphql_callback_conf.c */

char *ngx_http_graphql_set_callback(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_graphql_set_secret(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_graphql_set_signature(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_graphql_set_outcome(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Of strings that are JSON pointers, and of the window. */
extern ngx_conf_post_t  ngx_http_graphql_pointer;
extern ngx_conf_post_t  ngx_http_graphql_window;

/* callback is zeroed. */
void ngx_http_graphql_callback_init(ngx_http_graphql_callback_t *callback);
void ngx_http_graphql_callback_merge(ngx_http_graphql_callback_t *callback,
    const ngx_http_graphql_callback_t *prev);

/* What a location needs once all its values are known. */
char *ngx_http_graphql_callback_complete(ngx_conf_t *cf, base_arena_t *arena,
    ngx_http_graphql_callback_t *callback);


/* ngx_http_graphql_callback.c */

ngx_int_t ngx_http_graphql_callback_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_GRAPHQL_CALLBACK_H_INCLUDED_ */
