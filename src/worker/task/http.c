/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/http.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "worker/task/http_internal.h"


/* Not connected yet, to one origin: how many before one has succeeded, how many
 * afterwards, and how many where a connection takes a hundred requests at once
 * (HTTP/2): libcurl opens one for each that finds no room. */
#define WORKER_HTTP_TRIES        1
#define WORKER_HTTP_CONNECTING   32
#define WORKER_HTTP_MULTIPLEXED  4

#define WORKER_HTTP_IDLE_MAX     64     /* origins without a request */

#define WORKER_HTTP_FILES_SPARE  256    /* for redis, logs and programs */
#define WORKER_HTTP_FILES_MAX    1048576


static long worker_http_files(void);
static worker_http_origin_t *worker_http_origin_take(worker_http_t *http,
    base_str_t url);
static void worker_http_origin_give(worker_http_t *http,
    worker_http_origin_t *origin);
static void worker_http_origin_start(worker_http_origin_t *origin);
static void worker_http_wait(worker_http_request_t *request);
static void worker_http_wait_no_more(worker_http_request_t *request);
static void worker_http_ended(worker_http_request_t *request, CURLcode code);
static void worker_http_unlink(worker_http_request_t *request);
static void worker_http_timer_handler(void *data);


worker_http_t *
worker_http_new(const worker_http_settings_t *settings)
{
    long            files = worker_http_files();
    worker_http_t  *http;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return NULL;
    }

    http = calloc(1, sizeof(worker_http_t));
    if (http == NULL) {
        curl_global_cleanup();
        return NULL;
    }

    http->settings = *settings;
    http->multi = curl_multi_init();
    if (http->multi == NULL) {
        curl_global_cleanup();
        free(http);
        return NULL;
    }

    (void) curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                             (long) settings->connections_max);
    (void) curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                             files);
    (void) curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS,
                             (long) settings->connections_max);
    worker_http_attach(http);
    if (files < (long) settings->connections_max) {
        worker_log(settings->log, WORKER_LOG_WARN,
                   "the system lets this process have %ld connections, and "
                   "http_connections asks for %u: raise its limit of open "
                   "files (ulimit -n, LimitNOFILE) or lower the setting",
                   files, settings->connections_max);
    }

    return http;
}


/* As many connections as the system lets us have, if it is asked. */
static long
worker_http_files(void)
{
    struct rlimit  limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return WORKER_HTTP_FILES_SPARE;
    }

    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < WORKER_HTTP_FILES_MAX
                             ? limit.rlim_max : WORKER_HTTP_FILES_MAX;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
        (void) getrlimit(RLIMIT_NOFILE, &limit);
    }

    if (limit.rlim_cur > WORKER_HTTP_FILES_MAX) {
        return WORKER_HTTP_FILES_MAX;
    }

    return limit.rlim_cur > 2 * WORKER_HTTP_FILES_SPARE
               ? (long) limit.rlim_cur - WORKER_HTTP_FILES_SPARE
               : (long) limit.rlim_cur / 2;
}


void
worker_http_stop(worker_http_t *http)
{
    if (http == NULL || http->stopped) {
        return;
    }

    while (http->live != NULL) {
        worker_http_cancel(http->live);
    }

    http->stopped = true;
    worker_timer_stop(http->settings.timers, &http->timer);
    (void) curl_multi_cleanup(http->multi);
}


void
worker_http_free(worker_http_t *http)
{
    worker_http_origin_t  *origin, *next;

    if (http == NULL) {
        return;
    }

    worker_http_stop(http);
    for (origin = http->origins; origin != NULL; origin = next) {
        next = origin->next;
        free(origin);
    }

    curl_global_cleanup();
    free(http);
}


worker_http_request_t *
worker_http_send(worker_http_t *http, const worker_http_options_t *options,
    const char **reason)
{
    worker_http_origin_t   *origin;
    worker_http_request_t  *request;

    request = worker_http_request_make(http, options, reason);
    if (request == NULL) {
        return NULL;
    }

    *reason = "out of memory";
    origin = worker_http_origin_take(http, options->url);
    request->timer.fn = worker_http_timer_handler;
    request->timer.data = request;

    if (origin == NULL
        || !worker_timer_start(http->settings.timers, &request->timer,
                               options->timeout_ms))
    {
        if (origin != NULL) {
            worker_http_origin_give(http, origin);
        }

        worker_http_request_free(request);
        return NULL;
    }

    request->origin = origin;
    request->next_live = http->live;
    request->live_link = &http->live;
    if (http->live != NULL) {
        http->live->live_link = &request->next_live;
    }

    http->live = request;
    http->count++;

    worker_http_wait(request);
    worker_http_origin_start(origin);

    return request;
}


void
worker_http_cancel(worker_http_request_t *request)
{
    worker_http_unlink(request);
    worker_http_request_free(request);
}


size_t
worker_http_count(const worker_http_t *http)
{
    return http->count;
}


/* Scheme, host and port as they are written: more than one origin for the same
 * server does no harm. */
