/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The commands of a link that have not ended.
 *
 * There is one queue.  While the link is connecting its commands wait, encoded,
 * in a buffer of their own; when the link comes up they go to its output, and
 * from then on each new one at once; the bytes leave at the end of the loop's
 * turn.
 *
 * Replies come in the queue's order, so one timer guards them all, the head's:
 * who stands behind a blocking command is due when that one has been answered.
 *
 * Records are recycled: in the long run a command costs no malloc of ours.
 */

#include "redis/link_internal.h"

#include <stdlib.h>


/* The place in the stream of a command that is not in it. */
#define RDS_NOT_APPENDED  UINT64_MAX


static bool rds_queue_accepts(const rds_link_t *link, const base_str_t *argv,
    size_t argc, size_t count);
static rds_pending_t *rds_queue_encode(rds_link_t *link, base_buf_t *buf,
    const rds_command_t *command);
static void rds_queue_given(rds_link_t *link);
static void rds_queue_forget(rds_link_t *link, rds_queue_t *queue);
static rds_pending_t *rds_queue_record(rds_link_t *link);
static void rds_queue_appended(rds_link_t *link, rds_pending_t *pending);
static void rds_queue_guard(rds_link_t *link);
static uint64_t rds_queue_due_ms(const rds_link_t *link);
static void rds_queue_expire_waiting(rds_link_t *link);
static void rds_queue_forget_waiting(rds_link_t *link);
static void rds_queue_end(rds_link_t *link, rds_pending_t *pending,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void rds_queue_add(rds_queue_t *queue, rds_pending_t *pending);
static rds_pending_t *rds_queue_take(rds_queue_t *queue);


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
    base_buf_t           *buf = &link->waiting;
    rds_pending_t        *pending;
    const rds_command_t   command = { argv, argc, fn, data, NULL };

    if (!rds_queue_accepts(link, argv, argc, 1)) {
        return NULL;
    }

    if (link->state == RDS_LINK_UP) {
        buf = &link->output;
    }

    pending = rds_queue_encode(link, buf, &command);
    if (pending == NULL) {
        return NULL;
    }

    pending->block_ms = block_ms;
    rds_queue_add(&link->queue, pending);

    if (link->state == RDS_LINK_UP) {
        rds_queue_appended(link, pending);
    }

    rds_queue_given(link);

    return pending;
}


/* What was encoded or recorded before something failed is taken back. */
bool
rds_link_send_all(rds_link_t *link, rds_command_t *commands, size_t count)
{
    bool            up = link->state == RDS_LINK_UP;
    size_t          i, from;
    base_buf_t     *buf = up ? &link->output : &link->waiting;
    rds_queue_t     taken = { NULL, NULL, 0 };
    rds_pending_t  *pending;

    from = buf->len;

    for (i = 0; i < count; i++) {
        pending = NULL;
        if (rds_queue_accepts(link, commands[i].argv, commands[i].argc, count))
        {
            pending = rds_queue_encode(link, buf, &commands[i]);
        }

        if (pending == NULL) {
            buf->len = from;
            rds_queue_forget(link, &taken);
            return false;
        }

        rds_queue_add(&taken, pending);
        commands[i].pending = pending;
    }

    for (pending = rds_queue_take(&taken);
         pending != NULL;
         pending = rds_queue_take(&taken))
    {
        rds_queue_add(&link->queue, pending);

        if (up) {
            rds_queue_appended(link, pending);
        }
    }

    rds_queue_given(link);

    return true;
}


void
rds_pending_cancel(rds_pending_t *pending)
{
    pending->fn = NULL;
}


static bool
rds_queue_accepts(const rds_link_t *link, const base_str_t *argv, size_t argc,
    size_t count)
{
    if (argc == 0 || rds_command_pushes(argv[0])) {
        return false;
    }

    if (link->state == RDS_LINK_UP) {
        /* the connection may have died in this turn, yet to be settled */
        return link->context != NULL && !link->broken
               && link->appended - link->written < RDS_OUTPUT_BYTES_MAX;
    }

    return link->state == RDS_LINK_CONNECTING
           && link->queue.count + count <= link->options.waiting_max
           && link->waiting.len < RDS_OUTPUT_BYTES_MAX;
}


