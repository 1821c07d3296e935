/* SPDX-License-Identifier: BSD-2-Clause */

/* The HTTP client against a server on the same loop, which plays what the path
 * of the request says. */

#include "worker/task/http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "tap.h"


#define ANSWERS_MAX  512


typedef struct {
    uv_tcp_t      tcp;              /* first */
    uv_timer_t    timer;            /* of a slow answer */
    base_buf_t    in;
    base_str_t    out;              /* what is still to be sent */
    size_t        step;             /* bytes at once */
    bool          end;              /* closes when all is sent */
    unsigned      handles;
} peer_t;

typedef struct {
    const char  *path;
    const char  *text;              /* NULL: never answers */
    size_t       step;
    bool         end;
} script_t;

typedef struct {
    unsigned                count;
    worker_http_outcome_t   outcome[ANSWERS_MAX];
    worker_http_answer_t    last;
    char                    body[4096];
    char                    headers[1024];
    char                    cause[512];
} seen_t;


static const script_t  scripts[] = {
    { "/ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello",
      65536, false },
    { "/bytes", "HTTP/1.1 201 Made\r\nContent-Length: 5\r\n\r\nhello", 1,
      false },
    { "/chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 7, false },
    { "/until-end", "HTTP/1.1 200 OK\r\n\r\nhello", 65536, true },
    { "/later", "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n"
      "Content-Length: 0\r\n\r\n", 65536, false },
    { "/elsewhere", "HTTP/1.1 302 There\r\nLocation: /ok\r\n"
      "Content-Length: 0\r\n\r\n", 65536, false },
    { "/cut", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", 65536,
      true },
    { "/cut-head", "HTTP/1.1 200 OK\r\nContent-Le", 65536, true },
    { "/nothing", "", 65536, true },
    { "/nonsense", "SSH-2.0-x\r\n\r\n", 65536, true },
    { "/silent", NULL, 0, false },
};


static uv_loop_t         loop;
static uv_timer_t        alarm_timer;
static worker_timers_t   timers;
static uv_tcp_t          server;
static int               port;
static unsigned          connections;
static unsigned          requests_seen;
static char              last_request[4096];
static worker_log_t      log_nowhere;
static seen_t            seen;


static uint64_t
clock_ms(void *data)
{
    (void) data;
    return uv_now(&loop);
}


/* Every millisecond, so that no turn of the loop waits for ever. */
static void
alarm_handler(uv_timer_t *timer)
{
    (void) timer;
    worker_timers_fire(&timers);
}


static void
peer_closed(uv_handle_t *handle)
{
    peer_t  *peer = handle->data;

    if (--peer->handles == 0) {
        base_buf_deinit(&peer->in);
        free(peer);
    }
}


static void
peer_close(peer_t *peer)
{
    if (!uv_is_closing((uv_handle_t *) &peer->tcp)) {
        uv_close((uv_handle_t *) &peer->tcp, peer_closed);
        uv_close((uv_handle_t *) &peer->timer, peer_closed);
    }
}


static void
peer_send(uv_timer_t *timer)
{
    peer_t   *peer = timer->data;
    size_t    n = peer->out.len < peer->step ? peer->out.len : peer->step;
    uv_buf_t  buf = uv_buf_init((char *) peer->out.data, (unsigned) n);

    if (n > 0) {
        if (uv_try_write((uv_stream_t *) &peer->tcp, &buf, 1) != (int) n) {
            peer_close(peer);
            return;
        }

        peer->out = base_str(peer->out.data + n, peer->out.len - n);
    }

    if (peer->out.len > 0) {
        (void) uv_timer_start(timer, peer_send, 1, 0);
    } else if (peer->end) {
        peer_close(peer);
    }
}


static void
peer_request(peer_t *peer)
{
    size_t  i;
    char    want[64];

    requests_seen++;
    (void) snprintf(last_request, sizeof(last_request), "%.*s",
                    BASE_STR_ARG(base_buf_str(&peer->in)));
    base_buf_clear(&peer->in);

    for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        (void) snprintf(want, sizeof(want), " %s ", scripts[i].path);
        if (strstr(last_request, want) != NULL && scripts[i].text != NULL) {
            peer->out = base_str_c(scripts[i].text);
            peer->step = scripts[i].step;
            peer->end = scripts[i].end;
            peer_send(&peer->timer);
        }
    }
}


static void
peer_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    peer_t  *peer = stream->data;
    char    *head, *length;
    size_t   body = 0;

    if (n < 0) {
        peer_close(peer);
    } else {
        base_buf_add(&peer->in, buf->base, (size_t) n);
        base_buf_add_char(&peer->in, '\0');
        peer->in.len--;
        head = strstr(peer->in.data, "\r\n\r\n");
        length = strstr(peer->in.data, "Content-Length: ");
        if (length != NULL) {
            body = (size_t) strtoul(length + 16, NULL, 10);
        }

        if (head != NULL
            && peer->in.len >= (size_t) (head + 4 - peer->in.data) + body)
        {
            peer_request(peer);
        }
    }

    free(buf->base);
}


