/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A callback: the answer to a task that waits for one, as the input of a
 * message of that kind (message.h):
 *
 *   {"taskToken":"...","outcome":"success","output":{...}}
 *   {"taskToken":"...","outcome":"failure","error":"...","cause":"..."}
 *   {"taskToken":"...","outcome":"heartbeat"}
 *
 * output may be any JSON.  error and cause may be missing.  Each may have a
 * webhookId, the sender's name for what it sent.
 */

#ifndef ORDERS_CALLBACK_H
#define ORDERS_CALLBACK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"


#define ORDERS_CALLBACK_ERROR_BYTES_MAX    256
#define ORDERS_CALLBACK_CAUSE_BYTES_MAX    32768
#define ORDERS_CALLBACK_WEBHOOK_BYTES_MAX  256


#define ORDERS_CALLBACK_OUTCOMES(X)                                           \
    X(SUCCESS,   "success")                                                   \
    X(FAILURE,   "failure")                                                   \
    X(HEARTBEAT, "heartbeat")

#define ORDERS_CALLBACK_ENUM(name, text)  ORDERS_CALLBACK_##name,
typedef enum {
    ORDERS_CALLBACK_OUTCOMES(ORDERS_CALLBACK_ENUM)
    ORDERS_CALLBACK_OUTCOME_COUNT
} orders_callback_outcome_t;
#undef ORDERS_CALLBACK_ENUM


typedef struct {
    base_str_t                 token;       /* of the form of token.h */
    base_str_t                 id;          /* of its order */
    orders_callback_outcome_t  outcome;
    const base_json_t         *output;      /* of a success only */
    base_str_t                 error;       /* of a failure; may be empty */
    base_str_t                 cause;
    base_str_t                 webhook_id;  /* empty: none */
} orders_callback_t;


/* "success" and so on; static. */
base_str_t orders_callback_outcome_name(orders_callback_outcome_t outcome);

/* False if there is no outcome of this name. */
bool orders_callback_outcome_find(base_str_t name,
    orders_callback_outcome_t *outcome);

/* The input of a message; it shares output.  NULL when out of memory. */
base_json_t *orders_callback_json(base_arena_t *arena,
    const orders_callback_t *callback);

/* Reads an input; what it gives points into it.  False with *reason (static)
 * if it is none, or out of bounds: these, and those of orders_input_fits(). */
bool orders_callback_read(const base_json_t *input,
    orders_callback_t *callback, base_str_t *reason);

#endif
