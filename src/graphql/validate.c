/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Validation from above: resolve, find cycles, measure against the limits, then
 * one rule after the other.  The limits come first, so that no rule works on
 * what is too much.
 */

#include "graphql/validate.h"

#include "graphql/exec.h"
#include "graphql/limits.h"


/* Steps that the rules which are not linear may take: for each token, and
 * besides. */
#define GQL_WORK_PER_TOKEN  64
#define GQL_WORK_LEAST      16384


typedef struct {
    const char  *name;
    void       (*check)(gql_validation_t *v);
} gql_rule_t;


static const gql_rule_t  gql_rules[] = {
#define GQL_RULE_ROW(name, fn)  { #name, fn },
    GQL_RULES(GQL_RULE_ROW)
#undef GQL_RULE_ROW
};


static bool gql_validate_all(gql_validation_t *v);
static void gql_validate_sort(gql_errors_t *errors, gql_error_t *before);


bool
gql_validate(const gql_schema_t *schema, gql_document_t *document,
    const gql_validate_options_t *options, gql_errors_t *errors)
{
    bool               valid;
    uint32_t           before = errors->count;
    gql_error_t       *last = errors->last;
    gql_validation_t   v;

    v = (gql_validation_t) {
        .schema = schema,
        .document = document,
        .options = options,
        .arena = errors->arena,
        .report = {
            .errors = errors,
            .code = GQL_CODE_VALIDATION,
            .source = document->source,
            .suggest = options->suggest
        },
        .work_max = GQL_WORK_LEAST
                    + (uint64_t) document->tokens * GQL_WORK_PER_TOKEN
    };

    valid = gql_validate_all(&v) && errors->count == before && !errors->nomem;
    gql_validate_sort(errors, last);

    if (valid) {
        document->validated = true;
        document->suggest = options->suggest;

        /* what it saves it may not cost: without memory the document is good
         * all the same */
        gql_plain_mark(document);
    }

    return valid;
}


static bool
gql_validate_all(gql_validation_t *v)
{
    size_t  i;

    if (!gql_resolve(v) || !gql_graph(v) || !gql_measure(v)) {
        gql_validation_nomem(v);
        return false;
    }

    if (v->options->limits != NULL
        && !gql_limits_check(v->document, v->options->limits,
                             v->report.errors))
    {
        return false;
    }

    for (i = 0; i < sizeof(gql_rules) / sizeof(gql_rules[0]); i++) {
        gql_rules[i].check(v);

        if (v->report.errors->nomem) {
            return false;
        }
    }

    return true;
}


/* Errors come by rule; clients get them in the order of the text.  Insertion
 * into a short list. */
static void
gql_validate_sort(gql_errors_t *errors, gql_error_t *before)
{
    gql_error_t  *error, *next, **at, **first;

    first = before == NULL ? &errors->first : &before->next;
    error = *first;
    *first = NULL;

    for ( ; error != NULL; error = next) {
        next = error->next;
        at = first;

        while (*at != NULL
               && (error->location_count == 0 || (*at)->location_count == 0
                   || (*at)->locations[0].line < error->locations[0].line
                   || ((*at)->locations[0].line == error->locations[0].line
                       && (*at)->locations[0].column
                          <= error->locations[0].column)))
        {
            at = &(*at)->next;
        }

        error->next = *at;
        *at = error;
    }

    errors->last = before;

    for (error = *first; error != NULL; error = error->next) {
        errors->last = error;
    }
}


bool
gql_validation_work(gql_validation_t *v, uint64_t steps)
{
    if (v->work > v->work_max) {
        return false;
    }

    v->work += steps;

    if (v->work > v->work_max) {
        gql_limit_exceeded(v->report.errors, BASE_STR("work"),
                           (uint32_t) v->work_max);
        return false;
    }

    return true;
}


void
gql_validation_nomem(gql_validation_t *v)
{
    v->report.errors->nomem = true;
}


base_str_t
gql_validation_type_text(gql_validation_t *v, const gql_typeref_t *type)
{
    base_buf_t  buf;

    base_buf_init(&buf, v->arena, SIZE_MAX);
    gql_typeref_write(type, &buf);

    if (buf.failed) {
        gql_validation_nomem(v);
        return base_str(NULL, 0);
    }

    return base_buf_str(&buf);
}
