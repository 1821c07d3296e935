/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: from syntax trees of the schema language to
 * gql_schema_t, in steps.  A step reports all that it finds wrong; the next one
 * is taken only if it found nothing.
 */

#ifndef GQL_SCHEMA_BUILD_H
#define GQL_SCHEMA_BUILD_H

#include "graphql/sdl.h"


typedef struct {
    gql_schema_t        *schema;
    base_arena_t        *arena;         /* the schema's */
    gql_errors_t        *errors;
    uint32_t             errors_before;
    base_str_t          *names;         /* of sources, in the errors' arena:
                                           an error outlives the schema */
    uint32_t             builtin;       /* sources from here on are built in */
    gql_sdl_def_t       *defs;          /* of all sources, in order */
    gql_sdl_def_t      **type_defs;     /* by the type's index */
    gql_sdl_def_t      **directive_defs;
    gql_sdl_def_t       *schema_def;    /* NULL: none */
    bool                *used;          /* types, by index */
} gql_build_t;


/* Builds a schema in its own arena, which the caller has opened.  False with
 * errors. */
bool gql_schema_build(gql_schema_t *schema, const gql_source_t *sources,
    size_t count, gql_errors_t *errors);

/* Types and directives by name; extensions find what they extend
 * (schema_declare.c). */
bool gql_build_declare(gql_build_t *build);

/* Members become arrays, names of types become pointers
 * (schema_members.c). */
bool gql_build_members(gql_build_t *build);

/* Interfaces, unions, possible types, root types (schema_relate.c). */
bool gql_build_relate(gql_build_t *build);

/* Uses of directives are checked, and those the engine knows take effect
 * (schema_directives.c). */
bool gql_build_directives(gql_build_t *build);

/* Type Validation (schema_check.c, schema_implement.c, schema_reach.c). */
bool gql_build_check(gql_build_t *build);

/* Default values are checked and coerced, constraints loaded
 * (schema_defaults.c). */
bool gql_build_defaults(gql_build_t *build);


/* Inside the steps. */

/* Where errors about that source go. */
gql_report_t gql_build_report(const gql_build_t *build, uint32_t source);

/* Notes that memory is out; false. */
bool gql_build_nomem(gql_build_t *build);

/* The definition, then each of its extensions:
 * for (part = def; part; part = gql_build_next_part(def, part)) */
static inline gql_sdl_def_t *
gql_build_next_part(const gql_sdl_def_t *def, const gql_sdl_def_t *part)
{
    return part == def ? def->extensions : part->extensions;
}

/* The hash of the types, then of a type's members; false when out of memory. */
bool gql_schema_index_init(gql_schema_t *schema, uint32_t cap);
void gql_schema_index_add(gql_schema_t *schema, uint32_t at);
bool gql_type_index_init(gql_type_t *type, base_arena_t *arena, uint32_t cap);
void gql_type_index_add(gql_type_t *type, base_str_t name, uint32_t at);

/* The type of that name, marked as used; NULL with an error. */
const gql_type_t *gql_build_resolve(gql_build_t *build, base_str_t name,
    uint32_t offset, uint32_t source);

void gql_build_check_implements(gql_build_t *build, const gql_type_t *type);

/* Directives that use themselves; false when out of memory. */
bool gql_build_check_directives(gql_build_t *build);

/*
 * Input objects that cannot be written down, default values that contain
 * themselves.
 *
 * order   out: input fields with a default value, each behind those whose
 *         defaults are part of its own; NULL-terminated
 *
 * False when out of memory.
 */
bool gql_build_check_cycles(gql_build_t *build, gql_input_t ***order);


#endif
