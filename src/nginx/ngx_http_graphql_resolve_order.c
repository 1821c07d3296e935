/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Query.order, Query.orders and Query.ordersConnection: what the worker has
 * stored.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_resolve.h"


static ngx_http_graphql_page_t *ngx_http_graphql_page_new(
    ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field);


void
ngx_http_graphql_resolve_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    base_str_t  id;

    id = base_json_get_str(field->arguments, BASE_STR("id"));

    /* no order has another kind of id, and a key is no place for free text */

    if (base_uuid_valid(id)) {
        ngx_http_graphql_read_field(ctx, field, id,
                                    ngx_http_graphql_reach(ctx), NULL);
    }
}


void
ngx_http_graphql_resolve_orders(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    ngx_http_graphql_page_t  *page;

    page = ngx_http_graphql_page_new(ctx, field);

    if (page != NULL) {
        page->nodes = 1;
        page->history = gql_root_selects(ctx->plan, field,
                                         BASE_STR("history"));
        ngx_http_graphql_page(page);
    }
}


void
ngx_http_graphql_resolve_orders_connection(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field)
{
    base_str_t                beyond;
    ngx_http_graphql_page_t  *page;

    page = ngx_http_graphql_page_new(ctx, field);

    if (page == NULL) {
        return;
    }

    beyond = page->backward ? BASE_STR("pageInfo.hasNextPage")
                            : BASE_STR("pageInfo.hasPreviousPage");

    page->connection = 1;
    page->nodes = gql_root_selects(ctx->plan, field, BASE_STR("nodes"))
                  || gql_root_selects(ctx->plan, field,
                                      BASE_STR("edges.node"));
    page->history = gql_root_selects(ctx->plan, field,
                                     BASE_STR("nodes.history"))
                    || gql_root_selects(ctx->plan, field,
                                        BASE_STR("edges.node.history"));
    page->total = gql_root_selects(ctx->plan, field, BASE_STR("totalCount"));
    page->beyond = gql_root_selects(ctx->plan, field, beyond);

    ngx_http_graphql_page(page);
}


/* NULL after the field has been failed. */
static ngx_http_graphql_page_t *
ngx_http_graphql_page_new(ngx_http_graphql_ctx_t *ctx, gql_root_field_t *field)
{
    ngx_http_graphql_page_t  *page;

    page = base_arena_zalloc(ctx->arena, sizeof(ngx_http_graphql_page_t));
    if (page == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return NULL;
    }

    page->ctx = ctx;
    page->field = field;

    return ngx_http_graphql_page_arguments(page) == NGX_OK ? page : NULL;
}
