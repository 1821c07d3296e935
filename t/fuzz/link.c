/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A link against a server that says anything at any time.  The input is a
 * script; each step is one byte, the operation in its low three bits and an
 * argument above them, and one turn of the loop follows it.  The clock is ours
 * and the socket is real.
 *
 * Whatever happens, each command that was taken ends exactly once, replies come
 * in the order of the commands, what the server has seen is never "unsent", and
 * a closed link leaves no timer and no watch behind.
 */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "redis/link.h"

#include "fuzz.h"
#include "loop.h"


#define LINK_COMMANDS_MAX  256
#define LINK_SEEN_MAX      (1024 * 1024)
#define LINK_MARK_BYTES    8            /* of a command, "<000017>" */
#define LINK_MARK_ROOM     32


typedef struct {
    rds_pending_t  *pending;
    bool            waiting;        /* its function is yet to be called */
    bool            unsent;
} link_command_t;


typedef enum {
    LINK_THEN_NOTHING = 0,
    LINK_THEN_SEND,
    LINK_THEN_CANCEL,
    LINK_THEN_CLOSE
} link_then_t;


/* All of one run. */
static struct {
    rds_link_t     *link;               /* NULL: closed */
    link_command_t  commands[LINK_COMMANDS_MAX];
    size_t          count;
    size_t          replied;            /* commands up to the last reply */
    link_then_t     then;               /* when the next command ends */

    int             peer;               /* the server's side, or -1 */
    char            seen[LINK_SEEN_MAX];
    size_t          seen_len;

    const uint8_t  *data;
    size_t          size;
} run;

/* Of the whole process: where the server listens. */
static int                 link_listener = -1;
static struct sockaddr_un  link_address = { .sun_family = AF_UNIX };


static const char *const  link_replies[] = {
    "+PONG\r\n", "+OK\r\n", ":1\r\n", ":-9223372036854775808\r\n", "$-1\r\n",
    "*-1\r\n", "$3\r\nabc\r\n", "$0\r\n\r\n", "*0\r\n",
    "*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", "*3\r\n", "$10\r\n", "*1\r\n",
    "-OOM command not allowed\r\n", "-NOAUTH Authentication required.\r\n",
    "-LOADING Redis is loading\r\n", "-ERR max number of clients reached\r\n",
    "-MOVED 1 127.0.0.1:1\r\n", "-\r\n", "-ERR\r\n", "*100000000\r\n",
    "$536870912\r\n", "%1\r\n+a\r\n:1\r\n", ">1\r\n:1\r\n", "_\r\n", "\r\n",
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"
};


/* --- the server --------------------------------------------------------- */

/*
 * The socket's file is gone before anything can go wrong: a descriptor of it is
 * its address from then on.
 */
static void
link_listen(void)
{
    int  file;

    if (link_listener != -1) {
        return;
    }

    signal(SIGPIPE, SIG_IGN);
    snprintf(link_address.sun_path, sizeof(link_address.sun_path),
             "/tmp/orders-fuzz-%ld", (long) getpid());
    (void) unlink(link_address.sun_path);

    link_listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    check(bind(link_listener, (struct sockaddr *) &link_address,
               sizeof(link_address)) == 0);
    check(listen(link_listener, 16) == 0);

    file = open(link_address.sun_path, O_PATH);
    check(file != -1 && unlink(link_address.sun_path) == 0);
    snprintf(link_address.sun_path, sizeof(link_address.sun_path),
             "/proc/self/fd/%d", file);
}


static void
link_hang_up(void)
{
    if (run.peer != -1) {
        close(run.peer);
        run.peer = -1;
    }
}


static void
link_accept(void)
{
    int  peer = accept4(link_listener, NULL, NULL, SOCK_NONBLOCK);

    if (peer != -1) {
        link_hang_up();
        run.peer = peer;
    }
}


static void
link_drain(void)
{
    ssize_t  n = 1;

    while (run.peer != -1 && n > 0 && run.seen_len < LINK_SEEN_MAX) {
        n = read(run.peer, run.seen + run.seen_len,
                 LINK_SEEN_MAX - run.seen_len);
        run.seen_len += n > 0 ? (size_t) n : 0;
    }
}


static void
link_say(const void *bytes, size_t len)
{
    if (run.peer != -1 && len > 0) {
        (void) send(run.peer, bytes, len, MSG_NOSIGNAL);
    }
}


/* --- the client --------------------------------------------------------- */

/* Every byte of a reply can be read. */
static void
link_read(const rds_reply_t *reply, unsigned depth)
{
    size_t      i;
    int64_t     value;
    base_str_t  text = rds_reply_str(reply);

    check(reply != NULL && depth < 16);
    check(text.len == 0 || text.data[text.len] == '\0');
    check(rds_reply_is_error(reply)
          == (rds_reply_error_kind(reply) != RDS_ERROR_NONE));
    check(rds_reply_error_code(reply).len <= text.len);
    (void) rds_reply_int(reply, &value);

    for (i = 0; rds_reply_at(reply, i) != NULL; i++) {
        link_read(rds_reply_at(reply, i), depth + 1);
    }
}


static void link_send(unsigned kind);
static void link_cancel(size_t from);


