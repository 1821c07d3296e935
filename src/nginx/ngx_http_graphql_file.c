/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files that the configuration names, and how mistakes in them are reported:
 *
 *     [emerg] /etc/nginx/schema.graphql:3:14: unknown type "Ordr" in ...
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"


static ngx_int_t ngx_http_graphql_read_open_file(ngx_conf_t *cf,
    base_arena_t *arena, ngx_file_t *f, size_t max, base_str_t *text);


ngx_int_t
ngx_http_graphql_read_file(ngx_conf_t *cf, base_arena_t *arena,
    const ngx_str_t *name, size_t max, base_str_t *text)
{
    ngx_int_t   rc;
    ngx_file_t  f;

    ngx_memzero(&f, sizeof(ngx_file_t));
    f.name = *name;
    f.log = cf->log;

    /* a pipe would be waited for */
    f.fd = ngx_open_file(name->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                         NGX_FILE_OPEN, 0);

    if (f.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%s\" failed", name->data);
        return NGX_ERROR;
    }

    rc = ngx_http_graphql_read_open_file(cf, arena, &f, max, text);

    (void) ngx_close_file(f.fd);

    return rc;
}


static ngx_int_t
ngx_http_graphql_read_open_file(ngx_conf_t *cf, base_arena_t *arena,
    ngx_file_t *f, size_t max, base_str_t *text)
{
    off_t             size;
    char             *p;
    ssize_t           n;
    ngx_file_info_t   fi;

    if (ngx_fd_info(f->fd, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", &f->name);
        return NGX_ERROR;
    }

    if (!ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is not a file",
                           &f->name);
        return NGX_ERROR;
    }

    size = ngx_file_size(&fi);

    if (size > (off_t) max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is too large: it may have %uz bytes",
                           &f->name, max);
        return NGX_ERROR;
    }

    p = base_arena_alloc(arena, (size_t) size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    /* an error is logged there */

    n = ngx_read_file(f, (u_char *) p, (size_t) size, 0);
    if (n == NGX_ERROR) {
        return NGX_ERROR;
    }

    *text = base_str(p, (size_t) n);

    return NGX_OK;
}


void
ngx_http_graphql_log_errors(ngx_conf_t *cf, base_str_t name,
    const gql_errors_t *errors)
{
    ngx_str_t           message;
    const gql_error_t  *error;

    if (errors->first == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%*s: out of memory",
                           name.len, name.data);
        return;
    }

    for (error = errors->first; error != NULL; error = error->next) {

        message.data = (u_char *) error->message.data;
        message.len = error->message.len;

        if (error->location_count == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%*s: %V",
                               name.len, name.data, &message);
            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%*s:%ui:%ui: %V",
                           name.len, name.data,
                           (ngx_uint_t) error->locations[0].line,
                           (ngx_uint_t) error->locations[0].column, &message);
    }
}
