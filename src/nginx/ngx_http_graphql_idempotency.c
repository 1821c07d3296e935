/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An order that is posted once however often the client sends it: the header
 * Idempotency-Key, or postOrder's argument idempotencyKey where the schema has
 * one.
 *
 *     MULTI
 *     SET {orders:0}:idempotency:<user>:<key> "<id> <fingerprint>"
 *         NX GET EX 86400
 *     RPUSH {orders:0}:queue {"v":1,"kind":"post","id":"<id>",...}
 *     EXEC
 *
 * If SET gives an older value, the key is that order's: with the fingerprint of
 * this input the client gets that order, else an error.  The message that was
 * pushed then has lost; it is taken off the queue again, and a worker that was
 * faster sees that the key is not its own and drops it.
 *
 * The fingerprint is the SHA-1 of the input with its keys in order, so that the
 * same input in another order of keys is the same.
 *
 * A header counts for all orders of its request: the second has "<key>\t2" and
 * so on.  A tab is in no key that a client gives, and a request that is sent
 * again has its fields in the same order.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sha1.h>

#include "base/time.h"
#include "base/utf8.h"

#include "nginx/ngx_http_graphql_request.h"
#include "nginx/ngx_http_graphql_resolve.h"


#define NGX_HTTP_GRAPHQL_SHA1_BYTES         20
#define NGX_HTTP_GRAPHQL_FINGERPRINT_BYTES  (2 * NGX_HTTP_GRAPHQL_SHA1_BYTES)

/* "<id> <fingerprint>" */
#define NGX_HTTP_GRAPHQL_CLAIM_BYTES                                          \
    (BASE_UUID_TEXT_BYTES + 1 + NGX_HTTP_GRAPHQL_FINGERPRINT_BYTES)


typedef struct {
    ngx_http_graphql_post_t  *post;
    base_str_t                key;      /* Redis' */
    base_str_t                message;
    char                      claim[NGX_HTTP_GRAPHQL_CLAIM_BYTES];
} ngx_http_graphql_once_t;


static ngx_int_t ngx_http_graphql_header_key(ngx_http_graphql_ctx_t *ctx,
    base_str_t *key);
static ngx_uint_t ngx_http_graphql_post_place(
    const ngx_http_graphql_ctx_t *ctx, const gql_root_field_t *field);
static ngx_flag_t ngx_http_graphql_key_valid(base_str_t key);
static ngx_int_t ngx_http_graphql_claim(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_once_t *once);
static void ngx_http_graphql_write_sorted(base_arena_t *arena, base_buf_t *buf,
    const base_json_t *value);
static int ngx_libc_cdecl ngx_http_graphql_compare_keys(const void *one,
    const void *two);
static void ngx_http_graphql_once_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void ngx_http_graphql_withdraw(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_once_t *once);
static void ngx_http_graphql_disclaim(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_once_t *once);
static void ngx_http_graphql_repeated(ngx_http_graphql_call_t *call,
    base_str_t claim);


ngx_int_t
ngx_http_graphql_idempotency_key(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, base_str_t *key)
{
    base_str_t          header, message;
    ngx_uint_t          place;
    const base_json_t  *argument;

    argument = base_json_get(field->arguments, BASE_STR("idempotencyKey"));

    if (ngx_http_graphql_header_key(ctx, &header) != NGX_OK) {
        message = BASE_STR("there are two headers with an idempotency key");
        goto failed;
    }

    *key = header;

    if (argument != NULL && argument->type == BASE_JSON_STRING) {
        *key = argument->text;
    }

    if (key->data == NULL) {
        return NGX_OK;
    }

    if (!ngx_http_graphql_key_valid(*key)) {
        message = BASE_STR("an idempotency key is 1 to 255 characters of "
                           "printable ASCII");
        goto failed;
    }

    if (header.data == NULL || key->data != header.data) {

        if (header.data != NULL && !base_str_eq(*key, header)) {
            message = BASE_STR("the header and the argument have different "
                               "idempotency keys");
            goto failed;
        }

        return NGX_OK;
    }

    place = ngx_http_graphql_post_place(ctx, field);

    if (place > 1) {
        *key = base_arena_printf(ctx->arena, "%.*s\t%u",
                                 BASE_STR_ARG(header), (unsigned) place);
        if (key->data == NULL) {
            ngx_http_graphql_no_memory(ctx, field);
            return NGX_ERROR;
        }
    }

    return NGX_OK;

failed:

    (void) gql_root_fail(ctx->plan, field, GQL_CODE_BAD_INPUT, message);

    return NGX_ERROR;
}


/*
 * data NULL: none.  Without the quotes of a structured field (RFC 8941:
 * Strings).  NGX_ERROR if there are two.
 */
