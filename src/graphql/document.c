/* SPDX-License-Identifier: BSD-2-Clause */

/* The parser of executable documents (Language: Document). */

#include "base/utf8.h"

#include "graphql/limits.h"
#include "graphql/sdl.h"


#define GQL_DOCUMENT_BYTES_CEILING  (1U << 30)      /* offsets are 32 bits */


typedef struct {
    gql_document_t    *document;
    gql_operation_t  **operations;      /* where the next one goes */
    gql_fragment_t   **fragments;
} gql_builder_t;


static bool gql_document_definitions(gql_parser_t *parser,
    gql_document_t *document);
static bool gql_document_definition(gql_parser_t *parser,
    gql_builder_t *builder);
static bool gql_document_operation(gql_parser_t *parser,
    gql_builder_t *builder, base_str_t description, uint32_t offset);
static bool gql_document_fragment(gql_parser_t *parser,
    gql_builder_t *builder, base_str_t description, uint32_t offset);
static bool gql_document_type_system(gql_parser_t *parser,
    gql_document_t *document, base_str_t description, uint32_t offset);
static bool gql_document_fragment_name(gql_parser_t *parser,
    base_str_t *name);
static bool gql_document_variables(gql_parser_t *parser,
    gql_operation_t *operation);
static gql_variable_t *gql_document_variable(gql_parser_t *parser);
static gql_selection_t *gql_document_selections(gql_parser_t *parser);
static gql_selection_t *gql_document_field(gql_parser_t *parser);
static gql_selection_t *gql_document_spread(gql_parser_t *parser);


static const base_str_t  gql_operation_kinds[] = {
    [GQL_QUERY] = BASE_STR_INIT("query"),
    [GQL_MUTATION] = BASE_STR_INIT("mutation"),
    [GQL_SUBSCRIPTION] = BASE_STR_INIT("subscription")
};


base_str_t
gql_operation_kind_text(gql_operation_kind_t kind)
{
    return gql_operation_kinds[kind];
}


bool
gql_operation_keyword(base_str_t keyword, gql_operation_kind_t *kind)
{
    size_t  i;

    for (i = 0; i <= GQL_SUBSCRIPTION; i++) {
        if (base_str_eq(keyword, gql_operation_kinds[i])) {
            *kind = (gql_operation_kind_t) i;
            return true;
        }
    }

    return false;
}


gql_document_t *
gql_document_parse(base_arena_t *arena, base_str_t text,
    const gql_limits_t *limits, gql_errors_t *errors)
{
    size_t           bad;
    uint32_t         max;
    gql_parser_t     parser;
    gql_report_t     report;
    gql_document_t  *document;

    max = limits == NULL ? 0 : limits->document_bytes;
    max = max == 0 || max > GQL_DOCUMENT_BYTES_CEILING
          ? GQL_DOCUMENT_BYTES_CEILING : max;

    if (text.len > max) {
        gql_limit_exceeded(errors, BASE_STR("document_bytes"), max);
        return NULL;
    }

    report = (gql_report_t) {
        .errors = errors,
        .code = GQL_CODE_PARSE,
        .source = text
    };

    if (!base_utf8_valid(text, &bad)) {
        (void) gql_report(&report, (uint32_t) bad,
                          "Syntax Error: The document is not valid UTF-8.");
        return NULL;
    }

    document = base_arena_zalloc(arena, sizeof(gql_document_t));
    if (document == NULL) {
        errors->nomem = true;
        return NULL;
    }

    document->source = text;
    document->arena = arena;
    document->type_system_offset = UINT32_MAX;

    gql_parser_init(&parser, arena, &report, limits);

    if (!gql_document_definitions(&parser, document)) {
        return NULL;
    }

    document->tokens = parser.tokens;
    document->measured.document_bytes = (uint32_t) text.len;
    document->measured.tokens = parser.tokens;
    document->measured.nesting = parser.depth_seen;
    return document;
}


/* Document : Definition+ */
static bool
gql_document_definitions(gql_parser_t *parser, gql_document_t *document)
{
    gql_builder_t  builder = {
        .document = document,
        .operations = &document->operations,
        .fragments = &document->fragments
    };

    do {
        if (!gql_document_definition(parser, &builder)) {
            return false;
        }
    } while (parser->token.kind != GQL_TOKEN_EOF);

    return !parser->failed;
}


/* Definition : OperationDefinition | FragmentDefinition
 *              | TypeSystemDefinitionOrExtension */
