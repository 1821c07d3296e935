/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Matching Error Names, and when to try again (States Language: Errors,
 * Retrying after error).
 *
 *   States.ALL         any but States.Runtime and States.DataLimitExceeded
 *   States.TaskFailed  on a Task State, the same without States.Timeout
 *   States.BranchFailed  on a Parallel State, the same as States.ALL
 *   States.Timeout     also States.HeartbeatTimeout (Appendix A: a timeout is
 *                      either)
 *
 * States.Runtime is matched by nothing: it ends the execution.
 */

#include "workflow/exec.h"


bool
asl_errors_match(const asl_errors_t *errors, asl_state_kind_t kind,
    base_str_t error)
{
    bool        wild;
    uint32_t    i;
    base_str_t  name;

    if (base_str_eq(error, ASL_ERROR_RUNTIME)) {
        return false;
    }

    wild = !base_str_eq(error, ASL_ERROR_DATA_LIMIT);
    for (i = 0; i < errors->count; i++) {
        name = errors->names[i];
        if (base_str_eq(name, error)) {
            return true;
        }

        if (name.len < 7 || memcmp(name.data, "States.", 7) != 0) {
            continue;
        }

        if ((wild && base_str_eq(name, ASL_ERROR_ALL))
            || (wild && kind == ASL_STATE_PARALLEL
                && base_str_eq(name, ASL_ERROR_BRANCH_FAILED))
            || (wild && kind == ASL_STATE_TASK
                && base_str_eq(name, ASL_ERROR_TASK_FAILED)
                && !base_str_eq(error, ASL_ERROR_TIMEOUT))
            || (base_str_eq(name, ASL_ERROR_TIMEOUT)
                && base_str_eq(error, ASL_ERROR_HEARTBEAT)))
        {
            return true;
        }
    }

    return false;
}


/* The delay before retry number n, from 0. */
static int64_t
asl_retry_delay_ms(asl_exec_t *exec, const asl_retrier_t *retrier, uint32_t n)
{
    double    delay_s = retrier->interval_s;
    uint64_t  bits = 0;

    while (n-- > 0 && delay_s < retrier->delay_max_s && retrier->backoff > 1) {
        delay_s *= retrier->backoff;
    }

    if (delay_s > retrier->delay_max_s) {
        delay_s = retrier->delay_max_s;
    }

    if (retrier->jitter) {
        exec->env->random(exec->env->data, (unsigned char *) &bits,
                          sizeof(bits));
        delay_s *= (double) (bits >> 11) / 9007199254740992.0;  /* 2^53 */
    }

    return (int64_t) (delay_s * 1000);
}


bool
asl_retry(asl_exec_t *exec, asl_frame_t *frame, base_str_t error,
    base_str_t cause)
{
    int64_t               delay_ms;
    uint32_t              i;
    const asl_state_t    *state = frame->state;
    const asl_retrier_t  *retrier = NULL;

    for (i = 0; i < state->retrier_count; i++) {
        if (asl_errors_match(&state->retriers[i].errors, state->kind, error)) {
            retrier = &state->retriers[i];
            break;
        }
    }

    if (retrier == NULL) {
        return false;
    }

    if (frame->retries == NULL) {
        frame->retries = asl_exec_alloc(exec, state->retrier_count,
                                        sizeof(frame->retries[0]));
        if (frame->retries == NULL) {
            return true;                /* gives up by status */
        }
    }

    if (frame->retries[i] >= retrier->attempts_max) {
        return false;
    }

    delay_ms = asl_retry_delay_ms(exec, retrier, frame->retries[i]++);
    if (delay_ms < exec->retry_after_ms) {
        delay_ms = exec->retry_after_ms < ASL_SECONDS_MAX * INT64_C(1000)
                   ? exec->retry_after_ms : ASL_SECONDS_MAX * INT64_C(1000);
    }

    frame->due_ms = exec->env->now_ms + delay_ms;
    if (frame->due_ms > exec->deadline_ms) {
        frame->due_ms = exec->deadline_ms;
    }

    frame->attempt++;
    frame->phase = ASL_PHASE_RETRY;
    asl_exec_trace(exec, ASL_TRACE_RETRY_SCHEDULED, frame, NULL, error, cause);
    asl_action_open(exec, frame);
    return true;
}
