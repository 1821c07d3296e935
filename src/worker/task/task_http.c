/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/task_http.h"

#include "base/utf8.h"
#include "worker/clock.h"
#include "worker/execute/call.h"
#include "worker/worker.h"


#define WORKER_WEB_EXCERPT_BYTES  500
#define WORKER_WEB_SPARE_MS       1000  /* its own deadline comes first */


static void worker_url_begin(worker_call_t *call, const worker_job_t *job);
static void worker_url_answer(base_arena_t *arena,
    const worker_http_answer_t *answer, asl_event_t *event);
static void worker_web_handler(void *data, const worker_http_answer_t *answer);
static void worker_web_alive(void *data);


const worker_task_t  worker_task_url = {
    BASE_STR_INIT(""), WORKER_TASK_REMOTE, NULL, NULL, worker_url_begin,
    worker_web_cancel
};


static void
worker_url_begin(worker_call_t *call, const worker_job_t *job)
{
    base_buf_t     body;
    worker_web_t  *web = worker_web_new(call);

    if (web == NULL) {
        worker_task_failed(call, BASE_STR("Lambda.SdkClientException"),
                           BASE_STR("out of memory"));
        return;
    }

    base_buf_init(&body, &call->execution->arena, SIZE_MAX);
    base_json_write(&body, job->input);
    web->method = BASE_STR("POST");
    web->url = job->target;
    web->body = base_buf_str(&body);
    web->answer = worker_url_answer;

    if (worker_connection_known(call->execution->worker->config, job->name)
        && !worker_web_connect(web, job->name))
    {
        worker_task_failed(call, BASE_STR("Worker.ConnectionMismatch"),
                           BASE_STR("the function's connection belongs to "
                                    "another origin"));
        return;
    }

    if (body.failed
        || !worker_web_header(web, BASE_STR("Content-Type: application/json"))
        || !worker_web_header(web, BASE_STR("Accept: application/json")))
    {
        worker_task_failed(call, BASE_STR("Lambda.SdkClientException"),
                           BASE_STR("the request cannot be made"));
        return;
    }

    worker_web_send(web);
}


static void
worker_url_answer(base_arena_t *arena, const worker_http_answer_t *answer,
    asl_event_t *event)
{
    bool                done = answer->status >= 200 && answer->status <= 299;
    const base_json_t  *json;

    event->kind = ASL_EVENT_FAILED;
    if (answer->outcome == WORKER_HTTP_TOO_LARGE) {
        event->error = BASE_STR("States.DataLimitExceeded");
        event->cause = answer->cause;
        return;
    }

    if (answer->outcome != WORKER_HTTP_ANSWERED) {
        event->error = answer->outcome == WORKER_HTTP_TIMEOUT
                           ? BASE_STR("States.Timeout")
                           : BASE_STR("Lambda.SdkClientException");
        event->cause = answer->cause;
        return;
    }

    json = answer->body.len == 0 ? base_json_null(arena)
                                 : base_json_parse(arena, answer->body, NULL,
                                                   NULL);
    if (done && json != NULL) {
        event->kind = ASL_EVENT_SUCCEEDED;
        event->result = json;
        return;
    }

    event->error = done ? BASE_STR("")
                        : base_json_get_str(json, BASE_STR("errorType"));
    event->cause = worker_web_excerpt(arena, answer);
    if (event->error.len > 0) {
        return;
    }

    if (answer->status == 429) {
        event->error = BASE_STR("Lambda.TooManyRequestsException");
    } else {
        event->error = answer->status >= 500
                           ? BASE_STR("Lambda.ServiceException")
                           : BASE_STR("Lambda.Unknown");
    }
}


worker_web_t *
worker_web_new(worker_call_t *call)
{
    worker_web_t  *web;

    web = base_arena_zalloc(&call->execution->arena, sizeof(worker_web_t));
    if (web != NULL) {
        web->call = call;
    }

    call->work = web;
    return web;
}


bool
worker_web_header(worker_web_t *web, base_str_t header)
{
    if (header.data == NULL || web->header_count == WORKER_WEB_HEADERS_MAX) {
        return false;
    }

    web->headers[web->header_count++] = header;
    return true;
}


