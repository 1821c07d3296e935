/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Does a root field's selection set ask for a path?  The host fetches only what
 * is asked for.
 *
 * All selection sets that one step of the path reaches are searched together,
 * and each fragment once for a step: linear in document times steps.
 */

#include "graphql/exec.h"


#define SELECTS_PENDING_MIN  16


/* Selection sets to search; grows in the arena. */
typedef struct {
    const gql_selection_t  **sets;
    uint32_t                 count;
    uint32_t                 size;
} selects_list_t;

typedef struct {
    const gql_exec_t  *x;
    uint64_t          *visited;     /* fragments opened for this step */
    selects_list_t     now;         /* of this step */
    selects_list_t     next;        /* of the next one */
    bool               nomem;
} selects_t;


static bool selects_step(selects_t *s, base_str_t name);
static bool selects_set(selects_t *s, const gql_selection_t *selection,
    base_str_t name);
static void selects_fragment(selects_t *s, const gql_fragment_t *fragment);
static void selects_add(selects_t *s, selects_list_t *list,
    const gql_selection_t *set);


bool
gql_root_selects(const gql_plan_t *plan, const gql_root_field_t *field,
    base_str_t path)
{
    bool               found = true;
    size_t             dot;
    selects_t          s = { .x = (const gql_exec_t *) plan };
    const gql_root_t  *root = &s.x->roots[field - plan->fields];
    const gql_more_t  *more;

    s.visited = base_arena_calloc(plan->arena,
                                  s.x->document->fragment_count / 64 + 1,
                                  sizeof(uint64_t));
    if (s.visited == NULL) {
        return true;
    }

    selects_add(&s, &s.next, root->group.selection->selections);
    for (more = root->group.more; more != NULL; more = more->next) {
        selects_add(&s, &s.next, more->selection->selections);
    }

    while (found && path.len != 0) {
        for (dot = 0; dot < path.len && path.data[dot] != '.'; dot++) {
            /* to the end of the step */
        }

        found = selects_step(&s, base_str(path.data, dot));

        dot += dot < path.len;
        path = base_str(path.data + dot, path.len - dot);
    }

    /* rather too much than too little */
    return found || s.nomem;
}


/* Searches what the last step has reached. */
static bool
selects_step(selects_t *s, base_str_t name)
{
    bool            found = false;
    uint32_t        i;
    selects_list_t  reached = s->now;

    s->now = s->next;
    s->next = reached;
    s->next.count = 0;

    memset(s->visited, 0,
           (s->x->document->fragment_count / 64 + 1) * sizeof(uint64_t));

    /* fragments and inline fragments append to the list */
    for (i = 0; i < s->now.count; i++) {
        found |= selects_set(s, s->now.sets[i], name);
    }

    return found;
}


static bool
selects_set(selects_t *s, const gql_selection_t *selection, base_str_t name)
{
    bool                    found = false;
    const gql_directive_t  *culprit;

    for ( ; selection != NULL; selection = selection->next) {

        if (gql_collect_skips(s->x->plan.schema, s->x->plan.variables,
                              selection->directives, &culprit)
            != GQL_SKIP_NO)
        {
            continue;
        }

        switch (selection->kind) {

        case GQL_SELECTION_INLINE:
            selects_add(s, &s->now, selection->selections);
            break;

        case GQL_SELECTION_SPREAD:
            selects_fragment(s, selection->fragment);
            break;

        default:
            if (base_str_eq(selection->name, name)) {
                found = true;
                selects_add(s, &s->next, selection->selections);
            }

            break;
        }
    }

    return found;
}


static void
selects_fragment(selects_t *s, const gql_fragment_t *fragment)
{
    uint64_t   bit = (uint64_t) 1 << fragment->index % 64;
    uint64_t  *word = &s->visited[fragment->index / 64];

    if ((*word & bit) == 0) {
        *word |= bit;
        selects_add(s, &s->now, fragment->selections);
    }
}


static void
selects_add(selects_t *s, selects_list_t *list, const gql_selection_t *set)
{
    uint32_t                 size;
    const gql_selection_t  **sets;

    if (set == NULL) {
        return;
    }

    if (list->count == list->size) {
        size = list->size == 0 ? SELECTS_PENDING_MIN : list->size * 2;
        sets = base_arena_grow(s->x->plan.arena, list->sets,
                               list->size * sizeof(gql_selection_t *),
                               size * sizeof(gql_selection_t *));
        if (sets == NULL) {
            s->nomem = true;
            return;
        }

        list->sets = sets;
        list->size = size;
    }

    list->sets[list->count++] = set;
}
