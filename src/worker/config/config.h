/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The worker's settings.  A configuration file is a list of
 *
 *   name value ...;         # and comments
 *
 * with nginx's quoting ("a \"b\"", 'c').  Times are written 250ms, 10s, 5m, 2h
 * or 7d; a bare number is seconds.  Shares are written 10% or 2.5%.  Every
 * setting has a default and may be set once; conf/worker.conf explains them.
 */

#ifndef WORKER_CONFIG_H
#define WORKER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "redis/link.h"
#include "worker/config/config_list.h"
#include "worker/log.h"


#define WORKER_NAME_BYTES_MAX    64
#define WORKER_CONFIG_BYTES_MAX  (1024 * 1024)


typedef struct {
    rds_address_t       redis;
    base_str_t          redis_text;     /* as written, for messages: never
                                           with its password */
    uint32_t            redis_timeout_ms;
    base_str_t          prefix;
    uint32_t            partition;
    base_str_t          name;
    uint32_t            max_executions;
    base_str_t          workflow;       /* a path; empty: the built-in one */
    uint32_t            lease_ms;
    uint32_t            max_deliveries;
    uint32_t            park_after_ms;
    uint32_t            drain_timeout_ms;
    uint32_t            retention_s;    /* of ended orders; 0: for ever */
    uint32_t            callback_timeout_s; /* of tasks that name none */
    bool                steps;          /* of executions are kept */
    worker_log_level_t  log_level;

    base_str_t          payment;
    uint32_t            simulate_refuse;        /* of 10,000 */
    uint32_t            simulate_unavailable;   /* of 10,000 */
    uint32_t            simulate_latency_ms[2]; /* from, to */
    uint32_t            simulate_seed;
    base_str_t          simulate_journal;       /* a path; empty: none */

    base_str_t          payment_url;
    base_str_t          payment_refund_url;
    worker_entries_t    payment_headers;
    uint32_t            payment_timeout_ms;
    uint32_t            payment_connect_timeout_ms;
    base_str_t          payment_status;         /* JSON pointers into answers */
    base_str_t          payment_reason;
    base_str_t          payment_transaction;
    base_str_t          payment_paid;           /* words, with blanks */
    base_str_t          payment_refused;
    base_str_t          payment_refunded;
    base_str_t          payment_refused_codes;  /* of HTTP */
    base_str_t          payment_busy_codes;
    base_str_t          payment_ca_file;        /* empty: http_ca_file */
    base_str_t          payment_certificate;    /* ours; empty: none */
    base_str_t          payment_certificate_key;    /* empty: in it */

    base_str_t          http_ca_file;           /* empty: the system's */
    uint32_t            http_connections;
    uint32_t            http_connect_timeout_ms;
    worker_entries_t    connections;            /* name, origin, header */
    worker_entries_t    functions;              /* name, target */
    worker_entries_t    topics;                 /* name, channel */
    worker_entries_t    lists;                  /* name, key */
    uint32_t            commands_max;
    base_str_t          command_folder;         /* empty: none */
    worker_entries_t    command_env;            /* names */
} worker_config_t;


typedef struct worker_problem_s  worker_problem_t;

struct worker_problem_s {
    worker_problem_t   *next;
    base_str_t          text;           /* "conf/worker.conf:12: ..." */
    bool                warning;
};

typedef struct {
    worker_problem_t   *first;
    worker_problem_t  **end;            /* where the next one goes */
    unsigned            errors;         /* those that are not warnings */
    bool                nomem;          /* counts as one more error */
} worker_problems_t;


void worker_problems_init(worker_problems_t *problems);

void worker_problems_add(worker_problems_t *problems, base_arena_t *arena,
    bool warning, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static inline bool
worker_problems_fatal(const worker_problems_t *problems)
{
    return problems->errors > 0 || problems->nomem;
}


/*
 * Makes the settings from a file and from text that wins over it.
 *
 * arena      holds what config points to
 * path       NULL: no file.  A relative path in the file is meant from the
 *            file's folder.
 * overrides  settings in the same syntax; may be empty.  A relative path in
 *            it is meant from the current directory.
 * redis      wins over the setting of that name; may be empty
 * problems   out: all of them, in the order of the text
 *
 * config is whole (defaults stand where the text is wrong) unless
 * problems->nomem.
 */
void worker_config_load(worker_config_t *config, base_arena_t *arena,
    const char *path, base_str_t overrides, base_str_t redis,
    worker_problems_t *problems);

/* Appends all settings in the file's syntax, for `check --print`. */
void worker_config_write(base_buf_t *buf, const worker_config_t *config);

/*
 * Reads a whole file into arena.  False with errno set; EFBIG if it is longer
 * than bytes_max.
 */
bool worker_file_read(base_arena_t *arena, const char *path, size_t bytes_max,
    base_str_t *text);

#endif
