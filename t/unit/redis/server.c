/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A link against a real redis-server, which the test starts itself on a free
 * port, with a directory of its own.
 */

#include "fake.h"

#include "redis/subscriber.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/prctl.h>
#include <sys/stat.h>


#define SERVER_ARGS_MAX  24


static struct {
    char    dir[64];
    char    socket[128];
    char    port[8];
    pid_t   pid;
} server;

static fake_command_t  a, b, c, d, e;


static const char *
server_program(void)
{
    const char  *program = getenv("ORDERS_TEST_REDIS_SERVER");

    return program != NULL ? program : "redis-server";
}


static bool
server_is_installed(void)
{
    char  command[1024];

    snprintf(command, sizeof(command), "%s --version >/dev/null 2>&1",
             server_program());
    return system(command) == 0;
}


/* extra: further arguments, or NULL. */
static void
server_start(const char *const *extra)
{
    int          fd;
    size_t       n = 0;
    const char  *argv[SERVER_ARGS_MAX] = {
        server_program(), "--port", server.port, "--bind", "127.0.0.1",
        "--unixsocket", server.socket, "--dir", server.dir, "--save", "",
        "--daemonize", "no", "--loglevel", "warning"
    };

    while (argv[n] != NULL) {
        n++;
    }

    while (extra != NULL && *extra != NULL && n + 1 < SERVER_ARGS_MAX) {
        argv[n++] = *extra++;
    }

    fflush(NULL);
    server.pid = fork();
    if (server.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        fd = open("/dev/null", O_WRONLY);
        dup2(fd, STDOUT_FILENO);
        execvp(argv[0], (char *const *) (uintptr_t) argv);
        _exit(EXIT_FAILURE);
    }
}


static void
server_kill(int signal_number)
{
    int  status;

    kill(server.pid, signal_number);
    waitpid(server.pid, &status, 0);
    server.pid = 0;
}


static rds_link_options_t
server_options(void)
{
    rds_link_options_t  options = fake_options();

    options.address.port = (uint16_t) atoi(server.port);
    options.timeout_ms = 5000;
    options.connect_timeout_ms = 2000;

    return options;
}


static void
begin(void)
{
    fake_command_t  *commands[] = { &a, &b, &c, &d, &e };
    size_t           i;
    static char      names[] = "a\0b\0c\0d\0e";

    for (i = 0; i < 5; i++) {
        *commands[i] = (fake_command_t) { .name = names + 2 * i };
    }

    fake_start(NULL);
}


/* The diary from the first UP on: before that the server may be starting. */
static void
is_since_up(const char *expected, const char *name)
{
    const char  *up = strstr(fake.diary, "UP ");

    is_str(base_str_c(up != NULL ? up : fake.diary), base_str_c(expected),
           name);
}


static void
test_commands(void)
{
    rds_link_options_t  options;

    begin();
    options = server_options();
    options.name = BASE_STR("orders-test");
    options.address.db = 3;
    fake_link(&options);
    fake_run_until("UP");
    fake_send(&a, "RPUSH q x y");
    fake_send(&b, "LRANGE q 0 -1");
    fake_send(&c, "GET q");
    fake_send(&d, "CLIENT GETNAME");
    fake_send(&e, "GET nothing");
    fake_run_until(NULL);
    ok(fake_stop(), "commands of many kinds");
    is_since_up("UP a=2 b=[x,y] c=WRONGTYPE Operation against a key holding the"
                " wrong kind of value d=orders-test e=nil ",
                "are answered in order");
}


static void
test_transaction(void)
{
    rds_link_options_t  options;

    begin();
    options = server_options();
    fake_link(&options);
    fake_run_until("UP");
    fake_send(&a, "MULTI");
    fake_send(&b, "SET k 5");
    fake_send(&c, "INCR k");
    fake_send(&d, "EXEC");
    fake_run_until(NULL);
    fake_send(&a, "MULTI");
    fake_send(&b, "SET k");
    fake_send(&d, "EXEC");
    fake_run_until(NULL);
    fake_stop();
    is_since_up("UP a=OK b=QUEUED c=QUEUED d=[OK,6] a=OK b=ERR wrong number of"
                " arguments for 'set' command d=EXECABORT Transaction discarded"
                " because of previous errors. ",
                "a transaction, and one that is aborted");
}


static void
test_blocking(void)
{
    rds_link_options_t  options;

    begin();
    options = server_options();
    options.timeout_ms = 300;
    fake_link(&options);
    fake_run_until("UP");
    fake_send_block(&a, "BLMOVE empty other LEFT RIGHT 0.6", 600);
    fake_send(&b, "PING");
    fake_run_until(NULL);
    fake_stop();
    is_since_up("UP a=nil b=PONG ",
                "a server may hold back for as long as it was told");
}


static unsigned  many_replied;

