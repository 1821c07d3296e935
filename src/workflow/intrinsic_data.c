/* SPDX-License-Identifier: BSD-2-Clause */

/* Intrinsic functions over arrays, objects and numbers. */

#include "workflow/intrinsic.h"

#include "workflow/def.h"


base_json_t *
asl_intrinsic_array(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    uint32_t      i;
    base_json_t  *array = base_json_array(view->arena);

    for (i = 0; array != NULL && i < count; i++) {
        if (!asl_intrinsic_append(view, array, args[i])) {
            return NULL;
        }
    }

    return asl_intrinsic_done(view, array);
}


base_json_t *
asl_intrinsic_array_partition(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    int64_t             size;
    base_json_t        *array, *chunk = NULL;
    const base_json_t  *item;

    (void) count;
    if (!asl_intrinsic_arg(view, "ArrayPartition", args[0], BASE_JSON_ARRAY)
        || !asl_intrinsic_round(view, "ArrayPartition", args[1], &size))
    {
        return NULL;
    }

    if (size < 1) {
        return asl_intrinsic_fail(view, "States.ArrayPartition expected a "
                                  "chunk size of 1 or more");
    }

    array = base_json_array(view->arena);
    if (array == NULL) {
        return asl_intrinsic_done(view, NULL);
    }

    base_json_each(item, args[0]) {
        if (chunk == NULL || chunk->count >= size) {
            chunk = base_json_array(view->arena);
            if (chunk == NULL) {
                return asl_intrinsic_done(view, NULL);
            }

            base_json_append(array, chunk);
        }

        if (!asl_intrinsic_append(view, chunk, item)) {
            return NULL;
        }
    }

    return array;
}


base_json_t *
asl_intrinsic_array_contains(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    bool                found = false;
    const base_json_t  *item;

    (void) count;
    if (!asl_intrinsic_arg(view, "ArrayContains", args[0], BASE_JSON_ARRAY)) {
        return NULL;
    }

    base_json_each(item, args[0]) {
        found |= base_json_equal(item, args[1]);
        if (found) {
            break;
        }
    }

    return asl_intrinsic_done(view, base_json_boolean(view->arena, found));
}


base_json_t *
asl_intrinsic_array_range(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    int64_t       first, last, step, value;
    base_json_t  *array, *item;

    (void) count;
    if (!asl_intrinsic_round(view, "ArrayRange", args[0], &first)
        || !asl_intrinsic_round(view, "ArrayRange", args[1], &last)
        || !asl_intrinsic_round(view, "ArrayRange", args[2], &step))
    {
        return NULL;
    }

    if (step == 0) {
        return asl_intrinsic_fail(view, "States.ArrayRange expected a step "
                                  "other than 0");
    }

    array = base_json_array(view->arena);
    if (array == NULL) {
        return asl_intrinsic_done(view, NULL);
    }

    for (value = first; step > 0 ? value <= last : value >= last; ) {
        if (array->count == ASL_RANGE_MAX) {
            return asl_intrinsic_fail(view, "States.ArrayRange expected at "
                                      "most %d items", ASL_RANGE_MAX);
        }

        item = base_json_int(view->arena, value);
        if (item == NULL) {
            return asl_intrinsic_done(view, NULL);
        }

        base_json_append(array, item);
        if (__builtin_add_overflow(value, step, &value)) {
            break;
        }
    }

    return array;
}


base_json_t *
asl_intrinsic_array_get_item(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    int64_t  index;

    (void) count;
    if (!asl_intrinsic_arg(view, "ArrayGetItem", args[0], BASE_JSON_ARRAY)
        || !asl_intrinsic_int(view, "ArrayGetItem", args[1], &index))
    {
        return NULL;
    }

    if (index < 0 || index >= args[0]->count) {
        return asl_intrinsic_fail(view, "States.ArrayGetItem expected an index "
                                  "below %u", args[0]->count);
    }

    return asl_intrinsic_done(view,
                              base_json_share(view->arena,
                                              base_json_at(args[0],
                                                           (size_t) index)));
}


base_json_t *
asl_intrinsic_array_length(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    (void) count;
    if (!asl_intrinsic_arg(view, "ArrayLength", args[0], BASE_JSON_ARRAY)) {
        return NULL;
    }

    return asl_intrinsic_done(view, base_json_int(view->arena,
                                                  args[0]->count));
}


