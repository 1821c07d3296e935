/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Input coercion of literals.  Validation has found most of what can be wrong;
 * what is left depends on the variables: an absent one, a null one, one that
 * breaks a constraint.
 *
 * Recursion is bounded by the parser's nesting ceiling.
 */

#include "graphql/coerce.h"

#include "graphql/constraint.h"


static gql_coerce_status_t literal_variable(gql_coerce_t *c,
    const gql_typeref_t *type, const gql_value_t *literal,
    const base_json_t **out);
static gql_coerce_status_t literal_list(gql_coerce_t *c,
    const gql_typeref_t *item_type, const gql_value_t *literal,
    const base_json_t **out, gql_coerce_failure_t *failure);
static gql_coerce_status_t literal_item(gql_coerce_t *c,
    const gql_typeref_t *item_type, const gql_value_t *literal,
    base_json_t *list, gql_coerce_failure_t *failure);
static gql_coerce_status_t literal_object(gql_coerce_t *c,
    const gql_type_t *type, const gql_value_t *literal,
    const base_json_t **out, gql_coerce_failure_t *failure);
static gql_coerce_status_t literal_field(gql_coerce_t *c,
    const gql_input_t *input, const gql_value_t *literal,
    base_json_t *object, gql_coerce_failure_t *failure);
static gql_coerce_status_t literal_leaf(gql_coerce_t *c,
    const gql_type_t *type, const gql_value_t *literal,
    const base_json_t **out);
static gql_coerce_status_t literal_untyped(gql_coerce_t *c,
    const gql_value_t *literal, const base_json_t **out);
static base_json_t *literal_node(base_arena_t *arena,
    const gql_value_t *literal);


gql_coerce_status_t
gql_coerce_literal(gql_coerce_t *c, const gql_typeref_t *type,
    const gql_value_t *literal, const base_json_t **out,
    gql_coerce_failure_t *failure)
{
    const gql_typeref_t  *nullable = type;

    if (literal->kind == GQL_VALUE_VARIABLE) {
        return literal_variable(c, type, literal, out);
    }

    if (type->kind == GQL_TYPEREF_NON_NULL) {
        nullable = type->of;
    }

    if (literal->kind == GQL_VALUE_NULL) {
        *out = base_json_null(c->arena);

        return nullable != type ? GQL_COERCE_INVALID
               : *out == NULL ? GQL_COERCE_NOMEM : GQL_COERCE_OK;
    }

    if (nullable->kind == GQL_TYPEREF_LIST) {
        return literal_list(c, nullable->of, literal, out, failure);
    }

    if (nullable->type->kind == GQL_TYPE_INPUT_OBJECT) {
        return literal_object(c, nullable->type, literal, out, failure);
    }

    return literal_leaf(c, nullable->type, literal, out);
}


base_json_t *
gql_coerce_limit_extensions(gql_coerce_t *c)
{
    base_json_t  *object = base_json_object(c->arena);
    base_json_t  *name = base_json_string(c->arena, BASE_STR("list_items"));
    base_json_t  *max = base_json_int(c->arena, c->list_items_max);

    if (object == NULL || name == NULL || max == NULL) {
        return NULL;
    }

    base_json_add(object, BASE_STR("limit"), name);
    base_json_add(object, BASE_STR("max"), max);

    return object;
}


/* A variable's value has been coerced to a type that fits here: only null is
 * left to look at. */
static gql_coerce_status_t
literal_variable(gql_coerce_t *c, const gql_typeref_t *type,
    const gql_value_t *literal, const base_json_t **out)
{
    const base_json_t  *value = gql_variable_value(c->variables, literal);

    if (value == NULL) {
        return GQL_COERCE_ABSENT;
    }

    if (value->type == BASE_JSON_NULL && gql_typeref_is_non_null(type)) {
        return GQL_COERCE_INVALID;
    }

    *out = value;
    return GQL_COERCE_OK;
}


