/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What one execution writes, as commands of its lane's transaction.  A new
 * order that has asked for its payment:
 *
 *   HSET order:<id> orderStatus PENDING updatedAt ... execution {...}
 *       consumer <consumer> v 1 userId ... input {...} workflow ...
 *   PUBLISH orders:status {...}
 *   ZADD user:<userId> 0 <id>              these and the other commands on
 *   ZADD status:PENDING 0 <id>             indexes together with those of all
 *   ZADD user-status:PENDING:<userId> 0 <id>   other executions (gather.h)
 *
 * and the same order at its end:
 *
 *   HSET order:<id> orderStatus SUCCESS updatedAt ...
 *   HDEL order:<id> execution consumer
 *   PUBLISH orders:status {...}
 *   LREM processing:<consumer> 1 <message>
 *   ZREM status:PENDING <id>
 *   ZREM user-status:PENDING:<userId> <id>
 *   ZADD status:SUCCESS 0 <id>
 *   ZADD user-status:SUCCESS:<userId> 0 <id>
 *
 * Behind all executions come the HINCRBYs of the counters (counters.h).
 *
 * Parked, it has ZADD delayed <due> <id> instead of an end, and no consumer.
 * What a callback adds is in callback.h.
 */

#include "worker/queue/commit.h"

#include "worker/clock.h"
#include "worker/execute/call.h"
#include "worker/execute/steps.h"
#include "worker/queue/callback.h"
#include "worker/queue/change.h"
#include "worker/queue/dead.h"
#include "worker/queue/deliveries.h"
#include "worker/worker.h"


#define WORKER_HSET_ARGS_MAX  (2 + 2 * ORDERS_RECORD_FIELD_COUNT)


/* A growing HSET. */
typedef struct {
    base_str_t   argv[WORKER_HSET_ARGS_MAX];
    size_t       argc;
} worker_hset_t;


static bool worker_commit_record(worker_lane_t *lane,
    worker_execution_t *execution);
static void worker_commit_field(worker_hset_t *hset,
    orders_record_field_t field, base_str_t value);
static void worker_commit_fields_new(worker_hset_t *hset,
    const orders_record_t *record);
static void worker_commit_gone(worker_lane_t *lane,
    const worker_execution_t *execution);
static bool worker_commit_indexes(worker_lane_t *lane,
    worker_execution_t *execution);
static void worker_commit_count(worker_lane_t *lane,
    const worker_execution_t *execution);
static void worker_commit_events(worker_lane_t *lane,
    worker_execution_t *execution);
static void worker_commit_delay(worker_lane_t *lane,
    const worker_execution_t *execution);
static bool worker_commit_dead(worker_lane_t *lane,
    worker_execution_t *execution);
static bool worker_commit_dead_message(worker_lane_t *lane,
    const worker_execution_t *execution, base_str_t text);


bool
worker_commit_write(worker_lane_t *lane, worker_execution_t *execution)
{
    worker_t       *worker = lane->worker;
    worker_call_t  *call;

    if (execution->fate == WORKER_FATE_DEAD) {
        if (!worker_commit_dead(lane, execution)) {
            return false;
        }

    } else if (execution->fate == WORKER_FATE_CHANGE) {
        if (!worker_change_write(lane, execution)) {
            return false;
        }

    } else if (execution->fate != WORKER_FATE_DROP
               && execution->fate != WORKER_FATE_LATER)
    {
        if (!worker_commit_record(lane, execution)) {
            return false;
        }

        worker_commit_gone(lane, execution);
        if (!worker_commit_indexes(lane, execution)
            || !worker_tally_execution(&lane->tally, execution))
        {
            return false;
        }

        worker_commit_count(lane, execution);

        worker_commit_events(lane, execution);
        worker_commit_delay(lane, execution);
    }

    if (!worker_callback_write(lane, execution)) {
        return false;
    }

    if (execution->fate != WORKER_FATE_KEEP || execution->called_back) {
        worker_lane_say(lane, BASE_STR("LREM"), worker->consumer.processing,
                        BASE_STR("1"), base_buf_str(&execution->text));
    }

    for (call = execution->calls; call != NULL; call = call->next) {
        call->sent = true;
    }

    execution->sent_fate = execution->fate;
    execution->sent_status = execution->record.status;
    execution->dirty = false;

    return true;
}


