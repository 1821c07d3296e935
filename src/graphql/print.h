/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside graphql/ only: values as text. */

#ifndef GQL_PRINT_H
#define GQL_PRINT_H

#include "graphql/schema.h"


/* Appends a literal on one line, as graphql-js prints it: {a: [1, "x", RED]}.
 * As deep as the parser lets it be. */
void gql_print_value(base_buf_t *buf, const gql_value_t *value);

/*
 * Appends a coerced value as a literal of its type: what introspection gives as
 * defaultValue.  Members stand in the order of the type's fields.
 */
void gql_print_coerced(base_buf_t *buf, base_arena_t *arena,
    const gql_typeref_t *type, const base_json_t *value);

/* Appends a JSON value as messages show it: two levels, ten items of a list and
 * GQL_INSPECT_BYTES_MAX bytes of it at most. */
#define GQL_INSPECT_BYTES_MAX  1000

void gql_print_inspect(base_buf_t *buf, const base_json_t *value);

#endif
