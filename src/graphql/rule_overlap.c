/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Field Selection Merging: fields of one response key can be merged.
 *
 * The specification compares each pair of fields.  Both of its conditions are
 * equivalences, though, so all fields of a response key are compared with the
 * first one, and what is selected below all of them is one set on the next
 * level.  The sets are gone through twice:
 *
 *   SAME    fields that may be of one object: parent types that are equal or
 *           not both objects.  They have one name and equal arguments.
 *   SHAPE   all fields: their types have one shape, so that a response can be
 *           read without knowing which object it came from.
 *
 * A set that has been seen is not gone through again: fragments that are spread
 * in many places cost once for each place, not once for each path.  What is
 * left to explode (object types beside interfaces, level by level) ends at the
 * budget of validation.
 */

#include "graphql/overlap.h"

#include <stdlib.h>


/* Two fields that have been reported. */
typedef struct {
    uint32_t  first;
    uint32_t  second;
} gql_reported_t;

typedef struct {
    gql_validation_t       *v;
    gql_collection_t        collection;
    gql_overlap_mode_t      mode;
    gql_list_t              sets;       /* gql_field_set_t: a stack */
    gql_list_t              reported;
    gql_seen_sets_t         seen;
    const gql_selection_t **objects;    /* scratch: fields on objects ... */
    const gql_selection_t **others;     /* ... and on abstract types */
    uint32_t                cap;        /* of both */
} gql_overlap_t;


static bool gql_overlap_run(gql_overlap_t *overlap, gql_overlap_mode_t mode,
    const gql_operation_t *operation);
static bool gql_overlap_groups(gql_overlap_t *overlap,
    const gql_origin_t *origin);
static bool gql_overlap_group(gql_overlap_t *overlap,
    const gql_collected_t *group, uint32_t count, const gql_origin_t *origin);
static bool gql_overlap_same_parents(gql_overlap_t *overlap,
    const gql_collected_t *group, uint32_t count, const gql_origin_t *origin);
static bool gql_overlap_check(gql_overlap_t *overlap,
    const gql_selection_t **fields, uint32_t count,
    const gql_origin_t *origin);
static bool gql_overlap_push(gql_overlap_t *overlap,
    const gql_selection_t **fields, uint32_t count,
    const gql_origin_t *origin);
static void gql_overlap_report(gql_overlap_t *overlap,
    const gql_selection_t *a, const gql_selection_t *b,
    const gql_origin_t *origin);


void
gql_rule_overlapping_fields(gql_validation_t *v)
{
    gql_overlap_t           overlap = { .v = v };
    const gql_operation_t  *operation;

    if (v->cyclic) {
        return;
    }

    if (!gql_collection_init(&overlap.collection, v)) {
        gql_validation_nomem(v);
        return;
    }

    for (operation = v->document->operations; operation != NULL;
         operation = operation->next)
    {
        if (!gql_overlap_run(&overlap, GQL_OVERLAP_SAME, operation)
            || !gql_overlap_run(&overlap, GQL_OVERLAP_SHAPE, operation))
        {
            return;
        }
    }
}


/* False when it must end: memory, the budget, or enough errors. */
static bool
gql_overlap_run(gql_overlap_t *overlap, gql_overlap_mode_t mode,
    const gql_operation_t *operation)
{
    uint32_t           i;
    gql_field_set_t    set;
    gql_collection_t  *collection = &overlap->collection;

    overlap->mode = mode;

    gql_collection_begin(collection);
    gql_collection_add(collection, operation->selections);

    if (!gql_collection_end(collection) || !gql_overlap_groups(overlap, NULL))
    {
        return false;
    }

    while (overlap->sets.count > 0) {
        set = ((gql_field_set_t *) overlap->sets.items)[--overlap->sets.count];

        gql_collection_begin(collection);

        for (i = 0; i < set.count; i++) {
            gql_collection_add(collection, set.fields[i]->selections);
        }

        if (!gql_collection_end(collection)
            || !gql_overlap_groups(overlap, set.origin)
            || gql_report_full(&overlap->v->report))
        {
            return false;
        }
    }

    return true;
}


