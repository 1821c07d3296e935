/* SPDX-License-Identifier: BSD-2-Clause */

/* Rules about fields (Validation: Fields). */

#include "graphql/suggest.h"
#include "graphql/validate.h"


#define GQL_FIELD_TYPES_LOOKED_AT  200  /* for a suggestion */


static void gql_field_want_selection(gql_validation_t *v,
    const gql_selection_t *field, base_str_t type);
static void gql_field_suggest_types(gql_validation_t *v,
    gql_suggest_t *suggest, const gql_type_t *type, base_str_t field);


/* Leaf Field Selections */
void
gql_rule_scalar_leafs(gql_validation_t *v)
{
    base_str_t              type;
    const gql_placed_t     *placed;
    const gql_selection_t  *field;

    gql_each(placed, &v->fields) {
        field = placed->selection;

        if (field->field == NULL
            || (field->selections == NULL)
               == gql_type_is_leaf(field->field->named))
        {
            continue;
        }

        type = gql_validation_type_text(v, field->field->type);

        if (field->selections != NULL) {
            (void) gql_report(&v->report, field->set_offset,
                              "Field \"%.*s\" must not have a selection since "
                              "type \"%.*s\" has no subfields.",
                              BASE_STR_ARG(field->name), BASE_STR_ARG(type));
            continue;
        }

        gql_field_want_selection(v, field, type);
    }
}


static void
gql_field_want_selection(gql_validation_t *v, const gql_selection_t *field,
    base_str_t type)
{
    if (!v->report.suggest) {
        (void) gql_report(&v->report, field->offset,
                          "Field \"%.*s\" of type \"%.*s\" must have a "
                          "selection of subfields.",
                          BASE_STR_ARG(field->name), BASE_STR_ARG(type));
        return;
    }

    (void) gql_report(&v->report, field->offset,
                      "Field \"%.*s\" of type \"%.*s\" must have a "
                      "selection of subfields. Did you mean "
                      "\"%.*s { ... }\"?",
                      BASE_STR_ARG(field->name), BASE_STR_ARG(type),
                      BASE_STR_ARG(field->name));
}


/* Field Selections: they are defined */
void
gql_rule_fields_on_correct_type(gql_validation_t *v)
{
    uint32_t              i;
    const char           *did_you_mean;
    gql_suggest_t         suggest;
    const gql_placed_t   *placed;
    const gql_type_t     *type;

    gql_each(placed, &v->fields) {
        type = placed->parent;

        if (type == NULL || placed->selection->field != NULL) {
            continue;
        }

        gql_suggest_init(&suggest, &v->report, placed->selection->name);
        gql_field_suggest_types(v, &suggest, type, placed->selection->name);
        did_you_mean = gql_suggest_phrase(&suggest,
                                          "to use an inline fragment on");

        if (suggest.count == 0) {
            for (i = 0; i < type->field_count; i++) {
                gql_suggest_add(&suggest, type->fields[i].name);
            }

            did_you_mean = gql_suggest_text(&suggest);
        }

        (void) gql_report(&v->report, placed->selection->offset,
                          "Cannot query field \"%.*s\" on type \"%.*s\".%s",
                          BASE_STR_ARG(placed->selection->name),
                          BASE_STR_ARG(type->name), did_you_mean);
    }
}


/* The types below an abstract one that do have the field: objects, and the
 * interfaces that they share it by. */
static void
gql_field_suggest_types(gql_validation_t *v, gql_suggest_t *suggest,
    const gql_type_t *type, base_str_t field)
{
    uint32_t           i, round;
    const gql_type_t  *candidate;

    if (!suggest->enabled || type->possible_bits == NULL) {
        return;
    }

    for (round = 0; round < 2; round++) {
        for (i = 0; i < v->schema->type_count
                    && i < GQL_FIELD_TYPES_LOOKED_AT; i++)
        {
            candidate = v->schema->types[i];

            if (candidate->kind != (round == 0 ? GQL_TYPE_INTERFACE
                                               : GQL_TYPE_OBJECT)
                || candidate == type || !gql_type_overlaps(type, candidate)
                || gql_type_field(candidate, field) == NULL)
            {
                continue;
            }

            gql_suggest_take(suggest, candidate->name);
        }
    }
}
