/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One message that this worker holds, and the execution it stands for.
 *
 *   taken -> UNREAD -> READING -> READY -> COMMITTING -> RUNNING -> READY ...
 *
 * READING   the order's hash has been asked for
 * READY     something is to be written; in a lane's queue
 * RUNNING   nothing is to be written; tasks and timers are under way
 *
 * It leaves with the commit that takes its message off the processing list.
 * An execution is recycled with its arena and buffers, so that an order costs
 * no malloc.
 */

#ifndef WORKER_EXECUTION_H
#define WORKER_EXECUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "base/uuid.h"
#include "orders/callback.h"
#include "orders/keys.h"
#include "orders/message.h"
#include "orders/record.h"
#include "redis/link.h"
#include "worker/execute/definition.h"
#include "worker/timers.h"
#include "workflow/workflow.h"


typedef struct worker_s            worker_t;
typedef struct worker_lane_s       worker_lane_t;
typedef struct worker_task_s       worker_task_t;
typedef struct worker_call_s       worker_call_t;
typedef struct worker_event_s      worker_event_t;
typedef struct worker_handed_s     worker_handed_t;
typedef struct worker_executions_s worker_executions_t;
typedef struct worker_execution_s  worker_execution_t;


typedef enum {
    WORKER_PHASE_FREE = 0,          /* in the pool */
    WORKER_PHASE_WAITING,           /* a change, or who waits for its end */
    WORKER_PHASE_UNREAD,
    WORKER_PHASE_READING,
    WORKER_PHASE_READY,
    WORKER_PHASE_COMMITTING,
    WORKER_PHASE_RUNNING
} worker_phase_t;


/* What the next commit does with the message. */
typedef enum {
    WORKER_FATE_KEEP = 0,           /* it stays: the execution goes on */
    WORKER_FATE_END,                /* removed: the execution has ended */
    WORKER_FATE_PARK,               /* removed: the execution waits in Redis */
    WORKER_FATE_DROP,               /* removed: there is nothing to do */
    WORKER_FATE_CHANGE,             /* removed: a change is made, or refused */
    WORKER_FATE_LATER,              /* removed: it comes again (callback.h) */
    WORKER_FATE_DEAD                /* to the dead letters */
} worker_fate_t;


/* What a change does (change.h). */
typedef enum {
    WORKER_CHANGE_NONE = 0,         /* it is refused */
    WORKER_CHANGE_UPDATE,
    WORKER_CHANGE_DELETE
} worker_change_t;


/* An action of the execution that is open. */
struct worker_call_s {
    worker_call_t             *next;
    worker_execution_t        *execution;
    uint32_t                   id;          /* asl_action_t.id */
    const worker_task_t       *task;        /* NULL: nothing is to be done */
    bool                       resumed;     /* open since before a crash */
    bool                       begun;
    bool                       sent;        /* part of a commit under way */
    bool                       durable;     /* of one that is over */
    bool                       wrapped;     /* the result is a Payload */
    bool                       callback;    /* its result is one; task is NULL
                                               once it is called */
    int64_t                    due_ms;      /* a wait's end, or the task's
                                               deadline; Unix time */
    int64_t                    heartbeat_ms;    /* longest silence; 0: any */
    int64_t                    silent_ms;   /* of a callback: Unix time at which
                                               that is over; 0: never */
    worker_timer_t             timer;
    void                      *work;        /* a remote task's own */
};


/* The message of a callback that was handed to an execution. */
struct worker_handed_s {
    worker_handed_t           *next;
    base_str_t                 text;
};


/* A status event that waits for its commit. */
struct worker_event_s {
    worker_event_t            *next;
    base_str_t                 text;
};


struct worker_execution_s {
    worker_execution_t        *next;        /* in a queue or in the pool */
    worker_execution_t        *next_of_id;  /* in the table of ids */
    worker_executions_t       *executions;  /* whose it is */
    worker_t                  *worker;
    worker_lane_t             *lane;
    worker_phase_t             phase;
    worker_fate_t              fate;

    base_buf_t                 text;        /* the message as it was taken */
    char                       id_bytes[BASE_UUID_TEXT_BYTES];
    base_str_t                 id;          /* the order; empty: unreadable */
    bool                       suspect;     /* from the list of suspects */
    bool                       named;       /* in the table of ids */
    worker_execution_t        *waiters;     /* of its order, by next; they are
                                               opened when it lets go, or is
                                               committed */
    uint64_t                   patience_ms; /* a change is tried until then; 0:
                                               not begun */
    worker_timer_t             retry_timer;

