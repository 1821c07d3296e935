/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/callback.h"

#include "base/time.h"
#include "orders/token.h"
#include "worker/clock.h"
#include "worker/execute/executor.h"
#include "worker/queue/delayed.h"
#include "worker/queue/intake.h"
#include "worker/worker.h"


/* What the engine is told. */
static const asl_event_kind_t
    worker_callback_events[ORDERS_CALLBACK_OUTCOME_COUNT] =
{
    [ORDERS_CALLBACK_SUCCESS]   = ASL_EVENT_SUCCEEDED,
    [ORDERS_CALLBACK_FAILURE]   = ASL_EVENT_FAILED,
    [ORDERS_CALLBACK_HEARTBEAT] = ASL_EVENT_HEARTBEAT,
};


static bool worker_callback_reads(worker_execution_t *execution);
static bool worker_callback_takes(const worker_execution_t *other);
static const asl_action_t *worker_callback_find(const asl_exec_t *asl,
    base_str_t token);
static void worker_callback_unknown(worker_execution_t *execution);
static void worker_callback_later(worker_execution_t *execution);
static void worker_callback_apply(worker_execution_t *execution,
    const orders_callback_t *callback, const asl_action_t *action);
static bool worker_callback_delay(worker_lane_t *lane,
    worker_execution_t *execution);
static bool worker_callback_replace(worker_lane_t *lane,
    worker_execution_t *execution);


bool
worker_callback_is(const worker_execution_t *execution)
{
    return execution->message.kind == ORDERS_MESSAGE_CALLBACK;
}


void
worker_callback_meets(worker_execution_t *execution, worker_execution_t *other)
{
    worker_handed_t     *handed;
    const asl_action_t  *action;

    if (!worker_callback_takes(other)) {
        worker_intake_wait(execution, other);
        return;
    }

    if (!worker_callback_reads(execution)) {
        return;
    }

    action = worker_callback_find(other->asl, execution->callback.token);
    if (action == NULL) {
        worker_callback_unknown(execution);
        return;
    }

    handed = base_arena_zalloc(&other->arena, sizeof(worker_handed_t));
    if (handed == NULL
        || !base_arena_str(&other->arena, base_buf_str(&execution->text),
                           &handed->text))
    {
        worker_renew(execution->worker, "out of memory");
        return;
    }

    handed->next = other->handed;
    other->handed = handed;
    worker_callback_apply(other, &execution->callback, action);
    worker_execution_done(execution->worker, execution);
}


/* Made by the message's reader; this one only fills the struct. */
static bool
worker_callback_reads(worker_execution_t *execution)
{
    base_str_t  reason = BASE_STR("");

    if (orders_callback_read(execution->message.input, &execution->callback,
                             &reason))
    {
        return true;
    }

    worker_executor_give_up(execution, BASE_STR("Message.Invalid"), reason);
    return false;
}


/* Not while a commit of it is under way, which may be the last that this worker
 * makes for it. */
static bool
worker_callback_takes(const worker_execution_t *other)
{
    return worker_intake_runs(other) && other->fate != WORKER_FATE_DEAD
           && other->phase != WORKER_PHASE_COMMITTING;
}


/* Looks at every token: the time tells nothing. */
static const asl_action_t *
worker_callback_find(const asl_exec_t *asl, base_str_t token)
{
    size_t               i;
    asl_actions_t        open = asl_exec_actions(asl);
    const asl_action_t  *found = NULL;

    for (i = 0; i < open.count; i++) {
        if (orders_token_equal(open.items[i].token, token)) {
            found = &open.items[i];
        }
    }

    return found;
}


void
worker_callback_decide(worker_execution_t *execution)
{
    const asl_action_t     *action;
    const orders_record_t  *record = &execution->record;

    if (execution->found == ORDERS_RECORD_INVALID) {
        worker_intake_unreadable(execution);
        return;
    }

    if (execution->found == ORDERS_RECORD_ABSENT) {
        worker_intake_drop(execution, "its order is gone");
        return;
    }

    if (record->execution.len == 0) {
        worker_intake_drop(execution, "its order has ended");
        return;
    }

    if (!worker_callback_reads(execution)
        || !worker_executor_load(execution))
    {
        return;
    }

    action = worker_callback_find(execution->asl, execution->callback.token);
    if (action == NULL) {
        worker_callback_unknown(execution);

    } else if (record->consumer.len > 0
               && !base_str_eq(record->consumer,
                               execution->worker->consumer.id))
    {
        worker_callback_later(execution);

    } else if (worker_executor_open(execution)) {
        execution->called_back = true;
        worker_callback_apply(execution, &execution->callback, action);
    }
}


static void
worker_callback_unknown(worker_execution_t *execution)
{
    worker_intake_drop(execution, "nothing waits for its token");
}


static void
worker_callback_later(worker_execution_t *execution)
{
    worker_log(&execution->worker->log, WORKER_LOG_DEBUG,
               "order %.*s: a callback waits: its order is run by another "
               "worker", BASE_STR_ARG(execution->id));

    execution->watched = false;
    worker_execution_set_fate(execution, WORKER_FATE_LATER);
    worker_lane_ready(execution);
}


bool
worker_callback_puts_off(worker_execution_t *execution)
{
    bool                 late = false;
    size_t               i;
    int64_t              before_ms;
    asl_actions_t        open = asl_exec_actions(execution->asl);
    const asl_action_t  *action;

    before_ms = worker_clock_ms() - WORKER_CALLBACK_LATE_MS;
    for (i = 0; i < open.count; i++) {
        action = &open.items[i];
        late |= action->called
                && (action->deadline_ms < before_ms
                    || (action->silent_until_ms > 0
                        && action->silent_until_ms < before_ms));
    }

    if (!late || execution->message.late) {
        return false;
    }

    worker_execution_set_fate(execution, WORKER_FATE_LATER);
    worker_lane_ready(execution);
    return true;
}


