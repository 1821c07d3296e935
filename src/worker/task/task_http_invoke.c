/* SPDX-License-Identifier: BSD-2-Clause */

/* http:invoke, see task_http.h. */

#include "worker/task/task_http.h"

#include <strings.h>

#include "base/utf8.h"
#include "worker/task/http_form.h"
#include "worker/worker.h"


#define WORKER_INVALID  BASE_STR("Worker.InvalidParameters")


static void worker_invoke_begin(worker_call_t *call, const worker_job_t *job);
static const char *worker_invoke_make(worker_web_t *web,
    const base_json_t *input);
static const char *worker_invoke_line(worker_web_t *web,
    const base_json_t *input);
static const char *worker_invoke_connection(worker_web_t *web,
    const base_json_t *input);
static const char *worker_invoke_headers(worker_web_t *web,
    const base_json_t *headers);
static const char *worker_invoke_header(worker_web_t *web,
    const base_json_t *header);
static const char *worker_invoke_body(worker_web_t *web,
    const base_json_t *input);
static bool worker_web_has(const worker_web_t *web, base_str_t name);
static void worker_invoke_answer(base_arena_t *arena,
    const worker_http_answer_t *answer, asl_event_t *event);
static base_json_t *worker_invoke_result(base_arena_t *arena,
    const worker_http_answer_t *answer);
static base_json_t *worker_invoke_answer_headers(base_arena_t *arena,
    base_str_t lines);
static bool worker_invoke_answer_header(base_arena_t *arena,
    base_json_t *headers, base_str_t line);


const worker_task_t  worker_task_http_invoke = {
    BASE_STR_INIT(""), WORKER_TASK_REMOTE, NULL, NULL, worker_invoke_begin,
    worker_web_cancel
};

static const base_str_t  worker_methods[] = {
    BASE_STR_INIT("GET"), BASE_STR_INIT("POST"), BASE_STR_INIT("PUT"),
    BASE_STR_INIT("DELETE"), BASE_STR_INIT("PATCH"), BASE_STR_INIT("HEAD"),
    BASE_STR_INIT("OPTIONS"),
};

#define WORKER_METHODS  (sizeof(worker_methods) / sizeof(worker_methods[0]))

/* Those that make the message what it is: the client writes them. */
static const base_str_t  worker_own_headers[] = {
    BASE_STR_INIT("Host"), BASE_STR_INIT("Content-Length"),
    BASE_STR_INIT("Transfer-Encoding"), BASE_STR_INIT("Connection"),
    BASE_STR_INIT("Upgrade"), BASE_STR_INIT("TE"), BASE_STR_INIT("Trailer"),
    BASE_STR_INIT("Expect"), BASE_STR_INIT("Idempotency-Key"),
};

#define WORKER_OWN_HEADERS                                                    \
    (sizeof(worker_own_headers) / sizeof(worker_own_headers[0]))


static void
worker_invoke_begin(worker_call_t *call, const worker_job_t *job)
{
    const char    *problem = "out of memory";
    worker_web_t  *web = worker_web_new(call);

    if (web != NULL) {
        web->keep_headers = true;
        web->answer = worker_invoke_answer;
        problem = worker_invoke_make(web, job->input);
    }

    if (problem != NULL) {
        worker_task_failed(call, WORKER_INVALID, base_str_c(problem));
        return;
    }

    worker_web_send(web);
}


/* NULL, or what is wrong. */
static const char *
worker_invoke_make(worker_web_t *web, const base_json_t *input)
{
    const char  *problem;

    problem = worker_invoke_line(web, input);
    if (problem == NULL) {
        problem = worker_invoke_connection(web, input);
    }

    if (problem == NULL) {
        problem = worker_invoke_headers(web,
                                        base_json_get(input,
                                                      BASE_STR("Headers")));
    }

    return problem != NULL ? problem : worker_invoke_body(web, input);
}


static const char *
worker_invoke_line(worker_web_t *web, const base_json_t *input)
{
    size_t              i;
    base_buf_t          url;
    base_str_t          method, text;
    const base_json_t  *query;

    method = base_json_get_str(input, BASE_STR("Method"));
    for (i = 0; i < WORKER_METHODS; i++) {
        if (base_str_eq(worker_methods[i], method)) {
            break;
        }
    }

    if (i == WORKER_METHODS) {
        return "\"Method\" must be GET, POST, PUT, DELETE, PATCH, HEAD or "
               "OPTIONS";
    }

    web->method = worker_methods[i];
    text = base_json_get_str(input, BASE_STR("ApiEndpoint"));
    if (text.len == 0) {
        text = base_json_get_str(input, BASE_STR("Url"));
    }

    if (worker_url_origin(text).len == 0
        || memchr(text.data, '\0', text.len) != NULL)
    {
        return "\"ApiEndpoint\" must be an http or https URL without a user";
    }

    base_buf_init(&url, &web->call->execution->arena, SIZE_MAX);
    base_buf_add_str(&url, text);
    query = base_json_get(input, BASE_STR("QueryParameters"));
    if (query != NULL && query->type == BASE_JSON_OBJECT && query->count > 0) {
        base_buf_add_char(&url, memchr(text.data, '?', text.len) != NULL
                                    ? '&' : '?');
        worker_form_write(&url, query);
    }

    base_buf_add_char(&url, '\0');
    web->url = base_str(url.data, url.len - 1);

    return url.failed ? "out of memory" : NULL;
}


