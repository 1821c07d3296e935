/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Orders that ended longer ago than the setting "retention" are deleted with
 * their index entries.  Every worker sweeps now and then:
 *
 *   ZRANGEBYLEX status:<STATUS> ...          a page of the oldest, by their ids
 *   WATCH order:<id>...; HMGET order:<id> ...
 *   MULTI; DEL order:<id>; ZREM user:<userId> <id>; ZREM status:... <id>;
 *   ZREM user-status:...; EXEC
 *
 * An id of UUID version 7 tells when the order was created: at the first one
 * that is younger than the limit a sweep ends.  The WATCH keeps an order that
 * is being changed; two workers that sweep at once do the same thing twice.
 *
 * A Redis that is full refuses every command inside of MULTI, DEL too, and then
 * only deleting helps.  So the same commands are sent without it, in an order
 * in which each may be the last: as long as the id is in the index by status,
 * the next sweep finds it.
 */

#ifndef WORKER_RETENTION_H
#define WORKER_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "orders/status.h"
#include "worker/execute/execution.h"
#include "worker/queue/chores.h"


typedef struct {
    worker_t         *worker;
    worker_chore_t    chore;
    worker_timer_t    timer;
    orders_status_t   status;       /* whose index is being swept */
    int64_t           limit_ms;     /* Unix time: what ended before goes */

    /* The page. */
    base_arena_t      memory;
    base_str_t       *ids;
    base_str_t       *keys;
    base_str_t       *users;        /* data NULL: the order stays */
    base_str_t       *shares;       /* of the user's orders of the status */
    size_t            count;
    size_t            answered;
    bool              failed;
    bool              full;         /* redis: the MULTI was refused */
    bool              last;         /* page of this status */
    base_str_t        from;         /* where the next page begins */
    char              from_bytes[128];
    size_t            deleted;      /* in this sweep */
} worker_retention_t;


void worker_retention_start(worker_t *worker);

void worker_retention_stop(worker_retention_t *retention);

void worker_retention_deinit(worker_retention_t *retention);

#endif
