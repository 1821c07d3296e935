/* SPDX-License-Identifier: BSD-2-Clause */

#include "base/json_pointer.h"


bool
base_json_pointer_valid(base_str_t text)
{
    size_t  i;

    if (text.len > 0 && text.data[0] != '/') {
        return false;
    }

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '~'
            && (i + 1 == text.len
                || (text.data[i + 1] != '0' && text.data[i + 1] != '1')))
        {
            return false;
        }
    }

    return true;
}


/* Takes the first reference token, as it is written, off a pointer. */
static base_str_t
pointer_token(base_str_t *pointer)
{
    const char  *start = pointer->data + 1;
    const char  *end = pointer->data + pointer->len;
    const char  *slash = memchr(start, '/', (size_t) (end - start));

    if (slash == NULL) {
        slash = end;
    }

    *pointer = base_str(slash, (size_t) (end - slash));

    return base_str(start, (size_t) (slash - start));
}


/* "~1" stands for "/" and "~0" for "~". */
static bool
pointer_names(base_str_t token, base_str_t key)
{
    char    c;
    size_t  i, n = 0;

    for (i = 0; i < token.len; i++) {
        c = token.data[i];

        if (c == '~') {
            c = token.data[++i] == '1' ? '/' : '~';
        }

        if (n == key.len || key.data[n++] != c) {
            return false;
        }
    }

    return n == key.len;
}


static const base_json_t *
pointer_member(const base_json_t *object, base_str_t token)
{
    const base_json_t  *member;

    base_json_each(member, object) {
        if (pointer_names(token, member->key)) {
            return member;
        }
    }

    return NULL;
}


static const base_json_t *
pointer_item(const base_json_t *array, base_str_t token)
{
    size_t  i, index = 0;

    if (token.len == 0 || (token.len > 1 && token.data[0] == '0')) {
        return NULL;
    }

    for (i = 0; i < token.len; i++) {
        if (token.data[i] < '0' || token.data[i] > '9'
            || index > UINT32_MAX / 10)
        {
            return NULL;
        }

        index = index * 10 + (size_t) (token.data[i] - '0');
    }

    return base_json_at(array, index);
}


const base_json_t *
base_json_pointer(const base_json_t *json, base_str_t pointer)
{
    base_str_t  token;

    while (json != NULL && pointer.len > 0) {
        token = pointer_token(&pointer);

        switch (json->type) {

        case BASE_JSON_OBJECT:
            json = pointer_member(json, token);
            break;

        case BASE_JSON_ARRAY:
            json = pointer_item(json, token);
            break;

        default:
            json = NULL;
        }
    }

    return json;
}


base_str_t
base_json_scalar(const base_json_t *json)
{
    if (json == NULL) {
        return BASE_STR("");
    }

    switch (json->type) {

    case BASE_JSON_STRING:
    case BASE_JSON_NUMBER:
        return json->text;

    case BASE_JSON_BOOLEAN:
        return json->boolean ? BASE_STR("true") : BASE_STR("false");

    default:
        return BASE_STR("");
    }
}
