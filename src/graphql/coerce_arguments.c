/* SPDX-License-Identifier: BSD-2-Clause */

/* Coercing Field Arguments: each defined argument gets its literal's or
 * variable's value, its default, or is absent.  Messages are graphql-js'. */

#include "graphql/coerce.h"

#include "graphql/constraint.h"
#include "graphql/print.h"


/* What a failure is told with. */
typedef struct {
    gql_coerce_t          *c;
    const gql_input_t     *input;
    const gql_value_t     *literal;     /* NULL: the argument is not given */
    gql_coerce_failure_t  *failure;
} argument_t;


static gql_coerce_status_t argument_value(const argument_t *a,
    const base_json_t **value);
static void argument_refuse(const argument_t *a, gql_coerce_status_t status);
static void argument_missing(const argument_t *a);
static void argument_invalid(const argument_t *a);


bool
gql_coerce_arguments(gql_coerce_t *c, const gql_input_t *definitions,
    uint32_t count, const gql_argument_t *arguments, uint32_t offset,
    base_json_t **out, uint32_t *place, gql_coerce_failure_t *failure)
{
    uint32_t               i;
    argument_t             a = { .c = c, .failure = failure };
    base_json_t           *node;
    const base_json_t     *value;
    gql_coerce_status_t    status;
    const gql_argument_t  *argument;

    *place = offset;
    *failure = (gql_coerce_failure_t) { .code = GQL_CODE_BAD_INPUT };

    *out = base_json_object(c->arena);
    if (*out == NULL) {
        return false;
    }

    for (i = 0; i < count; i++) {
        a.input = &definitions[i];

        argument = arguments;
        while (argument != NULL && !base_str_eq(argument->name, a.input->name))
        {
            argument = argument->next;
        }

        a.literal = argument == NULL ? NULL : argument->value;
        value = NULL;

        status = argument_value(&a, &value);
        if (status != GQL_COERCE_OK) {
            *place = a.literal == NULL ? offset : a.literal->offset;
            argument_refuse(&a, status);
            return false;
        }

        if (value == NULL) {
            continue;
        }

        node = base_json_share(c->arena, value);
        if (node == NULL) {
            failure->message = base_str(NULL, 0);
            return false;
        }

        base_json_add(*out, a.input->name, node);
    }

    return true;
}


/* *value stays NULL for an argument that is rightly absent. */
static gql_coerce_status_t
argument_value(const argument_t *a, const base_json_t **value)
{
    gql_coerce_status_t  status = GQL_COERCE_ABSENT;

    if (a->literal != NULL) {
        status = gql_coerce_literal(a->c, a->input->type, a->literal, value,
                                    a->failure);
    }

    if (status == GQL_COERCE_ABSENT) {
        *value = a->input->default_json;

        return *value == NULL && gql_typeref_is_non_null(a->input->type)
                   ? GQL_COERCE_ABSENT : GQL_COERCE_OK;
    }

    if (status != GQL_COERCE_OK || a->input->constraint == NULL) {
        return status;
    }

    if (gql_constraint_check(a->input->constraint, *value, a->c->arena,
                             &a->failure->message))
    {
        return GQL_COERCE_OK;
    }

    a->failure->code = GQL_CODE_CONSTRAINT;
    return GQL_COERCE_REFUSED;
}


static void
argument_refuse(const argument_t *a, gql_coerce_status_t status)
{
    switch (status) {

    case GQL_COERCE_ABSENT:
        argument_missing(a);
        return;

    case GQL_COERCE_INVALID:
        argument_invalid(a);
        return;

    case GQL_COERCE_REFUSED:
        a->failure->message = base_arena_printf(a->c->arena,
                                  "Argument \"%.*s\" has an invalid value; "
                                  "%.*s",
                                  BASE_STR_ARG(a->input->name),
                                  BASE_STR_ARG(a->failure->message));
        return;

    default:
        a->failure->message = base_str(NULL, 0);
        return;
    }
}


static void
argument_missing(const argument_t *a)
{
    base_buf_t  text;

    base_buf_init(&text, a->c->arena, SIZE_MAX);
    base_buf_add_lit(&text, "Argument \"");
    base_buf_add_str(&text, a->input->name);
    base_buf_add_lit(&text, "\" of required type \"");
    gql_typeref_write(a->input->type, &text);

    if (a->literal == NULL) {
        base_buf_add_lit(&text, "\" was not provided.");

    } else {
        base_buf_add_lit(&text, "\" was provided the variable \"$");
        base_buf_add_str(&text, a->literal->text);
        base_buf_add_lit(&text,
                         "\" which was not provided a runtime value.");
    }

    a->failure->message = text.failed ? base_str(NULL, 0)
                                      : base_buf_str(&text);
}


static void
argument_invalid(const argument_t *a)
{
    base_buf_t  text;

    base_buf_init(&text, a->c->arena, SIZE_MAX);
    base_buf_add_lit(&text, "Argument \"");
    base_buf_add_str(&text, a->input->name);

    if (a->literal->kind == GQL_VALUE_VARIABLE
        || a->literal->kind == GQL_VALUE_NULL)
    {
        base_buf_add_lit(&text, "\" of non-null type \"");
        gql_typeref_write(a->input->type, &text);
        base_buf_add_lit(&text, "\" must not be null.");

    } else {
        base_buf_add_lit(&text, "\" has invalid value ");
        gql_print_value(&text, a->literal);
        base_buf_add_char(&text, '.');
    }

    a->failure->message = text.failed ? base_str(NULL, 0)
                                      : base_buf_str(&text);
}
