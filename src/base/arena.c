/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Blocks hang in a list, newest first; pos and end mark the free part of one
 * ordinary block.  Where pos equals end every allocation takes the slow path:
 * that is how counting faults and AddressSanitizer see each of them.
 */

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SPLIT  true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SPLIT  true
#endif
#endif

#ifndef ARENA_SPLIT
#define ARENA_SPLIT  false          /* true: a block for each allocation */
#endif

#define ARENA_BLOCK_BYTES_MIN  256


struct base_arena_block_s {
    base_arena_block_t  *next;
    size_t               bytes;         /* with this header */
};

_Static_assert(sizeof(base_arena_block_t) % 16 == 0,
    "what follows the header is aligned to 16");


static void *arena_alloc_own(base_arena_t *arena, size_t bytes);
static void *arena_alloc_next(base_arena_t *arena, size_t bytes);
static base_arena_block_t *arena_block(base_arena_t *arena, size_t bytes);
static bool arena_is_ordinary(const base_arena_t *arena,
    const base_arena_block_t *block);
static void arena_open(base_arena_t *arena, base_arena_block_t *block);


void
base_arena_init(base_arena_t *arena, size_t block_bytes, size_t limit_bytes)
{
    *arena = (base_arena_t) {
        .block_bytes = block_bytes < ARENA_BLOCK_BYTES_MIN
                           ? ARENA_BLOCK_BYTES_MIN
                           : (block_bytes + 15) & ~(size_t) 15,
        .limit_bytes = limit_bytes,
        .fail_after = -1,
    };
}


void
base_arena_fail_after(base_arena_t *arena, int64_t n)
{
    arena->fail_after = n > 0 ? n - 1 : -1;
    arena->pos = arena->end;
}


void
base_arena_reset(base_arena_t *arena)
{
    base_arena_block_t  *block = arena->blocks;
    base_arena_block_t  *kept = NULL;

    while (block != NULL) {
        base_arena_block_t  *next = block->next;

        if (kept == NULL && arena_is_ordinary(arena, block)) {
            kept = block;
        } else {
            free(block);
        }

        block = next;
    }

    arena->blocks = NULL;
    arena->pos = NULL;
    arena->end = NULL;
    arena->used_bytes = 0;

    if (kept != NULL) {
        kept->next = NULL;
        arena->blocks = kept;
        arena->used_bytes = kept->bytes;

        if (arena->fail_after < 0) {
            arena_open(arena, kept);
        }
    }
}


void
base_arena_deinit(base_arena_t *arena)
{
    base_arena_block_t  *block = arena->blocks;

    while (block != NULL) {
        base_arena_block_t  *next = block->next;

        free(block);
        block = next;
    }

    arena->blocks = NULL;
    arena->pos = NULL;
    arena->end = NULL;
    arena->used_bytes = 0;
}


void *
base_arena_alloc_slow(base_arena_t *arena, size_t bytes)
{
    if (arena->fail_after == 0) {
        return NULL;
    }

    if (arena->fail_after > 0) {
        arena->fail_after--;
        return arena_alloc_own(arena, bytes);
    }

    /* an unusually large piece leaves the rest of the current block in use */
    if (ARENA_SPLIT || bytes > arena->block_bytes / 4) {
        return arena_alloc_own(arena, bytes);
    }

    return arena_alloc_next(arena, bytes);
}


void *
base_arena_grow(base_arena_t *arena, void *p, size_t old_bytes,
    size_t new_bytes)
{
    void    *copy;
    size_t   old_rounded = (old_bytes + 15) & ~(size_t) 15;
    size_t   more = ((new_bytes + 15) & ~(size_t) 15) - old_rounded;

    if (p != NULL && new_bytes <= old_bytes) {
        return p;
    }

    if (p != NULL && new_bytes <= SIZE_MAX - 15
        && (char *) p + old_rounded == arena->pos
        && more <= (size_t) (arena->end - arena->pos))
    {
        arena->pos += more;
        return p;
    }

    copy = base_arena_alloc(arena, new_bytes);
    if (copy != NULL && p != NULL) {
        memcpy(copy, p, old_bytes);
    }

    return copy;
}


