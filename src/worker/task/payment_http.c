/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A payment provider over HTTP.  A charge is
 *
 *   POST <payment_url>
 *   Content-Type: application/json
 *   Idempotency-Key: 019ac0de-...:ProcessPayment
 *
 *   {"orderId":"019ac0de-...","userId":"u1","amount":1990,...}
 *
 * and a refund the same to payment_refund_url, with "refundOf", the key of the
 * charge.  For the same key the body is the same, byte by byte.  What an answer
 * means is in payment_rules.h.
 */

#include "worker/task/payment.h"

#include <stdlib.h>

#include "worker/task/payment_rules.h"


#define WORKER_PAYMENT_HEADERS_MAX  32
#define WORKER_PAYMENT_ANSWER_MAX   65536


typedef struct {
    worker_payment_t          payment;      /* first */
    worker_payment_options_t  options;
    worker_http_tls_t         tls;
} worker_provider_t;


static void worker_provider_ask(worker_payment_t *payment,
    worker_payment_request_t *request);
static bool worker_provider_send(worker_provider_t *provider,
    worker_payment_request_t *request, const char **reason);
static void worker_provider_handler(void *data,
    const worker_http_answer_t *http);
static void worker_provider_alive(void *data);
static void worker_provider_cancel(worker_payment_t *payment,
    worker_payment_request_t *request);
static void worker_provider_free(worker_payment_t *payment);


worker_payment_t *
worker_payment_http_new(const worker_payment_options_t *options)
{
    worker_provider_t  *provider;

    provider = calloc(1, sizeof(worker_provider_t));
    if (provider == NULL) {
        worker_log(options->log, WORKER_LOG_ERROR, "out of memory");
        return NULL;
    }

    provider->options = *options;
    provider->tls = (worker_http_tls_t) {
        .ca_file = options->config->payment_ca_file,
        .certificate = options->config->payment_certificate,
        .certificate_key = options->config->payment_certificate_key
    };
    provider->payment = (worker_payment_t) {
        .ask = worker_provider_ask,
        .cancel = worker_provider_cancel,
        .free = worker_provider_free
    };

    worker_log(options->log, WORKER_LOG_NOTICE, "payments go to %.*s",
               BASE_STR_ARG(worker_url_origin(options->config->payment_url)));

    return &provider->payment;
}


static void
worker_provider_ask(worker_payment_t *payment,
    worker_payment_request_t *request)
{
    const char               *reason = "out of memory";
    worker_provider_t        *provider = (worker_provider_t *) payment;
    worker_payment_answer_t   answer = { .outcome = WORKER_PAYMENT_ERROR };

    request->processor = provider;
    if (!worker_provider_send(provider, request, &reason)) {
        answer.error = BASE_STR("Payment.Unavailable");
        answer.cause = base_str_c(reason);
        request->answered(request, &answer);
    }
}


static bool
worker_provider_send(worker_provider_t *provider,
    worker_payment_request_t *request, const char **reason)
{
    size_t                   i, n = 0;
    base_buf_t               body;
    base_str_t               headers[WORKER_PAYMENT_HEADERS_MAX];
    worker_http_options_t    options;
    const worker_config_t   *config = provider->options.config;
    const worker_secrets_t  *secrets = provider->options.secrets;

    headers[n++] = BASE_STR("Content-Type: application/json");
    headers[n++] = BASE_STR("Accept: application/json");
    headers[n++] = base_arena_printf(request->arena, "Idempotency-Key: %.*s",
                                     BASE_STR_ARG(request->idempotency_key));

    for (i = 0; i < secrets->payment_count && n < WORKER_PAYMENT_HEADERS_MAX;
         i++)
    {
        headers[n++] = secrets->payment[i];
    }

    base_buf_init(&body, request->arena, SIZE_MAX);
    base_json_write(&body, request->fields);
    if (body.failed || headers[2].data == NULL) {
        return false;
    }

    options = (worker_http_options_t) {
        .method = BASE_STR("POST"),
        .url = request->kind == WORKER_PAYMENT_CHARGE
                   ? config->payment_url : config->payment_refund_url,
        .headers = headers, .header_count = n, .body = base_buf_str(&body),
        .connect_timeout_ms = config->payment_connect_timeout_ms,
        .timeout_ms = config->payment_timeout_ms,
        .answer_bytes_max = WORKER_PAYMENT_ANSWER_MAX,
        .answered = worker_provider_handler, .alive = worker_provider_alive,
        .data = request, .tls = &provider->tls
    };

    request->http = worker_http_send(provider->options.http, &options, reason);
    return request->http != NULL;
}


static void
worker_provider_handler(void *data, const worker_http_answer_t *http)
{
    base_arena_t               arena;
    worker_provider_t         *provider;
    worker_payment_answer_t    answer;
    worker_payment_request_t  *request = data;

    provider = request->processor;
    request->http = NULL;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    worker_payment_judge(provider->options.config, request->kind, http, &arena,
                         &answer);
    request->answered(request, &answer);
    base_arena_deinit(&arena);
}


static void
worker_provider_alive(void *data)
{
    worker_payment_request_t  *request = data;

    if (request->alive != NULL) {
        request->alive(request->data);
    }
}


static void
worker_provider_cancel(worker_payment_t *payment,
    worker_payment_request_t *request)
{
    (void) payment;

    if (request->http != NULL) {
        worker_http_cancel(request->http);
        request->http = NULL;
    }
}


static void
worker_provider_free(worker_payment_t *payment)
{
    free(payment);
}
