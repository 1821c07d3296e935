/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The two clocks of the worker.  What is written for people and for other
 * machines is Unix time, which may jump; what measures a distance within this
 * process is monotonic.
 */

#ifndef WORKER_CLOCK_H
#define WORKER_CLOCK_H

#include <stdint.h>
#include <time.h>


/* Unix time in milliseconds. */
static inline int64_t
worker_clock_ms(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);  /* cannot fail on Linux */
    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* Milliseconds since some moment in the past; never steps back. */
static inline uint64_t
worker_clock_monotonic_ms(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}

#endif
