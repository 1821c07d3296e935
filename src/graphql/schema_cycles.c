/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Input Objects: Circular References.  Two things must not go round in circles:
 * input objects that need each other through non-null fields, so that nobody
 * can write one down; and default values whose missing fields have default
 * values in turn.
 *
 * Both walks are iterative: a schema may be a long chain.
 */

#include "graphql/schema_build.h"
#include "graphql/values.h"


typedef struct {
    uint32_t    node;
    uint32_t    next;                   /* the edge to follow next */
    gql_list_t  edges;                  /* of uint32_t */
} gql_frame_t;

typedef enum {
    GQL_NODE_NEW = 0,
    GQL_NODE_OPEN,                      /* on the stack */
    GQL_NODE_DONE
} gql_node_state_t;

/* A node is an input field; they are numbered through all types. */
typedef struct {
    gql_build_t        *build;
    uint32_t           *bases;          /* by type: number of its first field */
    uint8_t            *states;
    const gql_type_t  **owners;         /* by node */
    gql_list_t          stack;          /* of gql_frame_t */
    gql_input_t       **order;
    uint32_t            ordered;
} gql_walk_t;


static bool gql_cycles_finite(gql_build_t *build);
static bool gql_walk_init(gql_walk_t *walk, gql_build_t *build,
    uint32_t *nodes);
static bool gql_walk_from(gql_walk_t *walk, uint32_t node);
static bool gql_walk_push(gql_walk_t *walk, uint32_t node);
static bool gql_walk_edges(gql_walk_t *walk, gql_list_t *edges,
    const gql_typed_value_t *typed);
static void gql_walk_report(gql_walk_t *walk, uint32_t node);


bool
gql_build_check_cycles(gql_build_t *build, gql_input_t ***order)
{
    uint32_t    i, nodes;
    gql_walk_t  walk;

    if (!gql_cycles_finite(build) || !gql_walk_init(&walk, build, &nodes)) {
        return gql_build_nomem(build);
    }

    for (i = 0; i < nodes; i++) {
        if (!gql_walk_from(&walk, i)) {
            return gql_build_nomem(build);
        }
    }

    *order = walk.order;
    return true;
}


/* The input object that a value of type cannot do without; NULL: none. */
static const gql_type_t *
gql_cycles_target(const gql_type_t *object, const gql_input_t *field)
{
    const gql_typeref_t  *type = field->type;

    if (type->kind == GQL_TYPEREF_NON_NULL) {
        type = type->of;

    } else if (!object->one_of) {
        return NULL;
    }

    if (type->kind != GQL_TYPEREF_NAMED
        || type->type->kind != GQL_TYPE_INPUT_OBJECT)
    {
        return NULL;
    }

    return type->type;
}


/* True if an input object can be written down, given what is known of others:
 * all its non-null fields can, or one field of a OneOf. */
static bool
gql_cycles_is_finite(const gql_type_t *object, const bool *finite,
    const gql_input_t **culprit)
{
    uint32_t           i;
    const gql_type_t  *target;

    for (i = 0; i < object->input_count; i++) {
        target = gql_cycles_target(object, &object->inputs[i]);

        if (target != NULL && !finite[target->index]) {
            *culprit = &object->inputs[i];

            if (!object->one_of) {
                return false;
            }

        } else if (object->one_of) {
            return true;
        }
    }

    return !object->one_of || object->input_count == 0;
}


static bool
gql_cycles_finite(gql_build_t *build)
{
    bool                changed, *finite;
    uint32_t            i;
    gql_report_t        report;
    gql_schema_t       *schema = build->schema;
    const gql_type_t   *type;
    const gql_input_t  *culprit = NULL;

    finite = base_arena_calloc(build->arena, schema->type_count, sizeof(bool));
    if (finite == NULL) {
        return false;
    }

    do {
        changed = false;

        for (i = schema->type_count; i-- > 0; ) {
            if (!finite[i] && gql_cycles_is_finite(schema->types[i], finite,
                                                   &culprit))
            {
                finite[i] = true;
                changed = true;
            }
        }
    } while (changed);

    for (i = 0; i < schema->type_count; i++) {
        type = schema->types[i];

        if (finite[i]) {
            continue;
        }

        (void) gql_cycles_is_finite(type, finite, &culprit);
        report = gql_build_report(build, culprit->source);

        if (type->one_of) {
            (void) gql_report(&report, culprit->offset,
                              "OneOf Input Object %.*s must have a field "
                              "through which it can be given a finite value.",
                              BASE_STR_ARG(type->name));
            continue;
        }

        (void) gql_report(&report, culprit->offset,
                          "Cannot reference Input Object \"%.*s\" within "
                          "itself through a series of non-null fields: "
                          "\"%.*s\".", BASE_STR_ARG(type->name),
                          BASE_STR_ARG(culprit->name));
    }

    return true;
}