static bool
gql_document_definition(gql_parser_t *parser, gql_builder_t *builder)
{
    uint32_t              offset;
    base_str_t            description = base_str(NULL, 0);
    gql_operation_kind_t  kind;

    offset = parser->token.offset;

    if (!gql_parser_description(parser, &description)) {
        return false;
    }

    if (parser->token.kind == GQL_TOKEN_BRACE_L && description.data != NULL) {
        gql_parser_fail(parser, offset,
                        "Unexpected description, descriptions are not "
                        "supported on shorthand queries.");
        return false;
    }

    if (parser->token.kind == GQL_TOKEN_BRACE_L
        || (parser->token.kind == GQL_TOKEN_NAME
            && gql_operation_keyword(parser->token.text, &kind)))
    {
        return gql_document_operation(parser, builder, description, offset);
    }

    if (gql_parser_at_keyword(parser, BASE_STR("fragment"))) {
        return gql_document_fragment(parser, builder, description, offset);
    }

    if (gql_sdl_at_definition(parser)) {
        return gql_document_type_system(parser, builder->document,
                                        description, offset);
    }

    if (description.data != NULL && parser->token.kind == GQL_TOKEN_NAME) {
        gql_parser_fail(parser, offset,
                        "Unexpected description, only GraphQL definitions "
                        "support descriptions.");
    }

    gql_parser_unexpected(parser);
    return false;
}


/* OperationDefinition :
 * Description? OperationType Name? VariablesDefinition? Directives?
 * SelectionSet | SelectionSet */
static bool
gql_document_operation(gql_parser_t *parser, gql_builder_t *builder,
    base_str_t description, uint32_t offset)
{
    gql_operation_t  *operation;

    operation = gql_parser_alloc(parser, sizeof(gql_operation_t));
    if (operation == NULL) {
        return false;
    }

    operation->document = builder->document;
    operation->description = description;
    operation->offset = offset;

    if (parser->token.kind == GQL_TOKEN_NAME) {
        (void) gql_operation_keyword(parser->token.text, &operation->kind);
        gql_parser_advance(parser);

        operation->name_offset = parser->token.offset;

        if (parser->token.kind == GQL_TOKEN_NAME) {
            (void) gql_parser_name(parser, &operation->name);
        }

        if (!gql_document_variables(parser, operation)) {
            return false;
        }

        operation->directives = gql_parser_directives(parser,
                                                      GQL_VARIABLES_ALLOWED);
    }

    operation->set_offset = parser->token.offset;
    operation->selections = gql_document_selections(parser);

    *builder->operations = operation;
    builder->operations = &operation->next;
    builder->document->operation_count++;

    return !parser->failed;
}


/* FragmentDefinition :
 * Description? fragment FragmentName TypeCondition Directives? SelectionSet */
static bool
gql_document_fragment(gql_parser_t *parser, gql_builder_t *builder,
    base_str_t description, uint32_t offset)
{
    gql_fragment_t  *fragment;

    fragment = gql_parser_alloc(parser, sizeof(gql_fragment_t));
    if (fragment == NULL) {
        return false;
    }

    fragment->description = description;
    fragment->offset = offset;
    gql_parser_advance(parser);
    fragment->name_offset = parser->token.offset;

    if (!gql_document_fragment_name(parser, &fragment->name)
        || !gql_parser_expect_keyword(parser, BASE_STR("on")))
    {
        return false;
    }

    fragment->condition = gql_parser_named_type(parser);
    fragment->directives = gql_parser_directives(parser,
                                                 GQL_VARIABLES_ALLOWED);
    fragment->set_offset = parser->token.offset;
    fragment->selections = gql_document_selections(parser);

    fragment->index = builder->document->fragment_count++;
    *builder->fragments = fragment;
    builder->fragments = &fragment->next;

    return !parser->failed;
}


/* A definition of the type system is well-formed, but validation refuses it:
 * it is parsed and forgotten. */
static bool
gql_document_type_system(gql_parser_t *parser, gql_document_t *document,
    base_str_t description, uint32_t offset)
{
    gql_sdl_def_t  *def;

    def = gql_sdl_definition(parser, description, offset);
    if (def == NULL) {
        return false;
    }

    if (document->type_system_offset == UINT32_MAX) {
        document->type_system_offset = offset;
        document->type_system_name = def->name;
    }

    return true;
}


/* FragmentName : Name but not on */
static bool
gql_document_fragment_name(gql_parser_t *parser, base_str_t *name)
{
    if (gql_parser_at_keyword(parser, BASE_STR("on"))) {
        gql_parser_unexpected(parser);
        return false;
    }

    return gql_parser_name(parser, name);
}


