/* SPDX-License-Identifier: BSD-2-Clause */

/* Choice Rules (States Language: Choice State), compiled. */

#ifndef ASL_CHOICE_H
#define ASL_CHOICE_H

#include "workflow/path.h"
#include "workflow/template.h"


#define ASL_CHOICE_DEPTH  32            /* And, Or and Not in each other */


typedef struct asl_rule_s  asl_rule_t;
struct asl_state_s;

typedef enum {
    ASL_RULE_AND = 0,
    ASL_RULE_OR,
    ASL_RULE_NOT,
    ASL_RULE_COMPARE,               /* by order, of two of one type */
    ASL_RULE_MATCHES,               /* StringMatches */
    ASL_RULE_PRESENT,
    ASL_RULE_TYPE                   /* IsNull, IsString, ... */
} asl_rule_kind_t;

typedef enum {
    ASL_OPERAND_STRING = 0,
    ASL_OPERAND_NUMBER,
    ASL_OPERAND_BOOLEAN,
    ASL_OPERAND_TIMESTAMP,
    ASL_OPERAND_NULL,
    ASL_OPERAND_NONE
} asl_operand_type_t;

/* Which orders make a comparison true. */
#define ASL_ORDER_LESS     1
#define ASL_ORDER_EQUAL    2
#define ASL_ORDER_GREATER  4

typedef struct {
    base_str_t          name;       /* without "Path" */
    asl_rule_kind_t     kind;
    asl_operand_type_t  type;       /* of what is compared, or asked for */
    unsigned            orders;     /* ASL_ORDER_* of ASL_RULE_COMPARE */
} asl_operator_t;

struct asl_rule_s {
    asl_rule_t              *next;
    const asl_operator_t    *op;    /* of And, Or, Not too */
    asl_rule_t              *first; /* the rules of And, Or, Not */
    const asl_path_t        *variable;
    const asl_path_t        *path;  /* of the ...Path operators */
    base_str_t               text;  /* a literal string or pattern */
    const base_json_t       *number;
    int64_t                  time_ms;
    bool                     boolean;

    /* of a rule at the top */
    struct asl_state_s      *target;
    const asl_template_t    *assign;
};


/* The operator of that name; *path tells that "Path" follows it.  NULL if
 * there is none. */
const asl_operator_t *asl_operator_find(base_str_t name, bool *path);

/* True if the timestamp is one of the States Language: RFC 3339 with an upper
 * case T and Z. */
bool asl_timestamp_parse(base_str_t text, int64_t *unix_ms);

/* True if no backslash stands open in a pattern of StringMatches. */
bool asl_pattern_valid(base_str_t pattern);

/* True if the rule matches; false with the view failed where a path selects
 * nothing. */
bool asl_rule_test(const asl_rule_t *rule, asl_view_t *view);

#endif
