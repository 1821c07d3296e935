/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The signature of a webhook: an HMAC-SHA256 in a header, over the body and
 * what is put before it.  What it looks like is a form, by name or in words
 * that say
 *
 *   header=NAME       the header with the signature
 *   form=FORM         its value: {hex} or {base64} with a text before it, and
 *                     perhaps {timestamp}; a character between them separates
 *                     the elements, else blanks do
 *   payload=PAYLOAD   what is signed: {body}, {timestamp}, {id} and other text
 *   timestamp=NAME    the header with the time, in seconds of Unix
 *   id=NAME           the header with the webhook's id
 *   key=KEY           what a secret is: raw, hex or base64 (behind "whsec_", if
 *                     that is there)
 *
 * such as "header=Stripe-Signature" "form=t={timestamp},v1={hex}"
 * "payload={timestamp}.{body}".  A header may have several signatures, and
 * elements of other kinds: one good signature is enough.  What is not signed is
 * not believed: a timestamp or an id belongs into the payload.
 *
 * Nothing here knows the time or a secret's place.
 */

#ifndef ORDERS_SIGNATURE_H
#define ORDERS_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hmac.h"
#include "base/str.h"


#define ORDERS_SIGNATURE_PARTS_MAX  8
#define ORDERS_SIGNATURE_KEYS_MAX   8
#define ORDERS_WEBHOOK_ID_BYTES_MAX  256

/* Room for a name of orders_webhook_name(). */
#define ORDERS_WEBHOOK_NAME_BYTES  32


/* The names of forms that are known: Standard Webhooks' is the first. */
#define ORDERS_SIGNATURE_FORMS                                                \
    "standard, stripe, github, shopify, slack, paddle or svix"


typedef struct orders_signature_encoding_s  orders_signature_encoding_t;
typedef struct orders_signature_key_s       orders_signature_key_t;


typedef enum {
    ORDERS_PART_TEXT = 0,
    ORDERS_PART_BODY,
    ORDERS_PART_TIMESTAMP,
    ORDERS_PART_ID,
    ORDERS_PART_COUNT
} orders_signature_part_kind_t;

typedef struct {
    orders_signature_part_kind_t        kind;
    base_str_t                          text;   /* of ORDERS_PART_TEXT */
} orders_signature_part_t;


/* A form; its strings are borrowed. */
typedef struct {
    base_str_t                          header;
    base_str_t                          timestamp_header;   /* empty: none */
    base_str_t                          id_header;          /* empty: none */
    base_str_t                          label;  /* before a signature */
    base_str_t                          timestamp_label;    /* data NULL: it is
                                                   not in the same header */
    char                                separator;
    const orders_signature_encoding_t  *encoding;
    const orders_signature_key_t       *key;
    orders_signature_part_t             parts[ORDERS_SIGNATURE_PARTS_MAX];
    size_t                              part_count;
    bool                                timed;  /* there is a timestamp */
} orders_signature_t;


/* What came; data NULL: the header was not there. */
typedef struct {
    base_str_t  signature;
    base_str_t  timestamp;
    base_str_t  id;
    base_str_t  body;
} orders_webhook_t;


typedef enum {
    ORDERS_SIGNATURE_GOOD = 0,
    ORDERS_SIGNATURE_MISSING,       /* a header is not there */
    ORDERS_SIGNATURE_MALFORMED,     /* a header has not the form */
    ORDERS_SIGNATURE_OLD,           /* sent before the window began */
    ORDERS_SIGNATURE_FUTURE,        /* will be sent after it ends */
    ORDERS_SIGNATURE_FORGED,        /* no signature fits a key */
    ORDERS_SIGNATURE_STATUS_COUNT
} orders_signature_status_t;


/*
 * Reads the form that words tell: one name, or words as above.
 *
 * words   borrowed, as is their text, for as long as signature is used
 *
 * False with *reason (static) if they tell none.
 */
bool orders_signature_init(orders_signature_t *signature,
    const base_str_t *words, size_t count, const char **reason);

/*
 * The key that a secret stands for.
 *
 * key   out: secret itself, or in arena
 *
 * False with *reason (static, without the secret) if it stands for none, or for
 * a shorter one than is safe.
 */
bool orders_signature_key(const orders_signature_t *signature,
    base_arena_t *arena, base_str_t secret, base_str_t *key,
    const char **reason);

/*
 * Whether a webhook was signed with one of the keys, and when.
 *
 * keys      1 to ORDERS_SIGNATURE_KEYS_MAX
 * now_s     Unix time in seconds
 * window_s  how far its time may be from that, in either direction
 * key       out where it is good: the index of the key
 * mac       out where it is good: the signature
 */
orders_signature_status_t orders_signature_check(
    const orders_signature_t *signature, const orders_webhook_t *webhook,
    const base_str_t *keys, size_t key_count, int64_t now_s, int64_t window_s,
    size_t *key, unsigned char mac[BASE_HMAC_BYTES]);

/* What a status means, for the sender; static. */
base_str_t orders_signature_reason(orders_signature_status_t status);

/*
 * A name for what came, to know it again (keys.h).
 *
 * key   of the sender, so that no two senders share a name
 * id    of the webhook, or its signature where it has none
 * name  out, without a NUL
 */
void orders_webhook_name(base_str_t key, base_str_t id,
    char name[ORDERS_WEBHOOK_NAME_BYTES]);

#endif
