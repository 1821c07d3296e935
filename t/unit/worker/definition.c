/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/definition.h"

#include <stdlib.h>
#include <unistd.h>

#include "tap.h"


static worker_definition_t *
load(const char *path, base_arena_t *arena, worker_problems_t *problems)
{
    worker_config_t  config;

    worker_config_load(&config, arena, NULL, BASE_STR(""), BASE_STR(""),
                       problems);
    config.workflow = base_str_c(path);
    return worker_definition_load(&config, arena, problems);
}


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
    definition = load(path, arena, &problems);
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


static void
test_versions(base_arena_t *arena)
{
    char                  path[] = "/tmp/worker-versions-XXXXXX";
    char                  text[256];
    unsigned              i;
    base_str_t            versions[WORKER_DEFINITIONS_MAX + 1];
    worker_problems_t     problems;
    worker_definition_t  *definition;
    worker_definitions_t  definitions = { .count = 0 };

    (void) close(mkstemp(path));
    worker_problems_init(&problems);

    for (i = 0; i <= WORKER_DEFINITIONS_MAX; i++) {
        FILE  *file = fopen(path, "w");

        (void) snprintf(text, sizeof(text), "{\"StartAt\":\"A%u\",\"States\":"
                        "{\"A%u\":{\"Type\":\"Succeed\"}}}", i, i);
        (void) fputs(text, file);
        (void) fclose(file);

        definition = load(path, arena, &problems);
        (void) base_arena_str(arena, definition->version, &versions[i]);
        worker_definitions_add(&definitions, definition);
    }

    (void) unlink(path);
    ok(base_str_eq(definitions.items[0]->version, versions[i - 1]),
       "the last one added is the current one");
    ok(base_str_eq(worker_definitions_find(&definitions, versions[1])->version,
                   versions[1]), "an older one is found by its version");
    ok(worker_definitions_find(&definitions, versions[0])
       == definitions.items[0], "one that was forgotten gives the current one");

    definition = worker_definition_ref(
        worker_definitions_find(&definitions, versions[1]));
    worker_definitions_add(&definitions, definition);
    ok(definitions.items[0] == definition
       && definitions.count == WORKER_DEFINITIONS_MAX,
       "one that comes again moves to the front");
    worker_definitions_deinit(&definitions);
}

int
main(void)
{
    base_arena_t          arena;
    worker_problems_t     problems;
    worker_definition_t  *built_in, *file;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    worker_problems_init(&problems);

    built_in = load("", &arena, &problems);
    file = load(TEST_TOP "/conf/workflow.json", &arena, &problems);
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

    ok(load("/nonexistent", &arena, &problems) == NULL
       && problems.errors == 1, "a file that is not there");

    test_file(&arena, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\","
              "\"Resource\":\"orders:complete\",\"End\":true}}}", 0, NULL);
    test_file(&arena, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\","
              "\"Resource\":\"orders:fly\",\"Next\":\"B\"},\"B\":{\"Type\":"
              "\"Task\",\"Resource\":\"x\",\"End\":true}}}", 2,
              "state \"A\": there is no task \"orders:fly\"");
    test_file(&arena, "{\"StartAt\":\"A/B\",\"States\":{\"A/B\":{\"Type\":"
              "\"Task\",\"Resource\":\"orders:pay.waitForTaskToken\",\"End\":"
              "true}}}", 1, "/States/A~1B/Resource: state \"A/B\": orders:pay "
              "cannot wait for a callback");
    test_file(&arena, "{\"StartAt\":\"B\",\"States\":{\"A\":{\"Type\":"
              "\"Succeed\"}}}", 1, "/StartAt");
    test_file(&arena, "nonsense", 1, NULL);

    test_versions(&arena);

    base_arena_deinit(&arena);
    return done_testing();
}
