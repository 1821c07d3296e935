/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The worker as a consumer of the queue: its registration, its lease, and what
 * it takes.
 *
 * A registration has a name of its own, "<name>.<12 random hex digits>", that
 * is never used again, and an epoch, the value of {..}:epoch:<consumer>.  It
 * holds as long as the epoch stands there; who removes it (takeover.h) ends the
 * registration.  So a worker whose registration was ended has only to register
 * anew: whatever it still has under way under the old name cannot be committed.
 *
 * The lease is a score among the consumers that the heartbeat renews.  Reapers
 * do not compare it with a clock (reaper.h).
 *
 * Taking is part of the fence.  LMOVE to the processing list stands only inside
 * transactions that WATCH the epoch (commit.h), never by itself: a late LMOVE
 * of a consumer that has been taken over would put a message where nobody
 * looks.  And what waits for the queue to fill does not take: an idle worker
 * blocks in
 *
 *   BLMOVE queue queue LEFT LEFT
 *
 * which puts the head of the queue back where it was.  A dead connection that
 * Redis still serves does no harm with that.
 */

#ifndef WORKER_CONSUMER_H
#define WORKER_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "redis/link.h"
#include "worker/execute/execution.h"
#include "worker/queue/chores.h"


/* Where messages are taken from, the most urgent first. */
typedef enum {
    WORKER_LIST_SUSPECTS = 0,       /* one at a time */
    WORKER_LIST_RESUME,
    WORKER_LIST_QUEUE,
    WORKER_LIST_COUNT
} worker_list_t;


typedef enum {
    WORKER_CONSUMER_OUT = 0,        /* no registration; one is under way */
    WORKER_CONSUMER_IN,
    WORKER_CONSUMER_LEFT            /* for good */
} worker_consumer_state_t;


/* How our heartbeats fare; all times are monotonic. */
typedef struct {
    bool                      due;          /* one is on its way */
    uint64_t                  asked_ms;     /* the last one */
    uint64_t                  taken_ms;     /* asked then, the last that redis
                                               took */
    uint64_t                  since_ms;     /* since then none was refused or
                                               late; 0: there is no such time */
} worker_beats_t;


/* A share of a transaction: count LMOVEs from one list. */
typedef struct {
    worker_list_t             list;
    unsigned                  count;
} worker_take_t;


typedef struct {
    worker_t                 *worker;
    worker_consumer_state_t   state;
    bool                      was_in;       /* since the process began */
    uint64_t                  begun_ms;     /* monotonic: the registration */

    /* The registration; good while state is IN. */
    base_arena_t              memory;
    base_str_t                id;
    base_str_t                epoch;
    base_str_t                epoch_key;
    base_str_t                processing;

    worker_chore_t            register_chore;
    worker_timer_t            register_timer;
    worker_timer_t            tick_timer;
    worker_beats_t            beats;
    bool                      clock_due;    /* redis was asked what time it
                                               is */
    uint64_t                  clock_asked_ms;   /* then; monotonic */
    size_t                    types_seen;   /* of the shared keys */
    bool                      types_wrong;
    bool                      complained;   /* of this outage */

    rds_link_t               *wait_link;    /* of the BLMOVE */
    bool                      waiting;
    bool                      wait_refused; /* until the next tick */
    bool                      paused;       /* by the operator */
    bool                      maybe[WORKER_LIST_COUNT];     /* not empty */
    unsigned                  appetite;     /* takes from the queue at once */
    size_t                    largest;      /* bytes: messages that may come
                                               are about as large */
    size_t                    asked;        /* takes without an answer */
    unsigned                  suspects;     /* taken and not ended */
} worker_consumer_t;


/* Makes the links and begins to register.  False when out of memory. */
bool worker_consumer_start(worker_t *worker);

/* Frees what it has; the links end. */
void worker_consumer_deinit(worker_consumer_t *consumer);

/* The registration counts no more, or is not known to count: registers anew,
 * and takes over what the old one held. */
void worker_consumer_renew(worker_consumer_t *consumer);

/* Ends the registration for good: what it still holds goes back.  It has left
 * when no take-over is open. */
void worker_consumer_leave(worker_consumer_t *consumer);

/*
 * A heartbeat was answered.
 *
 * taken   false: redis refused it, or never answered
 * late    ms after which one is no proof that redis takes heartbeats: a lease
 */
void worker_beats_answered(worker_beats_t *beats, bool taken, uint64_t late_ms,
    uint64_t now_ms);

/* Since when redis has been taking heartbeats without a break, as far as we
 * know; 0: it is not known to. */
uint64_t worker_beats_since_ms(const worker_beats_t *beats, uint64_t late_ms,
    uint64_t now_ms);

/* There may be something on the lists. */
void worker_consumer_look(worker_consumer_t *consumer);

/*
 * What a transaction shall take, which has room for most: so many that the
 * answer stays small, as long as messages are about as large as those before.
 * If they are not, and the link gives the answer up, the next registration
 * begins with one.
 *
 * takes   out: room for WORKER_LIST_COUNT
 *
 * The number of shares; each of their takes has to be answered with
 * worker_consumer_took().
 */
unsigned worker_consumer_takes(worker_consumer_t *consumer,
    worker_take_t *takes, size_t most);

/*
 * The answer: taken of take->count came, or 0 because there was no answer.
 *
 * largest  bytes of the largest one
 */
void worker_consumer_took(worker_consumer_t *consumer,
    const worker_take_t *take, unsigned taken, size_t largest);

/* At the end of each turn of the loop: waits for the queue if there is nothing
 * to do. */
void worker_consumer_turn(worker_consumer_t *consumer);

/* Asks redis what time it is (clock.h). */
void worker_consumer_ask_time(worker_consumer_t *consumer);

/* register.c: prepares the chore that registers. */
void worker_register_init(worker_consumer_t *consumer);

/* The registration counts from now on. */
void worker_consumer_begin(worker_consumer_t *consumer);

/* When the lease ends, for people who look, as text in digits. */
base_str_t worker_consumer_lease(const worker_consumer_t *consumer,
    char *digits, size_t room);

/* The key of a list. */
base_str_t worker_list_key(const worker_t *worker, worker_list_t list);

#endif
