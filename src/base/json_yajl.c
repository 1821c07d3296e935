/* SPDX-License-Identifier: BSD-2-Clause */

#include "base/json_yajl.h"

#include <stdint.h>
#include <string.h>


/* Before each piece: its size, for realloc; memory stays aligned. */
#define YAJL_HEADER_BYTES  16


/* A message of yajl's may have words around the one given here. */
static const struct {
    const char  *yajl;
    const char  *reason;
} yajl_reasons[] = {
    { "premature EOF", "the text ends too early" },
    { "trailing garbage", "there is more text behind the value" },
    { "unallowed token", "a value was expected" },
    { "invalid object key", "a key in quotes or '}' was expected" },
    { "separated by a colon", "':' was expected after the key" },
    { "inside map", "',' or '}' was expected after the member" },
    { "array element", "',' or ']' was expected after the item" },
    { "before a character", "there is no such escape" },
    { "invalid character inside", "a control character must be escaped" },
    { "non-hex", "\\u needs four hexadecimal digits" },
    { "invalid char in", "no value begins with this character" },
    { "invalid string in", "only true, false and null have no quotes" },
    { "after the exponent", "a digit was expected after the exponent" },
    { "decimal point", "a digit was expected after the decimal point" },
    { "minus sign", "a digit was expected after the minus sign" },
    { "comment", "comments are not allowed" },
};


static void *yajl_malloc(void *ctx, size_t bytes);
static void *yajl_realloc(void *ctx, void *old, size_t bytes);
static void *yajl_piece(base_json_memory_t *memory, void *p, size_t bytes);
static void yajl_no_free(void *ctx, void *p);


yajl_alloc_funcs
base_json_yajl_memory(base_json_memory_t *memory)
{
    return (yajl_alloc_funcs) {
        .malloc = yajl_malloc,
        .realloc = yajl_realloc,
        .free = yajl_no_free,
        .ctx = memory,
    };
}


const char *
base_json_yajl_reason(yajl_handle yajl)
{
    size_t       i;
    const char  *message = (const char *) yajl_get_error(yajl, 0, NULL, 0);

    for (i = 0; i < sizeof(yajl_reasons) / sizeof(yajl_reasons[0]); i++) {
        if (strstr(message, yajl_reasons[i].yajl) != NULL) {
            return yajl_reasons[i].reason;
        }
    }

    return "the text is not JSON";
}


static void *
yajl_malloc(void *ctx, size_t bytes)
{
    void                *p = NULL;
    base_json_memory_t  *memory = ctx;

    if (bytes <= SIZE_MAX - YAJL_HEADER_BYTES) {
        p = base_arena_alloc(memory->arena, YAJL_HEADER_BYTES + bytes);
    }

    return yajl_piece(memory, p, bytes);
}


static void *
yajl_realloc(void *ctx, void *old, size_t bytes)
{
    char                *piece;
    void                *p = NULL;
    size_t               old_bytes;
    base_json_memory_t  *memory = ctx;

    if (old == NULL) {
        return yajl_malloc(ctx, bytes);
    }

    piece = (char *) old - YAJL_HEADER_BYTES;
    memcpy(&old_bytes, piece, sizeof(old_bytes));

    if (bytes <= SIZE_MAX - YAJL_HEADER_BYTES) {
        p = base_arena_grow(memory->arena, piece,
            YAJL_HEADER_BYTES + old_bytes, YAJL_HEADER_BYTES + bytes);
    }

    return yajl_piece(memory, p, bytes);
}


/* Notes the size; does not return where there is no memory. */
static void *
yajl_piece(base_json_memory_t *memory, void *p, size_t bytes)
{
    if (p == NULL) {
        longjmp(memory->nomem, 1);
    }

    memcpy(p, &bytes, sizeof(bytes));

    return (char *) p + YAJL_HEADER_BYTES;
}


static void
yajl_no_free(void *ctx, void *p)
{
    (void) ctx;
    (void) p;
}
