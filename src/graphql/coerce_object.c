/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Input coercion of JSON objects (Input Objects: Input Coercion, OneOf Input
 * Objects).  Errors come in the order of the type's fields, as graphql-js has
 * them, and unknown members behind them.
 */

#include "graphql/coerce.h"

#include "graphql/constraint.h"
#include "graphql/suggest.h"


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


static bool coerce_object_sort(coerce_object_t *o);
static const base_json_t *coerce_object_find(coerce_object_t *o, uint32_t i);
static void coerce_object_field(coerce_object_t *o, uint32_t i);
static void coerce_object_absent(coerce_object_t *o, uint32_t i);
static void coerce_object_change(coerce_object_t *o, uint32_t i);
static void coerce_object_put(coerce_object_t *o, base_str_t name,
    const base_json_t *value);
static void coerce_object_unknown(coerce_object_t *o);
static void coerce_suggest_field(coerce_object_t *o, base_str_t name,
    base_buf_t *reason);
static void coerce_object_one_of(coerce_object_t *o);


const base_json_t *
gql_coerce_object(gql_coerce_t *c, const gql_type_t *type,
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

        if (o->c->errors->count >= o->c->errors->max) {
            return;
        }

        base_buf_init(&reason, o->c->arena, SIZE_MAX);
        base_buf_add_lit(&reason, "Field \"");
        base_buf_add_str(&reason, member->key);
        base_buf_add_lit(&reason, "\" is not defined by type \"");
        base_buf_add_str(&reason, o->type->name);
        base_buf_add_lit(&reason, "\".");
        coerce_suggest_field(o, member->key, &reason);
        gql_coerce_refuse(o->c, GQL_CODE_BAD_INPUT, o->value, o->path,
                          base_buf_str(&reason));
    }
}


static void
coerce_suggest_field(coerce_object_t *o, base_str_t name, base_buf_t *reason)
{
    uint32_t       i;
    gql_report_t   report = { .errors = o->c->errors,
                              .suggest = o->c->suggest };
    gql_suggest_t  suggest;

    gql_suggest_init(&suggest, &report, name);

    for (i = 0; i < o->type->input_count; i++) {
        gql_suggest_add(&suggest, o->type->inputs[i].name);
    }

    base_buf_add_str(reason, base_str_c(gql_suggest_text(&suggest)));
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
