/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The second step of building a schema: the members of a type and of its
 * extensions become one array, in the order of the text, and each name of a
 * type becomes a pointer.  Specified scalars that nothing refers to leave the
 * schema (Schema Introspection Schema: they must not be listed).
 */

#include "graphql/schema_build.h"
#include "graphql/suggest.h"


static bool gql_members_of_type(gql_build_t *build, gql_type_t *type,
    gql_sdl_def_t *def);
static bool gql_members_fields(gql_build_t *build, gql_type_t *type,
    gql_sdl_def_t *def);
static bool gql_members_arguments(gql_build_t *build, gql_field_t *field,
    const gql_sdl_input_t *list, const gql_type_t *type);
static bool gql_members_inputs(gql_build_t *build, gql_type_t *type,
    gql_sdl_def_t *def);
static bool gql_members_values(gql_build_t *build, gql_type_t *type,
    gql_sdl_def_t *def);
static bool gql_members_of_directive(gql_build_t *build,
    gql_directive_def_t *directive, const gql_sdl_def_t *def);
static void gql_members_locations(gql_build_t *build,
    gql_directive_def_t *directive, const gql_sdl_def_t *def);
static void gql_members_resolve(gql_build_t *build, gql_typeref_t *type,
    uint32_t source);
static void gql_members_twice(gql_build_t *build, uint32_t source,
    uint32_t offset, const char *what, base_str_t type, base_str_t name);
static bool gql_members_drop_unused(gql_build_t *build);


static const base_str_t  gql_directive_places[] = {
#define GQL_PLACE_TEXT(name)  [GQL_PLACE_##name] = BASE_STR_INIT(#name),
    GQL_DIRECTIVE_PLACES(GQL_PLACE_TEXT)
#undef GQL_PLACE_TEXT
};


bool
gql_build_members(gql_build_t *build)
{
    uint32_t       i;
    gql_schema_t  *schema = build->schema;

    for (i = 0; i < schema->type_count; i++) {
        if (!gql_members_of_type(build, schema->types[i], build->type_defs[i]))
        {
            return gql_build_nomem(build);
        }
    }

    for (i = 0; i < schema->directive_count; i++) {
        if (!gql_members_of_directive(build, &schema->directives[i],
                                      build->directive_defs[i]))
        {
            return gql_build_nomem(build);
        }
    }

    schema->skip = gql_schema_directive(schema, BASE_STR("skip"));
    schema->include = gql_schema_directive(schema, BASE_STR("include"));

    return gql_members_drop_unused(build) || gql_build_nomem(build);
}


base_str_t
gql_directive_place_text(gql_directive_place_t place)
{
    return gql_directive_places[place];
}


static bool
gql_members_of_type(gql_build_t *build, gql_type_t *type, gql_sdl_def_t *def)
{
    return gql_members_fields(build, type, def)
           && gql_members_inputs(build, type, def)
           && gql_members_values(build, type, def);
}


static bool
gql_members_fields(gql_build_t *build, gql_type_t *type, gql_sdl_def_t *def)
{
    uint32_t          count = 0;
    gql_field_t      *field;
    gql_sdl_def_t    *part;
    gql_sdl_field_t  *item;

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        for (item = part->fields; item != NULL; item = item->next) {
            count++;
        }
    }

    if (count == 0) {
        return true;
    }

    type->fields = base_arena_calloc(build->arena, count, sizeof(gql_field_t));
    if (type->fields == NULL || !gql_type_index_init(type, build->arena, count))
    {
        return false;
    }

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        for (item = part->fields; item != NULL; item = item->next) {

            if (gql_type_field(type, item->field.name) != NULL) {
                gql_members_twice(build, part->source, item->field.offset,
                                  "Field", type->name, item->field.name);
                continue;
            }

            field = &type->fields[type->field_count];
            *field = item->field;
            field->source = part->source;
            gql_type_index_add(type, field->name, type->field_count++);

            gql_members_resolve(build, field->type, part->source);
            field->named = gql_typeref_named(field->type);

            if (!gql_members_arguments(build, field, item->arguments, type)) {
                return false;
            }
        }
    }

    return true;
}


