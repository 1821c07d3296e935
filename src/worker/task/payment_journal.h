/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The book of the simulated payment processor: a file, outside Redis, in which
 * each charge is durable before it is answered.  Many workers may share one.
 *
 *   charge 019ac0de-...:ProcessPayment paid
 *   again 019ac0de-...:ProcessPayment
 *
 * A key is charged by its first line; asking again writes "again".  Tests count
 * the lines.
 */

#ifndef WORKER_PAYMENT_JOURNAL_H
#define WORKER_PAYMENT_JOURNAL_H

#include <stdbool.h>

#include "base/str.h"
#include "worker/log.h"


typedef struct worker_journal_s  worker_journal_t;


/* Opens the journal at path, which is made if there is none.  NULL with a line
 * in the log on failure; log must outlive the journal. */
worker_journal_t *worker_journal_new(const char *path, const worker_log_t *log);

/* NULL is fine. */
void worker_journal_free(worker_journal_t *journal);

/* Charges key with that outcome (paid, refused, refunded), unless that has been
 * done before by whatever worker.  False with a line in the log if it could not
 * be written. */
bool worker_journal_charge(worker_journal_t *journal, base_str_t key,
    const char *outcome);

/* Makes durable what was charged; false with a line in the log. */
bool worker_journal_sync(worker_journal_t *journal);

#endif
