/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * t/cases/workflow/run: executions.
 *
 *   --- definition     JSON; or one of the shorter
 *   --- state          the one state, named X
 *   --- parameters     of a Pass State, whose output is what they make
 *   --- rule           a Choice Rule without Next: the output is true or false
 *   --- input          {} if left out
 *   --- tasks          the answers of tasks, each used once, in lines
 *                        State = JSON of a result
 *                        State ! Error and a cause
 *   --- output         JSON; or
 *   --- error          its name; in a second line a part of its cause
 *   --- visits         states entered, in their order, with commas
 *   --- actions        "task State input", "wait State seconds" in lines
 *
 * Tasks are answered in the order of their ids, and time goes on when all that
 * is open waits.  Between any two events the execution is saved and loaded.
 */

#include "workflow/workflow.h"

#include "cases.h"
#include "tap.h"


#define START_MS  1700000000000         /* 2023-11-14T22:13:20.000Z */


typedef struct {
    const cases_case_t  *one;
    base_arena_t         arena;
    asl_env_t            env;
    base_buf_t           visits;
    base_buf_t           actions;
    bool                 used[64];      /* lines of tasks */
    bool                 loads;         /* every save loads and is the same */
} run_t;


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


static void
visited(void *data, const asl_trace_t *trace)
{
    run_t  *run = data;

    if (trace->kind == ASL_TRACE_STATE_ENTERED) {
        base_buf_printf(&run->visits, "%s%.*s", run->visits.len > 0 ? ", " : "",
                        BASE_STR_ARG(trace->state));
    }
}


static base_str_t
definition(run_t *run)
{
    base_str_t  text = cases_section(run->one, "definition");

    if (text.data != NULL) {
        return text;
    }

    text = cases_section(run->one, "state");
    if (text.data != NULL) {
        return base_arena_printf(&run->arena, "{\"StartAt\":\"X\",\"States\":"
                                 "{\"X\":%.*s}}", BASE_STR_ARG(text));
    }

    text = cases_section(run->one, "parameters");
    if (text.data != NULL) {
        return base_arena_printf(&run->arena, "{\"StartAt\":\"X\",\"States\":"
                                 "{\"X\":{\"Type\":\"Pass\",\"End\":true,"
                                 "\"Parameters\":%.*s}}}", BASE_STR_ARG(text));
    }

    text = cases_section(run->one, "rule");
    return base_arena_printf(&run->arena, "{\"StartAt\":\"X\",\"States\":{"
        "\"X\":{\"Type\":\"Choice\",\"Choices\":[{\"Next\":\"Yes\",%.*s],"
        "\"Default\":\"No\"},"
        "\"Yes\":{\"Type\":\"Pass\",\"Result\":true,\"End\":true},"
        "\"No\":{\"Type\":\"Pass\",\"Result\":false,\"End\":true}}}",
        (int) (text.len == 0 ? 0 : text.len - 1),
        text.data == NULL ? "" : text.data + 1);
}


static base_str_t
json_text(run_t *run, const base_json_t *value)
{
    base_buf_t  buf;

    base_buf_init(&buf, &run->arena, SIZE_MAX);
    base_json_write(&buf, value);
    return base_buf_str(&buf);
}


static base_json_t *
json(run_t *run, base_str_t text)
{
    base_json_t  *value = base_json_parse(&run->arena, text, NULL, NULL);

    if (value == NULL) {
        printf("Bail out! not JSON: %.*s\n", BASE_STR_ARG(text));
        exit(1);
    }

    return value;
}


