/* SPDX-License-Identifier: BSD-2-Clause */

/* Between http*.c only. */

#ifndef WORKER_HTTP_INTERNAL_H
#define WORKER_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "base/buf.h"
#include "worker/task/http.h"


typedef struct worker_http_origin_s  worker_http_origin_t;


struct worker_http_request_s {
    worker_http_request_t   *next;          /* that waits */
    worker_http_request_t   *next_live;
    worker_http_request_t  **live_link;     /* what points to it */
    worker_http_t           *http;
    worker_http_origin_t    *origin;
    CURL                    *easy;
    struct curl_slist       *headers;
    bool                     started;       /* libcurl has it */
    bool                     connected;     /* it may have been sent */
    bool                     headed;        /* the empty line has come */
    bool                     too_large;
    bool                     keep_headers;
    size_t                   answer_bytes_max;
    base_buf_t               body;
    base_buf_t               header_lines;
    worker_timer_t           timer;
    worker_http_fn           answered;
    void                   (*alive)(void *data);
    void                    *data;
    char                     error[CURL_ERROR_SIZE];
};


/* Requests to one scheme, host and port. */
struct worker_http_origin_s {
    worker_http_origin_t    *next;
    size_t                   requests;      /* that name it */
    size_t                   connecting;    /* started and not connected */
    bool                     reached;       /* by the last one that tried */
    bool                     multiplexed;   /* it speaks HTTP/2 */
    bool                     outage;        /* the log says so */
    worker_http_request_t   *waiting_first;
    worker_http_request_t   *waiting_last;
    size_t                   name_bytes;
    char                     name[];        /* "https://host:443" */
};


struct worker_http_s {
    worker_http_settings_t   settings;
    CURLM                   *multi;
    worker_timer_t           timer;         /* libcurl's */
    worker_http_origin_t    *origins;
    worker_http_request_t   *live;
    size_t                   count;         /* of live */
    bool                     stopped;
};


/* http_socket.c */

/* Has libcurl use the loop and the timers. */
void worker_http_attach(worker_http_t *http);

/* CURLOPT_OPENSOCKETFUNCTION: a socket that programs do not inherit. */
curl_socket_t worker_http_socket_open(void *data, curlsocktype purpose,
    struct curl_sockaddr *address);


/* http_request.c */

/* A request with an easy handle that has all its options; NULL with
 * *reason. */
worker_http_request_t *worker_http_request_make(worker_http_t *http,
    const worker_http_options_t *options, const char **reason);

void worker_http_request_free(worker_http_request_t *request);

/* What has become of it. */
void worker_http_request_answer(const worker_http_request_t *request,
    CURLcode code, worker_http_answer_t *answer);


/* http_outage.c */

/* Nothing was sent: no connection, or none that may be used. */
void worker_http_outage_begin(worker_http_request_t *request, CURLcode code,
    base_str_t cause);

void worker_http_outage_end(worker_http_t *http,
    worker_http_origin_t *origin);


/* http.c */

/* After libcurl has worked: takes the ended requests, starts waiting ones. */
void worker_http_turn(worker_http_t *http);

/* It has a connection and is about to be sent. */
void worker_http_connected(worker_http_request_t *request);

#endif
