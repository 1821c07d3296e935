/* SPDX-License-Identifier: BSD-2-Clause */

/* The common parts of both grammars: descriptions, values, types, arguments
 * and directives. */

#include "graphql/parser.h"


static bool gql_parser_variable(gql_parser_t *parser, gql_value_t *value,
    gql_constness_t constness);
static bool gql_parser_list(gql_parser_t *parser, gql_value_t *value,
    gql_constness_t constness);
static bool gql_parser_object(gql_parser_t *parser, gql_value_t *value,
    gql_constness_t constness);
static void gql_parser_name_value(gql_parser_t *parser, gql_value_t *value);
static gql_argument_t *gql_parser_argument(gql_parser_t *parser,
    gql_constness_t constness);
static gql_directive_t *gql_parser_directive(gql_parser_t *parser,
    gql_constness_t constness);


/* Description : StringValue */
bool
gql_parser_description(gql_parser_t *parser, base_str_t *text)
{
    if (parser->failed || (parser->token.kind != GQL_TOKEN_STRING
                           && parser->token.kind != GQL_TOKEN_BLOCK_STRING))
    {
        return !parser->failed;
    }

    if (!gql_token_string(parser->arena, &parser->token, text)) {
        gql_parser_nomem(parser);
        return false;
    }

    gql_parser_advance(parser);
    return !parser->failed;
}


/*
 * Value : Variable | IntValue | FloatValue | StringValue | BooleanValue
 *         | NullValue | EnumValue | ListValue | ObjectValue
 */
gql_value_t *
gql_parser_value(gql_parser_t *parser, gql_constness_t constness)
{
    bool          parsed = true;
    gql_value_t  *value;

    value = gql_parser_alloc(parser, sizeof(gql_value_t));
    if (value == NULL) {
        return NULL;
    }

    value->offset = parser->token.offset;
    value->text = parser->token.text;

    switch (parser->token.kind) {
    case GQL_TOKEN_DOLLAR:
        parsed = gql_parser_variable(parser, value, constness);
        break;

    case GQL_TOKEN_BRACKET_L:
        parsed = gql_parser_list(parser, value, constness);
        break;

    case GQL_TOKEN_BRACE_L:
        parsed = gql_parser_object(parser, value, constness);
        break;

    case GQL_TOKEN_INT:
        value->kind = GQL_VALUE_INT;
        gql_parser_advance(parser);
        break;

    case GQL_TOKEN_FLOAT:
        value->kind = GQL_VALUE_FLOAT;
        gql_parser_advance(parser);
        break;

    case GQL_TOKEN_STRING:
    case GQL_TOKEN_BLOCK_STRING:
        value->kind = GQL_VALUE_STRING;
        value->block = parser->token.kind == GQL_TOKEN_BLOCK_STRING;
        parsed = gql_parser_description(parser, &value->text);
        break;

    case GQL_TOKEN_NAME:
        gql_parser_name_value(parser, value);
        break;

    default:
        gql_parser_unexpected(parser);
    }

    return parsed && !parser->failed ? value : NULL;
}


/* Variable : $ Name */
static bool
gql_parser_variable(gql_parser_t *parser, gql_value_t *value,
    gql_constness_t constness)
{
    value->kind = GQL_VALUE_VARIABLE;
    gql_parser_advance(parser);

    if (constness == GQL_CONSTANT) {
        if (!parser->failed && parser->token.kind == GQL_TOKEN_NAME) {
            gql_parser_fail(parser, value->offset,
                            "Unexpected variable \"$%.*s\" in constant value.",
                            BASE_STR_ARG(parser->token.text));

        } else {
            gql_parser_fail(parser, value->offset, "Unexpected \"$\".");
        }

        return false;
    }

    return gql_parser_name(parser, &value->text);
}


/* ListValue : [ Value* ] */
static bool
gql_parser_list(gql_parser_t *parser, gql_value_t *value,
    gql_constness_t constness)
{
    gql_value_t  *item, **tail = &value->first;

    value->kind = GQL_VALUE_LIST;

    if (!gql_parser_enter(parser, GQL_TOKEN_BRACKET_L)) {
        return false;
    }

    while (!gql_parser_skip(parser, GQL_TOKEN_BRACKET_R)) {
        item = gql_parser_value(parser, constness);
        if (item == NULL) {
            return false;
        }

        *tail = item;
        tail = &item->next;
        value->count++;
    }

    gql_parser_leave(parser);
    return true;
}


/* ObjectValue : { ObjectField* }, ObjectField : Name : Value */
static bool
gql_parser_object(gql_parser_t *parser, gql_value_t *value,
    gql_constness_t constness)
{
    uint32_t      offset;
    base_str_t    name;
    gql_value_t  *field, **tail = &value->first;

    value->kind = GQL_VALUE_OBJECT;

    if (!gql_parser_enter(parser, GQL_TOKEN_BRACE_L)) {
        return false;
    }

    while (!gql_parser_skip(parser, GQL_TOKEN_BRACE_R)) {
        offset = parser->token.offset;

        if (!gql_parser_name(parser, &name)
            || !gql_parser_expect(parser, GQL_TOKEN_COLON))
        {
            return false;
        }

        field = gql_parser_value(parser, constness);
        if (field == NULL) {
            return false;
        }

        field->name = name;
        field->name_offset = offset;
        *tail = field;
        tail = &field->next;
        value->count++;
    }

    gql_parser_leave(parser);
    return true;
}


