/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: literals and the types they stand for.  A literal is
 * spread out into a list, each value with the type that is expected in its
 * place; rules then look at one after the other.
 */

#ifndef GQL_VALUES_H
#define GQL_VALUES_H

#include "graphql/list.h"
#include "graphql/report.h"
#include "graphql/schema.h"


typedef struct {
    gql_value_t          *value;
    const gql_typeref_t  *type;         /* NULL: unknown, or anything goes */
    const gql_input_t    *location;     /* the argument or input field that has
                                           this value; NULL: an item of a list,
                                           or unknown */
    const gql_type_t     *object;       /* the input object type that location
                                           is a field of; NULL: none */
} gql_typed_value_t;


/* Appends value, and all in it, to a list of gql_typed_value_t.  False when out
 * of memory. */
bool gql_values_expand(gql_list_t *list, base_arena_t *arena,
    gql_value_t *value, const gql_typeref_t *type,
    const gql_input_t *location);

/* Values of Correct Type, for one of them (All Variable Usages Are Allowed is
 * another rule's). */
void gql_values_check(const gql_report_t *report, base_arena_t *arena,
    const gql_typed_value_t *typed);

/* Input Object Field Uniqueness. */
void gql_values_check_unique(const gql_report_t *report, base_arena_t *arena,
    const gql_typed_value_t *typed);

#endif
