/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The GraphQL engine (spec.graphql.org, October 2021 and September 2025),
 * sans-I/O: all that a host includes.
 *
 *   schema    gql_schema_load()          once, at start
 *   document  gql_document_parse(), gql_validate()     cacheable
 *   request   gql_operation_find(), gql_plan()         coerced root fields
 *   host      gives one JSON value, or an error, for each root field
 *   response  gql_complete()             writes {"data":...,"errors":...}
 *
 * A document is read-only after gql_validate() and may serve any number of
 * requests at once; it points into its source and its arena.  Everything of a
 * request lives in the request's arena.  Only introspection fields and
 * __typename are answered here.
 *
 * Errors are collected, never printed: each carries its code, message,
 * locations and path, and becomes text in gql_complete() or
 * gql_write_errors().
 */

#ifndef GQL_GRAPHQL_H
#define GQL_GRAPHQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"


typedef struct gql_schema_s     gql_schema_t;
typedef struct gql_document_s   gql_document_t;
typedef struct gql_operation_s  gql_operation_t;
typedef struct gql_selection_s  gql_selection_t;
typedef struct gql_field_s      gql_field_t;        /* a field's definition */


/* Values of extensions.code that the engine gives; a host adds its own. */
#define GQL_CODE_PARSE       BASE_STR("GRAPHQL_PARSE_FAILED")
#define GQL_CODE_VALIDATION  BASE_STR("GRAPHQL_VALIDATION_FAILED")
#define GQL_CODE_OPERATION   BASE_STR("OPERATION_RESOLUTION_FAILURE")
#define GQL_CODE_BAD_INPUT   BASE_STR("BAD_USER_INPUT")
#define GQL_CODE_CONSTRAINT  BASE_STR("CONSTRAINT_VIOLATED")
#define GQL_CODE_LIMIT       BASE_STR("LIMIT_EXCEEDED")
#define GQL_CODE_INTERNAL    BASE_STR("INTERNAL_SERVER_ERROR")


/* A place in a document, both from 1; columns count code points. */
typedef struct {
    uint32_t  line;
    uint32_t  column;
} gql_location_t;


/* A response path, innermost first: the last step points to the ones before. */
typedef struct gql_path_s  gql_path_t;

struct gql_path_s {
    const gql_path_t  *up;          /* NULL: this is the first step */
    base_str_t         key;         /* data NULL: index counts */
    uint32_t           index;
};


typedef struct gql_error_s  gql_error_t;

struct gql_error_s {
    gql_error_t       *next;
    base_str_t         code;
    base_str_t         message;
    gql_location_t    *locations;   /* NULL where there are none */
    uint32_t           location_count;
    const gql_path_t  *path;        /* NULL where there is none */
    base_json_t       *extensions;  /* an object of more members; may be NULL */
    base_str_t         file;        /* schema errors: the source's name */
};


/* A list of errors in an arena.  Past max they are counted, not kept. */
typedef struct {
    base_arena_t  *arena;
    gql_error_t   *first;
    gql_error_t   *last;
    uint32_t       count;
    uint32_t       max;             /* kept at most; default 100 */
    bool           nomem;           /* an error could not be kept */
} gql_errors_t;

void gql_errors_init(gql_errors_t *errors, base_arena_t *arena);

/* Appends an error without location or path.  The strings are borrowed and must
 * live as long as the arena.  The error, to be added to; NULL when it was not
 * kept. */
gql_error_t *gql_errors_add(gql_errors_t *errors, base_str_t code,
    base_str_t message);

/* The same with a message made by printf. */
gql_error_t *gql_errors_addf(gql_errors_t *errors, base_str_t code,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));


/*
 * Bounds of documents and requests.  In gql_limits_default each has a value
 * that is safe in production.  0: no bound but those that hold whatever is set:
 * 500 levels of nesting, 1000 selection sets in each other (reported as depth),
 * and a budget for the steps of validation that grows with the document
 * (reported as "work").  Bounds that only warn: see gql_limits_check().
 */
