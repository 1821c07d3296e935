/* SPDX-License-Identifier: BSD-2-Clause */

/* Where a value is in a JSON text (RFC 6901: JSON Pointer). */

#ifndef BASE_JSON_POINTER_H
#define BASE_JSON_POINTER_H

#include <stdbool.h>

#include "base/json.h"
#include "base/str.h"


/* True if text is a pointer: empty, or "/" and what follows, where "~" is in
 * "~0" and "~1" only. */
bool base_json_pointer_valid(base_str_t text);

/*
 * The value that a valid pointer names, borrowed; the whole for the empty one.
 * NULL if there is none: a member that is not there, an index beyond the end or
 * not written as a number is, a value that has no members, or json itself.
 */
const base_json_t *base_json_pointer(const base_json_t *json,
    base_str_t pointer);

/* A string's text, a number's, "true" or "false"; empty for all others and for
 * NULL. */
base_str_t base_json_scalar(const base_json_t *json);

#endif
