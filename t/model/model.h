/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A model of how workers take, commit, are fenced and are taken over
 * and how orders that wait are woken and changed (src/worker/queue: commit.h,
 * consumer.h, intake.h, change.h, takeover.h, delayed.h), small enough for all
 * of its states to be looked at.
 *
 * Two workers, Redis, and up to two orders with up to three messages.  A worker
 * has two connections, of its lane and of its chores; each carries one command
 * or one transaction at a time, which Redis executes at some later moment.  The
 * answer is there at once or never: that it comes late is the same as that the
 * next command does.  A connection may be lost with a command in it, and Redis
 * may execute that command all the same, much later: a ghost.
 *
 * Against the workers play, each so many times: crashes, lost connections,
 * restarts of Redis, and reapers that take a live worker for a dead one.  A
 * worker that is stopped and continued needs no move of its own: between any
 * two steps of a worker all others may go on for as long as they like.
 *
 * What is left out: a second lane (it has a WATCH of its own and shares nothing
 * but the processing list), deliveries and dead letters (one more list), the
 * BLMOVE of an idle worker (it changes nothing), and that a change is tried
 * again before it is refused.
 */

#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define MODEL_WORKERS  2
#define MODEL_ORDERS   2
#define MODEL_SLOTS    2                /* executions that a worker may hold */
#define MODEL_NAMES    6                /* registrations that are known */
#define MODEL_GHOSTS   2


/* A list: up to four messages, the head in the lowest four bits; 0: none. */
typedef uint16_t  model_list_t;

/* A message: 1 + order, and more for other kinds than the first. */
typedef enum {
    MODEL_POST = 0,
    MODEL_RESUME,
    MODEL_UPDATE,
    MODEL_DELETE
} model_kind_t;

#define model_message(kind, order)  (1 + (kind) * MODEL_ORDERS + (order))
#define model_order(message)        (((message) - 1) % MODEL_ORDERS)
#define model_kind(message)         (((message) - 1) / MODEL_ORDERS)
#define model_changes(message)      (model_kind(message) >= MODEL_UPDATE)

/* Of a change: what its client was told. */
typedef enum {
    MODEL_UNTOLD = 0,
    MODEL_TOLD_REFUSED,
    MODEL_TOLD_DONE
} model_told_t;

#define MODEL_CHANGES           (2 * MODEL_ORDERS)
#define model_change(message)   ((message) - 1 - 2 * MODEL_ORDERS)


typedef enum {
    MODEL_ABSENT = 0,
    MODEL_LIVE,
    MODEL_ENDED,
    MODEL_DELETED                       /* looks like one that is absent */
} model_status_t;

/* The hash of an order.  Steps: 0, payment asked for; 1, parked; 2, payment
 * asked for again. */
typedef struct {
    uint8_t  status;
    uint8_t  step;
    uint8_t  consumer;                  /* 1 + registration; 0: nobody */
    uint8_t  input;                     /* 1: updated */
} model_record_t;


/* What Redis is asked for. */
typedef enum {
    MODEL_NOTHING = 0,
    MODEL_REGISTER,                     /* MULTI SET epoch ZADD EXEC */
    MODEL_FENCE,                        /* DEL epoch */
    MODEL_LIST_WATCH, MODEL_LIST_READ, MODEL_LIST_MOVE, MODEL_REMOVE,
    MODEL_DUE_WATCH, MODEL_DUE_READ, MODEL_DUE_MOVE,
    MODEL_ARM_WATCH, MODEL_ARM_GET,
    MODEL_SCORE_READ, MODEL_HASH_READ, MODEL_OWNER_READ,
    MODEL_COMMIT,
    MODEL_TAKE                          /* LMOVE alone: only when broken */
} model_command_t;

#define MODEL_WATCH_EPOCH  1
#define MODEL_WATCH_ORDER  2            /* << order */
#define MODEL_WATCH_LIST   8
#define MODEL_WATCH_WAKER  16

/* What a commit does with one message. */
typedef enum {
    MODEL_KEEP_NEW = 0,                 /* the order's first record */
    MODEL_KEEP_RESUMED,                 /* the same step, another consumer */
    MODEL_KEEP_WOKEN,                   /* step 1 to 2 */
    MODEL_PARK,                         /* step 0 to 1 */
    MODEL_END,
    MODEL_DROP,
    MODEL_CHANGE,                       /* the order is updated or deleted */
    MODEL_REFUSE
} model_fate_t;

typedef struct {
    uint8_t       command;
    uint8_t       name;                 /* of the registration it is about */
    uint8_t       watches;
    uint8_t       dirty;                /* one of them was touched */
    model_list_t  content;              /* what was read; ids of due orders */
    uint8_t       message[MODEL_SLOTS]; /* of a commit; 0: none */
    uint8_t       fate[MODEL_SLOTS];
    uint8_t       input[MODEL_SLOTS];   /* with which it goes on */
    uint8_t       from_resume;          /* of a commit: where it takes from */
    uint8_t       takes;
} model_link_t;


typedef enum {
    MODEL_UNREAD = 0,
    MODEL_READING,
    MODEL_READY,
    MODEL_COMMITTING,
    MODEL_RUNNING,
    MODEL_WAITING                       /* for a change of its order */
} model_phase_t;

typedef struct {
    uint8_t  message;                   /* 0: the place is free */
    uint8_t  phase;
    uint8_t  fate;
    uint8_t  watched;
    uint8_t  step;                      /* as read or written last */
    uint8_t  input;
    uint8_t  parked;                    /* a change: so its order was seen */
} model_slot_t;


