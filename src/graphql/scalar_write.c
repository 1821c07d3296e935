/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Result coercion of scalars (Coercing Results): a row for each.
 * What a store keeps as text ("12" for an Int) passes where it means the same.
 * Messages are graphql-js', the value follows them.
 */

#include "graphql/exec.h"


typedef const char *(*leaf_write_fn)(const base_json_t *value,
    base_buf_t *buf);


static const char *leaf_custom(const base_json_t *value, base_buf_t *buf);
static const char *leaf_int(const base_json_t *value, base_buf_t *buf);
static const char *leaf_float(const base_json_t *value, base_buf_t *buf);
static const char *leaf_string(const base_json_t *value, base_buf_t *buf);
static const char *leaf_boolean(const base_json_t *value, base_buf_t *buf);
static const char *leaf_id(const base_json_t *value, base_buf_t *buf);
static bool leaf_is_number(base_str_t text);
static size_t leaf_digits(base_str_t text, size_t *i);


static const leaf_write_fn  leaf_writers[] = {
    [GQL_SCALAR_CUSTOM]   = leaf_custom,
    [GQL_SCALAR_INT]      = leaf_int,
    [GQL_SCALAR_FLOAT]    = leaf_float,
    [GQL_SCALAR_STRING]   = leaf_string,
    [GQL_SCALAR_BOOLEAN]  = leaf_boolean,
    [GQL_SCALAR_ID]       = leaf_id,
    [GQL_SCALAR_DATETIME] = leaf_string,
};


const char *
gql_scalar_write(const gql_type_t *type, const base_json_t *value,
    base_buf_t *buf)
{
    return leaf_writers[type->scalar](value, buf);
}


static const char *
leaf_custom(const base_json_t *value, base_buf_t *buf)
{
    base_json_write(buf, value);
    return NULL;
}


static const char *
leaf_int(const base_json_t *value, base_buf_t *buf)
{
    double       number;
    int64_t      whole;
    base_json_t  text = *value;

    if (value->type == BASE_JSON_BOOLEAN) {
        base_buf_add_char(buf, value->boolean ? '1' : '0');
        return NULL;
    }

    if (value->type == BASE_JSON_STRING && leaf_is_number(value->text)) {
        text.type = BASE_JSON_NUMBER;
    }

    if (text.type != BASE_JSON_NUMBER) {
        return "Int cannot represent non-integer value: ";
    }

    if (gql_scalar_is_int32(text.text)) {
        base_buf_add_str(buf, text.text);
        return NULL;
    }

    if (base_json_to_int(&text, &whole)) {
        if (whole >= INT32_MIN && whole <= INT32_MAX) {
            base_buf_add_int(buf, whole);
            return NULL;
        }

    } else if (base_json_to_double(&text, &number)
               && number > (double) INT32_MIN && number < (double) INT32_MAX)
    {
        return "Int cannot represent non-integer value: ";
    }

    return "Int cannot represent non 32-bit signed integer value: ";
}


static const char *
leaf_float(const base_json_t *value, base_buf_t *buf)
{
    double       number;
    base_json_t  text = *value;

    if (value->type == BASE_JSON_BOOLEAN) {
        base_buf_add_char(buf, value->boolean ? '1' : '0');
        return NULL;
    }

    if (value->type == BASE_JSON_STRING && leaf_is_number(value->text)) {
        text.type = BASE_JSON_NUMBER;
    }

    if (text.type != BASE_JSON_NUMBER || !base_json_to_double(&text, &number))
    {
        return "Float cannot represent non numeric value: ";
    }

    base_buf_add_str(buf, text.text);
    return NULL;
}


static const char *
leaf_string(const base_json_t *value, base_buf_t *buf)
{
    switch (value->type) {

    case BASE_JSON_STRING:
        base_json_write_str(buf, value->text);
        return NULL;

    case BASE_JSON_BOOLEAN:
        base_buf_add_str(buf, value->boolean ? BASE_STR("\"true\"")
                                             : BASE_STR("\"false\""));
        return NULL;

    case BASE_JSON_NUMBER:
        base_json_write_str(buf, value->text);
        return NULL;

    default:
        return "String cannot represent value: ";
    }
}


static const char *
leaf_boolean(const base_json_t *value, base_buf_t *buf)
{
    bool    truth = value->boolean;
    double  number;

    if (value->type == BASE_JSON_NUMBER && base_json_to_double(value, &number))
    {
        truth = number < 0 || number > 0;

    } else if (value->type == BASE_JSON_STRING
               && (base_str_eq(value->text, BASE_STR("true"))
                   || base_str_eq(value->text, BASE_STR("false"))))
    {
        truth = value->text.data[0] == 't';

    } else if (value->type != BASE_JSON_BOOLEAN) {
        return "Boolean cannot represent a non boolean value: ";
    }

    base_buf_add_str(buf, truth ? BASE_STR("true") : BASE_STR("false"));
    return NULL;
}


static const char *
leaf_id(const base_json_t *value, base_buf_t *buf)
{
    size_t   i;
    int64_t  whole;

    if (value->type == BASE_JSON_STRING) {
        base_json_write_str(buf, value->text);
        return NULL;
    }

    if (value->type != BASE_JSON_NUMBER) {
        return "ID cannot represent value: ";
    }

    i = value->text.data[0] == '-' ? 1 : 0;
    (void) leaf_digits(value->text, &i);

    if (i == value->text.len) {
        base_json_write_str(buf, value->text);
        return NULL;
    }

    if (!base_json_to_int(value, &whole)) {
        return "ID cannot represent value: ";
    }

    base_buf_add_char(buf, '"');
    base_buf_add_int(buf, whole);
    base_buf_add_char(buf, '"');
    return NULL;
}


/* A number as JSON writes it. */
static bool
leaf_is_number(base_str_t text)
{
    size_t  i = text.len != 0 && text.data[0] == '-' ? 1 : 0;
    size_t  whole = i;

    if (leaf_digits(text, &i) == 0
        || (text.data[whole] == '0' && i - whole > 1))
    {
        return false;
    }

    if (i < text.len && text.data[i] == '.') {
        i++;

        if (leaf_digits(text, &i) == 0) {
            return false;
        }
    }

    if (i < text.len && (text.data[i] == 'e' || text.data[i] == 'E')) {
        i++;
        i += i < text.len && (text.data[i] == '+' || text.data[i] == '-');

        if (leaf_digits(text, &i) == 0) {
            return false;
        }
    }

    return i == text.len;
}


/* Steps over digits; how many there were. */
static size_t
leaf_digits(base_str_t text, size_t *i)
{
    size_t  start = *i;

    while (*i < text.len && text.data[*i] >= '0' && text.data[*i] <= '9') {
        (*i)++;
    }

    return *i - start;
}
