/* SPDX-License-Identifier: BSD-2-Clause */

/* Loading a state: its fields by a table of what each type may have (States
 * Language: Table of State Types and Fields), then what must go together. */

#include "workflow/load.h"


typedef void (*asl_field_fn)(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at);

typedef struct {
    base_str_t    name;
    unsigned      kinds;                /* bits of asl_state_kind_t */
    asl_field_fn  load;                 /* NULL: read elsewhere */
} asl_field_t;


#define K(kind)      (1u << ASL_STATE_##kind)
#define ALL          ((1u << ASL_STATE_KIND_COUNT) - 1)
#define WORKING      (K(TASK) | K(PARALLEL) | K(MAP))
#define MOVING       (WORKING | K(PASS) | K(WAIT))

#define FIELD(name)                                                           \
    static void asl_field_##name(asl_loader_t *loader, asl_state_t *state,    \
        const asl_place_t *at)


FIELD(comment)
{
    base_str_t  text;

    (void) state;
    (void) asl_read_string(loader, at, &text);
}


FIELD(language)
{
    base_str_t  text;

    if (asl_read_string(loader, at, &text)
        && !base_str_eq_c(text, "JSONPath"))
    {
        asl_problem(loader, at, "the state \"%.*s\" is in %.*s, which is not "
                    "supported; expected \"JSONPath\"",
                    BASE_STR_ARG(state->name), BASE_STR_ARG(text));
    }
}


/* Arguments, Output, Items: the fields of JSONata states. */
FIELD(jsonata)
{
    asl_problem(loader, at, "the state \"%.*s\" has \"%.*s\", a field of "
                "JSONata, which is not supported; expected the fields of "
                "JSONPath (InputPath, Parameters, ResultSelector, ResultPath, "
                "OutputPath, ItemsPath)", BASE_STR_ARG(state->name),
                BASE_STR_ARG(at->key));
}


/* ItemReader and its like. */
FIELD(distributed)
{
    (void) state;
    asl_problem(loader, at, "\"%.*s\" belongs to distributed Map States, which "
                "are not supported; expected an inline one with \"ItemsPath\"",
                BASE_STR_ARG(at->key));
}


static void
asl_load_select(asl_loader_t *loader, const asl_place_t *at,
    asl_select_t *select)
{
    if (at->value->type == BASE_JSON_NULL) {
        select->discard = true;

    } else if (asl_read_path(loader, at, &select->path)
               && select->path->root == ASL_ROOT_DATA
               && select->path->steps == NULL)
    {
        select->path = NULL;            /* "$" is the default */
    }
}


FIELD(input_path)
{
    asl_load_select(loader, at, &state->input);
}


FIELD(output_path)
{
    asl_load_select(loader, at, &state->output);
}


FIELD(result_path)
{
    (void) asl_read_result_path(loader, at, &state->result);
}


FIELD(parameters)
{
    const asl_template_t  **out = &state->parameters;

    if (state->kind == ASL_STATE_MAP) {
        out = &state->map.selector;
    }

    (void) asl_read_template(loader, at, &state->uses, out);
}


FIELD(result_selector)
{
    unsigned  uses = 0;

    (void) asl_read_template(loader, at, &uses, &state->selector);
}


FIELD(assign)
{
    (void) asl_read_assign(loader, at, state->machine, &state->assign);
}


FIELD(next)
{
    (void) asl_read_target(loader, at, state->machine, &state->target);
}


FIELD(end)
{
    (void) asl_read_boolean(loader, at, &state->end);
}


FIELD(retry)
{
    asl_load_retry(loader, state, at);
}


FIELD(catch)
{
    asl_load_catch(loader, state, at);
}


FIELD(resource)
{
    base_str_t  suffix = BASE_STR(".waitForTaskToken"), text;

    if (!asl_read_string(loader, at, &text)) {
        return;
    }

    if (text.len == 0) {
        asl_problem(loader, at, "expected what the task runs, as a URI");
        return;
    }

    state->task.resource = text;
    state->task.token = text.len > suffix.len
                        && memcmp(text.data + text.len - suffix.len,
                                  suffix.data, suffix.len) == 0;
}


FIELD(credentials)
{
    (void) state;
    if (asl_read_object(loader, at)) {
        asl_warning(loader, at, "\"Credentials\" has no effect here: secrets "
                    "belong to the settings of what runs the task");
    }
}


