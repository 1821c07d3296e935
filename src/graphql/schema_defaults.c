/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The last step of building a schema: default values are of their type, are
 * coerced once and for all, and do not contain themselves; constraints are
 * read.
 */

#include "graphql/coerce.h"
#include "graphql/constraint.h"
#include "graphql/schema_build.h"
#include "graphql/values.h"


typedef bool (*gql_input_fn)(gql_build_t *build, gql_input_t *input);


static bool gql_defaults_each(gql_build_t *build, gql_input_fn fn);
static bool gql_defaults_ordered(gql_build_t *build, gql_input_t **order);
static bool gql_defaults_inputs(gql_build_t *build, gql_input_t *inputs,
    uint32_t count, gql_input_fn fn);
static bool gql_defaults_check(gql_build_t *build, gql_input_t *input);
static bool gql_defaults_coerce(gql_build_t *build, gql_input_t *input);
static bool gql_defaults_constrain(gql_build_t *build, gql_input_t *input);


bool
gql_build_defaults(gql_build_t *build)
{
    gql_input_t  **order = NULL;

    if (!gql_defaults_each(build, gql_defaults_check)) {
        return gql_build_nomem(build);
    }

    if (build->errors->count > build->errors_before) {
        return false;
    }

    if (!gql_build_check_cycles(build, &order) || order == NULL) {
        return false;
    }

    if (!gql_defaults_each(build, gql_defaults_constrain)
        || !gql_defaults_ordered(build, order)
        || !gql_defaults_each(build, gql_defaults_coerce))
    {
        return gql_build_nomem(build);
    }

    return true;
}


/* Input fields whose defaults are parts of other defaults come first. */
static bool
gql_defaults_ordered(gql_build_t *build, gql_input_t **order)
{
    for ( ; *order != NULL; order++) {
        if (!gql_defaults_coerce(build, *order)) {
            return false;
        }
    }

    return true;
}


/* All arguments and input fields of the schema. */
static bool
gql_defaults_each(gql_build_t *build, gql_input_fn fn)
{
    uint32_t       i, k;
    gql_type_t    *type;
    gql_schema_t  *schema = build->schema;

    for (i = 0; i < schema->directive_count; i++) {
        if (!gql_defaults_inputs(build, schema->directives[i].arguments,
                                 schema->directives[i].argument_count, fn))
        {
            return false;
        }
    }

    for (i = 0; i < schema->type_count; i++) {
        type = schema->types[i];

        if (!gql_defaults_inputs(build, type->inputs, type->input_count, fn)) {
            return false;
        }

        for (k = 0; k < type->field_count; k++) {
            if (!gql_defaults_inputs(build, type->fields[k].arguments,
                                     type->fields[k].argument_count, fn))
            {
                return false;
            }
        }
    }

    return true;
}


static bool
gql_defaults_inputs(gql_build_t *build, gql_input_t *inputs, uint32_t count,
    gql_input_fn fn)
{
    uint32_t  i;

    for (i = 0; i < count; i++) {
        if (!fn(build, &inputs[i])) {
            return false;
        }
    }

    return true;
}


static bool
gql_defaults_check(gql_build_t *build, gql_input_t *input)
{
    uint32_t            i;
    gql_list_t          list = { NULL, 0, 0 };
    gql_report_t        report;
    gql_typed_value_t  *typed;

    if (input->default_value == NULL) {
        return true;
    }

    if (!gql_values_expand(&list, build->arena, input->default_value,
                           input->type, input))
    {
        return false;
    }

    report = gql_build_report(build, input->source);
    typed = list.items;

    for (i = 0; i < list.count; i++) {
        gql_values_check(&report, build->arena, &typed[i]);
        gql_values_check_unique(&report, build->arena, &typed[i]);
    }

    return true;
}


static bool
gql_defaults_constrain(gql_build_t *build, gql_input_t *input)
{
    gql_report_t  report = gql_build_report(build, input->source);

    return gql_constraint_load(&report, build->arena, input->directives,
                               input->type, &input->constraint);
}


static bool
gql_defaults_coerce(gql_build_t *build, gql_input_t *input)
{
    gql_coerce_t           coerce;
    gql_report_t           report;
    gql_coerce_status_t    status;
    gql_coerce_failure_t   failure = { .message = BASE_STR_INIT("") };

    if (input->default_value == NULL || input->default_json != NULL) {
        return true;
    }

    coerce = (gql_coerce_t) {
        .arena = build->arena,
        .errors = build->errors,
        .source = build->schema->sources[input->source].text
    };

    status = gql_coerce_literal(&coerce, input->type, input->default_value,
                                &input->default_json, &failure);

    if (status == GQL_COERCE_NOMEM) {
        return false;
    }

    if (status == GQL_COERCE_OK && input->constraint != NULL
        && !gql_constraint_check(input->constraint, input->default_json,
                                 build->arena, &failure.message))
    {
        status = GQL_COERCE_REFUSED;
    }

    if (status != GQL_COERCE_OK) {
        report = gql_build_report(build, input->source);
        (void) gql_report(&report, input->default_value->offset,
                          "The default value of \"%.*s\" is invalid: %.*s",
                          BASE_STR_ARG(input->name),
                          BASE_STR_ARG(failure.message));
    }

    return true;
}
