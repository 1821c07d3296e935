/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * SHA-256 (FIPS 180-4: SHA-256), for names of documents and under HMAC
 * (hmac.h).  Which instructions run depends on how long the data is, never on
 * what it says.
 */

#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stdint.h>

#include "base/str.h"


#define BASE_SHA256_BYTES        32
#define BASE_SHA256_HEX_BYTES    (2 * BASE_SHA256_BYTES)
#define BASE_SHA256_BLOCK_BYTES  64
#define BASE_SHA256_WORDS        8


/* Data that comes in pieces. */
typedef struct {
    uint32_t       state[BASE_SHA256_WORDS];
    uint64_t       len;                 /* bytes so far */
    unsigned char  rest[BASE_SHA256_BLOCK_BYTES];   /* no whole block yet */
} base_sha256_t;


void base_sha256_init(base_sha256_t *sha);
void base_sha256_add(base_sha256_t *sha, base_str_t data);

/* The digest of all that was added; sha is spent. */
void base_sha256_end(base_sha256_t *sha,
    unsigned char digest[BASE_SHA256_BYTES]);

/* The digest of data in lower-case hexadecimal digits, without a NUL. */
void base_sha256_hex(base_str_t data, char hex[BASE_SHA256_HEX_BYTES]);

#endif
