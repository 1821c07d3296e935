/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Counts of what happens to orders, and in which states their executions are,
 * in the hash {orders:0}:stats:
 *
 *   accepted 1042            orders whose execution began
 *   succeeded 1003           ... ended with the status SUCCESS
 *   failed 31                ... or FAILED
 *   deleted 0                ... were deleted before they ended
 *   dead 1                   messages that became dead letters
 *   ProcessPayment:entered 1042     executions that came into the state
 *   ProcessPayment:passed 1034      ... left it for another, or for the end
 *   ProcessPayment:failed 17        tasks of it that failed, each attempt
 *   ProcessPayment:retried 16       ... and were asked again
 *   ProcessPayment:caught 1         errors that a catcher took
 *   ProcessPayment:now 8            executions that are in the state
 *
 * They are part of the transaction that records what they count, one HINCRBY
 * for each counter and transaction: a worker that is killed counts nothing
 * twice and leaves nothing out.  So "now" is the number of stored executions in
 * the state, those of parked orders and of dead letters included.
 *
 * The hash is bounded: fields are named after states of definitions in use,
 * WORKER_COUNTERS_STATES_MAX of them in the life of a process; and if a worker
 * finds more than WORKER_COUNTERS_FIELDS_MAX fields when it registers it counts
 * nothing of states but "now".
 */

#ifndef WORKER_COUNTERS_H
#define WORKER_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "worker/execute/execution.h"


#define WORKER_COUNTERS_STATES_MAX  512
#define WORKER_COUNTERS_FIELDS_MAX  4096
#define WORKER_COUNTERS_SLOTS       2048    /* a power of two */


/* Of orders; the names are in counters.c. */
typedef enum {
    WORKER_COUNT_ACCEPTED = 0,
    WORKER_COUNT_SUCCEEDED,
    WORKER_COUNT_FAILED,
    WORKER_COUNT_DELETED,
    WORKER_COUNT_DEAD,
    WORKER_COUNT_COUNT
} worker_count_t;

/* Of states. */
typedef enum {
    WORKER_STATE_ENTERED = 0,
    WORKER_STATE_PASSED,
    WORKER_STATE_FAILED,
    WORKER_STATE_RETRIED,
    WORKER_STATE_CAUGHT,
    WORKER_STATE_NOW,
    WORKER_STATE_COUNT
} worker_state_count_t;

/* A counter: first those of orders, then those of each state. */
typedef uint16_t  worker_counter_t;

#define WORKER_COUNTERS_MAX                                                   \
    (WORKER_COUNT_COUNT + WORKER_COUNTERS_STATES_MAX * WORKER_STATE_COUNT)


/* The states that a worker has met. */
typedef struct {
    base_arena_t      *arena;
    base_str_t         states[WORKER_COUNTERS_STATES_MAX];
    base_str_t         fields[WORKER_COUNTERS_MAX];     /* made when used */
    uint16_t           slots[WORKER_COUNTERS_SLOTS];    /* 1 + state; 0: free */
    size_t             state_count;
    bool               full;            /* the hash has fields enough */
    bool               complained;
} worker_counters_t;

/* Those of one transaction. */
typedef struct {
    int32_t            sums[WORKER_COUNTERS_MAX];
    bool               is_touched[WORKER_COUNTERS_MAX];
    worker_counter_t   touched[WORKER_COUNTERS_MAX];
    size_t             touched_count;
} worker_tally_t;


/* arena is borrowed: names live there. */
void worker_counters_init(worker_counters_t *counters, base_arena_t *arena);

/* The worker has registered: looks how large the hash is. */
void worker_counters_look(worker_t *worker);

/* A step of an execution, told by the engine. */
void worker_counters_note(worker_execution_t *execution,
    const asl_trace_t *trace);

/* The execution was read from its record: it is counted where it is. */
void worker_counters_resume(worker_execution_t *execution);

/* The transaction is done: what was counted is not to be counted again. */
void worker_counters_committed(worker_execution_t *execution);


/* Nothing is counted yet.  A new tally is all zeros. */
void worker_tally_begin(worker_tally_t *tally);

void worker_tally_count(worker_tally_t *tally, worker_count_t count);

/* Counts what happened to an execution since its last transaction, as this one
 * stores it.  False when out of memory. */
bool worker_tally_execution(worker_tally_t *tally,
    worker_execution_t *execution);

/* The execution that is in the record goes, with its order. */
bool worker_tally_gone(worker_tally_t *tally, worker_execution_t *execution);

/* Sends the HINCRBYs.  False when out of memory. */
bool worker_tally_write(worker_tally_t *tally, worker_lane_t *lane);


/* The field of a counter of orders, and what follows a state's name. */
base_str_t worker_count_name(worker_count_t count);
base_str_t worker_state_count_name(worker_state_count_t count);

#endif
