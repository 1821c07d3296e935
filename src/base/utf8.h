/* SPDX-License-Identifier: BSD-2-Clause */

/* UTF-8 (RFC 3629), strict: no overlong forms, no surrogates, nothing above
 * U+10FFFF. */

#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"


#define BASE_UTF8_INVALID  UINT32_MAX

/* True if all of text is well-formed; otherwise *offset (may be NULL) is the
 * byte where it stops being so. */
bool base_utf8_valid(base_str_t text, size_t *offset);

/* The code point at text, whose first *bytes bytes encode it;
 * BASE_UTF8_INVALID (and *bytes 1) if they are not well-formed or text is
 * empty. */
uint32_t base_utf8_decode(base_str_t text, size_t *bytes);

/* Writes code_point, which must be no surrogate and at most U+10FFFF, to out
 * (room for 4) and returns the number of bytes. */
size_t base_utf8_encode(uint32_t code_point, char *out);

/* Code points in well-formed text. */
size_t base_utf8_length(base_str_t text);

#endif
