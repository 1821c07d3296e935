/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/intake.h"

#include "worker/execute/executor.h"
#include "worker/queue/callback.h"
#include "worker/queue/change.h"
#include "worker/worker.h"


/* Of a key's life: so much the clocks of front doors may differ, or leap. */
#define WORKER_KEY_SKEW_SHARE   2
#define WORKER_KEY_TTL_MS       120000  /* where the message does not tell */
#define WORKER_KEY_TTL_S_MAX    3153600000


static void worker_intake_meets(worker_execution_t *execution,
    worker_execution_t *other);
static bool worker_intake_ask(worker_execution_t *execution);
static void worker_intake_watch_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_intake_lost(const worker_execution_t *execution,
    base_str_t owner);
static void worker_intake_hash_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_intake_key_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_intake_delayed_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_intake_owner_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_intake_answered(worker_execution_t *execution,
    rds_outcome_t outcome, const rds_reply_t *reply);
static bool worker_intake_record(worker_execution_t *execution,
    const rds_reply_t *reply);
static void worker_intake_decide(worker_execution_t *execution);
static void worker_intake_resume(worker_execution_t *execution);
static bool worker_intake_ask_owner(worker_execution_t *execution);


void
worker_intake_taken(worker_lane_t *lane, worker_list_t list, base_str_t text)
{
    worker_t            *worker = lane->worker;
    worker_execution_t  *execution;

    execution = worker_execution_take(&worker->executions, worker, lane);
    if (execution == NULL) {
        worker_renew(worker, "out of memory");
        return;
    }

    execution->suspect = list == WORKER_LIST_SUSPECTS;
    if (!worker_execution_set_text(execution, text)) {
        worker_renew(worker, "out of memory");
        return;
    }

    worker_intake_open(execution);
}


void
worker_intake_open(worker_execution_t *execution)
{
    base_str_t           reason = BASE_STR("");
    worker_t            *worker = execution->worker;
    orders_message_t    *message = &execution->message;
    worker_execution_t  *other;

    if (!orders_message_read(&execution->arena, base_buf_str(&execution->text),
                             message, &reason))
    {
        worker_executor_give_up(execution, BASE_STR("Message.Invalid"),
                                reason);
        return;
    }

    if (!execution->named) {
        other = worker_execution_find(&worker->executions, message->id);
        if (other != NULL) {
            worker_intake_meets(execution, other);
            return;
        }

        worker_execution_name(&worker->executions, execution, message->id);
    }

    execution->key = orders_key_order(&worker->keys, &execution->arena,
                                      execution->id);
    if (execution->key.data == NULL) {
        worker_renew(worker, "out of memory");
        return;
    }

    execution->phase = WORKER_PHASE_UNREAD;
    worker_execution_queue_add(&execution->lane->unread, execution);
}


/* Another message of the same order is in our hands. */
static void
worker_intake_meets(worker_execution_t *execution, worker_execution_t *other)
{
    if (worker_change_is(other) || worker_callback_is(other)) {
        worker_intake_wait(execution, other);

    } else if (worker_change_is(execution)) {
        worker_change_meets(execution, other);

    } else if (worker_callback_is(execution)) {
        worker_callback_meets(execution, other);

    } else if (execution->message.kind != other->message.kind
               && !worker_intake_runs(other))
    {
        worker_intake_wait(execution, other);

    } else {
        worker_intake_drop(execution, "its order is being run");
    }
}


bool
worker_intake_runs(const worker_execution_t *other)
{
    return other->phase == WORKER_PHASE_RUNNING
           || ((other->phase == WORKER_PHASE_READY
                || other->phase == WORKER_PHASE_COMMITTING)
               && !other->watched && other->fate != WORKER_FATE_DROP
               && other->fate != WORKER_FATE_LATER);
}


void
worker_intake_wait(worker_execution_t *execution, worker_execution_t *other)
{
    worker_execution_t  **last = &other->waiters;

    execution->phase = WORKER_PHASE_WAITING;
    execution->next = NULL;
    while (*last != NULL) {
        last = &(*last)->next;
    }

    *last = execution;
}


void
worker_intake_release(worker_execution_t *execution)
{
    worker_execution_unname(execution->executions, execution);
    worker_intake_wake(execution);
}


void
worker_intake_wake(worker_execution_t *execution)
{
    worker_execution_t  *waiter, *waiters = execution->waiters;

    execution->waiters = NULL;

    while (waiters != NULL) {
        waiter = waiters;
        waiters = waiter->next;
        waiter->next = NULL;
        worker_execution_reset(waiter);
        worker_intake_open(waiter);
    }
}


