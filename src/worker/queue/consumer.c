/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/consumer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/clock.h"
#include "worker/queue/takeover.h"
#include "worker/worker.h"


#define WORKER_TICK_MS_MAX        1000
#define WORKER_RENEW_MS           500
#define WORKER_APPETITE_MIN       4
#define WORKER_APPETITE_MAX       128
#define WORKER_TAKE_BYTES         (8 * 1024 * 1024)     /* about, at once */
#define WORKER_WAIT_MS            5000
#define WORKER_WAIT_S             "5"


static size_t worker_consumer_portion(const worker_consumer_t *consumer);
static void worker_consumer_tick_handler(void *data);
static void worker_consumer_beat(worker_consumer_t *consumer);
static void worker_consumer_lease_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_consumer_time_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_consumer_queue_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_consumer_resume_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_consumer_suspects_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_consumer_seen(worker_consumer_t *consumer,
    worker_list_t list, const rds_reply_t *reply);
static void worker_consumer_paused_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_consumer_woken_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);


bool
worker_consumer_start(worker_t *worker)
{
    worker_consumer_t  *consumer = &worker->consumer;

    *consumer = (worker_consumer_t) {
        .worker = worker, .appetite = WORKER_APPETITE_MIN
    };

    base_arena_init(&consumer->memory, 512, BASE_ARENA_UNLIMITED);
    worker_register_init(consumer);
    consumer->tick_timer.fn = worker_consumer_tick_handler;
    consumer->tick_timer.data = consumer;

    consumer->wait_link = worker_link_new(worker, NULL, NULL);
    if (consumer->wait_link == NULL) {
        return false;
    }

    worker_chores_add(&worker->chores, &consumer->register_chore);
    return true;
}


void
worker_consumer_deinit(worker_consumer_t *consumer)
{
    rds_link_close(consumer->wait_link);
    consumer->wait_link = NULL;
    base_arena_deinit(&consumer->memory);
}


void
worker_consumer_renew(worker_consumer_t *consumer)
{
    worker_t  *worker = consumer->worker;

    if (consumer->state != WORKER_CONSUMER_IN) {
        return;
    }

    worker_takeover(worker, consumer->id, WORKER_TAKEOVER_UNCOUNTED);
    worker_timer_stop(&worker->timers, &consumer->tick_timer);
    consumer->state = WORKER_CONSUMER_OUT;
    consumer->beats = (worker_beats_t) { 0 };
    consumer->asked = 0;
    consumer->suspects = 0;

    /* its messages may be why */
    consumer->appetite = WORKER_APPETITE_MIN;
    consumer->largest = WORKER_TAKE_BYTES;

    /* not in a circle at full speed */
    if (uv_now(&worker->loop) >= consumer->begun_ms + WORKER_RENEW_MS
        || !worker_timer_start(&worker->timers, &consumer->register_timer,
                               WORKER_RENEW_MS))
    {
        worker_chores_add(&worker->chores, &consumer->register_chore);
    }
}


void
worker_consumer_leave(worker_consumer_t *consumer)
{
    worker_t  *worker = consumer->worker;

    if (consumer->state == WORKER_CONSUMER_IN) {
        worker_takeover(worker, consumer->id, WORKER_TAKEOVER_UNCOUNTED);
    }

    worker_timer_stop(&worker->timers, &consumer->tick_timer);
    worker_timer_stop(&worker->timers, &consumer->register_timer);
    consumer->state = WORKER_CONSUMER_LEFT;
}


void
worker_beats_answered(worker_beats_t *beats, bool taken, uint64_t late_ms,
    uint64_t now_ms)
{
    beats->due = false;

    if (!taken) {
        beats->since_ms = 0;
        return;
    }

    if (beats->asked_ms > beats->taken_ms + late_ms) {
        beats->since_ms = 0;
    }

    beats->taken_ms = beats->asked_ms;
    if (beats->since_ms == 0) {
        beats->since_ms = now_ms;
    }
}


uint64_t
worker_beats_since_ms(const worker_beats_t *beats, uint64_t late_ms,
    uint64_t now_ms)
{
    return now_ms > beats->taken_ms + late_ms ? 0 : beats->since_ms;
}


void
worker_consumer_look(worker_consumer_t *consumer)
{
    memset(consumer->maybe, true, sizeof(consumer->maybe));
}


