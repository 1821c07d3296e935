/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * How often a message was taken away from a worker that ended with it in its
 * hands.  The count travels in the message itself, as its last member:
 *
 *   {"v":1,"kind":"post",...,"deliveries":2}
 *
 * It is read and written as text at the end of the message, without a JSON
 * parser: a message that makes the parser fall over must be counted too.
 */

#ifndef WORKER_DELIVERIES_H
#define WORKER_DELIVERIES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"


/* 0 for a message that was never recovered. */
uint32_t worker_deliveries_read(base_str_t text);

/* Appends the message with its count replaced; text that does not end as an
 * object does is appended as it is.  Failures stick to buf. */
void worker_deliveries_write(base_buf_t *buf, base_str_t text, uint32_t count);

#endif
