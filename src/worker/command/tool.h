/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the commands share that look at a definition by itself, with no Redis
 * and whether or not this program knows its tasks: `simulate` and `graph`.
 */

#ifndef WORKER_TOOL_H
#define WORKER_TOOL_H

#include "worker/options.h"
#include "workflow/workflow.h"


/*
 * Loads the definition that the command's only argument names.
 *
 * exit_code  out, on failure
 *
 * To be freed with asl_def_free(); NULL with messages on stderr.  Warnings go
 * to stderr too.
 */
asl_def_t *worker_tool_definition(const worker_command_context_t *context,
    int *exit_code);

/* Reads a JSON text from a file.  NULL with a message on stderr. */
base_json_t *worker_tool_json_file(base_arena_t *arena, const char *path);

/* Reads a JSON text; name is what a message on stderr calls it. */
base_json_t *worker_tool_json(base_arena_t *arena, const char *name,
    base_str_t text);

#endif
