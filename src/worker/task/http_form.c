/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/http_form.h"

#include <stdio.h>


/* The name of a value is the path to it: a chain, the innermost first. */
typedef struct worker_form_name_s  worker_form_name_t;

struct worker_form_name_s {
    const worker_form_name_t  *parent;
    base_str_t                 key;
};


static void worker_form_value(base_buf_t *buf, const worker_form_name_t *name,
    const base_json_t *value, bool *first);
static void worker_form_name(base_buf_t *buf, const worker_form_name_t *name);
static void worker_form_encode(base_buf_t *buf, base_str_t text);


void
worker_form_write(base_buf_t *buf, const base_json_t *object)
{
    bool                first = true;
    worker_form_name_t  name = { NULL, { NULL, 0 } };
    const base_json_t  *item;

    if (object->type != BASE_JSON_OBJECT) {
        return;
    }

    base_json_each(item, object) {
        name.key = item->key;
        worker_form_value(buf, &name, item, &first);
    }
}


/* The recursion is bounded by the depth of what base_json_parse() reads. */
static void
worker_form_value(base_buf_t *buf, const worker_form_name_t *name,
    const base_json_t *value, bool *first)
{
    char                digits[24];
    unsigned            index = 0;
    const base_json_t  *item;
    worker_form_name_t  inner = { name, { NULL, 0 } };

    if (value->type == BASE_JSON_OBJECT || value->type == BASE_JSON_ARRAY) {
        base_json_each(item, value) {
            inner.key = item->key;
            if (value->type == BASE_JSON_ARRAY) {
                (void) snprintf(digits, sizeof(digits), "%u", index++);
                inner.key = base_str_c(digits);
            }

            worker_form_value(buf, &inner, item, first);
        }

        return;
    }

    if (!*first) {
        base_buf_add_char(buf, '&');
    }

    *first = false;
    worker_form_name(buf, name);
    base_buf_add_char(buf, '=');

    if (value->type == BASE_JSON_STRING || value->type == BASE_JSON_NUMBER) {
        worker_form_encode(buf, value->text);
    } else if (value->type == BASE_JSON_BOOLEAN) {
        base_buf_add_str(buf, value->boolean ? BASE_STR("true")
                                             : BASE_STR("false"));
    }
}


static void
worker_form_name(base_buf_t *buf, const worker_form_name_t *name)
{
    if (name->parent == NULL) {
        worker_form_encode(buf, name->key);
        return;
    }

    worker_form_name(buf, name->parent);
    base_buf_add_lit(buf, "%5B");
    worker_form_encode(buf, name->key);
    base_buf_add_lit(buf, "%5D");
}


static void
worker_form_encode(base_buf_t *buf, base_str_t text)
{
    static const char  hex[] = "0123456789ABCDEF";

    size_t         i;
    unsigned char  c;

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
            || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.'
            || c == '~')
        {
            base_buf_add_char(buf, (char) c);
            continue;
        }

        base_buf_add_char(buf, '%');
        base_buf_add_char(buf, hex[c >> 4]);
        base_buf_add_char(buf, hex[c & 15]);
    }
}
