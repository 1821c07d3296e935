/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/retention.h"

#include <string.h>

#include "base/time.h"
#include "base/uuid.h"
#include "worker/clock.h"
#include "worker/worker.h"


#define WORKER_SWEEP_EVERY_MS_MAX  60000
#define WORKER_SWEEP_PAGE          64
#define WORKER_SWEEP_LIMIT         "64"
#define WORKER_SWEEP_PAUSE_MS      5    /* between pages: others have a turn */


static void worker_retention_timer_handler(void *data);
static void worker_retention_run(worker_chore_t *chore);
static void worker_retention_page_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_retention_page(worker_retention_t *retention,
    const rds_reply_t *reply);
static void worker_retention_ask(worker_retention_t *retention);
static void worker_retention_order_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_retention_judge(worker_retention_t *retention, size_t i,
    const rds_reply_t *reply);
static void worker_retention_delete(worker_retention_t *retention);
static void worker_retention_commands(worker_retention_t *retention,
    rds_reply_fn last_fn);
static void worker_retention_queued_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_retention_removed_handler(void *data,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void worker_retention_deleted_handler(void *data,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void worker_retention_freed_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_retention_next(worker_retention_t *retention, bool done);
static void worker_retention_begin(worker_retention_t *retention,
    orders_status_t from);


void
worker_retention_start(worker_t *worker)
{
    worker_retention_t  *retention = &worker->retention;

    *retention = (worker_retention_t) { .worker = worker };
    base_arena_init(&retention->memory, 16 * 1024, BASE_ARENA_UNLIMITED);
    retention->chore.run = worker_retention_run;
    retention->chore.data = retention;
    retention->timer.fn = worker_retention_timer_handler;
    retention->timer.data = retention;

    if (worker->config->retention_s > 0) {
        worker_retention_begin(retention, 0);
    }
}


void
worker_retention_stop(worker_retention_t *retention)
{
    worker_timer_stop(&retention->worker->timers, &retention->timer);
}


void
worker_retention_deinit(worker_retention_t *retention)
{
    base_arena_deinit(&retention->memory);
}


/* The next status of an ended order, or the next sweep, after a while. */
static void
worker_retention_begin(worker_retention_t *retention, orders_status_t from)
{
    uint64_t         after_ms = WORKER_SWEEP_PAUSE_MS;
    worker_t        *worker = retention->worker;
    orders_status_t  status = from;

    while (status < ORDERS_STATUS_COUNT && !orders_status_terminal(status)) {
        status++;
    }

    if (status == ORDERS_STATUS_COUNT) {
        if (retention->deleted > 0) {
            worker_log(&worker->log, WORKER_LOG_NOTICE,
                       "deleted %zu orders that ended long ago",
                       retention->deleted);
            retention->deleted = 0;
        }

        worker_retention_begin(retention, 0);
        after_ms = (uint64_t) worker->config->retention_s * 1000 / 4;
        if (after_ms > WORKER_SWEEP_EVERY_MS_MAX) {
            after_ms = WORKER_SWEEP_EVERY_MS_MAX;
        }

    } else {
        retention->status = status;
        retention->from = BASE_STR("-");
    }

    (void) worker_timer_start(&worker->timers, &retention->timer, after_ms);
}


static void
worker_retention_timer_handler(void *data)
{
    worker_retention_t  *retention = data;

    worker_chores_add(&retention->worker->chores, &retention->chore);
}


static void
worker_retention_run(worker_chore_t *chore)
{
    worker_retention_t  *retention = chore->data;
    worker_t            *worker = retention->worker;

    retention->limit_ms = worker_clock_ms()
                          - (int64_t) worker->config->retention_s * 1000;
    worker_chores_command(&worker->chores, worker_retention_page_handler,
                          retention, BASE_STR("ZRANGEBYLEX"),
                          worker->status_keys[retention->status],
                          retention->from, BASE_STR("+"), BASE_STR("LIMIT"),
                          BASE_STR("0"), BASE_STR(WORKER_SWEEP_LIMIT));
}


static void
worker_retention_page_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_retention_t  *retention = data;

    if (outcome != RDS_REPLIED || rds_reply_is_error(reply)
        || !worker_retention_page(retention, reply))
    {
        worker_retention_next(retention, false);

    } else if (retention->count == 0) {
        worker_retention_next(retention, true);

    } else {
        worker_retention_ask(retention);
    }
}


/* False when out of memory. */
static bool
worker_retention_page(worker_retention_t *retention, const rds_reply_t *reply)
{
    size_t         i;
    base_str_t     id;
    base_arena_t  *memory = &retention->memory;

    base_arena_reset(memory);
    retention->count = 0;
    retention->ids = base_arena_calloc(memory, WORKER_SWEEP_PAGE,
                                       sizeof(base_str_t));
    retention->keys = base_arena_calloc(memory, WORKER_SWEEP_PAGE + 1,
                                        sizeof(base_str_t));
    retention->users = base_arena_calloc(memory, WORKER_SWEEP_PAGE,
                                         sizeof(base_str_t));
    retention->shares = base_arena_calloc(memory, WORKER_SWEEP_PAGE,
                                          sizeof(base_str_t));
    if (retention->ids == NULL || retention->keys == NULL
        || retention->users == NULL || retention->shares == NULL)
    {
        return false;
    }

    retention->keys[0] = BASE_STR("WATCH");
    retention->last = true;

    for (i = 0; i < WORKER_SWEEP_PAGE; i++) {
        if (rds_reply_at(reply, i) == NULL) {
            return true;
        }

        id = rds_reply_str(rds_reply_at(reply, i));
        if (base_uuid_v7_ms(id) > retention->limit_ms) {
            return true;
        }

        retention->keys[i + 1] = orders_key_order(&retention->worker->keys,
                                                  memory, id);
        if (!base_arena_str(memory, id, &retention->ids[i])
            || retention->keys[i + 1].data == NULL)
        {
            return false;
        }

        retention->count++;
    }

    retention->last = false;
    return true;
}


static void
worker_retention_ask(worker_retention_t *retention)
{
    size_t            i;
    worker_chores_t  *chores = &retention->worker->chores;

    retention->answered = 0;
    retention->failed = false;
    worker_chores_send(chores, retention->keys, retention->count + 1, NULL,
                       NULL);

    for (i = 0; i < retention->count; i++) {
        worker_chores_command(chores, worker_retention_order_handler,
                              retention, BASE_STR("HMGET"),
                              retention->keys[i + 1], BASE_STR("userId"),
                              BASE_STR("orderStatus"), BASE_STR("updatedAt"));
    }
}


static void
worker_retention_order_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_retention_t  *retention = data;

    if (outcome != RDS_REPLIED || rds_reply_is_error(reply)) {
        retention->failed = true;
    } else {
        worker_retention_judge(retention, retention->answered, reply);
    }

    retention->answered++;
    if (retention->answered < retention->count) {
        return;
    }

    if (retention->failed) {
        worker_retention_next(retention, false);
    } else {
        worker_retention_delete(retention);
    }
}


