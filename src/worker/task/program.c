/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/program.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define WORKER_PROGRAM_KILL_MS      2000
#define WORKER_PROGRAM_LINGER_MS    1000    /* for the end of its output */
#define WORKER_PROGRAM_STDERR_MAX   8192
#define WORKER_PROGRAM_LINE_BYTES   512
#define WORKER_PROGRAM_PIPES        3
#define WORKER_PROGRAM_HANDLES      (WORKER_PROGRAM_PIPES + 1)


struct worker_program_s {
    worker_programs_t    *programs;
    worker_program_t     *next;         /* live or waiting */
    char                 *text;         /* of argv and env */
    char                 *argv[WORKER_PROGRAM_ARGS_MAX + 1];
    char                 *env[WORKER_PROGRAM_ENV_MAX + 1];
    base_buf_t            input;
    base_buf_t            output;
    size_t                stderr_bytes;
    char                  line[WORKER_PROGRAM_LINE_BYTES];  /* of stderr */
    size_t                line_len;
    char                  complaint[WORKER_PROGRAM_LINE_BYTES];
    size_t                complaint_len;

    uv_process_t          process;
    uv_pipe_t             pipes[WORKER_PROGRAM_PIPES];
    uv_write_t            write;
    unsigned              handles;      /* not closed yet */
    bool                  started;
    bool                  ended;        /* the process has */
    bool                  closed_input;
    bool                  closed;       /* all handles are closing */
    bool                  lingers;      /* its output is open yet */
    bool                  too_long;
    unsigned              open_outputs; /* of stdout and stderr */
    int                   code;
    int                   signal;
    worker_timer_t        timer;

    worker_program_fn     answered;     /* NULL: cancelled */
    void                (*alive)(void *data);
    void                 *data;
};


static bool worker_program_copy(worker_program_t *program,
    const worker_program_options_t *options);
static void worker_program_begin(worker_program_t *program);
static int worker_program_spawn(worker_program_t *program);
static void worker_program_not_started(void *data);
static void worker_program_alloc(uv_handle_t *handle, size_t size,
    uv_buf_t *buf);
static void worker_program_read(uv_stream_t *stream, ssize_t n,
    const uv_buf_t *buf);
static void worker_program_stderr(worker_program_t *program, const char *data,
    size_t len);
static void worker_program_complain(worker_program_t *program);
static void worker_program_written(uv_write_t *write, int status);
static void worker_program_exited(uv_process_t *process, int64_t code,
    int signal);
static void worker_program_settle(worker_program_t *program);
static void worker_program_linger_handler(void *data);
static void worker_program_kill_handler(void *data);
static void worker_program_signal(const worker_program_t *program, int number);
static void worker_program_answer(worker_program_t *program);
static void worker_program_close(worker_program_t *program);
static void worker_program_closed(uv_handle_t *handle);
static void worker_program_free(worker_program_t *program);
static bool worker_program_unlink(worker_program_t **link,
    worker_program_t *program);
static void worker_programs_next(worker_programs_t *programs);


void
worker_programs_init(worker_programs_t *programs, uv_loop_t *loop,
    worker_timers_t *timers, const worker_log_t *log, uint32_t running_max)
{
    *programs = (worker_programs_t) {
        .loop = loop, .timers = timers, .log = log, .running_max = running_max
    };
}


void
worker_programs_stop(worker_programs_t *programs)
{
    worker_program_t  *program;

    while (programs->waiting_first != NULL) {
        worker_program_cancel(programs->waiting_first);
    }

    while (programs->live != NULL) {
        program = programs->live;
        program->answered = NULL;
        if (!program->ended) {
            worker_program_signal(program, SIGKILL);
        }

        worker_program_close(program);
    }
}


