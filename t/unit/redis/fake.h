/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A server that follows a script, and a diary of what a link did.
 *
 * The server is a child process with ordinary blocking sockets: what it does
 * cannot hang together with the loop under test.  Its script is an array of
 * steps; the child's exit status is the number of the step that failed, or 0.
 *
 * The diary is text: each event of the link and each end of a command adds a
 * word, so that a test compares one string:
 *
 *   "UP a=PONG LOST b=UNKNOWN "
 */

#ifndef REDIS_FAKE_H
#define REDIS_FAKE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redis/link.h"
#include "redis/loop_uv.h"
#include "tap.h"


#define FAKE_TEXT_BYTES   (64 * 1024)
#define FAKE_PATIENCE_MS  20000         /* a test that takes longer is stuck */

#define FAKE_64   "0123456789abcdef0123456789abcdef"                          \
                  "0123456789abcdef0123456789abcdef"
#define FAKE_256  FAKE_64 FAKE_64 FAKE_64 FAKE_64
#define FAKE_1K   FAKE_256 FAKE_256 FAKE_256 FAKE_256
#define FAKE_4K   FAKE_1K FAKE_1K FAKE_1K FAKE_1K
#define FAKE_16K  FAKE_4K FAKE_4K FAKE_4K FAKE_4K


typedef enum {
    FAKE_END = 0,
    FAKE_ACCEPT,            /* the next connection */
    FAKE_REFUSE,            /* stop listening */
    FAKE_LISTEN,            /* listen again, on the same port */
    FAKE_EXPECT,            /* a command, its arguments joined by spaces */
    FAKE_SEND,              /* bytes, up to a NUL */
    FAKE_SPLIT,             /* the same, one byte at a time */
    FAKE_FLOOD,             /* number times the text */
    FAKE_SKIP,              /* read and forget number bytes */
    FAKE_ONCE,              /* one read has to bring number bytes */
    FAKE_PAUSE,             /* number milliseconds */
    FAKE_CLOSE,             /* close the connection */
    FAKE_RESET,             /* close it with a reset */
    FAKE_GONE               /* wait until the other side has closed it */
} fake_op_t;


typedef struct {
    fake_op_t    op;
    const char  *text;
    long         number;
} fake_step_t;


typedef struct {
    uv_loop_t     uv;
    rds_loop_t    loop;
    rds_link_t   *link;
    uv_timer_t    patience;
    pid_t         child;
    uint16_t      port;
    int           listener;
    char          diary[FAKE_TEXT_BYTES];
    size_t        diary_len;
    unsigned      waiting;      /* commands without an end */
    bool          stuck;
} fake_t;


/* What a command's function is given: its name in the diary. */
typedef struct {
    fake_t         *fake;
    const char     *name;
    void          (*then)(fake_t *fake);    /* after it has ended */
    rds_pending_t  *pending;
} fake_command_t;


static fake_t  fake;


static inline void
fake_note(const char *fmt, ...)
{
    int      n;
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(fake.diary + fake.diary_len,
                  FAKE_TEXT_BYTES - fake.diary_len, fmt, args);
    va_end(args);
    fake.diary_len += (size_t) n;
    if (fake.diary_len >= FAKE_TEXT_BYTES) {
        fake.diary_len = FAKE_TEXT_BYTES - 1;
    }
}


/* --- the child ---------------------------------------------------------- */

static inline bool
fake_read_line(int fd, char *line, size_t size)
{
    size_t  n = 0;

    while (n + 1 < size) {
        if (read(fd, line + n, 1) != 1) {
            return false;
        }

        if (line[n] == '\n') {
            line[n > 0 ? n - 1 : 0] = '\0';
            return true;
        }

        n++;
    }

    return false;
}


static inline bool
fake_read_bytes(int fd, char *out, size_t n)
{
    ssize_t  got;

    while (n > 0) {
        got = read(fd, out, n);
        if (got <= 0) {
            return false;
        }

        out += got;
        n -= (size_t) got;
    }

    return true;
}


static inline bool
fake_read_command(int fd, char *text)
{
    int   argc, i, len;
    char  line[64], end[2];

    *text = '\0';

    if (!fake_read_line(fd, line, sizeof(line))
        || sscanf(line, "*%d", &argc) != 1)
    {
        return false;
    }

    for (i = 0; i < argc; i++) {
        if (!fake_read_line(fd, line, sizeof(line))
            || sscanf(line, "$%d", &len) != 1 || len >= FAKE_TEXT_BYTES
            || !fake_read_bytes(fd, text, (size_t) len)
            || !fake_read_bytes(fd, end, 2))
        {
            return false;
        }

        text += len;
        *text++ = i + 1 < argc ? ' ' : '\0';
    }

    return true;
}


static inline bool
fake_write(int fd, const char *text, size_t len)
{
    ssize_t  n;

    while (len > 0) {
        n = write(fd, text, len);
        if (n <= 0) {
            return false;
        }

        text += n;
        len -= (size_t) n;
    }

    return true;
}


