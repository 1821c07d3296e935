/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/gather.h"

#include <string.h>

#include "worker/queue/commit.h"


struct worker_gather_item_s {
    worker_gather_item_t   *next;
    worker_execution_t     *execution;
};

/* A command that grows. */
struct worker_gather_set_s {
    worker_gather_set_t    *next;
    worker_gather_set_t    *next_of_bucket;
    bool                    add;
    base_str_t              key;
    worker_gather_item_t   *first;
    worker_gather_item_t  **end;
    size_t                  count;
    size_t                  place;      /* of its answer in EXEC's */
};


static bool worker_gather_note(worker_gather_t *gather, bool add,
    base_str_t key, worker_execution_t *execution);
static worker_gather_set_t *worker_gather_set(worker_gather_t *gather,
    bool add, base_str_t key);
static bool worker_gather_say(worker_gather_t *gather, worker_lane_t *lane,
    worker_gather_set_t *set);


void
worker_gather_begin(worker_gather_t *gather, base_arena_t *arena)
{
    gather->arena = arena;
    gather->first = NULL;
    gather->end = &gather->first;
    memset(gather->buckets, 0, sizeof(gather->buckets));
}


bool
worker_gather_add(worker_gather_t *gather, base_str_t key,
    worker_execution_t *execution)
{
    return worker_gather_note(gather, true, key, execution);
}


bool
worker_gather_remove(worker_gather_t *gather, base_str_t key,
    worker_execution_t *execution)
{
    return worker_gather_note(gather, false, key, execution);
}


bool
worker_gather_write(worker_gather_t *gather, worker_lane_t *lane)
{
    worker_gather_set_t  *set;

    for (set = gather->first; set != NULL; set = set->next) {
        set->place = lane->commands;
        if (!worker_gather_say(gather, lane, set)) {
            return false;
        }
    }

    return true;
}


void
worker_gather_check(worker_gather_t *gather, const rds_reply_t *reply)
{
    const rds_reply_t     *answer;
    worker_gather_set_t   *set;
    worker_gather_item_t  *item;

    for (set = gather->first; set != NULL; set = set->next) {
        answer = rds_reply_at(reply, set->place);
        if (!rds_reply_is_error(answer)) {
            continue;
        }

        for (item = set->first; item != NULL; item = item->next) {
            item->execution->refusal = answer;
        }
    }
}


static bool
worker_gather_note(worker_gather_t *gather, bool add, base_str_t key,
    worker_execution_t *execution)
{
    worker_gather_set_t   *set = worker_gather_set(gather, add, key);
    worker_gather_item_t  *item;

    item = base_arena_alloc(gather->arena, sizeof(worker_gather_item_t));
    if (set == NULL || item == NULL) {
        return false;
    }

    item->next = NULL;
    item->execution = execution;
    *set->end = item;
    set->end = &item->next;
    set->count++;

    return true;
}


/* The one that there is, or a new one; NULL when out of memory. */
static worker_gather_set_t *
worker_gather_set(worker_gather_t *gather, bool add, base_str_t key)
{
    worker_gather_set_t  *set, **bucket;

    bucket = &gather->buckets[base_str_hash(key)
                              & (WORKER_GATHER_BUCKETS - 1)];
    for (set = *bucket; set != NULL; set = set->next_of_bucket) {
        if (set->add == add && base_str_eq(set->key, key)) {
            return set;
        }
    }

    set = base_arena_zalloc(gather->arena, sizeof(worker_gather_set_t));
    if (set == NULL) {
        return NULL;
    }

    set->add = add;
    set->key = key;
    set->end = &set->first;
    set->next_of_bucket = *bucket;
    *bucket = set;
    *gather->end = set;
    gather->end = &set->next;

    return set;
}


static bool
worker_gather_say(worker_gather_t *gather, worker_lane_t *lane,
    worker_gather_set_t *set)
{
    size_t                 argc = 0;
    base_str_t            *argv;
    worker_gather_item_t  *item;

    argv = base_arena_calloc(gather->arena, 2 + 2 * set->count,
                             sizeof(base_str_t));
    if (argv == NULL) {
        return false;
    }

    argv[argc++] = set->add ? BASE_STR("ZADD") : BASE_STR("ZREM");
    argv[argc++] = set->key;

    for (item = set->first; item != NULL; item = item->next) {
        if (set->add) {
            argv[argc++] = BASE_STR("0");
        }

        argv[argc++] = item->execution->id;
    }

    worker_lane_command(lane, argv, argc);
    return true;
}
