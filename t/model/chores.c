/* SPDX-License-Identifier: BSD-2-Clause */

/* What a worker does beside the orders, one after the other on one link:
 * consumer.c, reaper.c, takeover.c and delayed.c of src/worker. */

#include "moves.h"


static bool model_chore(model_worker_t *worker, model_command_t command,
    unsigned name);


/* Begins one if none is under way. */
static bool
model_chore(model_worker_t *worker, model_command_t command, unsigned name)
{
    if (worker->chores.command != MODEL_NOTHING) {
        return false;
    }

    worker->chores = (model_link_t) {
        .command = (uint8_t) command, .name = (uint8_t) name
    };

    return true;
}


bool
model_register(model_state_t *s, unsigned w, unsigned choice)
{
    unsigned         name = w;
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (model_setting->broken != MODEL_BREAK_NAME_REUSED) {
        name = model_name_new(s);
    }

    return !worker->in && name < MODEL_NAMES
           && model_chore(worker, MODEL_REGISTER, name);
}


bool
model_registered(model_state_t *s, unsigned w, unsigned choice)
{
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (worker->chores.command != MODEL_REGISTER) {
        return false;
    }

    model_redis_register(s, &worker->chores);
    worker->in = 1;
    worker->name = worker->chores.name;
    model_arm(worker);
    worker->chores = (model_link_t) { 0 };

    return true;
}


/* A registration looks silent.  That it is not is a mistake. */
bool
model_reap(model_state_t *s, unsigned w, unsigned choice)
{
    unsigned         i, bit = 1U << choice;
    model_worker_t  *worker = &s->workers[w];

    if (!worker->in || worker->name == choice
        || (s->consumers & bit) == 0 || (worker->takeovers & bit) != 0)
    {
        return false;
    }

    for (i = 0; i < MODEL_WORKERS; i++) {
        if (s->workers[i].in && s->workers[i].name == choice) {
            if (s->mistakes == 0) {
                return false;
            }

            s->mistakes--;
        }
    }

    worker->takeovers |= (uint8_t) bit;
    return true;
}


bool
model_takeover(model_state_t *s, unsigned w, unsigned choice)
{
    model_worker_t  *worker = &s->workers[w];

    return (worker->takeovers & 1 << choice) != 0
           && model_chore(worker, MODEL_FENCE, choice);
}


bool
model_takeover_fenced(model_state_t *s, unsigned w, unsigned choice)
{
    model_link_t  *link = &s->workers[w].chores;

    (void) choice;

    if (link->command != MODEL_FENCE) {
        return false;
    }

    model_redis_fence(s, link);
    link->command = MODEL_LIST_WATCH;
    return true;
}


bool
model_takeover_watch(model_state_t *s, unsigned w, unsigned choice)
{
    model_link_t  *link = &s->workers[w].chores;

    (void) choice;

    if (link->command != MODEL_LIST_WATCH) {
        return false;
    }

    model_redis_watch_list(s, link);
    link->command = MODEL_LIST_READ;
    return true;
}


bool
model_takeover_read(model_state_t *s, unsigned w, unsigned choice)
{
    model_link_t  *link = &s->workers[w].chores;

    (void) choice;

    if (link->command != MODEL_LIST_READ) {
        return false;
    }

    model_redis_read_list(s, link);
    link->command = MODEL_LIST_MOVE;

    if (link->content == 0) {
        link->command = MODEL_REMOVE;
        link->watches = 0;
        link->dirty = 0;
    }

    return true;
}


bool
model_takeover_moved(model_state_t *s, unsigned w, unsigned choice)
{
    model_link_t  *link = &s->workers[w].chores;

    (void) choice;

    if (link->command != MODEL_LIST_MOVE) {
        return false;
    }

    model_redis_move_list(s, link);
    link->command = model_setting->broken == MODEL_BREAK_ONE_ROUND
                        ? MODEL_REMOVE : MODEL_LIST_WATCH;
    return true;
}


bool
model_takeover_removed(model_state_t *s, unsigned w, unsigned choice)
{
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (worker->chores.command != MODEL_REMOVE) {
        return false;
    }

    model_redis_remove(s, &worker->chores);
    worker->takeovers &= (uint8_t) ~(1U << worker->chores.name);
    worker->chores = (model_link_t) { 0 };
    return true;
}


bool
model_wake(model_state_t *s, unsigned w, unsigned choice)
{
    (void) choice;

    return s->delayed != 0 && s->workers[w].in
           && model_chore(&s->workers[w], MODEL_DUE_WATCH, 0);
}


bool
model_wake_watch(model_state_t *s, unsigned w, unsigned choice)
{
    model_link_t  *link = &s->workers[w].chores;

    (void) choice;

    if (link->command != MODEL_DUE_WATCH) {
        return false;
    }

    model_redis_watch(s, link, MODEL_WATCH_WAKER);
    link->command = MODEL_DUE_READ;
    return true;
}


bool
model_wake_read(model_state_t *s, unsigned w, unsigned choice)
{
    model_link_t  *link = &s->workers[w].chores;

    (void) choice;

    if (link->command != MODEL_DUE_READ) {
        return false;
    }

    link->content = s->delayed;
    link->command = MODEL_DUE_MOVE;

    if (link->content == 0) {
        *link = (model_link_t) { 0 };
    }

    return true;
}


bool
model_woken(model_state_t *s, unsigned w, unsigned choice)
{
    model_link_t  *link = &s->workers[w].chores;

    (void) choice;

    if (link->command != MODEL_DUE_MOVE) {
        return false;
    }

    model_redis_wake(s, link);
    *link = (model_link_t) { 0 };
    return true;
}


/* How it is not done: LMOVE, or a BLMOVE that waits, by itself. */
bool
model_take_alone(model_state_t *s, unsigned w, unsigned choice)
{
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    return model_setting->broken == MODEL_BREAK_UNFENCED_TAKE
           && worker->in && s->queue != 0
           && model_chore(worker, MODEL_TAKE, worker->name);
}


bool
model_taken_alone(model_state_t *s, unsigned w, unsigned choice)
{
    model_list_t     before = s->queue;
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (worker->chores.command != MODEL_TAKE) {
        return false;
    }

    model_redis_take(s, &worker->chores);
    if (before != s->queue && worker->in
        && worker->name == worker->chores.name)
    {
        model_keep(worker, before & 15);
    }

    worker->chores = (model_link_t) { 0 };
    return true;
}
