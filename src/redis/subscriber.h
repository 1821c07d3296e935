/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A subscriber receives what is published on channels (Redis Pub/Sub), on a
 * connection of its own that comes back by itself, as a link's does.
 *
 * Redis keeps nothing for a subscriber: what is published while the connection
 * is down is lost to it.  So each time it listens anew, whoever shows what the
 * messages tell has to read the whole anew.
 *
 * A connection that has gone silent is told from channels that are: every
 * heartbeat_ms the first channel is subscribed to once more, which Redis
 * answers and which changes nothing.
 *
 * The functions may close the subscriber.
 */

#ifndef RDS_SUBSCRIBER_H
#define RDS_SUBSCRIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "redis/link.h"
#include "redis/loop.h"


#define RDS_CHANNELS_MAX  64


typedef struct rds_subscriber_s  rds_subscriber_t;


/* A message; both strings are good for the call only. */
typedef void (*rds_message_fn)(void *data, base_str_t channel,
    base_str_t message);

/*
 * listening   true: all channels are subscribed to; except for the first time,
 *             messages may have been missed.  False: the subscription ended or
 *             could not be had; told once, and again where the reason changes
 * reason      for the log, good for the call only
 */
typedef void (*rds_listening_fn)(void *data, bool listening,
    const char *reason);


typedef struct {
    rds_address_t      address;         /* copied */
    base_str_t         name;            /* CLIENT SETNAME; empty: none */
    uint32_t           connect_timeout_ms;      /* 0: a link's default */
    uint32_t           timeout_ms;              /* 0: a link's default */
    uint32_t           backoff_max_ms;          /* 0: a link's default */
    uint32_t           heartbeat_ms;            /* 0: 10000 */
    const base_str_t  *channels;        /* copied; at least one */
    size_t             channel_count;   /* up to RDS_CHANNELS_MAX */
    rds_message_fn     on_message;
    rds_listening_fn   on_listening;    /* NULL: nobody cares */
    void              *data;            /* for both */
} rds_subscriber_options_t;


/*
 * A new subscriber; starts to connect in this turn of the loop.  loop is
 * borrowed and must outlive it.  NULL when out of memory, or when there are no
 * channels or too many.
 */
rds_subscriber_t *rds_subscriber_new(const rds_loop_t *loop,
    const rds_subscriber_options_t *options);

/* Ends it at once; no function is called any more.  NULL is fine. */
void rds_subscriber_close(rds_subscriber_t *subscriber);

/* True while all channels are subscribed to. */
bool rds_subscriber_listens(const rds_subscriber_t *subscriber);

#endif
