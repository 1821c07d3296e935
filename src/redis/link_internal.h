/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the files of a link share: the link itself, and the functions of each
 * part.  Nothing outside redis/ includes this.
 *
 *   link.c        states: attempts, the end of a connection, the link's own end
 *   queue.c       the commands that have not ended, and their deadlines
 *   wire.c        one connection: its socket, what is written and read
 *   object.c      the reply objects that hiredis builds for us, and their caps
 *   handshake.c   what is said before the first command
 *   command.c     a command as bytes
 *   subscriber.c  a link that carries messages instead of commands
 *
 * All changes of state happen in link.c: the other parts only note what
 * happened (broken, greeted), and whoever was called by the loop ends with
 * rds_link_settle().
 */

#ifndef RDS_LINK_INTERNAL_H
#define RDS_LINK_INTERNAL_H

#include <hiredis/hiredis.h>

#include "base/buf.h"
#include "redis/link.h"


#define RDS_REASON_BYTES        256
#define RDS_HANDSHAKE_STEPS_MAX 4
#define RDS_DB_BYTES            12


struct rds_pending_s {
    rds_pending_t      *next;
    rds_reply_fn        fn;             /* NULL: nobody cares, or cancelled */
    void               *data;
    uint64_t            deadline_ms;
    uint64_t            start;          /* of its bytes in the stream */
    size_t              bytes;
    uint32_t            block_ms;
    bool                sent;           /* of a dead connection: some of it */
};


typedef struct {
    rds_pending_t      *head;
    rds_pending_t      *tail;
    size_t              count;
} rds_queue_t;


struct rds_link_s {
    const rds_loop_t   *loop;
    rds_link_options_t  options;        /* strings in memory */
    base_arena_t        memory;         /* lives as long as the link */
    rds_link_state_t    state;
    unsigned            busy;           /* of our functions on the stack */

    rds_timer_t        *attempt_timer;  /* open: its timeout; else: backoff */
    rds_timer_t        *deadline_timer;
    rds_timer_t        *flush_timer;
    bool                deadline_armed;
    bool                flush_asked;

    rds_queue_t         queue;          /* commands without an answer */
    rds_queue_t         ending;         /* of a dead connection, yet to end */
    rds_pending_t      *spare;          /* recycled records */
    base_buf_t          waiting;        /* bytes, until the link is up */
    size_t              waiting_from;   /* where they begin in it */
    uint64_t            floor_ms;       /* no deadline is before */

    /* The connection; all of it is wire.c's. */
    redisContext       *context;        /* NULL: none */
    rds_watch_t        *watch;
    bool                watch_read;
    bool                watch_write;
    bool                connected;
    base_buf_t          output;         /* commands, encoded */
    size_t              output_from;    /* what is before has been written */
    base_arena_t        replies;        /* the one reply being read */
    size_t              expected;       /* replies that are due */
    uint64_t            appended;       /* bytes put into output */
    uint64_t            written;        /* bytes given to the kernel */
    bool                subscribed;     /* pushes come, no replies */

    /* What happened, for rds_link_settle(). */
    bool                open;           /* a connection, or an attempt, is on */
    bool                broken;         /* to be given up */
    bool                greeted;        /* the handshake is over */
    char                reason[RDS_REASON_BYTES];
    char                told[RDS_REASON_BYTES];

    char                db_text[RDS_DB_BYTES];  /* for SELECT */
    size_t              db_text_len;
    uint8_t             steps[RDS_HANDSHAKE_STEPS_MAX];
    unsigned            step_count;
    unsigned            step_next;

    /* A subscriber's link. */
    void              (*on_push)(void *data, const rds_reply_t *push);
    void               *push_data;
    const base_str_t   *channels;
    size_t              channel_count;

    uint32_t            backoff_ms;     /* the last one; 0: none yet */
    uint64_t            up_since_ms;
    uint64_t            seed;           /* of the jitter */
};


/* command.c */

/*
 * Appends a command in Redis' protocol (RESP, "Sending commands to a Redis
 * server") to buf.  False when it is longer than RDS_COMMAND_BYTES_MAX or
 * memory is out; buf is then as before.
 */
bool rds_command_encode(base_buf_t *buf, const base_str_t *argv, size_t argc);

/* True for commands that change how replies come (SUBSCRIBE, MONITOR, ...):
 * a link cannot carry them. */
bool rds_command_pushes(base_str_t name);


/* object.c */

extern redisReplyObjectFunctions  rds_object_functions;


/* handshake.c */

/* Gives the handshake's commands to the connection; they leave with its first
 * write. */
void rds_handshake_begin(rds_link_t *link);

/* The reply to the next of them. */
void rds_handshake_reply(rds_link_t *link, const rds_reply_t *reply);

static inline bool
rds_handshake_waits(const rds_link_t *link)
{
    return link->step_next < link->step_count;
}


/* wire.c */

/* Begins to connect.  On failure the link is noted as broken. */
void rds_wire_open(rds_link_t *link);

/* Closes the connection, if there is one; no reply comes after that. */
void rds_wire_close(rds_link_t *link);

/* Counts one command, which has been encoded into link->output. */
void rds_wire_appended(rds_link_t *link, size_t bytes);

/* Sends SUBSCRIBE; from then on the link carries pushes only, each given to
 * on_push. */
void rds_wire_subscribe(rds_link_t *link, const base_str_t *channels,
    size_t count);

/* Writes what has been appended, as much as the socket takes. */
void rds_wire_write(rds_link_t *link);


/* queue.c */

/* Gives the commands that wait to the connection, which has come up. */
void rds_queue_hand_over(rds_link_t *link);

/* A reply to the oldest command. */
void rds_queue_replied(rds_link_t *link, const rds_reply_t *reply);

/*
 * Takes all commands out of the queue, for good: what became of each is told
 * from the connection's counts of bytes, which the next connection begins anew.
 */
void rds_queue_detach(rds_link_t *link);

/* Then ends them. */
void rds_queue_end_detached(rds_link_t *link);

/* Lets what was appended leave at the end of this turn. */
void rds_queue_ask_flush(rds_link_t *link);

/* Stops the timer that guards the head. */
void rds_queue_unguard(rds_link_t *link);

void rds_queue_free_spare(rds_link_t *link);

/* For the loop. */
void rds_queue_flush_handler(void *data);
void rds_queue_deadline_handler(void *data);


/* subscriber.c */

/* True if a push may have this element, whose text is empty unless it is a
 * string; what its array holds so far has been admitted. */
bool rds_push_admits(const rds_link_t *link, const redisReadTask *task,
    base_str_t text);

bool rds_push_admits_array(const redisReadTask *task, size_t elements);


/* link.c */

/* Notes that the connection has to go, and why, unless a reason is known. */
void rds_link_break(rds_link_t *link, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* To frame everything that the loop calls.  The link may be gone after
 * rds_link_settle(). */
static inline void
rds_link_enter(rds_link_t *link)
{
    link->busy++;
}

void rds_link_settle(rds_link_t *link);

#endif
