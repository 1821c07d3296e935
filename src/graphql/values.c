/* SPDX-License-Identifier: BSD-2-Clause */

#include "graphql/values.h"

#include "graphql/coerce.h"
#include "graphql/names.h"
#include "graphql/print.h"
#include "graphql/suggest.h"


#define GQL_VALUE_SHOWN_BYTES  256      /* of a value in a message */


typedef struct {
    gql_list_t    *list;
    base_arena_t  *arena;
} gql_expand_t;


static bool gql_expand(gql_expand_t *expand, gql_value_t *value,
    const gql_typeref_t *type, const gql_input_t *location,
    const gql_type_t *object);
static void gql_check_object(const gql_report_t *report, base_arena_t *arena,
    const gql_typed_value_t *typed, const gql_type_t *type);
static void gql_check_unknown_fields(const gql_report_t *report,
    const gql_value_t *value, const gql_type_t *type);
static void gql_check_one_of(const gql_report_t *report,
    const gql_value_t *value, const gql_type_t *type);
static void gql_check_enum(const gql_report_t *report, base_arena_t *arena,
    const gql_value_t *value, const gql_type_t *type);
static void gql_check_scalar(const gql_report_t *report, base_arena_t *arena,
    const gql_value_t *value, const gql_type_t *type);
static base_str_t gql_shown_type(base_arena_t *arena,
    const gql_typeref_t *type);
static base_str_t gql_shown_value(base_arena_t *arena,
    const gql_value_t *value);


bool
gql_values_expand(gql_list_t *list, base_arena_t *arena, gql_value_t *value,
    const gql_typeref_t *type, const gql_input_t *location)
{
    gql_expand_t  expand = { list, arena };

    return gql_expand(&expand, value, type, location, NULL);
}


static const gql_typeref_t *
gql_typeref_nullable(const gql_typeref_t *type)
{
    return type != NULL && type->kind == GQL_TYPEREF_NON_NULL ? type->of
                                                              : type;
}


/* As deep as the parser lets values be. */
static bool
gql_expand(gql_expand_t *expand, gql_value_t *value,
    const gql_typeref_t *type, const gql_input_t *location,
    const gql_type_t *object)
{
    gql_value_t          *item;
    gql_typed_value_t    *typed;
    const gql_type_t     *named;
    const gql_input_t    *field;
    const gql_typeref_t  *inner;

    typed = gql_list_add(expand->list, expand->arena,
                         sizeof(gql_typed_value_t));
    if (typed == NULL) {
        return false;
    }

    *typed = (gql_typed_value_t) { value, type, location, object };
    inner = gql_typeref_nullable(type);

    if (value->kind == GQL_VALUE_LIST) {
        inner = inner != NULL && inner->kind == GQL_TYPEREF_LIST ? inner->of
                                                                 : NULL;

        for (item = value->first; item != NULL; item = item->next) {
            if (!gql_expand(expand, item, inner, NULL, NULL)) {
                return false;
            }
        }

        return true;
    }

    if (value->kind != GQL_VALUE_OBJECT) {
        return true;
    }

    named = inner == NULL ? NULL : gql_typeref_named(inner);
    if (named != NULL && named->kind != GQL_TYPE_INPUT_OBJECT) {
        named = NULL;
    }

    for (item = value->first; item != NULL; item = item->next) {
        field = named == NULL ? NULL : gql_type_input(named, item->name);

        if (!gql_expand(expand, item, field == NULL ? NULL : field->type,
                        field, named))
        {
            return false;
        }
    }

    return true;
}


void
gql_values_check(const gql_report_t *report, base_arena_t *arena,
    const gql_typed_value_t *typed)
{
    const gql_type_t     *named;
    const gql_value_t    *value = typed->value;
    const gql_typeref_t  *inner = gql_typeref_nullable(typed->type);

    if (inner == NULL || value->kind == GQL_VALUE_VARIABLE) {
        return;
    }

    named = gql_typeref_named(inner);
    if (named == NULL || !gql_type_is_input(named)) {
        return;
    }

    if (value->kind == GQL_VALUE_NULL) {
        if (inner != typed->type) {
            (void) gql_report(report, value->offset,
                              "Expected value of type \"%.*s\", found null.",
                              BASE_STR_ARG(gql_shown_type(arena,
                                                          typed->type)));
        }

        return;
    }

    if (value->kind == GQL_VALUE_LIST && inner->kind == GQL_TYPEREF_LIST) {
        return;
    }

    switch (named->kind) {
    case GQL_TYPE_INPUT_OBJECT:
        gql_check_object(report, arena, typed, named);
        break;

    case GQL_TYPE_ENUM:
        gql_check_enum(report, arena, value, named);
        break;

    default:
        gql_check_scalar(report, arena, value, named);
        break;
    }
}