static bool
gql_walk_init(gql_walk_t *walk, gql_build_t *build, uint32_t *nodes)
{
    uint32_t       i, k, count = 0;
    gql_schema_t  *schema = build->schema;

    memset(walk, 0, sizeof(gql_walk_t));
    walk->build = build;
    walk->bases = base_arena_calloc(build->arena, schema->type_count + 1,
                                    sizeof(uint32_t));
    if (walk->bases == NULL) {
        return false;
    }

    for (i = 0; i < schema->type_count; i++) {
        walk->bases[i] = count;
        count += schema->types[i]->input_count;
    }

    walk->states = base_arena_calloc(build->arena, count + 1, 1);
    walk->owners = base_arena_calloc(build->arena, count + 1, sizeof(void *));
    walk->order = base_arena_calloc(build->arena, count + 1, sizeof(void *));

    if (walk->states == NULL || walk->owners == NULL || walk->order == NULL) {
        return false;
    }

    for (i = 0; i < schema->type_count; i++) {
        for (k = 0; k < schema->types[i]->input_count; k++) {
            walk->owners[walk->bases[i] + k] = schema->types[i];
        }
    }

    *nodes = count;
    return true;
}


static gql_input_t *
gql_walk_input(const gql_walk_t *walk, uint32_t node)
{
    const gql_type_t  *owner = walk->owners[node];

    return &owner->inputs[node - walk->bases[owner->index]];
}


/* Depth first; a node is ordered when all that it needs is. */
static bool
gql_walk_from(gql_walk_t *walk, uint32_t node)
{
    uint32_t      target;
    gql_frame_t  *frame;

    if (walk->states[node] != GQL_NODE_NEW) {
        return true;
    }

    if (!gql_walk_push(walk, node)) {
        return false;
    }

    while (walk->stack.count > 0) {
        frame = (gql_frame_t *) walk->stack.items + walk->stack.count - 1;

        if (frame->next == frame->edges.count) {
            walk->states[frame->node] = GQL_NODE_DONE;

            if (gql_walk_input(walk, frame->node)->default_value != NULL) {
                walk->order[walk->ordered++] = gql_walk_input(walk,
                                                              frame->node);
            }

            walk->stack.count--;
            continue;
        }

        target = ((uint32_t *) frame->edges.items)[frame->next++];

        if (walk->states[target] == GQL_NODE_OPEN) {
            gql_walk_report(walk, target);

        } else if (walk->states[target] == GQL_NODE_NEW
                   && !gql_walk_push(walk, target))
        {
            return false;
        }
    }

    return true;
}


static bool
gql_walk_push(gql_walk_t *walk, uint32_t node)
{
    uint32_t            i;
    gql_list_t          values = { NULL, 0, 0 };
    gql_frame_t        *frame;
    const gql_input_t  *input = gql_walk_input(walk, node);

    frame = gql_list_add(&walk->stack, walk->build->arena,
                         sizeof(gql_frame_t));
    if (frame == NULL) {
        return false;
    }

    frame->node = node;
    walk->states[node] = GQL_NODE_OPEN;

    if (input->default_value == NULL) {
        return true;
    }

    if (!gql_values_expand(&values, walk->build->arena, input->default_value,
                           input->type, input))
    {
        return false;
    }

    for (i = 0; i < values.count; i++) {
        if (!gql_walk_edges(walk, &frame->edges,
                            (gql_typed_value_t *) values.items + i))
        {
            return false;
        }
    }

    return true;
}


/* An object in a default value leads to the fields it leaves out. */
static bool
gql_walk_edges(gql_walk_t *walk, gql_list_t *edges,
    const gql_typed_value_t *typed)
{
    uint32_t            i, *edge;
    const gql_type_t   *type;
    const gql_value_t  *field;

    if (typed->value->kind != GQL_VALUE_OBJECT || typed->type == NULL) {
        return true;
    }

    type = gql_typeref_named(typed->type);

    for (i = 0; i < type->input_count; i++) {
        field = typed->value->first;

        while (field != NULL && !base_str_eq(field->name, type->inputs[i].name))
        {
            field = field->next;
        }

        if (field != NULL || type->inputs[i].default_value == NULL) {
            continue;
        }

        edge = gql_list_add(edges, walk->build->arena, sizeof(uint32_t));
        if (edge == NULL) {
            return false;
        }

        *edge = walk->bases[type->index] + i;
    }

    return true;
}


static void
gql_walk_report(gql_walk_t *walk, uint32_t node)
{
    base_str_t          owner = walk->owners[node]->name;
    gql_report_t        report;
    const gql_input_t  *input = gql_walk_input(walk, node);

    report = gql_build_report(walk->build, input->source);
    (void) gql_report(&report, input->default_value->offset,
                      "Invalid circular reference. The default value of Input "
                      "Object field %.*s.%.*s references itself.",
                      BASE_STR_ARG(owner), BASE_STR_ARG(input->name));
}
