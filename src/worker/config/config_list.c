/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/config/config_list.h"

#include "worker/config/config_value.h"


/* How many words, and whether the first is a name that only one may have. */
typedef enum {
    WORKER_LINE_PLAIN = 0,
    WORKER_LINE_NAMED
} worker_line_kind_t;


static const char *worker_entry_add(base_arena_t *arena,
    const base_str_t *words, unsigned count, worker_line_kind_t kind,
    worker_entries_t *entries);
static void worker_entries_write(base_buf_t *buf,
    const worker_setting_t *setting, const worker_entries_t *entries,
    void (*last)(base_buf_t *buf, base_str_t word));
static void worker_header_write(base_buf_t *buf, base_str_t header);


const worker_entry_t *
worker_entries_find(const worker_entries_t *entries, base_str_t name)
{
    const worker_entry_t  *entry;

    for (entry = entries->first; entry != NULL; entry = entry->next) {
        if (base_str_eq(entry->words[0], name)) {
            break;
        }
    }

    return entry;
}


static const char *
worker_word_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    return worker_entry_add(arena, words, setting->kind->words,
                            WORKER_LINE_PLAIN, field);
}


static void
worker_words_write(base_buf_t *buf, const worker_setting_t *setting,
    const void *field)
{
    worker_entries_write(buf, setting, field, worker_word_write);
}


static const char *
worker_named_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    return worker_entry_add(arena, words, setting->kind->words,
                            WORKER_LINE_NAMED, field);
}


/* Its last word is "Name: value". */
static const char *
worker_header_read(const worker_setting_t *setting, base_arena_t *arena,
    const base_str_t *words, void *field)
{
    size_t       i;
    const char  *colon;
    base_str_t   header = words[setting->kind->words - 1];

    colon = memchr(header.data, ':', header.len);
    if (colon == NULL || colon == header.data) {
        return "a header such as \"Name: value\"";
    }

    for (i = 0; i < header.len; i++) {
        if ((unsigned char) header.data[i] < 0x20) {
            return "a header without control characters";
        }
    }

    return worker_entry_add(arena, words, setting->kind->words,
                            WORKER_LINE_PLAIN, field);
}


static void
worker_headers_write(base_buf_t *buf, const worker_setting_t *setting,
    const void *field)
{
    worker_entries_write(buf, setting, field, worker_header_write);
}


/* NULL, or what was expected. */
static const char *
worker_entry_add(base_arena_t *arena, const base_str_t *words, unsigned count,
    worker_line_kind_t kind, worker_entries_t *entries)
{
    unsigned          i;
    worker_entry_t   *entry, **link;

    if (kind == WORKER_LINE_NAMED
        && worker_entries_find(entries, words[0]) != NULL)
    {
        return "a name that has no line yet";
    }

    entry = base_arena_zalloc(arena, sizeof(worker_entry_t));
    if (entry == NULL) {
        return "less: out of memory";
    }

    for (i = 0; i < count; i++) {
        if (words[i].len == 0) {
            return "no empty words";
        }

        if (!base_arena_str(arena, words[i], &entry->words[i])) {
            return "less: out of memory";
        }
    }

    link = &entries->first;
    while (*link != NULL) {
        link = &(*link)->next;
    }

    *link = entry;
    entries->count++;

    return NULL;
}


static void
worker_entries_write(base_buf_t *buf, const worker_setting_t *setting,
    const worker_entries_t *entries,
    void (*last)(base_buf_t *buf, base_str_t word))
{
    unsigned               i;
    const worker_entry_t  *entry;

    for (entry = entries->first; entry != NULL; entry = entry->next) {
        base_buf_printf(buf, "%-22.*s", BASE_STR_ARG(setting->name));

        for (i = 0; i + 1 < setting->kind->words; i++) {
            base_buf_add_char(buf, ' ');
            worker_word_write(buf, entry->words[i]);
        }

        base_buf_add_char(buf, ' ');
        last(buf, entry->words[i]);
        base_buf_add_lit(buf, ";\n");
    }
}


/* What names where its secret is may be shown; any other value is one. */
static void
worker_header_write(base_buf_t *buf, base_str_t header)
{
    const char  *colon = memchr(header.data, ':', header.len);

    if (memmem(header.data, header.len, "${", 2) != NULL) {
        worker_word_write(buf, header);
        return;
    }

    base_buf_add_char(buf, '"');
    base_buf_add(buf, header.data, (size_t) (colon - header.data));
    base_buf_add_lit(buf, ": ***\"");
}


const worker_value_kind_t  worker_value_words = {
    .words = 1, .read = worker_word_read, .write_lines = worker_words_write
};

const worker_value_kind_t  worker_value_map = {
    .words = 2, .read = worker_named_read, .write_lines = worker_words_write
};

const worker_value_kind_t  worker_value_headers = {
    .words = 1, .read = worker_header_read,
    .write_lines = worker_headers_write
};

const worker_value_kind_t  worker_value_connections = {
    .words = 3, .read = worker_header_read,
    .write_lines = worker_headers_write
};
