/* SPDX-License-Identifier: BSD-2-Clause */

/* Loading a machine: the definition itself, a branch of a Parallel State or
 * the processor of a Map State (States Language: Top-level fields). */

#include "workflow/load.h"

#include "base/utf8.h"


typedef void (*asl_machine_field_fn)(asl_loader_t *loader,
    asl_machine_t *machine, const asl_place_t *at);

typedef struct {
    base_str_t            name;
    bool                  top;          /* in the definition itself */
    bool                  processor;    /* in an ItemProcessor */
    asl_machine_field_fn  load;         /* NULL: read elsewhere */
} asl_machine_field_t;


static void asl_machine_comment(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at);
static void asl_machine_timeout(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at);
static void asl_machine_version(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at);
static void asl_machine_config(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at);
static void asl_machine_language(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at);
static bool asl_machine_states(asl_loader_t *loader, const asl_place_t *at,
    asl_machine_t *machine);


static const asl_machine_field_t  asl_machine_fields[] = {
    { BASE_STR_INIT("StartAt"), true, true, NULL },
    { BASE_STR_INIT("States"), true, true, NULL },
    { BASE_STR_INIT("Comment"), true, true, asl_machine_comment },
    { BASE_STR_INIT("QueryLanguage"), true, false, asl_machine_language },
    { BASE_STR_INIT("TimeoutSeconds"), true, false, asl_machine_timeout },
    { BASE_STR_INIT("Version"), true, false, asl_machine_version },
    { BASE_STR_INIT("ProcessorConfig"), false, true, asl_machine_config },
};

#define ASL_MACHINE_FIELDS                                                    \
    (sizeof(asl_machine_fields) / sizeof(asl_machine_fields[0]))


static void
asl_machine_comment(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at)
{
    base_str_t  text;               /* for people, who read the file */

    (void) machine;
    (void) asl_read_string(loader, at, &text);
}


static void
asl_machine_language(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at)
{
    base_str_t  text;

    (void) machine;
    if (!asl_read_string(loader, at, &text)) {
        return;
    }

    if (base_str_eq_c(text, "JSONata")) {
        asl_problem(loader, at, "this definition is in JSONata, which is not "
                    "supported; expected \"JSONPath\"");
    } else if (!base_str_eq_c(text, "JSONPath")) {
        asl_problem(loader, at, "expected \"JSONPath\", not \"%.*s\"",
                    BASE_STR_ARG(text));
    }
}


static void
asl_machine_timeout(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at)
{
    (void) machine;
    (void) asl_read_int(loader, at, 1, ASL_SECONDS_MAX,
                        &loader->def->timeout_s);
}


static void
asl_machine_version(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at)
{
    base_str_t  text;

    (void) machine;
    if (asl_read_string(loader, at, &text) && !base_str_eq_c(text, "1.0")) {
        asl_problem(loader, at, "expected \"1.0\", the version of the States "
                    "Language, not \"%.*s\"", BASE_STR_ARG(text));
    }
}


/* ProcessorConfig: {"Mode": "INLINE"}. */
static void
asl_machine_config(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at)
{
    base_str_t    mode;
    asl_place_t   place;
    base_json_t  *member;

    (void) machine;
    if (!asl_read_object(loader, at)) {
        return;
    }

    member = base_json_get(at->value, BASE_STR("Mode"));
    if (member == NULL) {
        return;
    }

    place = asl_place_member(at, member);
    if (asl_read_string(loader, &place, &mode)
        && !base_str_eq_c(mode, "INLINE"))
    {
        asl_problem(loader, &place, "expected \"INLINE\", not \"%.*s\": "
                    "distributed Map States are not supported",
                    BASE_STR_ARG(mode));
    }
}


