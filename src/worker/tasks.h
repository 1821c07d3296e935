/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The tasks that a workflow's Task states can name as their Resource.
 *
 *   orders:initialize   status PENDING; result: the order
 *   orders:pay          asks the payment processor with the idempotency key
 *                       "<order id>:<state name>", and inside of a Map
 *                       ":<place>" behind it; result:
 *                       {"status":"SUCCESS","transactionId":...} or
 *                       {"status":"FAILED","reason":...}
 *   orders:complete     status SUCCESS; result: the order
 *   orders:cancel       status FAILED with the reason from payment.reason,
 *                       error.Cause or error.Error of its input; result: the
 *                       order
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
#include "worker/execution.h"


typedef enum {
    WORKER_TASK_LOCAL = 0,
    WORKER_TASK_REMOTE
} worker_task_kind_t;


struct worker_task_s {
    base_str_t           resource;
    worker_task_kind_t   kind;

    /* Local: does it and gives the result in the execution's arena; NULL when
     * out of memory. */
    base_json_t        *(*run)(worker_execution_t *execution,
                             const base_json_t *input);

    /* Remote: begins it; it ends with worker_executor_answered(), which may
     * come from within. */
    void               (*begin)(worker_call_t *call,
                             const asl_action_t *action);

    /* Remote: its answer is not wanted any more. */
    void               (*cancel)(worker_call_t *call);
};


/* Stands for a resource that is none: it has no result. */
extern const worker_task_t  worker_task_unknown;

/* NULL if there is none. */
const worker_task_t *worker_task_find(base_str_t resource);

/* Appends the resources, separated by commas, for messages. */
void worker_task_names(base_buf_t *buf);

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
