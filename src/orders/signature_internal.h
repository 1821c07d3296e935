/* SPDX-License-Identifier: BSD-2-Clause */

/* Between the files of signatures. */

#ifndef ORDERS_SIGNATURE_INTERNAL_H
#define ORDERS_SIGNATURE_INTERNAL_H

#include "orders/signature.h"


struct orders_signature_encoding_s {
    base_str_t    name;
    bool        (*read)(base_str_t text, unsigned char mac[BASE_HMAC_BYTES]);
};

struct orders_signature_key_s {
    base_str_t    name;
    size_t        bytes_min;
    bool        (*read)(base_arena_t *arena, base_str_t secret,
                      base_str_t *key);
    const char   *wrong;
};


/* A code as text; false if it is none. */
bool orders_signature_hex(base_str_t text, unsigned char mac[BASE_HMAC_BYTES]);
bool orders_signature_base64(base_str_t text,
    unsigned char mac[BASE_HMAC_BYTES]);

#endif
