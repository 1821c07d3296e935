/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The graph of fragment spreads.  Fragment Spreads Must Not Form Cycles is
 * found here, and the order in which a fragment comes behind those it spreads.
 * The walk is iterative: fragments may form a chain as long as the document.
 */

#include "graphql/validate.h"


typedef enum {
    GQL_MARK_NEW = 0,
    GQL_MARK_OPEN,
    GQL_MARK_DONE
} gql_mark_t;

typedef struct {
    uint32_t  definition;
    uint32_t  next;                     /* the spread to follow next */
} gql_step_t;

typedef struct {
    gql_validation_t  *v;
    uint8_t           *marks;           /* by definition */
    gql_step_t        *stack;           /* never holds a definition twice */
    uint32_t           depth;
    uint32_t           ordered;
} gql_graph_t;


static void gql_graph_from(gql_graph_t *graph, uint32_t definition);
static void gql_graph_push(gql_graph_t *graph, uint32_t definition);
static void gql_graph_cycle(gql_graph_t *graph, uint32_t target);


bool
gql_graph(gql_validation_t *v)
{
    uint32_t     i, count = v->definition_count;
    gql_graph_t  graph = { .v = v };

    v->order = base_arena_calloc(v->arena, count + 1, sizeof(uint32_t));
    graph.marks = base_arena_calloc(v->arena, count + 1, 1);
    graph.stack = base_arena_calloc(v->arena, count + 1, sizeof(gql_step_t));

    if (v->order == NULL || graph.marks == NULL || graph.stack == NULL) {
        return false;
    }

    for (i = 0; i < count; i++) {
        if (graph.marks[i] == GQL_MARK_NEW) {
            gql_graph_from(&graph, i);
        }
    }

    return true;
}


static void
gql_graph_from(gql_graph_t *graph, uint32_t definition)
{
    uint32_t             target;
    gql_step_t          *top;
    const gql_spread_t  *spreads = graph->v->spreads.items;

    gql_graph_push(graph, definition);

    while (graph->depth > 0) {
        top = &graph->stack[graph->depth - 1];

        if (top->next == graph->v->definitions[top->definition].spreads.end) {
            graph->marks[top->definition] = GQL_MARK_DONE;
            graph->v->order[graph->ordered++] = top->definition;
            graph->depth--;
            continue;
        }

        target = spreads[top->next++].target;

        if (target == GQL_NO_DEFINITION) {
            continue;
        }

        if (graph->marks[target] == GQL_MARK_OPEN) {
            gql_graph_cycle(graph, target);

        } else if (graph->marks[target] == GQL_MARK_NEW) {
            gql_graph_push(graph, target);
        }
    }
}


static void
gql_graph_push(gql_graph_t *graph, uint32_t definition)
{
    graph->marks[definition] = GQL_MARK_OPEN;
    graph->stack[graph->depth++] = (gql_step_t) {
        .definition = definition,
        .next = graph->v->definitions[definition].spreads.first
    };
}


/* The spread that the top of the stack has just followed leads back to
 * target. */
static void
gql_graph_cycle(gql_graph_t *graph, uint32_t target)
{
    uint32_t             i, first = graph->depth - 1;
    base_buf_t           via;
    base_str_t           name;
    gql_error_t         *error;
    gql_validation_t    *v = graph->v;
    const gql_spread_t  *spreads = v->spreads.items;

    v->cyclic = true;

    if (gql_report_full(&v->report)) {
        v->report.errors->count++;
        return;
    }

    while (graph->stack[first].definition != target) {
        first--;
    }

    base_buf_init(&via, v->arena, 512);

    for (i = first + 1; i < graph->depth; i++) {
        name = v->definitions[graph->stack[i].definition].fragment->name;

        base_buf_add_str(&via, i == first + 1 ? BASE_STR(" via \"")
                                              : BASE_STR(", \""));
        base_buf_add_str(&via, name);
        base_buf_add_char(&via, '"');
    }

    error = gql_report(&v->report,
                       spreads[graph->stack[first].next - 1].selection->offset,
                       "Cannot spread fragment \"%.*s\" within itself%.*s%s.",
                       BASE_STR_ARG(v->definitions[target].fragment->name),
                       BASE_STR_ARG(base_buf_str(&via)),
                       via.failed ? " ..." : "");

    for (i = first + 1; i < graph->depth; i++) {
        gql_report_also(&v->report, error,
                        spreads[graph->stack[i].next - 1].selection->offset);
    }
}
