/* SPDX-License-Identifier: BSD-2-Clause */

/* The default order process, event by event. */

#include "workflow/workflow.h"

#include "tap.h"


static base_arena_t  arena;
static asl_env_t     env;


static void
fill(void *data, unsigned char *bytes, size_t len)
{
    (void) data;
    memset(bytes, 0x5a, len);
}


static base_str_t
slurp(const char *path)
{
    char    *text;
    FILE    *file = fopen(path, "rb");
    size_t   len;

    text = base_arena_alloc(&arena, 65536);
    if (file == NULL || text == NULL) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }

    len = fread(text, 1, 65536, file);
    (void) fclose(file);
    return base_str(text, len);
}


static base_json_t *
json(const char *text)
{
    return base_json_parse(&arena, base_str_c(text), NULL, NULL);
}


static base_str_t
text_of(const base_json_t *value)
{
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_json_write(&buf, value);
    return base_buf_str(&buf);
}


static base_str_t
saved(const asl_exec_t *exec)
{
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    asl_exec_save(exec, &buf);
    return base_buf_str(&buf);
}


/* Saves, forgets and loads. */
static asl_exec_t *
reloaded(const asl_def_t *def, const asl_exec_t *exec)
{
    base_str_t    reason;
    asl_exec_t   *copy = NULL;
    base_json_t  *value = base_json_parse(&arena, saved(exec), NULL, NULL);

    ok(asl_exec_load(def, &arena, value, &copy, &reason) == ASL_OK,
       "a saved execution loads");
    is_str(saved(copy), saved(exec), "and saves as the same text");
    return copy;
}


static asl_actions_t
event(asl_exec_t *exec, asl_event_kind_t kind, uint32_t id,
    const char *result, const char *error)
{
    asl_event_t    e = { .kind = kind, .action_id = id,
                         .error = base_str_c(error) };
    asl_actions_t  actions = { 0 };

    e.result = result == NULL ? NULL : json(result);
    e.cause = error == NULL ? base_str_c(NULL) : BASE_STR("why");
    ok(asl_advance(exec, &e, &env, &actions) == ASL_OK, "the event is taken");
    return actions;
}


static void
test_success(const asl_def_t *def)
{
    asl_exec_t     *exec;
    asl_actions_t   actions;

    env = (asl_env_t) { .now_ms = 1700000000000, .random = fill };
    ok(asl_exec_start(def, &arena, BASE_STR("0190-1"),
                      json("{\"id\":\"0190-1\",\"name\":\"Soup\"}"), &env,
                      &exec, &actions) == ASL_OK, "an execution starts");
    is_int((int64_t) actions.count, 1, "one action");
    is_int(actions.items[0].kind, ASL_RUN_TASK, "a task");
    is_int(actions.items[0].id, 1, "with the first id");
    is_str(actions.items[0].resource, BASE_STR("orders:initialize"),
           "of that resource");
    is_str(actions.items[0].state, BASE_STR("InitializeOrder"), "and state");
    is_str(text_of(actions.items[0].input),
           BASE_STR("{\"id\":\"0190-1\",\"name\":\"Soup\"}"), "and input");
    is_int(actions.items[0].deadline_ms, 1700000060000,
           "the default timeout is 60 seconds");

    exec = reloaded(def, exec);
    actions = event(exec, ASL_EVENT_SUCCEEDED, 1, "{\"s\":\"PENDING\"}", NULL);
    is_int((int64_t) actions.count, 1, "the next action");
    is_str(actions.items[0].resource, BASE_STR("orders:pay"), "is to pay");
    is_int(actions.items[0].deadline_ms, 1700000030000, "within 30 seconds");
    is_str(text_of(actions.items[0].input),
           BASE_STR("{\"id\":\"0190-1\",\"name\":\"Soup\","
                    "\"order\":{\"s\":\"PENDING\"}}"),
           "ResultPath has placed the result");
    is_str(asl_exec_state(exec), BASE_STR("ProcessPayment"),
           "the execution is in the state ProcessPayment");
    printf("# saved: %zu bytes: %.*s\n", saved(exec).len,
           BASE_STR_ARG(saved(exec)));

    exec = reloaded(def, exec);
    actions = event(exec, ASL_EVENT_SUCCEEDED, 2, "{\"status\":\"SUCCESS\"}",
                    NULL);
    is_str(actions.items[0].resource, BASE_STR("orders:complete"),
           "a paid order is completed");

    exec = reloaded(def, exec);
    actions = event(exec, ASL_EVENT_SUCCEEDED, 3, "{\"s\":\"SUCCESS\"}", NULL);
    is_int(actions.items[0].kind, ASL_SUCCEED, "the execution succeeds");
    is_str(text_of(actions.items[0].output),
           BASE_STR("{\"id\":\"0190-1\",\"name\":\"Soup\","
                    "\"order\":{\"s\":\"SUCCESS\"},"
                    "\"payment\":{\"status\":\"SUCCESS\"}}"),
           "with the order as its output");
    ok(asl_exec_ended(exec), "it has ended");
    (void) reloaded(def, exec);
}