worker_program_t *
worker_program_run(worker_programs_t *programs,
    const worker_program_options_t *options)
{
    worker_program_t  *program;

    program = calloc(1, sizeof(worker_program_t));
    if (program == NULL) {
        return NULL;
    }

    base_buf_init(&program->input, NULL, SIZE_MAX);
    base_buf_init(&program->output, NULL, SIZE_MAX);
    base_buf_add_str(&program->input, options->input);
    if (program->input.failed || !worker_program_copy(program, options)) {
        worker_program_free(program);
        return NULL;
    }

    program->programs = programs;
    program->answered = options->answered;
    program->alive = options->alive;
    program->data = options->data;
    program->timer.data = program;

    if (programs->waiting_first == NULL) {
        programs->waiting_first = program;
    } else {
        programs->waiting_last->next = program;
    }

    programs->waiting_last = program;
    worker_programs_next(programs);

    return program;
}


/* argv and env. */
static bool
worker_program_copy(worker_program_t *program,
    const worker_program_options_t *options)
{
    char    *p;
    size_t   i, bytes = options->command.len + 1;

    for (i = 0; i < options->env_count; i++) {
        bytes += options->env[i].len + 1;
    }

    program->text = malloc(bytes);
    if (program->text == NULL || options->env_count > WORKER_PROGRAM_ENV_MAX) {
        return false;
    }

    p = program->text + options->command.len + 1;
    for (i = 0; i < options->env_count; i++) {
        memcpy(p, options->env[i].data, options->env[i].len + 1);
        program->env[i] = p;
        p += options->env[i].len + 1;
    }

    return worker_program_split(options->command, program->text,
                                program->argv);
}


/* Starts those that wait, as long as there is room. */
static void
worker_programs_next(worker_programs_t *programs)
{
    worker_program_t  *program;

    while (programs->waiting_first != NULL
           && programs->running < programs->running_max)
    {
        program = programs->waiting_first;
        programs->waiting_first = program->next;
        program->next = programs->live;
        programs->live = program;
        worker_program_begin(program);
    }
}


static void
worker_program_begin(worker_program_t *program)
{
    int                 error;
    uv_buf_t            input;
    worker_programs_t  *programs = program->programs;

    programs->running++;
    error = worker_program_spawn(program);

    if (error != 0) {
        program->ended = true;
        program->complaint_len = (size_t) snprintf(
            program->complaint, sizeof(program->complaint), "%s",
            uv_strerror(error));
        program->timer.fn = worker_program_not_started;
        (void) worker_timer_start(programs->timers, &program->timer, 0);
        return;
    }

    program->started = true;
    program->open_outputs = 2;
    input = uv_buf_init(program->input.data, (unsigned) program->input.len);

    if (uv_write(&program->write, (uv_stream_t *) &program->pipes[0], &input,
                 1, worker_program_written) != 0
        || uv_read_start((uv_stream_t *) &program->pipes[1],
                         worker_program_alloc, worker_program_read) != 0
        || uv_read_start((uv_stream_t *) &program->pipes[2],
                         worker_program_alloc, worker_program_read) != 0)
    {
        worker_program_signal(program, SIGKILL);
    }
}


static int
worker_program_spawn(worker_program_t *program)
{
    unsigned              i;
    uv_loop_t            *loop = program->programs->loop;
    uv_stdio_container_t  stdio[WORKER_PROGRAM_PIPES];
    uv_process_options_t  options = {
        .file = program->argv[0], .args = program->argv, .env = program->env,
        .exit_cb = worker_program_exited, .flags = UV_PROCESS_DETACHED,
        .stdio_count = WORKER_PROGRAM_PIPES, .stdio = stdio
    };

    for (i = 0; i < WORKER_PROGRAM_PIPES; i++) {
        (void) uv_pipe_init(loop, &program->pipes[i], 0);
        program->pipes[i].data = program;
        stdio[i].flags = UV_CREATE_PIPE | (i == 0 ? UV_READABLE_PIPE
                                                  : UV_WRITABLE_PIPE);
        stdio[i].data.stream = (uv_stream_t *) &program->pipes[i];
    }

    /* nothing that we have open is the program's: not the connections to
     * redis, above all */
    (void) close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);

    program->handles = WORKER_PROGRAM_HANDLES;
    program->process.data = program;
    program->write.data = program;

    return uv_spawn(loop, &program->process, &options);
}