static bool
worker_commit_record(worker_lane_t *lane, worker_execution_t *execution)
{
    base_str_t        steps;
    worker_hset_t     hset;
    orders_record_t  *record = &execution->record;

    hset.argv[0] = BASE_STR("HSET");
    hset.argv[1] = execution->key;
    hset.argc = 2;

    worker_commit_field(&hset, ORDERS_RECORD_STATUS,
                        orders_status_name(record->status));
    worker_commit_field(&hset, ORDERS_RECORD_UPDATED_AT, record->updated_at);
    if (record->error_message.data != NULL) {
        worker_commit_field(&hset, ORDERS_RECORD_ERROR_MESSAGE,
                            record->error_message);
    }

    /* what an event tells is in it, too */
    if (execution->events != NULL) {
        worker_commit_field(&hset, ORDERS_RECORD_HISTORY, record->history);
    }

    if (record->payment.len > 0) {
        worker_commit_field(&hset, ORDERS_RECORD_PAYMENT, record->payment);
    }

    steps = worker_steps_text(execution);
    if (steps.len > 0) {
        worker_commit_field(&hset, ORDERS_RECORD_STEPS, steps);
    }

    if (execution->fate != WORKER_FATE_END) {
        base_buf_clear(&lane->text);
        asl_exec_save(execution->asl, &lane->text);
        if (lane->text.failed) {
            return false;
        }

        worker_commit_field(&hset, ORDERS_RECORD_EXECUTION,
                            base_buf_str(&lane->text));
    }

    if (execution->fate == WORKER_FATE_KEEP) {
        worker_commit_field(&hset, ORDERS_RECORD_CONSUMER,
                            lane->worker->consumer.id);
    }

    /* behind those that change: redis looks for these from the beginning */
    if (!execution->stored) {
        worker_commit_fields_new(&hset, record);
    }

    worker_lane_command(lane, hset.argv, hset.argc);
    return true;
}


static void
worker_commit_field(worker_hset_t *hset, orders_record_field_t field,
    base_str_t value)
{
    hset->argv[hset->argc++] = orders_record_field_name(field);
    hset->argv[hset->argc++] = value;
}


/* What never changes. */
static void
worker_commit_fields_new(worker_hset_t *hset, const orders_record_t *record)
{
    worker_commit_field(hset, ORDERS_RECORD_VERSION,
                        BASE_STR(ORDERS_RECORD_FORMAT));
    worker_commit_field(hset, ORDERS_RECORD_USER_ID, record->user_id);
    worker_commit_field(hset, ORDERS_RECORD_CREATED_AT, record->created_at);
    worker_commit_field(hset, ORDERS_RECORD_INPUT, record->input_text);
    worker_commit_field(hset, ORDERS_RECORD_WORKFLOW, record->workflow);
}


static void
worker_commit_gone(worker_lane_t *lane, const worker_execution_t *execution)
{
    base_str_t  consumer = orders_record_field_name(ORDERS_RECORD_CONSUMER);

    if (!execution->stored || execution->fate == WORKER_FATE_KEEP) {
        return;
    }

    if (execution->fate == WORKER_FATE_END) {
        worker_lane_say(lane, BASE_STR("HDEL"), execution->key,
                        orders_record_field_name(ORDERS_RECORD_EXECUTION),
                        consumer);
        return;
    }

    worker_lane_say(lane, BASE_STR("HDEL"), execution->key, consumer);
}


