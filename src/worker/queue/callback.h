/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Messages that answer a task which waits for a callback (orders/callback.h).
 *
 *   the order                            what is made of the message
 *   absent, ended, or does not wait      dropped, and counted
 *     for this token
 *   run here                             handed to the run
 *   run by another worker, live or not   comes again a little later
 *   otherwise: parked, being woken,      its execution goes on from here
 *     or a dead letter
 *
 * A token is in the record before anybody is told it: the task is called only
 * after the commit that has it.  So a message whose token the record does not
 * have is late, repeated or forged, whatever is under way, and one that comes
 * before the call has returned finds its token.
 *
 * Once the call has returned, and that is committed, there is nothing to do but
 * to wait: the execution is parked (delayed.h) until the deadline of the task,
 * or the end of the silence that it may keep.  Until that commit it belongs to
 * the worker that made the call; what another worker takes of its callbacks
 * goes into the sorted set "delayed", with the text of the message in the place
 * of an id, and comes back by the list "resume": after 100 ms, and the longer
 * the message has been on its way the later.  Nothing is lost on that way, each
 * step is one transaction, and no worker's memory fills.
 *
 * Where nobody was there to wake an order in time, as after an outage, it is
 * put off once more: the queue may hold a callback that came in time.
 *
 * Exactly once.  The message is removed by the transaction that has its effect.
 * If the execution goes on in memory, something must stand for it on the
 * processing list: in the same transaction a message that resumes it takes the
 * place of the callback's,
 *
 *   HSET order:<id> execution {...} consumer <consumer> ...
 *   ZREM delayed <id>
 *   LREM processing:<consumer> 1 <the callback>
 *   RPUSH processing:<consumer> <resume>
 *
 * and if it was running, its own message stands there already.  A second
 * callback with the token finds it used, in the record or in the run.
 *
 * The fence.  Whoever goes on with an execution that nobody runs writes under
 * WATCH of its record, as for any other message (commit.h): of two callbacks,
 * or a callback and a wake-up, on two workers, one gets nil, reads again, and
 * finds the other's name or a record that was parked anew.  Nobody writes the
 * record of an order that another registration runs, dead or alive: he who
 * died left a message that will be taken over.  The RPUSH stands where LMOVE
 * does, in a transaction that WATCHes the epoch: a worker that was taken over
 * strands nothing.  Inside of one worker there is one execution for each order
 * at a time: who meets a callback that is not committed yet waits for that.
 */

#ifndef WORKER_CALLBACK_H
#define WORKER_CALLBACK_H

#include <stdbool.h>

#include "worker/execute/execution.h"
#include "worker/queue/commit.h"


#define WORKER_CALLBACK_LATER_MS_MIN  100
#define WORKER_CALLBACK_LATER_MS_MAX  5000
#define WORKER_CALLBACK_LATE_MS       1000  /* after its time, nobody was */
#define WORKER_CALLBACK_PUT_OFF_MS    5000
#define WORKER_CALLBACKS_DROPPED      BASE_STR("callbacksDropped")


/* True if this is the kind of message, and it has had no effect yet. */
bool worker_callback_is(const worker_execution_t *execution);

/* The callback has come while other, of the same order, is run here. */
void worker_callback_meets(worker_execution_t *execution,
    worker_execution_t *other);

/* Its order has been read: decides what is made of it. */
void worker_callback_decide(worker_execution_t *execution);

/* True if the execution, which has been loaded, waits for a callback and ought
 * to have been woken some time ago: it comes again a little later. */
bool worker_callback_puts_off(worker_execution_t *execution);

/* Sends what callbacks add to an execution's commit, or a callback's own; false
 * when out of memory. */
bool worker_callback_write(worker_lane_t *lane, worker_execution_t *execution);

/* That commit is done. */
void worker_callback_committed(worker_execution_t *execution);

/* In how many milliseconds a message comes again that was made age_ms ago. */
int64_t worker_callback_later_ms(int64_t age_ms);

#endif
