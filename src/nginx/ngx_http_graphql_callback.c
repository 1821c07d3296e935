/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * graphql_orders_callback: a webhook ends a task that waits for it, or tells
 * that there is still something to wait for.
 *
 *     EXISTS {orders:0}:webhook:<name>
 *
 *     MULTI
 *     SET {orders:0}:webhook:<name> <order's id> NX EX 660
 *     RPUSH {orders:0}:queue {"v":1,"kind":"callback",...}
 *     EXEC
 *
 * The name is made of the webhook's id (or of its signature, where it has none)
 * and of the secret.  One that was seen before is pushed no more and gets an
 * answer that contents its sender, for it may be that our first answer was
 * lost.  Two that come at the same moment are both pushed: it is the worker who
 * takes a token once.
 *
 * The answer is one word, what became of it:
 *
 *     {"outcome":"success"}   or failure, heartbeat, duplicate, ignored
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "orders/message.h"

#include "nginx/ngx_http_graphql_callback.h"
#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


/* What is remembered outlives the window on clocks that differ. */
#define NGX_HTTP_GRAPHQL_CLOCKS_S  60


typedef struct {
    gql_root_field_t      field;        /* for calls: there is no plan */
    orders_callback_t     callback;
    orders_webhook_t      sent;
    base_str_t            key;          /* Redis'; empty: nothing to know it
                                           by */
    base_str_t            message;
    u_char                ttl[NGX_TIME_T_LEN];
    size_t                ttl_len;
} ngx_http_graphql_webhook_t;


static ngx_int_t ngx_http_graphql_callback_check(ngx_http_graphql_ctx_t *ctx);
static ngx_int_t ngx_http_graphql_callback_begin(ngx_http_graphql_ctx_t *ctx);
static ngx_int_t ngx_http_graphql_callback_run(ngx_http_graphql_ctx_t *ctx);
static ngx_int_t ngx_http_graphql_webhook_read(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook);
static ngx_int_t ngx_http_graphql_webhook_verify(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook, base_str_t *key, base_str_t *mac);
static ngx_int_t ngx_http_graphql_webhook_key(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook, base_str_t key, base_str_t mac);
static ngx_int_t ngx_http_graphql_webhook_message(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook);
static void ngx_http_graphql_webhook_send(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook);
static void ngx_http_graphql_webhook_exists(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void ngx_http_graphql_webhook_push(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook);
static void ngx_http_graphql_webhook_pushed(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void ngx_http_graphql_webhook_pushed_once(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void ngx_http_graphql_webhook_taken(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_webhook_t *webhook, int64_t length);
static void ngx_http_graphql_webhook_duplicate(ngx_http_graphql_ctx_t *ctx);
static void ngx_http_graphql_webhook_forget(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_webhook_t *webhook);


static const ngx_http_graphql_way_t  ngx_http_graphql_callback_way = {
    ngx_http_graphql_callback_check,
    ngx_http_graphql_callback_begin,
    ngx_http_graphql_callback_run,
    BASE_STR_INIT("the order store did not confirm the webhook: it may or may "
                  "not have been accepted; send it again"),
    BASE_STR_INIT("the webhook was accepted, but not confirmed as durable in "
                  "time; send it again")
};


ngx_int_t
ngx_http_graphql_callback_handler(ngx_http_request_t *r)
{
    return ngx_http_graphql_serve(r, &ngx_http_graphql_callback_way);
}


static ngx_int_t
ngx_http_graphql_callback_check(ngx_http_graphql_ctx_t *ctx)
{
    ngx_http_graphql_terms_t  terms;

    ctx->writes = 1;

    if (ctx->request->method != NGX_HTTP_POST) {
        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_METHOD,
                              BASE_STR("send the webhook with POST"));
        return NGX_ERROR;
    }

    ngx_http_graphql_negotiate(ctx->request, &terms);

    if (!terms.some_json || terms.encoded) {
        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_MEDIA_TYPE,
            BASE_STR("the webhook must be JSON in UTF-8, without a "
                     "Content-Encoding"));
        return NGX_ERROR;
    }

    return ngx_http_graphql_check_length(ctx);
}


static ngx_int_t
ngx_http_graphql_callback_begin(ngx_http_graphql_ctx_t *ctx)
{
    base_str_t                   key, mac;
    const base_str_t            *full;
    ngx_http_graphql_webhook_t  *webhook;

    webhook = base_arena_zalloc(ctx->arena,
                                sizeof(ngx_http_graphql_webhook_t));
    if (webhook == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    webhook->field.name = BASE_STR("callback");

    if (ngx_http_graphql_body(ctx, &webhook->sent.body) != NGX_OK
        || ngx_http_graphql_webhook_verify(ctx, webhook, &key, &mac) != NGX_OK
        || ngx_http_graphql_webhook_read(ctx, webhook) != NGX_OK)
    {
        return ngx_http_graphql_respond(ctx);
    }

    full = ngx_http_graphql_full_for_end(ctx, webhook->sent.body.len);
    if (full != NULL) {
        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_QUEUE_FULL,
                              *full);
        return ngx_http_graphql_respond(ctx);
    }

    if (ngx_http_graphql_webhook_key(ctx, webhook, key, mac) != NGX_OK
        || ngx_http_graphql_webhook_message(ctx, webhook) != NGX_OK)
    {
        ngx_http_graphql_no_memory(ctx, &webhook->field);
        return ngx_http_graphql_respond(ctx);
    }

    if (webhook->message.len > ORDERS_MESSAGE_BYTES_MAX) {
        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_TOO_LARGE,
                              BASE_STR("the webhook is too large"));
        return ngx_http_graphql_respond(ctx);
    }

    ngx_http_graphql_webhook_send(ctx, webhook);

    return ngx_http_graphql_callback_run(ctx);
}


