/* SPDX-License-Identifier: BSD-2-Clause */

/* The fifth step of building a schema: Type Validation, what is not said
 * elsewhere. */

#include "graphql/schema_build.h"


static void gql_check_type(gql_build_t *build, const gql_type_t *type);
static void gql_check_members(gql_build_t *build, const gql_type_t *type);
static void gql_check_field(gql_build_t *build, const gql_type_t *type,
    const gql_field_t *field);
static void gql_check_input_field(gql_build_t *build, const gql_type_t *type,
    const gql_input_t *input);
static void gql_check_input(gql_build_t *build, const gql_input_t *input,
    const char *what, base_str_t coordinate);
static void gql_check_name(gql_build_t *build, base_str_t name,
    uint32_t source, uint32_t offset);
static base_str_t gql_check_text(gql_build_t *build,
    const gql_typeref_t *type);


bool
gql_build_check(gql_build_t *build)
{
    uint32_t                    i, k;
    base_str_t                  coordinate;
    gql_schema_t               *schema = build->schema;
    const gql_directive_def_t  *directive;

    for (i = 0; i < schema->directive_count; i++) {
        directive = &schema->directives[i];

        gql_check_name(build, directive->name, directive->source,
                       directive->offset);

        for (k = 0; k < directive->argument_count; k++) {
            coordinate = base_arena_printf(build->arena, "@%.*s(%.*s:)",
                             BASE_STR_ARG(directive->name),
                             BASE_STR_ARG(directive->arguments[k].name));
            gql_check_input(build, &directive->arguments[k], "argument",
                            coordinate);
        }
    }

    for (i = 0; i < schema->type_count; i++) {
        gql_check_type(build, schema->types[i]);
    }

    return gql_build_check_directives(build) || gql_build_nomem(build);
}


static void
gql_check_type(gql_build_t *build, const gql_type_t *type)
{
    uint32_t  i;

    if (!type->builtin) {
        gql_check_name(build, type->name, type->source, type->offset);
    }

    gql_check_members(build, type);

    for (i = 0; i < type->field_count; i++) {
        gql_check_field(build, type, &type->fields[i]);
    }

    for (i = 0; i < type->value_count; i++) {
        gql_check_name(build, type->values[i].name, type->values[i].source,
                       type->values[i].offset);
    }

    for (i = 0; i < type->input_count; i++) {
        gql_check_input_field(build, type, &type->inputs[i]);
    }

    gql_build_check_implements(build, type);
}


/* None but a scalar may be without members. */
static void
gql_check_members(gql_build_t *build, const gql_type_t *type)
{
    gql_report_t  report = gql_build_report(build, type->source);
    uint32_t      count;

    static const struct {
        const char  *type;
        const char  *members;
    } texts[] = {
        [GQL_TYPE_OBJECT] = { "Type", "fields" },
        [GQL_TYPE_INTERFACE] = { "Type", "fields" },
        [GQL_TYPE_UNION] = { "Union type", "member types" },
        [GQL_TYPE_ENUM] = { "Enum type", "values" },
        [GQL_TYPE_INPUT_OBJECT] = { "Input Object type", "fields" }
    };

    count = type->field_count + type->input_count + type->value_count;

    if (type->kind == GQL_TYPE_UNION) {
        count = type->possible_count;
    }

    if (type->kind != GQL_TYPE_SCALAR && count == 0) {
        (void) gql_report(&report, type->offset,
                          "%s %.*s must define one or more %s.",
                          texts[type->kind].type, BASE_STR_ARG(type->name),
                          texts[type->kind].members);
    }
}


static void
gql_check_field(gql_build_t *build, const gql_type_t *type,
    const gql_field_t *field)
{
    uint32_t      i;
    base_str_t    coordinate;
    gql_report_t  report = gql_build_report(build, field->source);

    gql_check_name(build, field->name, field->source, field->offset);

    if (field->named->kind == GQL_TYPE_INPUT_OBJECT) {
        (void) gql_report(&report, field->type->offset,
                          "The type of %.*s.%.*s must be Output Type but got: "
                          "%.*s.", BASE_STR_ARG(type->name),
                          BASE_STR_ARG(field->name),
                          BASE_STR_ARG(gql_check_text(build, field->type)));
    }

    for (i = 0; i < field->argument_count; i++) {
        coordinate = base_arena_printf(build->arena, "%.*s.%.*s(%.*s:)",
                         BASE_STR_ARG(type->name), BASE_STR_ARG(field->name),
                         BASE_STR_ARG(field->arguments[i].name));
        gql_check_input(build, &field->arguments[i], "argument", coordinate);
    }
}


static void
gql_check_input_field(gql_build_t *build, const gql_type_t *type,
    const gql_input_t *input)
{
    base_str_t    coordinate;
    gql_report_t  report = gql_build_report(build, input->source);

    coordinate = base_arena_printf(build->arena, "%.*s.%.*s",
                     BASE_STR_ARG(type->name), BASE_STR_ARG(input->name));

    gql_check_input(build, input, "input field", coordinate);

    if (!type->one_of) {
        return;
    }

    if (gql_typeref_is_non_null(input->type)) {
        (void) gql_report(&report, input->type->offset,
                          "OneOf input field %.*s must be nullable.",
                          BASE_STR_ARG(coordinate));
    }

    if (input->default_value != NULL) {
        (void) gql_report(&report, input->default_value->offset,
                          "OneOf input field %.*s cannot have a default "
                          "value.", BASE_STR_ARG(coordinate));
    }
}


static void
gql_check_input(gql_build_t *build, const gql_input_t *input,
    const char *what, base_str_t coordinate)
{
    gql_report_t  report = gql_build_report(build, input->source);

    gql_check_name(build, input->name, input->source, input->offset);

    if (!gql_type_is_input(gql_typeref_named(input->type))) {
        (void) gql_report(&report, input->type->offset,
                          "The type of %.*s must be Input Type but got: "
                          "%.*s.", BASE_STR_ARG(coordinate),
                          BASE_STR_ARG(gql_check_text(build, input->type)));
    }

    if (gql_typeref_is_non_null(input->type) && input->default_value == NULL
        && input->deprecated.data != NULL)
    {
        (void) gql_report(&report, input->offset,
                          "Required %s %.*s cannot be deprecated.", what,
                          BASE_STR_ARG(coordinate));
    }
}


static void
gql_check_name(gql_build_t *build, base_str_t name, uint32_t source,
    uint32_t offset)
{
    gql_report_t  report = gql_build_report(build, source);

    if (base_str_starts(name, BASE_STR("__"))) {
        (void) gql_report(&report, offset,
                          "Name \"%.*s\" must not begin with \"__\", which is "
                          "reserved by GraphQL introspection.",
                          BASE_STR_ARG(name));
    }
}


static base_str_t
gql_check_text(gql_build_t *build, const gql_typeref_t *type)
{
    base_buf_t  buf;

    base_buf_init(&buf, build->arena, SIZE_MAX);
    gql_typeref_write(type, &buf);
    return base_buf_str(&buf);
}
