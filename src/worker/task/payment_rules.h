/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the answer of a provider means.  It is never guessed: only what says so
 * in words is a payment or a refusal.
 *
 *   2xx                 what the word at payment_status says: one of
 *                       payment_paid, of payment_refused, or none of them
 *                       (pending, say): Payment.Ambiguous
 *   409                 the same: elsewhere it says that a request with the
 *                       same key is still under way
 *   payment_refused_codes   refused
 *   payment_busy_codes      Payment.Unavailable: nothing was done
 *   408, 425, 1xx, 3xx, 5xx Payment.Ambiguous: it may have been done
 *   other 4xx           refused if the word says so; else Payment.Rejected:
 *                       the request was wrong and nothing was done
 *
 *   no connection       Payment.Unavailable: nothing was done
 *   no answer in time   Payment.Timeout: it may have been done
 *   broken off          Payment.Ambiguous: it may have been done
 */

#ifndef WORKER_PAYMENT_RULES_H
#define WORKER_PAYMENT_RULES_H

#include "worker/task/payment.h"


/*
 * Judges one answer.
 *
 * arena    of the answer's strings, besides those that are http's
 * answer   out
 */
void worker_payment_judge(const worker_config_t *config,
    worker_payment_kind_t kind, const worker_http_answer_t *http,
    base_arena_t *arena, worker_payment_answer_t *answer);

/* Reports mistakes in the settings that the rules are made of. */
void worker_payment_rules_check(const worker_config_t *config,
    base_arena_t *arena, worker_problems_t *problems);

#endif