static void
link_reply_handler(void *data, rds_outcome_t outcome, const rds_reply_t *reply)
{
    size_t           i;
    link_then_t      then = run.then;
    link_command_t  *command = data;

    check(command->waiting);
    check((outcome == RDS_REPLIED) == (reply != NULL));
    command->waiting = false;
    command->unsent = outcome == RDS_UNSENT;
    i = (size_t) (command - run.commands);

    if (outcome == RDS_REPLIED) {
        check(i >= run.replied);
        run.replied = i + 1;
        link_read(reply, 0);
    }

    run.then = LINK_THEN_NOTHING;

    switch (then) {
    case LINK_THEN_SEND:
        link_send(0);
        break;

    case LINK_THEN_CANCEL:
        link_cancel(i);
        break;

    case LINK_THEN_CLOSE:
        rds_link_close(run.link);
        run.link = NULL;
        break;

    case LINK_THEN_NOTHING:
        break;
    }
}


static void
link_state_handler(void *data, rds_link_t *link, rds_link_state_t state,
    const char *reason)
{
    (void) data;
    check(state == rds_link_state(link) && state != RDS_LINK_CLOSED);
    check(reason != NULL && reason[0] != '\0');
}


/* kind: 1 blocks, 2 is large, 3 has nobody who cares, 4 cannot be carried. */
static void
link_send(unsigned kind)
{
    char             mark[LINK_MARK_ROOM];
    base_str_t       argv[3];
    link_command_t  *command = &run.commands[run.count];
    static char      large[40000];

    if (run.link == NULL || run.count == LINK_COMMANDS_MAX) {
        return;
    }

    snprintf(mark, sizeof(mark), "<%06zu>", run.count);
    argv[0] = kind == 4 ? BASE_STR("subscribe") : BASE_STR("SET");
    argv[1] = base_str(mark, LINK_MARK_BYTES);
    argv[2] = base_str(large, kind == 2 ? sizeof(large) : 3);

    command->pending = rds_link_send_blocking(run.link, argv, 3,
                                              kind == 1 ? 5000 : 0,
                                              kind == 3 ? NULL
                                                        : link_reply_handler,
                                              command);
    check(kind != 4 || command->pending == NULL);

    if (command->pending != NULL) {
        command->waiting = kind != 3;
        run.count++;
    }
}


/* The first one from there on that waits. */
static void
link_cancel(size_t from)
{
    size_t  i;

    for (i = from; i < run.count; i++) {
        if (run.commands[i].waiting) {
            run.commands[i].waiting = false;
            rds_pending_cancel(run.commands[i].pending);
            return;
        }
    }
}


static void
link_open(unsigned variant)
{
    rds_link_options_t  options = { .on_state = link_state_handler };

    options.address.unix_path = base_str_c(link_address.sun_path);
    options.address.port = 6379;
    options.address.db = variant & 1 ? 7 : 0;
    options.address.password = variant & 2 ? BASE_STR("secret") : BASE_STR("");
    options.address.user = variant & 4 ? BASE_STR("user") : BASE_STR("");
    options.name = variant & 8 ? BASE_STR("fuzz") : BASE_STR("");
    options.waiting_max = variant & 16 ? 2 : 0;

    run.link = rds_link_new(&loop.functions, &options);
    check(run.link != NULL);
}


/* --- the script --------------------------------------------------------- */

static void
link_step_say(unsigned argument)
{
    size_t  n = argument + 1 < run.size ? argument + 1 : run.size;

    link_say(run.data, n);
    run.data += n;
    run.size -= n;
}


static void
link_step_reply(unsigned argument)
{
    const size_t  count = sizeof(link_replies) / sizeof(link_replies[0]);
    const char   *reply = link_replies[argument % count];

    link_say(reply, strlen(reply));
}


static void
link_step_clock(unsigned argument)
{
    loop.now_ms += argument * argument * 8;
}


static void
link_step_peer(unsigned argument)
{
    switch (argument % 3) {
    case 0:
        link_drain();
        break;

    case 1:
        if (run.peer != -1) {
            shutdown(run.peer, SHUT_WR);
        }
        break;

    default:
        link_hang_up();
        break;
    }
}


static void
link_step_then(unsigned argument)
{
    run.then = (link_then_t) (argument % (LINK_THEN_CLOSE + 1));
}


static void
link_step_turn(unsigned argument)
{
    (void) argument;
}


static void
link_run_script(void)
{
    unsigned  step;

    static void (*const  steps[8])(unsigned argument) = {
        link_step_turn, link_step_say, link_step_reply, link_send,
        link_step_clock, link_step_peer, link_step_then, link_step_reply
    };

    while (run.size > 0 && run.link != NULL) {
        step = *run.data++;
        run.size--;

        steps[step & 7](step >> 3);

        loop_turn_timers();
        link_accept();
        loop_turn_watches();
        loop_turn_deferred();
        link_accept();
    }
}


static void
link_check_end(void)
{
    char    mark[LINK_MARK_ROOM];
    size_t  i;

    for (i = 0; i < run.count; i++) {
        check(!run.commands[i].waiting);

        if (run.commands[i].unsent) {
            snprintf(mark, sizeof(mark), "<%06zu>", i);
            check(memmem(run.seen, run.seen_len, mark, LINK_MARK_BYTES)
                  == NULL);
        }
    }

    check(loop_is_empty());
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }

    link_listen();
    memset(run.commands, 0, sizeof(run.commands));
    loop_begin();
    run.count = 0;
    run.replied = 0;
    run.then = LINK_THEN_NOTHING;
    run.peer = -1;
    run.seen_len = 0;
    run.data = data + 1;
    run.size = size - 1;

    link_open(data[0]);
    link_run_script();
    link_drain();

    run.then = LINK_THEN_NOTHING;
    rds_link_close(run.link);
    run.link = NULL;

    link_check_end();
    link_accept();
    link_hang_up();

    return 0;
}
