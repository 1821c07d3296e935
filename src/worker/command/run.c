/* SPDX-License-Identifier: BSD-2-Clause */

/* `orders-worker run`, the default. */

#include "worker/options.h"

#include <stdlib.h>

#include "worker/execute/definition.h"
#include "worker/task/payment.h"
#include "worker/worker.h"


int
worker_command_run(worker_command_context_t *context)
{
    worker_problems_t     problems;
    worker_definition_t  *definition;

    worker_problems_init(&problems);
    definition = worker_definition_load(context->config, context->arena,
                                        &problems);
    worker_payment_check(context->config, context->arena, &problems);
    worker_problems_print(stderr, &problems);

    if (worker_problems_fatal(&problems)) {
        worker_definition_unref(definition);
        return WORKER_EXIT_CONFIG;
    }

    return worker_run(context->config, definition);
}
