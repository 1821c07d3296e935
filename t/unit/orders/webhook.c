/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include "base/buf.h"
#include "orders/webhook.h"


#define ID     "019ab3c4-5d6e-7f80-9123-456789abcdef"
#define TOKEN  ID ".Vx0pUo8nKQd1yHn2bGm4wLtR5sEjZ_-c"


typedef struct {
    const char              *name;
    const char              *body;
    orders_webhook_status_t  status;
    const char              *text;  /* the input, or the reason */
} webhook_case_t;


static const orders_webhook_map_t  plain = {
    .token = BASE_STR_INIT("/taskToken"),
    .outcome = BASE_STR_INIT("/outcome"),
    .output = BASE_STR_INIT("/output"),
    .error = BASE_STR_INIT("/error"),
    .cause = BASE_STR_INIT("/cause"),
};

static const webhook_case_t  plain_cases[] = {
    { "a success",
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"success\",\"output\":"
      "{\"paid\":[1,2.50]}}", ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"success\",\"output\":"
      "{\"paid\":[1,2.50]}}" },
    { "a success of null",
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"success\",\"output\":null}",
      ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"success\",\"output\":null}" },
    { "a failure, with more than is asked for",
      "{\"cause\":\"no funds\",\"error\":\"Declined\",\"output\":1,\"x\":2,"
      "\"outcome\":\"failure\",\"taskToken\":\"" TOKEN "\"}",
      ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"failure\",\"error\":"
      "\"Declined\",\"cause\":\"no funds\"}" },
    { "a failure without a name",
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"failure\"}",
      ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"failure\"}" },
    { "a heartbeat",
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"heartbeat\",\"output\":1}",
      ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"heartbeat\"}" },
    { "no outcome", "{\"taskToken\":\"" TOKEN "\",\"output\":1}",
      ORDERS_WEBHOOK_WRONG, "the webhook has no outcome at \"/outcome\"" },
    { "an outcome that is none",
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":{\"success\":1}}",
      ORDERS_WEBHOOK_WRONG, "the webhook has no outcome at \"/outcome\"" },
    { "another outcome",
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"Success\"}",
      ORDERS_WEBHOOK_WRONG,
      "the outcome is not success, failure or heartbeat" },
    { "no token", "{\"outcome\":\"heartbeat\"}", ORDERS_WEBHOOK_WRONG,
      "the webhook has no task token at \"/taskToken\"" },
    { "an empty token", "{\"outcome\":\"heartbeat\",\"taskToken\":\"\"}",
      ORDERS_WEBHOOK_WRONG,
      "the webhook has no task token at \"/taskToken\"" },
    { "a token that is none",
      "{\"outcome\":\"heartbeat\",\"taskToken\":\"" ID "\"}",
      ORDERS_WEBHOOK_WRONG, "\"taskToken\" has not the form of one" },
    { "a success without an output",
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"success\"}",
      ORDERS_WEBHOOK_WRONG, "the webhook has no output at \"/output\"" },
    { "a body that is no object", "[1]", ORDERS_WEBHOOK_WRONG,
      "the webhook has no outcome at \"/outcome\"" },
    { "nor has any members", "\"success\"", ORDERS_WEBHOOK_WRONG,
      "the webhook has no outcome at \"/outcome\"" },
};


static const orders_webhook_event_t  events[] = {
    { BASE_STR_INIT("payment.succeeded"), ORDERS_CALLBACK_SUCCESS },
    { BASE_STR_INIT("payment.settled"), ORDERS_CALLBACK_SUCCESS },
    { BASE_STR_INIT("payment.failed"), ORDERS_CALLBACK_FAILURE },
    { BASE_STR_INIT("true"), ORDERS_CALLBACK_HEARTBEAT },
};

static const orders_webhook_map_t  mapped = {
    .token = BASE_STR_INIT("/data/metadata/token"),
    .outcome = BASE_STR_INIT("/type"),
    .output = BASE_STR_INIT(""),
    .error = BASE_STR_INIT("/data/code"),
    .cause = BASE_STR_INIT("/data/message"),
    .id = BASE_STR_INIT("/id"),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0])
};

#define DATA  "\"data\":{\"metadata\":{\"token\":\"" TOKEN "\"}}"

