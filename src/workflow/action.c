/* SPDX-License-Identifier: BSD-2-Clause */

/* The open actions of an execution, by their ids. */

#include "workflow/exec.h"


void
asl_action_open(asl_exec_t *exec, asl_frame_t *frame)
{
    frame->action_id = ++exec->last_id;
    asl_action_list(exec, frame);
}


/* The frame's place among the iterations of the Map States around it. */
static base_str_t
asl_action_item(asl_exec_t *exec, const asl_frame_t *frame)
{
    base_str_t  item = base_str(NULL, 0);

    for (; frame != NULL; frame = frame->parent) {
        if (frame->item == NULL) {
            continue;
        }

        item = item.len == 0
               ? base_arena_printf(exec->arena, "%u", (unsigned) frame->index)
               : base_arena_printf(exec->arena, "%u.%.*s",
                                   (unsigned) frame->index,
                                   BASE_STR_ARG(item));
        if (item.data == NULL) {
            exec->status = ASL_NOMEM;
            break;
        }
    }

    return item;
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
        action->silent_until_ms = frame->silent_until_ms;
        action->token = frame->token;
        action->called = frame->called;
        action->item = asl_action_item(exec, frame);
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


void
asl_action_heartbeat(asl_exec_t *exec, asl_frame_t *frame)
{
    uint32_t  i = 0;

    if (frame->heartbeat_ms == 0) {
        return;
    }

    while (exec->owners[i] != frame) {
        i++;
    }

    frame->silent_until_ms = exec->env->now_ms + frame->heartbeat_ms;
    exec->actions[i].silent_until_ms = frame->silent_until_ms;
}


void
asl_action_called(asl_exec_t *exec, asl_frame_t *frame)
{
    uint32_t  i = 0;

    while (exec->owners[i] != frame) {
        i++;
    }

    frame->called = true;
    exec->actions[i].called = true;
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
