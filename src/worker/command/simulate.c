/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `orders-worker simulate FILE`: runs a definition by itself.  Its tasks are
 * answered by a table (--mocks, see asl_mock_answer()), its waits and retries
 * take no time or, with --speed N, an N-th of theirs.  The history goes to
 * stdout as it happens:
 *
 *        0.000  StateEntered        Pay  {"quantity":2}
 *        3.000  TaskFailed          Pay  Payment.Unavailable: no route
 *
 * or with --json at the end:
 *
 *   {"status":"SUCCEEDED","ms":4000,"output":...,"history":[
 *     {"ms":3000,"type":"TaskFailed","state":"Pay",
 *      "error":"Payment.Unavailable","cause":"no route"},...]}
 *
 * where a failed execution has "error" and "cause" in place of "output".
 */

#include "worker/options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#include "worker/clock.h"
#include "worker/command/tool.h"


typedef struct {
    const worker_options_t  *options;
    base_arena_t            *arena;
    const base_json_t       *mocks;         /* NULL: none */
    asl_env_t                env;
    unsigned                 tokens;        /* made so far */
    int64_t                  start_ms;
    int64_t                  reached_ms;    /* with --speed: slept so far */
    base_json_t             *history;       /* with --json */
    bool                     nomem;
} worker_simulation_t;


static int worker_simulate(worker_simulation_t *run, const asl_def_t *def,
    const base_json_t *input);
static base_json_t *worker_simulate_input(worker_command_context_t *context);
static bool worker_simulate_mocks(worker_simulation_t *run,
    const asl_def_t *def);
static bool worker_simulate_answer(void *data, const asl_action_t *action,
    uint32_t call, asl_answer_t *answer);
static void worker_simulate_clock(void *data, int64_t now_ms);
static void worker_simulate_random(void *data, unsigned char *bytes,
    size_t len);
static size_t worker_simulate_token(void *data, base_str_t name, char *text);
static void worker_simulate_trace(void *data, const asl_trace_t *trace);
static void worker_simulate_print(worker_simulation_t *run,
    const asl_trace_t *trace);
static void worker_simulate_record(worker_simulation_t *run,
    const asl_trace_t *trace);
static bool worker_simulate_report(worker_simulation_t *run,
    const asl_action_t *end);
static void worker_simulate_add(worker_simulation_t *run, base_json_t *object,
    const char *key, base_json_t *item);
static void worker_simulate_add_str(worker_simulation_t *run,
    base_json_t *object, const char *key, base_str_t text);


int
worker_command_simulate(worker_command_context_t *context)
{
    int                   exit_code;
    asl_def_t            *def;
    const base_json_t    *input;
    worker_simulation_t   run = {
        .options = context->options, .arena = context->arena
    };

    def = worker_tool_definition(context, &exit_code);
    if (def == NULL) {
        return exit_code;
    }

    exit_code = WORKER_EXIT_USAGE;
    input = worker_simulate_input(context);
    if (input != NULL && worker_simulate_mocks(&run, def)) {
        exit_code = worker_simulate(&run, def, input);
    }

    asl_def_free(def);
    return exit_code;
}


static int
worker_simulate(worker_simulation_t *run, const asl_def_t *def,
    const base_json_t *input)
{
    asl_exec_t          *exec;
    asl_status_t         status;
    const asl_action_t  *end;
    asl_simulation_t     simulation = {
        .answer = worker_simulate_answer, .data = run,
        .clock = run->options->speed > 0 ? worker_simulate_clock : NULL
    };

    run->start_ms = worker_clock_ms();
    run->env = (asl_env_t) {
        .now_ms = run->start_ms, .random = worker_simulate_random,
        .token = worker_simulate_token,
        .trace = worker_simulate_trace, .data = run
    };

    if (run->options->json) {
        run->history = base_json_array(run->arena);
        run->nomem = run->history == NULL;
    }

    status = asl_simulate(def, run->arena, BASE_STR("simulation"), input,
                          &run->env, &simulation, &exec);
    if (status == ASL_LIMIT) {
        fprintf(stderr, "orders-worker: the execution has not come to an end: "
                "given up\n");
        return EXIT_FAILURE;
    }

    end = status == ASL_OK ? &asl_exec_actions(exec).items[0] : NULL;
    if (end == NULL || run->nomem
        || (run->options->json && !worker_simulate_report(run, end)))
    {
        fprintf(stderr, "orders-worker: out of memory\n");
        return EXIT_FAILURE;
    }

    return fflush(stdout) == 0 && end->kind == ASL_SUCCEED ? EXIT_SUCCESS
                                                           : EXIT_FAILURE;
}


