/* SPDX-License-Identifier: BSD-2-Clause */

/* What each field of the introspection types answers: a table for each type, a
 * row for each field. */

#include "graphql/introspect.h"

#include "graphql/print.h"


typedef struct {
    const gql_schema_t  *schema;
    base_arena_t        *arena;
    const void          *node;
    bool                 deprecated;
    bool                 nomem;
    gql_answer_t        *answer;
} ask_t;

typedef void (*field_answer_fn)(ask_t *ask);

typedef struct {
    base_str_t       name;
    field_answer_fn  answer;
} field_row_t;

typedef struct {
    const field_row_t  *rows;
    size_t              count;
} field_table_t;


static void answer_boolean(ask_t *ask, bool value);
static void answer_name(ask_t *ask, base_str_t name);
static void answer_text(ask_t *ask, base_str_t text);
static void answer_type(ask_t *ask, const gql_type_t *type);
static void answer_typeref(ask_t *ask, const gql_typeref_t *type);
static void answer_list(ask_t *ask, gql_node_kind_t kind, const void *nodes,
    uint32_t count, size_t stride);


static void
schema_description(ask_t *ask)
{
    answer_text(ask, ((const gql_schema_t *) ask->node)->description);
}


static void
schema_types(ask_t *ask)
{
    ask->deprecated = true;
    answer_list(ask, GQL_NODE_TYPE, ask->schema->types,
                ask->schema->type_count, 0);
}


static void
schema_query(ask_t *ask)
{
    answer_type(ask, ask->schema->query);
}


static void
schema_mutation(ask_t *ask)
{
    answer_type(ask, ask->schema->mutation);
}


static void
schema_subscription(ask_t *ask)
{
    answer_type(ask, ask->schema->subscription);
}


static void
schema_directives(ask_t *ask)
{
    answer_list(ask, GQL_NODE_DIRECTIVE, ask->schema->directives,
                ask->schema->directive_count, sizeof(gql_directive_def_t));
}


static const field_row_t  schema_rows[] = {
    { BASE_STR_INIT("description"),      schema_description },
    { BASE_STR_INIT("types"),            schema_types },
    { BASE_STR_INIT("queryType"),        schema_query },
    { BASE_STR_INIT("mutationType"),     schema_mutation },
    { BASE_STR_INIT("subscriptionType"), schema_subscription },
    { BASE_STR_INIT("directives"),       schema_directives },
};


static void
type_kind(ask_t *ask)
{
    static const base_str_t  kinds[] = {
        [GQL_TYPE_SCALAR]       = BASE_STR_INIT("SCALAR"),
        [GQL_TYPE_OBJECT]       = BASE_STR_INIT("OBJECT"),
        [GQL_TYPE_INTERFACE]    = BASE_STR_INIT("INTERFACE"),
        [GQL_TYPE_UNION]        = BASE_STR_INIT("UNION"),
        [GQL_TYPE_ENUM]         = BASE_STR_INIT("ENUM"),
        [GQL_TYPE_INPUT_OBJECT] = BASE_STR_INIT("INPUT_OBJECT"),
    };

    answer_name(ask, kinds[((const gql_type_t *) ask->node)->kind]);
}


static void
type_name(ask_t *ask)
{
    answer_name(ask, ((const gql_type_t *) ask->node)->name);
}


static void
type_description(ask_t *ask)
{
    answer_text(ask, ((const gql_type_t *) ask->node)->description);
}


static void
type_specified_by(ask_t *ask)
{
    answer_text(ask, ((const gql_type_t *) ask->node)->specified_by);
}


static void
type_fields(ask_t *ask)
{
    const gql_type_t  *type = ask->node;

    if (type->kind == GQL_TYPE_OBJECT || type->kind == GQL_TYPE_INTERFACE) {
        answer_list(ask, GQL_NODE_FIELD, type->fields, type->field_count,
                    sizeof(gql_field_t));
    }
}


