/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Days are counted in the proleptic Gregorian calendar.  A year begins in
 * March here, so that the leap day is its last and the months' lengths follow
 * one formula: month m (0 is March) begins on day (153 m + 2) / 5.
 */

#include "base/time.h"


#define TIME_DAY_MS           INT64_C(86400000)
#define TIME_YEAR_MAX         9999
#define TIME_MIN_MS           (-INT64_C(62135596800000))    /* year 1 */
#define TIME_MAX_MS           INT64_C(253402300799999)      /* year 9999 */
#define TIME_ERA_DAYS         146097                        /* 400 years */
#define TIME_EPOCH_DAYS       719468        /* 0000-03-01 to 1970-01-01 */


typedef struct {
    const char  *p;
    const char  *end;
} time_cursor_t;


static int64_t time_days(int year, int month, int day);
static void time_date(int64_t days, int *year, int *month, int *day);
static int time_month_days(int year, int month);
static bool time_clock(time_cursor_t *cursor, int *second_of_day, bool *leap);
static void time_fraction(time_cursor_t *cursor, int *ms);
static bool time_offset(time_cursor_t *cursor, int *minutes);
static bool time_number(time_cursor_t *cursor, int digits, int max, int *out);
static bool time_char(time_cursor_t *cursor, char c);
static void time_put(char *out, int digits, int value);


void
base_time_format(int64_t unix_ms, char *out)
{
    int      year, month, day, ms;
    int64_t  days;

    if (unix_ms < TIME_MIN_MS) {
        unix_ms = TIME_MIN_MS;
    }

    if (unix_ms > TIME_MAX_MS) {
        unix_ms = TIME_MAX_MS;
    }

    days = (unix_ms - TIME_MIN_MS) / TIME_DAY_MS;
    ms = (int) ((unix_ms - TIME_MIN_MS) % TIME_DAY_MS);
    time_date(days + TIME_MIN_MS / TIME_DAY_MS, &year, &month, &day);

    time_put(out, 4, year);
    out[4] = '-';
    time_put(out + 5, 2, month);
    out[7] = '-';
    time_put(out + 8, 2, day);
    out[10] = 'T';
    time_put(out + 11, 2, ms / 3600000);
    out[13] = ':';
    time_put(out + 14, 2, ms / 60000 % 60);
    out[16] = ':';
    time_put(out + 17, 2, ms / 1000 % 60);
    out[19] = '.';
    time_put(out + 20, 3, ms % 1000);
    out[23] = 'Z';
}


bool
base_time_parse(base_str_t text, int64_t *unix_ms)
{
    int            year, month, day, second_of_day, offset;
    int            ms = 0;
    bool           leap;
    int64_t        minute, value;
    time_cursor_t  cursor;

    if (text.len == 0) {
        return false;               /* NULL has no end to point to */
    }

    cursor = (time_cursor_t) { text.data, text.data + text.len };

    if (!time_number(&cursor, 4, TIME_YEAR_MAX, &year)
        || !time_char(&cursor, '-')
        || !time_number(&cursor, 2, 12, &month) || month == 0
        || !time_char(&cursor, '-')
        || !time_number(&cursor, 2, time_month_days(year, month), &day)
        || day == 0
        || (!time_char(&cursor, 'T') && !time_char(&cursor, 't'))
        || !time_clock(&cursor, &second_of_day, &leap))
    {
        return false;
    }

    time_fraction(&cursor, &ms);

    if (ms < 0 || !time_offset(&cursor, &offset) || cursor.p != cursor.end) {
        return false;
    }

    value = time_days(year, month, day) * TIME_DAY_MS
            + (int64_t) second_of_day * 1000 + ms
            - (int64_t) offset * 60000;

    /* a leap second comes before midnight UTC only; Unix time repeats 00 */
    minute = (value - ms) / 60000;
    if (leap && ((value - ms) % 60000 != 0 || minute % 1440 != 0)) {
        return false;
    }

    if (value < TIME_MIN_MS || value > TIME_MAX_MS) {
        return false;
    }

    *unix_ms = value;
    return true;
}


