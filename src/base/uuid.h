/* SPDX-License-Identifier: BSD-2-Clause */

/* UUID version 7 (RFC 9562): lexical order is order of creation. */

#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"


#define BASE_UUID_TEXT_BYTES  36

/*
 * A generator: within one process ids never repeat or step back, also when
 * the clock does (the RFC's "monotonic random": the random part of the last id
 * is incremented within one millisecond).
 */
typedef struct {
    int64_t   last_ms;
    uint64_t  random_high;          /* 12 bits: rand_a */
    uint64_t  random_low;           /* 62 bits: rand_b */
} base_uuid_gen_t;

void base_uuid_gen_init(base_uuid_gen_t *gen);

/*
 * now_ms   Unix time in milliseconds
 * random   16 random bytes, fresh for each call
 * out      room for BASE_UUID_TEXT_BYTES; no NUL is written
 */
void base_uuid_v7(base_uuid_gen_t *gen, int64_t now_ms,
    const unsigned char random[16], char *out);

/* A random UUID, version 4, from 16 random bytes. */
void base_uuid_v4(const unsigned char random[16], char *out);

/* True if text is a UUID in its canonical form, of any version and in either
 * case. */
bool base_uuid_valid(base_str_t text);

/* The milliseconds in a version 7 UUID; -1 if it is none. */
int64_t base_uuid_v7_ms(base_str_t text);

#endif