static void
type_interfaces(ask_t *ask)
{
    const gql_type_t  *type = ask->node;

    if (type->kind == GQL_TYPE_OBJECT || type->kind == GQL_TYPE_INTERFACE) {
        answer_list(ask, GQL_NODE_TYPE, type->interfaces,
                    type->interface_count, 0);
    }
}


static void
type_possible(ask_t *ask)
{
    const gql_type_t  *type = ask->node;

    if (type->kind == GQL_TYPE_INTERFACE || type->kind == GQL_TYPE_UNION) {
        answer_list(ask, GQL_NODE_TYPE, type->possible, type->possible_count,
                    0);
    }
}


static void
type_values(ask_t *ask)
{
    const gql_type_t  *type = ask->node;

    if (type->kind == GQL_TYPE_ENUM) {
        answer_list(ask, GQL_NODE_ENUM_VALUE, type->values,
                    type->value_count, sizeof(gql_enum_value_t));
    }
}


static void
type_inputs(ask_t *ask)
{
    const gql_type_t  *type = ask->node;

    if (type->kind == GQL_TYPE_INPUT_OBJECT) {
        answer_list(ask, GQL_NODE_INPUT_VALUE, type->inputs,
                    type->input_count, sizeof(gql_input_t));
    }
}


static void
type_one_of(ask_t *ask)
{
    const gql_type_t  *type = ask->node;

    if (type->kind == GQL_TYPE_INPUT_OBJECT) {
        answer_boolean(ask, type->one_of);
    }
}


static void
answer_nothing(ask_t *ask)
{
    (void) ask;             /* the answer is null */
}


static const field_row_t  type_rows[] = {
    { BASE_STR_INIT("kind"),           type_kind },
    { BASE_STR_INIT("name"),           type_name },
    { BASE_STR_INIT("ofType"),         answer_nothing },
    { BASE_STR_INIT("description"),    type_description },
    { BASE_STR_INIT("specifiedByURL"), type_specified_by },
    { BASE_STR_INIT("fields"),         type_fields },
    { BASE_STR_INIT("interfaces"),     type_interfaces },
    { BASE_STR_INIT("possibleTypes"),  type_possible },
    { BASE_STR_INIT("enumValues"),     type_values },
    { BASE_STR_INIT("inputFields"),    type_inputs },
    { BASE_STR_INIT("isOneOf"),        type_one_of },
};


static void
wrapped_kind(ask_t *ask)
{
    const gql_typeref_t  *type = ask->node;

    answer_name(ask, type->kind == GQL_TYPEREF_LIST ? BASE_STR("LIST")
                                                    : BASE_STR("NON_NULL"));
}


static void
wrapped_of_type(ask_t *ask)
{
    answer_typeref(ask, ((const gql_typeref_t *) ask->node)->of);
}


/* All other fields of a list or non-null are null. */
static const field_row_t  wrapped_rows[] = {
    { BASE_STR_INIT("kind"),   wrapped_kind },
    { BASE_STR_INIT("ofType"), wrapped_of_type },
};


static void
field_name(ask_t *ask)
{
    answer_name(ask, ((const gql_field_t *) ask->node)->name);
}


static void
field_description(ask_t *ask)
{
    answer_text(ask, ((const gql_field_t *) ask->node)->description);
}


static void
field_arguments(ask_t *ask)
{
    const gql_field_t  *field = ask->node;

    answer_list(ask, GQL_NODE_INPUT_VALUE, field->arguments,
                field->argument_count, sizeof(gql_input_t));
}


static void
field_type(ask_t *ask)
{
    answer_typeref(ask, ((const gql_field_t *) ask->node)->type);
}


static void
field_is_deprecated(ask_t *ask)
{
    answer_boolean(ask, gql_introspect_deprecated(GQL_NODE_FIELD, ask->node));
}


static void
field_reason(ask_t *ask)
{
    answer_text(ask, ((const gql_field_t *) ask->node)->deprecated);
}


