/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The group commit.  A worker has a few lanes; each is a connection that does
 * nothing but this, over and over:
 *
 *   WATCH epoch:<consumer>                  armed: asked together with the
 *   GET epoch:<consumer>                    EXEC before, so it costs no time
 *   WATCH order:<id>...; HGETALL ...        of the messages just taken
 *   MULTI
 *     what each ready execution has to write (commit_write.c)
 *     LMOVE queue processing:<consumer> ... what the worker has room for
 *   EXEC
 *
 * All that became ready in a turn of the loop shares one transaction.  There
 * are several lanes so that Redis works on one while we work on the other; an
 * execution stays with its lane, so what it writes stays in order.
 *
 * Why no two workers commit the same order:
 *
 *  - GET says that the epoch is ours after WATCH began to guard it.  If it is
 *    taken away later, even at the last moment, EXEC answers nil and has done
 *    nothing.  Then the worker drops all it holds and registers anew.
 *
 *  - A message may come twice (pushed twice, redriven).  The record of an order
 *    names the registration that runs it.  Who finds no record, or one whose
 *    registration has ended, starts or takes over with a write that stands
 *    under WATCH of the record: of two, one gets nil, reads again, and finds
 *    the other's name.  An EXEC forgets every WATCH, so no EXEC is sent between
 *    reading a record and the group that writes it: a lane first reads all
 *    there is to read, and all that it has read goes into the next group.
 *
 *  - Nil therefore means "fenced" or "a record changed"; the GET that came with
 *    the EXEC tells which.
 *
 * An EXEC whose answer never came is neither done nor not done.  That is the
 * same as a crash: the worker drops all, registers anew and takes over what it
 * held; what the hashes say then is what has happened.
 *
 * t/model goes through every order of events in which two workers, their late
 * commands and the take-overs can meet, and shows that each of these rules is
 * needed.
 *
 * What is in one transaction is bounded in number and in bytes.  Where not all
 * that was read under a WATCH fits in, the rest is read again.
 *
 * A refused transaction (OOM, READONLY, MISCONF, ...) has done nothing: what
 * was in it is kept and tried again after a pause, one line in the log for each
 * outage.  The next one is half as large: where memory is short, what a
 * transaction takes until its EXEC may be just what is missing.  Until one is
 * taken, nothing new is begun as long as something that has begun can be
 * written: an end gives memory back.
 */

#ifndef WORKER_COMMIT_H
#define WORKER_COMMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "redis/link.h"
#include "worker/execute/execution.h"
#include "worker/queue/consumer.h"
#include "worker/queue/counters.h"
#include "worker/queue/gather.h"


#define WORKER_LANES      2
#define WORKER_GROUP_MAX  256           /* executions in one transaction */
#define WORKER_READ_MAX   128           /* of them, read at once; fewer, so
                                           that all fit into the group */


typedef enum {
    WORKER_LANE_SHUT = 0,           /* no link, or not registered */
    WORKER_LANE_UNARMED,
    WORKER_LANE_ARMING,             /* WATCH and GET are under way */
    WORKER_LANE_ARMED,
    WORKER_LANE_COMMITTING          /* EXEC is under way, arming behind it */
} worker_lane_state_t;


struct worker_lane_s {
    worker_t                  *worker;
    rds_link_t                *link;
    worker_lane_state_t        state;
    bool                       verify;      /* look at the epoch soon */

    worker_execution_queue_t   unread;      /* their records are to be read */
    size_t                     reading;     /* records that are being read */
    worker_execution_queue_t   fresh;       /* have something to write that
                                               stands under a WATCH: all of
                                               them go into the next group */
    worker_execution_queue_t   ready;       /* have something to write */

    /* The transaction under way. */
    worker_execution_t        *group[WORKER_GROUP_MAX];
    size_t                     group_count;
    size_t                     group_max;   /* now; less after refusals */
    worker_take_t              takes[WORKER_LIST_COUNT];
    unsigned                   take_count;
    size_t                     commands;    /* queued by MULTI so far */
    size_t                     bytes;       /* in them */
    bool                       undone;      /* EXEC answered nil */
    bool                       unguarded;   /* WATCH epoch was refused */
    worker_gather_t            gather;
    worker_tally_t             tally;
    base_buf_t                 text;        /* of one command's argument */
    base_arena_t               scratch;     /* of one transaction */

    /* Of an outage. */
    bool                       paused;
    worker_timer_t             pause_timer;
    uint32_t                   pause_ms;
};


/* Opens the links of all lanes: the worker has registered.  On failure the
 * worker registers anew later. */
void worker_lanes_open(worker_t *worker);

/* Ends the links: nothing comes back from them any more.  The executions stay
 * where they are, for the caller to drop. */
void worker_lanes_shut(worker_t *worker);

/* Frees what the lanes have. */
void worker_lanes_deinit(worker_t *worker);

/* Lets every lane send what it has, if it is its turn. */
void worker_lanes_turn(worker_t *worker);

/* Has a lane look whether the registration still counts. */
void worker_lanes_verify(worker_t *worker);

/* True if no transaction is under way. */
bool worker_lanes_quiet(const worker_t *worker);


/* For the parts that prepare a transaction. */

/* The execution has something to write. */
void worker_lane_ready(worker_execution_t *execution);

/* Sends one command of the transaction; its answer is in EXEC's. */
void worker_lane_command(worker_lane_t *lane, const base_str_t *argv,
    size_t argc);

#define worker_lane_say(lane, ...)                                            \
    worker_lane_command((lane), (const base_str_t []) { __VA_ARGS__ },        \
                        sizeof((const base_str_t []) { __VA_ARGS__ })         \
                            / sizeof(base_str_t))

/* outage.c */

/* There is none. */
void worker_lane_outage_init(worker_lane_t *lane);

/* reply is a refusal: the lane sends nothing for a while. */
void worker_lane_pause(worker_lane_t *lane, const rds_reply_t *reply);

/* A transaction was executed. */
void worker_lane_resumed(worker_lane_t *lane);


/*
 * Sends what an execution has to write, and notes what of it this is: events,
 * status, fate, calls (commit_write.c).  False when out of memory: the lane's
 * transaction must be given up.
 */
bool worker_commit_write(worker_lane_t *lane, worker_execution_t *execution);

#endif
