/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Redis: one command or transaction at a time, and WATCH.  A connection has one
 * flag that says whether anything that it watches was touched; EXEC looks at
 * it, and forgets every WATCH.
 *
 * Here also stands what must never happen.
 */

#include "model.h"


static void model_touch(model_state_t *s, unsigned watch, unsigned name);
static void model_touch_link(model_link_t *link, unsigned watch,
    unsigned name);
static bool model_exec(model_link_t *link);
static void model_apply(model_state_t *s, const model_link_t *link,
    unsigned i);
static void model_apply_change(model_state_t *s, unsigned message);
static void model_tell(model_state_t *s, unsigned message, model_told_t what);
static bool model_change_held(const model_state_t *s, unsigned message);
static bool model_held(const model_state_t *s, unsigned order);


/* name counts for what there is one of for each registration. */
static void
model_touch(model_state_t *s, unsigned watch, unsigned name)
{
    unsigned  i;

    for (i = 0; i < MODEL_WORKERS; i++) {
        model_touch_link(&s->workers[i].link, watch, name);
        model_touch_link(&s->workers[i].chores, watch, name);
    }

    for (i = 0; i < MODEL_GHOSTS; i++) {
        model_touch_link(&s->ghosts[i], watch, name);
    }
}


static void
model_touch_link(model_link_t *link, unsigned watch, unsigned name)
{
    bool  by_name = watch == MODEL_WATCH_EPOCH || watch == MODEL_WATCH_LIST;

    if ((link->watches & watch) != 0 && (!by_name || link->name == name)) {
        link->dirty = 1;
    }
}


/* What EXEC does first; false when it answers nil. */
static bool
model_exec(model_link_t *link)
{
    bool  clean = !link->dirty;

    link->watches = 0;
    link->dirty = 0;

    return clean;
}


void
model_redis_watch(model_state_t *s, model_link_t *link, unsigned watches)
{
    (void) s;
    link->watches |= (uint8_t) watches;
}


void
model_redis_register(model_state_t *s, model_link_t *link)
{
    model_touch(s, MODEL_WATCH_EPOCH, link->name);
    s->epochs |= (uint8_t) (1 << link->name);
    s->consumers |= (uint8_t) (1 << link->name);
}


void
model_redis_fence(model_state_t *s, model_link_t *link)
{
    unsigned  bit = 1U << link->name;

    if ((s->epochs & bit) == 0 || model_setting->broken
                                  == MODEL_BREAK_EPOCH_STAYS)
    {
        return;
    }

    s->epochs &= (uint8_t) ~bit;
    model_touch(s, MODEL_WATCH_EPOCH, link->name);
}


void
model_redis_remove(model_state_t *s, model_link_t *link)
{
    s->consumers &= (uint8_t) ~(1U << link->name);
}


void
model_redis_watch_list(model_state_t *s, model_link_t *link)
{
    if (model_setting->broken != MODEL_BREAK_LIST_UNWATCHED) {
        model_redis_watch(s, link, MODEL_WATCH_LIST);
    }
}


/* Batches of one: so two messages take two rounds. */
void
model_redis_read_list(model_state_t *s, model_link_t *link)
{
    link->content = s->processing[link->name] & 15;
}


/* MULTI LPOP 1 RPUSH resume EXEC */
void
model_redis_move_list(model_state_t *s, model_link_t *link)
{
    if (model_exec(link)) {
        if (model_list_pop(&s->processing[link->name]) != 0) {
            model_touch(s, MODEL_WATCH_LIST, link->name);
        }

        model_list_push(&s->resume, link->content);
    }

    link->content = 0;
}


/* MULTI SET waker ZREM delayed RPUSH resume EXEC */
void
model_redis_wake(model_state_t *s, model_link_t *link)
{
    unsigned  order;

    if (model_exec(link)) {
        model_touch(s, MODEL_WATCH_WAKER, 0);

        for (order = 0; order < MODEL_ORDERS; order++) {
            if ((link->content & 1 << order) != 0) {
                s->delayed &= (uint8_t) ~(1 << order);
                model_list_push(&s->resume,
                                model_message(MODEL_RESUME, order));
            }
        }
    }

    link->content = 0;
}


void
model_redis_take(model_state_t *s, model_link_t *link)
{
    unsigned  message = model_list_pop(&s->queue);

    if (message != 0) {
        model_list_push(&s->processing[link->name], message);
        model_touch(s, MODEL_WATCH_LIST, link->name);
    }
}


bool
model_redis_commit(model_state_t *s, model_link_t *link, model_list_t *taken)
{
    unsigned       i, message;
    model_list_t  *from = link->from_resume ? &s->resume : &s->queue;

    *taken = 0;

    if (!model_exec(link)) {
        return false;
    }

    for (i = 0; i < MODEL_SLOTS; i++) {
        if (link->message[i] != 0) {
            model_apply(s, link, i);
        }
    }

    for (i = 0; i < link->takes && *from != 0; i++) {
        message = model_list_pop(from);
        model_list_push(&s->processing[link->name], message);
        model_list_push(taken, message);
        model_touch(s, MODEL_WATCH_LIST, link->name);
    }

    return true;
}


