/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The workers are alike, and so are names: of states that differ only in which
 * is which, one stands for all.  A name that nothing knows any more counts as
 * new; that is what "never used again" comes to.
 */

#include "model.h"

#include <string.h>


static bool model_swap(model_state_t *s);
static model_worker_t model_nameless(const model_worker_t *worker);
static unsigned model_name_look(const model_state_t *s, unsigned name);
static unsigned model_names_known(const model_state_t *s);
static unsigned model_link_names(const model_link_t *link);
static void model_rename(model_state_t *s, const uint8_t *to);
static void model_rename_link(model_link_t *link, const uint8_t *to);
static uint8_t model_rename_bits(unsigned bits, const uint8_t *to);


bool
model_canon(model_state_t *s)
{
    bool          swapped;
    uint8_t       to[MODEL_NAMES], next = 0;
    unsigned      i, k, best, known;
    model_link_t  ghost;

    /* there, names are the workers' places */
    if (model_setting->broken == MODEL_BREAK_NAME_REUSED) {
        return false;
    }

    swapped = model_swap(s);
    known = model_names_known(s);
    memset(to, 0xff, sizeof(to));

    for (i = 0; i < MODEL_WORKERS; i++) {
        if (s->workers[i].in) {
            to[s->workers[i].name] = next++;
            known &= ~(1U << s->workers[i].name);
        }
    }

    while (known != 0) {
        best = MODEL_NAMES;
        for (k = 0; k < MODEL_NAMES; k++) {
            if ((known & 1 << k) != 0
                && (best == MODEL_NAMES
                    || model_name_look(s, k) > model_name_look(s, best)))
            {
                best = k;
            }
        }

        to[best] = next++;
        known &= ~(1U << best);
    }

    model_rename(s, to);

    if (memcmp(&s->ghosts[0], &s->ghosts[1], sizeof(ghost)) < 0) {
        ghost = s->ghosts[0];
        s->ghosts[0] = s->ghosts[1];
        s->ghosts[1] = ghost;
    }

    return swapped;
}


/* The workers in an order that does not depend on names. */
static bool
model_swap(model_state_t *s)
{
    model_worker_t  first = model_nameless(&s->workers[0]);
    model_worker_t  second = model_nameless(&s->workers[1]);
    model_worker_t  worker = s->workers[0];

    if (memcmp(&first, &second, sizeof(first)) >= 0) {
        return false;
    }

    s->workers[0] = s->workers[1];
    s->workers[1] = worker;
    return true;
}


static model_worker_t
model_nameless(const model_worker_t *worker)
{
    model_worker_t  copy = *worker;

    copy.name = 0;
    copy.takeovers = 0;
    copy.link.name = 0;
    copy.chores.name = 0;
    if (copy.link.command == MODEL_OWNER_READ) {
        copy.link.content = 0;
    }

    return copy;
}


/* What there is to a name, as a number; equal ones keep their order. */
static unsigned
model_name_look(const model_state_t *s, unsigned name)
{
    unsigned  i, look = s->processing[name];

    look = look << 1 | (s->epochs >> name & 1);
    look = look << 1 | (s->consumers >> name & 1);

    for (i = 0; i < MODEL_ORDERS; i++) {
        look = look << 1 | (s->records[i].consumer == 1 + name);
    }

    for (i = 0; i < MODEL_WORKERS; i++) {
        look = look << 1 | (s->workers[i].takeovers >> name & 1);
        look = look << 1 | ((model_link_names(&s->workers[i].chores)
                             & 1 << name) != 0);
    }

    return look;
}


unsigned
model_name_new(const model_state_t *s)
{
    unsigned  i, known = model_names_known(s);

    for (i = 0; i < MODEL_NAMES; i++) {
        if ((known & 1 << i) == 0) {
            break;
        }
    }

    return i;
}


static unsigned
model_names_known(const model_state_t *s)
{
    unsigned  i, known = s->epochs | s->consumers;

    for (i = 0; i < MODEL_NAMES; i++) {
        known |= s->processing[i] != 0 ? 1U << i : 0;
    }

    for (i = 0; i < MODEL_ORDERS; i++) {
        known |= 1U << s->records[i].consumer >> 1;
    }

    for (i = 0; i < MODEL_WORKERS; i++) {
        known |= s->workers[i].takeovers;
        known |= s->workers[i].in ? 1U << s->workers[i].name : 0;
        known |= model_link_names(&s->workers[i].link);
        known |= model_link_names(&s->workers[i].chores);
    }

    for (i = 0; i < MODEL_GHOSTS; i++) {
        known |= model_link_names(&s->ghosts[i]);
    }

    return known;
}


static unsigned
model_link_names(const model_link_t *link)
{
    unsigned  names = 1U << link->name;

    if (link->command == MODEL_NOTHING && link->watches == 0) {
        return 0;
    }

    if (link->command == MODEL_OWNER_READ) {
        names |= 1U << (link->content - 1);
    }

    return names;
}


static void
model_rename(model_state_t *s, const uint8_t *to)
{
    unsigned      i;
    model_list_t  lists[MODEL_NAMES] = { 0 };

    for (i = 0; i < MODEL_NAMES; i++) {
        if (to[i] != 0xff) {
            lists[to[i]] = s->processing[i];
        }
    }

    memcpy(s->processing, lists, sizeof(lists));
    s->epochs = model_rename_bits(s->epochs, to);
    s->consumers = model_rename_bits(s->consumers, to);

    for (i = 0; i < MODEL_ORDERS; i++) {
        if (s->records[i].consumer > 0) {
            s->records[i].consumer = 1 + to[s->records[i].consumer - 1];
        }
    }

    for (i = 0; i < MODEL_WORKERS; i++) {
        s->workers[i].name = s->workers[i].in ? to[s->workers[i].name] : 0;
        s->workers[i].takeovers = model_rename_bits(s->workers[i].takeovers,
                                                    to);
        model_rename_link(&s->workers[i].link, to);
        model_rename_link(&s->workers[i].chores, to);
    }

    for (i = 0; i < MODEL_GHOSTS; i++) {
        model_rename_link(&s->ghosts[i], to);
    }
}


static void
model_rename_link(model_link_t *link, const uint8_t *to)
{
    if (link->command == MODEL_OWNER_READ) {
        link->content = 1 + to[link->content - 1];
    }

    link->name = model_link_names(link) != 0 ? to[link->name] : 0;
}


static uint8_t
model_rename_bits(unsigned bits, const uint8_t *to)
{
    unsigned  i, renamed = 0;

    for (i = 0; i < MODEL_NAMES; i++) {
        renamed |= (bits & 1 << i) != 0 ? 1U << to[i] : 0;
    }

    return (uint8_t) renamed;
}
