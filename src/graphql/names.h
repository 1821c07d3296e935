/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: finding things by name.
 *
 * gql_names_t (schema.h) is a hash for the schema, whose names come from the
 * operator.  gql_index_t is a sorted array for names that come from clients:
 * n log n whatever they choose.
 */

#ifndef GQL_NAMES_H
#define GQL_NAMES_H

#include "graphql/schema.h"


/* The name of item number i of a table. */
typedef base_str_t (*gql_name_at_fn)(const void *table, uint32_t i);

/*
 * A hash with room for cap names; each is added with its position.  Of equal
 * names the first is found.  False when out of memory.
 */
bool gql_names_init(gql_names_t *names, base_arena_t *arena, uint32_t cap);
void gql_names_add(gql_names_t *names, base_str_t name, uint32_t position);

/* The position of name; UINT32_MAX: there is none. */
uint32_t gql_names_find(const gql_names_t *names, const void *table,
    gql_name_at_fn name_at, base_str_t name);


typedef struct {
    base_str_t   name;
    uint32_t     order;             /* in which it was added */
    uint32_t     offset;            /* where it is written */
    void        *item;
} gql_index_entry_t;

typedef struct {
    gql_index_entry_t  *entries;    /* by name, then order */
    uint32_t            count;
    uint32_t            cap;
} gql_index_t;

/* Room for cap entries.  False when out of memory. */
bool gql_index_init(gql_index_t *index, base_arena_t *arena, uint32_t cap);

/* There must be room. */
void gql_index_add(gql_index_t *index, base_str_t name, uint32_t offset,
    void *item);

/* After the last add, before the first find. */
void gql_index_sort(gql_index_t *index);

/* The first item of that name; NULL: there is none. */
void *gql_index_find(const gql_index_t *index, base_str_t name);

/* The entry before i in the order of names if it has the same name, else
 * NULL: how repeated names are found. */
static inline const gql_index_entry_t *
gql_index_repeats(const gql_index_t *index, uint32_t i)
{
    return i > 0 && base_str_eq(index->entries[i - 1].name,
                                index->entries[i].name)
           ? &index->entries[i - 1] : NULL;
}

#endif
