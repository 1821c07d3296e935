/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/tasks.h"

#include "base/time.h"
#include "orders/event.h"
#include "worker/clock.h"
#include "worker/executor.h"
#include "worker/worker.h"


static base_json_t *worker_task_initialize(worker_execution_t *execution,
    const base_json_t *input);
static base_json_t *worker_task_complete(worker_execution_t *execution,
    const base_json_t *input);
static base_json_t *worker_task_cancel_order(worker_execution_t *execution,
    const base_json_t *input);
static base_json_t *worker_task_nothing(worker_execution_t *execution,
    const base_json_t *input);
static void worker_task_pay(worker_call_t *call, const asl_action_t *action);
static void worker_task_pay_cancel(worker_call_t *call);
static void worker_task_paid_handler(worker_payment_request_t *request,
    const worker_payment_answer_t *answer);
static base_json_t *worker_task_payment(base_arena_t *arena,
    const worker_payment_answer_t *answer);


static const worker_task_t  worker_tasks[] = {
    { BASE_STR_INIT("orders:initialize"), WORKER_TASK_LOCAL,
      worker_task_initialize, NULL, NULL },
    { BASE_STR_INIT("orders:pay"), WORKER_TASK_REMOTE,
      NULL, worker_task_pay, worker_task_pay_cancel },
    { BASE_STR_INIT("orders:complete"), WORKER_TASK_LOCAL,
      worker_task_complete, NULL, NULL },
    { BASE_STR_INIT("orders:cancel"), WORKER_TASK_LOCAL,
      worker_task_cancel_order, NULL, NULL },
};

#define WORKER_TASKS  (sizeof(worker_tasks) / sizeof(worker_tasks[0]))

const worker_task_t  worker_task_unknown = {
    BASE_STR_INIT(""), WORKER_TASK_LOCAL, worker_task_nothing, NULL, NULL
};


const worker_task_t *
worker_task_find(base_str_t resource)
{
    size_t  i;

    for (i = 0; i < WORKER_TASKS; i++) {
        if (base_str_eq(worker_tasks[i].resource, resource)) {
            return &worker_tasks[i];
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

        base_buf_add_str(buf, worker_tasks[i].resource);
    }
}


base_json_t *
worker_task_set_status(worker_execution_t *execution, orders_status_t status,
    base_str_t message)
{
    char             *at;
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

    base_time_format(worker_clock_ms(), at);
    record->updated_at = base_str(at, BASE_TIME_TEXT_BYTES);
    record->status = status;

    order = orders_record_json(arena, record);
    if (order == NULL) {
        return NULL;
    }

    base_buf_init(&text, arena, SIZE_MAX);
    orders_event_write(&text, record, order);
    if (text.failed) {
        return NULL;
    }

    event->text = base_buf_str(&text);
    *execution->events_end = event;
    execution->events_end = &event->next;

    return order;
}


static base_json_t *
worker_task_initialize(worker_execution_t *execution, const base_json_t *input)
{
    (void) input;

    return worker_task_set_status(execution, ORDERS_STATUS_PENDING,
                                  base_str(NULL, 0));
}


static base_json_t *
worker_task_complete(worker_execution_t *execution, const base_json_t *input)
{
    (void) input;

    return worker_task_set_status(execution, ORDERS_STATUS_SUCCESS,
                                  base_str(NULL, 0));
}


static base_json_t *
worker_task_cancel_order(worker_execution_t *execution,
    const base_json_t *input)
{
    static const base_str_t  places[][2] = {
        { BASE_STR_INIT("payment"), BASE_STR_INIT("reason") },
        { BASE_STR_INIT("error"), BASE_STR_INIT("Cause") },
        { BASE_STR_INIT("error"), BASE_STR_INIT("Error") },
    };

    size_t      i;
    base_str_t  reason = BASE_STR("");

    for (i = 0; i < sizeof(places) / sizeof(places[0]) && reason.len == 0; i++)
    {
        reason = base_json_get_str(base_json_get(input, places[i][0]),
                                   places[i][1]);
    }

    if (reason.len == 0) {
        reason = BASE_STR("The order was cancelled");
    }

    return worker_task_set_status(execution, ORDERS_STATUS_FAILED, reason);
}


static base_json_t *
worker_task_nothing(worker_execution_t *execution, const base_json_t *input)
{
    (void) execution;
    (void) input;

    return NULL;
}


/* The attempt is no part of the key: a Retry asks for the same payment. */
static void
worker_task_pay(worker_call_t *call, const asl_action_t *action)
{
    asl_event_t                event = { .kind = ASL_EVENT_FAILED };
    worker_t                  *worker = call->execution->worker;
    worker_payment_request_t  *request = &call->payment;

    request->idempotency_key = base_arena_printf(
        &call->execution->arena, "%.*s:%.*s%s%.*s",
        BASE_STR_ARG(call->execution->id), BASE_STR_ARG(action->state),
        action->item.len > 0 ? ":" : "", BASE_STR_ARG(action->item));
    request->attempt = action->attempt;
    request->input = action->input;
    request->answered = worker_task_paid_handler;
    request->data = call;

    if (request->idempotency_key.data == NULL) {
        event.error = BASE_STR("Payment.Unavailable");
        event.cause = BASE_STR("out of memory");
        worker_executor_answered(call, &event);
        return;
    }

    worker->payment->ask(worker->payment, request);
}


static void
worker_task_pay_cancel(worker_call_t *call)
{
    worker_payment_t  *payment = call->execution->worker->payment;

    payment->cancel(payment, &call->payment);
}


static void
worker_task_paid_handler(worker_payment_request_t *request,
    const worker_payment_answer_t *answer)
{
    asl_event_t           event = { .kind = ASL_EVENT_SUCCEEDED };
    worker_call_t        *call = request->data;

    if (answer->outcome != WORKER_PAYMENT_ERROR) {
        event.result = worker_task_payment(&call->execution->arena, answer);
    }

    if (event.result == NULL) {
        event.kind = ASL_EVENT_FAILED;
        event.error = answer->error.len > 0 ? answer->error
                                            : BASE_STR("Payment.Unavailable");
        event.cause = answer->cause;
    }

    worker_executor_answered(call, &event);
}


static base_json_t *
worker_task_payment(base_arena_t *arena, const worker_payment_answer_t *answer)
{
    bool          paid = answer->outcome == WORKER_PAYMENT_PAID;
    base_json_t  *object, *status, *detail;

    object = base_json_object(arena);
    status = base_json_string(arena, paid ? BASE_STR("SUCCESS")
                                          : BASE_STR("FAILED"));
    detail = base_json_string(arena, paid ? answer->transaction_id
                                          : answer->reason);
    if (object == NULL || status == NULL || detail == NULL) {
        return NULL;
    }

    base_json_add(object, BASE_STR("status"), status);
    base_json_add(object, paid ? BASE_STR("transactionId")
                               : BASE_STR("reason"), detail);

    return object;
}