static void
asl_machine_field(asl_loader_t *loader, asl_machine_t *machine,
    const asl_place_t *at)
{
    size_t                      i;
    const asl_machine_field_t  *field;

    for (i = 0; i < ASL_MACHINE_FIELDS; i++) {
        field = &asl_machine_fields[i];
        if (base_str_eq(at->key, field->name)
            && (machine->depth == 0 ? field->top : field->processor))
        {
            if (field->load != NULL) {
                field->load(loader, machine, at);
            }

            return;
        }
    }

    asl_problem(loader, at, "unknown field \"%.*s\"; expected %s",
                BASE_STR_ARG(at->key),
                machine->depth == 0
                ? "StartAt, States, Comment, TimeoutSeconds, Version or "
                  "QueryLanguage"
                : "StartAt, States, Comment or ProcessorConfig");
}


void
asl_load_machine(asl_loader_t *loader, const asl_place_t *at,
    asl_machine_t *machine)
{
    asl_place_t         place;
    base_json_t        *start;
    const base_json_t  *member;

    if (!asl_read_object(loader, at)) {
        return;
    }

    if (machine->depth > ASL_NESTING_MAX) {
        asl_problem(loader, at, "more than %d Parallel and Map States in each "
                    "other; expected fewer", ASL_NESTING_MAX);
        return;
    }

    machine->json = at->value;
    machine->pointer = asl_place_pointer(at, loader->arena);
    machine->variables = base_json_object(loader->arena);
    if ((machine->pointer.data == NULL && at->up != NULL)
        || machine->variables == NULL)
    {
        loader->nomem = true;
        return;
    }

    base_json_each(member, at->value) {
        place = asl_place_member(at, member);
        asl_machine_field(loader, machine, &place);
    }

    start = base_json_get(at->value, BASE_STR("StartAt"));
    if (start == NULL) {
        asl_problem(loader, at, "\"StartAt\" is missing; expected the name of "
                    "the first state");
    }

    if (!asl_machine_states(loader, at, machine) || start == NULL) {
        return;
    }

    place = asl_place_member(at, start);
    (void) asl_read_target(loader, &place, machine, &machine->start);
}


/* Enters a state into the table of names. */
static void
asl_state_enter_name(asl_loader_t *loader, const asl_place_t *at,
    asl_state_t *state)
{
    size_t         length = base_utf8_length(state->name);
    asl_state_t  **slot;
    asl_def_t     *def = loader->def;

    if (length == 0 || length > ASL_NAME_MAX) {
        asl_problem(loader, at, "the name of a state has %zu characters; "
                    "expected from 1 to %d", length, ASL_NAME_MAX);
    }

    if (asl_def_state(def, NULL, state->name) != NULL) {
        asl_problem(loader, at, "there are two states of the name \"%.*s\"; "
                    "expected names to be unique in the whole definition",
                    BASE_STR_ARG(state->name));
    }

    slot = &def->table[asl_name_hash(state->name) & def->table_mask];
    state->hash_next = *slot;
    *slot = state;
    state->number = def->state_count++;
}


static bool
asl_machine_states(asl_loader_t *loader, const asl_place_t *at,
    asl_machine_t *machine)
{
    uint32_t            i;
    asl_place_t         states, place;
    asl_state_t        *state;
    const base_json_t  *value, *member;
    const asl_machine_t *outer;

    value = base_json_get(at->value, BASE_STR("States"));
    if (value == NULL) {
        asl_problem(loader, at, "\"States\" is missing; expected an object of "
                    "states by name");
        return false;
    }

    states = asl_place_member(at, value);
    if (!asl_read_object(loader, &states)) {
        return false;
    }

    if (value->count == 0) {
        asl_problem(loader, &states, "expected at least one state");
        return false;
    }

    machine->states = asl_loader_alloc(loader, value->count, sizeof(*state));
    if (machine->states == NULL) {
        return false;
    }

    machine->count = value->count;
    i = 0;
    base_json_each(member, value) {
        state = &machine->states[i];
        state->index = i++;
        state->name = member->key;
        state->machine = machine;
        state->json = member;
        place = asl_place_member(&states, member);
        asl_state_enter_name(loader, &place, state);
    }

    outer = loader->machine;
    loader->machine = machine;
    for (i = 0; i < machine->count && !loader->nomem; i++) {
        place = asl_place_member(&states, machine->states[i].json);
        asl_load_state(loader, &place, &machine->states[i]);
    }

    loader->machine = outer;
    return !loader->nomem;
}
