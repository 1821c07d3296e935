/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What validation leaves behind, and what it costs: documents that are built to
 * explode, memory that runs out, limits that only warn.  The rules have case
 * files, see language.c.
 */

#include "graphql/schema_build.h"

#include <time.h>

#include "cases.h"
#include "tap.h"


#define WORST_SECONDS  5            /* far above what any of them takes */


static base_arena_t   arena;
static gql_errors_t   errors;
static gql_schema_t  *schema;


static const char  schema_text[] =
    "interface I { i: I id: ID f(a: Int): Int }\n"
    "type A implements I { i: I id: ID f(a: Int): Int a: I }\n"
    "type B implements I { i: I id: ID f(a: Int): Int b: I }\n"
    "type C implements I { i: I id: ID f(a: Int): Int c: I }\n"
    "input In { a: In b: Int l: [In!] }\n"
    "type Query { i: I a: A f(a: Int, in: In): Int }\n"
    "type Subscription { i: I }\n";


static void
start(void)
{
    base_arena_init(&arena, 65536, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);
}


static void
schema_load(void)
{
    gql_source_t  source = { BASE_STR_INIT("s"), base_str_c(schema_text) };

    start();
    schema = gql_schema_load(&source, 1, &errors);

    if (schema == NULL) {
        printf("Bail out! the schema does not load\n");
        exit(EXIT_FAILURE);
    }

    base_arena_deinit(&arena);
}


static bool
validate(base_str_t text, const gql_limits_t *limits,
    gql_document_t **document)
{
    gql_validate_options_t  options = { limits, true, true };

    *document = gql_document_parse(&arena, text, limits, &errors);

    return *document != NULL
           && gql_validate(schema, *document, &options, &errors);
}


static void
test_resolved(void)
{
    gql_document_t         *document;
    const gql_operation_t  *operation;
    const gql_selection_t  *selection;

    start();
    ok(validate(BASE_STR("query Q($v: Int) { x: f(a: $v) @skip(if: true) "
                         "i { ...F ... on A { id } __typename } }"
                         "query R($v: Int) { i { ...F } }"
                         "fragment F on I { f(a: $v) }"), NULL, &document),
       "a document is valid");
    ok(document->validated, "and says so");

    operation = document->operations;
    selection = operation->selections;
    ok(operation->root == schema->query, "the root type");
    ok(selection->field == gql_type_field(schema->query, BASE_STR("f")),
       "a field's definition");
    ok(selection->parent == schema->query, "the type it is selected on");
    ok(selection->arguments->definition == selection->field->arguments,
       "an argument's definition");
    ok(selection->arguments->value->variable == operation->variables,
       "the variable of a value");
    ok(selection->directives->definition == schema->skip,
       "a directive's definition");

    selection = selection->next->selections;
    ok(selection->fragment == document->fragments, "a spread's fragment");
    ok(selection->fragment->type
       == gql_schema_type(schema, BASE_STR("I")), "a fragment's type");
    ok(document->fragments->selections->arguments->value->variable == NULL,
       "a variable in a fragment that two operations share is looked up");

    selection = selection->next;
    ok(selection->type == gql_schema_type(schema, BASE_STR("A")),
       "an inline fragment's type");
    ok(selection->next->field == &schema->typename_field, "__typename");

    base_arena_deinit(&arena);
}


static void
test_warnings(void)
{
    gql_limits_t     warn = { .depth = 1, .cost = 100, .tokens = 2 };
    gql_errors_t     warnings;
    gql_document_t  *document;

    start();
    gql_errors_init(&warnings, &arena);

    ok(validate(BASE_STR("{ i { i { id } } }"), &gql_limits_default,
                &document), "a document within the limits");
    is_int(document->measured.depth, 3, "its depth is known");
    is_int(document->measured.cost, 3, "its cost too");
    ok(!gql_limits_check(document, &warn, &warnings),
       "it exceeds limits that only warn");
    is_int(warnings.count, 2, "each is reported");
    is_int(errors.count, 0, "but not as an error of the document");
    is_str(base_json_get_str(warnings.first->extensions, BASE_STR("limit")),
           BASE_STR("tokens"), "by its name");

    base_arena_deinit(&arena);
}


