/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: the parts of the rule that overlapping fields can be
 * merged.  rule_overlap.c goes through sets of fields, overlap_collect.c gathers
 * what is selected below a set, overlap_compare.c compares two fields.
 */

#ifndef GQL_OVERLAP_H
#define GQL_OVERLAP_H

#include "graphql/validate.h"


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
