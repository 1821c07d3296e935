/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Strings (Language: String Value).  Two forms:
 *
 *   "one line, with \n and \u00e9 and \u{1F600}"
 *
 *   """
 *     A block: only \""" is an escape; the indentation that all lines but the
 *     first have in common is removed, and so are blank lines at both ends.
 *   """
 */

#include "graphql/lexer.h"

#include "base/utf8.h"


/* What a letter behind a backslash stands for; 0: no escape. */
static const char  gql_escapes[128] = {
    ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f',
    ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'
};


/* One line of a block string. */
typedef struct {
    size_t  start;
    size_t  end;                    /* without the line end */
    size_t  next;                   /* start of the next line */
} gql_line_t;


static size_t gql_escape_length(base_str_t text, size_t pos);
static bool gql_escape_fail(gql_lexer_t *lexer, size_t pos);
static size_t gql_unicode_length(base_str_t text, size_t pos, uint32_t *code);
static bool gql_hex4(base_str_t text, size_t pos, uint32_t *code);
static size_t gql_string_unescape(base_str_t text, char *out);
static size_t gql_block_dedent(base_str_t text, char *out);
static gql_line_t gql_line_at(base_str_t text, size_t start);
static size_t gql_line_copy(base_str_t text, size_t start, size_t end,
    char *out);


/* A string on one line; token->offset is its opening quote. */
bool
gql_lexer_string(gql_lexer_t *lexer, gql_token_t *token)
{
    size_t      start, pos, len;
    base_str_t  source = lexer->source;

    start = token->offset + 1;

    for (pos = start; pos < source.len; pos++) {
        char  c = source.data[pos];

        if (c == '"') {
            token->kind = GQL_TOKEN_STRING;
            token->text = base_str(source.data + start, pos - start);
            lexer->pos = pos + 1;
            return true;
        }

        if (c == '\n' || c == '\r') {
            break;
        }

        if (c == '\\') {
            len = gql_escape_length(source, pos);
            if (len == 0) {
                return gql_escape_fail(lexer, pos);
            }

            token->escaped = true;
            pos += len - 1;
        }
    }

    return gql_lexer_fail(lexer, pos, "Unterminated string.");
}


bool
gql_lexer_block_string(gql_lexer_t *lexer, gql_token_t *token)
{
    size_t      start, pos;
    base_str_t  source = lexer->source;

    start = token->offset + 3;

    for (pos = start; pos < source.len; pos++) {

        if (source.data[pos] == '\\'
            && base_str_starts(base_str(source.data + pos, source.len - pos),
                               BASE_STR("\\\"\"\"")))
        {
            pos += 3;
            continue;
        }

        if (source.data[pos] == '"'
            && base_str_starts(base_str(source.data + pos, source.len - pos),
                               BASE_STR("\"\"\"")))
        {
            token->kind = GQL_TOKEN_BLOCK_STRING;
            token->text = base_str(source.data + start, pos - start);
            lexer->pos = pos + 3;
            return true;
        }
    }

    return gql_lexer_fail(lexer, pos, "Unterminated string.");
}


/* The bytes of the escape whose backslash is at pos; 0: it is none. */
static size_t
gql_escape_length(base_str_t text, size_t pos)
{
    uint32_t       code;
    unsigned char  c;

    if (pos + 1 >= text.len) {
        return 0;
    }

    c = (unsigned char) text.data[pos + 1];

    if (c == 'u') {
        return gql_unicode_length(text, pos, &code);
    }

    return c < 128 && gql_escapes[c] != 0 ? 2 : 0;
}


static bool
gql_escape_fail(gql_lexer_t *lexer, size_t pos)
{
    size_t      n, left;
    base_str_t  source = lexer->source;
    const char *what = "character escape";

    left = source.len - pos;
    n = left < 2 ? left : 2;

    if (left > 1 && source.data[pos + 1] == 'u') {
        what = "Unicode escape";

        if (left > 2 && source.data[pos + 2] == '{') {
            n = 3;
            while (n < left && n < 12 && source.data[pos + n] != '"'
                   && source.data[pos + n] >= ' ')
            {
                if (source.data[pos + n++] == '}') {
                    break;
                }
            }

        } else {
            while (n < left && n < 6 && source.data[pos + n] != '"'
                   && source.data[pos + n] >= ' ')
            {
                n++;
            }
        }
    }

    /* never half of a character */
    while (n < left && ((unsigned char) source.data[pos + n] & 0xc0) == 0x80) {
        n++;
    }

    return gql_lexer_fail(lexer, pos, "Invalid %s sequence: \"%.*s\".", what,
                          (int) n, source.data + pos);
}


static int
gql_hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* \u{...}, \uXXXX or a pair of surrogates at pos: bytes and code point; 0 if it
 * is not well-formed. */
