/* SPDX-License-Identifier: BSD-2-Clause */

/* Making an execution from what save.c wrote.  Nothing in it is believed: it
 * may come from another version of the definition, or from anybody who can
 * write to where it was kept. */

#include "workflow/exec.h"

#include <stdarg.h>
#include <stdio.h>


typedef struct {
    asl_exec_t         *exec;
    const base_json_t  *saved;
    base_str_t         *reason;
    asl_env_t           env;
} asl_restore_t;


static bool asl_restore_frame(asl_restore_t *restore, const base_json_t *saved,
    asl_frame_t *parent, const asl_machine_t *machine, asl_frame_t **out);
static bool asl_restore_end(asl_restore_t *restore, const base_json_t *saved);


const base_json_limits_t  asl_saved_limits = {
    .depth_max = 256,                   /* frames around the deepest data */
    .values_max = 10000000,
};


static const base_str_t  asl_phase_texts[] = {
#define ASL_PHASE_TEXT(name, text)  BASE_STR_INIT(text),
    ASL_PHASES(ASL_PHASE_TEXT)
#undef ASL_PHASE_TEXT
};


/* Says why; returns false for its caller to return. */
static bool __attribute__((format(printf, 2, 3)))
asl_restore_refuse(asl_restore_t *restore, const char *fmt, ...)
{
    char        text[256];
    int         n;
    va_list     args;

    if (restore->exec->status != ASL_OK) {
        return false;
    }

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    n = n < 0 ? 0 : n >= (int) sizeof(text) ? (int) sizeof(text) - 1 : n;

    restore->exec->status = ASL_INVALID;
    if (!base_arena_str(restore->exec->arena, base_str(text, (size_t) n),
                        restore->reason))
    {
        restore->exec->status = ASL_NOMEM;
    }

    return false;
}


/* A whole number from 0, or 0 where there is none. */
static bool
asl_restore_int(asl_restore_t *restore, const base_json_t *object,
    const char *key, int64_t max, int64_t *out)
{
    const base_json_t  *value = base_json_get(object, base_str_c(key));

    *out = 0;
    if (value == NULL
        || (base_json_to_int(value, out) && *out >= 0 && *out <= max))
    {
        return true;
    }

    return asl_restore_refuse(restore, "\"%s\" is no whole number in range",
                              key);
}


static bool
asl_restore_u32(asl_restore_t *restore, const base_json_t *object,
    const char *key, uint32_t *out)
{
    int64_t  value;

    if (!asl_restore_int(restore, object, key, UINT32_MAX, &value)) {
        return false;
    }

    *out = (uint32_t) value;
    return true;
}


/* No clock and no random bits are needed: what depends on them was saved. */
static void
asl_restore_random(void *data, unsigned char *bytes, size_t len)
{
    (void) data;
    memset(bytes, 0, len);
}


static bool
asl_restore_head(asl_restore_t *restore, const base_json_t *saved)
{
    int64_t             version;
    asl_exec_t         *exec = restore->exec;
    const base_json_t  *name;

    if (saved->type != BASE_JSON_OBJECT
        || !asl_restore_int(restore, saved, "v", INT32_MAX, &version))
    {
        return asl_restore_refuse(restore, "not a saved execution");
    }

    if (version != 1) {
        return asl_restore_refuse(restore, "saved in an unknown form");
    }

    name = base_json_get(saved, BASE_STR("name"));
    if (name == NULL || name->type != BASE_JSON_STRING) {
        return asl_restore_refuse(restore, "\"name\" is missing");
    }

    exec->name = name->text;
    if (!asl_restore_int(restore, saved, "start", INT64_MAX / 4,
                         &exec->start_ms)
        || !asl_restore_u32(restore, saved, "ids", &exec->last_id)
        || !asl_restore_u32(restore, saved, "steps", &exec->transitions))
    {
        return false;
    }

    if (exec->def->timeout_s > 0) {
        exec->deadline_ms = exec->start_ms + exec->def->timeout_s * 1000;
    }

    if ((exec->def->uses & ASL_USES_INPUT) != 0) {
        exec->input = base_json_get(saved, BASE_STR("input"));
    }

    return true;
}


