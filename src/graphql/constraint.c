/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * @constraint: a row for each argument, which says where it may stand and how
 * a value is checked.  On a list, the items' rows check the list, all others
 * each item in it.
 */

#include "graphql/constraint.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "graphql/pattern.h"


/* How near a quotient must be to a whole number: 0.3 is a multiple of 0.1. */
#define MULTIPLE_TOLERANCE  1e-9


typedef enum {
    CONSTRAINT_NUMBER = 0,          /* on numbers */
    CONSTRAINT_TEXT,                /* on strings */
    CONSTRAINT_ITEMS,               /* on lists */
    CONSTRAINT_TARGET_COUNT
} constraint_target_t;

typedef enum {
    BOUND_MIN = 0,
    BOUND_MAX,
    BOUND_EXCLUSIVE_MIN,
    BOUND_EXCLUSIVE_MAX,
    BOUND_MULTIPLE_OF,
    BOUND_MIN_LENGTH,
    BOUND_MAX_LENGTH,
    BOUND_PATTERN,
    BOUND_MIN_ITEMS,
    BOUND_MAX_ITEMS,
    BOUND_UNIQUE_ITEMS,
    BOUND_COUNT
} constraint_bound_t;


struct gql_constraint_s {
    uint32_t              set;      /* bits of constraint_bound_t */
    uint32_t              sets[CONSTRAINT_TARGET_COUNT];    /* of each */
    double                bounds[BOUND_COUNT];
    base_str_t            texts[BOUND_COUNT];   /* as the schema has it */
    const gql_pattern_t  *pattern;
};


/* What is checked: a number, a length or a count. */
typedef struct {
    const base_json_t       *value;
    const gql_constraint_t  *constraint;
    base_arena_t            *arena;
    double                   number;
    double                   bound;
    bool                     nomem;
} checked_t;

typedef bool (*constraint_holds_fn)(checked_t *checked);

typedef struct {
    base_str_t            name;
    constraint_target_t   target;
    const char           *reason;   /* what must hold; the bound follows */
    const char           *unit;     /* what follows the bound */
    constraint_holds_fn   holds;
} constraint_row_t;


static bool holds_min(checked_t *checked);
static bool holds_max(checked_t *checked);
static bool holds_exclusive_min(checked_t *checked);
static bool holds_exclusive_max(checked_t *checked);
static bool holds_multiple(checked_t *checked);
static bool holds_pattern(checked_t *checked);
static bool holds_unique(checked_t *checked);

static bool constraint_read(const gql_report_t *report, base_arena_t *arena,
    const gql_directive_t *directive, const gql_typeref_t *type,
    gql_constraint_t *constraint);
static bool constraint_argument(const gql_report_t *report,
    base_arena_t *arena, const gql_argument_t *argument,
    constraint_bound_t bound, gql_constraint_t *constraint);
static bool constraint_fits(const constraint_row_t *row,
    const gql_typeref_t *type);
static bool constraint_contradicts(const gql_constraint_t *constraint,
    constraint_bound_t low, constraint_bound_t high);
static uint32_t constraint_measure(const gql_constraint_t *constraint,
    const base_json_t *value, double *number);
static int constraint_order(const void *a, const void *b);


static const constraint_row_t  constraint_rows[BOUND_COUNT] = {
    [BOUND_MIN] = { BASE_STR_INIT("min"), CONSTRAINT_NUMBER,
        "Must be at least ", "", holds_min },
    [BOUND_MAX] = { BASE_STR_INIT("max"), CONSTRAINT_NUMBER,
        "Must be at most ", "", holds_max },
    [BOUND_EXCLUSIVE_MIN] = { BASE_STR_INIT("exclusiveMin"),
        CONSTRAINT_NUMBER, "Must be greater than ", "", holds_exclusive_min },
    [BOUND_EXCLUSIVE_MAX] = { BASE_STR_INIT("exclusiveMax"),
        CONSTRAINT_NUMBER, "Must be less than ", "", holds_exclusive_max },
    [BOUND_MULTIPLE_OF] = { BASE_STR_INIT("multipleOf"), CONSTRAINT_NUMBER,
        "Must be a multiple of ", "", holds_multiple },
    [BOUND_MIN_LENGTH] = { BASE_STR_INIT("minLength"), CONSTRAINT_TEXT,
        "Must have at least ", " characters", holds_min },
    [BOUND_MAX_LENGTH] = { BASE_STR_INIT("maxLength"), CONSTRAINT_TEXT,
        "Must have at most ", " characters", holds_max },
    [BOUND_PATTERN] = { BASE_STR_INIT("pattern"), CONSTRAINT_TEXT,
        "Must match the pattern ", "", holds_pattern },
    [BOUND_MIN_ITEMS] = { BASE_STR_INIT("minItems"), CONSTRAINT_ITEMS,
        "Must have at least ", " items", holds_min },
    [BOUND_MAX_ITEMS] = { BASE_STR_INIT("maxItems"), CONSTRAINT_ITEMS,
        "Must have at most ", " items", holds_max },
    [BOUND_UNIQUE_ITEMS] = { BASE_STR_INIT("uniqueItems"), CONSTRAINT_ITEMS,
        "Must not have an item twice", "", holds_unique },
};


