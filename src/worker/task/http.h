/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An HTTP client on the worker's loop: libcurl's multi interface drives any
 * number of requests, none of them has a thread.  (libcurl looks names up in a
 * thread of its own; a name that is looked up does not hold up the others.)
 *
 *   request   waits until its origin has room for one more that is not
 *             connected yet: one at first, so that thousands of requests
 *             neither look up one name thousands of times nor make a
 *             connection each where the first one turns out to be HTTP/2
 *   answer    the status and the whole body, or why there is none
 *
 * Connections are kept and shared.  Certificates are verified, redirects are
 * answers, proxies of the environment are not used, and no more than
 * answer_bytes_max of an answer is read.
 *
 * For a request that must not be done twice the outcome says whether it may
 * have been done: UNREACHED and REFUSED are the two where it surely was not.
 */

#ifndef WORKER_HTTP_H
#define WORKER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/str.h"
#include "worker/log.h"
#include "worker/timers.h"


typedef struct worker_http_s          worker_http_t;
typedef struct worker_http_request_s  worker_http_request_t;


typedef enum {
    WORKER_HTTP_ANSWERED = 0,       /* a whole answer, whatever its status */
    WORKER_HTTP_UNREACHED,          /* no connection: nothing was sent */
    WORKER_HTTP_TIMEOUT,            /* sent; no whole answer in time */
    WORKER_HTTP_BROKEN,             /* sent; the answer broke off or is none */
    WORKER_HTTP_TOO_LARGE           /* longer than answer_bytes_max */
} worker_http_outcome_t;


/* Strings are good during the call they are handed to. */
typedef struct {
    worker_http_outcome_t  outcome;
    unsigned               status;          /* HTTP's; 0: none came */
    base_str_t             body;
    base_str_t             headers;         /* lines; where they were wanted */
    int64_t                retry_after_ms;  /* 0: not said */
    base_str_t             cause;           /* why there is no answer */
} worker_http_answer_t;

typedef void (*worker_http_fn)(void *data, const worker_http_answer_t *answer);


/* How a server proves to be the right one, and we to it: files in PEM. */
typedef struct {
    base_str_t  ca_file;            /* empty: the settings' */
    base_str_t  certificate;        /* empty: we show none */
    base_str_t  certificate_key;    /* empty: it is in certificate */
} worker_http_tls_t;


/* All strings but the body are copied; method, url and headers end with NUL.
 * The body must last until the request has ended. */
typedef struct {
    base_str_t         method;
    base_str_t         url;
    const base_str_t  *headers;             /* "Name: value" */
    size_t             header_count;
    base_str_t         body;                /* data NULL: none */
    uint32_t           connect_timeout_ms;
    uint32_t           timeout_ms;          /* from now to the whole answer */
    size_t             answer_bytes_max;
    bool               keep_headers;
    worker_http_fn     answered;
    void             (*alive)(void *data);  /* something came; may be NULL */
    void              *data;
    const worker_http_tls_t  *tls;          /* NULL: the settings' ca_file */
} worker_http_options_t;


typedef struct {
    uv_loop_t           *loop;
    worker_timers_t     *timers;
    const worker_log_t  *log;
    base_str_t           ca_file;           /* empty: the system's */
    uint32_t             connections_max;   /* to one host */
} worker_http_settings_t;


/* The settings' members must outlive it.  NULL when out of memory. */
worker_http_t *worker_http_new(const worker_http_settings_t *settings);

/* Ends all connections and requests without an answer; what is left are
 * handles that close.  NULL is fine. */
void worker_http_stop(worker_http_t *http);

/* After the loop has ended; NULL is fine. */
void worker_http_free(worker_http_t *http);


/*
 * Sends a request; options->answered is called once, never from within.
 *
 * NULL with *reason (static) when it cannot be sent: nothing is called.
 */
worker_http_request_t *worker_http_send(worker_http_t *http,
    const worker_http_options_t *options, const char **reason);

/* answered will not be called; the request may be done all the same. */
void worker_http_cancel(worker_http_request_t *request);

/* Requests that have not ended. */
size_t worker_http_count(const worker_http_t *http);

#endif