static ngx_int_t
ngx_http_graphql_header_key(ngx_http_graphql_ctx_t *ctx, base_str_t *key)
{
    ngx_str_t  *name = &ctx->conf->idempotency_header;

    if (ngx_http_graphql_find_header(ctx->request,
                                     base_str((char *) name->data, name->len),
                                     key)
        == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    if (key->len >= 2 && key->data[0] == '"' && key->data[key->len - 1] == '"')
    {
        key->data++;
        key->len -= 2;
    }

    return NGX_OK;
}


/* The field's place among those of its name, from 1. */
static ngx_uint_t
ngx_http_graphql_post_place(const ngx_http_graphql_ctx_t *ctx,
    const gql_root_field_t *field)
{
    ngx_uint_t               place;
    const gql_root_field_t  *other;

    place = 1;

    for (other = ctx->plan->fields; other != field; other++) {
        place += base_str_eq(other->name, field->name);
    }

    return place;
}


static ngx_flag_t
ngx_http_graphql_key_valid(base_str_t key)
{
    size_t  i;

    if (key.len == 0 || key.len > ORDERS_IDEMPOTENCY_KEY_BYTES_MAX) {
        return 0;
    }

    for (i = 0; i < key.len; i++) {
        if (key.data[i] < ' ' || key.data[i] > '~') {
            return 0;
        }
    }

    return 1;
}


void
ngx_http_graphql_post_once(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, ngx_http_graphql_post_t *post, base_str_t key,
    base_str_t message)
{
    u_char                    ttl[NGX_TIME_T_LEN];
    base_str_t                set[7], push[3];
    ngx_http_graphql_once_t  *once;

    once = base_arena_alloc(ctx->arena, sizeof(ngx_http_graphql_once_t));
    if (once == NULL) {
        ngx_http_graphql_no_memory(ctx, field);
        return;
    }

    once->post = post;
    once->message = message;

    set[0] = BASE_STR("SET");
    set[1] = orders_key_idempotency(&ctx->conf->queue->keys, ctx->arena,
                                    ctx->user, key);
    set[2] = base_str(once->claim, NGX_HTTP_GRAPHQL_CLAIM_BYTES);
    set[3] = BASE_STR("NX");
    set[4] = BASE_STR("GET");
    set[5] = BASE_STR("EX");
    set[6] = base_str((char *) ttl,
                      ngx_sprintf(ttl, "%T", ctx->conf->idempotency_ttl)
                      - ttl);

    once->key = set[1];

    if (set[1].data == NULL || ngx_http_graphql_claim(ctx, once) != NGX_OK) {
        ngx_http_graphql_no_memory(ctx, field);
        return;
    }

    push[0] = BASE_STR("RPUSH");
    push[1] = ctx->conf->queue->keys.queue;
    push[2] = message;

    const ngx_http_graphql_command_t  commands[] = { { set, 7 }, { push, 3 } };

    (void) ngx_http_graphql_transaction(ctx, field, commands, 2,
                                        ngx_http_graphql_once_handler, once);
}


static ngx_int_t
ngx_http_graphql_claim(ngx_http_graphql_ctx_t *ctx,
    ngx_http_graphql_once_t *once)
{
    u_char      digest[NGX_HTTP_GRAPHQL_SHA1_BYTES];
    base_buf_t  buf;
    ngx_sha1_t  sha1;

    base_buf_init(&buf, ctx->arena, SIZE_MAX);
    ngx_http_graphql_write_sorted(ctx->arena, &buf, once->post->record.input);

    if (buf.failed) {
        return NGX_ERROR;
    }

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, buf.data, buf.len);
    ngx_sha1_final(digest, &sha1);

    ngx_memcpy(once->claim, once->post->id, BASE_UUID_TEXT_BYTES);
    once->claim[BASE_UUID_TEXT_BYTES] = ' ';
    (void) ngx_hex_dump((u_char *) once->claim + BASE_UUID_TEXT_BYTES + 1,
                        digest, NGX_HTTP_GRAPHQL_SHA1_BYTES);

    return NGX_OK;
}


/* A text that is the same for equal values, whatever the order of keys. */
static void
ngx_http_graphql_write_sorted(base_arena_t *arena, base_buf_t *buf,
    const base_json_t *value)
{
    ngx_uint_t           i;
    const base_json_t   *item, **members;

    if (value->type != BASE_JSON_OBJECT && value->type != BASE_JSON_ARRAY) {
        base_json_write(buf, value);
        return;
    }

    members = base_arena_calloc(arena, value->count + 1,
                                sizeof(base_json_t *));
    if (members == NULL) {
        base_buf_fail(buf);
        return;
    }

    i = 0;

    base_json_each(item, value) {
        members[i++] = item;
    }

    if (value->type == BASE_JSON_OBJECT) {
        ngx_qsort(members, value->count, sizeof(base_json_t *),
                  ngx_http_graphql_compare_keys);
    }

    base_buf_add_char(buf, value->type == BASE_JSON_OBJECT ? '{' : '[');

    for (i = 0; i < value->count; i++) {
        if (value->type == BASE_JSON_OBJECT) {
            base_json_write_str(buf, members[i]->key);
            base_buf_add_char(buf, ':');
        }

        ngx_http_graphql_write_sorted(arena, buf, members[i]);
        base_buf_add_char(buf, ',');
    }

    base_buf_add_char(buf, '}');
}


