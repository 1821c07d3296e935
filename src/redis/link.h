/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A link is one pipelined connection to a Redis server that comes back by
 * itself.  It rests on hiredis and on an event loop that is given to it
 * (redis/loop.h): nginx's in the front door, libuv's in the worker.
 *
 * All commands of one turn of the loop leave in one write.  Replies come in
 * the order of the commands.  Every command ends with exactly one call of its
 * function, in one of three outcomes, unless it was cancelled:
 *
 *   RDS_REPLIED   the server answered; the reply may be an error reply
 *   RDS_UNSENT    no byte of it left this process: it may be sent again
 *   RDS_UNKNOWN   it was sent and the link died (or was given up as too slow)
 *                 before the answer: nobody knows whether it was executed
 *
 * A command older than timeout_ms ends the whole connection, so that a late
 * reply is never taken for another command's.  One behind a blocking command
 * is due timeout_ms after that one was answered.
 *
 * Commands given while the link is connecting wait, up to waiting_max and
 * timeout_ms, which begins anew when they leave; given while it is known to be
 * down (the last attempt failed), they fail at once.  The handshake (AUTH,
 * SELECT, CLIENT SETNAME, PING) is over before the first command leaves.
 *
 * A function may send, cancel and close; the link is never freed under it.
 *
 * A host that is a name is looked up by getaddrinfo(3) at each attempt, which
 * blocks: where that matters give an address, a name of /etc/hosts, or look it
 * up beforehand.
 */

#ifndef RDS_LINK_H
#define RDS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <hiredis/hiredis.h>

#include "base/arena.h"
#include "base/str.h"
#include "redis/loop.h"


/*
 * Bounds.  A command that is longer is not taken; a reply that goes beyond ends
 * the connection.
 */
#define RDS_COMMAND_BYTES_MAX  (64 * 1024 * 1024)
#define RDS_OUTPUT_BYTES_MAX   (128 * 1024 * 1024)   /* appended, not written */
#define RDS_STRING_BYTES_MAX   (16 * 1024 * 1024)    /* in a reply */
#define RDS_ELEMENTS_MAX       (256 * 1024)          /* of an array */
#define RDS_DEPTH_MAX          7                     /* arrays in arrays */
#define RDS_REPLY_BYTES_MAX    (64 * 1024 * 1024)    /* a reply in memory */
#define RDS_LINE_BYTES_MAX     (64 * 1024)           /* a status, an error */


/* One reply, hiredis' own; dead when the function it was given to returns. */
typedef struct redisReply   rds_reply_t;

typedef struct rds_link_s     rds_link_t;
typedef struct rds_pending_s  rds_pending_t;


typedef enum {
    RDS_REPLIED = 0,
    RDS_UNSENT,
    RDS_UNKNOWN
} rds_outcome_t;


typedef enum {
    RDS_LINK_CONNECTING = 0,        /* first attempt, or one after a loss */
    RDS_LINK_UP,
    RDS_LINK_DOWN,                  /* the last attempt failed; trying again */
    RDS_LINK_CLOSED
} rds_link_state_t;


/*
 * Where a server is: redis://[user[:password]@]host[:port][/db],
 * redis://:password@host, or unix:path[?db=N&user=...&password=...].
 */
typedef struct {
    base_str_t  host;               /* empty: unix_path counts */
    uint16_t    port;
    base_str_t  unix_path;
    base_str_t  user;               /* empty: the default user */
    base_str_t  password;           /* empty: no AUTH */
    uint32_t    db;
} rds_address_t;


/*
 * Called with each change: UP after the handshake, CONNECTING when a connection
 * was lost, DOWN when an attempt failed; and again in DOWN when the reason is
 * another than before (first "refused", then "NOAUTH"), not for each attempt.
 * reason is for the log and for people: it says what happened and, where that
 * is known, what to configure; good for the call only.
 */
typedef void (*rds_link_state_fn)(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason);

/* reply is NULL unless outcome is RDS_REPLIED. */
typedef void (*rds_reply_fn)(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);


typedef struct {
    rds_address_t      address;         /* copied */
    base_str_t         name;            /* CLIENT SETNAME; empty: none */
    uint32_t           connect_timeout_ms;      /* 0: 1000 */
    uint32_t           timeout_ms;              /* 0: 2000 */
    uint32_t           backoff_max_ms;          /* 0: 1000; starts at 20 */
    uint32_t           waiting_max;             /* 0: 1024 commands */
    rds_link_state_fn  on_state;                /* NULL: nobody cares */
    void              *data;                    /* for on_state */
} rds_link_options_t;


