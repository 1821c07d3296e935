/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Collecting Fields: selection sets become groups of one response key each,
 * with @skip and @include decided and fragments opened.
 *
 * The walk keeps its own stack, opens each fragment once for a set and finds
 * keys through a hash where there are many, so that a set costs time linear in
 * the selections it is made of.  A set is made once for each group and object
 * type, whatever the number of objects (the memo below).
 */

#include "graphql/exec.h"


#define COLLECT_STACK      32       /* before the arena is asked */
#define COLLECT_HASH_MIN   16       /* groups; fewer are searched */
#define MEMO_SLOTS_MIN     16


struct gql_memo_s {
    const gql_selection_t  *selection;  /* the group */
    gql_more_t             *more;
    const gql_type_t       *object;
    const gql_set_t        *set;        /* NULL: a free entry */
};


/* One collection under way. */
typedef struct {
    gql_exec_t              *x;
    const gql_type_t        *object;
    const gql_path_t        *path;
    gql_set_t               *set;
    gql_group_t            **slots;     /* by response key; NULL: few */
    uint32_t                 mask;
    const gql_selection_t  **stack;     /* what comes after each open set */
    uint32_t                 depth;
    uint32_t                 stack_size;
    uint64_t                *visited;   /* fragments, by index */
    const gql_selection_t   *first_stack[COLLECT_STACK];
} collect_t;


static gql_set_t *collect_new(collect_t *k);
static bool collect_set(collect_t *k, const gql_selection_t *selection);
static bool collect_selection(collect_t *k, const gql_selection_t *selection,
    const gql_selection_t **opened);
static bool collect_push(collect_t *k, const gql_selection_t *selection);
static bool collect_field(collect_t *k, const gql_selection_t *selection);
static const gql_selection_t *collect_open(collect_t *k,
    const gql_selection_t *selection);
static bool collect_applies(const gql_type_t *condition,
    const gql_type_t *object);
static gql_group_t **collect_find(collect_t *k, base_str_t key);
static bool collect_rehash(collect_t *k);
static uint32_t collect_hash(base_str_t key);
static void collect_skip_error(collect_t *k, const gql_directive_t *culprit);
static gql_memo_t *memo_find(gql_exec_t *x, const gql_group_t *group,
    const gql_type_t *object);
static bool memo_grow(gql_exec_t *x);


const gql_set_t *
gql_collect_root(gql_exec_t *x)
{
    collect_t   k = { .x = x, .object = x->plan.operation->root };
    gql_set_t  *set = collect_new(&k);

    if (set == NULL || !collect_set(&k, x->plan.operation->selections)) {
        return NULL;
    }

    return set;
}


const gql_set_t *
gql_collect_sub(gql_exec_t *x, const gql_group_t *group,
    const gql_type_t *object, const gql_path_t *path)
{
    collect_t          k = { .x = x, .object = object, .path = path };
    gql_set_t         *set;
    gql_memo_t        *memo;
    const gql_more_t  *more;

    memo = memo_find(x, group, object);
    if (memo == NULL) {
        x->nomem = true;
        return NULL;
    }

    if (memo->set != NULL) {
        return memo->set;
    }

    set = collect_new(&k);
    if (set == NULL || !collect_set(&k, group->selection->selections)) {
        return NULL;
    }

    for (more = group->more; more != NULL; more = more->next) {
        if (!collect_set(&k, more->selection->selections)) {
            return NULL;
        }
    }

    *memo = (gql_memo_t) { .selection = group->selection, .more = group->more,
                           .object = object, .set = set };
    x->memo_count++;

    return set;
}


gql_skip_t
gql_collect_skips(const gql_schema_t *schema,
    const gql_variables_t *variables, const gql_directive_t *directives,
    const gql_directive_t **culprit)
{
    bool                    skip;
    const gql_value_t      *literal;
    const base_json_t      *value;
    const gql_directive_t  *directive;

    for (directive = directives; directive != NULL;
         directive = directive->next)
    {
        skip = directive->definition == schema->skip;

        if (!skip && directive->definition != schema->include) {
            continue;
        }

        if (directive->arguments == NULL) {
            continue;
        }

        literal = directive->arguments->value;

        if (literal->kind == GQL_VALUE_BOOLEAN) {
            if (literal->boolean == skip) {
                return GQL_SKIP_YES;
            }

            continue;
        }

        value = literal->kind == GQL_VALUE_VARIABLE
                    ? gql_variable_value(variables, literal) : NULL;

        if (value == NULL || value->type != BASE_JSON_BOOLEAN) {
            *culprit = directive;
            return GQL_SKIP_ERROR;
        }

        if (value->boolean == skip) {
            return GQL_SKIP_YES;
        }
    }

    return GQL_SKIP_NO;
}


