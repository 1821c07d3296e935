/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Messages that change an order: update and delete.
 *
 *   the order                          update             delete
 *   absent, or another user's          NOT_FOUND          NOT_FOUND
 *   PENDING, parked in a Wait State,   input, execution   removed
 *   its payment never asked for
 *   otherwise not ended                CONFLICT           CONFLICT
 *   ended                              CONFLICT           removed
 *
 * The outcome is published on the message's channel (orders/reply.h) in the
 * transaction that does it and takes the message off the list: a change is made
 * and told once, or the message is still there.
 *
 * What keeps a change and a run apart: each writes the order's hash in a
 * transaction that stands under WATCH of it, so of a change and of a worker
 * that wakes the order one sees the other and reads again.  An order counts as
 * parked only while its id is among the delayed ones: one that is being woken,
 * or that is a dead letter, is left alone.  Inside of one worker, where both
 * might be in one transaction, there is one execution for each order at a time:
 * who comes while a change is made waits for its end, and a change that comes
 * while the order is run is tried again a few times, in case it is parked just
 * now, and then refused.
 *
 * A change may also overtake its order, when another worker has taken that one
 * from the queue and not stored it yet.  So an order that is not there, but
 * whose id is young, is looked for again, too.
 */

#ifndef WORKER_CHANGE_H
#define WORKER_CHANGE_H

#include <stdbool.h>

#include "worker/execute/execution.h"
#include "worker/queue/commit.h"


#define WORKER_CHANGE_RETRY_MS     25
#define WORKER_CHANGE_PATIENCE_MS  1000
#define WORKER_CHANGE_YOUNG_MS     60000    /* of an id; clocks may differ */
#define WORKER_CHANGES_MAX         16       /* that are tried again at once */


/* True if this is the kind of message. */
bool worker_change_is(const worker_execution_t *execution);

/* The change has come while other, of the same order, is run here. */
void worker_change_meets(worker_execution_t *execution,
    worker_execution_t *other);

/* Its order has been read: decides what is made of it. */
void worker_change_decide(worker_execution_t *execution);

/* Sends what it has to write; false when out of memory. */
bool worker_change_write(worker_lane_t *lane, worker_execution_t *execution);

/* It is not tried again any more. */
void worker_change_cancel(worker_execution_t *execution);

#endif
