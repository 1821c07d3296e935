/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as a message of the queue.  What is read is written as a message
 * that reads as the same one; what is refused must say why; and memory that
 * runs out is a refusal too.
 */

#include "base/time.h"
#include "base/uuid.h"
#include "orders/callback.h"
#include "orders/message.h"

#include "fuzz.h"


static bool
message_equal(const orders_message_t *a, const orders_message_t *b)
{
    if ((a->input == NULL) != (b->input == NULL)) {
        return false;
    }

    return a->kind == b->kind
           && base_str_eq(a->id, b->id)
           && base_str_eq(a->user_id, b->user_id)
           && base_str_eq(a->created_at, b->created_at)
           && base_str_eq(a->idempotency_key, b->idempotency_key)
           && base_str_eq(a->traceparent, b->traceparent)
           && a->scope_all == b->scope_all
           && a->late == b->late
           && base_str_eq(a->reply_to, b->reply_to)
           && (a->reply_to.len == 0
               || base_str_eq(a->request_id, b->request_id))
           && (a->input == NULL || base_json_equal(a->input, b->input));
}


/* What a message says of a callback is written as an input that says so. */
static void
check_callback(base_arena_t *arena, const orders_message_t *message)
{
    base_str_t          reason;
    orders_callback_t   first, again;
    const base_json_t  *input;

    check(orders_callback_read(message->input, &first, &reason));
    check(base_str_eq(first.id, message->id));

    input = orders_callback_json(arena, &first);
    check(input != NULL);
    check(orders_callback_read(input, &again, &reason));
    check(first.outcome == again.outcome
          && base_str_eq(first.token, again.token)
          && base_str_eq(first.error, again.error)
          && base_str_eq(first.cause, again.cause)
          && base_str_eq(first.webhook_id, again.webhook_id)
          && (first.output == NULL
              ? again.output == NULL : base_json_equal(first.output,
                                                       again.output)));
}


static void
check_message(base_arena_t *arena, const orders_message_t *message)
{
    int64_t           created_ms;
    base_buf_t        buf, again;
    base_str_t        reason;
    orders_message_t  read;

    check(message->kind < ORDERS_MESSAGE_KIND_COUNT);
    check(base_uuid_valid(message->id));
    check(base_time_parse(message->created_at, &created_ms));

    base_buf_init(&buf, arena, SIZE_MAX);
    orders_message_write(&buf, message);
    check(!buf.failed);
    check(orders_message_read(arena, base_buf_str(&buf), &read, &reason));
    check(message_equal(message, &read));

    base_buf_init(&again, arena, SIZE_MAX);
    orders_message_write(&again, &read);
    check(!again.failed);
    check(base_str_eq(base_buf_str(&buf), base_buf_str(&again)));

    if (message->kind == ORDERS_MESSAGE_CALLBACK) {
        check_callback(arena, message);
    }
}


/* The same with the n-th allocation failing: refused, or not needed. */
static void
check_no_memory(base_str_t text, const orders_message_t *message, int64_t n)
{
    base_str_t        reason = BASE_STR("");
    base_arena_t      arena;
    orders_message_t  read;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_arena_fail_after(&arena, n);

    if (orders_message_read(&arena, text, &read, &reason)) {
        check(message_equal(message, &read));
    } else {
        check(reason.len > 0);
    }

    base_arena_deinit(&arena);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    base_str_t        text = base_str((const char *) data, size);
    base_str_t        reason = BASE_STR("");
    base_arena_t      arena;
    orders_message_t  message;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    if (orders_message_read(&arena, text, &message, &reason)) {
        check_message(&arena, &message);
        check_no_memory(text, &message, (int64_t) (size % 16 + 1));
    } else {
        check(reason.len > 0);
    }

    base_arena_deinit(&arena);

    return 0;
}
