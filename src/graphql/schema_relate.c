/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The third step of building a schema: which types implement which, what a
 * union may be, which objects are possible for an abstract type, and where
 * operations begin.
 */

#include "graphql/schema_build.h"


static bool gql_relate_interfaces(gql_build_t *build, gql_type_t *type,
    gql_sdl_def_t *def);
static bool gql_relate_union(gql_build_t *build, gql_type_t *type,
    gql_sdl_def_t *def);
static bool gql_relate_possible(gql_build_t *build, gql_type_t *type);
static void gql_relate_add(gql_schema_t *schema, const gql_type_t *abstract,
    const gql_type_t *object);
static void gql_relate_roots(gql_build_t *build);
static void gql_relate_root(gql_build_t *build, const gql_sdl_name_t *name,
    uint32_t source, const gql_type_t *type);
static void gql_relate_distinct(gql_build_t *build);
static bool gql_relate_meta(gql_build_t *build);


bool
gql_build_relate(gql_build_t *build)
{
    uint32_t       i, k;
    gql_schema_t  *schema = build->schema;

    for (i = 0; i < schema->type_count; i++) {
        if (!gql_relate_possible(build, schema->types[i])
            || !gql_relate_interfaces(build, schema->types[i],
                                      build->type_defs[i])
            || !gql_relate_union(build, schema->types[i],
                                 build->type_defs[i]))
        {
            return gql_build_nomem(build);
        }
    }

    /* objects in the order of the text, also where a union names them
     * otherwise */
    for (i = 0; i < schema->type_count; i++) {
        const gql_type_t  *type = schema->types[i];

        for (k = 0; k < type->interface_count; k++) {
            if (type->kind == GQL_TYPE_OBJECT) {
                gql_relate_add(schema, type->interfaces[k], type);
            }
        }
    }

    gql_relate_roots(build);
    return gql_relate_meta(build) || gql_build_nomem(build);
}


/* ImplementsInterfaces */
static bool
gql_relate_interfaces(gql_build_t *build, gql_type_t *type,
    gql_sdl_def_t *def)
{
    uint32_t           count = 0;
    gql_report_t       report;
    gql_sdl_def_t     *part;
    gql_sdl_name_t    *name;
    const gql_type_t  *interface;

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        for (name = part->interfaces; name != NULL; name = name->next) {
            count++;
        }
    }

    if (count == 0) {
        return true;
    }

    type->interfaces = base_arena_calloc(build->arena, count, sizeof(void *));
    if (type->interfaces == NULL) {
        return false;
    }

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        report = gql_build_report(build, part->source);

        for (name = part->interfaces; name != NULL; name = name->next) {
            interface = gql_build_resolve(build, name->type.name, name->offset,
                                          part->source);
            if (interface == NULL) {
                continue;
            }

            if (interface->kind != GQL_TYPE_INTERFACE) {
                (void) gql_report(&report, name->offset,
                                  "Type %.*s must only implement Interface "
                                  "types, it cannot implement %.*s.",
                                  BASE_STR_ARG(type->name),
                                  BASE_STR_ARG(interface->name));

            } else if (interface == type) {
                (void) gql_report(&report, name->offset,
                                  "Type %.*s cannot implement itself because "
                                  "it would create a circular reference.",
                                  BASE_STR_ARG(type->name));

            } else if (gql_type_is_subtype(type, interface)) {
                (void) gql_report(&report, name->offset,
                                  "Type %.*s can only implement %.*s once.",
                                  BASE_STR_ARG(type->name),
                                  BASE_STR_ARG(interface->name));

            } else {
                type->interfaces[type->interface_count++] = interface;
            }
        }
    }

    return true;
}


