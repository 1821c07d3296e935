/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `orders-worker graph FILE`: draws a definition for Graphviz or, with
 * --format mermaid, for Mermaid, on stdout.  --counts writes beside each state
 * how many executions have passed it and how many are in it now, according to
 * the workers' counters in Redis.
 */

#include "worker/options.h"

#include <stdlib.h>

#include "worker/command/counts.h"
#include "worker/command/tool.h"


typedef struct {
    base_str_t  name;
    void      (*write)(const asl_def_t *def, const asl_overlay_t *overlay,
                    base_buf_t *buf);
} worker_graph_t;

/* The first one is the default. */
static const worker_graph_t  worker_graphs[] = {
    { BASE_STR_INIT("dot"), asl_graph_dot },
    { BASE_STR_INIT("mermaid"), asl_graph_mermaid },
};

#define WORKER_GRAPHS  (sizeof(worker_graphs) / sizeof(worker_graphs[0]))


static const worker_graph_t *worker_graph_find(base_str_t name);
static int worker_graph_counted(worker_command_context_t *context,
    const worker_graph_t *graph, const asl_def_t *def);
static int worker_graph_write(worker_command_context_t *context,
    const worker_graph_t *graph, const asl_def_t *def,
    const asl_overlay_t *overlay);


int
worker_command_graph(worker_command_context_t *context)
{
    int                    exit_code;
    asl_def_t             *def;
    const worker_graph_t  *graph = worker_graph_find(context->options->format);

    if (graph == NULL) {
        fprintf(stderr, "orders-worker: --format is dot or mermaid, not "
                "\"%.*s\"\n", BASE_STR_ARG(context->options->format));
        return WORKER_EXIT_USAGE;
    }

    def = worker_tool_definition(context, &exit_code);
    if (def == NULL) {
        return exit_code;
    }

    exit_code = context->options->counts
                    ? worker_graph_counted(context, graph, def)
                    : worker_graph_write(context, graph, def, NULL);
    asl_def_free(def);

    return exit_code;
}


static int
worker_graph_counted(worker_command_context_t *context,
    const worker_graph_t *graph, const asl_def_t *def)
{
    int             exit_code = EXIT_FAILURE;
    asl_overlay_t   overlay = { .label = worker_counts_label };
    worker_admin_t  admin;

    if (worker_problems_fatal(context->problems)) {
        worker_problems_print(stderr, context->problems);
        return WORKER_EXIT_CONFIG;
    }

    if (!worker_admin_open(&admin, context)) {
        return EXIT_FAILURE;
    }

    overlay.data = worker_counts_read(&admin);
    if (overlay.data != NULL) {
        exit_code = worker_graph_write(context, graph, def, &overlay);
    }

    worker_admin_close(&admin);
    return exit_code;
}


static int
worker_graph_write(worker_command_context_t *context,
    const worker_graph_t *graph, const asl_def_t *def,
    const asl_overlay_t *overlay)
{
    base_buf_t  buf;

    base_buf_init(&buf, context->arena, SIZE_MAX);
    graph->write(def, overlay, &buf);

    if (buf.failed) {
        fprintf(stderr, "orders-worker: out of memory\n");
        return EXIT_FAILURE;
    }

    return fwrite(buf.data, 1, buf.len, stdout) == buf.len
           && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}


/* The default for an empty name; NULL if there is none. */
static const worker_graph_t *
worker_graph_find(base_str_t name)
{
    size_t  i;

    for (i = 0; i < WORKER_GRAPHS; i++) {
        if (name.len == 0 || base_str_eq(worker_graphs[i].name, name)) {
            return &worker_graphs[i];
        }
    }

    return NULL;
}
