/* SPDX-License-Identifier: BSD-2-Clause */

/* Coercing Variable Values: each variable of the operation gets its value from
 * the request, its default, or is absent.  The messages are graphql-js'. */

#include "graphql/coerce.h"

#include <stdlib.h>


/* Up to this product each variable is looked up in the request's object; above
 * it, each member of the object is looked up among the sorted variables. */
#define COERCE_LINEAR_MAX  1024


static bool coerce_gather(gql_coerce_t *c, const gql_operation_t *operation,
    const base_json_t *input, const base_json_t **values);
static bool coerce_gather_sorted(gql_coerce_t *c,
    const gql_operation_t *operation, const base_json_t *input,
    const base_json_t **values);
static int coerce_variable_order(const void *a, const void *b);
static int coerce_variable_name(const void *name, const void *variable);
static bool coerce_variable(gql_coerce_t *c, const gql_variable_t *variable,
    const base_json_t **value);
static bool coerce_default(gql_coerce_t *c, const gql_variable_t *variable,
    const base_json_t **value);
static void coerce_missing(gql_coerce_t *c, const gql_variable_t *variable,
    bool given);


gql_variables_t *
gql_coerce_variables(gql_coerce_t *c, const gql_operation_t *operation,
    const base_json_t *input)
{
    bool                   valid = true;
    uint32_t               count = operation->variable_count;
    gql_variables_t       *variables;
    const gql_variable_t  *variable;

    variables = base_arena_alloc(c->arena, sizeof(gql_variables_t)
                                           + count * sizeof(base_json_t *));
    if (variables == NULL) {
        c->nomem = true;
        return NULL;
    }

    variables->operation = operation;

    if (!coerce_gather(c, operation, input, variables->values)) {
        c->nomem = true;
        return NULL;
    }

    for (variable = operation->variables; variable != NULL;
         variable = variable->next)
    {
        c->variable = variable;
        valid &= coerce_variable(c, variable,
                                 &variables->values[variable->index]);

        if (c->errors->count >= c->errors->max) {
            return NULL;
        }
    }

    return valid && !c->nomem ? variables : NULL;
}


const base_json_t *
gql_variable_value(const gql_variables_t *variables,
    const gql_value_t *literal)
{
    const gql_variable_t  *variable = literal->variable;

    if (variables == NULL) {
        return NULL;
    }

    if (variable == NULL) {
        /* in a fragment of several operations */
        variable = variables->operation->variables;
        while (variable != NULL
               && !base_str_eq(variable->name, literal->text))
        {
            variable = variable->next;
        }
    }

    return variable == NULL ? NULL : variables->values[variable->index];
}


/* The request's member of each variable, NULL where it has none. */
static bool
coerce_gather(gql_coerce_t *c, const gql_operation_t *operation,
    const base_json_t *input, const base_json_t **values)
{
    uint32_t               i;
    const gql_variable_t  *variable;

    if (input == NULL || input->type != BASE_JSON_OBJECT || input->count == 0) {
        for (i = 0; i < operation->variable_count; i++) {
            values[i] = NULL;
        }

        return true;
    }

    if ((uint64_t) input->count * operation->variable_count
        > COERCE_LINEAR_MAX)
    {
        return coerce_gather_sorted(c, operation, input, values);
    }

    for (variable = operation->variables; variable != NULL;
         variable = variable->next)
    {
        values[variable->index] = base_json_get(input, variable->name);
    }

    return true;
}


static bool
coerce_gather_sorted(gql_coerce_t *c, const gql_operation_t *operation,
    const base_json_t *input, const base_json_t **values)
{
    size_t                 count = operation->variable_count;
    const base_json_t     *member;
    const gql_variable_t  *variable, **sorted, **found;

    sorted = base_arena_calloc(c->arena, count, sizeof(gql_variable_t *));
    if (sorted == NULL) {
        return false;
    }

    for (variable = operation->variables; variable != NULL;
         variable = variable->next)
    {
        sorted[variable->index] = variable;
        values[variable->index] = NULL;
    }

    qsort(sorted, count, sizeof(gql_variable_t *), coerce_variable_order);

    base_json_each(member, input) {
        found = bsearch(&member->key, sorted, count, sizeof(gql_variable_t *),
                        coerce_variable_name);
        if (found != NULL) {
            values[(*found)->index] = member;
        }
    }

    return true;
}


static int
coerce_variable_order(const void *a, const void *b)
{
    const gql_variable_t *const  *first = a;
    const gql_variable_t *const  *second = b;

    return base_str_cmp((*first)->name, (*second)->name);
}


static int
coerce_variable_name(const void *name, const void *variable)
{
    const gql_variable_t *const  *candidate = variable;

    return base_str_cmp(*(const base_str_t *) name, (*candidate)->name);
}


/* value: the request's in, the coerced one out. */
static bool
coerce_variable(gql_coerce_t *c, const gql_variable_t *variable,
    const base_json_t **value)
{
    bool  non_null = gql_typeref_is_non_null(variable->type);

    if (*value == NULL) {
        if (variable->default_value != NULL) {
            return coerce_default(c, variable, value);
        }

        if (!non_null) {
            return true;
        }

        coerce_missing(c, variable, false);
        return false;
    }

    if (non_null && (*value)->type == BASE_JSON_NULL) {
        coerce_missing(c, variable, true);
        return false;
    }

    *value = gql_coerce_json(c, variable->type, *value, NULL);

    return *value != NULL;
}


static bool
coerce_default(gql_coerce_t *c, const gql_variable_t *variable,
    const base_json_t **value)
{
    gql_coerce_status_t   status;
    gql_coerce_failure_t  failure = { .code = GQL_CODE_BAD_INPUT };

    status = gql_coerce_literal(c, variable->type, variable->default_value,
                                value, &failure);

    if (status == GQL_COERCE_OK) {
        return true;
    }

    if (status == GQL_COERCE_NOMEM) {
        c->nomem = true;
        return false;
    }

    gql_errors_at(c->errors, failure.code, c->source,
                  variable->default_value->offset,
                  "Variable \"$%.*s\" has an invalid default value.%s%.*s",
                  BASE_STR_ARG(variable->name),
                  failure.message.len == 0 ? "" : " ",
                  BASE_STR_ARG(failure.message));

    return false;
}


/* A required variable that is absent or, given, null. */
static void
coerce_missing(gql_coerce_t *c, const gql_variable_t *variable, bool given)
{
    base_buf_t  type;

    base_buf_init(&type, c->arena, SIZE_MAX);
    gql_typeref_write(variable->type, &type);
    if (type.failed) {
        c->nomem = true;
        return;
    }

    gql_errors_at(c->errors, GQL_CODE_BAD_INPUT, c->source, variable->offset,
                  given ? "Variable \"$%.*s\" of non-null type \"%.*s\""
                          " must not be null."
                        : "Variable \"$%.*s\" of required type \"%.*s\""
                          " was not provided.",
                  BASE_STR_ARG(variable->name),
                  BASE_STR_ARG(base_buf_str(&type)));
}