asl_status_t
asl_exec_load(const asl_def_t *def, base_arena_t *arena,
    const base_json_t *saved, asl_exec_t **out, base_str_t *reason)
{
    base_json_t    *copy = base_json_copy(arena, saved);
    const base_json_t  *frame;
    asl_restore_t   restore = { .exec = asl_exec_new(def, arena),
                                .reason = reason };

    *reason = base_str(NULL, 0);
    if (copy == NULL || restore.exec == NULL) {
        return ASL_NOMEM;
    }

    restore.saved = copy;
    restore.env.random = asl_restore_random;
    restore.exec->env = &restore.env;

    if (asl_restore_head(&restore, copy)) {
        restore.env.now_ms = restore.exec->start_ms;
        frame = base_json_get(copy, BASE_STR("frame"));
        if (frame == NULL) {
            (void) asl_restore_end(&restore, copy);
        } else {
            (void) asl_restore_frame(&restore, frame, NULL, &def->machine,
                                     &restore.exec->root);
        }
    }

    restore.exec->env = NULL;
    *out = restore.exec;
    return restore.exec->status;
}


/* An execution that has come to its end. */
static bool
asl_restore_end(asl_restore_t *restore, const base_json_t *saved)
{
    base_str_t          state, ended;
    asl_exec_t         *exec = restore->exec;
    const base_json_t  *output;

    state = base_json_get_str(saved, BASE_STR("state"));
    ended = base_json_get_str(saved, BASE_STR("ended"));
    exec->root = asl_frame_new(exec, NULL, &exec->def->machine, NULL);
    if (exec->root == NULL) {
        return false;
    }

    exec->root->state = asl_def_state(exec->def, &exec->def->machine, state);
    if (exec->root->state == NULL) {
        return asl_restore_refuse(restore, "the definition has no state "
                                  "\"%.*s\"", BASE_STR_ARG(state));
    }

    if (exec->last_id > 0) {
        exec->last_id--;                /* the end gets its id once more */
    }

    output = base_json_get(saved, BASE_STR("output"));
    if (base_str_eq_c(ended, "SUCCEEDED") && output != NULL) {
        asl_exec_succeed(exec, output);

    } else if (base_str_eq_c(ended, "FAILED")) {
        asl_exec_fail(exec, base_json_get_str(saved, BASE_STR("error")),
                      base_json_get_str(saved, BASE_STR("cause")));

    } else {
        return asl_restore_refuse(restore, "neither \"frame\" nor \"ended\" "
                                  "says where it stands");
    }

    return exec->status == ASL_OK;
}


static bool
asl_restore_phase(asl_restore_t *restore, const base_json_t *saved,
    asl_frame_t *frame)
{
    int                phase;
    base_str_t         text = base_json_get_str(saved, BASE_STR("phase"));
    asl_state_kind_t   kind = frame->state->kind;

    for (phase = ASL_PHASE_TASK; phase <= ASL_PHASE_GROUP; phase++) {
        if (base_str_eq(text, asl_phase_texts[phase])) {
            break;
        }
    }

    frame->phase = (asl_phase_t) phase;
    if (phase > ASL_PHASE_GROUP
        || (phase == ASL_PHASE_TASK && kind != ASL_STATE_TASK)
        || (phase == ASL_PHASE_WAIT && kind != ASL_STATE_WAIT)
        || (phase == ASL_PHASE_RETRY && frame->state->retrier_count == 0)
        || (phase == ASL_PHASE_GROUP && kind != ASL_STATE_PARALLEL
            && kind != ASL_STATE_MAP))
    {
        return asl_restore_refuse(restore, "the state \"%.*s\" cannot be in "
                                  "the phase \"%.*s\"",
                                  BASE_STR_ARG(frame->state->name),
                                  BASE_STR_ARG(text));
    }

    return true;
}


/* Counters of retriers that the definition no longer has are dropped. */
static bool
asl_restore_retries(asl_restore_t *restore, const base_json_t *saved,
    asl_frame_t *frame)
{
    int64_t             count;
    uint32_t            i = 0, all = frame->state->retrier_count;
    const base_json_t  *retries, *item;

    retries = base_json_get(saved, BASE_STR("retries"));
    if (retries == NULL || all == 0) {
        return true;
    }

    if (retries->type != BASE_JSON_ARRAY) {
        return asl_restore_refuse(restore, "\"retries\" is no array");
    }

    frame->retries = asl_exec_alloc(restore->exec, all,
                                    sizeof(frame->retries[0]));
    if (frame->retries == NULL) {
        return false;
    }

    base_json_each(item, retries) {
        if (!base_json_to_int(item, &count) || count < 0 || count > UINT32_MAX)
        {
            return asl_restore_refuse(restore, "\"retries\" has no counts");
        }

        if (i < all) {
            frame->retries[i++] = (uint32_t) count;
        }
    }

    return true;
}