void *
base_arena_zalloc(base_arena_t *arena, size_t bytes)
{
    void  *p = base_arena_alloc(arena, bytes);

    if (p != NULL) {
        memset(p, 0, bytes);
    }

    return p;
}


void *
base_arena_calloc(base_arena_t *arena, size_t count, size_t size)
{
    size_t  bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }

    return base_arena_zalloc(arena, bytes);
}


bool
base_arena_str(base_arena_t *arena, base_str_t s, base_str_t *copy)
{
    char  *p;

    if (s.len == SIZE_MAX) {
        return false;
    }

    p = base_arena_alloc(arena, s.len + 1);
    if (p == NULL) {
        return false;
    }

    if (s.len != 0) {
        memcpy(p, s.data, s.len);
    }

    p[s.len] = '\0';
    *copy = base_str(p, s.len);

    return true;
}


base_str_t
base_arena_join(base_arena_t *arena, const base_str_t *parts, size_t count)
{
    char    *start, *p;
    size_t   i, len = 0;

    for (i = 0; i < count; i++) {
        len += parts[i].len;
    }

    start = base_arena_alloc(arena, len + 1);
    if (start == NULL) {
        return base_str(NULL, 0);
    }

    p = start;
    for (i = 0; i < count; i++) {
        if (parts[i].len > 0) {
            memcpy(p, parts[i].data, parts[i].len);
            p += parts[i].len;
        }
    }

    *p = '\0';
    return base_str(start, len);
}


base_str_t
base_arena_printf(base_arena_t *arena, const char *fmt, ...)
{
    int      len;
    char    *p;
    va_list  args;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);

    if (len < 0) {
        return base_str(NULL, 0);
    }

    p = base_arena_alloc(arena, (size_t) len + 1);
    if (p == NULL) {
        return base_str(NULL, 0);
    }

    va_start(args, fmt);
    vsnprintf(p, (size_t) len + 1, fmt, args);
    va_end(args);

    return base_str(p, (size_t) len);
}


/* A block for this allocation alone; not rounded, so that a sanitizer sees
 * the first byte behind it. */
static void *
arena_alloc_own(base_arena_t *arena, size_t bytes)
{
    base_arena_block_t  *block;

    if (bytes > SIZE_MAX - sizeof(base_arena_block_t)) {
        return NULL;
    }

    block = arena_block(arena, sizeof(base_arena_block_t) + bytes);

    return block == NULL ? NULL : block + 1;
}


static void *
arena_alloc_next(base_arena_t *arena, size_t bytes)
{
    size_t               size = arena->block_bytes;
    size_t               left = arena->limit_bytes - arena->used_bytes;
    base_arena_block_t  *block;

    if (size > left) {
        size = left & ~(size_t) 15;         /* the last block is a short one */
    }

    if (size < sizeof(base_arena_block_t) + bytes + 16) {
        return NULL;
    }

    block = arena_block(arena, size);
    if (block == NULL) {
        return NULL;
    }

    arena_open(arena, block);

    return base_arena_alloc(arena, bytes == 0 ? 1 : bytes);
}


static base_arena_block_t *
arena_block(base_arena_t *arena, size_t bytes)
{
    base_arena_block_t  *block;

    if (bytes > arena->limit_bytes - arena->used_bytes) {
        return NULL;
    }

    block = malloc(bytes);
    if (block == NULL) {
        return NULL;
    }

    block->next = arena->blocks;
    block->bytes = bytes;
    arena->blocks = block;
    arena->used_bytes += bytes;

    return block;
}


static bool
arena_is_ordinary(const base_arena_t *arena, const base_arena_block_t *block)
{
    return !ARENA_SPLIT && block->bytes == arena->block_bytes;
}


static void
arena_open(base_arena_t *arena, base_arena_block_t *block)
{
    arena->pos = (char *) (block + 1);
    arena->end = (char *) block + block->bytes;
}
