/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A payment processor, as the tasks orders:pay and orders:refund see it.  It is
 * asked with an idempotency key: however often it is asked with the same key,
 * it charges once.  That is what makes it safe to ask again after a crash.
 *
 * What it answers is one of three: done, refused, or an error.  An error says
 * whether it is certain that nothing was done; if it is not, the question
 * stands until it is asked again with the same key and answered.
 */

#ifndef WORKER_PAYMENT_H
#define WORKER_PAYMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "worker/config/config.h"
#include "worker/config/secret.h"
#include "worker/log.h"
#include "worker/task/http.h"
#include "worker/timers.h"


typedef struct worker_payment_s          worker_payment_t;
typedef struct worker_payment_request_s  worker_payment_request_t;


typedef enum {
    WORKER_PAYMENT_CHARGE = 0,
    WORKER_PAYMENT_REFUND
} worker_payment_kind_t;


typedef enum {
    WORKER_PAYMENT_PAID = 0,        /* a charge */
    WORKER_PAYMENT_REFUNDED,        /* a refund */
    WORKER_PAYMENT_REFUSED,         /* final, whichever it was */
    WORKER_PAYMENT_ERROR            /* no answer: a Retry may help */
} worker_payment_outcome_t;


/* Strings are good during the call they are handed to. */
typedef struct {
    worker_payment_outcome_t  outcome;
    base_str_t                transaction_id;   /* of what was done */
    base_str_t                reason;           /* of a refusal, for people */
    base_str_t                error;            /* "Payment.Unavailable" */
    base_str_t                cause;            /* of an error, for people */
    bool                      undecided;        /* an error: it may have been
                                                   done all the same */
    int64_t                   retry_after_ms;   /* 0: not said */
} worker_payment_answer_t;

typedef void (*worker_payment_fn)(worker_payment_request_t *request,
    const worker_payment_answer_t *answer);


/* One question; the caller's memory, until it is answered or cancelled. */
struct worker_payment_request_s {
    worker_payment_kind_t      kind;
    base_str_t                 idempotency_key;
    base_str_t                 refund_of;   /* REFUND: the charge's key */
    uint32_t                   attempt;     /* 0 for the first */
    const base_json_t         *fields;      /* what to send, an object; the same
                                               for the same key */
    base_arena_t              *arena;       /* lasts as long as the request */
    worker_payment_fn          answered;    /* once, maybe within ask() */
    void                     (*alive)(void *data);  /* it answers; or NULL */
    void                      *data;

    /* The processor's own. */
    void                      *processor;
    worker_payment_request_t  *next;
    worker_timer_t             timer;
    worker_http_request_t     *http;
    worker_payment_answer_t    answer;
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
    worker_http_t          *http;
    const worker_secrets_t *secrets;    /* what it holds may change */
} worker_payment_options_t;

/*
 * Makes the processor that config->payment names.  The options' members must
 * outlive it.
 *
 * NULL with a line in the log if it cannot be had.
 */
worker_payment_t *worker_payment_new(const worker_payment_options_t *options);

/* Reports what is wrong with the settings of payments. */
void worker_payment_check(const worker_config_t *config, base_arena_t *arena,
    worker_problems_t *problems);

/* NULL is fine. */
void worker_payment_free(worker_payment_t *payment);


/* The processors, each in its own file. */

worker_payment_t *worker_payment_simulate_new(
    const worker_payment_options_t *options);
worker_payment_t *worker_payment_http_new(
    const worker_payment_options_t *options);

#endif
