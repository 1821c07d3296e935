/* SPDX-License-Identifier: BSD-2-Clause */

/* Evaluating Choice Rules. */

#include "workflow/choice.h"

#include "base/time.h"


#define LT  ASL_ORDER_LESS
#define EQ  ASL_ORDER_EQUAL
#define GT  ASL_ORDER_GREATER

#define ASL_COMPARISONS(word, type)                                           \
    { BASE_STR_INIT(word "Equals"), ASL_RULE_COMPARE, type, EQ },             \
    { BASE_STR_INIT(word "LessThan"), ASL_RULE_COMPARE, type, LT },           \
    { BASE_STR_INIT(word "GreaterThan"), ASL_RULE_COMPARE, type, GT },        \
    { BASE_STR_INIT(word "LessThanEquals"), ASL_RULE_COMPARE, type, LT | EQ }, \
    { BASE_STR_INIT(word "GreaterThanEquals"), ASL_RULE_COMPARE, type, GT | EQ }

static const asl_operator_t  asl_operators[] = {
    { BASE_STR_INIT("And"), ASL_RULE_AND, ASL_OPERAND_NONE, 0 },
    { BASE_STR_INIT("Or"), ASL_RULE_OR, ASL_OPERAND_NONE, 0 },
    { BASE_STR_INIT("Not"), ASL_RULE_NOT, ASL_OPERAND_NONE, 0 },
    ASL_COMPARISONS("String", ASL_OPERAND_STRING),
    ASL_COMPARISONS("Numeric", ASL_OPERAND_NUMBER),
    ASL_COMPARISONS("Timestamp", ASL_OPERAND_TIMESTAMP),
    { BASE_STR_INIT("BooleanEquals"), ASL_RULE_COMPARE, ASL_OPERAND_BOOLEAN,
      EQ },
    { BASE_STR_INIT("StringMatches"), ASL_RULE_MATCHES, ASL_OPERAND_STRING,
      0 },
    { BASE_STR_INIT("IsPresent"), ASL_RULE_PRESENT, ASL_OPERAND_NONE, 0 },
    { BASE_STR_INIT("IsNull"), ASL_RULE_TYPE, ASL_OPERAND_NULL, 0 },
    { BASE_STR_INIT("IsString"), ASL_RULE_TYPE, ASL_OPERAND_STRING, 0 },
    { BASE_STR_INIT("IsNumeric"), ASL_RULE_TYPE, ASL_OPERAND_NUMBER, 0 },
    { BASE_STR_INIT("IsBoolean"), ASL_RULE_TYPE, ASL_OPERAND_BOOLEAN, 0 },
    { BASE_STR_INIT("IsTimestamp"), ASL_RULE_TYPE, ASL_OPERAND_TIMESTAMP, 0 },
};

#define ASL_OPERATORS  (sizeof(asl_operators) / sizeof(asl_operators[0]))


static bool asl_rule_compare(const asl_rule_t *rule, asl_view_t *view,
    const base_json_t *value);
static bool asl_rule_type(asl_operand_type_t type, const base_json_t *value);
static bool asl_pattern_matches(base_str_t pattern, base_str_t text);


const asl_operator_t *
asl_operator_find(base_str_t name, bool *path)
{
    size_t                 i;
    base_str_t             suffix = BASE_STR("Path"), rest;
    const asl_operator_t  *op;

    for (i = 0; i < ASL_OPERATORS; i++) {
        op = &asl_operators[i];
        if (!base_str_starts(name, op->name)) {
            continue;
        }

        rest = base_str(name.data + op->name.len, name.len - op->name.len);
        *path = base_str_eq(rest, suffix);
        if (rest.len == 0 || (*path && op->kind == ASL_RULE_COMPARE)) {
            return op;
        }
    }

    return NULL;
}


bool
asl_timestamp_parse(base_str_t text, int64_t *unix_ms)
{
    size_t  i;

    if (text.len <= 10 || text.data[10] != 'T') {
        return false;
    }

    for (i = 11; i < text.len; i++) {
        if (text.data[i] == 'z') {
            return false;
        }
    }

    return base_time_parse(text, unix_ms);
}


/* The recursion is bounded by ASL_CHOICE_DEPTH. */
bool
asl_rule_test(const asl_rule_t *rule, asl_view_t *view)
{
    bool                stop;
    const asl_rule_t   *member;
    const base_json_t  *value;

    switch (rule->op->kind) {

    case ASL_RULE_AND:
    case ASL_RULE_OR:
        stop = rule->op->kind == ASL_RULE_OR;
        for (member = rule->first; member != NULL; member = member->next) {
            if (asl_rule_test(member, view) == stop || asl_view_failed(view)) {
                return stop;
            }
        }

        return !stop;

    case ASL_RULE_NOT:
        return !asl_rule_test(rule->first, view);

    default:
        break;
    }

    value = asl_path_get(rule->variable, view);
    if (rule->op->kind == ASL_RULE_PRESENT) {
        return (value != NULL) == rule->boolean;
    }

    if (value == NULL) {
        asl_view_fail(view, ASL_ERROR_RUNTIME,
                      "the Variable %.*s selects nothing",
                      BASE_STR_ARG(rule->variable->text));
        return false;
    }

    switch (rule->op->kind) {

    case ASL_RULE_TYPE:
        return asl_rule_type(rule->op->type, value) == rule->boolean;

    case ASL_RULE_MATCHES:
        return value->type == BASE_JSON_STRING
               && asl_pattern_matches(rule->text, value->text);

    default:
        return asl_rule_compare(rule, view, value);
    }
}


