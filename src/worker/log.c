/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/time.h"
#include "worker/clock.h"


#define WORKER_LOG_LINE_BYTES  4096


#define WORKER_LOG_NAME(name, text)  BASE_STR_INIT(text),
static const base_str_t  worker_log_names[] = {
    WORKER_LOG_LEVELS(WORKER_LOG_NAME)
};
#undef WORKER_LOG_NAME


static size_t worker_log_escape(const char *text, size_t len, char *out,
    size_t room);


base_str_t
worker_log_level_name(worker_log_level_t level)
{
    return worker_log_names[level];
}


bool
worker_log_level_find(base_str_t name, worker_log_level_t *level)
{
    size_t  i;

    for (i = 0; i < WORKER_LOG_LEVEL_COUNT; i++) {
        if (base_str_eq(worker_log_names[i], name)) {
            *level = (worker_log_level_t) i;
            return true;
        }
    }

    return false;
}


void
worker_log(const worker_log_t *log, worker_log_level_t level, const char *fmt,
    ...)
{
    int      n;
    char     line[WORKER_LOG_LINE_BYTES], text[WORKER_LOG_LINE_BYTES];
    size_t   len;
    ssize_t  written;
    va_list  args;

    if (!worker_log_wants(log, level)) {
        return;
    }

    base_time_format(worker_clock_local_ms(), line);
    len = BASE_TIME_TEXT_BYTES;
    len += (size_t) snprintf(line + len, sizeof(line) - len, " %s %d: ",
                             worker_log_names[level].data, (int) getpid());

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (n < 0) {
        return;
    }

    if ((size_t) n >= sizeof(text)) {
        n = sizeof(text) - 1;
    }

    len += worker_log_escape(text, (size_t) n, line + len,
                             sizeof(line) - len - 1);
    line[len++] = '\n';

    do {
        written = write(log->fd, line, len);
    } while (written < 0 && errno == EINTR);
}


/* Copies as much as there is room for; the number of bytes in out. */
static size_t
worker_log_escape(const char *text, size_t len, char *out, size_t room)
{
    static const char  hex[] = "0123456789abcdef";

    size_t         i, n = 0;
    unsigned char  c;

    for (i = 0; i < len; i++) {
        c = (unsigned char) text[i];

        if (c >= 0x20 && c != 0x7f) {
            if (n + 1 > room) {
                break;
            }

            out[n++] = (char) c;
            continue;
        }

        if (n + 4 > room) {
            break;
        }

        out[n++] = '\\';
        out[n++] = 'x';
        out[n++] = hex[c >> 4];
        out[n++] = hex[c & 0x0f];
    }

    return n;
}
