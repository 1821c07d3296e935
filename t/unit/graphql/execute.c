/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The cases in t/cases/graphql/execute: a document is executed against values
 * and the response compared.  Sections:
 *
 *   schema       in the schema language
 *   document     executable
 *   operation    its name; may be missing
 *   variables    JSON; may be missing
 *   values       JSON, see execute.h; may be missing
 *   list_items   the limit; may be missing
 *   extensions   JSON, the response's own; may be missing
 *   arguments    expected: JSON by response key; may be missing
 *   selects      "key path" lines, each expected to be selected, after ! not
 *   response     expected: JSON, laid out as you like; may be missing
 *
 * Each case is also run with the n-th allocation failing, for n = 1 until it
 * passes.
 */

#include "execute.h"

#include "cases.h"
#include "tap.h"


#define ALLOCATIONS_MAX  20000


static gql_schema_t  *schema;
static base_str_t     schema_text;
static base_arena_t   schema_arena;


/* The schema of a case; the last one is kept. */
static bool
load_schema(base_str_t text)
{
    gql_source_t   source = { BASE_STR_INIT("case"), text };
    gql_errors_t   errors;
    gql_error_t   *error;

    if (schema != NULL && base_str_eq(text, schema_text)) {
        return true;
    }

    gql_schema_free(schema);
    base_arena_deinit(&schema_arena);
    base_arena_init(&schema_arena, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);
    base_arena_str(&schema_arena, text, &schema_text);

    gql_errors_init(&errors, &schema_arena);
    schema = gql_schema_load(&source, 1, &errors);

    for (error = errors.first; error != NULL; error = error->next) {
        printf("# schema: %.*s\n", BASE_STR_ARG(error->message));
    }

    return schema != NULL;
}


/* JSON without the layout it has in the file. */
static base_str_t
compact(base_arena_t *arena, base_str_t text)
{
    base_buf_t         buf;
    const base_json_t *value = base_json_parse(arena, text, NULL, NULL);

    if (value == NULL) {
        return BASE_STR("(the case's JSON is invalid)");
    }

    base_buf_init(&buf, arena, SIZE_MAX);
    base_json_write(&buf, value);

    return base_buf_str(&buf);
}


static void
check_selects(const char *file, const cases_case_t *one, execute_t e)
{
    bool         wanted;
    base_str_t   lines = cases_section(one, "selects");
    const char  *line = lines.data, *end = lines.data + lines.len, *eol;

    for ( ; line != NULL && line < end; line = eol + 1) {
        eol = memchr(line, '\n', (size_t) (end - line));
        if (eol == NULL) {
            eol = end;
        }

        wanted = *line != '!';
        e.selects = cases_trim(wanted ? line : line + 1, eol);

        ok(execute_run(&e).selected == wanted, "%s: %.*s: selects %.*s", file,
           BASE_STR_ARG(one->name), BASE_STR_ARG(e.selects));
    }
}


/* All allocations fail in turn: there is no answer until none fails. */
static bool
survives(execute_t e, base_str_t response)
{
    int               n;
    bool              fine, passed;
    base_arena_t      arena;
    execute_answer_t  answer;

    for (n = 1; n < ALLOCATIONS_MAX; n++) {
        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&arena, n);

        e.arena = &arena;
        answer = execute_run(&e);

        passed = arena.fail_after != 0;
        fine = base_str_eq(answer.response, response)
               || (!passed && answer.response.data == NULL);

        base_arena_deinit(&arena);

        if (passed || !fine) {
            return fine;
        }
    }

    return false;
}


static void
run_case(const char *file, const cases_case_t *one)
{
    char              name[512];
    execute_t         e = { .limits = gql_limits_default };
    base_str_t        expected, items = cases_section(one, "list_items");
    base_arena_t      arena;
    execute_answer_t  answer;

    snprintf(name, sizeof(name), "%s: %.*s", file, BASE_STR_ARG(one->name));

    if (!load_schema(cases_section(one, "schema"))) {
        ok(false, "%s: its schema loads", name);
        return;
    }

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    e.schema = schema;
    e.arena = &arena;
    e.document = cases_section(one, "document");
    e.operation = cases_section(one, "operation");
    e.variables = cases_section(one, "variables");
    e.values = cases_section(one, "values");
    e.extensions = cases_section(one, "extensions");

    if (items.data != NULL) {
        e.limits.list_items = (uint32_t) strtoul(items.data, NULL, 10);
    }

    answer = execute_run(&e);

    expected = cases_section(one, "response");
    if (expected.data != NULL) {
        is_str(answer.response, compact(&arena, expected), name);
    }

    expected = cases_section(one, "arguments");
    if (expected.data != NULL) {
        is_str(answer.arguments, compact(&arena, expected), name);
    }

    check_selects(file, one, e);

    ok(survives(e, answer.response), "%s: survives the loss of memory", name);

    base_arena_deinit(&arena);
}


int
main(void)
{
    unsigned  count;

    count = cases_each(TEST_TOP "/t/cases/graphql/execute", run_case);
    ok(count != 0, "%u cases were found", count);

    gql_schema_free(schema);
    base_arena_deinit(&schema_arena);

    return done_testing();
}
