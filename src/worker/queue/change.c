/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/change.h"

#include "base/time.h"
#include "base/uuid.h"
#include "orders/event.h"
#include "orders/reply.h"
#include "worker/clock.h"
#include "worker/execute/tasks.h"
#include "worker/queue/intake.h"
#include "worker/worker.h"


#define WORKER_CHANGE_PAYING  BASE_STR("the order is being paid")
#define WORKER_CHANGE_BUSY                                                    \
    BASE_STR("the order is being worked on; try again")


static bool worker_change_allowed(const worker_execution_t *execution,
    const orders_record_t *record);
static bool worker_change_postpone(worker_execution_t *execution);
static void worker_change_retry_handler(void *data);
static bool worker_change_young(const worker_execution_t *execution);
static void worker_change_unended(worker_execution_t *execution);
static void worker_change_update(worker_execution_t *execution);
static bool worker_change_input(worker_execution_t *execution);
static void worker_change_delete(worker_execution_t *execution);
static bool worker_change_done(worker_execution_t *execution);
static void worker_change_refuse(worker_execution_t *execution,
    base_str_t code, base_str_t message);
static bool worker_change_reply(worker_execution_t *execution,
    const orders_reply_t *reply);
static bool worker_change_count(worker_lane_t *lane,
    worker_execution_t *execution);


bool
worker_change_is(const worker_execution_t *execution)
{
    return execution->message.kind == ORDERS_MESSAGE_UPDATE
           || execution->message.kind == ORDERS_MESSAGE_DELETE;
}


void
worker_change_meets(worker_execution_t *execution, worker_execution_t *other)
{
    const worker_call_t    *call;
    const orders_record_t  *record = &other->record;

    /* what is only being read has no record yet */
    if (other->phase == WORKER_PHASE_RUNNING
        || other->phase == WORKER_PHASE_READY
        || other->phase == WORKER_PHASE_COMMITTING)
    {
        if (!worker_change_allowed(execution, record)) {
            worker_change_refuse(execution, ORDERS_REPLY_NOT_FOUND,
                                 BASE_STR("there is no such order"));
            return;
        }

        for (call = other->calls; call != NULL; call = call->next) {
            if (call->task != NULL && call->task->kind == WORKER_TASK_REMOTE) {
                worker_change_refuse(execution, ORDERS_REPLY_CONFLICT,
                                     record->payment.len > 0
                                         ? WORKER_CHANGE_PAYING
                                         : WORKER_CHANGE_BUSY);
                return;
            }
        }
    }

    if (!worker_change_postpone(execution)) {
        worker_change_refuse(execution, ORDERS_REPLY_CONFLICT,
                             WORKER_CHANGE_BUSY);
    }
}


static bool
worker_change_allowed(const worker_execution_t *execution,
    const orders_record_t *record)
{
    return execution->message.scope_all
           || base_str_eq(execution->message.user_id, record->user_id);
}


/*
 * Lets go of the order's name, so that whoever runs it can, and tries again a
 * little later.  False when that is enough, or when there are too many of
 * these: each holds a place that an order could have.
 */
static bool
worker_change_postpone(worker_execution_t *execution)
{
    uint64_t   now_ms;
    worker_t  *worker = execution->worker;

    now_ms = worker->timers.clock(worker->timers.clock_data);
    if (execution->patience_ms == 0) {
        execution->patience_ms = now_ms + WORKER_CHANGE_PATIENCE_MS;
    }

    if (now_ms >= execution->patience_ms
        || worker->changes_postponed == WORKER_CHANGES_MAX)
    {
        return false;
    }

    execution->retry_timer.fn = worker_change_retry_handler;
    execution->retry_timer.data = execution;
    if (!worker_timer_start(&worker->timers, &execution->retry_timer,
                            WORKER_CHANGE_RETRY_MS))
    {
        return false;
    }

    worker->changes_postponed++;
    execution->phase = WORKER_PHASE_WAITING;
    execution->watched = false;
    worker_intake_release(execution);

    return true;
}


static void
worker_change_retry_handler(void *data)
{
    worker_execution_t  *execution = data;

    execution->worker->changes_postponed--;
    worker_execution_reset(execution);
    worker_intake_open(execution);
}


void
worker_change_cancel(worker_execution_t *execution)
{
    worker_t  *worker = execution->worker;

    if (worker_timer_running(&execution->retry_timer)) {
        worker_timer_stop(&worker->timers, &execution->retry_timer);
        worker->changes_postponed--;
    }
}


