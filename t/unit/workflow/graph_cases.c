/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * t/cases/workflow/graph: definitions and their pictures.
 *
 *   --- definition     JSON
 *   --- counts         how often states were entered, JSON; may be left out
 *   --- dot            in Graphviz' language
 *   --- mermaid        in Mermaid's
 */

#include "workflow/workflow.h"

#include "cases.h"
#include "tap.h"


static bool
label(void *data, base_str_t state, base_buf_t *text)
{
    const base_json_t  *number = base_json_get(data, state);

    if (number == NULL) {
        base_buf_add_lit(text, "not to be seen");
        return false;
    }

    base_json_write(text, number);
    return true;
}


static base_str_t
trimmed(const base_buf_t *buf)
{
    return cases_trim(buf->data, buf->data + buf->len);
}


static void
run_case(const char *file, const cases_case_t *one)
{
    char            name[512];
    base_buf_t      buf;
    base_str_t      counts = cases_section(one, "counts");
    asl_def_t      *def;
    base_arena_t    arena;
    asl_problem_t  *problems;
    asl_overlay_t   overlay = { .label = label };

    snprintf(name, sizeof(name), "%s: %.*s", file, BASE_STR_ARG(one->name));
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    def = asl_def_load(cases_section(one, "definition"), NULL, &arena,
                       &problems);
    if (ok(def != NULL, "%s: loads", name)) {
        overlay.data = counts.data == NULL
                       ? NULL : base_json_parse(&arena, counts, NULL, NULL);

        base_buf_init(&buf, &arena, SIZE_MAX);
        asl_graph_dot(def, overlay.data == NULL ? NULL : &overlay, &buf);
        is_str(trimmed(&buf), cases_section(one, "dot"), name);

        base_buf_init(&buf, &arena, SIZE_MAX);
        asl_graph_mermaid(def, overlay.data == NULL ? NULL : &overlay, &buf);
        is_str(trimmed(&buf), cases_section(one, "mermaid"), name);
    }

    asl_def_free(def);
    base_arena_deinit(&arena);
}


int
main(void)
{
    ok(cases_each(TEST_TOP "/t/cases/workflow/graph", run_case) > 0,
       "there are cases");
    return done_testing();
}