/* A pattern in which %d is a number, for 0 to n - 1. */
static void
repeat(base_buf_t *buf, uint32_t n, const char *pattern)
{
    uint32_t     i;
    const char  *p;

    for (i = 0; i < n; i++) {
        for (p = pattern; *p != '\0'; p++) {
            if (p[0] == '%' && p[1] == 'd') {
                base_buf_add_int(buf, i);
                p++;

            } else if (p[0] == '%' && p[1] == 'n') {
                base_buf_add_int(buf, i + 1);
                p++;

            } else {
                base_buf_add_char(buf, *p);
            }
        }
    }
}


/* Documents of about 64 KB in the shapes that have brought servers down: text
 * in front, a pattern n times, text behind. */
static const struct {
    const char  *name;
    const char  *before;
    const char  *pattern;
    uint32_t     n;
    const char  *after;
} worst[] = {
    { "one field over and over", "{ i {", "id ", 20000, "} }" },
    { "one field with a selection set over and over", "{", "i { id } ", 7000,
      "}" },
    { "a conflict over and over", "{ i {", "id id: f ", 7000, "} }" },
    { "an alias for each", "{ i {", "a%d: id ", 7000, "} }" },
    { "a chain of fragments", "{ i { ...F0 } }",
      "fragment F%d on I { id ...F%n } ", 1800,
      "fragment F1800 on I { id }" },
    { "fragments that are spread twice, level by level", "{ i { ...F0 } }",
      "fragment F%d on I { a: i { ...F%n } b: i { ...F%n } } ", 1000,
      "fragment F1000 on I { id }" },
    { "a fragment spread everywhere", "{", "a%d: i { ...F id } ", 3000,
      "} fragment F on I { a: id b: id c: id d: id e: id f g: id h: id }" },
    { "a large fragment spread everywhere", "query Q {"
      "a0:i{...F id} a1:i{...F id} a2:i{...F id} a3:i{...F id} a4:i{...F id}"
      "} fragment F on I {", "a%d: id ", 7000, "}" },
    { "objects beside interfaces, level by level", "{ i {", "... on A {i{id}}"
      "... on B {i{id}} ... on C {i{id}} i {", 490, "id" },
    { "a cycle of all fragments", "{ i { ...F0 } }",
      "fragment F%d on I { ...F%n } ", 2000, "fragment F2000 on I { ...F0 }" },
    { "every fragment spreads itself", "{ i { ...F0 } }",
      "fragment F%d on I { ...F%d ...F%n } ", 1700,
      "fragment F1700 on I { id }" },
    { "operations that share a fragment", "fragment F on Query { f(a: $v) "
      "b: f(a: $v) c: f(a: $v) d: f(a: $v) }",
      "query Q%d($v: Int) { ...F } ", 2000, "" },
    { "operations that share a chain of fragments",
      "fragment F0 on Query { f } fragment F1 on Query { f ...F0 } "
      "fragment F2 on Query { f ...F1 } fragment F3 on Query { f ...F2 } ",
      "query Q%d { ...F3 ...F2 ...F1 ...F0 } ", 1800, "" },
    { "variables", "query Q(", "$v%d: Int ", 5000, ") { f }" },
    { "one variable over and over", "query Q(", "$v: Int ", 7000, ") { f }" },
    { "operations of one name", "", "query Q { f } ", 4500, "" },
    { "fragments of one name", "{ i { ...F } }", "fragment F on I { id } ",
      2700, "" },
    { "unknown directives", "{ f ", "@d ", 20000, "}" },
    { "known directives", "{ f ", "@skip(if: true) ", 4000, "}" },
    { "unknown arguments", "{ f(", "a%d: 1 ", 7000, ") }" },
    { "one argument over and over", "{ f(", "a: 1 ", 12000, ") }" },
    { "unknown input fields", "{ f(in: {", "a%d: 1 ", 7000, "}) }" },
    { "one input field over and over", "{ f(in: {", "a: {} ", 10000, "}) }" },
    { "long lists of objects twice", "{ f(in: {l: [", "{b:1},", 10000,
      "]}) f(in: {l: []}) }" },
    { "unknown fields with long names", "{", "nooooooooooooooooooooooooooooo%d "
      , 1800, "}" },
    { "unknown types", "{ i {", "... on Nooooooo%d { id } ", 2500, "} }" },
    { "nested inline fragments", "{ i {", "... { ... on I { id } } ", 2500,
      "} }" },
    { "introspection in fragments", "{ __schema { types { ...F0 } } }",
      "fragment F%d on __Type { ofType { ...F%n } } ", 1300,
      "fragment F1300 on __Type { fields { name } }" },
    { "a subscription's root fields", "subscription {", "a%d: i { id } ", 3500,
      "}" },
    { "subscriptions that share fragments", "fragment F0 on Subscription "
      "{ i { id } } fragment F1 on Subscription { ...F0 } ",
      "subscription S%d { ...F1 ...F0 } ", 1700, "" },
    { "comments", "{ f ", "#\n", 30000, "}" },
    { "commas", "{ f ", ",,", 30000, "}" },
};


