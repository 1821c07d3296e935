/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/payment.h"

#include "worker/task/payment_rules.h"


typedef struct {
    base_str_t          name;
    worker_payment_t  *(*make)(const worker_payment_options_t *options);

    /* Reports mistakes in the settings that only it needs; may be NULL. */
    void               (*check)(const worker_config_t *config,
                             base_arena_t *arena, worker_problems_t *problems);
} worker_payment_row_t;


static void worker_payment_http_check(const worker_config_t *config,
    base_arena_t *arena, worker_problems_t *problems);


static const worker_payment_row_t  worker_payments[] = {
    { BASE_STR_INIT("simulate"), worker_payment_simulate_new, NULL },
    { BASE_STR_INIT("http"), worker_payment_http_new,
      worker_payment_http_check },
};

#define WORKER_PAYMENTS  (sizeof(worker_payments) / sizeof(worker_payments[0]))
#define WORKER_PAYMENT_NAMES  "simulate, http"


static const worker_payment_row_t *
worker_payment_find(base_str_t name)
{
    size_t  i;

    for (i = 0; i < WORKER_PAYMENTS; i++) {
        if (base_str_eq(worker_payments[i].name, name)) {
            return &worker_payments[i];
        }
    }

    return NULL;
}


worker_payment_t *
worker_payment_new(const worker_payment_options_t *options)
{
    const worker_payment_row_t  *row;

    row = worker_payment_find(options->config->payment);
    if (row == NULL) {
        worker_log(options->log, WORKER_LOG_ERROR,
                   "there is no payment processor \"%.*s\"",
                   BASE_STR_ARG(options->config->payment));
        return NULL;
    }

    return row->make(options);
}


void
worker_payment_check(const worker_config_t *config, base_arena_t *arena,
    worker_problems_t *problems)
{
    const worker_payment_row_t  *row = worker_payment_find(config->payment);

    if (row == NULL) {
        worker_problems_add(problems, arena, false,
                            "\"payment\": there is no processor \"%.*s\"; "
                            "this worker has " WORKER_PAYMENT_NAMES,
                            BASE_STR_ARG(config->payment));
        return;
    }

    if (row->check != NULL) {
        row->check(config, arena, problems);
    }
}


static void
worker_payment_http_check(const worker_config_t *config, base_arena_t *arena,
    worker_problems_t *problems)
{
    worker_payment_rules_check(config, arena, problems);

    if (worker_url_origin(config->payment_url).len == 0) {
        worker_problems_add(problems, arena, false,
                            "\"payment_url\": expected the URL to which "
                            "\"payment http\" sends charges");
    }

    if (config->payment_refund_url.len > 0
        && worker_url_origin(config->payment_refund_url).len == 0)
    {
        worker_problems_add(problems, arena, false,
                            "\"payment_refund_url\": expected a URL");
    }

    if (base_str_starts(config->payment_url, BASE_STR("http://"))) {
        worker_problems_add(problems, arena, true,
                            "\"payment_url\" begins with http: payments "
                            "should go over https");
    }

    if (config->payment_certificate_key.len > 0
        && config->payment_certificate.len == 0)
    {
        worker_problems_add(problems, arena, false,
                            "\"payment_certificate_key\" without "
                            "\"payment_certificate\": expected both");
    }
}


void
worker_payment_free(worker_payment_t *payment)
{
    if (payment != NULL) {
        payment->free(payment);
    }
}
