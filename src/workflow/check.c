/* SPDX-License-Identifier: BSD-2-Clause */

/* Checks of a machine as a graph: states that nothing leads to, ways that
 * never come to an end or to a pause, variables that hide one of an outer
 * scope or have no value. */

#include "workflow/load.h"


/* A walk over the states of one machine. */
typedef struct {
    const asl_machine_t  *machine;
    asl_state_t         **stack;        /* states whose targets are not seen */
    uint32_t              depth;
    bool                 *seen;         /* by index */
    uint32_t              edges;
    asl_state_t          *from;
    uint32_t             *sources;      /* of edges, by target */
    uint32_t             *offsets;      /* into sources; count + 1 */
} asl_walk_t;


static void asl_state_each_target(const asl_state_t *state,
    void (*fn)(void *data, asl_state_t *target), void *data);
static void asl_check_reachable(asl_loader_t *loader, asl_walk_t *walk);
static void asl_check_endless(asl_loader_t *loader, asl_walk_t *walk);
static void asl_check_spinning(asl_loader_t *loader, asl_walk_t *walk);
static void asl_check_inner(asl_loader_t *loader,
    const asl_machine_t *machine);
static void asl_check_variables(asl_loader_t *loader,
    const asl_machine_t *machine);


/* Calls fn for every state that may follow state by Next, a Choice Rule,
 * Default or a Catcher. */
static void
asl_state_each_target(const asl_state_t *state,
    void (*fn)(void *data, asl_state_t *target), void *data)
{
    uint32_t           i;
    const asl_rule_t  *rule;

    if (state->target != NULL && !state->end) {
        fn(data, state->target);
    }

    if (state->kind == ASL_STATE_CHOICE) {
        for (rule = state->choice.rules; rule != NULL; rule = rule->next) {
            if (rule->target != NULL) {
                fn(data, rule->target);
            }
        }

        if (state->choice.otherwise != NULL) {
            fn(data, state->choice.otherwise);
        }
    }

    for (i = 0; i < state->catcher_count; i++) {
        if (state->catchers[i].target != NULL) {
            fn(data, state->catchers[i].target);
        }
    }
}


void
asl_check_machine(asl_loader_t *loader, const asl_machine_t *machine)
{
    asl_walk_t  walk = { .machine = machine };

    if (machine->variables == NULL) {
        return;                         /* no object, or nested too deep */
    }

    asl_check_variables(loader, machine);
    asl_check_inner(loader, machine);

    /* with a problem in the states themselves the graph is not the intended
     * one, and these would be consequences */
    if (loader->invalid || machine->start == NULL) {
        return;
    }

    walk.stack = asl_loader_alloc(loader, machine->count,
                                  sizeof(walk.stack[0]));
    walk.seen = asl_loader_alloc(loader, machine->count, sizeof(bool));
    if (walk.stack == NULL || walk.seen == NULL) {
        return;
    }

    asl_check_reachable(loader, &walk);
    asl_check_endless(loader, &walk);
    asl_check_spinning(loader, &walk);
}


/* The machines inside the states; the recursion is bounded by
 * ASL_NESTING_MAX. */
static void
asl_check_inner(asl_loader_t *loader, const asl_machine_t *machine)
{
    uint32_t            i, j;
    const asl_state_t  *state;

    for (i = 0; i < machine->count; i++) {
        state = &machine->states[i];
        if (state->kind == ASL_STATE_MAP && state->map.processor != NULL) {
            asl_check_machine(loader, state->map.processor);
        }

        for (j = 0; state->kind == ASL_STATE_PARALLEL
                    && j < state->parallel.count; j++)
        {
            asl_check_machine(loader, state->parallel.branches[j]);
        }
    }
}


static void
asl_walk_visit(void *data, asl_state_t *state)
{
    asl_walk_t  *walk = data;

    walk->edges++;
    if (!walk->seen[state->index]) {
        walk->seen[state->index] = true;
        walk->stack[walk->depth++] = state;
    }
}


