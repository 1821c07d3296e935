/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Forms of signatures, from the words that tell them:
 *
 *     form    = element [separator element]
 *     element = label "{hex}" | label "{base64}" | label "{timestamp}"
 *     payload = *(text | "{body}" | "{timestamp}" | "{id}")
 */

#include "orders/signature_internal.h"

#include "base/encoding.h"


/* The words of a form, in the order of orders_signature_words. */
enum {
    ORDERS_WORD_HEADER = 0,
    ORDERS_WORD_FORM,
    ORDERS_WORD_PAYLOAD,
    ORDERS_WORD_TIMESTAMP,
    ORDERS_WORD_ID,
    ORDERS_WORD_KEY,
    ORDERS_WORD_COUNT
};

typedef struct {
    base_str_t  name;
    base_str_t  values[ORDERS_WORD_COUNT];      /* empty: none */
} orders_signature_known_t;


static bool signature_words(orders_signature_t *signature,
    const base_str_t *values, const char **reason);
static bool signature_form(orders_signature_t *signature, base_str_t form);
static bool signature_element(orders_signature_t *signature, base_str_t label,
    base_str_t name);
static bool signature_payload(orders_signature_t *signature,
    base_str_t payload);
static bool signature_placeholder(orders_signature_t *signature,
    base_str_t name);
static size_t signature_count(const orders_signature_t *signature,
    orders_signature_part_kind_t kind);
static bool signature_part(orders_signature_t *signature,
    orders_signature_part_kind_t kind, base_str_t text);
static bool signature_next(base_str_t *rest, base_str_t *text,
    base_str_t *name);
static bool key_raw(base_arena_t *arena, base_str_t secret, base_str_t *key);
static bool key_hex(base_arena_t *arena, base_str_t secret, base_str_t *key);
static bool key_base64(base_arena_t *arena, base_str_t secret,
    base_str_t *key);


static const base_str_t  orders_signature_words[ORDERS_WORD_COUNT] = {
    [ORDERS_WORD_HEADER] = BASE_STR_INIT("header="),
    [ORDERS_WORD_FORM] = BASE_STR_INIT("form="),
    [ORDERS_WORD_PAYLOAD] = BASE_STR_INIT("payload="),
    [ORDERS_WORD_TIMESTAMP] = BASE_STR_INIT("timestamp="),
    [ORDERS_WORD_ID] = BASE_STR_INIT("id="),
    [ORDERS_WORD_KEY] = BASE_STR_INIT("key="),
};


/* As their senders' documentation has them. */
static const orders_signature_known_t  orders_signature_known[] = {

    { BASE_STR_INIT("standard"), {
        BASE_STR_INIT("webhook-signature"),
        BASE_STR_INIT("v1,{base64}"),
        BASE_STR_INIT("{id}.{timestamp}.{body}"),
        BASE_STR_INIT("webhook-timestamp"),
        BASE_STR_INIT("webhook-id"),
        BASE_STR_INIT("base64") } },

    { BASE_STR_INIT("stripe"), {
        BASE_STR_INIT("Stripe-Signature"),
        BASE_STR_INIT("t={timestamp},v1={hex}"),
        BASE_STR_INIT("{timestamp}.{body}"),
        BASE_STR_INIT(""),
        BASE_STR_INIT(""),
        BASE_STR_INIT("") } },

    { BASE_STR_INIT("github"), {
        BASE_STR_INIT("X-Hub-Signature-256"),
        BASE_STR_INIT("sha256={hex}"),
        BASE_STR_INIT("{body}"),
        BASE_STR_INIT(""),
        BASE_STR_INIT(""),
        BASE_STR_INIT("") } },

    { BASE_STR_INIT("shopify"), {
        BASE_STR_INIT("X-Shopify-Hmac-Sha256"),
        BASE_STR_INIT("{base64}"),
        BASE_STR_INIT("{body}"),
        BASE_STR_INIT(""),
        BASE_STR_INIT(""),
        BASE_STR_INIT("") } },

    { BASE_STR_INIT("slack"), {
        BASE_STR_INIT("X-Slack-Signature"),
        BASE_STR_INIT("v0={hex}"),
        BASE_STR_INIT("v0:{timestamp}:{body}"),
        BASE_STR_INIT("X-Slack-Request-Timestamp"),
        BASE_STR_INIT(""),
        BASE_STR_INIT("") } },

    { BASE_STR_INIT("paddle"), {
        BASE_STR_INIT("Paddle-Signature"),
        BASE_STR_INIT("ts={timestamp};h1={hex}"),
        BASE_STR_INIT("{timestamp}:{body}"),
        BASE_STR_INIT(""),
        BASE_STR_INIT(""),
        BASE_STR_INIT("") } },

    { BASE_STR_INIT("svix"), {
        BASE_STR_INIT("svix-signature"),
        BASE_STR_INIT("v1,{base64}"),
        BASE_STR_INIT("{id}.{timestamp}.{body}"),
        BASE_STR_INIT("svix-timestamp"),
        BASE_STR_INIT("svix-id"),
        BASE_STR_INIT("base64") } },
};

