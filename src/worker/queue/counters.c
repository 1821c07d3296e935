/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/counters.h"

#include <string.h>

#include "worker/worker.h"


static const base_str_t  worker_count_names[] = {
    [WORKER_COUNT_ACCEPTED]  = BASE_STR_INIT("accepted"),
    [WORKER_COUNT_SUCCEEDED] = BASE_STR_INIT("succeeded"),
    [WORKER_COUNT_FAILED]    = BASE_STR_INIT("failed"),
    [WORKER_COUNT_DELETED]   = BASE_STR_INIT("deleted"),
    [WORKER_COUNT_DEAD]      = BASE_STR_INIT("dead"),
};

static const base_str_t  worker_state_count_names[] = {
    [WORKER_STATE_ENTERED] = BASE_STR_INIT(":entered"),
    [WORKER_STATE_PASSED]  = BASE_STR_INIT(":passed"),
    [WORKER_STATE_FAILED]  = BASE_STR_INIT(":failed"),
    [WORKER_STATE_RETRIED] = BASE_STR_INIT(":retried"),
    [WORKER_STATE_CAUGHT]  = BASE_STR_INIT(":caught"),
    [WORKER_STATE_NOW]     = BASE_STR_INIT(":now"),
};

/* What a step counts, besides 1: nothing. */
static const uint8_t  worker_counted_steps[ASL_TRACE_COUNT] = {
    [ASL_TRACE_STATE_ENTERED]   = 1 + WORKER_STATE_ENTERED,
    [ASL_TRACE_STATE_EXITED]    = 1 + WORKER_STATE_PASSED,
    [ASL_TRACE_TASK_FAILED]     = 1 + WORKER_STATE_FAILED,
    [ASL_TRACE_RETRY_SCHEDULED] = 1 + WORKER_STATE_RETRIED,
    [ASL_TRACE_ERROR_CAUGHT]    = 1 + WORKER_STATE_CAUGHT,
};


static void worker_counters_look_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static bool worker_counters_find(worker_counters_t *counters,
    base_str_t state, size_t *found);
static void worker_counters_place(void *data, base_str_t state);
static bool worker_counters_places(worker_execution_t *execution);
static base_str_t worker_counters_field(worker_counters_t *counters,
    worker_counter_t counter);
static void worker_tally_add(worker_tally_t *tally, worker_counter_t counter,
    int32_t n);
static void worker_tally_places(worker_tally_t *tally, const base_buf_t *places,
    int32_t n);


static worker_counter_t
worker_counter_of(size_t state, unsigned count)
{
    return (worker_counter_t) (WORKER_COUNT_COUNT + state * WORKER_STATE_COUNT
                               + count);
}


static size_t
worker_counter_count(const base_buf_t *list)
{
    return list->len / sizeof(worker_counter_t);
}


/* Lists of counters are in buffers, which align nothing. */
static worker_counter_t
worker_counter_at(const base_buf_t *list, size_t i)
{
    worker_counter_t  counter;

    memcpy(&counter, list->data + i * sizeof(counter), sizeof(counter));
    return counter;
}


void
worker_counters_init(worker_counters_t *counters, base_arena_t *arena)
{
    *counters = (worker_counters_t) { .arena = arena };
}


void
worker_counters_look(worker_t *worker)
{
    worker_ask(worker, worker_counters_look_handler, worker, BASE_STR("HLEN"),
               worker->keys.stats);
}


static void
worker_counters_look_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    int64_t             fields;
    worker_t           *worker = data;
    worker_counters_t  *counters = &worker->counters;

    if (outcome != RDS_REPLIED || !rds_reply_int(reply, &fields)) {
        return;
    }

    counters->full = fields > WORKER_COUNTERS_FIELDS_MAX;
    if (counters->full && !counters->complained) {
        counters->complained = true;
        worker_log(&worker->log, WORKER_LOG_WARN,
                   "the counters of too many states are in redis, no more are "
                   "counted: `purge counts` removes them");
    }
}


void
worker_counters_note(worker_execution_t *execution, const asl_trace_t *trace)
{
    size_t              state;
    unsigned            step = worker_counted_steps[trace->kind];
    worker_counter_t    counter;
    worker_counters_t  *counters = &execution->worker->counters;

    if (step == 0 || counters->full
        || !worker_counters_find(counters, trace->state, &state))
    {
        return;
    }

    counter = worker_counter_of(state, step - 1);
    base_buf_add(&execution->counted, (const char *) &counter,
                 sizeof(counter));
}


void
worker_counters_resume(worker_execution_t *execution)
{
    (void) worker_counters_places(execution);
    worker_counters_committed(execution);
}


void
worker_counters_committed(worker_execution_t *execution)
{
    base_buf_t  was = execution->places;
    base_buf_t *counted = &execution->counted;

    execution->places = execution->places_sent;
    execution->places_sent = was;

    if (execution->counted_sent > 0) {
        counted->len -= execution->counted_sent;
        memmove(counted->data, counted->data + execution->counted_sent,
                counted->len);
        execution->counted_sent = 0;
    }
}


