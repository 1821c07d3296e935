/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A message: what the front door pushes onto the queue and a worker takes.
 * One JSON object:
 *
 *   {"v":1,"kind":"post","id":"019...","userId":"u1",
 *    "createdAt":"2026-11-24T06:35:07.123Z","input":{...},
 *    "idempotencyKey":"...","traceparent":"00-...","scope":"all",
 *    "replyTo":"orders:replies:...","requestId":"17",
 *    "late":true}
 *
 * userId belongs to post, update and delete, input to post, update and callback
 * (whose is told in callback.h); what stands behind it is optional.
 *
 * idempotencyKey   a post: it counts only if the key is of its id
 * scope            update, delete: "all" is any order, userId says who asks
 * late             resume: the order ought to have been woken some time ago,
 *                  and has been put off once (the worker's queue/callback.h)
 * replyTo          update, delete: the channel for the outcome, which names the
 *                  requestId (reply.h)
 */

#ifndef ORDERS_MESSAGE_H
#define ORDERS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"


#define ORDERS_MESSAGE_VERSION  1

/* Of a message as it is pushed: what holds it, be it a record, an event or a
 * dead letter, is to be read back in one reply (redis/link.h). */
#define ORDERS_MESSAGE_BYTES_MAX  (4 * 1024 * 1024)

/* Of an input.  What holds it, be it a message or an event, is nested one level
 * deeper and has some values more, and must be readable too. */
#define ORDERS_INPUT_DEPTH_MAX   (BASE_JSON_DEPTH_MAX_DEFAULT - 1)
#define ORDERS_INPUT_VALUES_MAX  (BASE_JSON_VALUES_MAX_DEFAULT / 2)


#define ORDERS_MESSAGE_KINDS(X)                                               \
    X(POST,     "post")                                                       \
    X(UPDATE,   "update")                                                     \
    X(DELETE,   "delete")                                                     \
    X(RESUME,   "resume")                                                     \
    X(CALLBACK, "callback")

#define ORDERS_MESSAGE_ENUM(name, text)  ORDERS_MESSAGE_##name,
typedef enum {
    ORDERS_MESSAGE_KINDS(ORDERS_MESSAGE_ENUM) ORDERS_MESSAGE_KIND_COUNT
} orders_message_kind_t;
#undef ORDERS_MESSAGE_ENUM


typedef struct {
    orders_message_kind_t  kind;
    base_str_t             id;
    base_str_t             user_id;
    base_str_t             created_at;      /* RFC 3339 */
    const base_json_t     *input;           /* an object, or NULL */
    base_str_t             idempotency_key; /* empty: none */
    int64_t                idempotency_ttl_s;   /* of the key; 0: not told */
    base_str_t             traceparent;     /* empty: none */
    bool                   scope_all;
    bool                   late;            /* a resume that was put off */
    base_str_t             reply_to;        /* empty: nobody asks */
    base_str_t             request_id;
} orders_message_t;


/* True if input is within both bounds: nobody could read a message with a
 * larger one. */
bool orders_input_fits(const base_json_t *input);

/* "post" and so on; static. */
base_str_t orders_message_kind_name(orders_message_kind_t kind);

/* Appends the message as JSON; failures stick to buf. */
void orders_message_write(base_buf_t *buf, const orders_message_t *message);

/*
 * Reads a message.  Its strings point into text or arena.
 *
 * False with *reason (in arena or static) if text is no message of a version
 * and kind that this program knows: it belongs with the dead letters.
 */
bool orders_message_read(base_arena_t *arena, base_str_t text,
    orders_message_t *message, base_str_t *reason);

#endif
