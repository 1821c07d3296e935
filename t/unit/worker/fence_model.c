/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The argument of commit.h and takeover.h as a model whose every state is
 * visited: two workers, two reapers and two messages, of one order or of two.
 *
 * Each connection carries a short program of Redis commands.  Between any two
 * commands of one connection anything may happen on the others: a worker
 * crashes (what it has sent may still be executed, or not), a reaper takes a
 * live worker for dead, answers are late.  How often that happens is bounded,
 * nothing else is.
 *
 * What must hold: no order is created or ended twice; and from every state the
 * end can be reached in which each order has ended and no message is left on
 * any list.  Then each protection is removed in turn, and the model must show
 * the harm.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"


#define WORKERS   2
#define REAPERS   2
#define MESSAGES  2
#define ORDERS    2
#define NAMES     4                     /* registrations in all */
#define CONNS     (2 * WORKERS)         /* and one of a dead process each */
#define NOBODY    0xff

/* Where a message is: below NAMES the processing list of that name. */
enum { QUEUE = NAMES, RESUME, GONE };

enum { ABSENT, LIVE, ENDED };           /* an order's record */

/* What a connection carries; the steps are in conn_step(). */
enum { IDLE, REGISTER, ARM, EXEC, READ, OWNER };

/* What a worker knows of a message that it holds. */
enum { NONE, UNREAD, CREATE, CLAIM, DROP, PAYING, END };

enum { REAPER_FREE, REAPER_FENCE, REAPER_WATCH, REAPER_RANGE, REAPER_MOVE,
       REAPER_REMOVE };


typedef struct {
    uint8_t  program;
    uint8_t  step;
    uint8_t  name;
    uint8_t  act[MESSAGES];             /* of EXEC */
    uint8_t  take;                      /* EXEC takes a message */
    uint8_t  taken;                     /* a bit for each message */
    uint8_t  done;                      /* EXEC was not answered with nil */
    uint8_t  fenced;
    uint8_t  found[MESSAGES];           /* READ, OWNER: what to do */
    uint8_t  watch_epoch;
    uint8_t  watch_order;               /* a bit for each order */
    uint8_t  dirty;
} conn_t;

typedef struct {
    uint8_t  alive;
    uint8_t  name;
    uint8_t  has[MESSAGES];
} worker_model_t;

typedef struct {
    uint8_t  state;
    uint8_t  name;
    uint8_t  seen;                      /* a bit for each message */
    uint8_t  dirty;
} reaper_model_t;

typedef struct {
    uint8_t         place[MESSAGES];
    uint8_t         epoch[NAMES];
    uint8_t         known[NAMES];       /* among the consumers */
    uint8_t         order[ORDERS];
    uint8_t         owner[ORDERS];
    uint8_t         created[ORDERS];
    uint8_t         ended[ORDERS];
    uint8_t         names_used;
    uint8_t         crashes_left;
    uint8_t         mistakes_left;
    conn_t          conn[CONNS];        /* worker i: i; its past: WORKERS + i */
    worker_model_t  worker[WORKERS];
    reaper_model_t  reaper[REAPERS];
} state_t;

typedef struct {
    uint8_t  order_of[MESSAGES];
    uint8_t  crashes;
    uint8_t  mistakes;                  /* of reapers */
    uint8_t  reapers;
    bool     no_epoch;                  /* EXEC does not look at the epoch */
    bool     no_record;                 /* nor at records */
    bool     bare_take;                 /* LMOVE stands outside of EXEC */
} rules_t;


/* The states that have been seen, and the edges between them. */
typedef struct {
    state_t   *states;
    uint32_t   count;
    uint32_t   cap;
    uint32_t  *slots;
    uint32_t   slot_count;
    uint32_t  *from;
    uint32_t  *to;
    uint32_t   edges;
    uint32_t   edge_cap;
    uint32_t   current;
    bool       twice;                   /* something happened twice */
} space_t;

static space_t  space;
static rules_t  rules;


static uint64_t
state_hash(const state_t *state)
{
    size_t                i;
    uint64_t              h = 14695981039346656037u;
    const unsigned char  *bytes = (const unsigned char *) state;

    for (i = 0; i < sizeof(*state); i++) {
        h = (h ^ bytes[i]) * 1099511628211u;
    }

    return h ^ (h >> 29);
}


static void *
grown(void *memory, size_t bytes)
{
    memory = realloc(memory, bytes);
    assert(memory != NULL);
    return memory;
}


