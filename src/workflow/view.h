/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What paths and templates look at while they are evaluated: the data behind
 * "$", the Context Object behind "$$", the variables, and the host's random
 * bits.  A view also takes down why an evaluation failed.
 */

#ifndef ASL_VIEW_H
#define ASL_VIEW_H

#include "workflow/workflow.h"


typedef struct asl_view_s   asl_view_t;
typedef struct asl_frame_s  asl_frame_t;

struct asl_view_s {
    base_arena_t       *arena;          /* results are made here */
    const base_json_t  *data;           /* "$" */

    /* "$$"; NULL with status set when out of memory. */
    const base_json_t *(*context)(asl_view_t *view);

    /* "$name"; NULL when the variable has no value. */
    const base_json_t *(*variable)(const asl_view_t *view, base_str_t name);

    asl_exec_t         *exec;           /* for the two functions above */
    asl_frame_t        *owner;
    const asl_frame_t  *item;           /* whose $$.Map.Item is seen, unless it
                                           is the owner's */
    const asl_env_t    *env;

    asl_status_t        status;         /* ASL_NOMEM or ASL_LIMIT: give up */
    base_str_t          error;          /* a States.* name, when failed */
    base_str_t          cause;
};


/* Takes down a failure; the first one stays.  cause is formatted into the
 * view's arena. */
void asl_view_fail(asl_view_t *view, base_str_t error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static inline bool
asl_view_failed(const asl_view_t *view)
{
    return view->status != ASL_OK || view->error.len != 0;
}


/* The predefined Error Names (States Language: Appendix A, and the two that
 * its first interpreter adds). */
#define ASL_ERROR_ALL             BASE_STR("States.ALL")
#define ASL_ERROR_TASK_FAILED     BASE_STR("States.TaskFailed")
#define ASL_ERROR_TIMEOUT         BASE_STR("States.Timeout")
#define ASL_ERROR_HEARTBEAT       BASE_STR("States.HeartbeatTimeout")
#define ASL_ERROR_BRANCH_FAILED   BASE_STR("States.BranchFailed")
#define ASL_ERROR_RESULT_PATH     BASE_STR("States.ResultPathMatchFailure")
#define ASL_ERROR_PARAMETER_PATH  BASE_STR("States.ParameterPathFailure")
#define ASL_ERROR_NO_CHOICE       BASE_STR("States.NoChoiceMatched")
#define ASL_ERROR_INTRINSIC       BASE_STR("States.IntrinsicFailure")
#define ASL_ERROR_TOLERATED                                                   \
    BASE_STR("States.ExceedToleratedFailureThreshold")
#define ASL_ERROR_RUNTIME         BASE_STR("States.Runtime")
#define ASL_ERROR_DATA_LIMIT      BASE_STR("States.DataLimitExceeded")

#endif
