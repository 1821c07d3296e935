/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Programs that do tasks: JSON on stdin, JSON on stdout, in any language.
 *
 * They are started without a shell, in a process group of their own, with few
 * variables in their environment and none of our files.  So many run at once as
 * commands_max says; the others wait.  One that is not wanted any more gets
 * SIGTERM, and SIGKILL two seconds later, with all that it has started.
 *
 * What it writes to stderr goes to the log, a line each, up to a bound.
 */

#ifndef WORKER_PROGRAM_H
#define WORKER_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/log.h"
#include "worker/timers.h"


#define WORKER_PROGRAM_ARGS_MAX    16
#define WORKER_PROGRAM_OUTPUT_MAX  262144
#define WORKER_PROGRAM_ENV_MAX     64


typedef struct worker_program_s   worker_program_t;
typedef struct worker_programs_s  worker_programs_t;


typedef enum {
    WORKER_PROGRAM_EXITED = 0,      /* with code */
    WORKER_PROGRAM_KILLED,          /* by signal */
    WORKER_PROGRAM_NOT_STARTED,
    WORKER_PROGRAM_TOO_LONG         /* its output was; it was killed */
} worker_program_outcome_t;

/* Strings are good during the call they are handed to. */
typedef struct {
    worker_program_outcome_t  outcome;
    int                       code;
    int                       signal;
    base_str_t                output;
    base_str_t                complaint;    /* its last line on stderr, or why
                                               it was not started */
} worker_program_answer_t;

typedef void (*worker_program_fn)(void *data,
    const worker_program_answer_t *answer);


/* Everything is copied. */
typedef struct {
    base_str_t          command;        /* "/path/program argument ..." */
    base_str_t          input;
    const base_str_t   *env;            /* "NAME=value", NUL-terminated */
    size_t              env_count;
    worker_program_fn   answered;
    void              (*alive)(void *data);     /* it wrote something */
    void               *data;
} worker_program_options_t;


struct worker_programs_s {
    uv_loop_t           *loop;
    worker_timers_t     *timers;
    const worker_log_t  *log;
    uint32_t             running_max;
    uint32_t             running;       /* processes that have not ended */
    worker_program_t    *live;
    worker_program_t    *waiting_first;
    worker_program_t    *waiting_last;
    char                 scratch[4096]; /* of one read */
};


/* The members that are pointers must outlive it. */
void worker_programs_init(worker_programs_t *programs, uv_loop_t *loop,
    worker_timers_t *timers, const worker_log_t *log, uint32_t running_max);

/* Kills what runs and forgets what waits, without an answer; what is left are
 * handles that close. */
void worker_programs_stop(worker_programs_t *programs);

/*
 * Runs a program, now or when its turn comes; options->answered is called
 * once, never from within.  NULL when out of memory.
 */
worker_program_t *worker_program_run(worker_programs_t *programs,
    const worker_program_options_t *options);

/* answered will not be called. */
void worker_program_cancel(worker_program_t *program);

/*
 * Cuts a command at its blanks; there is no quoting.
 *
 * text   room for the command and a NUL
 * argv   out: room for WORKER_PROGRAM_ARGS_MAX words and a NULL
 *
 * False if there is no word, or too many.
 */
bool worker_program_split(base_str_t command, char *text, char **argv);

/* True if the command begins with the absolute path of a program that may be
 * executed; otherwise *problem (static) says why not. */
bool worker_program_check(base_str_t command, const char **problem);

#endif
