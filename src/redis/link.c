/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The states of a link and the life of its commands.
 *
 *                 rds_link_new()
 *                       |
 *                       v   the handshake is over
 *        +-------- CONNECTING ----------------> UP
 *        |            ^                          |
 *        |            +--------------------------+
 *        v               the connection is lost
 *       DOWN -----------------------------------> UP
 *        the attempt failed; next one after a pause
 *
 * There is one queue.  In CONNECTING its commands wait, encoded, in a buffer of
 * the link; when the link comes up they are given to hiredis, and from then on
 * each new one at once.  Replies come in the queue's order, so one timer guards
 * them all, the head's: who stands behind a blocking command is due when that
 * one has been answered.
 *
 * A connection's end is handled in one place, rds_link_settle(), when nothing of
 * hiredis is on the stack any more.
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

/* The place in the stream of a command that is not in it. */
#define RDS_NOT_APPENDED                UINT64_MAX


static bool rds_link_configure(rds_link_t *link,
    const rds_link_options_t *options);
static bool rds_link_make_timers(rds_link_t *link);
static void rds_link_free(rds_link_t *link);

static void rds_link_attempt_handler(void *data);
static void rds_link_flush_handler(void *data);
static void rds_link_deadline_handler(void *data);

static void rds_link_up(rds_link_t *link);
static void rds_link_lost(rds_link_t *link);
static void rds_link_retry(rds_link_t *link);
static void rds_link_tell(rds_link_t *link, rds_link_state_t state,
    const char *reason);

static bool rds_link_accepts(const rds_link_t *link, const base_str_t *argv,
    size_t argc);
static rds_pending_t *rds_link_record(rds_link_t *link);
static void rds_link_append(rds_link_t *link, rds_pending_t *pending,
    const char *bytes);
static void rds_link_ask_flush(rds_link_t *link);
static uint64_t rds_link_due_ms(const rds_link_t *link);
static void rds_link_guard(rds_link_t *link);
static void rds_link_unguard(rds_link_t *link);
static void rds_link_expire_waiting(rds_link_t *link);
static void rds_link_detach(rds_link_t *link);
static void rds_link_end_detached(rds_link_t *link);
static void rds_link_end(rds_link_t *link, rds_pending_t *pending,
    rds_outcome_t outcome, const rds_reply_t *reply);

static void rds_queue_add(rds_queue_t *queue, rds_pending_t *pending);
static rds_pending_t *rds_queue_take(rds_queue_t *queue);


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
    base_buf_init(&link->scratch, NULL, SIZE_MAX);
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

    link->deadline_timer = loop->timer_new(loop, rds_link_deadline_handler,
                                           link);
    if (link->deadline_timer == NULL) {
        return false;
    }

    link->flush_timer = loop->timer_new(loop, rds_link_flush_handler, link);
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
    rds_link_detach(link);
    rds_link_end_detached(link);

    rds_link_settle(link);
}


