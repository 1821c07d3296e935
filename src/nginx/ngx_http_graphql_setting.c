/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What single directives may be set to.  Said while the directive itself is
 * read, a mistake is reported with its name and its line.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/utf8.h"

#include "nginx/ngx_http_graphql_orders.h"


/* Of a wait; more is a slip of the pen. */
#define NGX_HTTP_GRAPHQL_TIME_MS_MAX  (24 * 60 * 60 * 1000)


static char *ngx_http_graphql_check_msec(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_graphql_check_sec(ngx_conf_t *cf, void *post, void *data);
static char *ngx_http_graphql_check_size(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_graphql_check_user(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_graphql_check_header(ngx_conf_t *cf, void *post,
    void *data);


ngx_conf_post_t  ngx_http_graphql_msec = { ngx_http_graphql_check_msec };
ngx_conf_post_t  ngx_http_graphql_sec = { ngx_http_graphql_check_sec };
ngx_conf_post_t  ngx_http_graphql_size = { ngx_http_graphql_check_size };
ngx_conf_post_t  ngx_http_graphql_user_name = { ngx_http_graphql_check_user };
ngx_conf_post_t  ngx_http_graphql_header = { ngx_http_graphql_check_header };


char *
ngx_http_graphql_set_scope(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_loc_conf_t *glcf = conf;

    ngx_str_t  *value;

    if (glcf->scope != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "own") == 0) {
        glcf->scope = NGX_HTTP_GRAPHQL_SCOPE_OWN;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value[1].data, "all") == 0) {
        glcf->scope = NGX_HTTP_GRAPHQL_SCOPE_ALL;
        return NGX_CONF_OK;
    }

    return ngx_http_graphql_invalid(cf, "\"own\" or \"all\"");
}


static char *
ngx_http_graphql_check_msec(ngx_conf_t *cf, void *post, void *data)
{
    ngx_msec_t *msec = data;

    if (*msec == 0 || *msec > NGX_HTTP_GRAPHQL_TIME_MS_MAX) {
        return ngx_http_graphql_invalid(cf, "a time from 1ms to 1d");
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_graphql_check_sec(ngx_conf_t *cf, void *post, void *data)
{
    time_t *sec = data;

    if (*sec == 0) {
        return ngx_http_graphql_invalid(cf, "a time from 1s on");
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_graphql_check_size(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    if (*size == 0) {
        return ngx_http_graphql_invalid(cf, "a size from 1 on");
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_graphql_check_user(ngx_conf_t *cf, void *post, void *data)
{
    ngx_str_t *name = data;

    if (name->len == 0 || name->len > ORDERS_USER_BYTES_MAX
        || !base_utf8_valid(base_str((char *) name->data, name->len), NULL))
    {
        return ngx_http_graphql_invalid(cf,
                                        "a name of 1 to 256 bytes of UTF-8");
    }

    return NGX_CONF_OK;
}


/* A name that no header can have would never be met (HTTP Semantics: Tokens);
 * an empty one is none. */
static char *
ngx_http_graphql_check_header(ngx_conf_t *cf, void *post, void *data)
{
    u_char      c;
    ngx_str_t  *name = data;
    ngx_uint_t  i;

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if (c <= ' ' || c >= 0x7f || ngx_strchr("\"(),/:;<=>?@[\\]{}", c)) {
            return ngx_http_graphql_invalid(cf,
                                            "the name of a header, or \"\"");
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_graphql_invalid(ngx_conf_t *cf, const char *expected)
{
    ngx_str_t  *value = cf->args->elts;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\": it is %s", &value[1],
                       &value[0], expected);

    return NGX_CONF_ERROR;
}