/* A whole number of seconds or of something else, min or more. */
static void
asl_load_amount(asl_loader_t *loader, const asl_place_t *at, int64_t min,
    asl_amount_t *amount)
{
    base_str_t  suffix = BASE_STR("Path");

    if (at->key.len > suffix.len
        && memcmp(at->key.data + at->key.len - suffix.len, suffix.data,
                  suffix.len) == 0)
    {
        (void) asl_read_path(loader, at, &amount->path);
        return;
    }

    (void) asl_read_int(loader, at, min, ASL_SECONDS_MAX, &amount->value);
}


FIELD(timeout)
{
    asl_load_amount(loader, at, 1, &state->task.timeout_s);
}


FIELD(heartbeat)
{
    asl_load_amount(loader, at, 1, &state->task.heartbeat_s);
}


FIELD(choices)
{
    asl_load_choices(loader, state, at);
}


FIELD(default)
{
    (void) asl_read_target(loader, at, state->machine,
                           &state->choice.otherwise);
}


FIELD(seconds)
{
    asl_load_amount(loader, at, 0, &state->wait.seconds);
}


FIELD(timestamp)
{
    base_str_t  text;

    if (asl_read_string(loader, at, &text)
        && !asl_timestamp_parse(text, &state->wait.at_ms))
    {
        asl_problem(loader, at, "expected a time as \"2016-03-14T01:59:00Z\", "
                    "not \"%.*s\"", BASE_STR_ARG(text));
    }
}


FIELD(timestamp_path)
{
    (void) asl_read_path(loader, at, &state->wait.at_path);
}


FIELD(result)
{
    (void) loader;
    state->pass = at->value;
}


FIELD(error)
{
    (void) asl_read_string(loader, at, &state->fail.error);
}


FIELD(error_path)
{
    unsigned  uses = 0;

    (void) asl_read_expression(loader, at, &uses, &state->fail.error_path);
}


FIELD(cause)
{
    (void) asl_read_string(loader, at, &state->fail.cause);
}


FIELD(cause_path)
{
    unsigned  uses = 0;

    (void) asl_read_expression(loader, at, &uses, &state->fail.cause_path);
}


FIELD(branches)
{
    asl_load_branches(loader, state, at);
}


FIELD(items_path)
{
    (void) asl_read_path(loader, at, &state->map.items);
}


FIELD(item_selector)
{
    unsigned  uses = 0;

    (void) asl_read_template(loader, at, &uses, &state->map.selector);
}


FIELD(processor)
{
    asl_load_processor(loader, state, at);
}


FIELD(concurrency)
{
    asl_load_amount(loader, at, 0, &state->map.concurrency);
}


FIELD(tolerated_count)
{
    asl_load_amount(loader, at, 0, &state->map.tolerated);
}


FIELD(tolerated_percent)
{
    (void) asl_read_double(loader, at, 0, 100, &state->map.tolerated_percent);
}


FIELD(tolerated_percent_path)
{
    (void) asl_read_path(loader, at, &state->map.tolerated_percent_path);
}


#define F(name, kinds, load)  { BASE_STR_INIT(name), kinds, load }

static const asl_field_t  asl_fields[] = {
    F("Type", ALL, NULL),
    F("Comment", ALL, asl_field_comment),
    F("QueryLanguage", ALL, asl_field_language),
    F("InputPath", ALL & ~K(FAIL), asl_field_input_path),
    F("OutputPath", ALL & ~K(FAIL), asl_field_output_path),
    F("Assign", ALL & ~(K(SUCCEED) | K(FAIL)), asl_field_assign),
    F("Next", MOVING, asl_field_next),
    F("End", MOVING, asl_field_end),
    F("Parameters", WORKING | K(PASS), asl_field_parameters),
    F("ResultPath", WORKING | K(PASS), asl_field_result_path),
    F("ResultSelector", WORKING, asl_field_result_selector),
    F("Retry", WORKING, asl_field_retry),
    F("Catch", WORKING, asl_field_catch),
    F("Resource", K(TASK), asl_field_resource),
    F("TimeoutSeconds", K(TASK), asl_field_timeout),
    F("TimeoutSecondsPath", K(TASK), asl_field_timeout),
    F("HeartbeatSeconds", K(TASK), asl_field_heartbeat),
    F("HeartbeatSecondsPath", K(TASK), asl_field_heartbeat),
    F("Credentials", K(TASK), asl_field_credentials),
    F("Choices", K(CHOICE), asl_field_choices),
    F("Default", K(CHOICE), asl_field_default),
    F("Seconds", K(WAIT), asl_field_seconds),
    F("SecondsPath", K(WAIT), asl_field_seconds),
    F("Timestamp", K(WAIT), asl_field_timestamp),
    F("TimestampPath", K(WAIT), asl_field_timestamp_path),
    F("Result", K(PASS), asl_field_result),
    F("Error", K(FAIL), asl_field_error),
    F("ErrorPath", K(FAIL), asl_field_error_path),
    F("Cause", K(FAIL), asl_field_cause),
    F("CausePath", K(FAIL), asl_field_cause_path),
    F("Branches", K(PARALLEL), asl_field_branches),
    F("ItemProcessor", K(MAP), asl_field_processor),
    F("Iterator", K(MAP), asl_field_processor),
    F("ItemsPath", K(MAP), asl_field_items_path),
    F("ItemSelector", K(MAP), asl_field_item_selector),
    F("MaxConcurrency", K(MAP), asl_field_concurrency),
    F("MaxConcurrencyPath", K(MAP), asl_field_concurrency),
    F("ToleratedFailureCount", K(MAP), asl_field_tolerated_count),
    F("ToleratedFailureCountPath", K(MAP), asl_field_tolerated_count),
    F("ToleratedFailurePercentage", K(MAP), asl_field_tolerated_percent),
    F("ToleratedFailurePercentagePath", K(MAP),
      asl_field_tolerated_percent_path),
    F("ItemReader", K(MAP), asl_field_distributed),
    F("ItemBatcher", K(MAP), asl_field_distributed),
    F("ResultWriter", K(MAP), asl_field_distributed),
    F("Label", K(MAP), asl_field_distributed),
    F("Arguments", ALL, asl_field_jsonata),
    F("Output", ALL, asl_field_jsonata),
    F("Items", K(MAP), asl_field_jsonata),
};

