/* SPDX-License-Identifier: BSD-2-Clause */

/* What number texts mean. */

#include "tap.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/json.h"


typedef struct {
    const char  *text;
    bool         whole;
    int64_t      value;
} int_case_t;

typedef struct {
    const char  *text;
    double       value;             /* NAN: out of range */
} double_case_t;

typedef struct {
    const char  *a;
    const char  *b;
    bool         equal;
} equal_case_t;


static const int_case_t  int_cases[] = {
    { "0", true, 0 },
    { "-0", true, 0 },
    { "0.0", true, 0 },
    { "0e5", true, 0 },
    { "0e99999999999999999999", true, 0 },
    { "-0.000e-7", true, 0 },
    { "1", true, 1 },
    { "-1", true, -1 },
    { "10", true, 10 },
    { "100e-2", true, 1 },
    { "1e3", true, 1000 },
    { "1E+3", true, 1000 },
    { "1.5e1", true, 15 },
    { "0.001e3", true, 1 },
    { "2.0", true, 2 },
    { "2.000000000000000000000000000000", true, 2 },
    { "1200.0e-2", true, 12 },
    { "9007199254740993", true, 9007199254740993 },
    { "9223372036854775807", true, INT64_MAX },
    { "922337203685477580.7e1", true, INT64_MAX },
    { "9223372036854775807000e-3", true, INT64_MAX },
    { "-9223372036854775808", true, INT64_MIN },
    { "-9223372036854775807", true, -INT64_MAX },
    { "9223372036854775808", false, 0 },
    { "-9223372036854775809", false, 0 },
    { "9999999999999999999", false, 0 },
    { "18446744073709551616", false, 0 },
    { "18446744073709551617", false, 0 },
    { "10000000000000000000", false, 0 },
    { "1e18", true, 1000000000000000000 },
    { "1e19", false, 0 },
    { "1e30", false, 0 },
    { "1e400", false, 0 },
    { "1e-400", false, 0 },
    { "1e9223372036854775807", false, 0 },
    { "1e-9223372036854775808", false, 0 },
    { "1e99999999999999999999999999", false, 0 },
    { "1.5", false, 0 },
    { "0.1", false, 0 },
    { "15e-1", false, 0 },
    { "9007199254740993.5", false, 0 },
};

static const double_case_t  double_cases[] = {
    { "0", 0 },
    { "1.5", 1.5 },
    { "-2.25e2", -225 },
    { "100000", 100000 },
    { "0.1", 0.1 },
    { "0.00123", 0.00123 },
    { "123.456e-2", 1.23456 },
    { "9007199254740993", 9007199254740992.0 },
    { "1.7976931348623157e308", DBL_MAX },
    { "17976931348623157e292", DBL_MAX },
    { "1e309", NAN },
    { "-1e309", NAN },
    { "1e99999999999999999999999", NAN },
    { "1e-400", 0 },
    { "1e-99999999999999999999999", 0 },
    { "0e99999999999999999999999", 0 },
    { "5e-324", 5e-324 },
    { "2.2250738585072014e-308", DBL_MIN },
};

static const equal_case_t  equal_cases[] = {
    { "1", "1", true },
    { "1", "1.0", true },
    { "1", "10e-1", true },
    { "1e3", "1000", true },
    { "0.5", "5e-1", true },
    { "12.5", "1.25e1", true },
    { "0", "-0", true },
    { "0", "0.000e9", true },
    { "9007199254740993", "9007199254740992", false },
    { "9223372036854775808", "9223372036854775809", false },
    { "9223372036854775808", "9223372036854775808.0", true },
    { "1e400", "1e401", false },
    { "1e400", "10e399", true },
    { "1", "-1", false },
    { "1", "10", false },
    { "0.1", "0.01", false },
    { "12", "13", false },
    { "1", "0", false },
    { "1.1", "11", false },
};


static base_json_t
number(const char *text)
{
    return (base_json_t) { .type = BASE_JSON_NUMBER, .text = base_str_c(text) };
}


static void
test_to_int(void)
{
    size_t       i;
    int64_t      out;
    base_json_t  value;

    for (i = 0; i < sizeof(int_cases) / sizeof(int_cases[0]); i++) {
        const int_case_t  *c = &int_cases[i];

        out = 42;
        value = number(c->text);
        ok(base_json_to_int(&value, &out) == c->whole, "%s is %sa whole number",
           c->text, c->whole ? "" : "not ");
        is_int(out, c->whole ? c->value : 42, c->text);
    }

    value = (base_json_t) { .type = BASE_JSON_STRING, .text = BASE_STR("1") };
    ok(!base_json_to_int(&value, &out), "a string is no number");
    ok(!base_json_to_int(NULL, &out), "nor is nothing");
}