static ngx_int_t
ngx_http_graphql_callback_run(ngx_http_graphql_ctx_t *ctx)
{
    return ctx->waiting > 0 ? NGX_DONE : ngx_http_graphql_respond(ctx);
}


/*
 * key   out: of whom it is, the secret that fits or the location
 * mac   out: the signature, in the arena; empty where there is none
 */
static ngx_int_t
ngx_http_graphql_webhook_verify(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook, base_str_t *key, base_str_t *mac)
{
    size_t                              which;
    u_char                             *code;
    orders_webhook_t                   *sent = &webhook->sent;
    orders_signature_status_t           status;
    const orders_signature_t           *signature;
    const ngx_http_graphql_callback_t  *conf = &ctx->conf->callback;

    *key = conf->name;
    *mac = base_str(NULL, 0);

    signature = conf->signature;
    if (signature == NULL) {
        return NGX_OK;
    }

    code = base_arena_alloc(ctx->arena, BASE_HMAC_BYTES);

    if (code == NULL) {
        ngx_http_graphql_no_memory(ctx, &webhook->field);
        return NGX_ERROR;
    }

    if (ngx_http_graphql_find_header(ctx->request, signature->header,
                                     &sent->signature)
        == NGX_ERROR
        || ngx_http_graphql_find_header(ctx->request,
                                        signature->timestamp_header,
                                        &sent->timestamp)
           == NGX_ERROR
        || ngx_http_graphql_find_header(ctx->request, signature->id_header,
                                        &sent->id)
           == NGX_ERROR)
    {
        status = ORDERS_SIGNATURE_MALFORMED;

    } else {
        status = orders_signature_check(signature, sent, conf->keys,
                                        conf->nkeys, ngx_time(), conf->window,
                                        &which, code);
    }

    if (status != ORDERS_SIGNATURE_GOOD) {
        (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_SIGNATURE,
                              orders_signature_reason(status));
        return NGX_ERROR;
    }

    *key = conf->keys[which];
    *mac = base_str((char *) code, BASE_HMAC_BYTES);

    return NGX_OK;
}


/* NGX_ERROR, without an error, too if it is to be ignored. */
static ngx_int_t
ngx_http_graphql_webhook_read(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook)
{
    base_str_t    reason;
    base_json_t  *json;

    json = ngx_http_graphql_body_json(ctx, webhook->sent.body);
    if (json == NULL) {
        return NGX_ERROR;
    }

    switch (orders_webhook_read(&ctx->conf->callback.map, ctx->arena, json,
                                &webhook->callback, &reason))
    {
    case ORDERS_WEBHOOK_TAKEN:
        break;

    case ORDERS_WEBHOOK_IGNORED:
        ctx->outcome = BASE_STR("ignored");
        ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                      "graphql webhook is ignored: its event is none of "
                      "\"graphql_orders_callback_outcome\"");
        return NGX_ERROR;

    default:
        if (reason.data == NULL) {
            ngx_http_graphql_no_memory(ctx, &webhook->field);

        } else {
            (void) gql_errors_add(&ctx->errors, NGX_HTTP_GRAPHQL_BAD_REQUEST,
                                  reason);
        }

        return NGX_ERROR;
    }

    ctx->posted = webhook->callback.id;

    if (webhook->callback.webhook_id.len == 0) {
        webhook->callback.webhook_id = webhook->sent.id;
    }

    return NGX_OK;
}


/*
 * By what it is known again, and for how long: while its timestamp is good, or,
 * where it has none, as long as an idempotency key.
 */
