/* SPDX-License-Identifier: BSD-2-Clause */

/* A link against a server that misbehaves by script. */

#include "fake.h"


#define GREET  { FAKE_ACCEPT, NULL, 0 }, { FAKE_EXPECT, "PING", 0 },          \
               { FAKE_SEND, "+PONG\r\n", 0 }


static void
test_order(void)
{
    const fake_step_t  steps[] = {
        GREET,
        { FAKE_EXPECT, "GET a", 0 },
        { FAKE_EXPECT, "GET b", 0 },
        { FAKE_EXPECT, "GET c", 0 },
        { FAKE_SEND, "$1\r\n1\r\n:2\r\n*2\r\n$-1\r\n*1\r\n-ERR no\r\n", 0 },
        { FAKE_GONE, NULL, 0 },
        { FAKE_END, NULL, 0 }
    };
    fake_command_t      a = { .name = "a" }, b = { .name = "b" };
    fake_command_t      c = { .name = "c" };
    rds_link_options_t  options;

    fake_start(steps);
    options = fake_options();
    fake_link(&options);
    is_int(rds_link_state(fake.link), RDS_LINK_CONNECTING,
           "a new link is connecting");
    fake_send(&a, "GET a");
    fake_run_until("UP");
    fake_send(&b, "GET b");
    fake_send(&c, "GET c");
    is_int(rds_link_state(fake.link), RDS_LINK_UP, "then it is up");
    is_int((int64_t) rds_link_pending(fake.link), 3, "three commands wait");
    fake_run_until(NULL);
    is_int((int64_t) rds_link_pending(fake.link), 0, "none is left");
    ok(fake_stop(), "the server saw three commands, the handshake first");
    is_diary("UP a=1 b=2 c=[nil,[ERR no]] ",
             "replies come in the order of the commands");
}


int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    test_order();
    return done_testing();
}