/* UnionMemberTypes */
static bool
gql_relate_union(gql_build_t *build, gql_type_t *type, gql_sdl_def_t *def)
{
    gql_report_t       report;
    gql_sdl_def_t     *part;
    gql_sdl_name_t    *name;
    const gql_type_t  *member;

    if (type->kind != GQL_TYPE_UNION) {
        return true;
    }

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        report = gql_build_report(build, part->source);

        for (name = part->names; name != NULL; name = name->next) {
            member = gql_build_resolve(build, name->type.name, name->offset,
                                       part->source);
            if (member == NULL) {
                continue;
            }

            if (member->kind != GQL_TYPE_OBJECT) {
                (void) gql_report(&report, name->offset,
                                  "Union type %.*s can only include Object "
                                  "types, it cannot include %.*s.",
                                  BASE_STR_ARG(type->name),
                                  BASE_STR_ARG(member->name));

            } else if (gql_type_includes(type, member)) {
                (void) gql_report(&report, name->offset,
                                  "Union type %.*s can only include type "
                                  "%.*s once.", BASE_STR_ARG(type->name),
                                  BASE_STR_ARG(member->name));

            } else {
                gql_relate_add(build->schema, type, member);
            }
        }
    }

    return true;
}


/* Room for all objects that an abstract type may be. */
static bool
gql_relate_possible(gql_build_t *build, gql_type_t *type)
{
    uint32_t  types = build->schema->type_count;

    if (type->kind != GQL_TYPE_INTERFACE && type->kind != GQL_TYPE_UNION) {
        return true;
    }

    type->possible = base_arena_calloc(build->arena, types, sizeof(void *));
    type->possible_bits = base_arena_calloc(build->arena, types / 64 + 1,
                                            sizeof(uint64_t));

    return type->possible != NULL && type->possible_bits != NULL;
}


static void
gql_relate_add(gql_schema_t *schema, const gql_type_t *abstract,
    const gql_type_t *object)
{
    gql_type_t  *type = schema->types[abstract->index];

    type->possible[type->possible_count++] = object;
    type->possible_bits[object->index / 64] |= UINT64_C(1)
                                               << (object->index % 64);
}


/* Root Operation Types: by the schema definition, or else by their names. */
static void
gql_relate_roots(gql_build_t *build)
{
    gql_report_t     report;
    gql_schema_t    *schema = build->schema;
    gql_sdl_def_t   *def = build->schema_def, *part;
    gql_sdl_name_t  *name;

    if (def == NULL) {
        const gql_type_t  *query, *mutation, *subscription;

        query = gql_schema_type(schema, BASE_STR("Query"));
        mutation = gql_schema_type(schema, BASE_STR("Mutation"));
        subscription = gql_schema_type(schema, BASE_STR("Subscription"));

#define GQL_OBJECT_OR_NULL(type)                                              \
    ((type) != NULL && (type)->kind == GQL_TYPE_OBJECT ? (type) : NULL)

        schema->query = GQL_OBJECT_OR_NULL(query);
        schema->mutation = GQL_OBJECT_OR_NULL(mutation);
        schema->subscription = GQL_OBJECT_OR_NULL(subscription);
    }

    for (part = def; part != NULL; part = gql_build_next_part(def, part)) {
        for (name = part->names; name != NULL; name = name->next) {
            gql_relate_root(build, name, part->source,
                            gql_build_resolve(build, name->type.name,
                                              name->type.offset,
                                              part->source));
        }
    }

    if (schema->query == NULL) {
        report = gql_build_report(build, def == NULL ? 0 : def->source);
        (void) gql_report(&report, def == NULL ? 0 : def->offset,
                          "Query root type must be provided.");
    }

    gql_relate_distinct(build);
}


static void
gql_relate_root(gql_build_t *build, const gql_sdl_name_t *name,
    uint32_t source, const gql_type_t *type)
{
    base_str_t          kind = gql_operation_kind_text(name->operation);
    gql_report_t        report = gql_build_report(build, source);
    gql_schema_t       *schema = build->schema;
    const gql_type_t  **roots[] = {
        [GQL_QUERY] = &schema->query,
        [GQL_MUTATION] = &schema->mutation,
        [GQL_SUBSCRIPTION] = &schema->subscription
    };

    if (type == NULL) {
        return;
    }

    if (*roots[name->operation] != NULL) {
        (void) gql_report(&report, name->offset,
                          "There can be only one %.*s type in schema.",
                          BASE_STR_ARG(kind));
        return;
    }

    if (type->kind != GQL_TYPE_OBJECT) {
        (void) gql_report(&report, name->type.offset,
                          "%c%.*s root type must be Object type%s, it cannot "
                          "be %.*s.", kind.data[0] - 'a' + 'A',
                          (int) kind.len - 1, kind.data + 1,
                          name->operation == GQL_QUERY ? "" : " if provided",
                          BASE_STR_ARG(type->name));
    }

    *roots[name->operation] = type;
}


