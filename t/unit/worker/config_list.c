/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/config/config_list.h"

#include "tap.h"
#include "worker/config/config.h"


typedef struct {
    const char  *text;
    const char  *problem;           /* NULL: none */
} case_t;


static const case_t  cases[] = {
    { "function a builtin:orders:pay; function b http://h/;", NULL },
    { "function a x; function a y;",
      "-g:1: \"a\" of \"function\": expected a name that has no line yet" },
    { "function a;", "-g:1: \"function\" takes 2 values, 1 came" },
    { "function a '';", "-g:1: \"a\" of \"function\": expected no empty "
                        "words" },
    { "payment_header 'A: b'; payment_header 'A: c';", NULL },
    { "payment_header ': b';", "-g:1: \": b\" of \"payment_header\": expected "
                               "a header such as \"Name: value\"" },
    { "payment_header \"A: b\nC: d\";", "-g:1: \"A: b\nC: d\" of "
      "\"payment_header\": expected a header without control characters" },
    { "connection c http://h 'A: b'; connection c http://h 'C: d';", NULL },
};


static worker_problems_t
load(base_arena_t *arena, worker_config_t *config, const char *text)
{
    worker_problems_t  problems;

    worker_problems_init(&problems);
    worker_config_load(config, arena, NULL, base_str_c(text),
                       BASE_STR("redis://h"), &problems);
    return problems;
}


static void
test_case(base_arena_t *arena, const case_t *c)
{
    worker_config_t    config;
    worker_problems_t  problems = load(arena, &config, c->text);

    is_int(problems.errors, c->problem != NULL, c->text);
    if (c->problem != NULL && problems.first != NULL) {
        is_str(problems.first->text, base_str_c(c->problem), "... says why");
    }
}


static void
test_lines(base_arena_t *arena)
{
    worker_config_t        config;
    const worker_entry_t  *entry;

    (void) load(arena, &config, "function a x; function b y; list q k;");
    is_int((int64_t) config.functions.count, 2, "each line is an entry");
    entry = worker_entries_find(&config.functions, BASE_STR("b"));
    ok(entry != NULL, "which is found by its name");
    is_str(entry->words[1], BASE_STR("y"), "... with its value");
    ok(worker_entries_find(&config.lists, BASE_STR("b")) == NULL,
       "each setting has its own names");
}


static void
test_written(base_arena_t *arena)
{
    base_buf_t         buf;
    worker_config_t    config, again;
    worker_problems_t  problems;

    (void) load(arena, &config,
                "payment_header 'A: ${env:X}'; payment_header 'B: secret';"
                "connection c http://h 'Authorization: Basic secret';"
                "function f \"command:/bin/x a\";");
    base_buf_init(&buf, arena, SIZE_MAX);
    worker_config_write(&buf, &config);
    base_buf_add_char(&buf, '\0');
    buf.len--;

    ok(strstr(buf.data, "payment_header         \"A: ${env:X}\";\n") != NULL,
       "where a secret is may be shown");
    ok(strstr(buf.data, "payment_header         \"B: ***\";\n") != NULL,
       "a secret may not");
    ok(strstr(buf.data, "connection             \"c\" \"http://h\" "
                        "\"Authorization: ***\";\n") != NULL,
       "nor one of a connection");
    ok(strstr(buf.data, "secret") == NULL, "nowhere");
    ok(strstr(buf.data, "function               \"f\" \"command:/bin/x a\";\n")
       != NULL, "what is no secret is shown");

    problems = load(arena, &again, buf.data);
    is_int(problems.errors, 0, "what is written can be read");
    is_int((int64_t) again.payment_headers.count, 2, "line by line");
}


int
main(void)
{
    size_t        i;
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(&arena, &cases[i]);
    }

    test_lines(&arena);
    test_written(&arena);
    base_arena_deinit(&arena);

    return done_testing();
}
