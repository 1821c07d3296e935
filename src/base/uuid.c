/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Version 7 (RFC 9562, "UUID Version 7"), 128 bits from the left:
 *
 *   48  Unix time in milliseconds
 *    4  version, 7
 *   12  rand_a
 *    2  variant, binary 10
 *   62  rand_b
 *
 * rand_a and rand_b together are one number of 74 bits, which is counted up
 * within a millisecond.
 */

#include "base/uuid.h"

#include <endian.h>
#include <string.h>


#define UUID_MS_MAX      ((INT64_C(1) << 48) - 1)
#define UUID_RAND_A_MAX  UINT64_C(0xfff)
#define UUID_RAND_B_MAX  ((UINT64_C(1) << 62) - 1)


static bool uuid_count_up(base_uuid_gen_t *gen, uint64_t step);
static uint64_t uuid_load(const unsigned char *bytes);
static void uuid_write(uint64_t high, uint64_t low, char *out);
static void uuid_digits(uint32_t value, char *out);
static int uuid_hex(char c);


/* Digits stand where the x are. */
static const char  uuid_form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/* One more than the value of a digit; 0 for what is none. */
static const signed char  uuid_hex_values[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5,
    ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};


void
base_uuid_gen_init(base_uuid_gen_t *gen)
{
    *gen = (base_uuid_gen_t) { .last_ms = -1 };
}


void
base_uuid_v7(base_uuid_gen_t *gen, int64_t now_ms,
    const unsigned char random[16], char *out)
{
    uint64_t  first = uuid_load(random);
    uint64_t  second = uuid_load(random + 8);

    if (now_ms < 0) {
        now_ms = 0;
    }

    if (now_ms > gen->last_ms) {
        gen->last_ms = now_ms;
        gen->random_high = first & UUID_RAND_A_MAX;
        gen->random_low = second & UUID_RAND_B_MAX;

    } else if (!uuid_count_up(gen, (first & UINT32_MAX) + 1)) {
        /* all 74 bits are used up: borrow the next millisecond */
        gen->last_ms++;
        gen->random_high = first & UUID_RAND_A_MAX;
        gen->random_low = second & UUID_RAND_B_MAX;
    }

    uuid_write(((uint64_t) gen->last_ms & UUID_MS_MAX) << 16
                   | UINT64_C(7) << 12 | gen->random_high,
        UINT64_C(1) << 63 | gen->random_low, out);
}


void
base_uuid_v4(const unsigned char random[16], char *out)
{
    uint64_t  high = uuid_load(random);
    uint64_t  low = uuid_load(random + 8);

    uuid_write((high & ~UINT64_C(0xf000)) | UINT64_C(4) << 12,
        (low & UUID_RAND_B_MAX) | UINT64_C(1) << 63, out);
}


bool
base_uuid_valid(base_str_t text)
{
    size_t  i;

    if (text.len != BASE_UUID_TEXT_BYTES) {
        return false;
    }

    for (i = 0; i < text.len; i++) {
        if (uuid_form[i] == '-' ? text.data[i] != '-'
                                : uuid_hex(text.data[i]) < 0)
        {
            return false;
        }
    }

    return true;
}


int64_t
base_uuid_v7_ms(base_str_t text)
{
    size_t   i;
    int64_t  ms = 0;

    if (!base_uuid_valid(text) || text.data[14] != '7'
        || (uuid_hex(text.data[19]) & 12) != 8)
    {
        return -1;
    }

    /* the first 12 digits; a dash stands behind the eighth */
    for (i = 0; i < 13; i++) {
        if (i != 8) {
            ms = ms << 4 | uuid_hex(text.data[i]);
        }
    }

    return ms;
}


/* Steps by more than one, so that an id does not give its neighbor away.
 * False if the number would overflow. */
static bool
uuid_count_up(base_uuid_gen_t *gen, uint64_t step)
{
    gen->random_low += step;

    if (gen->random_low <= UUID_RAND_B_MAX) {
        return true;
    }

    gen->random_low &= UUID_RAND_B_MAX;
    gen->random_high++;

    return gen->random_high <= UUID_RAND_A_MAX;
}


static uint64_t
uuid_load(const unsigned char *bytes)
{
    size_t    i;
    uint64_t  value = 0;

    for (i = 0; i < 8; i++) {
        value = value << 8 | bytes[i];
    }

    return value;
}


static void
uuid_write(uint64_t high, uint64_t low, char *out)
{
    char  digits[32];

    uuid_digits((uint32_t) (high >> 32), digits);
    uuid_digits((uint32_t) high, digits + 8);
    uuid_digits((uint32_t) (low >> 32), digits + 16);
    uuid_digits((uint32_t) low, digits + 24);

    memcpy(out, digits, 8);
    out[8] = '-';
    memcpy(out + 9, digits + 8, 4);
    out[13] = '-';
    memcpy(out + 14, digits + 12, 4);
    out[18] = '-';
    memcpy(out + 19, digits + 16, 4);
    out[23] = '-';
    memcpy(out + 24, digits + 20, 12);
}


/* Eight digits at once, each in a byte of a word. */
static void
uuid_digits(uint32_t value, char *out)
{
    uint64_t  letters, word = value;

    word = (word | word << 16) & UINT64_C(0x0000ffff0000ffff);
    word = (word | word << 8) & UINT64_C(0x00ff00ff00ff00ff);
    word = (word | word << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);

    /* 1 in the bytes of 10 and more */
    letters = (word + UINT64_C(0x0606060606060606)) >> 4
              & UINT64_C(0x0101010101010101);

    word += UINT64_C(0x0101010101010101) * '0' + letters * ('a' - 10 - '0');

    word = htobe64(word);
    memcpy(out, &word, sizeof(word));
}


/* The value of a digit; -1 if it is none. */
static int
uuid_hex(char c)
{
    return uuid_hex_values[(unsigned char) c] - 1;
}