/*
 * Reads an address (RFC 3986 for the redis: form, with %xx in user and
 * password).  The strings are copies in arena.  On failure false, and *reason
 * says what is wrong (static text).
 */
bool rds_address_parse(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);

/*
 * A new link; starts to connect in this turn of the loop.  loop is borrowed
 * and must outlive the link.  NULL when out of memory.
 */
rds_link_t *rds_link_new(const rds_loop_t *loop,
    const rds_link_options_t *options);

/*
 * Ends the link at once: every command that still waits for its reply gets its
 * outcome, from within this call.  The memory goes when the loop allows it.
 * NULL is fine.
 */
void rds_link_close(rds_link_t *link);

rds_link_state_t rds_link_state(const rds_link_t *link);

/* Commands that have not ended. */
size_t rds_link_pending(const rds_link_t *link);

/*
 * Sends a command.
 *
 * argv     argc arguments; borrowed for the call only
 * fn       called when it ends; NULL: nobody cares (the inside of a MULTI)
 *
 * The handle of the pending command, good until fn was called; NULL when the
 * command cannot be taken (link down or closed, too many waiting, longer than
 * RDS_COMMAND_BYTES_MAX, out of memory; SUBSCRIBE and its like, and MONITOR,
 * which a link cannot carry): nothing was sent and fn is not called.
 */
rds_pending_t *rds_link_send(rds_link_t *link, const base_str_t *argv,
    size_t argc, rds_reply_fn fn, void *data);

/*
 * The same for a command that the server may hold back for block_ms (BLMOVE,
 * WAIT): its timeout is timeout_ms + block_ms.
 */
rds_pending_t *rds_link_send_blocking(rds_link_t *link, const base_str_t *argv,
    size_t argc, uint32_t block_ms, rds_reply_fn fn, void *data);

/* A command among others; argv is borrowed for the call only. */
typedef struct {
    const base_str_t  *argv;
    size_t             argc;
    rds_reply_fn       fn;              /* NULL: nobody cares */
    void              *data;
    rds_pending_t     *pending;         /* out */
} rds_command_t;

/*
 * Sends commands that belong together (MULTI to EXEC), one behind the other:
 * all of them, or none.  Each has its own outcome.
 *
 * False when they cannot be taken, for the reasons of rds_link_send(): nothing
 * was sent and no fn is called.
 */
bool rds_link_send_all(rds_link_t *link, rds_command_t *commands,
    size_t count);

/* fn of this command, which has not ended, will not be called; the command
 * itself goes on. */
void rds_pending_cancel(rds_pending_t *pending);


/* Reading replies: each is false (or empty) for another type or outcome. */

bool rds_reply_is_error(const rds_reply_t *reply);

/* The first word of an error reply: "OOM", "LOADING", ...; else empty. */
base_str_t rds_reply_error_code(const rds_reply_t *reply);

/* The text of a string, status or error reply; empty for nil and others. */
base_str_t rds_reply_str(const rds_reply_t *reply);

bool rds_reply_int(const rds_reply_t *reply, int64_t *value);

/* Element i of an array reply; NULL if reply is none or is shorter. */
const rds_reply_t *rds_reply_at(const rds_reply_t *reply, size_t i);

/*
 * What an error reply means for what to do next; one table of error codes.
 */
typedef enum {
    RDS_ERROR_NONE = 0,             /* no error reply */
    RDS_ERROR_BUSY,                 /* LOADING, BUSY, MASTERDOWN, TRYAGAIN,
                                       max number of clients: later */
    RDS_ERROR_FULL,                 /* OOM: no memory for new data */
    RDS_ERROR_READONLY,             /* READONLY, MISCONF, NOREPLICAS: writes
                                       are refused */
    RDS_ERROR_AUTH,                 /* NOAUTH, WRONGPASS, NOPERM: configure */
    RDS_ERROR_MOVED,                /* MOVED, ASK, CLUSTERDOWN, CROSSSLOT */
    RDS_ERROR_ABORTED,              /* EXECABORT */
    RDS_ERROR_OTHER                 /* WRONGTYPE, ERR: our bug, or foreign data
                                       under our keys */
} rds_error_kind_t;

rds_error_kind_t rds_reply_error_kind(const rds_reply_t *reply);

#endif
