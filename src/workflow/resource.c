/* SPDX-License-Identifier: BSD-2-Clause */

/* What a host asks about a definition. */

#include "workflow/def.h"


/* The recursion is bounded by ASL_NESTING_MAX. */
static bool
asl_machine_resources(const asl_machine_t *machine,
    bool (*fn)(void *data, base_str_t state, base_str_t resource), void *data)
{
    uint32_t            i, j;
    const asl_state_t  *state;

    for (i = 0; i < machine->count; i++) {
        state = &machine->states[i];
        if (state->kind == ASL_STATE_TASK
            && !fn(data, state->name, state->task.resource))
        {
            return false;
        }

        if (state->kind == ASL_STATE_MAP
            && !asl_machine_resources(state->map.processor, fn, data))
        {
            return false;
        }

        for (j = 0; state->kind == ASL_STATE_PARALLEL
                    && j < state->parallel.count; j++)
        {
            if (!asl_machine_resources(state->parallel.branches[j], fn, data)) {
                return false;
            }
        }
    }

    return true;
}


bool
asl_def_each_resource(const asl_def_t *def,
    bool (*fn)(void *data, base_str_t state, base_str_t resource), void *data)
{
    return asl_machine_resources(&def->machine, fn, data);
}
