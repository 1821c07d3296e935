/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/config/config_value.h"

#include <stdlib.h>
#include <unistd.h>

#include "cases.h"
#include "tap.h"
#include "worker/config/config.h"


typedef struct {
    const char  *text;
    const char  *problem;           /* the only one; NULL: none */
} case_t;


static const case_t  cases[] = {
    { "", NULL },
    { "# a comment\nmax_executions 7; # another", NULL },
    { "name \"a\";", NULL },
    { "name 'a.b-c_d';", NULL },
    { "lease 500ms;", NULL },
    { "lease 1d;", NULL },
    { "simulate_refuse 2.5%; simulate_unavailable 0.01%;", NULL },
    { "simulate_latency 0ms 1s;", NULL },
    { "retention 30d;", NULL },
    { "retention 3650d;", NULL },
    { "retention 3651d;", "-g:1: \"3651d\" of \"retention\": expected from "
                          "0s to 3650d" },
    { "retention 500ms;", "-g:1: \"500ms\" of \"retention\": expected a time "
                          "in whole seconds, such as 10s, 5m or 30d" },

    { "max_executions;", "-g:1: \"max_executions\" takes 1 value, 0 came" },
    { "max_executions 1 2;",
      "-g:1: \"max_executions\" takes 1 value, 2 came" },
    { "max_executions 1 2 3 4 5 6;",
      "-g:1: \"max_executions\" takes 1 value, 6 came" },
    { "max_executions 0;",
      "-g:1: \"0\" of \"max_executions\": expected from 1 to 65536" },
    { "max_executions 65537;",
      "-g:1: \"65537\" of \"max_executions\": expected from 1 to 65536" },
    { "max_executions 99999999999999999999;",
      "-g:1: \"99999999999999999999\" of \"max_executions\": expected a whole "
      "number" },
    { "max_executions 1x;",
      "-g:1: \"1x\" of \"max_executions\": expected a whole number" },
    { "max_executions -1;",
      "-g:1: \"-1\" of \"max_executions\": expected a whole number" },
    { "\n\nbogus 1;", "-g:3: there is no setting \"bogus\"" },
    { "lease 1s; lease 1s;", "-g:1: \"lease\" is set twice" },
    { "lease 1s", "-g:1: \"lease\" has no \";\" at its end" },
    { ";", "-g:1: unexpected \";\"" },
    { "name \"a", "-g:1: the quote is not closed" },
    { "name a/b;", "-g:1: \"a/b\" of \"name\": expected letters, digits, "
                   "\"_\", \".\" and \"-\" only" },
    { "lease 1y;", "-g:1: \"1y\" of \"lease\": expected a time such as 250ms, "
                   "10s or 5m" },
    { "lease 199ms;", "-g:1: \"199ms\" of \"lease\": expected from 200ms to "
                      "1d" },
    { "lease 2d;", "-g:1: \"2d\" of \"lease\": expected from 200ms to 1d" },
    { "simulate_latency 2s 1s;", "-g:1: \"2s\" of \"simulate_latency\": "
                                 "expected two times, the smaller one first" },
    { "simulate_refuse 101%;", "-g:1: \"101%\" of \"simulate_refuse\": "
                               "expected a share from 0% to 100%" },
    { "simulate_refuse 1.234%;",
      "-g:1: \"1.234%\" of \"simulate_refuse\": expected a share with at most "
      "two decimals" },
    { "simulate_refuse 10;", "-g:1: \"10\" of \"simulate_refuse\": expected a "
                             "share such as 10% or 2.5%" },
    { "log_level loud;", "-g:1: \"loud\" of \"log_level\": expected error, "
                         "warn, notice, info or debug" },
    { "http_ca_file /nonexistent/ca.pem;",
      "-g:1: \"/nonexistent/ca.pem\" of \"http_ca_file\": cannot read: No "
      "such file or directory" },
    { "http_ca_file /dev/null;", NULL },
    { "prefix 'a b';",
      "-g: \"prefix\" must be 1 to 64 of letters, digits and \"_.:-\"" },
};


