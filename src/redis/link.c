/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The states of a link and the life of its commands.
 *
 *         rds_link_new()
 *                       |
 *                       v   the handshake is over
 *        +-------- CONNECTING ----------------> UP
 *        |            ^                          |
 *        |            +--------------------------+
 *        v               the connection is lost
 *       DOWN -----------------------------------> UP
 *        the attempt failed; next one after a pause
 *
 * The end of a connection is handled in one place, rds_link_settle(), when
 * nothing else of the link is on the stack any more.
 */

#include "redis/link_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>


#define RDS_CONNECT_TIMEOUT_MS_DEFAULT  1000
#define RDS_TIMEOUT_MS_DEFAULT          2000
#define RDS_BACKOFF_MAX_MS_DEFAULT      1000
#define RDS_BACKOFF_MIN_MS              20
#define RDS_WAITING_MAX_DEFAULT         1024
#define RDS_REPLY_BLOCK_BYTES           (16 * 1024)


static bool rds_link_configure(rds_link_t *link,
    const rds_link_options_t *options);
static bool rds_link_make_timers(rds_link_t *link);
static void rds_link_free(rds_link_t *link);

static void rds_link_attempt_handler(void *data);

static void rds_link_up(rds_link_t *link);
static void rds_link_lost(rds_link_t *link);
static void rds_link_retry(rds_link_t *link);
static void rds_link_tell(rds_link_t *link, rds_link_state_t state,
    const char *reason);


rds_link_t *
rds_link_new(const rds_loop_t *loop, const rds_link_options_t *options)
{
    rds_link_t  *link;

    link = calloc(1, sizeof(rds_link_t));
    if (link == NULL) {
        return NULL;
    }

    link->loop = loop;
    link->state = RDS_LINK_CONNECTING;
    base_arena_init(&link->memory, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);
    base_arena_init(&link->replies, RDS_REPLY_BLOCK_BYTES, RDS_REPLY_BYTES_MAX);
    base_buf_init(&link->output, NULL, SIZE_MAX);
    base_buf_init(&link->waiting, NULL, SIZE_MAX);

    link->seed = (uint64_t) (uintptr_t) link ^ loop->now_ms(loop)
                 ^ ((uint64_t) getpid() << 32);

    if (!rds_link_configure(link, options) || !rds_link_make_timers(link)) {
        rds_link_free(link);
        return NULL;
    }

    loop->defer(link->attempt_timer);

    return link;
}


static bool
rds_link_configure(rds_link_t *link, const rds_link_options_t *options)
{
    rds_address_t       *address = &link->options.address;
    rds_link_options_t  *mine = &link->options;

    *mine = *options;

    if (mine->connect_timeout_ms == 0) {
        mine->connect_timeout_ms = RDS_CONNECT_TIMEOUT_MS_DEFAULT;
    }

    if (mine->timeout_ms == 0) {
        mine->timeout_ms = RDS_TIMEOUT_MS_DEFAULT;
    }

    if (mine->backoff_max_ms == 0) {
        mine->backoff_max_ms = RDS_BACKOFF_MAX_MS_DEFAULT;
    }

    if (mine->waiting_max == 0) {
        mine->waiting_max = RDS_WAITING_MAX_DEFAULT;
    }

    link->db_text_len = (size_t) snprintf(link->db_text, RDS_DB_BYTES, "%u",
                                          address->db);

    return base_arena_str(&link->memory, address->host, &address->host)
           && base_arena_str(&link->memory, address->unix_path,
                             &address->unix_path)
           && base_arena_str(&link->memory, address->user, &address->user)
           && base_arena_str(&link->memory, address->password,
                             &address->password)
           && base_arena_str(&link->memory, mine->name, &mine->name);
}


static bool
rds_link_make_timers(rds_link_t *link)
{
    const rds_loop_t  *loop = link->loop;

    link->attempt_timer = loop->timer_new(loop, rds_link_attempt_handler, link);
    if (link->attempt_timer == NULL) {
        return false;
    }

    link->deadline_timer = loop->timer_new(loop, rds_queue_deadline_handler,
                                           link);
    if (link->deadline_timer == NULL) {
        return false;
    }

    link->flush_timer = loop->timer_new(loop, rds_queue_flush_handler, link);
    return link->flush_timer != NULL;
}


void
rds_link_close(rds_link_t *link)
{
    if (link == NULL || link->state == RDS_LINK_CLOSED) {
        return;
    }

    rds_link_enter(link);

    link->state = RDS_LINK_CLOSED;
    link->open = false;
    rds_wire_close(link);
    rds_queue_detach(link);
    rds_queue_end_detached(link);

    rds_link_settle(link);
}


