/* SPDX-License-Identifier: BSD-2-Clause */

/* A whole request through the engine, with a host that takes its values from a
 * JSON object: response key -> value, or {"$error": message, "$code": code}. */

#ifndef EXECUTE_H
#define EXECUTE_H

#include "graphql/graphql.h"


typedef struct {
    const gql_schema_t  *schema;
    base_str_t           document;
    base_str_t           operation;
    base_str_t           variables;     /* JSON; data NULL: none */
    base_str_t           values;        /* JSON; data NULL: none */
    base_str_t           extensions;    /* JSON; data NULL: none */
    base_str_t           selects;       /* "key path", for gql_root_selects() */
    gql_limits_t         limits;
    base_arena_t        *arena;         /* the document's and the request's */
} execute_t;

typedef struct {
    base_str_t           response;      /* data NULL: none, out of memory */
    base_str_t           arguments;     /* JSON by response key */
    bool                 selected;
    gql_result_t         result;        /* of gql_complete() */
} execute_answer_t;


static inline void
execute_host(gql_plan_t *plan, const base_json_t *values)
{
    size_t              i;
    gql_root_field_t   *field;
    const base_json_t  *value;

    for (i = 0; i < plan->count; i++) {
        field = &plan->fields[i];

        if (!field->host) {
            continue;
        }

        value = base_json_get(values, field->response_key);

        if (base_json_get(value, BASE_STR("$error")) != NULL) {
            gql_root_fail(plan, field,
                          base_json_get_str(value, BASE_STR("$code")),
                          base_json_get_str(value, BASE_STR("$error")));
            continue;
        }

        field->value = value;
    }
}


/* {"key":{"argument":value}}, the coerced arguments. */
static inline base_str_t
execute_arguments(const gql_plan_t *plan)
{
    size_t      i;
    base_buf_t  buf;

    base_buf_init(&buf, plan->arena, SIZE_MAX);
    base_buf_add_char(&buf, '{');

    for (i = 0; i < plan->count; i++) {
        if (i != 0) {
            base_buf_add_char(&buf, ',');
        }

        base_json_write_str(&buf, plan->fields[i].response_key);
        base_buf_add_char(&buf, ':');

        if (plan->fields[i].arguments == NULL) {
            base_buf_add_lit(&buf, "null");

        } else {
            base_json_write(&buf, plan->fields[i].arguments);
        }
    }

    base_buf_add_char(&buf, '}');

    return buf.failed ? base_str(NULL, 0) : base_buf_str(&buf);
}


static inline bool
execute_selects(const gql_plan_t *plan, base_str_t selects)
{
    size_t      i, space;
    base_str_t  key;

    for (space = 0; space < selects.len && selects.data[space] != ' '; space++)
    {
        /* to the end of the key */
    }

    key = base_str(selects.data, space);
    space += space < selects.len;

    for (i = 0; i < plan->count; i++) {
        if (base_str_eq(plan->fields[i].response_key, key)) {
            return gql_root_selects(plan, &plan->fields[i],
                                    base_str(selects.data + space,
                                             selects.len - space));
        }
    }

    return false;
}


static inline const base_json_t *
execute_json(base_arena_t *arena, base_str_t text)
{
    return text.data == NULL ? NULL : base_json_parse(arena, text, NULL, NULL);
}


static inline execute_answer_t
execute_run(const execute_t *e)
{
    base_buf_t               buf;
    gql_plan_t              *plan = NULL;
    gql_errors_t             errors;
    gql_document_t          *document;
    execute_answer_t         answer = { .result = GQL_RESULT_NULL };
    const gql_operation_t   *operation = NULL;
    gql_validate_options_t   options = { .limits = &e->limits,
                                         .suggest = true,
                                         .introspection = true };

    gql_errors_init(&errors, e->arena);
    base_buf_init(&buf, e->arena, SIZE_MAX);

    document = gql_document_parse(e->arena, e->document, &e->limits, &errors);

    if (document != NULL
        && gql_validate(e->schema, document, &options, &errors))
    {
        operation = gql_operation_find(document, e->operation, &errors);
    }

    if (operation != NULL) {
        plan = gql_plan(e->schema, document, operation,
                        execute_json(e->arena, e->variables), &e->limits,
                        e->arena, &errors);
    }

    if (plan == NULL) {
        gql_write_errors(&errors, &buf);

    } else {
        execute_host(plan, execute_json(e->arena, e->values));
        answer.arguments = execute_arguments(plan);
        answer.selected = execute_selects(plan, e->selects);
        answer.result = gql_complete(plan,
                                     execute_json(e->arena, e->extensions),
                                     &buf);
    }

    if (!buf.failed && answer.result != GQL_RESULT_NOMEM) {
        answer.response = base_buf_str(&buf);
    }

    return answer;
}

#endif