/* "Connection": "name", or Authentication.ConnectionArn:
 * "arn:aws:events:us-east-1:1:connection/name/..." */
static const char *
worker_invoke_connection(worker_web_t *web, const base_json_t *input)
{
    base_str_t   name;
    const char  *p;

    name = base_json_get_str(input, BASE_STR("Connection"));
    if (name.len == 0) {
        name = base_json_get_str(base_json_get(input,
                                               BASE_STR("Authentication")),
                                 BASE_STR("ConnectionArn"));
        p = name.len == 0 ? NULL : memmem(name.data, name.len,
                                          ":connection/", 12);
        if (p != NULL) {
            p += 12;
            name = base_str(p, name.len - (size_t) (p - name.data));
            p = memchr(name.data, '/', name.len);
            name.len = p == NULL ? name.len : (size_t) (p - name.data);
        }
    }

    if (name.len == 0 || worker_web_connect(web, name)) {
        return NULL;
    }

    return worker_connection_known(web->call->execution->worker->config, name)
               ? "the connection belongs to another origin"
               : "worker.conf has no such connection";
}


static const char *
worker_invoke_headers(worker_web_t *web, const base_json_t *headers)
{
    const char         *problem;
    const base_json_t  *item;

    if (headers == NULL) {
        return NULL;
    }

    if (headers->type != BASE_JSON_OBJECT) {
        return "\"Headers\" must be an object";
    }

    base_json_each(item, headers) {
        problem = worker_invoke_header(web, item);
        if (problem != NULL) {
            return problem;
        }
    }

    return NULL;
}


/* A header of the connection wins over one of the definition. */
static const char *
worker_invoke_header(worker_web_t *web, const base_json_t *header)
{
    size_t      i;
    base_str_t  name = header->key, text;

    if (header->type != BASE_JSON_STRING) {
        return "each of \"Headers\" must be a string";
    }

    for (i = 0; i < name.len; i++) {
        char  c = name.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z') || c == '-' || c == '_'))
        {
            return "a name among \"Headers\" is none";
        }
    }

    for (i = 0; i < WORKER_OWN_HEADERS; i++) {
        text = worker_own_headers[i];
        if (text.len == name.len
            && strncasecmp(text.data, name.data, name.len) == 0)
        {
            return "one of \"Headers\" is not to be set";
        }
    }

    if (name.len == 0 || worker_web_has(web, name)) {
        return name.len == 0 ? "a name among \"Headers\" is empty" : NULL;
    }

    text = base_arena_printf(&web->call->execution->arena, "%.*s: %.*s",
                             BASE_STR_ARG(name), BASE_STR_ARG(header->text));
    return worker_web_header(web, text) ? NULL : "there are too many headers";
}


static bool
worker_web_has(const worker_web_t *web, base_str_t name)
{
    size_t      i;
    base_str_t  header;

    for (i = 0; i < web->header_count; i++) {
        header = web->headers[i];
        if (header.len > name.len && header.data[name.len] == ':'
            && strncasecmp(header.data, name.data, name.len) == 0)
        {
            return true;
        }
    }

    return false;
}


static const char *
worker_invoke_body(worker_web_t *web, const base_json_t *input)
{
    bool                form, typed;
    base_buf_t          text;
    base_str_t          type;
    const base_json_t  *body;

    body = base_json_get(input, BASE_STR("RequestBody"));
    if (body == NULL || body->type == BASE_JSON_NULL) {
        return NULL;
    }

    if (base_str_eq_c(web->method, "GET") || base_str_eq_c(web->method, "HEAD"))
    {
        return "\"RequestBody\" does not go with GET and HEAD";
    }

    form = base_str_eq_c(
        base_json_get_str(base_json_get(input, BASE_STR("Transform")),
                          BASE_STR("RequestBodyEncoding")), "URL_ENCODED");
    typed = worker_web_has(web, BASE_STR("Content-Type"));
    base_buf_init(&text, &web->call->execution->arena, SIZE_MAX);
    (void) base_buf_reserve(&text, 1);

    if (form) {
        worker_form_write(&text, body);
    } else if (typed && body->type == BASE_JSON_STRING) {
        base_buf_add_str(&text, body->text);
    } else {
        base_json_write(&text, body);
    }

    web->body = base_buf_str(&text);
    type = form ? BASE_STR("Content-Type: application/x-www-form-urlencoded")
                : BASE_STR("Content-Type: application/json");
    if (text.failed || (!typed && !worker_web_header(web, type))) {
        return "out of memory, or too many headers";
    }

    return NULL;
}


