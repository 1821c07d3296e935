/* SPDX-License-Identifier: BSD-2-Clause */

#include "graphql/names.h"

#include <stdlib.h>


#define GQL_INDEX_LINEAR_MAX  8     /* entries that are not worth a search */


/* FNV-1a */
static uint32_t
gql_names_hash(base_str_t name)
{
    size_t    i;
    uint32_t  hash = 2166136261u;

    for (i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char) name.data[i]) * 16777619u;
    }

    return hash ^ hash >> 15;
}


bool
gql_names_init(gql_names_t *names, base_arena_t *arena, uint32_t cap)
{
    uint32_t  size = 4;

    while (size < cap * 2) {
        size *= 2;
    }

    names->slots = base_arena_calloc(arena, size, sizeof(uint32_t));
    names->mask = size - 1;
    return names->slots != NULL;
}


void
gql_names_add(gql_names_t *names, base_str_t name, uint32_t position)
{
    uint32_t  slot = gql_names_hash(name) & names->mask;

    while (names->slots[slot] != 0) {
        slot = (slot + 1) & names->mask;
    }

    names->slots[slot] = position + 1;
}


uint32_t
gql_names_find(const gql_names_t *names, const void *table,
    gql_name_at_fn name_at, base_str_t name)
{
    uint32_t  slot, found;

    if (names->slots == NULL) {
        return UINT32_MAX;
    }

    slot = gql_names_hash(name) & names->mask;

    for ( ;; ) {
        found = names->slots[slot];
        if (found == 0) {
            return UINT32_MAX;
        }

        if (base_str_eq(name_at(table, found - 1), name)) {
            return found - 1;
        }

        slot = (slot + 1) & names->mask;
    }
}


bool
gql_index_init(gql_index_t *index, base_arena_t *arena, uint32_t cap)
{
    index->count = 0;
    index->cap = cap;
    index->entries = NULL;

    if (cap == 0) {
        return true;
    }

    index->entries = base_arena_calloc(arena, cap, sizeof(gql_index_entry_t));
    return index->entries != NULL;
}


void
gql_index_add(gql_index_t *index, base_str_t name, uint32_t offset, void *item)
{
    index->entries[index->count] = (gql_index_entry_t) {
        .name = name,
        .order = index->count,
        .offset = offset,
        .item = item
    };

    index->count++;
}


static int
gql_index_compare(const void *a, const void *b)
{
    const gql_index_entry_t  *one = a;
    const gql_index_entry_t  *two = b;
    int                       order;

    order = base_str_cmp(one->name, two->name);
    return order != 0 ? order
                      : (one->order > two->order) - (one->order < two->order);
}


void
gql_index_sort(gql_index_t *index)
{
    if (index->count > 1) {
        qsort(index->entries, index->count, sizeof(gql_index_entry_t),
              gql_index_compare);
    }
}


void *
gql_index_find(const gql_index_t *index, base_str_t name)
{
    uint32_t  low = 0, high = index->count, middle;

    if (high <= GQL_INDEX_LINEAR_MAX) {
        while (low < high && !base_str_eq(index->entries[low].name, name)) {
            low++;
        }

    } else {
        while (low < high) {
            middle = low + (high - low) / 2;

            if (base_str_cmp(index->entries[middle].name, name) < 0) {
                low = middle + 1;

            } else {
                high = middle;
            }
        }
    }

    return low < index->count && base_str_eq(index->entries[low].name, name)
           ? index->entries[low].item : NULL;
}
