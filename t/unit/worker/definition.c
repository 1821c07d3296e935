/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/definition.h"

#include <stdlib.h>
#include <unistd.h>

#include "tap.h"


static void
test_file(base_arena_t *arena, const char *text, unsigned errors,
    const char *part)
{
    char                  path[] = "/tmp/worker-definition-XXXXXX";
    worker_problem_t     *problem;
    worker_problems_t     problems;
    worker_definition_t  *definition;

    int   fd = mkstemp(path);
    bool  found = part == NULL;

    ok(write(fd, text, strlen(text)) == (ssize_t) strlen(text), "%s", text);
    (void) close(fd);

    worker_problems_init(&problems);
    definition = worker_definition_load(base_str_c(path), arena, &problems);
    (void) unlink(path);

    is_int(problems.errors, errors, "... the number of mistakes");
    ok((definition == NULL) == (errors > 0), "... is used if there is none");

    for (problem = problems.first; problem != NULL; problem = problem->next) {
        if (part != NULL && memmem(problem->text.data, problem->text.len, part,
                                   strlen(part)) != NULL)
        {
            found = true;
        }
    }

    ok(found, "... which says: %s", part != NULL ? part : "nothing");
    worker_definition_unref(definition);
}


int
main(void)
{
    base_arena_t          arena;
    worker_problems_t     problems;
    worker_definition_t  *built_in, *file;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    worker_problems_init(&problems);

    built_in = worker_definition_load(BASE_STR(""), &arena, &problems);
    file = worker_definition_load(BASE_STR(TEST_TOP "/conf/workflow.json"),
                                  &arena, &problems);
    ok(built_in != NULL && problems.first == NULL,
       "the built-in workflow is good");
    ok(file != NULL && base_str_eq(built_in->version, file->version),
       "and is that of conf/workflow.json");
    ok(worker_definition_ref(file) == file && file->refs == 2,
       "a reference counts");
    worker_definition_unref(file);
    worker_definition_unref(file);
    worker_definition_unref(built_in);
    worker_definition_unref(NULL);

    ok(worker_definition_load(BASE_STR("/nonexistent"), &arena, &problems)
       == NULL && problems.errors == 1, "a file that is not there");

    test_file(&arena, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\","
              "\"Resource\":\"orders:complete\",\"End\":true}}}", 0, NULL);
    test_file(&arena, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\","
              "\"Resource\":\"orders:fly\",\"Next\":\"B\"},\"B\":{\"Type\":"
              "\"Task\",\"Resource\":\"x\",\"End\":true}}}", 2,
              "state \"A\": there is no task \"orders:fly\"");
    test_file(&arena, "{\"StartAt\":\"B\",\"States\":{\"A\":{\"Type\":"
              "\"Succeed\"}}}", 1, "/StartAt");
    test_file(&arena, "nonsense", 1, NULL);

    base_arena_deinit(&arena);
    return done_testing();
}
