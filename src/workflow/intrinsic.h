/* SPDX-License-Identifier: BSD-2-Clause */

/* The intrinsic functions (States Language: Appendix B).  Each checks its
 * arguments and gives a value, or NULL with the view failed. */

#ifndef ASL_INTRINSIC_H
#define ASL_INTRINSIC_H

#include "workflow/template.h"


#define ASL_RANGE_MAX       1000        /* items of States.ArrayRange */
#define ASL_CHARACTERS_MAX  10000       /* of Base64 and Hash arguments */


/* name, least and most arguments, what it uses, its function */
#define ASL_INTRINSICS(X)                                                     \
    X("Format", 1, ASL_ARGS_MAX, 0, asl_intrinsic_format)                     \
    X("StringToJson", 1, 1, 0, asl_intrinsic_string_to_json)                  \
    X("JsonToString", 1, 1, 0, asl_intrinsic_json_to_string)                  \
    X("Array", 0, ASL_ARGS_MAX, 0, asl_intrinsic_array)                       \
    X("ArrayPartition", 2, 2, 0, asl_intrinsic_array_partition)               \
    X("ArrayContains", 2, 2, 0, asl_intrinsic_array_contains)                 \
    X("ArrayRange", 3, 3, 0, asl_intrinsic_array_range)                       \
    X("ArrayGetItem", 2, 2, 0, asl_intrinsic_array_get_item)                  \
    X("ArrayLength", 1, 1, 0, asl_intrinsic_array_length)                     \
    X("ArrayUnique", 1, 1, 0, asl_intrinsic_array_unique)                     \
    X("Base64Encode", 1, 1, 0, asl_intrinsic_base64_encode)                   \
    X("Base64Decode", 1, 1, 0, asl_intrinsic_base64_decode)                   \
    X("Hash", 2, 2, 0, asl_intrinsic_hash)                                    \
    X("JsonMerge", 3, 3, 0, asl_intrinsic_json_merge)                         \
    X("MathRandom", 2, 3, ASL_USES_RANDOM, asl_intrinsic_math_random)         \
    X("MathAdd", 2, 2, 0, asl_intrinsic_math_add)                             \
    X("StringSplit", 2, 2, 0, asl_intrinsic_string_split)                     \
    X("UUID", 0, 0, ASL_USES_RANDOM, asl_intrinsic_uuid)

#define ASL_INTRINSIC_DECLARE(name, min, max, uses, fn)                       \
    base_json_t *fn(asl_view_t *view, const base_json_t *const *args,         \
        uint32_t count);
ASL_INTRINSICS(ASL_INTRINSIC_DECLARE)
#undef ASL_INTRINSIC_DECLARE


/* Takes down States.IntrinsicFailure; returns NULL for its caller to return. */
base_json_t *asl_intrinsic_fail(asl_view_t *view, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* value, or NULL with the view out of memory. */
base_json_t *asl_intrinsic_done(asl_view_t *view, base_json_t *value);

/* True if arg is of the type; says which function wanted it if not. */
bool asl_intrinsic_arg(asl_view_t *view, const char *name,
    const base_json_t *arg, base_json_type_t type);

/* A whole number. */
bool asl_intrinsic_int(asl_view_t *view, const char *name,
    const base_json_t *arg, int64_t *out);
/* A number, rounded to the nearest whole one. */
bool asl_intrinsic_round(asl_view_t *view, const char *name,
    const base_json_t *arg, int64_t *out);

/* Appends a node of its own for value; false with the view out of memory. */
bool asl_intrinsic_append(asl_view_t *view, base_json_t *array,
    const base_json_t *value);

#endif
