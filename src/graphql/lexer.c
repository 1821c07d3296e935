/* SPDX-License-Identifier: BSD-2-Clause */

/* Punctuators, names and numbers; strings are in lexer_string.c. */

#include "graphql/lexer.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"


typedef enum {
    GQL_CHAR_OTHER = 0,
    GQL_CHAR_BLANK,                 /* space, tab, line ends, comma */
    GQL_CHAR_COMMENT,
    GQL_CHAR_PUNCTUATOR,
    GQL_CHAR_DOT,
    GQL_CHAR_NAME,
    GQL_CHAR_NUMBER,
    GQL_CHAR_QUOTE,
    GQL_CHAR_BOM                    /* the first byte of U+FEFF */
} gql_char_t;


static const char *const  gql_token_texts[] = {
#define GQL_TOKEN_TEXT(name, text)  [GQL_TOKEN_##name] = text,
    GQL_TOKENS(GQL_TOKEN_TEXT)
#undef GQL_TOKEN_TEXT
};


static const uint8_t  gql_chars[256] = {
    ['\t'] = GQL_CHAR_BLANK, ['\n'] = GQL_CHAR_BLANK,
    ['\r'] = GQL_CHAR_BLANK, [' '] = GQL_CHAR_BLANK, [','] = GQL_CHAR_BLANK,
    ['#'] = GQL_CHAR_COMMENT,
    ['!'] = GQL_CHAR_PUNCTUATOR, ['$'] = GQL_CHAR_PUNCTUATOR,
    ['&'] = GQL_CHAR_PUNCTUATOR, ['('] = GQL_CHAR_PUNCTUATOR,
    [')'] = GQL_CHAR_PUNCTUATOR, [':'] = GQL_CHAR_PUNCTUATOR,
    ['='] = GQL_CHAR_PUNCTUATOR, ['@'] = GQL_CHAR_PUNCTUATOR,
    ['['] = GQL_CHAR_PUNCTUATOR, [']'] = GQL_CHAR_PUNCTUATOR,
    ['{'] = GQL_CHAR_PUNCTUATOR, ['|'] = GQL_CHAR_PUNCTUATOR,
    ['}'] = GQL_CHAR_PUNCTUATOR,
    ['.'] = GQL_CHAR_DOT,
    ['_'] = GQL_CHAR_NAME,
    ['a' ... 'z'] = GQL_CHAR_NAME, ['A' ... 'Z'] = GQL_CHAR_NAME,
    ['0' ... '9'] = GQL_CHAR_NUMBER, ['-'] = GQL_CHAR_NUMBER,
    ['"'] = GQL_CHAR_QUOTE,
    [0xef] = GQL_CHAR_BOM
};


static const uint8_t  gql_punctuators[128] = {
    ['!'] = GQL_TOKEN_BANG, ['$'] = GQL_TOKEN_DOLLAR, ['&'] = GQL_TOKEN_AMP,
    ['('] = GQL_TOKEN_PAREN_L, [')'] = GQL_TOKEN_PAREN_R,
    [':'] = GQL_TOKEN_COLON, ['='] = GQL_TOKEN_EQUALS, ['@'] = GQL_TOKEN_AT,
    ['['] = GQL_TOKEN_BRACKET_L, [']'] = GQL_TOKEN_BRACKET_R,
    ['{'] = GQL_TOKEN_BRACE_L, ['|'] = GQL_TOKEN_PIPE,
    ['}'] = GQL_TOKEN_BRACE_R
};


static gql_char_t gql_lexer_skip_ignored(gql_lexer_t *lexer);
static void gql_lexer_name(gql_lexer_t *lexer);
static bool gql_lexer_dots(gql_lexer_t *lexer, gql_token_t *token);
static bool gql_lexer_number(gql_lexer_t *lexer, gql_token_t *token);
static bool gql_lexer_digits(gql_lexer_t *lexer);
static bool gql_lexer_unexpected(gql_lexer_t *lexer);
static void gql_lexer_describe(const gql_lexer_t *lexer, size_t pos, char *out,
    size_t size);


const char *
gql_token_kind_text(gql_token_kind_t kind)
{
    return gql_token_texts[kind];
}