/* By a hash table, as the array may be long. */
base_json_t *
asl_intrinsic_array_unique(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    size_t               slot, size = 16;
    base_json_t         *array;
    const base_json_t   *item, **table;

    (void) count;
    if (!asl_intrinsic_arg(view, "ArrayUnique", args[0], BASE_JSON_ARRAY)) {
        return NULL;
    }

    while (size < 2 * (size_t) args[0]->count) {
        size *= 2;
    }

    array = base_json_array(view->arena);
    table = base_arena_calloc(view->arena, size, sizeof(*table));
    if (array == NULL || table == NULL) {
        return asl_intrinsic_done(view, NULL);
    }

    base_json_each(item, args[0]) {
        slot = asl_json_hash(item) & (size - 1);
        while (table[slot] != NULL && !base_json_equal(table[slot], item)) {
            slot = (slot + 1) & (size - 1);
        }

        if (table[slot] == NULL) {
            table[slot] = item;
            if (!asl_intrinsic_append(view, array, item)) {
                return NULL;
            }
        }
    }

    return array;
}


/* The recursion is bounded by the nesting of both. */
static base_json_t *
asl_merge(asl_view_t *view, const base_json_t *a, const base_json_t *b,
    bool deep)
{
    base_json_t        *out = base_json_object(view->arena), *value;
    const base_json_t  *member, *other;

    if (out == NULL) {
        return NULL;
    }

    base_json_each(member, a) {
        other = base_json_get(b, member->key);
        if (other == NULL) {
            value = base_json_share(view->arena, member);
        } else if (deep && other->type == BASE_JSON_OBJECT
                   && member->type == BASE_JSON_OBJECT)
        {
            value = asl_merge(view, member, other, true);
        } else {
            value = base_json_share(view->arena, other);
        }

        if (value == NULL) {
            return NULL;
        }

        base_json_add(out, member->key, value);
    }

    base_json_each(member, b) {
        if (base_json_get(a, member->key) != NULL) {
            continue;
        }

        value = base_json_share(view->arena, member);
        if (value == NULL) {
            return NULL;
        }

        base_json_add(out, member->key, value);
    }

    return out;
}


base_json_t *
asl_intrinsic_json_merge(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    (void) count;
    if (!asl_intrinsic_arg(view, "JsonMerge", args[0], BASE_JSON_OBJECT)
        || !asl_intrinsic_arg(view, "JsonMerge", args[1], BASE_JSON_OBJECT)
        || !asl_intrinsic_arg(view, "JsonMerge", args[2], BASE_JSON_BOOLEAN))
    {
        return NULL;
    }

    return asl_intrinsic_done(view, asl_merge(view, args[0], args[1],
                                              args[2]->boolean));
}


/* From start to end, which is not included.  A seed gives the same number
 * always (SplitMix64). */
base_json_t *
asl_intrinsic_math_random(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    int64_t   start, end, seed;
    uint64_t  bits = 0, range;

    if (!asl_intrinsic_round(view, "MathRandom", args[0], &start)
        || !asl_intrinsic_round(view, "MathRandom", args[1], &end)
        || (count > 2
            && !asl_intrinsic_int(view, "MathRandom", args[2], &seed)))
    {
        return NULL;
    }

    if (start >= end) {
        return asl_intrinsic_fail(view, "States.MathRandom expected a start "
                                  "below the end, which is not among the "
                                  "numbers");
    }

    if (count > 2) {
        bits = (uint64_t) seed + 0x9e3779b97f4a7c15u;
        bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
        bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
        bits ^= bits >> 31;
    } else {
        view->env->random(view->env->data, (unsigned char *) &bits,
                          sizeof(bits));
    }

    range = (uint64_t) end - (uint64_t) start;
    bits %= range;
    return asl_intrinsic_done(view,
                              base_json_int(view->arena,
                                            (int64_t) ((uint64_t) start
                                                       + bits)));
}


base_json_t *
asl_intrinsic_math_add(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    int64_t  a, b, sum;

    (void) count;
    if (!asl_intrinsic_round(view, "MathAdd", args[0], &a)
        || !asl_intrinsic_round(view, "MathAdd", args[1], &b))
    {
        return NULL;
    }

    if (__builtin_add_overflow(a, b, &sum)) {
        return asl_intrinsic_fail(view, "States.MathAdd: the sum has more than "
                                  "63 bits");
    }

    return asl_intrinsic_done(view, base_json_int(view->arena, sum));
}
