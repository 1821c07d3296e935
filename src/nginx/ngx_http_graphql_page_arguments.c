/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The arguments of a list of orders: first, after, last, before, status and
 * userId.  The schema may offer all of them or only some.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_resolve.h"


static ngx_int_t ngx_http_graphql_page_size(ngx_http_graphql_page_t *page);
static ngx_int_t ngx_http_graphql_page_number(ngx_http_graphql_page_t *page,
    base_str_t name, int64_t *number);
static void ngx_http_graphql_page_too_large(ngx_http_graphql_page_t *page);
static ngx_int_t ngx_http_graphql_page_cursor(ngx_http_graphql_page_t *page,
    base_str_t name, base_str_t *cursor);
static ngx_int_t ngx_http_graphql_page_user(ngx_http_graphql_page_t *page);
static ngx_int_t ngx_http_graphql_page_status(ngx_http_graphql_page_t *page);
static ngx_int_t ngx_http_graphql_page_refuse(ngx_http_graphql_page_t *page,
    base_str_t code, base_str_t message);


ngx_int_t
ngx_http_graphql_page_arguments(ngx_http_graphql_page_t *page)
{
    if (ngx_http_graphql_page_size(page) != NGX_OK
        || ngx_http_graphql_page_cursor(page, BASE_STR("after"), &page->after)
           != NGX_OK
        || ngx_http_graphql_page_cursor(page, BASE_STR("before"),
                                        &page->before)
           != NGX_OK
        || ngx_http_graphql_page_user(page) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_graphql_page_status(page);
}


static ngx_int_t
ngx_http_graphql_page_size(ngx_http_graphql_page_t *page)
{
    int64_t  first, last;

    if (ngx_http_graphql_page_number(page, BASE_STR("first"), &first) != NGX_OK
        || ngx_http_graphql_page_number(page, BASE_STR("last"), &last)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (first >= 0 && last >= 0) {
        return ngx_http_graphql_page_refuse(page, GQL_CODE_BAD_INPUT,
            BASE_STR("\"first\" and \"last\" cannot both be given"));
    }

    page->backward = last >= 0;
    page->size = page->ctx->conf->list_max;

    if (first >= 0 || last >= 0) {
        page->size = (ngx_uint_t) (page->backward ? last : first);
    }

    return NGX_OK;
}


/* -1 where there is none. */
static ngx_int_t
ngx_http_graphql_page_number(ngx_http_graphql_page_t *page, base_str_t name,
    int64_t *number)
{
    const base_json_t  *argument;

    *number = -1;
    argument = base_json_get(page->field->arguments, name);

    if (argument == NULL || argument->type == BASE_JSON_NULL) {
        return NGX_OK;
    }

    if (!base_json_to_int(argument, number) || *number < 0) {
        return ngx_http_graphql_page_refuse(page, GQL_CODE_BAD_INPUT,
            BASE_STR("\"first\" and \"last\" are numbers from 0"));
    }

    if (*number > (int64_t) page->ctx->conf->list_max) {
        ngx_http_graphql_page_too_large(page);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_graphql_page_too_large(ngx_http_graphql_page_t *page)
{
    base_str_t               message;
    ngx_uint_t               max;
    base_json_t             *extensions, *limit, *bound;
    gql_error_t             *error;
    ngx_http_graphql_ctx_t  *ctx = page->ctx;

    max = ctx->conf->list_max;
    message = base_arena_printf(ctx->arena, "The limit of %u is exceeded: "
                                "orders in a list.", (unsigned) max);
    extensions = base_json_object(ctx->arena);
    limit = base_json_string(ctx->arena, BASE_STR("list_max"));
    bound = base_json_int(ctx->arena, (int64_t) max);

    if (message.data == NULL || extensions == NULL || limit == NULL
        || bound == NULL)
    {
        ngx_http_graphql_no_memory(ctx, page->field);
        return;
    }

    base_json_add(extensions, BASE_STR("limit"), limit);
    base_json_add(extensions, BASE_STR("max"), bound);

    error = gql_root_fail(ctx->plan, page->field, GQL_CODE_LIMIT, message);

    if (error != NULL) {
        error->extensions = extensions;
    }
}


/* Ids are compared byte by byte: those in Redis are in lower case. */
static ngx_int_t
ngx_http_graphql_page_cursor(ngx_http_graphql_page_t *page, base_str_t name,
    base_str_t *cursor)
{
    u_char              *p;
    const base_json_t   *argument;

    argument = base_json_get(page->field->arguments, name);

    if (argument == NULL || argument->type != BASE_JSON_STRING) {
        return NGX_OK;
    }

    if (!base_uuid_valid(argument->text)) {
        return ngx_http_graphql_page_refuse(page, GQL_CODE_BAD_INPUT,
            BASE_STR("\"after\" and \"before\" are cursors: "
                     "the ids of orders"));
    }

    p = base_arena_alloc(page->ctx->arena, BASE_UUID_TEXT_BYTES);
    if (p == NULL) {
        ngx_http_graphql_no_memory(page->ctx, page->field);
        return NGX_ERROR;
    }

    ngx_strlow(p, (u_char *) argument->text.data, BASE_UUID_TEXT_BYTES);
    *cursor = base_str((char *) p, BASE_UUID_TEXT_BYTES);

    return NGX_OK;
}


/* The own orders, or, in a location with graphql_orders_scope all, those of the
 * user that is named, or everybody's. */
static ngx_int_t
ngx_http_graphql_page_user(ngx_http_graphql_page_t *page)
{
    const base_json_t  *argument;

    page->user = ngx_http_graphql_reach(page->ctx);
    argument = base_json_get(page->field->arguments, BASE_STR("userId"));

    if (argument == NULL || argument->type != BASE_JSON_STRING) {
        return NGX_OK;
    }

    if (argument->text.len > ORDERS_USER_BYTES_MAX) {
        return ngx_http_graphql_page_refuse(page, GQL_CODE_BAD_INPUT,
            BASE_STR("\"userId\" is too long for a user's name"));
    }

    if (page->user.data != NULL && !base_str_eq(page->user, argument->text)) {
        return ngx_http_graphql_page_refuse(page, NGX_HTTP_GRAPHQL_FORBIDDEN,
            BASE_STR("you may not see the orders of another user"));
    }

    page->user = argument->text;

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_page_status(ngx_http_graphql_page_t *page)
{
    const base_json_t  *argument;

    argument = base_json_get(page->field->arguments, BASE_STR("status"));

    if (argument == NULL || argument->type != BASE_JSON_STRING) {
        return NGX_OK;
    }

    /* the operator's enum may have values of its own */

    if (!orders_status_find(argument->text, &page->status_is)) {
        return ngx_http_graphql_page_refuse(page, GQL_CODE_BAD_INPUT,
            BASE_STR("no order ever has this \"status\""));
    }

    page->status = &page->status_is;

    return NGX_OK;
}


static ngx_int_t
ngx_http_graphql_page_refuse(ngx_http_graphql_page_t *page, base_str_t code,
    base_str_t message)
{
    (void) gql_root_fail(page->ctx->plan, page->field, code, message);

    return NGX_ERROR;
}
