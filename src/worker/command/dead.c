/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `orders-worker dead`: the messages that were given up (worker/queue/dead.h).
 *
 *   dead list                    one line each, with --json an object each,
 *                                that has its place on the list as "n"
 *   dead show N                  the N-th of the list, from 0
 *   dead redrive                 sends them back to work: their deliveries are
 *                                counted anew; an order that has an execution
 *                                goes on in it
 *   dead drop                    deletes them
 *
 * --error and --id choose; redrive and drop want one of these, or --all.
 */

#include "worker/options.h"

#include <stdlib.h>
#include <string.h>

#include "worker/command/letters.h"


typedef struct {
    const char  *name;
    int          argc;
    int        (*run)(worker_letters_t *letters);
} worker_dead_command_t;


static int worker_dead_list(worker_letters_t *letters);
static int worker_dead_show(worker_letters_t *letters);
static void worker_dead_line(const worker_letter_t *letter, size_t index);
static bool worker_dead_json(worker_letters_t *letters,
    const worker_letter_t *letter, size_t index);


static const worker_dead_command_t  worker_dead_commands[] = {
    { "list", 1, worker_dead_list },
    { "show", 2, worker_dead_show },
    { "redrive", 1, worker_letters_redrive },
    { "drop", 1, worker_letters_drop },
};

#define WORKER_DEAD_COMMANDS                                                  \
    (sizeof(worker_dead_commands) / sizeof(worker_dead_commands[0]))


int
worker_command_dead(worker_command_context_t *context)
{
    int               exit_code;
    size_t            i;
    worker_admin_t    admin;
    worker_letters_t  letters = {
        .admin = &admin, .page_max = WORKER_LETTERS_PAGE_MIN,
        .dry_run = context->options->dry_run
    };

    for (i = 0; i < WORKER_DEAD_COMMANDS; i++) {
        if (context->argc == worker_dead_commands[i].argc
            && strcmp(context->argv[0], worker_dead_commands[i].name) == 0)
        {
            break;
        }
    }

    if (i == WORKER_DEAD_COMMANDS) {
        fprintf(stderr, "orders-worker: dead list | show N | redrive | "
                "drop\n");
        return WORKER_EXIT_USAGE;
    }

    if (!worker_admin_open(&admin, context)) {
        return EXIT_FAILURE;
    }

    exit_code = worker_dead_commands[i].run(&letters);
    worker_admin_close(&admin);

    return exit_code;
}


static int
worker_dead_list(worker_letters_t *letters)
{
    size_t  i, from;

    for (from = 0; /* void */; from += letters->count) {
        base_arena_reset(&letters->admin->arena);
        if (!worker_letters_page(letters, from)) {
            return EXIT_FAILURE;
        }

        if (letters->count == 0) {
            return EXIT_SUCCESS;
        }

        for (i = 0; i < letters->count; i++) {
            if (!worker_letters_wanted(letters, &letters->page[i])) {
                continue;
            }

            if (!letters->admin->context->options->json) {
                worker_dead_line(&letters->page[i], from + i);

            } else if (!worker_dead_json(letters, &letters->page[i], from + i))
            {
                return EXIT_FAILURE;
            }

            letters->done++;
            if (worker_letters_limit(letters)) {
                return EXIT_SUCCESS;
            }
        }
    }
}


static int
worker_dead_show(worker_letters_t *letters)
{
    char                   *end;
    unsigned long           n;
    const worker_letter_t  *letter = &letters->page[0];
    const char             *digits = letters->admin->context->argv[1];

    n = strtoul(digits, &end, 10);
    if (digits[0] < '0' || digits[0] > '9' || *end != '\0') {
        fprintf(stderr, "orders-worker: \"%s\" is no number\n", digits);
        return WORKER_EXIT_USAGE;
    }

    letters->page_max = 1;
    if (!worker_letters_page(letters, n)) {
        return EXIT_FAILURE;
    }

    if (letters->count == 0) {
        fprintf(stderr, "orders-worker: there is no dead letter %lu\n", n);
        return EXIT_FAILURE;
    }

    if (letter->json == NULL) {
        printf("%.*s\n", BASE_STR_ARG(letter->text));
        return EXIT_SUCCESS;
    }

    return worker_admin_print(letters->admin, letter->json) ? EXIT_SUCCESS
                                                            : EXIT_FAILURE;
}


static void
worker_dead_line(const worker_letter_t *letter, size_t index)
{
    printf("%5zu  %.*s  %-36.*s  %.*s: %.*s\n", index,
           BASE_STR_ARG(base_json_get_str(letter->json, BASE_STR("at"))),
           BASE_STR_ARG(letter->id.len > 0 ? letter->id : BASE_STR("-")),
           BASE_STR_ARG(base_json_get_str(letter->json, BASE_STR("error"))),
           BASE_STR_ARG(base_json_get_str(letter->json, BASE_STR("cause"))));
}


/* What is no letter of ours is shown as its text. */
static bool
worker_dead_json(worker_letters_t *letters, const worker_letter_t *letter,
    size_t index)
{
    bool           ok;
    base_buf_t     line;
    base_json_t   *object = letter->json;
    base_arena_t  *arena = &letters->admin->arena;

    if (object == NULL || object->type != BASE_JSON_OBJECT) {
        object = base_json_object(arena);
        (void) worker_admin_add(object, "message",
                                base_json_string(arena, letter->text));
    }

    if (!worker_admin_add(object, "n", base_json_int(arena, (int64_t) index)))
    {
        return false;
    }

    base_buf_init(&line, NULL, SIZE_MAX);
    base_json_write(&line, object);
    base_buf_add_char(&line, '\n');
    ok = !line.failed
         && fwrite(line.data, 1, line.len, stdout) == line.len;
    base_buf_deinit(&line);

    return ok;
}
