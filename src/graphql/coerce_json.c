/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Input coercion of JSON (Input Coercion of each type).  A value that is right
 * as it stands is returned as it stands; only where something changes (a
 * default, a list made of one item, 2.0 for an Int) is a new node made.
 *
 * Recursion is bounded by the depth of the JSON and of the type.
 */

#include "graphql/coerce.h"

#include "graphql/print.h"
#include "graphql/suggest.h"


static const base_json_t *coerce_list(gql_coerce_t *c,
    const gql_typeref_t *item_type, const base_json_t *value,
    const gql_path_t *path);
static bool coerce_list_bound(gql_coerce_t *c, const base_json_t *value,
    const gql_path_t *path);
static base_json_t *coerce_list_copy(gql_coerce_t *c, const base_json_t *value,
    const base_json_t *end);
static const base_json_t *coerce_leaf(gql_coerce_t *c, const gql_type_t *type,
    const base_json_t *value, const gql_path_t *path);
static void coerce_suggest_value(gql_coerce_t *c, const gql_type_t *type,
    base_str_t name, base_buf_t *reason);
static void coerce_path_write(base_buf_t *buf, const gql_path_t *path);


const base_json_t *
gql_coerce_json(gql_coerce_t *c, const gql_typeref_t *type,
    const base_json_t *value, const gql_path_t *path)
{
    base_buf_t            reason;
    const gql_typeref_t  *nullable = type;

    if (c->errors->count >= c->errors->max) {
        return NULL;            /* refused by now, and nobody reads on */
    }

    if (type->kind == GQL_TYPEREF_NON_NULL) {
        nullable = type->of;

        if (value->type == BASE_JSON_NULL) {
            base_buf_init(&reason, c->arena, SIZE_MAX);
            base_buf_add_lit(&reason, "Expected non-nullable type \"");
            gql_typeref_write(type, &reason);
            base_buf_add_lit(&reason, "\" not to be null.");
            gql_coerce_refuse(c, GQL_CODE_BAD_INPUT, value, path,
                              base_buf_str(&reason));
            return NULL;
        }
    }

    if (value->type == BASE_JSON_NULL) {
        return value;
    }

    if (nullable->kind == GQL_TYPEREF_LIST) {
        return coerce_list(c, nullable->of, value, path);
    }

    if (nullable->type->kind == GQL_TYPE_INPUT_OBJECT) {
        return gql_coerce_object(c, nullable->type, value, path);
    }

    return coerce_leaf(c, nullable->type, value, path);
}


gql_error_t *
gql_coerce_refuse(gql_coerce_t *c, base_str_t code, const base_json_t *value,
    const gql_path_t *path, base_str_t reason)
{
    base_buf_t    text;
    gql_error_t  *error;

    if (c->errors->count >= c->errors->max) {
        c->errors->count++;
        return NULL;
    }

    base_buf_init(&text, c->arena, SIZE_MAX);
    base_buf_add_lit(&text, "Variable \"$");
    base_buf_add_str(&text, c->variable->name);
    base_buf_add_lit(&text, "\" got invalid value ");
    gql_print_inspect(&text, value);

    if (path != NULL) {
        base_buf_add_lit(&text, " at \"");
        base_buf_add_str(&text, c->variable->name);
        coerce_path_write(&text, path);
        base_buf_add_char(&text, '"');
    }

    base_buf_add_lit(&text, "; ");
    base_buf_add_str(&text, reason);

    if (text.failed || (reason.data == NULL && reason.len == 0)) {
        c->nomem = true;
        return NULL;
    }

    error = gql_errors_add(c->errors, code, base_buf_str(&text));
    gql_error_locate(c->errors, error, c->source, c->variable->offset);

    return error;
}


static const base_json_t *
coerce_list(gql_coerce_t *c, const gql_typeref_t *item_type,
    const base_json_t *value, const gql_path_t *path)
{
    bool                valid = true;
    gql_path_t          step = { .up = path };
    base_json_t        *copy = NULL, *node;
    const base_json_t  *item, *coerced;

    if (value->type != BASE_JSON_ARRAY) {
        coerced = gql_coerce_json(c, item_type, value, path);
        if (coerced == NULL) {
            return NULL;
        }

        copy = base_json_array(c->arena);
        node = base_json_share(c->arena, coerced);
        if (copy == NULL || node == NULL) {
            c->nomem = true;
            return NULL;
        }

        base_json_append(copy, node);
        return copy;
    }

    if (!coerce_list_bound(c, value, path)) {
        return NULL;
    }

    base_json_each(item, value) {
        coerced = gql_coerce_json(c, item_type, item, &step);
        step.index++;

        if (coerced == NULL) {
            valid = false;
            continue;
        }

        if (coerced != item && copy == NULL) {
            copy = coerce_list_copy(c, value, item);
            if (copy == NULL) {
                return NULL;
            }
        }

        if (copy != NULL) {
            node = base_json_share(c->arena, coerced);
            if (node == NULL) {
                c->nomem = true;
                return NULL;
            }

            base_json_append(copy, node);
        }
    }

    return !valid ? NULL : copy != NULL ? copy : value;
}


