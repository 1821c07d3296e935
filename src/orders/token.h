/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A task token: what a workflow gives away with a call whose answer comes later
 * by a callback, and what the callback has to show:
 *
 *   019ab3c4-5d6e-7f80-9123-456789abcdef.Vx0pUo8nKQd1yHn2bGm4wLtR5sEjZ_-c
 *
 * the order's id, a dot, and random bits in the URL-safe alphabet of Base64
 * (RFC 4648: Base 64 Encoding with URL and Filename Safe Alphabet), without
 * padding.  The id tells where the order is; the bits cannot be guessed, and
 * whoever shows them may answer for the task: a token belongs in no log.
 */

#ifndef ORDERS_TOKEN_H
#define ORDERS_TOKEN_H

#include <stdbool.h>

#include "base/str.h"
#include "base/uuid.h"


#define ORDERS_TOKEN_RANDOM_BYTES  24       /* whole groups: no loose bits */
#define ORDERS_TOKEN_BYTES                                                    \
    (BASE_UUID_TEXT_BYTES + 1 + ORDERS_TOKEN_RANDOM_BYTES / 3 * 4)


/*
 * Writes a token.
 *
 * id       of an order: BASE_UUID_TEXT_BYTES long
 * random   fresh, and good for keys
 * text     no NUL is written
 */
void orders_token_write(base_str_t id,
    const unsigned char random[ORDERS_TOKEN_RANDOM_BYTES],
    char text[ORDERS_TOKEN_BYTES]);

/* True if token has the form of one; *id, its order, points into it. */
bool orders_token_read(base_str_t token, base_str_t *id);

/* True if both are the same; how long that takes tells nothing of where they
 * differ. */
bool orders_token_equal(base_str_t a, base_str_t b);

#endif
