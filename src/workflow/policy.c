/* SPDX-License-Identifier: BSD-2-Clause */

/* Loading what a state does about errors (Retry, Catch), and the machines
 * inside a state (Branches, ItemProcessor). */

#include "workflow/load.h"

#define ASL_DELAY_MAX_S  31622399     /* a leap year: of MaxDelaySeconds */


/* States Language: Appendix A, and what AWS has added. */
static const base_str_t  asl_error_names[] = {
    BASE_STR_INIT("States.ALL"),
    BASE_STR_INIT("States.BranchFailed"),
    BASE_STR_INIT("States.DataLimitExceeded"),
    BASE_STR_INIT("States.ExceedToleratedFailureThreshold"),
    BASE_STR_INIT("States.HeartbeatTimeout"),
    BASE_STR_INIT("States.IntrinsicFailure"),
    BASE_STR_INIT("States.ItemReaderFailed"),
    BASE_STR_INIT("States.NoChoiceMatched"),
    BASE_STR_INIT("States.ParameterPathFailure"),
    BASE_STR_INIT("States.Permissions"),
    BASE_STR_INIT("States.QueryEvaluationError"),
    BASE_STR_INIT("States.ResultPathMatchFailure"),
    BASE_STR_INIT("States.ResultWriterFailed"),
    BASE_STR_INIT("States.TaskFailed"),
    BASE_STR_INIT("States.Timeout"),
};

#define ASL_ERROR_NAMES  (sizeof(asl_error_names) / sizeof(asl_error_names[0]))


/* Names that begin with "States." are reserved: a slip of the pen there matches
 * nothing, for ever. */
static void
asl_check_error_name(asl_loader_t *loader, const asl_place_t *at,
    base_str_t name)
{
    size_t  i;

    if (!base_str_starts(name, BASE_STR("States."))
        || base_str_starts(name, BASE_STR("States.Http.")))
    {
        return;
    }

    if (base_str_eq(name, ASL_ERROR_RUNTIME)) {
        asl_warning(loader, at, "nothing matches \"States.Runtime\": it ends "
                    "the execution; expected it to be left out");
        return;
    }

    for (i = 0; i < ASL_ERROR_NAMES; i++) {
        if (base_str_eq(name, asl_error_names[i])) {
            return;
        }
    }

    asl_warning(loader, at, "no error is called \"%.*s\"; expected one of the "
                "States Language's own names, or one without \"States.\"",
                BASE_STR_ARG(name));
}


static bool
asl_load_errors(asl_loader_t *loader, const asl_place_t *at, bool last,
    asl_errors_t *errors)
{
    uint32_t            i = 0;
    asl_place_t         place, item;
    const base_json_t  *value, *name;

    value = base_json_get(at->value, BASE_STR("ErrorEquals"));
    if (value == NULL) {
        asl_problem(loader, at, "\"ErrorEquals\" is missing; expected an array "
                    "of Error Names");
        return false;
    }

    place = asl_place_member(at, value);
    if (!asl_read_array(loader, &place)) {
        return false;
    }

    if (value->count == 0) {
        asl_problem(loader, &place, "expected at least one Error Name");
        return false;
    }

    errors->names = asl_loader_alloc(loader, value->count,
                                     sizeof(errors->names[0]));
    if (errors->names == NULL) {
        return false;
    }

    base_json_each(name, value) {
        item = asl_place_item(&place, i, name);
        if (!asl_read_string(loader, &item, &errors->names[i])) {
            return false;
        }

        asl_check_error_name(loader, &item, errors->names[i]);
        if (base_str_eq_c(errors->names[i], "States.ALL")
            && (value->count > 1 || !last))
        {
            asl_problem(loader, &item, "expected \"States.ALL\" to stand alone "
                        "and in the last place");
        }

        i++;
    }

    errors->count = i;
    return true;
}


static void
asl_retrier_seconds(asl_loader_t *loader, const asl_place_t *at, int64_t max,
    double *seconds)
{
    int64_t  value;

    if (asl_read_int(loader, at, 1, max, &value)) {
        *seconds = (double) value;
    }
}


static void
asl_retrier_field(asl_loader_t *loader, const asl_place_t *at,
    asl_retrier_t *retrier)
{
    int64_t     attempts;
    base_str_t  text;

    if (base_str_eq_c(at->key, "IntervalSeconds")) {
        asl_retrier_seconds(loader, at, ASL_SECONDS_MAX, &retrier->interval_s);

    } else if (base_str_eq_c(at->key, "MaxAttempts")) {
        if (asl_read_int(loader, at, 0, ASL_SECONDS_MAX, &attempts)) {
            retrier->attempts_max = (uint32_t) attempts;
        }

    } else if (base_str_eq_c(at->key, "BackoffRate")) {
        (void) asl_read_double(loader, at, 1, 1e6, &retrier->backoff);

    } else if (base_str_eq_c(at->key, "MaxDelaySeconds")) {
        asl_retrier_seconds(loader, at, ASL_DELAY_MAX_S, &retrier->delay_max_s);

    } else if (base_str_eq_c(at->key, "JitterStrategy")) {
        if (asl_read_string(loader, at, &text)) {
            retrier->jitter = base_str_eq_c(text, "FULL");
            if (!retrier->jitter && !base_str_eq_c(text, "NONE")) {
                asl_problem(loader, at, "expected \"FULL\" or \"NONE\", not "
                            "\"%.*s\"", BASE_STR_ARG(text));
            }
        }

    } else if (!base_str_eq_c(at->key, "ErrorEquals")
               && !base_str_eq_c(at->key, "Comment"))
    {
        asl_problem(loader, at, "unknown field \"%.*s\"; expected ErrorEquals, "
                    "IntervalSeconds, MaxAttempts, BackoffRate, "
                    "MaxDelaySeconds or JitterStrategy", BASE_STR_ARG(at->key));
    }
}


