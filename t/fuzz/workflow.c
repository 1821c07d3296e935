/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any definition, and an execution of it.  The input's parts are divided by
 * lines of "----":
 *
 *   definition     JSON or not
 *   input          of the execution, JSON
 *   result         of every task, JSON
 *   script         a byte for each event: which open action, what happens to it
 *   saved          an execution to be loaded, as from a hostile store
 *
 * Whatever comes, an execution is saved as JSON that loads and is the same.
 */

#include "workflow/workflow.h"

#include "fuzz.h"


#define EVENTS_MAX  64


typedef struct {
    base_arena_t        arena;
    asl_env_t           env;
    const asl_def_t    *def;
    const base_json_t  *result;
} workflow_t;


static const base_str_t  workflow_errors[] = {
    BASE_STR_INIT("States.Timeout"),
    BASE_STR_INIT("States.TaskFailed"),
    BASE_STR_INIT("E"),
    BASE_STR_INIT("States.HeartbeatTimeout"),
};


static void
workflow_random(void *data, unsigned char *bytes, size_t len)
{
    (void) data;
    memset(bytes, 0x5a, len);
}


static size_t
workflow_token(void *data, base_str_t name, char *text)
{
    (void) data;
    (void) name;
    text[0] = 't';
    return 1;
}


static base_str_t
workflow_part(base_str_t *text)
{
    size_t      i;
    base_str_t  part = *text;

    for (i = 0; i + 6 <= text->len; i++) {
        if (memcmp(text->data + i, "\n----\n", 6) == 0) {
            part.len = i;
            *text = base_str(text->data + i + 6, text->len - i - 6);
            return part;
        }
    }

    *text = base_str(NULL, 0);
    return part;
}


static void
workflow_check_problems(const asl_def_t *def, const asl_problem_t *problem)
{
    bool  errors = false;

    for ( ; problem != NULL; problem = problem->next) {
        errors |= !problem->warning;
        check(problem->message.len > 0);
        check(problem->pointer.len == 0 || problem->pointer.data[0] == '/');
    }

    check((def == NULL) == errors);
}


static void
workflow_check_actions(const asl_exec_t *exec)
{
    size_t         i;
    asl_actions_t  open = asl_exec_actions(exec);

    check(open.count > 0);
    for (i = 0; i < open.count; i++) {
        check(open.items[i].id > (i == 0 ? 0 : open.items[i - 1].id));
        check((open.items[i].kind >= ASL_SUCCEED) == asl_exec_ended(exec));
        check(open.items[i].kind != ASL_RUN_TASK
              || open.items[i].input != NULL);
        check(open.items[i].kind != ASL_SUCCEED
              || open.items[i].output != NULL);
    }

    check(!asl_exec_ended(exec) || open.count == 1);
}


static base_str_t
workflow_save(workflow_t *w, const asl_exec_t *exec)
{
    base_buf_t  buf;

    base_buf_init(&buf, &w->arena, SIZE_MAX);
    asl_exec_save(exec, &buf);
    check(!buf.failed);
    return base_buf_str(&buf);
}


static asl_exec_t *
workflow_reload(workflow_t *w, const asl_exec_t *exec)
{
    base_str_t    before = workflow_save(w, exec), reason;
    asl_exec_t   *copy;
    base_json_t  *value;

    value = base_json_parse(&w->arena, before, &asl_saved_limits, NULL);
    check(value != NULL);
    check(asl_exec_load(w->def, &w->arena, value, &copy, &reason) == ASL_OK);
    check(base_str_eq(workflow_save(w, copy), before));
    return copy;
}


static void
workflow_events(workflow_t *w, asl_exec_t *exec, base_str_t script)
{
    size_t               i;
    uint8_t              byte;
    asl_event_t          event;
    asl_actions_t        actions;
    const asl_action_t  *action;

    for (i = 0; i < script.len && i < EVENTS_MAX; i++) {
        workflow_check_actions(exec);
        if (asl_exec_ended(exec)) {
            break;
        }

        byte = (uint8_t) script.data[i];
        actions = asl_exec_actions(exec);
        action = &actions.items[(byte >> 3) % actions.count];
        event = (asl_event_t) { .kind = ASL_EVENT_WAKE,
                                .action_id = action->id };

        if (action->kind == ASL_WAIT_UNTIL) {
            w->env.now_ms = action->due_ms;
        } else if ((byte & 7) == 7 && action->token.len > 0
                   && !action->called)
        {
            event.kind = ASL_EVENT_CALLED;
        } else if (byte & 1) {
            event.kind = ASL_EVENT_SUCCEEDED;
            event.result = w->result;
        } else {
            event.kind = ASL_EVENT_FAILED;
            event.error = workflow_errors[(byte >> 1) & 3];
        }

        check(asl_advance(exec, &event, &w->env, &actions) == ASL_OK);
        if (byte & 4) {
            exec = workflow_reload(w, exec);
        }
    }

    (void) workflow_reload(w, exec);
}


static void
workflow_execute(workflow_t *w, base_str_t text)
{
    base_str_t      reason, script;
    asl_exec_t     *exec;
    base_json_t    *input, *saved;
    asl_actions_t   actions;

    input = base_json_parse(&w->arena, workflow_part(&text), NULL, NULL);
    w->result = base_json_parse(&w->arena, workflow_part(&text), NULL, NULL);
    script = workflow_part(&text);
    saved = base_json_parse(&w->arena, text, &asl_saved_limits, NULL);

    check(asl_exec_start(w->def, &w->arena, BASE_STR("fuzz"), input, &w->env,
                         &exec, &actions) == ASL_OK);
    workflow_events(w, exec, script);

    if (saved != NULL
        && asl_exec_load(w->def, &w->arena, saved, &exec, &reason) == ASL_OK)
    {
        workflow_events(w, exec, script);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    workflow_t      w = { .env = { .now_ms = 1700000000000,
                                   .random = workflow_random,
                                   .token = workflow_token } };
    base_str_t      text = base_str((const char *) data, size);
    asl_def_t      *def;
    asl_problem_t  *problems;

    asl_limits_t    limits = { .data_bytes_max = 4096, .transitions_max = 300,
                               .steps_max = 50 };

    base_arena_init(&w.arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    def = asl_def_load(workflow_part(&text), &limits, &w.arena, &problems);
    workflow_check_problems(def, problems);

    if (def != NULL) {
        w.def = def;
        workflow_execute(&w, text);
    }

    asl_def_free(def);
    base_arena_deinit(&w.arena);
    return 0;
}
