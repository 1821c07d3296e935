/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The names of everything in Redis; the list and its meaning are in keys.c,
 * its only home.  p is the partition; the braces are a cluster hash tag, so
 * that all keys of a partition live in one slot.
 */

#ifndef ORDERS_KEYS_H
#define ORDERS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"


#define ORDERS_PREFIX_DEFAULT    "orders"
#define ORDERS_PREFIX_BYTES_MAX  64
#define ORDERS_USER_BYTES_MAX    256
#define ORDERS_IDEMPOTENCY_KEY_BYTES_MAX  255


/* The keys that do not depend on an order, ready to use. */
typedef struct {
    base_str_t  prefix;
    base_str_t  tag;                /* "{orders:0}:" */
    base_str_t  queue;
    base_str_t  resume;
    base_str_t  suspects;
    base_str_t  consumers;
    base_str_t  delayed;
    base_str_t  waker;
    base_str_t  dead;
    base_str_t  paused;
    base_str_t  stats;
    base_str_t  status_channel;     /* "orders:status" */
} orders_keys_t;


/*
 * Makes the keys of a partition in arena, which must outlive keys.
 *
 * prefix   1 to ORDERS_PREFIX_BYTES_MAX of [A-Za-z0-9_.:-]
 *
 * False with *reason (static) for a bad prefix or when out of memory.
 */
bool orders_keys_init(orders_keys_t *keys, base_arena_t *arena,
    base_str_t prefix, uint32_t partition, const char **reason);

/* Each makes one key in arena; data is NULL when out of memory. */

base_str_t orders_key_processing(const orders_keys_t *keys,
    base_arena_t *arena, base_str_t consumer);
base_str_t orders_key_epoch(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t consumer);
base_str_t orders_key_order(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t id);
base_str_t orders_key_user(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t user_id);
base_str_t orders_key_status(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t status);
base_str_t orders_key_user_status(const orders_keys_t *keys,
    base_arena_t *arena, base_str_t user_id, base_str_t status);

base_str_t orders_key_webhook(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t name);

/* User and key come from outside: "%" and ":" in the user are written %25 and
 * %3A, so that no two pairs share a name. */
base_str_t orders_key_idempotency(const orders_keys_t *keys,
    base_arena_t *arena, base_str_t user_id, base_str_t key);

#endif
