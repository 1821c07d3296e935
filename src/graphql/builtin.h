/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside graphql/ only: what every schema has without saying so. */

#ifndef GQL_BUILTIN_H
#define GQL_BUILTIN_H

#include "graphql/graphql.h"


/* The specified scalars and directives, and the introspection types, in the
 * schema language. */
extern const gql_source_t  gql_builtin_source;

/* Directives that a schema may use without a definition of its own; they are
 * part of the schema only if it does. */
extern const gql_source_t  gql_optional_source;

#endif
