/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/reaper.h"

#include "worker/clock.h"
#include "worker/queue/takeover.h"
#include "worker/worker.h"


#define WORKER_REAPER_EVERY_MS_MAX  5000


static void worker_reaper_timer_handler(void *data);
static void worker_reaper_run(worker_chore_t *chore);
static void worker_reaper_look_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_reaper_look(worker_reaper_t *reaper,
    const rds_reply_t *reply);
static void worker_reaper_judge(worker_reaper_t *reaper);


void
worker_reaper_start(worker_t *worker)
{
    worker_reaper_t  *reaper = &worker->reaper;

    *reaper = (worker_reaper_t) { .worker = worker };
    reaper->chore.run = worker_reaper_run;
    reaper->chore.data = reaper;
    reaper->timer.fn = worker_reaper_timer_handler;
    reaper->timer.data = reaper;
    base_arena_init(&reaper->looks[0].memory, 4096, BASE_ARENA_UNLIMITED);
    base_arena_init(&reaper->looks[1].memory, 4096, BASE_ARENA_UNLIMITED);

    worker_reaper_timer_handler(reaper);
}


void
worker_reaper_stop(worker_reaper_t *reaper)
{
    worker_timer_stop(&reaper->worker->timers, &reaper->timer);
}


void
worker_reaper_deinit(worker_reaper_t *reaper)
{
    base_arena_deinit(&reaper->looks[0].memory);
    base_arena_deinit(&reaper->looks[1].memory);
}


bool
worker_look_keep(worker_look_t *look, const worker_look_t *before,
    const base_str_t *texts, size_t count, uint64_t now_ms)
{
    size_t              i, k;
    worker_sighting_t  *item;

    base_arena_reset(&look->memory);
    look->count = 0;
    look->items = base_arena_calloc(&look->memory, count,
                                    sizeof(worker_sighting_t));
    if (look->items == NULL) {
        return count == 0;
    }

    for (i = 0; i < count; i++) {
        item = &look->items[i];
        item->since_ms = now_ms;

        if (!base_arena_str(&look->memory, texts[2 * i], &item->id)
            || !base_arena_str(&look->memory, texts[2 * i + 1], &item->lease))
        {
            return false;
        }

        for (k = 0; k < before->count; k++) {
            if (base_str_eq(before->items[k].id, item->id)
                && base_str_eq(before->items[k].lease, item->lease))
            {
                item->since_ms = before->items[k].since_ms;
            }
        }

        look->count++;
    }

    return true;
}


uint64_t
worker_look_silent_ms(const worker_sighting_t *item, uint64_t beats_since_ms,
    uint64_t asked_ms)
{
    uint64_t  since_ms = item->since_ms;

    if (beats_since_ms == 0) {
        return 0;
    }

    if (since_ms < beats_since_ms) {
        since_ms = beats_since_ms;
    }

    return asked_ms > since_ms ? asked_ms - since_ms : 0;
}


static void
worker_reaper_timer_handler(void *data)
{
    uint64_t          after_ms;
    worker_reaper_t  *reaper = data;

    after_ms = reaper->worker->config->lease_ms / 3;
    if (after_ms > WORKER_REAPER_EVERY_MS_MAX) {
        after_ms = WORKER_REAPER_EVERY_MS_MAX;
    }

    (void) worker_timer_start(&reaper->worker->timers, &reaper->timer,
                              after_ms);
    worker_chores_add(&reaper->worker->chores, &reaper->chore);
}


static void
worker_reaper_run(worker_chore_t *chore)
{
    worker_reaper_t  *reaper = chore->data;

    reaper->asked_ms = worker_clock_monotonic_ms();
    worker_chores_command(&reaper->worker->chores, worker_reaper_look_handler,
                          reaper, BASE_STR("ZRANGE"),
                          reaper->worker->keys.consumers, BASE_STR("0"),
                          BASE_STR("-1"), BASE_STR("WITHSCORES"));
}


static void
worker_reaper_look_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_reaper_t  *reaper = data;

    worker_chores_done(&reaper->worker->chores);

    if (outcome == RDS_REPLIED && !rds_reply_is_error(reply)
        && worker_reaper_look(reaper, reply))
    {
        worker_reaper_judge(reaper);
    }
}


static bool
worker_reaper_look(worker_reaper_t *reaper, const rds_reply_t *reply)
{
    size_t          n;
    base_str_t     *texts;
    base_arena_t    arena;
    worker_look_t  *before = &reaper->looks[reaper->last];
    worker_look_t  *look = &reaper->looks[!reaper->last];

    base_arena_init(&arena, 4096, BASE_ARENA_UNLIMITED);
    texts = base_arena_calloc(&arena, 2 * WORKER_REAPER_CONSUMERS_MAX,
                              sizeof(base_str_t));

    for (n = 0; texts != NULL && n < 2 * WORKER_REAPER_CONSUMERS_MAX; n++) {
        if (rds_reply_at(reply, n) == NULL) {
            break;
        }

        texts[n] = rds_reply_str(rds_reply_at(reply, n));
    }

    if (texts == NULL
        || !worker_look_keep(look, before, texts, n / 2,
                             worker_clock_monotonic_ms()))
    {
        look->count = 0;
    }

    base_arena_deinit(&arena);
    reaper->last = !reaper->last;

    return texts != NULL;
}


static void
worker_reaper_judge(worker_reaper_t *reaper)
{
    size_t                    i;
    uint64_t                  since_ms, silent_ms;
    worker_t                 *worker = reaper->worker;
    const worker_look_t      *look = &reaper->looks[reaper->last];
    const worker_sighting_t  *item;

    since_ms = worker_beats_since_ms(&worker->consumer.beats,
                                     worker->config->lease_ms,
                                     reaper->asked_ms);

    for (i = 0; i < look->count; i++) {
        item = &look->items[i];
        silent_ms = worker_look_silent_ms(item, since_ms, reaper->asked_ms);

        if (silent_ms >= worker->config->lease_ms
            && !base_str_eq(item->id, worker->consumer.id)
            && worker_takeover(worker, item->id, WORKER_TAKEOVER_COUNTED))
        {
            worker_log(&worker->log, WORKER_LOG_WARN,
                       "\"%.*s\" has been silent for %llu ms: taking over",
                       BASE_STR_ARG(item->id), (unsigned long long) silent_ms);
        }
    }
}