static const field_row_t  field_rows[] = {
    { BASE_STR_INIT("name"),              field_name },
    { BASE_STR_INIT("description"),       field_description },
    { BASE_STR_INIT("args"),              field_arguments },
    { BASE_STR_INIT("type"),              field_type },
    { BASE_STR_INIT("isDeprecated"),      field_is_deprecated },
    { BASE_STR_INIT("deprecationReason"), field_reason },
};


static void
input_name(ask_t *ask)
{
    answer_name(ask, ((const gql_input_t *) ask->node)->name);
}


static void
input_description(ask_t *ask)
{
    answer_text(ask, ((const gql_input_t *) ask->node)->description);
}


static void
input_type(ask_t *ask)
{
    answer_typeref(ask, ((const gql_input_t *) ask->node)->type);
}


static void
input_default(ask_t *ask)
{
    base_buf_t          text;
    const gql_input_t  *input = ask->node;

    if (input->default_json == NULL) {
        return;
    }

    base_buf_init(&text, ask->arena, SIZE_MAX);
    gql_print_coerced(&text, ask->arena, input->type, input->default_json);

    ask->nomem = text.failed;
    answer_text(ask, base_buf_str(&text));
}


static void
input_is_deprecated(ask_t *ask)
{
    answer_boolean(ask, gql_introspect_deprecated(GQL_NODE_INPUT_VALUE,
                                                  ask->node));
}


static void
input_reason(ask_t *ask)
{
    answer_text(ask, ((const gql_input_t *) ask->node)->deprecated);
}


static const field_row_t  input_rows[] = {
    { BASE_STR_INIT("name"),              input_name },
    { BASE_STR_INIT("description"),       input_description },
    { BASE_STR_INIT("type"),              input_type },
    { BASE_STR_INIT("defaultValue"),      input_default },
    { BASE_STR_INIT("isDeprecated"),      input_is_deprecated },
    { BASE_STR_INIT("deprecationReason"), input_reason },
};


static void
value_name(ask_t *ask)
{
    answer_name(ask, ((const gql_enum_value_t *) ask->node)->name);
}


static void
value_description(ask_t *ask)
{
    answer_text(ask, ((const gql_enum_value_t *) ask->node)->description);
}


static void
value_is_deprecated(ask_t *ask)
{
    answer_boolean(ask, gql_introspect_deprecated(GQL_NODE_ENUM_VALUE,
                                                  ask->node));
}


static void
value_reason(ask_t *ask)
{
    answer_text(ask, ((const gql_enum_value_t *) ask->node)->deprecated);
}


static const field_row_t  value_rows[] = {
    { BASE_STR_INIT("name"),              value_name },
    { BASE_STR_INIT("description"),       value_description },
    { BASE_STR_INIT("isDeprecated"),      value_is_deprecated },
    { BASE_STR_INIT("deprecationReason"), value_reason },
};


static void
directive_name(ask_t *ask)
{
    answer_name(ask, ((const gql_directive_def_t *) ask->node)->name);
}


static void
directive_description(ask_t *ask)
{
    answer_text(ask, ((const gql_directive_def_t *) ask->node)->description);
}


static void
directive_repeatable(ask_t *ask)
{
    answer_boolean(ask, ((const gql_directive_def_t *) ask->node)->repeatable);
}


static void
directive_locations(ask_t *ask)
{
    ask->answer->kind = GQL_ANSWER_PLACES;
    ask->answer->count = ((const gql_directive_def_t *) ask->node)->locations;
}


static void
directive_arguments(ask_t *ask)
{
    const gql_directive_def_t  *directive = ask->node;

    answer_list(ask, GQL_NODE_INPUT_VALUE, directive->arguments,
                directive->argument_count, sizeof(gql_input_t));
}


static const field_row_t  directive_rows[] = {
    { BASE_STR_INIT("name"),         directive_name },
    { BASE_STR_INIT("description"),  directive_description },
    { BASE_STR_INIT("isRepeatable"), directive_repeatable },
    { BASE_STR_INIT("locations"),    directive_locations },
    { BASE_STR_INIT("args"),         directive_arguments },
};


