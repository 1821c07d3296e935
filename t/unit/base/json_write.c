/* SPDX-License-Identifier: BSD-2-Clause */

/* Values as text. */

#include "tap.h"

#include <string.h>

#include "base/json.h"


static void
test_strings(void)
{
    static const struct {
        base_str_t  text;
        base_str_t  written;
    } cases[] = {
        { BASE_STR_INIT(""), BASE_STR_INIT("\"\"") },
        { BASE_STR_INIT("plain"), BASE_STR_INIT("\"plain\"") },
        { BASE_STR_INIT("/"), BASE_STR_INIT("\"/\"") },
        { BASE_STR_INIT("\b\t\n\f\r\"\\"),
          BASE_STR_INIT("\"\\b\\t\\n\\f\\r\\\"\\\\\"") },
        { BASE_STR_INIT("\0\x01\x1f\x7f"),
          BASE_STR_INIT("\"\\u0000\\u0001\\u001f\x7f\"") },
        { BASE_STR_INIT("\"begin"), BASE_STR_INIT("\"\\\"begin\"") },
        { BASE_STR_INIT("end\""), BASE_STR_INIT("\"end\\\"\"") },
        { BASE_STR_INIT("caf\xc3\xa9 \xf0\x9f\x8d\x95, \xe2\x80\xa8"),
          BASE_STR_INIT("\"caf\xc3\xa9 \xf0\x9f\x8d\x95, \xe2\x80\xa8\"") },
    };

    size_t      i;
    base_buf_t  buf;

    base_buf_init(&buf, NULL, SIZE_MAX);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        base_buf_clear(&buf);
        base_json_write_str(&buf, cases[i].text);
        is_str(base_buf_str(&buf), cases[i].written, "a string is escaped");
    }

    base_buf_clear(&buf);
    base_json_write_str(&buf, base_str(NULL, 0));
    is_str(base_buf_str(&buf), BASE_STR("\"\""), "an empty string has no data");

    base_buf_deinit(&buf);
}


/* Every byte at every place of texts around one and two blocks: written, read,
 * compared. */
static void
test_positions(size_t len)
{
    char           text[33];
    size_t         i;
    unsigned       c;
    bool           same = true;
    base_buf_t     buf;
    base_json_t   *value;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    for (i = 0; i < len; i++) {
        for (c = 0; c < 0x80; c++) {
            memset(text, i % 2 ? 'a' : '!', len);
            text[i] = (char) c;

            base_arena_reset(&arena);
            base_buf_init(&buf, &arena, SIZE_MAX);
            base_json_write_str(&buf, base_str(text, len));
            value = base_json_parse(&arena, base_buf_str(&buf), NULL, NULL);
            same = same && value != NULL
                   && base_str_eq(value->text, base_str(text, len));
        }
    }

    ok(same, "each ASCII byte at each place of %zu is read as written", len);
    base_arena_deinit(&arena);
}


static void
test_pretty(void)
{
    base_buf_t     buf;
    base_json_t   *value;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_buf_init(&buf, &arena, SIZE_MAX);

    value = base_json_parse(&arena,
        BASE_STR("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[],\"e\":\"x\"}"),
        NULL, NULL);
    base_json_write_pretty(&buf, value);
    is_str(base_buf_str(&buf), BASE_STR(
        "{\n"
        "  \"a\": [\n"
        "    1,\n"
        "    {\n"
        "      \"b\": null\n"
        "    }\n"
        "  ],\n"
        "  \"c\": {},\n"
        "  \"d\": [],\n"
        "  \"e\": \"x\"\n"
        "}"), "pretty text is indented by two");

    base_buf_clear(&buf);
    base_json_write_pretty(&buf, base_json_int(&arena, 5));
    is_str(base_buf_str(&buf), BASE_STR("5"), "a lone number is itself");

    base_arena_deinit(&arena);
}


static void
test_failure(void)
{
    int            n;
    size_t         limit;
    char           text[4096];
    base_buf_t     buf;
    base_json_t   *value;
    base_arena_t   arena;
    base_arena_t   other;
    base_str_t     small = BASE_STR("{\"k\":[true,\"a\\nb\",12],\"l\":{}}");

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    value = base_json_parse(&arena, small, NULL, NULL);

    for (limit = 0; limit < small.len; limit++) {
        base_buf_init(&buf, NULL, limit);
        base_json_write(&buf, value);
        if (!buf.failed || buf.len > limit) {
            break;
        }
        base_buf_deinit(&buf);
    }
    is_int((int64_t) limit, (int64_t) small.len,
           "a buffer too small by any number of bytes fails");

    base_buf_init(&buf, NULL, limit);
    base_json_write(&buf, value);
    is_str(base_buf_str(&buf), small, "one of the right size does not");
    base_buf_deinit(&buf);

    memset(text, 'x', sizeof(text));
    value = base_json_array(&arena);
    for (n = 0; n < 4; n++) {
        base_json_append(value,
            base_json_string(&arena, base_str(text, sizeof(text))));
    }

    for (n = 1; n < 100; n++) {
        base_arena_init(&other, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&other, n);
        base_buf_init(&buf, &other, SIZE_MAX);
        base_json_write(&buf, value);
        base_arena_deinit(&other);
        if (!buf.failed) {
            break;
        }
    }
    ok(n > 2 && n < 100 && buf.len == 4 * 4099 + 1,
       "writing fails with each allocation, then succeeds (%d)", n);

    base_arena_deinit(&arena);
}


int
main(void)
{
    test_strings();
    test_positions(1);
    test_positions(15);
    test_positions(16);
    test_positions(17);
    test_positions(33);
    test_pretty();
    test_failure();

    return done_testing();
}
