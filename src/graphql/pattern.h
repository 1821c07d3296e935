/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: the regular expressions of @constraint(pattern:).
 *
 * The part of ECMAScript's that schemas use: . [...] [^...] ranges, \d \D \w
 * \W \s \S, \t \n \v \r \f \0, \xHH \uHHHH \u{...}, ^ $ \b \B, groups, |, and
 * the quantifiers, also lazy.  No backreferences and no look-around, so that
 * matching is linear in text times pattern, whatever a client sends.  It works
 * on code points, and finds a match anywhere unless anchored.
 */

#ifndef GQL_PATTERN_H
#define GQL_PATTERN_H

#include "base/arena.h"


/* Bounds of a compiled pattern: steps, groups in each other, and repetitions
 * of one element. */
#define GQL_PATTERN_STEPS_MAX   10000
#define GQL_PATTERN_DEPTH_MAX   50
#define GQL_PATTERN_REPEAT_MAX  1000


typedef struct gql_pattern_s  gql_pattern_t;

typedef enum {
    GQL_PATTERN_FOUND = 0,
    GQL_PATTERN_NOT_FOUND,
    GQL_PATTERN_NOMEM
} gql_pattern_match_t;


/* Compiles text, which must be UTF-8, into arena.  NULL with *reason (static)
 * on failure. */
const gql_pattern_t *gql_pattern_new(base_arena_t *arena, base_str_t text,
    const char **reason);

/* Looks for a match in text, which must be UTF-8; arena: for the time of the
 * call. */
gql_pattern_match_t gql_pattern_find(const gql_pattern_t *pattern,
    base_str_t text, base_arena_t *arena);

#endif
