/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/definition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worker/task/resource.h"


/* conf/workflow.json as it is, found by the assembler through -I conf; see
 * src/embedded.mk for the dependency. */
__asm__(".section .rodata\n"
        ".type worker_workflow, @object\n"
        "worker_workflow:\n"
        ".incbin \"workflow.json\"\n"
        "worker_workflow_end:\n"
        ".size worker_workflow, worker_workflow_end - worker_workflow\n"
        ".previous\n");

extern const char  worker_workflow[];
extern const char  worker_workflow_end[];


typedef struct {
    const char             *source;
    const worker_config_t  *config;
    base_arena_t           *arena;
    worker_problems_t      *problems;
    bool                    unknown;    /* a Resource is */
} worker_definition_check_t;


static worker_definition_t *worker_definition_read(base_str_t text,
    worker_definition_check_t *check);
static bool worker_definition_task(void *data, const asl_task_info_t *task);


worker_definition_t *
worker_definition_load(const worker_config_t *config, base_arena_t *arena,
    worker_problems_t *problems)
{
    base_str_t                 text, path = config->workflow;
    worker_definition_check_t  check = {
        .source = "built-in workflow", .config = config, .arena = arena,
        .problems = problems
    };

    if (path.len == 0) {
        text = base_str(worker_workflow,
                        (size_t) (worker_workflow_end - worker_workflow));
        return worker_definition_read(text, &check);
    }

    check.source = path.data;       /* NUL-terminated: see config_value.c */
    if (!worker_file_read(arena, check.source, WORKER_DEFINITION_BYTES_MAX,
                          &text))
    {
        worker_problems_add(problems, arena, false, "%s: cannot read: %s",
                            check.source, strerror(errno));
        return NULL;
    }

    return worker_definition_read(text, &check);
}


worker_definition_t *
worker_definition_ref(worker_definition_t *definition)
{
    definition->refs++;
    return definition;
}


void
worker_definition_unref(worker_definition_t *definition)
{
    if (definition == NULL) {
        return;
    }

    definition->refs--;
    if (definition->refs == 0) {
        asl_def_free(definition->asl);
        free(definition);
    }
}


void
worker_definitions_add(worker_definitions_t *definitions,
    worker_definition_t *definition)
{
    size_t  i;

    for (i = 0; i < definitions->count; i++) {
        if (base_str_eq(definitions->items[i]->version, definition->version)) {
            break;
        }
    }

    if (i == WORKER_DEFINITIONS_MAX) {
        i--;
    }

    if (i < definitions->count) {
        worker_definition_unref(definitions->items[i]);
    } else {
        definitions->count++;
    }

    memmove(&definitions->items[1], &definitions->items[0],
            i * sizeof(definitions->items[0]));
    definitions->items[0] = definition;
}


worker_definition_t *
worker_definitions_find(const worker_definitions_t *definitions,
    base_str_t version)
{
    size_t  i;

    for (i = 0; i < definitions->count; i++) {
        if (base_str_eq(definitions->items[i]->version, version)) {
            return definitions->items[i];
        }
    }

    return definitions->items[0];
}


void
worker_definitions_deinit(worker_definitions_t *definitions)
{
    size_t  i;

    for (i = 0; i < definitions->count; i++) {
        worker_definition_unref(definitions->items[i]);
    }

    definitions->count = 0;
}


static worker_definition_t *
worker_definition_read(base_str_t text, worker_definition_check_t *check)
{
    asl_def_t            *asl;
    asl_limits_t          limits = {
        .token_timeout_s = check->config->callback_timeout_s
    };
    asl_problem_t        *problem = NULL;
    worker_definition_t  *definition;

    asl = asl_def_load(text, &limits, check->arena, &problem);
    if (asl == NULL && problem == NULL) {
        check->problems->nomem = true;
        return NULL;
    }

    for (; problem != NULL; problem = problem->next) {
        worker_problems_add(check->problems, check->arena, problem->warning,
                            "%s: %.*s: %.*s", check->source,
                            BASE_STR_ARG(problem->pointer.len > 0
                                             ? problem->pointer
                                             : BASE_STR("the document")),
                            BASE_STR_ARG(problem->message));
    }

    if (asl == NULL) {
        return NULL;
    }

    (void) asl_def_each_task(asl, worker_definition_task, check);

    definition = NULL;
    if (!check->unknown) {
        definition = malloc(sizeof(worker_definition_t));
        check->problems->nomem |= definition == NULL;
    }

    if (definition == NULL) {
        asl_def_free(asl);
        return NULL;
    }

    definition->asl = asl;
    definition->version = asl_def_version(asl);
    definition->refs = 1;

    return definition;
}


static bool
worker_definition_task(void *data, const asl_task_info_t *task)
{
    base_str_t                  problem, pointer;
    worker_definition_check_t  *check = data;

    if (worker_resource_check(check->config, check->arena, task, &problem)) {
        return true;
    }

    pointer = asl_task_pointer(task, check->arena);
    check->problems->nomem |= problem.data == NULL || pointer.data == NULL;
    worker_problems_add(check->problems, check->arena, false,
                        "%s: %.*s: state \"%.*s\": %.*s", check->source,
                        BASE_STR_ARG(pointer), BASE_STR_ARG(task->state),
                        BASE_STR_ARG(problem));
    check->unknown = true;
    return true;                    /* on to the next one */
}
