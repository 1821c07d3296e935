/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Workflow definitions in use.  The current one starts new executions; an old
 * one stays as long as an execution that began with it is in this process.
 */

#ifndef WORKER_DEFINITION_H
#define WORKER_DEFINITION_H

#include "base/arena.h"
#include "base/str.h"
#include "worker/config.h"
#include "workflow/workflow.h"


#define WORKER_DEFINITION_BYTES_MAX  (1024 * 1024)


typedef struct worker_definition_s  worker_definition_t;

struct worker_definition_s {
    asl_def_t   *asl;
    base_str_t   version;           /* asl_def_version() */
    unsigned     refs;
};


/*
 * Loads and checks a definition, and that every Resource is a task of this
 * program.
 *
 * path      empty: the definition that is compiled in (conf/workflow.json)
 * arena     for the problems
 * problems  out, added to: each names the file and the JSON pointer
 *
 * One reference, the caller's; NULL when a problem is more than a warning.
 */
worker_definition_t *worker_definition_load(base_str_t path,
    base_arena_t *arena, worker_problems_t *problems);

worker_definition_t *worker_definition_ref(worker_definition_t *definition);

/* NULL is fine. */
void worker_definition_unref(worker_definition_t *definition);

#endif
