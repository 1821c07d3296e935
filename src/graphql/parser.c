/* SPDX-License-Identifier: BSD-2-Clause */

/* The token ahead, the budgets and the first error: what every rule of the
 * grammar uses.  The rules are in parser_value.c, document.c and sdl*.c. */

#include "graphql/parser.h"

#include <stdarg.h>
#include <stdio.h>

#include "graphql/limits.h"


#define GQL_PARSER_MESSAGE_BYTES  192
#define GQL_PARSER_SHOWN_BYTES    64    /* of a token in a message */


static void gql_parser_stop(gql_parser_t *parser);
static void gql_token_describe(const gql_token_t *token, char *out,
    size_t size);


void
gql_parser_init(gql_parser_t *parser, base_arena_t *arena,
    const gql_report_t *report, const gql_limits_t *limits)
{
    memset(parser, 0, sizeof(gql_parser_t));

    parser->arena = arena;
    parser->report = *report;
    parser->tokens_max = limits == NULL ? 0 : limits->tokens;
    parser->depth_max = limits == NULL ? 0 : limits->nesting;

    if (parser->depth_max == 0 || parser->depth_max > GQL_NESTING_CEILING) {
        parser->depth_max = GQL_NESTING_CEILING;
    }

    gql_lexer_init(&parser->lexer, report->source);
    gql_parser_advance(parser);
}


void
gql_parser_advance(gql_parser_t *parser)
{
    if (parser->failed) {
        return;
    }

    if (!gql_lexer_next(&parser->lexer, &parser->token)) {
        gql_parser_fail(parser, parser->lexer.error_offset, "%s",
                        parser->lexer.error);
        return;
    }

    if (parser->token.kind == GQL_TOKEN_EOF) {
        return;
    }

    parser->tokens++;

    if (parser->tokens_max != 0 && parser->tokens > parser->tokens_max) {
        gql_limit_exceeded(parser->report.errors, BASE_STR("tokens"),
                           parser->tokens_max);
        gql_parser_stop(parser);
    }
}


bool
gql_parser_expect(gql_parser_t *parser, gql_token_kind_t kind)
{
    char  found[GQL_PARSER_SHOWN_BYTES + 32];

    if (parser->failed) {
        return false;
    }

    if (parser->token.kind != kind) {
        gql_token_describe(&parser->token, found, sizeof(found));
        gql_parser_fail(parser, parser->token.offset,
                        "Expected %s, found %s.", gql_token_kind_text(kind),
                        found);
        return false;
    }

    gql_parser_advance(parser);
    return !parser->failed;
}


bool
gql_parser_skip(gql_parser_t *parser, gql_token_kind_t kind)
{
    if (parser->failed || parser->token.kind != kind) {
        return false;
    }

    gql_parser_advance(parser);
    return true;
}


bool
gql_parser_at_keyword(const gql_parser_t *parser, base_str_t keyword)
{
    return !parser->failed && parser->token.kind == GQL_TOKEN_NAME
           && base_str_eq(parser->token.text, keyword);
}


bool
gql_parser_skip_keyword(gql_parser_t *parser, base_str_t keyword)
{
    if (!gql_parser_at_keyword(parser, keyword)) {
        return false;
    }

    gql_parser_advance(parser);
    return true;
}


bool
gql_parser_expect_keyword(gql_parser_t *parser, base_str_t keyword)
{
    char  found[GQL_PARSER_SHOWN_BYTES + 32];

    if (gql_parser_skip_keyword(parser, keyword)) {
        return !parser->failed;
    }

    gql_token_describe(&parser->token, found, sizeof(found));
    gql_parser_fail(parser, parser->token.offset,
                    "Expected \"%.*s\", found %s.", BASE_STR_ARG(keyword),
                    found);
    return false;
}


bool
gql_parser_name(gql_parser_t *parser, base_str_t *name)
{
    *name = parser->token.text;
    return gql_parser_expect(parser, GQL_TOKEN_NAME);
}


bool
gql_parser_enter(gql_parser_t *parser, gql_token_kind_t open)
{
    if (!gql_parser_expect(parser, open)) {
        return false;
    }

    if (parser->depth == parser->depth_max) {
        gql_limit_exceeded(parser->report.errors, BASE_STR("nesting"),
                           parser->depth_max);
        gql_parser_stop(parser);
        return false;
    }

    parser->depth++;

    if (parser->depth > parser->depth_seen) {
        parser->depth_seen = parser->depth;
    }

    return true;
}


void
gql_parser_leave(gql_parser_t *parser)
{
    parser->depth--;
}


void
gql_parser_unexpected(gql_parser_t *parser)
{
    char  found[GQL_PARSER_SHOWN_BYTES + 32];

    gql_token_describe(&parser->token, found, sizeof(found));
    gql_parser_fail(parser, parser->token.offset, "Unexpected %s.", found);
}


void
gql_parser_fail(gql_parser_t *parser, uint32_t offset, const char *fmt, ...)
{
    char     text[GQL_PARSER_MESSAGE_BYTES];
    va_list  args;

    if (parser->failed) {
        return;
    }

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    (void) gql_report(&parser->report, offset, "Syntax Error: %s", text);
    gql_parser_stop(parser);
}


/* Fails without an error of its own: one has been reported. */
static void
gql_parser_stop(gql_parser_t *parser)
{
    parser->failed = true;
    parser->token.kind = GQL_TOKEN_EOF;
}


void *
gql_parser_alloc(gql_parser_t *parser, size_t bytes)
{
    void  *p;

    if (parser->failed) {
        return NULL;
    }

    p = base_arena_zalloc(parser->arena, bytes);
    if (p == NULL) {
        gql_parser_nomem(parser);
    }

    return p;
}


void
gql_parser_nomem(gql_parser_t *parser)
{
    parser->report.errors->nomem = true;
    gql_parser_stop(parser);
}


/* Name "orders", "{", String "...", <EOF>. */
static void
gql_token_describe(const gql_token_t *token, char *out, size_t size)
{
    size_t       len;
    const char  *kind, *dots;

    kind = gql_token_kind_text(token->kind);

    if (token->kind < GQL_TOKEN_NAME) {
        (void) snprintf(out, size, "%s", kind);
        return;
    }

    len = token->text.len;
    dots = "";

    if (len > GQL_PARSER_SHOWN_BYTES) {
        len = GQL_PARSER_SHOWN_BYTES;
        dots = "...";

        while (len > 0
               && ((unsigned char) token->text.data[len] & 0xc0) == 0x80)
        {
            len--;
        }
    }

    (void) snprintf(out, size, "%s \"%.*s%s\"", kind, (int) len,
                    token->text.data, dots);
}
