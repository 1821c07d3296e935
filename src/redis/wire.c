/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One connection: a hiredis context (hiredis/async.h) on a watch of the loop.
 *
 * What hiredis does and what follows from it:
 *
 *  - It may free the context inside redisAsyncHandleRead() and -Write().  It
 *    calls ev.cleanup before that, always, and that is the only hook we set:
 *    there link->ac becomes NULL, and afterwards we look at the link only.
 *  - It calls every callback of a dying context with a NULL reply.  Those are
 *    ignored; the link ends its commands from its own queue, once it is out of
 *    hiredis' functions.
 *  - redisAsyncFree() inside a callback only marks the context, which goes when
 *    redisProcessCallbacks() returns to it; ac->data is NULL from then on.
 *  - A write event does one write(2), a read event one read(2) of 16 KB; we
 *    watch for writing only while bytes are left, and reading is
 *    level-triggered.
 *  - It checks neither its allocation of a callback record nor the growth of
 *    its output buffer for the caller, who has to look (rds_wire_append).
 *  - TCP_NODELAY is set by hiredis itself.
 */

#include "redis/link_internal.h"
#include "redis/subscriber.h"

#include <fcntl.h>
#include <hiredis/sds.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>


#define RDS_KEEPALIVE_IDLE_S      15
#define RDS_KEEPALIVE_INTERVAL_S  5
#define RDS_KEEPALIVE_PROBES      3

/* Between two versions its strings had a prefix. */
#ifdef HI_SDS_TYPE_MASK
#define rds_sds_len(s)  hi_sdslen(s)
#else
#define rds_sds_len(s)  sdslen(s)
#endif


static redisAsyncContext *rds_wire_connect(const rds_address_t *address);
static void rds_wire_set_socket(const rds_link_t *link, int fd);
static void rds_wire_want(rds_link_t *link, bool read, bool write);
static void rds_wire_watch_handler(void *data, bool readable, bool writable);
static void rds_wire_read(rds_link_t *link);
static const char *rds_wire_excess(const redisReader *reader);
static void rds_wire_reply_handler(redisAsyncContext *ac, void *reply,
    void *privdata);
static void rds_wire_push_handler(redisAsyncContext *ac, void *reply,
    void *privdata);
static void rds_wire_cleanup_handler(void *data);


void
rds_wire_open(rds_link_t *link)
{
    redisAsyncContext  *ac;

    base_arena_reset(&link->replies);
    link->expected = 0;
    link->appended = 0;
    link->written = 0;
    link->subscribed = false;

    ac = rds_wire_connect(&link->options.address);
    if (ac == NULL) {
        rds_link_break(link, "out of memory");
        return;
    }

    if (ac->err != 0) {
        rds_link_break(link, "cannot connect: %s", ac->errstr);
        redisAsyncFree(ac);
        return;
    }

    link->watch = link->loop->watch_new(link->loop, ac->c.fd,
                                        rds_wire_watch_handler, link);
    if (link->watch == NULL) {
        rds_link_break(link, "out of memory");
        redisAsyncFree(ac);
        return;
    }

    link->ac = ac;
    ac->data = link;
    ac->ev.data = link;
    ac->ev.cleanup = rds_wire_cleanup_handler;
    ac->c.reader->fn = &rds_object_functions;
    ac->c.reader->privdata = link;

    rds_wire_set_socket(link, ac->c.fd);

    /* Writable means connected, or refused. */
    link->watch_read = false;
    link->watch_write = false;
    rds_wire_want(link, false, true);
}


static redisAsyncContext *
rds_wire_connect(const rds_address_t *address)
{
    if (address->unix_path.len > 0) {
        return redisAsyncConnectUnix(address->unix_path.data);
    }

    return redisAsyncConnect(address->host.data, address->port);
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

    (void) setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void) setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    (void) setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
                      sizeof(interval));
    (void) setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}


void
rds_wire_close(rds_link_t *link)
{
    redisAsyncContext  *ac = link->ac;

    if (ac == NULL) {
        return;
    }

    link->loop->watch_close(link->watch);
    link->watch = NULL;
    link->ac = NULL;
    ac->data = NULL;
    ac->ev.cleanup = NULL;
    redisAsyncFree(ac);
}


