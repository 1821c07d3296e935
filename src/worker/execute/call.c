/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/call.h"

#include "worker/clock.h"
#include "worker/execute/executor.h"
#include "worker/task/resource.h"
#include "worker/worker.h"


#define WORKER_RESUMED_DEADLINE_MS  10000
#define WORKER_CALL_MADE_MS         60000   /* where the answer comes later */


static bool worker_call_watch(worker_call_t *call);
static void worker_call_timer_handler(void *data);


bool
worker_call_open(worker_execution_t *execution, const asl_action_t *action)
{
    worker_job_t    job;
    worker_call_t  *call;

    call = base_arena_zalloc(&execution->arena, sizeof(worker_call_t));
    if (call == NULL) {
        return false;
    }

    call->execution = execution;
    call->id = action->id;
    call->due_ms = action->due_ms;
    call->timer.fn = worker_call_timer_handler;
    call->timer.data = call;
    call->next = execution->calls;
    execution->calls = call;

    if (action->kind != ASL_RUN_TASK) {
        return true;
    }

    call->due_ms = action->deadline_ms;
    call->heartbeat_ms = action->heartbeat_ms;
    call->silent_ms = action->silent_until_ms;
    call->callback = action->token.len > 0;
    if (action->called) {
        return true;
    }

    worker_resource_job(execution->worker->config, &execution->arena, action,
                        &job);
    call->task = job.task;
    call->wrapped = job.wrapped;

    return job.task->open == NULL || job.task->open(call, &job);
}


void
worker_call_job(const worker_call_t *call, worker_job_t *job)
{
    worker_execution_t  *execution = call->execution;

    worker_resource_job(execution->worker->config, &execution->arena,
                        worker_call_action(call), job);
}


/* The commit that says so is done. */
void
worker_call_begin(worker_call_t *call)
{
    int64_t               now_ms = worker_clock_ms(), soonest_ms;
    worker_job_t          job;
    worker_execution_t   *execution = call->execution;

    call->begun = true;

    /* what is asked again after a crash gets time to answer: a payment that
     * has been made must not look like one that was not */
    soonest_ms = now_ms + WORKER_RESUMED_DEADLINE_MS;
    if (call->task != NULL && call->resumed) {
        call->due_ms = call->due_ms < soonest_ms ? soonest_ms : call->due_ms;
        call->silent_ms = call->silent_ms > 0 && call->silent_ms < soonest_ms
                              ? soonest_ms : call->silent_ms;
    }

    if (call->task != NULL && call->callback
        && call->due_ms > now_ms + WORKER_CALL_MADE_MS)
    {
        call->due_ms = now_ms + WORKER_CALL_MADE_MS;
    }

    if (!worker_call_watch(call)) {
        worker_renew(execution->worker, "out of memory");
        return;
    }

    if (call->task != NULL) {
        worker_call_job(call, &job);
        call->task->begin(call, &job);
    }
}


/* Sets the timer to what comes first, the end or the longest silence; false
 * when out of memory. */
static bool
worker_call_watch(worker_call_t *call)
{
    int64_t  after_ms = worker_call_next_ms(call) - worker_clock_ms();

    if (!call->callback && call->heartbeat_ms > 0
        && after_ms > call->heartbeat_ms)
    {
        after_ms = call->heartbeat_ms;
    }

    return worker_timer_start(&call->execution->worker->timers, &call->timer,
                              after_ms > 0 ? (uint64_t) after_ms : 0);
}


void
worker_call_alive(worker_call_t *call)
{
    if (call->heartbeat_ms > 0 && !worker_call_watch(call)) {
        worker_renew(call->execution->worker, "out of memory");
    }
}


void
worker_call_made(worker_call_t *call)
{
    call->task = NULL;
    call->due_ms = worker_call_action(call)->deadline_ms;
    call->silent_ms = worker_call_action(call)->silent_until_ms;
    if (!worker_call_watch(call)) {
        worker_renew(call->execution->worker, "out of memory");
    }
}


void
worker_call_beat(worker_call_t *call)
{
    call->silent_ms = worker_call_action(call)->silent_until_ms;
    if (call->begun && !worker_call_watch(call)) {
        worker_renew(call->execution->worker, "out of memory");
    }
}


int64_t
worker_call_next_ms(const worker_call_t *call)
{
    return call->callback && call->silent_ms > 0
           && call->silent_ms < call->due_ms
               ? call->silent_ms : call->due_ms;
}


/* A wait has ended, or a task has taken too long. */
static void
worker_call_timer_handler(void *data)
{
    bool            silent;
    asl_event_t     event = { .kind = ASL_EVENT_WAKE };
    worker_call_t  *call = data;

    if (call->task != NULL) {
        call->task->cancel(call);
    }

    if (call->task != NULL || call->callback) {
        silent = call->callback
                     ? worker_call_next_ms(call) < call->due_ms
                     : call->heartbeat_ms > 0
                       && worker_clock_ms() < call->due_ms;
        event.kind = ASL_EVENT_FAILED;
        event.error = silent ? BASE_STR("States.HeartbeatTimeout")
                             : BASE_STR("States.Timeout");
        event.cause = silent
                          ? BASE_STR("the task was silent for too long")
                          : call->task == NULL
                          ? BASE_STR("the callback did not come in time")
                          : BASE_STR("the task did not answer in time");
    }

    worker_executor_answered(call, &event);
}


void
worker_call_remove(worker_call_t *call)
{
    worker_call_t  **link = &call->execution->calls;

    while (*link != NULL && *link != call) {
        link = &(*link)->next;
    }

    if (*link != NULL) {
        *link = call->next;
    }
}


/* Ends the calls whose actions the engine has closed: those beside a failed
 * one in a Parallel or Map State, and all at the execution's end. */
void
worker_calls_prune(worker_execution_t *execution)
{
    size_t          i;
    asl_actions_t   actions = asl_exec_actions(execution->asl);
    worker_call_t  *call, **link = &execution->calls;

    while (*link != NULL) {
        call = *link;

        for (i = 0; i < actions.count; i++) {
            if (actions.items[i].id == call->id) {
                break;
            }
        }

        if (i < actions.count) {
            link = &call->next;
            continue;
        }

        *link = call->next;
        worker_call_cancel(call);
    }
}


void
worker_call_cancel(worker_call_t *call)
{
    worker_timer_stop(&call->execution->worker->timers, &call->timer);
    if (call->begun && call->task != NULL) {
        call->task->cancel(call);
    }
}


/* The engine's own record of it; the engine keeps it open as long as we do. */
const asl_action_t *
worker_call_action(const worker_call_t *call)
{
    asl_actions_t        actions = asl_exec_actions(call->execution->asl);
    const asl_action_t  *action = actions.items;

    while (action->id != call->id) {
        action++;
    }

    return action;
}
