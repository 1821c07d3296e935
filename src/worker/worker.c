/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "orders/token.h"
#include "worker/clock.h"
#include "worker/execute/executor.h"
#include "worker/execute/steps.h"
#include "worker/queue/intake.h"
#include "worker/queue/takeover.h"


static bool worker_init(worker_t *worker);
static bool worker_init_tasks(worker_t *worker);
static bool worker_init_keys(worker_t *worker);
static bool worker_init_loop(worker_t *worker);
static bool worker_start(worker_t *worker, base_str_t version);
static void worker_deinit(worker_t *worker);
static void worker_turn_handler(uv_check_t *handle);
static void worker_alarm_handler(uv_timer_t *handle);
static void worker_turn(worker_t *worker);
static void worker_drop(worker_t *worker);
static void worker_set_alarm(worker_t *worker);
static void worker_link_handler(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason);
static uint64_t worker_now_ms(void *data);
static void worker_random(void *data, unsigned char *bytes, size_t len);
static size_t worker_token(void *data, base_str_t name, char *text);
static void worker_trace(void *data, const asl_trace_t *trace);


int
worker_run(const worker_config_t *config, worker_definition_t *definition)
{
    int        exit_code = EXIT_FAILURE;
    worker_t  *worker;

    worker = calloc(1, sizeof(worker_t));
    if (worker == NULL) {
        worker_definition_unref(definition);
        return EXIT_FAILURE;
    }

    worker->config = config;
    worker_definitions_add(&worker->definitions, definition);
    worker->exit_code = EXIT_FAILURE;

    if (worker_init(worker)) {
        if (worker_start(worker, definition->version)) {
            worker->exit_code = EXIT_SUCCESS;
        } else {
            worker_log(&worker->log, WORKER_LOG_ERROR, "out of memory");
            worker_stop(worker);
        }

        (void) uv_run(&worker->loop, UV_RUN_DEFAULT);
        exit_code = worker->exit_code;
        worker_deinit(worker);
    }

    worker_definitions_deinit(&worker->definitions);
    base_arena_deinit(&worker->memory);
    free(worker);

    return exit_code;
}


static bool
worker_init(worker_t *worker)
{
    worker->log.fd = STDERR_FILENO;
    worker->log.level = worker->config->log_level;
    base_arena_init(&worker->memory, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);
    worker_timers_init(&worker->timers, worker_now_ms, worker);
    worker->env.random = worker_random;
    worker->env.token = worker_token;
    worker->env.trace = worker_trace;
    worker_counters_init(&worker->counters, &worker->memory);
    worker->env.data = worker;

    if (!worker_init_keys(worker)
        || !worker_executions_init(&worker->executions,
                                   worker->config->max_executions))
    {
        worker_log(&worker->log, WORKER_LOG_ERROR, "out of memory");
        return false;
    }

    if (!worker_init_loop(worker)) {
        worker_executions_deinit(&worker->executions);
        worker_log(&worker->log, WORKER_LOG_ERROR, "cannot make a loop");
        return false;
    }

    if (!worker_init_tasks(worker)) {
        worker_stop(worker);
        (void) uv_run(&worker->loop, UV_RUN_DEFAULT);
        worker_deinit(worker);
        return false;
    }

    return true;
}


/* What tasks need: secrets, the HTTP client, the payment processor. */
static bool
worker_init_tasks(worker_t *worker)
{
    worker_http_settings_t    settings = {
        .loop = &worker->loop, .timers = &worker->timers, .log = &worker->log,
        .ca_file = worker->config->http_ca_file,
        .connections_max = worker->config->http_connections
    };
    worker_payment_options_t  options = {
        .config = worker->config, .log = &worker->log,
        .timers = &worker->timers, .secrets = &worker->secrets
    };

    worker_programs_init(&worker->programs, &worker->loop, &worker->timers,
                         &worker->log, worker->config->commands_max);
    worker->http = worker_http_new(&settings);
    if (worker->http == NULL) {
        worker_log(&worker->log, WORKER_LOG_ERROR, "out of memory");
        return false;
    }

    options.http = worker->http;
    if (!worker_secrets_read(worker)) {
        return false;
    }

    worker->payment = worker_payment_new(&options);
    return worker->payment != NULL;
}


bool
worker_secrets_read(worker_t *worker)
{
    base_arena_t       arena;
    worker_problem_t  *problem;
    worker_secrets_t   secrets;
    worker_problems_t  problems;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    worker_problems_init(&problems);

    if (worker_secrets_load(&secrets, worker->config, &arena, &problems)) {
        worker_secrets_free(&worker->secrets);
        worker->secrets = secrets;
    }

    for (problem = problems.first; problem != NULL; problem = problem->next) {
        worker_log(&worker->log, WORKER_LOG_ERROR, "%.*s",
                   BASE_STR_ARG(problem->text));
    }

    base_arena_deinit(&arena);
    return !worker_problems_fatal(&problems);
}