static gql_set_t *
collect_new(collect_t *k)
{
    base_arena_t  *arena = k->x->plan.arena;
    uint32_t       words = (k->x->document->fragment_count + 63) / 64;

    k->stack = k->first_stack;
    k->stack_size = COLLECT_STACK;

    k->set = base_arena_zalloc(arena, sizeof(gql_set_t));
    if (words != 0) {
        k->visited = base_arena_calloc(arena, words, sizeof(uint64_t));
    }

    if (k->set == NULL || (words != 0 && k->visited == NULL)) {
        k->x->nomem = true;
        return NULL;
    }

    return k->set;
}


/* Adds one selection set and all fragments in it. */
static bool
collect_set(collect_t *k, const gql_selection_t *selection)
{
    const gql_selection_t  *opened;

    for ( ;; ) {

        while (selection == NULL) {
            if (k->depth == 0) {
                return true;
            }

            selection = k->stack[--k->depth];
        }

        opened = NULL;

        if (!collect_selection(k, selection, &opened)) {
            return false;
        }

        if (opened == NULL) {
            selection = selection->next;
            continue;
        }

        if (selection->next != NULL && !collect_push(k, selection->next)) {
            k->x->nomem = true;
            return false;
        }

        selection = opened;
    }
}


/* Adds one field, or names the fragment's selections to go on with. */
static bool
collect_selection(collect_t *k, const gql_selection_t *selection,
    const gql_selection_t **opened)
{
    gql_exec_t             *x = k->x;
    gql_skip_t              skip = GQL_SKIP_NO;
    const gql_directive_t  *culprit = NULL;

    if (selection->directives != NULL) {
        skip = gql_collect_skips(x->plan.schema, x->plan.variables,
                                 selection->directives, &culprit);
    }

    if (skip == GQL_SKIP_ERROR) {
        collect_skip_error(k, culprit);
        return false;
    }

    if (skip == GQL_SKIP_YES) {
        return true;
    }

    if (selection->kind != GQL_SELECTION_FIELD) {
        *opened = collect_open(k, selection);
        return true;
    }

    if (!collect_field(k, selection)) {
        x->nomem = true;
        return false;
    }

    return true;
}


static bool
collect_push(collect_t *k, const gql_selection_t *selection)
{
    const gql_selection_t  **stack;

    if (k->depth == k->stack_size) {
        stack = base_arena_calloc(k->x->plan.arena, (size_t) k->depth * 2,
                                  sizeof(gql_selection_t *));
        if (stack == NULL) {
            return false;
        }

        memcpy(stack, k->stack, k->depth * sizeof(gql_selection_t *));
        k->stack = stack;
        k->stack_size *= 2;
    }

    k->stack[k->depth++] = selection;

    return true;
}


/* Adds a field to the group of its response key. */
static bool
collect_field(collect_t *k, const gql_selection_t *selection)
{
    gql_set_t     *set = k->set;
    gql_more_t    *more;
    gql_group_t   *group, **slot;
    base_arena_t  *arena = k->x->plan.arena;

    slot = collect_find(k, selection->key);

    if (slot != NULL && *slot != NULL) {
        group = *slot;

        more = base_arena_alloc(arena, sizeof(gql_more_t));
        if (more == NULL) {
            return false;
        }

        more->selection = selection;
        more->next = NULL;

        if (group->more == NULL) {
            group->more = more;

        } else {
            group->more_last->next = more;
        }

        group->more_last = more;
        return true;
    }

    group = base_arena_alloc(arena, sizeof(gql_group_t));
    if (group == NULL) {
        return false;
    }

    *group = (gql_group_t) { .selection = selection };

    if (set->last == NULL) {
        set->first = group;

    } else {
        set->last->next = group;
    }

    set->last = group;
    set->count++;

    if (slot != NULL) {
        *slot = group;
    }

    return set->count < COLLECT_HASH_MIN
           || (k->slots != NULL && set->count <= k->mask / 2)
           || collect_rehash(k);
}


