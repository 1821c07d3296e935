/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "worker/clock.h"


static uv_loop_t          loop;
static uv_timer_t         tick;
static worker_timers_t    timers;
static worker_programs_t  programs;
static worker_log_t       log_nowhere;

static struct {
    unsigned                 count;
    unsigned                 signs;
    worker_program_answer_t  last;
    char                     output[4096];
    char                     complaint[512];
}  seen;


static uint64_t
clock_ms(void *data)
{
    (void) data;
    return uv_now(&loop);
}


static void
tick_handler(uv_timer_t *timer)
{
    (void) timer;
    worker_timers_fire(&timers);
}


static void
answered(void *data, const worker_program_answer_t *answer)
{
    (void) data;
    seen.count++;
    seen.last = *answer;
    (void) snprintf(seen.output, sizeof(seen.output), "%.*s",
                    BASE_STR_ARG(answer->output));
    (void) snprintf(seen.complaint, sizeof(seen.complaint), "%.*s",
                    BASE_STR_ARG(answer->complaint));
}


static void
alive(void *data)
{
    (void) data;
    seen.signs++;
}


static worker_program_t *
start(const char *command, const char *input)
{
    worker_program_options_t  options = {
        .command = base_str_c(command), .input = base_str_c(input),
        .env = (base_str_t []) { BASE_STR("PATH=/usr/bin:/bin"),
                                 BASE_STR("A=b") },
        .env_count = 2, .answered = answered, .alive = alive
    };

    return worker_program_run(&programs, &options);
}


static void
run(const char *command, const char *input)
{
    memset(&seen, 0, sizeof(seen));
    if (!ok(start(command, input) != NULL, "%s", command)) {
        return;
    }

    while (seen.count == 0) {
        (void) uv_run(&loop, UV_RUN_ONCE);
    }
}


/* Runs the loop until nothing is left, or for a while. */
static void
settle(unsigned max_ms)
{
    uint64_t  until = worker_clock_monotonic_ms() + max_ms;

    while (programs.running > 0 && worker_clock_monotonic_ms() < until) {
        (void) uv_run(&loop, UV_RUN_ONCE);
    }
}


/* A script of the test's own; its path. */
static const char *
script(const char *text)
{
    static char  path[64];

    int  fd;

    (void) snprintf(path, sizeof(path), "/tmp/worker-program-XXXXXX");
    fd = mkstemp(path);
    (void) !write(fd, text, strlen(text));
    (void) fchmod(fd, 0700);
    (void) close(fd);

    return path;
}


static void
run_script(const char *text, const char *input)
{
    const char  *path = script(text);

    run(path, input);
    (void) unlink(path);
}


static void
test_answers(void)
{
    run("/bin/cat", "{\"a\":1}\n");
    is_int(seen.last.outcome, WORKER_PROGRAM_EXITED, "... exits");
    is_int(seen.last.code, 0, "... in order");
    is_str(base_str_c(seen.output), BASE_STR("{\"a\":1}\n"),
           "... what it read it wrote");
    ok(seen.signs > 0, "... which was noticed");

    run("/usr/bin/env", "");
    is_str(base_str_c(seen.output), BASE_STR("PATH=/usr/bin:/bin\nA=b\n"),
           "... its environment is what it was given");
    run("/usr/bin/printf %s,%s a $(b)", "");
    is_str(base_str_c(seen.output), BASE_STR("a,$(b)"),
           "... no shell looks at its arguments");

    run_script("#!/bin/sh\necho one >&2; echo two >&2; exit 3\n", "");
    is_int(seen.last.code, 3, "... an exit code");
    is_str(base_str_c(seen.complaint), BASE_STR("two"),
           "... the last line of stderr");
    run_script("#!/bin/sh\nkill -9 $$\n", "");
    is_int(seen.last.outcome, WORKER_PROGRAM_KILLED, "... is killed");
    is_int(seen.last.signal, 9, "... by a signal");

    run("/nonexistent/program", "");
    is_int(seen.last.outcome, WORKER_PROGRAM_NOT_STARTED, "... is not there");
    is_str(base_str_c(seen.complaint), BASE_STR("no such file or directory"),
           "... which it says");
    run("/etc/passwd", "");
    is_int(seen.last.outcome, WORKER_PROGRAM_NOT_STARTED, "... is no program");
}


static void
test_limits(void)
{
    char    *big;
    size_t   size = 4 * 1024 * 1024;

    run("/usr/bin/head -c 262144 /dev/zero", "");
    is_int(seen.last.outcome, WORKER_PROGRAM_EXITED, "... fits");
    is_int((int64_t) seen.last.output.len, 262144, "... to the byte");
    run("/usr/bin/head -c 262145 /dev/zero", "");
    is_int(seen.last.outcome, WORKER_PROGRAM_TOO_LONG, "... one too long");
    run("/usr/bin/yes", "");
    is_int(seen.last.outcome, WORKER_PROGRAM_TOO_LONG, "... never stops");

    big = malloc(size + 1);
    memset(big, 'a', size);
    big[size] = '\0';
    run("/bin/true", big);
    is_int(seen.last.code, 0, "... does not read its input");
    run("/usr/bin/wc -c", big);
    ok(atoi(seen.output) == (int) size, "... reads all of a long input");
    free(big);
}


