/* SPDX-License-Identifier: BSD-2-Clause */

/* Replies at their limits and behind them, and without memory. */

#include "fake.h"

#include "redis/link_internal.h"


#define LONG_STRING    SEND("$16777216\r\n"), FLOOD(1024, FAKE_16K),           \
                       SEND("\r\n")
#define TOO_LONG       "$16777217\r\n"
#define MANY_ELEMENTS  "*262144\r\n"
#define TOO_MANY       "*262145\r\n"


static const struct {
    const char         *name;
    const fake_step_t   steps[24];
    const char         *diary;
} limits[] = {
    { "a string at the limit",
      { GREET, EXPECT("GET a"), LONG_STRING, GONE, END },
      "UP a=(16777216 bytes) " },
    { "a string one byte longer",
      { GREET, EXPECT("GET a"), SEND(TOO_LONG), FLOOD(1024, FAKE_16K),
        SEND("x\r\n"), GONE, END },
      "UP LOST(protocol error: a string that is too long came) a=UNKNOWN " },
    { "an array at the limit",
      { GREET, EXPECT("GET a"), SEND(MANY_ELEMENTS), FLOOD(262144, "$-1\r\n"),
        GONE, END },
      "UP a=(262144 elements) " },
    { "an array of one element more",
      { GREET, EXPECT("GET a"), SEND(TOO_MANY), GONE, END },
      "UP LOST(protocol error: an array that is too long came) a=UNKNOWN " },
    { "arrays in arrays at the limit",
      { GREET, EXPECT("GET a"), FLOOD(7, "*1\r\n"), SEND(":1\r\n"), GONE,
        END },
      "UP a=[[[[[[[1]]]]]]] " },
    { "arrays one level deeper",
      { GREET, EXPECT("GET a"), FLOOD(8, "*1\r\n"), SEND(":1\r\n"), GONE,
        END },
      "UP LOST(protocol error: a reply came that is too deep) a=UNKNOWN " },
    { "more in all than a reply may have",
      { GREET, EXPECT("GET a"), SEND("*5\r\n"), LONG_STRING, LONG_STRING,
        LONG_STRING, LONG_STRING, LONG_STRING, GONE, END },
      "UP LOST(protocol error: a reply that is too large came) a=UNKNOWN " },
    { "a line at the limit",
      { GREET, EXPECT("GET a"), SEND("+"), FLOOD(3, FAKE_16K),
        SEND(FAKE_1K "\r\n"), GONE, END },
      "UP a=(50176 bytes) " }
};


static void
count_handler(void *data, rds_outcome_t outcome, const rds_reply_t *reply)
{
    if (outcome == RDS_REPLIED && reply->type == REDIS_REPLY_ARRAY
        && reply->elements > 100)
    {
        fake.waiting--;
        fake_note("a=(%zu elements) ", reply->elements);
        return;
    }

    fake_reply_handler(data, outcome, reply);
}


static void
test_limits(void)
{
    size_t              i;
    fake_command_t      a = { .name = "a" };
    rds_link_options_t  options;
    const base_str_t    argv[] = { BASE_STR_INIT("GET"), BASE_STR_INIT("a") };

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        fake_start(limits[i].steps);
        options = fake_options();
        options.timeout_ms = 15000;
        fake_link(&options);
        fake.waiting++;
        rds_link_send(fake.link, argv, 2, count_handler, &a);
        fake_run_until(NULL);
        fake_stop();
        is_diary(limits[i].diary, limits[i].name);
    }
}


/* The n-th allocation of a reply fails, for n = 1 until it passes. */
static void
test_out_of_memory(void)
{
    bool                passed = false;
    int64_t             n;
    fake_command_t      a = { .name = "a" };
    rds_link_options_t  options;
    const fake_step_t   steps[] = {
        GREET, EXPECT("GET a"),
        SEND("*4\r\n$1\r\nx\r\n:1\r\n$-1\r\n*1\r\n+OK\r\n"), GONE, END
    };

    for (n = 1; !passed; n++) {
        fake_start(steps);
        options = fake_options();
        fake_link(&options);
        fake_run_until("UP");
        fake_send(&a, "GET a");
        base_arena_fail_after(&fake.link->replies, n);
        fake_run_until(NULL);
        fake_stop();

        passed = strcmp(fake.diary, "UP a=[x,1,nil,[OK]] ") == 0;
        if (!passed) {
            is_diary("UP LOST(protocol error: a reply that is too large came)"
                     " a=UNKNOWN ", "a reply without memory ends a connection");
        }
    }

    is_int(n - 2, 10, "a small reply takes ten pieces");
}


int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    test_limits();
    test_out_of_memory();

    return done_testing();
}