static void
test_refusal(const asl_def_t *def)
{
    asl_exec_t     *exec;
    asl_actions_t   actions;

    (void) asl_exec_start(def, &arena, BASE_STR("x"), json("{}"), &env, &exec,
                          &actions);
    (void) event(exec, ASL_EVENT_SUCCEEDED, 1, "{}", NULL);
    actions = event(exec, ASL_EVENT_SUCCEEDED, 2,
                    "{\"status\":\"FAILED\",\"reason\":\"no funds\"}", NULL);
    is_str(actions.items[0].resource, BASE_STR("orders:cancel"),
           "a refused order is canceled");
}


static void
test_retries(const asl_def_t *def)
{
    int             i;
    int64_t         wait_s = 1;
    uint32_t        id = 2;
    asl_exec_t     *exec;
    asl_actions_t   actions;

    (void) asl_exec_start(def, &arena, BASE_STR("x"), json("{}"), &env, &exec,
                          &actions);
    (void) event(exec, ASL_EVENT_SUCCEEDED, 1, "{}", NULL);
    for (i = 1; i <= 6; i++) {
        actions = event(exec, ASL_EVENT_FAILED, id, NULL,
                        "Payment.Unavailable");
        is_int(actions.items[0].kind, ASL_WAIT_UNTIL, "a retry waits");
        is_int(actions.items[0].due_ms, env.now_ms + wait_s * 1000,
               "twice as long as the one before");
        exec = reloaded(def, exec);
        id = asl_exec_actions(exec).items[0].id;
        actions = event(exec, ASL_EVENT_WAKE, id, NULL, NULL);
        is_int(actions.items[0].kind, ASL_RUN_TASK, "and runs the task again");
        is_int(actions.items[0].attempt, i, "as one attempt more");
        id = actions.items[0].id;
        wait_s *= 2;
    }

    actions = event(exec, ASL_EVENT_FAILED, id, NULL, "Payment.Unavailable");
    is_str(actions.items[0].resource, BASE_STR("orders:cancel"),
           "after six retries the Catch takes over");
    is_str(text_of(actions.items[0].input),
           BASE_STR("{\"order\":{},\"error\":{\"Error\":"
                    "\"Payment.Unavailable\",\"Cause\":\"why\"}}"),
           "with the error in $.error");
}


static void
test_undecided(const asl_def_t *def)
{
    static const char *const  errors[] = {
        "Payment.Ambiguous", "Payment.Timeout", "States.Timeout",
        "Payment.Ambiguous", "Payment.Timeout", "States.Timeout",
        "Payment.Ambiguous", "Payment.Timeout", "States.Timeout",
    };

    size_t          i;
    uint32_t        id = 2;
    asl_exec_t     *exec;
    asl_actions_t   actions;

    (void) asl_exec_start(def, &arena, BASE_STR("x"), json("{}"), &env, &exec,
                          &actions);
    (void) event(exec, ASL_EVENT_SUCCEEDED, 1, "{}", NULL);

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        actions = event(exec, ASL_EVENT_FAILED, id, NULL, errors[i]);
        is_int(actions.items[0].kind, ASL_WAIT_UNTIL,
               "what may have been paid is asked for again");
        actions = event(exec, ASL_EVENT_WAKE, actions.items[0].id, NULL, NULL);
        id = actions.items[0].id;
    }

    is_str(actions.items[0].resource, BASE_STR("orders:pay"),
           "however often that is");
}


static void
test_strangers(const asl_def_t *def)
{
    asl_exec_t     *exec;
    asl_event_t     e = { .kind = ASL_EVENT_WAKE, .action_id = 1 };
    asl_actions_t   actions;

    (void) asl_exec_start(def, &arena, BASE_STR("x"), NULL, &env, &exec,
                          &actions);
    ok(asl_advance(exec, &e, &env, &actions) == ASL_INVALID,
       "a task is not woken");
    e = (asl_event_t) { .kind = ASL_EVENT_SUCCEEDED, .action_id = 7 };
    ok(asl_advance(exec, &e, &env, &actions) == ASL_INVALID,
       "an unknown action has no result");

    e = (asl_event_t) { .kind = ASL_EVENT_ABORT, .error = BASE_STR("Stop") };
    ok(asl_advance(exec, &e, &env, &actions) == ASL_OK, "it can be aborted");
    is_int(actions.items[0].kind, ASL_FAIL, "and fails then");
    is_str(actions.items[0].error, BASE_STR("Stop"), "as it was told");
    ok(asl_advance(exec, &e, &env, &actions) == ASL_INVALID,
       "after the end nothing happens");

    (void) asl_exec_start(def, &arena, BASE_STR("x"), NULL, &env, &exec,
                          &actions);
    env.now_ms += 86400 * 1000;
    actions = event(exec, ASL_EVENT_SUCCEEDED, 1, "{}", NULL);
    is_int(actions.items[0].kind, ASL_FAIL, "an execution over its time fails");
    is_str(actions.items[0].error, BASE_STR("States.Timeout"), "by a timeout");
}


int
main(void)
{
    asl_def_t      *def;
    asl_problem_t  *problems;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    def = asl_def_load(slurp(TEST_TOP "/conf/workflow.json"), NULL, &arena,
                       &problems);
    ok(def != NULL, "the default workflow loads");
    ok(problems == NULL, "without a problem");
    if (def == NULL) {
        return done_testing();
    }

    is_int((int64_t) asl_def_version(def).len, 16, "it has a version");
    test_success(def);
    test_refusal(def);
    test_retries(def);
    test_undecided(def);
    test_strangers(def);
    asl_def_free(def);
    base_arena_deinit(&arena);
    return done_testing();
}
