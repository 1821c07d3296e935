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


/* What is in the text is borrowed from it; what had to be decoded is not. */
static void
test_borrows(void)
{
    base_str_t     text = BASE_STR("[\"in place\",12,\"de\\tcoded\"]");
    base_str_t     lone = BASE_STR("12");
    base_json_t   *value;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    value = base_json_parse(&arena, text, NULL, NULL);
    ok(base_json_at(value, 0)->text.data == text.data + 2,
       "a string without escapes is borrowed");
    ok(base_json_at(value, 1)->text.data == text.data + 12,
       "a number is borrowed");
    is_str(base_json_at(value, 2)->text, BASE_STR("de\tcoded"),
           "a string with escapes is not");

    value = base_json_parse(&arena, lone, NULL, NULL);
    is_str(value->text, lone, "a lone number is all there");

    base_arena_deinit(&arena);
}


/* A text of depth arrays, closed or torn. */
static base_str_t
nested(base_arena_t *arena, size_t depth, bool closed)
{
    char  *p = base_arena_alloc(arena, depth * 2);

    memset(p, '[', depth);
    memset(p + depth, ']', depth);

    return base_str(p, closed ? depth * 2 : depth);
}


static base_json_status_t
status_of(base_arena_t *arena, base_str_t text, uint32_t depth_max,
    uint32_t values_max)
{
    base_json_error_t   error = { .status = BASE_JSON_OK };
    base_json_limits_t  limits = { depth_max, values_max };

    (void) base_json_parse(arena, text, &limits, &error);

    return error.status;
}


static void
test_limits(void)
{
    base_arena_t       arena;
    base_json_error_t  error;
    const uint32_t     preset = BASE_JSON_DEPTH_MAX_DEFAULT;
    const uint32_t     ceiling = BASE_JSON_DEPTH_CEILING;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    is_int(status_of(&arena, BASE_STR("1"), 1, 1), BASE_JSON_OK,
           "a number has no depth");
    is_int(status_of(&arena, BASE_STR("[1]"), 1, 0), BASE_JSON_OK,
           "an array has a depth of one");
    is_int(status_of(&arena, BASE_STR("[{}]"), 1, 0), BASE_JSON_DEPTH,
           "an object in it of two");
    is_int(status_of(&arena, BASE_STR("{\"a\":[[]]}"), 3, 0), BASE_JSON_OK,
           "a text at its limit is read");
    is_int(status_of(&arena, BASE_STR("[[],[],[[]]]"), 3, 0), BASE_JSON_OK,
           "what is closed does not count");

    is_int(status_of(&arena, nested(&arena, preset, true), 0, 0),
           BASE_JSON_OK, "the default depth is read");
    is_int(status_of(&arena, nested(&arena, preset + 1, true), 0, 0),
           BASE_JSON_DEPTH, "one more is not");
    is_int(status_of(&arena, nested(&arena, ceiling, true), UINT32_MAX, 0),
           BASE_JSON_OK, "the ceiling is read");
    is_int(status_of(&arena, nested(&arena, ceiling + 1, true), UINT32_MAX, 0),
           BASE_JSON_DEPTH, "one more is not, whatever the limit says");
    is_int(status_of(&arena, nested(&arena, 100000, true), 0, 0),
           BASE_JSON_DEPTH, "a depth of 100,000 is refused");
    is_int(status_of(&arena, nested(&arena, 100000, false), 0, 0),
           BASE_JSON_DEPTH, "torn or not");

    base_json_parse(&arena, nested(&arena, preset + 1, true), NULL, &error);
    is_int((int64_t) error.offset, preset, "the error is at the bracket");

    is_int(status_of(&arena, BASE_STR("[1,{\"a\":2}]"), 0, 4), BASE_JSON_OK,
           "four values, keys not counted, are four");
    is_int(status_of(&arena, BASE_STR("[1,{\"a\":2}]"), 0, 3),
           BASE_JSON_VALUES, "and more than three");
    is_int(status_of(&arena, BASE_STR("[[[]]]"), 0, 2), BASE_JSON_VALUES,
           "containers count");

    base_arena_deinit(&arena);
}


/* Objects of count keys, the last one equal to the one at index twin if that
 * is not negative. */
static base_str_t
keys(base_arena_t *arena, int count, int twin)
{
    int         i;
    base_buf_t  buf;

    base_buf_init(&buf, arena, SIZE_MAX);
    base_buf_add_char(&buf, '{');

    for (i = 0; i < count; i++) {
        base_buf_printf(&buf, "%s\"%d\":0", i == 0 ? "" : ",",
            i == count - 1 && twin >= 0 ? twin * 7919 : i * 7919);
    }

    base_buf_add_char(&buf, '}');

    return base_buf_str(&buf);
}


