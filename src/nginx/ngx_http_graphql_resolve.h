/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the resolvers of orders share:
 *
 *   ..._read.c            one order, from its hash
 *   ..._page.c            a part of a list, from an index and the hashes
 *   ..._page_arguments.c  which part
 *   ..._page_value.c      what it looks like
 */

#ifndef _NGX_HTTP_GRAPHQL_RESOLVE_H_INCLUDED_
#define _NGX_HTTP_GRAPHQL_RESOLVE_H_INCLUDED_


#include "nginx/ngx_http_graphql_orders.h"


/* One order that is asked for. */
typedef struct ngx_http_graphql_read_s  ngx_http_graphql_read_t;

/* order is NULL where there is none that fits, and where the field has
 * failed. */
typedef void (*ngx_http_graphql_read_pt)(ngx_http_graphql_read_t *read,
    base_json_t *order);

struct ngx_http_graphql_read_s {
    ngx_http_graphql_ctx_t       *ctx;
    gql_root_field_t             *field;
    base_str_t                    id;       /* a UUID */
    base_str_t                    user;     /* whose; data NULL: anybody's */
    const orders_status_t        *status;   /* that it must have; NULL: any */
    unsigned                      history:1;    /* with it */
    const orders_record_t        *otherwise;    /* if it is not stored, or
                                                   NULL */
    ngx_http_graphql_read_pt      handler;
    void                         *data;     /* the handler's, as is index */
    ngx_uint_t                    index;
};


/*
 * Reads an order.  read must live as long as the request; its handler is called
 * unless the request ends first.  NGX_ERROR after the field has been failed.
 */
ngx_int_t ngx_http_graphql_read(ngx_http_graphql_read_t *read);

/* Reads the order of this id for a root field that is an order.  user and
 * otherwise as above. */
void ngx_http_graphql_read_field(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, base_str_t id, base_str_t user,
    const orders_record_t *otherwise);

/* Whose orders the caller may see or change: its own, or, with data NULL,
 * anybody's. */
base_str_t ngx_http_graphql_reach(const ngx_http_graphql_ctx_t *ctx);


/*
 * A part of a list of orders, newest first (Relay: GraphQL Cursor Connections).
 * A cursor is an order's id.
 */
typedef struct {
    ngx_http_graphql_ctx_t       *ctx;
    gql_root_field_t             *field;

    /* What is asked for. */
    base_str_t                    user;     /* whose; data NULL: everybody's */
    orders_status_t               status_is;
    const orders_status_t        *status;   /* &status_is; NULL: any */
    base_str_t                    after;    /* older than; data NULL: none */
    base_str_t                    before;   /* newer than; data NULL: none */
    ngx_uint_t                    size;     /* at most so many */
    unsigned                      backward:1;   /* the oldest of the range */
    unsigned                      connection:1; /* not a plain list */
    unsigned                      nodes:1;      /* the orders themselves */
    unsigned                      history:1;    /* theirs */
    unsigned                      total:1;      /* the list's length, too */
    unsigned                      beyond:1;     /* is there something on the
                                                   cursor's other side? */

    /* What has been found. */
    base_str_t                    keys[ORDERS_STATUS_COUNT];    /* indexes */
    ngx_uint_t                    nkeys;
    int64_t                       count;    /* the total */
    unsigned                      more:1;   /* in the range */
    unsigned                      elsewhere:1;  /* beyond the cursor */
    ngx_http_graphql_read_t      *reads;    /* in the order of the range */
    base_json_t                 **orders;   /* NULL: not there, or not yet */
    ngx_uint_t                    nreads;
    ngx_uint_t                    left;     /* answers that are due */
} ngx_http_graphql_page_t;


/* Reads the arguments first, after, last, before, status and userId.  NGX_ERROR
 * after the field has been failed. */
ngx_int_t ngx_http_graphql_page_arguments(ngx_http_graphql_page_t *page);

/* Fetches the page, which must live as long as the request, and gives the field
 * its value. */
void ngx_http_graphql_page(ngx_http_graphql_page_t *page);

/* Gives the field its value: all has been found. */
void ngx_http_graphql_page_value(ngx_http_graphql_page_t *page);


#endif /* _NGX_HTTP_GRAPHQL_RESOLVE_H_INCLUDED_ */
