/* SPDX-License-Identifier: BSD-2-Clause */

/* Executions from their start through their events to their end. */

#include "workflow/exec.h"


static const base_str_t  asl_trace_names[] = {
#define ASL_TRACE_TEXT(name, text)  BASE_STR_INIT(text),
    ASL_TRACES(ASL_TRACE_TEXT)
#undef ASL_TRACE_TEXT
};


static void asl_exec_run(asl_exec_t *exec);
static asl_status_t asl_event_apply(asl_exec_t *exec, asl_frame_t *frame,
    const asl_event_t *event);


base_str_t
asl_trace_name(asl_trace_kind_t kind)
{
    return asl_trace_names[kind];
}


void *
asl_exec_alloc(asl_exec_t *exec, size_t count, size_t size)
{
    void  *p = base_arena_calloc(exec->arena, count, size);

    if (p == NULL) {
        exec->status = ASL_NOMEM;
    }

    return p;
}


asl_exec_t *
asl_exec_new(const asl_def_t *def, base_arena_t *arena)
{
    asl_exec_t  *exec = base_arena_zalloc(arena, sizeof(*exec));

    if (exec != NULL) {
        exec->def = def;
        exec->arena = arena;
        exec->deadline_ms = INT64_MAX;
    }

    return exec;
}


asl_status_t
asl_exec_start(const asl_def_t *def, base_arena_t *arena, base_str_t name,
    const base_json_t *input, const asl_env_t *env, asl_exec_t **out,
    asl_actions_t *actions)
{
    base_str_t    none = base_str(NULL, 0);
    asl_view_t    view;
    asl_exec_t   *exec = asl_exec_new(def, arena);
    base_json_t  *copy;

    if (exec == NULL) {
        return ASL_NOMEM;
    }

    copy = input == NULL ? base_json_object(arena)
                         : base_json_copy(arena, input);
    if (copy == NULL || !base_arena_str(arena, name, &exec->name)) {
        return ASL_NOMEM;
    }

    exec->env = env;
    exec->start_ms = env->now_ms;
    if (def->timeout_s > 0) {
        exec->deadline_ms = env->now_ms + def->timeout_s * 1000;
    }

    if ((def->uses & ASL_USES_INPUT) != 0) {
        exec->input = copy;
    }

    exec->root = asl_frame_new(exec, NULL, &def->machine, copy);
    if (exec->root == NULL) {
        return ASL_NOMEM;
    }

    asl_exec_trace(exec, ASL_TRACE_EXECUTION_STARTED, NULL, copy, none, none);
    view = asl_view_of(exec, exec->root);
    if (asl_flow_check(&view, copy, def->limits.data_bytes_max)) {
        asl_exec_queue(exec, exec->root);
    } else {
        asl_exec_fail(exec, view.error, view.cause);
    }

    asl_exec_run(exec);
    exec->env = NULL;
    *out = exec;
    *actions = asl_exec_actions(exec);
    return exec->status;
}


void
asl_exec_queue(asl_exec_t *exec, asl_frame_t *frame)
{
    frame->phase = ASL_PHASE_READY;
    frame->queue_next = NULL;
    if (exec->queue_first == NULL) {
        exec->queue_first = frame;
    } else {
        exec->queue_last->queue_next = frame;
    }

    exec->queue_last = frame;
}


static void
asl_exec_run(asl_exec_t *exec)
{
    asl_frame_t  *frame;

    exec->steps = 0;
    while (exec->queue_first != NULL && exec->status == ASL_OK
           && !exec->ended)
    {
        frame = exec->queue_first;
        exec->queue_first = frame->queue_next;
        if (frame->phase != ASL_PHASE_READY) {
            continue;                   /* its group was closed */
        }

        if (exec->steps++ < exec->def->limits.steps_max) {
            asl_frame_enter(exec, frame);
            continue;
        }

        frame->phase = ASL_PHASE_PAUSE;
        frame->due_ms = exec->env->now_ms;
        asl_action_open(exec, frame);
    }

    exec->queue_first = NULL;
}


void
asl_exec_trace(asl_exec_t *exec, asl_trace_kind_t kind,
    const asl_frame_t *frame, const base_json_t *data, base_str_t error,
    base_str_t cause)
{
    asl_trace_t  trace;

    if (exec->env->trace == NULL) {
        return;
    }

    trace = (asl_trace_t) {
        .kind = kind,
        .data = data,
        .error = error,
        .cause = cause,
    };

    if (frame != NULL) {
        trace.state = frame->state->name;
        trace.action_id = frame->action_id;
        trace.attempt = frame->attempt;
    }

    exec->env->trace(exec->env->data, &trace);
}


/* Only the end is open now. */
static asl_action_t *
asl_exec_end(asl_exec_t *exec, asl_action_kind_t kind)
{
    exec->ended = true;
    exec->action_count = 0;
    asl_action_open(exec, exec->root);
    if (exec->status != ASL_OK) {
        return NULL;
    }

    exec->actions[0] = (asl_action_t) {
        .kind = kind,
        .id = exec->last_id,
        .state = exec->root->state->name,
    };

    return &exec->actions[0];
}


void
asl_exec_succeed(asl_exec_t *exec, const base_json_t *output)
{
    base_str_t     none = base_str(NULL, 0);
    asl_action_t  *end = asl_exec_end(exec, ASL_SUCCEED);

    if (end != NULL) {
        end->output = output;
        asl_exec_trace(exec, ASL_TRACE_EXECUTION_SUCCEEDED, NULL, output,
                       none, none);
    }
}


