/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/task_pay.h"

#include "worker/execute/call.h"
#include "worker/execute/tasks.h"
#include "worker/worker.h"


/* A call's own. */
typedef struct {
    worker_payment_request_t  request;
    worker_call_t            *call;
    base_str_t                place;        /* state, and place in a Map */
    bool                      doubtful;     /* an attempt before this one is
                                               undecided */
} worker_pay_t;

typedef struct {
    base_str_t   word;
    base_str_t   error;             /* why the order cannot fail; or empty */
    base_str_t   cause;
} worker_pay_state_t;


static const worker_pay_state_t  worker_pay_states[] = {
    { BASE_STR_INIT("asked "), BASE_STR_INIT("Payment.Undecided"),
      BASE_STR_INIT("the payment may have been made: ask the provider, or "
                    "have it asked again") },
    { BASE_STR_INIT("paid "), BASE_STR_INIT("Payment.NotRefunded"),
      BASE_STR_INIT("the order is paid: orders:refund has to come before") },
};

#define WORKER_PAY_STATES                                                     \
    (sizeof(worker_pay_states) / sizeof(worker_pay_states[0]))


static bool worker_pay_open(worker_call_t *call, const worker_job_t *job);
static bool worker_refund_open(worker_call_t *call, const worker_job_t *job);
static worker_pay_t *worker_pay_new(worker_call_t *call,
    const worker_job_t *job);
static void worker_pay_begin(worker_call_t *call, const worker_job_t *job);
static void worker_refund_begin(worker_call_t *call, const worker_job_t *job);
static void worker_pay_ask(worker_call_t *call, const worker_job_t *job,
    base_str_t transaction_id);
static base_json_t *worker_pay_fields(worker_call_t *call,
    const worker_job_t *job, base_str_t transaction_id);
static bool worker_pay_add(base_arena_t *arena, base_json_t *object,
    base_str_t key, base_str_t text);
static bool worker_pay_add_all(base_arena_t *arena, base_json_t *object,
    const base_json_t *from);
static const base_json_t *worker_pay_source(const worker_execution_t *execution,
    const base_json_t *input);
static void worker_pay_cancel(worker_call_t *call);
static void worker_pay_alive(void *data);
static void worker_pay_handler(worker_payment_request_t *request,
    const worker_payment_answer_t *answer);
static bool worker_pay_note(worker_pay_t *pay,
    const worker_payment_answer_t *answer, asl_event_t *event);
static base_str_t worker_pay_asked(const worker_execution_t *execution,
    base_str_t word);
static bool worker_pay_set(worker_execution_t *execution, const char *word,
    base_str_t place);
static base_json_t *worker_pay_result(base_arena_t *arena,
    const worker_payment_answer_t *answer);


const worker_task_t  worker_task_pay = {
    BASE_STR_INIT("orders:pay"), WORKER_TASK_REMOTE, NULL, worker_pay_open,
    worker_pay_begin, worker_pay_cancel
};

const worker_task_t  worker_task_refund = {
    BASE_STR_INIT("orders:refund"), WORKER_TASK_REMOTE, NULL,
    worker_refund_open, worker_refund_begin, worker_pay_cancel
};


bool
worker_pay_holds(const worker_execution_t *execution, base_str_t *error,
    base_str_t *cause)
{
    size_t  i;

    for (i = 0; i < WORKER_PAY_STATES; i++) {
        if (base_str_starts(execution->record.payment,
                            worker_pay_states[i].word))
        {
            *error = worker_pay_states[i].error;
            *cause = worker_pay_states[i].cause;
            return true;
        }
    }

    return false;
}


static bool
worker_pay_open(worker_call_t *call, const worker_job_t *job)
{
    worker_pay_t  *pay = worker_pay_new(call, job);

    if (pay == NULL) {
        return false;
    }

    pay->doubtful = base_str_eq(worker_pay_asked(call->execution,
                                                 BASE_STR("asked ")),
                                pay->place);
    return worker_pay_set(call->execution, "asked", pay->place);
}


static bool
worker_refund_open(worker_call_t *call, const worker_job_t *job)
{
    return worker_pay_new(call, job) != NULL;
}


static worker_pay_t *
worker_pay_new(worker_call_t *call, const worker_job_t *job)
{
    worker_pay_t        *pay;
    worker_execution_t  *execution = call->execution;

    pay = base_arena_zalloc(&execution->arena, sizeof(worker_pay_t));
    if (pay == NULL) {
        return NULL;
    }

    pay->call = call;
    pay->place = base_arena_concat(&execution->arena, job->action->state,
                                   job->action->item.len > 0 ? BASE_STR(":")
                                                             : BASE_STR(""),
                                   job->action->item);
    call->work = pay;

    return pay->place.data != NULL ? pay : NULL;
}


