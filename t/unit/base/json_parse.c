/* SPDX-License-Identifier: BSD-2-Clause */

/* What base_json_parse() takes, refuses and says about it. */

#include "tap.h"

#include <string.h>

#include "base/json.h"


#define TEXT(literal)  BASE_STR_INIT(literal)


typedef struct {
    const char  *name;
    base_str_t   text;
    base_str_t   written;           /* the same text if empty */
} valid_case_t;

typedef struct {
    const char          *name;
    base_str_t           text;
    base_json_status_t   status;
    int64_t              offset;    /* -1: not looked at */
} invalid_case_t;


static const valid_case_t  valid_cases[] = {
    { "null", TEXT("null"), TEXT("") },
    { "true", TEXT("true"), TEXT("") },
    { "false", TEXT("false"), TEXT("") },
    { "a lone digit", TEXT("0"), TEXT("") },
    { "a lone number", TEXT("-12.50e+3"), TEXT("") },
    { "a lone number in white space", TEXT(" \t\r\n7\n "), TEXT("7") },
    { "a lone string", TEXT("\"a\""), TEXT("") },
    { "an empty string", TEXT("\"\""), TEXT("") },
    { "an empty object", TEXT("{}"), TEXT("") },
    { "an empty array", TEXT("[]"), TEXT("") },
    { "white space everywhere",
      TEXT(" { \"a\" : [ 1 , 2 ] , \"b\" : { } } "),
      TEXT("{\"a\":[1,2],\"b\":{}}") },
    { "numbers keep their text",
      TEXT("[1.0,1e0,9223372036854775808,1E+400,-0,0.10]"), TEXT("") },
    { "the short escapes",
      TEXT("\"\\b\\t\\n\\f\\r\\\"\\\\\\/\""),
      TEXT("\"\\b\\t\\n\\f\\r\\\"\\\\/\"") },
    { "an escaped NUL", TEXT("\"a\\u0000b\""), TEXT("") },
    { "an escaped letter", TEXT("\"\\u00E9\""), TEXT("\"\xc3\xa9\"") },
    { "a surrogate pair", TEXT("\"\\ud83C\\uDf55\""),
      TEXT("\"\xf0\x9f\x8d\x95\"") },
    { "what looks like a surrogate behind a backslash",
      TEXT("\"\\\\ud800\""), TEXT("") },
    { "a pair behind a backslash", TEXT("\"\\\\\\ud83c\\udf55\""),
      TEXT("\"\\\\\xf0\x9f\x8d\x95\"") },
    { "UTF-8 of each length", TEXT("\"\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 "
      "\xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf \xf0\x90\x80\x80 "
      "\xf4\x8f\xbf\xbf\""), TEXT("") },
    { "an escaped key", TEXT("{\"\\u0061\":1}"), TEXT("{\"a\":1}") },
    { "an empty key", TEXT("{\"\":1}"), TEXT("") },
    { "equal keys in different objects",
      TEXT("{\"a\":{\"a\":1},\"b\":{\"a\":1}}"), TEXT("") },
};