static double
seconds(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}


static void
test_worst(void)
{
    size_t           i;
    double           took;
    base_buf_t       buf;
    gql_limits_t     none = { 0 };
    gql_document_t  *document;

    for (i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
        start();
        base_buf_init(&buf, &arena, SIZE_MAX);
        base_buf_add_str(&buf, base_str_c(worst[i].before));
        repeat(&buf, worst[i].n, worst[i].pattern);
        base_buf_add_str(&buf, base_str_c(worst[i].after));

        if (strcmp(worst[i].after, "id") == 0) {
            repeat(&buf, worst[i].n + 2, "}");
        }

        took = seconds();
        (void) validate(base_buf_str(&buf), &none, &document);
        took = seconds() - took;

        printf("# %5.0f ms, %6zu bytes, %6u tokens, %5u errors: %s\n",
               took * 1000, buf.len, document == NULL ? 0 : document->tokens,
               errors.count, worst[i].name);
        ok(took < WORST_SECONDS && !errors.nomem, "%s: done in no time",
           worst[i].name);

        base_arena_deinit(&arena);
    }
}


/* At each level a field on the interface beside the same one on three objects,
 * all of which go on to the end: each way through them is another set of fields
 * to merge. */
static void
test_explosion(void)
{
    double           took;
    uint32_t         level, depth = 30;
    base_buf_t       buf;
    gql_limits_t     none = { 0 };
    gql_document_t  *document;

    start();
    base_buf_init(&buf, &arena, SIZE_MAX);
    base_buf_add_lit(&buf, "{ i {");

    for (level = 0; level < depth; level++) {
        static const char *const  types[] = { "A", "B", "C" };
        size_t                    i;

        for (i = 0; i < 3; i++) {
            base_buf_printf(&buf, "... on %s {", types[i]);
            repeat(&buf, depth - level, "i {");
            base_buf_add_lit(&buf, "id");
            repeat(&buf, depth - level, "}");
            base_buf_add_char(&buf, '}');
        }

        base_buf_add_lit(&buf, "i {");
    }

    base_buf_add_lit(&buf, "id");
    repeat(&buf, depth + 2, "}");

    took = seconds();
    ok(!validate(base_buf_str(&buf), &none, &document),
       "sets of fields that multiply level by level are refused");
    took = seconds() - took;
    printf("# %5.0f ms, %6zu bytes, %6u tokens\n", took * 1000, buf.len,
           document == NULL ? 0 : document->tokens);

    is_int(errors.count, 1, "with one error");
    is_str(base_json_get_str(errors.first->extensions, BASE_STR("limit")),
           BASE_STR("work"), "that names the budget");
    ok(took < WORST_SECONDS, "in no time");
    base_arena_deinit(&arena);
}


