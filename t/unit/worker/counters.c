/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/counters.h"

#include <stdio.h>
#include <stdlib.h>

#include "tap.h"
#include "worker/worker.h"


static worker_t            *worker;
static worker_tally_t      *tally;
static worker_execution_t   execution;


static void
begin(void)
{
    base_arena_init(&execution.arena, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);
    base_arena_init(&worker->memory, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);
    worker_counters_init(&worker->counters, &worker->memory);
    execution.worker = worker;
    worker_execution_reset(&execution);
    worker_tally_begin(tally);
}


static void
end(void)
{
    base_arena_deinit(&execution.arena);
    base_arena_deinit(&worker->memory);
}


static void
note(asl_trace_kind_t kind, const char *state)
{
    asl_trace_t  trace = { .kind = kind, .state = base_str_c(state) };

    worker_counters_note(&execution, &trace);
}


/* Of the n-th state that was met, from 0. */
static int32_t
sum(size_t state, worker_state_count_t count)
{
    return tally->sums[WORKER_COUNT_COUNT + state * WORKER_STATE_COUNT
                       + count];
}


static void
test_steps(void)
{
    begin();
    note(ASL_TRACE_STATE_ENTERED, "Pay");
    note(ASL_TRACE_TASK_SCHEDULED, "Pay");
    note(ASL_TRACE_TASK_FAILED, "Pay");
    note(ASL_TRACE_RETRY_SCHEDULED, "Pay");
    note(ASL_TRACE_TASK_FAILED, "Pay");
    note(ASL_TRACE_ERROR_CAUGHT, "Pay");
    note(ASL_TRACE_STATE_EXITED, "Pay");
    note(ASL_TRACE_STATE_ENTERED, "Cancel");
    note(ASL_TRACE_EXECUTION_FAILED, "");

    ok(worker_tally_execution(tally, &execution), "counts");
    is_int(sum(0, WORKER_STATE_ENTERED), 1, "entered");
    is_int(sum(0, WORKER_STATE_PASSED), 1, "passed");
    is_int(sum(0, WORKER_STATE_FAILED), 2, "failed");
    is_int(sum(0, WORKER_STATE_RETRIED), 1, "retried");
    is_int(sum(0, WORKER_STATE_CAUGHT), 1, "caught");
    is_int(sum(1, WORKER_STATE_ENTERED), 1, "another state");
    is_int((int64_t) worker->counters.state_count, 2, "no other");
    end();
}


static void
test_once(void)
{
    begin();
    note(ASL_TRACE_STATE_ENTERED, "Pay");
    ok(worker_tally_execution(tally, &execution), "a transaction");

    worker_tally_begin(tally);
    is_int(sum(0, WORKER_STATE_ENTERED), 0, "another one begins at 0");
    ok(worker_tally_execution(tally, &execution), "the first was not done");
    is_int(sum(0, WORKER_STATE_ENTERED), 1, "what it counted is counted again");

    note(ASL_TRACE_STATE_EXITED, "Pay");
    worker_counters_committed(&execution);
    worker_tally_begin(tally);
    ok(worker_tally_execution(tally, &execution), "the second was done");
    is_int(sum(0, WORKER_STATE_ENTERED), 0, "it is not counted again");
    is_int(sum(0, WORKER_STATE_PASSED), 1, "but what came meanwhile");

    worker_tally_begin(tally);
    worker_tally_count(tally, WORKER_COUNT_DEAD);
    worker_tally_count(tally, WORKER_COUNT_DEAD);
    is_int(tally->sums[WORKER_COUNT_DEAD], 2, "two of an order's counters");
    is_int((int64_t) tally->touched_count, 1, "are one command");
    end();
}


static asl_def_t *
definition(base_arena_t *arena)
{
    static const char  text[] =
        "{\"StartAt\":\"Both\",\"States\":{\"Both\":{\"Type\":\"Parallel\","
        "\"End\":true,\"Branches\":["
        "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\","
        "\"Resource\":\"t\",\"End\":true}}},"
        "{\"StartAt\":\"B\",\"States\":{\"B\":{\"Type\":\"Wait\","
        "\"Seconds\":60,\"End\":true}}}]}}}";

    asl_problem_t  *problems;

    return asl_def_load(base_str_c(text), NULL, arena, &problems);
}


/* Both, A, B; then one branch fails, which ends the other. */
static void
test_places(void)
{
    size_t         state;
    asl_def_t     *def;
    asl_env_t      env = { .now_ms = 1 };
    asl_event_t    event = {
        .kind = ASL_EVENT_FAILED, .error = BASE_STR("E"), .cause = BASE_STR("")
    };
    asl_actions_t  actions;

    begin();
    def = definition(&execution.arena);
    ok(def != NULL
       && asl_exec_start(def, &execution.arena, BASE_STR("x"),
                         base_json_object(&execution.arena), &env,
                         &execution.asl, &actions) == ASL_OK, "an execution");
    ok(worker_tally_execution(tally, &execution), "its first transaction");
    for (state = 0; state < 3; state++) {
        is_int(sum(state, WORKER_STATE_NOW), 1, "is in a state");
    }

    worker_counters_committed(&execution);
    worker_tally_begin(tally);
    ok(worker_tally_execution(tally, &execution), "nothing has changed");
    is_int(sum(1, WORKER_STATE_NOW), 0, "nothing is counted");
    worker_counters_committed(&execution);

    worker_tally_begin(tally);
    ok(worker_tally_gone(tally, &execution), "it is deleted");
    is_int(sum(0, WORKER_STATE_NOW), -1, "and is nowhere");

    event.action_id = actions.items[0].id;
    ok(asl_advance(execution.asl, &event, &env, &actions) == ASL_OK,
       "a branch fails");
    worker_tally_begin(tally);
    ok(worker_tally_execution(tally, &execution), "its last transaction");
    for (state = 0; state < 3; state++) {
        is_int(sum(state, WORKER_STATE_NOW), -1, "has left it");
    }

    asl_def_free(def);
    end();
}


static void
test_bounds(void)
{
    int   i;
    char  name[16];

    begin();
    for (i = 0; i <= WORKER_COUNTERS_STATES_MAX; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        note(ASL_TRACE_STATE_ENTERED, name);
    }

    is_int((int64_t) worker->counters.state_count, WORKER_COUNTERS_STATES_MAX,
           "so many states are known");
    ok(worker_tally_execution(tally, &execution), "and counted");
    is_int((int64_t) tally->touched_count, WORKER_COUNTERS_STATES_MAX,
           "no more");
    is_int(sum(WORKER_COUNTERS_STATES_MAX - 1, WORKER_STATE_ENTERED), 1,
           "the last one");
    end();

    begin();
    worker->counters.full = true;
    note(ASL_TRACE_STATE_ENTERED, "Pay");
    is_int((int64_t) execution.counted.len, 0, "a full hash gets no more");
    end();
}


int
main(void)
{
    worker = calloc(1, sizeof(worker_t));
    tally = calloc(1, sizeof(worker_tally_t));
    if (worker == NULL || tally == NULL) {
        return EXIT_FAILURE;
    }

    execution.executions = &worker->executions;
    test_steps();
    test_once();
    test_places();
    test_bounds();
    free(tally);
    free(worker);

    return done_testing();
}
