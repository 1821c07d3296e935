/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/message.h"
#include "tap.h"


#define ID    "019ab3c4-5d6e-7f80-9123-456789abcdef"
#define TIME  "2026-11-24T06:35:07.123Z"

/* The input of a callback. */
#define CALLBACK                                                              \
    "{\"taskToken\":\"" ID ".AAECAwQFBgcICQoLDA0ODxAREhMUFfv_\","              \
    "\"outcome\":\"heartbeat\"}"


static void
test_round_trip(base_arena_t *arena)
{
    base_buf_t         buf, again;
    base_str_t         reason;
    orders_message_t   message, read;

    memset(&message, 0, sizeof(message));
    message.kind = ORDERS_MESSAGE_POST;
    message.id = BASE_STR(ID);
    message.user_id = BASE_STR("Zo\xc3\xab \"the\" 1st\n");
    message.created_at = BASE_STR(TIME);
    message.input = base_json_parse(arena,
        BASE_STR("{\"name\":\"x\",\"quantity\":12345678901234567890,"
                 "\"items\":[{\"a\":null}]}"), NULL, NULL);
    message.idempotency_key = BASE_STR("k-1");
    message.idempotency_ttl_s = 86400;
    message.traceparent = BASE_STR("00-a-b-01");
    message.scope_all = true;
    message.late = true;
    message.reply_to = BASE_STR("orders:replies:\"x\"");
    message.request_id = BASE_STR("17");

    base_buf_init(&buf, arena, SIZE_MAX);
    orders_message_write(&buf, &message);
    ok(!buf.failed, "a message is written");

    ok(orders_message_read(arena, base_buf_str(&buf), &read, &reason),
       "and read");
    is_int(read.kind, ORDERS_MESSAGE_POST, "kind");
    is_str(read.id, message.id, "id");
    is_str(read.user_id, message.user_id, "userId with quotes and newline");
    is_str(read.created_at, message.created_at, "createdAt");
    ok(base_json_equal(read.input, message.input), "input, every digit of it");
    is_str(read.idempotency_key, message.idempotency_key, "idempotencyKey");
    is_int(read.idempotency_ttl_s, 86400, "idempotencyTtl");
    is_str(read.traceparent, message.traceparent, "traceparent");
    ok(read.scope_all, "scope");
    ok(read.late, "late");
    is_str(read.reply_to, message.reply_to, "replyTo");
    is_str(read.request_id, message.request_id, "requestId");

    base_buf_init(&again, arena, SIZE_MAX);
    orders_message_write(&again, &read);
    is_str(base_buf_str(&again), base_buf_str(&buf),
           "written again it is the same, byte for byte");
}


static void
test_kinds(base_arena_t *arena)
{
    int               kind;
    base_str_t        name, text, reason;
    orders_message_t  message;

    for (kind = 0; kind < ORDERS_MESSAGE_KIND_COUNT; kind++) {
        name = orders_message_kind_name((orders_message_kind_t) kind);
        text = base_arena_printf(arena, "{\"v\":1,\"kind\":\"%.*s\",\"id\":\""
                                 ID "\",\"userId\":\"u\",\"createdAt\":\"" TIME
                                 "\",\"input\":%s}", BASE_STR_ARG(name),
                                 kind == ORDERS_MESSAGE_CALLBACK ? CALLBACK
                                                                 : "{}");
        ok(orders_message_read(arena, text, &message, &reason)
           && message.kind == (orders_message_kind_t) kind,
           "kind %.*s is read", BASE_STR_ARG(name));
    }
}