static void
test_case(const case_t *c)
{
    base_arena_t       arena;
    worker_config_t    config;
    worker_problems_t  problems;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    worker_problems_init(&problems);
    worker_config_load(&config, &arena, NULL, base_str_c(c->text),
                       BASE_STR(""), &problems);

    is_int(problems.errors, c->problem != NULL, c->text);
    if (c->problem != NULL && problems.first != NULL) {
        is_str(problems.first->text, base_str_c(c->problem), "... says why");
    }

    ok(config.max_executions >= 1, "... the settings are whole");
    base_arena_deinit(&arena);
}


static void
test_values(base_arena_t *arena)
{
    worker_config_t    config;
    worker_problems_t  problems;

    worker_problems_init(&problems);
    worker_config_load(&config, arena, NULL, BASE_STR(
        "lease 3; simulate_refuse 2.5%; simulate_unavailable .5%;"
        "simulate_latency 10ms 2s; name \"a\\\"\\\\b\";"), BASE_STR(""),
        &problems);
    is_int(config.lease_ms, 3000, "a bare number is seconds");
    is_int(config.simulate_refuse, 250, "a share is counted in 10,000ths");
    is_int(config.simulate_latency_ms[0], 10, "from");
    is_int(config.simulate_latency_ms[1], 2000, "to");
    is_int(problems.errors, 2, "all mistakes are reported");

    worker_problems_init(&problems);
    worker_config_load(&config, arena, NULL,
                       BASE_STR("redis redis://u:secret@h:7/2;"),
                       BASE_STR(""), &problems);
    is_str(config.redis_text, BASE_STR("redis://***@h:7/2"),
           "a password is not shown");
    is_str(config.redis.password, BASE_STR("secret"), "but is known");

    worker_config_load(&config, arena, NULL,
                       BASE_STR("redis unix:/s?password=x;"), BASE_STR(""),
                       &problems);
    is_str(config.redis_text, BASE_STR("unix:/s"),
           "nor is that of a unix address");

    worker_config_load(&config, arena, NULL, BASE_STR("redis redis://a;"),
                       BASE_STR("redis://b"), &problems);
    is_str(config.redis.host, BASE_STR("b"), "--redis wins");
    ok(config.name.len > 0, "the name of the host is the default name");
    is_int(problems.errors, 0, "no complaints");
}


static void
test_file(base_arena_t *arena)
{
    int                fd;
    char               path[] = "/tmp/worker-config-XXXXXX";
    const char         text[] = "workflow a.json;\nlease 2s;\nbad;\n";
    base_str_t         problem;
    worker_config_t    config;
    worker_problems_t  problems;

    fd = mkstemp(path);
    ok(fd >= 0 && write(fd, text, sizeof(text) - 1) == sizeof(text) - 1,
       "a file is there");
    (void) close(fd);

    worker_problems_init(&problems);
    worker_config_load(&config, arena, path,
                       BASE_STR("lease 5s; simulate_journal j;"),
                       BASE_STR(""), &problems);
    is_str(config.workflow, BASE_STR("/tmp/a.json"),
           "a path in a file is meant from its folder");
    is_str(config.simulate_journal, BASE_STR("j"),
           "one on the command line from here");
    is_int(config.lease_ms, 5000, "the command line wins over the file");

    problem = base_arena_printf(arena, "%s:3: there is no setting \"bad\"",
                                path);
    is_str(problems.first != NULL ? problems.first->text : BASE_STR(""),
           problem, "a mistake is named with file and line");
    (void) unlink(path);

    worker_problems_init(&problems);
    worker_config_load(&config, arena, path, BASE_STR(""), BASE_STR(""),
                       &problems);
    is_int(problems.errors, 1, "a file that is not there is a mistake");
}