void
worker_change_decide(worker_execution_t *execution)
{
    const orders_record_t  *record = &execution->record;

    if (execution->found == ORDERS_RECORD_INVALID) {
        worker_change_refuse(execution, ORDERS_REPLY_INTERNAL,
                             BASE_STR("the order cannot be read"));

    } else if (execution->found == ORDERS_RECORD_ABSENT) {
        if (!worker_change_young(execution)
            || !worker_change_postpone(execution))
        {
            worker_change_refuse(execution, ORDERS_REPLY_NOT_FOUND,
                                 BASE_STR("there is no such order"));
        }

    } else if (!worker_change_allowed(execution, record)) {
        worker_change_refuse(execution, ORDERS_REPLY_NOT_FOUND,
                             BASE_STR("there is no such order"));

    } else if (execution->message.kind == ORDERS_MESSAGE_UPDATE
               && (orders_status_terminal(record->status)
                   || record->execution.len == 0))
    {
        worker_change_refuse(execution, ORDERS_REPLY_CONFLICT,
            base_arena_printf(&execution->arena, "the order is %.*s: it "
                              "cannot be changed any more",
                              BASE_STR_ARG(orders_status_name(
                                  record->status))));

    } else if (record->execution.len > 0) {
        worker_change_unended(execution);

    } else {
        worker_change_delete(execution);
    }
}


static bool
worker_change_young(const worker_execution_t *execution)
{
    return base_uuid_v7_ms(execution->id)
           > worker_clock_ms() - WORKER_CHANGE_YOUNG_MS;
}


/* The order's execution has not ended, whatever the order's status says. */
static void
worker_change_unended(worker_execution_t *execution)
{
    base_str_t              reason;
    base_json_t            *saved;
    const orders_record_t  *record = &execution->record;

    if (record->payment.len > 0 && !orders_status_terminal(record->status)) {
        worker_change_refuse(execution, ORDERS_REPLY_CONFLICT,
                             WORKER_CHANGE_PAYING);
        return;
    }

    if (record->consumer.len > 0 || !execution->delayed) {
        worker_change_refuse(execution, ORDERS_REPLY_CONFLICT,
                             WORKER_CHANGE_BUSY);
        return;
    }

    execution->definition = worker_definition_ref(
        worker_definitions_find(&execution->worker->definitions,
                                record->workflow));
    saved = base_json_parse(&execution->arena, record->execution,
                            &asl_saved_limits, NULL);

    if (saved == NULL
        || asl_exec_load(execution->definition->asl, &execution->arena, saved,
                         &execution->asl, &reason) != ASL_OK
        || !asl_exec_rests(execution->asl))
    {
        worker_change_refuse(execution, ORDERS_REPLY_CONFLICT,
                             WORKER_CHANGE_BUSY);

    } else if (execution->message.kind == ORDERS_MESSAGE_DELETE) {
        worker_change_delete(execution);

    } else {
        worker_change_update(execution);
    }
}


static void
worker_change_update(worker_execution_t *execution)
{
    asl_status_t  status;

    status = asl_exec_amend(execution->asl, BASE_STR("order"),
                            execution->message.input);
    if (status == ASL_LIMIT) {
        worker_change_refuse(execution, ORDERS_REPLY_CONFLICT,
                             BASE_STR("the order would be too large"));
        return;
    }

    execution->change = WORKER_CHANGE_UPDATE;
    if (status != ASL_OK || !worker_change_input(execution)
        || !worker_change_done(execution))
    {
        worker_renew(execution->worker, "out of memory");
    }
}


/* The members of the message's input, in place of the record's. */
static bool
worker_change_input(worker_execution_t *execution)
{
    base_buf_t          text;
    base_json_t        *input, *item;
    base_arena_t       *arena = &execution->arena;
    const base_json_t  *member;

    input = base_json_copy(arena, execution->record.input);
    if (input == NULL) {
        return false;
    }

    base_json_each(member, execution->message.input) {
        item = base_json_share(arena, member);
        if (item == NULL) {
            return false;
        }

        base_json_set(input, member->key, item);
    }

    base_buf_init(&text, arena, SIZE_MAX);
    base_json_write(&text, input);
    execution->record.input = input;
    execution->record.input_text = base_buf_str(&text);

    return !text.failed;
}


static void
worker_change_delete(worker_execution_t *execution)
{
    execution->change = WORKER_CHANGE_DELETE;
    if (!worker_change_done(execution)) {
        worker_renew(execution->worker, "out of memory");
    }
}