static const webhook_case_t  mapped_cases[] = {
    { "an event that stands for success: the body is its output",
      "{\"id\":\"evt_1\",\"type\":\"payment.settled\"," DATA "}",
      ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"success\",\"webhookId\":"
      "\"evt_1\",\"output\":{\"id\":\"evt_1\",\"type\":\"payment.settled\","
      DATA "}}" },
    { "one that stands for failure, by its own name",
      "{\"id\":17,\"type\":\"payment.failed\"," DATA "}",
      ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"failure\",\"error\":"
      "\"payment.failed\",\"webhookId\":\"17\"}" },
    { "or with its reasons",
      "{\"id\":17,\"type\":\"payment.failed\",\"data\":{\"metadata\":{"
      "\"token\":\"" TOKEN "\"},\"code\":51,\"message\":\"no funds\"}}",
      ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"failure\",\"error\":"
      "\"51\",\"cause\":\"no funds\",\"webhookId\":\"17\"}" },
    { "one that is no text",
      "{\"id\":17,\"type\":true," DATA "}",
      ORDERS_WEBHOOK_TAKEN,
      "{\"taskToken\":\"" TOKEN "\",\"outcome\":\"heartbeat\",\"webhookId\":"
      "\"17\"}" },
    { "one that stands for nothing, whatever else is in it",
      "{\"type\":\"success\"}", ORDERS_WEBHOOK_IGNORED, "" },
    { "no event", "{\"id\":\"1\"," DATA "}", ORDERS_WEBHOOK_WRONG,
      "the webhook has no outcome at \"/type\"" },
    { "no token", "{\"id\":\"1\",\"type\":\"payment.settled\",\"data\":{}}",
      ORDERS_WEBHOOK_WRONG,
      "the webhook has no task token at \"/data/metadata/token\"" },
    { "no id", "{\"type\":\"payment.settled\"," DATA "}",
      ORDERS_WEBHOOK_WRONG, "the webhook has no id at \"/id\"" },
};


static void
test_case(const orders_webhook_map_t *map, const webhook_case_t *c)
{
    base_buf_t          buf;
    base_str_t          reason = BASE_STR("");
    base_json_t        *body;
    base_arena_t        arena;
    orders_callback_t   callback;

    orders_webhook_status_t  status;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    body = base_json_parse(&arena, base_str_c(c->body), NULL, NULL);
    status = orders_webhook_read(map, &arena, body, &callback, &reason);

    is_int(status, c->status, c->name);

    if (status == ORDERS_WEBHOOK_TAKEN) {
        base_buf_init(&buf, &arena, SIZE_MAX);
        base_json_write(&buf, orders_callback_json(&arena, &callback));
        is_str(base_buf_str(&buf), base_str_c(c->text), "... is read");
        is_str(callback.id, BASE_STR(ID), "... and of its order");
    } else {
        is_str(reason, base_str_c(c->text), "... and it is told why");
    }

    base_arena_deinit(&arena);
}


/* A body as deep as a parser reads is too deep for a message. */
static void
test_deep(void)
{
    size_t              i;
    base_buf_t          buf;
    base_str_t          reason;
    base_json_t        *body;
    base_arena_t        arena;
    orders_callback_t   callback;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_buf_init(&buf, &arena, SIZE_MAX);
    base_buf_add_lit(&buf, "{\"id\":1,\"type\":\"payment.settled\"," DATA
                           ",\"x\":");

    for (i = 1; i < BASE_JSON_DEPTH_MAX_DEFAULT; i++) {
        base_buf_add_char(&buf, '[');
    }

    for (i = 1; i < BASE_JSON_DEPTH_MAX_DEFAULT; i++) {
        base_buf_add_char(&buf, ']');
    }

    base_buf_add_char(&buf, '}');
    body = base_json_parse(&arena, base_buf_str(&buf), NULL, NULL);
    ok(body != NULL, "a deep body is read");
    is_int(orders_webhook_read(&mapped, &arena, body, &callback, &reason),
           ORDERS_WEBHOOK_WRONG, "but it is no callback");
    is_str(reason, BASE_STR("\"output\" is nested too deeply, or has too many "
                            "values"), "... and it is told why");

    base_arena_deinit(&arena);
}


/* The n-th allocation fails, until none does. */
static void
test_memory(void)
{
    int64_t             n;
    base_str_t          reason;
    base_json_t        *body;
    base_arena_t        text, arena;
    orders_callback_t   callback;

    orders_webhook_status_t  status = ORDERS_WEBHOOK_WRONG;

    base_arena_init(&text, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    body = base_json_parse(&text, base_str_c(plain_cases[0].body), NULL, NULL);

    for (n = 1; n < 100 && status == ORDERS_WEBHOOK_WRONG; n++) {
        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&arena, n);
        status = orders_webhook_read(&plain, &arena, body, &callback, &reason);

        if (status == ORDERS_WEBHOOK_WRONG && reason.data != NULL) {
            break;
        }

        base_arena_deinit(&arena);
    }

    is_int(status, ORDERS_WEBHOOK_TAKEN, "without memory there is no reason");
    ok(n > 2, "... and memory was needed");
    base_arena_deinit(&text);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(plain_cases) / sizeof(plain_cases[0]); i++) {
        test_case(&plain, &plain_cases[i]);
    }

    for (i = 0; i < sizeof(mapped_cases) / sizeof(mapped_cases[0]); i++) {
        test_case(&mapped, &mapped_cases[i]);
    }

    test_deep();
    test_memory();

    return done_testing();
}