static void
rds_link_free(rds_link_t *link)
{
    size_t           i;
    rds_pending_t   *pending;
    rds_timer_t     *timers[] = { link->attempt_timer, link->deadline_timer,
                                  link->flush_timer };

    for (i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
        if (timers[i] != NULL) {
            link->loop->timer_close(timers[i]);
        }
    }

    while (link->spare != NULL) {
        pending = link->spare;
        link->spare = pending->next;
        free(pending);
    }

    base_buf_deinit(&link->scratch);
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


size_t
rds_link_pending(const rds_link_t *link)
{
    return link->queue.count + link->ending.count;
}


rds_pending_t *
rds_link_send(rds_link_t *link, const base_str_t *argv, size_t argc,
    rds_reply_fn fn, void *data)
{
    return rds_link_send_blocking(link, argv, argc, 0, fn, data);
}


rds_pending_t *
rds_link_send_blocking(rds_link_t *link, const base_str_t *argv, size_t argc,
    uint32_t block_ms, rds_reply_fn fn, void *data)
{
    base_buf_t     *buf;
    rds_pending_t  *pending;
    size_t          from;

    if (!rds_link_accepts(link, argv, argc)) {
        return NULL;
    }

    pending = rds_link_record(link);
    if (pending == NULL) {
        return NULL;
    }

    buf = &link->waiting;
    if (link->state == RDS_LINK_UP) {
        buf = &link->scratch;
        buf->len = 0;
    }

    from = buf->len;
    if (!rds_command_encode(buf, argv, argc)) {
        buf->failed = false;
        pending->next = link->spare;
        link->spare = pending;
        return NULL;
    }

    pending->fn = fn;
    pending->data = data;
    pending->bytes = buf->len - from;
    pending->block_ms = block_ms;
    pending->start = RDS_NOT_APPENDED;
    pending->deadline_ms = link->loop->now_ms(link->loop)
                           + link->options.timeout_ms;

    rds_queue_add(&link->queue, pending);

    if (link->state == RDS_LINK_UP) {
        rds_link_append(link, pending, buf->data);
        rds_link_ask_flush(link);
    }

    if (!link->deadline_armed) {
        rds_link_guard(link);
    }

    return pending;
}


void
rds_pending_cancel(rds_pending_t *pending)
{
    pending->fn = NULL;
}


static void
rds_link_append(rds_link_t *link, rds_pending_t *pending, const char *bytes)
{
    pending->start = link->appended;
    pending->deadline_ms += pending->block_ms;
    rds_wire_append(link, bytes, pending->bytes);
}


static void
rds_link_ask_flush(rds_link_t *link)
{
    if (!link->flush_asked) {
        link->flush_asked = true;
        link->loop->defer(link->flush_timer);
    }
}


static bool
rds_link_accepts(const rds_link_t *link, const base_str_t *argv, size_t argc)
{
    if (argc == 0 || rds_command_pushes(argv[0])) {
        return false;
    }

    if (link->state == RDS_LINK_UP) {
        /* the connection may have died in this turn, yet to be settled */
        return link->ac != NULL && !link->broken
               && link->appended - link->written < RDS_OUTPUT_BYTES_MAX;
    }

    return link->state == RDS_LINK_CONNECTING
           && link->queue.count < link->options.waiting_max
           && link->waiting.len < RDS_OUTPUT_BYTES_MAX;
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


static void
rds_link_flush_handler(void *data)
{
    rds_link_t  *link = data;

    link->flush_asked = false;

    if (link->state != RDS_LINK_UP) {
        return;
    }

    rds_link_enter(link);

    /* While the socket is known to be full, its watch writes. */
    if (link->ac != NULL && !link->broken && !link->watch_write) {
        rds_wire_write(link);
    }

    rds_link_settle(link);
}


static void
rds_link_deadline_handler(void *data)
{
    rds_link_t  *link = data;

    link->deadline_armed = false;

    if (link->queue.head == NULL || link->state == RDS_LINK_CLOSED) {
        return;
    }

    rds_link_enter(link);

    if (link->state != RDS_LINK_UP) {
        rds_link_expire_waiting(link);

    } else if (rds_link_due_ms(link) <= link->loop->now_ms(link->loop)) {
        rds_link_break(link, "no reply within %u ms",
                       link->options.timeout_ms + link->queue.head->block_ms);
    }

    if (!link->broken && !link->deadline_armed) {
        rds_link_guard(link);
    }

    rds_link_settle(link);
}


/* When the head of the queue has waited long enough. */
static uint64_t
rds_link_due_ms(const rds_link_t *link)
{
    uint64_t  deadline_ms = link->queue.head->deadline_ms;

    return deadline_ms > link->floor_ms ? deadline_ms : link->floor_ms;
}


static void
rds_link_guard(rds_link_t *link)
{
    uint64_t  now_ms, due_ms;

    if (link->queue.head == NULL) {
        return;
    }

    now_ms = link->loop->now_ms(link->loop);
    due_ms = rds_link_due_ms(link);

    link->deadline_armed = true;
    link->loop->timer_set(link->deadline_timer,
                          due_ms > now_ms ? (uint32_t) (due_ms - now_ms) : 0,
                          true);
}


static void
rds_link_unguard(rds_link_t *link)
{
    if (link->deadline_armed) {
        link->deadline_armed = false;
        link->loop->timer_clear(link->deadline_timer);
    }
}


static void
rds_link_expire_waiting(rds_link_t *link)
{
    uint64_t        now_ms = link->loop->now_ms(link->loop);
    rds_pending_t  *pending;

    while (link->state == RDS_LINK_CONNECTING && link->queue.head != NULL
           && link->queue.head->deadline_ms <= now_ms)
    {
        pending = rds_queue_take(&link->queue);
        link->waiting_from += pending->bytes;
        rds_link_end(link, pending, RDS_UNSENT, NULL);
    }

    if (link->queue.head == NULL) {
        base_buf_clear(&link->waiting);
        link->waiting_from = 0;
    }
}


void
rds_link_replied(rds_link_t *link, const rds_reply_t *reply)
{
    rds_pending_t  *pending = rds_queue_take(&link->queue);

    if (pending->block_ms > 0) {
        /* those behind it were held back, and have time from now on */
        link->floor_ms = link->loop->now_ms(link->loop)
                         + link->options.timeout_ms;
        rds_link_unguard(link);
        rds_link_guard(link);
    }

    rds_link_end(link, pending, RDS_REPLIED, reply);
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
        rds_link_unguard(link);
    }

    link->busy--;

    if (link->busy == 0 && link->state == RDS_LINK_CLOSED) {
        rds_link_free(link);
    }
}


static void
rds_link_up(rds_link_t *link)
{
    rds_pending_t  *pending;
    const char     *bytes = link->waiting.data + link->waiting_from;

    link->state = RDS_LINK_UP;
    link->up_since_ms = link->loop->now_ms(link->loop);
    link->loop->timer_clear(link->attempt_timer);

    for (pending = link->queue.head;
         pending != NULL && !link->broken;
         pending = pending->next)
    {
        pending->deadline_ms = link->up_since_ms + link->options.timeout_ms;
        rds_link_append(link, pending, bytes);
        bytes += pending->bytes;
    }

    base_buf_deinit(&link->waiting);
    link->waiting_from = 0;

    if (link->queue.head != NULL) {
        rds_link_unguard(link);
        rds_link_guard(link);
        rds_link_ask_flush(link);
    }

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
    link->state = state;

    rds_link_retry(link);
    rds_link_detach(link);
    rds_link_tell(link, state, link->reason);
    rds_link_end_detached(link);
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


static rds_pending_t *
rds_link_record(rds_link_t *link)
{
    rds_pending_t  *pending = link->spare;

    if (pending == NULL) {
        return malloc(sizeof(rds_pending_t));
    }

    link->spare = pending->next;
    return pending;
}


/*
 * Takes all commands out of the queue, for good: what became of each is told
 * from the connection's counts of bytes, which the next connection begins anew.
 */
static void
rds_link_detach(rds_link_t *link)
{
    rds_pending_t  *pending;

    rds_link_unguard(link);
    link->floor_ms = 0;

    for (pending = rds_queue_take(&link->queue);
         pending != NULL;
         pending = rds_queue_take(&link->queue))
    {
        pending->sent = pending->start < link->written;
        rds_queue_add(&link->ending, pending);
    }

    base_buf_deinit(&link->waiting);
    link->waiting_from = 0;
}


static void
rds_link_end_detached(rds_link_t *link)
{
    rds_pending_t  *pending;

    for (pending = rds_queue_take(&link->ending);
         pending != NULL;
         pending = rds_queue_take(&link->ending))
    {
        rds_link_end(link, pending, pending->sent ? RDS_UNKNOWN : RDS_UNSENT,
                     NULL);
    }
}


/* The record is recycled last: its function may still cancel it. */
static void
rds_link_end(rds_link_t *link, rds_pending_t *pending, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    rds_reply_fn  fn = pending->fn;

    if (fn != NULL) {
        fn(pending->data, outcome, reply);
    }

    pending->next = link->spare;
    link->spare = pending;
}


static void
rds_queue_add(rds_queue_t *queue, rds_pending_t *pending)
{
    pending->next = NULL;

    if (queue->tail == NULL) {
        queue->head = pending;
    } else {
        queue->tail->next = pending;
    }

    queue->tail = pending;
    queue->count++;
}


static rds_pending_t *
rds_queue_take(rds_queue_t *queue)
{
    rds_pending_t  *pending = queue->head;

    if (pending == NULL) {
        return NULL;
    }

    queue->head = pending->next;
    if (queue->head == NULL) {
        queue->tail = NULL;
    }

    queue->count--;
    return pending;
}
