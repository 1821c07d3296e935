/* SPDX-License-Identifier: BSD-2-Clause */

#include "graphql/suggest.h"

#include <stdarg.h>
#include <stdio.h>


static uint32_t gql_suggest_distance(base_str_t a, base_str_t b,
    uint32_t bound);
static void gql_suggest_insert(gql_suggest_t *suggest, base_str_t candidate,
    uint32_t distance);


void
gql_suggest_init(gql_suggest_t *suggest, const gql_report_t *report,
    base_str_t name)
{
    suggest->enabled = report->suggest && !gql_report_full(report)
                       && name.len <= GQL_SUGGEST_NAME_BYTES;
    suggest->name = name;
    suggest->threshold = (uint32_t) (name.len * 2 / 5) + 1;
    suggest->count = 0;
    suggest->text[0] = '\0';
}


void
gql_suggest_add(gql_suggest_t *suggest, base_str_t candidate)
{
    size_t    longer;
    uint32_t  distance;

    if (!suggest->enabled || candidate.len > GQL_SUGGEST_NAME_BYTES) {
        return;
    }

    longer = candidate.len > suggest->name.len
             ? candidate.len - suggest->name.len
             : suggest->name.len - candidate.len;

    if (longer > suggest->threshold) {
        return;
    }

    distance = gql_suggest_distance(suggest->name, candidate,
                                    suggest->threshold);

    if (distance <= suggest->threshold) {
        gql_suggest_insert(suggest, candidate, distance);
    }
}


void
gql_suggest_take(gql_suggest_t *suggest, base_str_t candidate)
{
    if (suggest->enabled && candidate.len <= GQL_SUGGEST_NAME_BYTES) {
        gql_suggest_insert(suggest, candidate, suggest->count);
    }
}


static void
gql_suggest_insert(gql_suggest_t *suggest, base_str_t candidate,
    uint32_t distance)
{
    uint32_t           i;
    gql_suggestion_t  *best = suggest->best;

    for (i = 0; i < suggest->count; i++) {
        if (distance < best[i].distance
            || (distance == best[i].distance
                && base_str_cmp(candidate, best[i].name) < 0))
        {
            break;
        }
    }

    if (i == GQL_SUGGESTIONS_MAX) {
        return;
    }

    if (suggest->count < GQL_SUGGESTIONS_MAX) {
        suggest->count++;
    }

    memmove(&best[i + 1], &best[i],
            (suggest->count - i - 1) * sizeof(gql_suggestion_t));
    best[i] = (gql_suggestion_t) { candidate, distance };
}


const char *
gql_suggest_text(gql_suggest_t *suggest)
{
    return gql_suggest_phrase(suggest, "");
}


const char *
gql_suggest_phrase(gql_suggest_t *suggest, const char *phrase)
{
    int         len;
    char       *p = suggest->text;
    size_t      left = sizeof(suggest->text);
    uint32_t    i;
    const char *before;

    if (suggest->count == 0) {
        return suggest->text;
    }

    len = snprintf(p, left, " Did you mean %s%s", phrase,
                   phrase[0] == '\0' ? "" : " ");

    for (i = 0; i < suggest->count; i++) {
        p += len;
        left -= (size_t) len;

        before = i == 0 ? ""
                 : i + 1 < suggest->count ? ", "
                 : suggest->count == 2 ? " or " : ", or ";

        len = snprintf(p, left, "%s\"%.*s\"", before,
                       BASE_STR_ARG(suggest->best[i].name));
    }

    (void) snprintf(p + len, left - (size_t) len, "?");
    return suggest->text;
}


static inline char
gql_suggest_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
}


static inline uint32_t
gql_suggest_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}


/*
 * How many letters to insert, remove, replace or swap, without regard to case;
 * a name that differs in nothing but case is 1 away.  What exceeds bound is
 * bound + 1.
 */
static uint32_t
gql_suggest_distance(base_str_t a, base_str_t b, uint32_t bound)
{
    size_t     i, j;
    uint32_t   rows[3][GQL_SUGGEST_NAME_BYTES + 1], least, cost;
    uint32_t  *before = rows[0], *above = rows[1], *row = rows[2], *spare;

    if (base_str_eq(a, b)) {
        return 0;
    }

    for (j = 0; j <= b.len; j++) {
        above[j] = (uint32_t) j;
        before[j] = 0;
    }

    for (i = 1; i <= a.len; i++) {
        row[0] = (uint32_t) i;
        least = row[0];

        for (j = 1; j <= b.len; j++) {
            char  x = gql_suggest_lower(a.data[i - 1]);
            char  y = gql_suggest_lower(b.data[j - 1]);

            cost = above[j - 1] + (x != y);
            cost = gql_suggest_least(cost, above[j] + 1);
            cost = gql_suggest_least(cost, row[j - 1] + 1);

            if (i > 1 && j > 1 && x == gql_suggest_lower(b.data[j - 2])
                && y == gql_suggest_lower(a.data[i - 2]))
            {
                cost = gql_suggest_least(cost, before[j - 2] + 1);
            }

            row[j] = cost;
            least = gql_suggest_least(least, cost);
        }

        if (least > bound) {
            return bound + 1;
        }

        spare = before;
        before = above;
        above = row;
        row = spare;
    }

    return above[b.len] == 0 ? 1 : above[b.len];
}