static void
test_group(void)
{
    worker_program_t  *program;

    memset(&seen, 0, sizeof(seen));
    run_script("#!/bin/sh\nsleep 100 & echo '1'; exit 0\n", "");
    is_int(seen.last.code, 0, "... is not kept by what it has started");
    is_str(base_str_c(seen.output), BASE_STR("1\n"), "... its output is kept");

    memset(&seen, 0, sizeof(seen));
    program = start("/bin/sleep 100", "");
    (void) uv_run(&loop, UV_RUN_ONCE);
    worker_program_cancel(program);
    settle(1500);
    is_int(programs.running, 0, "what is cancelled is ended by SIGTERM");
    is_int(seen.count, 0, "without an answer");
}


static void
test_stubborn(void)
{
    uint64_t           start_ms;
    const char        *path;
    worker_program_t  *program;

    path = script("#!/bin/sh\ntrap '' TERM\necho up\n"
                  "while :; do sleep 1; done\n");
    memset(&seen, 0, sizeof(seen));
    program = start(path, "");
    while (seen.signs == 0) {
        (void) uv_run(&loop, UV_RUN_ONCE);
    }

    start_ms = worker_clock_monotonic_ms();
    worker_program_cancel(program);
    settle(10000);
    is_int(programs.running, 0, "what does not listen is killed");
    ok(worker_clock_monotonic_ms() - start_ms >= 1900, "two seconds later");
    (void) unlink(path);
}


static void
test_many(void)
{
    unsigned           i, most = 0;
    worker_program_t  *waiting = NULL;

    memset(&seen, 0, sizeof(seen));
    for (i = 0; i < 21; i++) {
        waiting = start("/bin/cat", "x");
    }

    worker_program_cancel(waiting);
    while (seen.count < 20) {
        most = programs.running > most ? programs.running : most;
        (void) uv_run(&loop, UV_RUN_ONCE);
    }

    is_int(seen.count, 20, "all but the cancelled one have their turn");
    is_int(most, 4, "no more at once than are allowed");
    settle(1000);
}


static void
close_all(uv_handle_t *handle, void *data)
{
    (void) data;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}


static void
test_check(void)
{
    char          text[64];
    char         *argv[WORKER_PROGRAM_ARGS_MAX + 1];
    const char   *problem;

    ok(worker_program_check(BASE_STR("/bin/cat -u"), &problem),
       "a program is one");
    ok(!worker_program_check(BASE_STR("cat"), &problem), "without a path none");
    ok(!worker_program_check(BASE_STR(""), &problem), "nor is nothing");
    ok(!worker_program_check(BASE_STR("/etc/passwd"), &problem),
       "nor what cannot be executed");
    is_str(base_str_c(problem), BASE_STR("Permission denied"), "... says why");

    ok(worker_program_split(BASE_STR("  a  b "), text, argv), "words");
    is_str(base_str_c(argv[1]), BASE_STR("b"), "... are cut at blanks");
    ok(argv[2] == NULL, "... no more of them");
    ok(worker_program_split(BASE_STR("1 2 3 4 5 6 7 8 9 a b c d e f g"), text,
                            argv), "sixteen words");
    ok(!worker_program_split(BASE_STR("1 2 3 4 5 6 7 8 9 a b c d e f g h"),
                             text, argv), "not seventeen");
}


int
main(void)
{
    log_nowhere.fd = open("/dev/null", O_WRONLY);
    log_nowhere.level = WORKER_LOG_DEBUG;
    (void) signal(SIGPIPE, SIG_IGN);
    (void) uv_loop_init(&loop);
    (void) uv_timer_init(&loop, &tick);
    (void) uv_timer_start(&tick, tick_handler, 1, 1);
    worker_timers_init(&timers, clock_ms, NULL);
    worker_programs_init(&programs, &loop, &timers, &log_nowhere, 4);

    test_check();
    test_answers();
    test_limits();
    test_group();
    test_stubborn();
    test_many();

    (void) start("/bin/sleep 100", "");
    (void) start("/bin/cat", "");
    worker_programs_stop(&programs);
    uv_walk(&loop, close_all, NULL);
    (void) uv_run(&loop, UV_RUN_DEFAULT);
    is_int(uv_loop_close(&loop), 0, "a stop leaves no handle behind");
    worker_timers_deinit(&timers);

    return done_testing();
}
