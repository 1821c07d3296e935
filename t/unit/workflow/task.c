/* SPDX-License-Identifier: BSD-2-Clause */

/* What hosts of real tasks need: signs of life, a server's wish to be asked
 * later, the place among iterations, and what a definition's tasks name. */

#include "workflow/workflow.h"

#include "tap.h"


#define START_MS  1700000000000


static base_arena_t  arena;
static asl_env_t     env;
static unsigned      tokens;


static void
fill(void *data, unsigned char *bytes, size_t len)
{
    (void) data;
    memset(bytes, 0x5a, len);
}


static size_t
token(void *data, base_str_t name, char *text)
{
    (void) data;
    return (size_t) snprintf(text, ASL_TOKEN_BYTES_MAX, "%.*s.token-%u",
                             BASE_STR_ARG(name), ++tokens);
}


static size_t
no_token(void *data, base_str_t name, char *text)
{
    (void) data;
    (void) name;
    (void) text;
    return 0;
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

    env = (asl_env_t) { .now_ms = START_MS, .random = fill, .token = token };
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

    beat.kind = ASL_EVENT_CALLED;
    env.now_ms += 1000;
    ok(asl_advance(exec, &beat, &env, &actions) == ASL_OK
       && asl_exec_actions(exec).items[0].silent_until_ms == START_MS + 10000,
       "that it was called is a sign of life, too");
    beat.kind = ASL_EVENT_HEARTBEAT;

    beat.action_id = 2;
    ok(asl_advance(exec, &beat, &env, &actions) == ASL_INVALID,
       "one for a task that is not there is late");
    asl_def_free(def);
}


static asl_def_t *
load_token(const char *more, uint32_t timeout_s)
{
    asl_def_t      *def;
    asl_limits_t    limits = { .token_timeout_s = timeout_s };
    asl_problem_t  *problems;

    def = asl_def_load(base_arena_printf(&arena, "{\"StartAt\":\"X\","
              "\"States\":{\"X\":{\"Type\":\"Task\","
              "\"Resource\":\"r.waitForTaskToken\","
              "\"Parameters\":{\"t.$\":\"$$.Task.Token\"},%s\"End\":true}}}",
              more), &limits, &arena, &problems);
    ok(def != NULL, "it loads: %s", more);

    return def;
}


static const asl_action_t *
opened(const asl_exec_t *exec)
{
    return &asl_exec_actions(exec).items[0];
}


/* Called, the task stays open, and stays so over a save. */
static void
test_called(void)
{
    asl_def_t      *def = load_token("", 0);
    asl_exec_t     *exec;
    base_str_t      token;
    asl_event_t     event = { .kind = ASL_EVENT_CALLED, .action_id = 1 };
    asl_actions_t   actions;

    tokens = 0;
    exec = start(def, "{}");
    token = opened(exec)->token;
    is_str(token, BASE_STR("id.token-1"), "the host makes the token");
    is_str(base_json_get_str(opened(exec)->input, BASE_STR("t")), token,
           "which the task is given");
    is_int(opened(exec)->deadline_ms, START_MS + 86400000,
           "it waits for a day if nothing else is said");
    ok(!opened(exec)->called, "and is not called yet");

    exec = reloaded(def, exec);
    is_str(opened(exec)->token, token, "a save keeps the token");
    is_str(base_json_get_str(opened(exec)->input, BASE_STR("t")), token,
           "the task is given it again");
    ok(!opened(exec)->called, "it is still to be called");

    ok(asl_advance(exec, &event, &env, &actions) == ASL_OK
       && actions.count == 0, "once called it asks for nothing");
    exec = reloaded(def, exec);
    ok(opened(exec)->called && opened(exec)->id == 1,
       "and is known as called");
    is_str(opened(exec)->token, token, "under the same token");
    is_int(opened(exec)->deadline_ms, START_MS + 86400000,
           "with the same end");

    event.kind = ASL_EVENT_SUCCEEDED;
    event.result = base_json_int(&arena, 7);
    ok(asl_advance(exec, &event, &env, &actions) == ASL_OK
       && actions.count == 1 && actions.items[0].kind == ASL_SUCCEED
       && base_json_equal(actions.items[0].output, event.result),
       "the callback is its result");
    ok(asl_advance(exec, &event, &env, &actions) == ASL_INVALID,
       "and there is no second one");
    asl_def_free(def);
}


/* The callback may come before the call has returned, and a retry has a token
 * of its own. */
static void
test_called_never(void)
{
    asl_def_t      *def;
    asl_exec_t     *exec;
    asl_event_t     event = { .kind = ASL_EVENT_FAILED, .action_id = 1,
                              .error = BASE_STR("Busy") };
    asl_actions_t   actions;

    def = load_token("\"TimeoutSeconds\":9,\"Retry\":[{\"ErrorEquals\":"
                     "[\"Busy\"],\"IntervalSeconds\":1}],", 0);
    tokens = 0;
    exec = start(def, "{}");
    is_int(opened(exec)->deadline_ms, START_MS + 9000, "TimeoutSeconds counts");
    ok(asl_advance(exec, &event, &env, &actions) == ASL_OK
       && actions.items[0].kind == ASL_WAIT_UNTIL, "a call that fails");
    is_str(opened(exec)->token, BASE_STR(""), "its token is gone");
    event = (asl_event_t) { .kind = ASL_EVENT_WAKE, .action_id = 2 };
    ok(asl_advance(exec, &event, &env, &actions) == ASL_OK, "is tried again");
    is_str(opened(exec)->token, BASE_STR("id.token-2"), "with a new token");
    is_str(base_json_get_str(opened(exec)->input, BASE_STR("t")),
           BASE_STR("id.token-2"), "which the task is given");

    event = (asl_event_t) { .kind = ASL_EVENT_SUCCEEDED, .action_id = 3 };
    ok(asl_advance(exec, &event, &env, &actions) == ASL_OK
       && asl_exec_ended(exec), "a callback need not wait for the call");
    asl_def_free(def);

    def = load_token("", 5);
    exec = start(def, "{}");
    is_int(opened(exec)->deadline_ms, START_MS + 5000,
           "the host may say how long such a task waits");
    asl_def_free(def);

    def = load("{\"StartAt\":\"X\",\"States\":{\"X\":{\"Type\":\"Task\","
               "\"Resource\":\"r\",\"End\":true}}}");
    exec = start(def, "{}");
    event = (asl_event_t) { .kind = ASL_EVENT_CALLED, .action_id = 1 };
    ok(asl_advance(exec, &event, &env, &actions) == ASL_INVALID,
       "any other task is not called, it is done");
    asl_def_free(def);
}


static void
test_no_token(void)
{
    asl_def_t      *def = load_token("\"Catch\":[{\"ErrorEquals\":"
                          "[\"States.ALL\"],\"Next\":\"X\"}],", 0);
    asl_exec_t     *exec;
    asl_env_t       none = { .now_ms = START_MS, .random = fill,
                             .token = no_token };
    asl_actions_t   actions;

    ok(asl_exec_start(def, &arena, BASE_STR("id"), NULL, &none, &exec,
                      &actions) == ASL_OK
       && actions.items[0].kind == ASL_FAIL,
       "without a token the execution fails, and nothing catches that");
    is_str(actions.items[0].error, BASE_STR("States.Runtime"), "by its name");
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
    test_called();
    test_called_never();
    test_no_token();
    test_retry_after();
    test_item();
    test_tasks();
    base_arena_deinit(&arena);

    return done_testing();
}
