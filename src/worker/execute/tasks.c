/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/tasks.h"

#include "base/time.h"
#include "orders/event.h"
#include "orders/history.h"
#include "worker/clock.h"
#include "worker/execute/executor.h"
#include "worker/task/task_pay.h"
#include "worker/worker.h"


static bool worker_task_initialize(worker_execution_t *execution,
    const worker_job_t *job, asl_event_t *event);
static bool worker_task_complete(worker_execution_t *execution,
    const worker_job_t *job, asl_event_t *event);
static bool worker_task_cancel_order(worker_execution_t *execution,
    const worker_job_t *job, asl_event_t *event);
static bool worker_task_nothing(worker_execution_t *execution,
    const worker_job_t *job, asl_event_t *event);
static base_json_t *worker_task_wrap(base_arena_t *arena,
    const base_json_t *result);


static const worker_task_t  worker_task_initialize_order = {
    BASE_STR_INIT("orders:initialize"), WORKER_TASK_LOCAL,
    worker_task_initialize, NULL, NULL, NULL
};

static const worker_task_t  worker_task_complete_order = {
    BASE_STR_INIT("orders:complete"), WORKER_TASK_LOCAL,
    worker_task_complete, NULL, NULL, NULL
};

static const worker_task_t  worker_task_cancel = {
    BASE_STR_INIT("orders:cancel"), WORKER_TASK_LOCAL,
    worker_task_cancel_order, NULL, NULL, NULL
};

const worker_task_t  worker_task_unknown = {
    BASE_STR_INIT(""), WORKER_TASK_LOCAL, worker_task_nothing, NULL, NULL, NULL
};

static const worker_task_t *const  worker_tasks[] = {
    &worker_task_initialize_order,
    &worker_task_pay,
    &worker_task_refund,
    &worker_task_complete_order,
    &worker_task_cancel,
};

#define WORKER_TASKS  (sizeof(worker_tasks) / sizeof(worker_tasks[0]))


const worker_task_t *
worker_task_find(base_str_t resource)
{
    size_t  i;

    for (i = 0; i < WORKER_TASKS; i++) {
        if (base_str_eq(worker_tasks[i]->resource, resource)) {
            return worker_tasks[i];
        }
    }

    return NULL;
}


void
worker_task_names(base_buf_t *buf)
{
    size_t  i;

    for (i = 0; i < WORKER_TASKS; i++) {
        if (i > 0) {
            base_buf_add_lit(buf, ", ");
        }

        base_buf_add_str(buf, worker_tasks[i]->resource);
    }
}


base_json_t *
worker_task_set_status(worker_execution_t *execution, orders_status_t status,
    base_str_t message)
{
    char             *at;
    int64_t           now_ms = worker_clock_ms();
    base_buf_t        text;
    base_json_t      *order;
    base_arena_t     *arena = &execution->arena;
    worker_event_t   *event;
    orders_record_t  *record = &execution->record;

    at = base_arena_alloc(arena, BASE_TIME_TEXT_BYTES);
    event = base_arena_zalloc(arena, sizeof(worker_event_t));
    if (at == NULL || event == NULL
        || (message.data != NULL
            && !base_arena_str(arena, message, &record->error_message)))
    {
        return NULL;
    }

    base_time_format(now_ms, at);
    record->updated_at = base_str(at, BASE_TIME_TEXT_BYTES);
    record->status = status;
    record->history = orders_history_add(arena, record->history, status,
                                         now_ms, message);

    order = orders_record_json(arena, record);
    if (order == NULL || record->history.data == NULL
        || !orders_record_add_history(arena, order, record))
    {
        return NULL;
    }

    base_buf_init(&text, arena, SIZE_MAX);
    orders_event_write(&text, record, order);
    if (text.failed) {
        return NULL;
    }

    event->text = base_buf_str(&text);
    (void) base_json_remove(order, BASE_STR("history"));
    *execution->events_end = event;
    execution->events_end = &event->next;

    return order;
}


