/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A wall clock that leaps, for t/fault/clock.t: preloaded, it adds to the time
 * of day what stands in the file CLOCK_FILE, eight bytes, in seconds.  The
 * monotonic clock goes on as ever.
 */

#define _GNU_SOURCE

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>


static const volatile int64_t  *leap_s;


__attribute__((constructor)) static void
clock_open(void)
{
    int          fd;
    void        *memory;
    const char  *path = getenv("CLOCK_FILE");

    fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return;
    }

    memory = mmap(NULL, sizeof(*leap_s), PROT_READ, MAP_SHARED, fd, 0);
    leap_s = memory != MAP_FAILED ? memory : NULL;
    (void) close(fd);
}


int
clock_gettime(clockid_t id, struct timespec *ts)
{
    int  status = (int) syscall(SYS_clock_gettime, id, ts);

    if (status == 0 && leap_s != NULL
        && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
    {
        ts->tv_sec += *leap_s;
    }

    return status;
}


int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec  ts;

    (void) zone;

    (void) clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}


time_t
time(time_t *now)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);
    if (now != NULL) {
        *now = ts.tv_sec;
    }

    return ts.tv_sec;
}
