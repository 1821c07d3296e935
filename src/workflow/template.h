/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Payload Templates and Intrinsic Functions (States Language: Payload
 * Template, Intrinsic Functions, Appendix B), compiled to a tree.  What holds
 * no ".$" is one literal however large it is, and shared when evaluated.
 */

#ifndef ASL_TEMPLATE_H
#define ASL_TEMPLATE_H

#include "workflow/path.h"


#define ASL_CALL_DEPTH  10              /* intrinsic functions in each other */


typedef struct asl_template_s   asl_template_t;
typedef struct asl_intrinsic_s  asl_intrinsic_t;


typedef enum {
    ASL_TEMPLATE_LITERAL = 0,
    ASL_TEMPLATE_PATH,
    ASL_TEMPLATE_CALL,
    ASL_TEMPLATE_ARRAY,
    ASL_TEMPLATE_OBJECT
} asl_template_kind_t;

struct asl_template_s {
    asl_template_kind_t       kind;
    bool                      format;   /* LITERAL: of States.Format, escapes
                                           not yet undone */
    base_str_t                key;      /* in an OBJECT; without ".$" */
    asl_template_t           *next;     /* the next member or argument */
    asl_template_t           *first;    /* members, or a call's arguments */
    const base_json_t        *literal;
    const asl_path_t         *path;
    const asl_intrinsic_t    *intrinsic;
};


/* A function over evaluated arguments, of which there are as many as its row
 * allows.  NULL with the view failed. */
typedef base_json_t *(*asl_intrinsic_fn)(asl_view_t *view,
    const base_json_t *const *args, uint32_t count);

#define ASL_ARGS_MAX  64                /* of one call */

struct asl_intrinsic_s {
    base_str_t        name;             /* behind "States." */
    uint32_t          args_min;
    uint32_t          args_max;
    unsigned          uses;             /* ASL_USES_RANDOM */
    asl_intrinsic_fn  fn;
};

/* NULL when there is no function of that name. */
const asl_intrinsic_t *asl_intrinsic_find(base_str_t name);


/*
 * Compiles the string of a field whose name ends in ".$": a path or a call.
 * NULL with source->expected or source->nomem set.
 */
asl_template_t *asl_expression_compile(asl_source_t *source);

/* The value; NULL with the view failed.  missing is the error when a path
 * selects nothing. */
const base_json_t *asl_template_get(const asl_template_t *tmpl,
    asl_view_t *view, base_str_t missing);

#endif
