/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A payment processor, as the task orders:pay sees it.  It is asked with an
 * idempotency key: however often it is asked with the same key, it charges
 * once.  That is what makes it safe to ask again after a crash.
 */

#ifndef WORKER_PAYMENT_H
#define WORKER_PAYMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "worker/config.h"
#include "worker/log.h"
#include "worker/timers.h"


typedef struct worker_payment_s          worker_payment_t;
typedef struct worker_payment_request_s  worker_payment_request_t;


typedef enum {
    WORKER_PAYMENT_PAID = 0,
    WORKER_PAYMENT_REFUSED,         /* final: the order is to be cancelled */
    WORKER_PAYMENT_ERROR            /* not decided: a Retry may help */
} worker_payment_outcome_t;


/* Strings are good during the call they are handed to. */
typedef struct {
    worker_payment_outcome_t  outcome;
    base_str_t                transaction_id;   /* of what was paid */
    base_str_t                reason;           /* of a refusal, for people */
    base_str_t                error;            /* "Payment.Unavailable" */
    base_str_t                cause;            /* of an error, for people */
} worker_payment_answer_t;

typedef void (*worker_payment_fn)(worker_payment_request_t *request,
    const worker_payment_answer_t *answer);


/* One question; the caller's memory, until it is answered or cancelled. */
struct worker_payment_request_s {
    base_str_t          idempotency_key;
    uint32_t            attempt;        /* 0 for the first */
    const base_json_t  *input;          /* the task's effective input */
    worker_payment_fn   answered;       /* called once, maybe within ask() */
    void               *data;

    /* The processor's own. */
    worker_payment_request_t  *next;
    worker_timer_t      timer;
    worker_payment_answer_t  answer;
};


struct worker_payment_s {
    void  (*ask)(worker_payment_t *payment, worker_payment_request_t *request);

    /* answered will not be called; the charge may happen all the same. */
    void  (*cancel)(worker_payment_t *payment,
              worker_payment_request_t *request);
    void  (*free)(worker_payment_t *payment);
};


/* What a processor is made of. */
typedef struct {
    const worker_config_t  *config;
    const worker_log_t     *log;
    worker_timers_t        *timers;
} worker_payment_options_t;

/*
 * Makes the processor that config->payment names.  The options' members must
 * outlive it.
 *
 * NULL with a line in the log if it cannot be had.
 */
worker_payment_t *worker_payment_new(const worker_payment_options_t *options);

/* False with the names that there are in *names if there is no such one. */
bool worker_payment_known(base_str_t name, base_str_t *names);

/* NULL is fine. */
void worker_payment_free(worker_payment_t *payment);


/* The processors, each in its own file. */

worker_payment_t *worker_payment_simulate_new(
    const worker_payment_options_t *options);

#endif
