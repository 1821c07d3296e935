/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: input coercion (Input Values, Coercing Variable Values,
 * Coercing Field Arguments).
 *
 * A coerced value is JSON: enum values are strings, an absent input field is no
 * member, defaults are filled in.  Where coercion changes nothing it returns
 * the very node it was given, so a coerced value may hang in a container
 * already: put base_json_share() of it into another one.
 */

#ifndef GQL_COERCE_H
#define GQL_COERCE_H

#include "graphql/schema.h"


/* Coerced variables by gql_variable_t.index; NULL: absent. */
typedef struct gql_variables_s {
    const gql_operation_t  *operation;
    const base_json_t      *values[];
} gql_variables_t;


typedef struct {
    base_arena_t           *arena;
    gql_errors_t           *errors;
    base_str_t              source;     /* of the document, for locations */
    uint32_t                list_items_max;     /* 0: no bound */
    uint32_t                list_items;         /* of the longest so far */
    const gql_variables_t  *variables;  /* for literals; may be NULL */
    const gql_variable_t   *variable;   /* being coerced, for messages */
    bool                    suggest;    /* "Did you mean ...?" */
    bool                    nomem;
} gql_coerce_t;


/*
 * Coerces all variables of an operation.
 *
 * input   an object, or NULL for none
 *
 * The variables; NULL with errors in c->errors.
 */
gql_variables_t *gql_coerce_variables(gql_coerce_t *c,
    const gql_operation_t *operation, const base_json_t *input);

/*
 * Coerces a JSON value of c->variable.
 *
 * path   from the variable to value, without the variable; NULL: the variable
 *
 * NULL with errors; the first error does not end it, so that a client sees all.
 */
const base_json_t *gql_coerce_json(gql_coerce_t *c, const gql_typeref_t *type,
    const base_json_t *value, const gql_path_t *path);

/* The same for an object and an input object type. */
const base_json_t *gql_coerce_object(gql_coerce_t *c, const gql_type_t *type,
    const base_json_t *value, const gql_path_t *path);

/* One more error of c->variable about value at path; a reason without data
 * means that its text ran out of memory.  The error; NULL when it was not
 * kept. */
gql_error_t *gql_coerce_refuse(gql_coerce_t *c, base_str_t code,
    const base_json_t *value, const gql_path_t *path, base_str_t reason);

typedef enum {
    GQL_COERCE_OK = 0,
    GQL_COERCE_ABSENT,              /* a variable without a value */
    GQL_COERCE_INVALID,             /* not of the type */
    GQL_COERCE_REFUSED,             /* a bound or a constraint; see failure */
    GQL_COERCE_NOMEM
} gql_coerce_status_t;

typedef struct {
    base_str_t         code;        /* of REFUSED */
    base_str_t         message;
    base_json_t       *extensions;  /* may be NULL */
} gql_coerce_failure_t;

/* Coerces a literal, which validation has checked but for its variables. */
gql_coerce_status_t gql_coerce_literal(gql_coerce_t *c,
    const gql_typeref_t *type, const gql_value_t *literal,
    const base_json_t **out, gql_coerce_failure_t *failure);

/*
 * Coerces the arguments of a field or directive.
 *
 * out       an object
 * place     out: offset of what the failure is about
 * failure   out: code and message; its message is empty when out of memory
 */
bool gql_coerce_arguments(gql_coerce_t *c, const gql_input_t *definitions,
    uint32_t count, const gql_argument_t *arguments, uint32_t offset,
    base_json_t **out, uint32_t *place, gql_coerce_failure_t *failure);

/* {"limit":"list_items","max":...}; NULL when out of memory. */
base_json_t *gql_coerce_limit_extensions(gql_coerce_t *c);

/* The variable a literal names; NULL: absent. */
const base_json_t *gql_variable_value(const gql_variables_t *variables,
    const gql_value_t *literal);


/*
 * A scalar's input coercion of a JSON value.
 *
 * out   the value, in or a new one; NULL when out of memory
 *
 * NULL, or why not: the message but for the value.
 */
const char *gql_scalar_accept(const gql_type_t *type, base_arena_t *arena,
    const base_json_t *in, const base_json_t **out);

/* True if a literal of that kind may stand for the scalar. */
bool gql_scalar_literal_kind(gql_scalar_t scalar, gql_value_kind_t kind);

/* True for a number text that is plain digits within 32 bits. */
bool gql_scalar_is_int32(base_str_t text);

#endif
