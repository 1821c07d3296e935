/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The first step of building a schema: every type and directive gets its entry,
 * and extensions are hung on what they extend.
 *
 * The operator's text may define a specified scalar or directive once more, as
 * some tools print them: the scalar's definition is passed over, the
 * directive's replaces ours.
 */

#include "graphql/schema_build.h"
#include "graphql/suggest.h"


static bool gql_declare_arrays(gql_build_t *build);
static bool gql_declare_type(gql_build_t *build, gql_sdl_def_t *def);
static bool gql_declare_directive(gql_build_t *build, gql_sdl_def_t *def);
static gql_scalar_t gql_declare_scalar(base_str_t name);
static bool gql_declare_uses(const gql_build_t *build, base_str_t directive);
static bool gql_declare_schema(gql_build_t *build, gql_sdl_def_t *def);
static bool gql_declare_extension(gql_build_t *build, gql_sdl_def_t *def);
static void gql_declare_twice(gql_build_t *build, const gql_sdl_def_t *def,
    const char *what, const gql_type_t *known);
static void gql_declare_unknown(gql_build_t *build, const gql_sdl_def_t *def);
static void gql_declare_append(gql_sdl_def_t *def, gql_sdl_def_t *extension);


/* Scalars whose values the engine knows. */
static const char *const  gql_scalars[] = {
    [GQL_SCALAR_CUSTOM] = "",
    [GQL_SCALAR_INT] = "Int",
    [GQL_SCALAR_FLOAT] = "Float",
    [GQL_SCALAR_STRING] = "String",
    [GQL_SCALAR_BOOLEAN] = "Boolean",
    [GQL_SCALAR_ID] = "ID",
    [GQL_SCALAR_DATETIME] = "DateTime"
};

static const char *const  gql_type_kind_texts[] = {
    [GQL_TYPE_SCALAR] = "scalar",
    [GQL_TYPE_OBJECT] = "object",
    [GQL_TYPE_INTERFACE] = "interface",
    [GQL_TYPE_UNION] = "union",
    [GQL_TYPE_ENUM] = "enum",
    [GQL_TYPE_INPUT_OBJECT] = "input object"
};


bool
gql_build_declare(gql_build_t *build)
{
    gql_sdl_def_t  *def;

    if (!gql_declare_arrays(build)) {
        return gql_build_nomem(build);
    }

    for (def = build->defs; def != NULL; def = def->next) {
        bool  declared = true;

        if (def->extend) {
            continue;
        }

        switch (def->kind) {
        case GQL_SDL_TYPE:
            declared = gql_declare_type(build, def);
            break;

        case GQL_SDL_DIRECTIVE:
            declared = gql_declare_directive(build, def);
            break;

        case GQL_SDL_SCHEMA:
            declared = gql_declare_schema(build, def);
            break;
        }

        if (!declared) {
            return gql_build_nomem(build);
        }
    }

    for (def = build->defs; def != NULL; def = def->next) {
        if (def->extend && !gql_declare_extension(build, def)) {
            return gql_build_nomem(build);
        }
    }

    return true;
}


static bool
gql_declare_arrays(gql_build_t *build)
{
    uint32_t        types = 0, directives = 0;
    gql_sdl_def_t  *def;
    gql_schema_t   *schema = build->schema;

    for (def = build->defs; def != NULL; def = def->next) {
        types += def->kind == GQL_SDL_TYPE;
        directives += def->kind == GQL_SDL_DIRECTIVE;
    }

    schema->types = base_arena_calloc(build->arena, types, sizeof(void *));
    schema->directives = base_arena_calloc(build->arena, directives,
                                           sizeof(gql_directive_def_t));
    build->type_defs = base_arena_calloc(build->arena, types, sizeof(void *));
    build->directive_defs = base_arena_calloc(build->arena, directives,
                                              sizeof(void *));
    build->used = base_arena_calloc(build->arena, types, sizeof(bool));

    return schema->types != NULL && schema->directives != NULL
           && build->type_defs != NULL && build->directive_defs != NULL
           && build->used != NULL
           && gql_schema_index_init(schema, types);
}


static bool
gql_declare_type(gql_build_t *build, gql_sdl_def_t *def)
{
    uint32_t           at;
    gql_type_t        *type;
    gql_schema_t      *schema = build->schema;
    const gql_type_t  *known;

    known = gql_schema_type(schema, def->name);

    if (known != NULL) {
        if (def->source < build->builtin
            || known->kind != GQL_TYPE_SCALAR
            || def->type_kind != GQL_TYPE_SCALAR)
        {
            gql_declare_twice(build, def, "type", known);
        }

        return true;
    }

    type = base_arena_zalloc(build->arena, sizeof(gql_type_t));
    if (type == NULL) {
        return false;
    }

    at = schema->type_count++;
    schema->types[at] = type;
    build->type_defs[at] = def;

    type->kind = def->type_kind;
    type->name = def->name;
    type->description = def->description;
    type->index = at;
    type->offset = def->name_offset;
    type->source = def->source;
    type->builtin = def->source >= build->builtin;
    type->scalar = gql_declare_scalar(def->name);

    gql_schema_index_add(schema, at);
    return true;
}


