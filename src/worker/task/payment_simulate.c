/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A payment processor that moves no money.  What it answers is a function of
 * the seed and the idempotency key, so that an order that is asked for again
 * gets the answer it got before, from any worker; whether it is unavailable,
 * and how long it takes, also depends on the attempt.
 *
 * With simulate_journal it keeps a book outside Redis, see payment_journal.h.
 * The questions of one moment share one sync of it, before the first is
 * answered.
 */

#include "worker/task/payment.h"

#include <stdlib.h>
#include <string.h>

#include "worker/task/payment_journal.h"


typedef struct {
    worker_payment_t          payment;      /* first */
    worker_payment_options_t  options;
    worker_journal_t         *journal;      /* NULL: none */
    worker_timer_t            sync_timer;
    worker_payment_request_t *unsynced;     /* charged, not durable yet */
} worker_simulate_t;


/* The customer reads them as errorMessage. */
static const base_str_t  worker_refusals[] = {
    BASE_STR_INIT("Payment refused: insufficient funds"),
    BASE_STR_INIT("Payment refused: the card has expired"),
    BASE_STR_INIT("Payment refused: the card was declined"),
    BASE_STR_INIT("Payment refused: the limit is exceeded"),
};

/* In the journal. */
static const char *const  worker_outcomes[] = {
    [WORKER_PAYMENT_PAID] = "paid",
    [WORKER_PAYMENT_REFUNDED] = "refunded",
    [WORKER_PAYMENT_REFUSED] = "refused",
};

#define WORKER_REFUSALS  (sizeof(worker_refusals) / sizeof(worker_refusals[0]))
#define WORKER_SYNC_MS   1


static void worker_simulate_ask(worker_payment_t *payment,
    worker_payment_request_t *request);
static void worker_simulate_decide(worker_simulate_t *simulate,
    worker_payment_request_t *request);
static void worker_simulate_sync_handler(void *data);
static void worker_simulate_answer(worker_simulate_t *simulate,
    worker_payment_request_t *request);
static void worker_simulate_fail(worker_payment_request_t *request);
static uint64_t worker_simulate_draw(const worker_simulate_t *simulate,
    base_str_t key, uint32_t salt);
static void worker_simulate_timer_handler(void *data);
static void worker_simulate_cancel(worker_payment_t *payment,
    worker_payment_request_t *request);
static void worker_simulate_free(worker_payment_t *payment);


worker_payment_t *
worker_payment_simulate_new(const worker_payment_options_t *options)
{
    worker_simulate_t      *simulate;
    const worker_config_t  *config = options->config;

    simulate = calloc(1, sizeof(worker_simulate_t));
    if (simulate == NULL) {
        worker_log(options->log, WORKER_LOG_ERROR, "out of memory");
        return NULL;
    }

    simulate->options = *options;
    simulate->sync_timer.fn = worker_simulate_sync_handler;
    simulate->sync_timer.data = simulate;
    simulate->payment = (worker_payment_t) {
        .ask = worker_simulate_ask,
        .cancel = worker_simulate_cancel,
        .free = worker_simulate_free
    };

    if (config->simulate_journal.len > 0) {
        simulate->journal = worker_journal_new(config->simulate_journal.data,
                                               options->log);
        if (simulate->journal == NULL) {
            free(simulate);
            return NULL;
        }
    }

    worker_log(options->log, WORKER_LOG_WARN,
               "payments are a simulation: no money moves, %u.%02u%% of them "
               "are refused", (unsigned) (config->simulate_refuse / 100),
               (unsigned) (config->simulate_refuse % 100));

    return &simulate->payment;
}


static void
worker_simulate_ask(worker_payment_t *payment,
    worker_payment_request_t *request)
{
    worker_simulate_t  *simulate = (worker_simulate_t *) payment;

    worker_simulate_decide(simulate, request);

    if (simulate->journal == NULL) {
        worker_simulate_answer(simulate, request);
        return;
    }

    request->next = simulate->unsynced;
    simulate->unsynced = request;
    if (!worker_timer_running(&simulate->sync_timer)
        && !worker_timer_start(simulate->options.timers,
                               &simulate->sync_timer, WORKER_SYNC_MS))
    {
        worker_simulate_sync_handler(simulate);
    }
}