static void
gql_relate_distinct(gql_build_t *build)
{
    uint32_t               i, k;
    base_str_t             name, one, two;
    gql_report_t           report;
    const gql_type_t      *root;
    gql_operation_kind_t   kinds[] = { GQL_QUERY, GQL_MUTATION,
                                       GQL_SUBSCRIPTION };

    for (i = 0; i < 3; i++) {
        for (k = i + 1; k < 3; k++) {
            root = gql_schema_root_type(build->schema, kinds[i]);

            if (root == NULL
                || root != gql_schema_root_type(build->schema, kinds[k]))
            {
                continue;
            }

            name = root->name;
            one = gql_operation_kind_text(kinds[i]);
            two = gql_operation_kind_text(kinds[k]);
            report = gql_build_report(build, root->source);

            (void) gql_report(&report, root->offset,
                              "All root types must be different, \"%.*s\" "
                              "type is used as %.*s and %.*s root types.",
                              BASE_STR_ARG(name), BASE_STR_ARG(one),
                              BASE_STR_ARG(two));
        }
    }
}


static gql_typeref_t *
gql_relate_typeref(gql_build_t *build, base_str_t name,
    gql_typeref_kind_t kind)
{
    gql_typeref_t  *refs;

    refs = base_arena_calloc(build->arena, 2, sizeof(gql_typeref_t));
    if (refs == NULL) {
        return NULL;
    }

    refs[0].kind = GQL_TYPEREF_NAMED;
    refs[0].name = name;
    refs[0].type = gql_schema_type(build->schema, name);

    if (kind == GQL_TYPEREF_NAMED) {
        return refs;
    }

    refs[1].kind = kind;
    refs[1].of = refs;
    return &refs[1];
}


/* __typename: String!, __schema: __Schema!, __type(name: String!): __Type
 * (Introspection: Type Name Introspection, Schema Introspection) */
static bool
gql_relate_meta(gql_build_t *build)
{
    gql_input_t   *name;
    gql_schema_t  *schema = build->schema;
    gql_field_t   *fields[] = {
        &schema->typename_field, &schema->schema_field, &schema->type_field
    };
    size_t         i;

    *fields[0] = (gql_field_t) {
        .name = BASE_STR_INIT("__typename"),
        .type = gql_relate_typeref(build, BASE_STR("String"),
                                   GQL_TYPEREF_NON_NULL),
        .introspection = GQL_INTROSPECT_TYPENAME
    };

    *fields[1] = (gql_field_t) {
        .name = BASE_STR_INIT("__schema"),
        .type = gql_relate_typeref(build, BASE_STR("__Schema"),
                                   GQL_TYPEREF_NON_NULL),
        .introspection = GQL_INTROSPECT_SCHEMA
    };

    name = base_arena_zalloc(build->arena, sizeof(gql_input_t));
    if (name == NULL) {
        return false;
    }

    name->name = BASE_STR("name");
    name->type = gql_relate_typeref(build, BASE_STR("String"),
                                    GQL_TYPEREF_NON_NULL);
    name->source = build->builtin;

    *fields[2] = (gql_field_t) {
        .name = BASE_STR_INIT("__type"),
        .arguments = name,
        .argument_count = 1,
        .type = gql_relate_typeref(build, BASE_STR("__Type"),
                                   GQL_TYPEREF_NAMED),
        .introspection = GQL_INTROSPECT_TYPE
    };

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i]->type == NULL) {
            return false;
        }

        fields[i]->named = gql_typeref_named(fields[i]->type);
        fields[i]->source = build->builtin;
    }

    return name->type != NULL;
}
