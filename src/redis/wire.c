/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One connection: a socket on a watch of the loop.  hiredis connects it and
 * reads replies from it (hiredis/hiredis.h, "non-blocking"); what is written
 * stands in link->output, where commands are encoded.
 *
 * hiredis' asynchronous API is not used: the link has a queue of its own, and
 * knows from it whose reply comes.  Of hiredis' functions none calls anything
 * of ours but those of object.c, so replies may close the link.
 *
 * A write event does one send(2), a read event one read(2) of 16 KB; we watch
 * for writing only while bytes are left, and reading is level-triggered.
 */

#include "redis/link_internal.h"
#include "redis/subscriber.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>


#define RDS_KEEPALIVE_IDLE_S      15
#define RDS_KEEPALIVE_INTERVAL_S  5
#define RDS_KEEPALIVE_PROBES      3

/* A larger buffer is not kept once it has been written. */
#define RDS_OUTPUT_BYTES_KEPT     (64 * 1024)


static redisContext *rds_wire_connect(const rds_address_t *address);
static void rds_wire_set_socket(const rds_link_t *link, int fd);
static void rds_wire_want(rds_link_t *link, bool read, bool write);
static void rds_wire_watch_handler(void *data, bool readable, bool writable);
static bool rds_wire_connected(rds_link_t *link);
static void rds_wire_wrote(rds_link_t *link, size_t len);
static void rds_wire_read(rds_link_t *link);
static const char *rds_wire_excess(const redisReader *reader);
static void rds_wire_reply(rds_link_t *link, const rds_reply_t *reply);


void
rds_wire_open(rds_link_t *link)
{
    redisContext  *context;

    base_arena_reset(&link->replies);
    base_buf_clear(&link->output);
    link->output_from = 0;
    link->expected = 0;
    link->appended = 0;
    link->written = 0;
    link->connected = false;
    link->subscribed = false;

    context = rds_wire_connect(&link->options.address);
    if (context == NULL) {
        rds_link_break(link, "out of memory");
        return;
    }

    if (context->err != 0) {
        rds_link_break(link, "cannot connect: %s", context->errstr);
        redisFree(context);
        return;
    }

    link->watch = link->loop->watch_new(link->loop, context->fd,
                                        rds_wire_watch_handler, link);
    if (link->watch == NULL) {
        rds_link_break(link, "out of memory");
        redisFree(context);
        return;
    }

    link->context = context;
    context->reader->fn = &rds_object_functions;
    context->reader->privdata = link;

    rds_wire_set_socket(link, context->fd);

    /* Writable means connected, or refused. */
    link->watch_read = false;
    link->watch_write = false;
    rds_wire_want(link, false, true);
}


static redisContext *
rds_wire_connect(const rds_address_t *address)
{
    if (address->unix_path.len > 0) {
        return redisConnectUnixNonBlock(address->unix_path.data);
    }

    return redisConnectNonBlock(address->host.data, address->port);
}


/* None of this is vital, so failures are passed over. */
static void
rds_wire_set_socket(const rds_link_t *link, int fd)
{
    int  on = 1;
    int  idle = RDS_KEEPALIVE_IDLE_S;
    int  interval = RDS_KEEPALIVE_INTERVAL_S;
    int  probes = RDS_KEEPALIVE_PROBES;

    (void) fcntl(fd, F_SETFD, FD_CLOEXEC);

    if (link->options.address.unix_path.len > 0) {
        return;
    }

    (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void) setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void) setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    (void) setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
                      sizeof(interval));
    (void) setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}


void
rds_wire_close(rds_link_t *link)
{
    if (link->context == NULL) {
        return;
    }

    link->loop->watch_close(link->watch);
    link->watch = NULL;
    redisFree(link->context);
    link->context = NULL;
    base_buf_deinit(&link->output);
}


void
rds_wire_appended(rds_link_t *link, size_t bytes)
{
    link->expected++;
    link->appended += bytes;
}


void
rds_wire_subscribe(rds_link_t *link, const base_str_t *channels, size_t count)
{
    size_t      i, from = link->output.len;
    base_str_t  argv[RDS_CHANNELS_MAX + 1];

    argv[0] = BASE_STR("SUBSCRIBE");
    for (i = 0; i < count; i++) {
        argv[i + 1] = channels[i];
    }

    if (!rds_command_encode(&link->output, argv, count + 1)) {
        rds_link_break(link, "out of memory");
        return;
    }

    link->subscribed = true;
    link->appended += link->output.len - from;
}


