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

#endif
