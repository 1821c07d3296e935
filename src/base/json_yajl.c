/* SPDX-License-Identifier: BSD-2-Clause */

#include "base/json_yajl.h"

#include <stdint.h>
#include <string.h>


/* Before each piece: its size, for realloc; memory stays aligned. */
#define JSON_HEADER_BYTES  16


/* A message of yajl's may have words around the one given here. */
static const struct {
    const char  *yajl;
    const char  *reason;
} json_reasons[] = {
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


static void *json_malloc(void *ctx, size_t bytes);
static void *json_realloc(void *ctx, void *old, size_t bytes);
static void *json_piece(base_json_memory_t *memory, void *p, size_t bytes);
static void json_no_free(void *ctx, void *p);


yajl_alloc_funcs
base_json_yajl_memory(base_json_memory_t *memory)
{
    return (yajl_alloc_funcs) {
        .malloc = json_malloc,
        .realloc = json_realloc,
        .free = json_no_free,
        .ctx = memory,
    };
}


const char *
base_json_yajl_reason(yajl_handle yajl)
{
    size_t       i;
    const char  *message = (const char *) yajl_get_error(yajl, 0, NULL, 0);

    for (i = 0; i < sizeof(json_reasons) / sizeof(json_reasons[0]); i++) {
        if (strstr(message, json_reasons[i].yajl) != NULL) {
            return json_reasons[i].reason;
        }
    }

    return "the text is not JSON";
}


static void *
json_malloc(void *ctx, size_t bytes)
{
    void                *p = NULL;
    base_json_memory_t  *memory = ctx;

    if (bytes <= SIZE_MAX - JSON_HEADER_BYTES) {
        p = base_arena_alloc(memory->arena, JSON_HEADER_BYTES + bytes);
    }

    return json_piece(memory, p, bytes);
}


static void *
json_realloc(void *ctx, void *old, size_t bytes)
{
    char                *piece;
    void                *p = NULL;
    size_t               old_bytes;
    base_json_memory_t  *memory = ctx;

    if (old == NULL) {
        return json_malloc(ctx, bytes);
    }

    piece = (char *) old - JSON_HEADER_BYTES;
    memcpy(&old_bytes, piece, sizeof(old_bytes));

    if (bytes <= SIZE_MAX - JSON_HEADER_BYTES) {
        p = base_arena_grow(memory->arena, piece,
            JSON_HEADER_BYTES + old_bytes, JSON_HEADER_BYTES + bytes);
    }

    return json_piece(memory, p, bytes);
}


/* Notes the size; does not return where there is no memory. */
static void *
json_piece(base_json_memory_t *memory, void *p, size_t bytes)
{
    if (p == NULL) {
        longjmp(memory->nomem, 1);
    }

    memcpy(p, &bytes, sizeof(bytes));

    return (char *) p + JSON_HEADER_BYTES;
}


static void
json_no_free(void *ctx, void *p)
{
    (void) ctx;
    (void) p;
}
