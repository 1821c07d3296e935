/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Input coercion of JSON (Input Coercion of each type).  A value that is right
 * as it stands is returned as it stands; only where something changes (a
 * default, a list made of one item, 2.0 for an Int) is a new node made.
 *
 * Recursion is bounded by the depth of the JSON and of the type.
 */

#include "graphql/coerce.h"

#include "graphql/constraint.h"
#include "graphql/print.h"


/* Objects up to this size are searched; larger ones are sorted into the
 * fields of their type first. */
#define COERCE_SEARCH_MAX  16


/* An input object on its way. */
typedef struct {
    gql_coerce_t        *c;
    const gql_type_t    *type;
    const base_json_t   *value;
    const gql_path_t    *path;
    const base_json_t   *hint;      /* where the next member is likely */
    const base_json_t  **slots;     /* by field, for large objects */
    base_json_t         *copy;      /* NULL while nothing has changed */
    uint32_t             seen;      /* members that are fields */
    bool                 valid;
} coerce_object_t;


static const base_json_t *coerce_list(gql_coerce_t *c,
    const gql_typeref_t *item_type, const base_json_t *value,
    const gql_path_t *path);
static bool coerce_list_bound(gql_coerce_t *c, const base_json_t *value,
    const gql_path_t *path);
static base_json_t *coerce_list_copy(gql_coerce_t *c, const base_json_t *value,
    const base_json_t *end);
static const base_json_t *coerce_leaf(gql_coerce_t *c, const gql_type_t *type,
    const base_json_t *value, const gql_path_t *path);
static const base_json_t *coerce_object(gql_coerce_t *c,
    const gql_type_t *type, const base_json_t *value, const gql_path_t *path);
static bool coerce_object_sort(coerce_object_t *o);
static const base_json_t *coerce_object_find(coerce_object_t *o, uint32_t i);
static void coerce_object_field(coerce_object_t *o, uint32_t i);
static void coerce_object_absent(coerce_object_t *o, uint32_t i);
static void coerce_object_change(coerce_object_t *o, uint32_t i);
static void coerce_object_put(coerce_object_t *o, base_str_t name,
    const base_json_t *value);
static void coerce_object_unknown(coerce_object_t *o);
static void coerce_object_one_of(coerce_object_t *o);
static void coerce_path_write(base_buf_t *buf, const gql_path_t *path);