static const invalid_case_t  invalid_cases[] = {
    { "no text", TEXT(""), BASE_JSON_SYNTAX, 0 },
    { "white space only", TEXT(" \n"), BASE_JSON_SYNTAX, 0 },
    { "a torn object", TEXT("{"), BASE_JSON_SYNTAX, 1 },
    { "a torn string", TEXT("\"abc"), BASE_JSON_SYNTAX, 4 },
    { "a torn word", TEXT("tru"), BASE_JSON_SYNTAX, 3 },
    { "a torn number", TEXT("-"), BASE_JSON_SYNTAX, 1 },
    { "a torn exponent", TEXT("1e"), BASE_JSON_SYNTAX, 2 },
    { "a leading zero", TEXT("01"), BASE_JSON_SYNTAX, -1 },
    { "a leading plus", TEXT("+1"), BASE_JSON_SYNTAX, -1 },
    { "a bare point", TEXT(".5"), BASE_JSON_SYNTAX, -1 },
    { "NaN", TEXT("NaN"), BASE_JSON_SYNTAX, -1 },
    { "a comment", TEXT("/* */1"), BASE_JSON_SYNTAX, -1 },
    { "single quotes", TEXT("'a'"), BASE_JSON_SYNTAX, -1 },
    { "a comma at the end of an array", TEXT("[1,]"), BASE_JSON_SYNTAX, -1 },
    { "a comma at the end of an object", TEXT("{\"a\":1,}"),
      BASE_JSON_SYNTAX, -1 },
    { "a key without quotes", TEXT("{a:1}"), BASE_JSON_SYNTAX, -1 },
    { "a number as key", TEXT("{1:1}"), BASE_JSON_SYNTAX, -1 },
    { "a missing colon", TEXT("{\"a\" 1}"), BASE_JSON_SYNTAX, -1 },
    { "a missing comma", TEXT("[1 2]"), BASE_JSON_SYNTAX, -1 },
    { "the wrong bracket", TEXT("[1}"), BASE_JSON_SYNTAX, -1 },
    { "two values", TEXT("{} {}"), BASE_JSON_SYNTAX, -1 },
    { "two numbers", TEXT("1 2"), BASE_JSON_SYNTAX, -1 },
    { "a bracket behind the value", TEXT("{}}"), BASE_JSON_SYNTAX, -1 },
    { "a torn string behind the value", TEXT("{}\"abc"), BASE_JSON_SYNTAX, 2 },
    { "a torn word behind the value", TEXT("{} nul"), BASE_JSON_SYNTAX, -1 },
    { "a torn string behind a number", TEXT("1 \"a"), BASE_JSON_SYNTAX, -1 },
    { "a NUL byte behind the value", TEXT("{}\0"), BASE_JSON_SYNTAX, 2 },
    { "a NUL byte in a string", TEXT("\"a\0b\""), BASE_JSON_SYNTAX, 2 },
    { "a line feed in a string", TEXT("\"a\nb\""), BASE_JSON_SYNTAX, -1 },
    { "a tab in a string", TEXT("\"a\tb\""), BASE_JSON_SYNTAX, -1 },
    { "a form feed as white space", TEXT("[\f1]"), BASE_JSON_SYNTAX, 1 },
    { "a vertical tab as white space", TEXT("[1\v]"), BASE_JSON_SYNTAX, 2 },
    { "a no-break space as white space", TEXT("[\xc2\xa0]"),
      BASE_JSON_SYNTAX, -1 },
    { "a byte order mark", TEXT("\xef\xbb\xbf{}"), BASE_JSON_SYNTAX, -1 },
    { "an unknown escape", TEXT("\"\\x41\""), BASE_JSON_SYNTAX, -1 },
    { "an escape cut off", TEXT("\"\\"), BASE_JSON_SYNTAX, -1 },
    { "\\u cut off by the end", TEXT("\"\\u00"), BASE_JSON_SYNTAX, -1 },
    { "\\u cut off by the quote", TEXT("\"\\u00\""), BASE_JSON_SYNTAX, -1 },
    { "\\u with a letter that is no digit", TEXT("\"\\u00g0\""),
      BASE_JSON_SYNTAX, -1 },
    { "a pair whose second half is cut off", TEXT("\"\\ud83c\\udf5\""),
      BASE_JSON_UTF8, 1 },
    { "a lone high surrogate", TEXT("\"ab\\ud800\""), BASE_JSON_UTF8, 3 },
    { "a lone low surrogate", TEXT("\"\\udc00\""), BASE_JSON_UTF8, 1 },
    { "two high surrogates", TEXT("\"\\ud800\\ud800\""), BASE_JSON_UTF8, 1 },
    { "a high surrogate before another escape", TEXT("\"\\ud800\\u0041\""),
      BASE_JSON_UTF8, 1 },
    { "a high surrogate before a letter", TEXT("\"\\ud800abcdef\""),
      BASE_JSON_UTF8, 1 },
    { "a lone surrogate in a key", TEXT("{\"\\udfff\":1}"),
      BASE_JSON_UTF8, 2 },
    { "an overlong slash", TEXT("\"\xc0\xaf\""), BASE_JSON_UTF8, 1 },
    { "an overlong NUL", TEXT("\"\xc0\x80\""), BASE_JSON_UTF8, 1 },
    { "an overlong form of three bytes", TEXT("\"\xe0\x80\xaf\""),
      BASE_JSON_UTF8, 1 },
    { "an overlong form of four bytes", TEXT("\"\xf0\x80\x80\xaf\""),
      BASE_JSON_UTF8, 1 },
    { "an encoded surrogate", TEXT("\"abcdefghij\xed\xa0\x80\""),
      BASE_JSON_UTF8, 11 },
    { "a code point over U+10FFFF", TEXT("\"\xf4\x90\x80\x80\""),
      BASE_JSON_UTF8, 1 },
    { "a lead byte over F4", TEXT("\"\xf5\x80\x80\x80\""), BASE_JSON_UTF8, 1 },
    { "a lone continuation byte", TEXT("\"\x80\""), BASE_JSON_UTF8, 1 },
    { "a sequence cut off by the quote", TEXT("\"\xe2\x82\""),
      BASE_JSON_UTF8, 1 },
    { "a sequence cut off by the end", TEXT("\"\xe2\x82"), BASE_JSON_UTF8, 1 },
    { "Latin 1", TEXT("\"caf\xe9\""), BASE_JSON_UTF8, 4 },
    { "a key twice", TEXT("{\"a\":1,\"b\":2,\"a\":3}"),
      BASE_JSON_DUPLICATE, 14 },
    { "a key twice, once escaped", TEXT("{\"a\":1,\"\\u0061\":3}"),
      BASE_JSON_DUPLICATE, -1 },
    { "a key twice further down", TEXT("[{\"x\":{\"a\":1,\"a\":1}}]"),
      BASE_JSON_DUPLICATE, 14 },
    { "an empty key twice", TEXT("{\"\":1,\"\":2}"), BASE_JSON_DUPLICATE, 7 },
};


