/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/payment.h"


typedef struct {
    base_str_t          name;
    worker_payment_t  *(*make)(const worker_payment_options_t *options);
} worker_payment_row_t;


static const worker_payment_row_t  worker_payments[] = {
    { BASE_STR_INIT("simulate"), worker_payment_simulate_new },
};

#define WORKER_PAYMENTS  (sizeof(worker_payments) / sizeof(worker_payments[0]))
#define WORKER_PAYMENT_NAMES  "simulate"


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


bool
worker_payment_known(base_str_t name, base_str_t *names)
{
    *names = BASE_STR(WORKER_PAYMENT_NAMES);
    return worker_payment_find(name) != NULL;
}


void
worker_payment_free(worker_payment_t *payment)
{
    if (payment != NULL) {
        payment->free(payment);
    }
}
