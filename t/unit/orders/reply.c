/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include "orders/reply.h"


static base_arena_t  arena;


static base_str_t
written(const orders_reply_t *reply)
{
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    orders_reply_write(&buf, reply);
    return base_buf_str(&buf);
}


static void
test_round_trip(void)
{
    orders_reply_t  read, reply = {
        .request_id = BASE_STR("17"),
        .order = base_json_parse(&arena, BASE_STR("{\"id\":\"x\"}"), NULL,
                                 NULL)
    };

    is_str(written(&reply),
           BASE_STR("{\"v\":1,\"requestId\":\"17\",\"ok\":true,"
                    "\"order\":{\"id\":\"x\"}}"), "a reply is written");
    ok(orders_reply_read(&arena, written(&reply), &read), "and read");
    is_str(read.request_id, BASE_STR("17"), "its request");
    is_str(read.code, BASE_STR(""), "that it was done");
    ok(base_json_equal(read.order, reply.order), "and the order");

    reply.order = NULL;
    reply.code = ORDERS_REPLY_CONFLICT;
    reply.message = BASE_STR("the order is \"SUCCESS\"");
    is_str(written(&reply),
           BASE_STR("{\"v\":1,\"requestId\":\"17\",\"ok\":false,"
                    "\"code\":\"CONFLICT\","
                    "\"message\":\"the order is \\\"SUCCESS\\\"\"}"),
           "one that says no");
    ok(orders_reply_read(&arena, written(&reply), &read), "is read");
    is_str(read.code, ORDERS_REPLY_CONFLICT, "its code");
    is_str(read.message, reply.message, "and its message");
}


static void
test_refused(void)
{
    static const char *const  texts[] = {
        "", "x", "[]", "{}", "null", "{\"v\":2,\"ok\":true,\"order\":{}}",
        "{\"v\":1}", "{\"v\":1,\"ok\":1,\"order\":{}}", "{\"v\":1,\"ok\":true}",
        "{\"v\":1,\"ok\":true,\"order\":[]}", "{\"v\":1,\"ok\":false}",
        "{\"v\":1,\"ok\":false,\"order\":{}}",
        "{\"v\":1,\"ok\":true,\"order\":{},\"code\":\"X\"}",
    };

    size_t          i;
    orders_reply_t  reply;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ok(!orders_reply_read(&arena, base_str_c(texts[i]), &reply),
           "refused: %s", texts[i]);
    }
}


static void
test_channel(void)
{
    static const char *const  foreign[] = {
        "", "shop", "shop:replies", "shop:status", "shop2:replies:a",
        "sho:replies:a", "xshop:replies:a",
    };

    size_t          i;
    base_str_t      channel;
    const char     *reason;
    orders_keys_t   keys;

    (void) orders_keys_init(&keys, &arena, BASE_STR("shop"), 0, &reason);
    channel = orders_reply_channel(&keys, &arena, BASE_STR("a-1"));
    is_str(channel, BASE_STR("shop:replies:a-1"), "a channel");
    ok(orders_reply_channel_valid(&keys, channel), "is one of the prefix");

    for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        ok(!orders_reply_channel_valid(&keys, base_str_c(foreign[i])),
           "\"%s\" is none", foreign[i]);
    }
}


int
main(void)
{
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    test_round_trip();
    test_refused();
    test_channel();

    base_arena_deinit(&arena);
    return done_testing();
}
