/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules about variables (Validation: Variables).  A fragment may be used by
 * several operations, with other variables each: every operation follows its
 * spreads through the graph.
 */

#include "graphql/validate.h"


/* One operation. */
typedef struct {
    gql_validation_t       *v;
    const gql_operation_t  *operation;
    gql_index_t             names;          /* of gql_variable_t */
    bool                   *used;           /* by variable's index */
    uint32_t               *reached;        /* by definition: the number of the
                                               operation that came last */
    uint8_t                *shared;         /* by definition: operations that
                                               came, 2 for more */
    uint32_t               *queue;          /* definitions to look at */
    uint32_t                queued;
    uint32_t                number;         /* of the operation, from 1 */
} gql_usage_t;


static bool gql_usage_init(gql_usage_t *usage, gql_validation_t *v);
static bool gql_usage_operation(gql_usage_t *usage, uint32_t at);
static void gql_usage_definition(gql_usage_t *usage, uint32_t at);
static void gql_usage_check(gql_usage_t *usage,
    const gql_typed_value_t *typed, bool shared);
static void gql_usage_position(gql_usage_t *usage,
    const gql_typed_value_t *typed, const gql_variable_t *variable);
static bool gql_usage_allowed(const gql_typed_value_t *typed,
    const gql_variable_t *variable);
static void gql_usage_unused(gql_usage_t *usage);


/* Variable Uniqueness */
void
gql_rule_unique_variable_names(gql_validation_t *v)
{
    uint32_t                   i;
    gql_error_t               *error;
    gql_index_t                names;
    gql_variable_t            *variable;
    gql_operation_t           *operation;
    const gql_index_entry_t   *first;

    for (operation = v->document->operations; operation != NULL;
         operation = operation->next)
    {
        if (!gql_index_init(&names, v->arena, operation->variable_count)) {
            gql_validation_nomem(v);
            return;
        }

        for (variable = operation->variables; variable != NULL;
             variable = variable->next)
        {
            gql_index_add(&names, variable->name, variable->offset, variable);
        }

        gql_index_sort(&names);

        for (i = 1; i < names.count; i++) {
            first = gql_index_repeats(&names, i);

            if (first != NULL) {
                error = gql_report(&v->report, first->offset,
                                   "There can be only one variable named "
                                   "\"$%.*s\".", BASE_STR_ARG(first->name));
                gql_report_also(&v->report, error, names.entries[i].offset);
            }
        }
    }
}


/* Variables Are Input Types */
void
gql_rule_variables_are_input_types(gql_validation_t *v)
{
    base_str_t              text;
    const gql_type_t       *type;
    const gql_variable_t   *variable;
    const gql_operation_t  *operation;

    for (operation = v->document->operations; operation != NULL;
         operation = operation->next)
    {
        for (variable = operation->variables; variable != NULL;
             variable = variable->next)
        {
            type = gql_typeref_named(variable->type);

            if (type != NULL && !gql_type_is_input(type)) {
                text = gql_validation_type_text(v, variable->type);
                (void) gql_report(&v->report, variable->type->offset,
                                  "Variable \"$%.*s\" cannot be non-input "
                                  "type \"%.*s\".",
                                  BASE_STR_ARG(variable->name),
                                  BASE_STR_ARG(text));
            }
        }
    }
}


/* All Variable Uses Defined, All Variables Used, All Variable Usages Are
 * Allowed; ties usages to the variables. */
void
gql_rule_variable_usages(gql_validation_t *v)
{
    uint32_t     i;
    gql_usage_t  usage;

    if (!gql_usage_init(&usage, v)) {
        gql_validation_nomem(v);
        return;
    }

    for (i = 0; i < v->document->operation_count; i++) {
        if (!gql_usage_operation(&usage, i)) {
            return;
        }
    }
}


static bool
gql_usage_init(gql_usage_t *usage, gql_validation_t *v)
{
    uint32_t  count = v->definition_count + 1;

    memset(usage, 0, sizeof(gql_usage_t));
    usage->v = v;
    usage->reached = base_arena_calloc(v->arena, count, sizeof(uint32_t));
    usage->shared = base_arena_calloc(v->arena, count, 1);
    usage->queue = base_arena_calloc(v->arena, count, sizeof(uint32_t));

    return usage->reached != NULL && usage->shared != NULL
           && usage->queue != NULL;
}


/* The operation and all fragments that it reaches. */
static bool
gql_usage_operation(gql_usage_t *usage, uint32_t at)
{
    uint32_t           i;
    gql_variable_t    *variable;
    gql_validation_t  *v = usage->v;
    gql_operation_t   *operation = v->definitions[at].operation;

    usage->operation = operation;
    usage->number = at + 1;
    usage->used = base_arena_calloc(v->arena, operation->variable_count + 1,
                                    sizeof(bool));

    if (usage->used == NULL
        || !gql_index_init(&usage->names, v->arena, operation->variable_count))
    {
        gql_validation_nomem(v);
        return false;
    }

    for (variable = operation->variables; variable != NULL;
         variable = variable->next)
    {
        gql_index_add(&usage->names, variable->name, variable->offset,
                      variable);
    }

    gql_index_sort(&usage->names);

    usage->queue[0] = at;
    usage->queued = 1;
    usage->reached[at] = usage->number;

    for (i = 0; i < usage->queued; i++) {
        const gql_definition_t  *next = &v->definitions[usage->queue[i]];

        if (!gql_validation_work(v, 1 + next->usages.end - next->usages.first
                                    + next->spreads.end - next->spreads.first))
        {
            return false;
        }

        gql_usage_definition(usage, usage->queue[i]);
    }

    gql_usage_unused(usage);
    return true;
}


