/* SPDX-License-Identifier: BSD-2-Clause */

/* The kinds of values that settings have; between config*.c only. */

#ifndef WORKER_CONFIG_VALUE_H
#define WORKER_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"


#define WORKER_CONFIG_WORDS_MAX  3


typedef struct worker_setting_s  worker_setting_t;

typedef struct {
    unsigned     words;             /* how many values it takes */

    /* Reads the words into the field; NULL, or what was expected. */
    const char *(*read)(const worker_setting_t *setting, base_arena_t *arena,
                     const base_str_t *words, void *field);
    void        (*write)(base_buf_t *buf, const void *field);

    /* Instead of write, where a setting may stand many times: all its lines.
     * The field is a worker_entries_t, to which read adds. */
    void        (*write_lines)(base_buf_t *buf,
                     const worker_setting_t *setting, const void *field);
} worker_value_kind_t;

struct worker_setting_s {
    base_str_t                  name;
    const worker_value_kind_t  *kind;
    size_t                      offset;     /* in worker_config_t */
    uint32_t                    min;        /* numbers: in the field's unit */
    uint32_t                    max;
    const char                 *value;      /* the default, as written */
};


#define WORKER_SETTINGS_MAX  256

extern const worker_setting_t  worker_settings[];
extern const size_t            worker_setting_count;

extern const worker_value_kind_t  worker_value_string;
extern const worker_value_kind_t  worker_value_path;
extern const worker_value_kind_t  worker_value_file;        /* is there */
extern const worker_value_kind_t  worker_value_name;
extern const worker_value_kind_t  worker_value_number;
extern const worker_value_kind_t  worker_value_time;        /* in ms */
extern const worker_value_kind_t  worker_value_period;      /* in s */
extern const worker_value_kind_t  worker_value_times;       /* from, to; ms */
extern const worker_value_kind_t  worker_value_share;       /* of 10,000 */
extern const worker_value_kind_t  worker_value_toggle;      /* on, off */
extern const worker_value_kind_t  worker_value_log_level;

/* Of lines (config_list.h): words, a name that only one line may have and its
 * value, a header, and name, origin and header. */
extern const worker_value_kind_t  worker_value_words;
extern const worker_value_kind_t  worker_value_map;
extern const worker_value_kind_t  worker_value_headers;
extern const worker_value_kind_t  worker_value_connections;


/* Appends a word as it can be read again. */
void worker_word_write(base_buf_t *buf, base_str_t word);

#endif