static void
peer_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    (void) handle;
    *buf = uv_buf_init(malloc(size), (unsigned) size);
}


static void
accept_handler(uv_stream_t *stream, int status)
{
    peer_t  *peer = calloc(1, sizeof(peer_t));

    (void) status;
    connections++;
    (void) uv_tcp_init(&loop, &peer->tcp);
    (void) uv_timer_init(&loop, &peer->timer);
    peer->tcp.data = peer;
    peer->timer.data = peer;
    peer->handles = 2;
    base_buf_init(&peer->in, NULL, SIZE_MAX);
    (void) uv_accept(stream, (uv_stream_t *) &peer->tcp);
    (void) uv_read_start((uv_stream_t *) &peer->tcp, peer_alloc, peer_read);
}


static void
serve(void)
{
    int                 len = sizeof(struct sockaddr_in);
    struct sockaddr_in  address;

    (void) uv_ip4_addr("127.0.0.1", 0, &address);
    (void) uv_tcp_init(&loop, &server);
    (void) uv_tcp_bind(&server, (struct sockaddr *) &address, 0);
    (void) uv_listen((uv_stream_t *) &server, 512, accept_handler);
    (void) uv_tcp_getsockname(&server, (struct sockaddr *) &address, &len);
    port = ntohs(address.sin_port);
}


static void
answered(void *data, const worker_http_answer_t *answer)
{
    (void) data;
    seen.last = *answer;
    seen.outcome[seen.count++ % ANSWERS_MAX] = answer->outcome;
    (void) snprintf(seen.body, sizeof(seen.body), "%.*s",
                    BASE_STR_ARG(answer->body));
    (void) snprintf(seen.headers, sizeof(seen.headers), "%.*s",
                    BASE_STR_ARG(answer->headers));
    (void) snprintf(seen.cause, sizeof(seen.cause), "%.*s",
                    BASE_STR_ARG(answer->cause));
}


static worker_http_request_t *
ask_within(worker_http_t *http, const char *url, uint32_t timeout_ms,
    const char **reason)
{
    char                   text[256];
    const char            *why = "";
    worker_http_options_t  options = {
        .method = BASE_STR("POST"), .body = BASE_STR("{}"),
        .headers = (base_str_t []) { BASE_STR("Idempotency-Key: k:S") },
        .header_count = 1, .connect_timeout_ms = timeout_ms,
        .timeout_ms = timeout_ms, .answer_bytes_max = 5,
        .keep_headers = true, .answered = answered
    };

    (void) snprintf(text, sizeof(text), "http://127.0.0.1:%d%s", port, url);
    options.url = base_str_c(url[0] == '/' ? text : url);
    return worker_http_send(http, &options, reason != NULL ? reason : &why);
}


static worker_http_request_t *
ask(worker_http_t *http, const char *url, const char **reason)
{
    return ask_within(http, url, 300, reason);
}


static void
run_until(unsigned count)
{
    while (seen.count < count) {
        (void) uv_run(&loop, UV_RUN_ONCE);
    }
}


/* Asks once and waits for the answer. */
static void
ask_once(worker_http_t *http, const char *url)
{
    memset(&seen, 0, sizeof(seen));
    if (ok(ask(http, url, NULL) != NULL, "%s", url)) {
        run_until(1);
    }
}


static void
test_answers(worker_http_t *http)
{
    ask_once(http, "/ok");
    is_int(seen.last.outcome, WORKER_HTTP_ANSWERED, "... is an answer");
    is_int(seen.last.status, 200, "... with a status");
    is_str(base_str_c(seen.body), BASE_STR("hello"), "... and a body");
    ok(strstr(seen.headers, "X-A: b\r\n") != NULL, "... and headers");
    ok(strncmp(last_request, "POST /ok HTTP/1.1\r\n", 19) == 0
       && strstr(last_request, "\r\nIdempotency-Key: k:S\r\n") != NULL
       && strstr(last_request, "\r\n\r\n{}") != NULL
       && strstr(last_request, "Expect") == NULL, "... as it was asked");

    ask_once(http, "/bytes");
    is_int(seen.last.status, 201, "... comes byte by byte");
    is_str(base_str_c(seen.body), BASE_STR("hello"), "... whole");
    ask_once(http, "/chunks");
    is_str(base_str_c(seen.body), BASE_STR("hello"), "... comes in chunks");
    ask_once(http, "/until-end");
    is_str(base_str_c(seen.body), BASE_STR("hello"), "... has no length");
    ask_once(http, "/later");
    is_int(seen.last.status, 429, "... is an answer");
    is_int(seen.last.retry_after_ms, 7000, "... and says when to come again");
    ask_once(http, "/elsewhere");
    is_int(seen.last.status, 302, "... is not followed");
}


