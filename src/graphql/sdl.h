/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: the type system definition language as a syntax tree
 * (Type System), the step between a schema file and gql_schema_t.  Nothing is
 * looked up or checked here but the grammar.
 */

#ifndef GQL_SDL_H
#define GQL_SDL_H

#include "graphql/parser.h"
#include "graphql/schema.h"


typedef struct gql_sdl_input_s  gql_sdl_input_t;
typedef struct gql_sdl_field_s  gql_sdl_field_t;
typedef struct gql_sdl_value_s  gql_sdl_value_t;
typedef struct gql_sdl_name_s   gql_sdl_name_t;
typedef struct gql_sdl_def_s    gql_sdl_def_t;


/* InputValueDefinition */
struct gql_sdl_input_s {
    gql_input_t        input;
    gql_sdl_input_t   *next;
};

/* FieldDefinition */
struct gql_sdl_field_s {
    gql_field_t        field;
    gql_sdl_input_t   *arguments;
    gql_sdl_field_t   *next;
};

/* EnumValueDefinition */
struct gql_sdl_value_s {
    gql_enum_value_t   value;
    gql_sdl_value_t   *next;
};

/* A type in "implements A & B", in "union U = A | B", a root operation type
 * (then with its operation), or a directive location. */
struct gql_sdl_name_s {
    gql_typeref_t          type;
    gql_operation_kind_t   operation;
    uint32_t               offset;
    gql_sdl_name_t        *next;
};


typedef enum {
    GQL_SDL_TYPE = 0,               /* type_kind says which */
    GQL_SDL_DIRECTIVE,
    GQL_SDL_SCHEMA
} gql_sdl_kind_t;

/* TypeSystemDefinition, TypeSystemExtension */
struct gql_sdl_def_s {
    gql_sdl_kind_t     kind;
    gql_type_kind_t    type_kind;
    bool               extend;
    base_str_t         name;            /* of types and directives */
    base_str_t         description;
    uint32_t           offset;          /* of the definition */
    uint32_t           name_offset;
    uint32_t           source;          /* index; set by the caller */
    gql_directive_t   *directives;
    gql_sdl_field_t   *fields;
    gql_sdl_input_t   *inputs;          /* input fields; a directive's
                                           arguments */
    gql_sdl_value_t   *values;
    gql_sdl_name_t    *interfaces;
    gql_sdl_name_t    *names;           /* union members, root operation types,
                                           directive locations */
    bool               repeatable;
    gql_sdl_def_t     *extensions;      /* by the builder, of a definition */
    gql_sdl_def_t     *next;
};


/* True if the token ahead begins a definition or an extension. */
bool gql_sdl_at_definition(const gql_parser_t *parser);

/* One definition, whose description has been read (data NULL: none).  NULL on
 * failure. */
gql_sdl_def_t *gql_sdl_definition(gql_parser_t *parser,
    base_str_t description, uint32_t offset);

/* A whole schema file.  NULL on failure, and for an empty one. */
gql_sdl_def_t *gql_sdl_document(gql_parser_t *parser);


/* Inside the parser of the schema language. */

gql_sdl_field_t *gql_sdl_fields(gql_parser_t *parser);
gql_sdl_input_t *gql_sdl_inputs(gql_parser_t *parser, gql_token_kind_t open,
    gql_token_kind_t close);
gql_sdl_value_t *gql_sdl_values(gql_parser_t *parser);

/* "A & B", "A | B", with an optional separator in front. */
gql_sdl_name_t *gql_sdl_separated(gql_parser_t *parser,
    gql_token_kind_t separator);

#endif