static void
worker_simulate_sync_handler(void *data)
{
    bool                       durable;
    worker_simulate_t         *simulate = data;
    worker_payment_request_t  *request;

    durable = worker_journal_sync(simulate->journal);

    while (simulate->unsynced != NULL) {
        request = simulate->unsynced;
        simulate->unsynced = request->next;

        if (!durable) {
            worker_simulate_fail(request);
        }

        worker_simulate_answer(simulate, request);
    }
}


/* After a while. */
static void
worker_simulate_answer(worker_simulate_t *simulate,
    worker_payment_request_t *request)
{
    uint32_t                from, range;
    const worker_config_t  *config = simulate->options.config;

    from = config->simulate_latency_ms[0];
    range = config->simulate_latency_ms[1] - from;
    if (range > 0) {
        from += (uint32_t) (worker_simulate_draw(simulate,
                                                 request->idempotency_key,
                                                 request->attempt + 0x10000)
                            % (range + 1));
    }

    request->timer.fn = worker_simulate_timer_handler;
    request->timer.data = request;
    if (from == 0
        || !worker_timer_start(simulate->options.timers, &request->timer,
                               from))
    {
        request->answered(request, &request->answer);
    }
}


static void
worker_simulate_decide(worker_simulate_t *simulate,
    worker_payment_request_t *request)
{
    uint64_t                  draw;
    base_str_t                key = request->idempotency_key;
    worker_payment_answer_t  *answer = &request->answer;
    const worker_config_t    *config = simulate->options.config;

    memset(answer, 0, sizeof(*answer));

    draw = worker_simulate_draw(simulate, key, request->attempt + 1);
    if (draw % 10000 < config->simulate_unavailable) {
        answer->outcome = WORKER_PAYMENT_ERROR;
        answer->error = BASE_STR("Payment.Unavailable");
        answer->cause = BASE_STR("the simulated payment processor is away");
        return;
    }

    draw = worker_simulate_draw(simulate, key, 0);
    if (request->kind == WORKER_PAYMENT_REFUND) {
        answer->outcome = WORKER_PAYMENT_REFUNDED;
        answer->transaction_id = key;
    } else if (draw % 10000 < config->simulate_refuse) {
        answer->outcome = WORKER_PAYMENT_REFUSED;
        answer->reason = worker_refusals[(draw >> 32) % WORKER_REFUSALS];
    } else {
        answer->outcome = WORKER_PAYMENT_PAID;
        answer->transaction_id = key;
    }

    if (simulate->journal != NULL
        && !worker_journal_charge(simulate->journal, key,
                                  worker_outcomes[answer->outcome]))
    {
        worker_simulate_fail(request);
    }
}


/* What is not in the book has not happened. */
static void
worker_simulate_fail(worker_payment_request_t *request)
{
    request->answer = (worker_payment_answer_t) {
        .outcome = WORKER_PAYMENT_ERROR,
        .error = BASE_STR_INIT("Payment.Unavailable"),
        .cause = BASE_STR_INIT("the simulated processor lost its journal")
    };
}


/* FNV-1a over seed, salt and key, finished as in SplitMix64. */
static uint64_t
worker_simulate_draw(const worker_simulate_t *simulate, base_str_t key,
    uint32_t salt)
{
    size_t    i;
    uint64_t  h = 14695981039346656037u;

    h ^= ((uint64_t) simulate->options.config->simulate_seed << 32) | salt;
    h *= 1099511628211u;

    for (i = 0; i < key.len; i++) {
        h ^= (unsigned char) key.data[i];
        h *= 1099511628211u;
    }

    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;

    return h ^ (h >> 31);
}


static void
worker_simulate_timer_handler(void *data)
{
    worker_payment_request_t  *request = data;

    request->answered(request, &request->answer);
}


static void
worker_simulate_cancel(worker_payment_t *payment,
    worker_payment_request_t *request)
{
    worker_simulate_t          *simulate = (worker_simulate_t *) payment;
    worker_payment_request_t  **link = &simulate->unsynced;

    worker_timer_stop(simulate->options.timers, &request->timer);

    while (*link != NULL && *link != request) {
        link = &(*link)->next;
    }

    if (*link != NULL) {
        *link = request->next;
    }
}


static void
worker_simulate_free(worker_payment_t *payment)
{
    worker_simulate_t  *simulate = (worker_simulate_t *) payment;

    worker_timer_stop(simulate->options.timers, &simulate->sync_timer);
    worker_journal_free(simulate->journal);
    free(simulate);
}