static gql_scalar_t
gql_declare_scalar(base_str_t name)
{
    size_t  i;

    for (i = 0; i < sizeof(gql_scalars) / sizeof(gql_scalars[0]); i++) {
        if (base_str_eq_c(name, gql_scalars[i])) {
            return (gql_scalar_t) i;
        }
    }

    return GQL_SCALAR_CUSTOM;
}


static bool
gql_declare_directive(gql_build_t *build, gql_sdl_def_t *def)
{
    bool                        builtin;
    gql_schema_t               *schema = build->schema;
    gql_directive_def_t        *directive;
    const gql_directive_def_t  *known;

    builtin = def->source >= build->builtin;
    known = gql_schema_directive(schema, def->name);

    if (known != NULL) {
        if (!builtin) {
            gql_declare_twice(build, def, "directive", NULL);
        }

        return true;
    }

    if (def->source > build->builtin && !gql_declare_uses(build, def->name)) {
        return true;
    }

    build->directive_defs[schema->directive_count] = def;
    directive = &schema->directives[schema->directive_count++];

    directive->name = def->name;
    directive->description = def->description;
    directive->repeatable = def->repeatable;
    directive->builtin = builtin;
    directive->offset = def->name_offset;
    directive->source = def->source;
    return true;
}


static bool
gql_directives_name(const gql_directive_t *directives, base_str_t name)
{
    for ( ; directives != NULL; directives = directives->next) {
        if (base_str_eq(directives->name, name)) {
            return true;
        }
    }

    return false;
}


static bool
gql_inputs_name(const gql_sdl_input_t *inputs, base_str_t name)
{
    for ( ; inputs != NULL; inputs = inputs->next) {
        if (gql_directives_name(inputs->input.directives, name)) {
            return true;
        }
    }

    return false;
}


/* True if the operator's text uses an optional directive, which all stand on
 * input fields and arguments. */
static bool
gql_declare_uses(const gql_build_t *build, base_str_t directive)
{
    const gql_sdl_def_t    *def;
    const gql_sdl_field_t  *field;

    for (def = build->defs; def != NULL; def = def->next) {
        if (gql_inputs_name(def->inputs, directive)) {
            return true;
        }

        for (field = def->fields; field != NULL; field = field->next) {
            if (gql_inputs_name(field->arguments, directive)) {
                return true;
            }
        }
    }

    return false;
}


static bool
gql_declare_schema(gql_build_t *build, gql_sdl_def_t *def)
{
    gql_report_t  report;

    if (build->schema_def != NULL) {
        report = gql_build_report(build, def->source);
        (void) gql_report(&report, def->offset,
                          "Must provide only one schema definition.");
        return true;
    }

    build->schema_def = def;
    build->schema->description = def->description;
    return true;
}


static bool
gql_declare_extension(gql_build_t *build, gql_sdl_def_t *def)
{
    gql_report_t       report;
    const gql_type_t  *type;

    report = gql_build_report(build, def->source);

    if (def->kind == GQL_SDL_SCHEMA) {
        if (build->schema_def == NULL) {
            (void) gql_report(&report, def->offset,
                              "Cannot extend the schema because it is not "
                              "defined.");
            return true;
        }

        gql_declare_append(build->schema_def, def);
        return true;
    }

    type = gql_schema_type(build->schema, def->name);

    if (type == NULL || type->builtin) {
        gql_declare_unknown(build, def);
        return true;
    }

    if (type->kind != def->type_kind) {
        (void) gql_report(&report, def->name_offset,
                          "Cannot extend non-%s type \"%.*s\".",
                          gql_type_kind_texts[def->type_kind],
                          BASE_STR_ARG(def->name));
        return true;
    }

    gql_declare_append(build->type_defs[type->index], def);
    return true;
}


/* def is the second one; where it is ours, the operator has taken its name. */
static void
gql_declare_twice(gql_build_t *build, const gql_sdl_def_t *def,
    const char *what, const gql_type_t *known)
{
    gql_report_t  report;

    if (def->source >= build->builtin && known != NULL) {
        report = gql_build_report(build, known->source);
        (void) gql_report(&report, known->offset,
                          "The schema must not define \"%.*s\", which is "
                          "built in.", BASE_STR_ARG(known->name));
        return;
    }

    report = gql_build_report(build, def->source);
    (void) gql_report(&report, def->name_offset,
                      "There can be only one %s named \"%s%.*s\".", what,
                      def->kind == GQL_SDL_DIRECTIVE ? "@" : "",
                      BASE_STR_ARG(def->name));
}


static void
gql_declare_unknown(gql_build_t *build, const gql_sdl_def_t *def)
{
    uint32_t       i;
    gql_report_t   report = gql_build_report(build, def->source);
    gql_suggest_t  suggest;

    gql_suggest_init(&suggest, &report, def->name);

    for (i = 0; i < build->schema->type_count; i++) {
        if (!build->schema->types[i]->builtin) {
            gql_suggest_add(&suggest, build->schema->types[i]->name);
        }
    }

    (void) gql_report(&report, def->name_offset,
                      "Cannot extend type \"%.*s\" because it is not "
                      "defined.%s", BASE_STR_ARG(def->name),
                      gql_suggest_text(&suggest));
}


static void
gql_declare_append(gql_sdl_def_t *def, gql_sdl_def_t *extension)
{
    while (def->extensions != NULL) {
        def = def->extensions;
    }

    def->extensions = extension;
}
