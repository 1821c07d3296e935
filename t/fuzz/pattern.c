/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A regular expression, the first line of the input, and the rest as the text
 * in which it is looked for.
 *
 * A pattern in a group, and a choice between it and itself, find what it finds
 * alone; without anchors it finds as much in a longer text; one of letters
 * alone finds what memmem() does; and memory that runs out is reported.
 */

#include "base/buf.h"
#include "base/utf8.h"
#include "graphql/pattern.h"

#include "fuzz.h"


/* So that the largest pattern and the longest text are done in no time. */
#define PATTERN_TEXT_BYTES_MAX  256


/* False where the pattern does not compile: it has grown beyond the bounds. */
static bool
pattern_try(base_arena_t *arena, base_str_t pattern, base_str_t text,
    bool *found)
{
    const char           *reason = NULL;
    gql_pattern_match_t   match;
    const gql_pattern_t  *compiled;

    compiled = gql_pattern_new(arena, pattern, &reason);
    if (compiled == NULL) {
        check(reason != NULL && reason[0] != '\0');
        return false;
    }

    match = gql_pattern_find(compiled, text, arena);
    check(match != GQL_PATTERN_NOMEM);
    *found = match == GQL_PATTERN_FOUND;
    return true;
}


/* An @ of format stands for the pattern. */
static void
check_same(base_arena_t *arena, const char *format, base_str_t pattern,
    base_str_t text, bool expected)
{
    bool         found;
    base_buf_t   buf;
    const char  *p;

    base_buf_init(&buf, arena, SIZE_MAX);

    for (p = format; *p != '\0'; p++) {
        if (*p == '@') {
            base_buf_add_str(&buf, pattern);
        } else {
            base_buf_add_char(&buf, *p);
        }
    }

    if (pattern_try(arena, base_buf_str(&buf), text, &found)) {
        check(found == expected);
    }
}


static void
check_longer(base_arena_t *arena, base_str_t pattern, base_str_t text)
{
    bool        found;
    size_t      i;
    base_buf_t  buf;

    for (i = 0; i < pattern.len; i++) {
        if (strchr("^$\\", pattern.data[i]) != NULL) {
            return;                 /* it may be an anchor */
        }
    }

    base_buf_init(&buf, arena, SIZE_MAX);
    base_buf_add_lit(&buf, "a\n");
    base_buf_add_str(&buf, text);
    base_buf_add_lit(&buf, "\xc3\xa9");
    check(pattern_try(arena, pattern, base_buf_str(&buf), &found) && found);
}


static void
check_letters(base_str_t pattern, base_str_t text, bool found)
{
    size_t  i;

    for (i = 0; i < pattern.len; i++) {
        if (strchr("^$\\.*+?()[]{}|", pattern.data[i]) != NULL) {
            return;
        }
    }

    check(found == (pattern.len == 0
                    || (text.len > 0
                        && memmem(text.data, text.len, pattern.data,
                                  pattern.len) != NULL)));
}


/* The same with the n-th allocation failing: reported, or not needed. */
static void
check_no_memory(base_str_t pattern, base_str_t text, bool found, int64_t n)
{
    const char           *reason = NULL;
    base_arena_t          arena;
    gql_pattern_match_t   match;
    const gql_pattern_t  *compiled;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_arena_fail_after(&arena, n);

    compiled = gql_pattern_new(&arena, pattern, &reason);
    if (compiled == NULL) {
        check(reason != NULL);
    } else {
        match = gql_pattern_find(compiled, text, &arena);
        check(match == GQL_PATTERN_NOMEM
              || (match == GQL_PATTERN_FOUND) == found);
    }

    base_arena_deinit(&arena);
}


static void
check_pattern(base_arena_t *arena, base_str_t pattern, base_str_t text)
{
    bool  found;

    if (!pattern_try(arena, pattern, text, &found)) {
        return;
    }

    check_same(arena, "(?:@)", pattern, text, found);
    check_same(arena, "(@)", pattern, text, found);
    check_same(arena, "@|@", pattern, text, found);
    check_same(arena, "(?:@){1}", pattern, text, found);
    check_same(arena, "(?:@){0}", pattern, text, true);
    check_letters(pattern, text, found);
    if (found) {
        check_longer(arena, pattern, text);
    }

    check_no_memory(pattern, text, found, (int64_t) (text.len % 16 + 1));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t         n;
    base_str_t     input = base_str((const char *) data, size);
    base_str_t     pattern, text;
    const char    *end;
    base_arena_t   arena;

    end = size > 0 ? memchr(data, '\n', size) : NULL;
    if (end == NULL || !base_utf8_valid(input, NULL)) {
        return 0;
    }

    n = (size_t) (end - input.data);
    pattern = base_str(input.data, n);
    text = base_str(end + 1, size - n - 1);
    if (text.len > PATTERN_TEXT_BYTES_MAX) {
        return 0;
    }

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    check_pattern(&arena, pattern, text);
    base_arena_deinit(&arena);

    return 0;
}
