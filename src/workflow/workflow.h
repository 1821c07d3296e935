/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The Amazon States Language (states-language.net), sans-I/O.
 *
 * A definition is loaded once and checked; executions of it advance by events.
 * asl_advance() is a function of (definition, execution, event, time) and
 * names the actions that the host has to do: run a task, wake it at a time, or
 * take the end.  The host reports back with events that carry the action's id.
 * The library reads no clock, draws no random bits and does no I/O.
 *
 * An execution lives in an arena and grows there.  asl_exec_save() writes its
 * whole state as JSON; asl_exec_load() makes an equal one in any arena, of the
 * same definition or of a compatible one (its state names still there).  What
 * a save holds is what survives a crash: on load, asl_exec_actions() names the
 * actions that were open.
 *
 * All strings and values handed out point into the execution's arena or the
 * definition and are good until the next call on the execution.
 */

#ifndef ASL_WORKFLOW_H
#define ASL_WORKFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"


typedef struct asl_def_s   asl_def_t;
typedef struct asl_exec_s  asl_exec_t;

struct asl_trace_s;


typedef enum {
    ASL_OK = 0,
    ASL_INVALID,                    /* definition, saved state or event */
    ASL_LIMIT,                      /* a limit of asl_limits_t */
    ASL_NOMEM
} asl_status_t;


/* Bounds; 0 takes the default. */
typedef struct {
    uint32_t  data_bytes_max;       /* of a state's data as JSON; 262144 */
    uint32_t  transitions_max;      /* of one execution; 25000 */
    uint32_t  steps_max;            /* states passed in one asl_advance(); 1000,
                                       then the execution asks to be woken */
    uint32_t  task_timeout_s;       /* of a Task that names none; 60 */
    uint32_t  token_timeout_s;      /* the same, of one that waits for a
                                       callback; 86400, a day */
} asl_limits_t;


/* One mistake in a definition. */
typedef struct asl_problem_s  asl_problem_t;

struct asl_problem_s {
    asl_problem_t  *next;
    base_str_t      pointer;        /* JSON pointer to the place (RFC 6901) */
    base_str_t      message;        /* what is wrong and what was expected */
    bool            warning;        /* does not keep the definition from use */
};


#define ASL_TOKEN_BYTES_MAX  128

/* What the host lends to a call. */
typedef struct {
    int64_t   now_ms;               /* Unix time */

    /* Fills bytes with random bits (jitter, States.UUID, States.MathRandom
     * without a seed). */
    void    (*random)(void *data, unsigned char *bytes, size_t len);

    /* Writes the token of a task that waits for a callback, one that nobody can
     * guess, in the execution of this name.  How many of ASL_TOKEN_BYTES_MAX
     * bytes it has; 0: it cannot be made, the task fails. */
    size_t  (*token)(void *data, base_str_t name, char *text);

    /* Told of every step for history and logs; NULL: nobody listens. */
    void    (*trace)(void *data, const struct asl_trace_s *trace);

    void     *data;
} asl_env_t;


#define ASL_TRACES(X)                                                         \
    X(EXECUTION_STARTED,    "ExecutionStarted")                               \
    X(STATE_ENTERED,        "StateEntered")                                   \
    X(TASK_SCHEDULED,       "TaskScheduled")                                  \
    X(TASK_SUCCEEDED,       "TaskSucceeded")                                  \
    X(TASK_FAILED,          "TaskFailed")                                     \
    X(RETRY_SCHEDULED,      "RetryScheduled")                                 \
    X(ERROR_CAUGHT,         "ErrorCaught")                                    \
    X(STATE_EXITED,         "StateExited")                                    \
    X(EXECUTION_SUCCEEDED,  "ExecutionSucceeded")                             \
    X(EXECUTION_FAILED,     "ExecutionFailed")

#define ASL_TRACE_ENUM(name, text)  ASL_TRACE_##name,
typedef enum { ASL_TRACES(ASL_TRACE_ENUM) ASL_TRACE_COUNT } asl_trace_kind_t;
#undef ASL_TRACE_ENUM

typedef struct asl_trace_s {
    asl_trace_kind_t    kind;
    base_str_t          state;      /* empty for the execution's own */
    uint32_t            action_id;  /* for tasks */
    uint32_t            attempt;    /* 0 for the first */
    const base_json_t  *data;       /* input, result or output; may be NULL */
    base_str_t          error;      /* for failures */
    base_str_t          cause;
} asl_trace_t;

/* "StateEntered" and so on; static. */
base_str_t asl_trace_name(asl_trace_kind_t kind);


typedef enum {
    ASL_RUN_TASK = 0,
    ASL_WAIT_UNTIL,                 /* send ASL_EVENT_WAKE at due_ms */
    ASL_SUCCEED,                    /* the execution's end */
    ASL_FAIL                        /* the execution's end */
} asl_action_kind_t;


