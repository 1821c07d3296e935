/* SPDX-License-Identifier: BSD-2-Clause */

/* Parallel and Map States: children, their results and their failures (States
 * Language: Parallel State, Map State). */

#include "workflow/exec.h"


static asl_frame_t *asl_group_child(asl_exec_t *exec, asl_frame_t *parent,
    const asl_machine_t *machine, uint32_t index, const base_json_t *input);
static void asl_group_close(asl_exec_t *exec, asl_frame_t *parent);
static void asl_group_remove(asl_group_t *group, asl_frame_t *child);
static void asl_map_start(asl_exec_t *exec, asl_frame_t *frame);
static void asl_group_next(asl_exec_t *exec, asl_frame_t *parent);


asl_group_t *
asl_group_new(asl_exec_t *exec, uint32_t count)
{
    asl_group_t  *group = asl_exec_alloc(exec, 1, sizeof(*group));

    if (group == NULL) {
        return NULL;
    }

    group->count = count;
    group->last = &group->first;
    group->results = asl_exec_alloc(exec, count == 0 ? 1 : count,
                                    sizeof(group->results[0]));
    return group->results == NULL ? NULL : group;
}


void
asl_group_add(asl_group_t *group, asl_frame_t *child)
{
    *group->last = child;
    group->last = &child->next;
    group->running++;
}


static asl_frame_t *
asl_group_child(asl_exec_t *exec, asl_frame_t *parent,
    const asl_machine_t *machine, uint32_t index, const base_json_t *input)
{
    asl_frame_t  *child = asl_frame_new(exec, parent, machine, input);

    if (child == NULL) {
        return NULL;
    }

    child->index = index;
    asl_group_add(parent->group, child);
    return child;
}


