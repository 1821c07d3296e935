/* SPDX-License-Identifier: BSD-2-Clause */

/* A link's states, against a server that follows a script. */

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


static void
test_order(void)
{
    const fake_step_t  steps[] = {
        GREET,
        EXPECT("GET a"), EXPECT("GET b"), EXPECT("GET c"),
        SEND("$1\r\n1\r\n:2\r\n*2\r\n$-1\r\n*1\r\n-ERR no\r\n"),
        GONE, END
    };

    begin_link(steps);
    is_int(rds_link_state(fake.link), RDS_LINK_CONNECTING,
           "a new link is connecting");
    fake_send(&a, "GET a");
    fake_run_until("UP");
    is_int(rds_link_state(fake.link), RDS_LINK_UP, "then it is up");
    fake_send(&b, "GET b");
    fake_send(&c, "GET c");
    is_int((int64_t) rds_link_pending(fake.link), 3, "three commands wait");
    fake_run_until(NULL);
    is_int((int64_t) rds_link_pending(fake.link), 0, "none is left");
    ok(fake_stop(), "the server saw three commands, the handshake first");
    is_diary("UP a=1 b=2 c=[nil,[ERR no]] ",
             "replies come in the order of the commands");
}


static void
test_split(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("HGETALL h"),
        SPLIT("*5\r\n$3\r\nkey\r\n$0\r\n\r\n:-42\r\n*2\r\n+OK\r\n$-1\r\n"
              "*0\r\n"),
        GONE, END
    };

    begin_link(steps);
    fake_send(&a, "HGETALL h");
    fake_run_until(NULL);
    ok(fake_stop(), "the server sent one byte at a time");
    is_diary("UP a=[key,,-42,[OK,nil],[]] ",
             "a reply may come in any number of pieces");
}


/* What becomes of one command, and of the link, when the server does this. */
static const struct {
    const char         *name;
    const fake_step_t   steps[12];
    const char         *diary;
} ends[] = {
    { "a connection closed before the reply",
      { GREET, EXPECT("GET a"), CLOSE, GREET, GONE, END },
      "UP LOST(Server closed the connection) a=UNKNOWN UP " },
    { "a connection closed within the reply",
      { GREET, EXPECT("GET a"), SEND("$5\r\nhel"), CLOSE, GREET, GONE, END },
      "UP LOST(Server closed the connection) a=UNKNOWN UP " },
    { "a connection closed after the reply",
      { GREET, EXPECT("GET a"), SEND("$5\r\nhello\r\n"), CLOSE, GREET, GONE,
        END },
      "UP a=hello LOST(Server closed the connection) UP " },
    { "a reset",
      { GREET, EXPECT("GET a"), PAUSE(20), RESET, GREET, GONE, END },
      "UP LOST(Connection reset by peer) a=UNKNOWN UP " },
    { "silence",
      { GREET, EXPECT("GET a"), GONE, GREET, GONE, END },
      "UP LOST(no reply within 500 ms) a=UNKNOWN UP " },
    { "half a reply and silence",
      { GREET, EXPECT("GET a"), SEND("*2\r\n:1\r\n"), GONE, GREET, GONE, END },
      "UP LOST(no reply within 500 ms) a=UNKNOWN UP " },
    { "one reply more than commands",
      { GREET, EXPECT("GET a"), SEND(":1\r\n:2\r\n"), GONE, GREET, GONE, END },
      "UP a=1 LOST(protocol error: a reply came that nothing asked for) UP " },
    { "one array more than commands",
      { GREET, EXPECT("GET a"), SEND(":1\r\n*1\r\n$2\r\nok\r\n"), GONE, GREET,
        GONE, END },
      "UP a=1 LOST(protocol error: a reply came that nothing asked for) UP " },
    { "one nil more than commands",
      { GREET, EXPECT("GET a"), SEND(":1\r\n$-1\r\n"), GONE, GREET, GONE, END },
      "UP a=1 LOST(protocol error: a reply came that nothing asked for) UP " },
    { "an error that nothing asked for",
      { GREET, EXPECT("GET a"), SEND(":1\r\n-ERR go away\r\n"), GONE, GREET,
        GONE, END },
      "UP a=1 LOST(ERR go away) UP " },
    { "another protocol",
      { GREET, EXPECT("GET a"), SEND("HTTP/1.1 400 Bad Request\r\n"), GONE,
        GREET, GONE, END },
      "UP LOST(Protocol error, got \"H\" as reply type byte) a=UNKNOWN UP " },
    { "a length that is no number",
      { GREET, EXPECT("GET a"), SEND("$x\r\n"), GONE, GREET, GONE, END },
      "UP LOST(Bad bulk string length) a=UNKNOWN UP " },
    { "a negative length",
      { GREET, EXPECT("GET a"), SEND("*-5\r\n"), GONE, GREET, GONE, END },
      "UP LOST(Multi-bulk length out of range) a=UNKNOWN UP " },
    { "an array of two billion",
      { GREET, EXPECT("GET a"), SEND("*2147483647\r\n"), GONE, GREET, GONE,
        END },
      "UP LOST(protocol error: an array that is too long came) a=UNKNOWN UP " },
    { "an array of 2^62 (CVE-2021-32765)",
      { GREET, EXPECT("GET a"), SEND("*4611686018427387904\r\n"), GONE, GREET,
        GONE, END },
      "UP LOST(Multi-bulk length out of range) a=UNKNOWN UP " },
    { "arrays of arrays of arrays",
      { GREET, EXPECT("GET a"), FLOOD(20, "*1\r\n"), GONE, GREET, GONE, END },
      "UP LOST(protocol error: a reply came that is too deep) a=UNKNOWN UP " },
    { "a type that nobody knows",
      { GREET, EXPECT("GET a"), SEND("@1\r\n"), GONE, GREET, GONE,
        END },
      "UP LOST(Protocol error, got \"@\" as reply type byte) a=UNKNOWN UP " },
#if HIREDIS_MAJOR >= 1
    { "a map of RESP3",
      { GREET, EXPECT("GET a"), SEND("%1\r\n+a\r\n+b\r\n"), GONE, GREET, GONE,
        END },
      "UP LOST(protocol error: a reply of an unknown type came)"
      " a=UNKNOWN UP " },
    { "a boolean of RESP3",
      { GREET, EXPECT("GET a"), SEND("#t\r\n"), GONE, GREET, GONE, END },
      "UP LOST(protocol error: a reply of an unknown type came)"
      " a=UNKNOWN UP " },
    { "a double of RESP3",
      { GREET, EXPECT("GET a"), SEND(",1.5\r\n"), GONE, GREET, GONE, END },
      "UP LOST(protocol error: a reply of an unknown type came)"
      " a=UNKNOWN UP " },
    { "a push of RESP3",
      { GREET, EXPECT("GET a"), SEND(">1\r\n+a\r\n"), GONE, GREET, GONE, END },
      "UP LOST(protocol error: a reply of an unknown type came)"
      " a=UNKNOWN UP " },
#endif
    { "a line without an end",
      { GREET, EXPECT("GET a"), SEND("+"), FLOOD(10, FAKE_16K), GONE, GREET,
        GONE, END },
      "UP LOST(protocol error: a line that is too long came) a=UNKNOWN UP " },
    { "a string without an end",
      { GREET, EXPECT("GET a"), SEND("$400000000\r\n"), FLOOD(1100, FAKE_16K),
        GONE, GREET, GONE, END },
      "UP LOST(protocol error: a string that is too long came)"
      " a=UNKNOWN UP " }
};


