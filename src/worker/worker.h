/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The worker: its parts, and how they are put together on one libuv loop.
 *
 *   consumer   registers, renews the lease, decides what is taken
 *   lanes      take and commit, many executions in one transaction
 *   intake     decides what becomes of a message
 *   executor   runs executions; tasks and payment do their work
 *   chores     one after the other on a link of their own: take-overs, the
 *              reaper's looks, waking the parked
 *
 * Whatever happened in a turn of the loop (replies, timers, signals) is only
 * noted by the parts; worker_turn() at its end lets them send.
 */

#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <uv.h>

#include "orders/keys.h"
#include "redis/link.h"
#include "redis/loop_uv.h"
#include "worker/config/config.h"
#include "worker/config/secret.h"
#include "worker/execute/definition.h"
#include "worker/execute/execution.h"
#include "worker/log.h"
#include "worker/queue/chores.h"
#include "worker/queue/commit.h"
#include "worker/queue/consumer.h"
#include "worker/queue/counters.h"
#include "worker/queue/delayed.h"
#include "worker/queue/reaper.h"
#include "worker/queue/retention.h"
#include "worker/task/http.h"
#include "worker/task/payment.h"
#include "worker/task/program.h"
#include "worker/timers.h"


#define WORKER_SIGNALS  3


typedef struct worker_takeover_s  worker_takeover_t;

struct worker_s {
    const worker_config_t  *config;
    worker_log_t            log;
    base_arena_t            memory;         /* as long as the worker */
    orders_keys_t           keys;
    base_str_t              status_keys[ORDERS_STATUS_COUNT];

    uv_loop_t               loop;
    uv_check_t              turn;
    uv_timer_t              alarm;          /* of all timers */
    uv_signal_t             signals[WORKER_SIGNALS];
    unsigned                signals_open;
    rds_loop_t              rds_loop;
    worker_timers_t         timers;

    worker_definitions_t    definitions;
    worker_secrets_t        secrets;
    worker_http_t          *http;
    worker_programs_t       programs;
    worker_payment_t       *payment;
    asl_env_t               env;
    worker_execution_t     *traced;         /* the one that env is for */
    unsigned char           random[1024];   /* drawn in advance */
    size_t                  random_left;

    worker_executions_t     executions;
    worker_counters_t       counters;
    size_t                  changes_postponed;
    worker_chores_t         chores;
    worker_takeover_t      *takeovers;
    worker_consumer_t       consumer;
    worker_lane_t           lanes[WORKER_LANES];
    worker_reaper_t         reaper;
    worker_delayed_t        delayed;
    worker_retention_t      retention;

    const char             *renew_reason;   /* NULL: all is well */
    char                    renew_text[256];
    bool                    refused;        /* commits, by redis */
    bool                    refusal_told;   /* that it does */
    char                    refusal[32];    /* the last one told: its code */
    uint64_t                refusal_told_ms;
    bool                    draining;
    bool                    leaving;        /* nothing is held any more */
    bool                    stopped;
    worker_timer_t          drain_timer;
    int                     exit_code;
};


/*
 * Runs until a signal ends it.  The exit code of the process.
 *
 * config       borrowed
 * definition   a reference, taken
 */
int worker_run(const worker_config_t *config,
    worker_definition_t *definition);


/* For the parts. */

/* All that is held counts no more: it is dropped at the end of this turn, and
 * the worker registers anew.  reason is copied. */
void worker_renew(worker_t *worker, const char *reason);

/* Ends everything at once; what is left are handles that close. */
void worker_stop(worker_t *worker);

/* Forgets all executions; nothing is written. */
void worker_drop_executions(worker_t *worker);

/* Reads the secrets (secret.h), all or none; false with lines in the log. */
bool worker_secrets_read(worker_t *worker);

/* The execution is over, for this worker. */
void worker_execution_done(worker_t *worker, worker_execution_t *execution);

/* A link to redis.  NULL when out of memory. */
rds_link_t *worker_link_new(worker_t *worker, rds_link_state_fn on_state,
    void *data);

/* What the engine may use for this execution, at the present time. */
const asl_env_t *worker_env(worker_execution_t *execution);

/* What the operator can do about an error reply, as the beginning of a
 * sentence that ends with it; empty for others. */
const char *worker_refusal_hint(const rds_reply_t *reply);

/* Asks something on the link of the chores, outside of any transaction; the
 * answer may never come. */
#define worker_ask(worker, fn, data, ...)                                     \
    ((void) rds_link_send((worker)->chores.link,                              \
                          (const base_str_t []) { __VA_ARGS__ },              \
                          sizeof((const base_str_t []) { __VA_ARGS__ })       \
                              / sizeof(base_str_t), (fn), (data)))


/* signals.c */

/* False when a handler cannot be had. */
bool worker_signals_start(worker_t *worker);

void worker_signals_stop(worker_t *worker);

/* At the end of a turn of a worker that drains: leaves when nothing is held any
 * more, or when the time is up. */
void worker_drain_turn(worker_t *worker);

#endif