static void
space_rehash(void)
{
    uint32_t  i, slot;

    space.slot_count = space.slot_count == 0 ? 1 << 16 : 2 * space.slot_count;
    space.slots = grown(space.slots, space.slot_count * sizeof(uint32_t));
    memset(space.slots, 0xff, space.slot_count * sizeof(uint32_t));

    for (i = 0; i < space.count; i++) {
        slot = (uint32_t) state_hash(&space.states[i]) & (space.slot_count - 1);
        while (space.slots[slot] != UINT32_MAX) {
            slot = (slot + 1) & (space.slot_count - 1);
        }

        space.slots[slot] = i;
    }
}


/* The number of a state, which is new or not. */
static uint32_t
space_add(const state_t *state)
{
    uint32_t  slot;

    if (2 * space.count >= space.slot_count) {
        space_rehash();
    }

    slot = (uint32_t) state_hash(state) & (space.slot_count - 1);
    while (space.slots[slot] != UINT32_MAX) {
        if (memcmp(&space.states[space.slots[slot]], state, sizeof(*state))
            == 0)
        {
            return space.slots[slot];
        }

        slot = (slot + 1) & (space.slot_count - 1);
    }

    if (space.count == space.cap) {
        space.cap = space.cap == 0 ? 1 << 14 : 2 * space.cap;
        space.states = grown(space.states, space.cap * sizeof(state_t));
    }

    space.slots[slot] = space.count;
    space.states[space.count] = *state;

    return space.count++;
}


/* The current state may become this one. */
static void
space_edge(const state_t *state)
{
    int       o;
    uint32_t  to = space_add(state);

    for (o = 0; o < ORDERS; o++) {
        space.twice |= state->created[o] > 1 || state->ended[o] > 1;
    }

    if (to == space.current) {
        return;
    }

    if (space.edges == space.edge_cap) {
        space.edge_cap = space.edge_cap == 0 ? 1 << 16 : 2 * space.edge_cap;
        space.from = grown(space.from, space.edge_cap * sizeof(uint32_t));
        space.to = grown(space.to, space.edge_cap * sizeof(uint32_t));
    }

    space.from[space.edges] = space.current;
    space.to[space.edges++] = to;
}


/* Redis: who watches what has changed. */

static void
touch_epoch(state_t *s, uint8_t name)
{
    int  i;

    for (i = 0; i < CONNS; i++) {
        s->conn[i].dirty |= s->conn[i].watch_epoch && s->conn[i].name == name
                            && !rules.no_epoch;
    }
}


static void
touch_order(state_t *s, uint8_t order)
{
    int  i;

    for (i = 0; i < CONNS; i++) {
        s->conn[i].dirty |= (s->conn[i].watch_order >> order & 1)
                            && !rules.no_record;
    }
}


static void
touch_list(state_t *s, uint8_t place)
{
    int  i;

    for (i = 0; i < REAPERS; i++) {
        if (s->reaper[i].state > REAPER_WATCH && s->reaper[i].name == place) {
            s->reaper[i].dirty = 1;
        }
    }
}


static void
move_message(state_t *s, int message, uint8_t place)
{
    touch_list(s, s->place[message]);
    s->place[message] = place;
    touch_list(s, place);
}


static void
take_message(state_t *s, conn_t *conn)
{
    int      m;
    uint8_t  list;

    for (list = RESUME; list >= QUEUE; list--) {
        for (m = 0; m < MESSAGES; m++) {
            if (s->place[m] == list) {
                move_message(s, m, conn->name);
                conn->taken |= (uint8_t) (1 << m);
                return;
            }
        }
    }
}


static void
act_on(state_t *s, const conn_t *conn, int message)
{
    uint8_t  order = rules.order_of[message];

    switch (conn->act[message]) {
    case CREATE:
        s->created[order]++;
        /* fall through */
    case CLAIM:
        s->order[order] = LIVE;
        s->owner[order] = conn->name;
        touch_order(s, order);
        break;

    case END:
        s->order[order] = ENDED;
        s->owner[order] = NOBODY;
        s->ended[order]++;
        touch_order(s, order);
        /* fall through */
    case DROP:
        if (s->place[message] == conn->name) {
            move_message(s, message, GONE);
        }
        break;

    default:
        break;
    }
}


static void
exec(state_t *s, conn_t *conn)
{
    int  m;

    if (conn->take && rules.bare_take) {
        take_message(s, conn);
    }

    conn->done = !conn->dirty;
    if (conn->done) {
        for (m = 0; m < MESSAGES; m++) {
            act_on(s, conn, m);
        }

        if (conn->take && !rules.bare_take) {
            take_message(s, conn);
        }
    }

    conn->watch_epoch = 0;
    conn->watch_order = 0;
    conn->dirty = 0;
}


