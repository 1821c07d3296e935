/* SPDX-License-Identifier: BSD-2-Clause */

/* What hosts of real tasks need: signs of life, a server's wish to be asked
 * later, the place among iterations, and what a definition's tasks name. */

#include "workflow/workflow.h"

#include "tap.h"


#define START_MS  1700000000000


static base_arena_t  arena;
static asl_env_t     env;


static void
fill(void *data, unsigned char *bytes, size_t len)
{
    (void) data;
    memset(bytes, 0x5a, len);
}


static asl_def_t *
load(const char *text)
{
    asl_def_t      *def;
    asl_problem_t  *problem = NULL;

    def = asl_def_load(base_str_c(text), NULL, &arena, &problem);
    if (def == NULL) {
        printf("Bail out! %.*s\n", BASE_STR_ARG(problem->message));
        exit(1);
    }

    return def;
}


static asl_exec_t *
start(const asl_def_t *def, const char *input)
{
    asl_exec_t     *exec;
    asl_actions_t   actions;

    env = (asl_env_t) { .now_ms = START_MS, .random = fill };
    ok(asl_exec_start(def, &arena, BASE_STR("id"),
                      base_json_parse(&arena, base_str_c(input), NULL, NULL),
                      &env, &exec, &actions) == ASL_OK, "it starts");
    return exec;
}


/* Saves, forgets and loads. */
static asl_exec_t *
reloaded(const asl_def_t *def, const asl_exec_t *exec)
{
    base_buf_t   buf, again;
    base_str_t   reason;
    asl_exec_t  *copy = NULL;

    base_buf_init(&buf, &arena, SIZE_MAX);
    asl_exec_save(exec, &buf);
    ok(asl_exec_load(def, &arena,
                     base_json_parse(&arena, base_buf_str(&buf), NULL, NULL),
                     &copy, &reason) == ASL_OK, "what was saved loads");
    base_buf_init(&again, &arena, SIZE_MAX);
    asl_exec_save(copy, &again);
    is_str(base_buf_str(&again), base_buf_str(&buf), "and saves as before");
    return copy;
}


static void
test_heartbeat(void)
{
    asl_def_t      *def;
    asl_exec_t     *exec;
    asl_event_t     beat = { .kind = ASL_EVENT_HEARTBEAT, .action_id = 1 };
    asl_actions_t   actions;

    def = load("{\"StartAt\":\"X\",\"States\":{\"X\":{\"Type\":\"Task\","
               "\"Resource\":\"r.waitForTaskToken\",\"HeartbeatSeconds\":5,"
               "\"TimeoutSeconds\":60,\"End\":true}}}");
    exec = start(def, "{}");
    is_int(asl_exec_actions(exec).items[0].silent_until_ms, START_MS + 5000,
           "a task may be silent for HeartbeatSeconds");

    env.now_ms += 4000;
    ok(asl_advance(exec, &beat, &env, &actions) == ASL_OK, "a sign of life");
    is_int((int64_t) actions.count, 0, "asks for nothing");
    is_int(asl_exec_actions(exec).items[0].silent_until_ms, START_MS + 9000,
           "and gives it as long again");
    exec = reloaded(def, exec);
    is_int(asl_exec_actions(exec).items[0].silent_until_ms, START_MS + 9000,
           "which survives");

    beat.action_id = 2;
    ok(asl_advance(exec, &beat, &env, &actions) == ASL_INVALID,
       "one for a task that is not there is late");
    asl_def_free(def);
}


static void
test_retry_after(void)
{
    unsigned        i;
    asl_def_t      *def;
    asl_exec_t     *exec;
    asl_event_t     failed = { .kind = ASL_EVENT_FAILED, .action_id = 1,
                               .error = BASE_STR("E") };
    asl_actions_t   actions;

    static const int64_t  wishes[][2] = {   /* asked for, comes after */
        { 0, 3000 }, { 2999, 3000 }, { 3001, 3001 }, { 90000, 90000 },
        { 9000000, 600000 },
    };

    def = load("{\"StartAt\":\"X\",\"TimeoutSeconds\":600,\"States\":{\"X\":{"
               "\"Type\":\"Task\",\"Resource\":\"r\",\"End\":true,"
               "\"Retry\":[{\"ErrorEquals\":[\"E\"],\"IntervalSeconds\":3,"
               "\"BackoffRate\":1}]}}}");

    for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        exec = start(def, "{}");
        failed.retry_after_ms = wishes[i][0];
        ok(asl_advance(exec, &failed, &env, &actions) == ASL_OK
           && actions.count == 1, "a retry is scheduled");
        is_int(actions.items[0].due_ms, START_MS + wishes[i][1],
               "not before the server wants it, nor after the execution's end");
    }

    asl_def_free(def);
}


