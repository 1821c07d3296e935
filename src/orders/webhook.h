/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the body of a webhook means: which of its values are a callback's
 * (callback.h), by JSON pointers.  Without pointers and events of the
 * operator's own it is a callback as it stands:
 *
 *   {"taskToken":"...","outcome":"success","output":{...}}
 *   {"taskToken":"...","outcome":"failure","error":"...","cause":"..."}
 *   {"taskToken":"...","outcome":"heartbeat"}
 */

#ifndef ORDERS_WEBHOOK_H
#define ORDERS_WEBHOOK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "orders/callback.h"


/* The name of an event, at the pointer outcome, and what it stands for. */
typedef struct {
    base_str_t                      name;
    orders_callback_outcome_t       outcome;
} orders_webhook_event_t;


typedef struct {
    base_str_t                      token;      /* valid JSON pointers */
    base_str_t                      outcome;
    base_str_t                      output;
    base_str_t                      error;
    base_str_t                      cause;
    base_str_t                      id;         /* data NULL: none */
    const orders_webhook_event_t   *events;     /* NULL: outcomes by name */
    size_t                          event_count;
} orders_webhook_map_t;


typedef enum {
    ORDERS_WEBHOOK_TAKEN = 0,
    ORDERS_WEBHOOK_IGNORED,         /* its event stands for nothing */
    ORDERS_WEBHOOK_WRONG
} orders_webhook_status_t;


/*
 * Reads a body.
 *
 * callback  out where it is taken; points into body and map.  A failure whose
 *           error is not there is named by its event, where there are events
 * reason    out where it is wrong, in arena or static: for the sender, without
 *           the token; data NULL: out of memory
 */
orders_webhook_status_t orders_webhook_read(const orders_webhook_map_t *map,
    base_arena_t *arena, const base_json_t *body, orders_callback_t *callback,
    base_str_t *reason);

#endif