void
rds_wire_write(rds_link_t *link)
{
    size_t   left = link->output.len - link->output_from;
    ssize_t  n;

    if (left > 0) {
        n = send(link->context->fd, link->output.data + link->output_from, left,
                 MSG_NOSIGNAL);

        if (n >= 0) {
            rds_wire_wrote(link, (size_t) n);
            left -= (size_t) n;

        } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            rds_link_break(link, "%s", strerror(errno));
            return;
        }
    }

    rds_wire_want(link, true, left > 0);
}


/* Takes off the output what the kernel has; what is left moves to the front
 * only when it is the smaller part, so that each byte moves once at most. */
static void
rds_wire_wrote(rds_link_t *link, size_t len)
{
    base_buf_t  *output = &link->output;

    link->written += len;
    link->output_from += len;

    if (output->len - link->output_from > link->output_from) {
        return;
    }

    output->len -= link->output_from;
    memmove(output->data, output->data + link->output_from, output->len);
    link->output_from = 0;

    if (output->len == 0 && output->cap > RDS_OUTPUT_BYTES_KEPT) {
        base_buf_deinit(output);
    }
}


static void
rds_wire_want(rds_link_t *link, bool read, bool write)
{
    if (read == link->watch_read && write == link->watch_write) {
        return;
    }

    link->watch_read = read;
    link->watch_write = write;
    link->loop->watch_set(link->watch, read, write);
}


static void
rds_wire_watch_handler(void *data, bool readable, bool writable)
{
    rds_link_t  *link = data;

    rds_link_enter(link);

    if (!link->connected) {
        if (rds_wire_connected(link)) {
            rds_wire_write(link);
        }

        rds_link_settle(link);
        return;
    }

    if (writable && link->watch_write) {
        rds_wire_write(link);
    }

    if (readable && !link->broken) {
        rds_wire_read(link);
    }

    rds_link_settle(link);
}


/* How connect(2) ended. */
static bool
rds_wire_connected(rds_link_t *link)
{
    int        error = 0;
    socklen_t  len = sizeof(error);

    if (getsockopt(link->context->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
    {
        error = errno;
    }

    if (error != 0) {
        rds_link_break(link, "%s", strerror(error));
        return false;
    }

    link->connected = true;

    return true;
}


/* A reply's function may break the link, or close it. */
static void
rds_wire_read(rds_link_t *link)
{
    void        *reply;
    const char  *excess;

    if (redisBufferRead(link->context) != REDIS_OK) {
        goto failed;
    }

    for ( ;; ) {
        if (redisGetReplyFromReader(link->context, &reply) != REDIS_OK) {
            goto failed;
        }

        if (reply == NULL) {
            break;
        }

        rds_wire_reply(link, reply);

        if (link->context == NULL) {
            return;
        }

        base_arena_reset(&link->replies);
    }

    excess = rds_wire_excess(link->context->reader);
    if (excess != NULL) {
        rds_link_break(link, "protocol error: %s", excess);
    }

    return;

failed:

    rds_link_break(link, "%s", link->context->errstr);
}


/*
 * hiredis' reader gathers an incomplete item without a bound, and looks for the
 * end of a line from its beginning each time.
 */
static const char *
rds_wire_excess(const redisReader *reader)
{
    size_t  gathered = reader->len - reader->pos;

    if (gathered <= RDS_LINE_BYTES_MAX) {
        return NULL;
    }

    if (gathered > RDS_STRING_BYTES_MAX + RDS_LINE_BYTES_MAX) {
        return "a string that is too long came";
    }

    if (memmem(reader->buf + reader->pos, RDS_LINE_BYTES_MAX, "\r\n", 2)
        == NULL)
    {
        return "a line that is too long came";
    }

    return NULL;
}


/* An error that nobody asked for, such as "max number of clients reached", ends
 * the connection; object.c lets no other such reply pass. */
static void
rds_wire_reply(rds_link_t *link, const rds_reply_t *reply)
{
    base_str_t  text;

    if (link->subscribed && !rds_reply_is_error(reply)) {
        link->on_push(link->push_data, reply);
        return;
    }

    if (link->expected == 0 || link->subscribed) {
        text = rds_reply_str(reply);
        if (text.len == 0) {
            text = BASE_STR("the connection ended");
        }

        rds_link_break(link, "%.*s", BASE_STR_ARG(text));
        return;
    }

    link->expected--;

    if (rds_handshake_waits(link)) {
        rds_handshake_reply(link, reply);
    } else {
        rds_queue_replied(link, reply);
    }
}