static worker_http_origin_t *
worker_http_origin_take(worker_http_t *http, base_str_t url)
{
    size_t                 n, slashes = 0;
    worker_http_origin_t  *origin;

    for (n = 0; n < url.len; n++) {
        slashes += url.data[n] == '/';
        if (slashes == 3 || url.data[n] == '?' || url.data[n] == '#') {
            break;
        }
    }

    for (origin = http->origins; origin != NULL; origin = origin->next) {
        if (origin->name_bytes == n && memcmp(origin->name, url.data, n) == 0) {
            origin->requests++;
            return origin;
        }
    }

    origin = calloc(1, sizeof(worker_http_origin_t) + n);
    if (origin == NULL) {
        return NULL;
    }

    memcpy(origin->name, url.data, n);
    origin->name_bytes = n;
    origin->requests = 1;
    origin->next = http->origins;
    http->origins = origin;

    return origin;
}


/* What was learned of it is kept for the next request; of too many the oldest
 * is forgotten. */
static void
worker_http_origin_give(worker_http_t *http, worker_http_origin_t *origin)
{
    size_t                  idle = 0;
    worker_http_origin_t  **link, **last = NULL, *one;

    origin->requests--;
    if (origin->requests > 0) {
        return;
    }

    for (link = &http->origins; *link != NULL; link = &(*link)->next) {
        if ((*link)->requests == 0) {
            idle++;
            last = link;
        }
    }

    if (idle > WORKER_HTTP_IDLE_MAX) {
        one = *last;
        *last = one->next;
        free(one);
    }
}


/* Starts as many of those that wait as there is room for. */
static void
worker_http_origin_start(worker_http_origin_t *origin)
{
    size_t                  room;
    worker_http_request_t  *request;

    room = !origin->reached ? WORKER_HTTP_TRIES
           : origin->multiplexed ? WORKER_HTTP_MULTIPLEXED
                                 : WORKER_HTTP_CONNECTING;

    while (origin->waiting_first != NULL && origin->connecting < room) {
        request = origin->waiting_first;
        origin->waiting_first = request->next;
        request->next = NULL;

        /* refused, it ends with its timeout; out of memory is the one reason
         * for that */
        origin->connecting++;
        request->started = curl_multi_add_handle(request->http->multi,
                                                 request->easy) == CURLM_OK;
        if (!request->started) {
            origin->connecting--;
        }
    }
}


static void
worker_http_wait(worker_http_request_t *request)
{
    worker_http_origin_t  *origin = request->origin;

    request->next = NULL;
    if (origin->waiting_first == NULL) {
        origin->waiting_first = request;
    } else {
        origin->waiting_last->next = request;
    }

    origin->waiting_last = request;
}


static void
worker_http_wait_no_more(worker_http_request_t *request)
{
    worker_http_origin_t    *origin = request->origin;
    worker_http_request_t  **link = &origin->waiting_first, *before = NULL;

    while (*link != NULL && *link != request) {
        before = *link;
        link = &before->next;
    }

    if (*link == NULL) {
        return;
    }

    *link = request->next;
    if (origin->waiting_last == request) {
        origin->waiting_last = before;
    }
}


void
worker_http_connected(worker_http_request_t *request)
{
    if (!request->connected) {
        request->connected = true;
        request->origin->reached = true;
        request->origin->connecting--;
        worker_http_outage_end(request->http, request->origin);
    }
}


void
worker_http_turn(worker_http_t *http)
{
    int                     left;
    CURL                   *easy;
    CURLMsg                *message;
    CURLcode                code;
    worker_http_origin_t   *origin;
    worker_http_request_t  *request;

    for ( ;; ) {
        message = curl_multi_info_read(http->multi, &left);
        if (message == NULL) {
            break;
        }

        easy = message->easy_handle;
        code = message->data.result;
        request = NULL;
        (void) curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
        if (message->msg == CURLMSG_DONE && request != NULL) {
            worker_http_ended(request, code);
        }

        if (http->stopped) {
            return;
        }
    }

    for (origin = http->origins; origin != NULL; origin = origin->next) {
        worker_http_origin_start(origin);
    }
}


/* Its owner may send, cancel and stop from within answered(). */
static void
worker_http_ended(worker_http_request_t *request, CURLcode code)
{
    long                  version = 0;
    worker_http_answer_t  answer;

    worker_http_request_answer(request, code, &answer);
    if (request->connected
        && curl_easy_getinfo(request->easy, CURLINFO_HTTP_VERSION, &version)
           == CURLE_OK && version != 0)
    {
        request->origin->multiplexed = version >= CURL_HTTP_VERSION_2_0;
    }

    if (request->started && !request->connected) {
        request->origin->reached = false;
    }

    if (request->started && answer.outcome == WORKER_HTTP_UNREACHED) {
        worker_http_outage_begin(request, code, answer.cause);
    }

    worker_http_unlink(request);
    request->answered(request->data, &answer);
    worker_http_request_free(request);
}


/* Nobody knows it any more. */
static void
worker_http_unlink(worker_http_request_t *request)
{
    worker_http_t         *http = request->http;
    worker_http_origin_t  *origin = request->origin;

    worker_timer_stop(http->settings.timers, &request->timer);

    if (request->started) {
        origin->connecting -= !request->connected;
        (void) curl_multi_remove_handle(http->multi, request->easy);
    } else {
        worker_http_wait_no_more(request);
    }

    worker_http_origin_give(http, origin);

    *request->live_link = request->next_live;
    if (request->next_live != NULL) {
        request->next_live->live_link = request->live_link;
    }

    http->count--;
}


static void
worker_http_timer_handler(void *data)
{
    worker_http_t          *http;
    worker_http_request_t  *request = data;

    http = request->http;
    worker_http_ended(request, CURLE_OPERATION_TIMEDOUT);
    if (!http->stopped) {
        worker_http_turn(http);
    }
}
