/* SPDX-License-Identifier: BSD-2-Clause */

/* Changing the data of an execution from outside, between two states. */

#include "workflow/exec.h"


/* object with members under key set in that member's own object; object itself
 * where it has none.  NULL when out of memory. */
static const base_json_t *
asl_amended(base_arena_t *arena, const base_json_t *object, base_str_t key,
    const base_json_t *members)
{
    base_str_t          name;
    base_json_t        *copy, *inner, *item;
    const base_json_t  *from;

    from = base_json_get(object, key);
    if (from == NULL || from->type != BASE_JSON_OBJECT) {
        return object;
    }

    copy = base_json_copy(arena, object);
    if (copy == NULL) {
        return NULL;
    }

    inner = base_json_get(copy, key);
    base_json_each(from, members) {
        item = base_json_copy(arena, from);
        if (item == NULL || !base_arena_str(arena, from->key, &name)) {
            return NULL;
        }

        base_json_set(inner, name, item);
    }

    return copy;
}


bool
asl_exec_rests(const asl_exec_t *exec)
{
    return !exec->ended && exec->root->phase == ASL_PHASE_WAIT;
}


asl_status_t
asl_exec_amend(asl_exec_t *exec, base_str_t key, const base_json_t *members)
{
    asl_view_t          view;
    const base_json_t  *data, *input = NULL;

    if (!asl_exec_rests(exec)) {
        return ASL_INVALID;
    }

    data = asl_amended(exec->arena, exec->root->input, key, members);
    if (exec->input != NULL) {
        input = asl_amended(exec->arena, exec->input, key, members);
    }

    if (data == NULL || (exec->input != NULL && input == NULL)) {
        return ASL_NOMEM;
    }

    view = asl_view_of(exec, exec->root);
    if (!asl_flow_check(&view, data, exec->def->limits.data_bytes_max)) {
        return view.status == ASL_NOMEM ? ASL_NOMEM : ASL_LIMIT;
    }

    exec->root->input = data;
    exec->input = input;

    return ASL_OK;
}
