/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as the form of a signature and as a webhook that claims to have
 * one: five lines, and the body.
 *
 *     words of the form, with "|" between them
 *     secret
 *     header with the signature
 *     header with the timestamp; empty: not there
 *     header with the id; the same
 *
 * A signature that is made as the form says is good, until a bit of the body or
 * of the key is another; what is good by chance has the code that we make.
 */

#include "base/buf.h"
#include "base/encoding.h"
#include "orders/signature.h"
#include "orders/signature_internal.h"

#include "fuzz.h"


#define NOW_S      1700000000
#define NOW        BASE_STR("1700000000")
#define WINDOW_S   300
#define WORDS_MAX  16


static base_str_t
header(base_str_t line)
{
    return line.len == 0 ? base_str(NULL, 0) : line;
}


static void
check_form(const orders_signature_t *signature)
{
    size_t  i, bodies = 0, times = 0, ids = 0;

    check(signature->header.len > 0);
    check(signature->encoding != NULL && signature->key != NULL);
    check(signature->part_count >= 1
          && signature->part_count <= ORDERS_SIGNATURE_PARTS_MAX);

    for (i = 0; i < signature->part_count; i++) {
        bodies += signature->parts[i].kind == ORDERS_PART_BODY;
        times += signature->parts[i].kind == ORDERS_PART_TIMESTAMP;
        ids += signature->parts[i].kind == ORDERS_PART_ID;
    }

    check(bodies == 1 && times <= 1 && ids <= 1);
    check((times == 1) == signature->timed);
    check((ids == 1) == (signature->id_header.len > 0));
}


/* The code of a webhook, from a payload in one piece. */
static void
make_mac(base_arena_t *arena, const orders_signature_t *signature,
    const orders_webhook_t *webhook, base_str_t timestamp, base_str_t key,
    unsigned char mac[BASE_HMAC_BYTES])
{
    size_t       i;
    base_buf_t   buf;
    base_hmac_t  hmac;

    base_buf_init(&buf, arena, SIZE_MAX);

    for (i = 0; i < signature->part_count; i++) {
        switch (signature->parts[i].kind) {

        case ORDERS_PART_BODY:
            base_buf_add_str(&buf, webhook->body);
            break;

        case ORDERS_PART_TIMESTAMP:
            base_buf_add_str(&buf, timestamp);
            break;

        case ORDERS_PART_ID:
            base_buf_add_str(&buf, webhook->id);
            break;

        default:
            base_buf_add_str(&buf, signature->parts[i].text);
        }
    }

    base_hmac_init(&hmac, key);
    base_hmac_add(&hmac, base_buf_str(&buf));
    base_hmac_end(&hmac, mac);
}


static orders_signature_status_t
status_of(const orders_signature_t *signature, const orders_webhook_t *webhook,
    base_str_t key, unsigned char mac[BASE_HMAC_BYTES])
{
    size_t  which = 1;

    orders_signature_status_t  status;

    status = orders_signature_check(signature, webhook, &key, 1, NOW_S,
                                    WINDOW_S, &which, mac);

    check(status < ORDERS_SIGNATURE_STATUS_COUNT);
    check(status != ORDERS_SIGNATURE_GOOD || which == 0);

    return status;
}


/* The form's label and separator may be such that a header cannot be written in
 * it: these are left alone. */
static bool
writable(const orders_signature_t *signature)
{
    base_str_t  labels[2];
    size_t      i;

    labels[0] = signature->label;
    labels[1] = signature->timestamp_label;

    for (i = 0; i < 2; i++) {
        if (labels[i].len > 0
            && (memchr(labels[i].data, signature->separator, labels[i].len)
                != NULL
                || labels[i].data[0] == ' '
                || labels[i].data[labels[i].len - 1] == ' '))
        {
            return false;
        }
    }

    return strchr(" ,;|&", signature->separator) != NULL
           && signature->separator != '\0'
           && (labels[1].data == NULL
               || (!base_str_starts(labels[0], labels[1])
                   && labels[0].len > 0));
}


/* In hexadecimal digits only: for base64 there is no writer but openssl's. */
static void
check_signed(base_arena_t *arena, const orders_signature_t *signature,
    orders_webhook_t webhook, base_str_t key)
{
    char           hex[2 * BASE_HMAC_BYTES];
    base_buf_t     buf;
    base_str_t     changed;
    unsigned char  mac[BASE_HMAC_BYTES];

    if (!base_str_eq(signature->encoding->name, BASE_STR("hex"))
        || !writable(signature))
    {
        return;
    }

    if (signature->id_header.len > 0) {
        webhook.id = BASE_STR("msg_1");
    }

    make_mac(arena, signature, &webhook, NOW, key, mac);
    base_hex(mac, sizeof(mac), hex);

    base_buf_init(&buf, arena, SIZE_MAX);
    base_buf_add_str(&buf, signature->label);
    base_buf_add(&buf, hex, sizeof(hex));

    if (signature->timestamp_label.data != NULL) {
        base_buf_add_char(&buf, signature->separator);
        base_buf_add_str(&buf, signature->timestamp_label);
        base_buf_add_str(&buf, NOW);
    }

    webhook.signature = base_buf_str(&buf);
    webhook.timestamp = NOW;
    check(status_of(signature, &webhook, key, mac) == ORDERS_SIGNATURE_GOOD);

    changed = base_arena_printf(arena, "%.*s!", BASE_STR_ARG(key));
    check(key.len > 64 || memchr(key.data, 0, key.len) != NULL
          || status_of(signature, &webhook, changed, mac)
             == ORDERS_SIGNATURE_FORGED);

    webhook.body = base_str(webhook.body.data, webhook.body.len / 2);
    check(webhook.body.len == 0
          || status_of(signature, &webhook, key, mac)
             == ORDERS_SIGNATURE_FORGED);
}


static void
check_webhook(base_arena_t *arena, const orders_signature_t *signature,
    base_str_t secret, const orders_webhook_t *webhook)
{
    base_str_t       key;
    const char      *reason = NULL;
    unsigned char    mac[BASE_HMAC_BYTES], expected[BASE_HMAC_BYTES];

    if (!orders_signature_key(signature, arena, secret, &key, &reason)) {
        check(reason != NULL);
        return;
    }

    check(key.len >= 16);

    if (status_of(signature, webhook, key, mac) == ORDERS_SIGNATURE_GOOD
        && signature->timestamp_label.data == NULL)
    {
        make_mac(arena, signature, webhook, webhook->timestamp, key, expected);
        check(base_hmac_equal(mac, expected));
    }

    check_signed(arena, signature, *webhook, key);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t              count = 0;
    base_str_t          rest = base_str((const char *) data, size);
    base_str_t          line, secret, words[WORDS_MAX];
    const char         *reason = NULL;
    base_arena_t        arena;
    orders_webhook_t    webhook;
    orders_signature_t  signature;

    line = take_until(&rest, '\n');

    while (line.len > 0 && count < WORDS_MAX) {
        words[count++] = take_until(&line, '|');
    }

    secret = take_until(&rest, '\n');
    webhook.signature = header(take_until(&rest, '\n'));
    webhook.timestamp = header(take_until(&rest, '\n'));
    webhook.id = header(take_until(&rest, '\n'));
    webhook.body = rest;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    if (orders_signature_init(&signature, words, count, &reason)) {
        check_form(&signature);
        check_webhook(&arena, &signature, secret, &webhook);
    } else {
        check(reason != NULL);
    }

    base_arena_deinit(&arena);

    return 0;
}
