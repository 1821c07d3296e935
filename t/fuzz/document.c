/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as an executable document: parsed, and validated against a schema
 * that has one of each.
 *
 * What is refused says why, in UTF-8 and with places that exist; what is valid
 * is tied to the schema in every place that execution reads; suggestions change
 * no verdict; and memory that runs out is reported.
 */

#include "base/utf8.h"
#include "graphql/schema.h"

#include "fuzz.h"


#define DOCUMENT_FAULTS  3


static const base_str_t  document_schema = BASE_STR_INIT(
    "directive @mark(label: String) repeatable on QUERY | FIELD\n"
    "  | FRAGMENT_DEFINITION | FRAGMENT_SPREAD | INLINE_FRAGMENT\n"
    "  | VARIABLE_DEFINITION\n"
    "scalar Any enum E { A B }\n"
    "input I { n: Int! = 1 i: I e: E l: [[I!]] any: Any }\n"
    "input O @oneOf { a: Int b: I }\n"
    "interface N { id: ID! n(u: Boolean): N }\n"
    "type X implements N { id: ID! n(u: Boolean): X e: E }\n"
    "type Y implements N { id: ID! n(u: Boolean): N z: [Y!]! e: String }\n"
    "union U = X | Y\n"
    "type Query { n: N u(o: O, i: I): U x(id: ID!): X y(l: [Int!]): [Y] }\n"
    "type Mutation { m(i: I!): Int }\n"
    "type Subscription { s: X t: Int }\n");


static gql_schema_t *
schema_load(void)
{
    base_arena_t   arena;
    gql_errors_t   errors;
    gql_schema_t  *schema;
    gql_source_t   source = { BASE_STR_INIT("s"), document_schema };

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);

    schema = gql_schema_load(&source, 1, &errors);
    check(schema != NULL);
    base_arena_deinit(&arena);
    return schema;
}


static void
check_selections(const gql_selection_t *selection)
{
    for ( ; selection != NULL; selection = selection->next) {
        switch (selection->kind) {
        case GQL_SELECTION_FIELD:
            check(selection->field != NULL && selection->parent != NULL);
            check((selection->selections == NULL)
                  == gql_type_is_leaf(selection->field->named));
            break;

        case GQL_SELECTION_SPREAD:
            check(selection->fragment != NULL
                  && selection->fragment->type != NULL);
            break;

        case GQL_SELECTION_INLINE:
            check((selection->condition == NULL)
                  == (selection->type == NULL));
            break;
        }

        check_selections(selection->selections);
    }
}


static void
check_valid(const gql_document_t *document)
{
    const gql_fragment_t   *fragment;
    const gql_operation_t  *operation;

    for (operation = document->operations; operation != NULL;
         operation = operation->next)
    {
        check(operation->root != NULL);
        check_selections(operation->selections);
    }

    for (fragment = document->fragments; fragment != NULL;
         fragment = fragment->next)
    {
        check_selections(fragment->selections);
    }
}


static void
check_errors(const gql_errors_t *errors, base_str_t text)
{
    uint32_t            i;
    const gql_error_t  *error;

    check(errors->count > 0 && errors->first != NULL && !errors->nomem);

    for (error = errors->first; error != NULL; error = error->next) {
        check(error->message.len > 0);
        check(base_utf8_valid(error->message, NULL));

        for (i = 0; i < error->location_count; i++) {
            check(error->locations[i].line >= 1
                  && error->locations[i].line <= text.len + 1);
            check(error->locations[i].column >= 1
                  && error->locations[i].column <= text.len + 1);
        }
    }
}


/* The n-th allocation fails; 0: none.  True if the document is valid. */
static bool
document_try(const gql_schema_t *schema, base_str_t text, bool suggest,
    uint32_t n)
{
    bool                     valid = false;
    gql_limits_t             limits = { .nesting = 100, .tokens = 5000 };
    base_arena_t             arena;
    gql_errors_t             errors;
    gql_document_t          *document;
    gql_validate_options_t   options = { &limits, suggest, true };

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);

    if (n > 0) {
        base_arena_fail_after(&arena, n);
    }

    document = gql_document_parse(&arena, text, &limits, &errors);

    if (document != NULL) {
        valid = gql_validate(schema, document, &options, &errors);
    }

    if (valid) {
        check(errors.count == 0 && !errors.nomem);
        check_valid(document);

    } else if (n == 0) {
        check_errors(&errors, text);

    } else {
        check(errors.nomem || errors.count > 0);
    }

    base_arena_deinit(&arena);
    return valid;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool                  valid;
    uint32_t              i, n = 1;
    base_str_t            text = base_str((const char *) data, size);
    static gql_schema_t  *schema;

    if (schema == NULL) {
        schema = schema_load();
    }

    valid = document_try(schema, text, false, 0);
    check(document_try(schema, text, true, 0) == valid);

    for (i = 0; i < DOCUMENT_FAULTS; i++) {
        n = n * 5 + (uint32_t) size % 7;
        check(!document_try(schema, text, true, n) || valid);
    }

    return 0;
}
