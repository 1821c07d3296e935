/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include <string.h>

#include "base/arena.h"


#if defined(__SANITIZE_ADDRESS__)
#define SPLIT  true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SPLIT  true
#endif
#endif

#ifndef SPLIT
#define SPLIT  false
#endif


static void
test_alloc(void)
{
    char          *p, *previous = NULL;
    size_t         i;
    bool           aligned = true;
    bool           apart = true;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    is_int((int64_t) arena.used_bytes, 0, "a new arena has no memory");

    for (i = 0; i < 2000; i++) {
        p = base_arena_alloc(&arena, i);
        aligned = aligned && (uintptr_t) p % 16 == 0;
        apart = apart && p != NULL && p != previous;
        memset(p, 0x5a, i);
        previous = p;
    }

    ok(aligned, "memory is aligned to 16");
    ok(apart, "each allocation has its own address, one of no bytes too");

    base_arena_deinit(&arena);
    is_int((int64_t) arena.used_bytes, 0, "a closed arena has no memory");
}


static void
test_size_overflow(void)
{
    base_str_t    copy = BASE_STR("as it was");
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    ok(base_arena_alloc(&arena, SIZE_MAX) == NULL, "SIZE_MAX bytes fail");
    ok(base_arena_alloc(&arena, SIZE_MAX - 8) == NULL,
       "a size that rounds to zero fails");
    ok(base_arena_calloc(&arena, SIZE_MAX / 2, 3) == NULL,
       "a product that overflows fails");
    ok(!base_arena_str(&arena, base_str("", SIZE_MAX), &copy),
       "a string of SIZE_MAX fails");
    is_str(copy, BASE_STR("as it was"), "and leaves the result alone");

    base_arena_deinit(&arena);
}


static void
test_zeroed(void)
{
    char          *p;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    p = base_arena_alloc(&arena, 64);
    memset(p, 0xff, 64);
    base_arena_reset(&arena);

    p = base_arena_zalloc(&arena, 64);
    ok(p != NULL && p[0] == 0 && memcmp(p, p + 1, 63) == 0,
       "zalloc zeroes recycled memory");

    p = base_arena_calloc(&arena, 8, 8);
    ok(p != NULL && p[0] == 0 && memcmp(p, p + 1, 63) == 0,
       "calloc zeroes");

    base_arena_deinit(&arena);
}


static void
test_limit(void)
{
    size_t        n = 0;
    base_arena_t  arena;

    base_arena_init(&arena, 1024, 4096);

    while (base_arena_alloc(&arena, 100) != NULL) {
        n++;
    }

    ok(n > 25 && n <= 41, "a limit of 4096 has room for %zu times 100", n);
    ok(arena.used_bytes <= 4096, "the limit holds");
    ok(base_arena_alloc(&arena, 5000) == NULL, "a large piece is bound too");

    base_arena_reset(&arena);
    ok(base_arena_alloc(&arena, 100) != NULL, "a reset gives the room back");
    base_arena_deinit(&arena);

    base_arena_init(&arena, 4096, 300);
    ok(base_arena_alloc(&arena, 100) != NULL,
       "a limit below the block size still gives what it can");
    ok(base_arena_alloc(&arena, 300) == NULL, "and no more");
    base_arena_deinit(&arena);

    base_arena_init(&arena, 4096, 0);
    ok(base_arena_alloc(&arena, 1) == NULL, "a limit of 0 gives nothing");
    base_arena_deinit(&arena);
}


static void
test_reset(void)
{
    char          *first;
    size_t         i;
    base_arena_t   arena;

    base_arena_init(&arena, 1024, BASE_ARENA_UNLIMITED);
    base_arena_reset(&arena);
    is_int((int64_t) arena.used_bytes, 0, "an unused arena can be reset");

    for (i = 0; i < 100; i++) {
        (void) base_arena_alloc(&arena, 100);
    }
    (void) base_arena_alloc(&arena, 10000);

    base_arena_reset(&arena);
    is_int((int64_t) arena.used_bytes, SPLIT ? 0 : 1024,
           "a reset keeps one block");

    first = base_arena_alloc(&arena, 100);
    ok(first != NULL, "which is used again");
    is_int((int64_t) arena.used_bytes, SPLIT ? 116 : 1024,
           "without another one");

    base_arena_deinit(&arena);
}


