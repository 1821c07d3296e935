/* SPDX-License-Identifier: BSD-2-Clause */

/* Every limit, at the limit and one beyond. */

#include "workflow/def.h"
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
repeated(const char *before, const char *piece, unsigned count,
    const char *middle, const char *piece_after, const char *after)
{
    unsigned    i;
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_buf_add_str(&buf, base_str_c(before));
    for (i = 0; i < count; i++) {
        base_buf_add_str(&buf, base_str_c(piece));
    }

    base_buf_add_str(&buf, base_str_c(middle));
    for (i = 0; i < count; i++) {
        base_buf_add_str(&buf, base_str_c(piece_after));
    }

    base_buf_add_str(&buf, base_str_c(after));
    return base_buf_str(&buf);
}


static bool
loads(base_str_t text)
{
    asl_def_t      *def;
    asl_problem_t  *problems;

    def = asl_def_load(text, NULL, &arena, &problems);
    asl_def_free(def);
    return def != NULL;
}


static bool
path_loads(base_str_t path)
{
    return loads(base_arena_printf(&arena, "{\"StartAt\":\"X\",\"States\":{"
                                   "\"X\":{\"Type\":\"Pass\",\"InputPath\":"
                                   "\"%.*s\",\"End\":true}}}",
                                   BASE_STR_ARG(path)));
}


static bool
expression_loads(base_str_t expression)
{
    return loads(base_arena_printf(&arena, "{\"StartAt\":\"X\",\"States\":{"
                                   "\"X\":{\"Type\":\"Pass\",\"Parameters\":"
                                   "{\"a.$\":\"%.*s\"},\"End\":true}}}",
                                   BASE_STR_ARG(expression)));
}


static void
test_definitions(void)
{
    const char  *head = "{\"StartAt\":\"C\",\"States\":{\"E\":{\"Type\":"
                        "\"Succeed\"},\"C\":{\"Type\":\"Choice\",\"Default\":"
                        "\"E\",\"Choices\":[{\"Next\":\"E\",\"Not\":";
    const char  *leaf = "{\"Variable\":\"$.a\",\"IsNull\":true}";

    ok(loads(repeated(head, "{\"Not\":", ASL_CHOICE_DEPTH - 1, leaf, "}",
                      "}]}}}")), "Choice Rules as deep as they may be");
    ok(!loads(repeated(head, "{\"Not\":", ASL_CHOICE_DEPTH, leaf, "}",
                       "}]}}}")), "and one deeper");

    ok(path_loads(repeated("$[?(", "!", ASL_FILTER_DEPTH - 1, "@.a", "", ")]")),
       "a filter as deep as it may be");
    ok(!path_loads(repeated("$[?(", "!", ASL_FILTER_DEPTH, "@.a", "", ")]")),
       "and one deeper");
    ok(path_loads(repeated("$[?(", "(", ASL_FILTER_DEPTH - 1, "@.a", ")",
                           ")]")), "also by parentheses");
    ok(!path_loads(repeated("$[?(", "(", ASL_FILTER_DEPTH, "@.a", ")",
                            ")]")), "and one deeper");
    ok(!path_loads(repeated("$", "[?(@", 100000, "", ")]", "")),
       "a hundred thousand filters in each other");
    ok(path_loads(repeated("$[?(", "@.a && ", 1000, "@.b", "", ")]")),
       "a filter as long as it likes");

    ok(expression_loads(repeated("States.Array(", "1,", ASL_ARGS_MAX - 1, "1",
                                 "", ")")), "as many arguments as may be");
    ok(!expression_loads(repeated("States.Array(", "1,", ASL_ARGS_MAX, "1",
                                  "", ")")), "and one more");
    ok(!expression_loads(repeated("", "States.Array(", 100000, "", ")", "")),
       "a hundred thousand functions in each other");
}


