/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: "Did you mean ...?".
 *
 *   gql_suggest_init(&s, report, "nmae");
 *   gql_suggest_add(&s, "name");            for each name there is
 *   gql_suggest_text(&s)                    ' Did you mean "name"?' or ''
 *
 * Does nothing where the report wants no suggestions or keeps no more errors,
 * and for names that are too long to be a slip.
 */

#ifndef GQL_SUGGEST_H
#define GQL_SUGGEST_H

#include "graphql/report.h"


#define GQL_SUGGESTIONS_MAX      5
#define GQL_SUGGEST_NAME_BYTES   64     /* longer names are not compared */
#define GQL_SUGGEST_TEXT_BYTES   (GQL_SUGGESTIONS_MAX * 72 + 64)


typedef struct {
    base_str_t  name;
    uint32_t    distance;
} gql_suggestion_t;

typedef struct {
    bool              enabled;
    base_str_t        name;
    uint32_t          threshold;
    uint32_t          count;
    gql_suggestion_t  best[GQL_SUGGESTIONS_MAX];    /* nearest first */
    char              text[GQL_SUGGEST_TEXT_BYTES];
} gql_suggest_t;


void gql_suggest_init(gql_suggest_t *suggest, const gql_report_t *report,
    base_str_t name);
void gql_suggest_add(gql_suggest_t *suggest, base_str_t candidate);

/* NUL-terminated; in suggest. */
const char *gql_suggest_text(gql_suggest_t *suggest);

/* The same with a phrase in front: "to use an inline fragment on" gives
 * ' Did you mean to use an inline fragment on "Dog"?'. */
const char *gql_suggest_phrase(gql_suggest_t *suggest, const char *phrase);

/* Adds a candidate that is near whatever its spelling; earlier ones first. */
void gql_suggest_take(gql_suggest_t *suggest, base_str_t candidate);

#endif
