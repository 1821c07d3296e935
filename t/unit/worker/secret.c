/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/config/secret.h"

#include <stdlib.h>
#include <unistd.h>

#include "tap.h"


typedef struct {
    const char  *text;
    const char  *value;             /* NULL: a problem, which is */
    const char  *problem;
} case_t;


static const case_t  cases[] = {
    { "", "", NULL },
    { "A: b", "A: b", NULL },
    { "A: $b $", "A: $b $", NULL },
    { "A: ${env:WORKER_SECRET}", "A: s3cret", NULL },
    { "A: ${env:WORKER_SECRET}:${env:WORKER_SECRET}", "A: s3cret:s3cret",
      NULL },
    { "A: ${env:WORKER_NONE}", NULL, "the environment has no WORKER_NONE" },
    { "A: ${env:WORKER_LINES}", NULL,
      "WORKER_LINES has a line break or a control character in it" },
    { "A: ${env:WORKER", NULL, "\"${\" without \"}\"" },
    { "A: ${vault:x}", NULL, "expected ${file:PATH} or ${env:NAME}" },
    { "A: ${file:key}", NULL, "${file:} wants an absolute path" },
    { "A: ${file:/nonexistent/key}", NULL,
      "/nonexistent/key: cannot read: No such file or directory" },
    { "A: ${file:/dev/null}", NULL, "/dev/null is empty" },
};


typedef struct {
    const char  *url;
    const char  *origin;
} url_t;

static const url_t  urls[] = {
    { "https://a.example/b", "https://a.example" },
    { "https://a.example", "https://a.example" },
    { "http://a.example:80?x=/", "http://a.example:80" },
    { "https://a.example#f", "https://a.example" },
    { "https://user@a.example/", "" },
    { "https://a.example\\@b.example/", "" },
    { "https://a.example .b/", "" },
    { "https:///x", "" },
    { "ftp://a.example/", "" },
    { "a.example", "" },
    { "", "" },
};


static void
test_file(base_arena_t *arena)
{
    char               path[] = "/tmp/worker-secret-XXXXXX";
    base_str_t         text, value, problem;
    worker_config_t    config;
    worker_secrets_t   secrets;
    worker_problems_t  problems;

    int  fd = mkstemp(path);

    ok(write(fd, "k3y\r\n\n", 6) == 6, "a file with a secret");
    (void) close(fd);
    text = base_arena_printf(arena, "A: ${file:%s}!", path);
    ok(worker_secret_expand(arena, text, &value, &problem), "is read");
    is_str(value, BASE_STR("A: k3y!"), "without its line breaks");

    worker_problems_init(&problems);
    text = base_arena_printf(arena, "payment_header 'A: ${file:%s}';"
        "connection c https://h/x 'B: ${env:WORKER_SECRET}';", path);
    worker_config_load(&config, arena, NULL, text, BASE_STR(""), &problems);
    ok(worker_secrets_load(&secrets, &config, arena, &problems),
       "all secrets are read together");
    is_str(secrets.payment[0], BASE_STR("A: k3y"), "those of payments");
    is_str(secrets.connections[0].header, BASE_STR("B: s3cret"),
           "and of connections");
    is_str(secrets.connections[0].origin, BASE_STR("https://h"),
           "which belong to an origin");
    worker_secrets_free(&secrets);

    (void) unlink(path);
    ok(!worker_secrets_load(&secrets, &config, arena, &problems),
       "or not at all");
    is_int(problems.errors, 1, "with a problem");
    worker_secrets_free(&secrets);
    ok(worker_connection_known(&config, BASE_STR("c"))
       && !worker_connection_known(&config, BASE_STR("d")),
       "a connection is known by its name");
}


int
main(void)
{
    size_t        i;
    base_str_t    value, problem;
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    (void) setenv("WORKER_SECRET", "s3cret", 1);
    (void) setenv("WORKER_LINES", "a\nb", 1);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ok(worker_secret_expand(&arena, base_str_c(cases[i].text), &value,
                                &problem) == (cases[i].value != NULL),
           "%s", cases[i].text);
        is_str(cases[i].value != NULL ? value : problem,
               base_str_c(cases[i].value != NULL ? cases[i].value
                                                 : cases[i].problem),
               "... is or says");
    }

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        is_str(worker_url_origin(base_str_c(urls[i].url)),
               base_str_c(urls[i].origin), urls[i].url);
    }

    test_file(&arena);
    base_arena_deinit(&arena);

    return done_testing();
}