static void
worker_pay_begin(worker_call_t *call, const worker_job_t *job)
{
    worker_pay_ask(call, job, BASE_STR(""));
}


/* Of what was paid, or may have been. */
static void
worker_refund_begin(worker_call_t *call, const worker_job_t *job)
{
    base_str_t           place, transaction_id;
    base_json_t         *result;
    asl_event_t          event = { .kind = ASL_EVENT_SUCCEEDED };
    worker_pay_t        *pay = call->work;
    worker_execution_t  *execution = call->execution;

    place = worker_pay_asked(execution, BASE_STR("paid "));
    if (place.len == 0) {
        place = worker_pay_asked(execution, BASE_STR("asked "));
    }

    if (place.len == 0) {
        result = base_json_object(&execution->arena);
        if (result == NULL
            || !worker_pay_add(&execution->arena, result, BASE_STR("status"),
                               BASE_STR("NONE")))
        {
            worker_task_failed(call, BASE_STR("Payment.Unavailable"),
                               BASE_STR("out of memory"));
            return;
        }

        event.result = result;
        worker_task_done(call, &event);
        return;
    }

    pay->request.kind = WORKER_PAYMENT_REFUND;
    pay->request.refund_of = base_arena_printf(&execution->arena, "%.*s:%.*s",
                                               BASE_STR_ARG(execution->id),
                                               BASE_STR_ARG(place));
    transaction_id = base_json_get_str(job->input, BASE_STR("transactionId"));
    if (transaction_id.len == 0) {
        transaction_id = base_json_get_str(
            base_json_get(job->input, BASE_STR("payment")),
            BASE_STR("transactionId"));
    }

    worker_pay_ask(call, job, transaction_id);
}


static void
worker_pay_ask(worker_call_t *call, const worker_job_t *job,
    base_str_t transaction_id)
{
    worker_t                  *worker = call->execution->worker;
    worker_pay_t              *pay = call->work;
    base_arena_t              *arena = &call->execution->arena;
    worker_payment_request_t  *request = &pay->request;

    request->idempotency_key = worker_task_key(arena, call->execution,
                                               job->action);
    request->attempt = job->action->attempt;
    request->fields = worker_pay_fields(call, job, transaction_id);
    request->arena = arena;
    request->answered = worker_pay_handler;
    request->alive = worker_pay_alive;
    request->data = pay;

    if (request->idempotency_key.data == NULL || request->fields == NULL
        || (request->kind == WORKER_PAYMENT_REFUND
            && request->refund_of.data == NULL))
    {
        worker_task_failed(call, BASE_STR("Payment.Unavailable"),
                           BASE_STR("out of memory"));
        return;
    }

    worker->payment->ask(worker->payment, request);
}


/*
 * orderId and userId, and then what the state's Parameters make of its input
 * or, where it has none, the order's own fields: they never change, so a later
 * attempt sends the same.
 */
static base_json_t *
worker_pay_fields(worker_call_t *call, const worker_job_t *job,
    base_str_t transaction_id)
{
    base_json_t         *fields;
    worker_pay_t        *pay = call->work;
    base_arena_t        *arena = &call->execution->arena;
    worker_execution_t  *execution = call->execution;

    fields = base_json_object(arena);
    if (fields == NULL
        || !worker_pay_add(arena, fields, BASE_STR("orderId"), execution->id)
        || !worker_pay_add(arena, fields, BASE_STR("userId"),
                           execution->record.user_id))
    {
        return NULL;
    }

    if (pay->request.kind == WORKER_PAYMENT_REFUND
        && (!worker_pay_add(arena, fields, BASE_STR("refundOf"),
                            pay->request.refund_of)
            || (transaction_id.len > 0
                && !worker_pay_add(arena, fields, BASE_STR("transactionId"),
                                   transaction_id))))
    {
        return NULL;
    }

    return worker_pay_add_all(arena, fields,
                              worker_pay_source(execution, job->input))
               ? fields : NULL;
}


static const base_json_t *
worker_pay_source(const worker_execution_t *execution,
    const base_json_t *input)
{
    const base_json_t  *order = base_json_get(input, BASE_STR("order"));

    if (base_str_eq(base_json_get_str(order, BASE_STR("id")), execution->id)) {
        return execution->record.input;
    }

    return input;
}


static bool
worker_pay_add(base_arena_t *arena, base_json_t *object, base_str_t key,
    base_str_t text)
{
    base_json_t  *value = base_json_string(arena, text);

    if (value == NULL) {
        return false;
    }

    base_json_add(object, key, value);
    return true;
}