/* A record for the command, whose bytes are behind those in buf.  On failure
 * NULL, and buf is as before. */
static rds_pending_t *
rds_queue_encode(rds_link_t *link, base_buf_t *buf,
    const rds_command_t *command)
{
    size_t          from = buf->len;
    rds_pending_t  *pending = rds_queue_record(link);

    if (pending == NULL) {
        return NULL;
    }

    if (!rds_command_encode(buf, command->argv, command->argc)) {
        pending->next = link->spare;
        link->spare = pending;
        return NULL;
    }

    pending->fn = command->fn;
    pending->data = command->data;
    pending->bytes = buf->len - from;
    pending->block_ms = 0;
    pending->start = RDS_NOT_APPENDED;
    pending->deadline_ms = link->loop->now_ms(link->loop)
                           + link->options.timeout_ms;

    return pending;
}


/* New commands are in the queue. */
static void
rds_queue_given(rds_link_t *link)
{
    if (link->state == RDS_LINK_UP) {
        rds_queue_ask_flush(link);
    }

    if (!link->deadline_armed) {
        rds_queue_guard(link);
    }
}


static void
rds_queue_forget(rds_link_t *link, rds_queue_t *queue)
{
    rds_pending_t  *pending;

    for (pending = rds_queue_take(queue);
         pending != NULL;
         pending = rds_queue_take(queue))
    {
        pending->next = link->spare;
        link->spare = pending;
    }
}


static rds_pending_t *
rds_queue_record(rds_link_t *link)
{
    rds_pending_t  *pending = link->spare;

    if (pending == NULL) {
        return malloc(sizeof(rds_pending_t));
    }

    link->spare = pending->next;
    return pending;
}


/* The command's bytes are the next in the stream. */
static void
rds_queue_appended(rds_link_t *link, rds_pending_t *pending)
{
    pending->start = link->appended;
    pending->deadline_ms += pending->block_ms;
    rds_wire_appended(link, pending->bytes);
}


void
rds_queue_ask_flush(rds_link_t *link)
{
    if (!link->flush_asked) {
        link->flush_asked = true;
        link->loop->defer(link->flush_timer);
    }
}


void
rds_queue_hand_over(rds_link_t *link)
{
    rds_pending_t  *pending;

    if (link->queue.head == NULL) {
        return;
    }

    base_buf_add(&link->output, link->waiting.data + link->waiting_from,
                 link->waiting.len - link->waiting_from);
    rds_queue_forget_waiting(link);

    if (link->output.failed) {
        rds_link_break(link, "out of memory");
        return;
    }

    for (pending = link->queue.head; pending != NULL; pending = pending->next) {
        pending->deadline_ms = link->up_since_ms + link->options.timeout_ms;
        rds_queue_appended(link, pending);
    }

    rds_queue_unguard(link);
    rds_queue_guard(link);
    rds_queue_ask_flush(link);
}


void
rds_queue_flush_handler(void *data)
{
    rds_link_t  *link = data;

    link->flush_asked = false;

    if (link->state != RDS_LINK_UP) {
        return;
    }

    rds_link_enter(link);

    /* While the socket is known to be full, its watch writes. */
    if (!link->broken && !link->watch_write) {
        rds_wire_write(link);
    }

    rds_link_settle(link);
}