static void
test_item(void)
{
    asl_def_t      *def;
    asl_exec_t     *exec;
    asl_actions_t   actions;

    def = load(
        "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"End\":true,"
        "\"ItemProcessor\":{\"StartAt\":\"N\",\"States\":{\"N\":{"
        "\"Type\":\"Map\",\"End\":true,"
        "\"ItemProcessor\":{\"StartAt\":\"X\",\"States\":{\"X\":{"
        "\"Type\":\"Task\",\"Resource\":\"r\",\"End\":true}}}}}}}}}");
    exec = start(def, "[[1,2],[3]]");
    actions = asl_exec_actions(exec);
    is_int((int64_t) actions.count, 3, "three tasks of one state");
    is_str(actions.items[0].item, BASE_STR("0.0"), "each has a place");
    is_str(actions.items[1].item, BASE_STR("0.1"), "of its own");
    is_str(actions.items[2].item, BASE_STR("1.0"), "among the iterations");
    exec = reloaded(def, exec);
    is_str(asl_exec_actions(exec).items[1].item, BASE_STR("0.1"),
           "and keeps it");
    asl_def_free(def);

    def = load("{\"StartAt\":\"X\",\"States\":{\"X\":{\"Type\":\"Task\","
               "\"Resource\":\"r\",\"End\":true}}}");
    exec = start(def, "{}");
    is_str(asl_exec_actions(exec).items[0].item, BASE_STR(""),
           "outside of a Map there is none");
    asl_def_free(def);
}


static bool
note(void *data, const asl_task_info_t *task)
{
    bool                given;
    base_buf_t         *buf = data;
    const base_json_t  *value;

    value = asl_task_parameter(task, BASE_STR("F"), &given);
    base_buf_printf(buf, "%.*s %.*s %s %.*s\n", BASE_STR_ARG(task->state),
                    BASE_STR_ARG(task->resource), given ? "given" : "none",
                    BASE_STR_ARG(value == NULL ? BASE_STR("-")
                                               : value->text));
    return true;
}


static void
test_tasks(void)
{
    asl_def_t   *def;
    base_buf_t   buf;

    def = load(
        "{\"StartAt\":\"A\",\"States\":{"
        "\"A\":{\"Type\":\"Task\",\"Resource\":\"a\",\"Next\":\"P\"},"
        "\"P\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":["
        "{\"StartAt\":\"B\",\"States\":{\"B\":{\"Type\":\"Task\","
        "\"Resource\":\"b\",\"Parameters\":{\"F\":\"x\"},\"End\":true}}},"
        "{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Task\","
        "\"Resource\":\"c\",\"Parameters\":{\"F\":\"y\",\"P.$\":\"$\"},"
        "\"End\":true}}},"
        "{\"StartAt\":\"D\",\"States\":{\"D\":{\"Type\":\"Task\","
        "\"Resource\":\"d\",\"Parameters\":{\"F.$\":\"$.f\"},"
        "\"End\":true}}}]}}}");
    base_buf_init(&buf, &arena, SIZE_MAX);
    ok(asl_def_each_task(def, note, &buf), "every task is named");
    is_str(base_buf_str(&buf), BASE_STR("A a none -\nB b given x\n"
                                        "C c given y\nD d given -\n"),
           "with what its Parameters say for certain");
    asl_def_free(def);
}


int
main(void)
{
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_heartbeat();
    test_retry_after();
    test_item();
    test_tasks();
    base_arena_deinit(&arena);

    return done_testing();
}
