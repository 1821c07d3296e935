/* SPDX-License-Identifier: BSD-2-Clause */

/* The parser of the schema language: definitions and extensions.  Their
 * members are in sdl_members.c.  Bottom-up but for the table in front. */

#include "graphql/sdl.h"


typedef bool (*gql_sdl_body_fn)(gql_parser_t *parser, gql_sdl_def_t *def);

typedef struct {
    base_str_t        keyword;
    gql_sdl_kind_t    kind;
    gql_type_kind_t   type_kind;
    gql_sdl_body_fn   body;             /* what follows the keyword */
} gql_sdl_keyword_t;


static bool gql_sdl_schema(gql_parser_t *parser, gql_sdl_def_t *def);
static bool gql_sdl_scalar(gql_parser_t *parser, gql_sdl_def_t *def);
static bool gql_sdl_object(gql_parser_t *parser, gql_sdl_def_t *def);
static bool gql_sdl_union(gql_parser_t *parser, gql_sdl_def_t *def);
static bool gql_sdl_enum(gql_parser_t *parser, gql_sdl_def_t *def);
static bool gql_sdl_input_object(gql_parser_t *parser, gql_sdl_def_t *def);
static bool gql_sdl_directive(gql_parser_t *parser, gql_sdl_def_t *def);


static const gql_sdl_keyword_t  gql_sdl_keywords[] = {
    { BASE_STR_INIT("schema"), GQL_SDL_SCHEMA, 0, gql_sdl_schema },
    { BASE_STR_INIT("scalar"), GQL_SDL_TYPE, GQL_TYPE_SCALAR, gql_sdl_scalar },
    { BASE_STR_INIT("type"), GQL_SDL_TYPE, GQL_TYPE_OBJECT, gql_sdl_object },
    { BASE_STR_INIT("interface"), GQL_SDL_TYPE, GQL_TYPE_INTERFACE,
      gql_sdl_object },
    { BASE_STR_INIT("union"), GQL_SDL_TYPE, GQL_TYPE_UNION, gql_sdl_union },
    { BASE_STR_INIT("enum"), GQL_SDL_TYPE, GQL_TYPE_ENUM, gql_sdl_enum },
    { BASE_STR_INIT("input"), GQL_SDL_TYPE, GQL_TYPE_INPUT_OBJECT,
      gql_sdl_input_object },
    { BASE_STR_INIT("directive"), GQL_SDL_DIRECTIVE, 0, gql_sdl_directive }
};

#define GQL_SDL_KEYWORDS                                                      \
    (sizeof(gql_sdl_keywords) / sizeof(gql_sdl_keywords[0]))


static const gql_sdl_keyword_t *
gql_sdl_keyword(const gql_parser_t *parser)
{
    size_t  i;

    for (i = 0; i < GQL_SDL_KEYWORDS; i++) {
        if (gql_parser_at_keyword(parser, gql_sdl_keywords[i].keyword)) {
            return &gql_sdl_keywords[i];
        }
    }

    return NULL;
}


bool
gql_sdl_at_definition(const gql_parser_t *parser)
{
    return gql_sdl_keyword(parser) != NULL
           || gql_parser_at_keyword(parser, BASE_STR("extend"));
}


/* TypeSystemExtensionDocument : TypeSystemDefinitionOrExtension+ */
gql_sdl_def_t *
gql_sdl_document(gql_parser_t *parser)
{
    uint32_t        offset;
    base_str_t      description;
    gql_sdl_def_t  *def, *first = NULL, **tail = &first;

    while (!parser->failed && parser->token.kind != GQL_TOKEN_EOF) {
        offset = parser->token.offset;
        description = base_str(NULL, 0);

        if (!gql_parser_description(parser, &description)) {
            return NULL;
        }

        def = gql_sdl_definition(parser, description, offset);
        if (def == NULL) {
            return NULL;
        }

        *tail = def;
        tail = &def->next;
    }

    return parser->failed ? NULL : first;
}


gql_sdl_def_t *
gql_sdl_definition(gql_parser_t *parser, base_str_t description,
    uint32_t offset)
{
    gql_sdl_def_t            *def;
    const gql_sdl_keyword_t  *keyword;

    def = gql_parser_alloc(parser, sizeof(gql_sdl_def_t));
    if (def == NULL) {
        return NULL;
    }

    def->offset = offset;
    def->description = description;

    if (gql_parser_at_keyword(parser, BASE_STR("extend"))) {
        if (description.data != NULL) {
            gql_parser_fail(parser, offset,
                            "Unexpected description, only GraphQL definitions "
                            "support descriptions.");
            return NULL;
        }

        def->extend = true;
        gql_parser_advance(parser);
    }

    keyword = gql_sdl_keyword(parser);

    if (keyword == NULL
        || (def->extend && keyword->kind == GQL_SDL_DIRECTIVE))
    {
        gql_parser_unexpected(parser);
        return NULL;
    }

    gql_parser_advance(parser);

    def->kind = keyword->kind;
    def->type_kind = keyword->type_kind;
    def->name_offset = parser->token.offset;

    return keyword->body(parser, def) && !parser->failed ? def : NULL;
}


/* An extension must add something. */
static bool
gql_sdl_extends(gql_parser_t *parser, const gql_sdl_def_t *def, bool adds)
{
    if (!parser->failed && def->extend && !adds) {
        gql_parser_unexpected(parser);
    }

    return !parser->failed;
}


