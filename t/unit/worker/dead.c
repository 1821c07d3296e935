/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/dead.h"

#include "tap.h"


static void
test_dead(base_str_t message, const char *expected, const char *name)
{
    base_buf_t     buf;
    worker_dead_t  dead = {
        .message = message, .error = BASE_STR("Message.Invalid"),
        .cause = BASE_STR("say \"why\""), .deliveries = 3,
        .consumer = BASE_STR("w.1"), .at_ms = 1795502107123
    };

    base_buf_init(&buf, NULL, SIZE_MAX);
    worker_dead_write(&buf, &dead);
    is_str(base_buf_str(&buf), base_str_c(expected), name);
    base_buf_deinit(&buf);
}


#define HEAD  "{\"v\":1,\"error\":\"Message.Invalid\",\"cause\":"             \
              "\"say \\\"why\\\"\",\"deliveries\":3,\"consumer\":\"w.1\","    \
              "\"at\":\"2026-11-24T06:35:07.123Z\",\"message"

int
main(void)
{
    test_dead(BASE_STR("{\"v\":1}"), HEAD "\":\"{\\\"v\\\":1}\"}",
              "a dead letter holds the message as a string");
    test_dead(BASE_STR(""), HEAD "\":\"\"}", "an empty one too");
    test_dead(BASE_STR("\xff"), HEAD "Base64\":\"/w==\"}",
              "what is not UTF-8 is written in base 64: 1 byte");
    test_dead(BASE_STR("\xff\x00"), HEAD "Base64\":\"/wA=\"}", "2 bytes");
    test_dead(BASE_STR("\xff\x00\x10"), HEAD "Base64\":\"/wAQ\"}", "3 bytes");
    test_dead(BASE_STR("\xff\x00\x10\xfe"), HEAD "Base64\":\"/wAQ/g==\"}",
              "4 bytes");

    return done_testing();
}
