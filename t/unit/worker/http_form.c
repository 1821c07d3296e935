/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/http_form.h"

#include "tap.h"


static const char *const  cases[][2] = {
    { "{}", "" },
    { "{\"a\":\"b\"}", "a=b" },
    { "{\"a\":\"b c&d=e/\xc3\xa4+\"}", "a=b%20c%26d%3De%2F%C3%A4%2B" },
    { "{\"a b\":1.50,\"c\":true,\"d\":false,\"e\":null}",
      "a%20b=1.50&c=true&d=false&e=" },
    { "{\"a\":[1,[2,3]],\"b\":{\"c\":{\"d\":\"~-._\"}}}",
      "a%5B0%5D=1&a%5B1%5D%5B0%5D=2&a%5B1%5D%5B1%5D=3"
      "&b%5Bc%5D%5Bd%5D=~-._" },
    { "{\"a\":[],\"b\":{},\"c\":\"\"}", "c=" },
    { "[1]", "" },
    { "\"a\"", "" },
};


int
main(void)
{
    size_t        i;
    base_buf_t    buf;
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        base_buf_init(&buf, &arena, SIZE_MAX);
        worker_form_write(&buf, base_json_parse(&arena,
                                                base_str_c(cases[i][0]), NULL,
                                                NULL));
        is_str(base_buf_str(&buf), base_str_c(cases[i][1]), cases[i][0]);
    }

    base_arena_deinit(&arena);
    return done_testing();
}