/* SchemaDefinition, SchemaExtension: schema Directives { query: T ... } */
static bool
gql_sdl_schema(gql_parser_t *parser, gql_sdl_def_t *def)
{
    gql_sdl_name_t   *root, **tail = &def->names;

    def->name_offset = def->offset;
    def->directives = gql_parser_directives(parser, GQL_CONSTANT);

    if (def->extend && def->directives != NULL
        && parser->token.kind != GQL_TOKEN_BRACE_L)
    {
        return !parser->failed;
    }

    if (!gql_parser_enter(parser, GQL_TOKEN_BRACE_L)) {
        return false;
    }

    do {
        root = gql_parser_alloc(parser, sizeof(gql_sdl_name_t));
        if (root == NULL) {
            return false;
        }

        root->offset = parser->token.offset;

        if (parser->token.kind != GQL_TOKEN_NAME
            || !gql_operation_keyword(parser->token.text, &root->operation))
        {
            gql_parser_unexpected(parser);
            return false;
        }

        gql_parser_advance(parser);

        if (!gql_parser_expect(parser, GQL_TOKEN_COLON)) {
            return false;
        }

        root->type.offset = parser->token.offset;

        if (!gql_parser_name(parser, &root->type.name)) {
            return false;
        }

        *tail = root;
        tail = &root->next;
    } while (!gql_parser_skip(parser, GQL_TOKEN_BRACE_R));

    gql_parser_leave(parser);
    return true;
}


/* ScalarTypeDefinition */
static bool
gql_sdl_scalar(gql_parser_t *parser, gql_sdl_def_t *def)
{
    if (!gql_parser_name(parser, &def->name)) {
        return false;
    }

    def->directives = gql_parser_directives(parser, GQL_CONSTANT);
    return gql_sdl_extends(parser, def, def->directives != NULL);
}


/* ObjectTypeDefinition, InterfaceTypeDefinition:
 * Name ImplementsInterfaces? Directives? FieldsDefinition? */
static bool
gql_sdl_object(gql_parser_t *parser, gql_sdl_def_t *def)
{
    if (!gql_parser_name(parser, &def->name)) {
        return false;
    }

    if (gql_parser_skip_keyword(parser, BASE_STR("implements"))) {
        def->interfaces = gql_sdl_separated(parser, GQL_TOKEN_AMP);
    }

    def->directives = gql_parser_directives(parser, GQL_CONSTANT);
    def->fields = gql_sdl_fields(parser);

    return gql_sdl_extends(parser, def,
                           def->interfaces != NULL || def->directives != NULL
                           || def->fields != NULL);
}


/* UnionTypeDefinition: Name Directives? = A | B */
static bool
gql_sdl_union(gql_parser_t *parser, gql_sdl_def_t *def)
{
    if (!gql_parser_name(parser, &def->name)) {
        return false;
    }

    def->directives = gql_parser_directives(parser, GQL_CONSTANT);

    if (gql_parser_skip(parser, GQL_TOKEN_EQUALS)) {
        def->names = gql_sdl_separated(parser, GQL_TOKEN_PIPE);
    }

    return gql_sdl_extends(parser, def,
                           def->directives != NULL || def->names != NULL);
}


/* EnumTypeDefinition: Name Directives? { EnumValueDefinition+ } */
static bool
gql_sdl_enum(gql_parser_t *parser, gql_sdl_def_t *def)
{
    if (!gql_parser_name(parser, &def->name)) {
        return false;
    }

    def->directives = gql_parser_directives(parser, GQL_CONSTANT);
    def->values = gql_sdl_values(parser);

    return gql_sdl_extends(parser, def,
                           def->directives != NULL || def->values != NULL);
}


/* InputObjectTypeDefinition: Name Directives? { InputValueDefinition+ } */
static bool
gql_sdl_input_object(gql_parser_t *parser, gql_sdl_def_t *def)
{
    if (!gql_parser_name(parser, &def->name)) {
        return false;
    }

    def->directives = gql_parser_directives(parser, GQL_CONSTANT);
    def->inputs = gql_sdl_inputs(parser, GQL_TOKEN_BRACE_L, GQL_TOKEN_BRACE_R);

    return gql_sdl_extends(parser, def,
                           def->directives != NULL || def->inputs != NULL);
}


/* DirectiveDefinition:
 * @ Name ArgumentsDefinition? repeatable? on DirectiveLocations */
static bool
gql_sdl_directive(gql_parser_t *parser, gql_sdl_def_t *def)
{
    if (!gql_parser_expect(parser, GQL_TOKEN_AT)) {
        return false;
    }

    def->name_offset = parser->token.offset;

    if (!gql_parser_name(parser, &def->name)) {
        return false;
    }

    def->inputs = gql_sdl_inputs(parser, GQL_TOKEN_PAREN_L, GQL_TOKEN_PAREN_R);
    def->repeatable = gql_parser_skip_keyword(parser, BASE_STR("repeatable"));

    if (!gql_parser_expect_keyword(parser, BASE_STR("on"))) {
        return false;
    }

    def->names = gql_sdl_separated(parser, GQL_TOKEN_PIPE);
    return def->names != NULL;
}
