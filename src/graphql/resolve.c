/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The walk of validation.  It fills the fields of the syntax tree that stand
 * below "resolved", and the lists that the rules loop over.  Recursion is
 * bounded by the parser's nesting; a fragment is a start of its own.
 */

#include "graphql/validate.h"


static bool gql_resolve_definitions(gql_validation_t *v);
static bool gql_resolve_operation(gql_validation_t *v,
    gql_definition_t *definition);
static bool gql_resolve_variable(gql_validation_t *v,
    gql_variable_t *variable);
static bool gql_resolve_fragment(gql_validation_t *v,
    gql_definition_t *definition);
static bool gql_resolve_selections(gql_validation_t *v,
    gql_selection_t *selections, const gql_type_t *parent);
static bool gql_resolve_field(gql_validation_t *v, gql_selection_t *field,
    const gql_type_t *parent);
static bool gql_resolve_spread(gql_validation_t *v, gql_selection_t *spread,
    const gql_type_t *parent);
static bool gql_resolve_inline(gql_validation_t *v, gql_selection_t *fragment,
    const gql_type_t *parent);
static bool gql_resolve_directives(gql_validation_t *v,
    gql_directive_t *directives, gql_directive_place_t place);
static bool gql_resolve_arguments(gql_validation_t *v,
    const gql_argument_site_t *site);
static bool gql_resolve_value(gql_validation_t *v, gql_value_t *value,
    const gql_typeref_t *type, const gql_input_t *location);
static bool gql_resolve_condition(gql_validation_t *v,
    gql_typeref_t *condition);
static const gql_type_t *gql_resolve_composite(
    const gql_typeref_t *condition);


static const gql_directive_place_t  gql_operation_places[] = {
    [GQL_QUERY] = GQL_PLACE_QUERY,
    [GQL_MUTATION] = GQL_PLACE_MUTATION,
    [GQL_SUBSCRIPTION] = GQL_PLACE_SUBSCRIPTION
};


bool
gql_resolve(gql_validation_t *v)
{
    uint32_t           i;
    gql_definition_t  *definition;

    if (!gql_resolve_definitions(v)) {
        return false;
    }

    for (i = 0; i < v->definition_count; i++) {
        definition = &v->definitions[i];
        definition->spreads.first = v->spreads.count;
        definition->usages.first = v->usages.count;

        if (definition->operation != NULL
            ? !gql_resolve_operation(v, definition)
            : !gql_resolve_fragment(v, definition))
        {
            return false;
        }

        definition->spreads.end = v->spreads.count;
        definition->usages.end = v->usages.count;
    }

    return true;
}


static bool
gql_resolve_definitions(gql_validation_t *v)
{
    uint32_t          i = 0;
    gql_document_t   *document = v->document;
    gql_fragment_t   *fragment;
    gql_operation_t  *operation;

    v->definition_count = document->operation_count + document->fragment_count;
    v->definitions = base_arena_calloc(v->arena, v->definition_count + 1,
                                       sizeof(gql_definition_t));

    if (v->definitions == NULL
        || !gql_index_init(&v->fragment_names, v->arena,
                           document->fragment_count))
    {
        return false;
    }

    for (operation = document->operations; operation != NULL;
         operation = operation->next)
    {
        v->definitions[i].operation = operation;
        v->definitions[i++].selections = operation->selections;
    }

    for (fragment = document->fragments; fragment != NULL;
         fragment = fragment->next)
    {
        v->definitions[i].fragment = fragment;
        v->definitions[i++].selections = fragment->selections;
        gql_index_add(&v->fragment_names, fragment->name,
                      fragment->name_offset, fragment);
    }

    gql_index_sort(&v->fragment_names);
    return true;
}


static bool
gql_resolve_operation(gql_validation_t *v, gql_definition_t *definition)
{
    gql_variable_t   *variable;
    gql_operation_t  *operation = definition->operation;

    operation->root = gql_schema_root_type(v->schema, operation->kind);
    definition->type = operation->root;

    for (variable = operation->variables; variable != NULL;
         variable = variable->next)
    {
        if (!gql_resolve_variable(v, variable)) {
            return false;
        }
    }

    return gql_resolve_directives(v, operation->directives,
                                  gql_operation_places[operation->kind])
           && gql_resolve_selections(v, operation->selections,
                                     operation->root);
}


