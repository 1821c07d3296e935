/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/chores.h"


void
worker_chores_add(worker_chores_t *chores, worker_chore_t *chore)
{
    if (chore->waiting) {
        return;
    }

    chore->waiting = true;
    chore->next = NULL;
    if (chores->first == NULL) {
        chores->first = chore;
    } else {
        chores->last->next = chore;
    }

    chores->last = chore;
    worker_chores_run(chores);
}


void
worker_chores_done(worker_chores_t *chores)
{
    chores->current->waiting = false;
    chores->current = NULL;
}


void
worker_chores_run(worker_chores_t *chores)
{
    worker_chore_t  *chore;

    while (chores->current == NULL && chores->first != NULL
           && chores->link != NULL && !chores->broken
           && rds_link_state(chores->link) == RDS_LINK_UP)
    {
        chore = chores->first;
        chores->first = chore->next;
        chores->current = chore;
        chore->run(chore);
    }
}


void
worker_chores_send(worker_chores_t *chores, const base_str_t *argv,
    size_t argc, rds_reply_fn fn, void *data)
{
    if (!chores->broken
        && rds_link_send(chores->link, argv, argc, fn, data) != NULL)
    {
        return;
    }

    chores->broken |= rds_link_state(chores->link) == RDS_LINK_UP;
    if (fn != NULL) {
        fn(data, RDS_UNSENT, NULL);
    }
}
