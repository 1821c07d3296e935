/* SPDX-License-Identifier: BSD-2-Clause */

/* A lane and the executions on it: commit.c, commit_write.c, intake.c and
 * executor.c of src/worker. */

#include <string.h>

#include "moves.h"


static unsigned model_slots_in(const model_worker_t *worker,
    model_phase_t phase);
static bool model_watched(const model_worker_t *worker);
static unsigned model_room(const model_worker_t *worker);
static bool model_group(model_worker_t *worker, bool takes);
static void model_done(model_worker_t *worker, model_slot_t *slot);
static void model_undo(model_worker_t *worker);
static model_slot_t *model_slot_reading(model_worker_t *worker);
static void model_read_next(model_worker_t *worker);
static void model_decide_change(model_worker_t *worker, model_slot_t *slot,
    const model_record_t *record);
static void model_open_waiting(model_worker_t *worker);
static void model_decided(model_worker_t *worker, model_slot_t *slot,
    model_fate_t fate);


static unsigned
model_slots_in(const model_worker_t *worker, model_phase_t phase)
{
    unsigned  i, n = 0;

    for (i = 0; i < MODEL_SLOTS; i++) {
        n += worker->slots[i].message != 0 && worker->slots[i].phase == phase;
    }

    return n;
}


static bool
model_watched(const model_worker_t *worker)
{
    unsigned  i;

    for (i = 0; i < MODEL_SLOTS; i++) {
        if (worker->slots[i].phase == MODEL_READY && worker->slots[i].watched) {
            return true;
        }
    }

    return false;
}


static unsigned
model_room(const model_worker_t *worker)
{
    unsigned  i, n = 0;

    for (i = 0; i < MODEL_SLOTS; i++) {
        n += worker->slots[i].message == 0;
    }

    return n;
}


/* worker_intake_meets(): one execution of each order at a time. */
void
model_keep(model_worker_t *worker, unsigned message)
{
    unsigned       i, order = model_order(message);
    model_slot_t  *held = NULL, *free = NULL;

    for (i = 0; i < MODEL_SLOTS; i++) {
        if (worker->slots[i].message == 0) {
            free = &worker->slots[i];

        } else if ((unsigned) model_order(worker->slots[i].message) == order) {
            held = &worker->slots[i];
        }
    }

    if (free == NULL) {
        return;                     /* only when taken without asking */
    }

    *free = (model_slot_t) { .message = (uint8_t) message };
    if (held == NULL || model_setting->broken == MODEL_BREAK_CHANGE_BLIND) {
        return;
    }

    if (model_changes(held->message)) {
        free->phase = MODEL_WAITING;
        return;
    }

    free->phase = MODEL_READY;
    free->fate = model_changes(message) ? MODEL_REFUSE : MODEL_DROP;
}


/* worker_intake_release() */
static void
model_open_waiting(model_worker_t *worker)
{
    unsigned  i;

    for (i = 0; i < MODEL_SLOTS; i++) {
        if (worker->slots[i].message != 0
            && worker->slots[i].phase == MODEL_WAITING)
        {
            worker->slots[i].phase = MODEL_UNREAD;
        }
    }
}


void
model_arm(model_worker_t *worker)
{
    worker->lane = MODEL_ARMING;
    worker->link = (model_link_t) {
        .name = worker->name,
        .command = model_setting->broken == MODEL_BREAK_GET_FIRST
                       ? MODEL_ARM_GET : MODEL_ARM_WATCH
    };
}


bool
model_arm_watch(model_state_t *s, unsigned w, unsigned choice)
{
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (worker->link.command != MODEL_ARM_WATCH) {
        return false;
    }

    if (model_setting->broken != MODEL_BREAK_UNFENCED_COMMIT) {
        model_redis_watch(s, &worker->link, MODEL_WATCH_EPOCH);
    }

    if (model_setting->broken != MODEL_BREAK_GET_FIRST) {
        worker->link.command = MODEL_ARM_GET;
        return true;
    }

    worker->link.command = MODEL_NOTHING;
    worker->lane = MODEL_ARMED;
    model_undo(worker);
    return true;
}


bool
model_arm_get(model_state_t *s, unsigned w, unsigned choice)
{
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (worker->link.command != MODEL_ARM_GET) {
        return false;
    }

    if ((s->epochs & 1 << worker->name) == 0) {
        model_renew(worker);
        return true;
    }

    if (model_setting->broken == MODEL_BREAK_GET_FIRST) {
        worker->link.command = MODEL_ARM_WATCH;
        return true;
    }

    worker->link.command = MODEL_NOTHING;
    worker->lane = MODEL_ARMED;
    model_undo(worker);
    return true;
}


/* If EXEC answered nil: what stood on a record is read again. */
static void
model_undo(model_worker_t *worker)
{
    unsigned       i;
    model_slot_t  *slot;

    if (!worker->undone) {
        return;
    }

    worker->undone = 0;
    for (i = 0; i < MODEL_SLOTS; i++) {
        slot = &worker->slots[i];
        if (slot->message == 0 || slot->phase != MODEL_COMMITTING) {
            continue;
        }

        slot->phase = MODEL_READY;
        if (slot->watched) {
            *slot = (model_slot_t) { .message = slot->message };
        }
    }
}


