/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include <string.h>

#include "base/buf.h"


static void
test_appends(base_arena_t *arena, const char *where)
{
    size_t      i;
    bool        same = true;
    base_buf_t  buf;

    base_buf_init(&buf, arena, SIZE_MAX);
    ok(buf.data == NULL && buf.len == 0, "%s: a new buffer is empty", where);

    base_buf_add(&buf, NULL, 0);
    ok(buf.data == NULL && !buf.failed, "%s: nothing is added", where);

    base_buf_add_lit(&buf, "a\0b");
    base_buf_add_char(&buf, ':');
    base_buf_add_str(&buf, BASE_STR("str"));
    base_buf_printf(&buf, "(%d %s)", -5, "x");
    is_str(base_buf_str(&buf), BASE_STR("a\0b:str(-5 x)"), where);

    base_buf_clear(&buf);
    ok(buf.len == 0 && buf.data != NULL, "%s: clear keeps memory", where);

    for (i = 0; i < 100000; i++) {
        base_buf_add_char(&buf, (char) ('a' + i % 26));
    }

    for (i = 0; i < 100000; i++) {
        same = same && buf.data[i] == (char) ('a' + i % 26);
    }

    ok(!buf.failed && buf.len == 100000 && same,
       "%s: growing keeps the bytes", where);

    base_buf_clear(&buf);
    for (i = 0; i < 3000; i++) {
        base_buf_printf(&buf, "%s", "0123456789");
    }
    is_int((int64_t) buf.len, 30000, where);

    base_buf_deinit(&buf);
    ok(buf.data == NULL && buf.len == 0, "%s: deinit empties", where);
}


static void
test_int(void)
{
    static const int64_t  values[] = {
        0, 1, -1, 9, 10, -10, 99, 100, 1234567890, INT64_MAX, INT64_MIN
    };

    size_t      i;
    char        expected[32];
    base_buf_t  buf;

    base_buf_init(&buf, NULL, SIZE_MAX);

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        base_buf_clear(&buf);
        base_buf_add_int(&buf, values[i]);
        snprintf(expected, sizeof(expected), "%" PRId64, values[i]);
        is_str(base_buf_str(&buf), base_str_c(expected), "an integer");
    }

    base_buf_deinit(&buf);
}


static void
test_limit(void)
{
    base_buf_t  buf;

    base_buf_init(&buf, NULL, 10);
    base_buf_add_lit(&buf, "0123456789");
    ok(!buf.failed && buf.len == 10, "a buffer fills up to its limit");

    base_buf_add(&buf, NULL, 0);
    ok(!buf.failed, "nothing more is not too much");

    base_buf_add_char(&buf, 'x');
    ok(buf.failed && buf.len == 10, "one byte more fails");

    base_buf_clear(&buf);
    base_buf_printf(&buf, "%s", "0123456789");
    ok(!buf.failed && buf.len == 10, "printf fills up to the limit too");

    base_buf_clear(&buf);
    base_buf_printf(&buf, "%s", "0123456789a");
    ok(buf.failed && buf.len == 0, "one more fails and adds nothing");

    base_buf_add_lit(&buf, "x");
    base_buf_add_char(&buf, 'x');
    base_buf_add_int(&buf, 1);
    base_buf_printf(&buf, "x");
    ok(base_buf_reserve(&buf, 1) == NULL && buf.len == 0,
       "after a failure appends do nothing");

    base_buf_clear(&buf);
    base_buf_add_lit(&buf, "x");
    ok(!buf.failed && buf.len == 1, "clear makes it usable again");
    ok(base_buf_reserve(&buf, SIZE_MAX) == NULL && buf.failed,
       "room that overflows fails");
    base_buf_deinit(&buf);

    base_buf_init(&buf, NULL, SIZE_MAX);
    base_buf_add_lit(&buf, "x");
    ok(base_buf_reserve(&buf, SIZE_MAX) == NULL && buf.failed,
       "also without a limit");
    base_buf_deinit(&buf);

    base_buf_init(&buf, NULL, 0);
    base_buf_add_char(&buf, 'x');
    ok(buf.failed && buf.len == 0, "a limit of 0 holds nothing");
    base_buf_deinit(&buf);
}


static void
test_reserve(void)
{
    char        *p;
    base_buf_t   buf;

    base_buf_init(&buf, NULL, SIZE_MAX);
    base_buf_add_lit(&buf, "ab");

    p = base_buf_reserve(&buf, 1000);
    ok(p == buf.data + 2 && buf.len == 2, "room begins behind len");
    memset(p, 'c', 1000);
    buf.len += 1000;
    ok(buf.data[0] == 'a' && buf.data[1001] == 'c', "and is written to");

    base_buf_deinit(&buf);
}


static void
test_fault(void)
{
    base_buf_t    buf;
    base_arena_t  arena;

    base_arena_init(&arena, 256, BASE_ARENA_UNLIMITED);
    base_buf_init(&buf, &arena, SIZE_MAX);
    base_arena_fail_after(&arena, 2);

    base_buf_add_lit(&buf, "kept");
    ok(base_buf_reserve(&buf, 5000) == NULL && buf.failed,
       "a growth without memory fails");
    is_str(base_buf_str(&buf), BASE_STR("kept"), "and leaves what there was");

    base_arena_deinit(&arena);
}


int
main(void)
{
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_appends(NULL, "heap");
    test_appends(&arena, "arena");
    base_arena_deinit(&arena);

    test_int();
    test_limit();
    test_reserve();
    test_fault();

    return done_testing();
}