static gql_coerce_status_t
literal_list(gql_coerce_t *c, const gql_typeref_t *item_type,
    const gql_value_t *literal, const base_json_t **out,
    gql_coerce_failure_t *failure)
{
    base_json_t          *list;
    const gql_value_t    *item;
    gql_coerce_status_t   status;

    list = base_json_array(c->arena);
    if (list == NULL) {
        return GQL_COERCE_NOMEM;
    }

    *out = list;

    if (literal->kind != GQL_VALUE_LIST) {
        return literal_item(c, item_type, literal, list, failure);
    }

    if (literal->count > c->list_items) {
        c->list_items = literal->count;
    }

    if (c->list_items_max != 0 && literal->count > c->list_items_max) {
        failure->code = GQL_CODE_LIMIT;
        failure->message = base_arena_printf(c->arena,
                               "A list may have at most %u items.",
                               c->list_items_max);
        failure->extensions = gql_coerce_limit_extensions(c);
        return GQL_COERCE_REFUSED;
    }

    for (item = literal->first; item != NULL; item = item->next) {
        status = literal_item(c, item_type, item, list, failure);
        if (status != GQL_COERCE_OK) {
            return status;
        }
    }

    return GQL_COERCE_OK;
}


static gql_coerce_status_t
literal_item(gql_coerce_t *c, const gql_typeref_t *item_type,
    const gql_value_t *literal, base_json_t *list,
    gql_coerce_failure_t *failure)
{
    base_json_t          *node;
    const base_json_t    *value = NULL;
    gql_coerce_status_t   status;

    status = gql_coerce_literal(c, item_type, literal, &value, failure);

    if (status == GQL_COERCE_ABSENT) {
        if (gql_typeref_is_non_null(item_type)) {
            return GQL_COERCE_INVALID;
        }

        node = base_json_null(c->arena);

    } else if (status != GQL_COERCE_OK) {
        return status;

    } else {
        node = base_json_share(c->arena, value);
    }

    if (node == NULL) {
        return GQL_COERCE_NOMEM;
    }

    base_json_append(list, node);
    return GQL_COERCE_OK;
}


static gql_coerce_status_t
literal_object(gql_coerce_t *c, const gql_type_t *type,
    const gql_value_t *literal, const base_json_t **out,
    gql_coerce_failure_t *failure)
{
    uint32_t              i;
    base_json_t          *object;
    const gql_value_t    *field;
    gql_coerce_status_t   status;

    if (literal->kind != GQL_VALUE_OBJECT) {
        return GQL_COERCE_INVALID;
    }

    object = base_json_object(c->arena);
    if (object == NULL) {
        return GQL_COERCE_NOMEM;
    }

    *out = object;

    for (i = 0; i < type->input_count; i++) {
        field = literal->first;
        while (field != NULL
               && !base_str_eq(field->name, type->inputs[i].name))
        {
            field = field->next;
        }

        status = literal_field(c, &type->inputs[i], field, object, failure);
        if (status != GQL_COERCE_OK) {
            return status;
        }
    }

    if (type->one_of
        && (object->count != 1
            || object->members.first->type == BASE_JSON_NULL))
    {
        return GQL_COERCE_INVALID;
    }

    return GQL_COERCE_OK;
}


/* literal is NULL where the object has no such field. */
static gql_coerce_status_t
literal_field(gql_coerce_t *c, const gql_input_t *input,
    const gql_value_t *literal, base_json_t *object,
    gql_coerce_failure_t *failure)
{
    base_json_t          *node;
    const base_json_t    *value = NULL;
    gql_coerce_status_t   status = GQL_COERCE_ABSENT;

    if (literal != NULL) {
        status = gql_coerce_literal(c, input->type, literal, &value, failure);
    }

    if (status == GQL_COERCE_ABSENT) {
        if (input->default_json == NULL) {
            return gql_typeref_is_non_null(input->type) ? GQL_COERCE_INVALID
                                                        : GQL_COERCE_OK;
        }

        value = input->default_json;

    } else if (status != GQL_COERCE_OK) {
        return status;

    } else if (input->constraint != NULL
               && !gql_constraint_check(input->constraint, value, c->arena,
                                        &failure->message))
    {
        failure->code = GQL_CODE_CONSTRAINT;
        failure->message = base_arena_printf(c->arena, "Field \"%.*s\": %.*s",
                               BASE_STR_ARG(input->name),
                               BASE_STR_ARG(failure->message));
        return GQL_COERCE_REFUSED;
    }

    node = base_json_share(c->arena, value);
    if (node == NULL) {
        return GQL_COERCE_NOMEM;
    }

    base_json_add(object, input->name, node);
    return GQL_COERCE_OK;
}


