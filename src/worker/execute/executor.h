/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Runs executions: hands events to the engine (workflow/workflow.h) and does
 * what its actions say.
 *
 * A step goes like this.  The engine names actions; local tasks are done at
 * once and their results handed back, until only remote tasks and waits are
 * open, or the end is reached.  That state is committed.  Only then do the
 * remote tasks begin: what a crash leaves behind always says what may have been
 * asked of the world, and it is asked again with the same idempotency keys.
 *
 * An execution whose open actions are waits alone, all longer than park_after,
 * is parked instead (delayed.h).  To wait for a callback is such a wait, from
 * the commit on that says that the call was made (callback.h).
 */

#ifndef WORKER_EXECUTOR_H
#define WORKER_EXECUTOR_H

#include "base/str.h"
#include "worker/execute/execution.h"


/* Starts the execution of a new order. */
void worker_executor_start(worker_execution_t *execution);

/* Reads the execution in the order's record; false if it has been given up. */
bool worker_executor_load(worker_execution_t *execution);

/* Goes on with what was read. */
void worker_executor_resume(worker_execution_t *execution);

/* The same, but leaves it to what is told to it next to go on. */
bool worker_executor_open(worker_execution_t *execution);

/* The commit with what was sent is done: begins what is now durable, or gives
 * the execution back if that was its end. */
void worker_executor_committed(worker_execution_t *execution);

/* The commit was not done: it has to be made again, from the beginning where
 * it stood on a record that may have changed. */
void worker_executor_undone(worker_execution_t *execution);

/* A remote task or a wait is over.  The event's action_id is the call's; the
 * call is gone when this returns. */
void worker_executor_answered(worker_call_t *call, asl_event_t *event);

/* A task that waits for a callback has been called. */
void worker_executor_called(worker_call_t *call);

/* A callback has come for the open action that event names: its result, its
 * failure or a sign of life. */
void worker_executor_callback(worker_execution_t *execution,
    const asl_event_t *event);

/* The execution cannot go on: its message becomes a dead letter.  Strings are
 * copied. */
void worker_executor_give_up(worker_execution_t *execution, base_str_t error,
    base_str_t cause);

/* Ends all that is under way for it in this process; nothing is written. */
void worker_executor_cancel(worker_execution_t *execution);

#endif
