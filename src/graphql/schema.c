/* SPDX-License-Identifier: BSD-2-Clause */

/* Loading a schema; what hosts ask of it. */

#include "base/utf8.h"

#include <stdlib.h>

#include "graphql/builtin.h"
#include "graphql/schema_build.h"


#define GQL_SCHEMA_BYTES_MAX  (64U << 20)       /* of one source */


typedef bool (*gql_build_step_fn)(gql_build_t *build);


static const gql_build_step_fn  gql_build_steps[] = {
    gql_build_declare,
    gql_build_members,
    gql_build_relate,
    gql_build_directives,
    gql_build_check,
    gql_build_defaults
};


/* By gql_type_kind_t. */
static const base_str_t  schema_kinds[] = {
    [GQL_TYPE_SCALAR] = BASE_STR_INIT("SCALAR"),
    [GQL_TYPE_OBJECT] = BASE_STR_INIT("OBJECT"),
    [GQL_TYPE_INTERFACE] = BASE_STR_INIT("INTERFACE"),
    [GQL_TYPE_UNION] = BASE_STR_INIT("UNION"),
    [GQL_TYPE_ENUM] = BASE_STR_INIT("ENUM"),
    [GQL_TYPE_INPUT_OBJECT] = BASE_STR_INIT("INPUT_OBJECT")
};


static bool gql_schema_sources(gql_build_t *build, const gql_source_t *sources,
    size_t count);
static bool gql_schema_parse(gql_build_t *build);
static base_str_t schema_type_text(const gql_typeref_t *type,
    base_arena_t *arena);


gql_schema_t *
gql_schema_load(const gql_source_t *sources, size_t count,
    gql_errors_t *errors)
{
    gql_schema_t  *schema;

    schema = calloc(1, sizeof(gql_schema_t));
    if (schema == NULL) {
        errors->nomem = true;
        return NULL;
    }

    base_arena_init(&schema->arena, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);

    if (!gql_schema_build(schema, sources, count, errors)) {
        gql_schema_free(schema);
        return NULL;
    }

    return schema;
}


bool
gql_schema_build(gql_schema_t *schema, const gql_source_t *sources,
    size_t count, gql_errors_t *errors)
{
    size_t       i;
    gql_build_t  build = {
        .schema = schema,
        .arena = &schema->arena,
        .errors = errors,
        .errors_before = errors->count
    };

    if (!gql_schema_sources(&build, sources, count)
        || !gql_schema_parse(&build))
    {
        return false;
    }

    for (i = 0; i < sizeof(gql_build_steps) / sizeof(gql_build_steps[0]); i++) {
        if (!gql_build_steps[i](&build)
            || errors->count > build.errors_before || errors->nomem)
        {
            return false;
        }
    }

    return true;
}


void
gql_schema_free(gql_schema_t *schema)
{
    if (schema == NULL) {
        return;
    }

    base_arena_deinit(&schema->arena);
    free(schema);
}


/* Copies the sources; the built-in ones follow them. */
static bool
gql_schema_sources(gql_build_t *build, const gql_source_t *sources,
    size_t count)
{
    size_t         i;
    gql_source_t  *copies;

    copies = base_arena_calloc(build->arena, count + 2, sizeof(gql_source_t));
    build->names = base_arena_calloc(build->arena, count + 2,
                                     sizeof(base_str_t));
    if (copies == NULL || build->names == NULL) {
        return gql_build_nomem(build);
    }

    for (i = 0; i < count; i++) {
        if (!base_arena_str(build->arena, sources[i].name, &copies[i].name)
            || !base_arena_str(build->arena, sources[i].text, &copies[i].text)
            || !base_arena_str(build->errors->arena, sources[i].name,
                               &build->names[i]))
        {
            return gql_build_nomem(build);
        }
    }

    copies[count] = gql_builtin_source;
    copies[count + 1] = gql_optional_source;
    build->names[count] = gql_builtin_source.name;
    build->names[count + 1] = gql_optional_source.name;

    build->schema->sources = copies;
    build->schema->source_count = (uint32_t) count + 2;
    build->builtin = (uint32_t) count;
    return true;
}


