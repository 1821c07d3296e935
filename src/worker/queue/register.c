/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Registering: a chore that is repeated until it is done.
 *
 *   TIME                                    before any order is run
 *   TYPE of each key that all share
 *   MULTI; SET epoch:<consumer> <epoch>; ZADD consumers <lease> <consumer>;
 *   EXEC
 *   ZRANGE consumers 0 -1                   the first time: namesakes
 *
 * A command on a key that holds something foreign (WRONGTYPE) fails inside a
 * transaction whose other commands are executed: a message could be removed
 * from one list and not reach the other.  So a worker does not begin before it
 * has seen that the keys are what it takes them for.
 */

#include "worker/queue/consumer.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "worker/queue/takeover.h"
#include "worker/worker.h"


#define WORKER_REGISTER_RETRY_MS  500


/* A key that all workers share, and what it has to be, if it is there. */
typedef struct {
    size_t      offset;             /* in orders_keys_t */
    base_str_t  type;
} worker_shared_key_t;

#define SHARED(field, type)                                                   \
    { offsetof(orders_keys_t, field), BASE_STR_INIT(type) }

static const worker_shared_key_t  worker_shared_keys[] = {
    SHARED(queue, "list"),
    SHARED(resume, "list"),
    SHARED(suspects, "list"),
    SHARED(dead, "list"),
    SHARED(consumers, "zset"),
    SHARED(delayed, "zset"),
    SHARED(stats, "hash"),
};

#define WORKER_SHARED_KEYS                                                    \
    (sizeof(worker_shared_keys) / sizeof(worker_shared_keys[0]))


static void worker_register_timer_handler(void *data);
static void worker_register_run(worker_chore_t *chore);
static void worker_register_type_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static base_str_t worker_register_key(const worker_consumer_t *consumer,
    size_t i);
static void worker_register_write(worker_consumer_t *consumer);
static bool worker_register_name(worker_consumer_t *consumer);
static void worker_register_done_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_register_refused(worker_consumer_t *consumer,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void worker_register_again(worker_consumer_t *consumer);
static void worker_register_namesakes_handler(void *data,
    rds_outcome_t outcome, const rds_reply_t *reply);
static bool worker_register_namesake(const worker_consumer_t *consumer,
    base_str_t id);


void
worker_register_init(worker_consumer_t *consumer)
{
    consumer->register_chore.run = worker_register_run;
    consumer->register_chore.data = consumer;
    consumer->register_timer.fn = worker_register_timer_handler;
    consumer->register_timer.data = consumer;
}


static void
worker_register_timer_handler(void *data)
{
    worker_consumer_t  *consumer = data;

    worker_chores_add(&consumer->worker->chores, &consumer->register_chore);
}


static void
worker_register_run(worker_chore_t *chore)
{
    size_t              i;
    worker_consumer_t  *consumer = chore->data;
    worker_chores_t    *chores = &consumer->worker->chores;

    if (consumer->state != WORKER_CONSUMER_OUT) {
        worker_chores_done(chores);
        return;
    }

    if (!worker_register_name(consumer)) {
        worker_register_again(consumer);
        return;
    }

    worker_consumer_ask_time(consumer);
    consumer->types_seen = 0;
    consumer->types_wrong = false;

    for (i = 0; i < WORKER_SHARED_KEYS; i++) {
        worker_chores_command(chores, worker_register_type_handler, consumer,
                              BASE_STR("TYPE"),
                              worker_register_key(consumer, i));
    }
}


static void
worker_register_type_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    size_t              i;
    base_str_t          type;
    worker_consumer_t  *consumer = data;

    i = consumer->types_seen++;

    if (!consumer->types_wrong
        && worker_register_refused(consumer, outcome, reply))
    {
        consumer->types_wrong = true;
    }

    type = outcome == RDS_REPLIED ? rds_reply_str(reply) : BASE_STR("");
    if (!consumer->types_wrong && !base_str_eq(type, BASE_STR("none"))
        && !base_str_eq(type, worker_shared_keys[i].type))
    {
        consumer->types_wrong = true;
        if (!consumer->complained) {
            consumer->complained = true;
            worker_log(&consumer->worker->log, WORKER_LOG_ERROR,
                       "the key %.*s is a %.*s, not a %.*s: something else "
                       "uses the prefix of this worker",
                       BASE_STR_ARG(worker_register_key(consumer, i)),
                       BASE_STR_ARG(type),
                       BASE_STR_ARG(worker_shared_keys[i].type));
        }
    }

    if (consumer->types_seen < WORKER_SHARED_KEYS) {
        return;
    }

    if (consumer->types_wrong) {
        worker_register_again(consumer);
    } else {
        worker_register_write(consumer);
    }
}


static base_str_t
worker_register_key(const worker_consumer_t *consumer, size_t i)
{
    const char  *keys = (const char *) &consumer->worker->keys;

    return *(const base_str_t *) (keys + worker_shared_keys[i].offset);
}


