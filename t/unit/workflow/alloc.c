/* SPDX-License-Identifier: BSD-2-Clause */

/* Memory that runs out: the n-th allocation fails, for every n, in loading a
 * definition, in starting, advancing, saving and loading an execution. */

#include "workflow/def.h"
#include "workflow/workflow.h"

#include "tap.h"


#define N_MAX  20000


static const char  definition[] =
    "{\"Comment\":\"all there is\",\"StartAt\":\"Set\",\"TimeoutSeconds\":900,"
    "\"States\":{"
    "\"Set\":{\"Type\":\"Pass\",\"Assign\":{\"v.$\":\"$.u\",\"w\":[1]},"
    "\"Parameters\":{\"a\\\\.b.$\":\"$..x[?(@.y > 1 && !(@.z in ['q']))]\","
    "\"f.$\":\"States.Format('{}\\\\'{}', $.n, States.MathAdd($.n, 1))\","
    "\"u.$\":\"States.ArrayUnique(States.Array(1, 1, States.UUID()))\","
    "\"h.$\":\"States.Hash($$.Execution.Input, 'SHA-1')\","
    "\"b.$\":\"States.Base64Decode(States.Base64Encode('abc'))\","
    "\"m.$\":\"States.JsonMerge($.o, $.o, true)\","
    "\"s.$\":\"States.StringToJson(States.JsonToString($.o))\","
    "\"p.$\":\"States.ArrayPartition(States.ArrayRange(1, 5, 1), 2)\","
    "\"g.$\":\"States.StringSplit('a,b', ',')\","
    "\"c.$\":\"States.ArrayContains($.list, 1)\","
    "\"t.$\":\"$$\"},\"ResultPath\":\"$.made.by\",\"Next\":\"Work\"},"
    "\"Work\":{\"Type\":\"Task\",\"Resource\":\"x.waitForTaskToken\","
    "\"Parameters\":{\"t.$\":\"$$.Task.Token\",\"r.$\":\"States.UUID()\"},"
    "\"ResultSelector\":{\"a.$\":\"$.a\"},\"ResultPath\":\"$.list[0]\","
    "\"Retry\":[{\"ErrorEquals\":[\"E\"],\"JitterStrategy\":\"FULL\"}],"
    "\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"ResultPath\":\"$.e\","
    "\"Assign\":{\"caught.$\":\"$.Error\"},\"Next\":\"Choose\"}],"
    "\"Next\":\"Choose\"},"
    "\"Choose\":{\"Type\":\"Choice\",\"Choices\":[{\"Or\":[{\"Variable\":"
    "\"$.no\",\"IsPresent\":true},{\"Variable\":\"$.n\",\"NumericEquals\":1}],"
    "\"Assign\":{\"chosen\":true},\"Next\":\"Wait\"}],\"Default\":\"Bad\"},"
    "\"Wait\":{\"Type\":\"Wait\",\"SecondsPath\":\"$.n\",\"Next\":\"Both\"},"
    "\"Both\":{\"Type\":\"Parallel\",\"ResultPath\":\"$.both\",\"Branches\":["
    "{\"StartAt\":\"L\",\"States\":{\"L\":{\"Type\":\"Task\","
    "\"Resource\":\"l\",\"End\":true}}},"
    "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\","
    "\"ItemsPath\":\"$.items\",\"ItemSelector\":{\"v.$\":"
    "\"$$.Map.Item.Value\"},\"ToleratedFailureCount\":1,"
    "\"ItemProcessor\":{\"StartAt\":\"I\",\"States\":{\"I\":{\"Type\":"
    "\"Task\",\"Resource\":\"i\",\"End\":true}}},\"End\":true}}}],"
    "\"Next\":\"Done\"},"
    "\"Done\":{\"Type\":\"Succeed\"},"
    "\"Bad\":{\"Type\":\"Fail\",\"Error\":\"Bad\",\"CausePath\":"
    "\"States.Format('{}', $.n)\"}}}";

static const char  input[] =
    "{\"n\":1,\"list\":[1,2],\"o\":{\"k\":{\"l\":[\"v\"]}},"
    "\"items\":[1,{\"a\":2}],\"x\":[{\"y\":2,\"z\":\"a\"}]}";


static base_arena_t  arena;             /* of what does not fail */
static asl_env_t     env;


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
    return (size_t) snprintf(text, ASL_TOKEN_BYTES_MAX, "%.*s.token",
                             BASE_STR_ARG(name));
}


static base_json_t *
json(const char *text)
{
    return base_json_parse(&arena, base_str_c(text), NULL, NULL);
}


static base_str_t
saved(const asl_exec_t *exec)
{
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    asl_exec_save(exec, &buf);
    return base_buf_str(&buf);
}


