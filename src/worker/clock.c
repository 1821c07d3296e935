/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/clock.h"

#include <stdbool.h>


/* A process has one clock, however many parts look at it. */
static struct {
    bool     follows;
    int64_t  ahead_ms;              /* of the monotonic clock */
} worker_clock;


int64_t
worker_clock_ms(void)
{
    return worker_clock.follows
               ? (int64_t) worker_clock_monotonic_ms() + worker_clock.ahead_ms
               : worker_clock_local_ms();
}


int64_t
worker_clock_local_ms(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);  /* cannot fail on Linux */
    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* Now it is between theirs_ms and as much later as the answer took; both are
 * whole milliseconds. */
void
worker_clock_follow(int64_t theirs_ms, uint64_t asked_ms)
{
    int64_t  now_ms = (int64_t) worker_clock_monotonic_ms();
    int64_t  ours_ms = now_ms + worker_clock.ahead_ms;
    int64_t  took_ms = now_ms - (int64_t) asked_ms;

    if (worker_clock.follows && ours_ms >= theirs_ms - 1
        && ours_ms <= theirs_ms + took_ms + 1)
    {
        return;
    }

    worker_clock.follows = true;
    worker_clock.ahead_ms = theirs_ms + took_ms / 2 - now_ms;
}
