/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Directives: a directive must not be used on what its own definition is made
 * of: its arguments, their types, the fields and values of those, and the
 * arguments of directives that are used there.
 */

#include "graphql/schema_build.h"


typedef struct {
    gql_schema_t                *schema;
    const gql_directive_def_t   *from;
    bool                        *types;         /* seen, by index */
    bool                        *directives;
    const gql_type_t           **type_queue;
    uint32_t                     type_count;
    uint32_t                    *queue;         /* directives, by index */
    uint32_t                     count;
    bool                         found;
} gql_reach_t;


static bool gql_reach_init(gql_reach_t *reach, gql_build_t *build);
static void gql_reach_from(gql_reach_t *reach, uint32_t directive);
static void gql_reach_inputs(gql_reach_t *reach, const gql_input_t *inputs,
    uint32_t count);
static void gql_reach_type(gql_reach_t *reach, const gql_type_t *type);
static void gql_reach_uses(gql_reach_t *reach,
    const gql_directive_t *directives);


bool
gql_build_check_directives(gql_build_t *build)
{
    uint32_t                    i;
    gql_reach_t                 reach;
    gql_report_t                report;
    const gql_directive_def_t  *directive;

    if (!gql_reach_init(&reach, build)) {
        return false;
    }

    for (i = 0; i < build->schema->directive_count; i++) {
        directive = &build->schema->directives[i];
        gql_reach_from(&reach, i);

        if (reach.found) {
            report = gql_build_report(build, directive->source);
            (void) gql_report(&report, directive->offset,
                              "Directive @%.*s must not be used, directly or "
                              "indirectly, by its own definition.",
                              BASE_STR_ARG(directive->name));
        }
    }

    return true;
}


static bool
gql_reach_init(gql_reach_t *reach, gql_build_t *build)
{
    gql_schema_t  *schema = build->schema;

    *reach = (gql_reach_t) {
        .schema = schema,
        .types = base_arena_calloc(build->arena, schema->type_count,
                                   sizeof(bool)),
        .directives = base_arena_calloc(build->arena, schema->directive_count,
                                        sizeof(bool)),
        .type_queue = base_arena_calloc(build->arena, schema->type_count,
                                        sizeof(void *)),
        .queue = base_arena_calloc(build->arena, schema->directive_count,
                                   sizeof(uint32_t))
    };

    return reach->types != NULL && reach->directives != NULL
           && reach->type_queue != NULL && reach->queue != NULL;
}


static void
gql_reach_from(gql_reach_t *reach, uint32_t directive)
{
    uint32_t                    at = 0, type_at = 0;
    const gql_schema_t         *schema = reach->schema;
    const gql_directive_def_t  *next;

    memset(reach->types, 0, schema->type_count * sizeof(bool));
    memset(reach->directives, 0, schema->directive_count * sizeof(bool));

    reach->from = &schema->directives[directive];
    reach->found = false;
    reach->queue[0] = directive;
    reach->count = 1;
    reach->type_count = 0;
    reach->directives[directive] = true;

    while (at < reach->count || type_at < reach->type_count) {
        if (at < reach->count) {
            next = &schema->directives[reach->queue[at++]];
            gql_reach_inputs(reach, next->arguments, next->argument_count);

        } else {
            gql_reach_type(reach, reach->type_queue[type_at++]);
        }
    }
}


static void
gql_reach_inputs(gql_reach_t *reach, const gql_input_t *inputs, uint32_t count)
{
    uint32_t           i;
    const gql_type_t  *type;

    for (i = 0; i < count; i++) {
        gql_reach_uses(reach, inputs[i].directives);
        type = gql_typeref_named(inputs[i].type);

        if (!reach->types[type->index]) {
            reach->types[type->index] = true;
            reach->type_queue[reach->type_count++] = type;
        }
    }
}


static void
gql_reach_type(gql_reach_t *reach, const gql_type_t *type)
{
    uint32_t  i;

    gql_reach_uses(reach, type->directives);
    gql_reach_inputs(reach, type->inputs, type->input_count);

    for (i = 0; i < type->value_count; i++) {
        gql_reach_uses(reach, type->values[i].directives);
    }
}


static void
gql_reach_uses(gql_reach_t *reach, const gql_directive_t *directives)
{
    uint32_t  at;

    for ( ; directives != NULL; directives = directives->next) {
        if (directives->definition == NULL) {
            continue;
        }

        at = (uint32_t) (directives->definition - reach->schema->directives);
        reach->found = reach->found || directives->definition == reach->from;

        if (!reach->directives[at]) {
            reach->directives[at] = true;
            reach->queue[reach->count++] = at;
        }
    }
}
