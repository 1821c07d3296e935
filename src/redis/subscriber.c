/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A subscriber is a link that carries no commands: when it is up it sends one
 * SUBSCRIBE with all channels, and then Redis pushes arrays of three:
 *
 *   "subscribe", channel, number      once for each channel, and heartbeat
 *   "message", channel, message
 *
 * rds_push_admits() looks at each element before it is kept and refuses what
 * does not belong here, so that a push has this shape when it is given on.
 */

#include "redis/subscriber.h"

#include <stdlib.h>

#include "redis/link_internal.h"


#define RDS_HEARTBEAT_MS_DEFAULT  10000
#define RDS_PUSH_ELEMENTS         3


struct rds_subscriber_s {
    rds_link_t        *link;
    rds_timer_t       *beat_timer;
    uint32_t           heartbeat_ms;
    size_t             awaited;         /* confirmations, also a heartbeat's */
    bool               listening;
    char               told[RDS_REASON_BYTES];
    base_arena_t       memory;
    base_str_t        *channels;
    size_t             channel_count;
    rds_message_fn     on_message;
    rds_listening_fn   on_listening;
    void              *data;
};


static bool rds_subscriber_configure(rds_subscriber_t *subscriber,
    const rds_subscriber_options_t *options);
static void rds_subscriber_state_handler(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason);
static void rds_subscriber_beat_handler(void *data);
static void rds_subscriber_push_handler(void *data, const rds_reply_t *push);
static void rds_subscriber_ask(rds_subscriber_t *subscriber, size_t count);
static void rds_subscriber_confirmed(rds_subscriber_t *subscriber);
static void rds_subscriber_tell_lost(rds_subscriber_t *subscriber,
    const char *reason);
static bool rds_push_is(const rds_reply_t *push, const char *kind);


rds_subscriber_t *
rds_subscriber_new(const rds_loop_t *loop,
    const rds_subscriber_options_t *options)
{
    rds_subscriber_t    *subscriber;
    rds_link_options_t   link_options = { 0 };

    if (options->channel_count == 0
        || options->channel_count > RDS_CHANNELS_MAX)
    {
        return NULL;
    }

    subscriber = calloc(1, sizeof(rds_subscriber_t));
    if (subscriber == NULL) {
        return NULL;
    }

    if (!rds_subscriber_configure(subscriber, options)) {
        goto failed;
    }

    subscriber->beat_timer = loop->timer_new(loop, rds_subscriber_beat_handler,
                                             subscriber);
    if (subscriber->beat_timer == NULL) {
        goto failed;
    }

    link_options.address = options->address;
    link_options.name = options->name;
    link_options.connect_timeout_ms = options->connect_timeout_ms;
    link_options.timeout_ms = options->timeout_ms;
    link_options.backoff_max_ms = options->backoff_max_ms;
    link_options.on_state = rds_subscriber_state_handler;
    link_options.data = subscriber;

    subscriber->link = rds_link_new(loop, &link_options);
    if (subscriber->link == NULL) {
        loop->timer_close(subscriber->beat_timer);
        goto failed;
    }

    subscriber->link->on_push = rds_subscriber_push_handler;
    subscriber->link->push_data = subscriber;
    subscriber->link->channels = subscriber->channels;
    subscriber->link->channel_count = subscriber->channel_count;

    return subscriber;

failed:

    base_arena_deinit(&subscriber->memory);
    free(subscriber);
    return NULL;
}


static bool
rds_subscriber_configure(rds_subscriber_t *subscriber,
    const rds_subscriber_options_t *options)
{
    size_t  i;

    base_arena_init(&subscriber->memory, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);

    subscriber->heartbeat_ms = options->heartbeat_ms != 0
                                   ? options->heartbeat_ms
                                   : RDS_HEARTBEAT_MS_DEFAULT;
    subscriber->on_message = options->on_message;
    subscriber->on_listening = options->on_listening;
    subscriber->data = options->data;
    subscriber->channel_count = options->channel_count;

    subscriber->channels = base_arena_calloc(&subscriber->memory,
                                             options->channel_count,
                                             sizeof(base_str_t));
    if (subscriber->channels == NULL) {
        return false;
    }

    for (i = 0; i < options->channel_count; i++) {
        if (!base_arena_str(&subscriber->memory, options->channels[i],
                            &subscriber->channels[i]))
        {
            return false;
        }
    }

    return true;
}


/*
 * Inside one of our own functions the link outlives this call, and looks at
 * its channels no more: it is closed.
 */
