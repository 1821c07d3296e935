/* SPDX-License-Identifier: BSD-2-Clause */

/* Rules about fragments (Validation: Fragments).  Cycles are found in
 * graph.c. */

#include "graphql/suggest.h"
#include "graphql/validate.h"


static void gql_known_type(gql_validation_t *v, const gql_typeref_t *type);


/* Fragment Spread Type Existence, and the types of variables */
void
gql_rule_known_type_names(gql_validation_t *v)
{
    gql_variable_t    *variable;
    gql_typeref_t    **condition, *type;
    gql_operation_t   *operation;

    gql_each(condition, &v->conditions) {
        gql_known_type(v, *condition);
    }

    for (operation = v->document->operations; operation != NULL;
         operation = operation->next)
    {
        for (variable = operation->variables; variable != NULL;
             variable = variable->next)
        {
            type = variable->type;

            while (type->kind != GQL_TYPEREF_NAMED) {
                type = type->of;
            }

            gql_known_type(v, type);
        }
    }
}


static void
gql_known_type(gql_validation_t *v, const gql_typeref_t *type)
{
    uint32_t       i;
    gql_suggest_t  suggest;

    if (type->type != NULL) {
        return;
    }

    gql_suggest_init(&suggest, &v->report, type->name);

    for (i = 0; i < v->schema->type_count; i++) {
        gql_suggest_add(&suggest, v->schema->types[i]->name);
    }

    (void) gql_report(&v->report, type->offset, "Unknown type \"%.*s\".%s",
                      BASE_STR_ARG(type->name), gql_suggest_text(&suggest));
}


/* Fragments on Object, Interface or Union Types */
void
gql_rule_fragments_on_composite_types(gql_validation_t *v)
{
    gql_typeref_t         **condition;
    const gql_fragment_t   *fragment = v->document->fragments;

    gql_each(condition, &v->conditions) {
        const gql_typeref_t  *type = *condition;

        while (fragment != NULL && fragment->condition != type
               && fragment->condition->offset < type->offset)
        {
            fragment = fragment->next;
        }

        if (type->type == NULL || gql_type_is_composite(type->type)) {
            continue;
        }

        if (fragment != NULL && fragment->condition == type) {
            (void) gql_report(&v->report, type->offset,
                              "Fragment \"%.*s\" cannot condition on non "
                              "composite type \"%.*s\".",
                              BASE_STR_ARG(fragment->name),
                              BASE_STR_ARG(type->name));
            continue;
        }

        (void) gql_report(&v->report, type->offset,
                          "Fragment cannot condition on non composite type "
                          "\"%.*s\".", BASE_STR_ARG(type->name));
    }
}


/* Fragment Name Uniqueness */
void
gql_rule_unique_fragment_names(gql_validation_t *v)
{
    uint32_t                   i;
    gql_error_t               *error;
    const gql_index_t         *names = &v->fragment_names;
    const gql_index_entry_t   *first;

    for (i = 1; i < names->count; i++) {
        first = gql_index_repeats(names, i);

        if (first != NULL) {
            error = gql_report(&v->report, first->offset,
                               "There can be only one fragment named "
                               "\"%.*s\".", BASE_STR_ARG(first->name));
            gql_report_also(&v->report, error, names->entries[i].offset);
        }
    }
}


/* Fragment Spread Target Defined */
void
gql_rule_known_fragment_names(gql_validation_t *v)
{
    const gql_spread_t  *spread;

    gql_each(spread, &v->spreads) {
        if (spread->target == GQL_NO_DEFINITION) {
            (void) gql_report(&v->report, spread->selection->offset + 3,
                              "Unknown fragment \"%.*s\".",
                              BASE_STR_ARG(spread->selection->name));
        }
    }
}


/* Fragments Must Be Used: by an operation, if only by way of others */
void
gql_rule_no_unused_fragments(gql_validation_t *v)
{
    bool                    *used;
    uint32_t                 i, k, at;
    const gql_spread_t      *spreads = v->spreads.items;
    const gql_definition_t  *definition;

    used = base_arena_calloc(v->arena, v->definition_count + 1, sizeof(bool));
    if (used == NULL) {
        gql_validation_nomem(v);
        return;
    }

    for (i = v->definition_count; i-- > 0; ) {
        at = v->order[i];
        definition = &v->definitions[at];

        if (definition->operation == NULL && !used[at]) {
            continue;
        }

        for (k = definition->spreads.first; k < definition->spreads.end; k++) {
            if (spreads[k].target != GQL_NO_DEFINITION) {
                used[spreads[k].target] = true;
            }
        }
    }

    for (i = v->document->operation_count; i < v->definition_count; i++) {
        if (!used[i] && !v->cyclic) {
            (void) gql_report(&v->report,
                              v->definitions[i].fragment->offset,
                              "Fragment \"%.*s\" is never used.",
                              BASE_STR_ARG(v->definitions[i].fragment->name));
        }
    }
}


/* Fragment Spread Is Possible */
void
gql_rule_possible_fragment_spreads(gql_validation_t *v)
{
    const gql_type_t      *type;
    const gql_placed_t    *placed;
    const gql_spread_t    *spread;
    const gql_fragment_t  *fragment;

    gql_each(placed, &v->inlines) {
        type = placed->selection->type;

        if (placed->parent != NULL && type != NULL
            && !gql_type_overlaps(placed->parent, type))
        {
            (void) gql_report(&v->report, placed->selection->offset,
                              "Fragment cannot be spread here as objects of "
                              "type \"%.*s\" can never be of type \"%.*s\".",
                              BASE_STR_ARG(placed->parent->name),
                              BASE_STR_ARG(type->name));
        }
    }

    gql_each(spread, &v->spreads) {
        fragment = spread->selection->fragment;

        if (spread->parent != NULL && fragment != NULL
            && fragment->type != NULL
            && !gql_type_overlaps(spread->parent, fragment->type))
        {
            (void) gql_report(&v->report, spread->selection->offset,
                              "Fragment \"%.*s\" cannot be spread here as "
                              "objects of type \"%.*s\" can never be of type "
                              "\"%.*s\".", BASE_STR_ARG(fragment->name),
                              BASE_STR_ARG(spread->parent->name),
                              BASE_STR_ARG(fragment->type->name));
        }
    }
}