static void
test_failures(worker_http_t *http)
{
    char  url[64];

    ask_once(http, "/cut");
    is_int(seen.last.outcome, WORKER_HTTP_BROKEN, "... broke off");
    ask_once(http, "/cut-head");
    is_int(seen.last.outcome, WORKER_HTTP_BROKEN, "... broke off");
    ask_once(http, "/nothing");
    is_int(seen.last.outcome, WORKER_HTTP_BROKEN, "... never began");
    ask_once(http, "/nonsense");
    is_int(seen.last.outcome, WORKER_HTTP_BROKEN, "... is no HTTP");
    ok(seen.cause[0] != '\0', "... which it says: %s", seen.cause);
    ask_once(http, "/silent");
    is_int(seen.last.outcome, WORKER_HTTP_TIMEOUT, "... takes too long");

    ask_once(http, "http://127.0.0.1:1/");
    is_int(seen.last.outcome, WORKER_HTTP_UNREACHED, "... is not there");
    ask_once(http, "http://host.invalid/");
    is_int(seen.last.outcome, WORKER_HTTP_UNREACHED, "... has no address");
    ask_once(http, "file:///etc/passwd");
    is_int(seen.last.outcome, WORKER_HTTP_UNREACHED, "... is no HTTP");
    ask_once(http, "http://u:p@127.0.0.1/");
    is_int(seen.last.outcome, WORKER_HTTP_UNREACHED, "... names a user");

    (void) snprintf(url, sizeof(url), "https://127.0.0.1:%d/ok", port);
    ask_once(http, url);
    is_int(seen.last.outcome, WORKER_HTTP_UNREACHED, "... speaks no TLS");
}


static void
test_limits(worker_http_t *http)
{
    char                   url[64];
    const char            *reason = "";
    worker_http_options_t  options = {
        .method = BASE_STR("GET"), .url = BASE_STR("http://127.0.0.1/"),
        .headers = (base_str_t []) { BASE_STR("A: b\r\nC: d") },
        .header_count = 1, .timeout_ms = 1, .answered = answered
    };

    ok(worker_http_send(http, &options, &reason) == NULL,
       "a header with a line break is refused");
    is_str(base_str_c(reason), BASE_STR("a header has a line break in it"),
           "... which it says");

    memset(&seen, 0, sizeof(seen));
    options.header_count = 0;
    options.timeout_ms = 1000;
    options.connect_timeout_ms = 1000;
    options.answer_bytes_max = 4;
    (void) snprintf(url, sizeof(url), "http://127.0.0.1:%d/ok", port);
    options.url = base_str_c(url);
    (void) worker_http_send(http, &options, &reason);
    run_until(1);
    is_int(seen.last.outcome, WORKER_HTTP_TOO_LARGE,
           "an answer that is a byte too long is not read");
}


static void
test_many(worker_http_t *http)
{
    unsigned                i, good = 0, before;
    worker_http_request_t  *request;

    memset(&seen, 0, sizeof(seen));
    connections = 0;
    before = requests_seen;
    for (i = 0; i < 400; i++) {
        /* a loaded machine may take its time for so many */
        (void) ask_within(http, "/ok", 30000, NULL);
    }

    is_int((int64_t) worker_http_count(http), 400, "many at once");
    run_until(400);
    for (i = 0; i < 400; i++) {
        good += seen.outcome[i] == WORKER_HTTP_ANSWERED;
    }

    is_int(good, 400, "... all have answers");
    is_int(requests_seen - before, 400, "... each was sent once");
    ok(connections <= 50, "... over few connections: %u", connections);

    memset(&seen, 0, sizeof(seen));
    request = ask(http, "/silent", NULL);
    (void) ask(http, "/ok", NULL);
    run_until(1);
    worker_http_cancel(request);
    (void) ask(http, "/ok", NULL);
    run_until(2);
    is_int((int64_t) worker_http_count(http), 0,
           "one that is cancelled is gone");
    is_int(seen.count, 2, "... without an answer");
}


static void
close_all(uv_handle_t *handle, void *data)
{
    (void) data;
    if (handle->data != NULL) {
        peer_close(handle->data);
    } else if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}


int
main(void)
{
    worker_http_t           *http;
    worker_http_settings_t   settings = {
        .loop = &loop, .timers = &timers, .log = &log_nowhere,
        .connections_max = 50
    };

    log_nowhere.fd = open("/dev/null", O_WRONLY);
    (void) signal(SIGPIPE, SIG_IGN);
    (void) setenv("http_proxy", "http://127.0.0.1:1", 1);
    (void) uv_loop_init(&loop);
    (void) uv_timer_init(&loop, &alarm_timer);
    (void) uv_timer_start(&alarm_timer, alarm_handler, 1, 1);
    worker_timers_init(&timers, clock_ms, NULL);
    serve();

    http = worker_http_new(&settings);
    test_answers(http);
    test_failures(http);
    test_limits(http);
    test_many(http);

    (void) ask(http, "/silent", NULL);
    (void) uv_run(&loop, UV_RUN_ONCE);
    worker_http_stop(http);
    is_int((int64_t) worker_http_count(http), 0, "a stop ends what is left");
    uv_walk(&loop, close_all, NULL);
    (void) uv_run(&loop, UV_RUN_DEFAULT);
    is_int(uv_loop_close(&loop), 0, "... and leaves no handle behind");
    worker_http_free(http);
    worker_timers_deinit(&timers);

    return done_testing();
}