static void
rds_link_free(rds_link_t *link)
{
    size_t           i;
    rds_timer_t     *timers[] = { link->attempt_timer, link->deadline_timer,
                                  link->flush_timer };

    for (i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
        if (timers[i] != NULL) {
            link->loop->timer_close(timers[i]);
        }
    }

    rds_queue_free_spare(link);
    base_buf_deinit(&link->output);
    base_buf_deinit(&link->waiting);
    base_arena_deinit(&link->replies);
    base_arena_deinit(&link->memory);
    free(link);
}


rds_link_state_t
rds_link_state(const rds_link_t *link)
{
    return link->state;
}


/* A new try begins, or the one that is on has taken too long. */
static void
rds_link_attempt_handler(void *data)
{
    rds_link_t  *link = data;

    if (link->state == RDS_LINK_CLOSED) {
        return;
    }

    rds_link_enter(link);

    if (link->open) {
        rds_link_break(link, "no connection within %u ms",
                       link->options.connect_timeout_ms);
        rds_link_settle(link);
        return;
    }

    link->open = true;
    link->broken = false;
    link->greeted = false;
    link->reason[0] = '\0';

    rds_wire_open(link);
    if (!link->broken) {
        rds_handshake_begin(link);
        link->loop->timer_set(link->attempt_timer,
                              link->options.connect_timeout_ms, false);
    }

    rds_link_settle(link);
}


void
rds_link_break(rds_link_t *link, const char *fmt, ...)
{
    char     *p;
    va_list   args;

    link->broken = true;

    if (link->reason[0] != '\0') {
        return;
    }

    va_start(args, fmt);
    (void) vsnprintf(link->reason, RDS_REASON_BYTES, fmt, args);
    va_end(args);

    /* some of it may come from the server, and it goes to a log */
    for (p = link->reason; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~') {
            *p = '?';
        }
    }
}


void
rds_link_settle(rds_link_t *link)
{
    if (link->busy == 1 && link->open && link->broken) {
        rds_link_lost(link);

    } else if (link->busy == 1 && link->open && link->greeted
               && link->state != RDS_LINK_UP)
    {
        rds_link_up(link);
    }

    if (link->busy == 1 && link->queue.head == NULL) {
        rds_queue_unguard(link);
    }

    link->busy--;

    if (link->busy == 0 && link->state == RDS_LINK_CLOSED) {
        rds_link_free(link);
    }
}


static void
rds_link_up(rds_link_t *link)
{
    link->state = RDS_LINK_UP;
    link->up_since_ms = link->loop->now_ms(link->loop);
    link->loop->timer_clear(link->attempt_timer);

    rds_queue_hand_over(link);
    rds_link_tell(link, RDS_LINK_UP, "connected");
}


/* The connection, or the attempt to have one, has come to its end. */
static void
rds_link_lost(rds_link_t *link)
{
    rds_link_state_t  state;

    state = link->state == RDS_LINK_UP ? RDS_LINK_CONNECTING : RDS_LINK_DOWN;

    rds_wire_close(link);
    link->open = false;
    link->broken = false;
    link->state = state;

    rds_link_retry(link);
    rds_queue_detach(link);
    rds_link_tell(link, state, link->reason);
    rds_queue_end_detached(link);
}


/*
 * The pause before the next attempt: none after a connection that had lasted,
 * else from 20 ms on doubled each time, and shortened at random, so that the
 * processes of a host do not come all at once.
 */
static void
rds_link_retry(rds_link_t *link)
{
    uint32_t  pause_ms;
    uint64_t  now_ms = link->loop->now_ms(link->loop);

    if (link->state == RDS_LINK_CONNECTING
        && now_ms - link->up_since_ms >= link->options.backoff_max_ms)
    {
        link->backoff_ms = 0;
        link->loop->timer_set(link->attempt_timer, 0, false);
        return;
    }

    link->backoff_ms = link->backoff_ms == 0 ? RDS_BACKOFF_MIN_MS
                                             : link->backoff_ms * 2;
    if (link->backoff_ms > link->options.backoff_max_ms) {
        link->backoff_ms = link->options.backoff_max_ms;
    }

    link->seed = link->seed * 6364136223846793005u + 1442695040888963407u;
    pause_ms = link->backoff_ms / 2 + 1;
    pause_ms += (uint32_t) ((link->seed >> 33) % pause_ms);

    link->loop->timer_set(link->attempt_timer, pause_ms, false);
}


static void
rds_link_tell(rds_link_t *link, rds_link_state_t state, const char *reason)
{
    if (state != RDS_LINK_DOWN) {
        link->told[0] = '\0';

    } else if (strcmp(link->told, reason) == 0) {
        return;                     /* the same as at the last attempt */

    } else {
        memcpy(link->told, link->reason, RDS_REASON_BYTES);
    }

    if (link->options.on_state != NULL) {
        link->options.on_state(link->options.data, link, state, reason);
    }
}


