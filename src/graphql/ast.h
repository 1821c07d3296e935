/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The syntax tree of executable documents and of the schema language's values
 * and types.  Nodes live in the document's arena and are chained by next, in
 * the order of the text.  Places are byte offsets into the source;
 * gql_source_location() turns one into line and column.
 *
 * The fields below "resolved" are NULL after parsing.  gql_validate() fills
 * them; execution reads only them, and looks up no name.
 */

#ifndef GQL_AST_H
#define GQL_AST_H

#include "graphql/graphql.h"


typedef struct gql_type_s           gql_type_t;         /* schema.h */
typedef struct gql_input_s          gql_input_t;        /* schema.h */
typedef struct gql_directive_def_s  gql_directive_def_t;    /* schema.h */

typedef struct gql_value_s          gql_value_t;
typedef struct gql_typeref_s        gql_typeref_t;
typedef struct gql_argument_s       gql_argument_t;
typedef struct gql_directive_s      gql_directive_t;
typedef struct gql_variable_s       gql_variable_t;
typedef struct gql_fragment_s       gql_fragment_t;


typedef enum {
    GQL_VALUE_NULL = 0,
    GQL_VALUE_VARIABLE,             /* text: the name without $ */
    GQL_VALUE_INT,                  /* text: as written */
    GQL_VALUE_FLOAT,
    GQL_VALUE_STRING,               /* text: the value, escapes resolved */
    GQL_VALUE_BOOLEAN,              /* boolean */
    GQL_VALUE_ENUM,
    GQL_VALUE_LIST,                 /* first .. */
    GQL_VALUE_OBJECT                /* first .., each with name */
} gql_value_kind_t;

struct gql_value_s {
    gql_value_kind_t       kind;
    bool                   boolean;
    bool                   block;       /* a block string */
    uint32_t               offset;
    uint32_t               count;       /* of members */
    base_str_t             text;
    base_str_t             name;        /* where it is an object's field */
    uint32_t               name_offset;
    gql_value_t           *first;
    gql_value_t           *next;        /* the next member of the container */

    /* resolved */
    const gql_variable_t  *variable;    /* of the operation; for fragments used
                                           by several: NULL, looked up */
};


typedef enum {
    GQL_TYPEREF_NAMED = 0,
    GQL_TYPEREF_LIST,
    GQL_TYPEREF_NON_NULL
} gql_typeref_kind_t;

struct gql_typeref_s {
    gql_typeref_kind_t     kind;
    uint32_t               offset;
    base_str_t             name;        /* NAMED */
    gql_typeref_t         *of;          /* LIST, NON_NULL */

    /* resolved */
    const gql_type_t      *type;        /* NAMED */
};


struct gql_argument_s {
    base_str_t             name;
    uint32_t               offset;
    gql_value_t           *value;
    gql_argument_t        *next;

    /* resolved */
    const gql_input_t     *definition;
};


struct gql_directive_s {
    base_str_t             name;        /* without @ */
    uint32_t               offset;
    gql_argument_t        *arguments;
    gql_directive_t       *next;

    /* resolved */
    const gql_directive_def_t  *definition;
};


typedef enum {
    GQL_SELECTION_FIELD = 0,
    GQL_SELECTION_SPREAD,               /* ...Name */
    GQL_SELECTION_INLINE                /* ... on Type { } */
} gql_selection_kind_t;

struct gql_selection_s {
    gql_selection_kind_t   kind;
    uint32_t               offset;
    base_str_t             alias;       /* FIELD; empty: none */
    base_str_t             name;        /* FIELD, SPREAD */
    base_str_t             key;         /* FIELD: alias or name */
    gql_argument_t        *arguments;   /* FIELD */
    gql_directive_t       *directives;
    gql_typeref_t         *condition;   /* INLINE; may be NULL */
    gql_selection_t       *selections;  /* FIELD, INLINE: the first one */
    uint32_t               set_offset;  /* of the selection set's brace */
    gql_selection_t       *next;

    /* resolved */
    const gql_field_t     *field;       /* FIELD */
    const gql_type_t      *parent;      /* FIELD: the type it is selected on */
    const gql_fragment_t  *fragment;    /* SPREAD */
    const gql_type_t      *type;        /* INLINE: the condition, or NULL */
    bool                   plain;       /* FIELD: the selection set needs no
                                           collecting, see exec.h */
};


struct gql_variable_s {
    base_str_t             name;        /* without $ */
    uint32_t               offset;
    uint32_t               index;       /* within the operation */
    gql_typeref_t         *type;
    gql_value_t           *default_value;   /* may be NULL */
    gql_directive_t       *directives;
    base_str_t             description;
    gql_variable_t        *next;
};


struct gql_operation_s {
    gql_operation_kind_t   kind;
    base_str_t             name;        /* empty: anonymous */
    base_str_t             description;
    uint32_t               offset;
    uint32_t               name_offset;
    gql_variable_t        *variables;
    uint32_t               variable_count;
    gql_directive_t       *directives;
    gql_selection_t       *selections;
    uint32_t               set_offset;
    gql_operation_t       *next;
    const gql_document_t  *document;

    /* resolved */
    const gql_type_t      *root;
    bool                   plain;       /* as a field's */
};


struct gql_fragment_s {
    base_str_t             name;
    base_str_t             description;
    uint32_t               offset;
    uint32_t               name_offset;
    uint32_t               index;       /* within the document */
    gql_typeref_t         *condition;
    gql_directive_t       *directives;
    gql_selection_t       *selections;
    uint32_t               set_offset;
    gql_fragment_t        *next;

    /* resolved */
    const gql_type_t      *type;
};


struct gql_document_s {
    base_str_t             source;
    base_arena_t          *arena;
    gql_operation_t       *operations;
    gql_fragment_t        *fragments;
    uint32_t               operation_count;
    uint32_t               fragment_count;
    uint32_t               tokens;
    bool                   validated;
    bool                   suggest;     /* "Did you mean ...?", for variables */
    /* definitions of the type system in an executable document: offset of the
     * first, for the rule that refuses them; UINT32_MAX: none */
    uint32_t               type_system_offset;
    base_str_t             type_system_name;    /* empty: a schema's */

    /* what it comes to; gql_document_parse() sets bytes, tokens and nesting,
     * gql_validate() the others */
    gql_limits_t           measured;
};


/* Line and column of a byte offset. */
gql_location_t gql_source_location(base_str_t source, uint32_t offset);

/* Adds an error with one location (offset into source). */
gql_error_t *gql_errors_at(gql_errors_t *errors, base_str_t code,
    base_str_t source, uint32_t offset, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Adds a further location to an error; error may be NULL. */
void gql_error_locate(gql_errors_t *errors, gql_error_t *error,
    base_str_t source, uint32_t offset);

#endif