typedef struct {
    asl_action_kind_t   kind;
    uint32_t            id;         /* unique in the execution, from 1; the
                                       same over save and load */
    base_str_t          state;      /* the state that asks */

    base_str_t          resource;   /* ASL_RUN_TASK: Resource as written */
    const base_json_t  *input;      /* ASL_RUN_TASK: the effective input */
    uint32_t            attempt;    /* ASL_RUN_TASK: 0, then each retry + 1 */
    int64_t             deadline_ms;    /* ASL_RUN_TASK: Unix time at which to
                                           send ASL_EVENT_FAILED with
                                           States.Timeout */
    int64_t             heartbeat_ms;   /* the longest silence; 0: any */
    int64_t             silent_until_ms;    /* Unix time at which to send
                                           ASL_EVENT_FAILED with
                                           States.HeartbeatTimeout, unless an
                                           ASL_EVENT_HEARTBEAT comes before; 0:
                                           never */
    base_str_t          item;       /* ASL_RUN_TASK inside of a Map: "2", or
                                           "0.2" in two of them; else empty */
    base_str_t          token;          /* ASL_RUN_TASK of a Resource that ends
                                           in .waitForTaskToken: what the
                                           callback has to show; else empty */
    bool                called;         /* such a task was called: it is only
                                           waited for */

    int64_t             due_ms;     /* ASL_WAIT_UNTIL: Unix time */

    const base_json_t  *output;     /* ASL_SUCCEED */
    base_str_t          error;      /* ASL_FAIL */
    base_str_t          cause;      /* ASL_FAIL */
} asl_action_t;


typedef enum {
    ASL_EVENT_SUCCEEDED = 0,        /* a task's result */
    ASL_EVENT_FAILED,               /* a task's error and cause */
    ASL_EVENT_CALLED,               /* a task that waits for a callback has
                                       been called, and is not to be called
                                       again; the callback is its result.
                                       A sign of life, too */
    ASL_EVENT_HEARTBEAT,            /* a task is still at work */
    ASL_EVENT_WAKE,                 /* due_ms has come */
    ASL_EVENT_ABORT                 /* ends the execution with error, cause;
                                       no Retry or Catch sees it */
} asl_event_kind_t;


typedef struct {
    asl_event_kind_t    kind;
    uint32_t            action_id;  /* not for ASL_EVENT_ABORT */
    const base_json_t  *result;     /* borrowed for the call; copied */
    base_str_t          error;      /* "States.Timeout", "Payment.Declined" */
    base_str_t          cause;
    int64_t             retry_after_ms; /* ASL_EVENT_FAILED: a Retry comes no
                                           sooner; 0: when its policy says */
} asl_event_t;


/* What asl_advance() and asl_exec_actions() give: an array. */
typedef struct {
    const asl_action_t  *items;
    size_t               count;
} asl_actions_t;


/*
 * Loads and checks a definition (States Language: Top-level fields, States).
 *
 * text       JSON; borrowed for the call
 * limits     NULL: the defaults; copied
 * arena      for the problems only
 * problems   out: all of them, in the order of the text; NULL when there are
 *            none
 *
 * The definition, to be freed with asl_def_free(); NULL when a problem is more
 * than a warning, or when out of memory (problems is then NULL).
 */
asl_def_t *asl_def_load(base_str_t text, const asl_limits_t *limits,
    base_arena_t *arena, asl_problem_t **problems);

void asl_def_free(asl_def_t *def);

/* A hash of the definition's meaning, the same for equal JSON: the version of
 * the workflow, 16 hexadecimal digits. */
base_str_t asl_def_version(const asl_def_t *def);

/* What a definition says of one Task. */
typedef struct {
    base_str_t                    state;
    base_str_t                    resource;
    const struct asl_machine_s   *machine;      /* that it belongs to */
    const struct asl_template_s  *parameters;   /* NULL: none */
} asl_task_info_t;

/* Calls fn for every Task, so that a host can check that it knows what they
 * name.  Stops when fn returns false. */
bool asl_def_each_task(const asl_def_t *def,
    bool (*fn)(void *data, const asl_task_info_t *task), void *data);

/* A JSON pointer to its Resource, in arena; data NULL when out of memory. */
base_str_t asl_task_pointer(const asl_task_info_t *task, base_arena_t *arena);

/*
 * A member of a Task's Parameters.
 *
 * given   out: there is one
 *
 * Its value, borrowed from the definition; NULL if there is none, or if it
 * depends on an execution.
 */
const base_json_t *asl_task_parameter(const asl_task_info_t *task,
    base_str_t key, bool *given);


/*
 * Starts an execution and runs it to its first actions.
 *
 * def       borrowed; must outlive the execution
 * arena     the execution's memory; the caller's
 * name      the execution's name ($$.Execution.Name); copied
 * input     copied; NULL: {}
 * exec      out, set whenever the status is ASL_OK
 * actions   out
 */
asl_status_t asl_exec_start(const asl_def_t *def, base_arena_t *arena,
    base_str_t name, const base_json_t *input, const asl_env_t *env,
    asl_exec_t **exec, asl_actions_t *actions);