void
gql_lexer_init(gql_lexer_t *lexer, base_str_t source)
{
    lexer->source = source;
    lexer->pos = 0;
    lexer->error_offset = 0;
    lexer->error[0] = '\0';
}


static inline int
gql_lexer_peek(const gql_lexer_t *lexer, size_t pos)
{
    return pos < lexer->source.len ? (unsigned char) lexer->source.data[pos]
                                   : -1;
}


bool
gql_lexer_next(gql_lexer_t *lexer, gql_token_t *token)
{
    size_t      start;
    bool        lexed;
    gql_char_t  class;

    class = gql_lexer_skip_ignored(lexer);
    start = lexer->pos;
    lexed = true;

    token->kind = GQL_TOKEN_EOF;
    token->escaped = false;
    token->offset = (uint32_t) start;
    token->text = base_str(lexer->source.data + start, 0);

    if (start == lexer->source.len) {
        return true;
    }

    switch (class) {
    case GQL_CHAR_PUNCTUATOR:
        token->kind = gql_punctuators[(int) lexer->source.data[start]];
        lexer->pos++;
        break;

    case GQL_CHAR_NAME:
        token->kind = GQL_TOKEN_NAME;
        gql_lexer_name(lexer);
        break;

    case GQL_CHAR_DOT:
        lexed = gql_lexer_dots(lexer, token);
        break;

    case GQL_CHAR_NUMBER:
        lexed = gql_lexer_number(lexer, token);
        break;

    case GQL_CHAR_QUOTE:
        if (gql_lexer_peek(lexer, start + 1) == '"'
            && gql_lexer_peek(lexer, start + 2) == '"')
        {
            return gql_lexer_block_string(lexer, token);
        }

        return gql_lexer_string(lexer, token);

    default:
        return gql_lexer_unexpected(lexer);
    }

    token->text.len = lexer->pos - start;
    return lexed;
}


/* White space, line ends, commas, comments and byte order marks; the class of
 * the first byte behind them. */
static gql_char_t
gql_lexer_skip_ignored(gql_lexer_t *lexer)
{
    int         c;
    gql_char_t  class;

    for ( ;; ) {
        c = gql_lexer_peek(lexer, lexer->pos);
        if (c < 0) {
            return GQL_CHAR_OTHER;
        }

        class = gql_chars[c];

        if (class == GQL_CHAR_BLANK) {
            lexer->pos++;

        } else if (class == GQL_CHAR_COMMENT) {
            while (c >= 0 && c != '\n' && c != '\r') {
                c = gql_lexer_peek(lexer, ++lexer->pos);
            }

        } else if (class == GQL_CHAR_BOM
                   && gql_lexer_peek(lexer, lexer->pos + 1) == 0xbb
                   && gql_lexer_peek(lexer, lexer->pos + 2) == 0xbf)
        {
            lexer->pos += 3;

        } else {
            return class;
        }
    }
}


static inline bool
gql_lexer_is_digit(int c)
{
    return c >= '0' && c <= '9';
}


static inline bool
gql_lexer_is_name_start(int c)
{
    return c >= 0 && gql_chars[c] == GQL_CHAR_NAME;
}


static void
gql_lexer_name(gql_lexer_t *lexer)
{
    int  c;

    do {
        c = gql_lexer_peek(lexer, ++lexer->pos);
    } while (gql_lexer_is_name_start(c) || gql_lexer_is_digit(c));
}


static bool
gql_lexer_dots(gql_lexer_t *lexer, gql_token_t *token)
{
    size_t  pos = lexer->pos;

    if (gql_lexer_peek(lexer, pos + 1) == '.') {
        if (gql_lexer_peek(lexer, pos + 2) == '.') {
            token->kind = GQL_TOKEN_SPREAD;
            lexer->pos += 3;
            return true;
        }

        return gql_lexer_fail(lexer, pos,
                              "Unexpected \"..\", did you mean \"...\"?");
    }

    if (gql_lexer_is_digit(gql_lexer_peek(lexer, pos + 1))) {
        return gql_lexer_fail(lexer, pos,
                   "Invalid number, expected digit before \".\".");
    }

    return gql_lexer_unexpected(lexer);
}