static void
worker_callback_apply(worker_execution_t *execution,
    const orders_callback_t *callback, const asl_action_t *action)
{
    asl_event_t  event = {
        .kind = worker_callback_events[callback->outcome],
        .action_id = action->id, .result = callback->output,
        .error = callback->error, .cause = callback->cause
    };

    worker_log(&execution->worker->log, WORKER_LOG_INFO,
               "order %.*s: called back in %.*s: %.*s",
               BASE_STR_ARG(execution->id), BASE_STR_ARG(action->state),
               BASE_STR_ARG(orders_callback_outcome_name(callback->outcome)));

    worker_executor_callback(execution, &event);
}


/*
 * Beside what the execution itself writes:
 *
 *   HINCRBY stats callbacksDropped 1       it was dropped
 *   ZADD delayed <ms> <message>            it comes again
 *   ZREM delayed <id>; RPUSH ...           it goes on in memory, or has ended
 *   LREM processing:<consumer> 1 <message> of those that were handed to it
 */
bool
worker_callback_write(worker_lane_t *lane, worker_execution_t *execution)
{
    worker_t         *worker = lane->worker;
    worker_handed_t  *handed;

    if (worker_callback_is(execution) && execution->fate == WORKER_FATE_DROP) {
        worker_lane_say(lane, BASE_STR("HINCRBY"), worker->keys.stats,
                        WORKER_CALLBACKS_DROPPED, BASE_STR("1"));
    }

    if (execution->fate == WORKER_FATE_LATER
        && !worker_callback_delay(lane, execution))
    {
        return false;
    }

    for (handed = execution->handed; handed != NULL; handed = handed->next) {
        worker_lane_say(lane, BASE_STR("LREM"), worker->consumer.processing,
                        BASE_STR("1"), handed->text);
    }

    execution->handed_sent = execution->handed;

    return !execution->called_back || execution->fate == WORKER_FATE_DEAD
           || worker_callback_replace(lane, execution);
}


/* Puts the message among the delayed, or, if it was to go on with an order that
 * is late, one that says so.  False when out of memory. */
static bool
worker_callback_delay(worker_lane_t *lane, worker_execution_t *execution)
{
    char               at[BASE_TIME_TEXT_BYTES];
    int64_t            now_ms = worker_clock_ms(), created_ms = now_ms;
    base_buf_t        *digits = &lane->text, message;
    orders_message_t   late = {
        .kind = ORDERS_MESSAGE_RESUME, .id = execution->id, .late = true,
        .created_at = base_str(at, sizeof(at))
    };

    base_buf_clear(digits);
    if (worker_callback_is(execution)) {
        (void) base_time_parse(execution->message.created_at, &created_ms);
        base_buf_add_int(digits, now_ms
                                 + worker_callback_later_ms(now_ms
                                                            - created_ms));
        worker_lane_say(lane, BASE_STR("ZADD"), lane->worker->keys.delayed,
                        base_buf_str(digits), base_buf_str(&execution->text));
        return true;
    }

    base_time_format(now_ms, at);
    base_buf_init(&message, &execution->arena, SIZE_MAX);
    orders_message_write(&message, &late);
    base_buf_add_int(digits, now_ms + WORKER_CALLBACK_PUT_OFF_MS);
    worker_lane_say(lane, BASE_STR("ZADD"), lane->worker->keys.delayed,
                    base_buf_str(digits), base_buf_str(&message));

    /* nobody runs it meanwhile: a callback can go on with it */
    worker_lane_say(lane, BASE_STR("HDEL"), execution->key,
                    orders_record_field_name(ORDERS_RECORD_CONSUMER));

    return !message.failed;
}


/* Takes the order from the parked, and puts a message that resumes it in the
 * place of the callback's where one is needed.  False when out of memory. */
static bool
worker_callback_replace(worker_lane_t *lane, worker_execution_t *execution)
{
    base_buf_t  message;
    worker_t   *worker = lane->worker;

    base_buf_init(&message, &execution->arena, SIZE_MAX);
    worker_delayed_message(&message, execution->id, worker_clock_ms());
    if (message.failed) {
        return false;
    }

    execution->stand_in = base_buf_str(&message);
    if (execution->fate != WORKER_FATE_PARK) {
        worker_lane_say(lane, BASE_STR("ZREM"), worker->keys.delayed,
                        execution->id);
    }

    if (execution->fate == WORKER_FATE_KEEP) {
        worker_lane_say(lane, BASE_STR("RPUSH"), worker->consumer.processing,
                        execution->stand_in);
    }

    return true;
}


void
worker_callback_committed(worker_execution_t *execution)
{
    worker_handed_t  **link = &execution->handed;

    while (*link != NULL && *link != execution->handed_sent) {
        link = &(*link)->next;
    }

    *link = NULL;
    execution->handed_sent = NULL;

    if (!execution->called_back
        || execution->sent_fate == WORKER_FATE_DEAD)
    {
        return;
    }

    execution->called_back = false;
    execution->message.kind = ORDERS_MESSAGE_RESUME;
    if (!worker_execution_set_text(execution, execution->stand_in)) {
        worker_renew(execution->worker, "out of memory");
    }
}


int64_t
worker_callback_later_ms(int64_t age_ms)
{
    int64_t  later_ms = age_ms / 2;

    if (later_ms < WORKER_CALLBACK_LATER_MS_MIN) {
        return WORKER_CALLBACK_LATER_MS_MIN;
    }

    return later_ms < WORKER_CALLBACK_LATER_MS_MAX
               ? later_ms : WORKER_CALLBACK_LATER_MS_MAX;
}
