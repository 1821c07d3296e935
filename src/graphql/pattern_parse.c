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

#include "base/utf8.h"


#define PATTERN_GROW_MIN   16
#define PATTERN_UNBOUNDED  UINT32_MAX
#define PATTERN_LAST_CHAR  0x10ffff
#define PATTERN_NO_CHAR    UINT32_MAX


typedef struct {
    base_arena_t   *arena;
    gql_pattern_t  *pattern;
    base_str_t      text;
    size_t          at;
    uint32_t        depth;
    const char     *reason;         /* NULL: no failure */
} pattern_parser_t;

/* A class escape: its ranges in order. */
typedef struct {
    char                    letter;
    uint32_t                count;
    const pattern_range_t  *ranges;
} pattern_class_t;


static bool parse_alternatives(pattern_parser_t *p);
static bool parse_sequence(pattern_parser_t *p);
static bool parse_term(pattern_parser_t *p);
static bool parse_assertion(pattern_parser_t *p, bool *assertion);
static bool parse_atom(pattern_parser_t *p);
static bool parse_group(pattern_parser_t *p);
static bool parse_quantifier(pattern_parser_t *p, uint32_t first);
static bool parse_braces(pattern_parser_t *p, uint32_t *min, uint32_t *max);
static bool parse_number(pattern_parser_t *p, uint32_t *number);
static bool parse_class(pattern_parser_t *p);
static bool parse_class_member(pattern_parser_t *p, pattern_step_t *set,
    uint32_t *c);
static bool parse_escape(pattern_parser_t *p, uint32_t *c);
static bool parse_hex(pattern_parser_t *p, uint32_t digits, uint32_t *c);
static const pattern_class_t *parse_class_escape(pattern_parser_t *p,
    bool *negated);
static bool add_class(pattern_parser_t *p, pattern_step_t *set,
    const pattern_class_t *class, bool negated);
static bool add_range(pattern_parser_t *p, pattern_step_t *set, uint32_t low,
    uint32_t high);
static bool add_step(pattern_parser_t *p, pattern_step_t step);
static bool insert_split(pattern_parser_t *p, uint32_t at, int32_t to);
static bool repeat(pattern_parser_t *p, uint32_t first, uint32_t min,
    uint32_t max);
static bool repeat_copy(pattern_parser_t *p, const pattern_step_t *steps,
    uint32_t count);
static bool parse_fail(pattern_parser_t *p, const char *reason);


static const pattern_range_t  digit_ranges[] = { { '0', '9' } };

static const pattern_range_t  word_ranges[] = {
    { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' }
};

static const pattern_range_t  space_ranges[] = {
    { '\t', '\r' }, { ' ', ' ' }, { 0xa0, 0xa0 }, { 0x1680, 0x1680 },
    { 0x2000, 0x200a }, { 0x2028, 0x2029 }, { 0x202f, 0x202f },
    { 0x205f, 0x205f }, { 0x3000, 0x3000 }, { 0xfeff, 0xfeff }
};

#define CLASS(letter, ranges)                                                 \
    { letter, sizeof(ranges) / sizeof(ranges[0]), ranges }

static const pattern_class_t  pattern_classes[] = {
    CLASS('d', digit_ranges),
    CLASS('w', word_ranges),
    CLASS('s', space_ranges),
};

/* Escapes of one character; all punctuation stands for itself. */
static const struct {
    char      letter;
    uint32_t  c;
} pattern_escapes[] = {
    { 't', '\t' }, { 'n', '\n' }, { 'v', '\v' }, { 'f', '\f' }, { 'r', '\r' },
    { '0', 0 }
};

#define COUNT(table)  (sizeof(table) / sizeof((table)[0]))


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
        parse_fail(&p, "a ) without its (");
    }

    if (p.reason == NULL) {
        add_step(&p, (pattern_step_t) { .kind = PATTERN_MATCH });
    }

    *reason = p.reason;

    return p.reason == NULL ? p.pattern : NULL;
}


static inline bool
parse_at(const pattern_parser_t *p, char c)
{
    return p->at < p->text.len && p->text.data[p->at] == c;
}


static bool
parse_skip(pattern_parser_t *p, char c)
{
    if (parse_at(p, c)) {
        p->at++;
        return true;
    }

    return false;
}


