/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Compiles a regular expression, one function for each rule of its grammar:
 *
 *   Alternatives : Sequence, or Sequence | Alternatives
 *   Sequence     : Term ...
 *   Term         : Atom, or Atom Quantifier, or an assertion
 *   Atom         : a character, an escape, . [Class] ( Alternatives )
 *
 * Each leaves the steps of what it has read at the program's end.
 */

#include "graphql/pattern_program.h"


#define PATTERN_GROW_MIN   16
#define PATTERN_UNBOUNDED  UINT32_MAX


static bool parse_alternatives(pattern_parser_t *p);
static bool parse_sequence(pattern_parser_t *p);
static bool parse_term(pattern_parser_t *p);
static bool parse_assertion(pattern_parser_t *p, bool *assertion);
static bool parse_atom(pattern_parser_t *p);
static bool parse_group(pattern_parser_t *p);
static bool parse_quantifier(pattern_parser_t *p, uint32_t first);
static bool parse_braces(pattern_parser_t *p, uint32_t *min, uint32_t *max);
static bool parse_number(pattern_parser_t *p, uint32_t *number);
static bool add_step(pattern_parser_t *p, pattern_step_t step);
static bool insert_split(pattern_parser_t *p, uint32_t at, int32_t to);
static bool repeat(pattern_parser_t *p, uint32_t first, uint32_t min,
    uint32_t max);
static bool repeat_copy(pattern_parser_t *p, const pattern_step_t *steps,
    uint32_t count);


const gql_pattern_t *
gql_pattern_new(base_arena_t *arena, base_str_t text, const char **reason)
{
    pattern_parser_t  p = { .arena = arena, .text = text };

    p.pattern = base_arena_zalloc(arena, sizeof(gql_pattern_t));
    if (p.pattern == NULL) {
        *reason = "out of memory";
        return NULL;
    }

    if (parse_alternatives(&p) && p.at < text.len) {
        gql_pattern_fail(&p, "a ) without its (");
    }

    if (p.reason == NULL) {
        add_step(&p, (pattern_step_t) { .kind = PATTERN_MATCH });
    }

    *reason = p.reason;

    return p.reason == NULL ? p.pattern : NULL;
}


/* Alternatives; a sequence before | becomes: split, sequence, jump to the
 * end. */
static bool
parse_alternatives(pattern_parser_t *p)
{
    uint32_t  first = p->pattern->count, last_jump = UINT32_MAX, jump;

    for ( ;; ) {
        if (!parse_sequence(p)) {
            return false;
        }

        if (!gql_pattern_skip(p, '|')) {
            break;
        }

        if (!insert_split(p, first,
                          (int32_t) (p->pattern->count - first) + 2))
        {
            return false;
        }

        /* each jump waits for the end, linked to the one before */
        jump = p->pattern->count;
        if (!add_step(p, (pattern_step_t) { .kind = PATTERN_JUMP,
                                            .c = last_jump }))
        {
            return false;
        }

        last_jump = jump;
        first = p->pattern->count;
    }

    while (last_jump != UINT32_MAX) {
        jump = last_jump;
        last_jump = p->pattern->steps[jump].c;
        p->pattern->steps[jump].to = (int32_t) (p->pattern->count - jump);
    }

    return true;
}


static bool
parse_sequence(pattern_parser_t *p)
{
    while (p->at < p->text.len && !gql_pattern_at(p, '|')
           && !gql_pattern_at(p, ')'))
    {
        if (!parse_term(p)) {
            return false;
        }
    }

    return true;
}


static bool
parse_term(pattern_parser_t *p)
{
    bool      assertion = false;
    uint32_t  first = p->pattern->count;

    if (!parse_assertion(p, &assertion)) {
        return false;
    }

    return assertion || (parse_atom(p) && parse_quantifier(p, first));
}


static bool
parse_assertion(pattern_parser_t *p, bool *assertion)
{
    pattern_step_t  step = { 0 };

    if (gql_pattern_at(p, '^')) {
        step.kind = PATTERN_START;

    } else if (gql_pattern_at(p, '$')) {
        step.kind = PATTERN_END;

    } else if (p->text.len - p->at >= 2 && gql_pattern_at(p, '\\')
               && (p->text.data[p->at + 1] | 0x20) == 'b')
    {
        step.kind = p->text.data[p->at + 1] == 'b' ? PATTERN_WORD_EDGE
                                                   : PATTERN_NO_WORD_EDGE;
        p->at++;

    } else {
        return true;
    }

    p->at++;
    *assertion = true;

    return add_step(p, step);
}


static bool
parse_atom(pattern_parser_t *p)
{
    bool            found = false;
    uint32_t        c = 0;
    pattern_step_t  set = { .kind = PATTERN_SET };

    switch (p->text.data[p->at]) {

    case '(':
        return parse_group(p);

    case '[':
        return gql_pattern_class(p, &set) && add_step(p, set);

    case '*':
    case '+':
    case '?':
    case '{':
        return gql_pattern_fail(p, "a quantifier without anything to repeat");

    case '.':
        p->at++;
        return add_step(p, (pattern_step_t) { .kind = PATTERN_ANY });

    case '\\':
        if (!gql_pattern_class_escape(p, &set, &found)) {
            return false;
        }

        if (found) {
            return add_step(p, set);
        }

        p->at++;
        if (!gql_pattern_escape(p, &c)) {
            return false;
        }

        break;

    default:
        c = gql_pattern_char(p);
        break;
    }

    return add_step(p, (pattern_step_t) { .kind = PATTERN_CHAR, .c = c });
}


