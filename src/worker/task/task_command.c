/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/task_command.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "worker/execute/call.h"
#include "worker/task/program.h"
#include "worker/worker.h"


/* A call's own. */
typedef struct {
    worker_call_t     *call;
    worker_program_t  *program;         /* NULL: over */
} worker_command_run_t;

typedef struct {
    base_str_t   items[WORKER_PROGRAM_ENV_MAX];
    size_t       count;
    bool         failed;
} worker_environment_t;


static void worker_command_begin(worker_call_t *call,
    const worker_job_t *job);
static void worker_command_environment(worker_call_t *call,
    const worker_job_t *job, worker_environment_t *env);
static void worker_environment_add(worker_environment_t *env,
    base_arena_t *arena, const char *name, base_str_t value);
static void worker_command_alive(void *data);
static void worker_command_handler(void *data,
    const worker_program_answer_t *answer);
static void worker_command_result(base_arena_t *arena,
    const worker_program_answer_t *answer, asl_event_t *event);
static void worker_command_error(base_arena_t *arena,
    const worker_program_answer_t *answer, asl_event_t *event);
static void worker_command_cancel(worker_call_t *call);


const worker_task_t  worker_task_command = {
    BASE_STR_INIT(""), WORKER_TASK_REMOTE, NULL, NULL, worker_command_begin,
    worker_command_cancel
};

static const char *const  worker_command_names[] = {
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR",
};

#define WORKER_COMMAND_NAMES                                                  \
    (sizeof(worker_command_names) / sizeof(worker_command_names[0]))


static void
worker_command_begin(worker_call_t *call, const worker_job_t *job)
{
    base_buf_t                 input;
    base_arena_t              *arena = &call->execution->arena;
    worker_command_run_t      *run;
    worker_environment_t       env = { .count = 0 };
    worker_program_options_t   options;

    run = base_arena_zalloc(arena, sizeof(worker_command_run_t));
    call->work = run;
    base_buf_init(&input, arena, SIZE_MAX);
    base_json_write(&input, job->input);
    base_buf_add_char(&input, '\n');
    worker_command_environment(call, job, &env);

    if (run != NULL && !input.failed && !env.failed) {
        options = (worker_program_options_t) {
            .command = job->target, .input = base_buf_str(&input),
            .env = env.items, .env_count = env.count,
            .answered = worker_command_handler, .alive = worker_command_alive,
            .data = run
        };
        run->call = call;
        run->program = worker_program_run(&call->execution->worker->programs,
                                          &options);
        if (run->program != NULL) {
            return;
        }
    }

    worker_task_failed(call, BASE_STR("Command.NotStarted"),
                       BASE_STR("out of memory"));
}


static void
worker_command_environment(worker_call_t *call, const worker_job_t *job,
    worker_environment_t *env)
{
    size_t                  i;
    const char             *value;
    base_str_t              attempt;
    base_arena_t           *arena = &call->execution->arena;
    const worker_entry_t   *entry;
    const worker_config_t  *config = call->execution->worker->config;

    for (i = 0; i < WORKER_COMMAND_NAMES; i++) {
        value = getenv(worker_command_names[i]);
        if (value != NULL) {
            worker_environment_add(env, arena, worker_command_names[i],
                                   base_str_c(value));
        }
    }

    for (entry = config->command_env.first; entry != NULL; entry = entry->next)
    {
        value = getenv(entry->words[0].data);
        if (value != NULL) {
            worker_environment_add(env, arena, entry->words[0].data,
                                   base_str_c(value));
        }
    }

    attempt = base_arena_printf(arena, "%u", (unsigned) job->action->attempt);
    worker_environment_add(env, arena, "ORDERS_ID", call->execution->id);
    worker_environment_add(env, arena, "ORDERS_STATE", job->action->state);
    worker_environment_add(env, arena, "ORDERS_ATTEMPT", attempt);
    worker_environment_add(env, arena, "ORDERS_KEY",
                           worker_task_key(arena, call->execution,
                                           job->action));
    if (job->action->token.len > 0) {
        worker_environment_add(env, arena, "ORDERS_TASK_TOKEN",
                               job->action->token);
    }
}


static void
worker_environment_add(worker_environment_t *env, base_arena_t *arena,
    const char *name, base_str_t value)
{
    base_str_t  item;

    item = base_arena_printf(arena, "%s=%.*s", name, BASE_STR_ARG(value));
    if (item.data == NULL || env->count == WORKER_PROGRAM_ENV_MAX) {
        env->failed = true;
        return;
    }

    env->items[env->count++] = item;
}


static void
worker_command_alive(void *data)
{
    worker_command_run_t  *run = data;

    worker_call_alive(run->call);
}


static void
worker_command_handler(void *data, const worker_program_answer_t *answer)
{
    asl_event_t            event = { .kind = ASL_EVENT_FAILED };
    base_arena_t           arena;
    worker_command_run_t  *run = data;

    run->program = NULL;
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    if (answer->outcome == WORKER_PROGRAM_EXITED && answer->code == 0) {
        worker_command_result(&arena, answer, &event);
    } else {
        worker_command_error(&arena, answer, &event);
    }

    worker_task_done(run->call, &event);
    base_arena_deinit(&arena);
}


/* Without any output the result is null. */
static void
worker_command_result(base_arena_t *arena,
    const worker_program_answer_t *answer, asl_event_t *event)
{
    base_json_error_t  error = { .reason = "out of memory" };

    event->result = answer->output.len == 0
                        ? base_json_null(arena)
                        : base_json_parse(arena, answer->output, NULL, &error);
    if (event->result != NULL) {
        event->kind = ASL_EVENT_SUCCEEDED;
        return;
    }

    event->error = BASE_STR("Command.InvalidAnswer");
    event->cause = base_arena_printf(arena, "its output is not JSON: %s",
                                     error.reason);
}


static void
worker_command_error(base_arena_t *arena,
    const worker_program_answer_t *answer, asl_event_t *event)
{
    base_str_t          complaint = answer->complaint;
    const base_json_t  *json;

    if (!base_utf8_valid(complaint, NULL)) {
        complaint = BASE_STR("");
    }

    switch (answer->outcome) {

    case WORKER_PROGRAM_NOT_STARTED:
        event->error = BASE_STR("Command.NotStarted");
        event->cause = complaint;
        return;

    case WORKER_PROGRAM_TOO_LONG:
        event->error = BASE_STR("States.DataLimitExceeded");
        event->cause = BASE_STR("its output is too long");
        return;

    case WORKER_PROGRAM_KILLED:
        event->error = BASE_STR("Command.Failed");
        event->cause = base_arena_printf(arena, "ended by signal %d%s%.*s",
                                         answer->signal,
                                         complaint.len > 0 ? ": " : "",
                                         BASE_STR_ARG(complaint));
        return;

    default:
        break;
    }

    json = base_json_parse(arena, answer->output, NULL, NULL);
    event->error = base_json_get_str(json, BASE_STR("errorType"));
    event->cause = base_json_get_str(json, BASE_STR("errorMessage"));
    if (event->error.len == 0) {
        event->error = BASE_STR("Command.Failed");
        event->cause = base_arena_printf(arena, "exit code %d%s%.*s",
                                         answer->code,
                                         complaint.len > 0 ? ": " : "",
                                         BASE_STR_ARG(complaint));
    }
}


static void
worker_command_cancel(worker_call_t *call)
{
    worker_command_run_t  *run = call->work;

    if (run != NULL && run->program != NULL) {
        worker_program_cancel(run->program);
        run->program = NULL;
    }
}
