/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Numbers are texts.  To compare or convert them they are seen as a decimal:
 * the significant digits, without zeros on either side, and a power of ten.
 */

#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_internal.h"


/* Larger exponents are not told apart; a double has at most 308. */
#define NUMBER_EXPONENT_MAX  INT64_C(100000000000000000)

/* No double needs more digits to be told from its neighbors, if one behind
 * them says whether there were more. */
#define NUMBER_DIGITS_MAX    800

#define NUMBER_SHORT_DIGITS  15             /* exact in a double */
#define NUMBER_INT_DIGITS    19             /* of INT64_MAX */
#define NUMBER_INT_CHARS     20             /* of INT64_MIN */
#define NUMBER_DOUBLE_CHARS  32             /* of %.17g: 24 */


typedef struct {
    bool         negative;
    const char  *digits;            /* the first one; a '.' may stand between */
    size_t       count;             /* of digits; 0 for zero */
    int64_t      exponent;          /* value = 0.DIGITS * 10^exponent */
} number_decimal_t;


static bool number_short(base_str_t text, double *out);
static void number_decimal(base_str_t text, number_decimal_t *decimal);
static int64_t number_exponent(const char *p, const char *end);
static const char *number_digit(const char *p);


base_json_t *
base_json_int(base_arena_t *arena, int64_t value)
{
    char         *text;
    char         *p;
    uint64_t      rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;
    base_json_t  *node;

    /* the text lives behind its node */
    node = base_arena_zalloc(arena, sizeof(base_json_t) + NUMBER_INT_CHARS);
    if (node == NULL) {
        return NULL;
    }

    text = (char *) (node + 1);
    p = text + NUMBER_INT_CHARS;

    do {
        *--p = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);

    if (value < 0) {
        *--p = '-';
    }

    node->type = BASE_JSON_NUMBER;
    node->text = base_str(p, (size_t) (text + NUMBER_INT_CHARS - p));

    return node;
}


base_json_t *
base_json_double(base_arena_t *arena, double value)
{
    int          precision;
    char         text[NUMBER_DOUBLE_CHARS];
    base_str_t   copy;

    if (!isfinite(value)) {
        return NULL;
    }

    for (precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof(text), "%.*g", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }

    if (!base_arena_str(arena, base_str_c(text), &copy)) {
        return NULL;
    }

    return base_json_number(arena, copy);
}


bool
base_json_to_int(const base_json_t *value, int64_t *out)
{
    size_t             i;
    uint64_t           n = 0;
    const char        *p;
    number_decimal_t   decimal;

    if (value == NULL || value->type != BASE_JSON_NUMBER) {
        return false;
    }

    number_decimal(value->text, &decimal);

    if (decimal.count == 0) {
        *out = 0;
        return true;
    }

    /* the digits that stand behind the point make a fraction */
    if (decimal.exponent > NUMBER_INT_DIGITS
        || decimal.exponent < (int64_t) decimal.count)
    {
        return false;
    }

    p = decimal.digits;

    for (i = 0; i < (size_t) decimal.exponent; i++) {
        n *= 10;

        if (i < decimal.count) {
            p = number_digit(p);
            n += (uint64_t) (*p++ - '0');
        }
    }

    /* 19 digits fit into 64 bits, but not all into 63 */
    if (n > (uint64_t) INT64_MAX + decimal.negative) {
        return false;
    }

    *out = decimal.negative ? (int64_t) (0 - n) : (int64_t) n;
    return true;
}


bool
base_json_to_double(const base_json_t *value, double *out)
{
    char               text[NUMBER_DIGITS_MAX + 32];
    size_t             i;
    size_t             count;
    double             result;
    const char        *p;
    char              *to = text;
    number_decimal_t   decimal;

    if (value == NULL || value->type != BASE_JSON_NUMBER) {
        return false;
    }

    if (number_short(value->text, out)) {
        return true;
    }

    number_decimal(value->text, &decimal);

    if (decimal.negative) {
        *to++ = '-';
    }

    count = decimal.count < NUMBER_DIGITS_MAX ? decimal.count
                                              : NUMBER_DIGITS_MAX;
    p = decimal.digits;

    for (i = 0; i < count; i++) {
        p = number_digit(p);
        *to++ = *p++;
    }

    /* the last digit of all is no zero, so there is more than nothing */
    *to++ = decimal.count > count ? '1' : '0';

    /* digits and exponent only: the same in every locale */
    snprintf(to, 24, "e%lld",
        (long long) (decimal.exponent - (int64_t) count - 1));

    result = strtod(text, NULL);
    if (!isfinite(result)) {
        return false;
    }

    *out = result;
    return true;
}


bool
base_json_number_equal(base_str_t a, base_str_t b)
{
    size_t            i;
    number_decimal_t  x, y;

    if (base_str_eq(a, b)) {
        return true;
    }

    number_decimal(a, &x);
    number_decimal(b, &y);

    if (x.count != y.count) {
        return false;
    }

    if (x.count == 0) {
        return true;            /* 0, -0 and 0e5 */
    }

    if (x.negative != y.negative || x.exponent != y.exponent) {
        return false;
    }

    for (i = 0; i < x.count; i++) {
        x.digits = number_digit(x.digits);
        y.digits = number_digit(y.digits);

        if (*x.digits++ != *y.digits++) {
            return false;
        }
    }

    return true;
}


/*
 * A whole number of few digits is a double as it is, 2^53 having 16 of them;
 * nearly all numbers of requests are such.  False: it takes more thought.
 */
static bool
number_short(base_str_t text, double *out)
{
    bool      negative = text.len > 0 && text.data[0] == '-';
    size_t    i;
    int64_t   n = 0;

    if (text.len == 0 || text.len - negative > NUMBER_SHORT_DIGITS) {
        return false;
    }

    for (i = negative; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }

        n = n * 10 + (text.data[i] - '0');
    }

    *out = negative ? -(double) n : (double) n;
    return true;
}


static void
number_decimal(base_str_t text, number_decimal_t *decimal)
{
    bool         point = false;
    size_t       zeros = 0;             /* at the end, so far */
    const char  *p = text.data;
    const char  *end = text.data + text.len;

    *decimal = (number_decimal_t) { .digits = p };

    if (p < end && *p == '-') {
        decimal->negative = true;
        p++;
    }

    for ( ; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.') {
            point = true;
            continue;
        }

        if (decimal->count == 0 && *p == '0') {
            decimal->exponent -= point;     /* 0.00123 is 0.123e-2 */
            continue;
        }

        if (decimal->count == 0) {
            decimal->digits = p;
        }

        decimal->count++;
        decimal->exponent += !point;
        zeros = *p == '0' ? zeros + 1 : 0;
    }

    decimal->count -= zeros;

    if (p < end) {
        decimal->exponent += number_exponent(p + 1, end);
    }
}


static int64_t
number_exponent(const char *p, const char *end)
{
    bool     negative = false;
    int64_t  exponent = 0;

    if (p < end && (*p == '-' || *p == '+')) {
        negative = *p == '-';
        p++;
    }

    for ( ; p < end; p++) {
        if (exponent >= NUMBER_EXPONENT_MAX / 10) {
            exponent = NUMBER_EXPONENT_MAX;
            break;
        }

        exponent = exponent * 10 + (*p - '0');
    }

    return negative ? -exponent : exponent;
}


/* The digit at p or, where that is the point, behind it. */
static const char *
number_digit(const char *p)
{
    return *p == '.' ? p + 1 : p;
}
