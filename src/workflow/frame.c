/* SPDX-License-Identifier: BSD-2-Clause */

/* A frame going from state to state: entering, results, transitions, errors
 * (States Language: Transitions, Error Handling). */

#include "workflow/exec.h"


static void asl_frame_end(asl_exec_t *exec, asl_frame_t *frame,
    const base_json_t *output);
static void asl_view_says(const asl_view_t *view, base_str_t *error,
    base_str_t *cause);
static bool asl_frame_catch(asl_exec_t *exec, asl_frame_t *frame,
    base_str_t error, base_str_t cause);
static asl_frame_t *asl_frame_give_up(asl_exec_t *exec, asl_frame_t *frame,
    base_str_t *error, base_str_t *cause);


asl_frame_t *
asl_frame_new(asl_exec_t *exec, asl_frame_t *parent,
    const asl_machine_t *machine, const base_json_t *input)
{
    asl_frame_t  *frame = asl_exec_alloc(exec, 1, sizeof(*frame));

    if (frame != NULL) {
        frame->parent = parent;
        frame->state = machine->start;
        frame->input = input;
    }

    return frame;
}


void
asl_frame_enter(asl_exec_t *exec, asl_frame_t *frame)
{
    base_str_t  none = base_str(NULL, 0);

    if (exec->transitions >= exec->def->limits.transitions_max) {
        asl_exec_fail(exec, ASL_ERROR_RUNTIME,
                      BASE_STR("the execution has passed too many states"));
        return;
    }

    exec->transitions++;
    frame->entered_ms = exec->env->now_ms;
    frame->attempt = 0;
    frame->retries = NULL;
    asl_exec_trace(exec, ASL_TRACE_STATE_ENTERED, frame, frame->input, none,
                   none);
    asl_state_work(exec, frame);
}