/* It is in the record: makes event and reply.  False when out of memory. */
static bool
worker_change_done(worker_execution_t *execution)
{
    char             *at;
    base_buf_t        event;
    base_json_t      *order;
    base_arena_t     *arena = &execution->arena;
    orders_reply_t    reply = { .request_id = execution->message.request_id };
    orders_record_t  *record = &execution->record;

    at = base_arena_alloc(arena, BASE_TIME_TEXT_BYTES);
    if (at == NULL) {
        return false;
    }

    base_time_format(worker_clock_ms(), at);
    record->updated_at = base_str(at, BASE_TIME_TEXT_BYTES);

    order = orders_record_json(arena, record);
    if (order == NULL || !orders_record_add_history(arena, order, record)) {
        return false;
    }

    base_buf_init(&event, arena, SIZE_MAX);
    if (execution->change == WORKER_CHANGE_DELETE) {
        orders_event_write_deleted(&event, record, order);
    } else {
        orders_event_write(&event, record, order);
    }

    execution->change_event = base_buf_str(&event);
    reply.order = order;

    worker_log(&execution->worker->log, WORKER_LOG_INFO,
               "order %.*s: %s for %.*s", BASE_STR_ARG(execution->id),
               execution->change == WORKER_CHANGE_DELETE ? "deleted"
                                                         : "updated",
               BASE_STR_ARG(execution->message.user_id));

    return !event.failed && worker_change_reply(execution, &reply);
}


/* That holds whatever becomes of the order's hash: no WATCH is needed. */
static void
worker_change_refuse(worker_execution_t *execution, base_str_t code,
    base_str_t message)
{
    orders_reply_t  reply = {
        .request_id = execution->message.request_id,
        .code = code, .message = message
    };

    execution->watched = false;
    execution->change = WORKER_CHANGE_NONE;
    if (!worker_change_reply(execution, &reply)) {
        worker_renew(execution->worker, "out of memory");
    }
}


/* False when out of memory. */
static bool
worker_change_reply(worker_execution_t *execution, const orders_reply_t *reply)
{
    base_buf_t  text;

    base_buf_init(&text, &execution->arena, SIZE_MAX);
    orders_reply_write(&text, reply);
    if (text.failed) {
        return false;
    }

    execution->change_reply = base_buf_str(&text);
    worker_execution_set_fate(execution, WORKER_FATE_CHANGE);
    worker_lane_ready(execution);

    return true;
}


/*
 *   HSET order:<id> input {...} updatedAt ... execution {...}
 *
 * or
 *
 *   DEL order:<id>
 *   ZREM delayed <id>
 *   ZREM user:<userId> <id>    and its other indexes
 *
 * and, if it was done,
 *
 *   PUBLISH orders:status {...}
 *
 * and in any case
 *
 *   PUBLISH orders:replies:<name> {...}
 */
bool
worker_change_write(worker_lane_t *lane, worker_execution_t *execution)
{
    base_str_t        user, share, channel = execution->message.reply_to;
    worker_t         *worker = lane->worker;
    orders_record_t  *record = &execution->record;

    if (execution->change == WORKER_CHANGE_UPDATE) {
        base_buf_clear(&lane->text);
        asl_exec_save(execution->asl, &lane->text);
        if (lane->text.failed) {
            return false;
        }

        worker_lane_say(lane, BASE_STR("HSET"), execution->key,
                        orders_record_field_name(ORDERS_RECORD_INPUT),
                        record->input_text,
                        orders_record_field_name(ORDERS_RECORD_UPDATED_AT),
                        record->updated_at,
                        orders_record_field_name(ORDERS_RECORD_EXECUTION),
                        base_buf_str(&lane->text));

    } else if (execution->change == WORKER_CHANGE_DELETE) {
        user = orders_key_user(&worker->keys, &lane->scratch, record->user_id);
        share = orders_key_user_status(&worker->keys, &lane->scratch,
                                       record->user_id,
                                       orders_status_name(record->status));
        if (user.data == NULL || share.data == NULL
            || !worker_change_count(lane, execution))
        {
            return false;
        }

        worker_lane_say(lane, BASE_STR("DEL"), execution->key);
        worker_lane_say(lane, BASE_STR("ZREM"), worker->keys.delayed,
                        execution->id);
        worker_lane_say(lane, BASE_STR("ZREM"), user, execution->id);
        worker_lane_say(lane, BASE_STR("ZREM"), share, execution->id);
        worker_lane_say(lane, BASE_STR("ZREM"),
                        worker->status_keys[record->status], execution->id);
    }

    if (execution->change != WORKER_CHANGE_NONE) {
        worker_lane_say(lane, BASE_STR("PUBLISH"),
                        worker->keys.status_channel, execution->change_event);
    }

    if (orders_reply_channel_valid(&worker->keys, channel)) {
        worker_lane_say(lane, BASE_STR("PUBLISH"), channel,
                        execution->change_reply);
    }

    return true;
}


/* Not while redis is full: what makes room must not need any.  False when out
 * of memory. */
static bool
worker_change_count(worker_lane_t *lane, worker_execution_t *execution)
{
    if (execution->asl == NULL || lane->worker->refused) {
        return true;                /* it had ended */
    }

    worker_tally_count(&lane->tally, WORKER_COUNT_DELETED);
    return worker_tally_gone(&lane->tally, execution);
}