#define TABLE(rows)  { rows, sizeof(rows) / sizeof(rows[0]) }

static const field_table_t  field_tables[] = {
    [GQL_NODE_SCHEMA]      = TABLE(schema_rows),
    [GQL_NODE_TYPE]        = TABLE(type_rows),
    [GQL_NODE_WRAPPED]     = TABLE(wrapped_rows),
    [GQL_NODE_FIELD]       = TABLE(field_rows),
    [GQL_NODE_INPUT_VALUE] = TABLE(input_rows),
    [GQL_NODE_ENUM_VALUE]  = TABLE(value_rows),
    [GQL_NODE_DIRECTIVE]   = TABLE(directive_rows),
};


bool
gql_introspect_field(const gql_schema_t *schema, base_arena_t *arena,
    gql_node_kind_t kind, const void *node, base_str_t field, bool deprecated,
    gql_answer_t *answer)
{
    size_t                n;
    ask_t                 ask = { .schema = schema, .arena = arena,
                                  .node = node, .deprecated = deprecated,
                                  .answer = answer };
    const field_table_t  *table = &field_tables[kind];

    answer->kind = GQL_ANSWER_NULL;

    for (n = 0; n < table->count; n++) {
        if (base_str_eq(table->rows[n].name, field)) {
            table->rows[n].answer(&ask);
            break;
        }
    }

    return !ask.nomem;
}


bool
gql_introspect_deprecated(gql_node_kind_t kind, const void *node)
{
    switch (kind) {

    case GQL_NODE_FIELD:
        return ((const gql_field_t *) node)->deprecated.data != NULL;

    case GQL_NODE_INPUT_VALUE:
        return ((const gql_input_t *) node)->deprecated.data != NULL;

    case GQL_NODE_ENUM_VALUE:
        return ((const gql_enum_value_t *) node)->deprecated.data != NULL;

    default:
        return false;
    }
}


base_str_t
gql_introspect_place(uint32_t bit)
{
#define PLACE_NAME(name)  BASE_STR_INIT(#name),
    static const base_str_t  names[] = {
        GQL_DIRECTIVE_PLACES(PLACE_NAME)
    };
#undef PLACE_NAME

    return names[bit];
}


static void
answer_boolean(ask_t *ask, bool value)
{
    ask->answer->kind = GQL_ANSWER_BOOLEAN;
    ask->answer->boolean = value;
}


static void
answer_name(ask_t *ask, base_str_t name)
{
    ask->answer->kind = GQL_ANSWER_NAME;
    ask->answer->text = name;
}


/* Text without data is none. */
static void
answer_text(ask_t *ask, base_str_t text)
{
    if (text.data != NULL) {
        ask->answer->kind = GQL_ANSWER_TEXT;
        ask->answer->text = text;
    }
}


static void
answer_type(ask_t *ask, const gql_type_t *type)
{
    if (type != NULL) {
        ask->answer->kind = GQL_ANSWER_NODE;
        ask->answer->node_kind = GQL_NODE_TYPE;
        ask->answer->node = type;
    }
}


static void
answer_typeref(ask_t *ask, const gql_typeref_t *type)
{
    if (type->kind == GQL_TYPEREF_NAMED) {
        answer_type(ask, type->type);
        return;
    }

    ask->answer->kind = GQL_ANSWER_NODE;
    ask->answer->node_kind = GQL_NODE_WRAPPED;
    ask->answer->node = type;
}


static void
answer_list(ask_t *ask, gql_node_kind_t kind, const void *nodes,
    uint32_t count, size_t stride)
{
    *ask->answer = (gql_answer_t) {
        .kind = GQL_ANSWER_LIST,
        .deprecated = ask->deprecated,
        .node_kind = kind,
        .node = nodes,
        .count = count,
        .stride = stride
    };
}
