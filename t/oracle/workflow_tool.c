/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Our side of workflow.mjs: runs definitions to their end.
 *
 *   workflow_tool < cases > outcomes
 *
 * A case is a line, {"definition":...,"input":...,"mocks":...}; its outcome is
 * one too:
 *
 *   {"visits":["A","B"],"errors":[{"state":...,"error":...,"cause":...}],
 *    "output":...}
 *
 * or with "error" and "cause" in place of "output".  "errors" are all there
 * were, also those that a Retry or a Catch took.
 */

#include "workflow/workflow.h"

#include <stdio.h>
#include <stdlib.h>


#define START_MS  INT64_C(1700000000000)


typedef struct {
    base_arena_t        arena;
    const base_json_t  *mocks;
    base_json_t        *visits;
    base_json_t        *errors;
} run_t;


static base_json_t *
copied(run_t *run, base_str_t text)
{
    return base_json_copy(&run->arena, base_json_string(&run->arena, text));
}


static void
add_error(run_t *run, base_json_t *object, base_str_t error, base_str_t cause)
{
    base_json_add(object, BASE_STR("error"), copied(run, error));
    base_json_add(object, BASE_STR("cause"), copied(run, cause));
}


/* The same bits always. */
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


static bool
answer(void *data, const asl_action_t *action, uint32_t call,
    asl_answer_t *out)
{
    run_t  *run = data;

    return asl_mock_answer(run->mocks, action->state, call, out);
}


static void
trace(void *data, const asl_trace_t *step)
{
    run_t        *run = data;
    base_json_t  *object;

    if (step->kind == ASL_TRACE_STATE_ENTERED) {
        base_json_append(run->visits, copied(run, step->state));
    }

    if (step->error.len > 0) {
        object = base_json_object(&run->arena);
        base_json_add(object, BASE_STR("state"), copied(run, step->state));
        add_error(run, object, step->error, step->cause);
        base_json_append(run->errors, object);
    }
}


static asl_def_t *
load(run_t *run, const base_json_t *value)
{
    asl_def_t      *def;
    base_buf_t      text;
    asl_problem_t  *problem;

    base_buf_init(&text, &run->arena, SIZE_MAX);
    base_json_write(&text, value);
    def = asl_def_load(base_buf_str(&text), NULL, &run->arena, &problem);
    if (def == NULL) {
        fprintf(stderr, "%.*s: %.*s: %.*s\n", BASE_STR_ARG(base_buf_str(&text)),
                BASE_STR_ARG(problem->pointer),
                BASE_STR_ARG(problem->message));
        exit(EXIT_FAILURE);
    }

    return def;
}


static void
outcome_line(base_str_t line)
{
    run_t                run;
    asl_env_t            env = { .now_ms = START_MS, .random = fill,
                                 .token = token, .trace = trace, .data = &run };
    asl_def_t           *def;
    asl_exec_t          *exec;
    base_buf_t           text;
    base_json_t         *job, *outcome;
    const asl_action_t  *end;
    asl_simulation_t     simulation = { .answer = answer, .data = &run };

    base_arena_init(&run.arena, 65536, BASE_ARENA_UNLIMITED);
    job = base_json_parse(&run.arena, line, &asl_saved_limits, NULL);
    run.mocks = base_json_get(job, BASE_STR("mocks"));
    run.visits = base_json_array(&run.arena);
    run.errors = base_json_array(&run.arena);

    def = load(&run, base_json_get(job, BASE_STR("definition")));
    if (asl_simulate(def, &run.arena, BASE_STR("n"),
                     base_json_get(job, BASE_STR("input")), &env, &simulation,
                     &exec) != ASL_OK)
    {
        fprintf(stderr, "an execution does not end\n");
        exit(EXIT_FAILURE);
    }

    outcome = base_json_object(&run.arena);
    base_json_add(outcome, BASE_STR("visits"), run.visits);
    base_json_add(outcome, BASE_STR("errors"), run.errors);

    end = &asl_exec_actions(exec).items[0];
    if (end->kind == ASL_SUCCEED) {
        base_json_add(outcome, BASE_STR("output"),
                      base_json_copy(&run.arena, end->output));
    } else {
        add_error(&run, outcome, end->error, end->cause);
    }

    base_buf_init(&text, &run.arena, SIZE_MAX);
    base_json_write(&text, outcome);
    printf("%.*s\n", BASE_STR_ARG(base_buf_str(&text)));

    asl_def_free(def);
    base_arena_deinit(&run.arena);
}


int
main(void)
{
    char     *line = NULL;
    size_t    size = 0;
    ssize_t   len;

    for ( ;; ) {
        len = getline(&line, &size, stdin);
        if (len <= 0) {
            break;
        }

        outcome_line(base_str(line, (size_t) len));
    }

    free(line);
    return EXIT_SUCCESS;
}
