/* SPDX-License-Identifier: BSD-2-Clause */

/* The parser of the schema language: fields, arguments, enum values and lists
 * of names. */

#include "graphql/sdl.h"


static gql_sdl_field_t *gql_sdl_field(gql_parser_t *parser);
static gql_sdl_input_t *gql_sdl_input(gql_parser_t *parser);
static gql_sdl_value_t *gql_sdl_value(gql_parser_t *parser);


/* FieldsDefinition : { FieldDefinition+ } */
gql_sdl_field_t *
gql_sdl_fields(gql_parser_t *parser)
{
    gql_sdl_field_t  *field, *first = NULL, **tail = &first;

    if (parser->failed || parser->token.kind != GQL_TOKEN_BRACE_L
        || !gql_parser_enter(parser, GQL_TOKEN_BRACE_L))
    {
        return NULL;
    }

    do {
        field = gql_sdl_field(parser);
        if (field == NULL) {
            return NULL;
        }

        *tail = field;
        tail = &field->next;
    } while (!gql_parser_skip(parser, GQL_TOKEN_BRACE_R));

    gql_parser_leave(parser);
    return first;
}


/* FieldDefinition :
 * Description? Name ArgumentsDefinition? : Type Directives? */
static gql_sdl_field_t *
gql_sdl_field(gql_parser_t *parser)
{
    gql_field_t      *field;
    gql_sdl_field_t  *item;

    item = gql_parser_alloc(parser, sizeof(gql_sdl_field_t));
    if (item == NULL) {
        return NULL;
    }

    field = &item->field;

    if (!gql_parser_description(parser, &field->description)) {
        return NULL;
    }

    field->offset = parser->token.offset;

    if (!gql_parser_name(parser, &field->name)) {
        return NULL;
    }

    item->arguments = gql_sdl_inputs(parser, GQL_TOKEN_PAREN_L,
                                     GQL_TOKEN_PAREN_R);

    if (!gql_parser_expect(parser, GQL_TOKEN_COLON)) {
        return NULL;
    }

    field->type = gql_parser_type(parser);
    field->directives = gql_parser_directives(parser, GQL_CONSTANT);
    return parser->failed ? NULL : item;
}


/* ArgumentsDefinition, InputFieldsDefinition: one or more in parentheses or
 * braces; NULL where nothing opens. */
gql_sdl_input_t *
gql_sdl_inputs(gql_parser_t *parser, gql_token_kind_t open,
    gql_token_kind_t close)
{
    gql_sdl_input_t  *input, *first = NULL, **tail = &first;

    if (!gql_parser_skip(parser, open)) {
        return NULL;
    }

    do {
        input = gql_sdl_input(parser);
        if (input == NULL) {
            return NULL;
        }

        *tail = input;
        tail = &input->next;
    } while (!gql_parser_skip(parser, close));

    return first;
}


/* InputValueDefinition :
 * Description? Name : Type DefaultValue? Directives? */
static gql_sdl_input_t *
gql_sdl_input(gql_parser_t *parser)
{
    gql_input_t      *input;
    gql_sdl_input_t  *item;

    item = gql_parser_alloc(parser, sizeof(gql_sdl_input_t));
    if (item == NULL) {
        return NULL;
    }

    input = &item->input;

    if (!gql_parser_description(parser, &input->description)) {
        return NULL;
    }

    input->offset = parser->token.offset;

    if (!gql_parser_name(parser, &input->name)
        || !gql_parser_expect(parser, GQL_TOKEN_COLON))
    {
        return NULL;
    }

    input->type = gql_parser_type(parser);

    if (gql_parser_skip(parser, GQL_TOKEN_EQUALS)) {
        input->default_value = gql_parser_value(parser, GQL_CONSTANT);
    }

    input->directives = gql_parser_directives(parser, GQL_CONSTANT);
    return parser->failed ? NULL : item;
}


/* EnumValuesDefinition : { EnumValueDefinition+ } */
gql_sdl_value_t *
gql_sdl_values(gql_parser_t *parser)
{
    gql_sdl_value_t  *value, *first = NULL, **tail = &first;

    if (parser->failed || parser->token.kind != GQL_TOKEN_BRACE_L
        || !gql_parser_enter(parser, GQL_TOKEN_BRACE_L))
    {
        return NULL;
    }

    do {
        value = gql_sdl_value(parser);
        if (value == NULL) {
            return NULL;
        }

        *tail = value;
        tail = &value->next;
    } while (!gql_parser_skip(parser, GQL_TOKEN_BRACE_R));

    gql_parser_leave(parser);
    return first;
}


/* EnumValueDefinition : Description? EnumValue Directives? */
static gql_sdl_value_t *
gql_sdl_value(gql_parser_t *parser)
{
    gql_enum_value_t  *value;
    gql_sdl_value_t   *item;

    item = gql_parser_alloc(parser, sizeof(gql_sdl_value_t));
    if (item == NULL) {
        return NULL;
    }

    value = &item->value;

    if (!gql_parser_description(parser, &value->description)) {
        return NULL;
    }

    value->offset = parser->token.offset;

    if (gql_parser_at_keyword(parser, BASE_STR("true"))
        || gql_parser_at_keyword(parser, BASE_STR("false"))
        || gql_parser_at_keyword(parser, BASE_STR("null")))
    {
        gql_parser_fail(parser, value->offset,
                        "Name \"%.*s\" is reserved and cannot be used for an "
                        "enum value.", BASE_STR_ARG(parser->token.text));
        return NULL;
    }

    if (!gql_parser_name(parser, &value->name)) {
        return NULL;
    }

    value->directives = gql_parser_directives(parser, GQL_CONSTANT);
    return parser->failed ? NULL : item;
}


gql_sdl_name_t *
gql_sdl_separated(gql_parser_t *parser, gql_token_kind_t separator)
{
    gql_sdl_name_t  *name, *first = NULL, **tail = &first;

    (void) gql_parser_skip(parser, separator);

    do {
        name = gql_parser_alloc(parser, sizeof(gql_sdl_name_t));
        if (name == NULL) {
            return NULL;
        }

        name->offset = parser->token.offset;
        name->type.offset = name->offset;

        if (!gql_parser_name(parser, &name->type.name)) {
            return NULL;
        }

        *tail = name;
        tail = &name->next;
    } while (gql_parser_skip(parser, separator));

    return parser->failed ? NULL : first;
}