void
worker_intake_drop(worker_execution_t *execution, const char *reason)
{
    worker_log(&execution->worker->log, WORKER_LOG_INFO,
               "order %.*s: a %.*s message is dropped: %s",
               BASE_STR_ARG(execution->message.id),
               BASE_STR_ARG(orders_message_kind_name(execution->message.kind)),
               reason);

    worker_execution_set_fate(execution, WORKER_FATE_DROP);
    execution->watched = false;
    worker_lane_ready(execution);
}


void
worker_intake_read(worker_lane_t *lane)
{
    bool                 asked;
    size_t               i, n = 0;
    base_str_t           argv[WORKER_READ_MAX + 1] = { BASE_STR("WATCH") };
    worker_execution_t  *executions[WORKER_READ_MAX];

    while (n < WORKER_READ_MAX && n < lane->group_max
           && lane->unread.count > 0)
    {
        executions[n] = worker_execution_queue_take(&lane->unread);
        argv[n + 1] = executions[n]->key;
        n++;
    }

    asked = rds_link_send(lane->link, argv, n + 1, worker_intake_watch_handler,
                          lane) != NULL;

    for (i = 0; i < n && asked; i++) {
        asked = worker_intake_ask(executions[i]);
    }

    if (!asked) {
        worker_renew(lane->worker, "out of memory");
    }
}


static bool
worker_intake_ask(worker_execution_t *execution)
{
    base_str_t         key;
    worker_lane_t     *lane = execution->lane;
    orders_message_t  *message = &execution->message;

    execution->phase = WORKER_PHASE_READING;
    execution->watched = true;
    execution->replies_due = 1;
    lane->reading++;

    if (worker_change_is(execution)) {
        execution->replies_due = 2;
        if (rds_link_send(lane->link,
                          (const base_str_t []) { BASE_STR("ZSCORE"),
                                                  lane->worker->keys.delayed,
                                                  execution->id },
                          3, worker_intake_delayed_handler, execution) == NULL)
        {
            return false;
        }

    } else if (message->idempotency_key.len > 0) {
        key = orders_key_idempotency(&lane->worker->keys, &execution->arena,
                                     message->user_id,
                                     message->idempotency_key);
        execution->replies_due = 2;
        if (key.data == NULL
            || rds_link_send(lane->link,
                             (const base_str_t []) { BASE_STR("GET"), key }, 2,
                             worker_intake_key_handler, execution) == NULL)
        {
            return false;
        }
    }

    return rds_link_send(lane->link,
                         (const base_str_t []) { BASE_STR("HGETALL"),
                                                 execution->key },
                         2, worker_intake_hash_handler, execution) != NULL;
}


/* Refused, it guards nothing: nothing that was read may be built on. */
static void
worker_intake_watch_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_lane_t  *lane = data;

    if (outcome == RDS_REPLIED && rds_reply_is_error(reply)) {
        worker_renew(lane->worker, "redis refuses to WATCH");
    }
}


static void
worker_intake_key_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    base_str_t           owner;
    worker_execution_t  *execution = data;

    if (!worker_intake_answered(execution, outcome, reply)) {
        return;
    }

    /* the value begins with the id of the order that has the key */
    owner = rds_reply_str(reply);
    if (!rds_reply_is_error(reply) && owner.len >= BASE_UUID_TEXT_BYTES) {
        owner.len = BASE_UUID_TEXT_BYTES;
        execution->void_key = worker_intake_lost(execution, owner);
    }

    worker_intake_decide(execution);
}


/*
 * An owner that is younger than the order by the life of a key did not keep it
 * from the key: it got the key after that of the order, which has waited for so
 * long, had expired.  One that is older did; or seems to be younger, where the
 * clock of a front door is wrong or has leapt back.  Half of the life lies
 * farthest from both.
 */
static bool
worker_intake_lost(const worker_execution_t *execution, base_str_t owner)
{
    int64_t  ttl_s = execution->message.idempotency_ttl_s;
    int64_t  ttl_ms = WORKER_KEY_TTL_MS;

    if (ttl_s > 0) {
        ttl_ms = 1000 * (ttl_s < WORKER_KEY_TTL_S_MAX ? ttl_s
                                                      : WORKER_KEY_TTL_S_MAX);
    }

    return !base_str_eq(execution->id, owner)
           && base_uuid_v7_ms(owner) < base_uuid_v7_ms(execution->id)
                                       + ttl_ms / WORKER_KEY_SKEW_SHARE;
}


static void
worker_intake_delayed_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_execution_t  *execution = data;

    if (!worker_intake_answered(execution, outcome, reply)) {
        return;
    }

    execution->delayed = reply->type == REDIS_REPLY_STRING;
    worker_intake_decide(execution);
}


