/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/takeover.h"

#include <stdio.h>
#include <stdlib.h>

#include "worker/clock.h"
#include "worker/queue/counters.h"
#include "worker/queue/dead.h"
#include "worker/queue/deliveries.h"
#include "worker/worker.h"


#define WORKER_TAKEOVER_BATCH     64    /* messages at once, at most */
#define WORKER_TAKEOVER_FIRST     16
#define WORKER_TAKEOVER_BYTES     (4 * 1024 * 1024)     /* in them, about */
#define WORKER_TAKEOVER_RETRY_MS  500

#define WORKER_SUSPECT_MIN        2       /* deliveries */
#define WORKER_SUSPECT_TRIES      2       /* alone, before it is given up */

/* Where messages go. */
typedef enum {
    WORKER_HEAP_RESUME = 0,
    WORKER_HEAP_SUSPECTS,
    WORKER_HEAP_DEAD,
    WORKER_HEAP_COUNT
} worker_heap_t;


struct worker_takeover_s {
    worker_takeover_t       *next;
    worker_t                *worker;
    worker_chore_t           chore;
    worker_timer_t           retry;
    worker_takeover_kind_t   kind;
    base_arena_t             memory;    /* the names, as long as it lives */
    base_str_t               consumer;
    base_str_t               processing;
    base_str_t               epoch_key;
    size_t                   batch;     /* messages in the next round */
    size_t                   moved;
    size_t                   dead;
    size_t                   moving;    /* of them, in the transaction */
    size_t                   dying;     /* under way */
    bool                     unwatched; /* the list: WATCH was refused */
    bool                     complained;
};


static bool worker_takeover_init(worker_takeover_t *takeover,
    base_str_t consumer);
static void worker_takeover_free(worker_takeover_t *takeover);
static void worker_takeover_retry_handler(void *data);
static void worker_takeover_run(worker_chore_t *chore);
static void worker_takeover_fenced_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_takeover_round(worker_takeover_t *takeover);
static void worker_takeover_watch_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_takeover_range_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_takeover_move(worker_takeover_t *takeover,
    const rds_reply_t *reply);
static void worker_takeover_learn(worker_takeover_t *takeover, size_t bytes);
static worker_heap_t worker_takeover_sort(worker_takeover_t *takeover,
    base_arena_t *arena, base_str_t text, base_str_t *moved);
static bool worker_takeover_suspect(const worker_takeover_t *takeover,
    uint32_t deliveries);
static void worker_takeover_moved_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_takeover_removed_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_takeover_failed(worker_takeover_t *takeover,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void worker_takeover_complain(worker_takeover_t *takeover,
    const rds_reply_t *reply);
static void worker_takeover_postpone(worker_takeover_t *takeover);


bool
worker_takeover(worker_t *worker, base_str_t consumer,
    worker_takeover_kind_t kind)
{
    worker_takeover_t  *takeover;

    for (takeover = worker->takeovers; takeover; takeover = takeover->next) {
        if (base_str_eq(takeover->consumer, consumer)) {
            return false;
        }
    }

    takeover = calloc(1, sizeof(worker_takeover_t));
    if (takeover == NULL) {
        return false;
    }

    takeover->worker = worker;
    takeover->kind = kind;
    if (!worker_takeover_init(takeover, consumer)) {
        worker_takeover_free(takeover);
        return false;
    }

    takeover->next = worker->takeovers;
    worker->takeovers = takeover;
    worker_chores_add(&worker->chores, &takeover->chore);

    return true;
}


bool
worker_takeovers_open(const worker_t *worker)
{
    return worker->takeovers != NULL;
}


void
worker_takeovers_deinit(worker_t *worker)
{
    worker_takeover_t  *takeover;

    while (worker->takeovers != NULL) {
        takeover = worker->takeovers;
        worker->takeovers = takeover->next;
        worker_takeover_free(takeover);
    }
}


static bool
worker_takeover_init(worker_takeover_t *takeover, base_str_t consumer)
{
    const orders_keys_t  *keys = &takeover->worker->keys;

    base_arena_init(&takeover->memory, 512, BASE_ARENA_UNLIMITED);
    takeover->batch = WORKER_TAKEOVER_FIRST;
    takeover->chore.run = worker_takeover_run;
    takeover->chore.data = takeover;
    takeover->retry.fn = worker_takeover_retry_handler;
    takeover->retry.data = takeover;

    if (!base_arena_str(&takeover->memory, consumer, &takeover->consumer)) {
        return false;
    }

    takeover->processing = orders_key_processing(keys, &takeover->memory,
                                                 consumer);
    takeover->epoch_key = orders_key_epoch(keys, &takeover->memory, consumer);

    return takeover->processing.data != NULL
           && takeover->epoch_key.data != NULL;
}


static void
worker_takeover_free(worker_takeover_t *takeover)
{
    worker_timer_stop(&takeover->worker->timers, &takeover->retry);
    base_arena_deinit(&takeover->memory);
    free(takeover);
}


static void
worker_takeover_retry_handler(void *data)
{
    worker_takeover_t  *takeover = data;

    worker_chores_add(&takeover->worker->chores, &takeover->chore);
}


static void
worker_takeover_run(worker_chore_t *chore)
{
    worker_takeover_t  *takeover = chore->data;

    worker_chores_command(&takeover->worker->chores,
                          worker_takeover_fenced_handler, takeover,
                          BASE_STR("DEL"), takeover->epoch_key);
}


static void
worker_takeover_fenced_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_takeover_t  *takeover = data;

    if (!worker_takeover_failed(takeover, outcome, reply)) {
        worker_takeover_round(takeover);
    }
}


