/* SPDX-License-Identifier: BSD-2-Clause */

/* The loop that a link runs on, over libuv. */

#include "redis/loop_uv.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"


static uv_loop_t     uv;
static rds_loop_t    loop;
static rds_timer_t  *timer, *other;
static rds_watch_t  *watch;
static int           calls, other_calls;
static bool          saw_read, saw_write;


static void
count_handler(void *data)
{
    (void) data;
    calls++;
}


static void
other_handler(void *data)
{
    (void) data;
    other_calls++;
}


static void
begin(void)
{
    calls = 0;
    other_calls = 0;
    uv_loop_init(&uv);
    rds_loop_uv_init(&loop, &uv);
}


static void
end(const char *name)
{
    uv_run(&uv, UV_RUN_DEFAULT);
    ok(uv_loop_close(&uv) == 0, "%s: no handle is left", name);
}


static void
defer_handler(void *data)
{
    (void) data;
    loop.defer(timer);
}


static void
on_prepare(uv_prepare_t *prepare)
{
    loop.defer(timer);
    uv_close((uv_handle_t *) prepare, NULL);
}


static void
on_check(uv_check_t *check)
{
    loop.defer(timer);
    uv_close((uv_handle_t *) check, NULL);
}


static void
on_idle(uv_idle_t *idle)
{
    loop.defer(timer);
    uv_close((uv_handle_t *) idle, NULL);
}


/* Far away: a turn that sleeps until then is noticed. */
static void
on_sleep(uv_timer_t *sleep)
{
    (void) sleep;
    other_calls += 100;
}


static void
test_defer_from(const char *name)
{
    uint64_t      begin_ms;
    uv_timer_t    sleep;
    uv_prepare_t  prepare;
    uv_check_t    check;
    uv_idle_t     idle;

    begin();
    timer = loop.timer_new(&loop, count_handler, NULL);
    other = loop.timer_new(&loop, defer_handler, NULL);
    uv_timer_init(&uv, &sleep);
    uv_timer_start(&sleep, on_sleep, 2000, 0);

    if (strcmp(name, "a timer") == 0) {
        loop.timer_set(other, 0, true);
    } else if (strcmp(name, "a prepare handle") == 0) {
        uv_prepare_init(&uv, &prepare);
        uv_prepare_start(&prepare, on_prepare);
    } else if (strcmp(name, "a check handle") == 0) {
        uv_check_init(&uv, &check);
        uv_check_start(&check, on_check);
        loop.timer_set(other, 0, true);
    } else if (strcmp(name, "an idle handle") == 0) {
        uv_idle_init(&uv, &idle);
        uv_idle_start(&idle, on_idle);
    } else {
        loop.defer(timer);
    }

    begin_ms = uv_now(&uv);
    while (calls == 0 && other_calls == 0) {
        uv_run(&uv, UV_RUN_ONCE);
    }

    uv_update_time(&uv);
    ok(calls > 0 && other_calls == 0 && uv_now(&uv) - begin_ms < 1500,
       "what %s defers runs before the loop sleeps", name);

    loop.timer_close(timer);
    loop.timer_close(other);
    uv_close((uv_handle_t *) &sleep, NULL);
    end(name);
}


static void
test_defer_twice(void)
{
    begin();
    timer = loop.timer_new(&loop, count_handler, NULL);
    loop.defer(timer);
    loop.defer(timer);
    uv_run(&uv, UV_RUN_DEFAULT);
    is_int(calls, 1, "two requests before the call are one");
    loop.defer(timer);
    uv_run(&uv, UV_RUN_DEFAULT);
    is_int(calls, 2, "one after it is another");
    loop.timer_close(timer);
    end("deferred twice");
}


static void
test_vital(void)
{
    begin();
    timer = loop.timer_new(&loop, count_handler, NULL);
    loop.timer_set(timer, 30, false);
    uv_run(&uv, UV_RUN_DEFAULT);
    is_int(calls, 0, "a timer that is not vital does not keep the loop");
    loop.timer_set(timer, 10, true);
    uv_run(&uv, UV_RUN_DEFAULT);
    is_int(calls, 1, "a vital one does");
    loop.timer_set(timer, 10, true);
    loop.timer_clear(timer);
    uv_run(&uv, UV_RUN_DEFAULT);
    is_int(calls, 1, "a cleared one is gone");
    loop.timer_close(timer);
    end("vital");
}


static void
close_handler(void *data)
{
    (void) data;
    calls++;
    loop.timer_close(timer);
}


static void
test_close_within(void)
{
    begin();
    timer = loop.timer_new(&loop, close_handler, NULL);
    loop.timer_set(timer, 1, true);
    uv_run(&uv, UV_RUN_DEFAULT);
    is_int(calls, 1, "a timer may be closed in its own function");
    end("closed by a timer");

    begin();
    timer = loop.timer_new(&loop, close_handler, NULL);
    loop.defer(timer);
    uv_run(&uv, UV_RUN_DEFAULT);
    is_int(calls, 1, "also where it was deferred");
    end("closed by what was deferred");

    begin();
    timer = loop.timer_new(&loop, other_handler, NULL);
    loop.timer_set(timer, 0, true);
    loop.defer(timer);
    loop.timer_close(timer);
    uv_run(&uv, UV_RUN_DEFAULT);
    is_int(other_calls, 0, "a closed timer is not called");
    end("closed while it waits");
}


static void
watch_handler(void *data, bool readable, bool writable)
{
    (void) data;
    calls++;
    saw_read = readable;
    saw_write = writable;

    if (calls == 3) {
        loop.watch_close(watch);
    }
}


static void
test_watch(void)
{
    int   fds[2];

    begin();
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);
    watch = loop.watch_new(&loop, fds[0], watch_handler, NULL);
    timer = loop.timer_new(&loop, other_handler, NULL);
    loop.timer_set(timer, 60000, true);

    loop.watch_set(watch, true, false);
    is_int(write(fds[1], "x", 1), 1, "a byte is sent");
    uv_run(&uv, UV_RUN_ONCE);
    ok(calls == 1 && saw_read && !saw_write, "readable");

    loop.watch_set(watch, false, true);
    uv_run(&uv, UV_RUN_ONCE);
    ok(calls == 2 && saw_write && !saw_read, "writable");

    loop.watch_set(watch, false, false);
    uv_run(&uv, UV_RUN_NOWAIT);
    is_int(calls, 2, "nothing is watched");

    loop.watch_set(watch, true, false);
    uv_run(&uv, UV_RUN_ONCE);
    ok(calls == 3 && saw_read, "what was not read is told again");
    uv_run(&uv, UV_RUN_NOWAIT);
    is_int(calls, 3, "a watch may be closed in its own function");

    loop.timer_close(timer);
    close(fds[0]);
    close(fds[1]);
    end("watch");
}


int
main(void)
{
    test_defer_from("nobody");
    test_defer_from("a timer");
    test_defer_from("a prepare handle");
    test_defer_from("a check handle");
    test_defer_from("an idle handle");
    test_defer_twice();
    test_vital();
    test_close_within();
    test_watch();

    return done_testing();
}
