/* SPDX-License-Identifier: BSD-2-Clause */

/* The sets of fields that have been gone through: a hash.  A field's offset
 * names it. */

#include "graphql/overlap.h"


#define GQL_SEEN_SETS_LEAST  64


static uint64_t
gql_seen_hash(const gql_field_set_t *set)
{
    uint32_t  i;
    uint64_t  hash = (uint64_t) set->mode + 1;

    for (i = 0; i < set->count; i++) {
        hash = (hash ^ set->fields[i]->offset) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }

    return hash;
}


static bool
gql_seen_equal(const gql_field_set_t *a, const gql_field_set_t *b)
{
    return a->mode == b->mode && a->count == b->count
           && memcmp(a->fields, b->fields, a->count * sizeof(void *)) == 0;
}


static bool
gql_seen_grow(gql_validation_t *v, gql_seen_sets_t *seen)
{
    uint32_t                 i, slot, size;
    const gql_field_set_t  **slots;

    size = seen->size == 0 ? GQL_SEEN_SETS_LEAST : seen->size * 2;
    slots = base_arena_calloc(v->arena, size, sizeof(void *));

    if (slots == NULL) {
        gql_validation_nomem(v);
        return false;
    }

    for (i = 0; i < seen->size; i++) {
        if (seen->slots[i] == NULL) {
            continue;
        }

        slot = (uint32_t) gql_seen_hash(seen->slots[i]) & (size - 1);

        while (slots[slot] != NULL) {
            slot = (slot + 1) & (size - 1);
        }

        slots[slot] = seen->slots[i];
    }

    seen->slots = slots;
    seen->size = size;
    return true;
}


bool
gql_seen_sets_add(gql_validation_t *v, gql_seen_sets_t *seen,
    const gql_field_set_t *set)
{
    uint32_t  slot;

    if (seen->count * 2 >= seen->size && !gql_seen_grow(v, seen)) {
        return false;
    }

    slot = (uint32_t) gql_seen_hash(set) & (seen->size - 1);

    while (seen->slots[slot] != NULL) {
        if (gql_seen_equal(seen->slots[slot], set)
            || !gql_validation_work(v, 1))
        {
            return false;
        }

        slot = (slot + 1) & (seen->size - 1);
    }

    seen->slots[slot] = set;
    seen->count++;
    return true;
}
