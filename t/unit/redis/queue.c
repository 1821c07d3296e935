/* SPDX-License-Identifier: BSD-2-Clause */

/* A link's commands: when they leave, how they end, when they are due. */

#include "fake.h"


static fake_command_t  a, b, c;


static void
begin(const fake_step_t *steps)
{
    a = (fake_command_t) { .name = "a" };
    b = (fake_command_t) { .name = "b" };
    c = (fake_command_t) { .name = "c" };
    fake_start(steps);
}


static void
begin_link(const fake_step_t *steps)
{
    rds_link_options_t  options;

    begin(steps);
    options = fake_options();
    fake_link(&options);
}


/* "*2 $3 GET $1 x" with its line ends has 20 bytes. */
static void
test_one_write(void)
{
    const fake_step_t  steps[] = {
        GREET, ONCE(60), SEND(":1\r\n:2\r\n:3\r\n"), ONCE(20),
        SEND(":4\r\n"), GONE, END
    };

    begin_link(steps);
    fake_run_until("UP");
    fake_send(&a, "GET a");
    fake_send(&b, "GET b");
    fake_send(&c, "GET c");
    fake_run_until(NULL);
    fake_send(&a, "GET a");
    fake_run_until(NULL);
    ok(fake_stop(), "commands of one turn of the loop leave in one write");
    is_diary("UP a=1 b=2 c=3 a=4 ", "and are answered one by one");
}


static void
test_late_reply(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("GET a"), PAUSE(700), SEND(":1\r\n"), GONE,
        GREET, EXPECT("GET b"), SEND(":2\r\n"), GONE, END
    };

    begin_link(steps);
    fake_send(&a, "GET a");
    fake_run_until("a=");
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    ok(fake_stop(), "a server answers when it is too late");
    is_diary("UP LOST(no reply within 500 ms) a=UNKNOWN UP b=2 ",
             "a late reply is nobody's");
}


static void
test_cancel(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("GET a"), EXPECT("GET b"), EXPECT("GET c"),
        SEND(":1\r\n:2\r\n:3\r\n"), CLOSE, END
    };

    begin_link(steps);
    rds_pending_cancel(fake_send(&a, "GET a"));
    fake_run_until("UP");
    fake_send(&b, "GET b");
    rds_pending_cancel(fake_send(&c, "GET c"));
    fake.waiting -= 2;
    fake_run_until(NULL);
    fake_run_until("LOST");
    ok(fake_stop(), "what was cancelled is sent all the same");
    is_diary("UP b=2 LOST(Server closed the connection) ",
             "and its reply is passed over");
}


static void
test_nobody_cares(void)
{
    const base_str_t   multi[] = { BASE_STR_INIT("MULTI") };
    const fake_step_t  steps[] = {
        GREET, EXPECT("MULTI"), EXPECT("GET a"), SEND("+OK\r\n:1\r\n"), GONE,
        END
    };

    begin_link(steps);
    ok(rds_link_send(fake.link, multi, 1, NULL, NULL) != NULL,
       "a command needs no function");
    fake_send(&a, "GET a");
    fake_run_until(NULL);
    ok(fake_stop(), "both are sent");
    is_diary("UP a=1 ", "and the replies are counted right");
}


static void
then_send_b(fake_t *f)
{
    (void) f;
    fake_send(&b, "GET b");
}


static void
test_send_within(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("GET a"), SEND(":1\r\n"), EXPECT("GET b"),
        SEND(":2\r\n"), GONE, END
    };

    begin_link(steps);
    a.then = then_send_b;
    fake_send(&a, "GET a");
    fake_run_until(NULL);
    ok(fake_stop(), "a function may send");
    is_diary("UP a=1 b=2 ", "and gets its reply");
}


static void
test_send_within_loss(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("GET a"), CLOSE, GREET, EXPECT("GET b"), SEND(":2\r\n"),
        GONE, END
    };

    begin_link(steps);
    a.then = then_send_b;
    fake_send(&a, "GET a");
    fake_run_until(NULL);
    ok(fake_stop(), "what is sent while commands end waits");
    is_diary("UP LOST(Server closed the connection) a=UNKNOWN UP b=2 ",
             "for the next connection");
}


