/* SPDX-License-Identifier: BSD-2-Clause */

/* Reading the small languages inside a definition's strings: what paths,
 * filters and intrinsic functions share. */

#include "workflow/path.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"


static bool asl_escape(asl_source_t *source, asl_escapes_t escapes,
    const char **pos, const char *end, char *out, size_t *len);
static bool asl_hex4(const char **pos, const char *end, uint32_t *out);


void
asl_source_init(asl_source_t *source, base_arena_t *arena, base_str_t text)
{
    *source = (asl_source_t) {
        .arena = arena,
        .start = text.data,
        .pos = text.data,
        .end = text.len == 0 ? text.data : text.data + text.len,
    };
}


void *
asl_source_fail(asl_source_t *source, const char *expected)
{
    if (source->expected == NULL && !source->nomem) {
        source->expected = expected;
    }

    return NULL;
}


void
asl_source_spaces(asl_source_t *source)
{
    while (source->pos < source->end && *source->pos == ' ') {
        source->pos++;
    }
}


bool
asl_source_take(asl_source_t *source, char c)
{
    if (source->pos < source->end && *source->pos == c) {
        source->pos++;
        return true;
    }

    return false;
}


void *
asl_source_alloc(asl_source_t *source, size_t bytes)
{
    void  *p = base_arena_zalloc(source->arena, bytes);

    if (p == NULL) {
        source->nomem = true;
    }

    return p;
}


bool
asl_source_raw(asl_source_t *source, base_str_t *raw)
{
    char         quote = *source->pos++;
    const char  *begin = source->pos;

    while (source->pos < source->end && *source->pos != quote) {
        source->pos += *source->pos == '\\' ? 2 : 1;
    }

    if (source->pos >= source->end) {
        source->pos = source->end;
        asl_source_fail(source, "the closing quote of a string");
        return false;
    }

    *raw = base_str(begin, (size_t) (source->pos - begin));
    source->pos++;
    return true;
}


bool
asl_source_quoted(asl_source_t *source, base_str_t *out)
{
    base_str_t  raw;

    return asl_source_raw(source, &raw)
           && asl_source_unescape(source, ASL_ESCAPES_JSON, raw, out);
}


bool
asl_source_unescape(asl_source_t *source, asl_escapes_t escapes,
    base_str_t raw, base_str_t *out)
{
    char        *copy;
    size_t       len = 0;
    const char  *pos = raw.data, *end = raw.data + raw.len;

    if (raw.len == 0 || memchr(raw.data, '\\', raw.len) == NULL) {
        *out = raw;
        return true;
    }

    /* undoing escapes only makes it shorter */
    copy = asl_source_alloc(source, raw.len);
    if (copy == NULL) {
        return false;
    }

    while (pos < end) {
        if (*pos != '\\') {
            copy[len++] = *pos++;
        } else if (!asl_escape(source, escapes, &pos, end, copy, &len)) {
            return false;
        }
    }

    *out = base_str(copy, len);
    return true;
}


/* One escape, *pos is at its backslash. */
static bool
asl_escape(asl_source_t *source, asl_escapes_t escapes, const char **pos,
    const char *end, char *out, size_t *len)
{
    char      c;
    uint32_t  high, low;

    if (end - *pos < 2) {
        asl_source_fail(source, "a character behind the backslash");
        return false;
    }

    c = (*pos)[1];
    *pos += 2;

    if (escapes == ASL_ESCAPES_RESERVED) {
        out[(*len)++] = c;
        if (strchr("'{}\\", c) == NULL || c == '\0') {
            asl_source_fail(source, "one of ' { } \\ behind a backslash");
            return false;
        }

        return true;
    }

    if (c != 'u' || !asl_hex4(pos, end, &high)) {
        if (escapes == ASL_ESCAPES_JSON) {
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
        }

        out[(*len)++] = c;
        return true;
    }

    if (high >= 0xd800 && high <= 0xdfff) {
        if (high >= 0xdc00 || end - *pos < 6 || (*pos)[0] != '\\'
            || (*pos)[1] != 'u')
        {
            asl_source_fail(source, "a pair of surrogate escapes");
            return false;
        }

        *pos += 2;
        if (!asl_hex4(pos, end, &low) || low < 0xdc00 || low > 0xdfff) {
            asl_source_fail(source, "a pair of surrogate escapes");
            return false;
        }

        high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }

    *len += base_utf8_encode(high, out + *len);
    return true;
}


static bool
asl_hex4(const char **pos, const char *end, uint32_t *out)
{
    uint32_t  value = 0;

    if (end - *pos < 4) {
        return false;
    }

    for (int i = 0; i < 4; i++) {
        char      c = (*pos)[i];
        char      lower = (char) (c | 0x20);
        uint32_t  digit;

        if (c >= '0' && c <= '9') {
            digit = (uint32_t) (c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            digit = (uint32_t) (lower - 'a') + 10;
        } else {
            return false;
        }

        value = value << 4 | digit;
    }

    *pos += 4;
    *out = value;
    return true;
}


bool
asl_source_int(asl_source_t *source, int64_t *out)
{
    bool         negative = asl_source_take(source, '-');
    int64_t      value = 0;
    const char  *begin = source->pos;

    while (source->pos < source->end && *source->pos >= '0'
           && *source->pos <= '9')
    {
        if (value > INT32_MAX) {
            asl_source_fail(source, "a number below 2^31");
            return false;
        }

        value = value * 10 + (*source->pos++ - '0');
    }

    if (source->pos == begin) {
        asl_source_fail(source, "a number");
        return false;
    }

    *out = negative ? -value : value;
    return true;
}


static void
asl_source_digits(asl_source_t *source)
{
    while (source->pos < source->end && *source->pos >= '0'
           && *source->pos <= '9')
    {
        source->pos++;
    }
}


base_json_t *
asl_source_number(asl_source_t *source)
{
    const char   *begin = source->pos, *digits;
    base_json_t  *number;

    asl_source_take(source, '-');
    digits = source->pos;
    asl_source_digits(source);
    if (source->pos == digits || (*digits == '0' && source->pos - digits > 1)) {
        return asl_source_fail(source, "a number");
    }

    if (asl_source_take(source, '.')) {
        digits = source->pos;
        asl_source_digits(source);
        if (source->pos == digits) {
            return asl_source_fail(source, "digits behind the decimal point");
        }
    }

    if (asl_source_take(source, 'e') || asl_source_take(source, 'E')) {
        if (!asl_source_take(source, '-')) {
            asl_source_take(source, '+');
        }

        digits = source->pos;
        asl_source_digits(source);
        if (source->pos == digits) {
            return asl_source_fail(source, "digits of an exponent");
        }
    }

    number = base_json_number(source->arena,
                              base_str(begin,
                                       (size_t) (source->pos - begin)));
    if (number == NULL) {
        source->nomem = true;
    }

    return number;
}


void
asl_view_fail(asl_view_t *view, base_str_t error, const char *fmt, ...)
{
    char        text[512];
    int         n;
    va_list     args;
    base_str_t  cause;

    if (asl_view_failed(view)) {
        return;
    }

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (n < 0) {
        n = 0;
    }

    /* a cut in the middle of a character is taken back to its start */
    if ((size_t) n >= sizeof(text)) {
        n = sizeof(text) - 1;
        while (n > 0 && !base_utf8_valid(base_str(text, (size_t) n), NULL)
               && n > (int) sizeof(text) - 8)
        {
            n--;
        }
    }

    if (!base_arena_str(view->arena, base_str(text, (size_t) n), &cause)) {
        view->status = ASL_NOMEM;
        return;
    }

    view->error = error;
    view->cause = cause;
}