static bool
worker_init_keys(worker_t *worker)
{
    const char       *reason;
    orders_status_t   status;

    if (!orders_keys_init(&worker->keys, &worker->memory,
                          worker->config->prefix, worker->config->partition,
                          &reason))
    {
        return false;
    }

    for (status = 0; status < ORDERS_STATUS_COUNT; status++) {
        worker->status_keys[status] = orders_key_status(
            &worker->keys, &worker->memory, orders_status_name(status));
        if (worker->status_keys[status].data == NULL) {
            return false;
        }
    }

    return true;
}


static bool
worker_init_loop(worker_t *worker)
{
    if (uv_loop_init(&worker->loop) != 0) {
        return false;
    }

    /* none of these can fail */
    (void) uv_check_init(&worker->loop, &worker->turn);
    (void) uv_timer_init(&worker->loop, &worker->alarm);
    worker->turn.data = worker;
    worker->alarm.data = worker;
    rds_loop_uv_init(&worker->rds_loop, &worker->loop);

    return true;
}


static bool
worker_start(worker_t *worker, base_str_t version)
{
    unsigned  lane;

    (void) signal(SIGPIPE, SIG_IGN);

    if (!worker_signals_start(worker)) {
        return false;
    }

    (void) uv_check_start(&worker->turn, worker_turn_handler);

    for (lane = 0; lane < WORKER_LANES; lane++) {
        worker->lanes[lane].worker = worker;
    }

    worker->chores.link = worker_link_new(worker, worker_link_handler, worker);
    if (worker->chores.link == NULL || !worker_consumer_start(worker)) {
        return false;
    }

    worker_reaper_start(worker);
    worker_delayed_start(worker);
    worker_retention_start(worker);
    worker_set_alarm(worker);
    worker_log(&worker->log, WORKER_LOG_NOTICE,
               "orders-worker starts: redis %.*s, workflow %.*s, up to %u "
               "executions", BASE_STR_ARG(worker->config->redis_text),
               BASE_STR_ARG(version),
               (unsigned) worker->config->max_executions);

    return true;
}


void
worker_stop(worker_t *worker)
{
    if (worker->stopped) {
        return;
    }

    worker->stopped = true;
    worker_lanes_shut(worker);
    rds_link_close(worker->chores.link);
    worker->chores.link = NULL;
    worker_takeovers_deinit(worker);
    worker_drop_executions(worker);
    worker_consumer_deinit(&worker->consumer);
    worker_http_stop(worker->http);
    worker_programs_stop(&worker->programs);

    uv_close((uv_handle_t *) &worker->turn, NULL);
    uv_close((uv_handle_t *) &worker->alarm, NULL);
    worker_signals_stop(worker);
}


static void
worker_deinit(worker_t *worker)
{
    (void) uv_loop_close(&worker->loop);
    worker_lanes_deinit(worker);
    worker_reaper_deinit(&worker->reaper);
    worker_retention_deinit(&worker->retention);
    worker_payment_free(worker->payment);
    worker_http_free(worker->http);
    worker_secrets_free(&worker->secrets);
    worker_executions_deinit(&worker->executions);
    worker_timers_deinit(&worker->timers);
}


static void
worker_turn_handler(uv_check_t *handle)
{
    worker_turn(handle->data);
}


static void
worker_alarm_handler(uv_timer_t *handle)
{
    worker_t  *worker = handle->data;

    worker_timers_fire(&worker->timers);
    worker_turn(worker);
}


static void
worker_turn(worker_t *worker)
{
    if (worker->stopped) {
        return;
    }

    if (worker->chores.broken) {
        worker->chores.broken = false;
        rds_link_close(worker->chores.link);
        worker->chores.link = worker_link_new(worker, worker_link_handler,
                                              worker);
    }

    if (worker->renew_reason != NULL) {
        worker_drop(worker);
    }

    worker_chores_run(&worker->chores);
    worker_lanes_turn(worker);

    if (worker->renew_reason != NULL) {
        worker_drop(worker);
        worker_chores_run(&worker->chores);
    }

    worker_consumer_turn(&worker->consumer);

    if (worker->draining) {
        worker_drain_turn(worker);
    }

    if (!worker->stopped) {
        worker_set_alarm(worker);
    }
}


/* The path of everything that went wrong: forget, register anew, and take over
 * what the old registration held. */
static void
worker_drop(worker_t *worker)
{
    worker_log(&worker->log, WORKER_LOG_WARN,
               "the registration has ended, %zu executions are dropped: %s",
               worker->executions.live, worker->renew_reason);

    worker->renew_reason = NULL;
    worker_lanes_shut(worker);
    worker_drop_executions(worker);
    worker_consumer_renew(&worker->consumer);
}


void
worker_drop_executions(worker_t *worker)
{
    size_t                i;
    worker_execution_t   *execution;
    worker_executions_t  *executions = &worker->executions;

    for (i = 0; i < executions->made; i++) {
        execution = executions->all[i];
        if (execution->phase != WORKER_PHASE_FREE) {
            worker_executor_cancel(execution);
            worker_execution_give(executions, execution);
        }
    }
}


