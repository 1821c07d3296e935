/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/signature_internal.h"

#include "base/encoding.h"


/* Seconds with more digits are later than anybody's clock. */
#define ORDERS_TIMESTAMP_DIGITS_MAX  12

/* Enough for every key of a sender that changes its own. */
#define ORDERS_SIGNATURES_MAX  32

/* A code of 32 bytes with its padding. */
#define ORDERS_SIGNATURE_BASE64_MAX  44


/* The elements of a header. */
typedef struct {
    base_str_t  timestamp;
    size_t      count;
    base_str_t  signatures[ORDERS_SIGNATURES_MAX];
} signature_header_t;


static orders_signature_status_t signature_read(
    const orders_signature_t *signature, const orders_webhook_t *webhook,
    signature_header_t *header);
static bool signature_elements(const orders_signature_t *signature,
    base_str_t text, signature_header_t *header);
static base_str_t signature_trim(base_str_t text);
static bool signature_time(base_str_t text, int64_t *seconds);
static bool signature_id_valid(base_str_t id);
static void signature_mac(const orders_signature_t *signature,
    const orders_webhook_t *webhook, base_str_t timestamp, base_str_t key,
    unsigned char mac[BASE_HMAC_BYTES]);


static const base_str_t
    orders_signature_reasons[ORDERS_SIGNATURE_STATUS_COUNT] =
{
    [ORDERS_SIGNATURE_GOOD] = BASE_STR_INIT("the signature is good"),
    [ORDERS_SIGNATURE_MISSING] =
        BASE_STR_INIT("the webhook is not signed: a header is missing"),
    [ORDERS_SIGNATURE_MALFORMED] =
        BASE_STR_INIT("a header of the signature has not the form that is "
                      "expected"),
    [ORDERS_SIGNATURE_OLD] =
        BASE_STR_INIT("the webhook's timestamp is too old"),
    [ORDERS_SIGNATURE_FUTURE] =
        BASE_STR_INIT("the webhook's timestamp is in the future"),
    [ORDERS_SIGNATURE_FORGED] =
        BASE_STR_INIT("the signature does not fit the webhook"),
};


base_str_t
orders_signature_reason(orders_signature_status_t status)
{
    return orders_signature_reasons[status];
}


orders_signature_status_t
orders_signature_check(const orders_signature_t *signature,
    const orders_webhook_t *webhook, const base_str_t *keys, size_t key_count,
    int64_t now_s, int64_t window_s, size_t *key,
    unsigned char mac[BASE_HMAC_BYTES])
{
    size_t                     i, j;
    int64_t                    sent_s;
    unsigned char              expected[BASE_HMAC_BYTES];
    signature_header_t         header;
    orders_signature_status_t  status;

    status = signature_read(signature, webhook, &header);
    if (status != ORDERS_SIGNATURE_GOOD) {
        return status;
    }

    if (signature->timed) {
        if (!signature_time(header.timestamp, &sent_s)) {
            return ORDERS_SIGNATURE_MALFORMED;
        }

        if (sent_s < now_s - window_s) {
            return ORDERS_SIGNATURE_OLD;
        }

        if (sent_s > now_s + window_s) {
            return ORDERS_SIGNATURE_FUTURE;
        }
    }

    for (i = 0; i < key_count; i++) {
        signature_mac(signature, webhook, header.timestamp, keys[i], expected);

        for (j = 0; j < header.count; j++) {
            if (signature->encoding->read(header.signatures[j], mac)
                && base_hmac_equal(expected, mac))
            {
                *key = i;
                return ORDERS_SIGNATURE_GOOD;
            }
        }
    }

    return ORDERS_SIGNATURE_FORGED;
}


/* What the headers say. */
static orders_signature_status_t
signature_read(const orders_signature_t *signature,
    const orders_webhook_t *webhook, signature_header_t *header)
{
    if (webhook->signature.data == NULL
        || (signature->timestamp_header.len > 0
            && webhook->timestamp.data == NULL)
        || (signature->id_header.len > 0 && webhook->id.data == NULL))
    {
        return ORDERS_SIGNATURE_MISSING;
    }

    header->timestamp = base_str(NULL, 0);
    header->count = 0;

    if (!signature_elements(signature, webhook->signature, header)
        || (signature->id_header.len > 0 && !signature_id_valid(webhook->id)))
    {
        return ORDERS_SIGNATURE_MALFORMED;
    }

    if (signature->timestamp_header.len > 0) {
        header->timestamp = webhook->timestamp;
    }

    return ORDERS_SIGNATURE_GOOD;
}