/* What has been collected, response key by response key. */
static bool
gql_overlap_groups(gql_overlap_t *overlap, const gql_origin_t *origin)
{
    uint32_t          i, k, count = overlap->collection.fields.count;
    gql_collected_t  *fields = overlap->collection.fields.items;

    for (i = 0; i < count; i = k) {
        k = i + 1;

        while (k < count
               && base_str_eq(fields[k].field->key, fields[i].field->key))
        {
            k++;
        }

        if (!gql_overlap_group(overlap, &fields[i], k - i, origin)) {
            return false;
        }
    }

    return true;
}


/* Room to take fields apart in. */
static bool
gql_overlap_room(gql_overlap_t *overlap, uint32_t count)
{
    if (count <= overlap->cap) {
        return true;
    }

    count = count * 2;
    overlap->objects = base_arena_calloc(overlap->v->arena, count,
                                         sizeof(void *));
    overlap->others = base_arena_calloc(overlap->v->arena, count,
                                        sizeof(void *));
    overlap->cap = count;

    if (overlap->objects == NULL || overlap->others == NULL) {
        gql_validation_nomem(overlap->v);
        return false;
    }

    return true;
}


static bool
gql_overlap_group(gql_overlap_t *overlap, const gql_collected_t *group,
    uint32_t count, const gql_origin_t *up)
{
    uint32_t       i;
    gql_origin_t  *origin;

    if (count == 1 && group->field->selections == NULL) {
        return true;
    }

    origin = base_arena_alloc(overlap->v->arena, sizeof(gql_origin_t));
    if (origin == NULL || !gql_overlap_room(overlap, count)) {
        gql_validation_nomem(overlap->v);
        return false;
    }

    *origin = (gql_origin_t) { up, group->field->key, count > 1 };

    if (overlap->mode == GQL_OVERLAP_SAME) {
        return gql_overlap_same_parents(overlap, group, count, origin);
    }

    for (i = 0; i < count; i++) {
        overlap->others[i] = group[i].field;
    }

    return gql_overlap_check(overlap, overlap->others, count, origin);
}


static int
gql_overlap_by_offset(const void *a, const void *b)
{
    const gql_selection_t *const  *one = a;
    const gql_selection_t *const  *two = b;

    return ((*one)->offset > (*two)->offset)
           - ((*one)->offset < (*two)->offset);
}


static int
gql_overlap_by_parent(const void *a, const void *b)
{
    const gql_selection_t *const  *one = a;
    const gql_selection_t *const  *two = b;
    uint32_t                       x = (*one)->parent->index;
    uint32_t                       y = (*two)->parent->index;

    return x != y ? (x > y) - (x < y) : gql_overlap_by_offset(a, b);
}


/* Fields on one object type, together with those on abstract types, which may
 * turn out to be on that object. */
static bool
gql_overlap_same_parents(gql_overlap_t *overlap, const gql_collected_t *group,
    uint32_t count, const gql_origin_t *origin)
{
    uint32_t                 i, k, objects = 0, others = 0;
    const gql_selection_t   *field;
    const gql_selection_t  **set = overlap->others;

    for (i = 0; i < count; i++) {
        field = group[i].field;

        if (field->parent != NULL && field->parent->kind == GQL_TYPE_OBJECT) {
            overlap->objects[objects++] = field;

        } else {
            overlap->others[others++] = field;
        }
    }

    if (objects == 0) {
        return gql_overlap_check(overlap, set, others, origin);
    }

    if (objects > 1) {
        qsort(overlap->objects, objects, sizeof(void *),
              gql_overlap_by_parent);
    }

    for (i = 0; i < objects; i = k) {
        for (k = i; k < objects && overlap->objects[k]->parent
                                   == overlap->objects[i]->parent; k++)
        {
            set[others + k - i] = overlap->objects[k];
        }

        if (!gql_validation_work(overlap->v, others)
            || !gql_overlap_check(overlap, set, others + k - i, origin))
        {
            return false;
        }
    }

    return true;
}


/* All of them against the first one, then what is below them. */
static bool
gql_overlap_check(gql_overlap_t *overlap, const gql_selection_t **fields,
    uint32_t count, const gql_origin_t *origin)
{
    bool      conflict = false, same;
    uint32_t  i;

    for (i = 1; i < count; i++) {
        same = overlap->mode == GQL_OVERLAP_SAME
               ? gql_overlap_same(overlap->v, fields[0], fields[i])
               : gql_overlap_same_shape(fields[0], fields[i]);

        if (!same) {
            gql_overlap_report(overlap, fields[0], fields[i], origin);
            conflict = true;
        }
    }

    return conflict || gql_overlap_push(overlap, fields, count, origin);
}