#define GQL_LIMITS(X)                                                         \
    X(document_bytes,  65536,   "bytes in the document")                      \
    X(tokens,          4096,    "tokens in the document")                     \
    X(depth,           16,      "levels of fields")                           \
    X(nesting,         100,     "levels of braces and brackets")              \
    X(aliases,         64,      "aliases")                                    \
    X(root_fields,     16,      "root fields")                                \
    X(directives,      64,      "directives")                                 \
    X(variables_bytes, 1048576, "bytes of variables")                         \
    X(list_items,      1000,    "items in an input list")                     \
    X(cost,            10000,   "cost of the operation")

#define GQL_LIMIT_FIELD(name, value, text)  uint32_t name;
typedef struct {
    GQL_LIMITS(GQL_LIMIT_FIELD)
} gql_limits_t;
#undef GQL_LIMIT_FIELD

extern const gql_limits_t  gql_limits_default;


/* One schema file. */
typedef struct {
    base_str_t  name;               /* for messages */
    base_str_t  text;
} gql_source_t;


/*
 * Loads a schema (Type System; Schema Introspection) from one or more sources
 * and checks it whole.
 *
 * sources   borrowed for the call; the schema keeps copies
 * errors    all that is wrong, each with file and location
 *
 * The schema, to be freed with gql_schema_free(); NULL when there was an error.
 */
gql_schema_t *gql_schema_load(const gql_source_t *sources, size_t count,
    gql_errors_t *errors);

void gql_schema_free(gql_schema_t *schema);

/* A root or other object type's field, for a host that checks at start that the
 * schema has what it resolves; NULL when there is none. */
const gql_field_t *gql_schema_field(const gql_schema_t *schema,
    base_str_t type, base_str_t field);

/* The name of the root type of "query", "mutation", "subscription"; empty. */
base_str_t gql_schema_root(const gql_schema_t *schema, base_str_t operation);

/* The type of a field as text, "[Order!]!". */
base_str_t gql_field_type_text(const gql_field_t *field, base_arena_t *arena);

/* The type of a field without its wrappers, "Order". */
base_str_t gql_field_type_name(const gql_field_t *field);

/* The arguments of a field and their types as text, each once through fn.
 * False when out of memory. */
bool gql_field_each_argument(const gql_field_t *field, base_arena_t *arena,
    void (*fn)(void *data, base_str_t name, base_str_t type), void *data);

/* What a type is, as introspection has it: "OBJECT", "INPUT_OBJECT"; empty if
 * there is none of that name (Introspection: __TypeKind). */
base_str_t gql_schema_kind(const gql_schema_t *schema, base_str_t type);

/* True if each value of an input object type has that field, and not null. */
bool gql_schema_always_has(const gql_schema_t *schema, base_str_t type,
    base_str_t field);

/* The names of the values of an enum, or of the fields of an object, interface
 * or input object type, each once through fn.  False if there is no such
 * type. */
bool gql_schema_each_member(const gql_schema_t *schema, base_str_t type,
    void (*fn)(void *data, base_str_t name), void *data);


/*
 * Parses an executable document (Language: Document).
 *
 * arena    the document's; must outlive it
 * text     borrowed; must outlive the document; checked to be UTF-8
 * limits   document_bytes, tokens and nesting are enforced here
 *
 * NULL on failure, with the first syntax error in errors.
 */
gql_document_t *gql_document_parse(base_arena_t *arena, base_str_t text,
    const gql_limits_t *limits, gql_errors_t *errors);


typedef struct {
    const gql_limits_t  *limits;    /* depth, aliases, root_fields, directives,
                                       cost */
    bool                 suggest;   /* "Did you mean ...?" */
    bool                 introspection;     /* __schema and __type allowed */
} gql_validate_options_t;


/*
 * Validates a document (Validation) and ties it to the schema: what later
 * stages need to know of the schema is then in the document.
 *
 * errors   its arena also gives the memory for what validation needs meanwhile
 *
 * True if it is valid.  Must be called before gql_plan(), once.
 */
bool gql_validate(const gql_schema_t *schema, gql_document_t *document,
    const gql_validate_options_t *options, gql_errors_t *errors);

/*
 * Compares what a document comes to with limits; gql_document_parse() and
 * gql_validate() have done so with theirs.  For limits that only warn: the host
 * gives those, after gql_validate(), with a list of errors of its own.
 *
 * False if one is exceeded; each adds an error.
 */
