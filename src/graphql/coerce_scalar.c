/* SPDX-License-Identifier: BSD-2-Clause */

/* Input coercion of the scalars: a row for each.  Messages are graphql-js',
 * the value follows them. */

#include "graphql/coerce.h"

#include "base/time.h"


#define INT32_DIGITS  10


typedef const char *(*scalar_accept_fn)(base_arena_t *arena,
    const base_json_t *in, const base_json_t **out);

typedef struct {
    uint32_t          literals;     /* bits of gql_value_kind_t */
    scalar_accept_fn  accept;
} scalar_row_t;


static const char *scalar_custom(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out);
static const char *scalar_int(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out);
static const char *scalar_float(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out);
static const char *scalar_string(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out);
static const char *scalar_boolean(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out);
static const char *scalar_id(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out);
static const char *scalar_datetime(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out);


#define KIND(kind)  (1u << GQL_VALUE_##kind)

static const scalar_row_t  scalar_rows[] = {
    [GQL_SCALAR_CUSTOM]   = { UINT32_MAX,                 scalar_custom },
    [GQL_SCALAR_INT]      = { KIND(INT),                  scalar_int },
    [GQL_SCALAR_FLOAT]    = { KIND(INT) | KIND(FLOAT),    scalar_float },
    [GQL_SCALAR_STRING]   = { KIND(STRING),               scalar_string },
    [GQL_SCALAR_BOOLEAN]  = { KIND(BOOLEAN),              scalar_boolean },
    [GQL_SCALAR_ID]       = { KIND(INT) | KIND(STRING),   scalar_id },
    [GQL_SCALAR_DATETIME] = { KIND(STRING),               scalar_datetime },
};


const char *
gql_scalar_accept(const gql_type_t *type, base_arena_t *arena,
    const base_json_t *in, const base_json_t **out)
{
    return scalar_rows[type->scalar].accept(arena, in, out);
}


bool
gql_scalar_literal_kind(gql_scalar_t scalar, gql_value_kind_t kind)
{
    return (scalar_rows[scalar].literals & (1u << kind)) != 0;
}


bool
gql_scalar_is_int32(base_str_t text)
{
    size_t   i = 0;
    bool     negative = text.len != 0 && text.data[0] == '-';
    int64_t  value = 0;

    i = negative ? 1 : 0;

    if (text.len == i || text.len - i > INT32_DIGITS) {
        return false;
    }

    if (text.data[i] == '0' && text.len != 1) {
        return false;                           /* -0 */
    }

    for ( ; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }

        value = value * 10 + (text.data[i] - '0');
    }

    return value <= (int64_t) INT32_MAX + negative;
}


static const char *
scalar_custom(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out)
{
    (void) arena;

    *out = in;
    return NULL;
}


static const char *
scalar_int(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out)
{
    int64_t  value;
    double   large;

    if (in->type != BASE_JSON_NUMBER) {
        return "Int cannot represent non-integer value: ";
    }

    if (gql_scalar_is_int32(in->text)) {
        *out = in;
        return NULL;
    }

    if (base_json_to_int(in, &value)) {
        if (value >= INT32_MIN && value <= INT32_MAX) {
            *out = base_json_int(arena, value);
            return NULL;
        }

    } else if (base_json_to_double(in, &large)
               && large > (double) INT32_MIN && large < (double) INT32_MAX)
    {
        return "Int cannot represent non-integer value: ";
    }

    return "Int cannot represent non 32-bit signed integer value: ";
}


static const char *
scalar_float(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out)
{
    double  value;

    (void) arena;

    if (in->type != BASE_JSON_NUMBER || !base_json_to_double(in, &value)) {
        return "Float cannot represent non numeric value: ";
    }

    *out = in;
    return NULL;
}


static const char *
scalar_string(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out)
{
    (void) arena;

    if (in->type != BASE_JSON_STRING) {
        return "String cannot represent a non string value: ";
    }

    *out = in;
    return NULL;
}


static const char *
scalar_boolean(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out)
{
    (void) arena;

    if (in->type != BASE_JSON_BOOLEAN) {
        return "Boolean cannot represent a non boolean value: ";
    }

    *out = in;
    return NULL;
}


static const char *
scalar_id(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out)
{
    size_t              i;
    int64_t             value;
    const base_json_t  *number = in;

    if (in->type == BASE_JSON_STRING) {
        *out = in;
        return NULL;
    }

    if (in->type != BASE_JSON_NUMBER) {
        return "ID cannot represent value: ";
    }

    /* whole numbers of any size keep their digits */
    for (i = in->text.data[0] == '-' ? 1 : 0; i < in->text.len; i++) {
        if (in->text.data[i] < '0' || in->text.data[i] > '9') {
            break;
        }
    }

    if (i < in->text.len) {
        if (!base_json_to_int(in, &value)) {
            return "ID cannot represent value: ";
        }

        number = base_json_int(arena, value);
        if (number == NULL) {
            *out = NULL;
            return NULL;
        }
    }

    *out = base_json_string(arena, number->text);
    return NULL;
}


static const char *
scalar_datetime(base_arena_t *arena, const base_json_t *in,
    const base_json_t **out)
{
    int64_t  unix_ms;

    (void) arena;

    if (in->type != BASE_JSON_STRING) {
        return "DateTime cannot represent a non string value: ";
    }

    if (!base_time_parse(in->text, &unix_ms)) {
        return "DateTime cannot represent an invalid date-time-string: ";
    }

    *out = in;
    return NULL;
}
