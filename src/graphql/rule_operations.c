/* SPDX-License-Identifier: BSD-2-Clause */

/* Rules about operations (Validation: Documents, Operations). */

#include <stdio.h>

#include "graphql/parser.h"
#include "graphql/validate.h"


/* The root fields of a subscription. */
typedef struct {
    gql_validation_t        *v;
    const gql_operation_t   *operation;
    const gql_type_t        *root;
    bool                    *visited;       /* fragments, by index */
    gql_list_t               pending;       /* gql_selection_t *: fragments'
                                               selections to look at */
    const gql_selection_t   *first;         /* the first root field */
    bool                     conditional;
    gql_error_t             *many;          /* more than one response key */
} gql_root_t;


static void gql_root_selections(gql_root_t *root,
    const gql_selection_t *selections);
static void gql_root_field(gql_root_t *root, const gql_selection_t *field);
static void gql_root_spread(gql_root_t *root, const gql_selection_t *spread);
static void gql_root_conditions(gql_root_t *root,
    const gql_selection_t *selection);
static const char *gql_root_subject(const gql_operation_t *operation,
    char *out, size_t size);


/* Executable Definitions */
void
gql_rule_executable_definitions(gql_validation_t *v)
{
    base_str_t  name = v->document->type_system_name;

    if (v->document->type_system_offset == UINT32_MAX) {
        return;
    }

    if (name.len == 0) {
        (void) gql_report(&v->report, v->document->type_system_offset,
                          "The schema definition is not executable.");
        return;
    }

    (void) gql_report(&v->report, v->document->type_system_offset,
                      "The \"%.*s\" definition is not executable.",
                      BASE_STR_ARG(name));
}


/* Operation Type Existence */
void
gql_rule_known_operation_types(gql_validation_t *v)
{
    base_str_t              kind;
    const gql_operation_t  *operation;

    for (operation = v->document->operations; operation != NULL;
         operation = operation->next)
    {
        if (operation->root == NULL) {
            kind = gql_operation_kind_text(operation->kind);
            (void) gql_report(&v->report, operation->offset,
                              "The %.*s operation is not supported by the "
                              "schema.", BASE_STR_ARG(kind));
        }
    }
}


/* Operation Name Uniqueness */
void
gql_rule_unique_operation_names(gql_validation_t *v)
{
    uint32_t                   i;
    gql_index_t                names;
    gql_error_t               *error;
    gql_operation_t           *operation;
    const gql_index_entry_t   *first;

    if (!gql_index_init(&names, v->arena, v->document->operation_count)) {
        gql_validation_nomem(v);
        return;
    }

    for (operation = v->document->operations; operation != NULL;
         operation = operation->next)
    {
        if (operation->name.len > 0) {
            gql_index_add(&names, operation->name, operation->name_offset,
                          operation);
        }
    }

    gql_index_sort(&names);

    for (i = 1; i < names.count; i++) {
        first = gql_index_repeats(&names, i);

        if (first != NULL) {
            error = gql_report(&v->report, first->offset,
                               "There can be only one operation named "
                               "\"%.*s\".", BASE_STR_ARG(first->name));
            gql_report_also(&v->report, error, names.entries[i].offset);
        }
    }
}


/* Lone Anonymous Operation */
void
gql_rule_lone_anonymous_operation(gql_validation_t *v)
{
    const gql_operation_t  *operation;

    if (v->document->operation_count < 2) {
        return;
    }

    for (operation = v->document->operations; operation != NULL;
         operation = operation->next)
    {
        if (operation->name.len == 0) {
            (void) gql_report(&v->report, operation->offset,
                              "This anonymous operation must be the only "
                              "defined operation.");
        }
    }
}


