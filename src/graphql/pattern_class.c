/* SPDX-License-Identifier: BSD-2-Clause */

/* The part of pattern_parse.c that is about single characters: classes and
 * escapes. */

#include "graphql/pattern_program.h"


#define PATTERN_GROW_MIN   16
#define PATTERN_LAST_CHAR  0x10ffff
#define PATTERN_NO_CHAR    UINT32_MAX


/* A class escape: its ranges in order. */
typedef struct {
    char                    letter;
    uint32_t                count;
    const pattern_range_t  *ranges;
} pattern_class_t;


static bool parse_class_member(pattern_parser_t *p, pattern_step_t *set,
    uint32_t *c);
static bool parse_hex(pattern_parser_t *p, uint32_t digits, uint32_t *c);
static bool add_class(pattern_parser_t *p, pattern_step_t *set,
    const pattern_class_t *class, bool negated);
static bool add_range(pattern_parser_t *p, pattern_step_t *set, uint32_t low,
    uint32_t high);


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


bool
gql_pattern_class(pattern_parser_t *p, pattern_step_t *set)
{
    uint32_t  low, high;

    set->range = p->pattern->range_count;

    p->at++;
    set->negated = gql_pattern_skip(p, '^');

    while (p->at < p->text.len && !gql_pattern_at(p, ']')) {

        if (!parse_class_member(p, set, &low)) {
            return false;
        }

        if (low == PATTERN_NO_CHAR) {
            continue;           /* \d and the like */
        }

        high = low;

        if (gql_pattern_at(p, '-') && p->at + 1 < p->text.len
            && p->text.data[p->at + 1] != ']')
        {
            p->at++;

            if (!parse_class_member(p, set, &high)) {
                return false;
            }

            if (high == PATTERN_NO_CHAR || high < low) {
                return gql_pattern_fail(p, "a range out of order in a class");
            }
        }

        if (!add_range(p, set, low, high)) {
            return false;
        }
    }

    if (!gql_pattern_skip(p, ']')) {
        return gql_pattern_fail(p, "a [ without its ]");
    }

    return true;
}


bool
gql_pattern_class_escape(pattern_parser_t *p, pattern_step_t *set, bool *found)
{
    char    letter;
    size_t  i;

    if (p->text.len - p->at < 2) {
        return true;
    }

    if (set->range_count == 0) {
        set->range = p->pattern->range_count;
    }

    letter = p->text.data[p->at + 1];

    for (i = 0; i < COUNT(pattern_classes); i++) {
        if (pattern_classes[i].letter == (letter | 0x20)) {
            *found = true;
            p->at += 2;
            return add_class(p, set, &pattern_classes[i],
                             pattern_classes[i].letter != letter);
        }
    }

    return true;
}


bool
gql_pattern_escape(pattern_parser_t *p, uint32_t *c)
{
    size_t    i;
    uint32_t  letter;

    if (p->at == p->text.len) {
        return gql_pattern_fail(p, "a backslash at the end");
    }

    letter = gql_pattern_char(p);

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
        return parse_hex(p, gql_pattern_at(p, '{') ? 0 : 4, c);
    }

    if ((letter >= '0' && letter <= '9') || letter == 'k') {
        return gql_pattern_fail(p, "backreferences are not supported");
    }

    if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')) {
        return gql_pattern_fail(p, "an unknown escape");
    }

    *c = letter;
    return true;
}


/* A character; PATTERN_NO_CHAR after a class escape, which is in set then. */
static bool
parse_class_member(pattern_parser_t *p, pattern_step_t *set, uint32_t *c)
{
    bool  found = false;

    if (!gql_pattern_at(p, '\\')) {
        *c = gql_pattern_char(p);
        return true;
    }

    if (!gql_pattern_class_escape(p, set, &found)) {
        return false;
    }

    if (found) {
        *c = PATTERN_NO_CHAR;
        return true;
    }

    p->at++;

    if (gql_pattern_skip(p, 'b')) {
        *c = '\b';
        return true;
    }

    return gql_pattern_escape(p, c);
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
            return gql_pattern_fail(p, "an escape above U+10FFFF");
        }
    }

    if (digits == 0 ? read == 0 || !gql_pattern_skip(p, '}') : read != digits) {
        return gql_pattern_fail(p, "an escape without its hexadecimal digits");
    }

    return true;
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
            return gql_pattern_fail(p, "out of memory");
        }

        pattern->ranges = ranges;
        pattern->range_size = size;
    }

    pattern->ranges[pattern->range_count++] = (pattern_range_t) { low, high };
    set->range_count++;

    return true;
}


bool
gql_pattern_fail(pattern_parser_t *p, const char *reason)
{
    p->reason = reason;
    return false;
}
