/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A dead letter: a message that was given up.
 *
 *   {"v":1,"error":"Message.Invalid","cause":"...","deliveries":0,
 *    "consumer":"shop.5f0c2a91d3e4","at":"2026-11-24T06:35:07.123Z",
 *    "message":"..."}
 *
 * message is the text of the message as it was; where that is not UTF-8 it is
 * messageBase64 instead.
 */

#ifndef WORKER_DEAD_H
#define WORKER_DEAD_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"


typedef struct {
    base_str_t  message;            /* as it was on the list */
    base_str_t  error;
    base_str_t  cause;
    uint32_t    deliveries;
    base_str_t  consumer;           /* who gave it up */
    int64_t     at_ms;              /* Unix time */
} worker_dead_t;


/* Appends the dead letter as JSON; failures stick to buf. */
void worker_dead_write(base_buf_t *buf, const worker_dead_t *dead);

#endif
