/* SPDX-License-Identifier: BSD-2-Clause */

/* A subscriber, against a server that follows a script. */

#include "fake.h"

#include "redis/subscriber.h"


#define OK(channel)    "*3\r\n$9\r\nsubscribe\r\n$1\r\n" channel "\r\n:1\r\n"
#define MESSAGE(channel, text)                                                \
    "*3\r\n$7\r\nmessage\r\n$1\r\n" channel "\r\n$5\r\n" text "\r\n"
#define LISTENS        GREET, EXPECT("SUBSCRIBE a b"), SEND(OK("a") OK("b"))


static rds_subscriber_t  *subscriber;
static const char        *close_at;

static const base_str_t  channels[] = { BASE_STR_INIT("a"),
                                        BASE_STR_INIT("b") };


static void
note(const char *word)
{
    fake_note("%s ", word);

    if (close_at != NULL && strcmp(word, close_at) == 0) {
        rds_subscriber_close(subscriber);
        subscriber = NULL;
        fake_note("closed ");
    }
}


static void
listening_handler(void *data, bool listening, const char *reason)
{
    char  word[300];

    (void) data;
    snprintf(word, sizeof(word), listening ? "LISTENS" : "LOST(%s)", reason);
    note(word);
}


static void
message_handler(void *data, base_str_t channel, base_str_t message)
{
    char  word[300];

    (void) data;
    snprintf(word, sizeof(word), "%.*s=%.*s", BASE_STR_ARG(channel),
             BASE_STR_ARG(message));
    note(word);
}


static void
begin(const fake_step_t *steps)
{
    rds_subscriber_options_t  options = { 0 };

    fake_start(steps);
    close_at = NULL;

    options.address.host = BASE_STR("127.0.0.1");
    options.address.port = fake.port;
    options.connect_timeout_ms = 500;
    options.timeout_ms = 200;
    options.backoff_max_ms = 80;
    options.heartbeat_ms = 200;
    options.channels = channels;
    options.channel_count = 2;
    options.on_message = message_handler;
    options.on_listening = listening_handler;

    subscriber = rds_subscriber_new(&fake.loop, &options);
}


static bool
end(void)
{
    rds_subscriber_close(subscriber);
    return fake_stop();
}


static void
test_messages(void)
{
    const fake_step_t  steps[] = {
        LISTENS, SEND(MESSAGE("a", "hello") MESSAGE("b", "world")),
        SPLIT(MESSAGE("a", "again")), GONE, END
    };

    begin(steps);
    ok(!rds_subscriber_listens(subscriber), "a new one does not listen yet");
    fake_run_until("LISTENS");
    ok(rds_subscriber_listens(subscriber), "then it does");
    fake_run_until("again");
    ok(end(), "a subscriber names its channels once");
    is_diary("LISTENS a=hello b=world a=again ", "messages come in order");
}


static void
test_again(void)
{
    const fake_step_t  steps[] = {
        LISTENS, SEND(MESSAGE("a", "hello")), CLOSE,
        LISTENS, SEND(MESSAGE("b", "world")), GONE, END
    };

    begin(steps);
    fake_run_until("world");
    ok(end(), "after a loss the channels are named again");
    is_diary("LISTENS a=hello LOST(Server closed the connection) LISTENS"
             " b=world ", "and the gap is told");
}


static void
test_half_subscribed(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("SUBSCRIBE a b"), SEND(OK("a")), GONE, REFUSE, END
    };

    begin(steps);
    fake_run_until("LOST");
    ok(end(), "a server confirms one channel of two");
    is_diary("LOST(no reply within 200 ms) ", "that is not listening");
}


static void
test_heartbeat(void)
{
    const fake_step_t  steps[] = {
        LISTENS, EXPECT("SUBSCRIBE a"), SEND(OK("a")),
        EXPECT("SUBSCRIBE a"), SEND(MESSAGE("b", "still") OK("a")),
        EXPECT("SUBSCRIBE a"), GONE, LISTENS, GONE, END
    };

    begin(steps);
    fake_run_until("still LOST");
    fake_run_until(") LISTENS");
    ok(end(), "a silent connection is asked for a sign of life");
    is_diary("LISTENS b=still LOST(no reply within 200 ms) LISTENS ",
             "and left when there is none");
}


