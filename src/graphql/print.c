/* SPDX-License-Identifier: BSD-2-Clause */

/* Values as text: literals, coerced values as literals, and JSON as messages
 * show it. */

#include "graphql/print.h"


#define INSPECT_ITEMS_MAX  10
#define INSPECT_DEPTH_MAX  2


static void print_members(base_buf_t *buf, const gql_value_t *value);
static void print_coerced_object(base_buf_t *buf, base_arena_t *arena,
    const gql_type_t *type, const base_json_t *value);
static void print_coerced_leaf(base_buf_t *buf, base_arena_t *arena,
    const gql_type_t *type, const base_json_t *value);
static void print_number(base_buf_t *buf, base_arena_t *arena,
    const base_json_t *value);
static bool print_is_integer(base_str_t text);
static void inspect_value(base_buf_t *buf, size_t end,
    const base_json_t *value, unsigned depth);
static void inspect_container(base_buf_t *buf, size_t end,
    const base_json_t *value, unsigned depth);
static void inspect_string(base_buf_t *buf, size_t end, base_str_t text);
static base_str_t inspect_cut(base_str_t text, const base_buf_t *buf,
    size_t end);
static void inspect_more(base_buf_t *buf, uint32_t more);


void
gql_print_value(base_buf_t *buf, const gql_value_t *value)
{
    switch (value->kind) {

    case GQL_VALUE_NULL:
        base_buf_add_lit(buf, "null");
        return;

    case GQL_VALUE_BOOLEAN:
        base_buf_add_str(buf, value->boolean ? BASE_STR("true")
                                             : BASE_STR("false"));
        return;

    case GQL_VALUE_VARIABLE:
        base_buf_add_char(buf, '$');
        base_buf_add_str(buf, value->text);
        return;

    case GQL_VALUE_STRING:
        base_json_write_str(buf, value->text);
        return;

    case GQL_VALUE_LIST:
    case GQL_VALUE_OBJECT:
        print_members(buf, value);
        return;

    default:
        base_buf_add_str(buf, value->text);
        return;
    }
}


void
gql_print_coerced(base_buf_t *buf, base_arena_t *arena,
    const gql_typeref_t *type, const base_json_t *value)
{
    const base_json_t  *item;

    if (type->kind == GQL_TYPEREF_NON_NULL) {
        type = type->of;
    }

    if (value->type == BASE_JSON_NULL) {
        base_buf_add_lit(buf, "null");
        return;
    }

    if (type->kind == GQL_TYPEREF_LIST) {
        if (value->type != BASE_JSON_ARRAY) {
            gql_print_coerced(buf, arena, type->of, value);
            return;
        }

        base_buf_add_char(buf, '[');

        base_json_each(item, value) {
            if (item != value->members.first) {
                base_buf_add_lit(buf, ", ");
            }

            gql_print_coerced(buf, arena, type->of, item);
        }

        base_buf_add_char(buf, ']');
        return;
    }

    if (type->type->kind == GQL_TYPE_INPUT_OBJECT) {
        print_coerced_object(buf, arena, type->type, value);
        return;
    }

    print_coerced_leaf(buf, arena, type->type, value);
}


void
gql_print_inspect(base_buf_t *buf, const base_json_t *value)
{
    inspect_value(buf, buf->len + GQL_INSPECT_BYTES_MAX, value, 0);
}


static void
print_members(base_buf_t *buf, const gql_value_t *value)
{
    bool                object = value->kind == GQL_VALUE_OBJECT;
    const gql_value_t  *item;

    base_buf_add_char(buf, object ? '{' : '[');

    for (item = value->first; item != NULL; item = item->next) {
        if (item != value->first) {
            base_buf_add_lit(buf, ", ");
        }

        if (object) {
            base_buf_add_str(buf, item->name);
            base_buf_add_lit(buf, ": ");
        }

        gql_print_value(buf, item);
    }

    base_buf_add_char(buf, object ? '}' : ']');
}


static void
print_coerced_object(base_buf_t *buf, base_arena_t *arena,
    const gql_type_t *type, const base_json_t *value)
{
    bool                first = true;
    uint32_t            i;
    const base_json_t  *member;

    base_buf_add_char(buf, '{');

    for (i = 0; i < type->input_count; i++) {
        member = base_json_get(value, type->inputs[i].name);
        if (member == NULL) {
            continue;
        }

        if (!first) {
            base_buf_add_lit(buf, ", ");
        }

        first = false;

        base_buf_add_str(buf, type->inputs[i].name);
        base_buf_add_lit(buf, ": ");
        gql_print_coerced(buf, arena, type->inputs[i].type, member);
    }

    base_buf_add_char(buf, '}');
}


