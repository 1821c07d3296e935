/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Workflow definitions in use.  The current one starts new executions; those
 * before it stay for executions that began with them, also for such as were
 * parked and come back.  A worker that has not got the version an execution
 * began with tries the current one: it may be compatible (workflow.h).
 */

#ifndef WORKER_DEFINITION_H
#define WORKER_DEFINITION_H

#include "base/arena.h"
#include "base/str.h"
#include "worker/config/config.h"
#include "workflow/workflow.h"


#define WORKER_DEFINITION_BYTES_MAX  (1024 * 1024)
#define WORKER_DEFINITIONS_MAX       8


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
 * config    its workflow, empty: the definition that is compiled in
 *           (conf/workflow.json); and what its tasks may name
 * arena     for the problems
 * problems  out, added to: each names the file and the JSON pointer
 *
 * One reference, the caller's; NULL when a problem is more than a warning.
 */
worker_definition_t *worker_definition_load(const worker_config_t *config,
    base_arena_t *arena, worker_problems_t *problems);

worker_definition_t *worker_definition_ref(worker_definition_t *definition);

/* NULL is fine. */
void worker_definition_unref(worker_definition_t *definition);


/* The newest first; each is a reference. */
typedef struct {
    worker_definition_t  *items[WORKER_DEFINITIONS_MAX];
    size_t                count;
} worker_definitions_t;

/* Makes a definition the current one and takes the reference; when there are
 * too many the oldest is forgotten.  One that is there already moves to the
 * front. */
void worker_definitions_add(worker_definitions_t *definitions,
    worker_definition_t *definition);

/* The one of this version, or else the current one; borrowed. */
worker_definition_t *worker_definitions_find(
    const worker_definitions_t *definitions, base_str_t version);

void worker_definitions_deinit(worker_definitions_t *definitions);

#endif
