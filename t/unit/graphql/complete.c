/* SPDX-License-Identifier: BSD-2-Clause */

/* Bounds of execution, and what it may cost; what it answers is in the cases
 * of execute.c. */

#include "graphql/exec.h"

#include <time.h>

#include "tap.h"


#define FRAGMENT_LEVELS  50


static const char  schema_text[] =
    "type Query { node: Node list: [Node] ints(v: [Int]): Int many: [Int!]! }"
    "type Mutation { must(v: Int): Int! may: Int }"
    "type Node { id: ID node: Node a: ID b: ID }";


static gql_schema_t  *schema;
static base_arena_t   arena;


/* A document without limits, ready to be planned. */
static gql_document_t *
load(base_str_t text)
{
    gql_errors_t             errors;
    gql_limits_t             limits = { 0 };
    gql_document_t          *document;
    gql_validate_options_t   options = { .limits = &limits,
                                         .introspection = true };

    gql_errors_init(&errors, &arena);

    document = gql_document_parse(&arena, text, &limits, &errors);
    if (document == NULL
        || !gql_validate(schema, document, &options, &errors))
    {
        printf("# %.*s\n", BASE_STR_ARG(errors.first->message));
        exit(EXIT_FAILURE);
    }

    return document;
}


/* The plan of the document's first operation. */
static gql_plan_t *
plan(gql_document_t *document, gql_errors_t *errors)
{
    gql_errors_init(errors, &arena);

    return gql_plan(schema, document, document->operations, NULL, NULL,
                    &arena, errors);
}


/* {"node":{"node":...}}, so many objects in each other. */
static base_json_t *
nested_value(unsigned depth)
{
    base_json_t  *value = base_json_object(&arena), *outer;

    while (--depth > 0) {
        outer = base_json_object(&arena);
        base_json_add(outer, BASE_STR("node"), value);
        value = outer;
    }

    return value;
}


/* Objects in each other, some in each fragment: deeper than braces may be. */
static base_str_t
nested_document(unsigned depth)
{
    unsigned    i, level, levels;
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_buf_add_lit(&buf, "{ node { ...F0 } } ");
    depth--;

    for (i = 0; depth != 0; i++, depth -= levels) {
        levels = depth < FRAGMENT_LEVELS ? depth : FRAGMENT_LEVELS;

        base_buf_printf(&buf, "fragment F%u on Node { ", i);
        for (level = 0; level < levels; level++) {
            base_buf_add_lit(&buf, "node { ");
        }

        base_buf_printf(&buf, "...F%u ", i + 1);
        for (level = 0; level <= levels; level++) {
            base_buf_add_lit(&buf, "} ");
        }
    }

    base_buf_printf(&buf, "fragment F%u on Node { id }", i);

    return base_buf_str(&buf);
}


static void
test_depth(void)
{
    unsigned          depth;
    base_buf_t        buf;
    gql_plan_t       *p;
    gql_errors_t      errors;
    gql_result_t      result;
    gql_document_t   *document;

    for (depth = GQL_RESPONSE_DEPTH_CEILING;
         depth <= GQL_RESPONSE_DEPTH_CEILING + 1; depth++)
    {
        document = load(nested_document(depth));
        p = plan(document, &errors);
        p->fields[0].value = nested_value(depth);

        base_buf_init(&buf, &arena, SIZE_MAX);
        result = gql_complete(p, NULL, &buf);

        ok(result == (depth == GQL_RESPONSE_DEPTH_CEILING ? GQL_RESULT_DATA
                                                          : GQL_RESULT_PARTIAL),
           "a response of %u levels", depth);
    }

    is_str(errors.first->message,
           BASE_STR("The response is nested too deeply."),
           "the error of one level too much");
    is_str(errors.first->code, GQL_CODE_LIMIT, "its code");
}


/* Errors past the maximum are counted, and the response is whole. */
static void
test_errors(void)
{
    int              i;
    base_buf_t       buf;
    gql_plan_t      *p;
    base_json_t     *list = base_json_array(&arena), *item;
    gql_errors_t     errors;
    gql_document_t  *document = load(BASE_STR("{ list { id } }"));

    for (i = 0; i < 500; i++) {
        item = base_json_object(&arena);
        base_json_add(item, BASE_STR("id"), base_json_array(&arena));
        base_json_append(list, item);
    }

    p = plan(document, &errors);
    p->fields[0].value = list;

    base_buf_init(&buf, &arena, SIZE_MAX);
    ok(gql_complete(p, NULL, &buf) == GQL_RESULT_PARTIAL, "500 errors");
    is_int(errors.count, 500, "all are counted");
    ok(base_json_get(base_json_parse(&arena, base_buf_str(&buf), NULL, NULL),
                     BASE_STR("errors"))->count == errors.max,
       "as many as may be are told");
}


