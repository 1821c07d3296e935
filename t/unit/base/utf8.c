/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include <string.h>

#include "base/utf8.h"


typedef struct {
    const char  *name;
    base_str_t   text;
    int64_t      offset;            /* of the first bad byte, or -1 */
} utf8_case_t;

static const utf8_case_t  cases[] = {
    { "no text", BASE_STR_INIT(""), -1 },
    { "ASCII", BASE_STR_INIT("plain text, longer than a word\x7f"), -1 },
    { "a NUL byte", BASE_STR_INIT("a\0b"), -1 },
    { "two bytes", BASE_STR_INIT("\xc2\x80\xdf\xbf"), -1 },
    { "three bytes", BASE_STR_INIT("\xe0\xa0\x80\xef\xbf\xbf"), -1 },
    { "around the surrogates",
      BASE_STR_INIT("\xed\x9f\xbf\xee\x80\x80"), -1 },
    { "four bytes", BASE_STR_INIT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), -1 },
    { "a lone continuation byte", BASE_STR_INIT("abcdefgh\x80"), 8 },
    { "C0", BASE_STR_INIT("a\xc0\xaf"), 1 },
    { "C1", BASE_STR_INIT("\xc1\xbf"), 0 },
    { "overlong, three bytes", BASE_STR_INIT("\xe0\x9f\xbf"), 0 },
    { "overlong, four bytes", BASE_STR_INIT("\xf0\x8f\xbf\xbf"), 0 },
    { "the first surrogate", BASE_STR_INIT("\xed\xa0\x80"), 0 },
    { "the last surrogate", BASE_STR_INIT("\xed\xbf\xbf"), 0 },
    { "U+110000", BASE_STR_INIT("\xf4\x90\x80\x80"), 0 },
    { "F5", BASE_STR_INIT("\xf5\x80\x80\x80"), 0 },
    { "FF", BASE_STR_INIT("\xff"), 0 },
    { "two of two bytes missing", BASE_STR_INIT("\xc3"), 0 },
    { "the third byte missing", BASE_STR_INIT("abc\xe2\x82"), 3 },
    { "the fourth byte missing", BASE_STR_INIT("\xf0\x9f\x8d"), 0 },
    { "ASCII in the third place", BASE_STR_INIT("\xe2\x82z"), 0 },
    { "a lead byte in the fourth place",
      BASE_STR_INIT("\xf0\x9f\x8d\xc3\xa9"), 0 },
};


static void
test_cases(void)
{
    size_t  i;
    size_t  offset;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const utf8_case_t  *c = &cases[i];

        offset = SIZE_MAX;
        ok(base_utf8_valid(c->text, &offset) == (c->offset < 0), "%s",
           c->name);

        if (c->offset >= 0) {
            is_int((int64_t) offset, c->offset, c->name);
        }

        ok(base_utf8_valid(c->text, NULL) == (c->offset < 0),
           "%s, without offset", c->name);
    }
}


/* Every code point there is, and every sequence of two bytes. */
static void
test_all(void)
{
    char      text[8];
    size_t    bytes, length;
    uint32_t  c;
    bool      round = true;
    bool      surrogates = true;
    bool      pairs = true;

    for (c = 0; c <= 0x10ffff; c++) {
        if (c >= 0xd800 && c <= 0xdfff) {
            text[0] = (char) 0xed;
            text[1] = (char) (0x80 | (c >> 6 & 0x3f));
            text[2] = (char) (0x80 | (c & 0x3f));
            surrogates = surrogates
                         && !base_utf8_valid(base_str(text, 3), NULL);
            continue;
        }

        length = base_utf8_encode(c, text);
        round = round && base_utf8_decode(base_str(text, length), &bytes) == c
                && bytes == length
                && base_utf8_valid(base_str(text, length), NULL)
                && (length == 1
                    || base_utf8_decode(base_str(text, length - 1), &bytes)
                           == BASE_UTF8_INVALID);
    }

    ok(round, "each code point is read back as written, and not if torn");
    ok(surrogates, "no surrogate is taken");

    for (c = 0; c < 0x10000; c++) {
        text[0] = (char) (c >> 8);
        text[1] = (char) c;
        pairs = pairs
                && base_utf8_valid(base_str(text, 2), NULL)
                       == ((c >> 8 < 0x80 && (c & 0xff) < 0x80)
                           || (c >> 8 >= 0xc2 && c >> 8 <= 0xdf
                               && (c & 0xc0) == 0x80));
    }

    ok(pairs, "of all pairs of bytes the right ones are taken");
}


static void
test_positions(void)
{
    char    text[32];
    size_t  i, offset;
    bool    found = true;

    for (i = 0; i < sizeof(text); i++) {
        memset(text, 'a', sizeof(text));
        text[i] = (char) 0x80;
        found = found && !base_utf8_valid(base_str(text, sizeof(text)), &offset)
                && offset == i;
    }

    ok(found, "a bad byte is found at every place");
}


static void
test_decode(void)
{
    size_t  bytes = 0;

    ok(base_utf8_decode(base_str(NULL, 0), &bytes) == BASE_UTF8_INVALID
       && bytes == 1, "no text decodes to nothing");
    ok(base_utf8_decode(BASE_STR("\xe2\x82"), &bytes) == BASE_UTF8_INVALID
       && bytes == 1, "a torn sequence is skipped by one byte");
    ok(base_utf8_decode(BASE_STR("\xe2\x82\xac" "abc"), &bytes) == 0x20ac
       && bytes == 3, "a euro sign has three bytes");

    is_int((int64_t) base_utf8_length(BASE_STR("a\xc3\xa9\xe2\x82\xac"
           "\xf0\x9f\x8d\x95")), 4, "length counts code points");
    is_int((int64_t) base_utf8_length(base_str(NULL, 0)), 0,
           "no text has no length");
}


int
main(void)
{
    test_cases();
    test_all();
    test_positions();
    test_decode();

    return done_testing();
}
