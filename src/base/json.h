/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * JSON values (RFC 8259) in an arena, read with yajl and written by us.
 *
 * A value is a node; an array's or object's members are a chain of nodes, and
 * a member of an object carries its key.  So a node belongs to one container
 * at most: to put a value into a second one, put base_json_share() of it there
 * (one node; what hangs below is shared).  Treat values as immutable once they
 * are shared.
 *
 * Strings and number texts borrow: base_json_parse() points into the text
 * where it can, so text and arena must outlive the value.  A number keeps its
 * text, and with it every digit.
 */

#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"


#define BASE_JSON_DEPTH_MAX_DEFAULT   64
#define BASE_JSON_VALUES_MAX_DEFAULT  100000

/* The parser refuses deeper texts whatever depth_max says.  No writer or walker
 * recurses deeper: of a value nested deeper by hand there is no copy, it equals
 * nothing, and writing it is a failure. */
#define BASE_JSON_DEPTH_CEILING       512


typedef enum {
    BASE_JSON_NULL = 0,
    BASE_JSON_BOOLEAN,
    BASE_JSON_NUMBER,
    BASE_JSON_STRING,
    BASE_JSON_ARRAY,
    BASE_JSON_OBJECT
} base_json_type_t;


typedef struct base_json_s  base_json_t;

struct base_json_s {
    base_json_type_t     type;
    bool                 boolean;       /* BASE_JSON_BOOLEAN */
    base_json_t         *next;          /* the next member of the container */
    base_str_t           key;           /* where the container is an object */
    union {
        base_str_t       text;          /* of a string (unescaped), a number */
        struct {
            base_json_t *first;
            base_json_t *last;
        } members;                      /* of an array, an object */
    };
    uint32_t             count;         /* of members */
};


typedef enum {
    BASE_JSON_OK = 0,
    BASE_JSON_SYNTAX,               /* not JSON */
    BASE_JSON_UTF8,                 /* not UTF-8, or a lone surrogate escape */
    BASE_JSON_DEPTH,                /* nested deeper than depth_max */
    BASE_JSON_VALUES,               /* more than values_max values */
    BASE_JSON_DUPLICATE,            /* a key twice in one object */
    BASE_JSON_NOMEM
} base_json_status_t;


typedef struct {
    uint32_t  depth_max;            /* 0: the default; nested containers */
    uint32_t  values_max;           /* 0: the default */
} base_json_limits_t;


typedef struct {
    base_json_status_t  status;
    size_t              offset;     /* bytes into the text, where known */
    base_str_t          key;        /* the repeated key; borrowed */
    const char         *reason;     /* static text, for people */
} base_json_error_t;


/*
 * Reads one JSON text (RFC 8259, strict UTF-8, no duplicate keys).
 *
 * text     borrowed; must outlive the value; never written to
 * limits   NULL: the defaults
 * error    out, NULL if not wanted; set on failure only
 *
 * The value, in arena; NULL on failure.
 */
base_json_t *base_json_parse(base_arena_t *arena, base_str_t text,
    const base_json_limits_t *limits, base_json_error_t *error);


/* Construction.  All return NULL when out of memory; strings are borrowed. */

base_json_t *base_json_null(base_arena_t *arena);
base_json_t *base_json_boolean(base_arena_t *arena, bool value);
base_json_t *base_json_string(base_arena_t *arena, base_str_t value);
base_json_t *base_json_int(base_arena_t *arena, int64_t value);
/* Shortest text that reads back the same; NULL for NaN and infinities too. */
base_json_t *base_json_double(base_arena_t *arena, double value);
/* text must be a JSON number; it is not checked. */
base_json_t *base_json_number(base_arena_t *arena, base_str_t text);
base_json_t *base_json_array(base_arena_t *arena);
base_json_t *base_json_object(base_arena_t *arena);

/* A node of its own for the same value, free to enter another container. */
base_json_t *base_json_share(base_arena_t *arena, const base_json_t *value);

/* A deep copy that borrows nothing from the original. */
base_json_t *base_json_copy(base_arena_t *arena, const base_json_t *value);

/* Appends item, which must be in no container, to an array. */
void base_json_append(base_json_t *array, base_json_t *item);

/* Appends item under key without looking for an equal one: the caller knows
 * that there is none. */
void base_json_add(base_json_t *object, base_str_t key, base_json_t *item);

/* The same, replacing a member of equal key in its place. */
void base_json_set(base_json_t *object, base_str_t key, base_json_t *item);

/* Removes a member; false when there is none. */
bool base_json_remove(base_json_t *object, base_str_t key);


/* Reading. */

/* The member, borrowed; NULL when object is NULL, no object, or has none. */
base_json_t *base_json_get(const base_json_t *object, base_str_t key);

/* The item at index, from 0; NULL when out of range.  Linear. */
base_json_t *base_json_at(const base_json_t *array, size_t index);

/* The text of a string member, or empty: for records whose shape is known. */
base_str_t base_json_get_str(const base_json_t *object, base_str_t key);

/* True if value is a number that is a whole number within int64 (1, -0, 1e3,
 * 2.0 are; 1.5 and 1e30 are not). */
bool base_json_to_int(const base_json_t *value, int64_t *out);

/* True if value is a number whose double is finite. */
bool base_json_to_double(const base_json_t *value, double *out);

/* Deep equality; numbers compare by value, whatever their size, objects
 * without order.  False too where memory to sort large objects is lacking. */
bool base_json_equal(const base_json_t *a, const base_json_t *b);

static inline base_json_t *
base_json_first(const base_json_t *container)
{
    return container->members.first;
}

#define base_json_each(item, container)                                       \
    for ((item) = (container)->members.first;                                 \
         (item) != NULL;                                                      \
         (item) = (item)->next)


/* Writing: compact, members in their order, non-ASCII as it is. */

void base_json_write(base_buf_t *buf, const base_json_t *value);

/* A string with quotes and escapes. */
void base_json_write_str(base_buf_t *buf, base_str_t s);

/* Indented by two spaces, for people. */
void base_json_write_pretty(base_buf_t *buf, const base_json_t *value);

#endif