static void
many_handler(void *data, rds_outcome_t outcome, const rds_reply_t *reply)
{
    int64_t  n;

    /* INCR counts: a reply out of order would show */
    if (outcome == RDS_REPLIED && rds_reply_int(reply, &n)
        && n == (int64_t) (intptr_t) data)
    {
        many_replied++;
    }

    fake.waiting--;
}


static void
test_many(void)
{
    enum { ROUNDS = 20, EACH = 1000 };

    int64_t             n = 0;
    rds_link_options_t  options;
    const base_str_t    argv[] = { BASE_STR_INIT("INCR"),
                                   BASE_STR_INIT("many") };

    begin();
    options = server_options();
    fake_link(&options);
    fake_run_until("UP");

    for (int i = 0; i < ROUNDS; i++) {
        for (int j = 0; j < EACH; j++) {
            n++;
            fake.waiting += rds_link_send(fake.link, argv, 2, many_handler,
                                          (void *) (intptr_t) n) != NULL;
        }
        uv_run(&fake.uv, UV_RUN_NOWAIT);
    }

    fake_run_until(NULL);
    ok(fake_stop(), "twenty thousand commands in a few writes");
    is_int(many_replied, ROUNDS * EACH, "each gets its own reply");
}


/* data is the argument that has to come back. */
static void
echo_handler(void *data, rds_outcome_t outcome, const rds_reply_t *reply)
{
    const base_str_t  *sent = data;

    fake_note("%s ", outcome == RDS_REPLIED
                     && base_str_eq(rds_reply_str(reply), *sent)
                     ? "same" : "other");
    fake.waiting--;
}


/* Sizes around those of buffers, and every byte. */
static void
test_sizes(void)
{
    char                *bytes;
    size_t               i, j, size;
    base_str_t           argv[] = { BASE_STR_INIT("ECHO"), { NULL, 0 } };
    rds_link_options_t   options;
    static const size_t  sizes[] = { 0, 1, 9, 10, 255, 1023, 1024, 16383,
                                     16384, 16385, 65537, 1000000, 4194304 };

    begin();
    options = server_options();
    fake_link(&options);
    fake_run_until("UP");

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size = sizes[i];
        bytes = malloc(size + 1);
        for (j = 0; j < size; j++) {
            bytes[j] = (char) (j * 31 + size);
        }

        argv[1] = base_str(bytes, size);
        fake.diary_len = 0;
        fake.waiting++;
        rds_link_send(fake.link, argv, 2, echo_handler, &argv[1]);
        fake_send(&b, "STRLEN none");
        fake_run_until(NULL);
        ok(strcmp(fake.diary, "same b=0 ") == 0,
           "an argument of %zu bytes goes and comes", size);
        free(bytes);
    }

    fake_stop();
}


static void
test_killed(void)
{
    rds_link_options_t  options;
    const base_str_t    argv[] = { BASE_STR_INIT("BLPOP"),
                                   BASE_STR_INIT("empty"),
                                   BASE_STR_INIT("5") };

    begin();
    options = server_options();
    fake_link(&options);
    fake_run_until("UP");
    a.pending = rds_link_send_blocking(fake.link, argv, 3, 5000,
                                       fake_reply_handler, &a);
    fake.waiting++;
    fake_run_for(50);
    server_kill(SIGKILL);
    fake_run_until("DOWN");
    fake_send(&b, "PING");
    server_start(NULL);
    fake.diary_len = (size_t) (strstr(fake.diary, "DOWN") - fake.diary);
    fake.diary[fake.diary_len] = '\0';
    fake_note("... ");
    fake_run_until("... UP");
    fake_send(&c, "PING");
    fake_run_until(NULL);
    ok(fake_stop(), "a server is killed and comes again");
    is_since_up("UP LOST(Server closed the connection) a=UNKNOWN ... UP"
                " c=PONG ", "the link comes again too");
}


static void
test_client_killed(void)
{
    rds_link_options_t  options;

    begin();
    options = server_options();
    fake_link(&options);
    fake_run_until("UP");
    fake_send(&a, "CLIENT KILL TYPE normal SKIPME no");
    fake_run_until(NULL);
    fake_run_until("LOST");
    fake_send(&b, "PING");
    fake_run_until(NULL);
    fake_stop();
    is_since_up("UP a=1 LOST(Server closed the connection) UP b=PONG ",
                "a connection that an operator cut is made anew");
}


static void
test_unix(void)
{
    rds_link_options_t  options;

    begin();
    options = server_options();
    options.address.host = base_str(NULL, 0);
    options.address.unix_path = base_str_c(server.socket);
    fake_link(&options);
    fake_run_until("UP");
    fake_send(&a, "PING");
    fake_run_until(NULL);
    fake_stop();
    is_since_up("UP a=PONG ", "a socket in the file system");

    begin();
    options.address.unix_path = BASE_STR("/nonexistent/redis.sock");
    fake_link(&options);
    fake_send(&a, "PING");
    fake_run_until(NULL);
    fake_stop();
    is_diary("DOWN(cannot connect: No such file or directory) a=UNSENT ",
             "and one that is not there");
}


