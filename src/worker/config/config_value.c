/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/config/config_value.h"

#include "worker/config/config.h"


/* Units of time, the largest first: a value is written in the largest that
 * divides it. */
typedef struct {
    base_str_t  name;
    uint32_t    ms;
} worker_unit_t;

static const worker_unit_t  worker_units[] = {
    { BASE_STR_INIT("d"),  86400000 },
    { BASE_STR_INIT("h"),  3600000 },
    { BASE_STR_INIT("m"),  60000 },
    { BASE_STR_INIT("s"),  1000 },
    { BASE_STR_INIT("ms"), 1 },
};

#define WORKER_UNITS  (sizeof(worker_units) / sizeof(worker_units[0]))


/* Digits at the start of text; false if there are none or too many. */
static bool
worker_digits(base_str_t text, uint64_t *value, base_str_t *rest)
{
    size_t  i;

    *value = 0;
    for (i = 0; i < text.len; i++) {
        char  c = text.data[i];

        if (c < '0' || c > '9') {
            break;
        }

        if (*value > UINT32_MAX) {
            return false;
        }

        *value = *value * 10 + (uint64_t) (c - '0');
    }

    *rest = base_str(text.data + i, text.len - i);
    return i > 0;
}


static const char *
worker_string_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    (void) setting;

    return base_arena_str(arena, words[0], field) ? NULL : "out of memory";
}


void
worker_word_write(base_buf_t *buf, base_str_t word)
{
    size_t  i;

    base_buf_add_char(buf, '"');
    for (i = 0; i < word.len; i++) {
        if (word.data[i] == '"' || word.data[i] == '\\') {
            base_buf_add_char(buf, '\\');
        }

        base_buf_add_char(buf, word.data[i]);
    }

    base_buf_add_char(buf, '"');
}


static void
worker_string_write(base_buf_t *buf, const void *field)
{
    worker_word_write(buf, *(const base_str_t *) field);
}


/* A name becomes part of a Redis key and of a log line. */
static const char *
worker_name_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    size_t  i;

    if (words[0].len > WORKER_NAME_BYTES_MAX) {
        return "at most 64 bytes";
    }

    for (i = 0; i < words[0].len; i++) {
        char  c = words[0].data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'))
        {
            return "letters, digits, \"_\", \".\" and \"-\" only";
        }
    }

    return worker_string_read(setting, arena, words, field);
}


static const char *
worker_number_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    uint64_t    value;
    base_str_t  rest;

    (void) arena;

    if (!worker_digits(words[0], &value, &rest) || rest.len > 0) {
        return "a whole number";
    }

    if (value < setting->min || value > setting->max) {
        return "";
    }

    *(uint32_t *) field = (uint32_t) value;
    return NULL;
}


static void
worker_number_write(base_buf_t *buf, const void *field)
{
    base_buf_add_int(buf, *(const uint32_t *) field);
}


static bool
worker_time_parse(base_str_t text, uint64_t *ms)
{
    size_t      i;
    uint64_t    value;
    base_str_t  unit;

    if (!worker_digits(text, &value, &unit)) {
        return false;
    }

    if (unit.len == 0) {
        unit = BASE_STR("s");
    }

    for (i = 0; i < WORKER_UNITS; i++) {
        if (base_str_eq(worker_units[i].name, unit)) {
            *ms = value * worker_units[i].ms;
            return true;
        }
    }

    return false;
}


static const char *
worker_time_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    uint64_t  ms;

    (void) arena;

    if (!worker_time_parse(words[0], &ms)) {
        return "a time such as 250ms, 10s or 5m";
    }

    if (ms < setting->min || ms > setting->max) {
        return "";
    }

    *(uint32_t *) field = (uint32_t) ms;
    return NULL;
}


static void
worker_time_write(base_buf_t *buf, const void *field)
{
    size_t    i;
    uint32_t  ms = *(const uint32_t *) field;

    for (i = 0; i < WORKER_UNITS - 1; i++) {
        if (ms != 0 && ms % worker_units[i].ms == 0) {
            break;
        }
    }

    base_buf_add_int(buf, ms / worker_units[i].ms);
    base_buf_add_str(buf, worker_units[i].name);
}


/* Whole seconds, for what ms do not hold. */
static const char *
worker_period_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    uint64_t  ms;

    (void) arena;

    if (!worker_time_parse(words[0], &ms) || ms % 1000 != 0) {
        return "a time in whole seconds, such as 10s, 5m or 30d";
    }

    if (ms / 1000 < setting->min || ms / 1000 > setting->max) {
        return "";
    }

    *(uint32_t *) field = (uint32_t) (ms / 1000);
    return NULL;
}