static void
worker_invoke_answer(base_arena_t *arena, const worker_http_answer_t *answer,
    asl_event_t *event)
{
    event->kind = ASL_EVENT_FAILED;
    event->cause = answer->cause;

    switch (answer->outcome) {

    case WORKER_HTTP_ANSWERED:
        break;

    case WORKER_HTTP_TIMEOUT:
        event->error = BASE_STR("States.Timeout");
        return;

    case WORKER_HTTP_TOO_LARGE:
        event->error = BASE_STR("States.DataLimitExceeded");
        return;

    default:
        event->error = BASE_STR("States.Http.Socket");
        return;
    }

    if (answer->status < 200 || answer->status > 299) {
        event->error = base_arena_printf(arena, "States.Http.StatusCode.%u",
                                         answer->status);
        event->cause = worker_web_excerpt(arena, answer);
        return;
    }

    event->result = worker_invoke_result(arena, answer);
    if (event->result == NULL) {
        event->error = BASE_STR("Worker.OutOfMemory");
        return;
    }

    event->kind = ASL_EVENT_SUCCEEDED;
}


static base_json_t *
worker_invoke_result(base_arena_t *arena, const worker_http_answer_t *answer)
{
    base_str_t    text;
    base_json_t  *result, *code, *status, *headers, *body;

    text = base_arena_printf(arena, "%u", answer->status);
    result = base_json_object(arena);
    code = base_json_int(arena, answer->status);
    status = base_json_string(arena, text);
    headers = worker_invoke_answer_headers(arena, answer->headers);
    body = base_json_parse(arena, answer->body, NULL, NULL);
    if (body == NULL) {
        body = base_json_string(arena, base_utf8_valid(answer->body, NULL)
                                           ? answer->body : BASE_STR(""));
    }

    if (result == NULL || code == NULL || text.data == NULL || status == NULL
        || headers == NULL || body == NULL)
    {
        return NULL;
    }

    base_json_add(result, BASE_STR("StatusCode"), code);
    base_json_add(result, BASE_STR("StatusText"), status);
    base_json_add(result, BASE_STR("Headers"), headers);
    base_json_add(result, BASE_STR("ResponseBody"), body);

    return result;
}


static base_json_t *
worker_invoke_answer_headers(base_arena_t *arena, base_str_t lines)
{
    size_t        len;
    const char   *end;
    base_json_t  *headers = base_json_object(arena);

    while (headers != NULL && lines.len > 0) {
        end = memchr(lines.data, '\n', lines.len);
        len = end == NULL ? lines.len : (size_t) (end - lines.data) + 1;
        if (!worker_invoke_answer_header(arena, headers,
                                         base_str(lines.data, len)))
        {
            return NULL;
        }

        lines = base_str(lines.data + len, lines.len - len);
    }

    return headers;
}


/* {"name": ["value", ...]}, names in lower case; false when out of memory. */
static bool
worker_invoke_answer_header(base_arena_t *arena, base_json_t *headers,
    base_str_t line)
{
    char         *name;
    size_t        i, n;
    const char   *colon = memchr(line.data, ':', line.len);
    base_str_t    value;
    base_json_t  *values, *text;

    if (colon == NULL || !base_utf8_valid(line, NULL)) {
        return true;
    }

    n = (size_t) (colon - line.data);
    name = base_arena_alloc(arena, n + 1);
    if (name == NULL) {
        return false;
    }

    for (i = 0; i < n; i++) {
        name[i] = (char) (line.data[i] >= 'A' && line.data[i] <= 'Z'
                              ? line.data[i] + 32 : line.data[i]);
    }

    value = base_str(colon + 1, line.len - n - 1);
    while (value.len > 0 && (unsigned char) value.data[0] <= ' ') {
        value = base_str(value.data + 1, value.len - 1);
    }

    while (value.len > 0
           && (unsigned char) value.data[value.len - 1] <= ' ')
    {
        value.len--;
    }

    text = base_json_string(arena, value);
    values = base_json_get(headers, base_str(name, n));
    if (values == NULL) {
        values = base_json_array(arena);
        if (values == NULL) {
            return false;
        }

        base_json_add(headers, base_str(name, n), values);
    }

    if (text == NULL) {
        return false;
    }

    base_json_append(values, text);
    return true;
}
