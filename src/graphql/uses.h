/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: how directives and arguments are used, in documents and
 * in schema files alike.  A site is one place with directives, or with
 * arguments.
 */

#ifndef GQL_USES_H
#define GQL_USES_H

#include "graphql/report.h"
#include "graphql/schema.h"


typedef struct {
    gql_directive_t         *first;
    gql_directive_place_t    place;
} gql_directive_site_t;

typedef struct {
    gql_argument_t          *first;         /* NULL: none */
    const gql_input_t       *inputs;        /* what there may be */
    uint32_t                 input_count;
    bool                     known;         /* the field or directive is */
    base_str_t               type;          /* of a field: its parent; empty:
                                               of a directive */
    base_str_t               name;
    uint32_t                 offset;
} gql_argument_site_t;


/* Ties directives and their arguments to their definitions, where there are
 * any. */
void gql_directives_resolve(const gql_schema_t *schema,
    gql_directive_t *directives);
void gql_arguments_resolve(gql_argument_t *arguments,
    const gql_input_t *inputs, uint32_t count);

/* The site of a directive's own arguments. */
gql_argument_site_t gql_directive_arguments(const gql_directive_t *directive);

/* The first directive of that name; NULL: none. */
const gql_directive_t *gql_directive_find(const gql_directive_t *directives,
    base_str_t name);


/* One rule each, for one site; the directives have been resolved. */

/* Directives Are Defined, Directives Are in Valid Locations */
void gql_directives_check_known(const gql_report_t *report,
    const gql_directive_site_t *site);

/* Directives Are Unique per Location.  seen has room for all directives of the
 * schema. */
void gql_directives_check_unique(const gql_report_t *report,
    const gql_schema_t *schema, const gql_directive_site_t *site,
    const gql_directive_t **seen);

/* Argument Names */
void gql_arguments_check_known(const gql_report_t *report,
    const gql_argument_site_t *site);

/* Argument Uniqueness */
void gql_arguments_check_unique(const gql_report_t *report,
    base_arena_t *arena, const gql_argument_site_t *site);

/* Required Arguments */
void gql_arguments_check_required(const gql_report_t *report,
    base_arena_t *arena, const gql_argument_site_t *site);

#endif
