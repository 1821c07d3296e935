/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as a schema file.  What is refused says why, in UTF-8, with the
 * file and places that exist; what loads is whole: names are found, types
 * resolved, defaults coerced; the full introspection query is valid against it.
 */

#include "base/utf8.h"
#include "graphql/schema.h"

#include "fuzz.h"


static void
check_errors(const gql_errors_t *errors, base_str_t text)
{
    uint32_t            i;
    const gql_error_t  *error;

    check(errors->count > 0 && errors->first != NULL && !errors->nomem);

    for (error = errors->first; error != NULL; error = error->next) {
        check(error->message.len > 0 && error->location_count > 0);
        check(base_utf8_valid(error->message, NULL));
        check(base_str_eq_c(error->file, "fuzz"));

        for (i = 0; i < error->location_count; i++) {
            check(error->locations[i].line >= 1
                  && error->locations[i].line <= text.len + 1);
            check(error->locations[i].column >= 1
                  && error->locations[i].column <= text.len + 1);
        }
    }
}


static void
check_inputs(const gql_input_t *inputs, uint32_t count)
{
    uint32_t  i;

    for (i = 0; i < count; i++) {
        check(gql_type_is_input(gql_typeref_named(inputs[i].type)));
        check((inputs[i].default_value == NULL)
              == (inputs[i].default_json == NULL));
        check(gql_input_find(inputs, count, inputs[i].name) == &inputs[i]);
    }
}


static void
check_type(const gql_schema_t *schema, const gql_type_t *type)
{
    uint32_t  i;

    check(gql_schema_type(schema, type->name) == type);
    check(schema->types[type->index] == type);

    for (i = 0; i < type->field_count; i++) {
        check(type->fields[i].named != NULL
              && type->fields[i].named->kind != GQL_TYPE_INPUT_OBJECT);
        check(gql_type_field(type, type->fields[i].name) == &type->fields[i]);
        check_inputs(type->fields[i].arguments, type->fields[i].argument_count);
    }

    for (i = 0; i < type->interface_count; i++) {
        check(type->interfaces[i]->kind == GQL_TYPE_INTERFACE);
        check(gql_type_is_subtype(type, type->interfaces[i]));
    }

    for (i = 0; i < type->possible_count; i++) {
        check(type->possible[i]->kind == GQL_TYPE_OBJECT);
        check(gql_type_includes(type, type->possible[i]));
    }

    for (i = 0; i < type->value_count; i++) {
        check(gql_type_value(type, type->values[i].name) == &type->values[i]);
    }

    check_inputs(type->inputs, type->input_count);
}


static void
check_schema(const gql_schema_t *schema, base_arena_t *arena,
    gql_errors_t *errors)
{
    uint32_t                 i;
    gql_document_t          *document;
    gql_validate_options_t   options = { &gql_limits_default, true, true };

    for (i = 0; i < schema->type_count; i++) {
        check_type(schema, schema->types[i]);
    }

    for (i = 0; i < schema->directive_count; i++) {
        check_inputs(schema->directives[i].arguments,
                     schema->directives[i].argument_count);
    }

    check(schema->query != NULL && schema->skip != NULL
          && schema->include != NULL);

    document = gql_document_parse(arena,
        BASE_STR("{ __schema { types { name kind fields(includeDeprecated: "
                 "true) { name args { name defaultValue type { name } } } } "
                 "directives { name locations } } }"), NULL, errors);

    check(document != NULL
          && gql_validate(schema, document, &options, errors));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    base_str_t     text = base_str((const char *) data, size);
    base_arena_t   arena;
    gql_errors_t   errors;
    gql_schema_t  *schema;
    gql_source_t   source = { BASE_STR_INIT("fuzz"), text };

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);

    schema = gql_schema_load(&source, 1, &errors);

    if (schema == NULL) {
        check_errors(&errors, text);

    } else {
        check(errors.count == 0);
        check_schema(schema, &arena, &errors);
    }

    gql_schema_free(schema);
    base_arena_deinit(&arena);
    return 0;
}