/* IntValue, FloatValue */
static bool
gql_lexer_number(gql_lexer_t *lexer, gql_token_t *token)
{
    char  got[16];

    token->kind = GQL_TOKEN_INT;

    if (gql_lexer_peek(lexer, lexer->pos) == '-') {
        lexer->pos++;
    }

    if (gql_lexer_peek(lexer, lexer->pos) == '0') {
        lexer->pos++;

        if (gql_lexer_is_digit(gql_lexer_peek(lexer, lexer->pos))) {
            gql_lexer_describe(lexer, lexer->pos, got, sizeof(got));
            return gql_lexer_fail(lexer, lexer->pos,
                       "Invalid number, unexpected digit after 0: %s.", got);
        }

    } else if (!gql_lexer_digits(lexer)) {
        return false;
    }

    if (gql_lexer_peek(lexer, lexer->pos) == '.') {
        token->kind = GQL_TOKEN_FLOAT;
        lexer->pos++;

        if (!gql_lexer_digits(lexer)) {
            return false;
        }
    }

    if ((gql_lexer_peek(lexer, lexer->pos) | 0x20) == 'e') {
        token->kind = GQL_TOKEN_FLOAT;
        lexer->pos++;

        if (gql_lexer_peek(lexer, lexer->pos) == '+'
            || gql_lexer_peek(lexer, lexer->pos) == '-')
        {
            lexer->pos++;
        }

        if (!gql_lexer_digits(lexer)) {
            return false;
        }
    }

    if (gql_lexer_peek(lexer, lexer->pos) == '.'
        || gql_lexer_is_name_start(gql_lexer_peek(lexer, lexer->pos)))
    {
        gql_lexer_describe(lexer, lexer->pos, got, sizeof(got));
        return gql_lexer_fail(lexer, lexer->pos,
                   "Invalid number, expected digit but got: %s.", got);
    }

    return true;
}


/* One digit or more. */
static bool
gql_lexer_digits(gql_lexer_t *lexer)
{
    char  got[16];

    if (!gql_lexer_is_digit(gql_lexer_peek(lexer, lexer->pos))) {
        gql_lexer_describe(lexer, lexer->pos, got, sizeof(got));
        return gql_lexer_fail(lexer, lexer->pos,
                   "Invalid number, expected digit but got: %s.", got);
    }

    do {
        lexer->pos++;
    } while (gql_lexer_is_digit(gql_lexer_peek(lexer, lexer->pos)));

    return true;
}


static bool
gql_lexer_unexpected(gql_lexer_t *lexer)
{
    char  got[16];

    if (gql_lexer_peek(lexer, lexer->pos) == '\'') {
        return gql_lexer_fail(lexer, lexer->pos,
                   "Unexpected single quote character ('), did you mean to "
                   "use a double quote (\")?");
    }

    gql_lexer_describe(lexer, lexer->pos, got, sizeof(got));
    return gql_lexer_fail(lexer, lexer->pos, "Unexpected character: %s.", got);
}


/* The code point at pos for a message: "x", U+00E9, <EOF>. */
static void
gql_lexer_describe(const gql_lexer_t *lexer, size_t pos, char *out, size_t size)
{
    size_t    bytes;
    uint32_t  code;

    if (pos >= lexer->source.len) {
        (void) snprintf(out, size, "%s", gql_token_texts[GQL_TOKEN_EOF]);
        return;
    }

    code = base_utf8_decode(base_str(lexer->source.data + pos,
                                     lexer->source.len - pos), &bytes);

    if (code == '"') {
        (void) snprintf(out, size, "'\"'");

    } else if (code >= 0x20 && code < 0x7f) {
        (void) snprintf(out, size, "\"%c\"", (char) code);

    } else {
        (void) snprintf(out, size, "U+%04X", (unsigned) code);
    }
}


bool
gql_lexer_fail(gql_lexer_t *lexer, size_t offset, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(lexer->error, sizeof(lexer->error), fmt, args);
    va_end(args);

    lexer->error_offset = (uint32_t) offset;
    return false;
}