/* The code point ahead, stepped over. */
static uint32_t
parse_char(pattern_parser_t *p)
{
    size_t    bytes;
    uint32_t  c;

    c = base_utf8_decode(base_str(p->text.data + p->at, p->text.len - p->at),
                         &bytes);
    p->at += bytes;

    return c;
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

        if (!parse_skip(p, '|')) {
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
    while (p->at < p->text.len && !parse_at(p, '|') && !parse_at(p, ')')) {
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

    if (parse_at(p, '^')) {
        step.kind = PATTERN_START;

    } else if (parse_at(p, '$')) {
        step.kind = PATTERN_END;

    } else if (p->text.len - p->at >= 2 && parse_at(p, '\\')
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
    bool                    negated = false;
    uint32_t                c = 0;
    pattern_step_t          step = { 0 };
    const pattern_class_t  *class;

    switch (p->text.data[p->at]) {

    case '(':
        return parse_group(p);

    case '[':
        return parse_class(p);

    case '*':
    case '+':
    case '?':
    case '{':
        return parse_fail(p, "a quantifier without anything to repeat");

    case '.':
        p->at++;
        return add_step(p, (pattern_step_t) { .kind = PATTERN_ANY });

    case '\\':
        class = parse_class_escape(p, &negated);
        if (class != NULL) {
            step.kind = PATTERN_SET;
            step.range = p->pattern->range_count;
            return add_class(p, &step, class, negated) && add_step(p, step);
        }

        p->at++;
        if (!parse_escape(p, &c)) {
            return false;
        }

        break;

    default:
        c = parse_char(p);
        break;
    }

    return add_step(p, (pattern_step_t) { .kind = PATTERN_CHAR, .c = c });
}


static bool
parse_group(pattern_parser_t *p)
{
    if (p->depth == GQL_PATTERN_DEPTH_MAX) {
        return parse_fail(p, "too many groups in each other");
    }

    p->at++;

    if (parse_skip(p, '?') && !parse_skip(p, ':')) {
        return parse_fail(p, "look-around and named groups are not supported");
    }

    p->depth++;

    if (!parse_alternatives(p)) {
        return false;
    }

    p->depth--;

    return parse_skip(p, ')') || parse_fail(p, "a ( without its )");
}


/* Repeats the steps from first on. */
static bool
parse_quantifier(pattern_parser_t *p, uint32_t first)
{
    uint32_t  min, max = PATTERN_UNBOUNDED;

    if (parse_skip(p, '*')) {
        min = 0;

    } else if (parse_skip(p, '+')) {
        min = 1;

    } else if (parse_skip(p, '?')) {
        min = 0;
        max = 1;

    } else if (!parse_at(p, '{')) {
        return true;

    } else if (!parse_braces(p, &min, &max)) {
        return false;
    }

    /* a lazy one finds the same */
    parse_skip(p, '?');

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

    if (parse_skip(p, ',')) {
        *max = PATTERN_UNBOUNDED;

        if (!parse_at(p, '}') && !parse_number(p, max)) {
            return false;
        }
    }

    if (!parse_skip(p, '}')) {
        return parse_fail(p, "a { without its }");
    }

    if (*max < *min) {
        return parse_fail(p, "a quantifier with its numbers out of order");
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
            return parse_fail(p, "too many repetitions");
        }
    }

    return p->at > start || parse_fail(p, "a { without a number");
}


/* [a-z\d_] [^...] */
static bool
parse_class(pattern_parser_t *p)
{
    uint32_t        low, high;
    pattern_step_t  set = { .kind = PATTERN_SET,
                            .range = p->pattern->range_count };

    p->at++;
    set.negated = parse_skip(p, '^');

    while (p->at < p->text.len && !parse_at(p, ']')) {

        if (!parse_class_member(p, &set, &low)) {
            return false;
        }

        if (low == PATTERN_NO_CHAR) {
            continue;           /* \d and the like */
        }

        high = low;

        if (parse_at(p, '-') && p->at + 1 < p->text.len
            && p->text.data[p->at + 1] != ']')
        {
            p->at++;

            if (!parse_class_member(p, &set, &high)) {
                return false;
            }

            if (high == PATTERN_NO_CHAR || high < low) {
                return parse_fail(p, "a range out of order in a class");
            }
        }

        if (!add_range(p, &set, low, high)) {
            return false;
        }
    }

    if (!parse_skip(p, ']')) {
        return parse_fail(p, "a [ without its ]");
    }

    return add_step(p, set);
}


/* A character; PATTERN_NO_CHAR after a class escape, which is in set then. */
static bool
parse_class_member(pattern_parser_t *p, pattern_step_t *set, uint32_t *c)
{
    bool                    negated = false;
    const pattern_class_t  *class;

    if (!parse_at(p, '\\')) {
        *c = parse_char(p);
        return true;
    }

    class = parse_class_escape(p, &negated);
    if (class != NULL) {
        *c = PATTERN_NO_CHAR;
        return add_class(p, set, class, negated);
    }

    p->at++;

    if (parse_skip(p, 'b')) {
        *c = '\b';
        return true;
    }

    return parse_escape(p, c);
}


/* What follows a backslash. */
static bool
parse_escape(pattern_parser_t *p, uint32_t *c)
{
    size_t    i;
    uint32_t  letter;

    if (p->at == p->text.len) {
        return parse_fail(p, "a backslash at the end");
    }

    letter = parse_char(p);

    for (i = 0; i < COUNT(pattern_escapes); i++) {
        if ((uint32_t) pattern_escapes[i].letter == letter) {
            *c = pattern_escapes[i].c;
            return true;
        }
    }

    if (letter == 'x') {
        return parse_hex(p, 2, c);
    }

    if (letter == 'u') {
        return parse_hex(p, parse_at(p, '{') ? 0 : 4, c);
    }

    if ((letter >= '0' && letter <= '9') || letter == 'k') {
        return parse_fail(p, "backreferences are not supported");
    }

    if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')) {
        return parse_fail(p, "an unknown escape");
    }

    *c = letter;
    return true;
}


/* So many hexadecimal digits; 0: any number in braces. */
static bool
parse_hex(pattern_parser_t *p, uint32_t digits, uint32_t *c)
{
    uint32_t  value, read = 0;

    if (digits == 0) {
        p->at++;
    }

    for (*c = 0; p->at < p->text.len; p->at++, read++) {
        value = (unsigned char) p->text.data[p->at];

        if (value >= '0' && value <= '9') {
            value -= '0';

        } else if ((value | 0x20) >= 'a' && (value | 0x20) <= 'f') {
            value = (value | 0x20) - 'a' + 10;

        } else {
            break;
        }

        if (digits != 0 && read == digits) {
            break;
        }

        *c = *c << 4 | value;

        if (*c > PATTERN_LAST_CHAR) {
            return parse_fail(p, "an escape above U+10FFFF");
        }
    }

    if (digits == 0 ? read == 0 || !parse_skip(p, '}') : read != digits) {
        return parse_fail(p, "an escape without its hexadecimal digits");
    }

    return true;
}


/* Steps over \d \D \w \W \s \S; NULL, and nothing, if there is none. */
static const pattern_class_t *
parse_class_escape(pattern_parser_t *p, bool *negated)
{
    char    letter;
    size_t  i;

    if (p->text.len - p->at < 2) {
        return NULL;
    }

    letter = p->text.data[p->at + 1];

    for (i = 0; i < COUNT(pattern_classes); i++) {
        if (pattern_classes[i].letter == (letter | 0x20)) {
            *negated = pattern_classes[i].letter != letter;
            p->at += 2;
            return &pattern_classes[i];
        }
    }

    return NULL;
}


/* The ranges of a class, or those between them. */
static bool
add_class(pattern_parser_t *p, pattern_step_t *set,
    const pattern_class_t *class, bool negated)
{
    uint32_t                i, low = 0;
    const pattern_range_t  *range;

    for (i = 0; i < class->count; i++) {
        range = &class->ranges[i];

        if (!(negated ? add_range(p, set, low, range->low - 1)
                      : add_range(p, set, range->low, range->high)))
        {
            return false;
        }

        low = range->high + 1;
    }

    return !negated || add_range(p, set, low, PATTERN_LAST_CHAR);
}


static bool
add_range(pattern_parser_t *p, pattern_step_t *set, uint32_t low,
    uint32_t high)
{
    uint32_t          size;
    gql_pattern_t    *pattern = p->pattern;
    pattern_range_t  *ranges;

    if (pattern->range_count == pattern->range_size) {
        size = pattern->range_size == 0 ? PATTERN_GROW_MIN
                                        : pattern->range_size * 2;
        ranges = base_arena_grow(p->arena, pattern->ranges,
                                 pattern->range_size * sizeof(*ranges),
                                 size * sizeof(*ranges));
        if (ranges == NULL) {
            return parse_fail(p, "out of memory");
        }

        pattern->ranges = ranges;
        pattern->range_size = size;
    }

    pattern->ranges[pattern->range_count++] = (pattern_range_t) { low, high };
    set->range_count++;

    return true;
}


static bool
add_step(pattern_parser_t *p, pattern_step_t step)
{
    uint32_t         size;
    gql_pattern_t   *pattern = p->pattern;
    pattern_step_t  *steps;

    if (pattern->count == GQL_PATTERN_STEPS_MAX) {
        return parse_fail(p, "the pattern is too large");
    }

    if (pattern->count == pattern->size) {
        size = pattern->size == 0 ? PATTERN_GROW_MIN : pattern->size * 2;
        steps = base_arena_grow(p->arena, pattern->steps,
                                pattern->size * sizeof(*steps),
                                size * sizeof(*steps));
        if (steps == NULL) {
            return parse_fail(p, "out of memory");
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

    steps = base_arena_calloc(p->arena, count + 1, sizeof(*steps));
    if (steps == NULL) {
        return parse_fail(p, "out of memory");
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


static bool
parse_fail(pattern_parser_t *p, const char *reason)
{
    p->reason = reason;
    return false;
}