static void
worker_program_not_started(void *data)
{
    worker_program_t         *program = data;
    worker_program_answer_t   answer = {
        .outcome = WORKER_PROGRAM_NOT_STARTED,
        .complaint = base_str(program->complaint, program->complaint_len)
    };

    if (program->answered != NULL) {
        program->answered(program->data, &answer);
    }

    worker_program_close(program);
}


void
worker_program_cancel(worker_program_t *program)
{
    worker_programs_t  *programs = program->programs;

    program->answered = NULL;

    if (worker_program_unlink(&programs->waiting_first, program)) {
        programs->waiting_last = programs->waiting_first;
        while (programs->waiting_last != NULL
               && programs->waiting_last->next != NULL)
        {
            programs->waiting_last = programs->waiting_last->next;
        }

        worker_program_free(program);
        return;
    }

    if (!program->started) {
        return;                     /* its timer is running */
    }

    worker_program_signal(program, program->ended ? SIGKILL : SIGTERM);
    program->timer.fn = worker_program_kill_handler;
    if (!worker_timer_start(programs->timers, &program->timer,
                            WORKER_PROGRAM_KILL_MS))
    {
        worker_program_signal(program, SIGKILL);
    }
}


static void
worker_program_kill_handler(void *data)
{
    worker_program_t  *program = data;

    worker_program_signal(program, SIGKILL);
    if (program->ended) {
        worker_program_answer(program);
    }
}


/* To all of its process group. */
static void
worker_program_signal(const worker_program_t *program, int number)
{
    if (program->started) {
        (void) kill(-program->process.pid, number);
    }
}


static void
worker_program_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    worker_program_t  *program = handle->data;

    (void) size;

    buf->base = NULL;
    buf->len = 0;
    if (handle == (uv_handle_t *) &program->pipes[1]) {
        buf->base = base_buf_reserve(&program->output, 4096);
        buf->len = buf->base == NULL ? 0 : 4096;
        return;
    }

    buf->base = program->programs->scratch;
    buf->len = sizeof(program->programs->scratch);
}


/* No room is UV_ENOBUFS: the output is not to be had. */
static void
worker_program_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    worker_program_t  *program = stream->data;

    if (n < 0) {
        (void) uv_read_stop(stream);
        program->open_outputs--;
        program->lingers = program->open_outputs > 0;
        program->too_long |= n == UV_ENOBUFS;
        worker_program_settle(program);
        return;
    }

    if (n > 0 && program->alive != NULL && program->answered != NULL) {
        program->alive(program->data);
    }

    if (stream != (uv_stream_t *) &program->pipes[1]) {
        worker_program_stderr(program, buf->base, (size_t) n);
        return;
    }

    program->output.len += (size_t) n;
    if (program->output.len > WORKER_PROGRAM_OUTPUT_MAX && !program->too_long) {
        program->too_long = true;
        worker_program_signal(program, SIGKILL);
    }

    if (program->too_long) {
        base_buf_clear(&program->output);
    }
}


static void
worker_program_stderr(worker_program_t *program, const char *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (data[i] != '\n') {
            program->line[program->line_len++] = data[i];
        }

        if (data[i] == '\n' || program->line_len == sizeof(program->line)) {
            worker_program_complain(program);
        }
    }
}