void
rds_subscriber_close(rds_subscriber_t *subscriber)
{
    rds_link_t  *link;

    if (subscriber == NULL) {
        return;
    }

    link = subscriber->link;
    link->on_push = NULL;
    link->channel_count = 0;
    link->loop->timer_close(subscriber->beat_timer);
    rds_link_close(link);

    base_arena_deinit(&subscriber->memory);
    free(subscriber);
}


bool
rds_subscriber_listens(const rds_subscriber_t *subscriber)
{
    return subscriber->listening;
}


static void
rds_subscriber_state_handler(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason)
{
    rds_subscriber_t  *subscriber = data;

    if (state == RDS_LINK_UP) {
        subscriber->awaited = 0;
        rds_subscriber_ask(subscriber, subscriber->channel_count);
        return;
    }

    link->loop->timer_clear(subscriber->beat_timer);
    rds_subscriber_tell_lost(subscriber, reason);
}


/* Nothing was awaited: time to ask.  Something was: it has not come. */
static void
rds_subscriber_beat_handler(void *data)
{
    rds_subscriber_t  *subscriber = data;
    rds_link_t        *link = subscriber->link;

    rds_link_enter(link);

    if (subscriber->awaited > 0) {
        rds_link_break(link, "no reply within %u ms",
                       link->options.timeout_ms);
    } else {
        rds_subscriber_ask(subscriber, 1);
    }

    rds_link_settle(link);          /* subscriber may be gone now */
}


static void
rds_subscriber_ask(rds_subscriber_t *subscriber, size_t count)
{
    rds_link_t  *link = subscriber->link;

    subscriber->awaited = count;
    rds_wire_subscribe(link, subscriber->channels, count);
    rds_queue_ask_flush(link);
    link->loop->timer_set(subscriber->beat_timer, link->options.timeout_ms,
                          false);
}


static void
rds_subscriber_push_handler(void *data, const rds_reply_t *push)
{
    rds_subscriber_t  *subscriber = data;

    if (rds_push_is(push, "message")) {
        subscriber->on_message(subscriber->data,
                               rds_reply_str(rds_reply_at(push, 1)),
                               rds_reply_str(rds_reply_at(push, 2)));
        return;                     /* subscriber may be gone now */
    }

    if (subscriber->awaited == 0) {
        return;
    }

    subscriber->awaited--;
    if (subscriber->awaited == 0) {
        rds_subscriber_confirmed(subscriber);
    }
}


static void
rds_subscriber_confirmed(rds_subscriber_t *subscriber)
{
    const rds_loop_t  *loop = subscriber->link->loop;

    loop->timer_set(subscriber->beat_timer, subscriber->heartbeat_ms, false);

    if (subscriber->listening) {
        return;
    }

    subscriber->listening = true;
    subscriber->told[0] = '\0';

    if (subscriber->on_listening != NULL) {
        subscriber->on_listening(subscriber->data, true, "listening");
    }
}


static void
rds_subscriber_tell_lost(rds_subscriber_t *subscriber, const char *reason)
{
    subscriber->listening = false;

    if (strcmp(subscriber->told, reason) == 0) {
        return;
    }

    memcpy(subscriber->told, subscriber->link->reason, RDS_REASON_BYTES);

    if (subscriber->on_listening != NULL) {
        subscriber->on_listening(subscriber->data, false, reason);
    }
}


bool
rds_push_admits(const rds_link_t *link, const redisReadTask *task,
    base_str_t text)
{
    size_t             i;
    const redisReply  *push;

    if (task->parent == NULL) {
        return task->type == REDIS_REPLY_ERROR;
    }

    push = task->parent->obj;

    switch (task->idx) {
    case 0:
        return task->type == REDIS_REPLY_STRING
               && (base_str_eq_c(text, "message")
                   || base_str_eq_c(text, "subscribe"));

    case 1:
        for (i = 0; i < link->channel_count; i++) {
            if (base_str_eq(text, link->channels[i])) {
                return task->type == REDIS_REPLY_STRING;
            }
        }
        return false;

    case 2:
        return task->type == (rds_push_is(push, "message")
                                  ? REDIS_REPLY_STRING
                                  : REDIS_REPLY_INTEGER);

    default:
        return false;
    }
}


bool
rds_push_admits_array(const redisReadTask *task, size_t elements)
{
    return task->parent == NULL && elements == RDS_PUSH_ELEMENTS;
}


static bool
rds_push_is(const rds_reply_t *push, const char *kind)
{
    return base_str_eq_c(rds_reply_str(rds_reply_at(push, 0)), kind);
}