static void
test_refused(base_arena_t *arena)
{
    static const struct {
        const char  *text;
        const char  *reason;
    } cases[] = {
        { "", NULL },
        { "nonsense", NULL },
        { "[]", "no version: \"v\" is not a whole number" },
        { "{}", "no version: \"v\" is not a whole number" },
        { "{\"v\":\"1\"}", "no version: \"v\" is not a whole number" },
        { "{\"v\":2,\"kind\":\"post\"}",
          "written by a newer program: \"v\" is not 1" },
        { "{\"v\":1,\"kind\":\"put\"}",
          "\"kind\" is none that this program knows" },
        { "{\"v\":1,\"kind\":7}", "\"kind\" is none that this program knows" },
        { "{\"v\":1,\"kind\":\"post\",\"id\":\"17\"}",
          "\"id\" is not a UUID" },
        { "{\"v\":1,\"kind\":\"post\",\"id\":\"" ID "\",\"createdAt\":\"now\"}",
          "\"createdAt\" is not an RFC 3339 time" },
        { "{\"v\":1,\"kind\":\"post\",\"id\":\"" ID "\",\"createdAt\":\"" TIME
          "\",\"input\":{}}", "\"userId\" is not a name of 1 to 256 bytes" },
        { "{\"v\":1,\"kind\":\"delete\",\"id\":\"" ID "\",\"createdAt\":\""
          TIME "\",\"userId\":\"\"}",
          "\"userId\" is not a name of 1 to 256 bytes" },
        { "{\"v\":1,\"kind\":\"post\",\"id\":\"" ID "\",\"userId\":\"u\","
          "\"createdAt\":\"" TIME "\"}", "\"input\" is missing" },
        { "{\"v\":1,\"kind\":\"update\",\"id\":\"" ID "\",\"userId\":\"u\","
          "\"createdAt\":\"" TIME "\"}", "\"input\" is missing" },
        { "{\"v\":1,\"kind\":\"callback\",\"id\":\"" ID "\","
          "\"createdAt\":\"" TIME "\"}", "\"input\" is missing" },
        { "{\"v\":1,\"kind\":\"callback\",\"id\":\"" ID "\","
          "\"createdAt\":\"" TIME "\",\"input\":{}}",
          "\"taskToken\" has not the form of one" },
        { "{\"v\":1,\"kind\":\"post\",\"id\":\"" ID "\",\"userId\":\"u\","
          "\"createdAt\":\"" TIME "\",\"input\":[]}",
          "\"input\" is not an object" },
    };

    size_t            i;
    base_str_t        reason;
    orders_message_t  message;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reason = BASE_STR("");
        ok(!orders_message_read(arena, base_str_c(cases[i].text), &message,
                                &reason)
           && reason.len > 0, "refused: %s", cases[i].text);
        if (cases[i].reason != NULL) {
            is_str(reason, base_str_c(cases[i].reason), "with its reason");
        }
    }
}


/* {"a":[[...]]}, so many containers in each other. */
static base_json_t *
input_deep(base_arena_t *arena, unsigned depth)
{
    base_json_t  *input = base_json_object(arena), *inner, *outer;

    inner = base_json_array(arena);
    while (depth-- > 2) {
        outer = base_json_array(arena);
        base_json_append(outer, inner);
        inner = outer;
    }

    base_json_add(input, BASE_STR("a"), inner);
    return input;
}


/* {"a":[0,0,...]}, so many values in all. */
static base_json_t *
input_wide(base_arena_t *arena, unsigned values)
{
    base_json_t  *input = base_json_object(arena);
    base_json_t  *list = base_json_array(arena);

    base_json_add(input, BASE_STR("a"), list);
    while (values-- > 2) {
        base_json_append(list, base_json_int(arena, 0));
    }

    return input;
}


static bool
input_travels(base_arena_t *arena, const base_json_t *input)
{
    base_buf_t        buf;
    base_str_t        reason;
    orders_message_t  message = {
        .kind = ORDERS_MESSAGE_POST, .id = BASE_STR(ID),
        .user_id = BASE_STR("u"), .created_at = BASE_STR(TIME),
        .input = input
    };

    base_buf_init(&buf, arena, SIZE_MAX);
    orders_message_write(&buf, &message);

    return orders_message_read(arena, base_buf_str(&buf), &message, &reason);
}


static void
test_input(base_arena_t *arena)
{
    base_json_t  *input;

    input = input_deep(arena, ORDERS_INPUT_DEPTH_MAX);
    ok(orders_input_fits(input) && input_travels(arena, input),
       "an input of the largest depth fits, and is read again");
    ok(!orders_input_fits(input_deep(arena, ORDERS_INPUT_DEPTH_MAX + 1)),
       "a deeper one does not");

    input = input_wide(arena, ORDERS_INPUT_VALUES_MAX);
    ok(orders_input_fits(input) && input_travels(arena, input),
       "an input of the most values fits, and is read again");
    ok(!orders_input_fits(input_wide(arena, ORDERS_INPUT_VALUES_MAX + 1)),
       "one of more values does not");
}


int
main(void)
{
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_round_trip(&arena);
    test_kinds(&arena);
    test_refused(&arena);
    test_input(&arena);
    base_arena_deinit(&arena);

    return done_testing();
}
