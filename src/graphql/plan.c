/* SPDX-License-Identifier: BSD-2-Clause */

/* Executing Requests, up to where the host takes over: the operation, its
 * variables, its root fields with their arguments. */

#include "graphql/exec.h"


static gql_exec_t *plan_new(const gql_schema_t *schema,
    const gql_document_t *document, const gql_operation_t *operation,
    const gql_limits_t *limits, base_arena_t *arena, gql_errors_t *errors);
static bool plan_collect(gql_exec_t *x);
static bool plan_plain(gql_exec_t *x);
static bool plan_alloc(gql_exec_t *x, size_t count);
static bool plan_field(gql_exec_t *x, size_t i, const gql_group_t *group);
static gql_plan_t *plan_nomem(gql_errors_t *errors);


const gql_operation_t *
gql_operation_find(const gql_document_t *document, base_str_t name,
    gql_errors_t *errors)
{
    const gql_operation_t  *operation = document->operations;

    if (operation == NULL) {
        gql_errors_add(errors, GQL_CODE_OPERATION,
                       BASE_STR("Must provide an operation."));
        return NULL;
    }

    if (name.len == 0) {
        if (operation->next != NULL) {
            gql_errors_add(errors, GQL_CODE_OPERATION,
                           BASE_STR("Must provide operation name if query "
                                    "contains multiple operations."));
            return NULL;
        }

        return operation;
    }

    for ( ; operation != NULL; operation = operation->next) {
        if (base_str_eq(operation->name, name)) {
            return operation;
        }
    }

    gql_errors_add(errors, GQL_CODE_OPERATION,
                   base_arena_printf(errors->arena,
                                     "Unknown operation named \"%.*s\".",
                                     BASE_STR_ARG(name)));
    return NULL;
}


gql_operation_kind_t
gql_operation_kind(const gql_operation_t *operation)
{
    return operation->kind;
}


base_str_t
gql_operation_name(const gql_operation_t *operation)
{
    return operation->name;
}


gql_plan_t *
gql_plan(const gql_schema_t *schema, const gql_document_t *document,
    const gql_operation_t *operation, const base_json_t *variables,
    const gql_limits_t *limits, base_arena_t *arena, gql_errors_t *errors)
{
    uint32_t       before = errors->count;
    gql_exec_t    *x;
    gql_coerce_t   c = { .arena = arena, .errors = errors,
                         .source = document->source,
                         .suggest = document->suggest };

    x = plan_new(schema, document, operation, limits, arena, errors);
    if (x == NULL) {
        return plan_nomem(errors);
    }

    c.list_items_max = x->list_items_max;

    x->plan.variables = gql_coerce_variables(&c, operation, variables);
    if (x->plan.variables == NULL) {
        return c.nomem || errors->count == before ? plan_nomem(errors) : NULL;
    }

    x->plan.list_items = c.list_items;

    if (!(operation->plain ? plan_plain(x) : plan_collect(x))) {
        return x->nomem || errors->count == before ? plan_nomem(errors) : NULL;
    }

    return &x->plan;
}


gql_error_t *
gql_root_fail(gql_plan_t *plan, gql_root_field_t *field, base_str_t code,
    base_str_t message)
{
    gql_exec_t  *x = (gql_exec_t *) plan;
    gql_root_t  *root = &x->roots[field - plan->fields];
    gql_path_t   path = { .key = field->response_key };

    field->error = gql_exec_error(x, &root->group, &path,
                                  code, message);
    root->failed = true;

    return field->error;
}


bool
gql_root_ends(const gql_plan_t *plan, const gql_root_field_t *field)
{
    const gql_exec_t  *x = (const gql_exec_t *) plan;

    return x->roots[field - plan->fields].failed
           && gql_typeref_is_non_null(field->definition->type);
}


static gql_exec_t *
plan_new(const gql_schema_t *schema, const gql_document_t *document,
    const gql_operation_t *operation, const gql_limits_t *limits,
    base_arena_t *arena, gql_errors_t *errors)
{
    gql_exec_t  *x = base_arena_alloc(arena, sizeof(gql_exec_t));

    if (x == NULL) {
        return NULL;
    }

    *x = (gql_exec_t) {
        .plan = {
            .schema = schema,
            .operation = operation,
            .arena = arena,
            .errors = errors
        },
        .document = document,
        .list_items_max = limits == NULL ? 0 : limits->list_items
    };

    return x;
}


static bool
plan_collect(gql_exec_t *x)
{
    size_t              i = 0;
    const gql_set_t    *set = gql_collect_root(x);
    const gql_group_t  *group;

    if (set == NULL || !plan_alloc(x, set->count)) {
        return false;
    }

    for (group = set->first; group != NULL; group = group->next) {
        if (!plan_field(x, i++, group)) {
            return false;
        }
    }

    return true;
}


static bool
plan_plain(gql_exec_t *x)
{
    size_t                  i = 0, count = 0;
    gql_group_t             group = { 0 };
    const gql_selection_t  *first = x->plan.operation->selections, *selection;

    for (selection = first; selection != NULL; selection = selection->next) {
        count++;
    }

    if (!plan_alloc(x, count)) {
        return false;
    }

    for (selection = first; selection != NULL; selection = selection->next) {
        group.selection = selection;

        if (!plan_field(x, i++, &group)) {
            return false;
        }
    }

    return true;
}


static bool
plan_alloc(gql_exec_t *x, size_t count)
{
    x->plan.count = count;

    if (count == 0) {
        return true;            /* all are skipped */
    }

    x->plan.fields = base_arena_calloc(x->plan.arena, count,
                                       sizeof(gql_root_field_t));
    x->roots = base_arena_calloc(x->plan.arena, count, sizeof(gql_root_t));

    x->nomem = x->plan.fields == NULL || x->roots == NULL;

    return !x->nomem;
}


/* False when out of memory only: an argument's failure fails the field. */
static bool
plan_field(gql_exec_t *x, size_t i, const gql_group_t *group)
{
    gql_path_t              path = { .key = group->selection->key };
    gql_root_field_t       *field = &x->plan.fields[i];
    const gql_selection_t  *selection = group->selection;

    x->roots[i].group = *group;

    field->name = selection->name;
    field->response_key = selection->key;
    field->definition = selection->field;
    field->selection = selection;
    field->host = selection->field->introspection == GQL_INTROSPECT_NONE;

    if (!gql_exec_arguments(x, selection->field, &x->roots[i].group, &path,
                            &field->arguments))
    {
        field->host = false;
        x->roots[i].failed = true;
    }

    return !x->nomem;
}


static gql_plan_t *
plan_nomem(gql_errors_t *errors)
{
    gql_errors_add(errors, GQL_CODE_INTERNAL, BASE_STR("Out of memory."));

    return NULL;
}