static void
worker_set_alarm(worker_t *worker)
{
    uint64_t  now_ms = uv_now(&worker->loop);
    uint64_t  due_ms = worker_timers_next_ms(&worker->timers);

    if (due_ms == WORKER_TIMERS_NONE) {
        (void) uv_timer_stop(&worker->alarm);
        return;
    }

    (void) uv_timer_start(&worker->alarm, worker_alarm_handler,
                          due_ms > now_ms ? due_ms - now_ms : 0, 0);
}


void
worker_renew(worker_t *worker, const char *reason)
{
    if (worker->renew_reason == NULL) {
        (void) snprintf(worker->renew_text, sizeof(worker->renew_text), "%s",
                        reason != NULL ? reason : "unknown reason");
        worker->renew_reason = worker->renew_text;
    }
}


void
worker_execution_done(worker_t *worker, worker_execution_t *execution)
{
    worker->consumer.suspects -= execution->suspect;
    worker_intake_release(execution);
    worker_execution_give(&worker->executions, execution);
}


rds_link_t *
worker_link_new(worker_t *worker, rds_link_state_fn on_state, void *data)
{
    rds_link_options_t  options = {
        .address = worker->config->redis,
        .name = BASE_STR("orders-worker"),
        .timeout_ms = worker->config->redis_timeout_ms,
        .connect_timeout_ms = worker->config->redis_timeout_ms,
        .on_state = on_state,
        .data = data
    };

    return rds_link_new(&worker->rds_loop, &options);
}


static void
worker_link_handler(void *data, rds_link_t *link, rds_link_state_t state,
    const char *reason)
{
    worker_t  *worker = data;

    (void) link;

    if (worker->stopped || state == RDS_LINK_CLOSED) {
        return;
    }

    if (state == RDS_LINK_UP) {
        worker_log(&worker->log, WORKER_LOG_NOTICE, "connected to redis");
        return;
    }

    worker_log(&worker->log, WORKER_LOG_ERROR,
               "no connection to redis %.*s, trying again: %s%s",
               BASE_STR_ARG(worker->config->redis_text),
               reason != NULL ? reason : "unknown reason",
               reason != NULL && (strstr(reason, "NOAUTH") != NULL
                                  || strstr(reason, "WRONGPASS") != NULL)
                   ? " (check user and password in the setting \"redis\")"
                   : "");
}


const asl_env_t *
worker_env(worker_execution_t *execution)
{
    worker_t  *worker = execution->worker;

    worker->traced = execution;
    worker->env.now_ms = worker_clock_ms();
    return &worker->env;
}


const char *
worker_refusal_hint(const rds_reply_t *reply)
{
    static const char *const  hints[] = {
        [RDS_ERROR_FULL] = "raise its maxmemory or remove data: ",
        [RDS_ERROR_READONLY] = "it is a replica, or cannot save to disk: ",
        [RDS_ERROR_AUTH] = "check user, password and rights of the setting "
                           "\"redis\": ",
        [RDS_ERROR_MOVED] = "point the setting \"redis\" at the node that "
                            "has the partition: ",
    };

    size_t  kind = (size_t) rds_reply_error_kind(reply);

    return kind < sizeof(hints) / sizeof(hints[0]) && hints[kind] != NULL
               ? hints[kind] : "";
}


static uint64_t
worker_now_ms(void *data)
{
    worker_t  *worker = data;

    return uv_now(&worker->loop);
}


/* getrandom() does not fail for so little once the system is up; if it does,
 * the bytes that are there are used again: they only serve jitter and ids
 * inside workflows. */
static void
worker_random(void *data, unsigned char *bytes, size_t len)
{
    size_t     n;
    worker_t  *worker = data;

    while (len > 0) {
        if (worker->random_left == 0) {
            (void) !getrandom(worker->random, sizeof(worker->random), 0);
            worker->random_left = sizeof(worker->random);
        }

        n = len < worker->random_left ? len : worker->random_left;
        memcpy(bytes,
               worker->random + sizeof(worker->random) - worker->random_left,
               n);
        worker->random_left -= n;
        bytes += n;
        len -= n;
    }
}


/* Its bits are nothing but the system's. */
static size_t
worker_token(void *data, base_str_t name, char *text)
{
    unsigned char  bits[ORDERS_TOKEN_RANDOM_BYTES];

    (void) data;
    if (name.len != BASE_UUID_TEXT_BYTES
        || getrandom(bits, sizeof(bits), 0) != (ssize_t) sizeof(bits))
    {
        return 0;
    }

    orders_token_write(name, bits, text);
    return ORDERS_TOKEN_BYTES;
}


static void
worker_trace(void *data, const asl_trace_t *trace)
{
    worker_t  *worker = data;

    worker_counters_note(worker->traced, trace);
    if (worker->config->steps) {
        worker_steps_note(worker->traced, trace, worker->env.now_ms);
    }
}
