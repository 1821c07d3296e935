/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/executor.h"

#include "worker/clock.h"
#include "worker/execute/call.h"
#include "worker/execute/steps.h"
#include "worker/execute/tasks.h"
#include "worker/queue/callback.h"
#include "worker/queue/change.h"
#include "worker/queue/commit.h"
#include "worker/queue/counters.h"
#include "worker/queue/intake.h"
#include "worker/task/task_pay.h"
#include "worker/worker.h"


static base_json_t *worker_executor_input(worker_execution_t *execution);
static bool worker_executor_note(worker_execution_t *execution,
    const asl_actions_t *actions);
static void worker_executor_drive(worker_execution_t *execution);
static worker_call_t *worker_executor_local(
    const worker_execution_t *execution);
static void worker_executor_do_local(worker_call_t *call);
static void worker_executor_event(worker_execution_t *execution,
    const asl_event_t *event);
static void worker_executor_settle(worker_execution_t *execution);
static void worker_executor_ended(worker_execution_t *execution);
static bool worker_executor_parks(const worker_execution_t *execution);
static void worker_executor_status(worker_execution_t *execution,
    asl_status_t status);


void
worker_executor_start(worker_execution_t *execution)
{
    base_json_t       *input;
    asl_status_t       status;
    asl_actions_t      actions;
    worker_t          *worker = execution->worker;
    orders_record_t   *record = &execution->record;
    orders_message_t  *message = &execution->message;

    execution->definition = worker_definition_ref(
        worker->definitions.items[0]);
    *record = (orders_record_t) {
        .id = execution->id, .user_id = message->user_id,
        .status = ORDERS_STATUS_PENDING, .created_at = message->created_at,
        .updated_at = message->created_at, .input = message->input,
        .workflow = execution->definition->version
    };

    input = worker_executor_input(execution);
    if (input == NULL) {
        worker_executor_status(execution, ASL_NOMEM);
        return;
    }

    status = asl_exec_start(execution->definition->asl, &execution->arena,
                            execution->id, input, worker_env(execution),
                            &execution->asl, &actions);
    if (status != ASL_OK || !worker_executor_note(execution, &actions)) {
        worker_executor_status(execution, status != ASL_OK ? status
                                                           : ASL_NOMEM);
        return;
    }

    execution->dirty = true;
    worker_executor_drive(execution);
}


void
worker_executor_resume(worker_execution_t *execution)
{
    if (worker_executor_open(execution)) {
        worker_log(&execution->worker->log, WORKER_LOG_INFO,
                   "order %.*s: goes on in %.*s",
                   BASE_STR_ARG(execution->id),
                   BASE_STR_ARG(asl_exec_state(execution->asl)));
        execution->dirty = true;
        worker_executor_drive(execution);
    }
}


bool
worker_executor_load(worker_execution_t *execution)
{
    base_str_t        reason = BASE_STR("");
    asl_status_t      status;
    base_json_t      *saved;
    worker_t         *worker = execution->worker;
    orders_record_t  *record = &execution->record;

    execution->definition = worker_definition_ref(
        worker_definitions_find(&worker->definitions, record->workflow));
    execution->stored_status = record->status;
    worker_steps_resume(execution, record->steps);

    saved = base_json_parse(&execution->arena, record->execution,
                            &asl_saved_limits, NULL);
    status = saved == NULL
                 ? ASL_INVALID
                 : asl_exec_load(execution->definition->asl, &execution->arena,
                                 saved, &execution->asl, &reason);

    if (status == ASL_INVALID) {
        execution->watched = false;
        worker_executor_give_up(execution, BASE_STR("Workflow.Incompatible"),
                                reason.len > 0 ? reason
                                    : BASE_STR("its state cannot be read"));
        return false;
    }

    if (status != ASL_OK) {
        worker_executor_status(execution, status);
        return false;
    }

    worker_counters_resume(execution);
    return true;
}


bool
worker_executor_open(worker_execution_t *execution)
{
    asl_actions_t   actions = asl_exec_actions(execution->asl);
    worker_call_t  *call;

    if (!worker_executor_note(execution, &actions)) {
        worker_executor_status(execution, ASL_NOMEM);
        return false;
    }

    for (call = execution->calls; call != NULL; call = call->next) {
        call->resumed = true;
    }

    return true;
}