/*
 * Applies one event to an execution and names what to do next (States
 * Language: States, Retry, Catch).
 *
 * actions   out: new actions only; those still open from before are in
 *           asl_exec_actions()
 *
 * ASL_OK, also when a limit or an error of the data ended the execution (the
 * action is then ASL_FAIL with a States.* error).  ASL_INVALID for an event
 * whose action is not open: it is late or repeated, nothing happens.
 * ASL_NOMEM: the execution must be thrown away and loaded again.
 */
asl_status_t asl_advance(asl_exec_t *exec, const asl_event_t *event,
    const asl_env_t *env, asl_actions_t *actions);

/* The open actions; after the end, the end alone. */
asl_actions_t asl_exec_actions(const asl_exec_t *exec);

bool asl_exec_ended(const asl_exec_t *exec);

/* The state the execution is in (the top-level one), for people. */
base_str_t asl_exec_state(const asl_exec_t *exec);

/* Names the state of each of its branches, also those of the states whose
 * branches they are; none after the end. */
void asl_exec_each_state(const asl_exec_t *exec,
    void (*fn)(void *data, base_str_t state), void *data);

/* True while it is in a Wait State and in nothing else: no task of it is under
 * way or waits to be tried again. */
bool asl_exec_rests(const asl_exec_t *exec);

/*
 * Changes what later states of a resting execution see: in the object under key
 * in its data, and in the execution's input, the given members are set.  What
 * variables have of it stays.
 *
 * members   an object; copied
 *
 * ASL_INVALID when it does not rest; ASL_LIMIT when its data would be too
 * large.  On failure it is as it was.
 */
asl_status_t asl_exec_amend(asl_exec_t *exec, base_str_t key,
    const base_json_t *members);

/* Appends the execution's state as one JSON object. */
void asl_exec_save(const asl_exec_t *exec, base_buf_t *buf);

/* With these base_json_parse() reads all that asl_exec_save() can write; its
 * defaults are narrower. */
extern const base_json_limits_t  asl_saved_limits;

/*
 * Makes the execution that asl_exec_save() wrote.
 *
 * saved   copied
 *
 * ASL_INVALID with *reason (in arena) when saved is none, or names a state
 * that def does not have.
 */
asl_status_t asl_exec_load(const asl_def_t *def, base_arena_t *arena,
    const base_json_t *saved, asl_exec_t **exec, base_str_t *reason);


/*
 * Trying a definition out: asl_simulate() answers its tasks by a callback and
 * lets the time of its waits pass at once.
 */

typedef struct {
    const base_json_t  *result;     /* NULL: it fails with error and cause */
    base_str_t          error;
    base_str_t          cause;
    int64_t             delay_ms;   /* how long the task takes; one that takes
                                       longer than its timeout has that */
} asl_answer_t;

typedef struct {
    /* What becomes of a task.  call counts the tasks of that state, from 0.
     * False: nothing is known of it, it fails with Simulation.NoAnswer. */
    bool     (*answer)(void *data, const asl_action_t *action, uint32_t call,
                  asl_answer_t *answer);

    /* Told that it is now_ms before something happens then; may be NULL. */
    void     (*clock)(void *data, int64_t now_ms);

    void      *data;
    uint32_t   events_max;          /* 0: 100000 */
} asl_simulation_t;

/*
 * Runs an execution to its end.
 *
 * env    its now_ms is where the simulated time begins; it is moved on
 * exec   out: the execution, ended if the status is ASL_OK
 *
 * ASL_LIMIT after events_max events.
 */
asl_status_t asl_simulate(const asl_def_t *def, base_arena_t *arena,
    base_str_t name, const base_json_t *input, asl_env_t *env,
    const asl_simulation_t *simulation, asl_exec_t **exec);

/*
 * Answers by a table:
 *
 *   {"ProcessPayment": [{"Throw": {"Error": "Payment.Unavailable",
 *                                  "Cause": "no route"}, "Seconds": 3},
 *                       {"Return": {"status": "SUCCESS"}}],
 *    "CompleteOrder": {"Return": null}}
 *
 * Of several answers each is for one call, the last for all calls from then
 * on.  False: the table has none for the state.
 */
bool asl_mock_answer(const base_json_t *mocks, base_str_t state, uint32_t call,
    asl_answer_t *answer);

/* NULL if the table is well-formed and names tasks of def; else what is wrong,
 * NUL-terminated, in arena. */
const char *asl_mocks_check(const asl_def_t *def, const base_json_t *mocks,
    base_arena_t *arena);


/* Pictures of a definition. */

typedef struct {
    /* Appends what is to stand beside a state, of one line or more; false if
     * that is nothing.  May be NULL. */
    bool   (*label)(void *data, base_str_t state, base_buf_t *text);
    void    *data;
} asl_overlay_t;

/* Append a graph in the language of Graphviz or of Mermaid; overlay may be
 * NULL. */
void asl_graph_dot(const asl_def_t *def, const asl_overlay_t *overlay,
    base_buf_t *buf);
void asl_graph_mermaid(const asl_def_t *def, const asl_overlay_t *overlay,
    base_buf_t *buf);

#endif