/* Subscription Operation Definitions: Single Root Field */
void
gql_rule_single_field_subscriptions(gql_validation_t *v)
{
    uint32_t                 i;
    gql_root_t               root = { .v = v };
    const gql_selection_t  **next;
    const gql_operation_t   *operation;

    for (operation = v->document->operations; operation != NULL;
         operation = operation->next)
    {
        if (operation->kind != GQL_SUBSCRIPTION || operation->root == NULL) {
            continue;
        }

        root = (gql_root_t) {
            .v = v,
            .operation = operation,
            .root = operation->root,
            .visited = base_arena_calloc(v->arena,
                                         v->document->fragment_count + 1,
                                         sizeof(bool))
        };

        if (root.visited == NULL
            || !gql_validation_work(v, v->document->fragment_count))
        {
            v->report.errors->nomem |= root.visited == NULL;
            return;
        }

        gql_root_selections(&root, operation->selections);

        for (i = 0; i < root.pending.count; i++) {
            next = (const gql_selection_t **) root.pending.items + i;
            gql_root_selections(&root, *next);
        }
    }
}


static void
gql_root_selections(gql_root_t *root, const gql_selection_t *selections)
{
    const gql_selection_t  *selection;

    for (selection = selections; selection != NULL;
         selection = selection->next)
    {
        gql_root_conditions(root, selection);

        switch (selection->kind) {
        case GQL_SELECTION_FIELD:
            gql_root_field(root, selection);
            break;

        case GQL_SELECTION_SPREAD:
            gql_root_spread(root, selection);
            break;

        case GQL_SELECTION_INLINE:
            if (selection->condition == NULL
                || (selection->type != NULL
                    && gql_type_includes(selection->type, root->root)))
            {
                gql_root_selections(root, selection->selections);
            }

            break;
        }
    }
}


static void
gql_root_field(gql_root_t *root, const gql_selection_t *field)
{
    char              subject[96];
    gql_validation_t *v = root->v;

    (void) gql_root_subject(root->operation, subject, sizeof(subject));

    if (base_str_starts(field->name, BASE_STR("__"))) {
        (void) gql_report(&v->report, field->offset,
                          "%s must not select an introspection top level "
                          "field.", subject);
    }

    if (root->first == NULL) {
        root->first = field;
        return;
    }

    if (base_str_eq(field->key, root->first->key)) {
        return;
    }

    if (root->many == NULL) {
        root->many = gql_report(&v->report, field->offset,
                                "%s must select only one top level field.",
                                subject);
        return;
    }

    gql_report_also(&v->report, root->many, field->offset);
}


static void
gql_root_spread(gql_root_t *root, const gql_selection_t *spread)
{
    const gql_fragment_t    *fragment = spread->fragment;
    const gql_selection_t  **next;

    if (fragment == NULL || root->visited[fragment->index]) {
        return;
    }

    root->visited[fragment->index] = true;

    if (fragment->type == NULL
        || !gql_type_includes(fragment->type, root->root))
    {
        return;
    }

    next = gql_list_add(&root->pending, root->v->arena,
                        sizeof(gql_selection_t *));
    if (next == NULL) {
        gql_validation_nomem(root->v);
        return;
    }

    *next = fragment->selections;
}


/* Whether there is a root field must not depend on variables. */
static void
gql_root_conditions(gql_root_t *root, const gql_selection_t *selection)
{
    char                    subject[96];
    const gql_directive_t  *directive;

    for (directive = selection->directives; directive != NULL;
         directive = directive->next)
    {
        if (root->conditional || directive->definition == NULL
            || (directive->definition != root->v->schema->skip
                && directive->definition != root->v->schema->include))
        {
            continue;
        }

        root->conditional = true;
        (void) gql_report(&root->v->report, directive->offset,
                          "%s must not use `@skip` or `@include` directives "
                          "in the top level selection.",
                          gql_root_subject(root->operation, subject,
                                           sizeof(subject)));
    }
}


static const char *
gql_root_subject(const gql_operation_t *operation, char *out, size_t size)
{
    if (operation->name.len == 0) {
        (void) snprintf(out, size, "Anonymous Subscription");

    } else {
        (void) snprintf(out, size, "Subscription \"%.*s\"",
                        (int) (operation->name.len < 64 ? operation->name.len
                                                        : 64),
                        operation->name.data);
    }

    return out;
}