static const gql_value_t *
gql_object_field(const gql_value_t *value, base_str_t name)
{
    const gql_value_t  *field;

    for (field = value->first; field != NULL; field = field->next) {
        if (base_str_eq(field->name, name)) {
            return field;
        }
    }

    return NULL;
}


static void
gql_check_object(const gql_report_t *report, base_arena_t *arena,
    const gql_typed_value_t *typed, const gql_type_t *type)
{
    uint32_t            i;
    const gql_input_t  *field;
    const gql_value_t  *value = typed->value;

    if (value->kind != GQL_VALUE_OBJECT) {
        (void) gql_report(report, value->offset,
                          "Expected value of type \"%.*s\", found %.*s.",
                          BASE_STR_ARG(gql_shown_type(arena, typed->type)),
                          BASE_STR_ARG(gql_shown_value(arena, value)));
        return;
    }

    for (i = 0; i < type->input_count; i++) {
        field = &type->inputs[i];

        if (gql_typeref_is_non_null(field->type)
            && field->default_value == NULL
            && gql_object_field(value, field->name) == NULL)
        {
            (void) gql_report(report, value->offset,
                              "Field \"%.*s.%.*s\" of required type \"%.*s\" "
                              "was not provided.", BASE_STR_ARG(type->name),
                              BASE_STR_ARG(field->name),
                              BASE_STR_ARG(gql_shown_type(arena,
                                                          field->type)));
        }
    }

    gql_check_unknown_fields(report, value, type);

    if (type->one_of) {
        gql_check_one_of(report, value, type);
    }
}


/* Input Object Field Names */
static void
gql_check_unknown_fields(const gql_report_t *report, const gql_value_t *value,
    const gql_type_t *type)
{
    uint32_t            i;
    gql_suggest_t       suggest;
    const gql_value_t  *field;

    for (field = value->first; field != NULL; field = field->next) {
        if (gql_type_input(type, field->name) != NULL) {
            continue;
        }

        gql_suggest_init(&suggest, report, field->name);

        for (i = 0; i < type->input_count; i++) {
            gql_suggest_add(&suggest, type->inputs[i].name);
        }

        (void) gql_report(report, field->name_offset,
                          "Field \"%.*s\" is not defined by type \"%.*s\".%s",
                          BASE_STR_ARG(field->name), BASE_STR_ARG(type->name),
                          gql_suggest_text(&suggest));
    }
}


/* OneOf Input Objects: exactly one field, and it is not null. */
static void
gql_check_one_of(const gql_report_t *report, const gql_value_t *value,
    const gql_type_t *type)
{
    if (value->count != 1) {
        (void) gql_report(report, value->offset,
                          "OneOf Input Object \"%.*s\" must specify exactly "
                          "one key.", BASE_STR_ARG(type->name));
        return;
    }

    if (value->first->kind == GQL_VALUE_NULL) {
        (void) gql_report(report, value->offset,
                          "Field \"%.*s.%.*s\" must be non-null.",
                          BASE_STR_ARG(type->name),
                          BASE_STR_ARG(value->first->name));
    }
}