void
rds_queue_deadline_handler(void *data)
{
    rds_link_t  *link = data;

    link->deadline_armed = false;

    if (link->queue.head == NULL || link->state == RDS_LINK_CLOSED) {
        return;
    }

    rds_link_enter(link);

    if (link->state != RDS_LINK_UP) {
        rds_queue_expire_waiting(link);

    } else if (rds_queue_due_ms(link) <= link->loop->now_ms(link->loop)) {
        rds_link_break(link, "no reply within %u ms",
                       link->options.timeout_ms + link->queue.head->block_ms);
    }

    if (!link->broken && !link->deadline_armed) {
        rds_queue_guard(link);
    }

    rds_link_settle(link);
}


static void
rds_queue_expire_waiting(rds_link_t *link)
{
    uint64_t        now_ms = link->loop->now_ms(link->loop);
    rds_pending_t  *pending;

    while (link->state == RDS_LINK_CONNECTING && link->queue.head != NULL
           && link->queue.head->deadline_ms <= now_ms)
    {
        pending = rds_queue_take(&link->queue);
        link->waiting_from += pending->bytes;
        rds_queue_end(link, pending, RDS_UNSENT, NULL);
    }

    if (link->queue.head == NULL) {
        rds_queue_forget_waiting(link);
    }
}


/* When the head of the queue has waited long enough. */
static uint64_t
rds_queue_due_ms(const rds_link_t *link)
{
    uint64_t  deadline_ms = link->queue.head->deadline_ms;

    return deadline_ms > link->floor_ms ? deadline_ms : link->floor_ms;
}


static void
rds_queue_guard(rds_link_t *link)
{
    uint64_t  now_ms, due_ms;

    if (link->queue.head == NULL) {
        return;
    }

    now_ms = link->loop->now_ms(link->loop);
    due_ms = rds_queue_due_ms(link);

    link->deadline_armed = true;
    link->loop->timer_set(link->deadline_timer,
                          due_ms > now_ms ? (uint32_t) (due_ms - now_ms) : 0,
                          true);
}


void
rds_queue_unguard(rds_link_t *link)
{
    if (link->deadline_armed) {
        link->deadline_armed = false;
        link->loop->timer_clear(link->deadline_timer);
    }
}


void
rds_queue_replied(rds_link_t *link, const rds_reply_t *reply)
{
    rds_pending_t  *pending = rds_queue_take(&link->queue);

    if (pending->block_ms > 0) {
        /* those behind it were held back, and have time from now on */
        link->floor_ms = link->loop->now_ms(link->loop)
                         + link->options.timeout_ms;
        rds_queue_unguard(link);
        rds_queue_guard(link);
    }

    rds_queue_end(link, pending, RDS_REPLIED, reply);
}


/*
 * Takes all commands out of the queue, for good: what became of each is told
 * from the connection's counts of bytes, which the next connection begins anew.
 */
void
rds_queue_detach(rds_link_t *link)
{
    rds_pending_t  *pending;

    rds_queue_unguard(link);
    link->floor_ms = 0;

    for (pending = rds_queue_take(&link->queue);
         pending != NULL;
         pending = rds_queue_take(&link->queue))
    {
        pending->sent = pending->start < link->written;
        rds_queue_add(&link->ending, pending);
    }

    rds_queue_forget_waiting(link);
}


void
rds_queue_end_detached(rds_link_t *link)
{
    rds_pending_t  *pending;

    for (pending = rds_queue_take(&link->ending);
         pending != NULL;
         pending = rds_queue_take(&link->ending))
    {
        rds_queue_end(link, pending, pending->sent ? RDS_UNKNOWN : RDS_UNSENT,
                     NULL);
    }
}


/* The record is recycled last: its function may still cancel it. */
static void
rds_queue_end(rds_link_t *link, rds_pending_t *pending, rds_outcome_t outcome,
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


static void
rds_queue_forget_waiting(rds_link_t *link)
{
    base_buf_deinit(&link->waiting);
    link->waiting_from = 0;
}


void
rds_queue_free_spare(rds_link_t *link)
{
    rds_pending_t  *pending;

    while (link->spare != NULL) {
        pending = link->spare;
        link->spare = pending->next;
        free(pending);
    }
}