/* All that is unread, under one WATCH. */
bool
model_read(model_state_t *s, unsigned w, unsigned choice)
{
    unsigned         i;
    model_slot_t    *slot;
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (worker->lane != MODEL_ARMED || worker->link.command != MODEL_NOTHING
        || model_slots_in(worker, MODEL_UNREAD) == 0 || model_watched(worker))
    {
        return false;
    }

    for (i = 0; i < MODEL_SLOTS; i++) {
        slot = &worker->slots[i];
        if (slot->message == 0 || slot->phase != MODEL_UNREAD) {
            continue;
        }

        slot->phase = MODEL_READING;
        if (model_setting->broken != MODEL_BREAK_HASH_UNWATCHED
            && (model_setting->broken != MODEL_BREAK_CHANGE_UNWATCHED
                || !model_changes(slot->message)))
        {
            model_redis_watch(s, &worker->link, MODEL_WATCH_ORDER
                              << model_order(slot->message));
        }
    }

    model_read_next(worker);
    return true;
}


/* What is asked for next, of those that are being read. */
static void
model_read_next(model_worker_t *worker)
{
    model_slot_t  *slot = model_slot_reading(worker);

    worker->link.command = slot == NULL ? MODEL_NOTHING
        : model_changes(slot->message) ? MODEL_SCORE_READ : MODEL_HASH_READ;
}


/* ZSCORE delayed <id> */
bool
model_read_score(model_state_t *s, unsigned w, unsigned choice)
{
    model_slot_t    *slot;
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (worker->link.command != MODEL_SCORE_READ) {
        return false;
    }

    slot = model_slot_reading(worker);
    slot->parked = (s->delayed & 1 << model_order(slot->message)) != 0;
    worker->link.command = MODEL_HASH_READ;
    return true;
}


static model_slot_t *
model_slot_reading(model_worker_t *worker)
{
    unsigned  i;

    for (i = 0; i < MODEL_SLOTS; i++) {
        if (worker->slots[i].message != 0
            && worker->slots[i].phase == MODEL_READING)
        {
            return &worker->slots[i];
        }
    }

    return NULL;
}


/* worker_intake_decide(): the table of intake.h. */
bool
model_read_hash(model_state_t *s, unsigned w, unsigned choice)
{
    bool                   resume;
    model_slot_t          *slot;
    model_worker_t        *worker = &s->workers[w];
    const model_record_t  *record;

    (void) choice;

    if (worker->link.command != MODEL_HASH_READ) {
        return false;
    }

    slot = model_slot_reading(worker);
    record = &s->records[model_order(slot->message)];
    resume = model_kind(slot->message) == MODEL_RESUME;
    slot->step = record->step;
    slot->input = record->input;

    if (model_changes(slot->message)) {
        model_decide_change(worker, slot, record);

    } else if (record->status == MODEL_ABSENT
               || record->status == MODEL_DELETED)
    {
        model_decided(worker, slot, resume ? MODEL_DROP : MODEL_KEEP_NEW);

    } else if (record->status == MODEL_ENDED) {
        model_decided(worker, slot, MODEL_DROP);

    } else if (record->consumer == 0) {
        model_decided(worker, slot, resume ? MODEL_KEEP_WOKEN : MODEL_DROP);

    } else if (record->consumer == 1 + worker->name
               || model_setting->broken == MODEL_BREAK_OWNER_DEAD)
    {
        model_decided(worker, slot, MODEL_KEEP_RESUMED);

    } else if (model_setting->broken == MODEL_BREAK_OWNER_UNASKED) {
        model_decided(worker, slot, MODEL_DROP);

    } else {
        worker->link.command = MODEL_OWNER_READ;
        worker->link.content = record->consumer;
    }

    return true;
}


/* worker_change_decide(): the table of change.h. */
static void
model_decide_change(model_worker_t *worker, model_slot_t *slot,
    const model_record_t *record)
{
    bool  deletes = model_kind(slot->message) == MODEL_DELETE;
    bool  rests = record->status == MODEL_LIVE && record->consumer == 0
                  && (slot->parked
                      || model_setting->broken == MODEL_BREAK_CHANGE_BLIND);

    model_decided(worker, slot,
                  rests || (record->status == MODEL_ENDED && deletes)
                      ? MODEL_CHANGE : MODEL_REFUSE);
}


/* EXISTS epoch:<owner> */
bool
model_read_owner(model_state_t *s, unsigned w, unsigned choice)
{
    bool             exists;
    model_worker_t  *worker = &s->workers[w];

    (void) choice;

    if (worker->link.command != MODEL_OWNER_READ) {
        return false;
    }

    exists = (s->epochs & 1 << (worker->link.content - 1)) != 0;
    worker->link.content = 0;
    model_decided(worker, model_slot_reading(worker),
                  exists ? MODEL_DROP : MODEL_KEEP_RESUMED);
    return true;
}


