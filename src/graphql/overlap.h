/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: the parts of the rule that overlapping fields can be
 * merged.  rule_overlap.c goes through sets of fields, overlap_collect.c finds
 * what is selected below a set, overlap_compare.c compares two fields,
 * overlap_seen.c knows the sets that have been gone through.
 */

#ifndef GQL_OVERLAP_H
#define GQL_OVERLAP_H

#include "graphql/validate.h"


typedef enum {
    GQL_OVERLAP_SAME = 0,
    GQL_OVERLAP_SHAPE
} gql_overlap_mode_t;


/* Where a set comes from: its response key, and the sets above it. */
typedef struct gql_origin_s  gql_origin_t;

struct gql_origin_s {
    const gql_origin_t     *up;
    base_str_t              key;
    bool                    several;    /* fields are merged here */
};

/* Fields whose selection sets are merged. */
typedef struct {
    gql_overlap_mode_t      mode;
    uint32_t                count;
    const gql_selection_t **fields;     /* in the order of the text */
    const gql_origin_t     *origin;
} gql_field_set_t;


/* Sets that have been gone through. */
typedef struct {
    const gql_field_set_t **slots;
    uint32_t                count;
    uint32_t                size;
} gql_seen_sets_t;

/* Remembers a set, which must stay; false if it was there, or out of memory or
 * of budget. */
bool gql_seen_sets_add(gql_validation_t *v, gql_seen_sets_t *seen,
    const gql_field_set_t *set);


/* A field as one of a collection. */
typedef struct {
    const gql_selection_t  *field;
    uint32_t                order;      /* of collection */
} gql_collected_t;


typedef struct {
    gql_validation_t       *v;
    gql_list_t              fields;     /* gql_collected_t; by response key,
                                           then order */
    gql_list_t              pending;    /* fragments to look at */
    uint32_t               *stamps;     /* by fragment: the last collection */
    uint32_t                stamp;
} gql_collection_t;


bool gql_collection_init(gql_collection_t *collection, gql_validation_t *v);

/* Collects the fields of selection sets, fragments included, each fragment
 * once.  Begin, add each set, end; after a failure (memory or the budget)
 * end returns false. */
void gql_collection_begin(gql_collection_t *collection);
void gql_collection_add(gql_collection_t *collection,
    const gql_selection_t *selections);
bool gql_collection_end(gql_collection_t *collection);


/* True if two fields have equal names and arguments. */
bool gql_overlap_same(gql_validation_t *v, const gql_selection_t *a,
    const gql_selection_t *b);

/* SameResponseShape, without the fields below. */
bool gql_overlap_same_shape(const gql_selection_t *a,
    const gql_selection_t *b);

#endif
