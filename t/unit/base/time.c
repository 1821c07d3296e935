/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include <string.h>
#include <time.h>

#include "base/time.h"


#define DAY_MS  INT64_C(86400000)


typedef struct {
    base_str_t  text;
    int64_t     unix_ms;
} time_case_t;

static const time_case_t  cases[] = {
    { BASE_STR_INIT("1970-01-01T00:00:00Z"), 0 },
    { BASE_STR_INIT("1970-01-01T00:00:00.001Z"), 1 },
    { BASE_STR_INIT("1969-12-31T23:59:59.999Z"), -1 },
    { BASE_STR_INIT("2026-11-24T06:35:07.123Z"), 1795502107123 },
    { BASE_STR_INIT("2026-11-24t06:35:07.123z"), 1795502107123 },
    { BASE_STR_INIT("2026-11-24T06:35:07.1239999999999999Z"), 1795502107123 },
    { BASE_STR_INIT("2026-11-24T06:35:07.1Z"), 1795502107100 },
    { BASE_STR_INIT("2026-11-24T06:35:07.12Z"), 1795502107120 },
    { BASE_STR_INIT("2026-11-24T08:35:07.123+02:00"), 1795502107123 },
    { BASE_STR_INIT("2026-11-23T22:05:07.123-08:30"), 1795502107123 },
    { BASE_STR_INIT("2026-11-24T06:35:07.123-00:00"), 1795502107123 },
    { BASE_STR_INIT("2000-02-29T00:00:00Z"), 951782400000 },
    { BASE_STR_INIT("2024-02-29T00:00:00Z"), 1709164800000 },
    { BASE_STR_INIT("0001-01-01T00:00:00Z"), -62135596800000 },
    { BASE_STR_INIT("9999-12-31T23:59:59.999Z"), 253402300799999 },
    { BASE_STR_INIT("1990-12-31T23:59:60Z"), 662688000000 },
    { BASE_STR_INIT("1990-12-31T15:59:60-08:00"), 662688000000 },
};

static const char *const  bad[] = {
    "",
    "2026",
    "2026-11-24",
    "2026-11-24T06:35Z",
    "2026-11-24T06:35:07",
    "2026-11-24T06:35:07.Z",
    "2026-11-24T06:35:07,5Z",
    "2026-11-24 06:35:07Z",
    "2026-11-24T06:35:07Z ",
    " 2026-11-24T06:35:07Z",
    "2026-11-24T06:35:07ZZ",
    "2026-11-24T06:35:07+0200",
    "2026-11-24T06:35:07+02",
    "2026-11-24T06:35:07+24:00",
    "2026-11-24T06:35:07+02:60",
    "2026-11-24T24:00:00Z",
    "2026-11-24T06:60:00Z",
    "2026-11-24T06:35:61Z",
    "2026-11-24T06:35:60Z",
    "1990-12-31T23:59:60+01:00",
    "2026-00-24T06:35:07Z",
    "2026-13-24T06:35:07Z",
    "2026-11-00T06:35:07Z",
    "2026-11-31T06:35:07Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "+2026-11-24T06:35:07Z",
    "-026-11-24T06:35:07Z",
    "20261-11-24T06:35:07Z",
    "2026-1-24T06:35:07Z",
    "2026-11-24T6:35:07Z",
};


static void
test_parse(void)
{
    size_t   i;
    int64_t  unix_ms;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unix_ms = INT64_MIN;
        ok(base_time_parse(cases[i].text, &unix_ms), "%.*s is a time",
           BASE_STR_ARG(cases[i].text));
        is_int(unix_ms, cases[i].unix_ms, "and which");
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        unix_ms = 42;
        ok(!base_time_parse(base_str_c(bad[i]), &unix_ms) && unix_ms == 42,
           "'%s' is none", bad[i]);
    }

    unix_ms = 42;
    ok(!base_time_parse(base_str(NULL, 0), &unix_ms) && unix_ms == 42,
       "no text is none");
    ok(!base_time_parse(BASE_STR("2026-11-24T06:35:07Z\0"), &unix_ms),
       "a NUL byte at the end is seen");
}


static void
test_torn(void)
{
    size_t      i;
    int64_t     unix_ms;
    bool        refused = true;
    base_str_t  text = BASE_STR("2026-11-24T06:35:07.123+02:00");

    for (i = 0; i < text.len; i++) {
        refused = refused && !base_time_parse(base_str(text.data, i), &unix_ms);
    }

    ok(refused, "a time cut off anywhere is none");
}


/* Every day of the ten thousand years against the C library. */
static void
test_days(void)
{
    char       text[BASE_TIME_TEXT_BYTES];
    char       expected[BASE_TIME_TEXT_BYTES + 8];
    bool       same = true;
    bool       back = true;
    int64_t    day, read;
    time_t     seconds;
    struct tm  tm;

    for (day = -719162; day <= 2932896; day++) {
        int64_t  unix_ms = day * DAY_MS + 86399999;

        base_time_format(unix_ms, text);
        back = back && base_time_parse(base_str(text, sizeof(text)), &read)
               && read == unix_ms;

        if (day % 7 == 0) {
            seconds = (time_t) (day * 86400);
            gmtime_r(&seconds, &tm);
            memcpy(expected, "0000-00-00T23:59:59.999Z", sizeof(text));
            expected[0] = (char) ('0' + (tm.tm_year + 1900) / 1000);
            expected[1] = (char) ('0' + (tm.tm_year + 1900) / 100 % 10);
            expected[2] = (char) ('0' + (tm.tm_year + 1900) / 10 % 10);
            expected[3] = (char) ('0' + (tm.tm_year + 1900) % 10);
            expected[5] = (char) ('0' + (tm.tm_mon + 1) / 10);
            expected[6] = (char) ('0' + (tm.tm_mon + 1) % 10);
            expected[8] = (char) ('0' + tm.tm_mday / 10);
            expected[9] = (char) ('0' + tm.tm_mday % 10);
            same = same && memcmp(text, expected, sizeof(text)) == 0;
        }
    }

    ok(same, "days are written as gmtime_r() sees them");
    ok(back, "and read back");
}


static void
test_range(void)
{
    char  text[BASE_TIME_TEXT_BYTES];

    base_time_format(INT64_MIN, text);
    is_str(base_str(text, sizeof(text)), BASE_STR("0001-01-01T00:00:00.000Z"),
           "a time too early is written as the first");
    base_time_format(INT64_MAX, text);
    is_str(base_str(text, sizeof(text)), BASE_STR("9999-12-31T23:59:59.999Z"),
           "a time too late is written as the last");
    base_time_format(1795502107123, text);
    is_str(base_str(text, sizeof(text)), BASE_STR("2026-11-24T06:35:07.123Z"),
           "a time is written in UTC with milliseconds");
}


int
main(void)
{
    test_parse();
    test_torn();
    test_days();
    test_range();

    return done_testing();
}
