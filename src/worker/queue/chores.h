/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the worker does beside the orders (registering, taking over what the
 * dead have left, waking the parked) shares one link.  These chores WATCH keys
 * and end with an EXEC, and an EXEC forgets every WATCH of its connection: so
 * they run one after the other.
 */

#ifndef WORKER_CHORES_H
#define WORKER_CHORES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "redis/link.h"


typedef struct worker_chore_s   worker_chore_t;
typedef struct worker_chores_s  worker_chores_t;

struct worker_chore_s {
    worker_chore_t   *next;
    bool              waiting;      /* or running */

    /* Begins it, on a link that is up; it ends with worker_chores_done(). */
    void            (*run)(worker_chore_t *chore);
    void             *data;
};

struct worker_chores_s {
    rds_link_t       *link;
    worker_chore_t   *first;
    worker_chore_t   *last;
    worker_chore_t   *current;
    bool              broken;       /* a command was refused by a link that is
                                       up: a transaction may be half sent, and
                                       nothing follows until the link has been
                                       replaced */
};


/* Has a chore run when its turn comes and the link is up; nothing happens if
 * it is waiting already. */
void worker_chores_add(worker_chores_t *chores, worker_chore_t *chore);

/* The current chore is over, well or not; its memory is its owner's again. */
void worker_chores_done(worker_chores_t *chores);

/* Runs the next chore if none is running and the link is up. */
void worker_chores_run(worker_chores_t *chores);

/* Sends a command for the current chore.  If it cannot be taken, fn is called
 * with RDS_UNSENT from within: every command has one outcome. */
void worker_chores_send(worker_chores_t *chores, const base_str_t *argv,
    size_t argc, rds_reply_fn fn, void *data);


/* The same with the arguments written out. */
#define worker_chores_command(chores, fn, data, ...)                          \
    worker_chores_send((chores), (const base_str_t []) { __VA_ARGS__ },       \
                       sizeof((const base_str_t []) { __VA_ARGS__ })          \
                           / sizeof(base_str_t), (fn), (data))

#endif
