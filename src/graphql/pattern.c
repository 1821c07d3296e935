/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Regular expressions as a program of steps that is run for all places it could
 * be in at once (Thompson's way), so that no pattern is ever tried twice at one
 * place of the text.  pattern_parse.c compiles.
 */

#include "graphql/pattern_program.h"


#define NO_CHAR  UINT32_MAX


/* The steps the program is at, each once. */
typedef struct {
    uint32_t  *steps;
    uint32_t   count;
    uint32_t  *mark;                /* by step: the place it was added at */
} pattern_set_t;

typedef struct {
    const gql_pattern_t  *pattern;
    uint32_t             *stack;    /* steps to follow; each step once, twice
                                       for a split */
    uint32_t              place;    /* code points before, from 1 */
    uint32_t              before;   /* code point; NO_CHAR: the text's start */
    uint32_t              after;    /* NO_CHAR: the text's end */
    bool                  found;
} pattern_run_t;

static void pattern_add(pattern_run_t *run, pattern_set_t *set, uint32_t step);
static bool pattern_asserts(const pattern_run_t *run,
    const pattern_step_t *step);
static bool pattern_takes(const gql_pattern_t *pattern,
    const pattern_step_t *step, uint32_t c);
static bool pattern_is_word(uint32_t c);


gql_pattern_match_t
gql_pattern_find(const gql_pattern_t *pattern, base_str_t text,
    base_arena_t *arena)
{
    size_t          bytes = 0, at = 0;
    uint32_t        i, count = pattern->count;
    pattern_set_t   next = { 0 };
    uint32_t       *now, now_count = 0;
    pattern_run_t   run = { .pattern = pattern, .before = NO_CHAR };

    now = base_arena_calloc(arena, count, sizeof(uint32_t));
    next.steps = base_arena_calloc(arena, count, sizeof(uint32_t));
    next.mark = base_arena_calloc(arena, count, sizeof(uint32_t));
    run.stack = base_arena_calloc(arena, (size_t) count * 2, sizeof(uint32_t));

    if (now == NULL || next.steps == NULL || next.mark == NULL
        || run.stack == NULL)
    {
        return GQL_PATTERN_NOMEM;
    }

    for ( ;; ) {
        run.place++;
        run.after = at == text.len ? NO_CHAR
                    : base_utf8_decode(base_str(text.data + at, text.len - at),
                                       &bytes);

        /* a match may start here; those under way have been added as steps
         * yet to follow */
        next.count = 0;
        for (i = 0; i < now_count; i++) {
            pattern_add(&run, &next, now[i]);
        }

        pattern_add(&run, &next, 0);

        if (run.found) {
            return GQL_PATTERN_FOUND;
        }

        if (run.after == NO_CHAR
            || (next.count == 0 && pattern->steps[0].kind == PATTERN_START))
        {
            return GQL_PATTERN_NOT_FOUND;
        }

        now_count = 0;
        for (i = 0; i < next.count; i++) {
            if (pattern_takes(pattern, &pattern->steps[next.steps[i]],
                              run.after))
            {
                now[now_count++] = next.steps[i] + 1;
            }
        }

        at += bytes;
        run.before = run.after;
    }
}


/* Follows a step to all that take a code point, and to the end. */
static void
pattern_add(pattern_run_t *run, pattern_set_t *set, uint32_t step)
{
    uint32_t               depth = 0;
    const pattern_step_t  *at;

    run->stack[depth++] = step;

    while (depth != 0) {
        step = run->stack[--depth];

        if (set->mark[step] == run->place) {
            continue;
        }

        set->mark[step] = run->place;
        at = &run->pattern->steps[step];

        switch (at->kind) {

        case PATTERN_MATCH:
            run->found = true;
            return;

        case PATTERN_JUMP:
            run->stack[depth++] = step + (uint32_t) at->to;
            break;

        case PATTERN_SPLIT:
            run->stack[depth++] = step + (uint32_t) at->to;
            run->stack[depth++] = step + 1;
            break;

        case PATTERN_CHAR:
        case PATTERN_ANY:
        case PATTERN_SET:
            set->steps[set->count++] = step;
            break;

        default:
            if (pattern_asserts(run, at)) {
                run->stack[depth++] = step + 1;
            }

            break;
        }
    }
}


static bool
pattern_asserts(const pattern_run_t *run, const pattern_step_t *step)
{
    bool  edge;

    switch (step->kind) {

    case PATTERN_START:
        return run->before == NO_CHAR;

    case PATTERN_END:
        return run->after == NO_CHAR;

    default:
        edge = pattern_is_word(run->before) != pattern_is_word(run->after);
        return edge == (step->kind == PATTERN_WORD_EDGE);
    }
}


static bool
pattern_takes(const gql_pattern_t *pattern, const pattern_step_t *step,
    uint32_t c)
{
    uint32_t                i;
    const pattern_range_t  *range;

    switch (step->kind) {

    case PATTERN_CHAR:
        return c == step->c;

    case PATTERN_ANY:
        return c != '\n' && c != '\r' && c != 0x2028 && c != 0x2029;

    default:
        for (i = 0; i < step->range_count; i++) {
            range = &pattern->ranges[step->range + i];

            if (c >= range->low && c <= range->high) {
                return !step->negated;
            }
        }

        return step->negated;
    }
}


static bool
pattern_is_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z') || c == '_';
}