static void
worker_period_write(base_buf_t *buf, const void *field)
{
    size_t    i;
    uint32_t  s = *(const uint32_t *) field;

    for (i = 0; worker_units[i].ms > 1000; i++) {
        if (s != 0 && s % (worker_units[i].ms / 1000) == 0) {
            break;
        }
    }

    base_buf_add_int(buf, s / (worker_units[i].ms / 1000));
    base_buf_add_str(buf, worker_units[i].name);
}


static const char *
worker_times_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    uint32_t     times[2];
    uint32_t    *out = field;
    const char  *expected;

    expected = worker_time_read(setting, arena, &words[0], &times[0]);
    if (expected == NULL) {
        expected = worker_time_read(setting, arena, &words[1], &times[1]);
    }

    if (expected == NULL && times[0] > times[1]) {
        expected = "two times, the smaller one first";
    }

    if (expected == NULL) {
        out[0] = times[0];
        out[1] = times[1];
    }

    return expected;
}


static void
worker_times_write(base_buf_t *buf, const void *field)
{
    const uint32_t  *times = field;

    worker_time_write(buf, &times[0]);
    base_buf_add_char(buf, ' ');
    worker_time_write(buf, &times[1]);
}


/* 10%, 2.5%, 0.01% */
static const char *
worker_share_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    static const char  expected[] = "a share such as 10% or 2.5%";

    uint64_t    whole, part = 0;
    base_str_t  rest, digits;

    (void) setting;
    (void) arena;

    if (!worker_digits(words[0], &whole, &rest)) {
        return expected;
    }

    if (rest.len > 0 && rest.data[0] == '.') {
        digits = base_str(rest.data + 1, rest.len - 1);
        if (!worker_digits(digits, &part, &rest)) {
            return expected;
        }

        switch (digits.len - rest.len) {
        case 1:
            part *= 10;
            break;
        case 2:
            break;
        default:
            return "a share with at most two decimals";
        }
    }

    if (!base_str_eq(rest, BASE_STR("%"))) {
        return expected;
    }

    if (whole * 100 + part > 10000) {
        return "a share from 0% to 100%";
    }

    *(uint32_t *) field = (uint32_t) (whole * 100 + part);
    return NULL;
}


static void
worker_share_write(base_buf_t *buf, const void *field)
{
    uint32_t  share = *(const uint32_t *) field;

    base_buf_printf(buf, "%u.%02u%%", (unsigned) (share / 100),
                    (unsigned) (share % 100));
}


static const char *
worker_toggle_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    bool  *on = field;

    (void) setting;
    (void) arena;

    *on = base_str_eq(words[0], BASE_STR("on"));
    return *on || base_str_eq(words[0], BASE_STR("off")) ? NULL : "on or off";
}


static void
worker_toggle_write(base_buf_t *buf, const void *field)
{
    const bool  *on = field;

    base_buf_add_str(buf, *on ? BASE_STR("on") : BASE_STR("off"));
}


static const char *
worker_log_level_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    (void) setting;
    (void) arena;

    return worker_log_level_find(words[0], field)
               ? NULL : "error, warn, notice, info or debug";
}


static void
worker_log_level_write(base_buf_t *buf, const void *field)
{
    const worker_log_level_t  *level = field;

    base_buf_add_str(buf, worker_log_level_name(*level));
}


const worker_value_kind_t  worker_value_string = {
    .words = 1, .read = worker_string_read,
    .write = worker_string_write
};

const worker_value_kind_t  worker_value_path = {
    .words = 1, .read = worker_string_read,
    .write = worker_string_write
};

const worker_value_kind_t  worker_value_file = {
    .words = 1, .read = worker_string_read,
    .write = worker_string_write
};

const worker_value_kind_t  worker_value_name = {
    .words = 1, .read = worker_name_read,
    .write = worker_string_write
};

const worker_value_kind_t  worker_value_number = {
    .words = 1, .read = worker_number_read,
    .write = worker_number_write
};

const worker_value_kind_t  worker_value_time = {
    .words = 1, .read = worker_time_read,
    .write = worker_time_write
};

const worker_value_kind_t  worker_value_period = {
    .words = 1, .read = worker_period_read, .write = worker_period_write
};

const worker_value_kind_t  worker_value_times = {
    .words = 2, .read = worker_times_read,
    .write = worker_times_write
};

const worker_value_kind_t  worker_value_share = {
    .words = 1, .read = worker_share_read,
    .write = worker_share_write
};

const worker_value_kind_t  worker_value_toggle = {
    .words = 1, .read = worker_toggle_read, .write = worker_toggle_write
};

const worker_value_kind_t  worker_value_log_level = {
    .words = 1, .read = worker_log_level_read,
    .write = worker_log_level_write
};
