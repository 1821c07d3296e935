/* SPDX-License-Identifier: BSD-2-Clause */

/* Field errors, and the arguments whose failure is one. */

#include "graphql/exec.h"


const gql_path_t *
gql_exec_path(gql_exec_t *x, const gql_path_t *path)
{
    gql_path_t        *copy;
    const gql_path_t  *first = NULL, **link = &first;

    for ( ; path != NULL; path = path->up) {
        copy = base_arena_alloc(x->plan.arena, sizeof(gql_path_t));
        if (copy == NULL) {
            x->nomem = true;
            return NULL;
        }

        *copy = *path;
        copy->up = NULL;

        *link = copy;
        link = &copy->up;
    }

    return first;
}


gql_error_t *
gql_exec_error(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path, base_str_t code, base_str_t message)
{
    base_str_t         source = x->document->source;
    gql_error_t       *error;
    gql_errors_t      *errors = x->plan.errors;
    const gql_more_t  *more;

    if (message.data == NULL) {
        x->nomem = true;
        return NULL;
    }

    error = gql_errors_add(errors, code, message);
    if (error == NULL) {
        return NULL;
    }

    gql_error_locate(errors, error, source, group->selection->offset);

    for (more = group->more; more != NULL; more = more->next) {
        gql_error_locate(errors, error, source, more->selection->offset);
    }

    error->path = gql_exec_path(x, path);

    return error;
}


bool
gql_exec_arguments(gql_exec_t *x, const gql_field_t *field,
    const gql_group_t *group, const gql_path_t *path,
    const base_json_t **out)
{
    uint32_t               place;
    base_json_t           *arguments;
    gql_error_t           *error;
    gql_coerce_t           c = { .arena = x->plan.arena,
                                 .errors = x->plan.errors,
                                 .list_items_max = x->list_items_max,
                                 .list_items = x->plan.list_items,
                                 .variables = x->plan.variables };
    gql_coerce_failure_t   failure;

    if (gql_coerce_arguments(&c, field->arguments, field->argument_count,
                             group->selection->arguments,
                             group->selection->offset, &arguments, &place,
                             &failure))
    {
        *out = arguments;
        x->plan.list_items = c.list_items;
        return true;
    }

    if (failure.message.data == NULL) {
        x->nomem = true;
        return false;
    }

    error = gql_errors_add(x->plan.errors, failure.code, failure.message);
    gql_error_locate(x->plan.errors, error, x->document->source, place);

    if (error != NULL) {
        error->extensions = failure.extensions;
        error->path = gql_exec_path(x, path);
    }

    return false;
}

bool
gql_exec_enter(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path)
{
    if (x->depth < GQL_RESPONSE_DEPTH_CEILING) {
        x->depth++;
        return true;
    }

    gql_exec_error(x, group, path, GQL_CODE_LIMIT,
                   BASE_STR("The response is nested too deeply."));
    return false;
}