static void
test_valid(void)
{
    size_t  i;

    for (i = 0; i < sizeof(valid_cases) / sizeof(valid_cases[0]); i++) {
        base_buf_t           buf;
        base_arena_t         arena;
        base_json_t         *value;
        base_json_error_t    error = { .status = BASE_JSON_OK };
        const valid_case_t  *c = &valid_cases[i];

        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        base_buf_init(&buf, &arena, SIZE_MAX);

        value = base_json_parse(&arena, c->text, NULL, &error);

        if (ok(value != NULL, "%s is read", c->name)) {
            base_json_write(&buf, value);
            is_str(base_buf_str(&buf),
                   c->written.len == 0 ? c->text : c->written, c->name);
        } else {
            printf("# %zu: %s\n", error.offset, error.reason);
        }

        base_arena_deinit(&arena);
    }
}


static void
test_invalid(void)
{
    size_t  i;

    for (i = 0; i < sizeof(invalid_cases) / sizeof(invalid_cases[0]); i++) {
        base_arena_t           arena;
        base_json_t           *value;
        base_json_error_t      error = { .status = BASE_JSON_OK };
        const invalid_case_t  *c = &invalid_cases[i];

        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        value = base_json_parse(&arena, c->text, NULL, &error);

        ok(value == NULL && error.status == c->status && error.reason != NULL,
           "%s is refused", c->name);

        if (c->offset >= 0) {
            is_int((int64_t) error.offset, c->offset, c->name);
        }

        ok(base_json_parse(&arena, c->text, NULL, NULL) == NULL,
           "%s is refused without an error to fill", c->name);

        base_arena_deinit(&arena);
    }
}


int
main(void)
{
    test_valid();
    test_invalid();

    return done_testing();
}