/* A task's effective input, as saved or made again. */
static bool
asl_restore_task(asl_restore_t *restore, const base_json_t *saved,
    asl_frame_t *frame)
{
    int64_t             heartbeat_s, called;
    asl_view_t          view = asl_view_of(restore->exec, frame);
    const base_json_t  *selected;

    if (!asl_restore_int(restore, saved, "heartbeat", ASL_SECONDS_MAX,
                         &heartbeat_s)
        || !asl_restore_int(restore, saved, "silent", INT64_MAX / 4,
                            &frame->silent_until_ms)
        || !asl_restore_int(restore, saved, "called", 1, &called))
    {
        return false;
    }

    frame->heartbeat_ms = heartbeat_s * 1000;
    frame->token = base_json_get_str(saved, BASE_STR("token"));
    frame->called = called > 0 && frame->token.len > 0;
    frame->task_input = base_json_get(saved, BASE_STR("made"));
    if (frame->task_input != NULL) {
        return true;
    }

    frame->task_input = asl_flow_input(&view, frame, &selected);
    if (frame->task_input != NULL) {
        return true;
    }

    if (view.status == ASL_NOMEM) {
        restore->exec->status = ASL_NOMEM;
        return false;
    }

    return asl_restore_refuse(restore, "the input of the state \"%.*s\" cannot "
                              "be made: %.*s", BASE_STR_ARG(frame->state->name),
                              BASE_STR_ARG(view.cause));
}


static bool
asl_restore_results(asl_restore_t *restore, const base_json_t *saved,
    asl_group_t *group)
{
    int64_t             index;
    const base_json_t  *results, *pair;

    results = base_json_get(saved, BASE_STR("results"));
    if (results == NULL || results->type != BASE_JSON_ARRAY) {
        return asl_restore_refuse(restore, "\"results\" is no array");
    }

    base_json_each(pair, results) {
        if (pair->type != BASE_JSON_ARRAY || pair->count != 2
            || !base_json_to_int(base_json_first(pair), &index) || index < 0
            || index >= group->next_index || group->results[index] != NULL)
        {
            return asl_restore_refuse(restore, "\"results\" has no pairs of "
                                      "index and output");
        }

        group->results[index] = base_json_first(pair)->next;
    }

    return true;
}


static bool
asl_restore_children(asl_restore_t *restore, const base_json_t *saved,
    asl_frame_t *frame)
{
    bool                 map = frame->state->kind == ASL_STATE_MAP;
    asl_frame_t         *child;
    asl_group_t         *group = frame->group;
    const base_json_t   *children, *item;
    const asl_machine_t *machine;
    uint32_t             index;

    children = base_json_get(saved, BASE_STR("children"));
    if (children == NULL || children->type != BASE_JSON_ARRAY
        || children->count == 0)
    {
        return asl_restore_refuse(restore, "\"children\" is no array of "
                                  "frames");
    }

    base_json_each(item, children) {
        if (!asl_restore_u32(restore, item, "index", &index)) {
            return false;
        }

        if (index >= group->next_index || group->results[index] != NULL) {
            return asl_restore_refuse(restore, "a child's \"index\" is out of "
                                      "range");
        }

        machine = map ? frame->state->map.processor
                      : frame->state->parallel.branches[index];
        if (!asl_restore_frame(restore, item, frame, machine, &child)) {
            return false;
        }

        asl_group_add(group, child);
    }

    return true;
}


/* Each index has been given out once: to a result, to a child, or it is still
 * to come. */
static bool
asl_restore_indexes(asl_restore_t *restore, const asl_group_t *group)
{
    bool               *seen;
    uint32_t            i;
    const asl_frame_t  *child;

    seen = asl_exec_alloc(restore->exec, group->count + 1, sizeof(*seen));
    if (seen == NULL) {
        return false;
    }

    for (child = group->first; child != NULL; child = child->next) {
        if (seen[child->index]) {
            return asl_restore_refuse(restore, "two children have one "
                                      "\"index\"");
        }

        seen[child->index] = true;
    }

    for (i = 0; i < group->next_index; i++) {
        if (!seen[i] && group->results[i] == NULL) {
            return asl_restore_refuse(restore, "a child is missing");
        }
    }

    return true;
}


