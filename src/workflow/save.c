/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Writing an execution as JSON:
 *
 *   {"v":1,"name":"0190...","start":1732430107123,"ids":2,"steps":2,
 *    "frame":{"state":"ProcessPayment","phase":"task","id":2,
 *             "due":1732430137123,"input":{...}}}
 *
 * What follows from the rest is not written: a task's effective input is made
 * again from the state's input, unless it depends on random bits.  Members
 * that would be zero or empty are left out.
 *
 *   v           the version of this form
 *   start       Unix time in milliseconds, as are due and entered
 *   ids         the last action id given
 *   steps       states entered
 *   input       of the execution, where the definition asks for it
 *   frame       of the root; in it the state, its raw input, and
 *     phase     what it waits for: ASL_PHASES
 *     id        of its open action
 *     heartbeat in seconds
 *     attempt   retries of the state so far, all in all
 *     retries   retries by retrier
 *     made      the effective input, where it is kept
 *     token     of a callback
 *     called    1 when nothing but the callback is waited for
 *     silent    until when no heartbeat need come
 *     vars      variables
 *     index     of a branch or an item
 *     next      items started
 *     failed    items failed
 *     results   pairs of index and output
 *     children  frames
 *   ended       "SUCCEEDED" with output, or "FAILED" with error and cause
 */

#include "workflow/exec.h"


static void asl_save_frame(const asl_exec_t *exec, const asl_frame_t *frame,
    base_buf_t *buf);


static const char *const  asl_phase_names[] = {
#define ASL_PHASE_NAME(name, text)  text,
    ASL_PHASES(ASL_PHASE_NAME)
#undef ASL_PHASE_NAME
};


/* ,"key":1 */
static void
asl_save_int(base_buf_t *buf, const char *key, int64_t value)
{
    base_buf_add_lit(buf, ",\"");
    base_buf_add(buf, key, strlen(key));
    base_buf_add_lit(buf, "\":");
    base_buf_add_int(buf, value);
}


static void
asl_save_count(base_buf_t *buf, const char *key, uint32_t value)
{
    if (value != 0) {
        asl_save_int(buf, key, value);
    }
}


static void
asl_save_str(base_buf_t *buf, const char *key, base_str_t value)
{
    base_buf_add_lit(buf, ",\"");
    base_buf_add(buf, key, strlen(key));
    base_buf_add_lit(buf, "\":");
    base_json_write_str(buf, value);
}


static void
asl_save_value(base_buf_t *buf, const char *key, const base_json_t *value)
{
    if (value != NULL) {
        base_buf_add_lit(buf, ",\"");
        base_buf_add(buf, key, strlen(key));
        base_buf_add_lit(buf, "\":");
        base_json_write(buf, value);
    }
}


void
asl_exec_save(const asl_exec_t *exec, base_buf_t *buf)
{
    const asl_action_t  *end = exec->actions;

    base_buf_add_lit(buf, "{\"v\":1");
    asl_save_str(buf, "name", exec->name);
    asl_save_int(buf, "start", exec->start_ms);
    asl_save_int(buf, "ids", exec->last_id);
    asl_save_int(buf, "steps", exec->transitions);

    if (exec->ended) {
        asl_save_str(buf, "state", exec->root->state->name);
        asl_save_str(buf, "ended", end->kind == ASL_SUCCEED
                                   ? BASE_STR("SUCCEEDED")
                                   : BASE_STR("FAILED"));
        if (end->kind == ASL_SUCCEED) {
            asl_save_value(buf, "output", end->output);
        } else {
            asl_save_str(buf, "error", end->error);
            asl_save_str(buf, "cause", end->cause);
        }

    } else {
        asl_save_value(buf, "input", exec->input);
        base_buf_add_lit(buf, ",\"frame\":");
        asl_save_frame(exec, exec->root, buf);
    }

    base_buf_add_char(buf, '}');
}


static void
asl_save_retries(const asl_frame_t *frame, base_buf_t *buf)
{
    uint32_t  i;

    if (frame->retries == NULL) {
        return;
    }

    base_buf_add_lit(buf, ",\"retries\":[");
    for (i = 0; i < frame->state->retrier_count; i++) {
        if (i > 0) {
            base_buf_add_char(buf, ',');
        }

        base_buf_add_int(buf, frame->retries[i]);
    }

    base_buf_add_char(buf, ']');
}


static void
asl_save_group(const asl_exec_t *exec, const asl_group_t *group,
    base_buf_t *buf)
{
    bool                first = true;
    uint32_t            i;
    const asl_frame_t  *child;

    asl_save_int(buf, "next", group->next_index);
    asl_save_count(buf, "failed", group->failed);

    base_buf_add_lit(buf, ",\"results\":[");
    for (i = 0; i < group->count; i++) {
        if (group->results[i] == NULL) {
            continue;
        }

        if (!first) {
            base_buf_add_char(buf, ',');
        }

        first = false;
        base_buf_add_char(buf, '[');
        base_buf_add_int(buf, i);
        base_buf_add_char(buf, ',');
        base_json_write(buf, group->results[i]);
        base_buf_add_char(buf, ']');
    }

    base_buf_add_lit(buf, "],\"children\":[");
    for (child = group->first; child != NULL; child = child->next) {
        if (child != group->first) {
            base_buf_add_char(buf, ',');
        }

        asl_save_frame(exec, child, buf);
    }

    base_buf_add_char(buf, ']');
}


/* The recursion is bounded by ASL_NESTING_MAX. */
static void
asl_save_frame(const asl_exec_t *exec, const asl_frame_t *frame,
    base_buf_t *buf)
{
    base_buf_add_lit(buf, "{\"state\":");
    base_json_write_str(buf, frame->state->name);
    asl_save_str(buf, "phase", base_str_c(asl_phase_names[frame->phase]));
    asl_save_count(buf, "id", frame->action_id);
    if (frame->phase != ASL_PHASE_GROUP) {
        asl_save_int(buf, "due", frame->due_ms);
    }

    if ((exec->def->uses & ASL_USES_ENTERED) != 0) {
        asl_save_int(buf, "entered", frame->entered_ms);
    }

    asl_save_count(buf, "attempt", frame->attempt);
    asl_save_retries(frame, buf);
    asl_save_count(buf, "index", frame->index);
    if (frame->phase == ASL_PHASE_TASK) {
        asl_save_count(buf, "heartbeat", (uint32_t) (frame->heartbeat_ms
                                                     / 1000));
        if ((frame->state->uses & ASL_USES_RANDOM) != 0) {
            asl_save_value(buf, "made", frame->task_input);
        }

        if (frame->token.len > 0) {
            asl_save_str(buf, "token", frame->token);
            asl_save_count(buf, "called", frame->called);
        }

        if (frame->silent_until_ms > 0) {
            asl_save_int(buf, "silent", frame->silent_until_ms);
        }
    }

    asl_save_value(buf, "vars", frame->variables);
    asl_save_value(buf, "input", frame->input);
    if (frame->group != NULL) {
        asl_save_group(exec, frame->group, buf);
    }

    base_buf_add_char(buf, '}');
}