static void
gql_check_enum(const gql_report_t *report, base_arena_t *arena,
    const gql_value_t *value, const gql_type_t *type)
{
    uint32_t       i;
    base_str_t     shown;
    gql_suggest_t  suggest;

    if (value->kind == GQL_VALUE_ENUM
        && gql_type_value(type, value->text) != NULL)
    {
        return;
    }

    gql_suggest_init(&suggest, report, value->text);

    for (i = 0; i < type->value_count; i++) {
        gql_suggest_add(&suggest, type->values[i].name);
    }

    if (value->kind == GQL_VALUE_ENUM) {
        (void) gql_report(report, value->offset,
                          "Value \"%.*s\" does not exist in \"%.*s\" enum.%s",
                          BASE_STR_ARG(value->text), BASE_STR_ARG(type->name),
                          gql_suggest_phrase(&suggest, "the enum value"));
        return;
    }

    shown = gql_shown_value(arena, value);
    (void) gql_report(report, value->offset,
                      "Enum \"%.*s\" cannot represent non-enum value: %.*s.%s",
                      BASE_STR_ARG(type->name), BASE_STR_ARG(shown),
                      gql_suggest_phrase(&suggest, "the enum value"));
}


static void
gql_check_scalar(const gql_report_t *report, base_arena_t *arena,
    const gql_value_t *value, const gql_type_t *type)
{
    base_str_t  shown;

    static const char *const  reasons[] = {
        [GQL_SCALAR_INT] = "Int cannot represent non-integer value",
        [GQL_SCALAR_FLOAT] = "Float cannot represent non numeric value",
        [GQL_SCALAR_STRING] = "String cannot represent a non string value",
        [GQL_SCALAR_BOOLEAN] = "Boolean cannot represent a non boolean value",
        [GQL_SCALAR_ID] = "ID cannot represent a non-string and non-integer "
                          "value",
        [GQL_SCALAR_DATETIME] = "DateTime cannot represent a non string value"
    };

    if (!gql_scalar_literal_kind(type->scalar, value->kind)) {
        shown = gql_shown_value(arena, value);
        (void) gql_report(report, value->offset, "%s: %.*s",
                          reasons[type->scalar], BASE_STR_ARG(shown));
        return;
    }

    if (type->scalar == GQL_SCALAR_INT && !gql_scalar_is_int32(value->text)
        && !base_str_eq(value->text, BASE_STR("-0")))
    {
        shown = gql_shown_value(arena, value);
        (void) gql_report(report, value->offset,
                          "Int cannot represent non 32-bit signed integer "
                          "value: %.*s", BASE_STR_ARG(shown));
    }
}


void
gql_values_check_unique(const gql_report_t *report, base_arena_t *arena,
    const gql_typed_value_t *typed)
{
    uint32_t                   i;
    gql_error_t               *error;
    gql_index_t                index;
    gql_value_t               *field;
    const gql_index_entry_t   *first;

    if (typed->value->kind != GQL_VALUE_OBJECT || typed->value->count < 2) {
        return;
    }

    if (!gql_index_init(&index, arena, typed->value->count)) {
        report->errors->nomem = true;
        return;
    }

    for (field = typed->value->first; field != NULL; field = field->next) {
        gql_index_add(&index, field->name, field->name_offset, field);
    }

    gql_index_sort(&index);

    for (i = 1; i < index.count; i++) {
        first = gql_index_repeats(&index, i);

        if (first != NULL) {
            error = gql_report(report, first->offset,
                               "There can be only one input field named "
                               "\"%.*s\".", BASE_STR_ARG(first->name));
            gql_report_also(report, error, index.entries[i].offset);
        }
    }
}


static base_str_t
gql_shown_type(base_arena_t *arena, const gql_typeref_t *type)
{
    base_buf_t  buf;

    base_buf_init(&buf, arena, SIZE_MAX);
    gql_typeref_write(type, &buf);
    return base_buf_str(&buf);
}


/* Shortened where it is long. */
static base_str_t
gql_shown_value(base_arena_t *arena, const gql_value_t *value)
{
    size_t      len;
    base_buf_t  buf;

    base_buf_init(&buf, arena, SIZE_MAX);
    gql_print_value(&buf, value);

    if (buf.failed || buf.len <= GQL_VALUE_SHOWN_BYTES + 3) {
        return base_buf_str(&buf);
    }

    len = GQL_VALUE_SHOWN_BYTES;

    while (len > 0 && ((unsigned char) buf.data[len] & 0xc0) == 0x80) {
        len--;
    }

    memcpy(buf.data + len, "...", 3);
    return base_str(buf.data, len + 3);
}