/* What the reading of a record tells (intake.h). */
static uint8_t
read_record(const state_t *s, const conn_t *conn, int message)
{
    uint8_t  order = rules.order_of[message];

    switch (s->order[order]) {
    case ABSENT:
        return CREATE;
    case ENDED:
        return DROP;
    default:
        return s->owner[order] == conn->name ? CLAIM : UNREAD;
    }
}


/* Redis executes the next command of a connection; true if it was the last. */
static bool
conn_step(state_t *s, conn_t *conn)
{
    int      m;
    uint8_t  step = conn->step++;

    if (conn->program == EXEC && step == 0) {
        exec(s, conn);
        return false;
    }

    if (conn->program == REGISTER) {
        s->epoch[conn->name] = 1;
        s->known[conn->name] = 1;
        touch_epoch(s, conn->name);
        return true;
    }

    if (conn->program == ARM || conn->program == EXEC) {
        if (step == (conn->program == EXEC)) {
            conn->watch_epoch = 1;
            return false;
        }

        conn->fenced = !s->epoch[conn->name];
        return true;
    }

    for (m = 0; m < MESSAGES; m++) {
        if (conn->act[m] != UNREAD) {
            continue;
        }

        if (conn->program == READ && step == 0) {
            conn->watch_order |= (uint8_t) (1 << rules.order_of[m]);

        } else if (conn->program == READ) {
            conn->found[m] = read_record(s, conn, m);

        } else if (conn->found[m] == UNREAD) {
            uint8_t  owner = s->owner[rules.order_of[m]];

            /* the owner that was read; if it has changed the WATCH knows */
            conn->found[m] = owner != NOBODY && s->epoch[owner] ? DROP : CLAIM;
        }
    }

    return conn->program == OWNER || step == 1;
}


/* The worker: what follows from the answers. */

static void
worker_renew_model(state_t *s, int w)
{
    worker_model_t  *worker = &s->worker[w];

    memset(worker->has, NONE, sizeof(worker->has));
    memset(&s->conn[w], 0, sizeof(s->conn[w]));
    worker->alive = s->names_used < NAMES;
    worker->name = NOBODY;
    if (worker->alive) {
        worker->name = s->names_used++;
        s->conn[w].name = worker->name;
        s->conn[w].program = REGISTER;
    }
}


static bool
holds_order(const worker_model_t *worker, int message)
{
    int  m;

    for (m = 0; m < MESSAGES; m++) {
        if (m != message && worker->has[m] != NONE && worker->has[m] != DROP
            && rules.order_of[m] == rules.order_of[message])
        {
            return true;
        }
    }

    return false;
}


static void
worker_committed_model(worker_model_t *worker, const conn_t *conn)
{
    int  m;

    for (m = 0; m < MESSAGES; m++) {
        switch (conn->act[m]) {
        case CREATE:
        case CLAIM:
            worker->has[m] = conn->done ? PAYING : UNREAD;
            break;
        case DROP:
        case END:
            worker->has[m] = conn->done ? NONE : worker->has[m];
            break;
        default:
            break;
        }
    }

    for (m = 0; m < MESSAGES; m++) {
        if (conn->taken >> m & 1) {
            worker->has[m] = UNREAD;
            worker->has[m] = holds_order(worker, m) ? DROP : UNREAD;
        }
    }
}


static void
worker_answered_model(state_t *s, int w)
{
    int              m;
    bool             ask_owner = false;
    conn_t          *conn = &s->conn[w];
    worker_model_t  *worker = &s->worker[w];
    uint8_t          program = conn->program;

    if (program == EXEC) {
        worker_committed_model(worker, conn);
    }

    if ((program == EXEC || program == ARM) && conn->fenced) {
        worker_renew_model(s, w);
        return;
    }

    for (m = 0; m < MESSAGES; m++) {
        if ((program == READ || program == OWNER) && conn->act[m] == UNREAD) {
            ask_owner |= conn->found[m] == UNREAD;
            worker->has[m] = conn->found[m];
        }
    }

    if (ask_owner) {
        conn->program = OWNER;
        conn->step = 0;
        return;
    }

    conn->program = program == REGISTER ? ARM : IDLE;
    conn->step = 0;
    conn->taken = 0;
    conn->take = 0;
    conn->done = 0;
    memset(conn->act, NONE, sizeof(conn->act));
    memset(conn->found, NONE, sizeof(conn->found));
}


/* An idle connection: reads what is unread, else commits what is ready and
 * takes; false if there is nothing to do. */
