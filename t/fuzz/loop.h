/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An event loop for a link (redis/loop.h) that turns when it is told to and
 * whose clock is a number: what happens depends on the input alone.  There is
 * one in a process.
 */

#ifndef FUZZ_LOOP_H
#define FUZZ_LOOP_H

#include <poll.h>

#include "redis/loop.h"

#include "fuzz.h"


#define LOOP_TIMERS_MAX   8
#define LOOP_WATCHES_MAX  4


struct rds_timer_s {
    rds_timer_fn  fn;
    void         *data;
    uint64_t      due_ms;
    bool          set;
    bool          deferred;
};

struct rds_watch_s {
    rds_watch_fn  fn;
    void         *data;
    int           fd;
    bool          read;
    bool          write;
};


static struct {
    rds_loop_t    functions;
    rds_timer_t  *timers[LOOP_TIMERS_MAX];
    rds_watch_t  *watches[LOOP_WATCHES_MAX];
    uint64_t      now_ms;
} loop;


static inline rds_watch_t *
loop_watch_new(const rds_loop_t *functions, int fd, rds_watch_fn fn, void *data)
{
    size_t        i = 0;
    rds_watch_t  *watch = calloc(1, sizeof(rds_watch_t));

    (void) functions;
    check(watch != NULL);

    while (loop.watches[i] != NULL) {
        i++;
        check(i < LOOP_WATCHES_MAX);
    }

    watch->fn = fn;
    watch->data = data;
    watch->fd = fd;
    loop.watches[i] = watch;
    return watch;
}


static inline void
loop_watch_set(rds_watch_t *watch, bool read, bool write)
{
    watch->read = read;
    watch->write = write;
}


static inline void
loop_watch_close(rds_watch_t *watch)
{
    size_t  i = 0;

    while (loop.watches[i] != watch) {
        i++;
        check(i < LOOP_WATCHES_MAX);
    }

    loop.watches[i] = NULL;
    free(watch);
}


static inline rds_timer_t *
loop_timer_new(const rds_loop_t *functions, rds_timer_fn fn, void *data)
{
    size_t        i = 0;
    rds_timer_t  *timer = calloc(1, sizeof(rds_timer_t));

    (void) functions;
    check(timer != NULL);

    while (loop.timers[i] != NULL) {
        i++;
        check(i < LOOP_TIMERS_MAX);
    }

    timer->fn = fn;
    timer->data = data;
    loop.timers[i] = timer;
    return timer;
}


static inline void
loop_timer_set(rds_timer_t *timer, uint32_t after_ms, bool vital)
{
    (void) vital;
    timer->set = true;
    timer->due_ms = loop.now_ms + after_ms;
}


static inline void
loop_timer_clear(rds_timer_t *timer)
{
    timer->set = false;
}


static inline void
loop_timer_close(rds_timer_t *timer)
{
    size_t  i = 0;

    while (loop.timers[i] != timer) {
        i++;
        check(i < LOOP_TIMERS_MAX);
    }

    loop.timers[i] = NULL;
    free(timer);
}


static inline void
loop_defer(rds_timer_t *timer)
{
    timer->deferred = true;
}


static inline uint64_t
loop_now_ms(const rds_loop_t *functions)
{
    (void) functions;
    return loop.now_ms;
}


static inline void
loop_turn_timers(void)
{
    size_t        i;
    rds_timer_t  *timer;

    for (i = 0; i < LOOP_TIMERS_MAX; i++) {
        timer = loop.timers[i];

        if (timer != NULL && timer->set && timer->due_ms <= loop.now_ms) {
            timer->set = false;
            timer->fn(timer->data);
        }
    }
}


static inline void
loop_turn_watches(void)
{
    bool           broken;
    size_t         i;
    rds_watch_t   *watch;
    struct pollfd  fd;

    for (i = 0; i < LOOP_WATCHES_MAX; i++) {
        watch = loop.watches[i];
        if (watch == NULL) {
            continue;
        }

        fd.fd = watch->fd;
        fd.events = (short) ((watch->read ? POLLIN : 0)
                             | (watch->write ? POLLOUT : 0));
        fd.revents = 0;

        if (fd.events != 0 && poll(&fd, 1, 0) > 0) {
            broken = (fd.revents & (POLLERR | POLLHUP)) != 0;
            watch->fn(watch->data, broken || (fd.revents & POLLIN) != 0,
                      broken || (fd.revents & POLLOUT) != 0);
        }
    }
}


static inline void
loop_turn_deferred(void)
{
    size_t        i;
    rds_timer_t  *timer;

    for (i = 0; i < LOOP_TIMERS_MAX; i++) {
        timer = loop.timers[i];

        if (timer != NULL && timer->deferred) {
            timer->deferred = false;
            timer->fn(timer->data);
        }
    }
}


static inline void
loop_begin(void)
{
    loop.functions = (rds_loop_t) {
        .watch_new = loop_watch_new, .watch_set = loop_watch_set,
        .watch_close = loop_watch_close, .timer_new = loop_timer_new,
        .timer_set = loop_timer_set, .timer_clear = loop_timer_clear,
        .timer_close = loop_timer_close, .defer = loop_defer,
        .now_ms = loop_now_ms
    };
    loop.now_ms = 1000;
}


/* True when all that was made has been closed. */
static inline bool
loop_is_empty(void)
{
    size_t  i;
    bool    empty = true;

    for (i = 0; i < LOOP_TIMERS_MAX; i++) {
        empty = empty && loop.timers[i] == NULL;
    }

    for (i = 0; i < LOOP_WATCHES_MAX; i++) {
        empty = empty && loop.watches[i] == NULL;
    }

    return empty;
}

#endif