static void
test_grow(void)
{
    char          *p, *q;
    base_arena_t   arena;

    base_arena_init(&arena, 4096, 8192);

    p = base_arena_grow(&arena, NULL, 0, 10);
    ok(p != NULL, "nothing grows into something");
    memcpy(p, "0123456789", 10);

    ok(base_arena_grow(&arena, p, 10, 5) == p, "shrinking changes nothing");

    q = base_arena_grow(&arena, p, 10, 500);
    ok(q != NULL && memcmp(q, "0123456789", 10) == 0, "the bytes stay");
    ok(SPLIT || q == p, "the last allocation grows in place");
    memset(q + 10, 'x', 490);

    (void) base_arena_alloc(&arena, 16);
    p = base_arena_grow(&arena, q, 500, 600);
    ok(p != NULL && p != q && memcmp(p, "0123456789", 10) == 0,
       "another one moves");

    ok(base_arena_grow(&arena, p, 600, 10000) == NULL,
       "a growth over the limit fails");
    ok(base_arena_grow(&arena, p, 600, SIZE_MAX - 3) == NULL,
       "as does one that overflows");
    ok(memcmp(p, "0123456789", 10) == 0, "and the old memory is as it was");

    base_arena_deinit(&arena);
}


static void
test_strings(void)
{
    base_str_t    copy;
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    ok(base_arena_str(&arena, BASE_STR("a\0b"), &copy), "a string is copied");
    is_str(copy, BASE_STR("a\0b"), "with its NUL bytes");
    ok(copy.data[copy.len] == '\0', "and one behind it");

    ok(base_arena_str(&arena, base_str(NULL, 0), &copy) && copy.data != NULL,
       "the copy of an empty string has an address");

    copy = base_arena_concat(&arena, BASE_STR("ab"), base_str(NULL, 0),
                             BASE_STR("c"));
    is_str(copy, BASE_STR("abc"), "concat joins");
    is_int(copy.data[3], 0, "and ends with a NUL");

    copy = base_arena_printf(&arena, "%d-%s", 17, "x");
    is_str(copy, BASE_STR("17-x"), "printf formats");
    ok(copy.data[copy.len] == '\0', "and ends with a NUL");

    base_arena_deinit(&arena);
}


static void
test_fault(void)
{
    base_str_t    copy = BASE_STR("as it was");
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    (void) base_arena_alloc(&arena, 16);

    base_arena_fail_after(&arena, 3);
    ok(base_arena_alloc(&arena, 16) != NULL, "the first allocation succeeds");
    ok(base_arena_alloc(&arena, 0) != NULL, "so does the second");
    ok(base_arena_alloc(&arena, 16) == NULL, "the third fails");
    ok(base_arena_alloc(&arena, 16) == NULL, "and all after it");
    ok(base_arena_zalloc(&arena, 16) == NULL, "zalloc too");
    ok(base_arena_grow(&arena, NULL, 0, 16) == NULL, "grow too");
    ok(!base_arena_str(&arena, BASE_STR("x"), &copy), "str too");
    is_str(copy, BASE_STR("as it was"), "and leaves the result alone");
    ok(base_arena_printf(&arena, "x").data == NULL, "printf too");
    ok(base_arena_concat(&arena, BASE_STR("x")).data == NULL, "and concat");

    base_arena_reset(&arena);
    ok(base_arena_alloc(&arena, 16) == NULL, "a reset does not end the fault");

    base_arena_fail_after(&arena, -1);
    ok(base_arena_alloc(&arena, 16) != NULL, "a negative count does");

    base_arena_deinit(&arena);
}


int
main(void)
{
    test_alloc();
    test_size_overflow();
    test_zeroed();
    test_limit();
    test_reset();
    test_grow();
    test_strings();
    test_fault();

    return done_testing();
}
