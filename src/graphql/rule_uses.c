/* SPDX-License-Identifier: BSD-2-Clause */

/* Rules about arguments, values and directives (Validation: Arguments, Values,
 * Directives).  What they say of one place is in uses.c and values.c, for
 * schema files too. */

#include "graphql/validate.h"


/* Directives Are Defined, Directives Are in Valid Locations */
void
gql_rule_known_directives(gql_validation_t *v)
{
    const gql_directive_site_t  *site;

    gql_each(site, &v->directives) {
        gql_directives_check_known(&v->report, site);
    }
}


/* Directives Are Unique per Location */
void
gql_rule_unique_directives(gql_validation_t *v)
{
    const gql_directive_t       **seen;
    const gql_directive_site_t   *site;

    seen = base_arena_calloc(v->arena, v->schema->directive_count + 1,
                             sizeof(void *));
    if (seen == NULL) {
        gql_validation_nomem(v);
        return;
    }

    gql_each(site, &v->directives) {
        gql_directives_check_unique(&v->report, v->schema, site, seen);
    }
}


/* Argument Names */
void
gql_rule_known_argument_names(gql_validation_t *v)
{
    const gql_argument_site_t  *site;

    gql_each(site, &v->arguments) {
        gql_arguments_check_known(&v->report, site);
    }
}


/* Argument Uniqueness */
void
gql_rule_unique_argument_names(gql_validation_t *v)
{
    const gql_argument_site_t  *site;

    gql_each(site, &v->arguments) {
        gql_arguments_check_unique(&v->report, v->arena, site);
    }
}


/* Required Arguments */
void
gql_rule_provided_required_arguments(gql_validation_t *v)
{
    const gql_argument_site_t  *site;

    gql_each(site, &v->arguments) {
        gql_arguments_check_required(&v->report, v->arena, site);
    }
}


/* Values of Correct Type, Input Object Field Names, Input Object Required
 * Fields */
void
gql_rule_values_of_correct_type(gql_validation_t *v)
{
    const gql_typed_value_t  *typed;

    gql_each(typed, &v->values) {
        gql_values_check(&v->report, v->arena, typed);
    }
}


/* Input Object Field Uniqueness */
void
gql_rule_unique_input_field_names(gql_validation_t *v)
{
    const gql_typed_value_t  *typed;

    gql_each(typed, &v->values) {
        gql_values_check_unique(&v->report, v->arena, typed);
    }
}
