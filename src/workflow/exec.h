/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A running execution: a tree of frames.  A frame runs one machine: the root
 * the definition's, its children the branches of a Parallel State or the
 * iterations of a Map State, and so on.  A frame is in one state at a time.
 *
 * A frame that can go on by itself is in the queue; asl_exec_run() takes it
 * from there and enters its state.  At the end of every call the queue is
 * empty: each frame waits for an action or for its children.
 */

#ifndef ASL_EXEC_H
#define ASL_EXEC_H

#include "workflow/def.h"


typedef struct asl_group_s  asl_group_t;


#define ASL_PHASES(X)                                                         \
    X(READY,  "ready")      /* in the queue */                                \
    X(TASK,   "task")       /* a task runs */                                 \
    X(WAIT,   "wait")       /* a Wait State waits */                          \
    X(RETRY,  "retry")      /* the state is tried again at due_ms */          \
    X(PAUSE,  "pause")      /* after steps_max; enters its state when woken */ \
    X(GROUP,  "group")      /* children run */                                \
    X(ENDED,  "ended")

#define ASL_PHASE_ENUM(name, text)  ASL_PHASE_##name,
typedef enum { ASL_PHASES(ASL_PHASE_ENUM) ASL_PHASE_COUNT } asl_phase_t;
#undef ASL_PHASE_ENUM


/* The children of a frame. */
struct asl_group_s {
    asl_frame_t         *first;
    asl_frame_t        **last;          /* where the next one is linked */
    const base_json_t   *items;         /* Map: the Items Array */
    const base_json_t   *next_item;     /* the next to be started */
    const base_json_t   *selected;      /* Map: the input of its ItemSelector */
    const base_json_t  **results;       /* by index; NULL: not yet */
    uint32_t             count;         /* of branches or items */
    uint32_t             next_index;
    uint32_t             running;
    uint32_t             failed;        /* tolerated */
    uint32_t             concurrency;
    int64_t              tolerated;     /* failures; -1: no bound given */
    double               tolerated_percent;
};

struct asl_frame_s {
    asl_frame_t        *parent;
    asl_frame_t        *next;           /* of the same parent */
    asl_frame_t        *queue_next;
    asl_group_t        *group;

    const asl_state_t  *state;
    const base_json_t  *input;          /* the state's raw input */
    base_json_t        *variables;      /* NULL: none */

    asl_phase_t         phase;
    uint32_t            action_id;      /* 0: none open */
    uint32_t            attempt;        /* retries of this state so far */
    uint32_t           *retries;        /* by retrier; NULL: all zero */
    int64_t             entered_ms;
    int64_t             due_ms;         /* of a wait; a task's deadline */
    int64_t             heartbeat_ms;
    int64_t             silent_until_ms;
    const base_json_t  *task_input;
    base_str_t          token;          /* of a callback; empty: none */
    bool                called;         /* only the callback is waited for */

    uint32_t            index;          /* of the branch or item */
    const base_json_t  *item;           /* of a Map State's iteration */
};

struct asl_exec_s {
    const asl_def_t    *def;
    base_arena_t       *arena;
    const asl_env_t    *env;            /* of the call */
    asl_status_t        status;         /* ASL_NOMEM: give up */

    base_str_t          name;
    const base_json_t  *input;          /* where the definition asks for it */
    int64_t             start_ms;
    int64_t             deadline_ms;    /* INT64_MAX: none */
    uint32_t            last_id;
    uint32_t            transitions;
    uint32_t            steps;          /* in this call */
    int64_t             retry_after_ms; /* of the event of this call */
    bool                ended;

    asl_frame_t        *root;
    asl_frame_t        *queue_first;
    asl_frame_t        *queue_last;

    asl_action_t       *actions;        /* open, by id */
    asl_frame_t       **owners;         /* of the actions */
    uint32_t            action_count;
    uint32_t            action_cap;
};


/* exec.c */
asl_exec_t *asl_exec_new(const asl_def_t *def, base_arena_t *arena);
void asl_exec_succeed(asl_exec_t *exec, const base_json_t *output);
void asl_exec_fail(asl_exec_t *exec, base_str_t error, base_str_t cause);
void asl_exec_queue(asl_exec_t *exec, asl_frame_t *frame);
void asl_exec_trace(asl_exec_t *exec, asl_trace_kind_t kind,
    const asl_frame_t *frame, const base_json_t *data, base_str_t error,
    base_str_t cause);
/* Memory; NULL with status set. */
void *asl_exec_alloc(asl_exec_t *exec, size_t count, size_t size);

