/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The tasks that a workflow's Task states can name as their Resource.  Built
 * in are
 *
 *   orders:initialize   status PENDING; result: the order
 *   orders:pay          asks the payment processor (task_pay.c); result:
 *                       {"status":"SUCCESS","transactionId":...} or
 *                       {"status":"FAILED","reason":...}
 *   orders:refund       asks it to give the money back; result:
 *                       {"status":"REFUNDED","transactionId":...},
 *                       {"status":"FAILED","reason":...}, or
 *                       {"status":"NONE"} if nothing was paid
 *   orders:complete     status SUCCESS; result: the order
 *   orders:cancel       status FAILED with the reason from payment.reason,
 *                       error.Cause or error.Error of its input; result: the
 *                       order.  It fails with Payment.Undecided or
 *                       Payment.NotRefunded as long as the customer's money
 *                       may be with the provider.
 *
 * and what else there is is in resource.h.
 *
 * A local task only changes the record in memory: it is over at once, and its
 * effect becomes durable with the execution's next commit.  A remote one acts
 * on the world: it begins only after the commit that says that it will.
 */

#ifndef WORKER_TASKS_H
#define WORKER_TASKS_H

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "worker/execute/execution.h"


typedef enum {
    WORKER_TASK_LOCAL = 0,
    WORKER_TASK_REMOTE
} worker_task_kind_t;


/* What a Task state asks for. */
typedef struct {
    const worker_task_t  *task;
    const asl_action_t   *action;
    const base_json_t    *input;        /* what the task gets */
    base_str_t            target;       /* a URL, a program; NUL-terminated */
    base_str_t            name;         /* of the function that it is */
    bool                  wrapped;      /* its result is a Payload */
    base_str_t            problem;      /* why task is worker_task_unknown */
} worker_job_t;


struct worker_task_s {
    base_str_t           resource;      /* empty: reached by way of another */
    worker_task_kind_t   kind;

    /* Local: does it; event is ASL_EVENT_SUCCEEDED and gets its result in the
     * execution's arena, or becomes ASL_EVENT_FAILED.  False when out of
     * memory. */
    bool               (*run)(worker_execution_t *execution,
                             const worker_job_t *job, asl_event_t *event);

    /* Remote, may be NULL: it is going to be begun; what this changes in the
     * record is committed before.  Also called when an execution is resumed
     * in which it may have begun already.  False when out of memory. */
    bool               (*open)(worker_call_t *call, const worker_job_t *job);

    /* Remote: begins it; it ends with worker_task_done(), which may come from
     * within. */
    void               (*begin)(worker_call_t *call, const worker_job_t *job);

    /* Remote: its answer is not wanted any more. */
    void               (*cancel)(worker_call_t *call);
};


/* Stands for a resource that is none: it fails. */
extern const worker_task_t  worker_task_unknown;

/* task_pay.c */
extern const worker_task_t  worker_task_pay;
extern const worker_task_t  worker_task_refund;


/* The task of exactly that name; NULL if there is none. */
const worker_task_t *worker_task_find(base_str_t resource);

/* Appends the resources, separated by commas, for messages. */
void worker_task_names(base_buf_t *buf);

/*
 * The idempotency key of a task: "<order id>:<state name>", and inside of a Map
 * ":<place>" behind it.  The attempt is no part of it: a Retry asks for the
 * same thing.  In arena, NUL-terminated; data NULL when out of memory.
 */
base_str_t worker_task_key(base_arena_t *arena,
    const worker_execution_t *execution, const asl_action_t *action);

/* A remote task is over: the event is its result or its failure, without the
 * action's id.  The call is gone when this returns, or waits for a callback. */
void worker_task_done(worker_call_t *call, asl_event_t *event);

/* The same with a failure. */
void worker_task_failed(worker_call_t *call, base_str_t error,
    base_str_t cause);

/*
 * Gives the order a status and queues the event that tells of it.
 *
 * message   why it failed; data NULL: not at all.  Copied.
 *
 * The Order as clients see it, in the execution's arena; NULL when out of
 * memory.
 */
base_json_t *worker_task_set_status(worker_execution_t *execution,
    orders_status_t status, base_str_t message);

#endif
