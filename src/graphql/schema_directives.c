/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The fourth step of building a schema: every use of a directive is checked
 * against its definition, and @deprecated, @specifiedBy and @oneOf take effect.
 */

#include "graphql/schema_build.h"
#include "graphql/uses.h"
#include "graphql/values.h"


typedef struct {
    gql_build_t            *build;
    const gql_directive_t **seen;
    gql_list_t              values;     /* of the arguments of one use */
    gql_report_t            report;
} gql_apply_t;


static bool gql_apply_type(gql_apply_t *apply, gql_type_t *type);
static bool gql_apply_field(gql_apply_t *apply, gql_field_t *field);
static bool gql_apply_inputs(gql_apply_t *apply, gql_input_t *inputs,
    uint32_t count, gql_directive_place_t place);
static bool gql_apply_parts(gql_apply_t *apply, gql_sdl_def_t *def,
    gql_directive_place_t place, gql_directive_t **all);
static bool gql_apply(gql_apply_t *apply, gql_directive_t *directives,
    gql_directive_place_t place, uint32_t source);
static bool gql_apply_arguments(gql_apply_t *apply,
    const gql_directive_t *directive);
static base_str_t gql_apply_text(const gql_directive_t *directives,
    base_str_t name, base_str_t argument);


static const gql_directive_place_t  gql_type_places[] = {
    [GQL_TYPE_SCALAR] = GQL_PLACE_SCALAR,
    [GQL_TYPE_OBJECT] = GQL_PLACE_OBJECT,
    [GQL_TYPE_INTERFACE] = GQL_PLACE_INTERFACE,
    [GQL_TYPE_UNION] = GQL_PLACE_UNION,
    [GQL_TYPE_ENUM] = GQL_PLACE_ENUM,
    [GQL_TYPE_INPUT_OBJECT] = GQL_PLACE_INPUT_OBJECT
};


bool
gql_build_directives(gql_build_t *build)
{
    uint32_t              i;
    gql_apply_t           apply = { .build = build };
    gql_schema_t         *schema = build->schema;
    gql_directive_t      *all = NULL;
    gql_directive_def_t  *directive;

    apply.seen = base_arena_calloc(build->arena, schema->directive_count,
                                   sizeof(void *));
    if (apply.seen == NULL) {
        return gql_build_nomem(build);
    }

    for (i = 0; i < schema->directive_count; i++) {
        directive = &schema->directives[i];

        if (!gql_apply_inputs(&apply, directive->arguments,
                              directive->argument_count,
                              GQL_PLACE_ARGUMENT_DEFINITION))
        {
            return gql_build_nomem(build);
        }
    }

    for (i = 0; i < schema->type_count; i++) {
        if (!gql_apply_type(&apply, schema->types[i])) {
            return gql_build_nomem(build);
        }
    }

    return gql_apply_parts(&apply, build->schema_def, GQL_PLACE_SCHEMA, &all)
           || gql_build_nomem(build);
}


static bool
gql_apply_type(gql_apply_t *apply, gql_type_t *type)
{
    uint32_t           i;
    gql_enum_value_t  *value;

    if (!gql_apply_parts(apply, apply->build->type_defs[type->index],
                         gql_type_places[type->kind], &type->directives))
    {
        return false;
    }

    type->specified_by = gql_apply_text(type->directives,
                                        BASE_STR("specifiedBy"),
                                        BASE_STR("url"));
    type->one_of = type->kind == GQL_TYPE_INPUT_OBJECT
                   && gql_directive_find(type->directives, BASE_STR("oneOf"))
                      != NULL;

    for (i = 0; i < type->field_count; i++) {
        if (!gql_apply_field(apply, &type->fields[i])) {
            return false;
        }
    }

    for (i = 0; i < type->value_count; i++) {
        value = &type->values[i];

        if (!gql_apply(apply, value->directives, GQL_PLACE_ENUM_VALUE,
                       value->source))
        {
            return false;
        }

        value->deprecated = gql_apply_text(value->directives,
                                           BASE_STR("deprecated"),
                                           BASE_STR("reason"));
    }

    return gql_apply_inputs(apply, type->inputs, type->input_count,
                            GQL_PLACE_INPUT_FIELD_DEFINITION);
}