/* An index entry without an order goes, too. */
static void
worker_retention_judge(worker_retention_t *retention, size_t i,
    const rds_reply_t *reply)
{
    int64_t     ended_ms;
    base_str_t  user = rds_reply_str(rds_reply_at(reply, 0));
    base_str_t  status = rds_reply_str(rds_reply_at(reply, 1));
    base_str_t  updated_at = rds_reply_str(rds_reply_at(reply, 2));

    if (status.len > 0
        && (!base_str_eq(status, orders_status_name(retention->status))
            || !base_time_parse(updated_at, &ended_ms)
            || ended_ms > retention->limit_ms))
    {
        return;
    }

    retention->users[i] = orders_key_user(&retention->worker->keys,
                                          &retention->memory, user);
    retention->shares[i] = orders_key_user_status(
        &retention->worker->keys, &retention->memory, user,
        orders_status_name(retention->status));
    retention->failed |= retention->users[i].data == NULL
                         || retention->shares[i].data == NULL;
}


static void
worker_retention_delete(worker_retention_t *retention)
{
    worker_chores_t  *chores = &retention->worker->chores;

    retention->full = false;
    worker_chores_command(chores, NULL, NULL, BASE_STR("MULTI"));
    worker_retention_commands(retention, worker_retention_queued_handler);
    worker_chores_command(chores, worker_retention_deleted_handler, retention,
                          BASE_STR("EXEC"));
}


