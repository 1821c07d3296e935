/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The history of an order: which statuses it has had, since when and why.  It
 * is stored as a JSON text, short because every order has one:
 *
 *   [["PENDING",1795502107123],["FAILED",1795502108456,"no funds"]]
 *
 * and shown as it is in the schema:
 *
 *   [{"status":"PENDING","at":"2026-11-24T06:35:07.123Z","reason":null}, ...]
 */

#ifndef ORDERS_HISTORY_H
#define ORDERS_HISTORY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "orders/status.h"


#define ORDERS_HISTORY_MAX               32     /* entries */
#define ORDERS_HISTORY_REASON_BYTES_MAX  256    /* of each; the rest is cut */


/*
 * The history with one more entry: a text in arena.  That an order has the
 * status that it had adds none, unless there is a reason.  When there are
 * ORDERS_HISTORY_MAX, the oldest but the first goes.
 *
 * history   empty: none yet; what cannot be read is begun anew
 * at_ms     Unix time
 * reason    data NULL: none
 *
 * data is NULL when out of memory.
 */
base_str_t orders_history_add(base_arena_t *arena, base_str_t history,
    orders_status_t status, int64_t at_ms, base_str_t reason);

/* The array that clients see: empty where there is no history.  NULL when out
 * of memory. */
base_json_t *orders_history_json(base_arena_t *arena, base_str_t history);

#endif
