/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A link's event loop on libuv.
 *
 * uv_run() goes through timers, idle handles, prepare handles, then sleeps in
 * poll.  What is deferred runs as an idle handle: that is after the events of
 * this turn and before the sleep; and while an idle handle is active poll does
 * not sleep, so a request that comes too late for this turn's idle handles
 * (from another idle handle, or from a prepare handle) is served after an
 * empty poll.  A prepare handle would miss just that.
 *
 * libuv owns a handle's memory until its close callback: a timer holds two
 * handles and goes with the second.
 */

#include "redis/loop_uv.h"

#include <stdlib.h>


#define RDS_TIMER_HANDLES  2


struct rds_watch_s {
    uv_poll_t      poll;
    int            events;          /* asked for */
    rds_watch_fn   fn;
    void          *data;
};


struct rds_timer_s {
    uv_timer_t     timer;
    uv_idle_t      idle;
    unsigned       open;            /* handles whose close has not come */
    rds_timer_fn   fn;
    void          *data;
};


static rds_watch_t *rds_uv_watch_new(const rds_loop_t *loop, int fd,
    rds_watch_fn fn, void *data);
static void rds_uv_watch_set(rds_watch_t *watch, bool read, bool write);
static void rds_uv_watch_close(rds_watch_t *watch);
static rds_timer_t *rds_uv_timer_new(const rds_loop_t *loop, rds_timer_fn fn,
    void *data);
static void rds_uv_timer_set(rds_timer_t *timer, uint32_t after_ms,
    bool vital);
static void rds_uv_timer_clear(rds_timer_t *timer);
static void rds_uv_timer_close(rds_timer_t *timer);
static void rds_uv_defer(rds_timer_t *timer);
static uint64_t rds_uv_now_ms(const rds_loop_t *loop);

static void rds_uv_poll_handler(uv_poll_t *poll, int status, int events);
static void rds_uv_poll_close_handler(uv_handle_t *handle);
static void rds_uv_timer_handler(uv_timer_t *handle);
static void rds_uv_idle_handler(uv_idle_t *idle);
static void rds_uv_timer_close_handler(uv_handle_t *handle);


void
rds_loop_uv_init(rds_loop_t *loop, uv_loop_t *uv)
{
    *loop = (rds_loop_t) {
        .data = uv,
        .watch_new = rds_uv_watch_new,
        .watch_set = rds_uv_watch_set,
        .watch_close = rds_uv_watch_close,
        .timer_new = rds_uv_timer_new,
        .timer_set = rds_uv_timer_set,
        .timer_clear = rds_uv_timer_clear,
        .timer_close = rds_uv_timer_close,
        .defer = rds_uv_defer,
        .now_ms = rds_uv_now_ms
    };
}


/* An idle connection does not keep the loop alive; a command that waits for
 * its reply does, by its timer. */
static rds_watch_t *
rds_uv_watch_new(const rds_loop_t *loop, int fd, rds_watch_fn fn, void *data)
{
    rds_watch_t  *watch;

    watch = malloc(sizeof(rds_watch_t));
    if (watch == NULL) {
        return NULL;
    }

    if (uv_poll_init(loop->data, &watch->poll, fd) != 0) {
        free(watch);
        return NULL;
    }

    watch->poll.data = watch;
    watch->events = 0;
    watch->fn = fn;
    watch->data = data;
    uv_unref((uv_handle_t *) &watch->poll);

    return watch;
}


/* uv_poll_start() fails for a handle that is being closed only. */
static void
rds_uv_watch_set(rds_watch_t *watch, bool read, bool write)
{
    watch->events = (read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0);

    if (watch->events == 0) {
        (void) uv_poll_stop(&watch->poll);
        return;
    }

    (void) uv_poll_start(&watch->poll, watch->events, rds_uv_poll_handler);
}


static void
rds_uv_watch_close(rds_watch_t *watch)
{
    uv_close((uv_handle_t *) &watch->poll, rds_uv_poll_close_handler);
}


static void
rds_uv_poll_handler(uv_poll_t *poll, int status, int events)
{
    rds_watch_t  *watch = poll->data;

    if (status < 0) {
        /* libuv has stopped the handle, but there may be bytes to read */
        (void) uv_poll_start(poll, watch->events, rds_uv_poll_handler);
        watch->fn(watch->data, true, true);
        return;
    }

    watch->fn(watch->data, (events & UV_READABLE) != 0,
              (events & UV_WRITABLE) != 0);
}


static void
rds_uv_poll_close_handler(uv_handle_t *handle)
{
    free(handle->data);
}


static rds_timer_t *
rds_uv_timer_new(const rds_loop_t *loop, rds_timer_fn fn, void *data)
{
    rds_timer_t  *timer;

    timer = malloc(sizeof(rds_timer_t));
    if (timer == NULL) {
        return NULL;
    }

    /* neither of these can fail */
    (void) uv_timer_init(loop->data, &timer->timer);
    (void) uv_idle_init(loop->data, &timer->idle);

    timer->timer.data = timer;
    timer->idle.data = timer;
    timer->open = RDS_TIMER_HANDLES;
    timer->fn = fn;
    timer->data = data;

    return timer;
}


static void
rds_uv_timer_set(rds_timer_t *timer, uint32_t after_ms, bool vital)
{
    if (vital) {
        uv_ref((uv_handle_t *) &timer->timer);
    } else {
        uv_unref((uv_handle_t *) &timer->timer);
    }

    (void) uv_timer_start(&timer->timer, rds_uv_timer_handler, after_ms, 0);
}


static void
rds_uv_timer_clear(rds_timer_t *timer)
{
    (void) uv_timer_stop(&timer->timer);
}


static void
rds_uv_timer_close(rds_timer_t *timer)
{
    uv_close((uv_handle_t *) &timer->timer, rds_uv_timer_close_handler);
    uv_close((uv_handle_t *) &timer->idle, rds_uv_timer_close_handler);
}


static void
rds_uv_defer(rds_timer_t *timer)
{
    (void) uv_idle_start(&timer->idle, rds_uv_idle_handler);
}


static void
rds_uv_timer_handler(uv_timer_t *handle)
{
    rds_timer_t  *timer = handle->data;

    timer->fn(timer->data);
}


static void
rds_uv_idle_handler(uv_idle_t *idle)
{
    rds_timer_t  *timer = idle->data;

    (void) uv_idle_stop(idle);
    timer->fn(timer->data);
}


static void
rds_uv_timer_close_handler(uv_handle_t *handle)
{
    rds_timer_t  *timer = handle->data;

    timer->open--;
    if (timer->open == 0) {
        free(timer);
    }
}


static uint64_t
rds_uv_now_ms(const rds_loop_t *loop)
{
    return uv_now(loop->data);
}