/* The next answer for a state, as an event. */
static void
answer(run_t *run, const asl_action_t *action, asl_event_t *event)
{
    int          i = 0;
    base_str_t   text = cases_section(run->one, "tasks"), line, rest;
    const char  *end = text.data + text.len, *eol, *pos = text.data, *space;

    *event = (asl_event_t) { .kind = ASL_EVENT_FAILED, .action_id = action->id,
                             .error = BASE_STR("Test.NoAnswer") };

    for ( ; pos < end; pos = eol + 1, i++) {
        eol = memchr(pos, '\n', (size_t) (end - pos));
        eol = eol == NULL ? end : eol;
        line = base_str(pos, (size_t) (eol - pos));

        if (run->used[i] || !base_str_starts(line, action->state)
            || line.len < action->state.len + 3
            || line.data[action->state.len] != ' ')
        {
            continue;
        }

        run->used[i] = true;
        rest = base_str(line.data + action->state.len + 3,
                        line.len - action->state.len - 3);
        if (line.data[action->state.len + 1] == '=') {
            event->kind = ASL_EVENT_SUCCEEDED;
            event->result = json(run, rest);
            return;
        }

        space = memchr(rest.data, ' ', rest.len);
        event->error = space == NULL ? rest
                       : base_str(rest.data, (size_t) (space - rest.data));
        event->cause = space == NULL ? base_str(NULL, 0)
                       : base_str(space + 1,
                                  rest.len - event->error.len - 1);
        return;
    }
}


static void
log_actions(run_t *run, const asl_actions_t *actions)
{
    size_t               i;
    const asl_action_t  *action;

    for (i = 0; i < actions->count; i++) {
        action = &actions->items[i];
        if (action->kind == ASL_RUN_TASK) {
            base_buf_printf(&run->actions, "%stask %.*s %.*s",
                            run->actions.len > 0 ? "\n" : "",
                            BASE_STR_ARG(action->state),
                            BASE_STR_ARG(json_text(run, action->input)));

        } else if (action->kind == ASL_WAIT_UNTIL) {
            base_buf_printf(&run->actions, "%swait %.*s %g",
                            run->actions.len > 0 ? "\n" : "",
                            BASE_STR_ARG(action->state),
                            (double) (action->due_ms - run->env.now_ms) / 1000);
        }
    }
}


/* The first task that is open, else the wait that is over first. */
static const asl_action_t *
choose(asl_actions_t open)
{
    size_t               i;
    const asl_action_t  *first = &open.items[0];

    for (i = 0; i < open.count; i++) {
        if (open.items[i].kind == ASL_RUN_TASK) {
            return &open.items[i];
        }

        if (open.items[i].due_ms < first->due_ms) {
            first = &open.items[i];
        }
    }

    return first;
}


static asl_exec_t *
reload(run_t *run, const asl_def_t *def, asl_exec_t *exec)
{
    base_buf_t           before, after;
    base_str_t           reason;
    asl_exec_t          *copy;

    base_buf_init(&before, &run->arena, SIZE_MAX);
    base_buf_init(&after, &run->arena, SIZE_MAX);
    asl_exec_save(exec, &before);
    if (asl_exec_load(def, &run->arena,
                      base_json_parse(&run->arena, base_buf_str(&before),
                                      &asl_saved_limits, NULL),
                      &copy, &reason) != ASL_OK)
    {
        printf("# not loaded: %.*s\n# %.*s\n", BASE_STR_ARG(reason),
               BASE_STR_ARG(base_buf_str(&before)));
        run->loads = false;
        return exec;
    }

    asl_exec_save(copy, &after);
    if (!base_str_eq(base_buf_str(&before), base_buf_str(&after))) {
        printf("# saved: %.*s\n# again: %.*s\n",
               BASE_STR_ARG(base_buf_str(&before)),
               BASE_STR_ARG(base_buf_str(&after)));
        run->loads = false;
    }

    return copy;
}