static bool
asl_rule_type(asl_operand_type_t type, const base_json_t *value)
{
    int64_t  ms;

    switch (type) {

    case ASL_OPERAND_NULL:
        return value->type == BASE_JSON_NULL;

    case ASL_OPERAND_NUMBER:
        return value->type == BASE_JSON_NUMBER;

    case ASL_OPERAND_BOOLEAN:
        return value->type == BASE_JSON_BOOLEAN;

    case ASL_OPERAND_TIMESTAMP:
        return value->type == BASE_JSON_STRING
               && asl_timestamp_parse(value->text, &ms);

    default:
        return value->type == BASE_JSON_STRING;
    }
}


/* Digits behind the milliseconds, and how many. */
static base_str_t
asl_fraction_rest(base_str_t text)
{
    size_t  i, from = 0;

    while (from < text.len && text.data[from] != '.') {
        from++;
    }

    from += from < text.len ? 1 : 0;
    i = from;
    while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9') {
        i++;
    }

    return i < from + 3 ? base_str(NULL, 0)
                        : base_str(text.data + from + 3, i - from - 3);
}


/* Of timestamps that are equal in milliseconds. */
static int
asl_fraction_compare(base_str_t a, base_str_t b)
{
    int         x, y;
    size_t      i;
    base_str_t  m = asl_fraction_rest(a), n = asl_fraction_rest(b);

    for (i = 0; i < m.len || i < n.len; i++) {
        x = i < m.len ? m.data[i] : '0';
        y = i < n.len ? n.data[i] : '0';
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }

    return 0;
}


/* The order of value and the rule's operand, as one of ASL_ORDER_*; 0 when
 * they are not of the operator's type. */
static unsigned
asl_rule_order(const asl_rule_t *rule, const base_json_t *value,
    const base_json_t *other)
{
    int      order;
    int64_t  a, b = rule->time_ms;

    if (other != NULL && !asl_rule_type(rule->op->type, other)) {
        return 0;
    }

    switch (rule->op->type) {

    case ASL_OPERAND_NUMBER:
        if (value->type != BASE_JSON_NUMBER) {
            return 0;
        }

        order = asl_number_compare(value, other == NULL ? rule->number : other);
        break;

    case ASL_OPERAND_BOOLEAN:
        if (value->type != BASE_JSON_BOOLEAN) {
            return 0;
        }

        order = value->boolean != (other == NULL ? rule->boolean
                                                 : other->boolean);
        break;

    case ASL_OPERAND_TIMESTAMP:
        if (value->type != BASE_JSON_STRING
            || !asl_timestamp_parse(value->text, &a)
            || (other != NULL && !asl_timestamp_parse(other->text, &b)))
        {
            return 0;
        }

        order = (a > b) - (a < b);
        if (order == 0) {
            order = asl_fraction_compare(value->text,
                                         other == NULL ? rule->text
                                                       : other->text);
        }

        break;

    default:
        if (value->type != BASE_JSON_STRING) {
            return 0;
        }

        order = base_str_cmp(value->text,
                             other == NULL ? rule->text : other->text);
    }

    return order < 0 ? LT : order > 0 ? GT : EQ;
}


static bool
asl_rule_compare(const asl_rule_t *rule, asl_view_t *view,
    const base_json_t *value)
{
    const base_json_t  *other = NULL;

    if (rule->path != NULL) {
        other = asl_path_get(rule->path, view);
        if (other == NULL) {
            asl_view_fail(view, ASL_ERROR_RUNTIME,
                          "the path %.*s selects nothing",
                          BASE_STR_ARG(rule->path->text));
            return false;
        }
    }

    return (asl_rule_order(rule, value, other) & rule->op->orders) != 0;
}


bool
asl_pattern_valid(base_str_t pattern)
{
    size_t  i;

    for (i = 0; i < pattern.len; i++) {
        if (pattern.data[i] != '\\') {
            continue;
        }

        i++;
        if (i == pattern.len
            || (pattern.data[i] != '*' && pattern.data[i] != '\\'))
        {
            return false;
        }
    }

    return true;
}


/* "*" is any run of characters, "\*" a star, "\\" a backslash.  Goes back to
 * the last star only, so the work is bounded by pattern times text. */
static bool
asl_pattern_matches(base_str_t pattern, base_str_t text)
{
    size_t  p = 0, t = 0, literal;
    size_t  star = SIZE_MAX, resume = 0;    /* behind the last star */

    for ( ;; ) {
        if (p < pattern.len && pattern.data[p] == '*') {
            star = ++p;
            resume = t;
            continue;
        }

        literal = p + (p < pattern.len && pattern.data[p] == '\\');
        if (t < text.len && literal < pattern.len
            && pattern.data[literal] == text.data[t])
        {
            p = literal + 1;
            t++;
            continue;
        }

        if (t == text.len && p == pattern.len) {
            return true;
        }

        if (star == SIZE_MAX || resume >= text.len) {
            return false;
        }

        p = star;
        t = ++resume;
    }
}
