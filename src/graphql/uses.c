/* SPDX-License-Identifier: BSD-2-Clause */

#include "graphql/uses.h"

#include "graphql/names.h"
#include "graphql/suggest.h"


void
gql_directives_resolve(const gql_schema_t *schema,
    gql_directive_t *directives)
{
    gql_directive_t  *directive;

    for (directive = directives; directive != NULL; directive = directive->next)
    {
        directive->definition = gql_schema_directive(schema, directive->name);

        if (directive->definition != NULL) {
            gql_arguments_resolve(directive->arguments,
                                  directive->definition->arguments,
                                  directive->definition->argument_count);
        }
    }
}


void
gql_arguments_resolve(gql_argument_t *arguments, const gql_input_t *inputs,
    uint32_t count)
{
    for ( ; arguments != NULL; arguments = arguments->next) {
        arguments->definition = gql_input_find(inputs, count, arguments->name);
    }
}


const gql_directive_t *
gql_directive_find(const gql_directive_t *directives, base_str_t name)
{
    while (directives != NULL && !base_str_eq(directives->name, name)) {
        directives = directives->next;
    }

    return directives;
}


gql_argument_site_t
gql_directive_arguments(const gql_directive_t *directive)
{
    const gql_directive_def_t  *definition = directive->definition;

    return (gql_argument_site_t) {
        .first = directive->arguments,
        .inputs = definition == NULL ? NULL : definition->arguments,
        .input_count = definition == NULL ? 0 : definition->argument_count,
        .known = definition != NULL,
        .name = directive->name,
        .offset = directive->offset
    };
}


void
gql_directives_check_known(const gql_report_t *report,
    const gql_directive_site_t *site)
{
    base_str_t              place;
    const gql_directive_t  *directive;

    place = gql_directive_place_text(site->place);

    for (directive = site->first; directive != NULL;
         directive = directive->next)
    {
        if (directive->definition == NULL) {
            (void) gql_report(report, directive->offset,
                              "Unknown directive \"@%.*s\".",
                              BASE_STR_ARG(directive->name));

        } else if ((directive->definition->locations >> site->place & 1) == 0) {
            (void) gql_report(report, directive->offset,
                              "Directive \"@%.*s\" may not be used on %.*s.",
                              BASE_STR_ARG(directive->name),
                              BASE_STR_ARG(place));
        }
    }
}


void
gql_directives_check_unique(const gql_report_t *report,
    const gql_schema_t *schema, const gql_directive_site_t *site,
    const gql_directive_t **seen)
{
    size_t                  at;
    gql_error_t            *error;
    const gql_directive_t  *directive;

    if (site->first == NULL || site->first->next == NULL) {
        return;
    }

    memset(seen, 0, schema->directive_count * sizeof(seen[0]));

    for (directive = site->first; directive != NULL;
         directive = directive->next)
    {
        if (directive->definition == NULL || directive->definition->repeatable)
        {
            continue;
        }

        at = (size_t) (directive->definition - schema->directives);

        if (seen[at] == NULL) {
            seen[at] = directive;
            continue;
        }

        error = gql_report(report, seen[at]->offset,
                           "The directive \"@%.*s\" can only be used once at "
                           "this location.", BASE_STR_ARG(directive->name));
        gql_report_also(report, error, directive->offset);
    }
}


void
gql_arguments_check_known(const gql_report_t *report,
    const gql_argument_site_t *site)
{
    uint32_t               i;
    gql_suggest_t          suggest;
    const gql_argument_t  *argument;

    if (!site->known) {
        return;
    }

    for (argument = site->first; argument != NULL; argument = argument->next) {
        if (argument->definition != NULL) {
            continue;
        }

        gql_suggest_init(&suggest, report, argument->name);

        for (i = 0; i < site->input_count; i++) {
            gql_suggest_add(&suggest, site->inputs[i].name);
        }

        if (site->type.len == 0) {
            (void) gql_report(report, argument->offset,
                              "Unknown argument \"%.*s\" on directive "
                              "\"@%.*s\".%s", BASE_STR_ARG(argument->name),
                              BASE_STR_ARG(site->name),
                              gql_suggest_text(&suggest));
            continue;
        }

        (void) gql_report(report, argument->offset,
                          "Unknown argument \"%.*s\" on field \"%.*s.%.*s\".%s",
                          BASE_STR_ARG(argument->name),
                          BASE_STR_ARG(site->type), BASE_STR_ARG(site->name),
                          gql_suggest_text(&suggest));
    }
}


void
gql_arguments_check_unique(const gql_report_t *report, base_arena_t *arena,
    const gql_argument_site_t *site)
{
    uint32_t                   i, count = 0;
    gql_error_t               *error;
    gql_index_t                index;
    gql_argument_t            *argument;
    const gql_index_entry_t   *first;

    for (argument = site->first; argument != NULL; argument = argument->next) {
        count++;
    }

    if (count < 2) {
        return;
    }

    if (!gql_index_init(&index, arena, count)) {
        report->errors->nomem = true;
        return;
    }

    for (argument = site->first; argument != NULL; argument = argument->next) {
        gql_index_add(&index, argument->name, argument->offset, argument);
    }

    gql_index_sort(&index);

    for (i = 1; i < count; i++) {
        first = gql_index_repeats(&index, i);

        if (first != NULL) {
            error = gql_report(report, first->offset,
                               "There can be only one argument named "
                               "\"%.*s\".", BASE_STR_ARG(first->name));
            gql_report_also(report, error, index.entries[i].offset);
        }
    }
}


static bool
gql_arguments_have(const gql_argument_t *arguments, base_str_t name)
{
    for ( ; arguments != NULL; arguments = arguments->next) {
        if (base_str_eq(arguments->name, name)) {
            return true;
        }
    }

    return false;
}


void
gql_arguments_check_required(const gql_report_t *report, base_arena_t *arena,
    const gql_argument_site_t *site)
{
    uint32_t            i;
    base_buf_t          type;
    const char         *what;
    const gql_input_t  *input;

    for (i = 0; i < site->input_count; i++) {
        input = &site->inputs[i];

        if (!gql_typeref_is_non_null(input->type)
            || input->default_value != NULL
            || gql_arguments_have(site->first, input->name))
        {
            continue;
        }

        base_buf_init(&type, arena, SIZE_MAX);
        gql_typeref_write(input->type, &type);

        what = site->type.len == 0 ? "Directive \"@" : "Field \"";
        (void) gql_report(report, site->offset,
                          "%s%.*s\" argument \"%.*s\" of type \"%.*s\" is "
                          "required, but it was not provided.", what,
                          BASE_STR_ARG(site->name), BASE_STR_ARG(input->name),
                          BASE_STR_ARG(base_buf_str(&type)));
    }
}
