/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Executions that wait longer than park_after are parked: their state is in
 * the order's hash, their id in the sorted set "delayed" with the due time as
 * its score, and their message is gone from the processing list.  They cost no
 * worker anything.
 *
 * A callback that comes too early for its order (callback.h) waits there, too:
 * with the text of its message instead of an id.
 *
 * Every worker polls for what is due and puts it on the list "resume":
 *
 *   WATCH waker; ZRANGEBYSCORE delayed -inf <now> LIMIT 0 n
 *   MULTI; SET waker <consumer>; ZREM delayed <id>...; RPUSH resume ...; EXEC
 *
 * Two that do so at once exclude each other by the WATCH on "waker", which
 * nothing else touches: parking does not disturb waking.  So each parked
 * execution is woken exactly once, by whichever worker.
 */

#ifndef WORKER_DELAYED_H
#define WORKER_DELAYED_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/execute/execution.h"
#include "worker/queue/chores.h"


typedef struct {
    worker_t         *worker;
    worker_chore_t    chore;
    worker_timer_t    timer;
    bool              more;         /* a whole batch was due */
} worker_delayed_t;


void worker_delayed_start(worker_t *worker);

void worker_delayed_stop(worker_delayed_t *delayed);

/* Appends the message that wakes the execution id; failures stick to buf. */
void worker_delayed_message(base_buf_t *buf, base_str_t id, int64_t now_ms);

/* Appends the message of a member of the set; failures stick to buf. */
void worker_delayed_member(base_buf_t *buf, base_str_t member,
    int64_t now_ms);

#endif
