/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A command as bytes.  RESP writes RPUSH q x as an array of bulk strings:
 *
 *   *3\r\n  $5\r\nRPUSH\r\n  $1\r\nq\r\n  $1\r\nx\r\n
 */

#include "redis/link_internal.h"

#include <strings.h>


#define RDS_DIGITS_MAX   20
/* '*' or '$', the number, and two line ends. */
#define RDS_FRAME_BYTES  (1 + RDS_DIGITS_MAX + 2 + 2)

/* The shortest of the commands below. */
#define RDS_PUSHING_MIN  7


static const base_str_t  rds_pushing_commands[] = {
    BASE_STR_INIT("MONITOR"),
    BASE_STR_INIT("SUBSCRIBE"),
    BASE_STR_INIT("PSUBSCRIBE"),
    BASE_STR_INIT("SSUBSCRIBE"),
    BASE_STR_INIT("UNSUBSCRIBE"),
    BASE_STR_INIT("PUNSUBSCRIBE"),
    BASE_STR_INIT("SUNSUBSCRIBE")
};


static char *rds_command_head(char *p, char kind, size_t value);


bool
rds_command_encode(base_buf_t *buf, const base_str_t *argv, size_t argc)
{
    char    *p, *begin;
    size_t   i, room = RDS_FRAME_BYTES;

    for (i = 0; i < argc; i++) {
        if (argv[i].len > RDS_COMMAND_BYTES_MAX - room) {
            return false;
        }

        room += argv[i].len + RDS_FRAME_BYTES;
        if (room > RDS_COMMAND_BYTES_MAX) {
            return false;
        }
    }

    begin = base_buf_reserve(buf, room);
    if (begin == NULL) {
        buf->failed = false;
        return false;
    }

    p = rds_command_head(begin, '*', argc);

    for (i = 0; i < argc; i++) {
        p = rds_command_head(p, '$', argv[i].len);
        if (argv[i].len > 0) {
            memcpy(p, argv[i].data, argv[i].len);
            p += argv[i].len;
        }
        *p++ = '\r';
        *p++ = '\n';
    }

    buf->len += (size_t) (p - begin);

    return true;
}


bool
rds_command_pushes(base_str_t name)
{
    size_t  i;

    if (name.len < RDS_PUSHING_MIN) {
        return false;
    }

    for (i = 0;
         i < sizeof(rds_pushing_commands) / sizeof(rds_pushing_commands[0]);
         i++)
    {
        if (name.len == rds_pushing_commands[i].len
            && strncasecmp(name.data, rds_pushing_commands[i].data, name.len)
               == 0)
        {
            return true;
        }
    }

    return false;
}


static char *
rds_command_head(char *p, char kind, size_t value)
{
    char    *end = p + 2;
    size_t   limit;

    /* no value is near the type's end: RDS_COMMAND_BYTES_MAX bounds them */
    for (limit = 10; value >= limit; limit *= 10) {
        end++;
    }

    *p = kind;
    p = end;

    do {
        *--p = (char) ('0' + value % 10);
        value /= 10;
    } while (value > 0);

    *end++ = '\r';
    *end++ = '\n';

    return end;
}