void
rds_wire_append(rds_link_t *link, const char *bytes, size_t len)
{
    redisAsyncContext    *ac = link->ac;
    const redisCallback  *tail = ac->replies.tail;
    int                   status;

    status = redisAsyncFormattedCommand(ac, rds_wire_reply_handler, NULL, bytes,
                                        len);

    if (status != REDIS_OK || ac->replies.tail == tail || ac->c.err != 0) {
        rds_link_break(link, "out of memory");
        return;
    }

    link->expected++;
    link->appended += len;
}


void
rds_wire_subscribe(rds_link_t *link, const base_str_t *channels, size_t count)
{
    size_t      i;
    base_str_t  argv[RDS_CHANNELS_MAX + 1];

    argv[0] = BASE_STR("SUBSCRIBE");
    for (i = 0; i < count; i++) {
        argv[i + 1] = channels[i];
    }

    base_buf_clear(&link->scratch);
    if (!rds_command_encode(&link->scratch, argv, count + 1)
        || redisAsyncFormattedCommand(link->ac, rds_wire_push_handler, NULL,
                                      link->scratch.data, link->scratch.len)
           != REDIS_OK
        || link->ac->c.err != 0)
    {
        rds_link_break(link, "out of memory");
        return;
    }

    link->subscribed = true;
    link->appended += link->scratch.len;
}


void
rds_wire_write(rds_link_t *link)
{
    size_t  unwritten;

    redisAsyncHandleWrite(link->ac);

    if (link->ac == NULL || !(link->ac->c.flags & REDIS_CONNECTED)) {
        return;
    }

    /* One write(2) that fails takes nothing, so "written" stays true when the
     * context dies above. */
    unwritten = rds_sds_len(link->ac->c.obuf);
    link->written = link->appended - unwritten;

    rds_wire_want(link, true, unwritten > 0);
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

    if (!(link->ac->c.flags & REDIS_CONNECTED)) {
        rds_wire_write(link);
        rds_link_settle(link);
        return;
    }

    if (writable && link->watch_write) {
        rds_wire_write(link);
    }

    if (readable && link->ac != NULL) {
        rds_wire_read(link);
    }

    rds_link_settle(link);
}


static void
rds_wire_read(rds_link_t *link)
{
    const char  *excess;

    redisAsyncHandleRead(link->ac);

    if (link->ac == NULL) {
        return;
    }

    excess = rds_wire_excess(link->ac->c.reader);
    if (excess != NULL) {
        rds_link_break(link, "protocol error: %s", excess);
    }
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


static void
rds_wire_reply_handler(redisAsyncContext *ac, void *reply, void *privdata)
{
    rds_link_t  *link = ac->data;

    (void) privdata;

    if (reply == NULL || link == NULL) {
        return;                     /* the context is dying */
    }

    link->expected--;

    if (rds_handshake_waits(link)) {
        rds_handshake_reply(link, reply);
    } else {
        rds_queue_replied(link, reply);
    }

    base_arena_reset(&link->replies);
}


static void
rds_wire_push_handler(redisAsyncContext *ac, void *reply, void *privdata)
{
    rds_link_t  *link = ac->data;

    (void) privdata;

    if (reply == NULL || link == NULL) {
        return;
    }

    if (link->on_push != NULL) {
        link->on_push(link->push_data, reply);
    }

    base_arena_reset(&link->replies);
}


/* The context dies; hiredis 1.x may call this more than once. */
static void
rds_wire_cleanup_handler(void *data)
{
    rds_link_t         *link = data;
    redisAsyncContext  *ac = link->ac;

    if (ac == NULL) {
        return;
    }

    /* an error that nobody asked for is hiredis' reason, even an empty one */
    rds_link_break(link, "%s", ac->err != 0 && ac->errstr[0] != '\0'
                               ? ac->errstr : "the connection ended");

    link->loop->watch_close(link->watch);
    link->watch = NULL;
    link->ac = NULL;
    ac->data = NULL;
}
