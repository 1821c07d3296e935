/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The outcomes of changes, which workers publish (orders/reply.h).
 */

#ifndef _NGX_HTTP_GRAPHQL_REPLIES_H_INCLUDED_
#define _NGX_HTTP_GRAPHQL_REPLIES_H_INCLUDED_


#include "nginx/ngx_http_graphql_orders.h"


typedef struct ngx_http_graphql_wait_s  ngx_http_graphql_wait_t;


/* Listens for each queue that gets changes. */
ngx_int_t ngx_http_graphql_replies_open(ngx_cycle_t *cycle,
    ngx_http_graphql_process_t *process, ngx_array_t *queues);

/* Stops; requests that still wait are ended from within. */
void ngx_http_graphql_replies_close(ngx_http_graphql_process_t *process);

/*
 * Waits for a reply to a root field's message: the field gets its value or its
 * error, and the request goes on then.  It waits for as long as
 * graphql_orders_timeout says.
 *
 * channel     out: for the message, as is
 * request_id  out: both live as long as the request
 *
 * NULL after the field has been failed, because nobody would hear the reply.
 */
ngx_http_graphql_wait_t *ngx_http_graphql_wait_new(
    ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field, base_str_t *channel,
    base_str_t *request_id);

/* The message was not sent, as far as is known: no reply is waited for any
 * more.  False if one has come already. */
ngx_flag_t ngx_http_graphql_wait_end(ngx_http_graphql_wait_t *wait);

/* The request does not wait any longer. */
void ngx_http_graphql_wait_cancel(ngx_http_graphql_ctx_t *ctx);


#endif /* _NGX_HTTP_GRAPHQL_REPLIES_H_INCLUDED_ */