static void
gql_usage_definition(gql_usage_t *usage, uint32_t at)
{
    uint32_t                  i, target;
    gql_validation_t         *v = usage->v;
    const gql_spread_t       *spreads = v->spreads.items;
    const gql_definition_t   *definition = &v->definitions[at];
    const gql_typed_value_t  *usages = v->usages.items;

    if (usage->shared[at] < 2) {
        usage->shared[at]++;
    }

    for (i = definition->usages.first; i < definition->usages.end; i++) {
        gql_usage_check(usage, &usages[i], usage->shared[at] > 1);
    }

    for (i = definition->spreads.first; i < definition->spreads.end; i++) {
        target = spreads[i].target;

        if (target != GQL_NO_DEFINITION
            && usage->reached[target] != usage->number)
        {
            usage->reached[target] = usage->number;
            usage->queue[usage->queued++] = target;
        }
    }
}


static void
gql_usage_check(gql_usage_t *usage, const gql_typed_value_t *typed,
    bool shared)
{
    gql_error_t       *error;
    gql_value_t       *value = typed->value;
    gql_variable_t    *variable;
    gql_validation_t  *v = usage->v;

    variable = gql_index_find(&usage->names, value->text);

    if (variable != NULL) {
        usage->used[variable->index] = true;
        value->variable = shared ? NULL : variable;
        gql_usage_position(usage, typed, variable);
        return;
    }

    if (usage->operation->name.len == 0) {
        error = gql_report(&v->report, value->offset,
                           "Variable \"$%.*s\" is not defined.",
                           BASE_STR_ARG(value->text));

    } else {
        error = gql_report(&v->report, value->offset,
                           "Variable \"$%.*s\" is not defined by operation "
                           "\"%.*s\".", BASE_STR_ARG(value->text),
                           BASE_STR_ARG(usage->operation->name));
    }

    gql_report_also(&v->report, error, usage->operation->offset);
}


static void
gql_usage_position(gql_usage_t *usage, const gql_typed_value_t *typed,
    const gql_variable_t *variable)
{
    base_str_t         given, wanted;
    gql_error_t       *error;
    gql_validation_t  *v = usage->v;

    if (typed->type == NULL || gql_typeref_named(variable->type) == NULL) {
        return;
    }

    if (!gql_usage_allowed(typed, variable)) {
        given = gql_validation_type_text(v, variable->type);
        wanted = gql_validation_type_text(v, typed->type);
        error = gql_report(&v->report, variable->offset,
                           "Variable \"$%.*s\" of type \"%.*s\" used in "
                           "position expecting type \"%.*s\".",
                           BASE_STR_ARG(variable->name), BASE_STR_ARG(given),
                           BASE_STR_ARG(wanted));
        gql_report_also(&v->report, error, typed->value->offset);
    }

    if (typed->object != NULL && typed->object->one_of
        && !gql_typeref_is_non_null(variable->type))
    {
        given = gql_validation_type_text(v, variable->type);
        error = gql_report(&v->report, variable->offset,
                           "Variable \"$%.*s\" is of type \"%.*s\" but must "
                           "be non-nullable to be used for OneOf Input Object "
                           "\"%.*s\".", BASE_STR_ARG(variable->name),
                           BASE_STR_ARG(given),
                           BASE_STR_ARG(typed->object->name));
        gql_report_also(&v->report, error, typed->value->offset);
    }
}


/* IsVariableUsageAllowed */
static bool
gql_usage_allowed(const gql_typed_value_t *typed,
    const gql_variable_t *variable)
{
    const gql_value_t    *value = variable->default_value;
    const gql_typeref_t  *wanted = typed->type;

    if (wanted->kind == GQL_TYPEREF_NON_NULL
        && variable->type->kind != GQL_TYPEREF_NON_NULL)
    {
        if ((value == NULL || value->kind == GQL_VALUE_NULL)
            && (typed->location == NULL
                || typed->location->default_value == NULL))
        {
            return false;
        }

        wanted = wanted->of;
    }

    return gql_typeref_is_subtype(variable->type, wanted);
}


static void
gql_usage_unused(gql_usage_t *usage)
{
    gql_validation_t      *v = usage->v;
    const gql_variable_t  *variable;

    for (variable = usage->operation->variables; variable != NULL;
         variable = variable->next)
    {
        if (usage->used[variable->index]) {
            continue;
        }

        if (usage->operation->name.len == 0) {
            (void) gql_report(&v->report, variable->offset,
                              "Variable \"$%.*s\" is never used.",
                              BASE_STR_ARG(variable->name));
            continue;
        }

        (void) gql_report(&v->report, variable->offset,
                          "Variable \"$%.*s\" is never used in operation "
                          "\"%.*s\".", BASE_STR_ARG(variable->name),
                          BASE_STR_ARG(usage->operation->name));
    }
}