/* last_fn hears of the last command of each order. */
static void
worker_retention_commands(worker_retention_t *retention, rds_reply_fn last_fn)
{
    size_t            i;
    worker_t         *worker = retention->worker;
    worker_chores_t  *chores = &worker->chores;

    for (i = 0; i < retention->count; i++) {
        if (retention->users[i].data == NULL) {
            continue;
        }

        worker_chores_command(chores, NULL, NULL, BASE_STR("ZREM"),
                              retention->users[i], retention->ids[i]);
        worker_chores_command(chores, NULL, NULL, BASE_STR("ZREM"),
                              retention->shares[i], retention->ids[i]);
        worker_chores_command(chores, NULL, NULL, BASE_STR("DEL"),
                              retention->keys[i + 1]);
        worker_chores_command(chores, last_fn, retention, BASE_STR("ZREM"),
                              worker->status_keys[retention->status],
                              retention->ids[i]);
    }
}


static void
worker_retention_queued_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_retention_t  *retention = data;

    (void) outcome;
    retention->full |= rds_reply_error_kind(reply) == RDS_ERROR_FULL;
}


/* Outside of a transaction. */
static void
worker_retention_removed_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    int64_t              removed;
    worker_retention_t  *retention = data;

    (void) outcome;
    retention->deleted += rds_reply_int(reply, &removed) && removed > 0;
}


/* Nil: an order of the page was changed; the next sweep looks again. */
static void
worker_retention_deleted_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    size_t               i;
    worker_retention_t  *retention = data;

    if (outcome == RDS_REPLIED && rds_reply_is_error(reply)
        && retention->full)
    {
        worker_retention_commands(retention, worker_retention_removed_handler);
        worker_chores_command(&retention->worker->chores,
                              worker_retention_freed_handler, retention,
                              BASE_STR("UNWATCH"));
        return;
    }

    for (i = 0; i < retention->count; i++) {
        retention->deleted += retention->users[i].data != NULL
                              && rds_reply_at(reply, 0) != NULL;
    }

    worker_retention_next(retention,
                          outcome == RDS_REPLIED && !rds_reply_is_error(reply));
}


/* What there was to free of this page is free. */
static void
worker_retention_freed_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_retention_next(data, outcome == RDS_REPLIED
                                && !rds_reply_is_error(reply));
}


/* The page is over; not done: the sweep is given up until the next one. */
static void
worker_retention_next(worker_retention_t *retention, bool done)
{
    base_str_t        last;
    worker_chores_t  *chores = &retention->worker->chores;

    if (!done) {
        worker_chores_command(chores, NULL, NULL, BASE_STR("UNWATCH"));
        worker_chores_done(chores);
        worker_retention_begin(retention, ORDERS_STATUS_COUNT);
        return;
    }

    worker_chores_done(chores);

    if (retention->last) {
        worker_retention_begin(retention, retention->status + 1);
        return;
    }

    /* "(id": behind the last one of this page */
    last = retention->ids[retention->count - 1];
    if (last.len >= sizeof(retention->from_bytes)) {
        worker_retention_begin(retention, retention->status + 1);
        return;
    }

    retention->from_bytes[0] = '(';
    memcpy(retention->from_bytes + 1, last.data, last.len);
    retention->from = base_str(retention->from_bytes, last.len + 1);
    (void) worker_timer_start(&retention->worker->timers, &retention->timer,
                              WORKER_SWEEP_PAUSE_MS);
}
