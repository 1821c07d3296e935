/* SPDX-License-Identifier: BSD-2-Clause */

/* Bytes as text: hexadecimal digits and base64 (RFC 4648: Base 64 Encoding). */

#ifndef BASE_ENCODING_H
#define BASE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"


/* The most bytes that a text of so many characters stands for. */
#define BASE_BASE64_BYTES(chars)  (((chars) + 3) / 4 * 3)


/* Writes two lower-case digits for each byte, without a NUL. */
void base_hex(const unsigned char *data, size_t bytes, char *hex);

/*
 * The bytes of an even number of digits of either case.
 *
 * data   out; has room for text.len / 2
 *
 * False if text is none; what data holds is then of no meaning.
 */
bool base_hex_read(base_str_t text, unsigned char *data);

/*
 * The bytes of a base64 text of the standard alphabet, padded or not, with
 * nothing else in it.
 *
 * data   out; has room for BASE_BASE64_BYTES(text.len)
 * bytes  out: how many they are
 *
 * False if text is none, or another text is the canonical one of the same
 * bytes; what data holds is then of no meaning.
 */
bool base_base64_read(base_str_t text, unsigned char *data, size_t *bytes);

#endif
