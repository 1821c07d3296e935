/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * t/cases/workflow/saved: what asl_exec_load() takes and what it refuses.
 *
 *   --- definition     JSON
 *   --- saved          JSON
 *   --- reason         why it is refused; empty when it is not
 */

#include "workflow/workflow.h"

#include "cases.h"
#include "tap.h"


static void
run_case(const char *file, const cases_case_t *one)
{
    char            name[512];
    base_str_t      reason = base_str(NULL, 0);
    asl_def_t      *def;
    asl_exec_t     *exec;
    asl_status_t    status;
    base_json_t    *saved;
    base_arena_t    arena;
    asl_problem_t  *problems;

    snprintf(name, sizeof(name), "%s: %.*s", file, BASE_STR_ARG(one->name));
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    def = asl_def_load(cases_section(one, "definition"), NULL, &arena,
                       &problems);
    saved = base_json_parse(&arena, cases_section(one, "saved"),
                            &asl_saved_limits, NULL);

    if (ok(def != NULL && saved != NULL, "%s: can be read", name)) {
        status = asl_exec_load(def, &arena, saved, &exec, &reason);
        is_str(reason, cases_section(one, "reason"), name);
        is_int(status, reason.len == 0 ? ASL_OK : ASL_INVALID, name);
        if (status == ASL_OK) {
            ok(asl_exec_actions(exec).count > 0, "%s: has an action", name);
        }
    }

    asl_def_free(def);
    base_arena_deinit(&arena);
}


int
main(void)
{
    ok(cases_each(TEST_TOP "/t/cases/workflow/saved", run_case) > 0,
       "there are cases");
    return done_testing();
}
