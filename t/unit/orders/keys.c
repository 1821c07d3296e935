/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/keys.h"
#include "tap.h"


static void
test_names(base_arena_t *arena)
{
    const char     *reason;
    orders_keys_t   keys;

    ok(orders_keys_init(&keys, arena, BASE_STR("orders"), 0, &reason),
       "the default prefix is taken");
    is_str(keys.queue, BASE_STR("{orders:0}:queue"), "queue");
    is_str(keys.resume, BASE_STR("{orders:0}:resume"), "resume");
    is_str(keys.suspects, BASE_STR("{orders:0}:suspects"), "suspects");
    is_str(keys.consumers, BASE_STR("{orders:0}:consumers"), "consumers");
    is_str(keys.waker, BASE_STR("{orders:0}:waker"), "waker");
    is_str(keys.paused, BASE_STR("{orders:0}:paused"), "paused");
    is_str(keys.delayed, BASE_STR("{orders:0}:delayed"), "delayed");
    is_str(keys.dead, BASE_STR("{orders:0}:dead"), "dead");
    is_str(keys.stats, BASE_STR("{orders:0}:stats"), "stats");
    is_str(keys.status_channel, BASE_STR("orders:status"), "status channel");
    is_str(orders_key_processing(&keys, arena, BASE_STR("w1")),
           BASE_STR("{orders:0}:processing:w1"), "processing");
    is_str(orders_key_epoch(&keys, arena, BASE_STR("w1")),
           BASE_STR("{orders:0}:epoch:w1"), "epoch");
    is_str(orders_key_order(&keys, arena, BASE_STR("o1")),
           BASE_STR("{orders:0}:order:o1"), "order");
    is_str(orders_key_webhook(&keys, arena, BASE_STR("0a1b")),
           BASE_STR("{orders:0}:webhook:0a1b"), "webhook");
    is_str(orders_key_user(&keys, arena, BASE_STR("u1")),
           BASE_STR("{orders:0}:user:u1"), "user");
    is_str(orders_key_status(&keys, arena, BASE_STR("PENDING")),
           BASE_STR("{orders:0}:status:PENDING"), "status");
    is_str(orders_key_user_status(&keys, arena, BASE_STR("ann:x"),
                                  BASE_STR("PENDING")),
           BASE_STR("{orders:0}:user-status:PENDING:ann:x"),
           "status and user");

    ok(orders_keys_init(&keys, arena, BASE_STR("shop-2"), 17, &reason),
       "another prefix and partition are taken");
    is_str(keys.queue, BASE_STR("{shop-2:17}:queue"),
           "prefix and partition are in the hash tag");
    is_str(keys.status_channel, BASE_STR("shop-2:status"),
           "the channel has the prefix alone");
}


static void
test_idempotency(base_arena_t *arena)
{
    base_str_t      a, b;
    const char     *reason;
    orders_keys_t   keys;

    ok(orders_keys_init(&keys, arena, BASE_STR("orders"), 0, &reason), "init");
    is_str(orders_key_idempotency(&keys, arena, BASE_STR("u1"), BASE_STR("k")),
           BASE_STR("{orders:0}:idempotency:u1:k"), "user and key are named");

    a = orders_key_idempotency(&keys, arena, BASE_STR("a:b"), BASE_STR("c"));
    b = orders_key_idempotency(&keys, arena, BASE_STR("a"), BASE_STR("b:c"));
    ok(!base_str_eq(a, b), "a colon in the user does not move the border");

    a = orders_key_idempotency(&keys, arena, BASE_STR("a%3A"), BASE_STR("c"));
    b = orders_key_idempotency(&keys, arena, BASE_STR("a:"), BASE_STR("c"));
    ok(!base_str_eq(a, b), "an escaped colon is not a colon");
}


static void
test_prefixes(base_arena_t *arena)
{
    static const struct {
        base_str_t  prefix;
        bool        valid;
    } cases[] = {
        { BASE_STR_INIT("a"), true },
        { BASE_STR_INIT("Shop_1.eu:orders-x"), true },
        { BASE_STR_INIT(""), false },
        { BASE_STR_INIT("a b"), false },
        { BASE_STR_INIT("a{b}"), false },
        { BASE_STR_INIT("a\0b"), false },
        { BASE_STR_INIT("0123456789012345678901234567890123456789"
                        "012345678901234567890123"), true },
        { BASE_STR_INIT("0123456789012345678901234567890123456789"
                        "0123456789012345678901234"), false },
    };

    size_t          i;
    const char     *reason;
    orders_keys_t   keys;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ok(orders_keys_init(&keys, arena, cases[i].prefix, 0, &reason)
           == cases[i].valid, "prefix %zu (%.*s) is %s", i,
           BASE_STR_ARG(cases[i].prefix),
           cases[i].valid ? "taken" : "refused");
    }
}


static void
test_memory(void)
{
    int             n;
    const char     *reason;
    base_arena_t    arena;
    orders_keys_t   keys;

    for (n = 1; n < 100; n++) {
        base_arena_init(&arena, 0, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&arena, n);
        if (orders_keys_init(&keys, &arena, BASE_STR("orders"), 0, &reason)) {
            base_arena_deinit(&arena);
            break;
        }

        base_arena_deinit(&arena);
    }

    ok(n > 1 && n < 100, "each failed allocation is reported (%d)", n - 1);
}


int
main(void)
{
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_names(&arena);
    test_idempotency(&arena);
    test_prefixes(&arena);
    test_memory();
    base_arena_deinit(&arena);

    return done_testing();
}
