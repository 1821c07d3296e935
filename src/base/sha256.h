/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * SHA-256 (FIPS 180-4: SHA-256), for names of documents.  Not constant in time
 * and not fast: nothing secret goes in, and nothing long.
 */

#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/str.h"


#define BASE_SHA256_BYTES      32
#define BASE_SHA256_HEX_BYTES  (2 * BASE_SHA256_BYTES)


/* The digest of data in lower-case hexadecimal digits, without a NUL. */
void base_sha256_hex(base_str_t data, char hex[BASE_SHA256_HEX_BYTES]);

#endif