static void
worker_takeover_round(worker_takeover_t *takeover)
{
    char              last[24];
    worker_chores_t  *chores = &takeover->worker->chores;

    (void) snprintf(last, sizeof(last), "%zu", takeover->batch - 1);
    takeover->unwatched = false;
    worker_chores_command(chores, worker_takeover_watch_handler, takeover,
                          BASE_STR("WATCH"), takeover->processing);
    worker_chores_command(chores, worker_takeover_range_handler, takeover,
                          BASE_STR("LRANGE"), takeover->processing,
                          BASE_STR("0"), base_str_c(last));
}


/* Two take-overs would not exclude each other. */
static void
worker_takeover_watch_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_takeover_t  *takeover = data;

    if (outcome == RDS_REPLIED && rds_reply_is_error(reply)) {
        takeover->unwatched = true;
        worker_takeover_complain(takeover, reply);
    }
}


static void
worker_takeover_range_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_takeover_t  *takeover = data;
    worker_chores_t    *chores = &takeover->worker->chores;

    if (worker_takeover_failed(takeover, outcome, reply)) {
        return;
    }

    if (takeover->unwatched) {
        worker_takeover_postpone(takeover);
        return;
    }

    if (rds_reply_at(reply, 0) != NULL) {
        if (!worker_takeover_move(takeover, reply)) {
            worker_takeover_postpone(takeover);
        }
        return;
    }

    worker_chores_command(chores, NULL, NULL, BASE_STR("UNWATCH"));
    worker_chores_command(chores, worker_takeover_removed_handler, takeover,
                          BASE_STR("ZREM"), takeover->worker->keys.consumers,
                          takeover->consumer);
}


/* One transaction for one batch; false when out of memory. */
static bool
worker_takeover_move(worker_takeover_t *takeover, const rds_reply_t *reply)
{
    bool              done = false;
    char              digits[24];
    size_t            i, bytes = 0, counts[WORKER_HEAP_COUNT] = { 2, 2, 2 };
    base_str_t        text, *argv[WORKER_HEAP_COUNT];
    base_arena_t      arena;
    worker_heap_t     heap;
    worker_chores_t  *chores = &takeover->worker->chores;
    orders_keys_t    *keys = &takeover->worker->keys;

    base_arena_init(&arena, 64 * 1024, BASE_ARENA_UNLIMITED);

    for (i = 0; i < WORKER_HEAP_COUNT; i++) {
        argv[i] = base_arena_calloc(&arena, WORKER_TAKEOVER_BATCH + 2,
                                    sizeof(base_str_t));
        if (argv[i] == NULL) {
            goto done;
        }

        argv[i][0] = BASE_STR("RPUSH");
    }

    argv[WORKER_HEAP_RESUME][1] = keys->resume;
    argv[WORKER_HEAP_SUSPECTS][1] = keys->suspects;
    argv[WORKER_HEAP_DEAD][1] = keys->dead;

    for (i = 0; rds_reply_at(reply, i) != NULL; i++) {
        heap = worker_takeover_sort(takeover, &arena,
                                    rds_reply_str(rds_reply_at(reply, i)),
                                    &text);
        if (text.data == NULL) {
            goto done;
        }

        argv[heap][counts[heap]++] = text;
        bytes += text.len;
    }

    worker_takeover_learn(takeover, bytes);
    takeover->moving = i;
    takeover->dying = counts[WORKER_HEAP_DEAD] - 2;

    (void) snprintf(digits, sizeof(digits), "%zu", i);
    worker_chores_command(chores, NULL, NULL, BASE_STR("MULTI"));
    worker_chores_command(chores, NULL, NULL, BASE_STR("LPOP"),
                          takeover->processing, base_str_c(digits));

    for (i = 0; i < WORKER_HEAP_COUNT; i++) {
        if (counts[i] > 2) {
            worker_chores_send(chores, argv[i], counts[i], NULL, NULL);
        }
    }

    if (takeover->dying > 0) {
        (void) snprintf(digits, sizeof(digits), "%zu", takeover->dying);
        worker_chores_command(chores, NULL, NULL, BASE_STR("HINCRBY"),
                              keys->stats,
                              worker_count_name(WORKER_COUNT_DEAD),
                              base_str_c(digits));
    }

    worker_chores_command(chores, worker_takeover_moved_handler, takeover,
                          BASE_STR("EXEC"));
    done = true;

done:

    base_arena_deinit(&arena);
    return done;
}


