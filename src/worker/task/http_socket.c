/* SPDX-License-Identifier: BSD-2-Clause */

/* libcurl's sockets and its timer on libuv's loop. */

#include "worker/task/http_internal.h"

#include <stdlib.h>
#include <sys/socket.h>


typedef struct {
    uv_poll_t        poll;              /* first */
    worker_http_t   *http;
    curl_socket_t    fd;
} worker_http_socket_t;


static int worker_http_socket_handler(CURL *easy, curl_socket_t fd, int what,
    void *data, void *socket_data);
static worker_http_socket_t *worker_http_socket_new(worker_http_t *http,
    curl_socket_t fd);
static void worker_http_socket_closed(uv_handle_t *handle);
static void worker_http_poll_handler(uv_poll_t *poll, int status, int events);
static int worker_http_alarm_handler(CURLM *multi, long after_ms, void *data);
static void worker_http_timeout_handler(void *data);


void
worker_http_attach(worker_http_t *http)
{
    http->timer.fn = worker_http_timeout_handler;
    http->timer.data = http;

    (void) curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION,
                             worker_http_socket_handler);
    (void) curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    (void) curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION,
                             worker_http_alarm_handler);
    (void) curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
}


curl_socket_t
worker_http_socket_open(void *data, curlsocktype purpose,
    struct curl_sockaddr *address)
{
    (void) data;
    (void) purpose;

    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}


/* A socket that cannot be watched is left alone: its requests end with their
 * timeouts.  To say so to libcurl would end all the others too. */
static int
worker_http_socket_handler(CURL *easy, curl_socket_t fd, int what, void *data,
    void *socket_data)
{
    int                    events;
    worker_http_t         *http = data;
    worker_http_socket_t  *socket = socket_data;

    (void) easy;

    if (what == CURL_POLL_REMOVE) {
        if (socket != NULL) {
            (void) curl_multi_assign(http->multi, fd, NULL);
            uv_close((uv_handle_t *) &socket->poll, worker_http_socket_closed);
        }
        return 0;
    }

    if (socket == NULL) {
        socket = worker_http_socket_new(http, fd);
        if (socket == NULL) {
            worker_log(http->settings.log, WORKER_LOG_ERROR,
                       "a connection cannot be watched");
            return 0;
        }
    }

    events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0)
             | ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
    (void) uv_poll_start(&socket->poll, events, worker_http_poll_handler);

    return 0;
}


static worker_http_socket_t *
worker_http_socket_new(worker_http_t *http, curl_socket_t fd)
{
    worker_http_socket_t  *socket;

    socket = calloc(1, sizeof(worker_http_socket_t));
    if (socket == NULL) {
        return NULL;
    }

    socket->http = http;
    socket->fd = fd;
    if (uv_poll_init_socket(http->settings.loop, &socket->poll, fd) != 0) {
        free(socket);
        return NULL;
    }

    (void) curl_multi_assign(http->multi, fd, socket);
    return socket;
}


static void
worker_http_socket_closed(uv_handle_t *handle)
{
    free(handle);
}


static void
worker_http_poll_handler(uv_poll_t *poll, int status, int events)
{
    int                    flags, running;
    worker_http_socket_t  *socket = (worker_http_socket_t *) poll;
    worker_http_t         *http = socket->http;

    flags = status < 0 ? CURL_CSELECT_ERR
                       : ((events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0)
                         | ((events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);

    /* the socket may be closed in here */
    (void) curl_multi_socket_action(http->multi, socket->fd, flags, &running);
    worker_http_turn(http);
}


static int
worker_http_alarm_handler(CURLM *multi, long after_ms, void *data)
{
    worker_http_t  *http = data;

    (void) multi;

    if (after_ms < 0) {
        worker_timer_stop(http->settings.timers, &http->timer);
        return 0;
    }

    return worker_timer_start(http->settings.timers, &http->timer,
                              (uint64_t) after_ms) ? 0 : -1;
}


static void
worker_http_timeout_handler(void *data)
{
    int             running;
    worker_http_t  *http = data;

    (void) curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0,
                                    &running);
    worker_http_turn(http);
}