void
worker_executor_committed(worker_execution_t *execution)
{
    worker_t       *worker = execution->worker;
    worker_call_t  *call;

    execution->watched = false;
    worker_callback_committed(execution);

    if (execution->sent_fate != WORKER_FATE_KEEP
        && (execution->fate != WORKER_FATE_DEAD
            || execution->sent_fate == WORKER_FATE_DEAD))
    {
        worker_executor_cancel(execution);
        worker_execution_done(worker, execution);
        return;
    }

    execution->stored = true;
    execution->stored_status = execution->sent_status;
    worker_counters_committed(execution);

    if (execution->events_sent != NULL) {
        execution->events = execution->events_sent->next;
        execution->events_sent = NULL;
        if (execution->events == NULL) {
            execution->events_end = &execution->events;
        }
    }

    for (call = execution->calls; call != NULL; call = call->next) {
        call->durable |= call->sent;
    }

    execution->phase = WORKER_PHASE_RUNNING;
    execution->advancing = true;

    /* a call may end within, and change the list */
    call = execution->calls;
    while (call != NULL) {
        if (call->durable && !call->begun) {
            worker_call_begin(call);
            call = execution->calls;
        } else {
            call = call->next;
        }
    }

    execution->advancing = false;
    worker_executor_drive(execution);
    worker_intake_wake(execution);
}


void
worker_executor_undone(worker_execution_t *execution)
{
    worker_call_t  *call;

    if (execution->watched) {
        worker_executor_cancel(execution);
        worker_execution_reset(execution);
        worker_intake_open(execution);
        return;
    }

    for (call = execution->calls; call != NULL; call = call->next) {
        call->sent = false;
    }

    execution->events_sent = NULL;
    worker_lane_ready(execution);
    worker_intake_wake(execution);
}


void
worker_executor_answered(worker_call_t *call, asl_event_t *event)
{
    worker_execution_t  *execution = call->execution;

    event->action_id = call->id;
    worker_timer_stop(&execution->worker->timers, &call->timer);
    worker_call_remove(call);
    worker_executor_event(execution, event);

    if (!execution->advancing) {
        worker_executor_drive(execution);
    }
}


void
worker_executor_called(worker_call_t *call)
{
    asl_event_t          event = { .kind = ASL_EVENT_CALLED };
    worker_execution_t  *execution = call->execution;

    event.action_id = call->id;
    worker_executor_event(execution, &event);
    if (execution->fate != WORKER_FATE_DEAD) {
        worker_call_made(call);
    }

    if (!execution->advancing) {
        worker_executor_drive(execution);
    }
}


void
worker_executor_callback(worker_execution_t *execution,
    const asl_event_t *event)
{
    worker_call_t  *call = execution->calls;

    execution->dirty = true;
    while (call->id != event->action_id) {
        call = call->next;
    }

    if (event->kind != ASL_EVENT_HEARTBEAT) {
        worker_call_remove(call);
        worker_call_cancel(call);
    }

    worker_executor_event(execution, event);
    if (event->kind == ASL_EVENT_HEARTBEAT
        && execution->fate != WORKER_FATE_DEAD)
    {
        worker_call_beat(call);
    }

    worker_executor_drive(execution);
}


void
worker_executor_give_up(worker_execution_t *execution, base_str_t error,
    base_str_t cause)
{
    worker_log(&execution->worker->log, WORKER_LOG_ERROR,
               "order %.*s: given up: %.*s: %.*s", BASE_STR_ARG(execution->id),
               BASE_STR_ARG(error), BASE_STR_ARG(cause));

    worker_executor_cancel(execution);
    worker_execution_set_fate(execution, WORKER_FATE_DEAD);
    execution->error = BASE_STR("Worker.OutOfMemory");
    execution->cause = BASE_STR("");
    (void) base_arena_str(&execution->arena, error, &execution->error);
    (void) base_arena_str(&execution->arena, cause, &execution->cause);
    execution->dirty = true;

    if (execution->phase != WORKER_PHASE_COMMITTING
        && execution->phase != WORKER_PHASE_READY)
    {
        worker_lane_ready(execution);
    }
}


void
worker_executor_cancel(worker_execution_t *execution)
{
    worker_call_t  *call;

    worker_change_cancel(execution);
    for (call = execution->calls; call != NULL; call = call->next) {
        worker_call_cancel(call);
    }

    execution->calls = NULL;
}


/* {"order": the Order} */
static base_json_t *
worker_executor_input(worker_execution_t *execution)
{
    base_buf_t    text;
    base_json_t  *input, *order;

    base_buf_init(&text, &execution->arena, SIZE_MAX);
    base_json_write(&text, execution->record.input);
    execution->record.input_text = base_buf_str(&text);

    input = base_json_object(&execution->arena);
    order = orders_record_json(&execution->arena, &execution->record);
    if (text.failed || input == NULL || order == NULL) {
        return NULL;
    }

    base_json_add(input, BASE_STR("order"), order);
    return input;
}


