/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/timers.h"

#include <stdlib.h>


#define WORKER_TIMERS_CAP_MIN  64


static bool worker_timers_grow(worker_timers_t *timers);
static void worker_timers_rise(worker_timers_t *timers, size_t place);
static void worker_timers_sink(worker_timers_t *timers, size_t place);
static void worker_timers_put(worker_timers_t *timers, size_t place,
    worker_timer_t *timer);


void
worker_timers_init(worker_timers_t *timers, worker_timers_clock_fn clock,
    void *clock_data)
{
    *timers = (worker_timers_t) {
        .clock = clock, .clock_data = clock_data
    };
}


void
worker_timers_deinit(worker_timers_t *timers)
{
    free(timers->heap);
    timers->heap = NULL;
    timers->count = 0;
    timers->cap = 0;
}


bool
worker_timer_start(worker_timers_t *timers, worker_timer_t *timer,
    uint64_t after_ms)
{
    uint64_t  due_ms = timers->clock(timers->clock_data) + after_ms;

    worker_timer_stop(timers, timer);

    if (timers->count + 1 >= timers->cap && !worker_timers_grow(timers)) {
        return false;
    }

    /* so that worker_timers_fire() comes to an end */
    timer->due_ms = due_ms > timers->fired_ms ? due_ms : timers->fired_ms + 1;
    timers->count++;
    worker_timers_put(timers, timers->count, timer);
    worker_timers_rise(timers, timers->count);

    return true;
}


void
worker_timer_stop(worker_timers_t *timers, worker_timer_t *timer)
{
    size_t           place = timer->place;
    worker_timer_t  *last;

    if (place == 0) {
        return;
    }

    timer->place = 0;
    last = timers->heap[timers->count];
    timers->count--;

    if (last != timer) {
        worker_timers_put(timers, place, last);
        worker_timers_rise(timers, place);
        worker_timers_sink(timers, last->place);
    }
}


uint64_t
worker_timers_next_ms(const worker_timers_t *timers)
{
    return timers->count == 0 ? WORKER_TIMERS_NONE : timers->heap[1]->due_ms;
}


void
worker_timers_fire(worker_timers_t *timers)
{
    worker_timer_t  *timer;

    timers->fired_ms = timers->clock(timers->clock_data);

    while (timers->count > 0 && timers->heap[1]->due_ms <= timers->fired_ms) {
        timer = timers->heap[1];
        worker_timer_stop(timers, timer);
        timer->fn(timer->data);
    }
}


static bool
worker_timers_grow(worker_timers_t *timers)
{
    size_t            cap;
    worker_timer_t  **heap;

    cap = timers->cap == 0 ? WORKER_TIMERS_CAP_MIN : 2 * timers->cap;
    heap = realloc(timers->heap, cap * sizeof(heap[0]));
    if (heap == NULL) {
        return false;
    }

    timers->heap = heap;
    timers->cap = cap;
    return true;
}


static void
worker_timers_rise(worker_timers_t *timers, size_t place)
{
    worker_timer_t  *timer = timers->heap[place];

    while (place > 1 && timers->heap[place / 2]->due_ms > timer->due_ms) {
        worker_timers_put(timers, place, timers->heap[place / 2]);
        place /= 2;
    }

    worker_timers_put(timers, place, timer);
}


static void
worker_timers_sink(worker_timers_t *timers, size_t place)
{
    size_t           child;
    worker_timer_t  *timer = timers->heap[place];

    for (child = 2 * place; child <= timers->count; child = 2 * place) {
        if (child < timers->count
            && timers->heap[child + 1]->due_ms < timers->heap[child]->due_ms)
        {
            child++;
        }

        if (timers->heap[child]->due_ms >= timer->due_ms) {
            break;
        }

        worker_timers_put(timers, place, timers->heap[child]);
        place = child;
    }

    worker_timers_put(timers, place, timer);
}


static void
worker_timers_put(worker_timers_t *timers, size_t place, worker_timer_t *timer)
{
    timers->heap[place] = timer;
    timer->place = place;
}