/* BooleanValue, NullValue, EnumValue */
static void
gql_parser_name_value(gql_parser_t *parser, gql_value_t *value)
{
    if (base_str_eq(value->text, BASE_STR("true"))
        || base_str_eq(value->text, BASE_STR("false")))
    {
        value->kind = GQL_VALUE_BOOLEAN;
        value->boolean = value->text.len == 4;

    } else if (base_str_eq(value->text, BASE_STR("null"))) {
        value->kind = GQL_VALUE_NULL;

    } else {
        value->kind = GQL_VALUE_ENUM;
    }

    gql_parser_advance(parser);
}


/* Type : NamedType | [ Type ] | NamedType ! | [ Type ] ! */
gql_typeref_t *
gql_parser_type(gql_parser_t *parser)
{
    gql_typeref_t  *type, *outer;

    if (!parser->failed && parser->token.kind == GQL_TOKEN_BRACKET_L) {
        type = gql_parser_alloc(parser, sizeof(gql_typeref_t));
        if (type == NULL) {
            return NULL;
        }

        type->kind = GQL_TYPEREF_LIST;
        type->offset = parser->token.offset;

        if (!gql_parser_enter(parser, GQL_TOKEN_BRACKET_L)) {
            return NULL;
        }

        type->of = gql_parser_type(parser);
        if (type->of == NULL
            || !gql_parser_expect(parser, GQL_TOKEN_BRACKET_R))
        {
            return NULL;
        }

        gql_parser_leave(parser);

    } else {
        type = gql_parser_named_type(parser);
        if (type == NULL) {
            return NULL;
        }
    }

    if (!gql_parser_skip(parser, GQL_TOKEN_BANG)) {
        return parser->failed ? NULL : type;
    }

    outer = gql_parser_alloc(parser, sizeof(gql_typeref_t));
    if (outer == NULL) {
        return NULL;
    }

    outer->kind = GQL_TYPEREF_NON_NULL;
    outer->offset = type->offset;
    outer->of = type;
    return outer;
}


/* NamedType : Name */
gql_typeref_t *
gql_parser_named_type(gql_parser_t *parser)
{
    gql_typeref_t  *type;

    type = gql_parser_alloc(parser, sizeof(gql_typeref_t));
    if (type == NULL) {
        return NULL;
    }

    type->kind = GQL_TYPEREF_NAMED;
    type->offset = parser->token.offset;
    return gql_parser_name(parser, &type->name) ? type : NULL;
}


/* Arguments : ( Argument+ ) */
gql_argument_t *
gql_parser_arguments(gql_parser_t *parser, gql_constness_t constness)
{
    gql_argument_t  *argument, *first = NULL, **tail = &first;

    if (!gql_parser_skip(parser, GQL_TOKEN_PAREN_L)) {
        return NULL;
    }

    do {
        argument = gql_parser_argument(parser, constness);
        if (argument == NULL) {
            return NULL;
        }

        *tail = argument;
        tail = &argument->next;
    } while (!gql_parser_skip(parser, GQL_TOKEN_PAREN_R));

    return first;
}


/* Argument : Name : Value */
static gql_argument_t *
gql_parser_argument(gql_parser_t *parser, gql_constness_t constness)
{
    gql_argument_t  *argument;

    argument = gql_parser_alloc(parser, sizeof(gql_argument_t));
    if (argument == NULL) {
        return NULL;
    }

    argument->offset = parser->token.offset;

    if (!gql_parser_name(parser, &argument->name)
        || !gql_parser_expect(parser, GQL_TOKEN_COLON))
    {
        return NULL;
    }

    argument->value = gql_parser_value(parser, constness);
    return argument->value == NULL ? NULL : argument;
}


/* Directives : Directive* */
gql_directive_t *
gql_parser_directives(gql_parser_t *parser, gql_constness_t constness)
{
    gql_directive_t  *directive, *first = NULL, **tail = &first;

    while (!parser->failed && parser->token.kind == GQL_TOKEN_AT) {
        directive = gql_parser_directive(parser, constness);
        if (directive == NULL) {
            return NULL;
        }

        *tail = directive;
        tail = &directive->next;
    }

    return first;
}


/* Directive : @ Name Arguments? */
static gql_directive_t *
gql_parser_directive(gql_parser_t *parser, gql_constness_t constness)
{
    gql_directive_t  *directive;

    directive = gql_parser_alloc(parser, sizeof(gql_directive_t));
    if (directive == NULL) {
        return NULL;
    }

    directive->offset = parser->token.offset;

    if (!gql_parser_expect(parser, GQL_TOKEN_AT)
        || !gql_parser_name(parser, &directive->name))
    {
        return NULL;
    }

    directive->arguments = gql_parser_arguments(parser, constness);
    return parser->failed ? NULL : directive;
}
