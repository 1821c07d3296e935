/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Rules about introspection that the specification does not have: it may be
 * switched off, and its lists may not be nested without end (a type's fields'
 * types' fields ...).
 */

#include "graphql/validate.h"


#define GQL_INTROSPECTION_LISTS_MAX  3


/* How many of the lists lie in each other below a selection set. */
typedef struct {
    const gql_validation_t  *v;
    uint32_t                *lists;         /* by definition */
} gql_nesting_t;


static uint32_t gql_nesting_of(const gql_nesting_t *nesting,
    const gql_selection_t *selections);


static const base_str_t  gql_introspection_lists[] = {
    BASE_STR_INIT("fields"), BASE_STR_INIT("interfaces"),
    BASE_STR_INIT("possibleTypes"), BASE_STR_INIT("inputFields")
};


static bool
gql_is_introspection(const gql_selection_t *field)
{
    return field->field != NULL
           && (field->field->introspection == GQL_INTROSPECT_SCHEMA
               || field->field->introspection == GQL_INTROSPECT_TYPE);
}


void
gql_rule_introspection_allowed(gql_validation_t *v)
{
    const gql_placed_t  *placed;

    if (v->options->introspection) {
        return;
    }

    gql_each(placed, &v->fields) {
        if (gql_is_introspection(placed->selection)) {
            (void) gql_report(&v->report, placed->selection->offset,
                              "GraphQL introspection has been disabled, but "
                              "the requested query contained the field "
                              "\"%.*s\".",
                              BASE_STR_ARG(placed->selection->name));
        }
    }
}


void
gql_rule_max_introspection_depth(gql_validation_t *v)
{
    uint32_t             i, at;
    gql_nesting_t        nesting = { .v = v };
    const gql_placed_t  *placed;

    nesting.lists = base_arena_calloc(v->arena, v->definition_count + 1,
                                      sizeof(uint32_t));
    if (nesting.lists == NULL) {
        gql_validation_nomem(v);
        return;
    }

    for (i = 0; i < v->definition_count; i++) {
        at = v->order[i];
        nesting.lists[at] = gql_nesting_of(&nesting,
                                           v->definitions[at].selections);
    }

    gql_each(placed, &v->fields) {
        if (gql_is_introspection(placed->selection)
            && gql_nesting_of(&nesting, placed->selection->selections)
               >= GQL_INTROSPECTION_LISTS_MAX)
        {
            (void) gql_report(&v->report, placed->selection->offset,
                              "Maximum introspection depth exceeded");
        }
    }
}


static uint32_t
gql_nesting_of(const gql_nesting_t *nesting, const gql_selection_t *selections)
{
    size_t                  i;
    uint32_t                below, most = 0;
    const gql_selection_t  *selection;

    for (selection = selections; selection != NULL;
         selection = selection->next)
    {
        if (selection->kind == GQL_SELECTION_SPREAD) {
            below = selection->fragment == NULL
                    ? 0 : nesting->lists[nesting->v->document->operation_count
                                         + selection->fragment->index];

        } else {
            below = gql_nesting_of(nesting, selection->selections);
        }

        if (selection->kind == GQL_SELECTION_FIELD) {
            for (i = 0; i < sizeof(gql_introspection_lists)
                            / sizeof(gql_introspection_lists[0]); i++)
            {
                below += base_str_eq(selection->name,
                                     gql_introspection_lists[i]);
            }
        }

        most = below > most ? below : most;
    }

    return most;
}
