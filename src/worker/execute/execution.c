/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/execution.h"

#include <stdlib.h>


/* Holds an ordinary order until its payment is asked for, which is when many
 * are in memory; what comes then takes a second block. */
#define WORKER_EXECUTION_BLOCK_BYTES  (12 * 1024)
#define WORKER_EXECUTION_BYTES_MAX    (64 * 1024 * 1024)

#define WORKER_TEXTS_BYTES            (32 * 1024 * 1024)    /* no more are taken
                                                               then */
#define WORKER_TEXT_BYTES_KEPT        (64 * 1024)           /* in the pool */


static size_t worker_executions_bucket(const worker_executions_t *executions,
    base_str_t id);
static worker_execution_t *worker_execution_new(
    worker_executions_t *executions);


bool
worker_executions_init(worker_executions_t *executions, size_t kept_max)
{
    *executions = (worker_executions_t) {
        .kept_max = kept_max, .all_max = 2 * kept_max
    };

    executions->bucket_count = 16;
    while (executions->bucket_count < 2 * executions->all_max) {
        executions->bucket_count *= 2;
    }

    executions->ids = calloc(executions->bucket_count,
                             sizeof(executions->ids[0]));
    executions->all = calloc(executions->all_max,
                             sizeof(executions->all[0]));
    if (executions->ids == NULL || executions->all == NULL) {
        worker_executions_deinit(executions);
        return false;
    }

    return true;
}


void
worker_executions_deinit(worker_executions_t *executions)
{
    size_t               i;
    worker_execution_t  *execution;

    for (i = 0; i < executions->made; i++) {
        execution = executions->all[i];
        base_arena_deinit(&execution->arena);
        base_buf_deinit(&execution->text);
        free(execution);
    }

    free(executions->all);
    free(executions->ids);
    *executions = (worker_executions_t) { 0 };
}


size_t
worker_executions_room(const worker_executions_t *executions)
{
    size_t  kept = executions->live - executions->leaving;
    size_t  room = kept < executions->kept_max ? executions->kept_max - kept
                                               : 0;

    if (executions->bytes >= WORKER_TEXTS_BYTES) {
        return 0;
    }

    return room < executions->all_max - executions->live
               ? room : executions->all_max - executions->live;
}


worker_execution_t *
worker_execution_take(worker_executions_t *executions, worker_t *worker,
    worker_lane_t *lane)
{
    worker_execution_t  *execution = executions->free;

    if (execution != NULL) {
        executions->free = execution->next;
    } else {
        execution = worker_execution_new(executions);
        if (execution == NULL) {
            return NULL;
        }
    }

    executions->live++;
    execution->next = NULL;
    execution->worker = worker;
    execution->lane = lane;
    execution->suspect = false;
    execution->waiters = NULL;
    execution->patience_ms = 0;
    execution->id = BASE_STR("");
    base_buf_clear(&execution->text);
    worker_execution_reset(execution);

    return execution;
}


bool
worker_execution_set_text(worker_execution_t *execution, base_str_t text)
{
    execution->executions->bytes -= execution->text.len;
    base_buf_clear(&execution->text);
    base_buf_add_str(&execution->text, text);
    execution->executions->bytes += execution->text.len;

    return !execution->text.failed;
}


void
worker_execution_give(worker_executions_t *executions,
    worker_execution_t *execution)
{
    base_arena_reset(&execution->arena);
    executions->bytes -= execution->text.len;
    base_buf_clear(&execution->text);
    if (execution->text.cap > WORKER_TEXT_BYTES_KEPT) {
        base_buf_deinit(&execution->text);
        base_buf_init(&execution->text, NULL, SIZE_MAX);
    }

    worker_execution_unname(executions, execution);
    worker_definition_unref(execution->definition);
    execution->definition = NULL;

    worker_execution_set_fate(execution, WORKER_FATE_KEEP);
    execution->phase = WORKER_PHASE_FREE;
    executions->live--;
    execution->next = executions->free;
    executions->free = execution;
}