static void
test_written(base_arena_t *arena)
{
    base_buf_t         first, second;
    worker_config_t    config;
    worker_problems_t  problems;

    base_buf_init(&first, arena, SIZE_MAX);
    base_buf_init(&second, arena, SIZE_MAX);
    worker_problems_init(&problems);
    worker_config_load(&config, arena, TEST_TOP "/conf/worker.conf",
                       BASE_STR("workflow ''; name n;"), BASE_STR("redis://h"),
                       &problems);
    worker_config_write(&first, &config);
    worker_config_load(&config, arena, NULL, BASE_STR("name n;"),
                       BASE_STR("redis://h"), &problems);
    worker_config_write(&second, &config);
    is_str(base_buf_str(&first), base_buf_str(&second),
           "conf/worker.conf shows the defaults, but for its Redis");

    worker_config_load(&config, arena, NULL, base_buf_str(&first),
                       BASE_STR(""), &problems);
    base_buf_clear(&second);
    worker_config_write(&second, &config);
    is_str(base_buf_str(&second), base_buf_str(&first),
           "settings are written so that they can be read");
    is_int(problems.errors, 0, "no complaints");
}


/* What stands behind "#   " in the file's text and looks like settings, as
 * settings; all of it, commented out or not, in *all. */
static base_str_t
examples(base_arena_t *arena, base_str_t text, base_str_t *all)
{
    base_buf_t   shown, whole;
    const char  *line = text.data, *end = text.data + text.len, *stop;

    base_buf_init(&shown, arena, SIZE_MAX);
    base_buf_init(&whole, arena, SIZE_MAX);
    base_buf_add_char(&whole, '\n');
    for ( ; line < end; line = stop + 1) {
        base_str_t  trimmed;

        stop = memchr(line, '\n', (size_t) (end - line));
        trimmed = cases_trim(line + (line[0] == '#'), stop);
        if (trimmed.len == 0 || trimmed.data[trimmed.len - 1] != ';'
            || base_str_eq_c(trimmed, "name value ...;")
            || (line[0] == '#' && memcmp(line, "#   ", 4) != 0))
        {
            continue;
        }

        base_buf_printf(line[0] == '#' ? &shown : &whole, "%.*s\n",
                        BASE_STR_ARG(trimmed));
    }

    base_buf_add_str(&whole, base_buf_str(&shown));
    base_buf_add_char(&whole, '\0');
    *all = base_buf_str(&whole);
    return base_buf_str(&shown);
}


/* Settings whose examples are not their defaults. */
static bool
has_no_default(base_str_t name)
{
    return base_str_eq_c(name, "payment") || base_str_eq_c(name, "payment_url")
           || base_str_eq_c(name, "payment_refund_url");
}


static void
test_documented(base_arena_t *arena)
{
    size_t                   i;
    base_str_t               all, shown;
    base_buf_t               value, expected;
    worker_config_t          config, defaults;
    worker_problems_t        problems;
    const worker_setting_t  *setting;

    shown = examples(arena, cases_read(arena, TEST_TOP "/conf/worker.conf"),
                     &all);
    worker_problems_init(&problems);
    worker_config_load(&config, arena, NULL, shown, BASE_STR(""), &problems);
    is_str(problems.first != NULL ? problems.first->text : BASE_STR(""),
           BASE_STR(""), "what conf/worker.conf shows in comments is right");
    worker_config_load(&defaults, arena, NULL, BASE_STR(""), BASE_STR(""),
                       &problems);

    for (i = 0; i < worker_setting_count; i++) {
        setting = &worker_settings[i];
        ok(strstr(all.data, base_arena_printf(arena, "\n%s ",
                                              setting->name.data).data) != NULL,
           "%s is in conf/worker.conf", setting->name.data);
        if (setting->kind->write == NULL || has_no_default(setting->name)) {
            continue;
        }

        base_buf_init(&value, arena, SIZE_MAX);
        base_buf_init(&expected, arena, SIZE_MAX);
        setting->kind->write(&value, (char *) &config + setting->offset);
        setting->kind->write(&expected, (char *) &defaults + setting->offset);
        is_str(base_buf_str(&value), base_buf_str(&expected),
               "... with its default");
    }
}


int
main(void)
{
    size_t        i;
    base_arena_t  arena;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(&cases[i]);
    }

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_values(&arena);
    test_file(&arena);
    test_written(&arena);
    test_documented(&arena);
    base_arena_deinit(&arena);

    return done_testing();
}
