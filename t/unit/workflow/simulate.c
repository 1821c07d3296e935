/* SPDX-License-Identifier: BSD-2-Clause */

/* Simulations with mocks. */

#include "workflow/workflow.h"

#include "tap.h"


static base_arena_t  arena;
static asl_def_t    *def;

static const char  definition[] =
    "{\"StartAt\":\"Pay\",\"States\":{"
    "\"Pay\":{\"Type\":\"Task\",\"Resource\":\"p\",\"TimeoutSeconds\":10,"
    "\"HeartbeatSeconds\":5,\"Retry\":[{\"ErrorEquals\":[\"E\"]}],"
    "\"Next\":\"Wait\"},"
    "\"Wait\":{\"Type\":\"Wait\",\"Seconds\":60,\"Next\":\"Both\"},"
    "\"Both\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":["
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\","
    "\"Resource\":\"a\",\"End\":true}}},"
    "{\"StartAt\":\"B\",\"States\":{\"B\":{\"Type\":\"Task\","
    "\"Resource\":\"b\",\"End\":true}}}]}}}";


typedef struct {
    const base_json_t  *mocks;
    asl_env_t           env;
    int64_t             clock_ms;
    unsigned            tasks;
} run_t;


static base_json_t *
json(const char *text)
{
    return base_json_parse(&arena, base_str_c(text), NULL, NULL);
}


static bool
answer(void *data, const asl_action_t *action, uint32_t call,
    asl_answer_t *out)
{
    run_t  *run = data;

    run->tasks++;
    return asl_mock_answer(run->mocks, action->state, call, out);
}


static void
tick(void *data, int64_t now_ms)
{
    run_t  *run = data;

    ok(now_ms >= run->clock_ms, "time does not go back");
    run->clock_ms = now_ms;
}


static const asl_action_t *
simulate(run_t *run, const char *mocks, uint32_t events_max,
    asl_status_t expected)
{
    asl_exec_t        *exec = NULL;
    asl_simulation_t   simulation = { .answer = answer, .clock = tick,
                                      .data = run, .events_max = events_max };

    *run = (run_t) { .mocks = json(mocks), .env = { .now_ms = 1000 } };
    is_int(asl_simulate(def, &arena, BASE_STR("s"), NULL, &run->env,
                        &simulation, &exec), expected, "simulated");
    return &asl_exec_actions(exec).items[0];
}


static void
test_runs(void)
{
    run_t                run;
    const asl_action_t  *end;

    end = simulate(&run, "{\"Pay\":[{\"Throw\":{\"Error\":\"E\"}},"
                   "{\"Return\":1,\"Seconds\":2}],"
                   "\"A\":{\"Return\":\"a\",\"Seconds\":5},"
                   "\"B\":[{\"Return\":\"b\"}]}", 0, ASL_OK);
    is_int(end->kind, ASL_SUCCEED, "the execution succeeds");
    is_int((int64_t) run.tasks, 4, "after four tasks");
    is_int(run.env.now_ms, 1000 + 1000 + 2000 + 60000 + 5000,
           "and as much time as they and the waits take");
    ok(base_json_equal(end->output, json("[\"a\",\"b\"]")), "with its output");

    end = simulate(&run, "{\"Pay\":{\"Return\":1},\"A\":{\"Throw\":{\"Error\":"
                   "\"X\",\"Cause\":\"y\"}},\"B\":{\"Return\":1,"
                   "\"Seconds\":50}}", 0, ASL_OK);
    is_str(end->error, BASE_STR("X"), "an error ends it");
    is_str(end->cause, BASE_STR("y"), "with its cause");
    is_int(run.env.now_ms, 61000, "without waiting for the other branch");

    end = simulate(&run, "{\"Pay\":{\"Return\":1,\"Seconds\":11}}", 0, ASL_OK);
    is_str(end->error, BASE_STR("States.HeartbeatTimeout"),
           "a task that says nothing for too long");
    is_int(run.env.now_ms, 6000, "fails when its heartbeat is missed");

    end = simulate(&run, "{\"Pay\":{\"Return\":1},\"A\":{\"Return\":1,"
                   "\"Seconds\":61},\"B\":{\"Return\":2}}", 0, ASL_OK);
    is_str(end->error, BASE_STR("States.Timeout"),
           "a task that takes too long is timed out");

    end = simulate(&run, "{}", 0, ASL_OK);
    is_str(end->error, BASE_STR("Simulation.NoAnswer"),
           "a task without an answer fails");

    (void) simulate(&run, "{\"Pay\":{\"Return\":1}}", 1, ASL_LIMIT);
}


static void
test_mocks(void)
{
    ok(asl_mocks_check(def, json("{\"Pay\":{\"Return\":null},\"A\":[{\"Throw\":"
                                 "{\"Error\":\"E\"},\"Seconds\":0.5}]}"),
                       &arena) == NULL, "good mocks are good");
    is_str(base_str_c(asl_mocks_check(def, json("{\"Wait\":{\"Return\":1}}"),
                                      &arena)),
           BASE_STR("\"Wait\": expected the name of a Task State"),
           "a mock is for a Task State");
    ok(asl_mocks_check(def, json("[]"), &arena) != NULL, "mocks by state");
    ok(asl_mocks_check(def, json("{\"Pay\":[]}"), &arena) != NULL,
       "at least one answer");
    ok(asl_mocks_check(def, json("{\"Pay\":{\"Return\":1,\"Throw\":"
                                 "{\"Error\":\"E\"}}}"), &arena) != NULL,
       "an answer is one of the two");
    ok(asl_mocks_check(def, json("{\"Pay\":{\"Throw\":\"E\"}}"), &arena)
       != NULL, "an error has a name");
    ok(asl_mocks_check(def, json("{\"Pay\":{\"Return\":1,\"Seconds\":\"1\"}}"),
                       &arena) != NULL, "seconds are a number");
}


int
main(void)
{
    asl_problem_t  *problems;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    def = asl_def_load(base_str_c(definition), NULL, &arena, &problems);
    if (ok(def != NULL, "the definition loads")) {
        test_runs();
        test_mocks();
    }

    asl_def_free(def);
    base_arena_deinit(&arena);
    return done_testing();
}