static size_t
gql_unicode_length(base_str_t text, size_t pos, uint32_t *code)
{
    size_t    i;
    uint32_t  low;

    if (pos + 2 < text.len && text.data[pos + 2] == '{') {
        *code = 0;

        for (i = pos + 3; i < text.len && text.data[i] != '}'; i++) {
            int  digit = gql_hex_digit(text.data[i]);

            if (digit < 0) {
                return 0;
            }

            *code = *code << 4 | (uint32_t) digit;
            if (*code > 0x10ffff) {
                return 0;
            }
        }

        if (i == text.len || i == pos + 3 || (*code >> 11) == 0xd800 >> 11) {
            return 0;
        }

        return i + 1 - pos;
    }

    if (!gql_hex4(text, pos + 2, code)) {
        return 0;
    }

    if (*code < 0xd800 || *code > 0xdfff) {
        return 6;
    }

    if (*code > 0xdbff || pos + 7 >= text.len || text.data[pos + 6] != '\\'
        || text.data[pos + 7] != 'u' || !gql_hex4(text, pos + 8, &low)
        || low < 0xdc00 || low > 0xdfff)
    {
        return 0;
    }

    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 12;
}


static bool
gql_hex4(base_str_t text, size_t pos, uint32_t *code)
{
    size_t  i;

    if (pos + 4 > text.len) {
        return false;
    }

    *code = 0;

    for (i = pos; i < pos + 4; i++) {
        int  digit = gql_hex_digit(text.data[i]);

        if (digit < 0) {
            return false;
        }

        *code = *code << 4 | (uint32_t) digit;
    }

    return true;
}


bool
gql_token_string(base_arena_t *arena, const gql_token_t *token,
    base_str_t *value)
{
    char    *out;
    size_t   len;

    if (token->text.len == 0
        || (token->kind == GQL_TOKEN_STRING && !token->escaped))
    {
        *value = token->text;
        return true;
    }

    /* neither form grows: the shortest escape of n bytes is longer */
    out = base_arena_alloc(arena, token->text.len);
    if (out == NULL) {
        return false;
    }

    len = token->kind == GQL_TOKEN_STRING
          ? gql_string_unescape(token->text, out)
          : gql_block_dedent(token->text, out);

    *value = base_str(out, len);
    return true;
}


/* text has been through gql_lexer_string(). */
static size_t
gql_string_unescape(base_str_t text, char *out)
{
    size_t    pos = 0, len = 0;
    uint32_t  code;

    while (pos < text.len) {
        char  c = text.data[pos];

        if (c != '\\') {
            out[len++] = c;
            pos++;
            continue;
        }

        c = text.data[pos + 1];

        if (c == 'u') {
            pos += gql_unicode_length(text, pos, &code);
            len += base_utf8_encode(code, out + len);

        } else {
            out[len++] = gql_escapes[(int) c];
            pos += 2;
        }
    }

    return len;
}


/* Language: BlockStringValue() */
static size_t
gql_block_dedent(base_str_t text, char *out)
{
    bool        any = false;
    size_t      at, indent, blank, common = SIZE_MAX, len = 0;
    size_t      first = 0, last = 0;
    gql_line_t  line;

    /* the common indentation, and the lines from the first to the last that
     * are not blank */
    for (at = 0; at <= text.len; at = line.next) {
        line = gql_line_at(text, at);
        blank = line.start;

        while (blank < line.end
               && (text.data[blank] == ' ' || text.data[blank] == '\t'))
        {
            blank++;
        }

        if (blank == line.end) {
            continue;
        }

        indent = blank - line.start;
        if (at > 0 && indent < common) {
            common = indent;
        }

        if (!any) {
            first = at;
            any = true;
        }

        last = at;
    }

    if (!any) {
        return 0;
    }

    common = common == SIZE_MAX ? 0 : common;

    for (at = first; at <= last; at = line.next) {
        line = gql_line_at(text, at);

        if (at > first) {
            out[len++] = '\n';
        }

        indent = at == 0 ? 0 : common;
        if (indent < line.end - line.start) {
            len += gql_line_copy(text, line.start + indent, line.end,
                                 out + len);
        }
    }

    return len;
}


static gql_line_t
gql_line_at(base_str_t text, size_t start)
{
    size_t  end = start;

    while (end < text.len && text.data[end] != '\n' && text.data[end] != '\r') {
        end++;
    }

    if (end + 1 < text.len && text.data[end] == '\r'
        && text.data[end + 1] == '\n')
    {
        return (gql_line_t) { start, end, end + 2 };
    }

    return (gql_line_t) { start, end, end + 1 };
}


/* Copies a line; \""" becomes """. */
static size_t
gql_line_copy(base_str_t text, size_t start, size_t end, char *out)
{
    size_t  len = 0;

    while (start < end) {
        if (text.data[start] == '\\'
            && base_str_starts(base_str(text.data + start, end - start),
                               BASE_STR("\\\"\"\"")))
        {
            start++;
            memcpy(out + len, "\"\"\"", 3);
            len += 3;
            start += 3;
            continue;
        }

        out[len++] = text.data[start++];
    }

    return len;
}
