/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside pattern*.c only: a compiled pattern. */

#ifndef GQL_PATTERN_PROGRAM_H
#define GQL_PATTERN_PROGRAM_H

#include "graphql/pattern.h"


typedef enum {
    PATTERN_MATCH = 0,              /* the end */
    PATTERN_JUMP,                   /* on at to */
    PATTERN_SPLIT,                  /* on at the next step, and at to */
    PATTERN_CHAR,                   /* takes c */
    PATTERN_ANY,                    /* takes all but line terminators */
    PATTERN_SET,                    /* takes what ranges have */
    PATTERN_START,                  /* the others take nothing */
    PATTERN_END,
    PATTERN_WORD_EDGE,
    PATTERN_NO_WORD_EDGE
} pattern_kind_t;

typedef struct {
    pattern_kind_t     kind;
    int32_t            to;          /* relative, so that steps may be moved and
                                       repeated */
    uint32_t           c;
    uint32_t           range;       /* the first one */
    uint32_t           range_count;
    bool               negated;
} pattern_step_t;

typedef struct {
    uint32_t           low;
    uint32_t           high;        /* inclusive */
} pattern_range_t;

struct gql_pattern_s {
    pattern_step_t    *steps;
    uint32_t           count;
    uint32_t           size;
    pattern_range_t   *ranges;
    uint32_t           range_count;
    uint32_t           range_size;
};

#endif
