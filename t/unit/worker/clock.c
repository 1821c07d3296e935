/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/clock.h"

#include <stdlib.h>

#include "tap.h"


#define HOUR_MS  3600000


/* Within what passes between two lines. */
static bool
near(int64_t a, int64_t b)
{
    return llabs(a - b) < 1000;
}


int
main(void)
{
    int64_t   before_ms;
    uint64_t  now_ms = worker_clock_monotonic_ms();

    ok(near(worker_clock_ms(), worker_clock_local_ms()),
       "at first it is the machine's");

    worker_clock_follow(worker_clock_local_ms() + HOUR_MS, now_ms);
    ok(near(worker_clock_ms(), worker_clock_local_ms() + HOUR_MS),
       "then it is the one that is followed");

    before_ms = worker_clock_ms();
    worker_clock_follow(before_ms - 20000, now_ms - 30000);
    ok(near(worker_clock_ms(), before_ms),
       "an answer that took long does not shake it");
    worker_clock_follow(before_ms - 40000, now_ms - 30000);
    ok(near(worker_clock_ms(), before_ms - 25000),
       "... where it can be right; else it is in the middle");

    worker_clock_follow(worker_clock_local_ms() - HOUR_MS,
                        worker_clock_monotonic_ms());
    ok(near(worker_clock_ms(), worker_clock_local_ms() - HOUR_MS),
       "it leaps with the other one");

    return done_testing();
}