static const asl_action_t *
execute(run_t *run, const asl_def_t *def, const base_json_t *input)
{
    int                   events = 0;
    asl_exec_t           *exec;
    asl_event_t           event;
    asl_actions_t         actions;
    const asl_action_t   *action;

    if (asl_exec_start(def, &run->arena, BASE_STR("run-1"), input, &run->env,
                       &exec, &actions) != ASL_OK)
    {
        return NULL;
    }

    log_actions(run, &actions);
    while (!asl_exec_ended(exec) && events++ < 2000) {
        exec = reload(run, def, exec);
        action = choose(asl_exec_actions(exec));
        if (action->kind == ASL_RUN_TASK) {
            answer(run, action, &event);
        } else {
            event = (asl_event_t) { .kind = ASL_EVENT_WAKE,
                                    .action_id = action->id };
            if (action->due_ms > run->env.now_ms) {
                run->env.now_ms = action->due_ms;
            }
        }

        if (asl_advance(exec, &event, &run->env, &actions) != ASL_OK) {
            return NULL;
        }

        log_actions(run, &actions);
    }

    exec = reload(run, def, exec);
    return &asl_exec_actions(exec).items[0];
}


static void
check_end(run_t *run, const asl_action_t *end, const char *name)
{
    base_str_t   output = cases_section(run->one, "output");
    base_str_t   error = cases_section(run->one, "error"), cause;
    const char  *line;

    if (output.data != NULL) {
        ok(end->kind == ASL_SUCCEED
           && base_json_equal(end->output, json(run, output)),
           "%s: output", name);
        if (end->kind == ASL_SUCCEED) {
            printf("# output: %.*s\n",
                   BASE_STR_ARG(json_text(run, end->output)));
        } else {
            printf("# error: %.*s: %.*s\n", BASE_STR_ARG(end->error),
                   BASE_STR_ARG(end->cause));
        }

        return;
    }

    line = error.len == 0 ? NULL : memchr(error.data, '\n', error.len);
    cause = base_str(NULL, 0);
    if (line != NULL) {
        cause = base_str(line + 1,
                         (size_t) (error.data + error.len - line - 1));
        error.len = (size_t) (line - error.data);
    }

    ok(end->kind == ASL_FAIL, "%s: fails", name);
    is_str(end->error, error, name);
    ok(cause.len == 0
       || (end->cause.len > 0
           && memmem(end->cause.data, end->cause.len, cause.data, cause.len)
              != NULL), "%s: the cause says why", name);
    printf("# cause: %.*s\n", BASE_STR_ARG(end->cause));
}


static void
run_case(const char *file, const cases_case_t *one)
{
    char                 name[512];
    run_t                run = { .one = one, .loads = true };
    base_str_t           input = cases_section(one, "input"), expected;
    asl_def_t           *def;
    asl_problem_t       *problem;
    const asl_action_t  *end;

    snprintf(name, sizeof(name), "%s: %.*s", file, BASE_STR_ARG(one->name));
    base_arena_init(&run.arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_buf_init(&run.visits, &run.arena, SIZE_MAX);
    base_buf_init(&run.actions, &run.arena, SIZE_MAX);
    run.env = (asl_env_t) { .now_ms = START_MS, .random = fill, .token = token,
                            .trace = visited, .data = &run };

    def = asl_def_load(definition(&run), NULL, &run.arena, &problem);
    if (!ok(def != NULL, "%s: loads", name)) {
        printf("# %.*s: %.*s\n", BASE_STR_ARG(problem->pointer),
               BASE_STR_ARG(problem->message));
        base_arena_deinit(&run.arena);
        return;
    }

    end = execute(&run, def, input.data == NULL ? NULL : json(&run, input));
    if (ok(end != NULL, "%s: runs", name)) {
        check_end(&run, end, name);
    }

    ok(run.loads, "%s: every save loads", name);
    expected = cases_section(one, "visits");
    if (expected.data != NULL) {
        is_str(base_buf_str(&run.visits), expected, name);
    }

    expected = cases_section(one, "actions");
    if (expected.data != NULL) {
        is_str(base_buf_str(&run.actions), expected, name);
    }

    asl_def_free(def);
    base_arena_deinit(&run.arena);
}


int
main(void)
{
    ok(cases_each(TEST_TOP "/t/cases/workflow/run", run_case) > 0,
       "there are cases");
    return done_testing();
}