static void
test_ends(void)
{
    size_t               i, ups;
    rds_link_options_t   options;

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        begin(ends[i].steps);
        options = fake_options();
        if (ends[i].steps[3].op == FAKE_FLOOD
            || ends[i].steps[4].op == FAKE_FLOOD
            || ends[i].steps[5].op == FAKE_FLOOD)
        {
            options.timeout_ms = 10000;     /* much to read */
        }
        fake_link(&options);
        fake_send(&a, "GET a");
        fake_run_until(NULL);

        do {                        /* the second UP is the last word */
            uv_run(&fake.uv, UV_RUN_ONCE);
            ups = 0;
            for (const char *p = fake.diary; (p = strstr(p, "UP ")); p++) {
                ups++;
            }
        } while (ups < 2 && !fake.stuck);

        ok(fake_stop(), "%s: the link leaves and comes back", ends[i].name);
        is_diary(ends[i].diary, ends[i].name);
    }
}


static void
test_refused(void)
{
    rds_link_options_t  options;

    begin(NULL);
    options = fake_options();
    fake_link(&options);
    fake_send(&a, "GET a");
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    is_int(rds_link_state(fake.link), RDS_LINK_DOWN,
           "after a failed attempt a link is down");
    fake_send(&c, "GET c");
    fake_run_for(300);              /* a few more attempts */
    fake_stop();
    is_diary("DOWN(Connection refused) a=UNSENT b=UNSENT c=NULL ",
             "without a server nothing is sent, and it is told once");
}


static void
test_comes_late(void)
{
    rds_link_options_t  options;
    const fake_step_t   steps[] = {
        REFUSE, PAUSE(200), LISTEN,
        GREET, EXPECT("GET a"), SEND(":1\r\n"), CLOSE, REFUSE, PAUSE(100),
        LISTEN, GREET, EXPECT("GET b"), SEND(":2\r\n"), GONE, END
    };

    begin(steps);
    fake_run_for(100);              /* by now it has stopped listening */
    options = fake_options();
    fake_link(&options);
    fake_run_until("UP");
    fake_send(&a, "GET a");
    fake_run_until("DOWN(Connection refused) UP a=1 LOST(Server closed the "
                   "connection) DOWN(Connection refused) UP");
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    ok(fake_stop(), "a link finds a server that comes late, or again");
    is_diary("DOWN(Connection refused) UP a=1 LOST(Server closed the "
             "connection) DOWN(Connection refused) UP b=2 ",
             "and tells each change once");
}


