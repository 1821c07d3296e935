/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: source text to tokens (Language: Source Text, Lexical
 * Tokens), for documents and for the schema language.
 *
 * The lexer looks at each byte once and allocates nothing; a string with
 * escapes, or a block string, becomes its value with gql_token_string().
 */

#ifndef GQL_LEXER_H
#define GQL_LEXER_H

#include "graphql/graphql.h"


#define GQL_LEXER_ERROR_BYTES  128


/* kind, and how a message calls it */
#define GQL_TOKENS(X)                                                         \
    X(EOF,           "<EOF>")                                                 \
    X(BANG,          "\"!\"")                                                 \
    X(DOLLAR,        "\"$\"")                                                 \
    X(AMP,           "\"&\"")                                                 \
    X(PAREN_L,       "\"(\"")                                                 \
    X(PAREN_R,       "\")\"")                                                 \
    X(SPREAD,        "\"...\"")                                               \
    X(COLON,         "\":\"")                                                 \
    X(EQUALS,        "\"=\"")                                                 \
    X(AT,            "\"@\"")                                                 \
    X(BRACKET_L,     "\"[\"")                                                 \
    X(BRACKET_R,     "\"]\"")                                                 \
    X(BRACE_L,       "\"{\"")                                                 \
    X(PIPE,          "\"|\"")                                                 \
    X(BRACE_R,       "\"}\"")                                                 \
    X(NAME,          "Name")                                                  \
    X(INT,           "Int")                                                   \
    X(FLOAT,         "Float")                                                 \
    X(STRING,        "String")                                                \
    X(BLOCK_STRING,  "BlockString")

#define GQL_TOKEN_ENUM(name, text)  GQL_TOKEN_##name,
typedef enum {
    GQL_TOKENS(GQL_TOKEN_ENUM) GQL_TOKEN_COUNT
} gql_token_kind_t;
#undef GQL_TOKEN_ENUM


typedef struct {
    gql_token_kind_t  kind;
    bool              escaped;      /* STRING: has escapes */
    uint32_t          offset;
    base_str_t        text;         /* as written; of strings, what stands
                                       between the quotes */
} gql_token_t;


typedef struct {
    base_str_t        source;
    size_t            pos;
    uint32_t          error_offset;
    char              error[GQL_LEXER_ERROR_BYTES];
} gql_lexer_t;


/* source must be well-formed UTF-8 of less than 4 GB. */
void gql_lexer_init(gql_lexer_t *lexer, base_str_t source);

/* The next token; false where there is none: error and error_offset say why. */
bool gql_lexer_next(gql_lexer_t *lexer, gql_token_t *token);

/* "Name", "\"{\"". */
const char *gql_token_kind_text(gql_token_kind_t kind);

/* The value of a STRING or BLOCK_STRING token; it points into the source where
 * it can.  False when out of memory. */
bool gql_token_string(base_arena_t *arena, const gql_token_t *token,
    base_str_t *value);

/* Inside the lexer: the rest of a string token whose quote is at token's
 * offset.  False with an error. */
bool gql_lexer_string(gql_lexer_t *lexer, gql_token_t *token);
bool gql_lexer_block_string(gql_lexer_t *lexer, gql_token_t *token);
bool gql_lexer_fail(gql_lexer_t *lexer, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
