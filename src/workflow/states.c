/* SPDX-License-Identifier: BSD-2-Clause */

/* What each type of state does when it is entered or tried again (States
 * Language: State Types). */

#include "workflow/exec.h"


typedef void (*asl_work_fn)(asl_exec_t *exec, asl_frame_t *frame);

static void asl_task_work(asl_exec_t *exec, asl_frame_t *frame);
static void asl_pass_work(asl_exec_t *exec, asl_frame_t *frame);
static void asl_choice_work(asl_exec_t *exec, asl_frame_t *frame);
static void asl_wait_work(asl_exec_t *exec, asl_frame_t *frame);
static void asl_succeed_work(asl_exec_t *exec, asl_frame_t *frame);
static void asl_fail_work(asl_exec_t *exec, asl_frame_t *frame);


static const asl_work_fn  asl_works[ASL_STATE_KIND_COUNT] = {
    [ASL_STATE_TASK] = asl_task_work,
    [ASL_STATE_PASS] = asl_pass_work,
    [ASL_STATE_CHOICE] = asl_choice_work,
    [ASL_STATE_WAIT] = asl_wait_work,
    [ASL_STATE_SUCCEED] = asl_succeed_work,
    [ASL_STATE_FAIL] = asl_fail_work,
    [ASL_STATE_PARALLEL] = asl_parallel_work,
    [ASL_STATE_MAP] = asl_map_work,
};


void
asl_state_work(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_works[frame->state->kind](exec, frame);
}


/* The token of a task that waits for a callback, a new one for each attempt.
 * False if there is none. */
static bool
asl_task_token(asl_exec_t *exec, asl_frame_t *frame)
{
    size_t   len;
    char    *text = asl_exec_alloc(exec, ASL_TOKEN_BYTES_MAX, 1);

    if (text == NULL) {
        return false;
    }

    len = exec->env->token(exec->env->data, exec->name, text);
    frame->token = base_str(text, len);
    frame->called = false;

    return len > 0;
}