static void
model_decided(model_worker_t *worker, model_slot_t *slot, model_fate_t fate)
{
    slot->phase = MODEL_READY;
    slot->fate = (uint8_t) fate;
    slot->watched = fate != MODEL_DROP && fate != MODEL_REFUSE;
    slot->parked = 0;
    model_read_next(worker);
}


/* choice: how many are taken, from the queue or from "resume" */
bool
model_commit(model_state_t *s, unsigned w, unsigned choice)
{
    bool             group;
    unsigned         takes = (choice + 1) / 2;
    model_list_t     from = choice % 2 == 1 ? s->queue : s->resume;
    model_worker_t  *worker = &s->workers[w];

    if (worker->lane != MODEL_ARMED || worker->link.command != MODEL_NOTHING
        || takes > model_room(worker) || takes > model_list_length(from))
    {
        return false;
    }

    group = model_group(worker, choice > 0);
    if (choice == 0 && !group) {
        return false;
    }

    worker->lane = MODEL_IN_COMMIT;
    worker->link.command = MODEL_COMMIT;
    worker->link.from_resume = choice > 0 && choice % 2 == 0;
    worker->link.takes = (uint8_t) takes;
    return true;
}


/* All that is ready; false if that is nothing. */
static bool
model_group(model_worker_t *worker, bool takes)
{
    bool           forgets, any = false;
    unsigned       i;
    model_slot_t  *slot;

    forgets = takes && model_setting->broken == MODEL_BREAK_WATCH_FORGOTTEN;

    for (i = 0; i < MODEL_SLOTS; i++) {
        slot = &worker->slots[i];
        if (slot->message == 0 || slot->phase != MODEL_READY) {
            continue;
        }

        /* left for the next transaction: its WATCH is gone then */
        if (forgets && slot->watched) {
            slot->watched = 0;
            continue;
        }

        slot->phase = MODEL_COMMITTING;
        worker->link.message[i] = slot->message;
        worker->link.fate[i] = slot->fate;
        worker->link.input[i] = slot->input;
        any = true;
    }

    return any;
}


bool
model_committed(model_state_t *s, unsigned w, unsigned choice)
{
    bool             done;
    unsigned         i;
    model_list_t     taken;
    model_slot_t    *slot;
    model_worker_t  *worker = &s->workers[w];
    model_link_t    *link = &worker->link;

    (void) choice;

    if (link->command != MODEL_COMMIT) {
        return false;
    }

    done = model_redis_commit(s, link, &taken);
    worker->undone = !done;
    model_arm(worker);
    worker->lane = MODEL_IN_COMMIT;

    for (i = 0; i < MODEL_SLOTS && done; i++) {
        slot = &worker->slots[i];
        if (slot->message != 0 && slot->phase == MODEL_COMMITTING) {
            model_done(worker, slot);
        }
    }

    while (taken != 0) {
        model_keep(worker, model_list_pop(&taken));
    }

    return true;
}


/* worker_executor_committed() */
static void
model_done(model_worker_t *worker, model_slot_t *slot)
{
    if (slot->fate == MODEL_PARK
        && model_setting->broken == MODEL_BREAK_PARKED_LATE)
    {
        slot->phase = MODEL_RUNNING;
        return;
    }

    if (slot->fate >= MODEL_PARK) {
        *slot = (model_slot_t) { 0 };
        model_open_waiting(worker);
        return;
    }

    slot->phase = MODEL_RUNNING;
    slot->watched = 0;
    slot->step = slot->fate == MODEL_KEEP_WOKEN ? 2 : slot->step;
    slot->fate = MODEL_KEEP_NEW;
}


/* The payment is asked for, and answered or, the first time where orders park,
 * put off. */
bool
model_pay(model_state_t *s, unsigned w, unsigned choice)
{
    model_slot_t  *slot = &s->workers[w].slots[choice];

    if (slot->message == 0 || slot->phase != MODEL_RUNNING
        || slot->fate != MODEL_KEEP_NEW)
    {
        return false;
    }

    if (s->records[model_order(slot->message)].status == MODEL_ABSENT) {
        model_violation = "a payment is asked for that nothing tells of";
    }

    slot->phase = MODEL_READY;
    slot->fate = model_setting->parks && slot->step == 0 ? MODEL_PARK
                                                         : MODEL_END;
    return true;
}


/* How it is not done: ZADD delayed after the transaction. */
bool
model_park_late(model_state_t *s, unsigned w, unsigned choice)
{
    model_slot_t  *slot = &s->workers[w].slots[choice];

    if (slot->message == 0 || slot->phase != MODEL_RUNNING
        || slot->fate != MODEL_PARK)
    {
        return false;
    }

    s->delayed |= (uint8_t) (1 << model_order(slot->message));
    *slot = (model_slot_t) { 0 };
    return true;
}