/* A chain of fragments is as deep as the document is long: nothing may recurse
 * along it. */
static void
test_long_chain(void)
{
    base_buf_t       buf;
    gql_limits_t     none = { 0 };
    gql_document_t  *document;

    start();
    base_buf_init(&buf, &arena, SIZE_MAX);
    base_buf_add_lit(&buf, "{ i { ...F0 } }");
    repeat(&buf, 200000, "fragment F%d on I { ...F%n } ");
    base_buf_add_lit(&buf, "fragment F200000 on I { id }");

    ok(!validate(base_buf_str(&buf), &none, &document),
       "a chain of 200,000 fragments is refused");
    is_str(errors.first->code, GQL_CODE_LIMIT, "as too deep");

    base_arena_deinit(&arena);
}


static const base_str_t  fault_documents[] = {
    BASE_STR_INIT("query Q($v: Int = 1, $w: In) @skip(if: true) { x: f(a: $v, "
        "in: $w) i { ...F ... on A { id i { id } } i { id f(a: 2) } } }"
        "fragment F on I { f(a: $v) ... { id } }"),
    BASE_STR_INIT("query Q { f(a: \"x\\n\", b: 1, b: 2) @no @skip fo i { id { "
        "x } ...G ... on Nope { id } ... on In { id } } } query Q { i } "
        "{ i { id: f } } fragment F on I { ...F } type T { a: Int } "
        "subscription S($v: [I], $v: Int) { a: i { id } i { id } }")
};


static void
test_faults(void)
{
    size_t           i;
    int64_t          n;
    bool             done = false, valid, sound = true;
    gql_document_t  *document;

    for (i = 0; i < sizeof(fault_documents) / sizeof(fault_documents[0]); i++)
    {
        done = false;

        for (n = 1; !done && n < 100000; n++) {
            start();
            base_arena_fail_after(&arena, n);
            valid = validate(fault_documents[i], NULL, &document);
            done = !errors.nomem;
            sound = sound && (done || !valid);
            base_arena_deinit(&arena);
        }

        ok(done && sound, "document %zu: each of %" PRId64 " allocations may "
           "fail", i + 1, n - 2);
    }
}


/* A schema in memory that ends. */
static void
test_schema_faults(void)
{
    bool           done = false, built, sound = true;
    int64_t        n;
    gql_source_t   source;
    gql_schema_t   broken;
    base_arena_t   text;
    gql_errors_t   report;

    base_arena_init(&text, 65536, BASE_ARENA_UNLIMITED);
    source.name = BASE_STR("zoo");
    source.text = cases_read(&text, TEST_TOP "/t/oracle/zoo.graphql");

    for (n = 1; !done && n < 100000; n++) {
        start();
        memset(&broken, 0, sizeof(broken));
        base_arena_init(&broken.arena, 65536, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&broken.arena, n);
        gql_errors_init(&report, &arena);

        built = gql_schema_build(&broken, &source, 1, &report);
        done = built;
        sound = sound && (built || report.nomem);

        base_arena_deinit(&broken.arena);
        base_arena_deinit(&arena);
    }

    ok(done && sound, "a schema: each of %" PRId64 " allocations may fail",
       n - 2);
    base_arena_deinit(&text);
}


int
main(void)
{
    schema_load();
    test_resolved();
    test_warnings();
    test_worst();
    test_explosion();
    test_long_chain();
    test_faults();
    test_schema_faults();
    gql_schema_free(schema);

    return done_testing();
}
