/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/callback.h"
#include "worker/queue/delayed.h"

#include "orders/token.h"
#include "tap.h"
#include "workflow/workflow.h"


_Static_assert(ORDERS_TOKEN_BYTES <= ASL_TOKEN_BYTES_MAX,
               "a token fits where the engine wants it");


static void
test_later(void)
{
    static const struct {
        int64_t  age_ms;
        int64_t  later_ms;
    } cases[] = {
        { -3600000, WORKER_CALLBACK_LATER_MS_MIN },
        { 0, WORKER_CALLBACK_LATER_MS_MIN },
        { 2 * WORKER_CALLBACK_LATER_MS_MIN, WORKER_CALLBACK_LATER_MS_MIN },
        { 3000, 1500 },
        { 2 * WORKER_CALLBACK_LATER_MS_MAX, WORKER_CALLBACK_LATER_MS_MAX },
        { INT64_MAX, WORKER_CALLBACK_LATER_MS_MAX },
    };

    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is_int(worker_callback_later_ms(cases[i].age_ms), cases[i].later_ms,
               "a message comes again the later the older it is");
    }
}


/* What wakes an order, and what was put off. */
static void
test_members(base_arena_t *arena)
{
    base_buf_t        text;
    base_str_t        reason;
    base_str_t        id = BASE_STR("019ab3c4-5d6e-7f80-9123-456789abcdef");
    base_str_t        put_off = BASE_STR("{\"v\":1,\"kind\":\"callback\"}");
    orders_message_t  message;

    base_buf_init(&text, arena, SIZE_MAX);
    worker_delayed_member(&text, id, 1700000000000);
    ok(orders_message_read(arena, base_buf_str(&text), &message, &reason)
       && message.kind == ORDERS_MESSAGE_RESUME, "an id wakes its order");
    is_str(message.id, id, "by its id");

    base_buf_init(&text, arena, SIZE_MAX);
    worker_delayed_member(&text, put_off, 1700000000000);
    is_str(base_buf_str(&text), put_off, "a message comes back as it was");
}


int
main(void)
{
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_later();
    test_members(&arena);
    base_arena_deinit(&arena);

    return done_testing();
}
