/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside base/ only: what the files about JSON share. */

#ifndef BASE_JSON_INTERNAL_H
#define BASE_JSON_INTERNAL_H

#include "base/json.h"


/* Eight bytes seen as one word: each of them c, and the top bit of each. */
#define BASE_JSON_BYTES(c)  (UINT64_C(0x0101010101010101) * (c))
#define BASE_JSON_HIGHS     BASE_JSON_BYTES(0x80)


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
