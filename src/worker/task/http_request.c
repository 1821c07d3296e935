/* SPDX-License-Identifier: BSD-2-Clause */

/* One request: libcurl's options, what comes in, and what it means. */

#include "worker/task/http_internal.h"

#include <stdlib.h>
#include <string.h>

#include "worker/options.h"


#define WORKER_HTTP_BUFFER_BYTES  4096      /* libcurl's, for each request */
#define WORKER_HTTP_UPLOAD_BYTES  16384     /* the least; of HTTP/2 */
#define WORKER_HTTP_HEADERS_MAX   65536
#define WORKER_HTTP_CA_SECONDS    300L      /* authorities are kept */


static worker_http_request_t *worker_http_request_new(worker_http_t *http);
static bool worker_http_request_line(worker_http_request_t *request,
    const worker_http_options_t *options);
static bool worker_http_request_headers(worker_http_request_t *request,
    const worker_http_options_t *options, const char **reason);
static bool worker_http_header_add(worker_http_request_t *request,
    const char *line);
static bool worker_http_request_way(worker_http_request_t *request,
    const worker_http_options_t *options);
static size_t worker_http_body_handler(char *data, size_t size, size_t count,
    void *user);
static size_t worker_http_header_handler(char *data, size_t size, size_t count,
    void *user);
static bool worker_http_request_tls(worker_http_request_t *request,
    const worker_http_tls_t *tls);
static int worker_http_prepared_handler(void *data, char *remote, char *local,
    int remote_port, int local_port);


worker_http_request_t *
worker_http_request_make(worker_http_t *http,
    const worker_http_options_t *options, const char **reason)
{
    worker_http_request_t  *request;

    *reason = "out of memory";
    request = worker_http_request_new(http);
    if (request == NULL) {
        return NULL;
    }

    request->keep_headers = options->keep_headers;
    request->answer_bytes_max = options->answer_bytes_max;
    request->answered = options->answered;
    request->alive = options->alive;
    request->data = options->data;

    if (!worker_http_request_headers(request, options, reason)
        || !worker_http_request_line(request, options)
        || !worker_http_request_way(request, options)
        || !worker_http_request_tls(request, options->tls))
    {
        worker_http_request_free(request);
        return NULL;
    }

    return request;
}


/* Easy handles are not kept for later requests: curl_easy_reset() may leave a
 * buffer of another size than it then believes in. */
static worker_http_request_t *
worker_http_request_new(worker_http_t *http)
{
    worker_http_request_t  *request;

    request = calloc(1, sizeof(worker_http_request_t));
    if (request == NULL) {
        return NULL;
    }

    request->http = http;
    base_buf_init(&request->body, NULL, SIZE_MAX);
    base_buf_init(&request->header_lines, NULL, WORKER_HTTP_HEADERS_MAX);
    request->easy = curl_easy_init();
    if (request->easy == NULL) {
        free(request);
        return NULL;
    }

    return request;
}


void
worker_http_request_free(worker_http_request_t *request)
{
    curl_slist_free_all(request->headers);
    curl_easy_cleanup(request->easy);
    base_buf_deinit(&request->body);
    base_buf_deinit(&request->header_lines);
    free(request);
}