static void
test_full(void)
{
    rds_link_options_t  options;

    begin();
    options = server_options();
    fake_link(&options);
    fake_run_until("UP");
    fake_send(&a, "CONFIG SET maxmemory 1");
    fake_send(&b, "RPUSH q x");
    fake_send(&c, "CONFIG SET maxmemory 0");
    fake_send(&d, "EXISTS q");
    fake_run_until(NULL);
    fake_stop();
    is_since_up("UP a=OK b=OOM command not allowed when used memory >"
                " 'maxmemory'. c=OK d=0 ", "a full server refuses");
}


static void
test_password(void)
{
    rds_link_options_t  options;
    const char *const   extra[] = { "--requirepass", "secret", NULL };

    server_kill(SIGTERM);
    server_start(extra);

    begin();
    options = server_options();
    options.address.password = BASE_STR("secret");
    fake_link(&options);
    fake_run_until("UP");
    fake_send(&a, "PING");
    fake_run_until(NULL);
    fake_stop();
    is_since_up("UP a=PONG ", "the right password");

    begin();
    options.address.password = BASE_STR("wrong");
    fake_link(&options);
    fake_run_until("DOWN");
    fake_run_for(200);
    fake_stop();
    is_diary("DOWN(the server refused AUTH: WRONGPASS; check the user and the"
             " password in the server's address) ", "a wrong one, told once");

    begin();
    options.address.password = base_str(NULL, 0);
    fake_link(&options);
    fake_run_until("DOWN");
    fake_stop();
    is_diary("DOWN(the server refused PING: NOAUTH Authentication required.;"
             " put its password into the server's address,"
             " redis://user:password@host) ", "none");
}


static void
message_handler(void *data, base_str_t channel, base_str_t message)
{
    (void) data;
    fake_note("%.*s:%.*s ", BASE_STR_ARG(channel), BASE_STR_ARG(message));
}


static void
listening_handler(void *data, bool listening, const char *reason)
{
    (void) data;
    (void) reason;
    fake_note(listening ? "LISTENS " : "DEAF ");
}


static void
test_subscriber(void)
{
    rds_subscriber_t          *subscriber;
    rds_link_options_t         options;
    rds_subscriber_options_t   mine = { 0 };
    const base_str_t           channels[] = { BASE_STR_INIT("news"),
                                              BASE_STR_INIT("more") };

    begin();
    options = server_options();
    options.on_state = NULL;
    fake_link(&options);

    mine.address = options.address;
    mine.channels = channels;
    mine.channel_count = 2;
    mine.heartbeat_ms = 50;
    mine.on_message = message_handler;
    mine.on_listening = listening_handler;
    subscriber = rds_subscriber_new(&fake.loop, &mine);
    fake_run_until("LISTENS");

    a.name = NULL;
    fake_send(&a, "PUBLISH news one");
    fake_send(&a, "PUBLISH other two");
    fake_send(&a, "PUBLISH more three");
    fake_run_until("three");
    fake_run_for(200);              /* some heartbeats */
    fake_send(&a, "CLIENT KILL TYPE pubsub");
    fake_run_until("DEAF LISTENS");
    fake_send(&a, "PUBLISH news four");
    fake_run_until("four");
    rds_subscriber_close(subscriber);
    ok(fake_stop(), "a subscriber hears what is published");
    is_str(base_str_c(strstr(fake.diary, "LISTENS")),
           base_str_c("LISTENS news:one more:three DEAF LISTENS news:four "),
           "on its channels, and again after it was cut");
}


static int
remove_entry(const char *path, const struct stat *status, int flag,
    struct FTW *ftw)
{
    (void) status;
    (void) flag;
    (void) ftw;

    return remove(path);
}


int
main(void)
{
    int       fd;
    uint16_t  port = 0;

    if (!server_is_installed()) {
        printf("1..0 # SKIP there is no redis-server\n");
        return EXIT_SUCCESS;
    }

    signal(SIGPIPE, SIG_IGN);

    fd = fake_bind(&port);
    close(fd);
    snprintf(server.port, sizeof(server.port), "%u", port);
    snprintf(server.dir, sizeof(server.dir), "/tmp/orders-unit-XXXXXX");
    if (mkdtemp(server.dir) == NULL) {
        perror("mkdtemp");
        return EXIT_FAILURE;
    }
    snprintf(server.socket, sizeof(server.socket), "%s/redis.sock", server.dir);

    server_start(NULL);
    test_commands();
    test_transaction();
    test_blocking();
    test_many();
    test_sizes();
    test_client_killed();
    test_unix();
    test_full();
    test_subscriber();
    test_killed();
    test_password();
    server_kill(SIGKILL);

    nftw(server.dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);

    return done_testing();
}