static uint32_t
gql_members_count(const gql_sdl_input_t *list)
{
    uint32_t  count = 0;

    for ( ; list != NULL; list = list->next) {
        count++;
    }

    return count;
}


static bool
gql_members_arguments(gql_build_t *build, gql_field_t *field,
    const gql_sdl_input_t *list, const gql_type_t *type)
{
    uint32_t      count;
    gql_input_t  *input;
    gql_report_t  report;

    count = gql_members_count(list);
    if (count == 0) {
        return true;
    }

    field->arguments = base_arena_calloc(build->arena, count,
                                         sizeof(gql_input_t));
    if (field->arguments == NULL) {
        return false;
    }

    report = gql_build_report(build, field->source);

    for ( ; list != NULL; list = list->next) {
        if (gql_input_find(field->arguments, field->argument_count,
                           list->input.name) != NULL)
        {
            (void) gql_report(&report, list->input.offset,
                              "Argument \"%.*s.%.*s(%.*s:)\" can only be "
                              "defined once.", BASE_STR_ARG(type->name),
                              BASE_STR_ARG(field->name),
                              BASE_STR_ARG(list->input.name));
            continue;
        }

        input = &field->arguments[field->argument_count++];
        *input = list->input;
        input->source = field->source;
        gql_members_resolve(build, input->type, input->source);
    }

    return true;
}


static bool
gql_members_inputs(gql_build_t *build, gql_type_t *type, gql_sdl_def_t *def)
{
    uint32_t          count = 0;
    gql_input_t      *input;
    gql_sdl_def_t    *part;
    gql_sdl_input_t  *item;

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        count += gql_members_count(part->inputs);
    }

    if (count == 0) {
        return true;
    }

    type->inputs = base_arena_calloc(build->arena, count, sizeof(gql_input_t));
    if (type->inputs == NULL || !gql_type_index_init(type, build->arena, count))
    {
        return false;
    }

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        for (item = part->inputs; item != NULL; item = item->next) {

            if (gql_type_input(type, item->input.name) != NULL) {
                gql_members_twice(build, part->source, item->input.offset,
                                  "Field", type->name, item->input.name);
                continue;
            }

            input = &type->inputs[type->input_count];
            *input = item->input;
            input->source = part->source;
            gql_type_index_add(type, input->name, type->input_count++);
            gql_members_resolve(build, input->type, part->source);
        }
    }

    return true;
}


static bool
gql_members_values(gql_build_t *build, gql_type_t *type, gql_sdl_def_t *def)
{
    uint32_t           count = 0;
    gql_sdl_def_t     *part;
    gql_sdl_value_t   *item;
    gql_enum_value_t  *value;

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        for (item = part->values; item != NULL; item = item->next) {
            count++;
        }
    }

    if (count == 0) {
        return true;
    }

    type->values = base_arena_calloc(build->arena, count,
                                     sizeof(gql_enum_value_t));
    if (type->values == NULL || !gql_type_index_init(type, build->arena, count))
    {
        return false;
    }

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        for (item = part->values; item != NULL; item = item->next) {

            if (gql_type_value(type, item->value.name) != NULL) {
                gql_members_twice(build, part->source, item->value.offset,
                                  "Enum value", type->name, item->value.name);
                continue;
            }

            value = &type->values[type->value_count];
            *value = item->value;
            value->source = part->source;
            gql_type_index_add(type, value->name, type->value_count++);
        }
    }

    return true;
}


