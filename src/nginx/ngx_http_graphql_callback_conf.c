/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The directives of webhooks:
 *
 *     location = /hooks/payment {
 *         graphql_orders_callback            redis://127.0.0.1:6380;
 *         graphql_orders_callback_secret     file=/etc/nginx/payment.secret;
 *         graphql_orders_callback_signature  stripe;
 *         graphql_orders_callback_token      /data/object/metadata/taskToken;
 *         graphql_orders_callback_outcome    /type
 *             success=payment_intent.succeeded
 *             failure=payment_intent.payment_failed;
 *     }
 *
 * A secret is read with the configuration, and is never logged.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/json_pointer.h"

#include "nginx/ngx_http_graphql_callback.h"
#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"


#define NGX_HTTP_GRAPHQL_SECRET_BYTES_MAX  4096
#define NGX_HTTP_GRAPHQL_WINDOW_S_MAX      86400


/* NGX_ERROR after the reason has been logged. */
typedef ngx_int_t (*ngx_http_graphql_secret_pt)(ngx_conf_t *cf,
    base_arena_t *arena, ngx_str_t *name, base_str_t *text);

typedef struct {
    base_str_t                  prefix;
    ngx_http_graphql_secret_pt  read;
} ngx_http_graphql_secret_source_t;


static ngx_int_t ngx_http_graphql_secret_file(ngx_conf_t *cf,
    base_arena_t *arena, ngx_str_t *name, base_str_t *text);
static ngx_int_t ngx_http_graphql_secret_env(ngx_conf_t *cf,
    base_arena_t *arena, ngx_str_t *name, base_str_t *text);
static ngx_int_t ngx_http_graphql_secret_check(ngx_conf_t *cf,
    ngx_http_graphql_secret_t *secret);