typedef enum {
    MODEL_SHUT = 0,
    MODEL_ARMING,
    MODEL_ARMED,
    MODEL_IN_COMMIT                     /* and arming behind it */
} model_lane_t;

typedef struct {
    uint8_t       in;                   /* registered, as far as it knows */
    uint8_t       name;                 /* then: its registration */
    uint8_t       takeovers;            /* a bit for each registration */
    uint8_t       lane;
    uint8_t       undone;               /* its EXEC answered nil */
    uint8_t       spare;                /* no padding: states are compared */
    model_slot_t  slots[MODEL_SLOTS];
    model_link_t  link;                 /* of the lane */
    model_link_t  chores;
} model_worker_t;


typedef struct {
    model_list_t    queue;
    model_list_t    resume;
    model_list_t    processing[MODEL_NAMES];
    uint8_t         epochs;             /* a bit for each that exists */
    uint8_t         consumers;          /* a bit for each member */
    uint8_t         delayed;            /* a bit for each order */
    model_record_t  records[MODEL_ORDERS];
    uint8_t         told[MODEL_CHANGES];
    uint8_t         spare;              /* no padding */
    model_worker_t  workers[MODEL_WORKERS];
    model_link_t    ghosts[MODEL_GHOSTS];
    uint8_t         crashes;            /* that may still come */
    uint8_t         losses;
    uint8_t         restarts;           /* of Redis */
    uint8_t         mistakes;
} model_state_t;


/* How the protocol can be broken, to see that the model notices. */
#define MODEL_BREAKS(X)                                                       \
    X(NONE,            "nothing")                                             \
    X(UNFENCED_COMMIT, "commits do not watch the epoch")                      \
    X(GET_FIRST,       "the epoch is read before it is watched")              \
    X(EPOCH_STAYS,     "a reaper leaves the epoch as it is")                  \
    X(UNFENCED_TAKE,   "messages are taken by an LMOVE or BLMOVE alone")      \
    X(LIST_UNWATCHED,  "take-overs do not watch the list")                    \
    X(ONE_ROUND,       "take-overs do not look at the list again")            \
    X(NAME_REUSED,     "a worker registers under its old name again")         \
    X(HASH_UNWATCHED,  "the record of an order is not watched")               \
    X(WATCH_FORGOTTEN, "an EXEC comes between reading a record and its use")  \
    X(OWNER_UNASKED,   "an order's registration is taken for alive")          \
    X(OWNER_DEAD,      "an order's registration is taken for dead")           \
    X(UNKNOWN_AGAIN,   "a commit without an answer is simply sent again")     \
    X(PARKED_LATE,     "an execution is parked after its commit")            \
    X(CHANGE_UNWATCHED, "a change does not watch the record")                \
    X(CHANGE_BLIND,    "a change does not ask whether its order is run here, " \
                       "nor whether it is parked")

#define MODEL_BREAK_ENUM(name, text)  MODEL_BREAK_##name,
typedef enum {
    MODEL_BREAKS(MODEL_BREAK_ENUM)
    MODEL_BREAK_COUNT
} model_break_t;


/* The setting of one exploration. */
typedef struct {
    const char     *text;
    model_list_t    queue;              /* at the beginning */
    uint8_t         orders;             /* of them in it */
    bool            parks;              /* the first payment is put off */
    uint8_t         crashes, losses, restarts, mistakes;
    model_break_t   broken;
} model_setting_t;

extern const model_setting_t  *model_setting;

/* Set by what must not happen, NULL until then. */
extern const char  *model_violation;


/* lists.c */
unsigned model_list_length(model_list_t list);
void model_list_push(model_list_t *list, unsigned message);
unsigned model_list_pop(model_list_t *list);
bool model_list_remove(model_list_t *list, unsigned message);
bool model_list_has(model_list_t list, unsigned message);

/* A message that stands for the order. */
bool model_list_has_order(model_list_t list, unsigned order);

/* redis.c: each executes what is in the link, as Redis would, and leaves the
 * link to whoever sent it. */
void model_redis_register(model_state_t *s, model_link_t *link);
void model_redis_fence(model_state_t *s, model_link_t *link);
void model_redis_remove(model_state_t *s, model_link_t *link);
void model_redis_watch_list(model_state_t *s, model_link_t *link);
void model_redis_read_list(model_state_t *s, model_link_t *link);
void model_redis_move_list(model_state_t *s, model_link_t *link);
void model_redis_wake(model_state_t *s, model_link_t *link);
void model_redis_watch(model_state_t *s, model_link_t *link, unsigned watches);
void model_redis_take(model_state_t *s, model_link_t *link);

/* False: EXEC answered nil.  taken: messages that came, in order. */
bool model_redis_commit(model_state_t *s, model_link_t *link,
    model_list_t *taken);

/* What must hold in every state. */
void model_redis_check(const model_state_t *s);

/* True when all is done. */
bool model_redis_done(const model_state_t *s);


/* moves.c: what may happen next. */

typedef struct {
    const char  *name;                  /* the function that does it */
    unsigned     choices;
    bool         hostile;               /* nothing that must come to pass */

    /* Does it, in the choice-th way, to worker w.  False if it cannot
     * happen. */
    bool       (*make)(model_state_t *s, unsigned w, unsigned choice);
} model_move_t;

extern const model_move_t  model_moves[];
extern const unsigned      model_move_count;

void model_state_init(model_state_t *s, const model_setting_t *setting);

/* canon.c: gives states that differ in names only one form.  True if the two
 * workers have changed places. */
bool model_canon(model_state_t *s);

/* A name that nothing knows; MODEL_NAMES if there is none. */
unsigned model_name_new(const model_state_t *s);

#endif