static bool
gql_members_of_directive(gql_build_t *build, gql_directive_def_t *directive,
    const gql_sdl_def_t *def)
{
    gql_input_t            *input;
    gql_report_t            report = gql_build_report(build, def->source);
    const gql_sdl_input_t  *item;

    gql_members_locations(build, directive, def);

    directive->arguments = base_arena_calloc(build->arena,
                                             gql_members_count(def->inputs) + 1,
                                             sizeof(gql_input_t));
    if (directive->arguments == NULL) {
        return false;
    }

    for (item = def->inputs; item != NULL; item = item->next) {
        if (gql_input_find(directive->arguments, directive->argument_count,
                           item->input.name) != NULL)
        {
            (void) gql_report(&report, item->input.offset,
                              "Argument \"@%.*s(%.*s:)\" can only be defined "
                              "once.", BASE_STR_ARG(def->name),
                              BASE_STR_ARG(item->input.name));
            continue;
        }

        input = &directive->arguments[directive->argument_count++];
        *input = item->input;
        input->source = def->source;
        gql_members_resolve(build, input->type, def->source);
    }

    return true;
}


static void
gql_members_locations(gql_build_t *build, gql_directive_def_t *directive,
    const gql_sdl_def_t *def)
{
    uint32_t               place;
    gql_report_t           report = gql_build_report(build, def->source);
    const gql_sdl_name_t  *name;

    for (name = def->names; name != NULL; name = name->next) {
        for (place = 0; place < GQL_PLACE_COUNT; place++) {
            if (base_str_eq(gql_directive_places[place], name->type.name)) {
                break;
            }
        }

        if (place == GQL_PLACE_COUNT) {
            (void) gql_report(&report, name->offset,
                              "\"%.*s\" is no directive location.",
                              BASE_STR_ARG(name->type.name));
            continue;
        }

        directive->locations |= 1U << place;
    }
}


static void
gql_members_resolve(gql_build_t *build, gql_typeref_t *type, uint32_t source)
{
    while (type->kind != GQL_TYPEREF_NAMED) {
        type = type->of;
    }

    type->type = gql_build_resolve(build, type->name, type->offset, source);
}


const gql_type_t *
gql_build_resolve(gql_build_t *build, base_str_t name, uint32_t offset,
    uint32_t source)
{
    uint32_t           i;
    gql_report_t       report;
    gql_suggest_t      suggest;
    const gql_type_t  *type;

    type = gql_schema_type(build->schema, name);

    if (type != NULL) {
        build->used[type->index] = true;
        return type;
    }

    report = gql_build_report(build, source);
    gql_suggest_init(&suggest, &report, name);

    for (i = 0; i < build->schema->type_count; i++) {
        gql_suggest_add(&suggest, build->schema->types[i]->name);
    }

    (void) gql_report(&report, offset, "Unknown type \"%.*s\".%s",
                      BASE_STR_ARG(name), gql_suggest_text(&suggest));
    return NULL;
}


static void
gql_members_twice(gql_build_t *build, uint32_t source, uint32_t offset,
    const char *what, base_str_t type, base_str_t name)
{
    gql_report_t  report = gql_build_report(build, source);

    (void) gql_report(&report, offset,
                      "%s \"%.*s.%.*s\" can only be defined once.", what,
                      BASE_STR_ARG(type), BASE_STR_ARG(name));
}


/* Nothing has been indexed by a type's number yet but the hash. */
static bool
gql_members_drop_unused(gql_build_t *build)
{
    uint32_t       i, kept = 0;
    gql_type_t    *type;
    gql_schema_t  *schema = build->schema;

    if (!gql_schema_index_init(schema, schema->type_count)) {
        return false;
    }

    for (i = 0; i < schema->type_count; i++) {
        type = schema->types[i];

        if (type->builtin && type->kind == GQL_TYPE_SCALAR
            && !build->used[i])
        {
            continue;
        }

        schema->types[kept] = type;
        build->type_defs[kept] = build->type_defs[i];
        type->index = kept;
        gql_schema_index_add(schema, kept++);
    }

    schema->type_count = kept;
    return true;
}