static bool
gql_schema_parse(gql_build_t *build)
{
    bool             parsed = true;
    size_t           bad;
    uint32_t         i;
    gql_parser_t     parser;
    gql_report_t     report;
    gql_sdl_def_t   *def, **tail = &build->defs;

    for (i = 0; i < build->schema->source_count; i++) {
        report = gql_build_report(build, i);
        report.code = GQL_CODE_PARSE;

        if (report.source.len > GQL_SCHEMA_BYTES_MAX
            || !base_utf8_valid(report.source, &bad))
        {
            bad = report.source.len > GQL_SCHEMA_BYTES_MAX ? 0 : bad;
            (void) gql_report(&report, (uint32_t) bad,
                              "The schema must be at most %u bytes of UTF-8.",
                              GQL_SCHEMA_BYTES_MAX);
            parsed = false;
            continue;
        }

        gql_parser_init(&parser, build->arena, &report, NULL);
        def = gql_sdl_document(&parser);
        parsed = parsed && !parser.failed;

        for ( ; def != NULL; def = def->next) {
            def->source = i;
            *tail = def;
            tail = &def->next;
        }
    }

    return parsed;
}


gql_report_t
gql_build_report(const gql_build_t *build, uint32_t source)
{
    return (gql_report_t) {
        .errors = build->errors,
        .code = GQL_CODE_VALIDATION,
        .source = build->schema->sources[source].text,
        .file = build->names[source],
        .suggest = true
    };
}


bool
gql_build_nomem(gql_build_t *build)
{
    build->errors->nomem = true;
    return false;
}


const gql_field_t *
gql_schema_field(const gql_schema_t *schema, base_str_t type,
    base_str_t field)
{
    const gql_type_t  *found = gql_schema_type(schema, type);

    return found == NULL ? NULL : gql_type_field(found, field);
}


base_str_t
gql_schema_root(const gql_schema_t *schema, base_str_t operation)
{
    const gql_type_t      *root;
    gql_operation_kind_t   kind;

    if (!gql_operation_keyword(operation, &kind)) {
        return base_str(NULL, 0);
    }

    root = gql_schema_root_type(schema, kind);
    return root == NULL ? base_str(NULL, 0) : root->name;
}


base_str_t
gql_field_type_text(const gql_field_t *field, base_arena_t *arena)
{
    return schema_type_text(field->type, arena);
}


static base_str_t
schema_type_text(const gql_typeref_t *type, base_arena_t *arena)
{
    base_buf_t  buf;

    base_buf_init(&buf, arena, SIZE_MAX);
    gql_typeref_write(type, &buf);

    return buf.failed ? base_str(NULL, 0) : base_buf_str(&buf);
}


base_str_t
gql_field_type_name(const gql_field_t *field)
{
    return field->named->name;
}


bool
gql_field_each_argument(const gql_field_t *field, base_arena_t *arena,
    void (*fn)(void *data, base_str_t name, base_str_t type), void *data)
{
    uint32_t    i;
    base_str_t  type;

    for (i = 0; i < field->argument_count; i++) {
        type = schema_type_text(field->arguments[i].type, arena);

        if (type.data == NULL) {
            return false;
        }

        fn(data, field->arguments[i].name, type);
    }

    return true;
}


base_str_t
gql_schema_kind(const gql_schema_t *schema, base_str_t type)
{
    const gql_type_t  *found = gql_schema_type(schema, type);

    return found == NULL ? base_str(NULL, 0) : schema_kinds[found->kind];
}


bool
gql_schema_always_has(const gql_schema_t *schema, base_str_t type,
    base_str_t field)
{
    const gql_type_t   *found = gql_schema_type(schema, type);
    const gql_input_t  *input;

    if (found == NULL) {
        return false;
    }

    input = gql_input_find(found->inputs, found->input_count, field);

    return input != NULL && gql_typeref_is_non_null(input->type);
}


bool
gql_schema_each_member(const gql_schema_t *schema, base_str_t type,
    void (*fn)(void *data, base_str_t name), void *data)
{
    uint32_t           i;
    const gql_type_t  *found = gql_schema_type(schema, type);

    if (found == NULL) {
        return false;
    }

    for (i = 0; i < found->field_count; i++) {
        fn(data, found->fields[i].name);
    }

    for (i = 0; i < found->input_count; i++) {
        fn(data, found->inputs[i].name);
    }

    for (i = 0; i < found->value_count; i++) {
        fn(data, found->values[i].name);
    }

    return true;
}