static void
print_coerced_leaf(base_buf_t *buf, base_arena_t *arena,
    const gql_type_t *type, const base_json_t *value)
{
    bool                object = value->type == BASE_JSON_OBJECT;
    const base_json_t  *item;

    switch (value->type) {

    case BASE_JSON_STRING:
        if (type->kind == GQL_TYPE_ENUM
            || (type->scalar == GQL_SCALAR_ID && print_is_integer(value->text)))
        {
            base_buf_add_str(buf, value->text);
            return;
        }

        base_json_write_str(buf, value->text);
        return;

    case BASE_JSON_NUMBER:
        print_number(buf, arena, value);
        return;

    case BASE_JSON_ARRAY:
    case BASE_JSON_OBJECT:
        /* of a custom scalar */
        base_buf_add_char(buf, object ? '{' : '[');

        base_json_each(item, value) {
            if (item != value->members.first) {
                base_buf_add_lit(buf, ", ");
            }

            if (object) {
                base_buf_add_str(buf, item->key);
                base_buf_add_lit(buf, ": ");
            }

            print_coerced_leaf(buf, arena, type, item);
        }

        base_buf_add_char(buf, object ? '}' : ']');
        return;

    default:
        base_json_write(buf, value);
        return;
    }
}


/* 1.0 and 1e3 are written as 1 and 1000, as graphql-js does. */
static void
print_number(base_buf_t *buf, base_arena_t *arena, const base_json_t *value)
{
    double              number;
    int64_t             whole;
    const base_json_t  *shortest;

    if (print_is_integer(value->text)) {
        base_buf_add_str(buf, value->text);
        return;
    }

    if (base_json_to_int(value, &whole)) {
        base_buf_add_int(buf, whole);
        return;
    }

    if (!base_json_to_double(value, &number)) {
        base_buf_add_str(buf, value->text);
        return;
    }

    shortest = base_json_double(arena, number);
    if (shortest == NULL) {
        base_buf_fail(buf);
        return;
    }

    base_json_write(buf, shortest);
}


/* A whole number without leading zeros. */
static bool
print_is_integer(base_str_t text)
{
    size_t  i = text.len != 0 && text.data[0] == '-' ? 1 : 0;

    if (i == text.len || (text.data[i] == '0' && i + 1 != text.len)) {
        return false;
    }

    for ( ; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }

    return true;
}


/* end: the length of buf from where on nothing more is wanted. */
static void
inspect_value(base_buf_t *buf, size_t end, const base_json_t *value,
    unsigned depth)
{
    switch (value->type) {

    case BASE_JSON_STRING:
        inspect_string(buf, end, value->text);
        return;

    case BASE_JSON_ARRAY:
    case BASE_JSON_OBJECT:
        inspect_container(buf, end, value, depth);
        return;

    default:
        base_json_write(buf, value);
        return;
    }
}


static void
inspect_container(base_buf_t *buf, size_t end, const base_json_t *value,
    unsigned depth)
{
    bool                object = value->type == BASE_JSON_OBJECT;
    uint32_t            written = 0;
    const base_json_t  *item;

    if (value->count == 0) {
        base_buf_add_str(buf, object ? BASE_STR("{}") : BASE_STR("[]"));
        return;
    }

    if (depth > INSPECT_DEPTH_MAX - 1) {
        base_buf_add_str(buf, object ? BASE_STR("[Object]")
                                     : BASE_STR("[Array]"));
        return;
    }

    base_buf_add_str(buf, object ? BASE_STR("{ ") : BASE_STR("["));

    base_json_each(item, value) {
        if ((!object && written == INSPECT_ITEMS_MAX) || buf->len >= end) {
            inspect_more(buf, value->count - written);
            break;
        }

        if (written++ != 0) {
            base_buf_add_lit(buf, ", ");
        }

        if (object) {
            base_buf_add_str(buf, inspect_cut(item->key, buf, end));
            base_buf_add_lit(buf, ": ");
        }

        inspect_value(buf, end, item, depth + 1);
    }

    base_buf_add_str(buf, object ? BASE_STR(" }") : BASE_STR("]"));
}


static void
inspect_string(base_buf_t *buf, size_t end, base_str_t text)
{
    base_str_t  cut = inspect_cut(text, buf, end);

    base_json_write_str(buf, cut);

    if (cut.len != text.len) {
        base_buf_add_lit(buf, "...");
    }
}


/* As much of text as there is room for before end, in whole code points. */
static base_str_t
inspect_cut(base_str_t text, const base_buf_t *buf, size_t end)
{
    size_t  room = end > buf->len ? end - buf->len : 0;

    if (text.len <= room) {
        return text;
    }

    while (room > 0 && ((unsigned char) text.data[room] & 0xc0) == 0x80) {
        room--;
    }

    return base_str(text.data, room);
}


static void
inspect_more(base_buf_t *buf, uint32_t more)
{
    base_buf_add_lit(buf, ", ... ");
    base_buf_add_int(buf, more);
    base_buf_add_str(buf, more == 1 ? BASE_STR(" more item")
                                    : BASE_STR(" more items"));
}