/* True if the option was taken; what fails here is memory. */
#define SET(option, value)                                                    \
    (curl_easy_setopt(request->easy, CURLOPT_##option, (value)) == CURLE_OK)


static bool
worker_http_request_line(worker_http_request_t *request,
    const worker_http_options_t *options)
{
    bool  body = options->body.data != NULL;

    if (base_str_eq_c(options->method, "HEAD") && !SET(NOBODY, 1L)) {
        return false;
    }

    if (body
        && (!SET(POSTFIELDSIZE_LARGE, (curl_off_t) options->body.len)
            || !SET(POSTFIELDS, options->body.data)))
    {
        return false;
    }

    return SET(CUSTOMREQUEST, options->method.data)
           && SET(URL, options->url.data)
           && SET(HTTPHEADER, request->headers);
}


static bool
worker_http_request_headers(worker_http_request_t *request,
    const worker_http_options_t *options, const char **reason)
{
    size_t      i;
    base_str_t  line;

    for (i = 0; i < options->header_count; i++) {
        line = options->headers[i];
        if (memchr(line.data, '\r', line.len) != NULL
            || memchr(line.data, '\n', line.len) != NULL
            || memchr(line.data, '\0', line.len) != NULL)
        {
            *reason = "a header has a line break in it";
            return false;
        }

        if (!worker_http_header_add(request, line.data)) {
            return false;
        }
    }

    /* libcurl's own for a long body: it would wait a second for servers that
     * do not know it */
    return worker_http_header_add(request, "Expect:");
}


static bool
worker_http_header_add(worker_http_request_t *request, const char *line)
{
    struct curl_slist  *headers = curl_slist_append(request->headers, line);

    if (headers == NULL) {
        return false;
    }

    request->headers = headers;
    return true;
}


/* How it travels. */
static bool
worker_http_request_way(worker_http_request_t *request,
    const worker_http_options_t *options)
{
    return SET(PRIVATE, request)
           && SET(NOSIGNAL, 1L)
           && SET(USERAGENT, "orders-worker/" WORKER_VERSION)
           && SET(PROTOCOLS_STR, "http,https")
           && SET(DISALLOW_USERNAME_IN_URL, 1L)
           && SET(PROXY, "")
           && SET(FOLLOWLOCATION, 0L)
           && SET(HTTP_VERSION, (long) CURL_HTTP_VERSION_2TLS)
           && SET(CONNECTTIMEOUT_MS, (long) options->connect_timeout_ms)
           && SET(TCP_KEEPALIVE, 1L)
           && SET(BUFFERSIZE, (long) WORKER_HTTP_BUFFER_BYTES)
           && SET(UPLOAD_BUFFERSIZE, (long) WORKER_HTTP_UPLOAD_BYTES)
           && SET(ERRORBUFFER, request->error)
           && SET(OPENSOCKETFUNCTION, worker_http_socket_open)
           && SET(PREREQFUNCTION, worker_http_prepared_handler)
           && SET(PREREQDATA, request)
           && SET(WRITEFUNCTION, worker_http_body_handler)
           && SET(WRITEDATA, request)
           && SET(HEADERFUNCTION, worker_http_header_handler)
           && SET(HEADERDATA, request);
}


/* Whom it trusts.  Authorities are read again every few minutes, so that they
 * can be exchanged; certificates with each connection. */
static bool
worker_http_request_tls(worker_http_request_t *request,
    const worker_http_tls_t *tls)
{
    base_str_t  ca_file = request->http->settings.ca_file;

    if (tls != NULL && tls->ca_file.len > 0) {
        ca_file = tls->ca_file;
    }

    if (!SET(SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2)
        || !SET(CA_CACHE_TIMEOUT, WORKER_HTTP_CA_SECONDS)
        || (ca_file.len > 0 && !SET(CAINFO, ca_file.data)))
    {
        return false;
    }

    return tls == NULL || tls->certificate.len == 0
           || (SET(SSLCERT, tls->certificate.data)
               && SET(SSLKEY, tls->certificate_key.len > 0
                              ? tls->certificate_key.data
                              : tls->certificate.data));
}


/* It has a connection, new or kept: from here on it may be done. */
static int
worker_http_prepared_handler(void *data, char *remote, char *local,
    int remote_port, int local_port)
{
    (void) remote;
    (void) local;
    (void) remote_port;
    (void) local_port;

    worker_http_connected(data);
    return CURL_PREREQFUNC_OK;
}


static size_t
worker_http_body_handler(char *data, size_t size, size_t count, void *user)
{
    size_t                  bytes = size * count;
    worker_http_request_t  *request = user;

    if (bytes > request->answer_bytes_max - request->body.len) {
        request->too_large = true;
        return 0;
    }

    base_buf_add(&request->body, data, bytes);
    if (request->body.failed) {
        return 0;
    }

    if (request->alive != NULL) {
        request->alive(request->data);
    }

    return bytes;
}


/* Of several answers (1xx before the real one) the last one's. */
static size_t
worker_http_header_handler(char *data, size_t size, size_t count, void *user)
{
    size_t                  bytes = size * count;
    worker_http_request_t  *request = user;

    request->headed = data[0] == '\r' || data[0] == '\n';
    if (!request->keep_headers) {
        return bytes;
    }

    if (bytes > 5 && memcmp(data, "HTTP/", 5) == 0) {
        base_buf_clear(&request->header_lines);
        return bytes;
    }

    base_buf_add(&request->header_lines, data, bytes);
    return request->header_lines.failed ? 0 : bytes;
}


void
worker_http_request_answer(const worker_http_request_t *request,
    CURLcode code, worker_http_answer_t *answer)
{
    long        status = 0;
    curl_off_t  retry_after_s = 0, length = -1;

    (void) curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    (void) curl_easy_getinfo(request->easy, CURLINFO_RETRY_AFTER,
                             &retry_after_s);

    *answer = (worker_http_answer_t) {
        .status = (unsigned) status,
        .body = base_buf_str(&request->body),
        .headers = base_buf_str(&request->header_lines),
        .cause = base_str_c(request->error[0] != '\0'
                                ? request->error : curl_easy_strerror(code))
    };

    if (retry_after_s > 0 && retry_after_s < INT64_MAX / 1000) {
        answer->retry_after_ms = (int64_t) retry_after_s * 1000;
    }

    /* a whole answer before the whole request: it counts (RFC 9113, HTTP
     * Message Framing), though libcurl could not send the rest */
    (void) curl_easy_getinfo(request->easy,
                             CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (code == CURLE_HTTP2_STREAM && request->headed && length >= 0
        && (size_t) length == request->body.len)
    {
        code = CURLE_OK;
    }

    if (code == CURLE_OK && !request->headed) {
        answer->outcome = WORKER_HTTP_BROKEN;   /* libcurl is content */
        answer->cause = BASE_STR("the answer broke off");

    } else if (code == CURLE_OK) {
        answer->outcome = WORKER_HTTP_ANSWERED;
        answer->cause = BASE_STR("");

    } else if (request->too_large) {
        answer->outcome = WORKER_HTTP_TOO_LARGE;
        answer->cause = BASE_STR("the answer is too long");

    } else if (!request->connected) {
        answer->outcome = WORKER_HTTP_UNREACHED;
        if (code == CURLE_OPERATION_TIMEDOUT) {
            answer->cause = BASE_STR("no connection in time");
        }

    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        answer->outcome = WORKER_HTTP_TIMEOUT;
        answer->cause = BASE_STR("no answer in time");

    } else {
        answer->outcome = WORKER_HTTP_BROKEN;
    }
}