static int64_t
time_days(int year, int month, int day)
{
    int      y = month > 2 ? year : year - 1;
    int      m = month > 2 ? month - 3 : month + 9;
    int      era = (y >= 0 ? y : y - 399) / 400;
    int64_t  year_of_era = y - era * 400;
    int64_t  day_of_year = (153 * m + 2) / 5 + day - 1;

    return (int64_t) era * TIME_ERA_DAYS + year_of_era * 365 + year_of_era / 4
           - year_of_era / 100 + day_of_year - TIME_EPOCH_DAYS;
}


/* The inverse, for days of the years 1 to 9999. */
static void
time_date(int64_t days, int *year, int *month, int *day)
{
    int  count = (int) (days + TIME_EPOCH_DAYS);
    int  day_of_era = count % TIME_ERA_DAYS;
    int  year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
                        - day_of_era / 146096)
                       / 365;
    int  day_of_year = day_of_era
                       - (365 * year_of_era + year_of_era / 4
                          - year_of_era / 100);
    int  m = (5 * day_of_year + 2) / 153;

    *day = day_of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = count / TIME_ERA_DAYS * 400 + year_of_era + (*month <= 2);
}


static int
time_month_days(int year, int month)
{
    static const int  days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    bool  leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}


/* partial-time without its fraction. */
static bool
time_clock(time_cursor_t *cursor, int *second_of_day, bool *leap)
{
    int  hour, minute, second;

    if (!time_number(cursor, 2, 23, &hour) || !time_char(cursor, ':')
        || !time_number(cursor, 2, 59, &minute) || !time_char(cursor, ':')
        || !time_number(cursor, 2, 60, &second))
    {
        return false;
    }

    *second_of_day = hour * 3600 + minute * 60 + second;
    *leap = second == 60;

    return true;
}


/* time-secfrac, if there is one; *ms is -1 for a point without digits. */
static void
time_fraction(time_cursor_t *cursor, int *ms)
{
    int  unit = 100;

    if (!time_char(cursor, '.')) {
        return;
    }

    if (cursor->p == cursor->end || *cursor->p < '0' || *cursor->p > '9') {
        *ms = -1;
        return;
    }

    while (cursor->p < cursor->end && *cursor->p >= '0' && *cursor->p <= '9') {
        *ms += (*cursor->p++ - '0') * unit;
        unit /= 10;
    }
}


/* time-offset, east of UTC. */
static bool
time_offset(time_cursor_t *cursor, int *minutes)
{
    int   hour, minute;
    bool  west;

    if (time_char(cursor, 'Z') || time_char(cursor, 'z')) {
        *minutes = 0;
        return true;
    }

    west = time_char(cursor, '-');

    if ((!west && !time_char(cursor, '+')) || !time_number(cursor, 2, 23, &hour)
        || !time_char(cursor, ':') || !time_number(cursor, 2, 59, &minute))
    {
        return false;
    }

    *minutes = hour * 60 + minute;
    if (west) {
        *minutes = -*minutes;
    }

    return true;
}


static bool
time_number(time_cursor_t *cursor, int digits, int max, int *out)
{
    int  value = 0;

    while (digits-- > 0) {
        if (cursor->p == cursor->end || *cursor->p < '0' || *cursor->p > '9') {
            return false;
        }

        value = value * 10 + (*cursor->p++ - '0');
    }

    *out = value;
    return value <= max;
}


static bool
time_char(time_cursor_t *cursor, char c)
{
    if (cursor->p == cursor->end || *cursor->p != c) {
        return false;
    }

    cursor->p++;
    return true;
}


static void
time_put(char *out, int digits, int value)
{
    while (digits-- > 0) {
        out[digits] = (char) ('0' + value % 10);
        value /= 10;
    }
}