/* The place of a state is that of its machine and its name. */
static void
asl_check_report(asl_loader_t *loader, const asl_state_t *state,
    const char *text)
{
    asl_place_t  machine, states, place;

    machine = (asl_place_t) { .pointer = state->machine->pointer };
    states = (asl_place_t) { .up = &machine, .key = BASE_STR("States") };
    place = asl_place_member(&states, state->json);
    asl_warning(loader, &place, text, BASE_STR_ARG(state->name));
}


static void
asl_check_reachable(asl_loader_t *loader, asl_walk_t *walk)
{
    uint32_t              i;
    const asl_machine_t  *machine = walk->machine;

    asl_walk_visit(walk, machine->start);
    while (walk->depth > 0) {
        asl_state_each_target(walk->stack[--walk->depth], asl_walk_visit, walk);
    }

    for (i = 0; i < machine->count; i++) {
        if (!walk->seen[i]) {
            asl_check_report(loader, &machine->states[i],
                             "no other state leads to \"%.*s\"; expected a "
                             "way to it from \"StartAt\"");
        }
    }
}


static void
asl_edge_count(void *data, asl_state_t *target)
{
    asl_walk_t  *walk = data;

    walk->edges++;
    walk->offsets[target->index + 1]++;
}


/* Behind the last of a target's sources its offset is that of the next. */
static void
asl_edge_fill(void *data, asl_state_t *target)
{
    asl_walk_t  *walk = data;

    walk->sources[--walk->offsets[target->index + 1]] = walk->from->index;
}


/* Sorts the arrows by their ends: afterwards the sources of target i stand
 * from offsets[i + 1] to offsets[i + 2]. */
static bool
asl_walk_reverse(asl_loader_t *loader, asl_walk_t *walk)
{
    uint32_t      i, count = walk->machine->count;
    asl_state_t  *states = walk->machine->states;

    walk->offsets = asl_loader_alloc(loader, count + 2, sizeof(uint32_t));
    if (walk->offsets == NULL) {
        return false;
    }

    walk->edges = 0;
    for (i = 0; i < count; i++) {
        asl_state_each_target(&states[i], asl_edge_count, walk);
    }

    walk->sources = asl_loader_alloc(loader, walk->edges + 1,
                                     sizeof(uint32_t));
    if (walk->sources == NULL) {
        return false;
    }

    for (i = 0; i < count; i++) {
        walk->offsets[i + 1] += walk->offsets[i];
    }

    walk->offsets[count + 1] = walk->edges;
    for (i = 0; i < count; i++) {
        walk->from = &states[i];
        asl_state_each_target(&states[i], asl_edge_fill, walk);
    }

    return true;
}


/* Walks against the arrows from the states that can end; what is not met runs
 * for ever. */
static void
asl_check_endless(asl_loader_t *loader, asl_walk_t *walk)
{
    bool         *ends;
    uint32_t      i, j, count = walk->machine->count;
    asl_state_t  *state, *states = walk->machine->states;

    ends = asl_loader_alloc(loader, count, sizeof(bool));
    if (ends == NULL || !asl_walk_reverse(loader, walk)) {
        return;
    }

    for (i = 0; i < count; i++) {
        state = &states[i];
        if (state->end || state->kind == ASL_STATE_SUCCEED
            || state->kind == ASL_STATE_FAIL)
        {
            ends[i] = true;
            walk->stack[walk->depth++] = state;
        }
    }

    while (walk->depth > 0) {
        i = walk->stack[--walk->depth]->index;
        for (j = walk->offsets[i + 1]; j < walk->offsets[i + 2]; j++) {
            if (!ends[walk->sources[j]]) {
                ends[walk->sources[j]] = true;
                walk->stack[walk->depth++] = &states[walk->sources[j]];
            }
        }
    }

    for (i = 0; i < count; i++) {
        if (!ends[i] && walk->seen[i]) {
            asl_check_report(loader, &states[i], "behind \"%.*s\" nothing "
                             "ends; expected a way to \"End\", a Succeed State "
                             "or a Fail State");
        }
    }
}