static void
test_duplicates(void)
{
    static const int  counts[] = { 2, 15, 16, 17, 18, 19, 33, 1000, 50000 };

    size_t             i;
    base_str_t         text;
    base_arena_t       arena;
    base_json_error_t  error;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        int  n = counts[i];

        ok(base_json_parse(&arena, keys(&arena, n, -1), NULL, NULL) != NULL,
           "%d different keys are read", n);

        text = keys(&arena, n, 0);
        ok(base_json_parse(&arena, text, NULL, &error) == NULL
           && error.status == BASE_JSON_DUPLICATE
           && base_str_eq(error.key, BASE_STR("0"))
           && error.offset == text.len - 5,
           "the last of %d equal to the first is found, and where", n);

        text = keys(&arena, n, n - 2);
        ok(base_json_parse(&arena, text, NULL, &error) == NULL
           && error.status == BASE_JSON_DUPLICATE,
           "the last of %d equal to the one before it is found", n);
    }

    base_arena_deinit(&arena);
}


/* yajl's buffers grow while it decodes; all of it comes from the arena. */
static void
test_long_strings(void)
{
    char          *p;
    size_t         len;
    base_json_t   *value;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    p = base_arena_alloc(&arena, 300003);
    p[0] = '"';

    for (len = 1; len < 100000; len = len * 3 + 1) {
        size_t  i;

        for (i = 0; i < len; i++) {
            memcpy(p + 1 + i * 3, "a\\n", 3);
        }
        p[1 + len * 3] = '"';

        value = base_json_parse(&arena, base_str(p, len * 3 + 2), NULL, NULL);
        ok(value != NULL && value->text.len == len * 2
           && memcmp(value->text.data + len * 2 - 2, "a\n", 2) == 0,
           "a string of %zu escapes is decoded", len);

        ok(base_json_parse(&arena, base_str(p, len * 3 + 1), NULL, NULL)
               == NULL,
           "and refused without its end");
    }

    base_arena_deinit(&arena);
}


/* Each place of a word: the pass before yajl looks at eight bytes at once. */
static void
test_positions(void)
{
    static const char *const  bad[] = { "\x80", "\x1f", "\f", "\\udc00" };

    size_t             i, k, len;
    char               text[40];
    bool               found = true;
    base_arena_t       arena;
    base_json_error_t  error;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    for (k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        len = strlen(bad[k]);

        for (i = 1; i + len < sizeof(text); i++) {
            memset(text, 'a', sizeof(text));
            text[0] = '"';
            text[sizeof(text) - 1] = '"';
            memcpy(text + i, bad[k], len);
            found = found
                    && base_json_parse(&arena, base_str(text, sizeof(text)),
                           NULL, &error) == NULL
                    && error.offset == i;
        }
    }

    ok(found, "a bad byte is found at every place");

    for (i = 1; i + 1 < sizeof(text); i++) {
        memset(text, ' ', sizeof(text));
        text[0] = '[';
        text[sizeof(text) - 1] = ']';
        text[i] = i % 2 == 0 ? '\f' : '\v';
        found = found
                && base_json_parse(&arena, base_str(text, sizeof(text)), NULL,
                       &error) == NULL
                && error.offset == i;
    }

    ok(found, "so is white space that only yajl takes for it");
    base_arena_deinit(&arena);
}


static void
test_torn(void)
{
    size_t        i;
    bool          refused = true;
    base_arena_t  arena;
    base_str_t    text = BASE_STR("{\"a\":[1.5e+3,\"\\ud83c\\udf55 caf\xc3\xa9"
                                  "\\n\",true,false,null,{}]}");

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    ok(base_json_parse(&arena, text, NULL, NULL) != NULL, "a text is read");

    for (i = 0; i < text.len; i++) {
        base_str_t    piece;

        /* a copy of its own, so that a sanitizer sees the byte behind it */
        base_arena_str(&arena, base_str(text.data, i), &piece);
        refused = refused && base_json_parse(&arena, piece, NULL, NULL) == NULL;
    }

    ok(refused, "cut off anywhere it is refused");
    base_arena_deinit(&arena);
}


static void
test_fault(void)
{
    static const base_str_t  texts[] = {
        BASE_STR_INIT("{\"a\":[1,\"b\\n\",true],\"\\u0063\":null}"),
        BASE_STR_INIT("12"),
        BASE_STR_INIT("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,"
                      "\"g\":1,"
                      "\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,"
                      "\"o\":1,\"p\":1,\"q\":1}"),
    };

    int                n;
    size_t             i;
    bool               nomem;
    base_json_t       *value;
    base_arena_t       arena;
    base_json_error_t  error;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nomem = true;

        for (n = 1; n < 200; n++) {
            base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES,
                BASE_ARENA_UNLIMITED);
            base_arena_fail_after(&arena, n);
            value = base_json_parse(&arena, texts[i], NULL, &error);
            nomem = nomem
                    && (value != NULL || error.status == BASE_JSON_NOMEM);
            base_arena_deinit(&arena);

            if (value != NULL) {
                break;
            }
        }

        ok(nomem && n > 5 && n < 200,
           "reading fails with each allocation, then succeeds (%d)", n);
    }

    /* an error is told even where there is no memory to render yajl's */
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, 1);
    ok(base_json_parse(&arena, BASE_STR("[1"), NULL, &error) == NULL
       && error.status == BASE_JSON_NOMEM, "an arena without room is NOMEM");
    base_arena_deinit(&arena);
}


int
main(void)
{
    test_valid();
    test_invalid();
    test_borrows();
    test_limits();
    test_duplicates();
    test_long_strings();
    test_positions();
    test_torn();
    test_fault();

    return done_testing();
}
