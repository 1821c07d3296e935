/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What an execution went through, in the field "steps" of the order's hash:
 *
 *   [["InitializeOrder",1795502107123],["ProcessPayment",0],
 *    ["!Payment.Unavailable",52],["CheckPayment",1004],["CompleteOrder",0],
 *    [".",0]]
 *
 * A name is a state that was entered, one behind "!" the error of a task that
 * failed, and "." the end, with the error if it was none.  A number is the time
 * since the entry before, in milliseconds, or Unix time where it is larger than
 * any such (WORKER_STEPS_UNIX_MS): at the beginning, and after a break.
 *
 * Of steps that grow too many only the latest are kept, behind an
 * entry "...".
 */

#ifndef WORKER_STEPS_H
#define WORKER_STEPS_H

#include "base/json.h"
#include "base/str.h"
#include "worker/execute/execution.h"


#define WORKER_STEPS_BYTES_MAX  2048
#define WORKER_STEPS_UNIX_MS    1000000000000     /* the year 2001 */


/* Goes on behind what the order's record has; text may be empty. */
void worker_steps_resume(worker_execution_t *execution, base_str_t text);

/* A step of an execution at now_ms, told by the engine. */
void worker_steps_note(worker_execution_t *execution,
    const asl_trace_t *trace, int64_t now_ms);

/* The field's value, good until the next note; empty if there is nothing. */
base_str_t worker_steps_text(worker_execution_t *execution);

/*
 * Makes [{"at":"2026-...","state":...},{"at":...,"error":...}, ...] of a
 * field's value.  NULL if it is none, or when out of memory.
 */
base_json_t *worker_steps_json(base_arena_t *arena, base_str_t text);

#endif
