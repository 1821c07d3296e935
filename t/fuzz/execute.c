/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A document, a line of three dots, variables as JSON, another such line, and
 * the host's values as JSON by response key; the schema is fixed.
 *
 * Whatever they are, the answer is a JSON object that has data or errors and
 * all its errors in form; it is the same when no selection set is taken for a
 * plain one; and when memory runs out it is right or missing.
 */

#include "graphql/ast.h"

#include "fuzz.h"


#define FUZZ_SEPARATOR  "\n...\n"


static const char  fuzz_schema[] =
    "enum Size { SMALL LARGE @deprecated }"
    "scalar Any scalar DateTime "
    "interface Node { id: ID! } "
    "type Cat implements Node { id: ID! lives: Int! friend: Pet "
    "  kittens(first: Int! = 3 @constraint(max: 9)): [Cat!] } "
    "type Dog implements Node { id: ID! barks: Boolean size: Size } "
    "union Pet = Cat | Dog "
    "input Line { name: String! = \"x\" @constraint(pattern: \"^[a-z]*$\") "
    "  count: Int @constraint(min: 1, max: 5) tags: [String!] "
    "    @constraint(uniqueItems: true) sub: Line } "
    "input One @oneOf { a: Int b: Line } "
    "type Query { int(v: Int): Int must(v: Int!): Int! float(v: Float): Float "
    "  string(v: String): String id(v: ID): ID size(v: Size): Size "
    "  any(v: Any): Any at(v: DateTime): DateTime list(v: [[Int!]]): [[Int!]] "
    "  line(v: Line = {}): Int one(v: One): Int pet: Pet node: Node "
    "  cats: [Cat!]! self: Query } "
    "type Mutation { add(line: Line!): Cat }";


typedef struct {
    base_str_t  document;
    base_str_t  variables;
    base_str_t  values;
} input_t;


static const gql_schema_t *
the_schema(void)
{
    static gql_schema_t  *schema;
    gql_errors_t          errors;
    base_arena_t          arena;
    gql_source_t          source = { BASE_STR_INIT("fuzz"),
                                     { fuzz_schema,
                                       sizeof(fuzz_schema) - 1 } };

    if (schema == NULL) {
        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        gql_errors_init(&errors, &arena);

        schema = gql_schema_load(&source, 1, &errors);
        check(schema != NULL);

        base_arena_deinit(&arena);
    }

    return schema;
}


/* What comes before the next separator. */
static base_str_t
next_part(base_str_t *rest)
{
    size_t       len = sizeof(FUZZ_SEPARATOR) - 1;
    base_str_t   part = *rest;
    const char  *end;

    end = rest->len == 0 ? NULL
          : memmem(rest->data, rest->len, FUZZ_SEPARATOR, len);

    if (end == NULL) {
        *rest = base_str(NULL, 0);
        return part;
    }

    part.len = (size_t) (end - part.data);
    *rest = base_str(end + len, rest->len - part.len - len);

    return part;
}


static void
clear_plain(gql_selection_t *selection)
{
    for ( ; selection != NULL; selection = selection->next) {
        selection->plain = false;
        clear_plain(selection->selections);
    }
}


static void
clear_document(gql_document_t *document)
{
    gql_fragment_t   *fragment;
    gql_operation_t  *operation;

    for (operation = document->operations; operation != NULL;
         operation = operation->next)
    {
        operation->plain = false;
        clear_plain(operation->selections);
    }

    for (fragment = document->fragments; fragment != NULL;
         fragment = fragment->next)
    {
        clear_plain(fragment->selections);
    }
}


static void
give_values(gql_plan_t *plan, const base_json_t *values)
{
    size_t              i;
    gql_root_field_t   *field;
    const base_json_t  *value;

    for (i = 0; i < plan->count; i++) {
        field = &plan->fields[i];
        value = base_json_get(values, field->response_key);

        if (!field->host) {
            continue;
        }

        (void) gql_root_selects(plan, field, BASE_STR("friend.id"));

        if (value != NULL && value->type == BASE_JSON_BOOLEAN) {
            gql_root_fail(plan, field, BASE_STR("FAILED"), BASE_STR("no"));
            continue;
        }

        field->value = value;
    }
}


/* The response; data is NULL where memory ran out. */
static base_str_t
execute(base_arena_t *arena, const input_t *input, bool plain)
{
    base_buf_t               buf;
    gql_plan_t              *plan = NULL;
    gql_limits_t             limits = gql_limits_default;
    gql_errors_t             errors;
    gql_document_t          *document;
    const gql_operation_t   *operation = NULL;
    gql_validate_options_t   options = { .limits = &limits, .suggest = true,
                                         .introspection = true };

    gql_errors_init(&errors, arena);
    base_buf_init(&buf, arena, 1 << 22);

    document = gql_document_parse(arena, input->document, &limits, &errors);

    if (document != NULL
        && gql_validate(the_schema(), document, &options, &errors))
    {
        operation = gql_operation_find(document, base_str(NULL, 0), &errors);
    }

    if (operation != NULL) {
        if (!plain) {
            clear_document(document);
        }

        plan = gql_plan(the_schema(), document, operation,
                        base_json_parse(arena, input->variables, NULL, NULL),
                        &limits, arena, &errors);
    }

    if (plan == NULL) {
        gql_write_errors(&errors, &buf);
        return buf.failed ? base_str(NULL, 0) : base_buf_str(&buf);
    }

    give_values(plan, base_json_parse(arena, input->values, NULL, NULL));

    return gql_complete(plan, NULL, &buf) == GQL_RESULT_NOMEM
               ? base_str(NULL, 0) : base_buf_str(&buf);
}


static void
check_errors(const base_json_t *errors)
{
    const base_json_t  *error, *message;

    if (errors == NULL) {
        return;
    }

    check(errors->type == BASE_JSON_ARRAY && errors->count != 0);

    base_json_each(error, errors) {
        message = base_json_get(error, BASE_STR("message"));
        check(message != NULL && message->type == BASE_JSON_STRING);
        check(base_json_get(error, BASE_STR("extensions")) != NULL);
    }
}


static void
check_response(base_arena_t *arena, base_str_t response)
{
    base_json_limits_t   limits = { BASE_JSON_DEPTH_CEILING, UINT32_MAX };
    const base_json_t   *json, *data, *errors;

    json = base_json_parse(arena, response, &limits, NULL);
    check(json != NULL && json->type == BASE_JSON_OBJECT);

    data = base_json_get(json, BASE_STR("data"));
    errors = base_json_get(json, BASE_STR("errors"));

    check(data != NULL || errors != NULL);
    check(errors != NULL || data->type == BASE_JSON_OBJECT);
    check_errors(errors);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t       input;
    base_str_t    rest = base_str((const char *) data, size);
    base_str_t    response, again;
    base_arena_t  arena, other;

    input.document = next_part(&rest);
    input.variables = next_part(&rest);
    input.values = rest;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_arena_init(&other, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    response = execute(&arena, &input, true);

    if (response.data != NULL) {
        check_response(&arena, response);

        again = execute(&other, &input, false);
        check(base_str_eq(response, again));

        /* one allocation, chosen by the input, and all after it fail */
        base_arena_deinit(&other);
        base_arena_init(&other, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&other, 1 + (int64_t) (size % 97));

        again = execute(&other, &input, true);
        check(again.data == NULL || base_str_eq(response, again));
    }

    base_arena_deinit(&other);
    base_arena_deinit(&arena);

    return 0;
}
