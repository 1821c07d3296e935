/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * TAP for the unit tests, all of it: ok(), is_str(), is_int(), done_testing().
 * One test file is one program; a test's name is a sentence about behavior.
 */

#ifndef TAP_H
#define TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"


static int  tap_count;
static int  tap_failed;


/* Reports one test; returns what it was given. */
static inline bool __attribute__((format(printf, 4, 5)))
tap_report(bool passed, const char *file, int line, const char *fmt, ...)
{
    va_list  args;

    printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");

    if (!passed) {
        tap_failed++;
        printf("# at %s line %d\n", file, line);
    }

    fflush(stdout);
    return passed;
}


static inline bool
tap_is_str(base_str_t got, base_str_t expected, const char *file, int line,
    const char *name)
{
    bool  passed = base_str_eq(got, expected);

    tap_report(passed, file, line, "%s", name);
    if (!passed) {
        printf("#      got: %.*s\n# expected: %.*s\n", BASE_STR_ARG(got),
               BASE_STR_ARG(expected));
    }

    return passed;
}


static inline bool
tap_is_int(int64_t got, int64_t expected, const char *file, int line,
    const char *name)
{
    bool  passed = got == expected;

    tap_report(passed, file, line, "%s", name);
    if (!passed) {
        printf("#      got: %" PRId64 "\n# expected: %" PRId64 "\n", got,
               expected);
    }

    return passed;
}


#define ok(condition, ...)                                                    \
    tap_report((condition), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, expected, name)                                           \
    tap_is_str((got), (expected), __FILE__, __LINE__, (name))
#define is_int(got, expected, name)                                           \
    tap_is_int((got), (expected), __FILE__, __LINE__, (name))


/* Ends main: prints the plan and gives the exit code. */
static inline int
done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