unsigned
worker_consumer_takes(worker_consumer_t *consumer, worker_take_t *takes,
    size_t most)
{
    size_t         left;
    unsigned       n = 0;
    worker_list_t  list;

    if (consumer->state != WORKER_CONSUMER_IN || consumer->paused
        || consumer->worker->draining)
    {
        return 0;
    }

    left = worker_executions_room(&consumer->worker->executions);
    left = left > consumer->asked ? left - consumer->asked : 0;
    left = left < most ? left : most;
    left = left < worker_consumer_portion(consumer)
               ? left : worker_consumer_portion(consumer);

    for (list = 0; list < WORKER_LIST_COUNT && left > 0; list++) {
        size_t  count = list == WORKER_LIST_SUSPECTS ? 1 : consumer->appetite;

        /* at first one take is enough to see whether there is more */
        if (!consumer->maybe[list]
            || (list == WORKER_LIST_SUSPECTS && consumer->suspects > 0)
            || (list == WORKER_LIST_QUEUE && consumer->asked > 0
                && consumer->appetite == WORKER_APPETITE_MIN))
        {
            continue;
        }

        count = count < left ? count : left;
        takes[n].list = list;
        takes[n].count = (unsigned) count;
        left -= count;
        n++;

        consumer->asked += count;
        consumer->suspects += list == WORKER_LIST_SUSPECTS;
    }

    return n;
}


/* Takes at once, whose answer is not too large. */
static size_t
worker_consumer_portion(const worker_consumer_t *consumer)
{
    return consumer->largest < WORKER_TAKE_BYTES
               ? WORKER_TAKE_BYTES / (consumer->largest + 1) : 1;
}


void
worker_consumer_took(worker_consumer_t *consumer, const worker_take_t *take,
    unsigned taken, size_t largest)
{
    consumer->asked -= take->count;

    /* soon noticed, slowly forgotten */
    if (taken > 0) {
        consumer->largest -= consumer->largest / 8;
    }

    if (consumer->largest < largest) {
        consumer->largest = largest;
    }

    if (taken < take->count) {
        consumer->maybe[take->list] = false;
    }

    if (take->list == WORKER_LIST_SUSPECTS && taken == 0) {
        consumer->suspects--;
    }

    if (take->list != WORKER_LIST_QUEUE) {
        return;
    }

    if (taken < take->count) {
        consumer->appetite = WORKER_APPETITE_MIN;

    } else if (consumer->appetite < WORKER_APPETITE_MAX) {
        consumer->appetite *= 2;
    }
}


void
worker_consumer_turn(worker_consumer_t *consumer)
{
    worker_t    *worker = consumer->worker;
    base_str_t   argv[] = {
        BASE_STR("BLMOVE"), worker->keys.queue, worker->keys.queue,
        BASE_STR("LEFT"), BASE_STR("LEFT"), BASE_STR(WORKER_WAIT_S)
    };

    if (consumer->waiting || consumer->wait_refused
        || consumer->maybe[WORKER_LIST_QUEUE]
        || consumer->state != WORKER_CONSUMER_IN || consumer->paused
        || worker->draining)
    {
        return;
    }

    consumer->waiting = rds_link_send_blocking(consumer->wait_link, argv, 6,
                                               WORKER_WAIT_MS,
                                               worker_consumer_woken_handler,
                                               consumer) != NULL;
}


base_str_t
worker_list_key(const worker_t *worker, worker_list_t list)
{
    switch (list) {
    case WORKER_LIST_SUSPECTS:
        return worker->keys.suspects;
    case WORKER_LIST_RESUME:
        return worker->keys.resume;
    default:
        return worker->keys.queue;
    }
}


void
worker_consumer_begin(worker_consumer_t *consumer)
{
    consumer->state = WORKER_CONSUMER_IN;
    consumer->begun_ms = uv_now(&consumer->worker->loop);
    worker_consumer_look(consumer);
    worker_counters_look(consumer->worker);
    worker_lanes_open(consumer->worker);
    worker_consumer_tick_handler(consumer);
}


/* Renews the lease and looks at what nobody tells of. */
static void
worker_consumer_tick_handler(void *data)
{
    uint64_t            after_ms;
    worker_consumer_t  *consumer = data;
    worker_t           *worker = consumer->worker;
    orders_keys_t      *keys = &worker->keys;

    after_ms = worker->config->lease_ms / 3;
    if (after_ms > WORKER_TICK_MS_MAX) {
        after_ms = WORKER_TICK_MS_MAX;
    }

    (void) worker_timer_start(&worker->timers, &consumer->tick_timer, after_ms);

    worker_consumer_beat(consumer);
    worker_consumer_ask_time(consumer);

    if (!consumer->waiting) {
        consumer->wait_refused = false;
    }

    worker_ask(worker, worker_consumer_queue_handler, consumer,
               BASE_STR("LLEN"), keys->queue);
    worker_ask(worker, worker_consumer_resume_handler, consumer,
               BASE_STR("LLEN"), keys->resume);
    worker_ask(worker, worker_consumer_suspects_handler, consumer,
               BASE_STR("LLEN"), keys->suspects);
    worker_ask(worker, worker_consumer_paused_handler, consumer,
               BASE_STR("EXISTS"), keys->paused);
}


