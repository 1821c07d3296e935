/* SPDX-License-Identifier: BSD-2-Clause */

/* Executions that are changed while they rest. */

#include "workflow/workflow.h"

#include "tap.h"


static base_arena_t     arena;
static asl_env_t        env = { .now_ms = 1795502107123 };
static asl_def_t       *def;
static asl_exec_t      *exec;
static asl_actions_t    actions;


static const char  text[] =
    "{\"StartAt\":\"Wait\",\"States\":{"
    "\"Wait\":{\"Type\":\"Wait\",\"Seconds\":60,\"Next\":\"Pay\"},"
    "\"Pay\":{\"Type\":\"Task\",\"Resource\":\"orders:pay\","
    "\"Parameters\":{\"order.$\":\"$.order\","
    "\"first.$\":\"$$.Execution.Input.order.name\"},"
    "\"Retry\":[{\"ErrorEquals\":[\"States.ALL\"],\"MaxAttempts\":1}],"
    "\"End\":true}}}";


static base_json_t *
json(const char *value)
{
    return base_json_parse(&arena, base_str_c(value), NULL, NULL);
}


static void
fill(void *data, unsigned char *bytes, size_t len)
{
    (void) data;
    memset(bytes, 0, len);
}


static void
start(const asl_limits_t *limits)
{
    asl_problem_t  *problems;

    env.random = fill;
    asl_def_free(def);
    def = asl_def_load(base_str_c(text), limits, &arena, &problems);
    if (def == NULL
        || asl_exec_start(def, &arena, BASE_STR("x"),
                          json("{\"order\":{\"name\":\"a\",\"n\":1},\"o\":2}"),
                          &env, &exec, &actions) != ASL_OK)
    {
        printf("Bail out! the workflow does not start\n");
        exit(1);
    }
}


/* Saves it and makes it anew. */
static void
reload(void)
{
    base_buf_t  buf;
    base_str_t  reason;

    base_buf_init(&buf, &arena, SIZE_MAX);
    asl_exec_save(exec, &buf);
    if (asl_exec_load(def, &arena,
                      base_json_parse(&arena, base_buf_str(&buf), NULL, NULL),
                      &exec, &reason) != ASL_OK)
    {
        printf("Bail out! it does not load: %.*s\n", BASE_STR_ARG(reason));
        exit(1);
    }
}


static asl_status_t
advance(asl_event_kind_t kind)
{
    asl_event_t  event = {
        .kind = kind, .action_id = asl_exec_actions(exec).items[0].id,
        .error = BASE_STR("Broken"), .cause = BASE_STR("")
    };

    return asl_advance(exec, &event, &env, &actions);
}


static void
test_amend(void)
{
    base_buf_t  buf;

    start(NULL);
    ok(asl_exec_rests(exec), "an execution in a Wait State rests");
    ok(asl_exec_amend(exec, BASE_STR("order"),
                      json("{\"n\":3,\"new\":[true]}")) == ASL_OK,
       "it may be changed");
    ok(asl_exec_amend(exec, BASE_STR("nothing"), json("{\"n\":9}")) == ASL_OK,
       "what is not there is not changed");
    reload();
    ok(asl_exec_amend(exec, BASE_STR("order"), json("{\"name\":\"b\"}"))
       == ASL_OK, "also after it was saved and loaded");
    reload();

    ok(advance(ASL_EVENT_WAKE) == ASL_OK && actions.count == 1
       && actions.items[0].kind == ASL_RUN_TASK, "it goes on");
    base_buf_init(&buf, &arena, SIZE_MAX);
    base_json_write(&buf, actions.items[0].input);
    is_str(base_buf_str(&buf),
           BASE_STR("{\"order\":{\"name\":\"b\",\"n\":3,\"new\":[true]},"
                    "\"first\":\"b\"}"),
           "with what it was changed to, in data and input");
}


static void
test_busy(void)
{
    ok(!asl_exec_rests(exec), "while a task runs it does not rest");
    ok(asl_exec_amend(exec, BASE_STR("order"), json("{\"n\":4}"))
       == ASL_INVALID, "and is not changed");

    ok(advance(ASL_EVENT_FAILED) == ASL_OK
       && actions.items[0].kind == ASL_WAIT_UNTIL,
       "the task waits for a Retry");
    ok(!asl_exec_rests(exec), "that is no rest");
    ok(asl_exec_amend(exec, BASE_STR("order"), json("{\"n\":4}"))
       == ASL_INVALID, "it is not changed either");

    ok(advance(ASL_EVENT_WAKE) == ASL_OK
       && advance(ASL_EVENT_FAILED) == ASL_OK && asl_exec_ended(exec),
       "it fails");
    ok(!asl_exec_rests(exec), "what has ended does not rest");
    ok(asl_exec_amend(exec, BASE_STR("order"), json("{\"n\":4}"))
       == ASL_INVALID, "and is not changed");
}


static void
test_limits(void)
{
    int64_t        n;
    char           large[2048];
    asl_limits_t   limits = { .data_bytes_max = 1000 };
    asl_status_t   status = ASL_NOMEM;
    base_json_t   *members = json("{\"n\":3,\"m\":{\"a\":[1]}}");
    base_arena_t   small;

    start(&limits);
    memset(large, 'x', sizeof(large));
    memcpy(large, "{\"name\":\"", 9);
    memcpy(large + 1500, "\"}", 3);
    ok(asl_exec_amend(exec, BASE_STR("order"), json(large)) == ASL_LIMIT,
       "data that becomes too large is refused");
    ok(asl_exec_amend(exec, BASE_STR("order"), json("{\"n\":4}")) == ASL_OK,
       "and the execution is as it was");

    for (n = 1; n < 100 && status == ASL_NOMEM; n++) {
        base_arena_init(&small, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        if (asl_exec_start(def, &small, BASE_STR("x"), json("{\"order\":{}}"),
                           &env, &exec, &actions) == ASL_OK)
        {
            base_arena_fail_after(&small, n);
            status = asl_exec_amend(exec, BASE_STR("order"), members);
        }

        base_arena_deinit(&small);
    }

    ok(status == ASL_OK && n > 5, "each allocation may fail");
}


int
main(void)
{
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    test_amend();
    test_busy();
    test_limits();

    asl_def_free(def);
    base_arena_deinit(&arena);
    return done_testing();
}
