/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The calls of an execution: what is open of the actions that the engine has
 * named, tasks and waits.
 *
 *   opened -> its commit is sent -> durable -> begun -> answered, or cancelled
 *
 * A call has a timer: for the end of a wait, for a task's deadline, or for the
 * longest time that the task may be silent.
 *
 * One that waits for a callback has two deadlines, first that of making the
 * call, then the task's own.
 */

#ifndef WORKER_CALL_H
#define WORKER_CALL_H

#include "worker/execute/execution.h"
#include "worker/execute/tasks.h"
#include "workflow/workflow.h"


/* Keeps a call for an action; false when out of memory. */
bool worker_call_open(worker_execution_t *execution,
    const asl_action_t *action);

/* Begins it: the commit that says so is done.  It may end within. */
void worker_call_begin(worker_call_t *call);

/* The task has given a sign of life. */
void worker_call_alive(worker_call_t *call);

/* The call of a task that waits for a callback has been made: all that is left
 * to do is to wait. */
void worker_call_made(worker_call_t *call);

/* Such a task has given a sign of life, which the engine knows. */
void worker_call_beat(worker_call_t *call);

/* Unix time at which something has to happen if nothing else does. */
int64_t worker_call_next_ms(const worker_call_t *call);

/* Takes it off the execution. */
void worker_call_remove(worker_call_t *call);

/* Ends it, as far as this process is concerned. */
void worker_call_cancel(worker_call_t *call);

/* Ends the calls whose actions the engine has closed. */
void worker_calls_prune(worker_execution_t *execution);

/* The engine's own record of it; the engine keeps it open as long as we do. */
const asl_action_t *worker_call_action(const worker_call_t *call);

/* What it asks for. */
void worker_call_job(const worker_call_t *call, worker_job_t *job);

#endif