/* The sorted sets of ids; equal scores, see keys.c. */
static bool
worker_commit_indexes(worker_lane_t *lane, worker_execution_t *execution)
{
    bool              noted;
    worker_t         *worker = lane->worker;
    base_str_t        user = execution->record.user_id;
    base_str_t        all, was, is;
    orders_status_t   status = execution->record.status;
    orders_status_t   stored = execution->stored_status;
    worker_gather_t  *gather = &lane->gather;

    if (execution->stored && stored == status) {
        return true;
    }

    all = orders_key_user(&worker->keys, &lane->scratch, user);
    was = orders_key_user_status(&worker->keys, &lane->scratch, user,
                                 orders_status_name(stored));
    is = orders_key_user_status(&worker->keys, &lane->scratch, user,
                                orders_status_name(status));
    if (all.data == NULL || was.data == NULL || is.data == NULL) {
        return false;
    }

    if (!execution->stored) {
        noted = worker_gather_add(gather, all, execution);
    } else {
        noted = worker_gather_remove(gather, worker->status_keys[stored],
                                     execution)
                && worker_gather_remove(gather, was, execution);
    }

    return noted
           && worker_gather_add(gather, worker->status_keys[status], execution)
           && worker_gather_add(gather, is, execution);
}


static void
worker_commit_count(worker_lane_t *lane, const worker_execution_t *execution)
{
    if (!execution->stored) {
        worker_tally_count(&lane->tally, WORKER_COUNT_ACCEPTED);
    }

    if (execution->fate != WORKER_FATE_END) {
        return;
    }

    if (execution->record.status == ORDERS_STATUS_SUCCESS) {
        worker_tally_count(&lane->tally, WORKER_COUNT_SUCCEEDED);
    } else if (execution->record.status == ORDERS_STATUS_FAILED) {
        worker_tally_count(&lane->tally, WORKER_COUNT_FAILED);
    }
}


static void
worker_commit_events(worker_lane_t *lane, worker_execution_t *execution)
{
    worker_event_t  *event;

    execution->events_sent = NULL;
    for (event = execution->events; event != NULL; event = event->next) {
        worker_lane_say(lane, BASE_STR("PUBLISH"),
                        lane->worker->keys.status_channel, event->text);
        execution->events_sent = event;
    }
}


static void
worker_commit_delay(worker_lane_t *lane, const worker_execution_t *execution)
{
    int64_t               due_ms = INT64_MAX;
    base_buf_t           *digits = &lane->text;
    const worker_call_t  *call;

    if (execution->fate != WORKER_FATE_PARK) {
        return;
    }

    for (call = execution->calls; call != NULL; call = call->next) {
        due_ms = worker_call_next_ms(call) < due_ms
                     ? worker_call_next_ms(call) : due_ms;
    }

    base_buf_clear(digits);
    base_buf_add_int(digits, due_ms);
    worker_lane_say(lane, BASE_STR("ZADD"), lane->worker->keys.delayed,
                    base_buf_str(digits), execution->id);
}


/* The record, if there is one, stays as it was last committed: a redrive goes
 * on from there. */
static bool
worker_commit_dead(worker_lane_t *lane, worker_execution_t *execution)
{
    worker_handed_t  *handed;

    /* a callback may have met an order that another worker runs */
    if (execution->stored && !worker_callback_is(execution)) {
        worker_lane_say(lane, BASE_STR("HDEL"), execution->key,
                        orders_record_field_name(ORDERS_RECORD_CONSUMER));
    }

    for (handed = execution->handed; handed != NULL; handed = handed->next) {
        if (!worker_commit_dead_message(lane, execution, handed->text)) {
            return false;
        }
    }

    return worker_commit_dead_message(lane, execution,
                                      base_buf_str(&execution->text));
}


static bool
worker_commit_dead_message(worker_lane_t *lane,
    const worker_execution_t *execution, base_str_t text)
{
    worker_dead_t  dead = {
        .message = text, .error = execution->error, .cause = execution->cause,
        .deliveries = worker_deliveries_read(text),
        .consumer = lane->worker->consumer.id, .at_ms = worker_clock_ms()
    };

    base_buf_clear(&lane->text);
    worker_dead_write(&lane->text, &dead);
    if (lane->text.failed) {
        return false;
    }

    worker_tally_count(&lane->tally, WORKER_COUNT_DEAD);
    worker_lane_say(lane, BASE_STR("RPUSH"), lane->worker->keys.dead,
                    base_buf_str(&lane->text));
    return true;
}