static asl_def_t *
test_load(void)
{
    bool            clean = true;
    int64_t         n;
    asl_def_t      *def = NULL;
    base_arena_t    problems_arena;
    asl_problem_t  *problems = NULL;

    for (n = 1; n < N_MAX && def == NULL; n++) {
        def = asl_def_load_failing(base_str_c(definition), NULL, &arena,
                                   &problems, n);
        clean &= def != NULL || problems == NULL;
    }

    ok(def != NULL, "the definition loads");
    ok(n > 100, "after %d failed allocations", (int) n - 2);
    ok(clean, "and none of them is taken for a mistake in it");

    /* the memory of the problems */
    for (n = 1, clean = false; n < 100 && !clean; n++) {
        base_arena_init(&problems_arena, 1024, SIZE_MAX);
        base_arena_fail_after(&problems_arena, n);
        asl_def_free(asl_def_load(BASE_STR("{\"a\":1}"), NULL, &problems_arena,
                                  &problems));
        clean = problems != NULL;
        base_arena_deinit(&problems_arena);
    }

    ok(clean && n > 2, "problems are reported when there is memory for them");
    return def;
}


/* One way through the whole definition: the events, in their order. */
static const struct {
    asl_event_kind_t  kind;
    uint32_t          id;
    const char       *result;
    const char       *error;
} steps[] = {
    { ASL_EVENT_FAILED, 1, NULL, "E" },
    { ASL_EVENT_WAKE, 2, NULL, NULL },
    { ASL_EVENT_FAILED, 3, NULL, "F" },
    { ASL_EVENT_WAKE, 4, NULL, NULL },
    { ASL_EVENT_SUCCEEDED, 5, "{\"l\":[1,2,3]}", NULL },
    { ASL_EVENT_FAILED, 6, NULL, "G" },
    { ASL_EVENT_SUCCEEDED, 7, "[1]", NULL },
};

#define STEPS  (sizeof(steps) / sizeof(steps[0]))


static asl_status_t
step(asl_exec_t *exec, size_t i)
{
    asl_event_t    event = { .kind = steps[i].kind, .action_id = steps[i].id,
                             .error = base_str_c(steps[i].error),
                             .cause = BASE_STR("because") };
    asl_actions_t  actions;

    if (steps[i].result != NULL) {
        event.result = json(steps[i].result);
    }

    return asl_advance(exec, &event, &env, &actions);
}


static void
test_start(const asl_def_t *def)
{
    int64_t         n;
    asl_exec_t     *exec;
    base_arena_t    own;
    asl_status_t    status = ASL_NOMEM;
    asl_actions_t   actions;
    base_json_t    *value = json(input);

    for (n = 1; n < N_MAX && status == ASL_NOMEM; n++) {
        base_arena_init(&own, 512, SIZE_MAX);
        base_arena_fail_after(&own, n);
        status = asl_exec_start(def, &own, BASE_STR("name"), value, &env,
                                &exec, &actions);
        base_arena_deinit(&own);
    }

    is_int(status, ASL_OK, "an execution starts");
    ok(n > 50, "after %d failed allocations", (int) n - 2);
}


/* Each step from what was saved before it: loading fails, the step fails, and
 * when it does not the outcome is the same as without failures. */
static void
test_steps(const asl_def_t *def)
{
    size_t          i;
    int64_t         n, failures = 0;
    asl_exec_t     *exec, *copy;
    base_str_t      before, after, reason;
    base_arena_t    own;
    asl_status_t    status;
    asl_actions_t   actions;
    base_json_t    *value;

    (void) asl_exec_start(def, &arena, BASE_STR("name"), json(input), &env,
                          &exec, &actions);
    for (i = 0; i < STEPS; i++) {
        before = saved(exec);
        value = base_json_parse(&arena, before, &asl_saved_limits, NULL);
        if (!ok(step(exec, i) == ASL_OK, "step %zu", i + 1)) {
            return;
        }

        after = saved(exec);
        for (n = 1, status = ASL_NOMEM; n < N_MAX && status == ASL_NOMEM; n++) {
            base_arena_init(&own, 512, SIZE_MAX);
            base_arena_fail_after(&own, n);
            status = asl_exec_load(def, &own, value, &copy, &reason);
            if (status == ASL_OK) {
                status = step(copy, i);
            }

            if (status == ASL_OK) {
                is_str(saved(copy), after, "the outcome is as ever");
            } else {
                failures++;
            }

            base_arena_deinit(&own);
        }

        is_int(status, ASL_OK, "with memory the step is taken");
    }

    ok(asl_exec_ended(exec), "the execution has ended");
    is_int(asl_exec_actions(exec).items[0].kind, ASL_SUCCEED, "with success");
    ok(failures > 100, "after %d failed allocations", (int) failures);
}


static void
test_save(const asl_def_t *def)
{
    base_buf_t      buf;
    asl_exec_t     *exec;
    base_arena_t    own;
    asl_actions_t   actions;

    (void) asl_exec_start(def, &arena, BASE_STR("name"), json(input), &env,
                          &exec, &actions);
    base_arena_init(&own, 512, SIZE_MAX);
    base_arena_fail_after(&own, 1);
    base_buf_init(&buf, &own, SIZE_MAX);
    asl_exec_save(exec, &buf);
    ok(buf.failed, "a buffer without memory says so");
    base_arena_deinit(&own);
}


int
main(void)
{
    asl_def_t  *def;

    env = (asl_env_t) { .now_ms = 1700000000000, .random = fill,
                        .token = token };
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    def = test_load();
    if (def != NULL) {
        test_start(def);
        test_steps(def);
        test_save(def);
    }

    asl_def_free(def);
    base_arena_deinit(&arena);
    return done_testing();
}