static int ngx_libc_cdecl
ngx_http_graphql_compare_keys(const void *one, const void *two)
{
    const base_json_t *const  *a = one;
    const base_json_t *const  *b = two;

    return base_str_cmp((*a)->key, (*b)->key);
}


/* The reply to EXEC: the key's older value or nil, and the queue's length. */
static void
ngx_http_graphql_once_handler(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply)
{
    int64_t                   length;
    base_str_t                claim;
    const rds_reply_t        *set, *push;
    ngx_http_graphql_once_t  *once = call->data;

    set = outcome == RDS_REPLIED ? rds_reply_at(reply, 0) : NULL;
    push = outcome == RDS_REPLIED ? rds_reply_at(reply, 1) : NULL;

    if (set == NULL || push == NULL) {
        ngx_http_graphql_call_failed(call, outcome, reply);
        return;
    }

    if (rds_reply_is_error(set)) {
        ngx_http_graphql_withdraw(call->ctx, once);
        ngx_http_graphql_call_failed(call, outcome, set);
        return;
    }

    claim = rds_reply_str(set);

    if (!rds_reply_int(push, &length)) {
        if (claim.data == NULL) {
            ngx_http_graphql_disclaim(call->ctx, once);
        }

        ngx_http_graphql_call_failed(call, outcome, push);
        return;
    }

    if (claim.data == NULL) {
        ngx_http_graphql_posted(call, once->post, length);
        return;
    }

    ngx_http_graphql_withdraw(call->ctx, once);
    ngx_http_graphql_repeated(call, claim);
}


/* A key that expires before a worker sees the message must not bring it back to
 * life.  Nobody waits for the answer. */
static void
ngx_http_graphql_withdraw(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_once_t *once)
{
    rds_link_t  *link = ctx->process->links[ctx->conf->store->index];
    base_str_t   argv[4];

    argv[0] = BASE_STR("LREM");
    argv[1] = ctx->conf->queue->keys.queue;
    argv[2] = BASE_STR("-1");
    argv[3] = once->message;

    if (link != NULL) {
        (void) rds_link_send(link, argv, 4, NULL, NULL);
    }
}


/* The key was taken, but the order was not: the next one may have it. */
static void
ngx_http_graphql_disclaim(ngx_http_graphql_ctx_t *ctx,
    const ngx_http_graphql_once_t *once)
{
    rds_link_t  *link = ctx->process->links[ctx->conf->store->index];
    base_str_t   argv[2] = { BASE_STR("DEL"), once->key };

    if (link != NULL) {
        (void) rds_link_send(link, argv, 2, NULL, NULL);
    }
}


static void
ngx_http_graphql_repeated(ngx_http_graphql_call_t *call, base_str_t claim)
{
    int64_t                   ms;
    base_str_t                id;
    orders_record_t          *record;
    ngx_http_graphql_ctx_t   *ctx = call->ctx;
    ngx_http_graphql_once_t  *once = call->data;

    id = base_str(claim.data, BASE_UUID_TEXT_BYTES);

    if (claim.len != NGX_HTTP_GRAPHQL_CLAIM_BYTES
        || ngx_memcmp(claim.data + BASE_UUID_TEXT_BYTES,
                      once->claim + BASE_UUID_TEXT_BYTES,
                      NGX_HTTP_GRAPHQL_CLAIM_BYTES - BASE_UUID_TEXT_BYTES)
           != 0)
    {
        (void) gql_root_fail(ctx->plan, call->field,
            NGX_HTTP_GRAPHQL_IDEMPOTENCY,
            BASE_STR("the idempotency key was used for another order"));
        return;
    }

    ms = base_uuid_v7_ms(id);

    if (ms < 0) {
        ngx_http_graphql_call_failed(call, RDS_REPLIED, NULL);
        return;
    }

    /* the older order: as the worker has stored it, or, as long as it waits in
     * the queue, as it was answered then */

    ngx_memcpy(once->post->id, id.data, BASE_UUID_TEXT_BYTES);
    base_time_format(ms, once->post->created_at);

    record = &once->post->record;

    ngx_http_graphql_read_field(ctx, call->field, record->id, ctx->user,
                                record);
}