static char *ngx_http_graphql_check_pointer(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_graphql_check_window(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_graphql_set_events(ngx_conf_t *cf, ngx_str_t *value,
    ngx_array_t *events);
static ngx_int_t ngx_http_graphql_add_event(ngx_array_t *events,
    base_str_t name, orders_callback_outcome_t outcome);
static char *ngx_http_graphql_callback_keys(ngx_conf_t *cf,
    base_arena_t *arena, ngx_http_graphql_callback_t *callback);
static base_str_t ngx_http_graphql_pointer_or(const ngx_str_t *pointer,
    const char *otherwise);


static const ngx_http_graphql_secret_source_t  ngx_http_graphql_sources[] = {
    { BASE_STR_INIT("file="), ngx_http_graphql_secret_file },
    { BASE_STR_INIT("env="),  ngx_http_graphql_secret_env },
};

#define NGX_HTTP_GRAPHQL_SOURCE_COUNT                                         \
    (sizeof(ngx_http_graphql_sources) / sizeof(ngx_http_graphql_sources[0]))


ngx_conf_post_t  ngx_http_graphql_pointer = { ngx_http_graphql_check_pointer };
ngx_conf_post_t  ngx_http_graphql_window = { ngx_http_graphql_check_window };


char *
ngx_http_graphql_set_callback(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_loc_conf_t *glcf = conf;

    char                      *rv;
    ngx_http_core_loc_conf_t  *clcf;

    rv = ngx_http_graphql_set_orders(cf, cmd, conf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_graphql_callback_handler;

    glcf->callback.on = 1;

    return NGX_CONF_OK;
}


char *
ngx_http_graphql_set_secret(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_callback_t *callback =
        &((ngx_http_graphql_loc_conf_t *) conf)->callback;

    ngx_str_t                     *value, name;
    base_str_t                     text;
    ngx_uint_t                     i;
    ngx_http_graphql_secret_t     *secret;
    ngx_http_graphql_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_graphql_orders_module);

    if (callback->secrets == NGX_CONF_UNSET_PTR) {
        callback->secrets = ngx_array_create(cf->pool, 2,
                                           sizeof(ngx_http_graphql_secret_t));
        if (callback->secrets == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (callback->secrets->nelts == ORDERS_SIGNATURE_KEYS_MAX) {
        return "is there too often";
    }

    secret = ngx_array_push(callback->secrets);
    if (secret == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;
    text = base_str((char *) value[1].data, value[1].len);

    if (base_str_starts(text, BASE_STR("whsec_"))) {
        secret->text = text;
        ngx_str_set(&secret->source, "whsec_...");
        return NGX_CONF_OK;
    }

    for (i = 0; i < NGX_HTTP_GRAPHQL_SOURCE_COUNT; i++) {
        if (!base_str_starts(text, ngx_http_graphql_sources[i].prefix)) {
            continue;
        }

        secret->source = value[1];

        name.data = value[1].data + ngx_http_graphql_sources[i].prefix.len;
        name.len = value[1].len - ngx_http_graphql_sources[i].prefix.len;

        if (ngx_http_graphql_sources[i].read(cf, &mcf->arena, &name,
                                             &secret->text)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        return ngx_http_graphql_secret_check(cf, secret) == NGX_OK
               ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    /* what was given may be a secret */

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter in \"%V\": it is file=PATH, "
                       "env=NAME or whsec_...", &cmd->name);
    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_graphql_secret_file(ngx_conf_t *cf, base_arena_t *arena,
    ngx_str_t *name, base_str_t *text)
{
    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_graphql_read_file(cf, arena, name,
                                      NGX_HTTP_GRAPHQL_SECRET_BYTES_MAX, text);
}


static ngx_int_t
ngx_http_graphql_secret_env(ngx_conf_t *cf, base_arena_t *arena,
    ngx_str_t *name, base_str_t *text)
{
    const char  *value = getenv((char *) name->data);

    if (value == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the environment has no variable \"%V\" "
                           "for a secret", name);
        return NGX_ERROR;
    }

    return base_arena_str(arena, base_str_c(value), text) ? NGX_OK : NGX_ERROR;
}


/* Without the line's end that editors leave; two lines are two secrets, and
 * belong into two files. */
static ngx_int_t
ngx_http_graphql_secret_check(ngx_conf_t *cf,
    ngx_http_graphql_secret_t *secret)
{
    size_t       i;
    base_str_t  *text = &secret->text;

    while (text->len > 0
           && (text->data[text->len - 1] == '\n'
               || text->data[text->len - 1] == '\r'))
    {
        text->len--;
    }

    for (i = 0; i < text->len; i++) {
        if ((u_char) text->data[i] < ' ') {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "the secret of \"%V\" has a line break or "
                               "a control character in it", &secret->source);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


char *
ngx_http_graphql_set_signature(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_callback_t *callback =
        &((ngx_http_graphql_loc_conf_t *) conf)->callback;

    ngx_str_t   *value;
    ngx_uint_t   i, n;
    base_str_t  *words;
    const char  *reason;

    if (callback->signature != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;
    n = cf->args->nelts - 1;

    if (n == 1 && ngx_strcmp(value[1].data, "none") == 0) {
        callback->signature = NULL;
        return NGX_CONF_OK;
    }

    callback->signature = ngx_palloc(cf->pool, sizeof(orders_signature_t));
    words = ngx_palloc(cf->pool, n * sizeof(base_str_t));

    if (callback->signature == NULL || words == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        words[i] = base_str((char *) value[i + 1].data, value[i + 1].len);
    }

    if (!orders_signature_init(callback->signature, words, n, &reason)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid \"%V\": %s",
                           &cmd->name, reason);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_graphql_check_pointer(ngx_conf_t *cf, void *post, void *data)
{
    ngx_str_t *pointer = data;

    if (!base_json_pointer_valid(base_str((char *) pointer->data,
                                          pointer->len)))
    {
        return ngx_http_graphql_invalid(cf, "a JSON pointer such as /data/id");
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_graphql_check_window(ngx_conf_t *cf, void *post, void *data)
{
    time_t *window = data;

    if (*window < 1 || *window > NGX_HTTP_GRAPHQL_WINDOW_S_MAX) {
        return ngx_http_graphql_invalid(cf, "a time from 1s to 1d");
    }

    return NGX_CONF_OK;
}


char *
ngx_http_graphql_set_outcome(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_graphql_callback_t *callback =
        &((ngx_http_graphql_loc_conf_t *) conf)->callback;

    char        *rv;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (callback->outcome.data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;
    callback->outcome = value[1];
    callback->events = NULL;

    rv = ngx_http_graphql_check_pointer(cf, NULL, &value[1]);
    if (rv != NGX_CONF_OK || cf->args->nelts == 2) {
        return rv;
    }

    callback->events = ngx_array_create(cf->pool, 4,
                                        sizeof(orders_webhook_event_t));
    if (callback->events == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_graphql_set_events(cf, &value[i], callback->events);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


/* outcome=event,event,... */
static char *
ngx_http_graphql_set_events(ngx_conf_t *cf, ngx_str_t *value,
    ngx_array_t *events)
{
    u_char                     *p, *last, *end;
    base_str_t                  name;
    orders_callback_outcome_t   outcome;

    last = value->data + value->len;
    p = ngx_strlchr(value->data, last, '=');

    if (p == NULL
        || !orders_callback_outcome_find(base_str((char *) value->data,
                                                  p - value->data),
                                         &outcome))
    {
        goto invalid;
    }

    while (p < last) {
        end = ngx_strlchr(++p, last, ',');
        end = end == NULL ? last : end;
        name = base_str((char *) p, end - p);

        if (name.len == 0) {
            goto invalid;
        }

        switch (ngx_http_graphql_add_event(events, name, outcome)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:
            return "has an event that stands for two outcomes";

        default:
            return NGX_CONF_ERROR;
        }

        p = end;
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\": it is success=, failure= or "
                       "heartbeat= with names of events, separated by commas",
                       value);
    return NGX_CONF_ERROR;
}


/* NGX_DECLINED if it is there already. */
static ngx_int_t
ngx_http_graphql_add_event(ngx_array_t *events, base_str_t name,
    orders_callback_outcome_t outcome)
{
    ngx_uint_t               i;
    orders_webhook_event_t  *event = events->elts;

    for (i = 0; i < events->nelts; i++) {
        if (base_str_eq(event[i].name, name)) {
            return NGX_DECLINED;
        }
    }

    event = ngx_array_push(events);
    if (event == NULL) {
        return NGX_ERROR;
    }

    event->name = name;
    event->outcome = outcome;

    return NGX_OK;
}


void
ngx_http_graphql_callback_init(ngx_http_graphql_callback_t *callback)
{
    callback->secrets = NGX_CONF_UNSET_PTR;
    callback->events = NGX_CONF_UNSET_PTR;
    callback->signature = NGX_CONF_UNSET_PTR;
    callback->window = NGX_CONF_UNSET;
}


/* No default before a location is complete: that of the output depends on the
 * location's events. */
void
ngx_http_graphql_callback_merge(ngx_http_graphql_callback_t *callback,
    const ngx_http_graphql_callback_t *prev)
{
    ngx_conf_merge_ptr_value(callback->secrets, prev->secrets,
                             NGX_CONF_UNSET_PTR);
    ngx_conf_merge_ptr_value(callback->signature, prev->signature,
                             NGX_CONF_UNSET_PTR);
    ngx_conf_merge_sec_value(callback->window, prev->window, 300);

    if (callback->outcome.data == NULL) {
        callback->outcome = prev->outcome;
        callback->events = prev->events;
    }

#define NGX_HTTP_GRAPHQL_MERGE_POINTER(name)                                  \
    if (callback->name.data == NULL) {                                        \
        callback->name = prev->name;                                          \
    }

    NGX_HTTP_GRAPHQL_MERGE_POINTER(token)
    NGX_HTTP_GRAPHQL_MERGE_POINTER(output)
    NGX_HTTP_GRAPHQL_MERGE_POINTER(error)
    NGX_HTTP_GRAPHQL_MERGE_POINTER(cause)
    NGX_HTTP_GRAPHQL_MERGE_POINTER(id)

#undef NGX_HTTP_GRAPHQL_MERGE_POINTER
}


char *
ngx_http_graphql_callback_complete(ngx_conf_t *cf, base_arena_t *arena,
    ngx_http_graphql_callback_t *callback)
{
    orders_webhook_map_t      *map = &callback->map;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    callback->name = base_str((char *) clcf->name.data, clcf->name.len);

    ngx_conf_init_ptr_value(callback->events, NULL);

    if (callback->events != NULL) {
        map->events = callback->events->elts;
        map->event_count = callback->events->nelts;
    }

    map->outcome = ngx_http_graphql_pointer_or(&callback->outcome, "/outcome");
    map->token = ngx_http_graphql_pointer_or(&callback->token, "/taskToken");
    map->output = ngx_http_graphql_pointer_or(&callback->output,
                                              callback->events == NULL
                                              ? "/output" : "");
    map->error = ngx_http_graphql_pointer_or(&callback->error, "/error");
    map->cause = ngx_http_graphql_pointer_or(&callback->cause, "/cause");
    map->id = base_str((char *) callback->id.data, callback->id.len);

    return ngx_http_graphql_callback_keys(cf, arena, callback);
}


static char *
ngx_http_graphql_callback_keys(ngx_conf_t *cf, base_arena_t *arena,
    ngx_http_graphql_callback_t *callback)
{
    ngx_uint_t                  i;
    const char                 *reason;
    ngx_http_graphql_secret_t  *secrets;

    static const base_str_t  standard = BASE_STR_INIT("standard");

    ngx_conf_init_ptr_value(callback->secrets, NULL);

    if ((callback->signature == NULL) != (callback->secrets == NULL)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"graphql_orders_callback\" needs "
                           "\"graphql_orders_callback_secret\", or else "
                           "\"graphql_orders_callback_signature none\", where "
                           "something else keeps strangers away");
        return NGX_CONF_ERROR;
    }

    if (callback->signature == NULL) {
        return NGX_CONF_OK;
    }

    if (callback->signature == NGX_CONF_UNSET_PTR) {
        callback->signature = ngx_palloc(cf->pool, sizeof(orders_signature_t));

        if (callback->signature == NULL
            || !orders_signature_init(callback->signature, &standard, 1,
                                      &reason))
        {
            return NGX_CONF_ERROR;
        }
    }

    secrets = callback->secrets->elts;
    callback->nkeys = callback->secrets->nelts;

    for (i = 0; i < callback->nkeys; i++) {
        if (!orders_signature_key(callback->signature, arena, secrets[i].text,
                                  &callback->keys[i], &reason))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "the secret of "
                               "\"graphql_orders_callback_secret %V\" cannot "
                               "be used: %s", &secrets[i].source, reason);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static base_str_t
ngx_http_graphql_pointer_or(const ngx_str_t *pointer, const char *otherwise)
{
    return pointer->data == NULL ? base_str_c(otherwise)
                                 : base_str((char *) pointer->data,
                                            pointer->len);
}