/* Those of the fields that have a selection set are a set to look into, unless
 * that has been done. */
static bool
gql_overlap_push(gql_overlap_t *overlap, const gql_selection_t **fields,
    uint32_t count, const gql_origin_t *origin)
{
    uint32_t          i, below = 0;
    base_arena_t     *arena = overlap->v->arena;
    gql_field_set_t  *set, *item;

    for (i = 0; i < count; i++) {
        below += fields[i]->selections != NULL;
    }

    if (below == 0) {
        return true;
    }

    set = base_arena_alloc(arena, sizeof(gql_field_set_t));
    if (set == NULL) {
        gql_validation_nomem(overlap->v);
        return false;
    }

    *set = (gql_field_set_t) {
        .mode = overlap->mode,
        .fields = base_arena_calloc(arena, below, sizeof(void *)),
        .origin = origin
    };

    if (set->fields == NULL) {
        gql_validation_nomem(overlap->v);
        return false;
    }

    for (i = 0; i < count; i++) {
        if (fields[i]->selections != NULL) {
            set->fields[set->count++] = fields[i];
        }
    }

    if (set->count > 1) {           /* the same set always looks the same */
        qsort(set->fields, set->count, sizeof(void *), gql_overlap_by_offset);
    }

    if (!gql_seen_sets_add(overlap->v, &overlap->seen, set)) {
        return !overlap->v->report.errors->nomem;
    }

    item = gql_list_add(&overlap->sets, arena, sizeof(gql_field_set_t));
    if (item == NULL) {
        gql_validation_nomem(overlap->v);
        return false;
    }

    *item = *set;
    return true;
}


/* True the first time. */
static bool
gql_overlap_unreported(gql_overlap_t *overlap, const gql_selection_t *a,
    const gql_selection_t *b)
{
    gql_reported_t  *pair;

    gql_each(pair, &overlap->reported) {
        if (pair->first == a->offset && pair->second == b->offset) {
            return false;
        }
    }

    pair = gql_list_add(&overlap->reported, overlap->v->arena,
                        sizeof(gql_reported_t));
    if (pair != NULL) {
        *pair = (gql_reported_t) { a->offset, b->offset };
    }

    return true;
}


static void
gql_overlap_report(gql_overlap_t *overlap, const gql_selection_t *a,
    const gql_selection_t *b, const gql_origin_t *origin)
{
    base_buf_t         reason;
    gql_error_t       *error;
    gql_validation_t  *v = overlap->v;

    if (gql_report_full(&v->report) || !gql_overlap_unreported(overlap, a, b))
    {
        return;
    }

    base_buf_init(&reason, v->arena, SIZE_MAX);

    if (!base_str_eq(a->name, b->name)
        && overlap->mode == GQL_OVERLAP_SAME)
    {
        base_buf_printf(&reason, "\"%.*s\" and \"%.*s\" are different fields",
                        BASE_STR_ARG(a->name), BASE_STR_ARG(b->name));

    } else if (overlap->mode == GQL_OVERLAP_SAME) {
        base_buf_add_lit(&reason, "they have differing arguments");

    } else {
        base_buf_add_lit(&reason, "they return conflicting types \"");
        gql_typeref_write(a->field->type, &reason);
        base_buf_add_lit(&reason, "\" and \"");
        gql_typeref_write(b->field->type, &reason);
        base_buf_add_char(&reason, '"');
    }

    while (origin->up != NULL && origin->up->several) {
        base_str_t  inner = base_buf_str(&reason);

        base_buf_init(&reason, v->arena, SIZE_MAX);
        base_buf_printf(&reason, "subfields \"%.*s\" conflict because ",
                        BASE_STR_ARG(origin->key));
        base_buf_add_str(&reason, inner);
        origin = origin->up;
    }

    error = gql_report(&v->report, a->offset,
                       "Fields \"%.*s\" conflict because %.*s. Use different "
                       "aliases on the fields to fetch both if this was "
                       "intentional.", BASE_STR_ARG(origin->key),
                       BASE_STR_ARG(base_buf_str(&reason)));
    gql_report_also(&v->report, error, b->offset);
}