static ngx_int_t
ngx_http_graphql_webhook_key(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook, base_str_t key, base_str_t mac)
{
    char                                name[ORDERS_WEBHOOK_NAME_BYTES];
    time_t                              ttl;
    base_str_t                          id;
    const ngx_http_graphql_callback_t  *conf = &ctx->conf->callback;

    id = webhook->callback.webhook_id.len > 0 ? webhook->callback.webhook_id
                                              : mac;
    if (id.len == 0) {
        return NGX_OK;
    }

    orders_webhook_name(key, id, name);

    ttl = conf->signature != NULL && conf->signature->timed
          ? 2 * conf->window + NGX_HTTP_GRAPHQL_CLOCKS_S
          : ctx->conf->idempotency_ttl;

    webhook->ttl_len = ngx_sprintf(webhook->ttl, "%T", ttl) - webhook->ttl;
    webhook->key = orders_key_webhook(&ctx->conf->queue->keys, ctx->arena,
                                      base_str(name, sizeof(name)));

    return webhook->key.data == NULL ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_graphql_webhook_message(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook)
{
    char              created_at[BASE_TIME_TEXT_BYTES];
    base_buf_t        buf;
    orders_message_t  message;

    (void) ngx_http_graphql_now(ctx->process, created_at);

    ngx_memzero(&message, sizeof(orders_message_t));

    message.kind = ORDERS_MESSAGE_CALLBACK;
    message.id = webhook->callback.id;
    message.created_at = base_str(created_at, BASE_TIME_TEXT_BYTES);
    message.input = orders_callback_json(ctx->arena, &webhook->callback);

    if (message.input == NULL) {
        return NGX_ERROR;
    }

    base_buf_init(&buf, ctx->arena, SIZE_MAX);
    orders_message_write(&buf, &message);
    webhook->message = base_buf_str(&buf);

    return buf.failed ? NGX_ERROR : NGX_OK;
}


static void
ngx_http_graphql_webhook_send(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook)
{
    base_str_t  argv[2] = { BASE_STR("EXISTS"), webhook->key };

    if (webhook->key.len == 0) {
        ngx_http_graphql_webhook_push(ctx, webhook);
        return;
    }

    (void) ngx_http_graphql_call(ctx, &webhook->field, argv, 2,
                                 ngx_http_graphql_webhook_exists, webhook);
}


static void
ngx_http_graphql_webhook_exists(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    int64_t  there;

    /* nothing was written: that is known */

    if (outcome == RDS_UNKNOWN) {
        outcome = RDS_UNSENT;
    }

    if (outcome != RDS_REPLIED || !rds_reply_int(reply, &there)) {
        ngx_http_graphql_call_failed(call, outcome, reply);
        return;
    }

    if (there) {
        ngx_http_graphql_webhook_duplicate(call->ctx);
        return;
    }

    ngx_http_graphql_webhook_push(call->ctx, call->data);
}


static void
ngx_http_graphql_webhook_push(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_webhook_t *webhook)
{
    base_str_t  set[6], push[3];

    push[0] = BASE_STR("RPUSH");
    push[1] = ctx->conf->queue->keys.queue;
    push[2] = webhook->message;

    if (webhook->key.len == 0) {
        (void) ngx_http_graphql_call(ctx, &webhook->field, push, 3,
                                     ngx_http_graphql_webhook_pushed, webhook);
        return;
    }

    set[0] = BASE_STR("SET");
    set[1] = webhook->key;
    set[2] = webhook->callback.id;
    set[3] = BASE_STR("NX");
    set[4] = BASE_STR("EX");
    set[5] = base_str((char *) webhook->ttl, webhook->ttl_len);

    const ngx_http_graphql_command_t  commands[] = { { set, 6 }, { push, 3 } };

    (void) ngx_http_graphql_transaction(ctx, &webhook->field, commands, 2,
                                        ngx_http_graphql_webhook_pushed_once,
                                        webhook);
}


static void
ngx_http_graphql_webhook_pushed(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    int64_t  length;

    if (outcome != RDS_REPLIED || !rds_reply_int(reply, &length)) {
        ngx_http_graphql_call_failed(call, outcome, reply);
        return;
    }

    ngx_http_graphql_webhook_taken(call->ctx, call->data, length);
}


/* The reply to EXEC: "OK" or nil, and the queue's length. */
static void
ngx_http_graphql_webhook_pushed_once(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    int64_t             length;
    const rds_reply_t  *set, *push;

    set = outcome == RDS_REPLIED ? rds_reply_at(reply, 0) : NULL;
    push = outcome == RDS_REPLIED ? rds_reply_at(reply, 1) : NULL;

    if (set == NULL || push == NULL) {
        ngx_http_graphql_call_failed(call, outcome, reply);
        return;
    }

    if (!rds_reply_int(push, &length)) {

        if (rds_reply_str(set).len > 0) {
            ngx_http_graphql_webhook_forget(call->ctx, call->data);
        }

        ngx_http_graphql_call_failed(call, outcome, push);
        return;
    }

    ngx_http_graphql_webhook_taken(call->ctx, call->data, length);
}


static void
ngx_http_graphql_webhook_taken(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_webhook_t *webhook, int64_t length)
{
    ngx_http_graphql_filled(ctx, length);

    ctx->outcome = orders_callback_outcome_name(webhook->callback.outcome);
}


static void
ngx_http_graphql_webhook_duplicate(ngx_http_graphql_ctx_t *ctx)
{
    ctx->outcome = BASE_STR("duplicate");

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "graphql webhook was seen before and is not taken again: "
                  "order %*s", ctx->posted.len, ctx->posted.data);
}


/* It is remembered, but not in the queue: the next one may have it.  Nobody
 * waits for the answer. */
static void
ngx_http_graphql_webhook_forget(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_webhook_t *webhook)
{
    rds_link_t  *link = ctx->process->links[ctx->conf->store->index];
    base_str_t   argv[2] = { BASE_STR("DEL"), webhook->key };

    if (link != NULL) {
        (void) rds_link_send(link, argv, 2, NULL, NULL);
    }
}
