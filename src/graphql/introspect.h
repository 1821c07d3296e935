/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside graphql/ only: what introspection's fields answer, apart from how the
 * answers are written. */

#ifndef GQL_INTROSPECT_H
#define GQL_INTROSPECT_H

#include "graphql/exec.h"


/* The introspection types; a __Type is a named type or a wrapped one. */
typedef enum {
    GQL_NODE_SCHEMA = 0,            /* gql_schema_t */
    GQL_NODE_TYPE,                  /* gql_type_t */
    GQL_NODE_WRAPPED,               /* gql_typeref_t: a list or non-null */
    GQL_NODE_FIELD,                 /* gql_field_t */
    GQL_NODE_INPUT_VALUE,           /* gql_input_t */
    GQL_NODE_ENUM_VALUE,            /* gql_enum_value_t */
    GQL_NODE_DIRECTIVE              /* gql_directive_def_t */
} gql_node_kind_t;


typedef enum {
    GQL_ANSWER_NULL = 0,
    GQL_ANSWER_BOOLEAN,
    GQL_ANSWER_TEXT,                /* any string */
    GQL_ANSWER_NAME,                /* one that needs no escapes */
    GQL_ANSWER_NODE,
    GQL_ANSWER_LIST,                /* count nodes from node on */
    GQL_ANSWER_PLACES               /* names of the bits of count */
} gql_answer_kind_t;

typedef struct {
    gql_answer_kind_t  kind;
    bool               boolean;
    bool               deprecated;  /* LIST: with the deprecated ones */
    base_str_t         text;
    gql_node_kind_t    node_kind;
    const void        *node;
    uint32_t           count;
    size_t             stride;      /* bytes from one to the next; 0: node is
                                       an array of pointers */
} gql_answer_t;


/*
 * Answers a field of an introspection type.
 *
 * arena        for texts that are made up
 * deprecated   the argument includeDeprecated
 *
 * False when out of memory.
 */
bool gql_introspect_field(const gql_schema_t *schema, base_arena_t *arena,
    gql_node_kind_t kind, const void *node, base_str_t field, bool deprecated,
    gql_answer_t *answer);

/* True if a list's node is deprecated. */
bool gql_introspect_deprecated(gql_node_kind_t kind, const void *node);

/* The name of a directive location. */
base_str_t gql_introspect_place(uint32_t bit);

#endif