base_str_t
worker_task_key(base_arena_t *arena, const worker_execution_t *execution,
    const asl_action_t *action)
{
    return base_arena_concat(arena, execution->id, BASE_STR(":"),
                             action->state,
                             action->item.len > 0 ? BASE_STR(":")
                                                  : BASE_STR(""),
                             action->item);
}


void
worker_task_done(worker_call_t *call, asl_event_t *event)
{
    base_arena_t  arena;

    if (call->callback && event->kind == ASL_EVENT_SUCCEEDED) {
        worker_executor_called(call);
        return;
    }

    if (!call->wrapped || event->kind != ASL_EVENT_SUCCEEDED) {
        worker_executor_answered(call, event);
        return;
    }

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    event->result = worker_task_wrap(&arena, event->result);
    if (event->result == NULL) {
        event->kind = ASL_EVENT_FAILED;
        event->error = BASE_STR("Worker.OutOfMemory");
    }

    worker_executor_answered(call, event);
    base_arena_deinit(&arena);
}


void
worker_task_failed(worker_call_t *call, base_str_t error, base_str_t cause)
{
    asl_event_t  event = {
        .kind = ASL_EVENT_FAILED, .error = error, .cause = cause
    };

    worker_executor_answered(call, &event);
}


/* {"StatusCode": 200, "Payload": the result} */
static base_json_t *
worker_task_wrap(base_arena_t *arena, const base_json_t *result)
{
    base_json_t  *object, *code, *payload;

    object = base_json_object(arena);
    code = base_json_int(arena, 200);
    payload = result == NULL ? base_json_null(arena)
                             : base_json_share(arena, result);
    if (object == NULL || code == NULL || payload == NULL) {
        return NULL;
    }

    base_json_add(object, BASE_STR("StatusCode"), code);
    base_json_add(object, BASE_STR("Payload"), payload);
    return object;
}


static bool
worker_task_status(worker_execution_t *execution, const worker_job_t *job,
    asl_event_t *event, orders_status_t status, base_str_t message)
{
    base_json_t  *order = worker_task_set_status(execution, status, message);

    event->result = order;
    if (order != NULL && job->wrapped) {
        event->result = worker_task_wrap(&execution->arena, order);
    }

    return event->result != NULL;
}


static bool
worker_task_initialize(worker_execution_t *execution, const worker_job_t *job,
    asl_event_t *event)
{
    return worker_task_status(execution, job, event, ORDERS_STATUS_PENDING,
                              base_str(NULL, 0));
}


static bool
worker_task_complete(worker_execution_t *execution, const worker_job_t *job,
    asl_event_t *event)
{
    return worker_task_status(execution, job, event, ORDERS_STATUS_SUCCESS,
                              base_str(NULL, 0));
}


static bool
worker_task_cancel_order(worker_execution_t *execution,
    const worker_job_t *job, asl_event_t *event)
{
    static const base_str_t  places[][2] = {
        { BASE_STR_INIT("payment"), BASE_STR_INIT("reason") },
        { BASE_STR_INIT("error"), BASE_STR_INIT("Cause") },
        { BASE_STR_INIT("error"), BASE_STR_INIT("Error") },
    };

    size_t      i;
    base_str_t  reason = BASE_STR("");

    if (worker_pay_holds(execution, &event->error, &event->cause)) {
        event->kind = ASL_EVENT_FAILED;
        return true;
    }

    for (i = 0; i < sizeof(places) / sizeof(places[0]) && reason.len == 0; i++)
    {
        reason = base_json_get_str(base_json_get(job->input, places[i][0]),
                                   places[i][1]);
    }

    if (reason.len == 0) {
        reason = BASE_STR("The order was cancelled");
    }

    return worker_task_status(execution, job, event, ORDERS_STATUS_FAILED,
                              reason);
}


static bool
worker_task_nothing(worker_execution_t *execution, const worker_job_t *job,
    asl_event_t *event)
{
    (void) execution;

    event->kind = ASL_EVENT_FAILED;
    event->error = BASE_STR("Worker.UnknownResource");
    event->cause = job->problem;

    return true;
}
