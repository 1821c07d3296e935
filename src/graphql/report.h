/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: where a stage's errors go and which text they are
 * about.  Documents and schema files are checked by the same functions; what
 * differs is in here.
 */

#ifndef GQL_REPORT_H
#define GQL_REPORT_H

#include "graphql/ast.h"


typedef struct {
    gql_errors_t  *errors;
    base_str_t     code;
    base_str_t     source;          /* what offsets count in */
    base_str_t     file;            /* the schema file's name; else empty */
    bool           suggest;         /* "Did you mean ...?" */
} gql_report_t;


/* Adds an error at offset.  NULL when it was not kept. */
gql_error_t *gql_report(const gql_report_t *report, uint32_t offset,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds a further place to an error; error may be NULL. */
void gql_report_also(const gql_report_t *report, gql_error_t *error,
    uint32_t offset);

/* True when further errors would be counted only: no need to work on them. */
bool gql_report_full(const gql_report_t *report);

#endif