static bool
gql_resolve_variable(gql_validation_t *v, gql_variable_t *variable)
{
    gql_typeref_t  *type = variable->type;

    while (type->kind != GQL_TYPEREF_NAMED) {
        type = type->of;
    }

    type->type = gql_schema_type(v->schema, type->name);

    if (variable->default_value != NULL
        && !gql_resolve_value(v, variable->default_value,
                              type->type == NULL ? NULL : variable->type,
                              NULL))
    {
        return false;
    }

    return gql_resolve_directives(v, variable->directives,
                                  GQL_PLACE_VARIABLE_DEFINITION);
}


static bool
gql_resolve_fragment(gql_validation_t *v, gql_definition_t *definition)
{
    gql_fragment_t  *fragment = definition->fragment;

    if (!gql_resolve_condition(v, fragment->condition)) {
        return false;
    }

    fragment->type = gql_resolve_composite(fragment->condition);
    definition->type = fragment->type;

    return gql_resolve_directives(v, fragment->directives,
                                  GQL_PLACE_FRAGMENT_DEFINITION)
           && gql_resolve_selections(v, fragment->selections, fragment->type);
}


static bool
gql_resolve_selections(gql_validation_t *v, gql_selection_t *selections,
    const gql_type_t *parent)
{
    bool              resolved = true;
    gql_selection_t  *selection;

    for (selection = selections; selection != NULL && resolved;
         selection = selection->next)
    {
        switch (selection->kind) {
        case GQL_SELECTION_FIELD:
            resolved = gql_resolve_field(v, selection, parent);
            break;

        case GQL_SELECTION_SPREAD:
            resolved = gql_resolve_spread(v, selection, parent);
            break;

        case GQL_SELECTION_INLINE:
            resolved = gql_resolve_inline(v, selection, parent);
            break;
        }
    }

    return resolved;
}


static const gql_field_t *
gql_resolve_definition(const gql_schema_t *schema, const gql_type_t *parent,
    base_str_t name)
{
    if (base_str_eq(name, schema->typename_field.name)) {
        return &schema->typename_field;
    }

    if (parent == schema->query) {
        if (base_str_eq(name, schema->schema_field.name)) {
            return &schema->schema_field;
        }

        if (base_str_eq(name, schema->type_field.name)) {
            return &schema->type_field;
        }
    }

    return gql_type_field(parent, name);
}


static bool
gql_resolve_field(gql_validation_t *v, gql_selection_t *field,
    const gql_type_t *parent)
{
    gql_placed_t         *placed;
    const gql_type_t     *type = NULL;
    const gql_field_t    *definition = NULL;
    gql_argument_site_t   site;

    placed = gql_list_add(&v->fields, v->arena, sizeof(gql_placed_t));
    if (placed == NULL) {
        return false;
    }

    *placed = (gql_placed_t) { field, parent };
    field->parent = parent;

    if (parent != NULL) {
        definition = gql_resolve_definition(v->schema, parent, field->name);
    }

    field->field = definition;

    site = (gql_argument_site_t) {
        .first = field->arguments,
        .known = definition != NULL,
        .name = field->name,
        .offset = field->offset
    };

    if (definition != NULL) {
        site.inputs = definition->arguments;
        site.input_count = definition->argument_count;
        site.type = parent->name;
        type = gql_type_is_composite(definition->named) ? definition->named
                                                        : NULL;
    }

    return gql_resolve_arguments(v, &site)
           && gql_resolve_directives(v, field->directives, GQL_PLACE_FIELD)
           && gql_resolve_selections(v, field->selections, type);
}


static bool
gql_resolve_spread(gql_validation_t *v, gql_selection_t *spread,
    const gql_type_t *parent)
{
    gql_spread_t    *item;
    gql_fragment_t  *fragment;

    item = gql_list_add(&v->spreads, v->arena, sizeof(gql_spread_t));
    if (item == NULL) {
        return false;
    }

    fragment = gql_index_find(&v->fragment_names, spread->name);
    spread->fragment = fragment;

    *item = (gql_spread_t) {
        .selection = spread,
        .parent = parent,
        .target = fragment == NULL
                  ? GQL_NO_DEFINITION
                  : v->document->operation_count + fragment->index
    };

    return gql_resolve_directives(v, spread->directives,
                                  GQL_PLACE_FRAGMENT_SPREAD);
}


