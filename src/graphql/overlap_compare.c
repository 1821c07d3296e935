/* SPDX-License-Identifier: BSD-2-Clause */

/* Arguments and their values are the same when they are written alike; the
 * order of arguments, and of an input object's fields, does not matter. */

#include "graphql/overlap.h"


static bool gql_same_arguments(gql_validation_t *v,
    const gql_argument_t *a, const gql_argument_t *b);
static bool gql_same_value(gql_validation_t *v, const gql_value_t *a,
    const gql_value_t *b);
static bool gql_same_object(gql_validation_t *v, const gql_value_t *a,
    const gql_value_t *b);


bool
gql_overlap_same(gql_validation_t *v, const gql_selection_t *a,
    const gql_selection_t *b)
{
    return base_str_eq(a->name, b->name)
           && gql_same_arguments(v, a->arguments, b->arguments);
}


static bool
gql_same_arguments(gql_validation_t *v, const gql_argument_t *a,
    const gql_argument_t *b)
{
    uint32_t               more = 0;
    const gql_argument_t  *one, *two;

    for (one = a, two = b; one != NULL && two != NULL;
         one = one->next, two = two->next)
    {
        more++;
    }

    if (one != two) {
        return false;                   /* one of them has more */
    }

    for (one = a, two = b; one != NULL; one = one->next) {
        /* mostly they come in the same order */
        if (two == NULL || !base_str_eq(one->name, two->name)) {
            if (!gql_validation_work(v, more)) {
                return true;
            }

            two = b;
            while (two != NULL && !base_str_eq(one->name, two->name)) {
                two = two->next;
            }
        }

        if (two == NULL || !gql_same_value(v, one->value, two->value)) {
            return false;
        }

        two = two->next;
    }

    return true;
}


/* As deep as the parser lets values be. */
static bool
gql_same_value(gql_validation_t *v, const gql_value_t *a,
    const gql_value_t *b)
{
    if (a->kind != b->kind || a->block != b->block || a->count != b->count) {
        return false;
    }

    switch (a->kind) {
    case GQL_VALUE_OBJECT:
        return gql_same_object(v, a, b);

    case GQL_VALUE_LIST:
        for (a = a->first, b = b->first; a != NULL; a = a->next, b = b->next) {
            if (!gql_same_value(v, a, b)) {
                return false;
            }
        }

        return true;

    default:
        return base_str_eq(a->text, b->text);
    }
}


static bool
gql_same_object(gql_validation_t *v, const gql_value_t *a,
    const gql_value_t *b)
{
    const gql_value_t  *one, *two = b->first;

    for (one = a->first; one != NULL; one = one->next) {
        if (two == NULL || !base_str_eq(one->name, two->name)) {
            if (!gql_validation_work(v, a->count)) {
                return true;
            }

            two = b->first;
            while (two != NULL && !base_str_eq(one->name, two->name)) {
                two = two->next;
            }
        }

        if (two == NULL || !gql_same_value(v, one, two)) {
            return false;
        }

        two = two->next;
    }

    return true;
}


bool
gql_overlap_same_shape(const gql_selection_t *a, const gql_selection_t *b)
{
    const gql_typeref_t  *one, *two;

    if (a->field == b->field || a->field == NULL || b->field == NULL) {
        return true;
    }

    one = a->field->type;
    two = b->field->type;

    while (one->kind == two->kind && one->kind != GQL_TYPEREF_NAMED) {
        one = one->of;
        two = two->of;
    }

    if (one->kind != two->kind) {
        return false;
    }

    return one->type == two->type
           || (gql_type_is_composite(one->type)
               && gql_type_is_composite(two->type));
}
