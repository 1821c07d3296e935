/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `orders-worker check`: reports every mistake of configuration and workflow,
 * with file and line or JSON pointer; exit code WORKER_EXIT_CONFIG if there is
 * any.  FILE is a definition to be checked in place of the setting "workflow".
 * With --print it also writes the settings in force.
 */

#include "worker/options.h"

#include <stdlib.h>

#include "worker/config/secret.h"
#include "worker/execute/definition.h"
#include "worker/task/payment.h"
#include "worker/task/resource.h"


int
worker_command_check(worker_command_context_t *context)
{
    base_buf_t            text;
    worker_config_t       config = *context->config;
    worker_secrets_t      secrets;
    worker_problems_t    *problems = context->problems;
    worker_definition_t  *definition;

    if (context->argc > 1) {
        fprintf(stderr, "orders-worker: expected check FILE\n");
        return WORKER_EXIT_USAGE;
    }

    if (context->argc == 1) {
        config.workflow = base_str_c(context->argv[0]);
    }

    definition = worker_definition_load(&config, context->arena, problems);
    worker_resource_check_functions(&config, context->arena, problems);

    worker_payment_check(&config, context->arena, problems);
    if (worker_secrets_load(&secrets, &config, context->arena, problems))
    {
        worker_secrets_free(&secrets);
    }

    worker_problems_print(stderr, problems);

    if (context->options->print) {
        base_buf_init(&text, NULL, SIZE_MAX);
        worker_config_write(&text, &config);
        printf("%.*s", BASE_STR_ARG(base_buf_str(&text)));
        base_buf_deinit(&text);
    }

    if (worker_problems_fatal(problems)) {
        worker_definition_unref(definition);
        return WORKER_EXIT_CONFIG;
    }

    printf("configuration and workflow %.*s are good\n",
           BASE_STR_ARG(definition->version));
    worker_definition_unref(definition);

    return EXIT_SUCCESS;
}