bool gql_limits_check(const gql_document_t *document,
    const gql_limits_t *limits, gql_errors_t *errors);


typedef enum {
    GQL_QUERY = 0,
    GQL_MUTATION,
    GQL_SUBSCRIPTION
} gql_operation_kind_t;


/*
 * The operation to execute (Execution: Executing Requests, GetOperation).
 * name is empty where the request has none.  NULL with an error when it cannot
 * be decided.
 */
const gql_operation_t *gql_operation_find(const gql_document_t *document,
    base_str_t name, gql_errors_t *errors);

gql_operation_kind_t gql_operation_kind(const gql_operation_t *operation);

/* Empty for an anonymous operation. */
base_str_t gql_operation_name(const gql_operation_t *operation);


/*
 * One root field for the host: it sets value, or fails it with
 * gql_root_fail().  Left alone it is null.
 */
typedef struct {
    base_str_t              name;           /* "postOrder" */
    base_str_t              response_key;   /* alias or name */
    const base_json_t      *arguments;      /* coerced, an object; defaults are
                                               in it, absent ones are not */
    const gql_field_t      *definition;
    const gql_selection_t  *selection;      /* for gql_root_selects() */
    bool                    host;           /* false: the engine answers it, or
                                               its arguments have failed */
    const base_json_t      *value;          /* by the host */
    gql_error_t            *error;          /* by gql_root_fail() */
} gql_root_field_t;


typedef struct gql_plan_s {
    gql_root_field_t   *fields;         /* in the order of the response */
    size_t              count;
    const gql_schema_t *schema;
    const gql_operation_t *operation;
    struct gql_variables_s *variables;  /* the engine's */
    uint32_t            list_items;     /* of the longest list in the input */
    base_arena_t       *arena;
    gql_errors_t       *errors;
} gql_plan_t;


/*
 * Coerces variables and the arguments of root fields (Coercing Variable
 * Values, Collecting Fields, Coercing Field Arguments).
 *
 * operation   of a validated document
 * variables   an object, or NULL for none
 * limits      list_items is enforced here
 * arena       the request's
 * errors      must outlive the plan; execution adds its own to it
 *
 * The plan; NULL with errors (a request error: nothing may be executed).
 */
gql_plan_t *gql_plan(const gql_schema_t *schema,
    const gql_document_t *document, const gql_operation_t *operation,
    const base_json_t *variables, const gql_limits_t *limits,
    base_arena_t *arena, gql_errors_t *errors);

/* Fails a root field: an error with the field's location and path.  Strings are
 * borrowed until the response is written. */
gql_error_t *gql_root_fail(gql_plan_t *plan, gql_root_field_t *field,
    base_str_t code, base_str_t message);

/* True if field has failed, be it in its arguments, and must not be null: data
 * will be null, and the fields behind it in a mutation are not to be executed
 * (Serial Execution; Handling Execution Errors). */
bool gql_root_ends(const gql_plan_t *plan, const gql_root_field_t *field);

/* True if the field's selection set asks, on any level of fragments and with
 * @skip and @include decided, for the field at path: "history",
 * "edges.node.id". */
bool gql_root_selects(const gql_plan_t *plan, const gql_root_field_t *field,
    base_str_t path);


typedef enum {
    GQL_RESULT_DATA = 0,            /* data, no errors */
    GQL_RESULT_PARTIAL,             /* data and errors */
    GQL_RESULT_NULL,                /* data is null, and errors */
    GQL_RESULT_NOMEM                /* buf is of no use */
} gql_result_t;


/*
 * Completes the values (Executing Selection Sets, Value Completion, Handling
 * Execution Errors) and appends the response object to buf.
 *
 * A value is looked up by field name in the host's JSON: an absent member is
 * null.  An object of an interface or union type names its type in
 * "__typename".
 *
 * extensions   the response's own; NULL: none
 */
gql_result_t gql_complete(gql_plan_t *plan, const base_json_t *extensions,
    base_buf_t *buf);

/* Appends a response without data: {"errors":[...]}. */
void gql_write_errors(const gql_errors_t *errors, base_buf_t *buf);

#endif
