/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * HMAC-SHA256 (RFC 2104, FIPS 198-1).  Of our own, because nginx may have been
 * built without a library that has it, and because the texts are short.
 */

#ifndef BASE_HMAC_H
#define BASE_HMAC_H

#include <stdbool.h>

#include "base/sha256.h"
#include "base/str.h"


#define BASE_HMAC_BYTES  BASE_SHA256_BYTES


/* Data that comes in pieces. */
typedef struct {
    base_sha256_t  inner;
    base_sha256_t  outer;
} base_hmac_t;


/* key of any length. */
void base_hmac_init(base_hmac_t *hmac, base_str_t key);
void base_hmac_add(base_hmac_t *hmac, base_str_t data);

/* The code of all that was added; hmac is spent. */
void base_hmac_end(base_hmac_t *hmac, unsigned char mac[BASE_HMAC_BYTES]);

/* Whether two codes are equal, in a time that does not tell where they
 * differ. */
bool base_hmac_equal(const unsigned char a[BASE_HMAC_BYTES],
    const unsigned char b[BASE_HMAC_BYTES]);

#endif