static void
worker_intake_hash_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_execution_t  *execution = data;

    if (!worker_intake_answered(execution, outcome, reply)) {
        return;
    }

    if (rds_reply_is_error(reply)) {
        execution->found = ORDERS_RECORD_INVALID;

    } else if (!worker_intake_record(execution, reply)) {
        worker_renew(execution->worker, "out of memory");
        return;
    }

    worker_intake_decide(execution);
}


/* False if there is no answer to build on; WRONGTYPE is one. */
static bool
worker_intake_answered(worker_execution_t *execution, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    rds_error_kind_t  kind;

    if (outcome != RDS_REPLIED
        || execution->lane->state == WORKER_LANE_SHUT)
    {
        return false;
    }

    kind = rds_reply_error_kind(reply);
    if (kind != RDS_ERROR_NONE && kind != RDS_ERROR_OTHER) {
        worker_renew(execution->worker, rds_reply_str(reply).data);
        return false;
    }

    return true;
}


/* The record, copied: the reply does not last.  False when out of memory. */
static bool
worker_intake_record(worker_execution_t *execution, const rds_reply_t *reply)
{
    size_t      i;
    unsigned    field;
    base_str_t  name, values[ORDERS_RECORD_FIELD_COUNT] = { { NULL, 0 } };

    for (i = 0; rds_reply_at(reply, i + 1) != NULL; i += 2) {
        name = rds_reply_str(rds_reply_at(reply, i));

        for (field = 0; field < ORDERS_RECORD_FIELD_COUNT; field++) {
            if (!base_str_eq(name, orders_record_field_name(field))) {
                continue;
            }

            if (!base_arena_str(&execution->arena,
                                rds_reply_str(rds_reply_at(reply, i + 1)),
                                &values[field]))
            {
                return false;
            }
        }
    }

    execution->found = orders_record_read(&execution->arena, execution->id,
                                          values, ORDERS_RECORD_FIELD_COUNT,
                                          &execution->record);
    return execution->found != ORDERS_RECORD_NOMEM;
}


static void
worker_intake_decide(worker_execution_t *execution)
{
    bool                    resume;
    const orders_record_t  *record = &execution->record;

    execution->replies_due--;
    if (execution->replies_due > 0) {
        return;
    }

    resume = execution->message.kind == ORDERS_MESSAGE_RESUME;
    execution->stored = execution->found == ORDERS_RECORD_OK;

    if (worker_change_is(execution)) {
        worker_change_decide(execution);

    } else if (worker_callback_is(execution)) {
        worker_callback_decide(execution);

    } else if (execution->void_key) {
        worker_intake_drop(execution, "another order has its idempotency key");

    } else if (execution->found == ORDERS_RECORD_INVALID) {
        worker_intake_unreadable(execution);

    } else if (execution->found == ORDERS_RECORD_ABSENT && !resume) {
        worker_executor_start(execution);

    } else if (execution->found == ORDERS_RECORD_ABSENT) {
        worker_intake_drop(execution, "its order is gone");

    } else if (record->execution.len == 0) {
        worker_intake_drop(execution, "its order has ended");

    } else if (record->consumer.len == 0 && !resume) {
        worker_intake_drop(execution, "its order is parked or a dead letter");

    } else if (record->consumer.len > 0
               && !base_str_eq(record->consumer,
                               execution->worker->consumer.id))
    {
        if (!worker_intake_ask_owner(execution)) {
            worker_renew(execution->worker, "out of memory");
        }
        return;

    } else {
        worker_intake_resume(execution);
    }

    execution->lane->reading--;
}


static void
worker_intake_resume(worker_execution_t *execution)
{
    if (worker_executor_load(execution)
        && !worker_callback_puts_off(execution))
    {
        worker_executor_resume(execution);
    }
}


void
worker_intake_unreadable(worker_execution_t *execution)
{
    execution->watched = false;
    worker_executor_give_up(execution, BASE_STR("Order.Unreadable"),
                            BASE_STR("what is stored under the order's key is "
                                     "no order of a version that this worker "
                                     "knows"));
}


/* Does the registration that runs the order still count? */
static bool
worker_intake_ask_owner(worker_execution_t *execution)
{
    base_str_t  argv[] = {
        BASE_STR("EXISTS"),
        orders_key_epoch(&execution->worker->keys, &execution->arena,
                         execution->record.consumer)
    };

    return argv[1].data != NULL
           && rds_link_send(execution->lane->link, argv, 2,
                            worker_intake_owner_handler, execution) != NULL;
}


static void
worker_intake_owner_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    int64_t              exists;
    worker_execution_t  *execution = data;

    if (!worker_intake_answered(execution, outcome, reply)) {
        return;
    }

    if (rds_reply_int(reply, &exists) && exists == 0) {
        worker_intake_resume(execution);
    } else {
        worker_intake_drop(execution, "its order is run by another worker");
    }

    execution->lane->reading--;
}