void
asl_load_retry(asl_loader_t *loader, asl_state_t *state, const asl_place_t *at)
{
    uint32_t            i = 0;
    asl_place_t         item, field;
    asl_retrier_t      *retrier;
    const base_json_t  *value, *member;

    if (!asl_read_array(loader, at) || at->value->count == 0) {
        return;
    }

    state->retriers = asl_loader_alloc(loader, at->value->count,
                                       sizeof(*retrier));
    if (state->retriers == NULL) {
        return;
    }

    base_json_each(value, at->value) {
        item = asl_place_item(at, i, value);
        retrier = &state->retriers[i++];
        *retrier = (asl_retrier_t) {
            .attempts_max = 3,
            .interval_s = 1,
            .backoff = 2,
            .delay_max_s = ASL_DELAY_MAX_S,
        };

        if (!asl_read_object(loader, &item)) {
            continue;
        }

        base_json_each(member, value) {
            field = asl_place_member(&item, member);
            asl_retrier_field(loader, &field, retrier);
        }

        (void) asl_load_errors(loader, &item, i == at->value->count,
                               &retrier->errors);
    }

    state->retrier_count = i;
}


static void
asl_catcher_field(asl_loader_t *loader, const asl_place_t *at,
    asl_state_t *state, asl_catcher_t *catcher)
{
    if (base_str_eq_c(at->key, "Next")) {
        (void) asl_read_target(loader, at, state->machine, &catcher->target);

    } else if (base_str_eq_c(at->key, "ResultPath")) {
        (void) asl_read_result_path(loader, at, &catcher->result);

    } else if (base_str_eq_c(at->key, "Assign")) {
        (void) asl_read_assign(loader, at, state->machine, &catcher->assign);

    } else if (base_str_eq_c(at->key, "Output")) {
        asl_problem(loader, at, "\"Output\" is a field of JSONata, which is "
                    "not supported; expected \"ResultPath\"");

    } else if (!base_str_eq_c(at->key, "ErrorEquals")
               && !base_str_eq_c(at->key, "Comment"))
    {
        asl_problem(loader, at, "unknown field \"%.*s\"; expected ErrorEquals, "
                    "Next, ResultPath or Assign", BASE_STR_ARG(at->key));
    }
}


void
asl_load_catch(asl_loader_t *loader, asl_state_t *state, const asl_place_t *at)
{
    uint32_t            i = 0;
    asl_place_t         item, field;
    asl_catcher_t      *catcher;
    const base_json_t  *value, *member;

    if (!asl_read_array(loader, at) || at->value->count == 0) {
        return;
    }

    state->catchers = asl_loader_alloc(loader, at->value->count,
                                       sizeof(*catcher));
    if (state->catchers == NULL) {
        return;
    }

    base_json_each(value, at->value) {
        item = asl_place_item(at, i, value);
        catcher = &state->catchers[i++];
        if (!asl_read_object(loader, &item)) {
            continue;
        }

        base_json_each(member, value) {
            field = asl_place_member(&item, member);
            asl_catcher_field(loader, &field, state, catcher);
        }

        (void) asl_load_errors(loader, &item, i == at->value->count,
                               &catcher->errors);
        if (base_json_get(value, BASE_STR("Next")) == NULL) {
            asl_problem(loader, &item, "a Catcher needs \"Next\"");
        }
    }

    state->catcher_count = i;
}


static asl_machine_t *
asl_load_inner(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at)
{
    asl_machine_t  *machine = asl_loader_alloc(loader, 1, sizeof(*machine));

    if (machine == NULL) {
        return NULL;
    }

    machine->parent = state->machine;
    machine->depth = state->machine->depth + 1;
    asl_load_machine(loader, at, machine);
    return machine;
}


void
asl_load_branches(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at)
{
    uint32_t            i = 0;
    asl_place_t         item;
    const base_json_t  *value;

    if (!asl_read_array(loader, at)) {
        return;
    }

    if (at->value->count == 0) {
        asl_problem(loader, at, "expected at least one branch");
        return;
    }

    state->parallel.branches = asl_loader_alloc(loader, at->value->count,
                                         sizeof(state->parallel.branches[0]));
    if (state->parallel.branches == NULL) {
        return;
    }

    base_json_each(value, at->value) {
        item = asl_place_item(at, i, value);
        state->parallel.branches[i++] = asl_load_inner(loader, state, &item);
        if (loader->nomem) {
            return;
        }
    }

    state->parallel.count = i;
}


void
asl_load_processor(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at)
{
    state->map.processor = asl_load_inner(loader, state, at);
}