static bool
coerce_list_bound(gql_coerce_t *c, const base_json_t *value,
    const gql_path_t *path)
{
    base_str_t    reason;
    gql_error_t  *error;

    if (value->count > c->list_items) {
        c->list_items = value->count;
    }

    if (c->list_items_max == 0 || value->count <= c->list_items_max) {
        return true;
    }

    reason = base_arena_printf(c->arena, "A list may have at most %u items.",
                               c->list_items_max);
    error = gql_coerce_refuse(c, GQL_CODE_LIMIT, value, path, reason);
    if (error != NULL) {
        error->extensions = gql_coerce_limit_extensions(c);
    }

    return false;
}


/* A new list of the items before end. */
static base_json_t *
coerce_list_copy(gql_coerce_t *c, const base_json_t *value,
    const base_json_t *end)
{
    base_json_t        *copy = base_json_array(c->arena), *node;
    const base_json_t  *item;

    if (copy == NULL) {
        c->nomem = true;
        return NULL;
    }

    for (item = value->members.first; item != end; item = item->next) {
        node = base_json_share(c->arena, item);
        if (node == NULL) {
            c->nomem = true;
            return NULL;
        }

        base_json_append(copy, node);
    }

    return copy;
}


static const base_json_t *
coerce_leaf(gql_coerce_t *c, const gql_type_t *type, const base_json_t *value,
    const gql_path_t *path)
{
    base_buf_t          reason;
    const char         *refused = NULL;
    const base_json_t  *coerced = NULL;

    if (type->kind == GQL_TYPE_SCALAR) {
        refused = gql_scalar_accept(type, c->arena, value, &coerced);
        if (refused == NULL) {
            c->nomem |= coerced == NULL;
            return coerced;
        }

    } else if (value->type == BASE_JSON_STRING
               && gql_type_value(type, value->text) != NULL)
    {
        return value;
    }

    base_buf_init(&reason, c->arena, SIZE_MAX);

    if (type->kind == GQL_TYPE_SCALAR) {
        base_buf_add_str(&reason, base_str_c(refused));
        gql_print_inspect(&reason, value);

    } else if (value->type != BASE_JSON_STRING) {
        base_buf_add_lit(&reason, "Enum \"");
        base_buf_add_str(&reason, type->name);
        base_buf_add_lit(&reason, "\" cannot represent non-string value: ");
        gql_print_inspect(&reason, value);
        base_buf_add_char(&reason, '.');

    } else {
        base_buf_add_lit(&reason, "Value ");
        gql_print_inspect(&reason, value);
        base_buf_add_lit(&reason, " does not exist in \"");
        base_buf_add_str(&reason, type->name);
        base_buf_add_lit(&reason, "\" enum.");
        coerce_suggest_value(c, type, value->text, &reason);
    }

    gql_coerce_refuse(c, GQL_CODE_BAD_INPUT, value, path,
                      base_buf_str(&reason));
    return NULL;
}


static void
coerce_suggest_value(gql_coerce_t *c, const gql_type_t *type, base_str_t name,
    base_buf_t *reason)
{
    uint32_t       i;
    gql_report_t   report = { .errors = c->errors, .suggest = c->suggest };
    gql_suggest_t  suggest;

    gql_suggest_init(&suggest, &report, name);

    for (i = 0; i < type->value_count; i++) {
        gql_suggest_add(&suggest, type->values[i].name);
    }

    base_buf_add_str(reason,
                     base_str_c(gql_suggest_phrase(&suggest,
                                                   "the enum value")));
}



/* ".items[2].name"; as deep as the JSON at most. */
static void
coerce_path_write(base_buf_t *buf, const gql_path_t *path)
{
    if (path == NULL) {
        return;
    }

    coerce_path_write(buf, path->up);

    if (path->key.data != NULL) {
        base_buf_add_char(buf, '.');
        base_buf_add_str(buf, path->key);
        return;
    }

    base_buf_add_char(buf, '[');
    base_buf_add_int(buf, path->index);
    base_buf_add_char(buf, ']');
}