void
worker_execution_reset(worker_execution_t *execution)
{
    base_arena_reset(&execution->arena);
    worker_definition_unref(execution->definition);

    execution->phase = WORKER_PHASE_UNREAD;
    worker_execution_set_fate(execution, WORKER_FATE_KEEP);
    execution->key = BASE_STR("");
    execution->stored = false;
    execution->watched = false;
    execution->replies_due = 0;
    execution->void_key = false;
    execution->delayed = false;
    execution->change = WORKER_CHANGE_NONE;
    execution->called_back = false;
    execution->handed = NULL;
    execution->handed_sent = NULL;
    execution->definition = NULL;
    execution->asl = NULL;
    base_buf_init(&execution->steps, &execution->arena, SIZE_MAX);
    execution->steps_ms = 0;
    execution->calls = NULL;
    execution->events = NULL;
    execution->events_end = &execution->events;
    execution->events_sent = NULL;
    execution->dirty = false;
    base_buf_init(&execution->counted, &execution->arena, SIZE_MAX);
    execution->counted_sent = 0;
    base_buf_init(&execution->places, &execution->arena, SIZE_MAX);
    base_buf_init(&execution->places_sent, &execution->arena, SIZE_MAX);
    execution->advancing = false;
    execution->error = BASE_STR("");
    execution->cause = BASE_STR("");
}


void
worker_execution_set_fate(worker_execution_t *execution, worker_fate_t fate)
{
    if ((fate == WORKER_FATE_KEEP) != (execution->fate == WORKER_FATE_KEEP)) {
        execution->executions->leaving += fate != WORKER_FATE_KEEP;
        execution->executions->leaving -= fate == WORKER_FATE_KEEP;
    }

    execution->fate = fate;
}


worker_execution_t *
worker_execution_find(const worker_executions_t *executions, base_str_t id)
{
    worker_execution_t  *execution;

    execution = executions->ids[worker_executions_bucket(executions, id)];
    while (execution != NULL && !base_str_eq(execution->id, id)) {
        execution = execution->next_of_id;
    }

    return execution;
}


void
worker_execution_name(worker_executions_t *executions,
    worker_execution_t *execution, base_str_t id)
{
    worker_execution_t  **bucket;

    memcpy(execution->id_bytes, id.data, sizeof(execution->id_bytes));
    execution->id = base_str(execution->id_bytes, sizeof(execution->id_bytes));

    bucket = &executions->ids[worker_executions_bucket(executions, id)];
    execution->next_of_id = *bucket;
    execution->named = true;
    *bucket = execution;
}


void
worker_execution_queue_add(worker_execution_queue_t *queue,
    worker_execution_t *execution)
{
    execution->next = NULL;
    if (queue->first == NULL) {
        queue->first = execution;
    } else {
        queue->last->next = execution;
    }

    queue->last = execution;
    queue->count++;
}


worker_execution_t *
worker_execution_queue_take(worker_execution_queue_t *queue)
{
    worker_execution_t  *execution = queue->first;

    if (execution != NULL) {
        queue->first = execution->next;
        queue->count--;
        execution->next = NULL;
    }

    return execution;
}


static worker_execution_t *
worker_execution_new(worker_executions_t *executions)
{
    worker_execution_t  *execution;

    if (executions->made == executions->all_max) {
        return NULL;
    }

    execution = calloc(1, sizeof(worker_execution_t));
    if (execution == NULL) {
        return NULL;
    }

    base_buf_init(&execution->text, NULL, SIZE_MAX);
    base_arena_init(&execution->arena, WORKER_EXECUTION_BLOCK_BYTES,
                    WORKER_EXECUTION_BYTES_MAX);
    execution->executions = executions;
    executions->all[executions->made++] = execution;

    return execution;
}


static size_t
worker_executions_bucket(const worker_executions_t *executions, base_str_t id)
{
    return (size_t) base_str_hash(id) & (executions->bucket_count - 1);
}


void
worker_execution_unname(worker_executions_t *executions,
    worker_execution_t *execution)
{
    size_t                bucket;
    worker_execution_t  **link;

    if (!execution->named) {
        return;
    }

    bucket = worker_executions_bucket(executions, execution->id);
    link = &executions->ids[bucket];
    while (*link != execution) {
        link = &(*link)->next_of_id;
    }

    *link = execution->next_of_id;
    execution->named = false;
}