const base_json_t *
gql_coerce_json(gql_coerce_t *c, const gql_typeref_t *type,
    const base_json_t *value, const gql_path_t *path)
{
    base_buf_t           reason;
    const gql_typeref_t *nullable = type;

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
        return coerce_object(c, nullable->type, value, path);
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

    if (c->list_items_max == 0 || value->count <= c->list_items_max)
    {
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
    const char         *refused;
    const base_json_t  *coerced = NULL;

    base_buf_init(&reason, c->arena, SIZE_MAX);

    if (type->kind == GQL_TYPE_SCALAR) {
        refused = gql_scalar_accept(type, c->arena, value, &coerced);
        if (refused == NULL) {
            c->nomem |= coerced == NULL;
            return coerced;
        }

        base_buf_add_str(&reason, base_str_c(refused));
        gql_print_inspect(&reason, value);

    } else if (value->type != BASE_JSON_STRING) {
        base_buf_add_lit(&reason, "Enum \"");
        base_buf_add_str(&reason, type->name);
        base_buf_add_lit(&reason, "\" cannot represent non-string value: ");
        gql_print_inspect(&reason, value);
        base_buf_add_char(&reason, '.');

    } else if (gql_type_value(type, value->text) != NULL) {
        return value;

    } else {
        base_buf_add_lit(&reason, "Value ");
        gql_print_inspect(&reason, value);
        base_buf_add_lit(&reason, " does not exist in \"");
        base_buf_add_str(&reason, type->name);
        base_buf_add_lit(&reason, "\" enum.");
    }

    gql_coerce_refuse(c, GQL_CODE_BAD_INPUT, value, path,
                      base_buf_str(&reason));
    return NULL;
}


static const base_json_t *
coerce_object(gql_coerce_t *c, const gql_type_t *type,
    const base_json_t *value, const gql_path_t *path)
{
    uint32_t         i;
    base_str_t       reason;
    coerce_object_t  o = { .c = c, .type = type, .value = value, .path = path,
                           .valid = true };

    if (value->type != BASE_JSON_OBJECT) {
        reason = base_arena_printf(c->arena,
                                   "Expected type \"%.*s\" to be an object.",
                                   BASE_STR_ARG(type->name));
        gql_coerce_refuse(c, GQL_CODE_BAD_INPUT, value, path, reason);
        return NULL;
    }

    if (value->count > COERCE_SEARCH_MAX && !coerce_object_sort(&o)) {
        c->nomem = true;
        return NULL;
    }

    o.hint = value->members.first;

    for (i = 0; i < type->input_count; i++) {
        coerce_object_field(&o, i);
    }

    if (o.seen != value->count) {
        coerce_object_unknown(&o);
    }

    if (type->one_of) {
        coerce_object_one_of(&o);
    }

    if (!o.valid || c->nomem) {
        return NULL;
    }

    return o.copy != NULL ? o.copy : value;
}


/* Puts each member into the slot of its field. */
static bool
coerce_object_sort(coerce_object_t *o)
{
    const base_json_t  *member;
    const gql_input_t  *input;

    o->slots = base_arena_calloc(o->c->arena, (size_t) o->type->input_count + 1,
                                 sizeof(base_json_t *));
    if (o->slots == NULL) {
        return false;
    }

    base_json_each(member, o->value) {
        input = gql_type_input(o->type, member->key);
        if (input != NULL) {
            o->slots[input - o->type->inputs] = member;
        }
    }

    return true;
}


/* The member for the i-th field; clients mostly send them in order. */
static const base_json_t *
coerce_object_find(coerce_object_t *o, uint32_t i)
{
    base_str_t          name = o->type->inputs[i].name;
    const base_json_t  *member;

    if (o->slots != NULL) {
        return o->slots[i];
    }

    if (o->hint != NULL && base_str_eq(o->hint->key, name)) {
        member = o->hint;

    } else {
        member = base_json_get(o->value, name);
        if (member == NULL) {
            return NULL;
        }
    }

    o->hint = member->next;

    return member;
}


static void
coerce_object_field(coerce_object_t *o, uint32_t i)
{
    gql_path_t          step;
    base_str_t          reason;
    gql_coerce_t       *c = o->c;
    const gql_input_t  *input = &o->type->inputs[i];
    const base_json_t  *member, *coerced;

    member = coerce_object_find(o, i);
    if (member == NULL) {
        coerce_object_absent(o, i);
        return;
    }

    o->seen++;

    step.up = o->path;
    step.key = input->name;
    step.index = 0;

    coerced = gql_coerce_json(c, input->type, member, &step);
    if (coerced == NULL) {
        o->valid = false;
        return;
    }

    if (input->constraint != NULL
        && !gql_constraint_check(input->constraint, coerced, c->arena,
                                 &reason))
    {
        gql_coerce_refuse(c, GQL_CODE_CONSTRAINT, coerced, &step, reason);
        o->valid = false;
        return;
    }

    if (coerced != member) {
        coerce_object_change(o, i);
    }

    if (o->copy != NULL) {
        coerce_object_put(o, input->name, coerced);
    }
}


static void
coerce_object_absent(coerce_object_t *o, uint32_t i)
{
    base_buf_t          reason;
    const gql_input_t  *input = &o->type->inputs[i];

    if (input->default_json != NULL) {
        coerce_object_change(o, i);
        coerce_object_put(o, input->name, input->default_json);
        return;
    }

    if (!gql_typeref_is_non_null(input->type)) {
        return;
    }

    o->valid = false;

    base_buf_init(&reason, o->c->arena, SIZE_MAX);
    base_buf_add_lit(&reason, "Field \"");
    base_buf_add_str(&reason, input->name);
    base_buf_add_lit(&reason, "\" of required type \"");
    gql_typeref_write(input->type, &reason);
    base_buf_add_lit(&reason, "\" was not provided.");
    gql_coerce_refuse(o->c, GQL_CODE_BAD_INPUT, o->value, o->path,
                      base_buf_str(&reason));
}


/* From the i-th field on a copy is written: the fields before it, all
 * unchanged, come first. */
static void
coerce_object_change(coerce_object_t *o, uint32_t i)
{
    uint32_t            j;
    const base_json_t  *hint, *member;

    if (o->copy != NULL) {
        return;
    }

    o->copy = base_json_object(o->c->arena);
    if (o->copy == NULL) {
        o->c->nomem = true;
        return;
    }

    hint = o->hint;
    o->hint = o->value->members.first;

    for (j = 0; j < i; j++) {
        member = coerce_object_find(o, j);
        if (member != NULL) {
            coerce_object_put(o, o->type->inputs[j].name, member);
        }
    }

    o->hint = hint;
}


static void
coerce_object_put(coerce_object_t *o, base_str_t name,
    const base_json_t *value)
{
    base_json_t  *node;

    if (o->copy == NULL) {
        return;
    }

    node = base_json_share(o->c->arena, value);
    if (node == NULL) {
        o->c->nomem = true;
        return;
    }

    base_json_add(o->copy, name, node);
}


static void
coerce_object_unknown(coerce_object_t *o)
{
    base_buf_t          reason;
    const base_json_t  *member;

    o->valid = false;

    base_json_each(member, o->value) {
        if (gql_type_input(o->type, member->key) != NULL) {
            continue;
        }

        base_buf_init(&reason, o->c->arena, SIZE_MAX);
        base_buf_add_lit(&reason, "Field \"");
        base_buf_add_str(&reason, member->key);
        base_buf_add_lit(&reason, "\" is not defined by type \"");
        base_buf_add_str(&reason, o->type->name);
        base_buf_add_lit(&reason, "\".");
        gql_coerce_refuse(o->c, GQL_CODE_BAD_INPUT, o->value, o->path,
                          base_buf_str(&reason));
    }
}


/* OneOf Input Objects: exactly one field, and it is not null. */
static void
coerce_object_one_of(coerce_object_t *o)
{
    uint32_t            i;
    base_str_t          reason;
    gql_path_t          step = { .up = o->path };
    const base_json_t  *member = NULL;

    if (o->seen != 1) {
        o->valid = false;
        reason = base_arena_printf(o->c->arena,
                                   "Exactly one key must be specified for"
                                   " OneOf type \"%.*s\".",
                                   BASE_STR_ARG(o->type->name));
        gql_coerce_refuse(o->c, GQL_CODE_BAD_INPUT, o->value, o->path, reason);
    }

    for (i = 0; i < o->type->input_count && member == NULL; i++) {
        member = coerce_object_find(o, i);
        step.key = o->type->inputs[i].name;
    }

    if (member == NULL || member->type != BASE_JSON_NULL) {
        return;
    }

    o->valid = false;
    reason = base_arena_printf(o->c->arena, "Field \"%.*s\" must be non-null.",
                               BASE_STR_ARG(step.key));
    gql_coerce_refuse(o->c, GQL_CODE_BAD_INPUT, member, &step, reason);
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