/* Nothing makes such a state wait: neither a task nor the clock. */
static bool
asl_state_instant(const asl_state_t *state)
{
    return state->kind == ASL_STATE_PASS || state->kind == ASL_STATE_CHOICE;
}


/* Follows arrows between instant states: remembers the last one, and how many
 * there are. */
static void
asl_edge_instant(void *data, asl_state_t *target)
{
    asl_walk_t  *walk = data;

    if (asl_state_instant(target) && walk->seen[target->index]) {
        walk->edges++;
        walk->from = target;
    }
}


/* Takes away instant states from which no arrow leads to another, again and
 * again; what is left leads to a loop of them. */
static void
asl_check_spinning(asl_loader_t *loader, asl_walk_t *walk)
{
    uint32_t      i, j, source, count = walk->machine->count, *left;
    asl_state_t  *loop = NULL, *states = walk->machine->states;

    left = asl_loader_alloc(loader, count, sizeof(uint32_t));
    if (left == NULL || walk->sources == NULL) {
        return;
    }

    for (i = 0; i < count; i++) {
        walk->edges = 0;
        asl_state_each_target(&states[i], asl_edge_instant, walk);
        left[i] = walk->edges;
        if (asl_state_instant(&states[i]) && left[i] == 0) {
            walk->stack[walk->depth++] = &states[i];
        }
    }

    while (walk->depth > 0) {
        i = walk->stack[--walk->depth]->index;
        walk->seen[i] = false;
        for (j = walk->offsets[i + 1]; j < walk->offsets[i + 2]; j++) {
            source = walk->sources[j];
            if (asl_state_instant(&states[source]) && --left[source] == 0) {
                walk->stack[walk->depth++] = &states[source];
            }
        }
    }

    for (i = 0; i < count && loop == NULL; i++) {
        if (asl_state_instant(&states[i]) && walk->seen[i] && left[i] > 0) {
            loop = &states[i];
        }
    }

    if (loop == NULL) {
        return;
    }

    /* as many steps as there are states end inside of the loop */
    for (i = 0; i < count; i++) {
        asl_state_each_target(loop, asl_edge_instant, walk);
        loop = walk->from;
    }

    asl_check_report(loader, loop, "\"%.*s\" is in a loop of Pass and Choice "
                     "States; expected a Task State or a Wait State in it, so "
                     "that it cannot spin");
}


/* States Language: Variable Scope. */
static void
asl_check_variables(asl_loader_t *loader, const asl_machine_t *machine)
{
    asl_place_t           place = { .pointer = machine->pointer,
                                    .value = machine->json };
    const base_json_t    *name;
    const asl_machine_t  *outer;

    base_json_each(name, machine->variables) {
        for (outer = machine->parent; outer != NULL; outer = outer->parent) {
            if (base_json_get(outer->variables, name->key) != NULL) {
                asl_problem(loader, &place, "the variable \"%.*s\" is assigned "
                            "here and outside; expected another name for one "
                            "of them", BASE_STR_ARG(name->key));
            }
        }
    }
}


void
asl_check_references(asl_loader_t *loader)
{
    const asl_machine_t    *machine;
    const asl_reference_t  *reference;

    for (reference = loader->references; reference != NULL;
         reference = reference->next)
    {
        machine = reference->machine;
        while (machine != NULL
               && base_json_get(machine->variables, reference->name) == NULL)
        {
            machine = machine->parent;
        }

        if (machine == NULL) {
            asl_problem(loader, &reference->place, "nothing assigns \"$%.*s\"; "
                        "expected a variable of this scope or one around it",
                        BASE_STR_ARG(reference->name));
        }
    }
}