bool
gql_constraint_load(const gql_report_t *report, base_arena_t *arena,
    const gql_directive_t *directives, const gql_typeref_t *type,
    const gql_constraint_t **out)
{
    gql_constraint_t       *constraint;
    const gql_directive_t  *directive = directives;

    *out = NULL;

    while (directive != NULL
           && !base_str_eq(directive->name, BASE_STR("constraint")))
    {
        directive = directive->next;
    }

    if (directive == NULL) {
        return true;
    }

    constraint = base_arena_zalloc(arena, sizeof(gql_constraint_t));
    if (constraint == NULL) {
        report->errors->nomem = true;
        return false;
    }

    if (!constraint_read(report, arena, directive, type, constraint)) {
        return true;
    }

    if (constraint_contradicts(constraint, BOUND_MIN, BOUND_MAX)
        || constraint_contradicts(constraint, BOUND_MIN_LENGTH,
                                  BOUND_MAX_LENGTH)
        || constraint_contradicts(constraint, BOUND_MIN_ITEMS,
                                  BOUND_MAX_ITEMS))
    {
        gql_report(report, directive->offset,
                   "No value satisfies this @constraint: its lower bound is "
                   "above its upper bound.");
        return true;
    }

    *out = constraint->set == 0 ? NULL : constraint;

    return true;
}


bool
gql_constraint_check(const gql_constraint_t *constraint,
    const base_json_t *value, base_arena_t *arena, base_str_t *reason)
{
    int                      bound;
    uint32_t                 set;
    checked_t                checked;
    const base_json_t       *item;
    const constraint_row_t  *row;

    checked.value = value;
    checked.arena = arena;
    checked.constraint = constraint;
    checked.nomem = false;

    set = constraint_measure(constraint, value, &checked.number);

    for ( ; set != 0; set &= set - 1) {
        bound = __builtin_ctz(set);
        row = &constraint_rows[bound];
        checked.bound = constraint->bounds[bound];

        if (!row->holds(&checked)) {
            *reason = checked.nomem ? base_str(NULL, 0)
                      : base_arena_printf(arena, "%s%.*s%s.", row->reason,
                            BASE_STR_ARG(constraint->texts[bound]), row->unit);
            return false;
        }
    }

    if (value->type == BASE_JSON_ARRAY) {
        base_json_each(item, value) {
            if (!gql_constraint_check(constraint, item, arena, reason)) {
                return false;
            }
        }
    }

    return true;
}


static bool
constraint_read(const gql_report_t *report, base_arena_t *arena,
    const gql_directive_t *directive, const gql_typeref_t *type,
    gql_constraint_t *constraint)
{
    int                    bound;
    base_buf_t             text;
    const gql_argument_t  *argument;

    for (argument = directive->arguments; argument != NULL;
         argument = argument->next)
    {
        for (bound = 0; bound < BOUND_COUNT; bound++) {
            if (base_str_eq(constraint_rows[bound].name, argument->name)) {
                break;
            }
        }

        if (bound == BOUND_COUNT || argument->value->kind == GQL_VALUE_NULL) {
            continue;           /* the directive's definition knows better */
        }

        if (!constraint_fits(&constraint_rows[bound], type)) {
            base_buf_init(&text, arena, SIZE_MAX);
            gql_typeref_write(type, &text);
            gql_report(report, argument->offset, "@constraint(%.*s:) says "
                       "nothing about a value of type \"%.*s\".",
                       BASE_STR_ARG(argument->name),
                       BASE_STR_ARG(base_buf_str(&text)));
            return false;
        }

        if (!constraint_argument(report, arena, argument,
                                 (constraint_bound_t) bound, constraint))
        {
            return false;
        }
    }

    return true;
}


static bool
constraint_argument(const gql_report_t *report, base_arena_t *arena,
    const gql_argument_t *argument, constraint_bound_t bound,
    gql_constraint_t *constraint)
{
    double              number = 0;
    const char         *reason = "";
    base_json_t         json = { .type = BASE_JSON_NUMBER };
    const gql_value_t  *value = argument->value;

    switch (bound) {

    case BOUND_UNIQUE_ITEMS:
        if (!value->boolean) {
            return true;
        }

        break;

    case BOUND_PATTERN:
        constraint->pattern = gql_pattern_new(arena, value->text, &reason);
        if (constraint->pattern == NULL) {
            gql_report(report, value->offset, "Invalid pattern: %s.", reason);
            return false;
        }

        break;

    default:
        json.text = value->text;

        if ((value->kind != GQL_VALUE_INT && value->kind != GQL_VALUE_FLOAT)
            || !base_json_to_double(&json, &number)
            || (bound == BOUND_MULTIPLE_OF && number <= 0)
            || (constraint_rows[bound].target != CONSTRAINT_NUMBER
                && number < 0))
        {
            gql_report(report, value->offset,
                       "Invalid value of @constraint(%.*s:).",
                       BASE_STR_ARG(argument->name));
            return false;
        }

        break;
    }

    constraint->set |= 1u << bound;
    constraint->sets[constraint_rows[bound].target] |= 1u << bound;
    constraint->bounds[bound] = number;

    /* uniqueItems: true needs no value in its message */
    if (bound != BOUND_UNIQUE_ITEMS) {
        constraint->texts[bound] = value->text;
    }

    return true;
}