/* --input: JSON, or "@" and a file; {} where it is not given. */
static base_json_t *
worker_simulate_input(worker_command_context_t *context)
{
    base_str_t  text = context->options->input;

    if (base_str_starts(text, BASE_STR("@"))) {
        return worker_tool_json_file(context->arena, text.data + 1);
    }

    return worker_tool_json(context->arena, "--input",
                            text.data == NULL ? BASE_STR("{}") : text);
}


static bool
worker_simulate_mocks(worker_simulation_t *run, const asl_def_t *def)
{
    const char  *path = run->options->mocks;
    const char  *problem;

    if (path == NULL) {
        return true;
    }

    run->mocks = worker_tool_json_file(run->arena, path);
    if (run->mocks == NULL) {
        return false;
    }

    problem = asl_mocks_check(def, run->mocks, run->arena);
    if (problem != NULL) {
        fprintf(stderr, "orders-worker: %s: %s\n", path, problem);
    }

    return problem == NULL;
}


static bool
worker_simulate_answer(void *data, const asl_action_t *action, uint32_t call,
    asl_answer_t *answer)
{
    worker_simulation_t  *run = data;

    if (asl_mock_answer(run->mocks, action->state, call, answer)) {
        return true;
    }

    fprintf(stderr, "orders-worker: --mocks FILE says what tasks answer, and "
            "has nothing for this one: expected "
            "{\"%.*s\": {\"Return\": ...}} in it\n",
            BASE_STR_ARG(action->state));
    return false;
}


/* Sleeps for the N-th part of the time that has passed in the simulation. */
static void
worker_simulate_clock(void *data, int64_t now_ms)
{
    int64_t               us;
    struct timespec       pause;
    worker_simulation_t  *run = data;

    us = (now_ms - run->start_ms - run->reached_ms) * 1000
         / run->options->speed;
    run->reached_ms = now_ms - run->start_ms;
    pause.tv_sec = (time_t) (us / 1000000);
    pause.tv_nsec = (long) (us % 1000000) * 1000;

    (void) fflush(stdout);
    (void) nanosleep(&pause, NULL);
}


/* As little as States.UUID and jitter want is always given. */
static void
worker_simulate_random(void *data, unsigned char *bytes, size_t len)
{
    (void) data;
    (void) !getrandom(bytes, len, 0);
}


/* "simulation.1" and so on: nobody is to guess them, they are for the eye. */
static size_t
worker_simulate_token(void *data, base_str_t name, char *text)
{
    worker_simulation_t  *run = data;

    return (size_t) snprintf(text, ASL_TOKEN_BYTES_MAX, "%.*s.%u",
                             BASE_STR_ARG(name), ++run->tokens);
}


static void
worker_simulate_trace(void *data, const asl_trace_t *trace)
{
    worker_simulation_t  *run = data;

    if (run->options->json) {
        worker_simulate_record(run, trace);
    } else {
        worker_simulate_print(run, trace);
    }
}


