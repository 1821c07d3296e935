/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * t/cases/workflow/load: definitions and what is said about them.
 *
 *   --- definition     JSON
 *   --- problems       "/pointer: message" in each line, "warning " before it
 *                      where it is one; empty when there are none
 */

#include "workflow/workflow.h"

#include "cases.h"
#include "tap.h"


static void
run_case(const char *file, const cases_case_t *one)
{
    bool            errors = false;
    char            name[512];
    base_buf_t      buf;
    asl_def_t      *def;
    base_arena_t    arena;
    asl_problem_t  *problem;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_buf_init(&buf, &arena, SIZE_MAX);
    def = asl_def_load(cases_section(one, "definition"), NULL, &arena,
                       &problem);

    for ( ; problem != NULL; problem = problem->next) {
        errors |= !problem->warning;
        base_buf_printf(&buf, "%s%s%.*s: %.*s", buf.len > 0 ? "\n" : "",
                        problem->warning ? "warning " : "",
                        BASE_STR_ARG(problem->pointer),
                        BASE_STR_ARG(problem->message));
    }

    snprintf(name, sizeof(name), "%s: %.*s", file, BASE_STR_ARG(one->name));
    is_str(base_buf_str(&buf), cases_section(one, "problems"), name);
    ok((def == NULL) == errors, "%s: loaded unless there are errors", name);

    asl_def_free(def);
    base_arena_deinit(&arena);
}


int
main(void)
{
    ok(cases_each(TEST_TOP "/t/cases/workflow/load", run_case) > 0,
       "there are cases");
    return done_testing();
}
