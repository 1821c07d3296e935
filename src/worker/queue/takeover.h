/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Taking over what a registration holds: the one way in which messages come
 * back from a worker that crashed, was cut off, was stopped for too long, or
 * leaves with work in its hands.
 *
 *   DEL epoch:<consumer>                             the fence
 *   WATCH processing:<consumer>; LRANGE ...          until it is empty:
 *   MULTI; LPOP n; RPUSH resume|suspects|dead; EXEC
 *   ZREM consumers <consumer>
 *
 * Why nothing is lost or stranded: a worker moves messages to its processing
 * list, and off it, only in transactions that WATCH its epoch (commit.h).  Once
 * the epoch is gone none of them succeeds, and since a registration's name is
 * never used again, none ever will: the list is frozen but for take-overs.
 * Two take-overs of the same list exclude each other by the WATCH on it.  If
 * one dies in the middle the name is still among the consumers, silent, and
 * the next reaper goes on where this one stopped; each step may be repeated.
 *
 * What comes back is counted (deliveries.h).  At first it goes to the list
 * "resume", which is served before the queue.  Two before max_deliveries, but
 * not the first time, it may be what ends workers and goes to "suspects", of
 * which a worker runs one at a time, so that only the culprit's count goes on;
 * at max_deliveries it is a dead letter.
 */

#ifndef WORKER_TAKEOVER_H
#define WORKER_TAKEOVER_H

#include "base/str.h"
#include "worker/execute/execution.h"


typedef enum {
    WORKER_TAKEOVER_COUNTED = 0,    /* its worker has ended: it may be why */
    WORKER_TAKEOVER_UNCOUNTED       /* the reason is known and is not in them */
} worker_takeover_kind_t;


/*
 * Begins to take over what consumer holds; repeats until it is done.  False,
 * and nothing happens, if that is under way in this process, or when out of
 * memory: then some reaper comes by again.
 */
bool worker_takeover(worker_t *worker, base_str_t consumer,
    worker_takeover_kind_t kind);

/* True while a take-over has not come to its end. */
bool worker_takeovers_open(const worker_t *worker);

/* Frees those that are under way; their commands have been cancelled by the
 * end of the link. */
void worker_takeovers_deinit(worker_t *worker);

#endif