void
asl_frame_result(asl_exec_t *exec, asl_frame_t *frame,
    const base_json_t *result)
{
    asl_view_t          view = asl_view_of(exec, frame);
    const asl_state_t  *state = frame->state;
    const base_json_t  *output = result, *assigned = NULL;

    if (!asl_flow_check(&view, result, exec->def->limits.data_bytes_max)) {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    view.data = result;
    if (state->assign != NULL) {
        assigned = asl_template_get(state->assign, &view,
                                    ASL_ERROR_PARAMETER_PATH);
    }

    if (state->selector != NULL && !asl_view_failed(&view)) {
        output = asl_template_get(state->selector, &view,
                                  ASL_ERROR_PARAMETER_PATH);
    }

    if (!asl_view_failed(&view)) {
        output = asl_flow_place(&state->result, &view, frame->input, output);
    }

    if (!asl_view_failed(&view)) {
        output = asl_flow_select(&state->output, &view, output);
    }

    if (asl_view_failed(&view)) {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    asl_frame_leave(exec, frame, output, assigned,
                    state->end ? NULL : state->target);
}


/* Sets each of the assigned variables in the frame's scope; earlier values may
 * be shared by others and stay as they are. */
static bool
asl_frame_assign(asl_exec_t *exec, asl_frame_t *frame,
    const base_json_t *assigned)
{
    base_json_t        *variables = base_json_object(exec->arena), *value;
    const base_json_t  *each;

    if (variables == NULL) {
        exec->status = ASL_NOMEM;
        return false;
    }

    if (frame->variables != NULL) {
        base_json_each(each, frame->variables) {
            value = base_json_share(exec->arena, each);
            if (value == NULL) {
                exec->status = ASL_NOMEM;
                return false;
            }

            base_json_add(variables, each->key, value);
        }
    }

    base_json_each(each, assigned) {
        value = base_json_share(exec->arena, each);
        if (value == NULL) {
            exec->status = ASL_NOMEM;
            return false;
        }

        base_json_set(variables, each->key, value);
    }

    frame->variables = variables;
    return true;
}


void
asl_frame_leave(asl_exec_t *exec, asl_frame_t *frame,
    const base_json_t *output, const base_json_t *assigned,
    const asl_state_t *target)
{
    uint32_t    bytes_max = exec->def->limits.data_bytes_max;
    base_str_t  none = base_str(NULL, 0);
    asl_view_t  view = asl_view_of(exec, frame);

    if (!asl_flow_check(&view, output, bytes_max)
        || (assigned != NULL && !asl_flow_check(&view, assigned, bytes_max)))
    {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    asl_exec_trace(exec, ASL_TRACE_STATE_EXITED, frame, output, none, none);
    frame->task_input = NULL;
    frame->token = none;
    frame->called = false;
    if (assigned != NULL && !asl_frame_assign(exec, frame, assigned)) {
        return;
    }

    if (target == NULL) {
        asl_frame_end(exec, frame, output);
        return;
    }

    frame->state = target;
    frame->input = output;
    asl_exec_queue(exec, frame);
}


/* Ends go up at most ASL_NESTING_MAX frames. */
static void
asl_frame_end(asl_exec_t *exec, asl_frame_t *frame, const base_json_t *output)
{
    frame->phase = ASL_PHASE_ENDED;
    if (frame->parent == NULL) {
        asl_exec_succeed(exec, output);
    } else {
        asl_group_result(exec, frame, output);
    }
}


void
asl_frame_view_error(asl_exec_t *exec, asl_frame_t *frame,
    const asl_view_t *view)
{
    base_str_t  error, cause;

    if (view->status == ASL_NOMEM) {
        exec->status = ASL_NOMEM;
        return;
    }

    asl_view_says(view, &error, &cause);
    asl_frame_error(exec, frame, error, cause);
}


static void
asl_view_says(const asl_view_t *view, base_str_t *error, base_str_t *cause)
{
    *error = view->error;
    *cause = view->cause;

    if (view->status == ASL_LIMIT) {
        *error = ASL_ERROR_DATA_LIMIT;
        *cause = BASE_STR("a path touches too many values");
    }
}


void
asl_frame_error(asl_exec_t *exec, asl_frame_t *frame, base_str_t error,
    base_str_t cause)
{
    while (frame != NULL && exec->status == ASL_OK) {
        if (asl_retry(exec, frame, error, cause)
            || asl_frame_catch(exec, frame, error, cause))
        {
            return;
        }

        frame = asl_frame_give_up(exec, frame, &error, &cause);
    }
}


/* Nothing in the state deals with the error: ends the frame.  Returns the one
 * around it, whose state has the error now; NULL if all is said. */
static asl_frame_t *
asl_frame_give_up(asl_exec_t *exec, asl_frame_t *frame, base_str_t *error,
    base_str_t *cause)
{
    frame->phase = ASL_PHASE_ENDED;
    if (frame->parent == NULL) {
        asl_exec_fail(exec, *error, *cause);
        return NULL;
    }

    return asl_group_error(exec, frame, error, cause) ? NULL : frame->parent;
}


/* The catcher's transition.  An error in it is not for the same state's
 * catchers, which might never come to an end with it. */
static bool
asl_frame_catch(asl_exec_t *exec, asl_frame_t *frame, base_str_t error,
    base_str_t cause)
{
    uint32_t              i = 0;
    asl_view_t            view = asl_view_of(exec, frame);
    const asl_state_t    *state = frame->state;
    const base_json_t    *output, *assigned = NULL;
    const asl_catcher_t  *catcher;

    while (i < state->catcher_count
           && !asl_errors_match(&state->catchers[i].errors, state->kind,
                               error))
    {
        i++;
    }

    if (i == state->catcher_count) {
        return false;
    }

    catcher = &state->catchers[i];
    asl_exec_trace(exec, ASL_TRACE_ERROR_CAUGHT, frame, NULL, error, cause);

    output = asl_flow_error(&view, error, cause);
    view.data = output;
    if (catcher->assign != NULL && output != NULL) {
        assigned = asl_template_get(catcher->assign, &view,
                                    ASL_ERROR_PARAMETER_PATH);
    }

    if (!asl_view_failed(&view)) {
        output = asl_flow_place(&catcher->result, &view, frame->input, output);
    }

    if (view.status == ASL_NOMEM) {
        exec->status = ASL_NOMEM;
        return true;
    }

    if (asl_view_failed(&view)
        || !asl_flow_check(&view, output, exec->def->limits.data_bytes_max)
        || (assigned != NULL
            && !asl_flow_check(&view, assigned,
                               exec->def->limits.data_bytes_max)))
    {
        asl_view_says(&view, &error, &cause);
        frame = asl_frame_give_up(exec, frame, &error, &cause);
        if (frame != NULL) {
            asl_frame_error(exec, frame, error, cause);
        }

        return true;
    }

    asl_frame_leave(exec, frame, output, assigned, catcher->target);
    return true;
}
