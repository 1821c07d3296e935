/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Runs the cases in t/cases/graphql/schema and t/cases/graphql/validate:
 * schemas alone, and documents against schemas.
 *
 *   --- schema      what is loaded
 *   --- document    what is parsed and validated against it
 *   --- options     words: suggest, no-introspection, depth=4, tokens=10, ...
 *   --- errors      what is reported, and nothing else: a line for each,
 *                   "1:3 2:5 message" with all its places
 *
 * A case without errors is valid.  There are no limits but those in options.
 * Each rule of validation has a file of its name, with cases of both kinds.
 */

#include "graphql/validate.h"

#include "cases.h"
#include "tap.h"


/* A word's number, "depth=4"; false: the option is another one. */
static bool
option_number(base_str_t word, const char *name, uint32_t *value)
{
    size_t  n = strlen(name);

    if (word.len <= n + 1 || memcmp(word.data, name, n) != 0
        || word.data[n] != '=')
    {
        return false;
    }

    *value = (uint32_t) strtoul(word.data + n + 1, NULL, 10);
    return true;
}


static void
parse_option(base_str_t word, gql_validate_options_t *options,
    gql_limits_t *limits)
{
    bool  known = false;

    if (base_str_eq_c(word, "suggest")) {
        options->suggest = known = true;

    } else if (base_str_eq_c(word, "no-introspection")) {
        options->introspection = false;
        known = true;
    }

#define LIMIT_OPTION(name, value, words)                                      \
    known = known || option_number(word, #name, &limits->name);
    GQL_LIMITS(LIMIT_OPTION)
#undef LIMIT_OPTION

    if (!known) {
        printf("Bail out! unknown option: %.*s\n", BASE_STR_ARG(word));
        exit(EXIT_FAILURE);
    }
}


static void
parse_options(base_str_t text, gql_validate_options_t *options,
    gql_limits_t *limits)
{
    const char  *start = text.data, *end = text.data + text.len, *space;

    while (start < end) {
        space = memchr(start, ' ', (size_t) (end - start));
        space = space == NULL ? end : space;

        parse_option(base_str(start, (size_t) (space - start)), options,
                     limits);
        start = space + 1;
    }
}


static void
write_errors(const gql_errors_t *errors, base_buf_t *buf)
{
    uint32_t            i;
    const gql_error_t  *error;

    for (error = errors->first; error != NULL; error = error->next) {
        if (buf->len > 0) {
            base_buf_add_char(buf, '\n');
        }

        for (i = 0; i < error->location_count; i++) {
            base_buf_printf(buf, "%u:%u ", error->locations[i].line,
                            error->locations[i].column);
        }

        base_buf_add_str(buf, error->message);
    }
}


static void
run_document(const cases_case_t *one, const gql_schema_t *schema,
    base_str_t text, base_arena_t *arena, gql_errors_t *errors)
{
    gql_limits_t             limits = { 0 };
    gql_document_t          *document;
    gql_validate_options_t   options = { &limits, false, true };

    parse_options(cases_section(one, "options"), &options, &limits);

    document = gql_document_parse(arena, text, &limits, errors);
    if (document != NULL) {
        (void) gql_validate(schema, document, &options, errors);
    }
}


static void
run_case(const char *file, const cases_case_t *one)
{
    char           name[512];
    base_buf_t     got;
    base_str_t     document = cases_section(one, "document");
    gql_source_t   source;
    gql_errors_t   errors;
    gql_schema_t  *schema;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);
    base_buf_init(&got, NULL, SIZE_MAX);

    source.name = BASE_STR("schema.graphql");
    source.text = cases_section(one, "schema");
    schema = gql_schema_load(&source, 1, &errors);

    if (schema != NULL && document.data != NULL) {
        run_document(one, schema, document, &arena, &errors);
    }

    write_errors(&errors, &got);
    (void) snprintf(name, sizeof(name), "%s: %.*s", file,
                    BASE_STR_ARG(one->name));
    is_str(base_buf_str(&got), cases_section(one, "errors"), name);

    base_buf_deinit(&got);
    gql_schema_free(schema);
    base_arena_deinit(&arena);
}


static void
test_rule(const char *rule)
{
    char           path[512];
    base_arena_t   arena;
    unsigned       valid = 0, invalid = 0;
    cases_case_t  *one;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    (void) snprintf(path, sizeof(path), "%s/t/cases/graphql/validate/%s.txt",
                    TEST_TOP, rule);

    for (one = cases_parse(&arena, cases_read(&arena, path)); one != NULL;
         one = one->next)
    {
        if (cases_section(one, "errors").data == NULL) {
            valid++;

        } else {
            invalid++;
        }
    }

    ok(valid > 0 && invalid > 0,
       "the rule %s has valid and invalid documents", rule);
    base_arena_deinit(&arena);
}


int
main(void)
{
#define TEST_RULE(name, fn)  test_rule(#name);
    GQL_RULES(TEST_RULE)
#undef TEST_RULE
    test_rule("NoFragmentCycles");

    ok(cases_each(TEST_TOP "/t/cases/graphql/schema", run_case) > 0,
       "there are cases of schemas");
    ok(cases_each(TEST_TOP "/t/cases/graphql/validate", run_case) > 0,
       "there are cases of documents");

    return done_testing();
}
