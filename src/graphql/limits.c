/* SPDX-License-Identifier: BSD-2-Clause */

/* The limits' defaults, and how one that is exceeded is reported. */

#include "graphql/limits.h"


/* Validation's own bound, which grows with the document: not a setting. */
#define GQL_LIMIT_WORK_TEXT  "steps of validating so intricate a document"


#define GQL_LIMIT_DEFAULT(name, value, text)  .name = value,
const gql_limits_t  gql_limits_default = {
    GQL_LIMITS(GQL_LIMIT_DEFAULT)
};
#undef GQL_LIMIT_DEFAULT


typedef struct {
    base_str_t   name;
    const char  *text;
    size_t       offset;                /* in gql_limits_t */
} gql_limit_t;


static const gql_limit_t  gql_limits[] = {
#define GQL_LIMIT_ROW(name, value, text)                                      \
    { BASE_STR_INIT(#name), text, offsetof(gql_limits_t, name) },
    GQL_LIMITS(GQL_LIMIT_ROW)
#undef GQL_LIMIT_ROW
};

#define GQL_LIMIT_COUNT  (sizeof(gql_limits) / sizeof(gql_limits[0]))


static uint32_t
gql_limit_value(const gql_limits_t *limits, const gql_limit_t *limit)
{
    uint32_t  value;

    memcpy(&value, (const char *) limits + limit->offset, sizeof(value));
    return value;
}


bool
gql_limits_check(const gql_document_t *document, const gql_limits_t *limits,
    gql_errors_t *errors)
{
    bool      within = true;
    size_t    i;
    uint32_t  max;

    for (i = 0; i < GQL_LIMIT_COUNT; i++) {
        max = gql_limit_value(limits, &gql_limits[i]);

        if (max != 0
            && gql_limit_value(&document->measured, &gql_limits[i]) > max)
        {
            gql_limit_exceeded(errors, gql_limits[i].name, max);
            within = false;
        }
    }

    return within;
}


void
gql_limit_exceeded(gql_errors_t *errors, base_str_t name, uint32_t max)
{
    size_t        i;
    const char   *text = GQL_LIMIT_WORK_TEXT;
    base_json_t  *extensions, *limit, *bound;
    gql_error_t  *error;

    for (i = 0; i < GQL_LIMIT_COUNT; i++) {
        if (base_str_eq(gql_limits[i].name, name)) {
            text = gql_limits[i].text;
        }
    }

    error = gql_errors_addf(errors, GQL_CODE_LIMIT,
                            "The limit of %u is exceeded: %s.", max, text);
    if (error == NULL) {
        return;
    }

    extensions = base_json_object(errors->arena);
    limit = base_json_string(errors->arena, name);
    bound = base_json_int(errors->arena, max);

    if (extensions == NULL || limit == NULL || bound == NULL) {
        errors->nomem = true;
        return;
    }

    base_json_add(extensions, BASE_STR("limit"), limit);
    base_json_add(extensions, BASE_STR("max"), bound);
    error->extensions = extensions;
}