static gql_coerce_status_t
literal_leaf(gql_coerce_t *c, const gql_type_t *type,
    const gql_value_t *literal, const base_json_t **out)
{
    base_json_t  *node;

    if (type->kind == GQL_TYPE_ENUM) {
        if (literal->kind != GQL_VALUE_ENUM
            || gql_type_value(type, literal->text) == NULL)
        {
            return GQL_COERCE_INVALID;
        }

        *out = base_json_string(c->arena, literal->text);
        return *out == NULL ? GQL_COERCE_NOMEM : GQL_COERCE_OK;
    }

    if (!gql_scalar_literal_kind(type->scalar, literal->kind)) {
        return GQL_COERCE_INVALID;
    }

    if (type->scalar == GQL_SCALAR_CUSTOM) {
        return literal_untyped(c, literal, out);
    }

    node = literal_node(c->arena, literal);
    if (node == NULL) {
        return GQL_COERCE_NOMEM;
    }

    *out = NULL;

    if (gql_scalar_accept(type, c->arena, node, out) != NULL) {
        return GQL_COERCE_INVALID;
    }

    return *out == NULL ? GQL_COERCE_NOMEM : GQL_COERCE_OK;
}


/* A custom scalar takes any literal, as the JSON it looks like; an absent
 * variable in it is null. */
static gql_coerce_status_t
literal_untyped(gql_coerce_t *c, const gql_value_t *literal,
    const base_json_t **out)
{
    base_json_t          *node, *member;
    const base_json_t    *value = NULL;
    const gql_value_t    *item;
    gql_coerce_status_t   status;

    if (literal->kind == GQL_VALUE_VARIABLE) {
        *out = gql_variable_value(c->variables, literal);
        if (*out == NULL) {
            *out = base_json_null(c->arena);
        }

        return *out == NULL ? GQL_COERCE_NOMEM : GQL_COERCE_OK;
    }

    node = literal_node(c->arena, literal);
    if (node == NULL) {
        return GQL_COERCE_NOMEM;
    }

    for (item = literal->first; item != NULL; item = item->next) {
        status = literal_untyped(c, item, &value);
        if (status != GQL_COERCE_OK) {
            return status;
        }

        member = base_json_share(c->arena, value);
        if (member == NULL) {
            return GQL_COERCE_NOMEM;
        }

        if (literal->kind == GQL_VALUE_OBJECT) {
            base_json_add(node, item->name, member);

        } else {
            base_json_append(node, member);
        }
    }

    *out = node;
    return GQL_COERCE_OK;
}


/* The JSON of a literal without its members; literals of numbers are JSON. */
static base_json_t *
literal_node(base_arena_t *arena, const gql_value_t *literal)
{
    switch (literal->kind) {

    case GQL_VALUE_INT:
    case GQL_VALUE_FLOAT:
        return base_json_number(arena, literal->text);

    case GQL_VALUE_STRING:
    case GQL_VALUE_ENUM:
        return base_json_string(arena, literal->text);

    case GQL_VALUE_BOOLEAN:
        return base_json_boolean(arena, literal->boolean);

    case GQL_VALUE_LIST:
        return base_json_array(arena);

    case GQL_VALUE_OBJECT:
        return base_json_object(arena);

    default:
        return base_json_null(arena);
    }
}
