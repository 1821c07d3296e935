/* SPDX-License-Identifier: BSD-2-Clause */

/* The buffer doubles; in an arena it grows in place while it is the arena's
 * last allocation.  What is spare behind cap also holds vsnprintf's NUL. */

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define BUF_CAP_MIN       255
#define BUF_INT_CHARS     20            /* -9223372036854775808 */


static bool buf_grow(base_buf_t *buf, size_t bytes);


void
base_buf_init(base_buf_t *buf, base_arena_t *arena, size_t limit_bytes)
{
    *buf = (base_buf_t) { .arena = arena, .limit_bytes = limit_bytes };
}


void
base_buf_deinit(base_buf_t *buf)
{
    if (buf->arena == NULL) {
        free(buf->data);
    }

    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
}


void
base_buf_clear(base_buf_t *buf)
{
    buf->len = 0;
    buf->failed = false;
}


void
base_buf_fail(base_buf_t *buf)
{
    buf->failed = true;
    buf->cap = buf->len;
}


char *
base_buf_reserve_slow(base_buf_t *buf, size_t bytes)
{
    if (buf->failed) {
        return NULL;
    }

    if (buf->data == NULL || bytes > buf->cap - buf->len) {
        if (!buf_grow(buf, bytes)) {
            base_buf_fail(buf);
            return NULL;
        }
    }

    return buf->data + buf->len;
}


void
base_buf_add_int(base_buf_t *buf, int64_t value)
{
    char       digits[BUF_INT_CHARS];
    char      *p = digits + sizeof(digits);
    uint64_t   rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;

    do {
        *--p = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);

    if (value < 0) {
        *--p = '-';
    }

    base_buf_add(buf, p, (size_t) (digits + sizeof(digits) - p));
}


void
base_buf_printf(base_buf_t *buf, const char *fmt, ...)
{
    int      len;
    char    *p;
    va_list  args;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);

    if (len < 0) {
        base_buf_fail(buf);
        return;
    }

    p = base_buf_reserve(buf, (size_t) len);
    if (p == NULL) {
        return;
    }

    va_start(args, fmt);
    vsnprintf(p, (size_t) len + 1, fmt, args);
    va_end(args);

    buf->len += (size_t) len;
}


/* Room for bytes more; the buffer is as it was if there is none. */
static bool
buf_grow(base_buf_t *buf, size_t bytes)
{
    char    *data;
    size_t   cap = buf->cap > SIZE_MAX / 4 ? SIZE_MAX / 2 : buf->cap * 2;

    if (buf->len > buf->limit_bytes || bytes > buf->limit_bytes - buf->len
        || bytes > SIZE_MAX / 2 - buf->len)
     {
        return false;
    }

    if (cap < BUF_CAP_MIN) {
        cap = BUF_CAP_MIN;
    }

    if (cap < buf->len + bytes) {
        cap = buf->len + bytes;
    }

    if (cap > buf->limit_bytes) {
        cap = buf->limit_bytes;
    }

    data = buf->arena == NULL
               ? realloc(buf->data, cap + BASE_BUF_SPARE_BYTES)
               : base_arena_grow(buf->arena, buf->data,
                     buf->cap + BASE_BUF_SPARE_BYTES,
                     cap + BASE_BUF_SPARE_BYTES);
    if (data == NULL) {
        return false;
    }

    buf->data = data;
    buf->cap = cap;

    return true;
}
