/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside pattern*.c only: a compiled pattern, and what compiles it. */

#ifndef GQL_PATTERN_PROGRAM_H
#define GQL_PATTERN_PROGRAM_H

#include "base/utf8.h"
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


typedef struct {
    base_arena_t   *arena;
    gql_pattern_t  *pattern;
    base_str_t      text;
    size_t          at;
    uint32_t        depth;
    const char     *reason;         /* NULL: no failure */
} pattern_parser_t;


static inline bool
gql_pattern_at(const pattern_parser_t *p, char c)
{
    return p->at < p->text.len && p->text.data[p->at] == c;
}


static inline bool
gql_pattern_skip(pattern_parser_t *p, char c)
{
    if (gql_pattern_at(p, c)) {
        p->at++;
        return true;
    }

    return false;
}


/* The code point ahead, stepped over. */
static inline uint32_t
gql_pattern_char(pattern_parser_t *p)
{
    size_t    bytes;
    uint32_t  c;

    c = base_utf8_decode(base_str(p->text.data + p->at, p->text.len - p->at),
                         &bytes);
    p->at += bytes;

    return c;
}


/* [a-z\d_] [^...]: fills set. */
bool gql_pattern_class(pattern_parser_t *p, pattern_step_t *set);

/* Steps over \d \D \w \W \s \S and adds its ranges to set; *found stays false,
 * and nothing happens, if there is none. */
bool gql_pattern_class_escape(pattern_parser_t *p, pattern_step_t *set,
    bool *found);

/* What follows a backslash, where it is one character. */
bool gql_pattern_escape(pattern_parser_t *p, uint32_t *c);

/* Ends the compilation; false. */
bool gql_pattern_fail(pattern_parser_t *p, const char *reason);

#endif
