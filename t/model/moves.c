/* SPDX-License-Identifier: BSD-2-Clause */

/* All moves, with the functions of src/worker that make them; and what plays
 * against the workers. */

#include "moves.h"

#include <string.h>


static model_link_t *model_ghost_free(model_state_t *s);
static bool model_haunts(const model_link_t *link);
static MODEL_MOVE(model_crash);
static MODEL_MOVE(model_lose_lane);
static MODEL_MOVE(model_lose_chores);
static MODEL_MOVE(model_redis_restart);
static MODEL_MOVE(model_ghost);


const model_move_t  model_moves[] = {
    { "worker_register_write", 1, false, model_register },
    { "worker_register_done_handler", 1, false, model_registered },
    { "worker_reaper_judge", MODEL_NAMES, false, model_reap },
    { "worker_takeover_run", MODEL_NAMES, false, model_takeover },
    { "worker_takeover_fenced_handler", 1, false, model_takeover_fenced },
    { "worker_takeover_round", 1, false, model_takeover_watch },
    { "worker_takeover_range_handler", 1, false, model_takeover_read },
    { "worker_takeover_moved_handler", 1, false, model_takeover_moved },
    { "worker_takeover_removed_handler", 1, false, model_takeover_removed },
    { "worker_delayed_due_handler", 1, false, model_wake },
    { "worker_delayed_run", 1, false, model_wake_watch },
    { "worker_delayed_range_handler", 1, false, model_wake_read },
    { "worker_delayed_woken_handler", 1, false, model_woken },
    { "worker_lane_arm", 1, false, model_arm_watch },
    { "worker_lane_epoch_handler", 1, false, model_arm_get },
    { "worker_intake_read", 1, false, model_read },
    { "worker_intake_delayed_handler", 1, false, model_read_score },
    { "worker_intake_hash_handler", 1, false, model_read_hash },
    { "worker_intake_owner_handler", 1, false, model_read_owner },
    { "worker_lane_commit", 5, false, model_commit },
    { "worker_lane_exec_handler", 1, false, model_committed },
    { "worker_executor_answered", MODEL_SLOTS, false, model_pay },
    { "ZADD delayed by itself", MODEL_SLOTS, false, model_park_late },
    { "LMOVE by itself", 1, false, model_take_alone },
    { "LMOVE by itself is executed", 1, false, model_taken_alone },
    { "a crash", 4, true, model_crash },
    { "the lane's connection is lost", 2, true, model_lose_lane },
    { "the chores' connection is lost", 2, true, model_lose_chores },
    { "redis is restarted", 1, true, model_redis_restart },
    { "a lost command is executed", MODEL_GHOSTS, true, model_ghost },
};

const unsigned  model_move_count = sizeof(model_moves) / sizeof(model_moves[0]);


void
model_state_init(model_state_t *s, const model_setting_t *setting)
{
    memset(s, 0, sizeof(*s));
    s->queue = setting->queue;
    s->crashes = setting->crashes;
    s->losses = setting->losses;
    s->restarts = setting->restarts;
    s->mistakes = setting->mistakes;
}


void
model_renew(model_worker_t *worker)
{
    worker->takeovers |= (uint8_t) (1U << worker->name);
    worker->in = 0;
    worker->name = 0;
    worker->lane = MODEL_SHUT;
    worker->undone = 0;
    memset(worker->slots, 0, sizeof(worker->slots));
    worker->link = (model_link_t) { 0 };
}


static model_link_t *
model_ghost_free(model_state_t *s)
{
    unsigned  i;

    for (i = 0; i < MODEL_GHOSTS; i++) {
        if (s->ghosts[i].command == MODEL_NOTHING) {
            return &s->ghosts[i];
        }
    }

    return NULL;
}


/* A command that changes something by itself. */
static bool
model_haunts(const model_link_t *link)
{
    switch (link->command) {
    case MODEL_REGISTER:
    case MODEL_FENCE:
    case MODEL_LIST_MOVE:
    case MODEL_REMOVE:
    case MODEL_DUE_MOVE:
    case MODEL_COMMIT:
    case MODEL_TAKE:
        return true;
    default:
        return false;
    }
}