/* The first selection of a fragment that applies and was not opened yet. */
static const gql_selection_t *
collect_open(collect_t *k, const gql_selection_t *selection)
{
    uint64_t               bit, *word;
    const gql_fragment_t  *fragment;

    if (selection->kind == GQL_SELECTION_INLINE) {
        return collect_applies(selection->type, k->object)
                   ? selection->selections : NULL;
    }

    fragment = selection->fragment;
    word = &k->visited[fragment->index / 64];
    bit = (uint64_t) 1 << fragment->index % 64;

    if ((*word & bit) != 0) {
        return NULL;
    }

    *word |= bit;

    return collect_applies(fragment->type, k->object) ? fragment->selections
                                                      : NULL;
}


static bool
collect_applies(const gql_type_t *condition, const gql_type_t *object)
{
    return condition == NULL || condition == object
           || gql_type_includes(condition, object);
}


/* The place of a key: its group, or where a new one goes.  NULL: there is no
 * hash yet and no such group. */
static gql_group_t **
collect_find(collect_t *k, base_str_t key)
{
    uint32_t      i;
    gql_group_t  *group, **link;

    if (k->slots == NULL) {
        for (link = &k->set->first; *link != NULL; link = &(*link)->next) {
            if (base_str_eq((*link)->selection->key, key)) {
                return link;
            }
        }

        return NULL;
    }

    i = collect_hash(key) & k->mask;

    for ( ;; ) {
        group = k->slots[i];

        if (group == NULL || base_str_eq(group->selection->key, key)) {
            return &k->slots[i];
        }

        i = (i + 1) & k->mask;
    }
}


static bool
collect_rehash(collect_t *k)
{
    uint32_t      size = k->slots == NULL ? COLLECT_HASH_MIN * 4
                                          : (k->mask + 1) * 2;
    gql_group_t  *group;

    k->slots = base_arena_calloc(k->x->plan.arena, size,
                                 sizeof(gql_group_t *));
    if (k->slots == NULL) {
        return false;
    }

    k->mask = size - 1;

    for (group = k->set->first; group != NULL; group = group->next) {
        *collect_find(k, group->selection->key) = group;
    }

    return true;
}


/* FNV-1a. */
static uint32_t
collect_hash(base_str_t key)
{
    size_t    i;
    uint32_t  hash = 2166136261u;

    for (i = 0; i < key.len; i++) {
        hash = (hash ^ (unsigned char) key.data[i]) * 16777619u;
    }

    return hash ^ hash >> 15;
}


/* A variable that may be null where "if" must not be. */
static void
collect_skip_error(collect_t *k, const gql_directive_t *culprit)
{
    gql_exec_t   *x = k->x;
    gql_error_t  *error;

    error = gql_errors_add(x->plan.errors, GQL_CODE_BAD_INPUT,
                           BASE_STR("Argument \"if\" of non-null type "
                                    "\"Boolean!\" must not be null."));
    gql_error_locate(x->plan.errors, error, x->document->source,
                     culprit->arguments->value->offset);

    if (error != NULL && k->path != NULL) {
        error->path = gql_exec_path(x, k->path);
    }
}


/* The memo of a group: its entry, or a free one. */
static gql_memo_t *
memo_find(gql_exec_t *x, const gql_group_t *group, const gql_type_t *object)
{
    uint32_t     i;
    uintptr_t    hash;
    gql_memo_t  *memo;

    if (x->memo == NULL || x->memo_count > x->memo_mask / 2) {
        if (!memo_grow(x)) {
            return NULL;
        }
    }

    hash = (uintptr_t) group->selection ^ (uintptr_t) group->more << 1
           ^ (uintptr_t) object << 3;
    i = (uint32_t) (hash >> 4 ^ hash >> 16) & x->memo_mask;

    for ( ;; ) {
        memo = &x->memo[i];

        if (memo->set == NULL
            || (memo->selection == group->selection
                && memo->more == group->more && memo->object == object))
        {
            return memo;
        }

        i = (i + 1) & x->memo_mask;
    }
}


static bool
memo_grow(gql_exec_t *x)
{
    uint32_t      i, size, old_size = x->memo == NULL ? 0 : x->memo_mask + 1;
    gql_group_t   group = { 0 };
    gql_memo_t   *old = x->memo, *memo;

    size = old == NULL ? MEMO_SLOTS_MIN : old_size * 2;

    memo = base_arena_calloc(x->plan.arena, size, sizeof(gql_memo_t));
    if (memo == NULL) {
        return false;
    }

    x->memo = memo;
    x->memo_mask = size - 1;

    for (i = 0; i < old_size; i++) {
        if (old[i].set != NULL) {
            group.selection = old[i].selection;
            group.more = old[i].more;
            *memo_find(x, &group, old[i].object) = old[i];
        }
    }

    return true;
}
