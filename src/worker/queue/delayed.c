/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/delayed.h"

#include <stdio.h>

#include "base/time.h"
#include "worker/clock.h"
#include "worker/worker.h"


#define WORKER_DELAYED_EVERY_MS  100
#define WORKER_DELAYED_SOON_MS   10     /* when there was more */
#define WORKER_DELAYED_BATCH     128
#define WORKER_DELAYED_LIMIT     "128"


static void worker_delayed_timer_handler(void *data);
static void worker_delayed_due_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_delayed_run(worker_chore_t *chore);
static void worker_delayed_range_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_delayed_wake(worker_delayed_t *delayed,
    const rds_reply_t *reply);
static void worker_delayed_woken_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);


void
worker_delayed_start(worker_t *worker)
{
    worker_delayed_t  *delayed = &worker->delayed;

    *delayed = (worker_delayed_t) { .worker = worker };
    delayed->chore.run = worker_delayed_run;
    delayed->chore.data = delayed;
    delayed->timer.fn = worker_delayed_timer_handler;
    delayed->timer.data = delayed;

    worker_delayed_timer_handler(delayed);
}


void
worker_delayed_stop(worker_delayed_t *delayed)
{
    worker_timer_stop(&delayed->worker->timers, &delayed->timer);
}


void
worker_delayed_message(base_buf_t *buf, base_str_t id, int64_t now_ms)
{
    char              at[BASE_TIME_TEXT_BYTES];
    orders_message_t  message = {
        .kind = ORDERS_MESSAGE_RESUME, .id = id,
        .created_at = base_str(at, sizeof(at))
    };

    base_time_format(now_ms, at);
    orders_message_write(buf, &message);
}


void
worker_delayed_member(base_buf_t *buf, base_str_t member, int64_t now_ms)
{
    if (base_str_starts(member, BASE_STR("{"))) {
        base_buf_add_str(buf, member);
    } else {
        worker_delayed_message(buf, member, now_ms);
    }
}


/* A cheap look; the chore follows only if something is due. */
static void
worker_delayed_timer_handler(void *data)
{
    char               now[24];
    worker_delayed_t  *delayed = data;
    worker_t          *worker = delayed->worker;

    (void) worker_timer_start(&worker->timers, &delayed->timer,
                              delayed->more ? WORKER_DELAYED_SOON_MS
                                            : WORKER_DELAYED_EVERY_MS);
    delayed->more = false;

    if (worker->consumer.state != WORKER_CONSUMER_IN
        || worker->consumer.paused)
    {
        return;
    }

    (void) snprintf(now, sizeof(now), "%lld", (long long) worker_clock_ms());
    worker_ask(worker, worker_delayed_due_handler, delayed,
               BASE_STR("ZRANGEBYSCORE"), worker->keys.delayed,
               BASE_STR("-inf"), base_str_c(now), BASE_STR("LIMIT"),
               BASE_STR("0"), BASE_STR("1"));
}


static void
worker_delayed_due_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_delayed_t  *delayed = data;

    if (outcome == RDS_REPLIED && rds_reply_at(reply, 0) != NULL) {
        worker_chores_add(&delayed->worker->chores, &delayed->chore);
    }
}


static void
worker_delayed_run(worker_chore_t *chore)
{
    char               now[24];
    worker_delayed_t  *delayed = chore->data;
    worker_chores_t   *chores = &delayed->worker->chores;

    (void) snprintf(now, sizeof(now), "%lld", (long long) worker_clock_ms());

    worker_chores_command(chores, NULL, NULL, BASE_STR("WATCH"),
                          delayed->worker->keys.waker);
    worker_chores_command(chores, worker_delayed_range_handler, delayed,
                          BASE_STR("ZRANGEBYSCORE"),
                          delayed->worker->keys.delayed, BASE_STR("-inf"),
                          base_str_c(now), BASE_STR("LIMIT"), BASE_STR("0"),
                          BASE_STR(WORKER_DELAYED_LIMIT));
}


static void
worker_delayed_range_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_delayed_t  *delayed = data;
    worker_chores_t   *chores = &delayed->worker->chores;

    if (outcome == RDS_REPLIED && rds_reply_at(reply, 0) != NULL
        && worker_delayed_wake(delayed, reply))
    {
        return;
    }

    worker_chores_command(chores, NULL, NULL, BASE_STR("UNWATCH"));
    worker_chores_done(chores);
}


/* False when out of memory. */
static bool
worker_delayed_wake(worker_delayed_t *delayed, const rds_reply_t *reply)
{
    size_t            n;
    base_buf_t        message;
    base_str_t       *remove, *push;
    base_arena_t      arena;
    worker_t         *worker = delayed->worker;
    worker_chores_t  *chores = &worker->chores;

    base_arena_init(&arena, 32 * 1024, BASE_ARENA_UNLIMITED);
    remove = base_arena_calloc(&arena, WORKER_DELAYED_BATCH + 2,
                               sizeof(base_str_t));
    push = base_arena_calloc(&arena, WORKER_DELAYED_BATCH + 2,
                             sizeof(base_str_t));
    if (remove == NULL || push == NULL) {
        base_arena_deinit(&arena);
        return false;
    }

    remove[0] = BASE_STR("ZREM");
    remove[1] = worker->keys.delayed;
    push[0] = BASE_STR("RPUSH");
    push[1] = worker->keys.resume;

    for (n = 0; n < WORKER_DELAYED_BATCH; n++) {
        if (rds_reply_at(reply, n) == NULL) {
            break;
        }

        remove[n + 2] = rds_reply_str(rds_reply_at(reply, n));
        base_buf_init(&message, &arena, SIZE_MAX);
        worker_delayed_member(&message, remove[n + 2], worker_clock_ms());
        push[n + 2] = base_buf_str(&message);

        if (message.failed) {
            base_arena_deinit(&arena);
            return false;
        }
    }

    delayed->more = n == WORKER_DELAYED_BATCH;
    worker_chores_command(chores, NULL, NULL, BASE_STR("MULTI"));
    worker_chores_command(chores, NULL, NULL, BASE_STR("SET"),
                          worker->keys.waker, worker->consumer.id);
    worker_chores_send(chores, remove, n + 2, NULL, NULL);
    worker_chores_send(chores, push, n + 2, NULL, NULL);
    worker_chores_command(chores, worker_delayed_woken_handler, delayed,
                          BASE_STR("EXEC"));
    base_arena_deinit(&arena);

    return true;
}


/* Nil: another worker was faster.  What is still due is found by the next
 * look. */
static void
worker_delayed_woken_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_delayed_t  *delayed = data;

    (void) outcome;
    (void) reply;

    worker_consumer_look(&delayed->worker->consumer);
    worker_chores_done(&delayed->worker->chores);
}
