/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside base/ only: what the files about JSON share. */

#ifndef BASE_JSON_INTERNAL_H
#define BASE_JSON_INTERNAL_H

#include <string.h>

#include "base/json.h"


/*
 * Sixteen bytes at once: GCC and Clang make of these types what the processor
 * has.  A comparison gives a block with all bits of the bytes set for which it
 * holds.
 */
#define BASE_JSON_BLOCK_BYTES  16

typedef int8_t    base_json_block_t
    __attribute__((vector_size(BASE_JSON_BLOCK_BYTES)));
typedef uint8_t   base_json_unsigned_block_t
    __attribute__((vector_size(BASE_JSON_BLOCK_BYTES)));
typedef uint64_t  base_json_words_t
    __attribute__((vector_size(BASE_JSON_BLOCK_BYTES)));

static inline bool
base_json_block_any(base_json_block_t block)
{
    base_json_words_t  words = (base_json_words_t) block;

    return (words[0] | words[1]) != 0;
}


/*
 * One pass over a JSON text before yajl sees it: strict UTF-8, no lone or
 * mismatched surrogate among the \u escapes, no control character but tab,
 * line feed and carriage return.
 *
 * False on failure; error then has status, offset and reason.
 */
bool base_json_check(base_str_t text, base_json_error_t *error);

/*
 * Sorts the members of an object by key, bytewise and stably.
 *
 * members   room for twice object->count; the first half is the result
 */
void base_json_sort_members(const base_json_t *object,
    const base_json_t **members);

/* True if two number texts have the same value, whatever their size. */
bool base_json_number_equal(base_str_t a, base_str_t b);

#endif