/* One line of stderr; the last one is kept for the cause of an error. */
static void
worker_program_complain(worker_program_t *program)
{
    base_str_t  line = base_str(program->line, program->line_len);

    if (line.len == 0) {
        return;
    }

    program->line_len = 0;
    memcpy(program->complaint, line.data, line.len);
    program->complaint_len = line.len;

    if (program->stderr_bytes <= WORKER_PROGRAM_STDERR_MAX) {
        program->stderr_bytes += line.len;
        worker_log(program->programs->log, WORKER_LOG_WARN, "%s: %.*s%s",
                   program->argv[0], BASE_STR_ARG(line),
                   program->stderr_bytes > WORKER_PROGRAM_STDERR_MAX
                       ? " (and more, which is not logged)" : "");
    }
}


/* A program need not read its input. */
static void
worker_program_written(uv_write_t *write, int status)
{
    worker_program_t  *program = write->data;

    (void) status;

    if (!program->closed) {
        program->closed_input = true;
        uv_close((uv_handle_t *) &program->pipes[0], worker_program_closed);
    }
}


static void
worker_program_exited(uv_process_t *process, int64_t code, int signal)
{
    worker_program_t   *program = process->data;
    worker_programs_t  *programs = program->programs;

    program->ended = true;
    program->code = (int) code;
    program->signal = signal;

    /* what it has started may hold its output open for ever */
    if (program->open_outputs > 0) {
        program->lingers = true;
        program->timer.fn = worker_program_linger_handler;
        if (!worker_timer_start(programs->timers, &program->timer,
                                WORKER_PROGRAM_LINGER_MS))
        {
            program->open_outputs = 0;
        }
    }

    worker_program_settle(program);
}


static void
worker_program_linger_handler(void *data)
{
    worker_program_t  *program = data;

    program->open_outputs = 0;
    worker_program_settle(program);
}


static void
worker_program_settle(worker_program_t *program)
{
    if (program->ended && program->open_outputs == 0 && !program->closed) {
        worker_program_answer(program);
    }
}


static void
worker_program_answer(worker_program_t *program)
{
    worker_program_answer_t  answer = {
        .outcome = WORKER_PROGRAM_EXITED, .code = program->code,
        .signal = program->signal, .output = base_buf_str(&program->output)
    };

    if (program->lingers) {         /* something of its group does */
        worker_program_signal(program, SIGKILL);
    }

    worker_program_complain(program);
    answer.complaint = base_str(program->complaint, program->complaint_len);

    if (program->too_long || program->output.failed) {
        answer.outcome = WORKER_PROGRAM_TOO_LONG;
    } else if (program->signal != 0) {
        answer.outcome = WORKER_PROGRAM_KILLED;
    }

    if (program->answered != NULL) {
        program->answered(program->data, &answer);
    }

    worker_program_close(program);
}


/* It is over; its memory goes with the last handle. */
static void
worker_program_close(worker_program_t *program)
{
    unsigned            i;
    worker_programs_t  *programs = program->programs;

    if (program->closed) {
        return;
    }

    program->closed = true;
    worker_timer_stop(programs->timers, &program->timer);
    (void) worker_program_unlink(&programs->live, program);
    programs->running--;

    uv_close((uv_handle_t *) &program->process, worker_program_closed);
    for (i = program->closed_input ? 1 : 0; i < WORKER_PROGRAM_PIPES; i++) {
        uv_close((uv_handle_t *) &program->pipes[i], worker_program_closed);
    }

    worker_programs_next(programs);
}


static void
worker_program_closed(uv_handle_t *handle)
{
    worker_program_t  *program = handle->data;

    program->handles--;
    if (program->handles == 0) {
        worker_program_free(program);
    }
}


static void
worker_program_free(worker_program_t *program)
{
    base_buf_deinit(&program->input);
    base_buf_deinit(&program->output);
    free(program->text);
    free(program);
}


static bool
worker_program_unlink(worker_program_t **link, worker_program_t *program)
{
    while (*link != NULL && *link != program) {
        link = &(*link)->next;
    }

    if (*link == NULL) {
        return false;
    }

    *link = program->next;
    program->next = NULL;
    return true;
}