void
asl_exec_fail(asl_exec_t *exec, base_str_t error, base_str_t cause)
{
    asl_action_t  *end = asl_exec_end(exec, ASL_FAIL);

    if (end != NULL) {
        end->error = error;
        end->cause = cause;
        asl_exec_trace(exec, ASL_TRACE_EXECUTION_FAILED, NULL, NULL, error,
                       cause);
    }
}


asl_status_t
asl_advance(asl_exec_t *exec, const asl_event_t *event, const asl_env_t *env,
    asl_actions_t *actions)
{
    uint32_t       i, before = exec->last_id;
    asl_frame_t   *frame = NULL;
    asl_status_t   status;

    *actions = (asl_actions_t) { 0 };
    if (exec->status != ASL_OK) {
        return exec->status;
    }

    if (exec->ended) {
        return ASL_INVALID;
    }

    if (event->kind != ASL_EVENT_ABORT) {
        frame = asl_action_find(exec, event->action_id);
        if (frame == NULL
            || (frame->phase == ASL_PHASE_TASK)
               == (event->kind == ASL_EVENT_WAKE)
            || (event->kind == ASL_EVENT_CALLED && frame->token.len == 0))
        {
            return ASL_INVALID;
        }
    }

    exec->env = env;
    exec->retry_after_ms = event->retry_after_ms;
    status = asl_event_apply(exec, frame, event);
    exec->retry_after_ms = 0;
    exec->env = NULL;
    if (status != ASL_OK) {
        return status;
    }

    i = exec->action_count;
    while (i > 0 && exec->actions[i - 1].id > before) {
        i--;
    }

    actions->items = exec->actions + i;
    actions->count = exec->action_count - i;
    return ASL_OK;
}


/* A task's result, failure or sign of life. */
static void
asl_event_task(asl_exec_t *exec, asl_frame_t *frame, const asl_event_t *event,
    base_str_t error, base_str_t cause)
{
    base_str_t    none = base_str(NULL, 0);
    base_json_t  *result;

    if (event->kind == ASL_EVENT_HEARTBEAT) {
        asl_action_heartbeat(exec, frame);
        return;
    }

    if (event->kind == ASL_EVENT_CALLED) {
        asl_action_called(exec, frame);
        asl_action_heartbeat(exec, frame);
        return;
    }

    if (event->kind == ASL_EVENT_FAILED) {
        asl_exec_trace(exec, ASL_TRACE_TASK_FAILED, frame, NULL, error, cause);
        asl_action_close(exec, frame);
        asl_frame_error(exec, frame, error, cause);
        return;
    }

    result = event->result == NULL ? base_json_null(exec->arena)
                                   : base_json_copy(exec->arena,
                                                    event->result);
    if (result == NULL) {
        exec->status = ASL_NOMEM;
        return;
    }

    asl_exec_trace(exec, ASL_TRACE_TASK_SUCCEEDED, frame, result, none, none);
    asl_action_close(exec, frame);
    asl_frame_result(exec, frame, result);
}


static asl_status_t
asl_event_apply(asl_exec_t *exec, asl_frame_t *frame, const asl_event_t *event)
{
    base_str_t  error, cause;

    error = event->error.len > 0 ? event->error : ASL_ERROR_TASK_FAILED;
    if (!base_arena_str(exec->arena, error, &error)
        || !base_arena_str(exec->arena, event->cause, &cause))
    {
        exec->status = ASL_NOMEM;
        return ASL_NOMEM;
    }

    if (event->kind == ASL_EVENT_ABORT) {
        asl_exec_fail(exec, error, cause);
        return exec->status;
    }

    if (exec->env->now_ms >= exec->deadline_ms) {
        asl_exec_fail(exec, ASL_ERROR_TIMEOUT,
                      BASE_STR("the execution has taken longer than its "
                               "TimeoutSeconds"));
        return exec->status;
    }

    switch (frame->phase) {

    case ASL_PHASE_TASK:
        asl_event_task(exec, frame, event, error, cause);
        break;

    case ASL_PHASE_WAIT:
        asl_action_close(exec, frame);
        asl_wait_over(exec, frame);
        break;

    case ASL_PHASE_RETRY:
        asl_action_close(exec, frame);
        asl_state_work(exec, frame);
        break;

    default:                            /* ASL_PHASE_PAUSE */
        asl_action_close(exec, frame);
        asl_exec_queue(exec, frame);
    }

    asl_exec_run(exec);
    return exec->status;
}


asl_actions_t
asl_exec_actions(const asl_exec_t *exec)
{
    return (asl_actions_t) { exec->actions, exec->action_count };
}


bool
asl_exec_ended(const asl_exec_t *exec)
{
    return exec->ended;
}


base_str_t
asl_exec_state(const asl_exec_t *exec)
{
    return exec->root->state->name;
}


/* At most ASL_NESTING_MAX deep. */
static void
asl_frame_each_state(const asl_frame_t *frame,
    void (*fn)(void *data, base_str_t state), void *data)
{
    const asl_frame_t  *child;

    if (frame->phase == ASL_PHASE_ENDED) {
        return;
    }

    fn(data, frame->state->name);
    if (frame->group == NULL) {
        return;
    }

    for (child = frame->group->first; child != NULL; child = child->next) {
        asl_frame_each_state(child, fn, data);
    }
}


void
asl_exec_each_state(const asl_exec_t *exec,
    void (*fn)(void *data, base_str_t state), void *data)
{
    if (!exec->ended) {
        asl_frame_each_state(exec->root, fn, data);
    }
}