static bool
worker_send_model(state_t *s, int w)
{
    int              m;
    bool             unread = false, ready = false, waiting = false;
    conn_t          *conn = &s->conn[w];
    worker_model_t  *worker = &s->worker[w];

    for (m = 0; m < MESSAGES; m++) {
        unread |= worker->has[m] == UNREAD;
        ready |= worker->has[m] == CREATE || worker->has[m] == CLAIM
                 || worker->has[m] == DROP || worker->has[m] == END;
        waiting |= s->place[m] == QUEUE || s->place[m] == RESUME;
    }

    if (!unread && !ready && !waiting) {
        return false;
    }

    conn->program = unread ? READ : EXEC;
    conn->take = !unread && waiting;
    for (m = 0; m < MESSAGES; m++) {
        if (unread ? worker->has[m] == UNREAD
                   : worker->has[m] != NONE && worker->has[m] != PAYING)
        {
            conn->act[m] = worker->has[m];
        }
    }

    return true;
}


/* All that one step can make of a state. */

static void
steps_of_connections(const state_t *s)
{
    int      i;
    state_t  next;

    for (i = 0; i < CONNS; i++) {
        if (s->conn[i].program == IDLE) {
            continue;
        }

        next = *s;
        if (conn_step(&next, &next.conn[i])) {
            if (i < WORKERS) {
                worker_answered_model(&next, i);
            } else {
                memset(&next.conn[i], 0, sizeof(next.conn[i]));
            }
        }

        space_edge(&next);

        if (i >= WORKERS) {             /* or it was lost on the way */
            next = *s;
            memset(&next.conn[i], 0, sizeof(next.conn[i]));
            space_edge(&next);
        }
    }
}


static void
steps_of_workers(const state_t *s)
{
    int      m, w;
    state_t  next;

    for (w = 0; w < WORKERS; w++) {
        if (!s->worker[w].alive) {
            continue;
        }

        next = *s;
        if (s->conn[w].program == IDLE && worker_send_model(&next, w)) {
            space_edge(&next);
        }

        for (m = 0; m < MESSAGES; m++) {
            if (s->worker[w].has[m] == PAYING) {
                next = *s;
                next.worker[w].has[m] = END;
                space_edge(&next);
            }
        }

        /* the workers are alike: the second one's crash shows nothing new */
        if (w == 0 && s->crashes_left > 0) {
            next = *s;
            next.crashes_left--;
            next.conn[WORKERS + w] = s->conn[w];
            worker_renew_model(&next, w);
            space_edge(&next);
        }
    }
}


static bool
name_is_live(const state_t *s, uint8_t name)
{
    int  w;

    for (w = 0; w < WORKERS; w++) {
        if (s->worker[w].alive && s->worker[w].name == name) {
            return true;
        }
    }

    return false;
}


/* A reaper with a name: the steps of takeover.h. */
static void
reaper_step(state_t *s, reaper_model_t *reaper)
{
    int  m;

    switch (reaper->state) {
    case REAPER_FENCE:
        s->epoch[reaper->name] = 0;
        touch_epoch(s, reaper->name);
        reaper->state = REAPER_WATCH;
        break;

    case REAPER_WATCH:
        reaper->dirty = 0;
        reaper->state = REAPER_RANGE;
        break;

    case REAPER_RANGE:
        reaper->seen = 0;
        for (m = 0; m < MESSAGES; m++) {
            if (s->place[m] == reaper->name) {
                reaper->seen |= (uint8_t) (1 << m);
            }
        }
        reaper->state = reaper->seen != 0 ? REAPER_MOVE : REAPER_REMOVE;
        break;

    case REAPER_MOVE:
        for (m = 0; m < MESSAGES && !reaper->dirty; m++) {
            if (reaper->seen >> m & 1) {
                s->place[m] = RESUME;
            }
        }
        touch_list(s, reaper->name);
        reaper->state = REAPER_WATCH;
        reaper->seen = 0;
        break;

    default:
        s->known[reaper->name] = 0;
        memset(reaper, 0, sizeof(*reaper));
        break;
    }
}


static void
steps_of_reapers(const state_t *s)
{
    int      r;
    uint8_t  name;
    state_t  next;

    for (r = 0; r < rules.reapers; r++) {
        if (s->reaper[r].state != REAPER_FREE) {
            next = *s;
            reaper_step(&next, &next.reaper[r]);
            space_edge(&next);
            continue;
        }

        for (name = 0; name < NAMES; name++) {
            bool  live = name_is_live(s, name);

            if (!s->known[name] || (live && s->mistakes_left == 0)) {
                continue;
            }

            next = *s;
            next.mistakes_left -= live;
            next.reaper[r].state = REAPER_FENCE;
            next.reaper[r].name = name;
            space_edge(&next);
        }
    }
}


