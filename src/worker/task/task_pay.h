/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * orders:pay and orders:refund: what becomes of the customer's money.
 *
 * The order's record says how it stands (orders/record.h, payment).  "asked" is
 * durable before the provider is asked.  Only the provider's word ends it:
 * an error after which nothing can have been done takes it back, unless an
 * earlier attempt is still undecided; then that error is Payment.Ambiguous too.
 *
 *   asked    the charge may have been made; asking again with the same key is
 *            what decides it
 *   paid     it was made
 *   refused, none, refunded    the provider does not have the money
 *
 * While it is "asked" or "paid" an order does not fail: orders:cancel refuses,
 * and an execution that comes to a bad end becomes a dead letter whose order
 * stays PENDING.
 */

#ifndef WORKER_TASK_PAY_H
#define WORKER_TASK_PAY_H

#include <stdbool.h>

#include "base/str.h"
#include "worker/execute/execution.h"


/* True if the provider has the money, or may have it; error and cause (both
 * static) say so. */
bool worker_pay_holds(const worker_execution_t *execution, base_str_t *error,
    base_str_t *cause);

#endif