/* How many the next round takes: those of this one had so many bytes. */
static void
worker_takeover_learn(worker_takeover_t *takeover, size_t bytes)
{
    if (bytes < WORKER_TAKEOVER_BYTES / 2) {
        takeover->batch = 2 * takeover->batch < WORKER_TAKEOVER_BATCH
                              ? 2 * takeover->batch : WORKER_TAKEOVER_BATCH;

    } else if (bytes > WORKER_TAKEOVER_BYTES && takeover->batch > 1) {
        takeover->batch /= 2;
    }
}


/* Where a message goes, and as what; moved->data is NULL when out of memory. */
static worker_heap_t
worker_takeover_sort(worker_takeover_t *takeover, base_arena_t *arena,
    base_str_t text, base_str_t *moved)
{
    bool           counted = takeover->kind == WORKER_TAKEOVER_COUNTED;
    uint32_t       deliveries = worker_deliveries_read(text) + counted;
    base_buf_t     buf, cause;
    worker_dead_t  dead;

    base_buf_init(&buf, arena, SIZE_MAX);
    base_buf_init(&cause, arena, SIZE_MAX);

    if (deliveries >= takeover->worker->config->max_deliveries && counted) {
        base_buf_printf(&cause, "%u time%s the worker that held it did not "
                        "bring it to an end", (unsigned) deliveries,
                        deliveries == 1 ? "" : "s");
        dead = (worker_dead_t) {
            .message = text, .error = BASE_STR("Worker.Lost"),
            .cause = base_buf_str(&cause), .deliveries = deliveries,
            .consumer = takeover->consumer, .at_ms = worker_clock_ms()
        };
        worker_dead_write(&buf, &dead);

    } else if (counted) {
        worker_deliveries_write(&buf, text, deliveries);

    } else {
        base_buf_add_str(&buf, text);
        (void) base_buf_reserve(&buf, 1);   /* not NULL for an empty message */
    }

    *moved = buf.failed || cause.failed ? base_str(NULL, 0)
                                        : base_buf_str(&buf);

    if (deliveries >= takeover->worker->config->max_deliveries && counted) {
        return WORKER_HEAP_DEAD;
    }

    return worker_takeover_suspect(takeover, deliveries)
               ? WORKER_HEAP_SUSPECTS : WORKER_HEAP_RESUME;
}


static bool
worker_takeover_suspect(const worker_takeover_t *takeover, uint32_t deliveries)
{
    uint32_t  max = takeover->worker->config->max_deliveries;

    return deliveries >= WORKER_SUSPECT_MIN
           && deliveries + WORKER_SUSPECT_TRIES >= max;
}


/* Nil: another take-over was faster; look again. */
static void
worker_takeover_moved_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_takeover_t  *takeover = data;

    if (!worker_takeover_failed(takeover, outcome, reply)) {
        if (reply->type != REDIS_REPLY_NIL) {
            takeover->moved += takeover->moving;
            takeover->dead += takeover->dying;
        }

        worker_consumer_look(&takeover->worker->consumer);
        worker_takeover_round(takeover);
    }
}


static void
worker_takeover_removed_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_takeover_t  **link, *takeover = data;
    worker_t            *worker = takeover->worker;

    if (worker_takeover_failed(takeover, outcome, reply)) {
        return;
    }

    if (takeover->moved > 0) {
        worker_log(&worker->log, WORKER_LOG_NOTICE,
                   "took over %zu messages of \"%.*s\", %zu of them dead "
                   "letters", takeover->moved,
                   BASE_STR_ARG(takeover->consumer), takeover->dead);
    }

    worker_chores_done(&worker->chores);

    link = &worker->takeovers;
    while (*link != takeover) {
        link = &(*link)->next;
    }

    *link = takeover->next;
    worker_takeover_free(takeover);
}


/* True if this is no ordinary reply: the rest is tried again later. */
static bool
worker_takeover_failed(worker_takeover_t *takeover, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    if (outcome == RDS_REPLIED && !rds_reply_is_error(reply)) {
        return false;
    }

    /* the answer may have been too large, or too little memory left */
    if (takeover->batch > 1) {
        takeover->batch /= 2;
    }

    if (outcome == RDS_REPLIED) {
        worker_chores_command(&takeover->worker->chores, NULL, NULL,
                              BASE_STR("UNWATCH"));
        worker_takeover_complain(takeover, reply);
    }

    worker_takeover_postpone(takeover);
    return true;
}


/* Once. */
static void
worker_takeover_complain(worker_takeover_t *takeover, const rds_reply_t *reply)
{
    if (takeover->complained) {
        return;
    }

    takeover->complained = true;
    worker_log(&takeover->worker->log, WORKER_LOG_WARN,
               "taking over \"%.*s\" has to wait: redis answers %.*s",
               BASE_STR_ARG(takeover->consumer),
               BASE_STR_ARG(rds_reply_str(reply)));
}


static void
worker_takeover_postpone(worker_takeover_t *takeover)
{
    worker_t  *worker = takeover->worker;

    worker_chores_done(&worker->chores);
    (void) worker_timer_start(&worker->timers, &takeover->retry,
                              WORKER_TAKEOVER_RETRY_MS);
}