static bool
state_is_good(const state_t *s)
{
    int  m;

    for (m = 0; m < MESSAGES; m++) {
        if (s->place[m] != GONE || s->order[rules.order_of[m]] != ENDED) {
            return false;
        }
    }

    return true;
}


/* The number of states from which the good end cannot be reached. */
static uint32_t
space_stuck(void)
{
    uint8_t   *good = calloc(space.count, 1);
    uint32_t   i, head = 0, tail = 0, stuck = 0;
    uint32_t  *first = calloc(space.count + 1, sizeof(uint32_t));
    uint32_t  *before = calloc(space.edges + 1, sizeof(uint32_t));
    uint32_t  *todo = calloc(space.count + 1, sizeof(uint32_t));

    assert(good != NULL && first != NULL && before != NULL && todo != NULL);

    for (i = 0; i < space.edges; i++) {
        first[space.to[i] + 1]++;
    }

    for (i = 0; i < space.count; i++) {
        first[i + 1] += first[i];
    }

    for (i = 0; i < space.edges; i++) {
        before[--first[space.to[i] + 1]] = space.from[i];
    }

    for (i = 0; i < space.count; i++) {
        if (state_is_good(&space.states[i])) {
            good[i] = 1;
            todo[tail++] = i;
        }
    }

    while (head < tail) {
        uint32_t  state = todo[head++];

        /* first[n + 1] is where the edges into n begin by now */
        for (i = first[state + 1];
             i < (state + 2 <= space.count ? first[state + 2] : space.edges);
             i++)
        {
            if (!good[before[i]]) {
                good[before[i]] = 1;
                todo[tail++] = before[i];
            }
        }
    }

    for (i = 0; i < space.count; i++) {
        stuck += !good[i];
    }

    free(good);
    free(first);
    free(before);
    free(todo);
    return stuck;
}


/* Visits all states; true if nothing bad is among them. */
static bool
explore(const rules_t *with, bool *twice, uint32_t *stuck)
{
    int       i;
    state_t   start;

    rules = *with;
    free(space.states);
    free(space.slots);
    free(space.from);
    free(space.to);
    memset(&space, 0, sizeof(space));

    memset(&start, 0, sizeof(start));
    memset(start.place, QUEUE, sizeof(start.place));
    memset(start.owner, NOBODY, sizeof(start.owner));
    start.crashes_left = rules.crashes;
    start.mistakes_left = rules.mistakes;
    for (i = 0; i < WORKERS; i++) {
        worker_renew_model(&start, i);
    }

    (void) space_add(&start);
    for (space.current = 0; space.current < space.count; space.current++) {
        state_t  state = space.states[space.current];

        steps_of_connections(&state);
        steps_of_workers(&state);
        steps_of_reapers(&state);

        if (space.twice) {
            break;
        }
    }

    *twice = space.twice;
    *stuck = space.twice ? 0 : space_stuck();
    printf("# %u states, %u steps\n", space.count, space.edges);

    return !*twice && *stuck == 0;
}


int
main(void)
{
    bool      twice;
    size_t    i;
    uint32_t  stuck;
    rules_t   with;

    static const struct {
        rules_t      with;
        const char  *name;
    } good[] = {
        { { .order_of = { 0, 0 }, .reapers = 1, .crashes = 1 },
          "an order whose message comes twice ends once: a crash" },
        { { .order_of = { 0, 1 }, .reapers = 1, .crashes = 1 },
          "two orders end, each once: a crash" },
        { { .order_of = { 0, 0 }, .reapers = 2, .mistakes = 1 },
          "a live worker is taken over, two reapers: a message twice" },
        { { .order_of = { 0, 1 }, .reapers = 2, .mistakes = 1 },
          "a live worker is taken over, two reapers: two orders" },
    };

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ok(explore(&good[i].with, &twice, &stuck), "%s", good[i].name);
    }

    with = (rules_t) { .order_of = { 0, 0 }, .reapers = 1, .mistakes = 1,
                       .no_epoch = true };
    ok(!explore(&with, &twice, &stuck) && twice,
       "without WATCH of the epoch something happens twice");
    with = (rules_t) { .order_of = { 0, 0 }, .reapers = 1, .no_record = true };
    ok(!explore(&with, &twice, &stuck) && twice,
       "without WATCH of the record too");
    with = (rules_t) { .order_of = { 0, 1 }, .reapers = 1, .mistakes = 1,
                       .bare_take = true };
    ok(!explore(&with, &twice, &stuck) && stuck > 0,
       "a take that stands outside of the fence strands a message");

    free(space.states);
    free(space.slots);
    free(space.from);
    free(space.to);
    return done_testing();
}
