/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The type system in memory: what gql_schema_load() makes of the schema
 * language.  Read-only afterwards.  Everything lives in the schema's arena.
 * Members are arrays in the order of the text; types, fields, arguments and
 * enum values are found by name through gql_names_t.
 */

#ifndef GQL_SCHEMA_H
#define GQL_SCHEMA_H

#include "graphql/ast.h"


/* A hash from name to position, built once. */
typedef struct {
    uint32_t    *slots;             /* position + 1; 0: empty */
    uint32_t     mask;
} gql_names_t;


typedef enum {
    GQL_TYPE_SCALAR = 0,
    GQL_TYPE_OBJECT,
    GQL_TYPE_INTERFACE,
    GQL_TYPE_UNION,
    GQL_TYPE_ENUM,
    GQL_TYPE_INPUT_OBJECT
} gql_type_kind_t;


typedef enum {
    GQL_SCALAR_CUSTOM = 0,          /* any JSON value passes */
    GQL_SCALAR_INT,
    GQL_SCALAR_FLOAT,
    GQL_SCALAR_STRING,
    GQL_SCALAR_BOOLEAN,
    GQL_SCALAR_ID,
    GQL_SCALAR_DATETIME             /* custom scalar of that name: RFC 3339 */
} gql_scalar_t;


typedef struct gql_constraint_s  gql_constraint_t;     /* constraint.h */


/* An argument or an input object's field (InputValueDefinition). */
struct gql_input_s {
    base_str_t              name;
    base_str_t              description;    /* data NULL: none */
    gql_typeref_t          *type;
    gql_value_t            *default_value;  /* NULL: none */
    const base_json_t      *default_json;   /* the same, coerced */
    base_str_t              deprecated;     /* reason; data NULL: is not */
    gql_directive_t        *directives;
    const gql_constraint_t *constraint;     /* NULL: none */
    uint32_t                offset;
    uint32_t                source;         /* index of its source */
};


struct gql_field_s {
    base_str_t              name;
    base_str_t              description;
    gql_input_t            *arguments;
    uint32_t                argument_count;
    gql_typeref_t          *type;
    const gql_type_t       *named;          /* type without its wrappers */
    base_str_t              deprecated;
    gql_directive_t        *directives;
    uint32_t                offset;
    uint32_t                source;
    uint32_t                introspection;  /* 0: none; else which one:
                                               gql_introspection_t */
};


typedef struct {
    base_str_t              name;
    base_str_t              description;
    base_str_t              deprecated;
    gql_directive_t        *directives;
    uint32_t                offset;
    uint32_t                source;
} gql_enum_value_t;


struct gql_type_s {
    gql_type_kind_t         kind;
    gql_scalar_t            scalar;
    base_str_t              name;
    base_str_t              description;
    uint32_t                index;          /* in the schema's types */
    uint32_t                offset;
    uint32_t                source;
    bool                    builtin;        /* Int, __Schema, ... */
    bool                    one_of;         /* @oneOf */
    base_str_t              specified_by;   /* data NULL: none */
    gql_directive_t        *directives;

    gql_field_t            *fields;         /* OBJECT, INTERFACE */
    uint32_t                field_count;
    gql_input_t            *inputs;         /* INPUT_OBJECT */
    uint32_t                input_count;
    gql_enum_value_t       *values;         /* ENUM */
    uint32_t                value_count;
    gql_names_t             names;          /* of fields, inputs or values */

    const gql_type_t      **interfaces;     /* OBJECT, INTERFACE */
    uint32_t                interface_count;
    const gql_type_t      **possible;       /* INTERFACE, UNION: objects */
    uint32_t                possible_count;
    uint64_t               *possible_bits;  /* the same by type index */
};


struct gql_directive_def_s {
    base_str_t              name;
    base_str_t              description;
    gql_input_t            *arguments;
    uint32_t                argument_count;
    uint32_t                locations;      /* bits of gql_directive_place_t */
    bool                    repeatable;
    bool                    builtin;
    uint32_t                offset;
    uint32_t                source;
};


