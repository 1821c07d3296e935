/* SPDX-License-Identifier: BSD-2-Clause */

/* Timestamps as text (RFC 3339, the profile of ISO 8601 that GraphQL's
 * DateTime and the States Language use).  No clock here: times come in. */

#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"


#define BASE_TIME_TEXT_BYTES  24        /* 2026-11-24T06:35:07.123Z */

/* Writes unix_ms (years 1 to 9999) to out, which has room for
 * BASE_TIME_TEXT_BYTES; no NUL is written.  In UTC with milliseconds. */
void base_time_format(int64_t unix_ms, char *out);

/* Reads an RFC 3339 date-time with any offset and fraction (digits beyond
 * milliseconds are cut).  False if text is none. */
bool base_time_parse(base_str_t text, int64_t *unix_ms);

#endif
