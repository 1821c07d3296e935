/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The clocks of the worker.
 *
 * What is written for people and for other machines is Unix time.  All workers
 * of a Redis have one for that, its own: what one of them parks another one
 * wakes, and when either's time of day is set, or is wrong, no order may wait
 * for an hour or be given up.  Every tick asks Redis (TIME); in between the
 * monotonic clock counts on.  Until the first answer, and in programs that do
 * not ask, it is the machine's.
 *
 * What measures a distance within this process is monotonic.
 */

#ifndef WORKER_CLOCK_H
#define WORKER_CLOCK_H

#include <stdint.h>
#include <time.h>


/* Unix time in milliseconds, as Redis has it. */
int64_t worker_clock_ms(void);

/* Unix time in milliseconds, as this machine has it: for logs. */
int64_t worker_clock_local_ms(void);

/*
 * Redis said that it was theirs_ms, to a question asked at asked_ms (monotonic)
 * and answered now.  A clock of ours that may be right stays as it is, so that
 * a slow answer does not shake it.
 */
void worker_clock_follow(int64_t theirs_ms, uint64_t asked_ms);

/* Milliseconds since some moment in the past; never steps back. */
static inline uint64_t
worker_clock_monotonic_ms(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}

#endif