static inline int
fake_bind(uint16_t *port)
{
    int                 fd, on = 1;
    socklen_t           len = sizeof(struct sockaddr_in);
    struct sockaddr_in  sin = { .sin_family = AF_INET };

    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sin.sin_port = htons(*port);

    fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *) &sin, sizeof(sin)) != 0
        || listen(fd, 16) != 0
        || getsockname(fd, (struct sockaddr *) &sin, &len) != 0)
    {
        perror("fake server");
        exit(EXIT_FAILURE);
    }

    *port = ntohs(sin.sin_port);
    return fd;
}


static inline void
fake_reset(int fd)
{
    struct linger  linger = { 1, 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    close(fd);
}


static inline bool
fake_step(const fake_step_t *step, int *fd, char *text)
{
    int     on = 1;
    long    i;
    size_t  len = step->text != NULL ? strlen(step->text) : 0;

    switch (step->op) {
    case FAKE_ACCEPT:
        *fd = accept(fake.listener, NULL, NULL);
        setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        return *fd >= 0;

    case FAKE_REFUSE:
        close(fake.listener);
        return true;

    case FAKE_LISTEN:
        fake.listener = fake_bind(&fake.port);
        return true;

    case FAKE_EXPECT:
        if (!fake_read_command(*fd, text)) {
            return false;
        }

        if (strcmp(text, step->text) != 0) {
            fprintf(stderr, "# fake: got %s\n", text);
            return false;
        }
        return true;

    case FAKE_SEND:
        return fake_write(*fd, step->text, len);

    case FAKE_SPLIT:
        for (i = 0; i < (long) len; i++) {
            usleep(300);
            if (!fake_write(*fd, step->text + i, 1)) {
                return false;
            }
        }
        return true;

    case FAKE_FLOOD:
        for (i = 0; i < step->number; i++) {
            if (!fake_write(*fd, step->text, len)) {
                break;
            }
        }
        return true;

    case FAKE_SKIP:
        for (i = 0; i < step->number; i += FAKE_TEXT_BYTES) {
            len = (size_t) (step->number - i);
            if (!fake_read_bytes(*fd, text,
                                 len < FAKE_TEXT_BYTES ? len : FAKE_TEXT_BYTES))
            {
                return false;
            }
        }
        return true;

    case FAKE_ONCE:
        return read(*fd, text, FAKE_TEXT_BYTES) == step->number;

    case FAKE_PAUSE:
        usleep((useconds_t) step->number * 1000);
        return true;

    case FAKE_CLOSE:
        shutdown(*fd, SHUT_WR);
        while (read(*fd, text, FAKE_TEXT_BYTES) > 0) { /* avoid a reset */ }
        close(*fd);
        return true;

    case FAKE_RESET:
        fake_reset(*fd);
        return true;

    case FAKE_GONE:
        while (read(*fd, text, FAKE_TEXT_BYTES) > 0) { /* forget it */ }
        close(*fd);
        return true;

    case FAKE_END:
        break;
    }

    return false;
}


static inline void
fake_serve(const fake_step_t *steps)
{
    int          i, fd = -1;
    static char  text[FAKE_TEXT_BYTES + 1];

    signal(SIGPIPE, SIG_IGN);
    alarm(FAKE_PATIENCE_MS / 1000 + 5);

    for (i = 0; steps[i].op != FAKE_END; i++) {
        if (!fake_step(&steps[i], &fd, text)) {
            _exit(i + 1);
        }
    }

    _exit(0);
}


/* --- the parent --------------------------------------------------------- */

static inline void
fake_patience_handler(uv_timer_t *timer)
{
    (void) timer;
    fake.stuck = true;
    fake_note("STUCK ");
    uv_stop(&fake.uv);
}


/* Starts a server and a loop; without steps, a port where nobody listens. */
static inline void
fake_start(const fake_step_t *steps)
{
    memset(&fake, 0, sizeof(fake));
    uv_loop_init(&fake.uv);
    rds_loop_uv_init(&fake.loop, &fake.uv);
    uv_timer_init(&fake.uv, &fake.patience);
    uv_timer_start(&fake.patience, fake_patience_handler, FAKE_PATIENCE_MS, 0);

    fake.listener = fake_bind(&fake.port);

    if (steps != NULL) {
        fflush(NULL);
        fake.child = fork();
        if (fake.child == 0) {
            fake_serve(steps);
        }
    }

    close(fake.listener);
}


static inline void
fake_state_handler(void *data, rds_link_t *link, rds_link_state_t state,
    const char *reason)
{
    static const char  *const names[] = { "LOST", "UP", "DOWN", "CLOSED" };

    (void) link;

    if (state == RDS_LINK_UP) {
        fake_note("UP ");
    } else {
        fake_note("%s(%s) ", names[state], reason);
    }

    if (data != NULL) {
        ((void (*)(rds_link_state_t)) data)(state);
    }
}


static inline rds_link_options_t
fake_options(void)
{
    rds_link_options_t  options = { 0 };

    options.address.host = BASE_STR("127.0.0.1");
    options.address.port = fake.port;
    options.on_state = fake_state_handler;
    options.connect_timeout_ms = 500;
    options.timeout_ms = 500;
    options.backoff_max_ms = 80;

    return options;
}


static inline void
fake_link(const rds_link_options_t *options)
{
    fake.link = rds_link_new(&fake.loop, options);
}


static inline void
fake_note_reply(const rds_reply_t *reply)
{
    size_t      i;
    int64_t     n;
    base_str_t  text = rds_reply_str(reply);

    if (rds_reply_int(reply, &n)) {
        fake_note("%ld", (long) n);
    } else if (reply->type == REDIS_REPLY_NIL) {
        fake_note("nil");
    } else if (reply->type == REDIS_REPLY_ARRAY) {
        fake_note("[");
        for (i = 0; i < reply->elements; i++) {
            fake_note("%s", i == 0 ? "" : ",");
            fake_note_reply(rds_reply_at(reply, i));
        }
        fake_note("]");
    } else if (text.len > 200) {
        fake_note("(%zu bytes)", text.len);
    } else {
        fake_note("%.*s", BASE_STR_ARG(text));
    }
}


static inline void
fake_reply_handler(void *data, rds_outcome_t outcome, const rds_reply_t *reply)
{
    fake_command_t  *command = data;

    fake.waiting--;
    command->pending = NULL;

    if (command->name != NULL) {
        fake_note("%s=", command->name);
        if (outcome == RDS_REPLIED) {
            fake_note_reply(reply);
        } else {
            fake_note("%s", outcome == RDS_UNSENT ? "UNSENT" : "UNKNOWN");
        }
        fake_note(" ");
    }

    if (command->then != NULL) {
        command->then(&fake);
    }
}


/* Sends the words of line as a command; notes "name=NULL " if not taken. */
static inline rds_pending_t *
fake_send_block(fake_command_t *command, const char *line, uint32_t block_ms)
{
    size_t      argc = 0;
    base_str_t  argv[16];

    while (*line != '\0' && argc < 16) {
        argv[argc] = base_str(line, strcspn(line, " "));
        line += argv[argc++].len;
        line += *line == ' ';
    }

    command->pending = rds_link_send_blocking(fake.link, argv, argc, block_ms,
                                              fake_reply_handler, command);
    if (command->pending == NULL) {
        fake_note("%s=NULL ", command->name);
        return NULL;
    }

    fake.waiting++;
    return command->pending;
}


static inline rds_pending_t *
fake_send(fake_command_t *command, const char *line)
{
    return fake_send_block(command, line, 0);
}


/* Turns the loop until the diary holds word (NULL: until all commands have
 * ended), or patience is at its end. */
static inline void
fake_run_until(const char *word)
{
    while (!fake.stuck) {
        if (word != NULL ? strstr(fake.diary, word) != NULL
                         : fake.waiting == 0)
        {
            return;
        }

        uv_run(&fake.uv, UV_RUN_ONCE);
    }
}


static inline void
fake_run_for(unsigned ms)
{
    uint64_t  end_ms = uv_now(&fake.uv) + ms;

    while (uv_now(&fake.uv) < end_ms) {
        uv_run(&fake.uv, UV_RUN_NOWAIT);
        usleep(1000);
    }
}


/* Closes everything and reports on the child; true if all steps were done. */
static inline bool
fake_stop(void)
{
    int  status = 0;

    rds_link_close(fake.link);
    fake.link = NULL;
    uv_close((uv_handle_t *) &fake.patience, NULL);
    uv_run(&fake.uv, UV_RUN_DEFAULT);

    if (uv_loop_close(&fake.uv) != 0) {
        printf("# a handle was left open\n");
        return false;
    }

    if (fake.child > 0) {
        while (waitpid(fake.child, &status, 0) < 0 && errno == EINTR) { }
        if (status != 0) {
            printf("# the server's step %d failed (status %#x)\n",
                   WEXITSTATUS(status) - 1, (unsigned) status);
        }
    }

    return status == 0 && !fake.stuck;
}


/* Steps of a script. */
#define ACCEPT         { FAKE_ACCEPT, NULL, 0 }
#define EXPECT(text)   { FAKE_EXPECT, text, 0 }
#define SEND(text)     { FAKE_SEND, text, 0 }
#define SPLIT(text)    { FAKE_SPLIT, text, 0 }
#define FLOOD(n, text) { FAKE_FLOOD, text, n }
#define SKIP(bytes)    { FAKE_SKIP, NULL, bytes }
#define ONCE(bytes)    { FAKE_ONCE, NULL, bytes }
#define PAUSE(ms)      { FAKE_PAUSE, NULL, ms }
#define CLOSE          { FAKE_CLOSE, NULL, 0 }
#define RESET          { FAKE_RESET, NULL, 0 }
#define GONE           { FAKE_GONE, NULL, 0 }
#define REFUSE         { FAKE_REFUSE, NULL, 0 }
#define LISTEN         { FAKE_LISTEN, NULL, 0 }
#define END            { FAKE_END, NULL, 0 }
#define GREET          ACCEPT, EXPECT("PING"), SEND("+PONG\r\n")

#define is_diary(expected, name)                                              \
    is_str(base_str(fake.diary, fake.diary_len), base_str_c(expected), name)

#endif
