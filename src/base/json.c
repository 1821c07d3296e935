/* SPDX-License-Identifier: BSD-2-Clause */

/* Values: how they are made, linked, found, copied and compared.  Reading text
 * is json_parse.c, writing json_write.c, what a number means json_number.c. */

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_internal.h"


/* Objects up to this size are compared by looking up each key. */
#define JSON_LINEAR_EQUAL_MAX  16


static base_json_t *json_new(base_arena_t *arena, base_json_type_t type);
static void json_link(base_json_t *container, base_json_t *item);
static base_json_t *json_find(const base_json_t *object, base_str_t key,
    base_json_t **previous);
static base_json_t *json_copy(base_arena_t *arena, const base_json_t *value,
    unsigned depth);
static bool json_equal(const base_json_t *a, const base_json_t *b,
    unsigned depth);
static bool json_arrays_equal(const base_json_t *a, const base_json_t *b,
    unsigned depth);
static bool json_objects_equal(const base_json_t *a, const base_json_t *b,
    unsigned depth);
static bool json_large_objects_equal(const base_json_t *a,
    const base_json_t *b, unsigned depth);


base_json_t *
base_json_null(base_arena_t *arena)
{
    return json_new(arena, BASE_JSON_NULL);
}


base_json_t *
base_json_boolean(base_arena_t *arena, bool value)
{
    base_json_t  *node = json_new(arena, BASE_JSON_BOOLEAN);

    if (node != NULL) {
        node->boolean = value;
    }

    return node;
}


base_json_t *
base_json_string(base_arena_t *arena, base_str_t value)
{
    base_json_t  *node = json_new(arena, BASE_JSON_STRING);

    if (node != NULL) {
        node->text = value;
    }

    return node;
}


base_json_t *
base_json_number(base_arena_t *arena, base_str_t text)
{
    base_json_t  *node = json_new(arena, BASE_JSON_NUMBER);

    if (node != NULL) {
        node->text = text;
    }

    return node;
}


base_json_t *
base_json_array(base_arena_t *arena)
{
    return json_new(arena, BASE_JSON_ARRAY);
}


base_json_t *
base_json_object(base_arena_t *arena)
{
    return json_new(arena, BASE_JSON_OBJECT);
}


base_json_t *
base_json_share(base_arena_t *arena, const base_json_t *value)
{
    base_json_t  *node = base_arena_alloc(arena, sizeof(base_json_t));

    if (node != NULL) {
        *node = *value;
        node->next = NULL;
        node->key = base_str(NULL, 0);
    }

    return node;
}


base_json_t *
base_json_copy(base_arena_t *arena, const base_json_t *value)
{
    return json_copy(arena, value, 0);
}


void
base_json_append(base_json_t *array, base_json_t *item)
{
    json_link(array, item);
}


void
base_json_add(base_json_t *object, base_str_t key, base_json_t *item)
{
    item->key = key;
    json_link(object, item);
}


void
base_json_set(base_json_t *object, base_str_t key, base_json_t *item)
{
    base_json_t  *previous;
    base_json_t  *found = json_find(object, key, &previous);

    if (found == NULL) {
        base_json_add(object, key, item);
        return;
    }

    item->key = key;
    item->next = found->next;

    if (previous == NULL) {
        object->members.first = item;
    } else {
        previous->next = item;
    }

    if (object->members.last == found) {
        object->members.last = item;
    }
}


bool
base_json_remove(base_json_t *object, base_str_t key)
{
    base_json_t  *previous;
    base_json_t  *found = json_find(object, key, &previous);

    if (found == NULL) {
        return false;
    }

    if (previous == NULL) {
        object->members.first = found->next;
    } else {
        previous->next = found->next;
    }

    if (object->members.last == found) {
        object->members.last = previous;
    }

    found->next = NULL;
    object->count--;

    return true;
}


base_json_t *
base_json_get(const base_json_t *object, base_str_t key)
{
    base_json_t  *member;

    if (object == NULL || object->type != BASE_JSON_OBJECT) {
        return NULL;
    }

    base_json_each(member, object) {
        if (base_str_eq(member->key, key)) {
            return member;
        }
    }

    return NULL;
}


base_json_t *
base_json_at(const base_json_t *array, size_t index)
{
    base_json_t  *item;

    if (array == NULL || array->type != BASE_JSON_ARRAY
        || index >= array->count)
    {
        return NULL;
    }

    item = array->members.first;

    while (index-- > 0) {
        item = item->next;
    }

    return item;
}


base_str_t
base_json_get_str(const base_json_t *object, base_str_t key)
{
    const base_json_t  *member = base_json_get(object, key);

    if (member == NULL || member->type != BASE_JSON_STRING) {
        return base_str(NULL, 0);
    }

    return member->text;
}


bool
base_json_equal(const base_json_t *a, const base_json_t *b)
{
    return json_equal(a, b, 0);
}


