/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The value of a page: a plain list of orders, or (Relay: GraphQL Cursor
 * Connections)
 *
 *     {"edges":[{"cursor":"<id>","node":{...}}],"nodes":[{...}],
 *      "pageInfo":{"hasNextPage":...,"hasPreviousPage":...,
 *                  "startCursor":"<id>","endCursor":"<id>"},
 *      "totalCount":...}
 *
 * An id in an index without its order, as it is left for a moment by an order
 * that goes, is in neither list; the cursors count it, so that the next page
 * begins behind it.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_resolve.h"


static base_json_t *ngx_http_graphql_page_nodes(
    const ngx_http_graphql_page_t *page);
static base_json_t *ngx_http_graphql_page_edges(
    const ngx_http_graphql_page_t *page);
static base_json_t *ngx_http_graphql_page_info(
    const ngx_http_graphql_page_t *page);
static base_json_t *ngx_http_graphql_page_connection(
    const ngx_http_graphql_page_t *page);
static ngx_int_t ngx_http_graphql_page_member(base_json_t *object,
    base_str_t key, base_json_t *value);


void
ngx_http_graphql_page_value(ngx_http_graphql_page_t *page)
{
    page->field->value = page->connection
                         ? ngx_http_graphql_page_connection(page)
                         : ngx_http_graphql_page_nodes(page);

    if (page->field->value == NULL) {
        ngx_http_graphql_no_memory(page->ctx, page->field);
    }
}


/* The i-th of what was read, newest first. */
static ngx_uint_t
ngx_http_graphql_page_index(const ngx_http_graphql_page_t *page, ngx_uint_t i)
{
    return page->backward ? page->nreads - 1 - i : i;
}


static base_json_t *
ngx_http_graphql_page_nodes(const ngx_http_graphql_page_t *page)
{
    ngx_uint_t    i, k;
    base_json_t  *array, *node;

    array = base_json_array(page->ctx->arena);
    if (array == NULL) {
        return NULL;
    }

    for (i = 0; i < page->nreads; i++) {
        k = ngx_http_graphql_page_index(page, i);

        if (page->orders[k] == NULL) {
            continue;
        }

        node = base_json_share(page->ctx->arena, page->orders[k]);
        if (node == NULL) {
            return NULL;
        }

        base_json_append(array, node);
    }

    return array;
}


static base_json_t *
ngx_http_graphql_page_edges(const ngx_http_graphql_page_t *page)
{
    ngx_uint_t     i, k;
    base_json_t   *array, *edge;
    base_arena_t  *arena = page->ctx->arena;

    array = base_json_array(arena);
    if (array == NULL) {
        return NULL;
    }

    for (i = 0; i < page->nreads; i++) {
        k = ngx_http_graphql_page_index(page, i);

        if (page->orders[k] == NULL) {
            continue;
        }

        edge = base_json_object(arena);

        if (edge == NULL
            || ngx_http_graphql_page_member(edge, BASE_STR("cursor"),
                   base_json_string(arena, page->reads[k].id))
               != NGX_OK
            || ngx_http_graphql_page_member(edge, BASE_STR("node"),
                   base_json_share(arena, page->orders[k]))
               != NGX_OK)
        {
            return NULL;
        }

        base_json_append(array, edge);
    }

    return array;
}


static base_json_t *
ngx_http_graphql_page_info(const ngx_http_graphql_page_t *page)
{
    base_str_t     start, end;
    base_json_t   *info;
    base_arena_t  *arena = page->ctx->arena;

    info = base_json_object(arena);

    if (info == NULL
        || ngx_http_graphql_page_member(info, BASE_STR("hasNextPage"),
               base_json_boolean(arena, page->backward ? page->elsewhere
                                                       : page->more))
           != NGX_OK
        || ngx_http_graphql_page_member(info, BASE_STR("hasPreviousPage"),
               base_json_boolean(arena, page->backward ? page->more
                                                       : page->elsewhere))
           != NGX_OK)
    {
        return NULL;
    }

    if (page->nreads == 0) {
        return info;                    /* both cursors are null */
    }

    start = page->reads[ngx_http_graphql_page_index(page, 0)].id;
    end = page->reads[ngx_http_graphql_page_index(page, page->nreads - 1)].id;

    if (ngx_http_graphql_page_member(info, BASE_STR("startCursor"),
                                     base_json_string(arena, start))
        != NGX_OK
        || ngx_http_graphql_page_member(info, BASE_STR("endCursor"),
                                        base_json_string(arena, end))
           != NGX_OK)
    {
        return NULL;
    }

    return info;
}


static base_json_t *
ngx_http_graphql_page_connection(const ngx_http_graphql_page_t *page)
{
    base_json_t   *connection;
    base_arena_t  *arena = page->ctx->arena;

    connection = base_json_object(arena);

    if (connection == NULL
        || ngx_http_graphql_page_member(connection, BASE_STR("edges"),
                                        ngx_http_graphql_page_edges(page))
           != NGX_OK
        || ngx_http_graphql_page_member(connection, BASE_STR("nodes"),
                                        ngx_http_graphql_page_nodes(page))
           != NGX_OK
        || ngx_http_graphql_page_member(connection, BASE_STR("pageInfo"),
                                        ngx_http_graphql_page_info(page))
           != NGX_OK
        || ngx_http_graphql_page_member(connection, BASE_STR("totalCount"),
                                        base_json_int(arena, page->count))
           != NGX_OK)
    {
        return NULL;
    }

    return connection;
}


/* A value that could not be made is NULL. */
static ngx_int_t
ngx_http_graphql_page_member(base_json_t *object, base_str_t key,
    base_json_t *value)
{
    if (value == NULL) {
        return NGX_ERROR;
    }

    base_json_add(object, key, value);

    return NGX_OK;
}
