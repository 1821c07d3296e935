/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A growing byte buffer.  Writers append without looking; a failure (memory or
 * limit) sticks, further appends do nothing, and the caller checks
 * buf->failed once at the end.
 *
 * The memory comes from an arena or, where arena is NULL, from the heap.
 */

#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"


/* Behind the room that was asked for, these bytes may be written to as well,
 * for what works in blocks. */
#define BASE_BUF_SPARE_BYTES  16


typedef struct {
    char          *data;            /* NULL until the first append */
    size_t         len;
    size_t         cap;             /* of a failed buffer: no more than len */
    size_t         limit_bytes;
    base_arena_t  *arena;           /* NULL: heap */
    bool           failed;
} base_buf_t;


/* limit_bytes bounds len; SIZE_MAX for none.  Allocates nothing. */
void base_buf_init(base_buf_t *buf, base_arena_t *arena, size_t limit_bytes);

/* Frees a heap buffer; nothing to do for one in an arena. */
void base_buf_deinit(base_buf_t *buf);

/* Empties the buffer, keeps its memory and clears failed. */
void base_buf_clear(base_buf_t *buf);

/* Makes the buffer failed, for a reason that it does not know itself. */
void base_buf_fail(base_buf_t *buf);

/* The slow path of base_buf_reserve(); not for callers. */
char *base_buf_reserve_slow(base_buf_t *buf, size_t bytes);

void base_buf_add_int(base_buf_t *buf, int64_t value);
void base_buf_printf(base_buf_t *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


/* Room for bytes more bytes behind len: a pointer to write to, good until the
 * next call; the caller adds what it wrote to len.  NULL and failed set when
 * there is none. */
static inline char *
base_buf_reserve(base_buf_t *buf, size_t bytes)
{
    /* 0 bytes wrap, and take the slow path */
    if (bytes - 1 < buf->cap - buf->len) {
        return buf->data + buf->len;
    }

    return base_buf_reserve_slow(buf, bytes);
}


static inline void
base_buf_add(base_buf_t *buf, const char *data, size_t len)
{
    char  *p;

    if (len == 0) {
        return;
    }

    p = base_buf_reserve(buf, len);
    if (p == NULL) {
        return;
    }

    memcpy(p, data, len);
    buf->len += len;
}


static inline void
base_buf_add_str(base_buf_t *buf, base_str_t s)
{
    base_buf_add(buf, s.data, s.len);
}


static inline void
base_buf_add_char(base_buf_t *buf, char c)
{
    if (buf->len < buf->cap) {
        buf->data[buf->len++] = c;
        return;
    }

    base_buf_add(buf, &c, 1);
}


#define base_buf_add_lit(buf, literal)                                        \
    base_buf_add(buf, "" literal, sizeof(literal) - 1)


static inline base_str_t
base_buf_str(const base_buf_t *buf)
{
    return base_str(buf->data, buf->len);
}

#endif
