/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: what the parsers of documents and of the schema
 * language share: the token ahead, the budget, and the grammar's common parts
 * (values, types, arguments, directives, descriptions).
 *
 * Recursive descent, one function for each rule of the grammar.  The depth of
 * recursion is bounded: each brace and bracket passes gql_parser_enter().
 *
 * The first error sticks: failed is set, the token ahead becomes <EOF>, so that
 * every loop ends, and later errors are not reported.
 */

#ifndef GQL_PARSER_H
#define GQL_PARSER_H

#include "graphql/lexer.h"
#include "graphql/report.h"


/* Braces and brackets in each other, whatever the limits say: it bounds the
 * recursion of the parser and of all that walks one definition. */
#define GQL_NESTING_CEILING  500


typedef struct {
    gql_lexer_t    lexer;
    gql_token_t    token;           /* the one ahead */
    base_arena_t  *arena;
    gql_report_t   report;
    uint32_t       tokens;
    uint32_t       tokens_max;
    uint32_t       depth;
    uint32_t       depth_max;
    uint32_t       depth_seen;      /* the deepest so far */
    bool           failed;
} gql_parser_t;


typedef enum {
    GQL_CONSTANT = 0,               /* no variables */
    GQL_VARIABLES_ALLOWED
} gql_constness_t;


/* source must be valid UTF-8; limits may be NULL: no bound but the ceiling.
 * Reads the first token. */
void gql_parser_init(gql_parser_t *parser, base_arena_t *arena,
    const gql_report_t *report, const gql_limits_t *limits);

/* Steps over the token ahead. */
void gql_parser_advance(gql_parser_t *parser);

/* Steps over a token of that kind, and fails where there is another. */
bool gql_parser_expect(gql_parser_t *parser, gql_token_kind_t kind);

/* Steps over a token of that kind if there is one. */
bool gql_parser_skip(gql_parser_t *parser, gql_token_kind_t kind);

/* The same with a name that is a keyword here. */
bool gql_parser_at_keyword(const gql_parser_t *parser, base_str_t keyword);
bool gql_parser_expect_keyword(gql_parser_t *parser, base_str_t keyword);
bool gql_parser_skip_keyword(gql_parser_t *parser, base_str_t keyword);

/* Name */
bool gql_parser_name(gql_parser_t *parser, base_str_t *name);

/* A brace or bracket opens (the token ahead, of that kind) or closes. */
bool gql_parser_enter(gql_parser_t *parser, gql_token_kind_t open);
void gql_parser_leave(gql_parser_t *parser);

void gql_parser_unexpected(gql_parser_t *parser);
void gql_parser_fail(gql_parser_t *parser, uint32_t offset, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
void gql_parser_nomem(gql_parser_t *parser);

/* Zeroed memory; NULL, and failed set, when there is none. */
void *gql_parser_alloc(gql_parser_t *parser, size_t bytes);


/* Description, where there is one; data stays NULL where there is none. */
bool gql_parser_description(gql_parser_t *parser, base_str_t *text);

gql_value_t *gql_parser_value(gql_parser_t *parser, gql_constness_t constness);
gql_typeref_t *gql_parser_type(gql_parser_t *parser);
gql_typeref_t *gql_parser_named_type(gql_parser_t *parser);

/* Zero or more; NULL where there are none. */
gql_argument_t *gql_parser_arguments(gql_parser_t *parser,
    gql_constness_t constness);
gql_directive_t *gql_parser_directives(gql_parser_t *parser,
    gql_constness_t constness);


/* The name of an operation's keyword; false: it is none. */
bool gql_operation_keyword(base_str_t keyword, gql_operation_kind_t *kind);
base_str_t gql_operation_kind_text(gql_operation_kind_t kind);

#endif
