/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An arena hands out memory that is freed all at once.  It serves one request
 * or one execution; a parser that fails in the middle unwinds nothing.
 *
 * The struct is the caller's storage, opened with base_arena_init() and closed
 * with base_arena_deinit().  base_arena_reset() forgets everything handed out
 * and keeps one block, so that a recycled arena costs no malloc.
 *
 * Under AddressSanitizer each allocation is a block of its own, so that an
 * overflow inside an arena is seen.
 */

#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"


#define BASE_ARENA_BLOCK_BYTES  4096        /* a sensible block_bytes */
#define BASE_ARENA_UNLIMITED    SIZE_MAX


typedef struct base_arena_block_s  base_arena_block_t;

typedef struct {
    char                *pos;           /* next free byte of the block */
    char                *end;
    base_arena_block_t  *blocks;        /* newest first */
    size_t               block_bytes;
    size_t               used_bytes;    /* in blocks, since init or reset */
    size_t               limit_bytes;
    int64_t              fail_after;    /* allocations left, or -1: no fault */
} base_arena_t;


/*
 * block_bytes   size of an ordinary block; larger requests get their own
 * limit_bytes   bound of the sum of blocks, or BASE_ARENA_UNLIMITED
 *
 * Allocates nothing.
 */
void base_arena_init(base_arena_t *arena, size_t block_bytes,
    size_t limit_bytes);

/* For tests: the n-th allocation from now (1 is the next) fails, and all
 * after it. */
void base_arena_fail_after(base_arena_t *arena, int64_t n);

/* Frees all blocks but one; everything handed out is dead. */
void base_arena_reset(base_arena_t *arena);

/* Frees all blocks; the arena may be init'ed again. */
void base_arena_deinit(base_arena_t *arena);

/* The slow path of base_arena_alloc(); not for callers. */
void *base_arena_alloc_slow(base_arena_t *arena, size_t bytes);


/*
 * Memory for bytes bytes, aligned to 16, uninitialized; it dies with the next
 * reset or deinit.  NULL when memory or the arena's limit is exhausted.
 */
static inline void *
base_arena_alloc(base_arena_t *arena, size_t bytes)
{
    char    *p = arena->pos;
    size_t   rounded = (bytes + 15) & ~(size_t) 15;

    /* 0 bytes and an overflow both wrap here, and take the slow path */
    if (rounded - 1 >= (size_t) (arena->end - p)) {
        return base_arena_alloc_slow(arena, bytes);
    }

    arena->pos = p + rounded;
    return p;
}


/*
 * Makes an allocation larger: in place where it is the last one and the block
 * has room, else by a copy (the old memory stays with the arena).  p may be
 * NULL.  NULL when memory or limit is exhausted; p is then as it was.
 */
void *base_arena_grow(base_arena_t *arena, void *p, size_t old_bytes,
    size_t new_bytes);

/* The same as base_arena_alloc(), zeroed. */
void *base_arena_zalloc(base_arena_t *arena, size_t bytes);

/* Zeroed memory for count elements of size bytes; checks the product. */
void *base_arena_calloc(base_arena_t *arena, size_t count, size_t size);

/* A copy of s in the arena, with a NUL behind it that len does not count.
 * False when out of memory; *copy is then untouched. */
bool base_arena_str(base_arena_t *arena, base_str_t s, base_str_t *copy);

/* The parts one behind the other, NUL-terminated; data is NULL when out of
 * memory. */
base_str_t base_arena_join(base_arena_t *arena, const base_str_t *parts,
    size_t count);

/* The same with the parts written out. */
#define base_arena_concat(arena, ...)                                         \
    base_arena_join((arena), (const base_str_t []) { __VA_ARGS__ },           \
                    sizeof((const base_str_t []) { __VA_ARGS__ })             \
                        / sizeof(base_str_t))

/* A formatted string in the arena, NUL-terminated; data is NULL when out of
 * memory. */
base_str_t base_arena_printf(base_arena_t *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
