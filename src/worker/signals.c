/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the worker does when it is told: SIGTERM and SIGINT drain it, a second
 * one ends it at once, SIGHUP reads the workflow again.
 */

#include "worker/worker.h"

#include <signal.h>
#include <stdlib.h>

#include "worker/queue/takeover.h"


#define WORKER_LEAVE_MS  2000           /* for the last words to redis */


typedef struct {
    int      number;
    void   (*handler)(worker_t *worker);
} worker_signal_t;


static void worker_signal_handler(uv_signal_t *handle, int number);
static void worker_reload(worker_t *worker);
static void worker_drain(worker_t *worker);
static void worker_drain_handler(void *data);


static const worker_signal_t  worker_signals[WORKER_SIGNALS] = {
    { SIGTERM, worker_drain },
    { SIGINT,  worker_drain },
    { SIGHUP,  worker_reload },
};


bool
worker_signals_start(worker_t *worker)
{
    size_t  i;

    worker->drain_timer.fn = worker_drain_handler;
    worker->drain_timer.data = worker;

    for (i = 0; i < WORKER_SIGNALS; i++) {
        if (uv_signal_init(&worker->loop, &worker->signals[i]) != 0) {
            return false;
        }

        worker->signals_open++;
        worker->signals[i].data = worker;
        if (uv_signal_start(&worker->signals[i], worker_signal_handler,
                            worker_signals[i].number) != 0)
        {
            return false;
        }
    }

    return true;
}


void
worker_signals_stop(worker_t *worker)
{
    unsigned  i;

    for (i = 0; i < worker->signals_open; i++) {
        uv_close((uv_handle_t *) &worker->signals[i], NULL);
    }

    worker->signals_open = 0;
}


void
worker_drain_turn(worker_t *worker)
{
    if (!worker->leaving
        && (worker->consumer.state == WORKER_CONSUMER_OUT
            || (worker->executions.live == 0
                && worker_lanes_quiet(worker))))
    {
        worker->leaving = true;
    }

    if (!worker->leaving) {
        return;
    }

    if (worker->consumer.state != WORKER_CONSUMER_LEFT) {
        worker_lanes_shut(worker);
        worker_drop_executions(worker);
        worker_reaper_stop(&worker->reaper);
        worker_delayed_stop(&worker->delayed);
        worker_retention_stop(&worker->retention);
        worker_consumer_leave(&worker->consumer);
        worker_chores_run(&worker->chores);
        (void) worker_timer_start(&worker->timers, &worker->drain_timer,
                                  WORKER_LEAVE_MS);
    }

    if (!worker_takeovers_open(worker)) {
        worker_log(&worker->log, WORKER_LOG_NOTICE, "leaving");
        worker_stop(worker);
    }
}


static void
worker_signal_handler(uv_signal_t *handle, int number)
{
    size_t     i;
    worker_t  *worker = handle->data;

    for (i = 0; i < WORKER_SIGNALS; i++) {
        if (worker_signals[i].number == number) {
            worker_signals[i].handler(worker);
            return;
        }
    }
}


/* All or nothing: a definition with a mistake changes nothing. */
static void
worker_reload(worker_t *worker)
{
    base_arena_t          arena;
    worker_problem_t     *problem;
    worker_problems_t     problems;
    worker_definition_t  *definition;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    worker_problems_init(&problems);
    definition = worker_definition_load(worker->config, &arena, &problems);

    for (problem = problems.first; problem != NULL; problem = problem->next) {
        worker_log(&worker->log, problem->warning ? WORKER_LOG_WARN
                                                  : WORKER_LOG_ERROR,
                   "%.*s", BASE_STR_ARG(problem->text));
    }

    if (definition == NULL) {
        worker_log(&worker->log, WORKER_LOG_ERROR,
                   "the workflow stays as it was");
    } else {
        worker_definitions_add(&worker->definitions, definition);
        worker_log(&worker->log, WORKER_LOG_NOTICE,
                   "new executions run workflow %.*s",
                   BASE_STR_ARG(definition->version));
    }

    base_arena_deinit(&arena);

    if (!worker_secrets_read(worker)) {
        worker_log(&worker->log, WORKER_LOG_ERROR,
                   "the secrets stay as they were");
    }
}


static void
worker_drain(worker_t *worker)
{
    if (worker->draining) {
        worker_log(&worker->log, WORKER_LOG_NOTICE, "leaving at once");
        worker->exit_code = EXIT_FAILURE;
        worker_stop(worker);
        return;
    }

    worker->draining = true;
    worker_log(&worker->log, WORKER_LOG_NOTICE,
               "taking no more orders, finishing %zu",
               worker->executions.live);

    if (!worker_timer_start(&worker->timers, &worker->drain_timer,
                            worker->config->drain_timeout_ms))
    {
        worker_stop(worker);
    }
}


/* What is not finished by now goes back; if redis does not hear of that, the
 * lease runs out. */
static void
worker_drain_handler(void *data)
{
    worker_t  *worker = data;

    if (worker->leaving) {
        worker_log(&worker->log, WORKER_LOG_WARN,
                   "leaving without having told redis");
        worker_stop(worker);
        return;
    }

    worker_log(&worker->log, WORKER_LOG_WARN,
               "%zu executions are not finished: they go back",
               worker->executions.live);
    worker->leaving = true;
}