/* One command of 8 MB is more than the socket buffers of both sides take. */
static void
test_unsent(void)
{
    static char         bytes[8 * 1024 * 1024];
    base_str_t          argv[] = { BASE_STR_INIT("ECHO"),
                                   { bytes, sizeof(bytes) } };
    fake_command_t     *commands[] = { &a, &b };
    const fake_step_t   steps[] = { GREET, SKIP(1000), RESET, GREET, GONE,
                                    END };
    size_t              i;
    rds_link_options_t  options;

    memset(bytes, 'x', sizeof(bytes));
    begin(steps);
    options = fake_options();
    options.timeout_ms = 20000;
    fake_link(&options);
    fake_run_until("UP");

    for (i = 0; i < 2; i++) {
        commands[i]->pending = rds_link_send(fake.link, argv, 2,
                                             fake_reply_handler, commands[i]);
        fake.waiting++;
    }

    fake_run_until(NULL);
    fake_run_until("UNSENT UP");
    ok(fake_stop(), "a server does not read");
    is_diary("UP LOST(Connection reset by peer) a=UNKNOWN b=UNSENT UP ",
             "of what it did not get, only the begun is unknown");
}


static void
test_waiting_max(void)
{
    rds_link_options_t  options;
    const fake_step_t   steps[] = {
        GREET, EXPECT("GET a"), EXPECT("GET b"), SEND(":1\r\n:2\r\n"), GONE, END
    };

    begin(steps);
    options = fake_options();
    options.waiting_max = 2;
    fake_link(&options);
    fake_send(&a, "GET a");
    fake_send(&b, "GET b");
    fake_send(&c, "GET c");
    fake_run_until(NULL);
    ok(fake_stop(), "two commands may wait");
    is_diary("c=NULL UP a=1 b=2 ", "the third is not taken");
}


static void
test_waiting_timeout(void)
{
    rds_link_options_t  options;
    const fake_step_t   steps[] = {
        ACCEPT, EXPECT("PING"), PAUSE(1200), SEND("+PONG\r\n"),
        EXPECT("GET b"), SEND(":2\r\n"), GONE, END
    };

    begin(steps);
    options = fake_options();
    options.timeout_ms = 800;
    options.connect_timeout_ms = 5000;
    fake_link(&options);
    fake_send(&a, "GET a");
    fake_run_until("a=");
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    ok(fake_stop(), "a command waits for the link, but not for ever");
    is_diary("a=UNSENT UP b=2 ", "the next one is sent in its place");
}


static void
count_losses(void *data, rds_link_t *link, rds_link_state_t state,
    const char *reason)
{
    static int  losses;

    (void) data;
    (void) link;
    (void) reason;

    if (state == RDS_LINK_CONNECTING && ++losses == 7) {
        fake_note("LOST 7 ");
    }
}


/* The pauses between short connections grow: the last one is the longest. */
static void
test_waiting_in_pause(void)
{
    uint64_t            given_ms;
    rds_link_options_t  options;
    const fake_step_t   steps[] = {
        GREET, CLOSE, GREET, CLOSE, GREET, CLOSE, GREET, CLOSE, GREET, CLOSE,
        GREET, CLOSE, GREET, PAUSE(20), REFUSE, CLOSE, END
    };

    begin(steps);
    options = fake_options();
    options.timeout_ms = 100;
    options.backoff_max_ms = 5000;
    options.on_state = count_losses;
    fake_link(&options);
    fake_run_until("LOST 7");

    given_ms = uv_now(&fake.uv);
    fake_send(&a, "GET a");
    fake_run_for(50);
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    ok(uv_now(&fake.uv) - given_ms < 600,
       "a pause that is longer than a command's patience");
    ok(fake_stop(), "a server that leaves seven times");
    is_diary("LOST 7 a=UNSENT b=UNSENT ", "each command has its own deadline");
}


static void
test_blocking(void)
{
    rds_link_options_t  options;
    const fake_step_t   steps[] = {
        GREET, EXPECT("BLMOVE a"), EXPECT("GET b"), PAUSE(400),
        SEND("$-1\r\n"), PAUSE(100), SEND(":2\r\n"), EXPECT("GET c"), GONE, END
    };

    begin(steps);
    options = fake_options();
    options.timeout_ms = 200;
    fake_link(&options);
    fake_run_until("UP");
    fake_send_block(&a, "BLMOVE a", 600);
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    is_diary("UP a=nil b=2 ", "a command may be held back, and those behind");
    fake_send(&c, "GET c");
    fake_run_until(NULL);
    fake_stop();
    is_diary("UP a=nil b=2 LOST(no reply within 200 ms) c=UNKNOWN ",
             "then the usual patience holds again");
}


