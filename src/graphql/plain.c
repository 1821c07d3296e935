/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Marks the selection sets that need no collecting: fields alone, no directive,
 * no response key twice.  Most of what clients send is like that, and a cached
 * document is marked once.
 *
 * Recursion is bounded by the parser's nesting ceiling.
 */

#include "graphql/exec.h"


/* Larger sets are collected: that is linear too. */
#define PLAIN_FIELDS_MAX  64


static bool plain_set(gql_selection_t *first);
static bool plain_is_new(const gql_selection_t *first,
    const gql_selection_t *field);


void
gql_plain_mark(gql_document_t *document)
{
    gql_fragment_t   *fragment;
    gql_operation_t  *operation;

    for (operation = document->operations; operation != NULL;
         operation = operation->next)
    {
        operation->plain = plain_set(operation->selections);
    }

    for (fragment = document->fragments; fragment != NULL;
         fragment = fragment->next)
    {
        (void) plain_set(fragment->selections);
    }
}


/* Whether the set is plain; marks all fields below it. */
static bool
plain_set(gql_selection_t *first)
{
    bool              plain = true;
    uint32_t          count = 0;
    gql_selection_t  *selection;

    for (selection = first; selection != NULL; selection = selection->next) {

        if (selection->selections != NULL) {
            selection->plain = plain_set(selection->selections);
        }

        plain = plain && selection->kind == GQL_SELECTION_FIELD
                && selection->directives == NULL
                && ++count <= PLAIN_FIELDS_MAX
                && plain_is_new(first, selection);
    }

    return plain;
}


static bool
plain_is_new(const gql_selection_t *first, const gql_selection_t *field)
{
    const gql_selection_t  *before;

    for (before = first; before != field; before = before->next) {
        if (base_str_eq(before->key, field->key)) {
            return false;
        }
    }

    return true;
}
