/* SPDX-License-Identifier: BSD-2-Clause */

/* Evaluating paths.  A definite path walks down and allocates nothing; any
 * other works on lists of nodes, one step after the other. */

#include "workflow/path.h"

#include <math.h>


typedef struct {
    const base_json_t  **items;
    uint32_t             count;
    uint32_t             cap;
} asl_nodes_t;


static const base_json_t *asl_path_get_from(const asl_path_t *path,
    asl_view_t *view, const base_json_t *item);
static bool asl_filter_test(const asl_filter_t *filter, asl_view_t *view,
    const base_json_t *item);
static const base_json_t *asl_path_root(const asl_path_t *path,
    asl_view_t *view, const base_json_t *item);
static const base_json_t *asl_step_one(const asl_step_t *step,
    const base_json_t *value);
static const base_json_t *asl_path_all(const asl_path_t *path,
    asl_view_t *view, const base_json_t *root);


const base_json_t *
asl_path_get(const asl_path_t *path, asl_view_t *view)
{
    return asl_path_get_from(path, view, NULL);
}


/* With item behind "@". */
static const base_json_t *
asl_path_get_from(const asl_path_t *path, asl_view_t *view,
    const base_json_t *item)
{
    const asl_step_t   *step;
    const base_json_t  *value = asl_path_root(path, view, item);

    if (value == NULL) {
        return NULL;
    }

    if (!path->definite) {
        return asl_path_all(path, view, value);
    }

    for (step = path->steps; step != NULL && value != NULL; step = step->next) {
        value = asl_step_one(step, value);
    }

    return value;
}


static const base_json_t *
asl_path_root(const asl_path_t *path, asl_view_t *view,
    const base_json_t *item)
{
    switch (path->root) {

    case ASL_ROOT_CONTEXT:
        return view->context(view);

    case ASL_ROOT_VARIABLE:
        return view->variable(view, path->variable);

    case ASL_ROOT_ITEM:
        return item;

    default:
        return view->data;
    }
}


/* The member or item that a KEY or an INDEX names. */
static const base_json_t *
asl_step_one(const asl_step_t *step, const base_json_t *value)
{
    int64_t  index = step->from;

    if (step->kind == ASL_STEP_KEY) {
        return base_json_get(value, step->key);
    }

    if (value->type != BASE_JSON_ARRAY) {
        return NULL;
    }

    if (index < 0) {
        index += value->count;
    }

    return index < 0 || index >= value->count
           ? NULL : base_json_at(value, (size_t) index);
}


static void
asl_nodes_add(asl_view_t *view, asl_nodes_t *nodes, const base_json_t *value)
{
    uint32_t             cap;
    const base_json_t  **items;

    if (nodes->count == nodes->cap) {
        if (nodes->cap >= ASL_PATH_NODES_MAX) {
            view->status = ASL_LIMIT;
            return;
        }

        cap = nodes->cap == 0 ? 16 : nodes->cap * 2;
        items = base_arena_calloc(view->arena, cap, sizeof(*items));
        if (items == NULL) {
            view->status = ASL_NOMEM;
            return;
        }

        if (nodes->count > 0) {
            memcpy(items, nodes->items, nodes->count * sizeof(*items));
        }

        nodes->items = items;
        nodes->cap = cap;
    }

    nodes->items[nodes->count++] = value;
}


/* Adds value and all below it, in the order of the text.  The nesting of data
 * is bounded, and with it this recursion. */
static void
asl_nodes_add_deep(asl_view_t *view, asl_nodes_t *nodes,
    const base_json_t *value)
{
    const base_json_t  *member;

    asl_nodes_add(view, nodes, value);
    if (value->type < BASE_JSON_ARRAY) {
        return;
    }

    base_json_each(member, value) {
        if (view->status != ASL_OK) {
            return;
        }

        asl_nodes_add_deep(view, nodes, member);
    }
}


static void
asl_step_slice(const asl_step_t *step, asl_view_t *view,
    const base_json_t *value, asl_nodes_t *out)
{
    int64_t             from, to, index = 0;
    const base_json_t  *item;

    if (value->type != BASE_JSON_ARRAY) {
        return;
    }

    from = step->has_from ? step->from : 0;
    to = step->has_to ? step->to : value->count;
    if (from < 0) {
        from = from + value->count < 0 ? 0 : from + value->count;
    }

    if (to < 0) {
        to += value->count;
    }

    base_json_each(item, value) {
        if (index >= to || view->status != ASL_OK) {
            break;
        }

        if (index >= from && (index - from) % step->stride == 0) {
            asl_nodes_add(view, out, item);
        }

        index++;
    }
}


/* ALL and FILTER. */
static void
asl_step_each(const asl_step_t *step, asl_view_t *view,
    const base_json_t *value, asl_nodes_t *out)
{
    const base_json_t  *member;

    if (value->type < BASE_JSON_ARRAY) {
        return;
    }

    base_json_each(member, value) {
        if (view->status != ASL_OK) {
            return;
        }

        if (step->kind == ASL_STEP_ALL
            || asl_filter_test(step->filter, view, member))
        {
            asl_nodes_add(view, out, member);
        }
    }
}


