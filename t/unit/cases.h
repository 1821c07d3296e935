/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Case files: plain text, so that a new case needs no C.
 *
 *   === the name of a case, a sentence about behavior
 *   --- section
 *   text, up to the next line that begins with === or ---
 *
 * Sections before the first === hold for every case that has none of that name
 * itself.  A line that begins with # between === and the first --- is a
 * comment.  White space at a section's ends is cut off.
 */

#ifndef CASES_H
#define CASES_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"


#define CASES_SECTIONS_MAX  16


typedef struct cases_case_s  cases_case_t;

struct cases_case_s {
    base_str_t     name;
    base_str_t     sections[CASES_SECTIONS_MAX];
    base_str_t     texts[CASES_SECTIONS_MAX];
    unsigned       count;
    cases_case_t  *file;            /* what stands before the first case */
    cases_case_t  *next;
};


static inline base_str_t
cases_trim(const char *start, const char *end)
{
    while (start < end && strchr(" \t\n", *start) != NULL) {
        start++;
    }

    while (end > start && strchr(" \t\n", end[-1]) != NULL) {
        end--;
    }

    return base_str(start, (size_t) (end - start));
}


/* A file's text; exits when it cannot be read. */
static inline base_str_t
cases_read(base_arena_t *arena, const char *path)
{
    long   size;
    char  *text;
    FILE  *file = fopen(path, "rb");

    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }

    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);

    text = base_arena_alloc(arena, (size_t) size + 1);
    if (text == NULL || fread(text, 1, (size_t) size, file) != (size_t) size) {
        perror(path);
        exit(EXIT_FAILURE);
    }

    fclose(file);
    text[size] = '\0';

    return base_str(text, (size_t) size);
}


/* The cases of a text, in order. */
static inline cases_case_t *
cases_parse(base_arena_t *arena, base_str_t text)
{
    const char    *line = text.data, *end = text.data + text.len, *eol;
    const char    *start = NULL;
    cases_case_t  *file, *now, *first = NULL, **link = &first;

    file = base_arena_zalloc(arena, sizeof(cases_case_t));
    now = file;

    for ( ; line <= end; line = eol + 1) {
        bool  mark = end - line >= 4 && (memcmp(line, "=== ", 4) == 0
                                         || memcmp(line, "--- ", 4) == 0);

        eol = line == end ? end : memchr(line, '\n', (size_t) (end - line));
        if (eol == NULL) {
            eol = end;
        }

        if ((mark || eol == end) && start != NULL) {
            now->texts[now->count++] = cases_trim(start, mark ? line : end);
            start = NULL;
        }

        if (!mark) {
            continue;
        }

        if (*line == '=') {
            now = base_arena_zalloc(arena, sizeof(cases_case_t));
            now->name = cases_trim(line + 4, eol);
            now->file = file;
            *link = now;
            link = &now->next;
            continue;
        }

        if (now->count == CASES_SECTIONS_MAX) {
            fprintf(stderr, "too many sections\n");
            exit(EXIT_FAILURE);
        }

        now->sections[now->count] = cases_trim(line + 4, eol);
        start = eol + 1 < end ? eol + 1 : end;
    }

    return first;
}


/* A section's text; its data is NULL when there is none. */
static inline base_str_t
cases_section(const cases_case_t *one, const char *name)
{
    unsigned  i;

    for ( ; one != NULL; one = one->file) {
        for (i = 0; i < one->count; i++) {
            if (base_str_eq_c(one->sections[i], name)) {
                return one->texts[i];
            }
        }
    }

    return base_str(NULL, 0);
}


static inline int
cases_is_text(const struct dirent *entry)
{
    size_t  len = strlen(entry->d_name);

    return len > 4 && strcmp(entry->d_name + len - 4, ".txt") == 0;
}


/* Runs fn on each case of each *.txt in a folder; how many there were. */
static inline unsigned
cases_each(const char *folder,
    void (*fn)(const char *file, const cases_case_t *one))
{
    int              i, count;
    char             path[4096];
    unsigned         run = 0;
    base_arena_t     arena;
    cases_case_t    *one;
    struct dirent  **entries;

    count = scandir(folder, &entries, cases_is_text, alphasort);

    for (i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);

        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

        for (one = cases_parse(&arena, cases_read(&arena, path)); one != NULL;
             one = one->next)
        {
            fn(entries[i]->d_name, one);
            run++;
        }

        base_arena_deinit(&arena);
        free(entries[i]);
    }

    if (count >= 0) {
        free(entries);
    }

    return run;
}

#endif
