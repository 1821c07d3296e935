/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * For the fuzz targets.  A target is a file that defines
 * LLVMFuzzerTestOneInput() and has a row in src/Makefile; its seeds are in
 * corpus/<target>/, what once crashed it in crashes/<target>/, and words that
 * the fuzzer may try in <target>.dict (not every target has one).
 *
 *   lua-free-scripts/fuzz   searches for inputs that break a check
 *   replay.c                runs corpus and crashes in the ordinary suite
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* What must hold, whatever the input. */
#define check(condition)                                                      \
    check_at((condition), #condition, __FILE__, __LINE__)


static inline void
check_at(bool holds, const char *what, const char *file, int line)
{
    if (!holds) {
        fprintf(stderr, "CHECK: %s:%d: %s\n", file, line, what);
        abort();
    }
}


/* What is in front of the next c, which both are taken from rest; all of it
 * where there is none. */
static inline base_str_t
take_until(base_str_t *rest, char c)
{
    const char  *end = rest->len == 0 ? NULL
                                      : memchr(rest->data, c, rest->len);
    base_str_t   taken = *rest;

    if (end == NULL) {
        *rest = base_str(NULL, 0);
        return taken;
    }

    taken.len = (size_t) (end - taken.data);
    *rest = base_str(end + 1, rest->len - taken.len - 1);

    return taken;
}

#endif
