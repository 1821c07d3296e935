/* SPDX-License-Identifier: BSD-2-Clause */

/* orders-worker; what it does is in the other files. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worker/config/config.h"
#include "worker/options.h"


int
main(int argc, char **argv)
{
    int                       exit_code;
    base_arena_t              arena;
    worker_config_t           config;
    worker_options_t          options;
    worker_problems_t         problems;
    worker_command_context_t  context;

    if (!worker_options_read(&options, argc, argv)) {
        return WORKER_EXIT_USAGE;
    }

    if (options.help) {
        worker_options_help(stdout);
        return EXIT_SUCCESS;
    }

    if (options.version) {
        printf("orders-worker %s\n", WORKER_VERSION);
        return EXIT_SUCCESS;
    }

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    worker_problems_init(&problems);
    worker_config_load(&config, &arena, options.config_path, options.overrides,
                       options.redis, &problems);

    context = (worker_command_context_t) {
        .options = &options, .config = &config, .problems = &problems,
        .arena = &arena, .argc = options.argc, .argv = options.argv
    };

    if (problems.nomem
        || (options.command->needs_config && worker_problems_fatal(&problems)))
    {
        worker_problems_print(stderr, &problems);
        exit_code = WORKER_EXIT_CONFIG;
    } else {
        exit_code = options.command->run(&context);
    }

    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "orders-worker: cannot write the output: %s\n",
                strerror(errno));
        exit_code = exit_code == EXIT_SUCCESS ? EXIT_FAILURE : exit_code;
    }

    base_arena_deinit(&arena);
    return exit_code;
}