/* The states where it is now become places_sent.  False when out of memory. */
static bool
worker_counters_places(worker_execution_t *execution)
{
    base_buf_clear(&execution->places_sent);
    if (execution->asl != NULL && !asl_exec_ended(execution->asl)) {
        asl_exec_each_state(execution->asl, worker_counters_place, execution);
    }

    return !execution->places_sent.failed;
}


static void
worker_counters_place(void *data, base_str_t state)
{
    size_t               found;
    worker_counter_t     counter;
    worker_execution_t  *execution = data;

    if (worker_counters_find(&execution->worker->counters, state, &found)) {
        counter = worker_counter_of(found, WORKER_STATE_NOW);
        base_buf_add(&execution->places_sent, (const char *) &counter,
                     sizeof(counter));
    }
}


/* False if there is no place left for one more. */
static bool
worker_counters_find(worker_counters_t *counters, base_str_t state,
    size_t *found)
{
    size_t     slot = (size_t) base_str_hash(state);
    uint16_t  *known;

    for ( ;; ) {
        known = &counters->slots[slot & (WORKER_COUNTERS_SLOTS - 1)];
        if (*known == 0) {
            break;
        }

        if (base_str_eq(counters->states[*known - 1], state)) {
            *found = *known - 1u;
            return true;
        }

        slot++;
    }

    *found = counters->state_count;
    if (*found == WORKER_COUNTERS_STATES_MAX
        || !base_arena_str(counters->arena, state, &counters->states[*found]))
    {
        return false;
    }

    counters->state_count++;
    *known = (uint16_t) counters->state_count;
    return true;
}


/* data is NULL when out of memory. */
static base_str_t
worker_counters_field(worker_counters_t *counters, worker_counter_t counter)
{
    size_t       state;
    base_str_t  *field = &counters->fields[counter], name;

    if (counter < WORKER_COUNT_COUNT) {
        return worker_count_names[counter];
    }

    if (field->data == NULL) {
        state = (counter - (size_t) WORKER_COUNT_COUNT) / WORKER_STATE_COUNT;
        name = worker_state_count_names[(counter - (size_t) WORKER_COUNT_COUNT)
                                        % WORKER_STATE_COUNT];
        *field = base_arena_printf(counters->arena, "%.*s%.*s",
                                   BASE_STR_ARG(counters->states[state]),
                                   BASE_STR_ARG(name));
    }

    return *field;
}


void
worker_tally_begin(worker_tally_t *tally)
{
    size_t  i;

    for (i = 0; i < tally->touched_count; i++) {
        tally->sums[tally->touched[i]] = 0;
        tally->is_touched[tally->touched[i]] = false;
    }

    tally->touched_count = 0;
}


void
worker_tally_count(worker_tally_t *tally, worker_count_t count)
{
    worker_tally_add(tally, (worker_counter_t) count, 1);
}


bool
worker_tally_execution(worker_tally_t *tally, worker_execution_t *execution)
{
    if (!worker_counters_places(execution) || execution->counted.failed) {
        return false;
    }

    worker_tally_places(tally, &execution->counted, 1);
    worker_tally_places(tally, &execution->places, -1);
    worker_tally_places(tally, &execution->places_sent, 1);
    execution->counted_sent = execution->counted.len;

    return true;
}


bool
worker_tally_gone(worker_tally_t *tally, worker_execution_t *execution)
{
    if (!worker_counters_places(execution)) {
        return false;
    }

    worker_tally_places(tally, &execution->places_sent, -1);
    return true;
}


bool
worker_tally_write(worker_tally_t *tally, worker_lane_t *lane)
{
    size_t             i;
    base_str_t         field;
    base_buf_t        *digits = &lane->text;
    worker_t          *worker = lane->worker;
    worker_counter_t   counter;

    for (i = 0; i < tally->touched_count; i++) {
        counter = tally->touched[i];
        if (tally->sums[counter] == 0) {
            continue;
        }

        field = worker_counters_field(&worker->counters, counter);
        base_buf_clear(digits);
        base_buf_add_int(digits, tally->sums[counter]);
        if (field.data == NULL || digits->failed) {
            return false;
        }

        worker_lane_say(lane, BASE_STR("HINCRBY"), worker->keys.stats, field,
                        base_buf_str(digits));
    }

    return true;
}


static void
worker_tally_add(worker_tally_t *tally, worker_counter_t counter, int32_t n)
{
    if (!tally->is_touched[counter]) {
        tally->is_touched[counter] = true;
        tally->touched[tally->touched_count++] = counter;
    }

    tally->sums[counter] += n;
}


static void
worker_tally_places(worker_tally_t *tally, const base_buf_t *places, int32_t n)
{
    size_t  i;

    for (i = 0; i < worker_counter_count(places); i++) {
        worker_tally_add(tally, worker_counter_at(places, i), n);
    }
}


base_str_t
worker_count_name(worker_count_t count)
{
    return worker_count_names[count];
}


base_str_t
worker_state_count_name(worker_state_count_t count)
{
    return worker_state_count_names[count];
}