void
base_json_sort_members(const base_json_t *object, const base_json_t **members)
{
    size_t               i, j, k, width, middle, end;
    size_t               count = 0;
    const base_json_t   *member;
    const base_json_t  **from = members;
    const base_json_t  **to = members + object->count;
    const base_json_t  **swap;

    for (member = object->members.first; count < object->count;
         member = member->next)
    {
        from[count++] = member;
    }

    /* merges runs of 1, 2, 4, ... from one half of the array to the other */
    for (width = 1; width < count; width *= 2) {
        for (k = 0, end = 0; k < count; ) {
            i = end;
            middle = count - i > width ? i + width : count;
            j = middle;
            end = count - j > width ? j + width : count;

            while (k < end) {
                if (j == end
                    || (i < middle
                        && base_str_cmp(from[i]->key, from[j]->key) <= 0))
                {
                    to[k++] = from[i++];
                } else {
                    to[k++] = from[j++];
                }
            }
        }

        swap = from;
        from = to;
        to = swap;
    }

    if (from != members) {
        memcpy(members, from, count * sizeof(members[0]));
    }
}


static base_json_t *
json_new(base_arena_t *arena, base_json_type_t type)
{
    base_json_t  *node = base_arena_alloc(arena, sizeof(base_json_t));

    if (node != NULL) {
        *node = (base_json_t) { .type = type };
    }

    return node;
}


static void
json_link(base_json_t *container, base_json_t *item)
{
    item->next = NULL;

    if (container->members.last == NULL) {
        container->members.first = item;
    } else {
        container->members.last->next = item;
    }

    container->members.last = item;
    container->count++;
}


/* The member of that key, and the one before it or NULL. */
static base_json_t *
json_find(const base_json_t *object, base_str_t key, base_json_t **previous)
{
    base_json_t  *member;

    *previous = NULL;

    base_json_each(member, object) {
        if (base_str_eq(member->key, key)) {
            return member;
        }

        *previous = member;
    }

    return NULL;
}


static base_json_t *
json_copy(base_arena_t *arena, const base_json_t *value, unsigned depth)
{
    base_json_t        *copy = base_json_share(arena, value);
    base_json_t        *item;
    const base_json_t  *member;

    if (copy == NULL) {
        return NULL;
    }

    if (value->type == BASE_JSON_STRING || value->type == BASE_JSON_NUMBER) {
        return base_arena_str(arena, value->text, &copy->text) ? copy : NULL;
    }

    if (value->type < BASE_JSON_ARRAY) {
        return copy;
    }

    if (depth == BASE_JSON_DEPTH_CEILING) {
        return NULL;
    }

    copy->members.first = NULL;
    copy->members.last = NULL;
    copy->count = 0;

    base_json_each(member, value) {
        item = json_copy(arena, member, depth + 1);
        if (item == NULL) {
            return NULL;
        }

        if (value->type == BASE_JSON_OBJECT
            && !base_arena_str(arena, member->key, &item->key))
        {
            return NULL;
        }

        json_link(copy, item);
    }

    return copy;
}


static bool
json_equal(const base_json_t *a, const base_json_t *b, unsigned depth)
{
    if (a->type != b->type
        || (a->type >= BASE_JSON_ARRAY && depth == BASE_JSON_DEPTH_CEILING))
    {
        return false;
    }

    switch (a->type) {
    case BASE_JSON_NULL:
        return true;

    case BASE_JSON_BOOLEAN:
        return a->boolean == b->boolean;

    case BASE_JSON_NUMBER:
        return base_json_number_equal(a->text, b->text);

    case BASE_JSON_STRING:
        return base_str_eq(a->text, b->text);

    case BASE_JSON_ARRAY:
        return json_arrays_equal(a, b, depth);

    case BASE_JSON_OBJECT:
        return json_objects_equal(a, b, depth);
    }

    return false;
}


static bool
json_arrays_equal(const base_json_t *a, const base_json_t *b, unsigned depth)
{
    const base_json_t  *x;
    const base_json_t  *y = b->members.first;

    if (a->count != b->count) {
        return false;
    }

    base_json_each(x, a) {
        if (!json_equal(x, y, depth + 1)) {
            return false;
        }

        y = y->next;
    }

    return true;
}


static bool
json_objects_equal(const base_json_t *a, const base_json_t *b, unsigned depth)
{
    const base_json_t  *x, *y;

    if (a->count != b->count) {
        return false;
    }

    if (a->count > JSON_LINEAR_EQUAL_MAX) {
        return json_large_objects_equal(a, b, depth);
    }

    base_json_each(x, a) {
        y = base_json_get(b, x->key);

        if (y == NULL || !json_equal(x, y, depth + 1)) {
            return false;
        }
    }

    return true;
}


/* Sorted first, so that a client's choice of keys costs no n squared. */
static bool
json_large_objects_equal(const base_json_t *a, const base_json_t *b,
    unsigned depth)
{
    bool                 equal = false;
    size_t               i;
    const base_json_t  **x = calloc((size_t) a->count * 2, sizeof(x[0]));
    const base_json_t  **y = calloc((size_t) b->count * 2, sizeof(y[0]));

    if (x == NULL || y == NULL) {
        goto done;
    }

    base_json_sort_members(a, x);
    base_json_sort_members(b, y);

    for (i = 0; i < a->count; i++) {
        if (!base_str_eq(x[i]->key, y[i]->key)
            || !json_equal(x[i], y[i], depth + 1))
        {
            goto done;
        }
    }

    equal = true;

done:

    free(x);
    free(y);

    return equal;
}
