/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: @constraint on input fields and arguments.  A schema
 * that uses the directive need not define it.
 */

#ifndef GQL_CONSTRAINT_H
#define GQL_CONSTRAINT_H

#include "graphql/report.h"
#include "graphql/schema.h"


/*
 * Reads the @constraint among directives and checks it against the type it
 * stands on.
 *
 * out   NULL where there is none, or an error in report
 *
 * False when out of memory.
 */
bool gql_constraint_load(const gql_report_t *report, base_arena_t *arena,
    const gql_directive_t *directives, const gql_typeref_t *type,
    const gql_constraint_t **out);

/*
 * Checks a coerced value; null and absent values pass.
 *
 * reason   out: what was expected, in arena or static; empty when out of
 *          memory
 */
bool gql_constraint_check(const gql_constraint_t *constraint,
    const base_json_t *value, base_arena_t *arena, base_str_t *reason);

#endif
