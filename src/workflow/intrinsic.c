/* SPDX-License-Identifier: BSD-2-Clause */

/* The table of intrinsic functions and what they share. */

#include "workflow/intrinsic.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>


#define ASL_ROUND_MAX  9007199254740992.0    /* 2^53 */


static const asl_intrinsic_t  asl_intrinsics[] = {
#define ASL_INTRINSIC_ROW(name, min, max, uses, fn)                           \
    { BASE_STR_INIT(name), min, max, uses, fn },
    ASL_INTRINSICS(ASL_INTRINSIC_ROW)
#undef ASL_INTRINSIC_ROW
};


const asl_intrinsic_t *
asl_intrinsic_find(base_str_t name)
{
    size_t  i;

    for (i = 0; i < sizeof(asl_intrinsics) / sizeof(asl_intrinsics[0]); i++) {
        if (base_str_eq(asl_intrinsics[i].name, name)) {
            return &asl_intrinsics[i];
        }
    }

    return NULL;
}


base_json_t *
asl_intrinsic_fail(asl_view_t *view, const char *fmt, ...)
{
    char     text[256];
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    asl_view_fail(view, ASL_ERROR_INTRINSIC, "%s", text);
    return NULL;
}


base_json_t *
asl_intrinsic_done(asl_view_t *view, base_json_t *value)
{
    if (value == NULL) {
        view->status = ASL_NOMEM;
    }

    return value;
}


bool
asl_intrinsic_arg(asl_view_t *view, const char *name, const base_json_t *arg,
    base_json_type_t type)
{
    static const char *const  names[] = {
        [BASE_JSON_NULL] = "null",
        [BASE_JSON_BOOLEAN] = "a boolean",
        [BASE_JSON_NUMBER] = "a number",
        [BASE_JSON_STRING] = "a string",
        [BASE_JSON_ARRAY] = "an array",
        [BASE_JSON_OBJECT] = "an object",
    };

    if (arg->type == type) {
        return true;
    }

    asl_intrinsic_fail(view, "States.%s expected %s, not %s", name,
                       names[type], names[arg->type]);
    return false;
}


bool
asl_intrinsic_int(asl_view_t *view, const char *name, const base_json_t *arg,
    int64_t *out)
{
    if (base_json_to_int(arg, out)) {
        return true;
    }

    asl_intrinsic_fail(view, "States.%s expected a whole number", name);
    return false;
}


/* Half a number goes up, as Java's Math.round does it. */
bool
asl_intrinsic_round(asl_view_t *view, const char *name,
    const base_json_t *arg, int64_t *out)
{
    double  number;

    if (base_json_to_int(arg, out)) {
        return true;
    }

    if (arg->type == BASE_JSON_NUMBER && base_json_to_double(arg, &number)
        && fabs(number) < ASL_ROUND_MAX)
    {
        *out = (int64_t) floor(number + 0.5);
        return true;
    }

    asl_intrinsic_fail(view, "States.%s expected a number, less than 2^53",
                       name);
    return false;
}


bool
asl_intrinsic_append(asl_view_t *view, base_json_t *array,
    const base_json_t *value)
{
    base_json_t  *item = base_json_share(view->arena, value);

    if (item == NULL) {
        view->status = ASL_NOMEM;
        return false;
    }

    base_json_append(array, item);
    return true;
}
