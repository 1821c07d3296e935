/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/command/tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worker/execute/definition.h"


#define WORKER_TOOL_JSON_BYTES_MAX  (16 * 1024 * 1024)


asl_def_t *
worker_tool_definition(const worker_command_context_t *context, int *exit_code)
{
    base_str_t      text;
    asl_def_t      *def;
    const char     *path = context->argv[0];
    asl_problem_t  *problem = NULL;

    if (context->argc != 1) {
        fprintf(stderr, "orders-worker: expected %.*s FILE\n",
                BASE_STR_ARG(context->options->command->name));
        *exit_code = WORKER_EXIT_USAGE;
        return NULL;
    }

    *exit_code = WORKER_EXIT_CONFIG;
    if (!worker_file_read(context->arena, path, WORKER_DEFINITION_BYTES_MAX,
                          &text))
    {
        fprintf(stderr, "orders-worker: %s: cannot read: %s\n", path,
                strerror(errno));
        return NULL;
    }

    def = asl_def_load(text, NULL, context->arena, &problem);
    if (def == NULL && problem == NULL) {
        fprintf(stderr, "orders-worker: out of memory\n");
        *exit_code = EXIT_FAILURE;
    }

    for (; problem != NULL; problem = problem->next) {
        fprintf(stderr, "orders-worker: %s%s: %.*s: %.*s\n",
                problem->warning ? "warning: " : "", path,
                BASE_STR_ARG(problem->pointer.len > 0
                                 ? problem->pointer
                                 : BASE_STR("the document")),
                BASE_STR_ARG(problem->message));
    }

    return def;
}


base_json_t *
worker_tool_json_file(base_arena_t *arena, const char *path)
{
    base_str_t  text;

    if (!worker_file_read(arena, path, WORKER_TOOL_JSON_BYTES_MAX, &text)) {
        fprintf(stderr, "orders-worker: %s: cannot read: %s\n", path,
                strerror(errno));
        return NULL;
    }

    return worker_tool_json(arena, path, text);
}


base_json_t *
worker_tool_json(base_arena_t *arena, const char *name, base_str_t text)
{
    base_json_t        *value;
    base_json_error_t   error;

    value = base_json_parse(arena, text, NULL, &error);
    if (value == NULL) {
        fprintf(stderr, "orders-worker: %s: no JSON, at byte %zu: %s\n", name,
                error.offset, error.reason);
    }

    return value;
}
