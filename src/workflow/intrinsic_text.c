/* SPDX-License-Identifier: BSD-2-Clause */

/* Intrinsic functions over strings: Format, StringToJson, JsonToString,
 * StringSplit, UUID. */

#include "workflow/intrinsic.h"

#include "base/utf8.h"
#include "base/uuid.h"
#include "workflow/def.h"


/* Strings as they are, other scalars as in JSON; arrays and objects as AWS
 * writes them: [1, a] and {key=1, other=[]}.  The recursion is bounded by the
 * nesting of data. */
static void
asl_format_value(base_buf_t *buf, const base_json_t *value)
{
    bool                object = value->type == BASE_JSON_OBJECT;
    bool                first = true;
    const base_json_t  *member;

    if (value->type == BASE_JSON_STRING) {
        base_buf_add_str(buf, value->text);
        return;
    }

    if (value->type < BASE_JSON_ARRAY) {
        base_json_write(buf, value);
        return;
    }

    base_buf_add_char(buf, object ? '{' : '[');
    base_json_each(member, value) {
        if (!first) {
            base_buf_add_lit(buf, ", ");
        }

        first = false;
        if (object) {
            base_buf_add_str(buf, member->key);
            base_buf_add_char(buf, '=');
        }

        asl_format_value(buf, member);
    }

    base_buf_add_char(buf, object ? '}' : ']');
}


/* "{}" is replaced, a backslash takes the meaning from what follows it. */
base_json_t *
asl_intrinsic_format(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    size_t      i;
    uint32_t    used = 1;
    base_buf_t  buf;
    base_str_t  text;

    if (!asl_intrinsic_arg(view, "Format", args[0], BASE_JSON_STRING)) {
        return NULL;
    }

    text = args[0]->text;
    base_buf_init(&buf, view->arena, SIZE_MAX);
    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '\\') {
            if (++i == text.len) {
                return asl_intrinsic_fail(view, "States.Format expected a "
                                          "character behind a backslash");
            }

        } else if (text.data[i] == '{' && i + 1 < text.len
                   && text.data[i + 1] == '}')
        {
            if (used < count) {
                asl_format_value(&buf, args[used]);
            }

            used++;
            i++;
            continue;
        }

        base_buf_add_char(&buf, text.data[i]);
    }

    if (used != count) {
        return asl_intrinsic_fail(view, "States.Format expected as many values "
                                  "as \"{}\", %u, not %u", used - 1, count - 1);
    }

    return asl_intrinsic_done(view, buf.failed ? NULL
                              : base_json_string(view->arena,
                                                 base_buf_str(&buf)));
}


base_json_t *
asl_intrinsic_string_to_json(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    base_json_t         *value;
    base_json_error_t    error;
    base_json_limits_t   limits = { .depth_max = ASL_DATA_DEPTH_MAX };

    (void) count;
    if (!asl_intrinsic_arg(view, "StringToJson", args[0], BASE_JSON_STRING)) {
        return NULL;
    }

    value = base_json_parse(view->arena, args[0]->text, &limits, &error);
    if (value == NULL && error.status != BASE_JSON_NOMEM) {
        return asl_intrinsic_fail(view, "States.StringToJson expected JSON: "
                                  "%s at byte %zu", error.reason,
                                  error.offset);
    }

    return asl_intrinsic_done(view, value);
}


base_json_t *
asl_intrinsic_json_to_string(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    base_buf_t  buf;

    (void) count;
    base_buf_init(&buf, view->arena, SIZE_MAX);
    base_json_write(&buf, args[0]);
    return asl_intrinsic_done(view, buf.failed ? NULL
                              : base_json_string(view->arena,
                                                 base_buf_str(&buf)));
}


/* True if the character at *pos is among those of set; *pos goes behind it. */
static bool
asl_split_at(base_str_t text, size_t *pos, base_str_t set)
{
    size_t    bytes, i = 0, taken;
    uint32_t  c;

    c = base_utf8_decode(base_str(text.data + *pos, text.len - *pos), &bytes);
    *pos += bytes;
    while (i < set.len) {
        if (base_utf8_decode(base_str(set.data + i, set.len - i), &taken)
            == c)
        {
            return true;
        }

        i += taken;
    }

    return false;
}


/* Every character of the second argument divides; several in a row, first or
 * last divide but once: AWS gives no empty strings. */
base_json_t *
asl_intrinsic_string_split(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    size_t        pos = 0, begin = 0, end;
    base_str_t    text;
    base_json_t  *array, *item;

    (void) count;
    if (!asl_intrinsic_arg(view, "StringSplit", args[0], BASE_JSON_STRING)
        || !asl_intrinsic_arg(view, "StringSplit", args[1], BASE_JSON_STRING))
    {
        return NULL;
    }

    text = args[0]->text;
    array = base_json_array(view->arena);
    while (array != NULL) {
        end = pos;
        if (pos < text.len && !asl_split_at(text, &pos, args[1]->text)) {
            continue;
        }

        if (end > begin) {
            item = base_json_string(view->arena,
                                    base_str(text.data + begin, end - begin));
            if (item == NULL) {
                array = NULL;
                break;
            }

            base_json_append(array, item);
        }

        if (end == text.len) {
            break;
        }

        begin = pos;
    }

    return asl_intrinsic_done(view, array);
}


base_json_t *
asl_intrinsic_uuid(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    char           *text = base_arena_alloc(view->arena, BASE_UUID_TEXT_BYTES);
    unsigned char   bits[16] = { 0 };

    (void) args;
    (void) count;
    if (text == NULL) {
        return asl_intrinsic_done(view, NULL);
    }

    view->env->random(view->env->data, bits, sizeof(bits));
    base_uuid_v4(bits, text);
    return asl_intrinsic_done(view,
                              base_json_string(view->arena,
                                               base_str(text,
                                                    BASE_UUID_TEXT_BYTES)));
}
