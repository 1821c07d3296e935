/* SPDX-License-Identifier: BSD-2-Clause */

/* The type system's small questions: what is called so, what is it. */

#include "graphql/names.h"
#include "graphql/schema_build.h"


static base_str_t
gql_type_name_at(const void *table, uint32_t i)
{
    gql_type_t *const  *types = table;

    return types[i]->name;
}


static base_str_t
gql_field_name_at(const void *table, uint32_t i)
{
    return ((const gql_field_t *) table)[i].name;
}


static base_str_t
gql_input_name_at(const void *table, uint32_t i)
{
    return ((const gql_input_t *) table)[i].name;
}


static base_str_t
gql_value_name_at(const void *table, uint32_t i)
{
    return ((const gql_enum_value_t *) table)[i].name;
}


bool
gql_schema_index_init(gql_schema_t *schema, uint32_t cap)
{
    return gql_names_init(&schema->type_names, &schema->arena, cap);
}


void
gql_schema_index_add(gql_schema_t *schema, uint32_t at)
{
    gql_names_add(&schema->type_names, schema->types[at]->name, at);
}


bool
gql_type_index_init(gql_type_t *type, base_arena_t *arena, uint32_t cap)
{
    return gql_names_init(&type->names, arena, cap);
}


void
gql_type_index_add(gql_type_t *type, base_str_t name, uint32_t at)
{
    gql_names_add(&type->names, name, at);
}


const gql_type_t *
gql_schema_type(const gql_schema_t *schema, base_str_t name)
{
    uint32_t  at = gql_names_find(&schema->type_names, schema->types,
                                  gql_type_name_at, name);

    return at == UINT32_MAX ? NULL : schema->types[at];
}


const gql_directive_def_t *
gql_schema_directive(const gql_schema_t *schema, base_str_t name)
{
    uint32_t  i;

    for (i = 0; i < schema->directive_count; i++) {
        if (base_str_eq(schema->directives[i].name, name)) {
            return &schema->directives[i];
        }
    }

    return NULL;
}


const gql_type_t *
gql_schema_root_type(const gql_schema_t *schema, gql_operation_kind_t kind)
{
    const gql_type_t  *roots[] = {
        [GQL_QUERY] = schema->query,
        [GQL_MUTATION] = schema->mutation,
        [GQL_SUBSCRIPTION] = schema->subscription
    };

    return roots[kind];
}


const gql_field_t *
gql_type_field(const gql_type_t *type, base_str_t name)
{
    uint32_t  at;

    if (type->fields == NULL) {
        return NULL;
    }

    at = gql_names_find(&type->names, type->fields, gql_field_name_at, name);
    return at == UINT32_MAX ? NULL : &type->fields[at];
}


const gql_input_t *
gql_type_input(const gql_type_t *type, base_str_t name)
{
    uint32_t  at;

    if (type->inputs == NULL) {
        return NULL;
    }

    at = gql_names_find(&type->names, type->inputs, gql_input_name_at, name);
    return at == UINT32_MAX ? NULL : &type->inputs[at];
}


const gql_enum_value_t *
gql_type_value(const gql_type_t *type, base_str_t name)
{
    uint32_t  at;

    if (type->values == NULL) {
        return NULL;
    }

    at = gql_names_find(&type->names, type->values, gql_value_name_at, name);
    return at == UINT32_MAX ? NULL : &type->values[at];
}


const gql_input_t *
gql_input_find(const gql_input_t *inputs, uint32_t count, base_str_t name)
{
    uint32_t  i;

    for (i = 0; i < count; i++) {
        if (base_str_eq(inputs[i].name, name)) {
            return &inputs[i];
        }
    }

    return NULL;
}


const gql_type_t *
gql_typeref_named(const gql_typeref_t *type)
{
    while (type->kind != GQL_TYPEREF_NAMED) {
        type = type->of;
    }

    return type->type;
}


void
gql_typeref_write(const gql_typeref_t *type, base_buf_t *buf)
{
    switch (type->kind) {
    case GQL_TYPEREF_NAMED:
        base_buf_add_str(buf, type->name);
        return;

    case GQL_TYPEREF_LIST:
        base_buf_add_char(buf, '[');
        gql_typeref_write(type->of, buf);
        base_buf_add_char(buf, ']');
        return;

    case GQL_TYPEREF_NON_NULL:
        gql_typeref_write(type->of, buf);
        base_buf_add_char(buf, '!');
        return;
    }
}


bool
gql_typeref_equal(const gql_typeref_t *a, const gql_typeref_t *b)
{
    while (a->kind == b->kind && a->kind != GQL_TYPEREF_NAMED) {
        a = a->of;
        b = b->of;
    }

    return a->kind == b->kind && base_str_eq(a->name, b->name);
}


bool
gql_typeref_is_subtype(const gql_typeref_t *sub, const gql_typeref_t *super)
{
    for ( ;; ) {
        if (super->kind == GQL_TYPEREF_NON_NULL) {
            if (sub->kind != GQL_TYPEREF_NON_NULL) {
                return false;
            }

            super = super->of;
        }

        if (sub->kind == GQL_TYPEREF_NON_NULL) {
            sub = sub->of;
        }

        if (sub->kind != super->kind) {
            return false;
        }

        if (sub->kind == GQL_TYPEREF_NAMED) {
            return gql_type_is_subtype(sub->type, super->type);
        }

        sub = sub->of;
        super = super->of;
    }
}


bool
gql_type_is_subtype(const gql_type_t *sub, const gql_type_t *super)
{
    uint32_t  i;

    if (sub == super) {
        return true;
    }

    if (super->kind == GQL_TYPE_UNION) {
        return sub->kind == GQL_TYPE_OBJECT && gql_type_includes(super, sub);
    }

    for (i = 0; i < sub->interface_count; i++) {
        if (sub->interfaces[i] == super) {
            return true;
        }
    }

    return false;
}


bool
gql_type_is_composite(const gql_type_t *type)
{
    return type->kind == GQL_TYPE_OBJECT || type->kind == GQL_TYPE_INTERFACE
           || type->kind == GQL_TYPE_UNION;
}


bool
gql_type_is_input(const gql_type_t *type)
{
    return type->kind == GQL_TYPE_SCALAR || type->kind == GQL_TYPE_ENUM
           || type->kind == GQL_TYPE_INPUT_OBJECT;
}


bool
gql_type_is_leaf(const gql_type_t *type)
{
    return type->kind == GQL_TYPE_SCALAR || type->kind == GQL_TYPE_ENUM;
}


bool
gql_type_includes(const gql_type_t *abstract, const gql_type_t *object)
{
    if (abstract == object) {
        return true;
    }

    return abstract->possible_bits != NULL
           && (abstract->possible_bits[object->index / 64]
               >> (object->index % 64) & 1) != 0;
}


bool
gql_type_overlaps(const gql_type_t *a, const gql_type_t *b)
{
    uint32_t           i;
    const gql_type_t  *few, *many;

    few = a->possible_count < b->possible_count ? a : b;
    many = few == a ? b : a;

    if (a == b || few->kind == GQL_TYPE_OBJECT) {
        return gql_type_includes(many, few);
    }

    if (many->kind == GQL_TYPE_OBJECT) {
        return gql_type_includes(few, many);
    }

    for (i = 0; i < few->possible_count; i++) {
        if (gql_type_includes(many, few->possible[i])) {
            return true;
        }
    }

    return false;
}
