/* SPDX-License-Identifier: BSD-2-Clause */

/* The regular expressions of @constraint(pattern:). */

#include "graphql/pattern.h"

#include "tap.h"


static const struct {
    const char  *pattern;
    const char  *text;
    bool         found;
} matches[] = {
    { "",                   "",             true },
    { "",                   "x",            true },
    { "b",                  "abc",          true },
    { "^b",                 "abc",          false },
    { "c$",                 "abc",          true },
    { "^abc$",              "abc",          true },
    { "^abc$",              "abcd",         false },
    { "^$",                 "",             true },
    { "^$",                 "x",            false },
    { "a|b",                "xb",           true },
    { "^(a|bc|d)$",         "bc",           true },
    { "^(a|bc|d)$",         "b",            false },
    { "^(a||c)$",           "",             true },
    { "^a*$",               "",             true },
    { "^a*$",               "aaaa",         true },
    { "^a+$",               "",             false },
    { "^(ab)+$",            "ababab",       true },
    { "^(ab)+$",            "ababa",        false },
    { "^a?b$",              "b",            true },
    { "^a{3}$",             "aaa",          true },
    { "^a{3}$",             "aa",           false },
    { "^a{3}$",             "aaaa",         false },
    { "^a{2,}$",            "aaaaa",        true },
    { "^a{2,}$",            "a",            false },
    { "^a{1,3}$",           "aaa",          true },
    { "^a{1,3}$",           "aaaa",         false },
    { "^a{0}b$",            "b",            true },
    { "^(a|b){2,3}?$",      "abb",          true },
    { "^(?:)*()+x$",       "x",            true },
    { "^(a*)*$",            "aaa",          true },
    { "^(a|a)*b$",          "aaaaaaaaaaaa", false },
    { "^.$",                "\xc3\xa9",     true },
    { "^.$",                "\n",           false },
    { "^[a-z\\d_-]+$",      "a9_-z",        true },
    { "^[a-z\\d_-]+$",      "a9 z",         false },
    { "^[^a-z]+$",          "A9",           true },
    { "^[^a-z]+$",          "A9a",          false },
    { "^[^\\d\\s]$",        "x",            true },
    { "^[^\\d\\s]$",        " ",            false },
    { "^[\\D]$",            "x",            true },
    { "^\\D$",              "5",            false },
    { "^\\W\\S\\s$",        "-x\t",         true },
    { "^[]$",               "]",            false },
    { "^[^]$",              "\n",           true },
    { "^[\xc3\xa0-\xc3\xbf]$", "\xc3\xa9",  true },
    { "^\\u00e9\\xe9\\u{1F600}$", "\xc3\xa9\xc3\xa9\xf0\x9f\x98\x80", true },
    { "^\\$\\.\\/$",        "$./",          true },
    { "^[\\]\\-\\b]$",      "\b",           true },
    { "\\bcat\\b",          "a cat sat",    true },
    { "\\bcat\\b",          "concat",       false },
    { "\\Bcat",             "concat",       true },
    { "^(?:a|b)c$",         "bc",           true },
    { "^[0-9]{5}(-[0-9]{4})?$", "12345-6789", true },
    { "^[0-9]{5}(-[0-9]{4})?$", "12345-678", false },
    { "^\\+?\\d[\\d ]{3,14}$", "+49 30 1234", true },
    { "a-z}",               "a-z}",         true },
};

static const struct {
    const char  *pattern;
    const char  *reason;
} refusals[] = {
    { "a)",       "a ) without its (" },
    { "(a",       "a ( without its )" },
    { "[a",       "a [ without its ]" },
    { "[b-a]",    "a range out of order in a class" },
    { "[a-\\d]",  "a range out of order in a class" },
    { "*a",       "a quantifier without anything to repeat" },
    { "a**",      "a quantifier without anything to repeat" },
    { "{2}",      "a quantifier without anything to repeat" },
    { "a{2",      "a { without its }" },
    { "a{,2}",    "a { without a number" },
    { "a{3,2}",   "a quantifier with its numbers out of order" },
    { "a{1001}",  "too many repetitions" },
    { "(a)\\1",   "backreferences are not supported" },
    { "(?=a)",    "look-around and named groups are not supported" },
    { "(?<n>a)",  "look-around and named groups are not supported" },
    { "\\",       "a backslash at the end" },
    { "\\y",      "an unknown escape" },
    { "\\p{L}",   "an unknown escape" },
    { "\\x4",     "an escape without its hexadecimal digits" },
    { "\\u{}",    "an escape without its hexadecimal digits" },
    { "\\u{110000}", "an escape above U+10FFFF" },
    { "((a{100}){100}){100}", "the pattern is too large" },
};


static void
test_matches(void)
{
    size_t                 i;
    const char            *reason;
    base_arena_t           arena;
    gql_pattern_match_t    match;
    const gql_pattern_t   *pattern;

    for (i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

        pattern = gql_pattern_new(&arena, base_str_c(matches[i].pattern),
                                  &reason);
        match = pattern == NULL
                    ? GQL_PATTERN_NOMEM
                    : gql_pattern_find(pattern, base_str_c(matches[i].text),
                                       &arena);

        ok(match == (matches[i].found ? GQL_PATTERN_FOUND
                                      : GQL_PATTERN_NOT_FOUND),
           "%s is%s in \"%s\"", matches[i].pattern,
           matches[i].found ? "" : " not", matches[i].text);

        base_arena_deinit(&arena);
    }
}


static void
test_refusals(void)
{
    size_t         i;
    const char    *reason;
    base_arena_t   arena;

    for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

        reason = "it was taken";
        gql_pattern_new(&arena, base_str_c(refusals[i].pattern), &reason);
        is_str(base_str_c(reason), base_str_c(refusals[i].reason),
               refusals[i].pattern);

        base_arena_deinit(&arena);
    }
}


static void
test_depth(void)
{
    int            depth;
    char           text[3 * GQL_PATTERN_DEPTH_MAX + 8];
    const char    *reason;
    base_arena_t   arena;

    for (depth = GQL_PATTERN_DEPTH_MAX; depth <= GQL_PATTERN_DEPTH_MAX + 1;
         depth++)
    {
        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

        memset(text, '(', (size_t) depth);
        text[depth] = 'a';
        memset(text + depth + 1, ')', (size_t) depth);

        ok((gql_pattern_new(&arena, base_str(text, 2 * (size_t) depth + 1),
                            &reason)
            != NULL) == (depth == GQL_PATTERN_DEPTH_MAX),
           "%d groups in each other", depth);

        base_arena_deinit(&arena);
    }
}


static void
test_memory(void)
{
    int                   n;
    bool                  done = false;
    const char           *reason;
    base_arena_t          arena;
    const gql_pattern_t  *pattern;
    gql_pattern_match_t   match = GQL_PATTERN_NOMEM;

    for (n = 1; n < 1000 && !done; n++) {
        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&arena, n);

        pattern = gql_pattern_new(&arena, BASE_STR("^([a-z]|\\d){2,20}x*$"),
                                  &reason);
        if (pattern != NULL) {
            match = gql_pattern_find(pattern, BASE_STR("abc123"), &arena);
            done = match != GQL_PATTERN_NOMEM;
        }

        base_arena_deinit(&arena);
    }

    ok(done && n > 5 && match == GQL_PATTERN_FOUND,
       "without memory there is no answer, never a wrong one");
}


int
main(void)
{
    test_matches();
    test_refusals();
    test_depth();
    test_memory();

    return done_testing();
}
