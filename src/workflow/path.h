/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Paths (States Language: Paths, Reference Paths), compiled once and evaluated
 * often.  The syntax is JSONPath's as the Java implementation knows it:
 *
 *   $.a.b  $['a']["b"]  $.a\.b         a member
 *   $.a[0]  $.a[-1]                    an item, from the end if negative
 *   $.a[1:3]  $.a[:-1]  $.a[::2]       a slice
 *   $.a[0,2]  $['a','b']               several
 *   $.*  $.a[*]                        all members or items
 *   $..a  $..*  $..[0]                 at any depth
 *   $.a[?(@.b > 1 && $.c == 'x')]      those that pass a filter
 *
 * "$$" begins a path into the Context Object, "$name" one into a variable.  A
 * path of members and items alone is definite: it selects one value or none.
 * Any other selects an array of all that match, which may be empty.
 */

#ifndef ASL_PATH_H
#define ASL_PATH_H

#include "workflow/view.h"


#define ASL_PATH_NODES_MAX  100000      /* that one evaluation may touch */
#define ASL_FILTER_DEPTH    16          /* parentheses and filters nested */


typedef struct asl_step_s    asl_step_t;
typedef struct asl_path_s    asl_path_t;
typedef struct asl_filter_s  asl_filter_t;


typedef enum {
    ASL_ROOT_DATA = 0,              /* $ */
    ASL_ROOT_CONTEXT,               /* $$ */
    ASL_ROOT_VARIABLE,              /* $name */
    ASL_ROOT_ITEM                   /* @, in a filter */
} asl_root_t;

typedef enum {
    ASL_STEP_KEY = 0,
    ASL_STEP_INDEX,
    ASL_STEP_SLICE,
    ASL_STEP_ALL,
    ASL_STEP_UNION,
    ASL_STEP_FILTER
} asl_step_kind_t;

struct asl_step_s {
    asl_step_t          *next;
    asl_step_kind_t      kind;
    bool                 descend;   /* ".." stands before it */
    bool                 has_from;
    bool                 has_to;
    base_str_t           key;       /* KEY */
    int64_t              from;      /* INDEX, SLICE */
    int64_t              to;        /* SLICE: the first not taken */
    int64_t              stride;    /* SLICE: >= 1 */
    asl_step_t          *members;   /* UNION: of KEY, INDEX and SLICE */
    const asl_filter_t  *filter;
};

struct asl_path_s {
    asl_root_t   root;
    bool         definite;
    base_str_t   variable;          /* ASL_ROOT_VARIABLE */
    asl_step_t  *steps;             /* NULL: all of the root */
    base_str_t   text;              /* as written */
};


typedef enum {
    ASL_FILTER_OR = 0,
    ASL_FILTER_AND,
    ASL_FILTER_NOT,
    ASL_FILTER_EXISTS,
    ASL_FILTER_EQ,
    ASL_FILTER_NE,
    ASL_FILTER_LT,
    ASL_FILTER_LE,
    ASL_FILTER_GT,
    ASL_FILTER_GE,
    ASL_FILTER_IN,
    ASL_FILTER_NIN
} asl_filter_kind_t;

typedef struct {
    const asl_path_t   *path;       /* NULL: a literal */
    const base_json_t  *literal;
} asl_operand_t;

struct asl_filter_s {
    asl_filter_kind_t    kind;
    asl_filter_t        *next;      /* the next member of an OR, an AND */
    asl_filter_t        *first;     /* of OR, AND; NOT's only one */
    asl_operand_t        a;         /* EXISTS and comparisons */
    asl_operand_t        b;
};


/* What a definition's paths and functions ask of an execution. */
#define ASL_USES_INPUT    0x01      /* $$.Execution.Input */
#define ASL_USES_ENTERED  0x02      /* $$.State.EnteredTime */
#define ASL_USES_RANDOM   0x04      /* evaluating twice gives two values */


typedef enum {
    ASL_ESCAPES_JSON = 0,           /* \n \r \t \uXXXX; others: the character */
    ASL_ESCAPES_NAME,               /* \uXXXX; others: the character */
    ASL_ESCAPES_RESERVED            /* \' \{ \} \\ and no other */
} asl_escapes_t;


/* A variable that a text refers to. */
typedef struct asl_mention_s  asl_mention_t;

struct asl_mention_s {
    asl_mention_t  *next;
    base_str_t      name;
};


/* A compilation: where it reads and what went wrong. */
typedef struct {
    base_arena_t  *arena;
    const char    *start;           /* of the whole text */
    const char    *pos;
    const char    *end;
    unsigned       depth;           /* of filters and calls, now */
    unsigned       filters;         /* of them filters */
    unsigned       uses;            /* ASL_USES_*, added to */
    asl_mention_t *mentions;        /* of variables, the last first */
    const char    *expected;        /* set on failure: what should have come */
    bool           nomem;
} asl_source_t;

void asl_source_init(asl_source_t *source, base_arena_t *arena,
    base_str_t text);

/* Sets expected, if nothing has failed before; returns NULL for its caller to
 * return. */
void *asl_source_fail(asl_source_t *source, const char *expected);

void asl_source_spaces(asl_source_t *source);

/* Takes the character if it comes next. */
bool asl_source_take(asl_source_t *source, char c);

/* Memory for count elements of type; nomem set when there is none. */
void *asl_source_alloc(asl_source_t *source, size_t bytes);

/* A string in quotes of the kind at pos, as it is written. */
bool asl_source_raw(asl_source_t *source, base_str_t *raw);

/* Undoes the backslash escapes of raw. */
bool asl_source_unescape(asl_source_t *source, asl_escapes_t escapes,
    base_str_t raw, base_str_t *out);

/* Both, with ASL_ESCAPES_JSON. */
bool asl_source_quoted(asl_source_t *source, base_str_t *out);

bool asl_source_int(asl_source_t *source, int64_t *out);

/* True for what the names of variables are made of: letters, digits and
 * underscores. */
bool asl_identifier_char(char c);

/* A JSON number at pos. */
base_json_t *asl_source_number(asl_source_t *source);

/* The path at pos; stops behind it.  NULL with expected or nomem set. */
asl_path_t *asl_path_parse(asl_source_t *source);

/* The expression of "[?(...)]", behind the parenthesis, up to its end. */
const asl_filter_t *asl_filter_parse(asl_source_t *source);

/* All of the source as one path. */
asl_path_t *asl_path_compile(asl_source_t *source);

/* True for a path of members and items of "$" (States Language: Reference
 * Paths): what ResultPath may be. */
bool asl_path_is_result(const asl_path_t *path);


/* The value that path selects.  NULL when there is none, or with
 * view->status set. */
const base_json_t *asl_path_get(const asl_path_t *path, asl_view_t *view);

/* The order of two numbers, by value; < 0, 0, > 0. */
int asl_number_compare(const base_json_t *a, const base_json_t *b);

#endif