/* Keeps a call for each new action.  False when out of memory. */
static bool
worker_executor_note(worker_execution_t *execution,
    const asl_actions_t *actions)
{
    size_t               i;
    const asl_action_t  *action;

    for (i = 0; i < actions->count; i++) {
        action = &actions->items[i];
        if ((action->kind == ASL_RUN_TASK || action->kind == ASL_WAIT_UNTIL)
            && !worker_call_open(execution, action))
        {
            return false;
        }
    }

    return true;
}


/* Does what can be done at once, then sees to it that the rest is written. */
static void
worker_executor_drive(worker_execution_t *execution)
{
    worker_call_t  *call;

    execution->advancing = true;

    for ( ;; ) {
        call = worker_executor_local(execution);
        if (call == NULL) {
            break;
        }

        worker_executor_do_local(call);
    }

    execution->advancing = false;
    worker_executor_settle(execution);
}


static worker_call_t *
worker_executor_local(const worker_execution_t *execution)
{
    worker_call_t  *call;

    for (call = execution->calls; call != NULL; call = call->next) {
        if (call->task != NULL && call->task->kind == WORKER_TASK_LOCAL) {
            break;
        }
    }

    return call;
}


static void
worker_executor_do_local(worker_call_t *call)
{
    asl_event_t          event = { .kind = ASL_EVENT_SUCCEEDED };
    worker_job_t         job;
    worker_execution_t  *execution = call->execution;

    worker_call_job(call, &job);
    event.action_id = call->id;
    worker_call_remove(call);

    if (job.task->run(execution, &job, &event)) {
        worker_executor_event(execution, &event);
    } else {
        worker_executor_status(execution, ASL_NOMEM);
    }
}


static void
worker_executor_event(worker_execution_t *execution, const asl_event_t *event)
{
    asl_status_t   status;
    asl_actions_t  actions;

    if (execution->fate == WORKER_FATE_DEAD) {
        return;
    }

    status = asl_advance(execution->asl, event, worker_env(execution),
                         &actions);
    if (status == ASL_INVALID) {
        return;                     /* late: the action is not open any more */
    }

    execution->dirty = true;
    if (status == ASL_OK && worker_executor_note(execution, &actions)) {
        worker_calls_prune(execution);
        return;
    }

    worker_executor_status(execution, status == ASL_OK ? ASL_NOMEM : status);
}


/* Decides what the next commit does, and queues the execution for it. */
static void
worker_executor_settle(worker_execution_t *execution)
{
    if (!execution->dirty) {
        return;
    }

    if (execution->fate != WORKER_FATE_DEAD) {
        if (asl_exec_ended(execution->asl)) {
            worker_executor_ended(execution);
        } else {
            worker_execution_set_fate(execution,
                                      worker_executor_parks(execution)
                                          ? WORKER_FATE_PARK
                                          : WORKER_FATE_KEEP);
        }
    }

    if (execution->phase == WORKER_PHASE_RUNNING
        || execution->phase == WORKER_PHASE_READING)
    {
        worker_lane_ready(execution);
    }
}


/* An order whose execution failed without saying so in its status has failed
 * all the same, unless the provider has or may have its money. */
static void
worker_executor_ended(worker_execution_t *execution)
{
    base_str_t     message, error, cause;
    asl_actions_t  end = asl_exec_actions(execution->asl);

    worker_execution_set_fate(execution, WORKER_FATE_END);

    if (end.count == 0 || end.items[0].kind != ASL_FAIL
        || orders_status_terminal(execution->record.status))
    {
        return;
    }

    if (worker_pay_holds(execution, &error, &cause)) {
        worker_executor_give_up(execution, error, cause);
        return;
    }

    message = end.items[0].cause.len > 0 ? end.items[0].cause
                                         : end.items[0].error;
    if (worker_task_set_status(execution, ORDERS_STATUS_FAILED, message)
        == NULL)
    {
        worker_executor_status(execution, ASL_NOMEM);
    }
}


/* Only waits are open, and none ends soon. */
static bool
worker_executor_parks(const worker_execution_t *execution)
{
    int64_t               soon_ms;
    const worker_call_t  *call;

    soon_ms = worker_clock_ms() + execution->worker->config->park_after_ms;

    for (call = execution->calls; call != NULL; call = call->next) {
        if (call->task != NULL || worker_call_next_ms(call) <= soon_ms) {
            return false;
        }
    }

    return execution->calls != NULL;
}


/* The engine could not go on. */
static void
worker_executor_status(worker_execution_t *execution, asl_status_t status)
{
    execution->watched = false;
    worker_executor_give_up(execution,
                            status == ASL_NOMEM
                                ? BASE_STR("Worker.OutOfMemory")
                                : BASE_STR("Workflow.Refused"),
                            BASE_STR("the execution does not fit into the "
                                     "worker's limits"));
}