static const struct {
    const char  *name;
    const char  *bytes;
} foreign[] = {
    { "a message of another channel", MESSAGE("c", "hello") },
    { "a confirmation of another channel", OK("c") },
    { "a push of another kind",
      "*3\r\n$8\r\npmessage\r\n$1\r\na\r\n$1\r\nx\r\n" },
    { "an end that was not asked for",
      "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n" },
    { "an empty array", "*0\r\n" },
    { "a missing array", "*-1\r\n" },
    { "two elements", "*2\r\n$7\r\nmessage\r\n$1\r\na\r\n" },
    { "four elements",
      "*4\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n$1\r\ny\r\n" },
    { "a kind that is no string", "*3\r\n:1\r\n$1\r\na\r\n$1\r\nx\r\n" },
    { "a kind that is a status", "*3\r\n+message\r\n$1\r\na\r\n$1\r\nx\r\n" },
    { "a kind that is nil", "*3\r\n$-1\r\n$1\r\na\r\n$1\r\nx\r\n" },
    { "a channel that is nil", "*3\r\n$7\r\nmessage\r\n$-1\r\n$1\r\nx\r\n" },
    { "a channel that is a number",
      "*3\r\n$7\r\nmessage\r\n:1\r\n$1\r\nx\r\n" },
    { "a message that is nil", "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$-1\r\n" },
    { "a message that is a number",
      "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n:5\r\n" },
    { "a message that is an array",
      "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n*1\r\n:5\r\n" },
    { "a confirmation without a number",
      "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n$1\r\n1\r\n" },
    { "no push at all", "+OK\r\n" },
    { "a number", ":1\r\n" },
    { "a string", "$5\r\nhello\r\n" }
};


static void
test_foreign(void)
{
    size_t  i;

    for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        const fake_step_t  steps[] = {
            LISTENS, SEND(foreign[i].bytes), GONE, LISTENS, GONE, END
        };

        begin(steps);
        fake_run_until(") LISTENS");
        end();
        is_diary("LISTENS LOST(protocol error: no message of a channel came)"
                 " LISTENS ", foreign[i].name);
    }
}


static void
test_refused(void)
{
    const fake_step_t  steps[] = {
        GREET, EXPECT("SUBSCRIBE a b"), SEND("-NOPERM no channels\r\n"), GONE,
        GREET, EXPECT("SUBSCRIBE a b"), SEND("-NOPERM no channels\r\n"), GONE,
        LISTENS, GONE, END
    };

    begin(steps);
    fake_run_until("LISTENS");
    ok(end(), "a server refuses the channels twice");
    is_diary("LOST(NOPERM no channels) LISTENS ", "it is told once");
}


static void
test_close_within(void)
{
    size_t             i;
    const fake_step_t  steps[] = {
        LISTENS, SEND(MESSAGE("a", "hello") MESSAGE("b", "world")), CLOSE, END
    };
    static const struct {
        const char  *at;
        const char  *diary;
    } points[] = {
        { "LISTENS", "LISTENS closed " },
        { "a=hello", "LISTENS a=hello closed " },
        { "LOST(Server closed the connection)",
          "LISTENS a=hello b=world LOST(Server closed the connection)"
          " closed " }
    };

    for (i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        begin(steps);
        close_at = points[i].at;
        fake_run_until("closed");
        fake_run_for(20);
        end();
        is_diary(points[i].diary, "nothing is told after the close");
    }
}


static void
test_close_by_heartbeat(void)
{
    const fake_step_t  steps[] = { LISTENS, GONE, END };

    begin(steps);
    close_at = "LOST(no reply within 200 ms)";
    fake_run_until("closed");
    ok(end(), "a server falls silent");
    is_diary("LISTENS LOST(no reply within 200 ms) closed ",
             "the subscriber may be closed when that is noticed");
}


static void
test_options(void)
{
    static base_str_t         many[RDS_CHANNELS_MAX + 1];
    rds_subscriber_options_t  options = { 0 };
    size_t                    i;

    for (i = 0; i <= RDS_CHANNELS_MAX; i++) {
        many[i] = BASE_STR("x");
    }

    fake_start(NULL);
    options.address.host = BASE_STR("127.0.0.1");
    options.address.port = fake.port;
    options.channels = many;
    options.on_message = message_handler;

    ok(rds_subscriber_new(&fake.loop, &options) == NULL,
       "a subscriber needs a channel");
    options.channel_count = RDS_CHANNELS_MAX;
    subscriber = rds_subscriber_new(&fake.loop, &options);
    ok(subscriber != NULL, "it may have as many as the limit says");
    rds_subscriber_close(subscriber);
    options.channel_count++;
    ok(rds_subscriber_new(&fake.loop, &options) == NULL, "and no more");
    rds_subscriber_close(NULL);
    ok(fake_stop(), "closed before it has connected");
}


int
main(void)
{
    signal(SIGPIPE, SIG_IGN);

    test_messages();
    test_again();
    test_half_subscribed();
    test_heartbeat();
    test_foreign();
    test_refused();
    test_close_within();
    test_close_by_heartbeat();
    test_options();

    return done_testing();
}
