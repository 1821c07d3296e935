/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/callback.h"
#include "orders/message.h"
#include "tap.h"


#define ID     "019ab3c4-5d6e-7f80-9123-456789abcdef"
#define TOKEN  ID ".AAECAwQFBgcICQoLDA0ODxAREhMUFfv_"
#define HEAD   "{\"taskToken\":\"" TOKEN "\",\"outcome\":"


static base_arena_t  arena;


static bool
read_text(base_str_t text, orders_callback_t *callback, base_str_t *reason)
{
    return orders_callback_read(base_json_parse(&arena, text, NULL, NULL),
                                callback, reason);
}


/* Written and read as a part of a message. */
static void
travels(const orders_callback_t *callback, const char *name)
{
    base_buf_t         buf;
    base_str_t         reason = BASE_STR("");
    orders_message_t   read, message = {
        .kind = ORDERS_MESSAGE_CALLBACK, .id = BASE_STR(ID),
        .created_at = BASE_STR("2026-11-24T06:35:07.123Z"),
        .input = orders_callback_json(&arena, callback)
    };
    orders_callback_t  again;

    base_buf_init(&buf, &arena, SIZE_MAX);
    orders_message_write(&buf, &message);
    ok(!buf.failed && orders_message_read(&arena, base_buf_str(&buf), &read,
                                          &reason)
       && orders_callback_read(read.input, &again, &reason),
       "%s is a message of the queue", name);
    is_str(reason, BASE_STR(""), "nothing is wrong with it");
    is_str(again.token, callback->token, "its token");
    is_str(again.id, BASE_STR(ID), "its order");
    is_int(again.outcome, callback->outcome, "its outcome");
    is_str(again.error, callback->error, "its error");
    is_str(again.cause, callback->cause, "its cause");
    is_str(again.webhook_id, callback->webhook_id, "its webhook");
    ok(callback->output == NULL
       ? again.output == NULL : base_json_equal(again.output,
                                                callback->output),
       "its output");
}


static void
test_round_trip(void)
{
    orders_callback_t  callback = {
        .token = BASE_STR(TOKEN), .outcome = ORDERS_CALLBACK_SUCCESS,
        .output = base_json_parse(&arena, BASE_STR("{\"a\":[1.50,null]}"),
                                  NULL, NULL),
        .webhook_id = BASE_STR("msg_1")
    };

    travels(&callback, "a success");
    callback.output = base_json_null(&arena);
    travels(&callback, "a success with null");

    callback.output = NULL;
    callback.outcome = ORDERS_CALLBACK_FAILURE;
    travels(&callback, "a failure without a name");
    callback.error = BASE_STR("Payment.Declined");
    callback.cause = BASE_STR("\"no\" funds\n");
    travels(&callback, "a failure");

    callback = (orders_callback_t) {
        .token = BASE_STR(TOKEN), .outcome = ORDERS_CALLBACK_HEARTBEAT
    };
    travels(&callback, "a heartbeat");
}


static void
test_refused(void)
{
    static const struct {
        const char  *text;
        const char  *reason;
    } cases[] = {
        { "{}", "\"taskToken\" has not the form of one" },
        { "{\"taskToken\":7,\"outcome\":\"heartbeat\"}",
          "\"taskToken\" has not the form of one" },
        { "{\"taskToken\":\"" ID "\",\"outcome\":\"heartbeat\"}",
          "\"taskToken\" has not the form of one" },
        { "{\"taskToken\":\"" TOKEN "\"}",
          "\"outcome\" is not success, failure or heartbeat" },
        { HEAD "\"Success\",\"output\":1}",
          "\"outcome\" is not success, failure or heartbeat" },
        { HEAD "\"success\"}",
          "a success has an \"output\", and nothing else has" },
        { HEAD "\"heartbeat\",\"output\":null}",
          "a success has an \"output\", and nothing else has" },
        { HEAD "\"success\",\"output\":1,\"error\":\"E\"}",
          "only a failure has an \"error\" or a \"cause\"" },
        { HEAD "\"heartbeat\",\"cause\":\"c\"}",
          "only a failure has an \"error\" or a \"cause\"" },
        { HEAD "\"failure\",\"error\":7}",
          "\"error\", \"cause\" or \"webhookId\" is no text, or too long" },
        { HEAD "\"failure\",\"cause\":null}",
          "\"error\", \"cause\" or \"webhookId\" is no text, or too long" },
        { HEAD "\"heartbeat\",\"webhookId\":{}}",
          "\"error\", \"cause\" or \"webhookId\" is no text, or too long" },
    };

    size_t             i;
    base_str_t         reason;
    orders_callback_t  callback;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reason = BASE_STR("");
        ok(!read_text(base_str_c(cases[i].text), &callback, &reason),
           "refused: %s", cases[i].text);
        is_str(reason, base_str_c(cases[i].reason), "with its reason");
    }
}


/* At a bound and one beyond it. */
static void
test_bounds(void)
{
    static const struct {
        const char  *outcome;
        const char  *key;
        size_t       most;
    } texts[] = {
        { "failure", "error", ORDERS_CALLBACK_ERROR_BYTES_MAX },
        { "failure", "cause", ORDERS_CALLBACK_CAUSE_BYTES_MAX },
        { "heartbeat", "webhookId", ORDERS_CALLBACK_WEBHOOK_BYTES_MAX },
    };

    size_t             i, more;
    base_str_t         text, reason;
    orders_callback_t  callback;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (more = 0; more < 2; more++) {
            text = base_arena_printf(&arena, HEAD "\"%s\",\"%s\":\"%0*d\"}",
                                     texts[i].outcome, texts[i].key,
                                     (int) (texts[i].most + more), 0);
            ok(read_text(text, &callback, &reason) == (more == 0),
               "%s of %zu bytes is %s", texts[i].key, texts[i].most + more,
               more == 0 ? "read" : "refused");
        }
    }
}


static void
test_output(void)
{
    unsigned           i, more;
    base_str_t         reason;
    base_json_t       *output, *outer, *input;
    orders_callback_t  read, callback = {
        .token = BASE_STR(TOKEN), .outcome = ORDERS_CALLBACK_SUCCESS
    };

    for (more = 0; more < 2; more++) {
        output = base_json_array(&arena);
        for (i = 2; i < ORDERS_INPUT_DEPTH_MAX + more; i++) {
            outer = base_json_array(&arena);
            base_json_append(outer, output);
            output = outer;
        }

        callback.output = output;
        input = orders_callback_json(&arena, &callback);
        ok(orders_callback_read(input, &read, &reason) == (more == 0),
           "an output %s", more == 0 ? "of the largest depth is read"
                                     : "that is deeper is refused");
    }
}


static void
test_of_another(void)
{
    base_str_t        reason, text;
    orders_message_t  message;

    text = BASE_STR("{\"v\":1,\"kind\":\"callback\","
                    "\"id\":\"019ab3c4-5d6e-7f80-9123-456789abcdee\","
                    "\"createdAt\":\"2026-11-24T06:35:07Z\",\"input\":"
                    HEAD "\"heartbeat\"}}");
    ok(!orders_message_read(&arena, text, &message, &reason),
       "a message whose token is of another order is refused");
    is_str(reason, BASE_STR("\"taskToken\" is of another \"id\""),
           "with its reason");
}


int
main(void)
{
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_round_trip();
    test_refused();
    test_bounds();
    test_output();
    test_of_another();
    base_arena_deinit(&arena);

    return done_testing();
}