static void
worker_register_write(worker_consumer_t *consumer)
{
    char              digits[24];
    worker_chores_t  *chores = &consumer->worker->chores;

    worker_chores_command(chores, NULL, NULL, BASE_STR("MULTI"));
    worker_chores_command(chores, NULL, NULL, BASE_STR("SET"),
                          consumer->epoch_key, consumer->epoch);
    worker_chores_command(chores, NULL, NULL, BASE_STR("ZADD"),
                          consumer->worker->keys.consumers,
                          worker_consumer_lease(consumer, digits,
                                                sizeof(digits)),
                          consumer->id);
    worker_chores_command(chores, worker_register_done_handler, consumer,
                          BASE_STR("EXEC"));
}


/* A name and an epoch that nobody has had. */
static bool
worker_register_name(worker_consumer_t *consumer)
{
    char            hex[45];
    size_t          i;
    unsigned char   random[22];
    worker_t       *worker = consumer->worker;

    base_arena_reset(&consumer->memory);

    if (getrandom(random, sizeof(random), 0) != (ssize_t) sizeof(random)) {
        return false;
    }

    for (i = 0; i < sizeof(random); i++) {
        (void) snprintf(hex + 2 * i, 3, "%02x", random[i]);
    }

    consumer->id = base_arena_printf(&consumer->memory, "%.*s.%.12s",
                                     BASE_STR_ARG(worker->config->name), hex);
    consumer->epoch = base_arena_printf(&consumer->memory, "%s", hex + 12);
    consumer->processing = orders_key_processing(&worker->keys,
                                                 &consumer->memory,
                                                 consumer->id);
    consumer->epoch_key = orders_key_epoch(&worker->keys, &consumer->memory,
                                           consumer->id);

    return consumer->id.data != NULL && consumer->epoch.data != NULL
           && consumer->processing.data != NULL
           && consumer->epoch_key.data != NULL;
}


static void
worker_register_done_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_consumer_t  *consumer = data;
    worker_t           *worker = consumer->worker;

    if (worker_register_refused(consumer, outcome, reply)
        || rds_reply_at(reply, 1) == NULL)
    {
        worker_register_again(consumer);
        return;
    }

    consumer->complained = false;
    worker_log(&worker->log, WORKER_LOG_NOTICE, "registered as \"%.*s\"",
               BASE_STR_ARG(consumer->id));
    worker_consumer_begin(consumer);

    if (consumer->was_in) {
        worker_chores_done(&worker->chores);
        return;
    }

    worker_chores_command(&worker->chores, worker_register_namesakes_handler,
                          consumer, BASE_STR("ZRANGE"),
                          worker->keys.consumers, BASE_STR("0"),
                          BASE_STR("-1"));
}


static bool
worker_register_refused(worker_consumer_t *consumer, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    if (outcome == RDS_REPLIED && !rds_reply_is_error(reply)) {
        return false;
    }

    if (outcome == RDS_REPLIED && !consumer->complained) {
        consumer->complained = true;
        worker_log(&consumer->worker->log, WORKER_LOG_ERROR,
                   "redis does not let this worker register, it tries again: "
                   "%s%.*s", worker_refusal_hint(reply),
                   BASE_STR_ARG(rds_reply_str(reply)));
    }

    return true;
}


static void
worker_register_again(worker_consumer_t *consumer)
{
    worker_t  *worker = consumer->worker;

    worker_chores_done(&worker->chores);
    (void) worker_timer_start(&worker->timers, &consumer->register_timer,
                              WORKER_REGISTER_RETRY_MS);
}


/*
 * A process that has just begun takes over at once what its predecessors of
 * the same name have left, without waiting for their leases.  If one of them
 * is still alive, because two workers were given one name, it is fenced, and
 * registers anew without doing the same to us.
 */
static void
worker_register_namesakes_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    size_t              i;
    base_str_t          id;
    worker_consumer_t  *consumer = data;
    worker_t           *worker = consumer->worker;

    worker_chores_done(&worker->chores);

    if (outcome != RDS_REPLIED || rds_reply_is_error(reply)) {
        return;                     /* the reaper will find them */
    }

    consumer->was_in = true;

    for (i = 0; rds_reply_at(reply, i) != NULL; i++) {
        id = rds_reply_str(rds_reply_at(reply, i));
        if (worker_register_namesake(consumer, id)) {
            worker_takeover(worker, id, WORKER_TAKEOVER_COUNTED);
        }
    }
}


static bool
worker_register_namesake(const worker_consumer_t *consumer, base_str_t id)
{
    const char        *dot = memrchr(id.data, '.', id.len);
    const base_str_t  *name = &consumer->worker->config->name;

    return dot != NULL
           && base_str_eq(*name, base_str(id.data, (size_t) (dot - id.data)))
           && !base_str_eq(id, consumer->id);
}
