/* SPDX-License-Identifier: BSD-2-Clause */

/* Places in a definition's text and the problems found there. */

#include "workflow/load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>


struct asl_entry_s {
    asl_entry_t        *next;
    const base_json_t  *value;          /* where the problem is */
    uint64_t            order;          /* of the value in the text, then of
                                           the report */
    asl_problem_t      *problem;
};


static void asl_problem_add(asl_loader_t *loader, const asl_place_t *place,
    bool warning, const char *fmt, va_list args);


asl_place_t
asl_place_member(const asl_place_t *up, const base_json_t *member)
{
    return (asl_place_t) { .up = up, .key = member->key, .value = member };
}


asl_place_t
asl_place_item(const asl_place_t *up, uint32_t index, const base_json_t *item)
{
    return (asl_place_t) { .up = up, .index = index, .value = item };
}


/* RFC 6901: "~" is "~0" and "/" is "~1". */
static void
asl_pointer_add(base_buf_t *buf, const asl_place_t *place)
{
    size_t  i;

    base_buf_add_char(buf, '/');
    if (place->key.data == NULL) {
        base_buf_add_int(buf, place->index);
        return;
    }

    for (i = 0; i < place->key.len; i++) {
        switch (place->key.data[i]) {

        case '~':
            base_buf_add_lit(buf, "~0");
            break;

        case '/':
            base_buf_add_lit(buf, "~1");
            break;

        default:
            base_buf_add_char(buf, place->key.data[i]);
        }
    }
}


/* The recursion is bounded by ASL_TEXT_DEPTH_MAX. */
static void
asl_pointer_write(base_buf_t *buf, const asl_place_t *place)
{
    if (place->up == NULL) {
        base_buf_add_str(buf, place->pointer);
        return;
    }

    asl_pointer_write(buf, place->up);
    asl_pointer_add(buf, place);
}


base_str_t
asl_place_pointer(const asl_place_t *place, base_arena_t *arena)
{
    base_buf_t  buf;

    base_buf_init(&buf, arena, SIZE_MAX);
    base_buf_reserve(&buf, 64);
    asl_pointer_write(&buf, place);
    return buf.failed ? base_str(NULL, 0) : base_buf_str(&buf);
}


void
asl_problem(asl_loader_t *loader, const asl_place_t *place, const char *fmt,
    ...)
{
    va_list  args;

    va_start(args, fmt);
    asl_problem_add(loader, place, false, fmt, args);
    va_end(args);
}


void
asl_warning(asl_loader_t *loader, const asl_place_t *place, const char *fmt,
    ...)
{
    va_list  args;

    va_start(args, fmt);
    asl_problem_add(loader, place, true, fmt, args);
    va_end(args);
}


static void
asl_problem_add(asl_loader_t *loader, const asl_place_t *place, bool warning,
    const char *fmt, va_list args)
{
    char           text[1024];
    int            n;
    asl_entry_t   *entry;
    base_arena_t  *arena = loader->problem_arena;

    loader->invalid |= !warning;
    if (loader->problem_count >= ASL_PROBLEMS_MAX) {
        return;
    }

    n = vsnprintf(text, sizeof(text), fmt, args);
    if (n >= (int) sizeof(text)) {
        n = sizeof(text) - 1;
    }

    entry = base_arena_zalloc(arena, sizeof(*entry));
    if (entry == NULL) {
        loader->nomem = true;
        return;
    }

    entry->problem = base_arena_zalloc(arena, sizeof(*entry->problem));
    if (entry->problem == NULL) {
        loader->nomem = true;
        return;
    }

    entry->problem->warning = warning;
    entry->problem->pointer = asl_place_pointer(place, arena);
    if (entry->problem->pointer.data == NULL
        || !base_arena_str(arena, base_str(text, n < 0 ? 0 : (size_t) n),
                           &entry->problem->message))
    {
        loader->nomem = true;
        return;
    }

    entry->value = place->value;
    entry->order = loader->problem_count++;
    entry->next = loader->problems;
    loader->problems = entry;
}


/* Numbers the values in the order of the text and gives the problems at them
 * that number.  The recursion is bounded by ASL_TEXT_DEPTH_MAX. */
static void
asl_problems_number(asl_loader_t *loader, const base_json_t *value,
    uint64_t *number)
{
    asl_entry_t        *entry;
    const base_json_t  *member;

    for (entry = loader->problems; entry != NULL; entry = entry->next) {
        if (entry->value == value) {
            entry->order += *number << 32;
        }
    }

    (*number)++;
    if (value->type < BASE_JSON_ARRAY) {
        return;
    }

    base_json_each(member, value) {
        asl_problems_number(loader, member, number);
    }
}


static int
asl_entry_compare(const void *a, const void *b)
{
    const asl_entry_t *const  *x = a, *const *y = b;

    return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}


bool
asl_problems_sort(asl_loader_t *loader, const base_json_t *text,
    asl_problem_t **out)
{
    uint32_t         i, count = loader->problem_count;
    uint64_t         number = 0;
    asl_entry_t     *entry, **entries;
    asl_problem_t  **last = out;

    *out = NULL;
    if (count == 0) {
        return true;
    }

    if (text != NULL) {
        asl_problems_number(loader, text, &number);
    }

    entries = base_arena_calloc(loader->problem_arena, count, sizeof(*entries));
    if (entries == NULL) {
        return false;
    }

    for (i = 0, entry = loader->problems; entry != NULL; entry = entry->next) {
        entries[i++] = entry;
    }

    qsort(entries, count, sizeof(*entries), asl_entry_compare);
    for (i = 0; i < count; i++) {
        *last = entries[i]->problem;
        last = &entries[i]->problem->next;
    }

    return true;
}