/* One at a time: what a slow redis has not answered yet renews the lease as
 * well. */
static void
worker_consumer_beat(worker_consumer_t *consumer)
{
    char             digits[24];
    worker_t        *worker = consumer->worker;
    worker_beats_t  *beats = &consumer->beats;
    base_str_t       argv[] = {
        BASE_STR("ZADD"), worker->keys.consumers, BASE_STR("XX"),
        BASE_STR("CH"), worker_consumer_lease(consumer, digits,
                                              sizeof(digits)),
        consumer->id
    };

    if (beats->due) {
        return;
    }

    beats->asked_ms = worker_clock_monotonic_ms();
    beats->due = rds_link_send(worker->chores.link, argv, 6,
                               worker_consumer_lease_handler, consumer)
                 != NULL;
    if (!beats->due) {
        beats->since_ms = 0;
    }
}


/* Gone from among the consumers: taken over.  An idle worker learns of it
 * here, a busy one from its commits. */
static void
worker_consumer_lease_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    bool                taken;
    int64_t             changed = 0;
    worker_consumer_t  *consumer = data;

    taken = outcome == RDS_REPLIED && rds_reply_int(reply, &changed);
    worker_beats_answered(&consumer->beats, taken,
                          consumer->worker->config->lease_ms,
                          worker_clock_monotonic_ms());

    if (taken && changed == 0 && consumer->state == WORKER_CONSUMER_IN) {
        worker_lanes_verify(consumer->worker);
    }
}


void
worker_consumer_ask_time(worker_consumer_t *consumer)
{
    base_str_t  argv[] = { BASE_STR("TIME") };

    if (consumer->clock_due) {
        return;
    }

    consumer->clock_asked_ms = worker_clock_monotonic_ms();
    consumer->clock_due = rds_link_send(consumer->worker->chores.link, argv, 1,
                                        worker_consumer_time_handler, consumer)
                          != NULL;
}


/* Seconds, and microseconds of the present one.  Refused, it is as it was. */
static void
worker_consumer_time_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    base_str_t          s, us;
    worker_consumer_t  *consumer = data;

    consumer->clock_due = false;
    s = rds_reply_str(rds_reply_at(reply, 0));
    us = rds_reply_str(rds_reply_at(reply, 1));

    if (outcome == RDS_REPLIED && s.len > 0 && us.len > 0) {
        worker_clock_follow(strtoll(s.data, NULL, 10) * 1000
                            + strtoll(us.data, NULL, 10) / 1000,
                            consumer->clock_asked_ms);
    }
}


/* Also while a BLMOVE waits: its connection may have died without a word. */
static void
worker_consumer_queue_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    (void) outcome;
    worker_consumer_seen(data, WORKER_LIST_QUEUE, reply);
}


static void
worker_consumer_resume_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    (void) outcome;
    worker_consumer_seen(data, WORKER_LIST_RESUME, reply);
}


static void
worker_consumer_suspects_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    (void) outcome;
    worker_consumer_seen(data, WORKER_LIST_SUSPECTS, reply);
}


static void
worker_consumer_seen(worker_consumer_t *consumer, worker_list_t list,
    const rds_reply_t *reply)
{
    int64_t  length;

    if (rds_reply_int(reply, &length) && length > 0) {
        consumer->maybe[list] = true;
    }
}


static void
worker_consumer_paused_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    bool                paused;
    int64_t             exists;
    worker_consumer_t  *consumer = data;

    if (outcome != RDS_REPLIED || !rds_reply_int(reply, &exists)) {
        return;
    }

    paused = exists > 0;
    if (paused != consumer->paused) {
        consumer->paused = paused;
        worker_consumer_look(consumer);
        worker_log(&consumer->worker->log, WORKER_LOG_NOTICE,
                   paused ? "paused: taking no more orders"
                          : "taking orders again");
    }
}



base_str_t
worker_consumer_lease(const worker_consumer_t *consumer, char *digits,
    size_t room)
{
    int64_t  ends_ms = worker_clock_ms() + consumer->worker->config->lease_ms;

    (void) snprintf(digits, room, "%lld", (long long) ends_ms);
    return base_str_c(digits);
}


/* Whatever it says, looking tells more.  After an error only the ticks look. */
static void
worker_consumer_woken_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_consumer_t  *consumer = data;

    consumer->waiting = false;
    consumer->wait_refused = outcome != RDS_REPLIED
                             || rds_reply_is_error(reply);
    consumer->maybe[WORKER_LIST_QUEUE] |= !consumer->wait_refused;
}