/* Parallel States in each other. */
static base_str_t
nested(unsigned depth)
{
    unsigned    i;
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    for (i = 0; i < depth; i++) {
        base_buf_printf(&buf, "{\"StartAt\":\"P%u\",\"States\":{\"P%u\":{"
                        "\"Type\":\"Parallel\",\"End\":true,\"Branches\":[",
                        i, i);
    }

    base_buf_add_lit(&buf, "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":"
                     "\"Task\",\"Resource\":\"t\",\"End\":true}}}");
    for (i = 0; i < depth; i++) {
        base_buf_add_lit(&buf, "]}}}");
    }

    return base_buf_str(&buf);
}


static asl_def_t *
definition(base_str_t text, const asl_limits_t *limits)
{
    asl_def_t      *def;
    asl_problem_t  *problems;

    def = asl_def_load(text, limits, &arena, &problems);
    ok(def != NULL, "the definition loads");
    return def;
}


/* Saves and loads an execution whose data and frames are as deep as can be. */
static void
test_nesting(void)
{
    asl_def_t      *def = definition(nested(ASL_NESTING_MAX), NULL);
    asl_exec_t     *exec, *copy;
    base_buf_t      buf;
    base_str_t      reason;
    asl_actions_t   actions;
    base_json_t    *value;

    base_json_limits_t  limits = { .depth_max = 100 };

    ok(!loads(nested(ASL_NESTING_MAX + 1)), "states nested too deep");

    value = base_json_parse(&arena, repeated("", "[", ASL_DATA_DEPTH_MAX, "",
                                             "]", ""), &limits, NULL);
    is_int(asl_exec_start(def, &arena, BASE_STR("n"), value, &env, &exec,
                          &actions), ASL_OK, "the deepest frame");
    is_int(actions.items[0].kind, ASL_RUN_TASK, "gets the deepest data");

    base_buf_init(&buf, &arena, SIZE_MAX);
    asl_exec_save(exec, &buf);
    value = base_json_parse(&arena, base_buf_str(&buf), &asl_saved_limits,
                            NULL);
    ok(value != NULL, "what is saved can be read");
    is_int(asl_exec_load(def, &arena, value, &copy, &reason), ASL_OK,
           "and loaded");

    value = base_json_parse(&arena, repeated("", "[", ASL_DATA_DEPTH_MAX + 1,
                                             "", "]", ""), &limits, NULL);
    (void) asl_exec_start(def, &arena, BASE_STR("n"), value, &env, &exec,
                          &actions);
    is_str(actions.items[0].error, BASE_STR("States.DataLimitExceeded"),
           "data one deeper is refused");
    asl_def_free(def);
}


static const char  looping[] =
    "{\"StartAt\":\"A\",\"States\":{"
    "\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},"
    "\"B\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.end\","
    "\"IsPresent\":true,\"Next\":\"E\"}],\"Default\":\"A\"},"
    "\"E\":{\"Type\":\"Succeed\"}}}";


static void
test_steps(void)
{
    asl_limits_t    limits = { .steps_max = 10, .transitions_max = 25 };
    asl_def_t      *def = definition(base_str_c(looping), &limits);
    asl_exec_t     *exec;
    asl_event_t     event;
    asl_actions_t   actions;

    (void) asl_exec_start(def, &arena, BASE_STR("n"), NULL, &env, &exec,
                          &actions);
    is_int(actions.items[0].kind, ASL_WAIT_UNTIL,
           "after steps_max states an execution asks to be woken");
    is_int(actions.items[0].due_ms, env.now_ms, "at once");

    event = (asl_event_t) { .kind = ASL_EVENT_WAKE, .action_id = 1 };
    (void) asl_advance(exec, &event, &env, &actions);
    is_int(actions.items[0].kind, ASL_WAIT_UNTIL, "and once more");

    event.action_id = 2;
    (void) asl_advance(exec, &event, &env, &actions);
    is_int(actions.items[0].kind, ASL_FAIL, "after transitions_max it fails");
    is_str(actions.items[0].error, BASE_STR("States.Runtime"),
           "for good");
    asl_def_free(def);
}


