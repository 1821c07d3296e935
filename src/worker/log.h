/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The worker's log: one line for each event on stderr,
 *
 *   2026-11-24T06:35:07.123Z notice 4711: registered as "shop.5f0c2a91d3e4"
 *
 * Bytes that would break a line or a terminal are written as \xNN.
 */

#ifndef WORKER_LOG_H
#define WORKER_LOG_H

#include <stdbool.h>

#include "base/str.h"


/* The less the more important; nginx's meanings. */
#define WORKER_LOG_LEVELS(X)                                                  \
    X(ERROR,   "error")             /* an order or the worker suffers */      \
    X(WARN,    "warn")              /* degraded */                            \
    X(NOTICE,  "notice")            /* life of process and links */          \
    X(INFO,    "info")              /* what happens to single orders */       \
    X(DEBUG,   "debug")

#define WORKER_LOG_ENUM(name, text)  WORKER_LOG_##name,
typedef enum {
    WORKER_LOG_LEVELS(WORKER_LOG_ENUM) WORKER_LOG_LEVEL_COUNT
} worker_log_level_t;
#undef WORKER_LOG_ENUM


typedef struct {
    int                 fd;
    worker_log_level_t  level;      /* what is less important is not written */
} worker_log_t;


/* "error" and so on; static. */
base_str_t worker_log_level_name(worker_log_level_t level);

/* False if name is no level. */
bool worker_log_level_find(base_str_t name, worker_log_level_t *level);

/* Writes one line, cut at 4096 bytes. */
void worker_log(const worker_log_t *log, worker_log_level_t level,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static inline bool
worker_log_wants(const worker_log_t *log, worker_log_level_t level)
{
    return level <= log->level;
}

#endif
