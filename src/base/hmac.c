/* SPDX-License-Identifier: BSD-2-Clause */

#include "base/hmac.h"


#define HMAC_INNER  0x36
#define HMAC_OUTER  0x5c


static void
hmac_start(base_sha256_t *sha, const unsigned char *key, unsigned char pad)
{
    size_t         i;
    unsigned char  block[BASE_SHA256_BLOCK_BYTES];

    for (i = 0; i < sizeof(block); i++) {
        block[i] = key[i] ^ pad;
    }

    base_sha256_init(sha);
    base_sha256_add(sha, base_str((const char *) block, sizeof(block)));
}


void
base_hmac_init(base_hmac_t *hmac, base_str_t key)
{
    base_sha256_t  sha;
    unsigned char  block[BASE_SHA256_BLOCK_BYTES] = { 0 };

    if (key.len > sizeof(block)) {
        base_sha256_init(&sha);
        base_sha256_add(&sha, key);
        base_sha256_end(&sha, block);

    } else if (key.len > 0) {
        memcpy(block, key.data, key.len);
    }

    hmac_start(&hmac->inner, block, HMAC_INNER);
    hmac_start(&hmac->outer, block, HMAC_OUTER);
}


void
base_hmac_add(base_hmac_t *hmac, base_str_t data)
{
    base_sha256_add(&hmac->inner, data);
}


void
base_hmac_end(base_hmac_t *hmac, unsigned char mac[BASE_HMAC_BYTES])
{
    base_sha256_end(&hmac->inner, mac);
    base_sha256_add(&hmac->outer, base_str((const char *) mac,
                                           BASE_HMAC_BYTES));
    base_sha256_end(&hmac->outer, mac);
}


bool
base_hmac_equal(const unsigned char a[BASE_HMAC_BYTES],
    const unsigned char b[BASE_HMAC_BYTES])
{
    size_t                  i;
    volatile unsigned char  differ = 0;     /* no early end is made of this */

    for (i = 0; i < BASE_HMAC_BYTES; i++) {
        differ |= a[i] ^ b[i];
    }

    return differ == 0;
}
