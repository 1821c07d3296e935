/* SPDX-License-Identifier: BSD-2-Clause */

/* A loaded definition: what the interpreter runs.  Written by the loader,
 * never changed afterwards. */

#ifndef ASL_DEF_H
#define ASL_DEF_H

#include "workflow/choice.h"
#include "workflow/path.h"
#include "workflow/template.h"
#include "workflow/workflow.h"


#define ASL_NAME_MAX          80        /* characters of a state's name */
#define ASL_SECONDS_MAX       99999999  /* of any time in a definition */
#define ASL_NESTING_MAX       16        /* Parallel and Map in each other */
#define ASL_DATA_DEPTH_MAX    64        /* of a state's data */
#define ASL_CONCURRENCY_DEFAULT  40     /* of a Map that names no limit */
#define ASL_CONCURRENCY_MAX   1000      /* of any */


typedef struct asl_state_s    asl_state_t;
typedef struct asl_machine_s  asl_machine_t;

#define ASL_STATE_KINDS(X)                                                    \
    X(TASK,      "Task")                                                      \
    X(PASS,      "Pass")                                                      \
    X(CHOICE,    "Choice")                                                    \
    X(WAIT,      "Wait")                                                      \
    X(SUCCEED,   "Succeed")                                                   \
    X(FAIL,      "Fail")                                                      \
    X(PARALLEL,  "Parallel")                                                  \
    X(MAP,       "Map")

#define ASL_STATE_ENUM(name, text)  ASL_STATE_##name,
typedef enum {
    ASL_STATE_KINDS(ASL_STATE_ENUM) ASL_STATE_KIND_COUNT
} asl_state_kind_t;
#undef ASL_STATE_ENUM


/* ErrorEquals. */
typedef struct {
    base_str_t  *names;
    uint32_t     count;
} asl_errors_t;

/* InputPath, OutputPath: path NULL is "$", unless null was written. */
typedef struct {
    const asl_path_t  *path;
    bool               discard;
} asl_select_t;

/* ResultPath: path NULL is "$", unless null was written. */
typedef asl_select_t  asl_place_result_t;

/* A number that is written or found at a path. */
typedef struct {
    int64_t            value;       /* -1: not given */
    const asl_path_t  *path;
} asl_amount_t;

typedef struct {
    asl_errors_t  errors;
    uint32_t      attempts_max;
    double        interval_s;
    double        backoff;
    double        delay_max_s;
    bool          jitter;           /* FULL */
} asl_retrier_t;

typedef struct {
    asl_errors_t           errors;
    asl_place_result_t     result;
    const asl_template_t  *assign;
    asl_state_t           *target;
} asl_catcher_t;


typedef struct {
    base_str_t    resource;
    asl_amount_t  timeout_s;
    asl_amount_t  heartbeat_s;
    bool          token;            /* .waitForTaskToken */
} asl_task_t;

typedef struct {
    asl_rule_t   *rules;
    asl_state_t  *otherwise;
} asl_choice_t;

typedef struct {
    asl_amount_t       seconds;
    int64_t            at_ms;       /* Timestamp */
    const asl_path_t  *at_path;
} asl_wait_t;

typedef struct {
    base_str_t             error;
    base_str_t             cause;
    const asl_template_t  *error_path;
    const asl_template_t  *cause_path;
} asl_fail_t;

typedef struct {
    asl_machine_t **branches;
    uint32_t        count;
} asl_parallel_t;

typedef struct {
    asl_machine_t         *processor;
    const asl_path_t      *items;
    const asl_template_t  *selector;
    asl_amount_t           concurrency;
    asl_amount_t           tolerated;
    double                 tolerated_percent;   /* < 0: not given */
    const asl_path_t      *tolerated_percent_path;
} asl_map_t;

struct asl_state_s {
    asl_state_kind_t       kind;
    bool                   end;
    unsigned               uses;        /* ASL_USES_* of Parameters */
    base_str_t             name;
    asl_machine_t         *machine;     /* that it belongs to */
    asl_state_t           *target;      /* Next */

    asl_select_t           input;
    const asl_template_t  *parameters;
    const asl_template_t  *selector;    /* ResultSelector */
    asl_place_result_t     result;
    asl_select_t           output;
    const asl_template_t  *assign;

    asl_retrier_t         *retriers;
    uint32_t               retrier_count;
    uint32_t               catcher_count;
    asl_catcher_t         *catchers;

    union {
        asl_task_t          task;
        const base_json_t  *pass;       /* Result, or NULL */
        asl_choice_t        choice;
        asl_wait_t          wait;
        asl_fail_t          fail;
        asl_parallel_t      parallel;
        asl_map_t           map;
    };

    asl_state_t           *hash_next;
    const base_json_t     *json;        /* while loading */
    uint32_t               index;       /* in its machine */
    uint32_t               number;      /* in the definition */
};

/* A set of states: the definition's, a branch's or an item processor's. */
struct asl_machine_s {
    asl_state_t    *start;
    asl_state_t    *states;
    uint32_t        count;
    uint32_t        depth;              /* 0: the definition's own */
    asl_machine_t  *parent;
    base_str_t      pointer;            /* JSON pointer to it */
    base_json_t    *variables;          /* names assigned in it, as an object */
    const base_json_t *json;            /* while loading */
};

struct asl_def_s {
    base_arena_t    arena;
    asl_limits_t    limits;
    asl_machine_t   machine;
    int64_t         timeout_s;          /* 0: none */
    unsigned        uses;               /* ASL_USES_* of all */
    char            version[16];

    asl_state_t   **table;              /* all states by name */
    uint32_t        table_mask;
    uint32_t        state_count;
};


/* NULL when there is none; machine NULL: anywhere. */
asl_state_t *asl_def_state(const asl_def_t *def, const asl_machine_t *machine,
    base_str_t name);

/* "Task", "Pass" and so on. */
base_str_t asl_kind_name(asl_state_kind_t kind);

uint32_t asl_name_hash(base_str_t name);

/* The meaning of a JSON text in 64 bits: members in any order, numbers by
 * value. */
uint64_t asl_json_hash(const base_json_t *value);

void asl_version_write(uint64_t hash, char version[16]);

/* asl_def_load(), whose n-th allocation for the definition fails when
 * fail_after is n and not 0: for tests. */
asl_def_t *asl_def_load_failing(base_str_t text, const asl_limits_t *limits,
    base_arena_t *arena, asl_problem_t **problems, int64_t fail_after);

#endif
