/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What many executions of one transaction add to, or remove from, the same
 * sorted set goes as one command:
 *
 *   ZADD {orders:0}:status:PENDING 0 <id> 0 <id> ...
 *   ZREM {orders:0}:status:PENDING <id> <id> ...
 *
 * The scores are equal, see keys.c.  Which command comes first does not matter:
 * an order has one execution in a transaction, which moves it from one set to
 * another.
 */

#ifndef WORKER_GATHER_H
#define WORKER_GATHER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "redis/link.h"
#include "worker/execute/execution.h"


#define WORKER_GATHER_BUCKETS  1024     /* a power of two */


typedef struct worker_gather_set_s   worker_gather_set_t;
typedef struct worker_gather_item_s  worker_gather_item_t;

typedef struct {
    base_arena_t          *arena;       /* of the transaction */
    worker_gather_set_t   *first;
    worker_gather_set_t  **end;
    worker_gather_set_t   *buckets[WORKER_GATHER_BUCKETS];
} worker_gather_t;


/* Empties it; arena is borrowed until the next time. */
void worker_gather_begin(worker_gather_t *gather, base_arena_t *arena);

/* The execution's id is to be added to, or removed from, the set under key,
 * which is borrowed.  False when out of memory. */
bool worker_gather_add(worker_gather_t *gather, base_str_t key,
    worker_execution_t *execution);
bool worker_gather_remove(worker_gather_t *gather, base_str_t key,
    worker_execution_t *execution);

/* Sends the commands of all sets.  False when out of memory. */
bool worker_gather_write(worker_gather_t *gather, worker_lane_t *lane);

/* Notes a refusal with each of the executions that it concerns.  reply is
 * EXEC's, borrowed. */
void worker_gather_check(worker_gather_t *gather, const rds_reply_t *reply);

#endif