void
asl_parallel_work(asl_exec_t *exec, asl_frame_t *frame)
{
    uint32_t               i;
    asl_view_t             view = asl_view_of(exec, frame);
    asl_frame_t           *child;
    const base_json_t     *input, *selected;
    const asl_parallel_t  *parallel = &frame->state->parallel;

    input = asl_flow_input(&view, frame, &selected);
    if (input == NULL
        || !asl_flow_check(&view, input, exec->def->limits.data_bytes_max))
    {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    frame->group = asl_group_new(exec, parallel->count);
    if (frame->group == NULL) {
        return;
    }

    frame->phase = ASL_PHASE_GROUP;
    frame->group->next_index = parallel->count;
    for (i = 0; i < parallel->count; i++) {
        child = asl_group_child(exec, frame, parallel->branches[i], i, input);
        if (child == NULL) {
            return;
        }

        asl_exec_queue(exec, child);
    }
}


/* ToleratedFailurePercentage, or what its path selects. */
static double
asl_map_percent(asl_view_t *view, const asl_map_t *map)
{
    double              percent;
    const base_json_t  *number;

    if (map->tolerated_percent_path == NULL) {
        return map->tolerated_percent;
    }

    number = asl_path_get(map->tolerated_percent_path, view);
    if (number == NULL || !base_json_to_double(number, &percent)
        || !(percent >= 0 && percent <= 100))
    {
        asl_view_fail(view, ASL_ERROR_RUNTIME, "expected a number from 0 to "
                      "100 at the path %.*s",
                      BASE_STR_ARG(map->tolerated_percent_path->text));
        return -1;
    }

    return percent;
}


asl_group_t *
asl_map_group(asl_view_t *view, const asl_frame_t *frame)
{
    int64_t             concurrency;
    asl_group_t         values = { 0 }, *group;
    const asl_map_t    *map = &frame->state->map;
    const base_json_t  *selected, *items;

    items = asl_flow_input(view, frame, &selected);
    view->data = selected;
    if (selected != NULL && map->items != NULL) {
        items = asl_path_get(map->items, view);
    }

    if (items == NULL || items->type != BASE_JSON_ARRAY) {
        asl_view_fail(view, ASL_ERROR_RUNTIME,
                      "expected the items of the Map State to be an array");
        return NULL;
    }

    concurrency = asl_flow_amount(&map->concurrency, view, 0);
    values.tolerated = asl_flow_amount(&map->tolerated, view, 0);
    values.tolerated_percent = asl_map_percent(view, map);
    if (asl_view_failed(view)) {
        return NULL;
    }

    group = asl_group_new(view->exec, items->count);
    if (group == NULL) {
        view->status = ASL_NOMEM;
        return NULL;
    }

    group->items = items;
    group->next_item = items->count == 0 ? NULL : base_json_first(items);
    group->selected = selected;
    group->tolerated = values.tolerated;
    group->tolerated_percent = values.tolerated_percent;
    group->concurrency = concurrency == 0 ? ASL_CONCURRENCY_DEFAULT
                         : concurrency > ASL_CONCURRENCY_MAX
                         ? ASL_CONCURRENCY_MAX : (uint32_t) concurrency;
    return group;
}


void
asl_map_work(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_view_t    view = asl_view_of(exec, frame);
    asl_group_t  *group = asl_map_group(&view, frame);

    if (group == NULL) {
        asl_frame_view_error(exec, frame, &view);
        return;
    }

    frame->group = group;
    frame->phase = ASL_PHASE_GROUP;
    asl_group_next(exec, frame);
}


/* Starts as many iterations as may run. */
static void
asl_map_start(asl_exec_t *exec, asl_frame_t *frame)
{
    asl_view_t          view;
    asl_frame_t        *child;
    asl_group_t        *group = frame->group;
    const asl_map_t    *map = &frame->state->map;
    const base_json_t  *input;

    while (group->next_item != NULL && group->running < group->concurrency) {
        child = asl_group_child(exec, frame, map->processor,
                                group->next_index, group->next_item);
        if (child == NULL) {
            return;
        }

        child->item = group->next_item;
        group->next_index++;
        group->next_item = group->next_item->next;

        if (map->selector != NULL) {
            view = asl_view_of(exec, frame);
            view.data = group->selected;
            view.item = child;
            input = asl_template_get(map->selector, &view,
                                     ASL_ERROR_PARAMETER_PATH);
            if (input == NULL
                || !asl_flow_check(&view, input,
                                   exec->def->limits.data_bytes_max))
            {
                asl_group_close(exec, frame);
                asl_frame_view_error(exec, frame, &view);
                return;
            }

            child->input = input;
        }

        asl_exec_queue(exec, child);
    }
}


/* After a child has gone: starts the next ones, or gathers the results. */
static void
asl_group_next(asl_exec_t *exec, asl_frame_t *parent)
{
    uint32_t            i;
    asl_group_t        *group = parent->group;
    base_json_t        *array, *item;

    if (parent->state->kind == ASL_STATE_MAP) {
        asl_map_start(exec, parent);
    }

    if (parent->group != group || group->running > 0
        || group->next_index < group->count || exec->status != ASL_OK)
    {
        return;
    }

    array = base_json_array(exec->arena);
    for (i = 0; array != NULL && i < group->count; i++) {
        item = base_json_share(exec->arena, group->results[i]);
        if (item == NULL) {
            array = NULL;
            break;
        }

        base_json_append(array, item);
    }

    if (array == NULL) {
        exec->status = ASL_NOMEM;
        return;
    }

    parent->group = NULL;
    asl_frame_result(exec, parent, array);
}


void
asl_group_result(asl_exec_t *exec, asl_frame_t *child,
    const base_json_t *output)
{
    asl_frame_t  *parent = child->parent;

    parent->group->results[child->index] = output;
    asl_group_remove(parent->group, child);
    asl_group_next(exec, parent);
}


static void
asl_group_remove(asl_group_t *group, asl_frame_t *child)
{
    asl_frame_t  **link = &group->first;

    while (*link != child) {
        link = &(*link)->next;
    }

    *link = child->next;
    if (child->next == NULL) {
        group->last = link;
    }

    group->running--;
}


/* True if one more failed item is tolerated (States Language: Map State
 * Failure Tolerance); whichever bound is given must hold. */
static bool
asl_group_tolerates(const asl_group_t *group)
{
    if (group->tolerated < 0 && group->tolerated_percent < 0) {
        return false;
    }

    return (group->tolerated < 0 || group->failed <= group->tolerated)
           && (group->tolerated_percent < 0
               || group->failed * 100.0
                  <= group->tolerated_percent * group->count);
}


bool
asl_group_error(asl_exec_t *exec, asl_frame_t *child, base_str_t *error,
    base_str_t *cause)
{
    asl_view_t          view = asl_view_of(exec, child);
    asl_frame_t        *parent = child->parent;
    asl_group_t        *group = parent->group;
    const base_json_t  *output;

    if (parent->state->kind == ASL_STATE_MAP
        && (group->tolerated >= 0 || group->tolerated_percent >= 0)
        && !base_str_eq(*error, ASL_ERROR_RUNTIME))
    {
        group->failed++;
        if (asl_group_tolerates(group)) {
            output = asl_flow_error(&view, *error, *cause);
            if (output == NULL) {
                exec->status = ASL_NOMEM;
                return true;
            }

            asl_group_result(exec, child, output);
            return true;
        }

        *error = ASL_ERROR_TOLERATED;
        *cause = BASE_STR("more items have failed than are tolerated");
    }

    asl_group_close(exec, parent);
    return false;
}


/* Takes the children away with all that is open below them; the recursion is
 * bounded by ASL_NESTING_MAX. */
static void
asl_group_close(asl_exec_t *exec, asl_frame_t *parent)
{
    asl_frame_t  *child;

    if (parent->group == NULL) {
        return;
    }

    for (child = parent->group->first; child != NULL; child = child->next) {
        asl_action_close(exec, child);
        asl_group_close(exec, child);
        child->phase = ASL_PHASE_ENDED;     /* the queue passes it over */
    }

    parent->group = NULL;
}