#define ORDERS_SIGNATURE_KNOWN                                                \
    (sizeof(orders_signature_known) / sizeof(orders_signature_known[0]))


static const orders_signature_encoding_t  orders_signature_encodings[] = {
    { BASE_STR_INIT("hex"), orders_signature_hex },
    { BASE_STR_INIT("base64"), orders_signature_base64 },
};

#define ORDERS_SIGNATURE_ENCODINGS                                            \
    (sizeof(orders_signature_encodings) / sizeof(orders_signature_encodings[0]))


/* The first one is the default; the bytes that a key needs are those of
 * Standard Webhooks (Signature scheme), and 128 bits elsewhere. */
static const orders_signature_key_t  orders_signature_keys[] = {
    { BASE_STR_INIT("raw"), 16, key_raw,
      "it has less than 16 characters" },
    { BASE_STR_INIT("base64"), 24, key_base64,
      "it is not base64 of at least 24 bytes, with or without \"whsec_\"" },
    { BASE_STR_INIT("hex"), 16, key_hex,
      "it is not at least 32 hexadecimal digits" },
};

#define ORDERS_SIGNATURE_KEYS                                                 \
    (sizeof(orders_signature_keys) / sizeof(orders_signature_keys[0]))


static const base_str_t  orders_signature_placeholders[ORDERS_PART_COUNT] = {
    [ORDERS_PART_TEXT] = BASE_STR_INIT(""),
    [ORDERS_PART_BODY] = BASE_STR_INIT("body"),
    [ORDERS_PART_TIMESTAMP] = BASE_STR_INIT("timestamp"),
    [ORDERS_PART_ID] = BASE_STR_INIT("id"),
};


bool
orders_signature_init(orders_signature_t *signature, const base_str_t *words,
    size_t count, const char **reason)
{
    size_t       i, j;
    base_str_t   values[ORDERS_WORD_COUNT] = { { NULL, 0 } };

    for (i = 0; count == 1 && i < ORDERS_SIGNATURE_KNOWN; i++) {
        if (base_str_eq(words[0], orders_signature_known[i].name)) {
            return signature_words(signature, orders_signature_known[i].values,
                                   reason);
        }
    }

    for (i = 0; i < count; i++) {
        for (j = 0; j < ORDERS_WORD_COUNT; j++) {
            if (base_str_starts(words[i], orders_signature_words[j])) {
                break;
            }
        }

        if (j == ORDERS_WORD_COUNT || values[j].data != NULL
            || words[i].len == orders_signature_words[j].len)
        {
            *reason = "it is " ORDERS_SIGNATURE_FORMS ", or header=, form= and "
                      "payload=, with timestamp=, id= and key= where there are "
                      "such; each of them once";
            return false;
        }

        values[j] = base_str(words[i].data + orders_signature_words[j].len,
                             words[i].len - orders_signature_words[j].len);
    }

    return signature_words(signature, values, reason);
}


static bool
signature_words(orders_signature_t *signature, const base_str_t *values,
    const char **reason)
{
    size_t  i;

    *signature = (orders_signature_t) {
        .header = values[ORDERS_WORD_HEADER],
        .timestamp_header = values[ORDERS_WORD_TIMESTAMP],
        .id_header = values[ORDERS_WORD_ID],
        .separator = ' ',
        .key = &orders_signature_keys[0]
    };

    if (signature->header.len == 0) {
        *reason = "header= is missing: the header with the signature";
        return false;
    }

    if (!signature_form(signature, values[ORDERS_WORD_FORM])) {
        *reason = "form= is such as \"sha256={hex}\", \"{base64}\" or "
                  "\"t={timestamp},v1={hex}\"";
        return false;
    }

    if (!signature_payload(signature, values[ORDERS_WORD_PAYLOAD])) {
        *reason = "payload= is such as \"{body}\" or \"{timestamp}.{body}\", "
                  "with {body} in it";
        return false;
    }

    for (i = 0; values[ORDERS_WORD_KEY].len > 0; i++) {
        if (i == ORDERS_SIGNATURE_KEYS) {
            *reason = "key= is raw, base64 or hex";
            return false;
        }

        if (base_str_eq(values[ORDERS_WORD_KEY], orders_signature_keys[i].name))
        {
            signature->key = &orders_signature_keys[i];
            break;
        }
    }

    if (signature->timestamp_label.data != NULL
        && signature->timestamp_header.len > 0)
    {
        *reason = "the timestamp is in form= or in timestamp=, not in both";
        return false;
    }

    signature->timed = signature->timestamp_label.data != NULL
                       || signature->timestamp_header.len > 0;

    if (signature_count(signature, ORDERS_PART_TIMESTAMP) != signature->timed
        || signature_count(signature, ORDERS_PART_ID)
           != (signature->id_header.len > 0))
    {
        *reason = "a timestamp or an id is believed only where it is signed: "
                  "payload= has {timestamp} and {id} in it where there are "
                  "such, and only then";
        return false;
    }

    return true;
}


