/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: what planning, collecting, completing and introspection
 * share.  A plan given to the host is the first member of a gql_exec_t.
 */

#ifndef GQL_EXEC_H
#define GQL_EXEC_H

#include "graphql/coerce.h"


/* No walk over a response goes deeper, whatever the limits say. */
#define GQL_RESPONSE_DEPTH_CEILING  512


/* All selections of one response key, in the order of the text. */
typedef struct gql_more_s   gql_more_t;
typedef struct gql_group_s  gql_group_t;

struct gql_more_s {
    const gql_selection_t  *selection;
    gql_more_t             *next;
};

struct gql_group_s {
    const gql_selection_t  *selection;  /* the first one */
    gql_more_t             *more;       /* the others */
    gql_more_t             *more_last;
    gql_group_t            *next;
};

/* A collected selection set. */
typedef struct {
    gql_group_t            *first;
    gql_group_t            *last;
    uint32_t                count;
} gql_set_t;


/* What the engine knows of a root field. */
typedef struct {
    gql_group_t             group;
    bool                    failed;
} gql_root_t;


typedef struct gql_memo_s  gql_memo_t;          /* collect.c */

typedef struct {
    gql_plan_t              plan;
    const gql_document_t   *document;
    gql_root_t             *roots;          /* of plan.fields */
    uint32_t                list_items_max;
    gql_memo_t             *memo;
    uint32_t                memo_count;
    uint32_t                memo_mask;
    const gql_type_t       *parent;         /* the object being completed */
    uint32_t                depth;
    uint32_t                introspected;   /* fields */
    bool                    nomem;
} gql_exec_t;


/*
 * Marks the selection sets of a document that need no collecting: fields alone,
 * no directive, no response key twice.  gql_validate() calls it last.
 */
void gql_plain_mark(gql_document_t *document);

/*
 * CollectFields of the root selection set.  NULL with an error, or out of
 * memory.
 */
const gql_set_t *gql_collect_root(gql_exec_t *x);

/*
 * CollectSubfields: the selection sets of all of a group's fields, for an
 * object of type object.  It is remembered, so that a list's items cost one
 * collection.  path is for errors.  NULL with an error, or out of memory.
 */
const gql_set_t *gql_collect_sub(gql_exec_t *x, const gql_group_t *group,
    const gql_type_t *object, const gql_path_t *path);

/* The group's selection set if it needs no collecting, else NULL. */
static inline const gql_selection_t *
gql_collect_plain(const gql_group_t *group)
{
    return group->more == NULL && group->selection->plain
               ? group->selection->selections : NULL;
}

typedef enum {
    GQL_SKIP_NO = 0,
    GQL_SKIP_YES,
    GQL_SKIP_ERROR                  /* a null in the place of "if" */
} gql_skip_t;

/* Decides @skip and @include.  culprit: out, on an error. */
gql_skip_t gql_collect_skips(const gql_schema_t *schema,
    const gql_variables_t *variables, const gql_directive_t *directives,
    const gql_directive_t **culprit);


/* A copy of a path in the request's arena; NULL when out of memory. */
const gql_path_t *gql_exec_path(gql_exec_t *x, const gql_path_t *path);

/* A field error: located at all fields of the group, the path copied.  message
 * is borrowed.  The error or NULL. */
gql_error_t *gql_exec_error(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path, base_str_t code, base_str_t message);

/* True, and one more counted, when further errors would not be kept: no need to
 * word them. */
static inline bool
gql_exec_full(gql_exec_t *x)
{
    gql_errors_t  *errors = x->plan.errors;

    errors->count += errors->count >= errors->max;

    return errors->count > errors->max;
}

/*
 * Coerces a field's arguments; a failure becomes a field error.
 */
bool gql_exec_arguments(gql_exec_t *x, const gql_field_t *field,
    const gql_group_t *group, const gql_path_t *path,
    const base_json_t **out);

/* One level deeper into the response (x->depth-- leaves it); a field error at
 * the ceiling. */
bool gql_exec_enter(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path);


/* Appends "key": with a comma before it unless it is the first member. */
static inline void
gql_write_key(base_buf_t *buf, base_str_t key, bool first)
{
    char  *p = base_buf_reserve(buf, key.len + 4);
    char  *start = p;

    if (p == NULL) {
        return;
    }

    if (!first) {
        *p++ = ',';
    }

    *p++ = '"';
    memcpy(p, key.data, key.len);       /* a Name: nothing to escape */
    p += key.len;
    *p++ = '"';
    *p++ = ':';

    buf->len += (size_t) (p - start);
}


/* Appends a Name as a JSON string. */
static inline void
gql_write_name(base_buf_t *buf, base_str_t name)
{
    char  *p = base_buf_reserve(buf, name.len + 2);

    if (p == NULL) {
        return;
    }

    *p++ = '"';
    memcpy(p, name.data, name.len);
    p[name.len] = '"';
    buf->len += name.len + 2;
}


/*
 * Result coercion of a scalar (Coercing Results).  NULL, or why not:
 * the message but for the value; nothing usable has been appended then.
 */
const char *gql_scalar_write(const gql_type_t *type, const base_json_t *value,
    base_buf_t *buf);


/* Answers __schema or __type; false: the field is null by an error. */
bool gql_introspect(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path, const base_json_t *arguments, base_buf_t *buf);

/* Puts "errors":[...], before what buf holds from at on: the specification
 * wants errors first, and they are known last. */
void gql_response_errors(gql_exec_t *x, base_buf_t *buf, size_t at);

#endif