#define GQL_DIRECTIVE_PLACES(X)                                               \
    X(QUERY) X(MUTATION) X(SUBSCRIPTION) X(FIELD) X(FRAGMENT_DEFINITION)      \
    X(FRAGMENT_SPREAD) X(INLINE_FRAGMENT) X(VARIABLE_DEFINITION)              \
    X(SCHEMA) X(SCALAR) X(OBJECT) X(FIELD_DEFINITION)                         \
    X(ARGUMENT_DEFINITION) X(INTERFACE) X(UNION) X(ENUM) X(ENUM_VALUE)        \
    X(INPUT_OBJECT) X(INPUT_FIELD_DEFINITION)

#define GQL_PLACE_ENUM(name)  GQL_PLACE_##name,
typedef enum {
    GQL_DIRECTIVE_PLACES(GQL_PLACE_ENUM) GQL_PLACE_COUNT
} gql_directive_place_t;
#undef GQL_PLACE_ENUM


base_str_t gql_directive_place_text(gql_directive_place_t place);


/* Which introspection field a gql_field_t is; the table of them is
 * introspection.c's. */
typedef enum {
    GQL_INTROSPECT_NONE = 0,
    GQL_INTROSPECT_TYPENAME,
    GQL_INTROSPECT_SCHEMA,
    GQL_INTROSPECT_TYPE
} gql_introspection_t;


struct gql_schema_s {
    base_arena_t            arena;
    base_str_t              description;
    gql_source_t           *sources;
    uint32_t                source_count;

    gql_type_t            **types;          /* builtin ones too */
    uint32_t                type_count;
    gql_names_t             type_names;
    gql_directive_def_t    *directives;
    uint32_t                directive_count;

    const gql_type_t       *query;
    const gql_type_t       *mutation;       /* may be NULL */
    const gql_type_t       *subscription;   /* may be NULL */

    /* the meta-fields: __typename anywhere, __schema and __type on the query
     * type */
    gql_field_t             typename_field;
    gql_field_t             schema_field;
    gql_field_t             type_field;

    const gql_directive_def_t  *skip;
    const gql_directive_def_t  *include;
};


const gql_type_t *gql_schema_type(const gql_schema_t *schema, base_str_t name);
const gql_directive_def_t *gql_schema_directive(const gql_schema_t *schema,
    base_str_t name);
const gql_type_t *gql_schema_root_type(const gql_schema_t *schema,
    gql_operation_kind_t kind);     /* NULL: none */

/* NULL when the type has no such member. */
const gql_field_t *gql_type_field(const gql_type_t *type, base_str_t name);
const gql_input_t *gql_type_input(const gql_type_t *type, base_str_t name);
const gql_enum_value_t *gql_type_value(const gql_type_t *type,
    base_str_t name);
const gql_input_t *gql_input_find(const gql_input_t *inputs, uint32_t count,
    base_str_t name);

/* The named type inside lists and non-nulls. */
const gql_type_t *gql_typeref_named(const gql_typeref_t *type);

static inline bool
gql_typeref_is_non_null(const gql_typeref_t *type)
{
    return type->kind == GQL_TYPEREF_NON_NULL;
}

/* Appends "[Order!]!". */
void gql_typeref_write(const gql_typeref_t *type, base_buf_t *buf);

/* Object, interface or union; scalar, enum or input object; scalar or enum. */
bool gql_type_is_composite(const gql_type_t *type);
bool gql_type_is_input(const gql_type_t *type);
bool gql_type_is_leaf(const gql_type_t *type);

/* True if an object of type `object` is one of abstract (which may be the same
 * object type). */
bool gql_type_includes(const gql_type_t *abstract, const gql_type_t *object);

/* True if some object is of both; both are composite. */
bool gql_type_overlaps(const gql_type_t *a, const gql_type_t *b);

/* True if sub is super, or implements it, or is a member of it. */
bool gql_type_is_subtype(const gql_type_t *sub, const gql_type_t *super);

/* True if a value of type sub may stand where super is expected
 * (IsValidImplementationFieldType, AreTypesCompatible). */
bool gql_typeref_is_subtype(const gql_typeref_t *sub,
    const gql_typeref_t *super);

/* True if both are written alike. */
bool gql_typeref_equal(const gql_typeref_t *a, const gql_typeref_t *b);

#endif