static bool
signature_form(orders_signature_t *signature, base_str_t form)
{
    base_str_t  label, name;

    if (!signature_next(&form, &label, &name)
        || !signature_element(signature, label, name))
    {
        return false;
    }

    if (form.len > 0) {
        signature->separator = form.data[0];
        form = base_str(form.data + 1, form.len - 1);

        if (!signature_next(&form, &label, &name)
            || !signature_element(signature, label, name) || form.len > 0)
        {
            return false;
        }
    }

    return signature->encoding != NULL;
}


static bool
signature_element(orders_signature_t *signature, base_str_t label,
    base_str_t name)
{
    size_t  i;

    if (base_str_eq(name, BASE_STR("timestamp"))) {
        if (signature->timestamp_label.data != NULL || label.len == 0) {
            return false;
        }

        signature->timestamp_label = label;
        return true;
    }

    for (i = 0; i < ORDERS_SIGNATURE_ENCODINGS; i++) {
        if (base_str_eq(name, orders_signature_encodings[i].name)) {
            if (signature->encoding != NULL) {
                return false;
            }

            signature->encoding = &orders_signature_encodings[i];
            signature->label = label;
            return true;
        }
    }

    return false;
}


static bool
signature_payload(orders_signature_t *signature, base_str_t payload)
{
    base_str_t  text, name;

    while (payload.len > 0) {
        if (!signature_next(&payload, &text, &name)) {
            if (name.data != NULL
                || !signature_part(signature, ORDERS_PART_TEXT, text))
            {
                return false;
            }

            break;
        }

        if (!signature_part(signature, ORDERS_PART_TEXT, text)
            || !signature_placeholder(signature, name))
        {
            return false;
        }
    }

    return signature_count(signature, ORDERS_PART_BODY) == 1;
}


static bool
signature_placeholder(orders_signature_t *signature, base_str_t name)
{
    size_t  kind;

    for (kind = ORDERS_PART_BODY; kind < ORDERS_PART_COUNT; kind++) {
        if (base_str_eq(name, orders_signature_placeholders[kind])) {
            return signature_part(signature,
                                  (orders_signature_part_kind_t) kind, name);
        }
    }

    return false;
}


static size_t
signature_count(const orders_signature_t *signature,
    orders_signature_part_kind_t kind)
{
    size_t  i, n = 0;

    for (i = 0; i < signature->part_count; i++) {
        n += signature->parts[i].kind == kind;
    }

    return n;
}


/* False if there are too many. */
static bool
signature_part(orders_signature_t *signature,
    orders_signature_part_kind_t kind, base_str_t text)
{
    if (text.len == 0) {
        return true;
    }

    if (signature->part_count == ORDERS_SIGNATURE_PARTS_MAX) {
        return false;
    }

    signature->parts[signature->part_count++] = (orders_signature_part_t) {
        .kind = kind,
        .text = text
    };

    return true;
}


/* Takes a text and the placeholder behind it off rest.  False if there is none:
 * text is then all of rest, and name is empty unless a brace was left open. */
static bool
signature_next(base_str_t *rest, base_str_t *text, base_str_t *name)
{
    const char  *end, *open, *close;

    *name = base_str(NULL, 0);
    *text = *rest;

    open = rest->len == 0 ? NULL : memchr(rest->data, '{', rest->len);
    if (open == NULL) {
        return false;
    }

    end = rest->data + rest->len;
    *name = base_str(open + 1, (size_t) (end - open) - 1);
    close = memchr(open, '}', (size_t) (end - open));
    if (close == NULL) {
        return false;
    }

    text->len = (size_t) (open - rest->data);
    name->len = (size_t) (close - open) - 1;
    *rest = base_str(close + 1, (size_t) (end - close) - 1);

    return true;
}


bool
orders_signature_key(const orders_signature_t *signature, base_arena_t *arena,
    base_str_t secret, base_str_t *key, const char **reason)
{
    if (signature->key->read(arena, secret, key)
        && key->len >= signature->key->bytes_min)
    {
        return true;
    }

    *reason = signature->key->wrong;

    return false;
}


static bool
key_raw(base_arena_t *arena, base_str_t secret, base_str_t *key)
{
    (void) arena;
    *key = secret;

    return true;
}


static bool
key_hex(base_arena_t *arena, base_str_t secret, base_str_t *key)
{
    unsigned char  *data = base_arena_alloc(arena, secret.len / 2 + 1);

    *key = base_str((char *) data, secret.len / 2);

    return data != NULL && base_hex_read(secret, data);
}


static bool
key_base64(base_arena_t *arena, base_str_t secret, base_str_t *key)
{
    size_t          bytes;
    unsigned char  *data;

    static const base_str_t  prefix = BASE_STR_INIT("whsec_");

    if (base_str_starts(secret, prefix)) {
        secret = base_str(secret.data + prefix.len, secret.len - prefix.len);
    }

    data = base_arena_alloc(arena, BASE_BASE64_BYTES(secret.len) + 1);
    if (data == NULL || !base_base64_read(secret, data, &bytes)) {
        return false;
    }

    *key = base_str((char *) data, bytes);

    return true;
}