static void
asl_task_work(asl_exec_t *exec, asl_frame_t *frame)
{
    int64_t             timeout_s, heartbeat_s;
    base_str_t          none = base_str(NULL, 0);
    asl_view_t          view = asl_view_of(exec, frame);
    const asl_task_t   *task = &frame->state->task;
    const base_json_t  *selected, *input;

    if (task->token && !asl_task_token(exec, frame)) {
        asl_frame_error(exec, frame, ASL_ERROR_RUNTIME,
                        BASE_STR("there is no token for the callback"));
        return;
    }

    input = asl_flow_input(&view, frame, &selected);
    view.data = selected;
    timeout_s = selected == NULL ? -1
                                 : asl_flow_amount(&task->timeout_s, &view, 1);
    heartbeat_s = selected == NULL
                  ? -1 : asl_flow_amount(&task->heartbeat_s, &view, 1);

    if (asl_view_failed(&view)
        || !asl_flow_check(&view, input, exec->def->limits.data_bytes_max))
    {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    if (timeout_s < 0) {
        timeout_s = task->token ? exec->def->limits.token_timeout_s
                                : exec->def->limits.task_timeout_s;
    }

    frame->phase = ASL_PHASE_TASK;
    frame->task_input = input;
    frame->heartbeat_ms = heartbeat_s < 0 ? 0 : heartbeat_s * 1000;
    frame->silent_until_ms = heartbeat_s < 0
                             ? 0 : exec->env->now_ms + frame->heartbeat_ms;
    frame->due_ms = exec->env->now_ms + timeout_s * 1000;
    if (frame->due_ms > exec->deadline_ms) {
        frame->due_ms = exec->deadline_ms;
    }

    asl_action_open(exec, frame);
    asl_exec_trace(exec, ASL_TRACE_TASK_SCHEDULED, frame, input, none, none);
}


static void
asl_pass_work(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_view_t          view = asl_view_of(exec, frame);
    const base_json_t  *selected, *input;

    input = frame->state->pass == NULL
            ? asl_flow_input(&view, frame, &selected)
            : asl_flow_select(&frame->state->input, &view, frame->input);
    if (input == NULL) {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    asl_frame_result(exec, frame, frame->state->pass == NULL
                                  ? input : frame->state->pass);
}


/* The end of a state whose output is its input. */
static void
asl_pass_through(asl_exec_t *exec, asl_frame_t *frame, asl_view_t *view,
    const asl_template_t *assign, const base_json_t *input,
    const asl_state_t *target)
{
    const base_json_t  *assigned = NULL;

    view->data = input;
    if (assign != NULL) {
        assigned = asl_template_get(assign, view, ASL_ERROR_PARAMETER_PATH);
    }

    if (!asl_view_failed(view)) {
        input = asl_flow_select(&frame->state->output, view, input);
    }

    if (asl_view_failed(view)) {
        asl_frame_view_error(exec, frame, view);
        return;
    }

    asl_frame_leave(exec, frame, input, assigned, target);
}


static void
asl_choice_work(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_view_t            view = asl_view_of(exec, frame);
    const asl_rule_t     *rule;
    const base_json_t    *input;
    const asl_choice_t   *choice = &frame->state->choice;

    input = asl_flow_select(&frame->state->input, &view, frame->input);
    if (input == NULL) {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    view.data = input;
    for (rule = choice->rules; rule != NULL; rule = rule->next) {
        if (asl_rule_test(rule, &view) || asl_view_failed(&view)) {
            break;
        }
    }

    if (asl_view_failed(&view)) {
        asl_frame_view_error(exec, frame, &view);

    } else if (rule != NULL) {
        asl_pass_through(exec, frame, &view, rule->assign, input,
                         rule->target);

    } else if (choice->otherwise != NULL) {
        asl_pass_through(exec, frame, &view, frame->state->assign, input,
                         choice->otherwise);

    } else {
        asl_frame_error(exec, frame, ASL_ERROR_NO_CHOICE,
                        BASE_STR("no Choice Rule matches and there is no "
                                 "Default"));
    }
}


/* When a Wait State is over; false with the view failed. */
static bool
asl_wait_due(const asl_wait_t *wait, asl_view_t *view, int64_t *due_ms)
{
    int64_t             seconds;
    const base_json_t  *text;

    seconds = asl_flow_amount(&wait->seconds, view, 0);
    if (seconds >= 0) {
        *due_ms = view->env->now_ms + seconds * 1000;
        return true;
    }

    *due_ms = wait->at_ms;
    if (wait->at_path == NULL) {
        return !asl_view_failed(view);
    }

    text = asl_path_get(wait->at_path, view);
    if (text == NULL || text->type != BASE_JSON_STRING
        || !asl_timestamp_parse(text->text, due_ms))
    {
        asl_view_fail(view, ASL_ERROR_RUNTIME, "expected a time as "
                      "\"2016-03-14T01:59:00Z\" at the path %.*s",
                      BASE_STR_ARG(wait->at_path->text));
        return false;
    }

    return true;
}


static void
asl_wait_work(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_view_t          view = asl_view_of(exec, frame);
    const base_json_t  *input;

    input = asl_flow_select(&frame->state->input, &view, frame->input);
    view.data = input;
    if (input == NULL
        || !asl_wait_due(&frame->state->wait, &view, &frame->due_ms))
    {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    if (frame->due_ms > exec->deadline_ms) {
        frame->due_ms = exec->deadline_ms;
    }

    if (frame->due_ms <= exec->env->now_ms) {
        asl_wait_over(exec, frame);
        return;
    }

    frame->phase = ASL_PHASE_WAIT;
    asl_action_open(exec, frame);
}


void
asl_wait_over(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_view_t          view = asl_view_of(exec, frame);
    const asl_state_t  *state = frame->state;
    const base_json_t  *input;

    input = asl_flow_select(&state->input, &view, frame->input);
    if (input == NULL) {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    asl_pass_through(exec, frame, &view, state->assign, input,
                     state->end ? NULL : state->target);
}


static void
asl_succeed_work(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_view_t          view = asl_view_of(exec, frame);
    const base_json_t  *input;

    input = asl_flow_select(&frame->state->input, &view, frame->input);
    if (input == NULL) {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    asl_pass_through(exec, frame, &view, NULL, input, NULL);
}


/* The string that ErrorPath or CausePath gives. */
static base_str_t
asl_fail_text(const asl_template_t *path, asl_view_t *view)
{
    const base_json_t  *text;

    text = asl_template_get(path, view, ASL_ERROR_RUNTIME);
    if (text == NULL || text->type != BASE_JSON_STRING) {
        asl_view_fail(view, ASL_ERROR_RUNTIME,
                      "expected ErrorPath and CausePath to give strings");
        return base_str(NULL, 0);
    }

    return text->text;
}


static void
asl_fail_work(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_view_t         view = asl_view_of(exec, frame);
    base_str_t         error, cause;
    const asl_fail_t  *fail = &frame->state->fail;

    error = fail->error;
    cause = fail->cause;
    if (fail->error_path != NULL) {
        error = asl_fail_text(fail->error_path, &view);
    }

    if (fail->cause_path != NULL) {
        cause = asl_fail_text(fail->cause_path, &view);
    }

    if (asl_view_failed(&view)) {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    asl_frame_error(exec, frame, error, cause);
}
