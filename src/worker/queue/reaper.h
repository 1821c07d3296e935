/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Every worker watches the others: a registration whose lease was not renewed
 * for lease_ms is taken over (takeover.h).
 *
 * No clock is compared with another's.  The lease's score is only looked at to
 * see whether it changes; for how long it has not is measured with our own
 * monotonic clock, from when the answer that first showed it came, to when the
 * question whose answer still shows it was asked.  Both lie within the time in
 * which it truly stood still, so neither a slow Redis, nor a stopped reaper,
 * nor a jump of anybody's clock makes a live consumer look silent.
 *
 * While Redis refuses to write, or is away, nobody can renew his lease.  So
 * only that time counts in which our own heartbeats were all taken.
 *
 * A mistake would do no harm all the same: the fence holds against it.
 */

#ifndef WORKER_REAPER_H
#define WORKER_REAPER_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "worker/execute/execution.h"
#include "worker/queue/chores.h"


#define WORKER_REAPER_CONSUMERS_MAX  4096


/* What is known of one consumer. */
typedef struct {
    base_str_t        id;
    base_str_t        lease;        /* the score, as text */
    uint64_t          since_ms;     /* monotonic: seen like this since then */
} worker_sighting_t;

/* One look at the consumers; strings and array are in its arena. */
typedef struct {
    base_arena_t        memory;
    worker_sighting_t  *items;
    size_t              count;
} worker_look_t;

typedef struct {
    worker_t           *worker;
    worker_chore_t      chore;
    worker_timer_t      timer;
    worker_look_t       looks[2];   /* the last one, and the one before */
    unsigned            last;
    uint64_t            asked_ms;   /* monotonic */
} worker_reaper_t;


void worker_reaper_start(worker_t *worker);

void worker_reaper_stop(worker_reaper_t *reaper);

void worker_reaper_deinit(worker_reaper_t *reaper);


/*
 * Keeps a look: since_ms of each is that of the same consumer with the same
 * lease in the look before, or else now_ms.  False when out of memory.
 *
 * count   pairs of id and lease in texts
 */
bool worker_look_keep(worker_look_t *look, const worker_look_t *before,
    const base_str_t *texts, size_t count, uint64_t now_ms);

/*
 * For how long a consumer is known to have been silent.
 *
 * beats_since_ms  since when our own heartbeats were all taken; 0: they are not
 * asked_ms        when the look was asked for
 */
uint64_t worker_look_silent_ms(const worker_sighting_t *item,
    uint64_t beats_since_ms, uint64_t asked_ms);

#endif