static bool
gql_resolve_inline(gql_validation_t *v, gql_selection_t *fragment,
    const gql_type_t *parent)
{
    gql_placed_t      *placed;
    const gql_type_t  *type = parent;

    placed = gql_list_add(&v->inlines, v->arena, sizeof(gql_placed_t));
    if (placed == NULL) {
        return false;
    }

    *placed = (gql_placed_t) { fragment, parent };

    if (fragment->condition != NULL) {
        if (!gql_resolve_condition(v, fragment->condition)) {
            return false;
        }

        type = gql_resolve_composite(fragment->condition);
        fragment->type = type;
    }

    return gql_resolve_directives(v, fragment->directives,
                                  GQL_PLACE_INLINE_FRAGMENT)
           && gql_resolve_selections(v, fragment->selections, type);
}


static bool
gql_resolve_condition(gql_validation_t *v, gql_typeref_t *condition)
{
    gql_typeref_t  **item;

    item = gql_list_add(&v->conditions, v->arena, sizeof(gql_typeref_t *));
    if (item == NULL) {
        return false;
    }

    *item = condition;
    condition->type = gql_schema_type(v->schema, condition->name);
    return true;
}


/* The type of a condition if fields can be selected on it. */
static const gql_type_t *
gql_resolve_composite(const gql_typeref_t *condition)
{
    return condition->type != NULL && gql_type_is_composite(condition->type)
           ? condition->type : NULL;
}


static bool
gql_resolve_directives(gql_validation_t *v, gql_directive_t *directives,
    gql_directive_place_t place)
{
    gql_directive_t       *directive;
    gql_argument_site_t    arguments;
    gql_directive_site_t  *site;

    if (directives == NULL) {
        return true;
    }

    site = gql_list_add(&v->directives, v->arena,
                        sizeof(gql_directive_site_t));
    if (site == NULL) {
        return false;
    }

    *site = (gql_directive_site_t) { directives, place };
    gql_directives_resolve(v->schema, directives);

    for (directive = directives; directive != NULL; directive = directive->next)
    {
        arguments = gql_directive_arguments(directive);

        if (!gql_resolve_arguments(v, &arguments)) {
            return false;
        }
    }

    return true;
}


static bool
gql_resolve_arguments(gql_validation_t *v, const gql_argument_site_t *site)
{
    gql_argument_t       *argument;
    const gql_input_t    *input;
    gql_argument_site_t  *item;

    if (site->first == NULL && site->input_count == 0) {
        return true;
    }

    item = gql_list_add(&v->arguments, v->arena, sizeof(gql_argument_site_t));
    if (item == NULL) {
        return false;
    }

    *item = *site;
    gql_arguments_resolve(site->first, site->inputs, site->input_count);

    for (argument = site->first; argument != NULL; argument = argument->next) {
        input = argument->definition;

        if (!gql_resolve_value(v, argument->value,
                               input == NULL ? NULL : input->type, input))
        {
            return false;
        }
    }

    return true;
}


/* A literal with all that is in it; variables are listed once more. */
static bool
gql_resolve_value(gql_validation_t *v, gql_value_t *value,
    const gql_typeref_t *type, const gql_input_t *location)
{
    uint32_t            i = v->values.count;
    gql_typed_value_t  *typed, *usage;

    if (!gql_values_expand(&v->values, v->arena, value, type, location)) {
        return false;
    }

    for ( ; i < v->values.count; i++) {
        typed = (gql_typed_value_t *) v->values.items + i;

        if (typed->value->kind != GQL_VALUE_VARIABLE) {
            continue;
        }

        usage = gql_list_add(&v->usages, v->arena, sizeof(gql_typed_value_t));
        if (usage == NULL) {
            return false;
        }

        *usage = *typed;
    }

    return true;
}
