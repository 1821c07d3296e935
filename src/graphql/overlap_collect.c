/* SPDX-License-Identifier: BSD-2-Clause */

#include "graphql/overlap.h"

#include <stdlib.h>


static void gql_collection_spread(gql_collection_t *collection,
    const gql_fragment_t *fragment);
static int gql_collected_compare(const void *a, const void *b);


bool
gql_collection_init(gql_collection_t *collection, gql_validation_t *v)
{
    memset(collection, 0, sizeof(gql_collection_t));
    collection->v = v;
    collection->stamps = base_arena_calloc(v->arena,
                                           v->document->fragment_count + 1,
                                           sizeof(uint32_t));
    return collection->stamps != NULL;
}


void
gql_collection_begin(gql_collection_t *collection)
{
    collection->fields.count = 0;
    collection->pending.count = 0;
    collection->stamp++;
}


/* Recurses into inline fragments only, as deep as the parser lets them be. */
void
gql_collection_add(gql_collection_t *collection,
    const gql_selection_t *selections)
{
    gql_collected_t        *item;
    const gql_selection_t  *selection;

    for (selection = selections; selection != NULL;
         selection = selection->next)
    {
        switch (selection->kind) {
        case GQL_SELECTION_INLINE:
            gql_collection_add(collection, selection->selections);
            break;

        case GQL_SELECTION_SPREAD:
            gql_collection_spread(collection, selection->fragment);
            break;

        case GQL_SELECTION_FIELD:
            item = gql_list_add(&collection->fields, collection->v->arena,
                                sizeof(gql_collected_t));
            if (item == NULL) {
                gql_validation_nomem(collection->v);
                return;
            }

            *item = (gql_collected_t) {
                selection, collection->fields.count
            };
            break;
        }
    }
}


static void
gql_collection_spread(gql_collection_t *collection,
    const gql_fragment_t *fragment)
{
    const gql_fragment_t  **item;

    if (fragment == NULL
        || collection->stamps[fragment->index] == collection->stamp)
    {
        return;
    }

    collection->stamps[fragment->index] = collection->stamp;
    item = gql_list_add(&collection->pending, collection->v->arena,
                        sizeof(gql_fragment_t *));
    if (item == NULL) {
        gql_validation_nomem(collection->v);
        return;
    }

    *item = fragment;
}


bool
gql_collection_end(gql_collection_t *collection)
{
    uint32_t                i;
    const gql_fragment_t  **pending;

    for (i = 0; i < collection->pending.count; i++) {
        pending = collection->pending.items;
        gql_collection_add(collection, pending[i]->selections);
    }

    if (collection->fields.count > 1) {
        qsort(collection->fields.items, collection->fields.count,
              sizeof(gql_collected_t), gql_collected_compare);
    }

    return !collection->v->report.errors->nomem
           && gql_validation_work(collection->v,
                                  1 + collection->fields.count
                                  + collection->pending.count);
}


static int
gql_collected_compare(const void *a, const void *b)
{
    int                     order;
    const gql_collected_t  *one = a;
    const gql_collected_t  *two = b;

    order = base_str_cmp(one->field->key, two->field->key);
    return order != 0 ? order
                      : (one->order > two->order) - (one->order < two->order);
}
