/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/deliveries.h"

#include "tap.h"


typedef struct {
    const char   text[64];
    uint32_t     count;
    const char   with_7[64];        /* with the count 7 */
} case_t;


static const case_t  cases[] = {
    { "{\"v\":1}", 0, "{\"v\":1,\"deliveries\":7}" },
    { "{\"v\":1,\"deliveries\":1}", 1, "{\"v\":1,\"deliveries\":7}" },
    { "{\"v\":1,\"deliveries\":42}", 42, "{\"v\":1,\"deliveries\":7}" },
    { "{\"v\":1,\"deliveries\":999999}", 999999,
      "{\"v\":1,\"deliveries\":7}" },
    { "{\"v\":1,\"deliveries\":}", 0,
      "{\"v\":1,\"deliveries\":,\"deliveries\":7}" },
    { "{\"v\":1,\"deliveries\":\"1\"}", 0,
      "{\"v\":1,\"deliveries\":\"1\",\"deliveries\":7}" },
    { "{\"n\":\"x,\\\"deliveries\\\":3\"}", 0,
      "{\"n\":\"x,\\\"deliveries\\\":3\",\"deliveries\":7}" },
    { "{\"v\":12}", 0, "{\"v\":12,\"deliveries\":7}" },
    { "", 0, "" },
    { "}", 0, "}" },
    { "{}", 0, "{}" },
    { "{1}", 0, "{1,\"deliveries\":7}" },
    { "not json", 0, "not json" },
    { "{\"v\":1} ", 0, "{\"v\":1} " },
};


int
main(void)
{
    size_t      i;
    base_buf_t  buf;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const case_t  *c = &cases[i];

        is_int(worker_deliveries_read(base_str_c(c->text)), c->count, c->text);

        base_buf_init(&buf, NULL, SIZE_MAX);
        worker_deliveries_write(&buf, base_str_c(c->text), 7);
        is_str(base_buf_str(&buf), base_str_c(c->with_7), "... with 7");
        base_buf_deinit(&buf);
    }

    return done_testing();
}