static void
test_buffer(void)
{
    base_buf_t       buf;
    gql_plan_t      *p;
    gql_errors_t     errors;
    gql_document_t  *document = load(BASE_STR("{ __schema { types { name } } "
                                              "list { id } }"));

    p = plan(document, &errors);
    base_buf_init(&buf, &arena, 100);

    ok(gql_complete(p, NULL, &buf) == GQL_RESULT_NOMEM,
       "a response that has no room is none");
}


/* One plan serves any number of responses: a subscription's events. */
static void
test_again(void)
{
    base_buf_t       first, second;
    gql_plan_t      *p;
    base_json_t     *value = nested_value(2);
    gql_errors_t     errors;
    gql_document_t  *document;

    document = load(BASE_STR("{ node { ...F node { a b } } } "
                             "fragment F on Node { id node { a } }"));
    p = plan(document, &errors);

    base_buf_init(&first, &arena, SIZE_MAX);
    base_buf_init(&second, &arena, SIZE_MAX);

    p->fields[0].value = value;
    gql_complete(p, NULL, &first);
    gql_complete(p, NULL, &second);

    is_str(base_buf_str(&first),
           BASE_STR("{\"data\":{\"node\":{\"id\":null,\"node\":"
                    "{\"a\":null,\"b\":null}}}}"), "a response");
    is_str(base_buf_str(&second), base_buf_str(&first), "the same again");
}


static double
seconds(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}


/* Each fragment spreads the next one twice: 2^30 ways through them. */
static void
test_spreads(void)
{
    int              i;
    bool             selected;
    double           start;
    base_buf_t       buf, text;
    gql_plan_t      *p;
    gql_errors_t     errors;
    gql_document_t  *document;

    base_buf_init(&text, &arena, SIZE_MAX);
    base_buf_add_lit(&text, "{ node { ...F0 ...F0 } } ");
    for (i = 0; i < 30; i++) {
        base_buf_printf(&text, "fragment F%d on Node { ...F%d ...F%d "
                        "... on Node { ...F%d } } ", i, i + 1, i + 1, i + 1);
    }
    base_buf_printf(&text, "fragment F%d on Node { id }", i);

    document = load(base_buf_str(&text));
    start = seconds();

    p = plan(document, &errors);
    p->fields[0].value = nested_value(1);
    selected = gql_root_selects(p, &p->fields[0], BASE_STR("id"));

    base_buf_init(&buf, &arena, SIZE_MAX);
    gql_complete(p, NULL, &buf);

    printf("# %.3f ms\n", (seconds() - start) * 1e3);
    ok(selected, "fragments in fragments are searched once");
    is_str(base_buf_str(&buf), BASE_STR("{\"data\":{\"node\":{\"id\":null}}}"),
           "and opened once");
}


/* The set is collected once, not for each item. */
static void
test_memo(void)
{
    int              i;
    size_t           used;
    base_buf_t       buf;
    gql_plan_t      *p;
    base_json_t     *list = base_json_array(&arena);
    gql_errors_t     errors;
    gql_document_t  *document;

    document = load(BASE_STR("{ list { ...F a @include(if: true) } } "
                             "fragment F on Node { id node { ...G } } "
                             "fragment G on Node { a b }"));

    for (i = 0; i < 1000; i++) {
        base_json_append(list, nested_value(2));
    }

    p = plan(document, &errors);
    p->fields[0].value = list;

    base_buf_init(&buf, NULL, SIZE_MAX);
    used = arena.used_bytes;
    gql_complete(p, NULL, &buf);

    ok(arena.used_bytes - used < 65536, "1000 items cost %zu bytes",
       arena.used_bytes - used);

    base_buf_deinit(&buf);
}


/* Which of a mutation's fields the host need not begin with. */
static void
test_ends(void)
{
    gql_plan_t    *p;
    gql_errors_t   errors;

    p = plan(load(BASE_STR("mutation { must may again: must }")), &errors);

    ok(!gql_root_ends(p, &p->fields[0]), "a field that has not failed");

    gql_root_fail(p, &p->fields[1], GQL_CODE_INTERNAL, BASE_STR("no"));
    ok(!gql_root_ends(p, &p->fields[1]), "a failed field that may be null");

    gql_root_fail(p, &p->fields[0], GQL_CODE_INTERNAL, BASE_STR("no"));
    ok(gql_root_ends(p, &p->fields[0]),
       "a failed field that must not be null ends a mutation");
}


int
main(void)
{
    gql_errors_t  errors;
    gql_source_t  source = { BASE_STR_INIT("test"),
                             { schema_text, sizeof(schema_text) - 1 } };

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);

    schema = gql_schema_load(&source, 1, &errors);
    if (!ok(schema != NULL, "the schema loads")) {
        return done_testing();
    }

    test_depth();
    test_ends();
    test_errors();
    test_buffer();
    test_again();
    test_spreads();
    test_memo();

    gql_schema_free(schema);
    base_arena_deinit(&arena);

    return done_testing();
}
