/* SPDX-License-Identifier: BSD-2-Clause */

/* The Context Object (States Language: The Context Object) and the variables
 * in scope (Variable Scope). */

#include "workflow/exec.h"

#include "base/time.h"


/* Adds a member; a NULL value means that it could not be made. */
static void
asl_context_add(asl_view_t *view, base_json_t *object, base_str_t key,
    base_json_t *value)
{
    if (object == NULL || value == NULL) {
        view->status = ASL_NOMEM;
        return;
    }

    base_json_add(object, key, value);
}


static void
asl_context_string(asl_view_t *view, base_json_t *object, base_str_t key,
    base_str_t text)
{
    asl_context_add(view, object, key, base_json_string(view->arena, text));
}


static void
asl_context_time(asl_view_t *view, base_json_t *object, base_str_t key,
    int64_t unix_ms)
{
    char  *text = base_arena_alloc(view->arena, BASE_TIME_TEXT_BYTES);

    if (text == NULL) {
        view->status = ASL_NOMEM;
        return;
    }

    base_time_format(unix_ms, text);
    asl_context_string(view, object, key,
                       base_str(text, BASE_TIME_TEXT_BYTES));
}


static base_json_t *
asl_context_object(asl_view_t *view, base_json_t *object, base_str_t key)
{
    base_json_t  *value = base_json_object(view->arena);

    asl_context_add(view, object, key, value);
    return value;
}


/* Of the innermost Map State around the frame. */
static void
asl_context_item(asl_view_t *view, base_json_t *root)
{
    base_json_t        *map, *item;
    const asl_frame_t  *frame = view->item != NULL ? view->item : view->owner;

    while (frame != NULL && frame->item == NULL) {
        frame = frame->parent;
    }

    if (frame == NULL) {
        return;
    }

    map = asl_context_object(view, root, BASE_STR("Map"));
    item = asl_context_object(view, map, BASE_STR("Item"));
    asl_context_add(view, item, BASE_STR("Index"),
                    base_json_int(view->arena, frame->index));
    asl_context_add(view, item, BASE_STR("Value"),
                    base_json_share(view->arena, frame->item));
}


const base_json_t *
asl_context(asl_view_t *view)
{
    base_json_t        *root = base_json_object(view->arena), *object;
    const asl_exec_t   *exec = view->exec;
    const asl_frame_t  *frame = view->owner;

    object = asl_context_object(view, root, BASE_STR("Execution"));
    asl_context_string(view, object, BASE_STR("Id"), exec->name);
    asl_context_string(view, object, BASE_STR("Name"), exec->name);
    asl_context_time(view, object, BASE_STR("StartTime"), exec->start_ms);
    if (exec->input != NULL) {
        asl_context_add(view, object, BASE_STR("Input"),
                        base_json_share(view->arena, exec->input));
    }

    object = asl_context_object(view, root, BASE_STR("State"));
    asl_context_string(view, object, BASE_STR("Name"), frame->state->name);
    asl_context_time(view, object, BASE_STR("EnteredTime"), frame->entered_ms);
    asl_context_add(view, object, BASE_STR("RetryCount"),
                    base_json_int(view->arena, frame->attempt));

    object = asl_context_object(view, root, BASE_STR("StateMachine"));
    asl_context_string(view, object, BASE_STR("Id"),
                       asl_def_version(exec->def));
    asl_context_string(view, object, BASE_STR("Name"), BASE_STR("workflow"));

    if (frame->token.len > 0) {
        object = asl_context_object(view, root, BASE_STR("Task"));
        asl_context_string(view, object, BASE_STR("Token"), frame->token);
    }

    asl_context_item(view, root);
    return view->status == ASL_OK ? root : NULL;
}


const base_json_t *
asl_variable(const asl_view_t *view, base_str_t name)
{
    const asl_frame_t  *frame;
    const base_json_t  *value;

    for (frame = view->owner; frame != NULL; frame = frame->parent) {
        value = base_json_get(frame->variables, name);
        if (value != NULL) {
            return value;
        }
    }

    return NULL;
}
