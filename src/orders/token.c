/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/token.h"

#include <stdint.h>


static const char  orders_token_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


void
orders_token_write(base_str_t id,
    const unsigned char random[ORDERS_TOKEN_RANDOM_BYTES],
    char text[ORDERS_TOKEN_BYTES])
{
    size_t    i;
    char     *p = text + BASE_UUID_TEXT_BYTES;
    uint32_t  bits;

    memcpy(text, id.data, BASE_UUID_TEXT_BYTES);
    *p++ = '.';

    for (i = 0; i < ORDERS_TOKEN_RANDOM_BYTES; i += 3) {
        bits = (uint32_t) random[i] << 16 | (uint32_t) random[i + 1] << 8
               | random[i + 2];
        *p++ = orders_token_alphabet[bits >> 18];
        *p++ = orders_token_alphabet[bits >> 12 & 63];
        *p++ = orders_token_alphabet[bits >> 6 & 63];
        *p++ = orders_token_alphabet[bits & 63];
    }
}


bool
orders_token_read(base_str_t token, base_str_t *id)
{
    size_t  i;

    if (token.len != ORDERS_TOKEN_BYTES
        || token.data[BASE_UUID_TEXT_BYTES] != '.'
        || !base_uuid_valid(base_str(token.data, BASE_UUID_TEXT_BYTES)))
    {
        return false;
    }

    for (i = BASE_UUID_TEXT_BYTES + 1; i < token.len; i++) {
        if (memchr(orders_token_alphabet, token.data[i],
                   sizeof(orders_token_alphabet) - 1) == NULL)
        {
            return false;
        }
    }

    *id = base_str(token.data, BASE_UUID_TEXT_BYTES);
    return true;
}


bool
orders_token_equal(base_str_t a, base_str_t b)
{
    size_t                  i;
    volatile unsigned char  differ = 0;     /* or the loop could end early */

    if (a.len != b.len) {
        return false;
    }

    for (i = 0; i < a.len; i++) {
        differ = (unsigned char) (differ | (a.data[i] ^ b.data[i]));
    }

    return differ == 0;
}
