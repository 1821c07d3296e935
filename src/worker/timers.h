/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Many timers behind one alarm: a binary heap of timers that live in their
 * users' structs.  It does no I/O, and its clock is lent to it: the worker's
 * loop sets its one alarm to worker_timers_next_ms() and calls
 * worker_timers_fire().
 * Times are monotonic milliseconds.
 */

#ifndef WORKER_TIMERS_H
#define WORKER_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define WORKER_TIMERS_NONE  UINT64_MAX


typedef void (*worker_timer_fn)(void *data);
typedef uint64_t (*worker_timers_clock_fn)(void *data);

/* Zeroed memory with fn and data set is a timer that is not running. */
typedef struct {
    uint64_t          due_ms;
    size_t            place;        /* in the heap, from 1; 0: not running */
    worker_timer_fn   fn;
    void             *data;
} worker_timer_t;


typedef struct {
    worker_timer_t  **heap;         /* the earliest is heap[1] */
    size_t            count;
    size_t            cap;
    uint64_t          fired_ms;     /* all that was due then has fired */
    worker_timers_clock_fn  clock;
    void             *clock_data;
} worker_timers_t;


void worker_timers_init(worker_timers_t *timers, worker_timers_clock_fn clock,
    void *clock_data);

/* Frees the heap; the timers are their users'. */
void worker_timers_deinit(worker_timers_t *timers);

/* (Re)starts a timer that is due in after_ms.  False when out of memory: the
 * timer does not run then. */
bool worker_timer_start(worker_timers_t *timers, worker_timer_t *timer,
    uint64_t after_ms);

/* Stops a timer; fine for one that is not running. */
void worker_timer_stop(worker_timers_t *timers, worker_timer_t *timer);

static inline bool
worker_timer_running(const worker_timer_t *timer)
{
    return timer->place != 0;
}


/* When the earliest timer is due; WORKER_TIMERS_NONE if none is running. */
uint64_t worker_timers_next_ms(const worker_timers_t *timers);

/* Stops and calls every timer that is due, in the order of their due
 * times.  A function may start and stop timers, its own too; one that starts
 * during the call and is due already waits for the next call. */
void worker_timers_fire(worker_timers_t *timers);

#endif
