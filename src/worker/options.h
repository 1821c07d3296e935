/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The command line:
 *
 *   orders-worker [option...] [command [argument...]]
 *
 * Options and commands are tables; --help is written from them.
 */

#ifndef WORKER_OPTIONS_H
#define WORKER_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "worker/config/config.h"


#define WORKER_VERSION  "0.1.0"

/* Exit codes beside 0 and 1. */
#define WORKER_EXIT_USAGE   2           /* the command line is wrong */
#define WORKER_EXIT_CONFIG  3           /* the configuration is wrong */


typedef struct worker_options_s  worker_options_t;

/* What a command runs with. */
typedef struct {
    const worker_options_t  *options;
    const worker_config_t   *config;
    worker_problems_t       *problems;      /* of the configuration so far */
    base_arena_t            *arena;
    int                      argc;          /* arguments behind its name */
    char                   **argv;
} worker_command_context_t;

typedef struct {
    base_str_t    name;
    const char   *arguments;        /* for people */
    const char   *summary;
    bool          needs_config;     /* with mistakes in it, it is not run */

    /* The exit code. */
    int         (*run)(worker_command_context_t *context);
} worker_command_t;

struct worker_options_s {
    const char              *config_path;   /* NULL: none */
    base_str_t               redis;         /* empty: not given */
    base_str_t               overrides;     /* -g */
    bool                     help;
    bool                     version;
    bool                     print;         /* check --print */
    bool                     json;
    bool                     dry_run;
    bool                     yes;
    bool                     all;
    base_str_t               error;         /* filters of dead letters */
    base_str_t               id;
    uint32_t                 limit;         /* 0: none */
    base_str_t               input;         /* simulate: JSON, or @file */
    const char              *mocks;         /* simulate: a path; NULL: none */
    uint32_t                 speed;         /* simulate: 0: takes no time */
    base_str_t               format;        /* graph; empty: the default */
    bool                     counts;        /* graph */
    const worker_command_t  *command;
    int                      argc;
    char                   **argv;
};


/* Reads the command line.  False with a message on stderr. */
bool worker_options_read(worker_options_t *options, int argc, char **argv);

void worker_options_help(FILE *out);

/* NULL if there is none of that name. */
const worker_command_t *worker_command_find(base_str_t name);

/* Writes the problems, one on each line. */
void worker_problems_print(FILE *out, const worker_problems_t *problems);


/* The commands, each in its own file. */

int worker_command_run(worker_command_context_t *context);
int worker_command_check(worker_command_context_t *context);
int worker_command_status(worker_command_context_t *context);
int worker_command_pause(worker_command_context_t *context);
int worker_command_resume(worker_command_context_t *context);
int worker_command_dead(worker_command_context_t *context);
int worker_command_order(worker_command_context_t *context);
int worker_command_purge(worker_command_context_t *context);
int worker_command_simulate(worker_command_context_t *context);
int worker_command_graph(worker_command_context_t *context);

#endif
