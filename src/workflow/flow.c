/* SPDX-License-Identifier: BSD-2-Clause */

/* How data goes through a state (States Language: Input and Output Processing
 * with JSONPath). */

#include "workflow/exec.h"

#include <assert.h>


/* What a select of null gives. */
static const base_json_t  asl_empty_object = { .type = BASE_JSON_OBJECT };


asl_view_t
asl_view_of(asl_exec_t *exec, asl_frame_t *frame)
{
    return (asl_view_t) {
        .arena = exec->arena,
        .data = frame->input,
        .context = asl_context,
        .variable = asl_variable,
        .owner = frame,
        .env = exec->env,
        .exec = exec,
    };
}


const base_json_t *
asl_flow_select(const asl_select_t *select, asl_view_t *view,
    const base_json_t *value)
{
    if (select->discard) {
        return &asl_empty_object;
    }

    if (select->path == NULL) {
        return value;
    }

    view->data = value;
    value = asl_path_get(select->path, view);
    if (value == NULL) {
        asl_view_fail(view, ASL_ERROR_RUNTIME,
                      "the path %.*s selects nothing",
                      BASE_STR_ARG(select->path->text));
    }

    return value;
}


const base_json_t *
asl_flow_input(asl_view_t *view, const asl_frame_t *frame,
    const base_json_t **selected)
{
    const asl_state_t  *state = frame->state;

    *selected = asl_flow_select(&state->input, view, frame->input);
    if (*selected == NULL || state->parameters == NULL) {
        return *selected;
    }

    view->data = *selected;
    return asl_template_get(state->parameters, view, ASL_ERROR_PARAMETER_PATH);
}


static void
asl_place_fail(asl_view_t *view, const asl_path_t *path)
{
    asl_view_fail(view, ASL_ERROR_RESULT_PATH,
                  "the path %.*s cannot be applied to the state's input",
                  BASE_STR_ARG(path->text));
}


/* A container as value is, whose member for step is fresh and empty, to be
 * filled by the caller.  The other members are shared. */
static base_json_t *
asl_place_copy(asl_view_t *view, const base_json_t *value,
    const asl_step_t *step, base_json_t **member)
{
    bool                found = false;
    int64_t             index = 0;
    base_json_t        *copy, *item;
    const base_json_t  *each;

    copy = value->type == BASE_JSON_ARRAY ? base_json_array(view->arena)
                                          : base_json_object(view->arena);
    *member = base_json_null(view->arena);
    if (copy == NULL || *member == NULL) {
        view->status = ASL_NOMEM;
        return NULL;
    }

    base_json_each(each, value) {
        if (value->type == BASE_JSON_ARRAY ? index++ == step->from
            : base_str_eq(each->key, step->key))
        {
            item = *member;
            found = true;
        } else {
            item = base_json_share(view->arena, each);
            if (item == NULL) {
                view->status = ASL_NOMEM;
                return NULL;
            }
        }

        if (value->type == BASE_JSON_ARRAY) {
            base_json_append(copy, item);
        } else {
            base_json_add(copy, each->key, item);
        }
    }

    if (!found) {
        base_json_add(copy, step->key, *member);    /* of an object */
    }

    return copy;
}


/* Puts what value is into node, which stays in its container. */
static void
asl_place_fill(base_json_t *node, const base_json_t *value)
{
    base_str_t    key = node->key;
    base_json_t  *next = node->next;

    *node = *value;
    node->key = key;
    node->next = next;
}


/* Copies the containers along the path, and no others. */
static const base_json_t *
asl_place_at(const asl_path_t *path, asl_view_t *view,
    const base_json_t *input, const base_json_t *result)
{
    base_json_t        *root = NULL, *hole = NULL, *copy, *member;
    const asl_step_t   *step;
    const base_json_t  *value = input;

    for (step = path->steps; step != NULL; step = step->next) {
        if (value == NULL) {
            value = &asl_empty_object;      /* made as necessary */
        }

        if (step->kind == ASL_STEP_KEY
            ? value->type != BASE_JSON_OBJECT
            : value->type != BASE_JSON_ARRAY || step->from >= value->count
              || value == &asl_empty_object)
        {
            asl_place_fail(view, path);
            return NULL;
        }

        copy = asl_place_copy(view, value, step, &member);
        if (copy == NULL) {
            return NULL;
        }

        if (root == NULL) {
            root = copy;
        } else {
            asl_place_fill(hole, copy);
        }

        value = step->kind == ASL_STEP_KEY
                ? base_json_get(value, step->key)
                : base_json_at(value, (size_t) step->from);
        hole = member;
    }

    assert(hole != NULL);       /* the loader keeps no path without steps */
    asl_place_fill(hole, result);
    return root;
}


const base_json_t *
asl_flow_place(const asl_place_result_t *place, asl_view_t *view,
    const base_json_t *input, const base_json_t *result)
{
    if (place->discard) {
        return input;
    }

    if (place->path == NULL) {
        return result;
    }

    return asl_place_at(place->path, view, input, result);
}


int64_t
asl_flow_amount(const asl_amount_t *amount, asl_view_t *view, int64_t min)
{
    int64_t             value;
    const base_json_t  *number;

    if (amount->path == NULL) {
        return amount->value;
    }

    number = asl_path_get(amount->path, view);
    if (number == NULL || !base_json_to_int(number, &value) || value < min
        || value > ASL_SECONDS_MAX)
    {
        asl_view_fail(view, ASL_ERROR_RUNTIME, "expected a whole number from "
                      "%d to %d at the path %.*s", (int) min, ASL_SECONDS_MAX,
                      BASE_STR_ARG(amount->path->text));
        return -1;
    }

    return value;
}


const base_json_t *
asl_flow_error(asl_view_t *view, base_str_t error, base_str_t cause)
{
    base_json_t  *output = base_json_object(view->arena);
    base_json_t  *name = base_json_string(view->arena, error);
    base_json_t  *text = base_json_string(view->arena, cause);

    if (output == NULL || name == NULL || text == NULL) {
        view->status = ASL_NOMEM;
        return NULL;
    }

    base_json_add(output, BASE_STR("Error"), name);
    base_json_add(output, BASE_STR("Cause"), text);
    return output;
}


/* Adds the bytes of value as JSON, strings without escapes, to *bytes.  False
 * when there are more than bytes_max, or it is nested deeper than depth. */
static bool
asl_data_measure(const base_json_t *value, uint32_t depth, size_t *bytes,
    size_t bytes_max)
{
    const base_json_t  *member;

    if (value->type < BASE_JSON_NUMBER) {
        *bytes += 5;
        return *bytes <= bytes_max;
    }

    if (value->type < BASE_JSON_ARRAY) {
        *bytes += value->text.len + 2;
        return *bytes <= bytes_max;
    }

    if (depth == 0) {
        return false;
    }

    *bytes += 2;
    base_json_each(member, value) {
        *bytes += 1 + (value->type == BASE_JSON_OBJECT ? member->key.len + 3
                                                       : 0);
        if (!asl_data_measure(member, depth - 1, bytes, bytes_max)) {
            return false;
        }
    }

    return *bytes <= bytes_max;
}


bool
asl_flow_check(asl_view_t *view, const base_json_t *value, uint32_t bytes_max)
{
    size_t  bytes = 0;

    if (asl_data_measure(value, ASL_DATA_DEPTH_MAX, &bytes, bytes_max)) {
        return true;
    }

    asl_view_fail(view, ASL_ERROR_DATA_LIMIT, "the data of the state is larger "
                  "than %u bytes or nested deeper than %d", bytes_max,
                  ASL_DATA_DEPTH_MAX);
    return false;
}