static void
test_blocking_too_long(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("BLMOVE a"), EXPECT("GET b"), GONE, END
    };

    begin_link(steps);
    fake_run_until("UP");
    fake_send_block(&a, "BLMOVE a", 200);
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    ok(fake_stop(), "a server holds back for longer than it was told");
    is_diary("UP LOST(no reply within 700 ms) a=UNKNOWN b=UNKNOWN ",
             "that is a timeout too");
}


static void
test_not_taken(void)
{
    const fake_step_t  steps[] = { GREET, GONE, END };
    const base_str_t   too_long[] = {
        BASE_STR_INIT("ECHO"), { "", RDS_COMMAND_BYTES_MAX }
    };

    begin_link(steps);
    fake_run_until("UP");
    fake_send(&a, "subscribe x");
    fake_send(&b, "PUNSUBSCRIBE");
    fake_send(&c, "Monitor");
    ok(rds_link_send(fake.link, too_long, 2, NULL, NULL) == NULL,
       "a command of more than the limit is not taken");
    ok(rds_link_send(fake.link, too_long, 0, NULL, NULL) == NULL,
       "nor is one without a name");
    ok(fake_stop(), "nothing was sent");
    is_diary("UP a=NULL b=NULL c=NULL ",
             "commands that change how replies come are not taken");
}


static bool
send_all(const base_str_t *last)
{
    const base_str_t  multi[] = { BASE_STR_INIT("MULTI") };
    const base_str_t  get[] = { BASE_STR_INIT("GET"), BASE_STR_INIT("a") };
    rds_command_t     commands[] = {
        { multi, 1, fake_reply_handler, &a, NULL },
        { get, 2, NULL, NULL, NULL },
        { last, 1, fake_reply_handler, &b, NULL },
    };

    return rds_link_send_all(fake.link, commands, 3);
}


/* "*1 $5 MULTI" has 15 bytes, "*2 $3 GET $1 a" 20, "*1 $4 EXEC" 14. */
static void
test_all(void)
{
    const base_str_t   exec = BASE_STR_INIT("EXEC");
    const fake_step_t  steps[] = {
        GREET, EXPECT("GET c"), EXPECT("MULTI"), EXPECT("GET a"),
        EXPECT("EXEC"), SEND(":0\r\n+OK\r\n+QUEUED\r\n:1\r\n"), ONCE(49),
        SEND("+OK\r\n+QUEUED\r\n:2\r\n"), GONE, END
    };

    begin_link(steps);
    fake_send(&c, "GET c");
    ok(send_all(&exec), "commands may be given together, also before UP");
    fake.waiting += 2;
    fake_run_until(NULL);
    ok(send_all(&exec), "and afterwards");
    fake.waiting += 2;
    fake_run_until(NULL);
    ok(fake_stop(), "they are sent one behind the other");
    is_diary("UP c=0 a=OK b=1 a=OK b=2 ", "each has its reply");
}


static void
test_all_or_none(void)
{
    const base_str_t    exec = BASE_STR_INIT("EXEC");
    const base_str_t    monitor = BASE_STR_INIT("MONITOR");
    rds_link_options_t  options;
    const fake_step_t   steps[] = {
        GREET, EXPECT("GET c"), SEND(":1\r\n"), EXPECT("GET c"),
        SEND(":2\r\n"), GONE, END
    };

    begin(steps);
    options = fake_options();
    options.waiting_max = 3;
    fake_link(&options);
    fake_send(&c, "GET c");
    ok(!send_all(&exec), "more than may wait are not taken");
    fake_run_until(NULL);
    ok(!send_all(&monitor), "nor any when one of them cannot be");
    fake_send(&c, "GET c");
    fake_run_until(NULL);
    ok(fake_stop(), "nothing of them was sent");
    is_diary("UP c=1 c=2 ", "and no function is called");
}


int
main(void)
{
    signal(SIGPIPE, SIG_IGN);

    test_one_write();
    test_late_reply();
    test_cancel();
    test_nobody_cares();
    test_send_within();
    test_send_within_loss();
    test_unsent();
    test_waiting_max();
    test_waiting_timeout();
    test_waiting_in_pause();
    test_blocking();
    test_blocking_too_long();
    test_not_taken();
    test_all();
    test_all_or_none();

    return done_testing();
}