#define ASL_FIELDS  (sizeof(asl_fields) / sizeof(asl_fields[0]))


static bool
asl_state_type(asl_loader_t *loader, const asl_place_t *at, asl_state_t *state)
{
    int           kind;
    base_str_t    name;
    asl_place_t   place;
    base_json_t  *type = base_json_get(at->value, BASE_STR("Type"));

    if (type == NULL) {
        asl_problem(loader, at, "\"Type\" is missing; expected Task, Pass, "
                    "Choice, Wait, Succeed, Fail, Parallel or Map");
        return false;
    }

    place = asl_place_member(at, type);
    if (!asl_read_string(loader, &place, &name)) {
        return false;
    }

    for (kind = 0; kind < ASL_STATE_KIND_COUNT; kind++) {
        if (base_str_eq(name, asl_kind_name((asl_state_kind_t) kind))) {
            state->kind = (asl_state_kind_t) kind;
            return true;
        }
    }

    asl_problem(loader, &place, "there is no type \"%.*s\" of states; expected "
                "Task, Pass, Choice, Wait, Succeed, Fail, Parallel or Map",
                BASE_STR_ARG(name));
    return false;
}


static void
asl_state_field(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at)
{
    size_t              i;
    const asl_field_t  *field;

    for (i = 0; i < ASL_FIELDS; i++) {
        field = &asl_fields[i];
        if (!base_str_eq(at->key, field->name)) {
            continue;
        }

        if ((field->kinds & 1u << state->kind) == 0) {
            asl_problem(loader, at, "a %.*s State has no field \"%.*s\"; "
                        "expected it to be left out",
                        BASE_STR_ARG(asl_kind_name(state->kind)),
                        BASE_STR_ARG(at->key));
        } else if (field->load != NULL) {
            field->load(loader, state, at);
        }

        return;
    }

    asl_problem(loader, at, "unknown field \"%.*s\"; expected a field of a "
                "%.*s State", BASE_STR_ARG(at->key),
                BASE_STR_ARG(asl_kind_name(state->kind)));
}


/* What has no value as zero. */
static void
asl_state_defaults(asl_state_t *state)
{
    switch (state->kind) {

    case ASL_STATE_TASK:
        state->task.timeout_s.value = -1;
        state->task.heartbeat_s.value = -1;
        break;

    case ASL_STATE_WAIT:
        state->wait.seconds.value = -1;
        break;

    case ASL_STATE_MAP:
        state->map.concurrency.value = 0;
        state->map.tolerated.value = -1;
        state->map.tolerated_percent = -1;
        break;

    default:
        break;
    }
}


void
asl_load_state(asl_loader_t *loader, const asl_place_t *at, asl_state_t *state)
{
    asl_place_t         place;
    const base_json_t  *member;

    if (!asl_read_object(loader, at) || !asl_state_type(loader, at, state)) {
        return;
    }

    asl_state_defaults(state);
    base_json_each(member, at->value) {
        place = asl_place_member(at, member);
        asl_state_field(loader, state, &place);
        if (loader->nomem) {
            return;
        }
    }

    asl_check_fields(loader, at, state);
}
