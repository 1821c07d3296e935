/* SPDX-License-Identifier: BSD-2-Clause */

/* IsValidImplementation: a type that implements an interface has all that the
 * interface promises. */

#include "graphql/schema_build.h"


static void gql_implement_ancestors(gql_build_t *build,
    const gql_type_t *type, const gql_type_t *interface);
static void gql_implement_field(gql_build_t *build, const gql_type_t *type,
    const gql_type_t *interface, const gql_field_t *promised);
static void gql_implement_arguments(gql_build_t *build,
    const gql_type_t *type, const gql_type_t *interface,
    const gql_field_t *promised, const gql_field_t *field);
static base_str_t gql_implement_text(gql_build_t *build,
    const gql_typeref_t *type);


void
gql_build_check_implements(gql_build_t *build, const gql_type_t *type)
{
    uint32_t           i, k;
    const gql_type_t  *interface;

    for (i = 0; i < type->interface_count; i++) {
        interface = type->interfaces[i];

        gql_implement_ancestors(build, type, interface);

        for (k = 0; k < interface->field_count; k++) {
            gql_implement_field(build, type, interface, &interface->fields[k]);
        }
    }
}


/* What the interface implements, the type must say that it implements too. */
static void
gql_implement_ancestors(gql_build_t *build, const gql_type_t *type,
    const gql_type_t *interface)
{
    uint32_t           i;
    gql_report_t       report = gql_build_report(build, type->source);
    const gql_type_t  *ancestor;

    for (i = 0; i < interface->interface_count; i++) {
        ancestor = interface->interfaces[i];

        if (ancestor == type) {
            (void) gql_report(&report, type->offset,
                              "Type %.*s cannot implement %.*s because it "
                              "would create a circular reference.",
                              BASE_STR_ARG(type->name),
                              BASE_STR_ARG(interface->name));

        } else if (!gql_type_is_subtype(type, ancestor)) {
            (void) gql_report(&report, type->offset,
                              "Type %.*s must implement %.*s because it is "
                              "implemented by %.*s.",
                              BASE_STR_ARG(type->name),
                              BASE_STR_ARG(ancestor->name),
                              BASE_STR_ARG(interface->name));
        }
    }
}


static void
gql_implement_field(gql_build_t *build, const gql_type_t *type,
    const gql_type_t *interface, const gql_field_t *promised)
{
    gql_report_t        report;
    const gql_field_t  *field = gql_type_field(type, promised->name);

    if (field == NULL) {
        report = gql_build_report(build, type->source);
        (void) gql_report(&report, type->offset,
                          "Interface field %.*s.%.*s expected but %.*s does "
                          "not provide it.", BASE_STR_ARG(interface->name),
                          BASE_STR_ARG(promised->name),
                          BASE_STR_ARG(type->name));
        return;
    }

    report = gql_build_report(build, field->source);

    if (!gql_typeref_is_subtype(field->type, promised->type)) {
        (void) gql_report(&report, field->type->offset,
            "Interface field %.*s.%.*s expects type %.*s but %.*s.%.*s is "
            "type %.*s.", BASE_STR_ARG(interface->name),
            BASE_STR_ARG(promised->name),
            BASE_STR_ARG(gql_implement_text(build, promised->type)),
            BASE_STR_ARG(type->name), BASE_STR_ARG(field->name),
            BASE_STR_ARG(gql_implement_text(build, field->type)));
    }

    gql_implement_arguments(build, type, interface, promised, field);

    if (field->deprecated.data != NULL && promised->deprecated.data == NULL) {
        (void) gql_report(&report, field->offset,
            "Interface field %.*s.%.*s is not deprecated, so implementation "
            "field %.*s.%.*s must not be deprecated.",
            BASE_STR_ARG(interface->name), BASE_STR_ARG(promised->name),
            BASE_STR_ARG(type->name), BASE_STR_ARG(field->name));
    }
}


static void
gql_implement_arguments(gql_build_t *build, const gql_type_t *type,
    const gql_type_t *interface, const gql_field_t *promised,
    const gql_field_t *field)
{
    uint32_t            i;
    gql_report_t        report = gql_build_report(build, field->source);
    const gql_input_t  *want, *have;

    for (i = 0; i < promised->argument_count; i++) {
        want = &promised->arguments[i];
        have = gql_input_find(field->arguments, field->argument_count,
                              want->name);

        if (have == NULL) {
            (void) gql_report(&report, field->offset,
                "Interface field argument %.*s.%.*s(%.*s:) expected but "
                "%.*s.%.*s does not provide it.",
                BASE_STR_ARG(interface->name), BASE_STR_ARG(promised->name),
                BASE_STR_ARG(want->name), BASE_STR_ARG(type->name),
                BASE_STR_ARG(field->name));

        } else if (!gql_typeref_equal(want->type, have->type)) {
            (void) gql_report(&report, have->type->offset,
                "Interface field argument %.*s.%.*s(%.*s:) expects type %.*s "
                "but %.*s.%.*s(%.*s:) is type %.*s.",
                BASE_STR_ARG(interface->name), BASE_STR_ARG(promised->name),
                BASE_STR_ARG(want->name),
                BASE_STR_ARG(gql_implement_text(build, want->type)),
                BASE_STR_ARG(type->name), BASE_STR_ARG(field->name),
                BASE_STR_ARG(have->name),
                BASE_STR_ARG(gql_implement_text(build, have->type)));
        }
    }

    for (i = 0; i < field->argument_count; i++) {
        have = &field->arguments[i];

        if (gql_typeref_is_non_null(have->type) && have->default_value == NULL
            && gql_input_find(promised->arguments, promised->argument_count,
                              have->name) == NULL)
        {
            (void) gql_report(&report, have->offset,
                "Argument \"%.*s.%.*s(%.*s:)\" must not be required type "
                "\"%.*s\" if not provided by the Interface field "
                "\"%.*s.%.*s\".", BASE_STR_ARG(type->name),
                BASE_STR_ARG(field->name), BASE_STR_ARG(have->name),
                BASE_STR_ARG(gql_implement_text(build, have->type)),
                BASE_STR_ARG(interface->name), BASE_STR_ARG(promised->name));
        }
    }
}


static base_str_t
gql_implement_text(gql_build_t *build, const gql_typeref_t *type)
{
    base_buf_t  buf;

    base_buf_init(&buf, build->arena, SIZE_MAX);
    gql_typeref_write(type, &buf);
    return base_buf_str(&buf);
}