static bool
parse_group(pattern_parser_t *p)
{
    if (p->depth == GQL_PATTERN_DEPTH_MAX) {
        return gql_pattern_fail(p, "too many groups in each other");
    }

    p->at++;

    if (gql_pattern_skip(p, '?') && !gql_pattern_skip(p, ':')) {
        return gql_pattern_fail(p, "look-around and named groups are not "
                                "supported");
    }

    p->depth++;

    if (!parse_alternatives(p)) {
        return false;
    }

    p->depth--;

    return gql_pattern_skip(p, ')') || gql_pattern_fail(p, "a ( without its )");
}


/* Repeats the steps from first on. */
static bool
parse_quantifier(pattern_parser_t *p, uint32_t first)
{
    uint32_t  min, max = PATTERN_UNBOUNDED;

    if (gql_pattern_skip(p, '*')) {
        min = 0;

    } else if (gql_pattern_skip(p, '+')) {
        min = 1;

    } else if (gql_pattern_skip(p, '?')) {
        min = 0;
        max = 1;

    } else if (!gql_pattern_at(p, '{')) {
        return true;

    } else if (!parse_braces(p, &min, &max)) {
        return false;
    }

    /* a lazy one finds the same */
    gql_pattern_skip(p, '?');

    return repeat(p, first, min, max);
}


/* {n} {n,} {n,m} */
static bool
parse_braces(pattern_parser_t *p, uint32_t *min, uint32_t *max)
{
    p->at++;

    if (!parse_number(p, min)) {
        return false;
    }

    *max = *min;

    if (gql_pattern_skip(p, ',')) {
        *max = PATTERN_UNBOUNDED;

        if (!gql_pattern_at(p, '}') && !parse_number(p, max)) {
            return false;
        }
    }

    if (!gql_pattern_skip(p, '}')) {
        return gql_pattern_fail(p, "a { without its }");
    }

    if (*max < *min) {
        return gql_pattern_fail(p, "a quantifier with its numbers out of "
                                "order");
    }

    return true;
}


static bool
parse_number(pattern_parser_t *p, uint32_t *number)
{
    size_t  start = p->at;

    *number = 0;

    while (p->at < p->text.len && p->text.data[p->at] >= '0'
           && p->text.data[p->at] <= '9')
    {
        *number = *number * 10 + (uint32_t) (p->text.data[p->at++] - '0');

        if (*number > GQL_PATTERN_REPEAT_MAX) {
            return gql_pattern_fail(p, "too many repetitions");
        }
    }

    return p->at > start || gql_pattern_fail(p, "a { without a number");
}


static bool
add_step(pattern_parser_t *p, pattern_step_t step)
{
    uint32_t         size;
    gql_pattern_t   *pattern = p->pattern;
    pattern_step_t  *steps;

    if (pattern->count == GQL_PATTERN_STEPS_MAX) {
        return gql_pattern_fail(p, "the pattern is too large");
    }

    if (pattern->count == pattern->size) {
        size = pattern->size == 0 ? PATTERN_GROW_MIN : pattern->size * 2;
        steps = base_arena_grow(p->arena, pattern->steps,
                                pattern->size * sizeof(*steps),
                                size * sizeof(*steps));
        if (steps == NULL) {
            return gql_pattern_fail(p, "out of memory");
        }

        pattern->steps = steps;
        pattern->size = size;
    }

    pattern->steps[pattern->count++] = step;

    return true;
}


/* A split before the step at. */
static bool
insert_split(pattern_parser_t *p, uint32_t at, int32_t to)
{
    pattern_step_t   split = { .kind = PATTERN_SPLIT, .to = to };
    pattern_step_t  *steps;

    if (!add_step(p, split)) {
        return false;
    }

    steps = p->pattern->steps;
    memmove(steps + at + 1, steps + at,
            (p->pattern->count - 1 - at) * sizeof(*steps));
    steps[at] = split;

    return true;
}


/* Puts so many copies in the place of the steps from first on. */
static bool
repeat(pattern_parser_t *p, uint32_t first, uint32_t min, uint32_t max)
{
    uint32_t         i, count = p->pattern->count - first;
    int32_t          length = (int32_t) count;
    pattern_step_t  *steps;

    if (count == 0) {
        return true;                /* (?:)* finds what (?:) finds */
    }

    steps = base_arena_calloc(p->arena, count, sizeof(*steps));
    if (steps == NULL) {
        return gql_pattern_fail(p, "out of memory");
    }

    memcpy(steps, p->pattern->steps + first, count * sizeof(*steps));
    p->pattern->count = first;

    for (i = 0; i < min; i++) {
        if (!repeat_copy(p, steps, count)) {
            return false;
        }
    }

    if (max == PATTERN_UNBOUNDED) {
        /* split, steps, jump back to the split */
        return add_step(p, (pattern_step_t) { .kind = PATTERN_SPLIT,
                                              .to = length + 2 })
               && repeat_copy(p, steps, count)
               && add_step(p, (pattern_step_t) { .kind = PATTERN_JUMP,
                                                 .to = -length - 1 });
    }

    for ( ; i < max; i++) {
        if (!add_step(p, (pattern_step_t) { .kind = PATTERN_SPLIT,
                                            .to = length + 1 })
            || !repeat_copy(p, steps, count))
        {
            return false;
        }
    }

    return true;
}


static bool
repeat_copy(pattern_parser_t *p, const pattern_step_t *steps, uint32_t count)
{
    uint32_t  i;

    for (i = 0; i < count; i++) {
        if (!add_step(p, steps[i])) {
            return false;
        }
    }

    return true;
}