/* Whether values of the type may be what the row checks. */
static bool
constraint_fits(const constraint_row_t *row, const gql_typeref_t *type)
{
    bool               list = false;
    const gql_type_t  *named;

    for ( ; type->kind != GQL_TYPEREF_NAMED; type = type->of) {
        list |= type->kind == GQL_TYPEREF_LIST;
    }

    named = type->type;

    if (row->target == CONSTRAINT_ITEMS) {
        return list || (named->kind == GQL_TYPE_SCALAR
                        && named->scalar == GQL_SCALAR_CUSTOM);
    }

    if (named->kind != GQL_TYPE_SCALAR) {
        return false;
    }

    switch (named->scalar) {

    case GQL_SCALAR_CUSTOM:
        return true;

    case GQL_SCALAR_INT:
    case GQL_SCALAR_FLOAT:
        return row->target == CONSTRAINT_NUMBER;

    case GQL_SCALAR_STRING:
    case GQL_SCALAR_ID:
    case GQL_SCALAR_DATETIME:
        return row->target == CONSTRAINT_TEXT;

    default:
        return false;
    }
}


static bool
constraint_contradicts(const gql_constraint_t *constraint,
    constraint_bound_t low, constraint_bound_t high)
{
    uint32_t  both = 1u << low | 1u << high;

    return (constraint->set & both) == both
           && constraint->bounds[low] > constraint->bounds[high];
}


/* The bounds of a value of this type, and the number that they compare. */
static uint32_t
constraint_measure(const gql_constraint_t *constraint,
    const base_json_t *value, double *number)
{
    uint32_t  set;

    switch (value->type) {

    case BASE_JSON_NUMBER:
        set = constraint->sets[CONSTRAINT_NUMBER];
        return set != 0 && base_json_to_double(value, number) ? set : 0;

    case BASE_JSON_STRING:
        set = constraint->sets[CONSTRAINT_TEXT];
        *number = set == 0 ? 0 : (double) base_utf8_length(value->text);
        return set;

    case BASE_JSON_ARRAY:
        *number = value->count;
        return constraint->sets[CONSTRAINT_ITEMS];

    default:
        return 0;
    }
}


static bool
holds_min(checked_t *checked)
{
    return checked->number >= checked->bound;
}


static bool
holds_max(checked_t *checked)
{
    return checked->number <= checked->bound;
}


static bool
holds_exclusive_min(checked_t *checked)
{
    return checked->number > checked->bound;
}


static bool
holds_exclusive_max(checked_t *checked)
{
    return checked->number < checked->bound;
}


static bool
holds_multiple(checked_t *checked)
{
    double  quotient = checked->number / checked->bound;

    return fabs(quotient - nearbyint(quotient))
           <= MULTIPLE_TOLERANCE * fmax(1, fabs(quotient));
}


static bool
holds_pattern(checked_t *checked)
{
    gql_pattern_match_t  match;

    match = gql_pattern_find(checked->constraint->pattern,
                             checked->value->text, checked->arena);
    checked->nomem = match == GQL_PATTERN_NOMEM;

    return match == GQL_PATTERN_FOUND;
}


/* Scalars are sorted first, so that only equal neighbors are looked for;
 * lists and objects are compared with each other, list_items bounds it. */
static bool
holds_unique(checked_t *checked)
{
    size_t               i, j, count = checked->value->count;
    const base_json_t   *item, **items;

    items = base_arena_calloc(checked->arena, count + 1,
                              sizeof(base_json_t *));
    if (items == NULL) {
        checked->nomem = true;
        return false;
    }

    i = 0;
    base_json_each(item, checked->value) {
        items[i++] = item;
    }

    qsort(items, count, sizeof(base_json_t *), constraint_order);

    for (i = 0; i < count; i++) {
        for (j = i + 1; j < count; j++) {
            if (constraint_order(&items[i], &items[j]) != 0) {
                break;          /* an equal one would stand before it */
            }

            if (base_json_equal(items[i], items[j])) {
                return false;
            }
        }
    }

    return true;
}


/* By type, then value; all lists, and all objects, are alike. */
static int
constraint_order(const void *a, const void *b)
{
    double              x = 0, y = 0;
    const base_json_t  *first = *(const base_json_t *const *) a;
    const base_json_t  *second = *(const base_json_t *const *) b;

    if (first->type != second->type) {
        return first->type < second->type ? -1 : 1;
    }

    switch (first->type) {

    case BASE_JSON_BOOLEAN:
        return first->boolean - second->boolean;

    case BASE_JSON_NUMBER:
        (void) base_json_to_double(first, &x);
        (void) base_json_to_double(second, &y);
        return (x > y) - (x < y);

    case BASE_JSON_STRING:
        return base_str_cmp(first->text, second->text);

    default:
        return 0;
    }
}
