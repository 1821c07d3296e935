/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A reply: what became of a message whose sender wants to know, published on
 * the channel that the message names (replyTo) in the transaction that ends it:
 *
 *   {"v":1,"requestId":"17","ok":true,"order":{...}}
 *   {"v":1,"requestId":"17","ok":false,"code":"CONFLICT","message":"..."}
 *
 * order is the Order as clients see it, with its history; of a deleted one, as
 * it was at last.  A channel belongs to one process of a front door; it is
 * "<prefix>:replies:<name>".
 */

#ifndef ORDERS_REPLY_H
#define ORDERS_REPLY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "orders/keys.h"


/* What code says; the front door gives it to the client as it is. */
#define ORDERS_REPLY_NOT_FOUND  BASE_STR("NOT_FOUND")
#define ORDERS_REPLY_CONFLICT   BASE_STR("CONFLICT")
#define ORDERS_REPLY_INTERNAL   BASE_STR("INTERNAL_SERVER_ERROR")


typedef struct {
    base_str_t          request_id;
    base_str_t          code;           /* empty: it was done */
    base_str_t          message;        /* for people; with a code */
    const base_json_t  *order;          /* without one */
} orders_reply_t;


/* Appends the reply as JSON; failures stick to buf. */
void orders_reply_write(base_buf_t *buf, const orders_reply_t *reply);

/* Reads one; its strings point into text or arena.  False if it is none of
 * this version, or when out of memory. */
bool orders_reply_read(base_arena_t *arena, base_str_t text,
    orders_reply_t *reply);

/* The channel of that name; data is NULL when out of memory. */
base_str_t orders_reply_channel(const orders_keys_t *keys,
    base_arena_t *arena, base_str_t name);

/* True if channel is such a channel: a reply goes nowhere else. */
bool orders_reply_channel_valid(const orders_keys_t *keys,
    base_str_t channel);

#endif
