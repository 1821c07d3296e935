/* SPDX-License-Identifier: BSD-2-Clause */

/* What must go together in a state's fields, once each of them is read. */

#include "workflow/load.h"

#include <stdio.h>


#define K(kind)      (1u << ASL_STATE_##kind)
#define MOVING       (K(TASK) | K(PARALLEL) | K(MAP) | K(PASS) | K(WAIT))


/* Fields of which a state has one at most, or just one. */
static const struct {
    unsigned     kinds;
    bool         required;
    const char  *names[4];
} asl_groups[] = {
    { MOVING, true, { "Next", "End" } },
    { K(TASK), true, { "Resource" } },
    { K(TASK), false, { "TimeoutSeconds", "TimeoutSecondsPath" } },
    { K(TASK), false, { "HeartbeatSeconds", "HeartbeatSecondsPath" } },
    { K(CHOICE), true, { "Choices" } },
    { K(WAIT), true, { "Seconds", "SecondsPath", "Timestamp",
                       "TimestampPath" } },
    { K(FAIL), false, { "Error", "ErrorPath" } },
    { K(FAIL), false, { "Cause", "CausePath" } },
    { K(PARALLEL), true, { "Branches" } },
    { K(MAP), true, { "ItemProcessor", "Iterator" } },
    { K(MAP), false, { "ItemSelector", "Parameters" } },
    { K(MAP), false, { "MaxConcurrency", "MaxConcurrencyPath" } },
    { K(MAP), false, { "ToleratedFailureCount", "ToleratedFailureCountPath" } },
    { K(MAP), false, { "ToleratedFailurePercentage",
                       "ToleratedFailurePercentagePath" } },
};

#define ASL_GROUPS  (sizeof(asl_groups) / sizeof(asl_groups[0]))


static const base_str_t  asl_kind_names[] = {
#define ASL_STATE_NAME(name, text)  BASE_STR_INIT(text),
    ASL_STATE_KINDS(ASL_STATE_NAME)
#undef ASL_STATE_NAME
};


base_str_t
asl_kind_name(asl_state_kind_t kind)
{
    return asl_kind_names[kind];
}


/* "A", "A" or "B", "A", "B" or "C". */
static void
asl_group_names(const char *const names[4], char *out, size_t size)
{
    int     i;
    size_t  len = 0;

    out[0] = '\0';
    for (i = 0; i < 4 && names[i] != NULL; i++) {
        const char  *between = i == 0 ? ""
                               : i == 3 || names[i + 1] == NULL ? " or " : ", ";

        len += (size_t) snprintf(out + len, size - len, "%s\"%s\"", between,
                                 names[i]);
    }
}


static void
asl_state_group(asl_loader_t *loader, const asl_place_t *at,
    const asl_state_t *state, size_t group)
{
    int           i, count = 0;
    char          names[200];
    base_json_t  *member;

    for (i = 0; i < 4 && asl_groups[group].names[i] != NULL; i++) {
        member = base_json_get(at->value,
                               base_str_c(asl_groups[group].names[i]));

        /* "End": false says nothing */
        count += member != NULL
                 && !(member->type == BASE_JSON_BOOLEAN && !member->boolean
                      && base_str_eq_c(member->key, "End"));
    }

    if (count == 1 || (count == 0 && !asl_groups[group].required)) {
        return;
    }

    asl_group_names(asl_groups[group].names, names, sizeof(names));
    if (count == 0) {
        asl_problem(loader, at, "a %.*s State needs %s",
                    BASE_STR_ARG(asl_kind_name(state->kind)), names);
    } else {
        asl_problem(loader, at, "a %.*s State has only one of %s; expected the "
                    "others to be left out",
                    BASE_STR_ARG(asl_kind_name(state->kind)), names);
    }
}


void
asl_check_fields(asl_loader_t *loader, const asl_place_t *at,
    const asl_state_t *state)
{
    size_t         i;
    asl_place_t    place;
    base_json_t   *heartbeat;
    const int64_t  timeout_s = state->task.timeout_s.value;

    for (i = 0; i < ASL_GROUPS; i++) {
        if ((asl_groups[i].kinds & 1u << state->kind) != 0) {
            asl_state_group(loader, at, state, i);
        }
    }

    heartbeat = base_json_get(at->value, BASE_STR("HeartbeatSeconds"));
    if (state->kind == ASL_STATE_TASK && heartbeat != NULL && timeout_s > 0
        && state->task.heartbeat_s.value >= timeout_s)
    {
        place = asl_place_member(at, heartbeat);
        asl_problem(loader, &place, "expected fewer seconds than "
                    "\"TimeoutSeconds\" has");
    }

    if (state->kind == ASL_STATE_CHOICE
        && base_json_get(at->value, BASE_STR("Default")) == NULL)
    {
        asl_warning(loader, at, "a Choice State without \"Default\" fails with "
                    "States.NoChoiceMatched when no rule matches");
    }

    if (state->kind == ASL_STATE_PASS && state->pass != NULL
        && state->parameters != NULL)
    {
        asl_warning(loader, at, "\"Parameters\" has no effect beside "
                    "\"Result\"");
    }
}