/* choice, as bits: the lane's and the chores' commands become ghosts. */
static bool
model_crash(model_state_t *s, unsigned w, unsigned choice)
{
    unsigned         i;
    model_link_t    *ghost;
    model_worker_t  *worker = &s->workers[w];
    model_link_t    *links[] = { &worker->link, &worker->chores };

    if (s->crashes == 0) {
        return false;
    }

    for (i = 0; i < 2; i++) {
        if ((choice & 1 << i) == 0) {
            continue;
        }

        ghost = model_ghost_free(s);
        if (ghost == NULL || !model_haunts(links[i])) {
            return false;
        }

        *ghost = *links[i];
    }

    s->crashes--;
    *worker = (model_worker_t) { 0 };
    return true;
}


/* choice: what was sent is not executed, or may be. */
static bool
model_lose_lane(model_state_t *s, unsigned w, unsigned choice)
{
    unsigned         i;
    model_link_t    *ghost = model_ghost_free(s);
    model_worker_t  *worker = &s->workers[w];

    if (!worker->in || s->losses == 0
        || (choice > 0 && (ghost == NULL || !model_haunts(&worker->link))))
    {
        return false;
    }

    s->losses--;
    if (choice > 0) {
        *ghost = worker->link;
    }

    if (model_setting->broken != MODEL_BREAK_UNKNOWN_AGAIN) {
        model_renew(worker);
        return true;
    }

    model_arm(worker);
    for (i = 0; i < MODEL_SLOTS; i++) {
        if (worker->slots[i].phase == MODEL_COMMITTING) {
            worker->slots[i].phase = MODEL_READY;
        }
    }

    return true;
}


static bool
model_lose_chores(model_state_t *s, unsigned w, unsigned choice)
{
    model_link_t    *ghost = model_ghost_free(s);
    model_worker_t  *worker = &s->workers[w];

    if (worker->chores.command == MODEL_NOTHING || s->losses == 0
        || (choice > 0 && (ghost == NULL || !model_haunts(&worker->chores))))
    {
        return false;
    }

    s->losses--;
    if (choice > 0) {
        *ghost = worker->chores;
    }

    worker->chores = (model_link_t) { 0 };
    return true;
}


/* All connections end, all WATCHes with them; what was executed stays. */
static bool
model_redis_restart(model_state_t *s, unsigned w, unsigned choice)
{
    unsigned  i;

    (void) choice;

    if (w > 0 || s->restarts == 0) {
        return false;
    }

    s->restarts--;
    memset(s->ghosts, 0, sizeof(s->ghosts));

    for (i = 0; i < MODEL_WORKERS; i++) {
        s->workers[i].chores = (model_link_t) { 0 };
        if (s->workers[i].in) {
            model_renew(&s->workers[i]);
        }
    }

    return true;
}


static bool
model_ghost(model_state_t *s, unsigned w, unsigned choice)
{
    model_list_t   taken;
    model_link_t  *ghost = &s->ghosts[choice];

    if (w > 0 || ghost->command == MODEL_NOTHING) {
        return false;
    }

    switch (ghost->command) {
    case MODEL_REGISTER:
        model_redis_register(s, ghost);
        break;
    case MODEL_FENCE:
        model_redis_fence(s, ghost);
        break;
    case MODEL_LIST_MOVE:
        model_redis_move_list(s, ghost);
        break;
    case MODEL_REMOVE:
        model_redis_remove(s, ghost);
        break;
    case MODEL_DUE_MOVE:
        model_redis_wake(s, ghost);
        break;
    case MODEL_COMMIT:
        (void) model_redis_commit(s, ghost, &taken);
        break;
    case MODEL_TAKE:
        model_redis_take(s, ghost);
        break;
    }

    memset(ghost, 0, sizeof(*ghost));
    return true;
}