/* One execution's share of a transaction. */
static void
model_apply(model_state_t *s, const model_link_t *link, unsigned i)
{
    bool             mine;
    unsigned         name = link->name, message = link->message[i];
    unsigned         fate = link->fate[i], order = model_order(message);
    model_record_t  *record = &s->records[order];

    if (fate < MODEL_DROP && fate != MODEL_KEEP_NEW
        && record->input != link->input[i])
    {
        model_violation = "an order goes on as it was before it was updated";
    }

    mine = record->status == MODEL_LIVE && record->consumer == 1 + name;

    switch (fate) {

    case MODEL_KEEP_NEW:
        if (record->status != MODEL_ABSENT) {
            model_violation = "an order was started twice";
        }

        *record = (model_record_t) { MODEL_LIVE, 0, (uint8_t) (1 + name), 0 };
        break;

    case MODEL_KEEP_RESUMED:
        if (record->status != MODEL_LIVE) {
            model_violation = "an order went on that had ended";

        } else if (!mine && record->consumer > 0
                   && (s->epochs & 1 << (record->consumer - 1)) != 0)
        {
            model_violation = "an order was taken from a live worker";
        }

        record->consumer = (uint8_t) (1 + name);
        break;

    case MODEL_KEEP_WOKEN:
        if (record->status != MODEL_LIVE || record->step != 1
            || record->consumer > 0)
        {
            model_violation = "a step was committed twice";
        }

        record->step = 2;
        record->consumer = (uint8_t) (1 + name);
        break;

    case MODEL_PARK:
        if (!mine || record->step != 0) {
            model_violation = "a step was committed twice";
        }

        record->step = 1;
        record->consumer = 0;
        if (model_setting->broken != MODEL_BREAK_PARKED_LATE) {
            s->delayed |= (uint8_t) (1 << order);
        }
        break;

    case MODEL_END:
        if (!mine || record->step != (model_setting->parks ? 2 : 0)) {
            model_violation = "an order was ended twice, or by another worker "
                              "than the one that runs it";
        }

        *record = (model_record_t) { MODEL_ENDED, 0, 0, record->input };
        break;

    case MODEL_CHANGE:
        model_apply_change(s, message);
        break;

    case MODEL_REFUSE:
        model_tell(s, message, MODEL_TOLD_REFUSED);
        break;
    }

    if (fate != MODEL_DROP && fate != MODEL_REFUSE) {
        model_touch(s, MODEL_WATCH_ORDER << order, 0);
    }

    if (fate >= MODEL_PARK) {
        if (!model_list_remove(&s->processing[name], message)) {
            model_violation = "a message was removed that was not there";
        }

        model_touch(s, MODEL_WATCH_LIST, name);
    }
}


/* HSET, or DEL and ZREM delayed; and PUBLISH. */
static void
model_apply_change(model_state_t *s, unsigned message)
{
    unsigned         order = model_order(message);
    model_record_t  *record = &s->records[order];

    if (record->status == MODEL_LIVE && record->consumer > 0) {
        model_violation = "an order was changed while it was run";
    }

    if (record->status == MODEL_ABSENT || record->status == MODEL_DELETED) {
        model_violation = "an order was changed that was not there";
    }

    model_tell(s, message, MODEL_TOLD_DONE);

    if (model_kind(message) == MODEL_UPDATE) {
        if (record->status == MODEL_ENDED) {
            model_violation = "an order was updated that had ended";
        }

        record->input = 1;
        return;
    }

    *record = (model_record_t) { MODEL_DELETED, 0, 0, 0 };
    s->delayed &= (uint8_t) ~(1 << order);
}


static void
model_tell(model_state_t *s, unsigned message, model_told_t what)
{
    if (s->told[model_change(message)] != MODEL_UNTOLD) {
        model_violation = "a change was told twice";
    }

    s->told[model_change(message)] = (uint8_t) what;
}


void
model_redis_check(const model_state_t *s)
{
    unsigned  i, message;

    for (i = 0; i < MODEL_NAMES; i++) {
        if (s->processing[i] != 0 && (s->consumers & 1 << i) == 0) {
            model_violation = "messages are in a list that nobody looks at";
        }
    }

    for (i = 0; i < model_setting->orders; i++) {
        if (s->records[i].status != MODEL_ENDED
            && s->records[i].status != MODEL_DELETED && !model_held(s, i))
        {
            model_violation = "an order is lost";
        }
    }

    for (i = 0; i < MODEL_CHANGES; i++) {
        message = model_message(MODEL_UPDATE, 0) + i;
        if (model_list_has(model_setting->queue, message)
            && (s->told[i] != MODEL_UNTOLD) == model_change_held(s, message))
        {
            model_violation = s->told[i] != MODEL_UNTOLD
                                  ? "a change is told, and stays"
                                  : "a change is lost";
        }
    }
}


/* Something stands for the order that somebody will look at. */
static bool
model_held(const model_state_t *s, unsigned order)
{
    unsigned  i;

    if (model_list_has_order(s->queue, order)
        || model_list_has_order(s->resume, order)
        || (s->delayed & 1 << order) != 0)
    {
        return true;
    }

    for (i = 0; i < MODEL_NAMES; i++) {
        if (model_list_has_order(s->processing[i], order)) {
            return true;
        }
    }

    return false;
}


static bool
model_change_held(const model_state_t *s, unsigned message)
{
    unsigned  i;

    for (i = 0; i < MODEL_NAMES; i++) {
        if (model_list_has(s->processing[i], message)) {
            return true;
        }
    }

    return model_list_has(s->queue, message)
           || model_list_has(s->resume, message);
}


bool
model_redis_done(const model_state_t *s)
{
    unsigned  i;

    for (i = 0; i < MODEL_NAMES; i++) {
        if (s->processing[i] != 0) {
            return false;
        }
    }

    for (i = 0; i < model_setting->orders; i++) {
        if (s->records[i].status != MODEL_ENDED
            && s->records[i].status != MODEL_DELETED)
        {
            return false;
        }
    }

    return s->queue == 0 && s->resume == 0 && s->delayed == 0;
}