/* action.c */

/* Opens the action that the frame's phase asks for. */
void asl_action_open(asl_exec_t *exec, asl_frame_t *frame);
/* Lists a frame's action under the id that it has. */
void asl_action_list(asl_exec_t *exec, asl_frame_t *frame);
void asl_action_close(asl_exec_t *exec, asl_frame_t *frame);
/* The task has been called, and waits for its callback. */
void asl_action_called(asl_exec_t *exec, asl_frame_t *frame);
/* The task has given a sign of life. */
void asl_action_heartbeat(asl_exec_t *exec, asl_frame_t *frame);
asl_frame_t *asl_action_find(const asl_exec_t *exec, uint32_t id);

/* frame.c */
asl_frame_t *asl_frame_new(asl_exec_t *exec, asl_frame_t *parent,
    const asl_machine_t *machine, const base_json_t *input);
/* Enters the frame's state. */
void asl_frame_enter(asl_exec_t *exec, asl_frame_t *frame);
/* The state has a result (a Task, Pass, Parallel or Map State). */
void asl_frame_result(asl_exec_t *exec, asl_frame_t *frame,
    const base_json_t *result);
/* The state has an output; target NULL: it was the last. */
void asl_frame_leave(asl_exec_t *exec, asl_frame_t *frame,
    const base_json_t *output, const base_json_t *assigned,
    const asl_state_t *target);
/* The state reports an error: Retry, Catch, or the end of the frame. */
void asl_frame_error(asl_exec_t *exec, asl_frame_t *frame, base_str_t error,
    base_str_t cause);
/* Reports what a view took down. */
void asl_frame_view_error(asl_exec_t *exec, asl_frame_t *frame,
    const asl_view_t *view);

/* retry.c */

/* True if error is among the ErrorEquals of a state of that kind. */
bool asl_errors_match(const asl_errors_t *errors, asl_state_kind_t kind,
    base_str_t error);
/* As the retrier says: schedules and returns true, or its attempts are used
 * up. */
bool asl_retry(asl_exec_t *exec, asl_frame_t *frame, base_str_t error,
    base_str_t cause);

/* states.c */
void asl_state_work(asl_exec_t *exec, asl_frame_t *frame);
void asl_wait_over(asl_exec_t *exec, asl_frame_t *frame);

/* group.c */
void asl_parallel_work(asl_exec_t *exec, asl_frame_t *frame);
void asl_map_work(asl_exec_t *exec, asl_frame_t *frame);
/* What a Map State's group holds besides its children; NULL with the view
 * failed. */
asl_group_t *asl_map_group(asl_view_t *view, const asl_frame_t *frame);
asl_group_t *asl_group_new(asl_exec_t *exec, uint32_t count);
void asl_group_add(asl_group_t *group, asl_frame_t *child);
/* A child has come to its end with output. */
void asl_group_result(asl_exec_t *exec, asl_frame_t *child,
    const base_json_t *output);
/* A child has failed.  True if that is no matter; otherwise all children are
 * gone and *error, *cause are what the parent's state reports. */
bool asl_group_error(asl_exec_t *exec, asl_frame_t *child, base_str_t *error,
    base_str_t *cause);

/* flow.c */
asl_view_t asl_view_of(asl_exec_t *exec, asl_frame_t *frame);
/* After InputPath. */
const base_json_t *asl_flow_select(const asl_select_t *select,
    asl_view_t *view, const base_json_t *value);
/* After InputPath and Parameters; *selected is after InputPath alone. */
const base_json_t *asl_flow_input(asl_view_t *view, const asl_frame_t *frame,
    const base_json_t **selected);
/* What ResultPath makes of a raw input and a result. */
const base_json_t *asl_flow_place(const asl_place_result_t *place,
    asl_view_t *view, const base_json_t *input, const base_json_t *result);
/* A number, from min; -1 when not given, or with the view failed. */
int64_t asl_flow_amount(const asl_amount_t *amount, asl_view_t *view,
    int64_t min);
/* {"Error": ..., "Cause": ...}; NULL with the view failed. */
const base_json_t *asl_flow_error(asl_view_t *view, base_str_t error,
    base_str_t cause);
/* True if value keeps to the limits of data; the view fails if not. */
bool asl_flow_check(asl_view_t *view, const base_json_t *value,
    uint32_t bytes_max);

/* context.c */
const base_json_t *asl_context(asl_view_t *view);
const base_json_t *asl_variable(const asl_view_t *view, base_str_t name);

#endif