static void
then_close(fake_t *f)
{
    rds_link_close(f->link);
    f->link = NULL;
    fake_note("closed ");
}


static void
test_close_within(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("GET a"), EXPECT("GET b"), SEND(":1\r\n:2\r\n"), GONE, END
    };

    begin_link(steps);
    a.then = then_close;
    fake_send(&a, "GET a");
    fake_send(&b, "GET b");
    fake_run_until("UP");
    fake_run_until(NULL);
    ok(fake_stop(), "a link may be closed by a command's function");
    is_diary("UP a=1 b=UNKNOWN closed ",
             "the others end within that call");
}


static void
test_close_within_loss(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("GET a"), EXPECT("GET b"), CLOSE, END
    };

    begin_link(steps);
    a.then = then_close;
    fake_send(&a, "GET a");
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    ok(fake_stop(), "a link may be closed while its commands end");
    is_diary("UP LOST(Server closed the connection) a=UNKNOWN b=UNKNOWN "
             "closed ", "each of them ends once");
}


static void
close_on_state(rds_link_state_t state)
{
    if (state != RDS_LINK_UP) {
        then_close(&fake);
    }
}


static void
test_close_on_state(void)
{
    rds_link_options_t  options;
    const fake_step_t   steps[] = {
        GREET, EXPECT("GET a"), EXPECT("GET b"), CLOSE, END
    };

    begin(steps);
    options = fake_options();
    options.data = (void *) close_on_state;
    fake_link(&options);
    fake_send(&a, "GET a");
    fake_send(&b, "GET b");
    fake_run_until(NULL);
    ok(fake_stop(), "a link may be closed by its state's function");
    is_diary("UP LOST(Server closed the connection) a=UNKNOWN b=UNKNOWN "
             "closed ", "commands end before the close returns");
}


static void
test_loop_ends(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("GET a"), PAUSE(50), SEND(":1\r\n"), GONE, END
    };

    begin_link(steps);
    fake_run_until("UP");
    uv_unref((uv_handle_t *) &fake.patience);
    fake_send(&a, "GET a");
    uv_run(&fake.uv, UV_RUN_DEFAULT);
    is_diary("UP a=1 ", "a loop ends when no command waits, not before");
    ok(fake_stop(), "and leaves no handle open");
}


static void
test_close_early(void)
{
    const fake_step_t  steps[] = { ACCEPT, GONE, END };

    begin(NULL);
    rds_link_close(NULL);
    fake_stop();
    ok(true, "closing no link is fine");

    begin_link(NULL);
    fake_send(&a, "GET a");
    ok(fake_stop(), "a link may be closed before it has tried to connect");
    is_diary("a=UNSENT ", "its command was not sent");

    begin_link(steps);
    fake_run_for(50);
    fake_send(&a, "GET a");
    ok(fake_stop(), "and in its handshake");
    is_diary("a=UNSENT ", "its command was not sent either");
}


/* The loop's makers fail at the n-th call. */
static int  makers_left;

static rds_watch_t  *(*real_watch_new)(const rds_loop_t *, int, rds_watch_fn,
                        void *);
static rds_timer_t  *(*real_timer_new)(const rds_loop_t *, rds_timer_fn,
                        void *);


static rds_watch_t *
failing_watch_new(const rds_loop_t *loop, int fd, rds_watch_fn fn, void *data)
{
    return --makers_left == 0 ? NULL : real_watch_new(loop, fd, fn, data);
}


static rds_timer_t *
failing_timer_new(const rds_loop_t *loop, rds_timer_fn fn, void *data)
{
    return --makers_left == 0 ? NULL : real_timer_new(loop, fn, data);
}


static void
begin_failing(const fake_step_t *steps, int n)
{
    begin(steps);
    real_watch_new = fake.loop.watch_new;
    real_timer_new = fake.loop.timer_new;
    fake.loop.watch_new = failing_watch_new;
    fake.loop.timer_new = failing_timer_new;
    makers_left = n;
}


static void
test_loop_fails(void)
{
    int                 n = 1;
    rds_link_options_t  options;
    const fake_step_t   steps[] = { ACCEPT, GONE, GREET, GONE, END };

    for ( ;; n++) {
        begin_failing(NULL, n);
        options = fake_options();
        fake_link(&options);
        if (fake.link != NULL) {
            break;
        }
        ok(fake_stop(), "a link that cannot be made leaves nothing behind");
    }

    is_int(n, 4, "a link takes three timers");
    fake_stop();

    begin_failing(steps, 4);
    options = fake_options();
    fake_link(&options);
    fake_run_until("UP");
    ok(fake_stop(), "a connection that cannot be watched is given up");
    is_diary("DOWN(out of memory) UP ", "and tried again");
}


int
main(void)
{
    signal(SIGPIPE, SIG_IGN);

    test_order();
    test_split();
    test_ends();
    test_refused();
    test_comes_late();
    test_close_within();
    test_close_within_loss();
    test_close_on_state();
    test_loop_ends();
    test_close_early();
    test_loop_fails();

    return done_testing();
}