static bool
gql_apply_field(gql_apply_t *apply, gql_field_t *field)
{
    if (!gql_apply(apply, field->directives, GQL_PLACE_FIELD_DEFINITION,
                   field->source))
    {
        return false;
    }

    field->deprecated = gql_apply_text(field->directives,
                                       BASE_STR("deprecated"),
                                       BASE_STR("reason"));

    return gql_apply_inputs(apply, field->arguments, field->argument_count,
                            GQL_PLACE_ARGUMENT_DEFINITION);
}


static bool
gql_apply_inputs(gql_apply_t *apply, gql_input_t *inputs, uint32_t count,
    gql_directive_place_t place)
{
    uint32_t  i;

    for (i = 0; i < count; i++) {
        if (!gql_apply(apply, inputs[i].directives, place, inputs[i].source)) {
            return false;
        }

        inputs[i].deprecated = gql_apply_text(inputs[i].directives,
                                              BASE_STR("deprecated"),
                                              BASE_STR("reason"));
    }

    return true;
}


/* A definition and its extensions, whose uses count together. */
static bool
gql_apply_parts(gql_apply_t *apply, gql_sdl_def_t *def,
    gql_directive_place_t place, gql_directive_t **all)
{
    gql_sdl_def_t         *part;
    gql_directive_t      **tail = all;
    gql_directive_site_t   site;

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        if (!gql_apply(apply, part->directives, place, part->source)) {
            return false;
        }
    }

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        *tail = part->directives;

        while (*tail != NULL) {
            tail = &(*tail)->next;
        }
    }

    if (def != NULL && def->extensions != NULL) {
        site = (gql_directive_site_t) { *all, place };
        apply->report = gql_build_report(apply->build, def->source);
        gql_directives_check_unique(&apply->report, apply->build->schema,
                                    &site, apply->seen);
    }

    return true;
}


/* One place with directives. */
static bool
gql_apply(gql_apply_t *apply, gql_directive_t *directives,
    gql_directive_place_t place, uint32_t source)
{
    gql_directive_t       *directive;
    gql_argument_site_t    arguments;
    gql_directive_site_t   site = { directives, place };

    if (directives == NULL) {
        return true;
    }

    apply->report = gql_build_report(apply->build, source);

    gql_directives_resolve(apply->build->schema, directives);
    gql_directives_check_known(&apply->report, &site);
    gql_directives_check_unique(&apply->report, apply->build->schema, &site,
                                apply->seen);

    for (directive = directives; directive != NULL; directive = directive->next)
    {
        arguments = gql_directive_arguments(directive);

        gql_arguments_check_known(&apply->report, &arguments);
        gql_arguments_check_unique(&apply->report, apply->build->arena,
                                   &arguments);
        gql_arguments_check_required(&apply->report, apply->build->arena,
                                     &arguments);

        if (!gql_apply_arguments(apply, directive)) {
            return false;
        }
    }

    return true;
}


/* The values of a directive's arguments. */
static bool
gql_apply_arguments(gql_apply_t *apply, const gql_directive_t *directive)
{
    uint32_t               i;
    const gql_argument_t  *argument;

    apply->values.count = 0;

    for (argument = directive->arguments; argument != NULL;
         argument = argument->next)
    {
        if (argument->definition != NULL
            && !gql_values_expand(&apply->values, apply->build->arena,
                                  argument->value, argument->definition->type,
                                  argument->definition))
        {
            return false;
        }
    }

    for (i = 0; i < apply->values.count; i++) {
        const gql_typed_value_t  *typed = apply->values.items;

        gql_values_check(&apply->report, apply->build->arena, &typed[i]);
        gql_values_check_unique(&apply->report, apply->build->arena,
                                &typed[i]);
    }

    return true;
}


/* A string argument of a directive, or its default; data NULL where the
 * directive is not used. */
static base_str_t
gql_apply_text(const gql_directive_t *directives, base_str_t name,
    base_str_t argument)
{
    const gql_input_t      *input;
    const gql_value_t      *value = NULL;
    const gql_argument_t   *given;
    const gql_directive_t  *directive;

    directive = gql_directive_find(directives, name);
    if (directive == NULL || directive->definition == NULL) {
        return base_str(NULL, 0);
    }

    for (given = directive->arguments; given != NULL; given = given->next) {
        if (base_str_eq(given->name, argument)) {
            value = given->value;
        }
    }

    if (value == NULL) {
        input = gql_input_find(directive->definition->arguments,
                               directive->definition->argument_count,
                               argument);
        value = input == NULL ? NULL : input->default_value;
    }

    return value == NULL || value->kind != GQL_VALUE_STRING ? BASE_STR("")
                                                            : value->text;
}