    /* Everything below is made anew when the order is read again. */
    base_arena_t               arena;
    orders_message_t           message;
    base_str_t                 key;         /* of the order's hash */
    orders_record_t            record;
    bool                       stored;      /* the hash is there */
    bool                       watched;     /* valid only as long as the lane's
                                               WATCH of key holds */
    unsigned                   replies_due; /* of the reading */
    orders_record_status_t     found;       /* what the reading gave */
    bool                       void_key;    /* another order has its
                                               idempotency key */
    orders_status_t            stored_status;
    bool                       delayed;     /* a change: its order is parked */
    worker_change_t            change;
    base_str_t                 change_event;
    base_str_t                 change_reply;
    orders_callback_t          callback;    /* what the message says */
    bool                       called_back; /* it has been applied; not yet
                                               committed */
    base_str_t                 stand_in;    /* the message in its place */
    worker_handed_t           *handed;      /* other callbacks', newest first */
    worker_handed_t           *handed_sent; /* the first of this commit */
    worker_definition_t       *definition;  /* a reference */
    asl_exec_t                *asl;
    base_buf_t                 steps;       /* without its last bracket */
    int64_t                    steps_ms;    /* of the last entry; 0: unknown */
    worker_call_t             *calls;       /* newest first */
    worker_event_t            *events;      /* oldest first */
    worker_event_t           **events_end;
    worker_event_t            *events_sent; /* the last one of this commit */
    orders_status_t            sent_status;
    worker_fate_t              sent_fate;
    bool                       dirty;       /* changed since the commit */

    /* See counters.h: lists of counters. */
    base_buf_t                 counted;     /* since the last commit */
    size_t                     counted_sent;    /* bytes of them under way */
    base_buf_t                 places;      /* states where the record has it */
    base_buf_t                 places_sent;

    bool                       advancing;   /* the executor is on the stack */
    base_str_t                 error;       /* WORKER_FATE_DEAD */
    base_str_t                 cause;

    /* The commit's commands in the lane's transaction. */
    size_t                     command_first;
    size_t                     command_count;
    const rds_reply_t         *refusal;     /* of one that it shares; NULL:
                                               none.  Dies with EXEC's reply */
};


typedef struct {
    worker_execution_t        *first;
    worker_execution_t        *last;
    size_t                     count;
} worker_execution_queue_t;


/* All executions of a worker, and those of them that have a known id. */
struct worker_executions_s {
    worker_execution_t        *free;
    worker_execution_t       **ids;         /* buckets */
    size_t                     bucket_count;    /* a power of two */
    size_t                     live;        /* taken and not given back */
    size_t                     leaving;     /* of them, those whose fate is not
                                               to be kept */
    size_t                     kept_max;    /* of the others */
    worker_execution_t       **all;         /* all_max places */
    size_t                     all_max;
    size_t                     made;
    size_t                     bytes;       /* of the messages of the live
                                               ones */
};


/*
 * kept_max is how many are in work at once; as many again may wait for the
 * commit that ends them.  Of large messages, whose executions are large as
 * well, there is room for fewer.  False when out of memory.
 */
bool worker_executions_init(worker_executions_t *executions, size_t kept_max);

/* How many more may be taken. */
size_t worker_executions_room(const worker_executions_t *executions);

/* Nothing may be live. */
void worker_executions_deinit(worker_executions_t *executions);

/* A clean execution; NULL when there is no room or out of memory. */
worker_execution_t *worker_execution_take(worker_executions_t *executions,
    worker_t *worker, worker_lane_t *lane);

/* Keeps the message as it came, in place of the one before.  False when out of
 * memory. */
bool worker_execution_set_text(worker_execution_t *execution,
    base_str_t text);

/* Gives it back; its calls have been cancelled. */
void worker_execution_give(worker_executions_t *executions,
    worker_execution_t *execution);

/* Forgets all that was read and made since the message was taken: it has been
 * taken just now.  Its calls have been cancelled. */
void worker_execution_reset(worker_execution_t *execution);

void worker_execution_set_fate(worker_execution_t *execution,
    worker_fate_t fate);

/* The live execution of this id; NULL if there is none. */
worker_execution_t *worker_execution_find(const worker_executions_t *executions,
    base_str_t id);

/* Makes it the one that is found by id, which must be 36 bytes that are in no
 * other's use. */
void worker_execution_name(worker_executions_t *executions,
    worker_execution_t *execution, base_str_t id);


/* Lets another one be found by its id. */
void worker_execution_unname(worker_executions_t *executions,
    worker_execution_t *execution);


void worker_execution_queue_add(worker_execution_queue_t *queue,
    worker_execution_t *execution);

/* NULL when empty. */
worker_execution_t *worker_execution_queue_take(
    worker_execution_queue_t *queue);

#endif