/* Elements of other kinds are another scheme's. */
static bool
signature_elements(const orders_signature_t *signature, base_str_t text,
    signature_header_t *header)
{
    base_str_t   element, label = signature->label;
    base_str_t   timestamp_label = signature->timestamp_label;
    const char  *end;

    for ( ;; ) {
        end = text.len == 0 ? NULL
                            : memchr(text.data, signature->separator, text.len);
        element = end == NULL
                  ? text : base_str(text.data, (size_t) (end - text.data));
        element = signature_trim(element);

        if (timestamp_label.data != NULL
            && base_str_starts(element, timestamp_label))
        {
            if (header->timestamp.data != NULL) {
                return false;
            }

            header->timestamp = base_str(element.data + timestamp_label.len,
                                         element.len - timestamp_label.len);

        } else if (base_str_starts(element, label) && element.len > label.len) {
            if (header->count == ORDERS_SIGNATURES_MAX) {
                return false;
            }

            header->signatures[header->count++] =
                base_str(element.data + label.len, element.len - label.len);
        }

        if (end == NULL) {
            break;
        }

        text = base_str(end + 1, text.len - (size_t) (end + 1 - text.data));
    }

    return header->count > 0
           && (timestamp_label.data != NULL)
              == (header->timestamp.data != NULL);
}


static base_str_t
signature_trim(base_str_t text)
{
    while (text.len > 0 && text.data[0] == ' ') {
        text = base_str(text.data + 1, text.len - 1);
    }

    while (text.len > 0 && text.data[text.len - 1] == ' ') {
        text.len--;
    }

    return text;
}


static bool
signature_time(base_str_t text, int64_t *seconds)
{
    size_t  i;

    if (text.len == 0 || text.len > ORDERS_TIMESTAMP_DIGITS_MAX) {
        return false;
    }

    *seconds = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }

        *seconds = *seconds * 10 + (text.data[i] - '0');
    }

    return true;
}


/* Printable ASCII: it goes into a message. */
static bool
signature_id_valid(base_str_t id)
{
    size_t  i;

    if (id.len == 0 || id.len > ORDERS_WEBHOOK_ID_BYTES_MAX) {
        return false;
    }

    for (i = 0; i < id.len; i++) {
        if (id.data[i] < '!' || id.data[i] > '~') {
            return false;
        }
    }

    return true;
}


static void
signature_mac(const orders_signature_t *signature,
    const orders_webhook_t *webhook, base_str_t timestamp, base_str_t key,
    unsigned char mac[BASE_HMAC_BYTES])
{
    size_t       i;
    base_hmac_t  hmac;

    base_hmac_init(&hmac, key);

    for (i = 0; i < signature->part_count; i++) {
        const base_str_t  texts[ORDERS_PART_COUNT] = {
            [ORDERS_PART_TEXT] = signature->parts[i].text,
            [ORDERS_PART_BODY] = webhook->body,
            [ORDERS_PART_TIMESTAMP] = timestamp,
            [ORDERS_PART_ID] = webhook->id,
        };

        base_hmac_add(&hmac, texts[signature->parts[i].kind]);
    }

    base_hmac_end(&hmac, mac);
}


bool
orders_signature_hex(base_str_t text, unsigned char mac[BASE_HMAC_BYTES])
{
    return text.len == 2 * BASE_HMAC_BYTES && base_hex_read(text, mac);
}


bool
orders_signature_base64(base_str_t text, unsigned char mac[BASE_HMAC_BYTES])
{
    size_t         bytes;
    unsigned char  data[BASE_BASE64_BYTES(ORDERS_SIGNATURE_BASE64_MAX)];

    if (text.len > ORDERS_SIGNATURE_BASE64_MAX
        || !base_base64_read(text, data, &bytes) || bytes != BASE_HMAC_BYTES)
    {
        return false;
    }

    memcpy(mac, data, BASE_HMAC_BYTES);

    return true;
}


void
orders_webhook_name(base_str_t key, base_str_t id,
    char name[ORDERS_WEBHOOK_NAME_BYTES])
{
    base_hmac_t    hmac;
    unsigned char  mac[BASE_HMAC_BYTES];

    base_hmac_init(&hmac, key);
    base_hmac_add(&hmac, id);
    base_hmac_end(&hmac, mac);
    base_hex(mac, ORDERS_WEBHOOK_NAME_BYTES / 2, name);
}
