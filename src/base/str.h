/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A string is a pointer and a length.  It borrows: it lives as long as the
 * memory it points into, may hold NUL bytes and has none at its end.
 */

#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>


typedef struct {
    const char  *data;              /* may be NULL when len is 0 */
    size_t       len;               /* bytes */
} base_str_t;


/* A string literal, as an expression and as a static initializer. */
#define BASE_STR(literal)                                                     \
    ((base_str_t) { "" literal, sizeof(literal) - 1 })
#define BASE_STR_INIT(literal)  { "" literal, sizeof(literal) - 1 }

/* For printf's "%.*s". */
#define BASE_STR_ARG(s)  (int) (s).len, (s).data


static inline base_str_t
base_str(const char *data, size_t len)
{
    return (base_str_t) { data, len };
}


/* cstr is NUL-terminated; NULL gives the empty string. */
static inline base_str_t
base_str_c(const char *cstr)
{
    return (base_str_t) { cstr, cstr == NULL ? 0 : strlen(cstr) };
}


static inline bool
base_str_eq(base_str_t a, base_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


static inline bool
base_str_eq_c(base_str_t a, const char *cstr)
{
    return base_str_eq(a, base_str_c(cstr));
}


/* Bytewise order; < 0, 0, > 0 as memcmp. */
static inline int
base_str_cmp(base_str_t a, base_str_t b)
{
    size_t  n = a.len < b.len ? a.len : b.len;
    int     order = n == 0 ? 0 : memcmp(a.data, b.data, n);

    if (order != 0) {
        return order;
    }

    return (a.len > b.len) - (a.len < b.len);
}


static inline bool
base_str_starts(base_str_t s, base_str_t prefix)
{
    return s.len >= prefix.len
           && (prefix.len == 0
               || memcmp(s.data, prefix.data, prefix.len) == 0);
}


/* For tables: FNV-1a. */
static inline uint64_t
base_str_hash(base_str_t s)
{
    size_t    i;
    uint64_t  h = 14695981039346656037u;

    for (i = 0; i < s.len; i++) {
        h ^= (unsigned char) s.data[i];
        h *= 1099511628211u;
    }

    return h ^ h >> 32;
}

#endif