static void
test_bytes(void)
{
    /* {"a":"xxxxxxxx"}: 2 for the braces, 5 with the key, 10 for the value */
    asl_limits_t    limits = { .data_bytes_max = 17 };
    asl_def_t      *def = definition(BASE_STR("{\"StartAt\":\"T\",\"States\":{"
                          "\"T\":{\"Type\":\"Task\",\"Resource\":\"t\","
                          "\"ResultPath\":\"$.r\",\"Catch\":[{\"ErrorEquals\":["
                          "\"States.DataLimitExceeded\"],\"Next\":\"E\","
                          "\"ResultPath\":null}],\"End\":true},"
                          "\"E\":{\"Type\":\"Succeed\"}}}"), &limits);
    asl_exec_t     *exec;
    asl_event_t     event = { .kind = ASL_EVENT_SUCCEEDED, .action_id = 1 };
    asl_actions_t   actions;

    (void) asl_exec_start(def, &arena, BASE_STR("n"),
                          base_json_parse(&arena,
                                          BASE_STR("{\"a\":\"xxxxxxxx\"}"),
                                          NULL, NULL), &env, &exec, &actions);
    is_int(actions.items[0].kind, ASL_RUN_TASK, "data of data_bytes_max bytes");
    (void) asl_advance(exec, &event, &env, &actions);
    is_int(actions.items[0].kind, ASL_SUCCEED, "more than that is an error");
    is_str(asl_exec_state(exec), BASE_STR("E"), "that can be caught");

    (void) asl_exec_start(def, &arena, BASE_STR("n"),
                          base_json_parse(&arena,
                                          BASE_STR("{\"a\":\"xxxxxxxxx\"}"),
                                          NULL, NULL), &env, &exec, &actions);
    is_str(actions.items[0].error, BASE_STR("States.DataLimitExceeded"),
           "an input that is too large ends the execution");
    asl_def_free(def);
}


static void
test_nodes(void)
{
    unsigned        i;
    asl_def_t      *def = definition(BASE_STR("{\"StartAt\":\"P\",\"States\":{"
                          "\"P\":{\"Type\":\"Pass\",\"InputPath\":"
                          "\"$..*..*..*\",\"End\":true}}}"), NULL);
    base_buf_t      buf;
    asl_exec_t     *exec;
    asl_actions_t   actions;

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_buf_add_lit(&buf, "[[[[[[[[[[0");
    for (i = 0; i < 3000; i++) {
        base_buf_add_lit(&buf, ",0");
    }

    base_buf_add_lit(&buf, "]]]]]]]]]]");
    (void) asl_exec_start(def, &arena, BASE_STR("n"),
                          base_json_parse(&arena, base_buf_str(&buf), NULL,
                                          NULL), &env, &exec, &actions);
    is_str(actions.items[0].error, BASE_STR("States.DataLimitExceeded"),
           "a path that touches too many values ends the execution");
    asl_def_free(def);
}


static void
test_problems(void)
{
    unsigned        count = 0;
    asl_def_t      *def;
    asl_problem_t  *problem;

    def = asl_def_load(repeated("{\"StartAt\":\"X\",\"States\":{\"X\":{"
                                "\"Type\":\"Task\",\"Resource\":\"r\","
                                "\"End\":true,\"Retry\":[", "7,", 200, "7",
                                "", "]}}}"),
                       NULL, &arena, &problem);
    for ( ; problem != NULL; problem = problem->next) {
        count++;
    }

    ok(def == NULL, "a definition with 201 mistakes");
    is_int(count, 100, "of which the first 100 are reported");
}


int
main(void)
{
    env = (asl_env_t) { .now_ms = 1700000000000, .random = fill };
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_definitions();
    test_nesting();
    test_steps();
    test_bytes();
    test_nodes();
    test_problems();
    base_arena_deinit(&arena);
    return done_testing();
}
