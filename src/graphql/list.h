/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside graphql/ only: an array that grows in an arena. */

#ifndef GQL_LIST_H
#define GQL_LIST_H

#include "base/arena.h"


typedef struct {
    void      *items;
    uint32_t   count;
    uint32_t   cap;
} gql_list_t;


/* Room for one more item of size bytes, always the same for a list, zeroed;
 * good until the next call.  NULL when out of memory. */
static inline void *
gql_list_add(gql_list_t *list, base_arena_t *arena, size_t size)
{
    void      *items, *item;
    uint32_t   cap;

    if (list->count == list->cap) {
        cap = list->cap == 0 ? 16 : list->cap * 2;

        items = base_arena_grow(arena, list->items, list->cap * size,
                                cap * size);
        if (items == NULL) {
            return NULL;
        }

        list->items = items;
        list->cap = cap;
    }

    item = (char *) list->items + list->count * size;
    memset(item, 0, size);
    list->count++;
    return item;
}

#endif
