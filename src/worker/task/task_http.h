/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tasks over HTTP.
 *
 * A function that is a URL gets its input by POST and answers with its result;
 * its failures have the error names of Lambda, so that the Retry of a
 * definition written for that fits:
 *
 *   an object with errorType     that name
 *   429                          Lambda.TooManyRequestsException
 *   5xx                          Lambda.ServiceException
 *   anything else but 2xx, or no JSON in the answer    Lambda.Unknown
 *   no connection, or broken off Lambda.SdkClientException
 *
 * http:invoke sends what its parameters say:
 *
 *   {"Method": "POST", "ApiEndpoint": "https://api.example/v1/charges",
 *    "Connection": "example",            a connection of worker.conf
 *    "Headers": {"X-Trace": "1"}, "QueryParameters": {"expand": "a"},
 *    "RequestBody": {...}, "Transform": {"RequestBodyEncoding": "URL_ENCODED"}}
 *
 * (Authentication.ConnectionArn is read too), and its result is
 *
 *   {"StatusCode": 200, "StatusText": "200",
 *    "Headers": {"content-type": ["application/json"]}, "ResponseBody": ...}
 *
 * A status that is not 2xx is the error States.Http.StatusCode.<status>;
 * without an answer it is States.Http.Socket, or States.Timeout.
 *
 * Where a callback is waited for, the status is all that counts of an answer.
 *
 * Both send an Idempotency-Key (tasks.h, worker_task_key()); a connection's
 * headers go to its own origin and nowhere else.
 */

#ifndef WORKER_TASK_HTTP_H
#define WORKER_TASK_HTTP_H

#include "worker/execute/tasks.h"
#include "worker/task/http.h"


#define WORKER_WEB_ANSWER_MAX   262144
#define WORKER_WEB_HEADERS_MAX  64

extern const worker_task_t  worker_task_url;        /* target: the URL */
extern const worker_task_t  worker_task_http_invoke;


/* Between task_http.c and task_http_invoke.c: a request on its way. */
typedef struct {
    worker_call_t          *call;
    worker_http_request_t  *request;    /* NULL: not sent, or over */
    base_str_t              method;
    base_str_t              url;
    base_str_t              headers[WORKER_WEB_HEADERS_MAX];
    size_t                  header_count;
    base_str_t              body;       /* data NULL: none */
    bool                    keep_headers;

    /* Makes event of the answer; values may be in arena. */
    void                  (*answer)(base_arena_t *arena,
                                const worker_http_answer_t *answer,
                                asl_event_t *event);
} worker_web_t;

/* A request of a call, in its execution's arena; NULL when out of memory. */
worker_web_t *worker_web_new(worker_call_t *call);

/* Adds a header, NUL-terminated; false if there are too many, or data is
 * NULL. */
bool worker_web_header(worker_web_t *web, base_str_t header);

/*
 * Adds the headers of a connection.
 *
 * False if there is none of that name, or if it belongs to another origin than
 * web->url.
 */
bool worker_web_connect(worker_web_t *web, base_str_t connection);

/* Sends it; fails the call if that is not possible. */
void worker_web_send(worker_web_t *web);

void worker_web_cancel(worker_call_t *call);

/* The beginning of an answer, for the cause of an error. */
base_str_t worker_web_excerpt(base_arena_t *arena,
    const worker_http_answer_t *answer);

#endif
