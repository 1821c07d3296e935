/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a link asks of an event loop.  There are two: redis/loop_uv.h for
 * libuv, and the front door's for nginx's events.
 */

#ifndef RDS_LOOP_H
#define RDS_LOOP_H

#include <stdbool.h>
#include <stdint.h>


typedef struct rds_loop_s   rds_loop_t;
typedef struct rds_watch_s  rds_watch_t;    /* the loop's own type */
typedef struct rds_timer_s  rds_timer_t;    /* the loop's own type */

/* The socket is readable or writable (or broken: both). */
typedef void (*rds_watch_fn)(void *data, bool readable, bool writable);
typedef void (*rds_timer_fn)(void *data);


/*
 * Readiness is level-triggered: a watch that did not read all is called again.
 * Functions that make something return NULL when out of memory.  Closing is
 * allowed inside a callback of the thing itself; its memory goes when the loop
 * allows it.
 */
struct rds_loop_s {
    void           *data;

    rds_watch_t  *(*watch_new)(const rds_loop_t *loop, int fd, rds_watch_fn fn,
                       void *data);
    void          (*watch_set)(rds_watch_t *watch, bool read, bool write);
    void          (*watch_close)(rds_watch_t *watch);   /* not the fd */

    /*
     * A timer that is waiting does not keep the loop (a quitting nginx worker,
     * a draining orders-worker) alive unless vital is true.
     */
    rds_timer_t  *(*timer_new)(const rds_loop_t *loop, rds_timer_fn fn,
                       void *data);
    void          (*timer_set)(rds_timer_t *timer, uint32_t after_ms,
                       bool vital);
    void          (*timer_clear)(rds_timer_t *timer);
    void          (*timer_close)(rds_timer_t *timer);

    /*
     * Calls fn once before the loop sleeps, after the events of this turn:
     * that is when a link writes what the turn has gathered.  A second request
     * before the call is the same request.  0 ms timers are too late for it.
     * timer_clear() does not take a request back, timer_close() does.
     */
    void          (*defer)(rds_timer_t *timer);

    /* Monotonic milliseconds, cached by the loop. */
    uint64_t      (*now_ms)(const rds_loop_t *loop);
};

#endif