/* What is there already stays. */
static bool
worker_pay_add_all(base_arena_t *arena, base_json_t *object,
    const base_json_t *from)
{
    base_json_t        *value;
    const base_json_t  *item;

    if (from == NULL || from->type != BASE_JSON_OBJECT) {
        return true;
    }

    base_json_each(item, from) {
        if (base_json_get(object, item->key) != NULL) {
            continue;
        }

        value = base_json_share(arena, item);
        if (value == NULL) {
            return false;
        }

        base_json_add(object, item->key, value);
    }

    return true;
}


static void
worker_pay_cancel(worker_call_t *call)
{
    worker_pay_t      *pay = call->work;
    worker_payment_t  *payment = call->execution->worker->payment;

    payment->cancel(payment, &pay->request);
}


static void
worker_pay_alive(void *data)
{
    worker_pay_t  *pay = data;

    worker_call_alive(pay->call);
}


static void
worker_pay_handler(worker_payment_request_t *request,
    const worker_payment_answer_t *answer)
{
    asl_event_t     event = { .kind = ASL_EVENT_SUCCEEDED };
    worker_pay_t   *pay = request->data;
    worker_call_t  *call = pay->call;

    event.retry_after_ms = answer->retry_after_ms;

    if (answer->outcome == WORKER_PAYMENT_ERROR) {
        event.kind = ASL_EVENT_FAILED;
        event.error = answer->error;
        event.cause = answer->cause;
        worker_log(&call->execution->worker->log, WORKER_LOG_WARN,
                   "order %.*s: %.*s: %.*s", BASE_STR_ARG(call->execution->id),
                   BASE_STR_ARG(event.error), BASE_STR_ARG(event.cause));
    } else {
        event.result = worker_pay_result(&call->execution->arena, answer);
    }

    if (!worker_pay_note(pay, answer, &event)
        || (event.kind == ASL_EVENT_SUCCEEDED && event.result == NULL))
    {
        /* the answer is lost, not the payment: it is asked for again */
        event.kind = ASL_EVENT_FAILED;
        event.error = BASE_STR("Payment.Ambiguous");
        event.cause = BASE_STR("out of memory");
    }

    worker_task_done(call, &event);
}


/* Keeps the record right; false when out of memory. */
static bool
worker_pay_note(worker_pay_t *pay, const worker_payment_answer_t *answer,
    asl_event_t *event)
{
    base_str_t           place = pay->place;
    worker_execution_t  *execution = pay->call->execution;

    switch (answer->outcome) {

    case WORKER_PAYMENT_PAID:
        return worker_pay_set(execution, "paid", place);

    case WORKER_PAYMENT_REFUNDED:
        place = worker_pay_asked(execution, BASE_STR("paid "));
        if (place.len == 0) {
            place = worker_pay_asked(execution, BASE_STR("asked "));
        }

        return worker_pay_set(execution, "refunded", place);

    case WORKER_PAYMENT_REFUSED:
        return pay->request.kind == WORKER_PAYMENT_REFUND
               || worker_pay_set(execution, "refused", place);

    default:
        break;
    }

    if (answer->undecided || pay->request.kind == WORKER_PAYMENT_REFUND) {
        return true;
    }

    if (pay->doubtful) {
        event->error = BASE_STR("Payment.Ambiguous");
        return true;
    }

    return worker_pay_set(execution, "none", place);
}


/* Whose payment has that word; empty if the record has another. */
static base_str_t
worker_pay_asked(const worker_execution_t *execution, base_str_t word)
{
    base_str_t  payment = execution->record.payment;

    return base_str_starts(payment, word)
               ? base_str(payment.data + word.len, payment.len - word.len)
               : BASE_STR("");
}


static bool
worker_pay_set(worker_execution_t *execution, const char *word,
    base_str_t place)
{
    base_str_t  text;

    text = base_arena_concat(&execution->arena, base_str_c(word),
                             BASE_STR(" "), place);
    if (text.data == NULL) {
        return false;
    }

    execution->record.payment = text;
    return true;
}


static base_json_t *
worker_pay_result(base_arena_t *arena, const worker_payment_answer_t *answer)
{
    static const base_str_t  words[] = {
        [WORKER_PAYMENT_PAID] = BASE_STR_INIT("SUCCESS"),
        [WORKER_PAYMENT_REFUNDED] = BASE_STR_INIT("REFUNDED"),
        [WORKER_PAYMENT_REFUSED] = BASE_STR_INIT("FAILED"),
    };

    bool          refused = answer->outcome == WORKER_PAYMENT_REFUSED;
    base_json_t  *object = base_json_object(arena);

    if (object == NULL
        || !worker_pay_add(arena, object, BASE_STR("status"),
                           words[answer->outcome])
        || !worker_pay_add(arena, object,
                           refused ? BASE_STR("reason")
                                   : BASE_STR("transactionId"),
                           refused ? answer->reason : answer->transaction_id))
    {
        return NULL;
    }

    return object;
}