static bool
asl_restore_group(asl_restore_t *restore, const base_json_t *saved,
    asl_frame_t *frame)
{
    asl_view_t    view = asl_view_of(restore->exec, frame);
    asl_group_t  *group;

    if (frame->state->kind == ASL_STATE_MAP) {
        group = asl_map_group(&view, frame);
        if (group == NULL && view.status != ASL_NOMEM) {
            return asl_restore_refuse(restore, "the items of the state "
                                      "\"%.*s\" cannot be found",
                                      BASE_STR_ARG(frame->state->name));
        }
    } else {
        group = asl_group_new(restore->exec, frame->state->parallel.count);
    }

    if (group == NULL) {
        restore->exec->status = ASL_NOMEM;
        return false;
    }

    frame->group = group;
    if (!asl_restore_u32(restore, saved, "next", &group->next_index)
        || !asl_restore_u32(restore, saved, "failed", &group->failed))
    {
        return false;
    }

    if (group->next_index > group->count
        || (group->items == NULL && group->next_index != group->count))
    {
        return asl_restore_refuse(restore, "\"next\" is out of range");
    }

    if (group->items != NULL) {
        group->next_item = base_json_at(group->items, group->next_index);
    }

    return asl_restore_results(restore, saved, group)
           && asl_restore_children(restore, saved, frame)
           && asl_restore_indexes(restore, group);
}


/* What the frame waits for. */
static bool
asl_restore_action(asl_restore_t *restore, const base_json_t *saved,
    asl_frame_t *frame)
{
    asl_exec_t  *exec = restore->exec;

    if (frame->action_id == 0 || frame->action_id > exec->last_id
        || asl_action_find(exec, frame->action_id) != NULL)
    {
        return asl_restore_refuse(restore, "an open action has no \"id\" of "
                                  "its own");
    }

    if (frame->phase == ASL_PHASE_TASK
        && !asl_restore_task(restore, saved, frame))
    {
        return false;
    }

    asl_action_list(exec, frame);
    return exec->status == ASL_OK;
}


/* The recursion is bounded by ASL_NESTING_MAX: a machine is deeper than its
 * parent's. */
static bool
asl_restore_frame(asl_restore_t *restore, const base_json_t *saved,
    asl_frame_t *parent, const asl_machine_t *machine, asl_frame_t **out)
{
    base_str_t    name;
    asl_exec_t   *exec = restore->exec;
    asl_frame_t  *frame = asl_frame_new(exec, parent, machine, NULL);

    if (frame == NULL) {
        return false;
    }

    *out = frame;
    name = base_json_get_str(saved, BASE_STR("state"));
    frame->state = asl_def_state(exec->def, machine, name);
    if (frame->state == NULL) {
        return asl_restore_refuse(restore, "the definition has no state "
                                  "\"%.*s\" there", BASE_STR_ARG(name));
    }

    frame->input = base_json_get(saved, BASE_STR("input"));
    frame->variables = base_json_get(saved, BASE_STR("vars"));
    if (frame->input == NULL
        || (frame->variables != NULL
            && frame->variables->type != BASE_JSON_OBJECT))
    {
        return asl_restore_refuse(restore, "a frame has no \"input\", or "
                                  "\"vars\" that are no object");
    }

    if (!asl_restore_phase(restore, saved, frame)
        || !asl_restore_u32(restore, saved, "id", &frame->action_id)
        || !asl_restore_u32(restore, saved, "attempt", &frame->attempt)
        || !asl_restore_u32(restore, saved, "index", &frame->index)
        || !asl_restore_int(restore, saved, "due", INT64_MAX / 4,
                            &frame->due_ms)
        || !asl_restore_int(restore, saved, "entered", INT64_MAX / 4,
                            &frame->entered_ms)
        || !asl_restore_retries(restore, saved, frame))
    {
        return false;
    }

    if (frame->entered_ms == 0) {
        frame->entered_ms = exec->start_ms;     /* not asked for when saved */
    }

    if (parent != NULL && parent->group->items != NULL) {
        frame->item = base_json_at(parent->group->items, frame->index);
    }

    if (frame->phase == ASL_PHASE_GROUP) {
        frame->action_id = 0;
        return asl_restore_group(restore, saved, frame);
    }

    return asl_restore_action(restore, saved, frame);
}