bool
worker_web_connect(worker_web_t *web, base_str_t connection)
{
    bool                        known = false;
    size_t                      i;
    base_str_t                  origin = worker_url_origin(web->url);
    const worker_secrets_t     *secrets;
    const worker_connection_t  *one;

    secrets = &web->call->execution->worker->secrets;

    for (i = 0; i < secrets->connection_count; i++) {
        one = &secrets->connections[i];
        if (!base_str_eq(one->name, connection)) {
            continue;
        }

        if (origin.len == 0 || !base_str_eq(one->origin, origin)
            || !worker_web_header(web, one->header))
        {
            return false;
        }

        known = true;
    }

    return known;
}


void
worker_web_send(worker_web_t *web)
{
    int64_t                 left_ms;
    base_str_t              key;
    const char             *reason = "out of memory";
    worker_call_t          *call = web->call;
    worker_execution_t     *execution = call->execution;
    const worker_config_t  *config = execution->worker->config;
    worker_http_options_t   options;

    key = worker_task_key(&execution->arena, execution,
                          worker_call_action(call));
    left_ms = call->due_ms - worker_clock_ms() + WORKER_WEB_SPARE_MS;

    if (key.data == NULL
        || !worker_web_header(web, base_arena_printf(&execution->arena,
                                                     "Idempotency-Key: %.*s",
                                                     BASE_STR_ARG(key))))
    {
        worker_task_failed(call, BASE_STR("Worker.InvalidRequest"),
                           BASE_STR("it has too many headers"));
        return;
    }

    options = (worker_http_options_t) {
        .method = web->method, .url = web->url, .headers = web->headers,
        .header_count = web->header_count, .body = web->body,
        .connect_timeout_ms = config->http_connect_timeout_ms,
        .timeout_ms = left_ms > 0 && left_ms < UINT32_MAX
                          ? (uint32_t) left_ms : UINT32_MAX,
        .answer_bytes_max = WORKER_WEB_ANSWER_MAX,
        .keep_headers = web->keep_headers,
        .answered = worker_web_handler, .alive = worker_web_alive,
        .data = web
    };

    web->request = worker_http_send(execution->worker->http, &options,
                                    &reason);
    if (web->request == NULL) {
        worker_task_failed(call, BASE_STR("Worker.InvalidRequest"),
                           base_str_c(reason));
    }
}


static void
worker_web_handler(void *data, const worker_http_answer_t *answer)
{
    asl_event_t     event = { .retry_after_ms = answer->retry_after_ms };
    base_arena_t    arena;
    worker_web_t   *web = data;
    worker_call_t  *call = web->call;

    web->request = NULL;
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    web->answer(&arena, answer, &event);

    /* what the answer says does not count where a callback will */
    if (call->callback && answer->outcome == WORKER_HTTP_ANSWERED
        && answer->status >= 200 && answer->status <= 299)
    {
        event.kind = ASL_EVENT_SUCCEEDED;
    }

    worker_task_done(call, &event);
    base_arena_deinit(&arena);
}


static void
worker_web_alive(void *data)
{
    worker_web_t  *web = data;

    worker_call_alive(web->call);
}


void
worker_web_cancel(worker_call_t *call)
{
    worker_web_t  *web = call->work;

    if (web != NULL && web->request != NULL) {
        worker_http_cancel(web->request);
        web->request = NULL;
    }
}


/* As much as people can use, and only if it is text. */
base_str_t
worker_web_excerpt(base_arena_t *arena, const worker_http_answer_t *answer)
{
    base_str_t  body = answer->body;

    if (body.len > WORKER_WEB_EXCERPT_BYTES) {
        body.len = WORKER_WEB_EXCERPT_BYTES;
        while (body.len > 0
               && ((unsigned char) body.data[body.len] & 0xc0) == 0x80)
        {
            body.len--;
        }
    }

    if (!base_utf8_valid(body, NULL)) {
        body.len = 0;
    }

    return base_arena_printf(arena, "HTTP %u%s%.*s", answer->status,
                             body.len > 0 ? ": " : "", BASE_STR_ARG(body));
}