/* VariablesDefinition : ( VariableDefinition+ ) */
static bool
gql_document_variables(gql_parser_t *parser, gql_operation_t *operation)
{
    gql_variable_t  *variable, **tail = &operation->variables;

    if (!gql_parser_skip(parser, GQL_TOKEN_PAREN_L)) {
        return !parser->failed;
    }

    do {
        variable = gql_document_variable(parser);
        if (variable == NULL) {
            return false;
        }

        variable->index = operation->variable_count++;
        *tail = variable;
        tail = &variable->next;
    } while (!gql_parser_skip(parser, GQL_TOKEN_PAREN_R));

    return true;
}


/* VariableDefinition :
 * Description? Variable : Type DefaultValue? Directives? */
static gql_variable_t *
gql_document_variable(gql_parser_t *parser)
{
    gql_variable_t  *variable;

    variable = gql_parser_alloc(parser, sizeof(gql_variable_t));
    if (variable == NULL
        || !gql_parser_description(parser, &variable->description))
    {
        return NULL;
    }

    variable->offset = parser->token.offset;

    if (!gql_parser_expect(parser, GQL_TOKEN_DOLLAR)
        || !gql_parser_name(parser, &variable->name)
        || !gql_parser_expect(parser, GQL_TOKEN_COLON))
    {
        return NULL;
    }

    variable->type = gql_parser_type(parser);

    if (gql_parser_skip(parser, GQL_TOKEN_EQUALS)) {
        variable->default_value = gql_parser_value(parser, GQL_CONSTANT);
    }

    variable->directives = gql_parser_directives(parser, GQL_CONSTANT);
    return parser->failed ? NULL : variable;
}


/* SelectionSet : { Selection+ } */
static gql_selection_t *
gql_document_selections(gql_parser_t *parser)
{
    gql_selection_t  *selection, *first = NULL, **tail = &first;

    if (!gql_parser_enter(parser, GQL_TOKEN_BRACE_L)) {
        return NULL;
    }

    do {
        selection = parser->token.kind == GQL_TOKEN_SPREAD
                    ? gql_document_spread(parser)
                    : gql_document_field(parser);
        if (selection == NULL) {
            return NULL;
        }

        *tail = selection;
        tail = &selection->next;
    } while (!gql_parser_skip(parser, GQL_TOKEN_BRACE_R));

    gql_parser_leave(parser);
    return first;
}


/* Field : Alias? Name Arguments? Directives? SelectionSet? */
static gql_selection_t *
gql_document_field(gql_parser_t *parser)
{
    gql_selection_t  *field;

    field = gql_parser_alloc(parser, sizeof(gql_selection_t));
    if (field == NULL) {
        return NULL;
    }

    field->kind = GQL_SELECTION_FIELD;
    field->offset = parser->token.offset;

    if (!gql_parser_name(parser, &field->name)) {
        return NULL;
    }

    field->key = field->name;

    if (gql_parser_skip(parser, GQL_TOKEN_COLON)) {
        field->alias = field->name;

        if (!gql_parser_name(parser, &field->name)) {
            return NULL;
        }
    }

    field->arguments = gql_parser_arguments(parser, GQL_VARIABLES_ALLOWED);
    field->directives = gql_parser_directives(parser, GQL_VARIABLES_ALLOWED);

    if (!parser->failed && parser->token.kind == GQL_TOKEN_BRACE_L) {
        field->set_offset = parser->token.offset;
        field->selections = gql_document_selections(parser);
    }

    return parser->failed ? NULL : field;
}


/* FragmentSpread : ... FragmentName Directives?
 * InlineFragment : ... TypeCondition? Directives? SelectionSet */
static gql_selection_t *
gql_document_spread(gql_parser_t *parser)
{
    gql_selection_t  *spread;

    spread = gql_parser_alloc(parser, sizeof(gql_selection_t));
    if (spread == NULL) {
        return NULL;
    }

    spread->offset = parser->token.offset;
    gql_parser_advance(parser);

    if (!gql_parser_at_keyword(parser, BASE_STR("on"))
        && parser->token.kind == GQL_TOKEN_NAME)
    {
        spread->kind = GQL_SELECTION_SPREAD;

        if (!gql_parser_name(parser, &spread->name)) {
            return NULL;
        }

        spread->directives = gql_parser_directives(parser,
                                                   GQL_VARIABLES_ALLOWED);
        return parser->failed ? NULL : spread;
    }

    spread->kind = GQL_SELECTION_INLINE;

    if (gql_parser_skip_keyword(parser, BASE_STR("on"))) {
        spread->condition = gql_parser_named_type(parser);
    }

    spread->directives = gql_parser_directives(parser, GQL_VARIABLES_ALLOWED);
    spread->set_offset = parser->token.offset;
    spread->selections = gql_document_selections(parser);
    return parser->failed ? NULL : spread;
}
