/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The ceiling: how many orders a second one pipelined connection can bring
 * through Redis with the least commands that any such queue needs, and no
 * thought in between:
 *
 *   RPUSH queue message
 *   LMOVE queue processing
 *   MULTI; HSET order ...; ZADD user; PUBLISH; EXEC
 *   MULTI; HSET order status; PUBLISH; LREM processing message; EXEC
 *
 *   ceiling PORT ORDERS [CONNECTIONS]
 *
 * prints one line: orders per second, orders, seconds.  Flushes nothing: give
 * it an empty server.
 *
 * A batch is shared out to the connections.  With one of them and appendfsync
 * always this measures the disk: Redis reads 16 KB of a connection at a time,
 * which is some ten orders here, and syncs what they have written before it
 * reads on.  With several connections one sync serves as many times ten.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <hiredis/hiredis.h>


#define BATCH              256
#define CONNECTIONS_MAX    64
#define USERS              1000
#define REPLIES_PER_ORDER  12       /* RPUSH, LMOVE, 5 and 5 */
#define MESSAGE_BYTES_MAX  512


static void
die(const char *what, const char *detail)
{
    fprintf(stderr, "ceiling: %s: %s\n", what, detail);
    exit(EXIT_FAILURE);
}


static double
now_seconds(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}


static void
order_id(char id[37], int64_t n)
{
    snprintf(id, 37, "019ab3c4-0000-7000-8000-%012u",
             (unsigned) (n % 1000000000));
}


/* A user for each last three digits of the id. */
static unsigned
order_user(const char *id)
{
    return (unsigned) atoi(id + 33) % USERS;
}


static int
order_message(char *message, const char *id)
{
    return snprintf(message, MESSAGE_BYTES_MAX,
        "{\"v\":1,\"kind\":\"post\",\"id\":\"%s\",\"userId\":\"u%u\","
        "\"createdAt\":\"2026-11-24T06:35:07.123Z\",\"input\":{\"name\":"
        "\"Margherita\",\"quantity\":2,\"restaurantId\":\"r-17\"}}", id,
        order_user(id));
}


/* The first half: the order arrives and is stored. */
static void
append_store(redisContext *redis, const char *id, const char *message)
{
    redisAppendCommand(redis, "MULTI");
    redisAppendCommand(redis, "HSET {c:0}:order:%s v 1 userId u%u orderStatus "
        "PENDING createdAt 2026-11-24T06:35:07.123Z updatedAt "
        "2026-11-24T06:35:07.123Z input %s execution %s", id, order_user(id),
        "{\"name\":\"Margherita\",\"quantity\":2,\"restaurantId\":\"r-17\"}",
        message);
    redisAppendCommand(redis, "ZADD {c:0}:user:u%u 0 %s", order_user(id), id);
    redisAppendCommand(redis, "PUBLISH c:status %s", message);
    redisAppendCommand(redis, "EXEC");
}


/* The second: its status changes and the message is done with. */
static void
append_finish(redisContext *redis, const char *id, const char *message)
{
    redisAppendCommand(redis, "MULTI");
    redisAppendCommand(redis, "HSET {c:0}:order:%s orderStatus SUCCESS "
        "updatedAt 2026-11-24T06:35:08.123Z", id);
    redisAppendCommand(redis, "PUBLISH c:status %s", message);
    redisAppendCommand(redis, "LREM {c:0}:processing:c 1 %s", message);
    redisAppendCommand(redis, "EXEC");
}


static void
read_replies(redisContext *redis, int64_t count)
{
    void  *reply;

    for (/* void */; count > 0; count--) {
        if (redisGetReply(redis, &reply) != REDIS_OK) {
            die("Redis", redis->errstr);
        }

        if (((redisReply *) reply)->type == REDIS_REPLY_ERROR) {
            die("Redis", ((redisReply *) reply)->str);
        }

        freeReplyObject(reply);
    }
}


static void
append_batch(redisContext *redis, int64_t first, int64_t count)
{
    char     id[37], message[MESSAGE_BYTES_MAX];
    int64_t  i;

    for (i = first; i < first + count; i++) {
        order_id(id, i);
        order_message(message, id);
        redisAppendCommand(redis, "RPUSH {c:0}:queue %s", message);
    }

    for (i = first; i < first + count; i++) {
        redisAppendCommand(redis,
            "LMOVE {c:0}:queue {c:0}:processing:c LEFT RIGHT");
    }

    for (i = first; i < first + count; i++) {
        order_id(id, i);
        order_message(message, id);
        append_store(redis, id, message);
    }

    for (i = first; i < first + count; i++) {
        order_id(id, i);
        order_message(message, id);
        append_finish(redis, id, message);
    }
}


static void
write_all(redisContext *redis)
{
    int  done = 0;

    while (!done) {
        if (redisBufferWrite(redis, &done) != REDIS_OK) {
            die("Redis", redis->errstr);
        }
    }
}


/* The orders of a batch, an equal share for each connection. */
static void
run_batch(redisContext **links, int64_t link_count, int64_t first,
    int64_t count)
{
    int64_t  i, from, to;

    for (i = 0; i < link_count; i++) {
        from = first + count * i / link_count;
        to = first + count * (i + 1) / link_count;
        append_batch(links[i], from, to - from);
    }

    for (i = 0; i < link_count; i++) {
        write_all(links[i]);
    }

    for (i = 0; i < link_count; i++) {
        from = count * i / link_count;
        to = count * (i + 1) / link_count;
        read_replies(links[i], (to - from) * REPLIES_PER_ORDER);
    }
}


int
main(int argc, char **argv)
{
    double         start, seconds;
    int64_t        i, orders, connections, done, count;
    redisContext  *links[CONNECTIONS_MAX];

    orders = argc > 2 ? strtoll(argv[2], NULL, 10) : 0;
    connections = argc > 3 ? strtoll(argv[3], NULL, 10) : 1;
    if (orders <= 0 || connections <= 0 || connections > CONNECTIONS_MAX) {
        die("usage", "ceiling PORT ORDERS [CONNECTIONS]");
    }

    for (i = 0; i < connections; i++) {
        links[i] = redisConnect("127.0.0.1", atoi(argv[1]));
        if (links[i] == NULL || links[i]->err != 0) {
            die("cannot connect", links[i] == NULL ? "out of memory"
                                                   : links[i]->errstr);
        }
    }

    start = now_seconds();
    for (done = 0; done < orders; done += count) {
        count = orders - done < BATCH ? orders - done : BATCH;
        run_batch(links, connections, done, count);
    }

    seconds = now_seconds() - start;
    printf("%.0f orders/s (%" PRId64 " orders in %.3f s)\n",
           (double) orders / seconds, orders, seconds);

    for (i = 0; i < connections; i++) {
        redisFree(links[i]);
    }

    return EXIT_SUCCESS;
}