static void
worker_simulate_print(worker_simulation_t *run, const asl_trace_t *trace)
{
    int64_t     ms = run->env.now_ms - run->start_ms;
    base_buf_t  line;

    base_buf_init(&line, NULL, SIZE_MAX);
    base_buf_printf(&line, "%6" PRId64 ".%03d  %-18.*s", ms / 1000,
                    (int) (ms % 1000),
                    BASE_STR_ARG(asl_trace_name(trace->kind)));

    if (trace->state.len > 0) {
        base_buf_add_lit(&line, "  ");
        base_buf_add_str(&line, trace->state);
    }

    if (trace->attempt > 0) {
        base_buf_printf(&line, " (attempt %u)", trace->attempt + 1);
    }

    if (trace->data != NULL) {
        base_buf_add_lit(&line, "  ");
        base_json_write(&line, trace->data);
    }

    if (trace->error.len > 0) {
        base_buf_add_lit(&line, "  ");
        base_buf_add_str(&line, trace->error);
    }

    if (trace->cause.len > 0) {
        base_buf_add_lit(&line, ": ");
        base_buf_add_str(&line, trace->cause);
    }

    base_buf_add_char(&line, '\n');
    run->nomem |= line.failed;
    (void) fwrite(line.data, 1, line.len, stdout);
    base_buf_deinit(&line);
}


static void
worker_simulate_record(worker_simulation_t *run, const asl_trace_t *trace)
{
    base_json_t  *event = base_json_object(run->arena);

    if (event == NULL || run->nomem) {
        run->nomem = true;
        return;
    }

    worker_simulate_add(run, event, "ms",
                        base_json_int(run->arena,
                                      run->env.now_ms - run->start_ms));
    worker_simulate_add_str(run, event, "type", asl_trace_name(trace->kind));
    worker_simulate_add_str(run, event, "state", trace->state);

    if (trace->attempt > 0) {
        worker_simulate_add(run, event, "attempt",
                            base_json_int(run->arena, trace->attempt));
    }

    if (trace->data != NULL) {
        worker_simulate_add(run, event, "data",
                            base_json_copy(run->arena, trace->data));
    }

    worker_simulate_add_str(run, event, "error", trace->error);
    worker_simulate_add_str(run, event, "cause", trace->cause);
    base_json_append(run->history, event);
}


/* Writes everything as one JSON object.  False when out of memory. */
static bool
worker_simulate_report(worker_simulation_t *run, const asl_action_t *end)
{
    base_buf_t    buf;
    base_json_t  *report = base_json_object(run->arena);

    if (report == NULL) {
        return false;
    }

    worker_simulate_add_str(run, report, "status",
                            end->kind == ASL_SUCCEED ? BASE_STR("SUCCEEDED")
                                                     : BASE_STR("FAILED"));
    worker_simulate_add(run, report, "ms",
                        base_json_int(run->arena,
                                      run->env.now_ms - run->start_ms));
    if (end->kind == ASL_SUCCEED) {
        worker_simulate_add(run, report, "output",
                            base_json_copy(run->arena, end->output));
    }

    worker_simulate_add_str(run, report, "error", end->error);
    worker_simulate_add_str(run, report, "cause", end->cause);
    worker_simulate_add(run, report, "history", run->history);

    base_buf_init(&buf, run->arena, SIZE_MAX);
    base_json_write_pretty(&buf, report);
    base_buf_add_char(&buf, '\n');
    if (buf.failed || run->nomem) {
        return false;
    }

    (void) fwrite(buf.data, 1, buf.len, stdout);
    return true;
}


static void
worker_simulate_add(worker_simulation_t *run, base_json_t *object,
    const char *key, base_json_t *item)
{
    if (item == NULL) {
        run->nomem = true;
        return;
    }

    base_json_add(object, base_str_c(key), item);
}


/* A text; nothing where it is empty. */
static void
worker_simulate_add_str(worker_simulation_t *run, base_json_t *object,
    const char *key, base_str_t text)
{
    base_json_t  *string;

    if (text.len == 0) {
        return;
    }

    string = base_json_string(run->arena, text);
    worker_simulate_add(run, object, key,
                        string == NULL ? NULL
                                       : base_json_copy(run->arena, string));
}