static void
asl_step_apply(const asl_step_t *step, asl_view_t *view,
    const base_json_t *value, asl_nodes_t *out)
{
    const asl_step_t   *member;
    const base_json_t  *one;

    switch (step->kind) {

    case ASL_STEP_SLICE:
        asl_step_slice(step, view, value, out);
        return;

    case ASL_STEP_ALL:
    case ASL_STEP_FILTER:
        asl_step_each(step, view, value, out);
        return;

    case ASL_STEP_UNION:
        for (member = step->members; member != NULL; member = member->next) {
            asl_step_apply(member, view, value, out);   /* no further down */
        }

        return;

    default:
        one = asl_step_one(step, value);
        if (one != NULL) {
            asl_nodes_add(view, out, one);
        }
    }
}


static const base_json_t *
asl_path_all(const asl_path_t *path, asl_view_t *view,
    const base_json_t *root)
{
    uint32_t           i;
    asl_nodes_t        now = { 0 }, below, next;
    base_json_t       *array, *item;
    const asl_step_t  *step;

    asl_nodes_add(view, &now, root);
    for (step = path->steps; step != NULL; step = step->next) {
        if (step->descend) {
            below = (asl_nodes_t) { 0 };
            for (i = 0; i < now.count && view->status == ASL_OK; i++) {
                asl_nodes_add_deep(view, &below, now.items[i]);
            }

            now = below;
        }

        next = (asl_nodes_t) { 0 };
        for (i = 0; i < now.count && view->status == ASL_OK; i++) {
            asl_step_apply(step, view, now.items[i], &next);
        }

        now = next;
    }

    if (view->status != ASL_OK) {
        return NULL;
    }

    array = base_json_array(view->arena);
    for (i = 0; array != NULL && i < now.count; i++) {
        item = base_json_share(view->arena, now.items[i]);
        if (item == NULL) {
            array = NULL;
            break;
        }

        base_json_append(array, item);
    }

    if (array == NULL) {
        view->status = ASL_NOMEM;
    }

    return array;
}


int
asl_number_compare(const base_json_t *a, const base_json_t *b)
{
    double   x, y;
    int64_t  m, n;

    if (base_str_eq(a->text, b->text)) {
        return 0;
    }

    if (base_json_to_int(a, &m) && base_json_to_int(b, &n)) {
        return (m > n) - (m < n);
    }

    /* what is beyond all doubles is infinite here */
    if (!base_json_to_double(a, &x)) {
        x = a->text.data[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    }

    if (!base_json_to_double(b, &y)) {
        y = b->text.data[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    }

    return (x > y) - (x < y);
}


/* Strings by code points, numbers by value; false for anything else. */
static bool
asl_order(const base_json_t *a, const base_json_t *b, int *order)
{
    if (a->type != b->type) {
        return false;
    }

    switch (a->type) {

    case BASE_JSON_NUMBER:
        *order = asl_number_compare(a, b);
        return true;

    case BASE_JSON_STRING:
        *order = base_str_cmp(a->text, b->text);
        return true;

    default:
        return false;
    }
}


static bool
asl_filter_in(const base_json_t *value, const base_json_t *list)
{
    const base_json_t  *item;

    if (list->type != BASE_JSON_ARRAY) {
        return false;
    }

    base_json_each(item, list) {
        if (base_json_equal(value, item)) {
            return true;
        }
    }

    return false;
}


static bool
asl_filter_compare(const asl_filter_t *filter, asl_view_t *view,
    const base_json_t *item)
{
    int                 order;
    const base_json_t  *a = filter->a.literal, *b = filter->b.literal;

    if (filter->a.path != NULL) {
        a = asl_path_get_from(filter->a.path, view, item);
    }

    if (filter->b.path != NULL) {
        b = asl_path_get_from(filter->b.path, view, item);
    }

    switch (filter->kind) {

    case ASL_FILTER_EQ:
    case ASL_FILTER_NE:
        return (a != NULL && b != NULL && base_json_equal(a, b))
               == (filter->kind == ASL_FILTER_EQ);

    case ASL_FILTER_IN:
    case ASL_FILTER_NIN:
        return (a != NULL && b != NULL && asl_filter_in(a, b))
               == (filter->kind == ASL_FILTER_IN);

    default:
        break;
    }

    if (a == NULL || b == NULL || !asl_order(a, b, &order)) {
        return false;
    }

    return filter->kind == ASL_FILTER_LT ? order < 0
           : filter->kind == ASL_FILTER_LE ? order <= 0
           : filter->kind == ASL_FILTER_GT ? order > 0
           : order >= 0;
}


/* A path of many values exists when it selects one at least. */
static bool
asl_filter_exists(const asl_path_t *path, asl_view_t *view,
    const base_json_t *item)
{
    const base_json_t  *value = asl_path_get_from(path, view, item);

    return value != NULL && (path->definite || value->count > 0);
}


/* Recursion is bounded by ASL_FILTER_DEPTH. */
static bool
asl_filter_test(const asl_filter_t *filter, asl_view_t *view,
    const base_json_t *item)
{
    bool                 stop;
    const asl_filter_t  *member;

    switch (filter->kind) {

    case ASL_FILTER_OR:
    case ASL_FILTER_AND:
        stop = filter->kind == ASL_FILTER_OR;
        for (member = filter->first; member != NULL; member = member->next) {
            if (asl_filter_test(member, view, item) == stop) {
                return stop;
            }
        }

        return !stop;

    case ASL_FILTER_NOT:
        return !asl_filter_test(filter->first, view, item);

    case ASL_FILTER_EXISTS:
        return asl_filter_exists(filter->a.path, view, item);

    default:
        return asl_filter_compare(filter, view, item);
    }
}
