/* SPDX-License-Identifier: BSD-2-Clause */

/* The open actions of an execution, by their ids. */

#include "workflow/exec.h"


void
asl_action_open(asl_exec_t *exec, asl_frame_t *frame)
{
    frame->action_id = ++exec->last_id;
    asl_action_list(exec, frame);
}


static bool
asl_action_reserve(asl_exec_t *exec)
{
    uint32_t       cap = exec->action_cap == 0 ? 4 : exec->action_cap * 2;
    asl_frame_t  **owners;
    asl_action_t  *actions;

    if (exec->action_count < exec->action_cap) {
        return true;
    }

    actions = asl_exec_alloc(exec, cap, sizeof(*actions));
    owners = asl_exec_alloc(exec, cap, sizeof(*owners));
    if (actions == NULL || owners == NULL) {
        return false;
    }

    if (exec->action_count > 0) {
        memcpy(actions, exec->actions, exec->action_count * sizeof(*actions));
        memcpy(owners, exec->owners, exec->action_count * sizeof(*owners));
    }

    exec->actions = actions;
    exec->owners = owners;
    exec->action_cap = cap;
    return true;
}


void
asl_action_list(asl_exec_t *exec, asl_frame_t *frame)
{
    uint32_t       i;
    asl_action_t  *action;

    if (!asl_action_reserve(exec)) {
        return;
    }

    /* new ones have the highest id; loaded ones may come in any order */
    i = exec->action_count++;
    while (i > 0 && exec->actions[i - 1].id > frame->action_id) {
        exec->actions[i] = exec->actions[i - 1];
        exec->owners[i] = exec->owners[i - 1];
        i--;
    }

    exec->owners[i] = frame;
    action = &exec->actions[i];
    *action = (asl_action_t) {
        .id = frame->action_id,
        .state = frame->state->name,
    };

    if (frame->phase == ASL_PHASE_TASK) {
        action->kind = ASL_RUN_TASK;
        action->resource = frame->state->task.resource;
        action->input = frame->task_input;
        action->attempt = frame->attempt;
        action->deadline_ms = frame->due_ms;
        action->heartbeat_ms = frame->heartbeat_ms;
        action->token = frame->token;
    } else {
        action->kind = ASL_WAIT_UNTIL;
        action->due_ms = frame->due_ms;
    }
}


void
asl_action_close(asl_exec_t *exec, asl_frame_t *frame)
{
    uint32_t  i = 0, after;

    if (frame->action_id == 0) {
        return;
    }

    while (i < exec->action_count && exec->owners[i] != frame) {
        i++;
    }

    frame->action_id = 0;
    if (i < exec->action_count) {
        after = --exec->action_count - i;
        memmove(&exec->actions[i], &exec->actions[i + 1],
                after * sizeof(exec->actions[0]));
        memmove(&exec->owners[i], &exec->owners[i + 1],
                after * sizeof(exec->owners[0]));
    }
}


asl_frame_t *
asl_action_find(const asl_exec_t *exec, uint32_t id)
{
    uint32_t  i;

    for (i = 0; i < exec->action_count; i++) {
        if (exec->actions[i].id == id) {
            return exec->owners[i];
        }
    }

    return NULL;
}