static void
test_to_double(void)
{
    size_t       i;
    double       out;
    base_json_t  value;

    for (i = 0; i < sizeof(double_cases) / sizeof(double_cases[0]); i++) {
        const double_case_t  *c = &double_cases[i];

        out = 42;
        value = number(c->text);

        if (isnan(c->value)) {
            ok(!base_json_to_double(&value, &out) && out == 42,
               "%s is out of range", c->text);
        } else {
            ok(base_json_to_double(&value, &out) && out == c->value,
               "%s is %.17g, got %.17g", c->text, c->value, out);
        }
    }

    value = number("-0.0");
    ok(base_json_to_double(&value, &out) && out == 0 && signbit(out),
       "-0.0 keeps its sign");

    value = (base_json_t) { .type = BASE_JSON_STRING, .text = BASE_STR("1") };
    ok(!base_json_to_double(&value, &out), "a string is no number");
    ok(!base_json_to_double(NULL, &out), "nor is nothing");
}


/* Halfway between 1 and the next double, and just above it, said with more
 * digits than any buffer here has. */
static void
test_long(void)
{
    static const char  half[] =
        "1.00000000000000011102230246251565404236316680908203125";
    static char        text[4096];

    double       out = 0;
    int64_t      whole;
    base_json_t  value;

    memset(text, '0', sizeof(text) - 1);
    memcpy(text, half, sizeof(half) - 1);
    value = number(text);
    ok(base_json_to_double(&value, &out) && out == 1.0,
       "a tie is rounded to even");

    text[sizeof(text) - 2] = '1';
    ok(base_json_to_double(&value, &out) && out == 1.0 + DBL_EPSILON,
       "a digit 4000 places behind breaks it");

    memset(text, '0', sizeof(text) - 1);
    memcpy(text, "17.", 3);
    ok(base_json_to_int(&value, &whole) && whole == 17,
       "4000 zeros are no fraction");

    memset(text, '9', sizeof(text) - 1);
    ok(!base_json_to_double(&value, &out), "4095 digits are no double");
    ok(!base_json_to_int(&value, &whole), "and no integer");
}


static void
test_equal(void)
{
    size_t  i;

    for (i = 0; i < sizeof(equal_cases) / sizeof(equal_cases[0]); i++) {
        const equal_case_t  *c = &equal_cases[i];
        base_json_t          a = number(c->a);
        base_json_t          b = number(c->b);

        ok(base_json_equal(&a, &b) == c->equal
           && base_json_equal(&b, &a) == c->equal, "%s %s %s", c->a,
           c->equal ? "equals" : "differs from", c->b);
    }
}


static void
test_from_int(void)
{
    static const int64_t  values[] = { 0, 7, -7, 10, INT64_MAX, INT64_MIN };

    size_t         i;
    int64_t        out;
    char           expected[32];
    base_json_t   *value;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        value = base_json_int(&arena, values[i]);
        snprintf(expected, sizeof(expected), "%" PRId64, values[i]);
        is_str(value->text, base_str_c(expected), "an integer's text");
        ok(base_json_to_int(value, &out) && out == values[i],
           "reads back as %s", expected);
    }

    base_arena_fail_after(&arena, 1);
    ok(base_json_int(&arena, 1) == NULL, "an integer without memory is NULL");
    base_arena_deinit(&arena);
}


static void
test_from_double(void)
{
    static const struct {
        double       value;
        const char  *text;
    } values[] = {
        { 0.0, "0" },
        { 1.0, "1" },
        { -0.0, "-0" },
        { 0.1, "0.1" },
        { 12.5, "12.5" },
        { 1.0 / 3, "0.3333333333333333" },
        { 5e-324, "4.94065645841247e-324" },
        { 1e21, "1e+21" },
        { 123456789012345680.0, "1.2345678901234568e+17" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { DBL_MAX, "1.7976931348623157e+308" },
        { -DBL_MAX, "-1.7976931348623157e+308" },
    };

    size_t         i;
    double         out;
    base_json_t   *value;
    base_arena_t   arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        value = base_json_double(&arena, values[i].value);
        is_str(value->text, base_str_c(values[i].text), "a double's text");
        ok(base_json_to_double(value, &out) && out == values[i].value,
           "reads back as %s", values[i].text);
    }

    ok(base_json_double(&arena, NAN) == NULL, "NaN has no text");
    ok(base_json_double(&arena, INFINITY) == NULL, "nor has infinity");
    ok(base_json_double(&arena, -INFINITY) == NULL, "of either sign");

    for (i = 1; i <= 2; i++) {
        base_arena_fail_after(&arena, (int64_t) i);
        ok(base_json_double(&arena, 1) == NULL,
           "allocation %zu of a double fails", i);
    }

    base_arena_deinit(&arena);
}


int
main(void)
{
    test_to_int();
    test_to_double();
    test_long();
    test_equal();
    test_from_int();
    test_from_double();

    return done_testing();
}
