/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the commands for operators share: a link of their own, asked one
 * question at a time, and output for people or for programs.
 *
 * A reply comes as a JSON value: strings as strings, numbers as numbers, nil
 * as null, arrays as arrays.  Bytes that are not UTF-8 stay as they are: such
 * a string is only handed back to Redis or shown escaped.
 */

#ifndef WORKER_ADMIN_H
#define WORKER_ADMIN_H

#include <stdbool.h>
#include <uv.h>

#include "base/arena.h"
#include "base/json.h"
#include "orders/keys.h"
#include "redis/link.h"
#include "redis/loop_uv.h"
#include "worker/options.h"


typedef struct {
    const worker_command_context_t  *context;
    orders_keys_t                    keys;
    base_arena_t                     arena;     /* of the replies */
    uv_loop_t                        loop;
    uv_timer_t                       alive;     /* an idle link does not keep
                                                   the loop running */
    rds_loop_t                       rds_loop;
    rds_link_t                      *link;
    bool                             failed;    /* the link, said why */
    bool                             answered;
    base_json_t                     *reply;
    size_t                           posted;    /* and not answered */
    bool                             refused;   /* one of them */
} worker_admin_t;


/* Connects.  False with a message on stderr; there is nothing to close then. */
bool worker_admin_open(worker_admin_t *admin,
    const worker_command_context_t *context);

void worker_admin_close(worker_admin_t *admin);

/* Sends a command and waits for its reply, which lives in admin->arena.  NULL
 * with a message on stderr if there is none, or if it is an error. */
base_json_t *worker_admin_send(worker_admin_t *admin, const base_str_t *argv,
    size_t argc);

/* The same with the arguments written out. */
#define worker_admin_ask(admin, ...)                                          \
    worker_admin_send((admin), (const base_str_t []) { __VA_ARGS__ },         \
                      sizeof((const base_str_t []) { __VA_ARGS__ })           \
                          / sizeof(base_str_t))

/*
 * Sends a command without waiting: many of them share a round trip.
 *
 * answer   out, when worker_admin_wait() returns: the reply, in admin->arena;
 *          NULL: it does not matter
 */
void worker_admin_post(worker_admin_t *admin, base_json_t **answer,
    const base_str_t *argv, size_t argc);

#define worker_admin_say(admin, answer, ...)                                  \
    worker_admin_post((admin), (answer),                                      \
                      (const base_str_t []) { __VA_ARGS__ },                  \
                      sizeof((const base_str_t []) { __VA_ARGS__ })           \
                          / sizeof(base_str_t))

/* Waits for all that was posted.  False with a message on stderr if one of
 * them was refused or has no reply. */
bool worker_admin_wait(worker_admin_t *admin);

/* A whole number out of a reply; false if it is none. */
bool worker_admin_int(worker_admin_t *admin, const base_json_t *reply,
    int64_t *value);

/* The key of an order. */
base_str_t worker_admin_order_key(worker_admin_t *admin, base_str_t id);

/* Asks on the terminal whether to go on, unless --yes was given.  True for
 * yes. */
bool worker_admin_confirm(const worker_admin_t *admin, const char *question);

/* Shows how far long work has come, if stderr is a terminal; total 0 ends the
 * line. */
void worker_admin_progress(const char *what, size_t done, size_t total);

/* Writes a value, indented, and a newline on stdout. */
bool worker_admin_print(worker_admin_t *admin, const base_json_t *value);

/* Adds a member; a NULL item, which is out of memory, makes false. */
bool worker_admin_add(base_json_t *object, const char *key, base_json_t *item);

#endif
