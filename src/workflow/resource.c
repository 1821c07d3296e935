/* SPDX-License-Identifier: BSD-2-Clause */

/* What a host asks about a definition's tasks. */

#include "workflow/load.h"


typedef bool (*asl_task_fn)(void *data, const asl_task_info_t *task);


/* The recursion is bounded by ASL_NESTING_MAX. */
static bool
asl_machine_tasks(const asl_machine_t *machine, asl_task_fn fn, void *data)
{
    uint32_t            i, j;
    asl_task_info_t     task;
    const asl_state_t  *state;

    for (i = 0; i < machine->count; i++) {
        state = &machine->states[i];
        if (state->kind == ASL_STATE_TASK) {
            task = (asl_task_info_t) {
                .state = state->name, .resource = state->task.resource,
                .machine = machine,
                .parameters = state->parameters
            };

            if (!fn(data, &task)) {
                return false;
            }
        }

        if (state->kind == ASL_STATE_MAP
            && !asl_machine_tasks(state->map.processor, fn, data))
        {
            return false;
        }

        for (j = 0; state->kind == ASL_STATE_PARALLEL
                    && j < state->parallel.count; j++)
        {
            if (!asl_machine_tasks(state->parallel.branches[j], fn, data)) {
                return false;
            }
        }
    }

    return true;
}


bool
asl_def_each_task(const asl_def_t *def, asl_task_fn fn, void *data)
{
    return asl_machine_tasks(&def->machine, fn, data);
}


base_str_t
asl_task_pointer(const asl_task_info_t *task, base_arena_t *arena)
{
    asl_place_t  machine = { .pointer = task->machine->pointer };
    asl_place_t  states = { .up = &machine, .key = BASE_STR("States") };
    asl_place_t  state = { .up = &states, .key = task->state };
    asl_place_t  place = { .up = &state, .key = BASE_STR("Resource") };

    return asl_place_pointer(&place, arena);
}


const base_json_t *
asl_task_parameter(const asl_task_info_t *task, base_str_t key, bool *given)
{
    const base_json_t     *value;
    const asl_template_t  *tmpl = task->parameters;

    *given = false;
    if (tmpl == NULL) {
        return NULL;
    }

    if (tmpl->kind == ASL_TEMPLATE_LITERAL) {
        value = base_json_get(tmpl->literal, key);
        *given = value != NULL;
        return value;
    }

    for (tmpl = tmpl->first; tmpl != NULL; tmpl = tmpl->next) {
        if (base_str_eq(tmpl->key, key)) {
            *given = true;
            return tmpl->kind == ASL_TEMPLATE_LITERAL ? tmpl->literal : NULL;
        }
    }

    return NULL;
}
