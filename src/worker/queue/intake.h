/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * From a message to a decision: start, go on, or let go.
 *
 *   the order's record      post              resume
 *   absent                  start             drop: the order is gone
 *   without execution       drop: has ended   drop: has ended
 *   run by a live one       drop: a double    drop: a double
 *   run by a dead one       go on             go on
 *   run by nobody           drop: parked, or  go on: parked before
 *                           a dead letter
 *
 * Of a post and a resume in the hands of one worker the second waits until it
 * is known that the first is not dropped.
 *
 * To drop a double is always right: at the moment the record was read another
 * message, a parked execution or a dead letter stood for the order, and
 * whatever has become of it since, still does, or the order has ended.
 *
 * What becomes of an update or a delete is in change.h, of a callback in
 * callback.h.
 *
 * A message whose idempotency key belongs to another order is dropped: the
 * client was given that order (see orders/keys.h).
 */

#ifndef WORKER_INTAKE_H
#define WORKER_INTAKE_H

#include "worker/execute/execution.h"
#include "worker/queue/commit.h"
#include "worker/queue/consumer.h"


/* A message has come onto our processing list. */
void worker_intake_taken(worker_lane_t *lane, worker_list_t list,
    base_str_t text);

/* Reads a message (again) and puts its execution where it has to wait. */
void worker_intake_open(worker_execution_t *execution);

/* Lets go of its order, and opens the messages that have waited for that. */
void worker_intake_release(worker_execution_t *execution);

/* It has been committed, and runs on: opens the messages that have waited for
 * that. */
void worker_intake_wake(worker_execution_t *execution);

/* False if it may still be dropped, which another kind of message would not be:
 * a post says nothing to an order that is being woken. */
bool worker_intake_runs(const worker_execution_t *execution);

/* The message is taken off the list: there is nothing to do. */
void worker_intake_drop(worker_execution_t *execution, const char *reason);

/* Keeps it until the other one, of the same order, lets go or is committed. */
void worker_intake_wait(worker_execution_t *execution,
    worker_execution_t *other);

/* What is stored is no order: gives it up. */
void worker_intake_unreadable(worker_execution_t *execution);

/* Asks for the records of the lane's unread executions, under WATCH. */
void worker_intake_read(worker_lane_t *lane);

#endif
