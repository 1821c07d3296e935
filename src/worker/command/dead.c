/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `orders-worker dead`: the messages that were given up (worker/queue/dead.h).
 *
 *   dead list                    one line each, or one JSON value each
 *   dead show N                  the N-th of the list, from 0
 *   dead redrive                 sends them back to work: their deliveries are
 *                                counted anew; an order that has an execution
 *                                goes on in it
 *   dead drop                    deletes them
 *
 * --error and --id choose; redrive and drop want one of these, or --all.
 *
 * One transaction moves a batch, under WATCH of the list: workers that push to
 * it, or another operator, make it begin anew.
 */

#include "worker/options.h"

#include <stdlib.h>
#include <string.h>

#include "worker/clock.h"
#include "worker/command/admin.h"
#include "worker/queue/delayed.h"
#include "worker/queue/deliveries.h"


#define WORKER_DEAD_PAGE   100
#define WORKER_DEAD_TRIES  1000


/* One letter of a page. */
typedef struct {
    base_str_t    text;             /* as it is on the list */
    base_json_t  *json;             /* NULL: none of ours */
    base_str_t    id;               /* of the order; empty: unknown */
    base_str_t    again;            /* the message to be sent back */
} worker_letter_t;

typedef struct {
    worker_admin_t   *admin;
    bool              redrive;      /* else: drop */
    size_t            skip;         /* letters that are to stay */
    size_t            done;
    size_t            total;
    worker_letter_t   page[WORKER_DEAD_PAGE];
    size_t            count;
} worker_letters_t;

typedef struct {
    const char  *name;
    int          argc;
    int        (*run)(worker_letters_t *letters);
} worker_dead_command_t;


static int worker_dead_list(worker_letters_t *letters);
static int worker_dead_show(worker_letters_t *letters);
static int worker_dead_redrive(worker_letters_t *letters);
static int worker_dead_drop(worker_letters_t *letters);
static int worker_dead_move(worker_letters_t *letters);
static bool worker_dead_step(worker_letters_t *letters, bool *more);
static bool worker_dead_page(worker_letters_t *letters, size_t from);
static void worker_dead_read(worker_letters_t *letters, base_str_t text);
static bool worker_dead_wanted(const worker_letters_t *letters,
    const worker_letter_t *letter);
static void worker_dead_line(const worker_letter_t *letter, size_t index);
static bool worker_dead_again(worker_letters_t *letters,
    worker_letter_t *letter);
static bool worker_dead_total(worker_letters_t *letters);
static bool worker_dead_limit(const worker_letters_t *letters);


static const worker_dead_command_t  worker_dead_commands[] = {
    { "list", 1, worker_dead_list },
    { "show", 2, worker_dead_show },
    { "redrive", 1, worker_dead_redrive },
    { "drop", 1, worker_dead_drop },
};

#define WORKER_DEAD_COMMANDS                                                  \
    (sizeof(worker_dead_commands) / sizeof(worker_dead_commands[0]))


int
worker_command_dead(worker_command_context_t *context)
{
    int               exit_code;
    size_t            i;
    worker_admin_t    admin;
    worker_letters_t  letters = { .admin = &admin };

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
        if (!worker_dead_page(letters, from)) {
            return EXIT_FAILURE;
        }

        if (letters->count == 0) {
            return EXIT_SUCCESS;
        }

        for (i = 0; i < letters->count; i++) {
            if (!worker_dead_wanted(letters, &letters->page[i])) {
                continue;
            }

            if (letters->admin->context->options->json) {
                printf("%.*s\n", BASE_STR_ARG(letters->page[i].text));
            } else {
                worker_dead_line(&letters->page[i], from + i);
            }

            letters->done++;
            if (worker_dead_limit(letters)) {
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

    if (!worker_dead_page(letters, n)) {
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


static int
worker_dead_redrive(worker_letters_t *letters)
{
    letters->redrive = true;
    return worker_dead_move(letters);
}


static int
worker_dead_drop(worker_letters_t *letters)
{
    return worker_dead_move(letters);
}


static int
worker_dead_move(worker_letters_t *letters)
{
    bool                     more = true;
    const worker_options_t  *options = letters->admin->context->options;

    if (!options->all && options->error.len == 0 && options->id.len == 0) {
        fprintf(stderr, "orders-worker: which ones? --error NAME, --id ID or "
                "--all\n");
        return WORKER_EXIT_USAGE;
    }

    if (!letters->redrive && !options->dry_run
        && !worker_admin_confirm(letters->admin,
                                 "This deletes dead letters for good."))
    {
        return EXIT_FAILURE;
    }

    if (!worker_dead_total(letters)) {
        return EXIT_FAILURE;
    }

    while (more) {
        base_arena_reset(&letters->admin->arena);
        if (!worker_dead_step(letters, &more)) {
            return EXIT_FAILURE;
        }

        if (letters->total > WORKER_DEAD_PAGE) {
            worker_admin_progress(letters->redrive ? "redrive" : "drop",
                                  letters->done + letters->skip,
                                  letters->total);
        }
    }

    if (letters->total > WORKER_DEAD_PAGE) {
        worker_admin_progress("", 0, 0);
    }

    printf(options->json ? "{\"%s\":%zu,\"dryRun\":%s}\n"
                         : "%s: %zu dead letters%s\n",
           letters->redrive ? "redriven" : "dropped", letters->done,
           options->json ? (options->dry_run ? "true" : "false")
                         : (options->dry_run ? " (not done)" : ""));

    return EXIT_SUCCESS;
}


/* One page; more is false when it was the last one. */
static bool
worker_dead_step(worker_letters_t *letters, bool *more)
{
    size_t           i, kept = 0, moved = 0;
    base_json_t     *answer;
    worker_admin_t  *admin = letters->admin;
    const bool       dry_run = admin->context->options->dry_run;

    if (worker_admin_ask(admin, BASE_STR("WATCH"), admin->keys.dead) == NULL
        || !worker_dead_page(letters, letters->skip))
    {
        return false;
    }

    *more = letters->count > 0;

    for (i = 0; i < letters->count; i++) {
        letters->page[i].again = BASE_STR("");
        if (worker_dead_wanted(letters, &letters->page[i])
            && !worker_dead_again(letters, &letters->page[i]))
        {
            return false;
        }
    }

    if (worker_admin_ask(admin, BASE_STR("MULTI")) == NULL) {
        return false;
    }

    for (i = 0; i < letters->count && *more; i++) {
        worker_letter_t  *letter = &letters->page[i];

        if (letter->again.len == 0) {
            kept++;
            continue;
        }

        if (dry_run) {
            kept++;
        } else if (worker_admin_ask(admin, BASE_STR("LREM"), admin->keys.dead,
                                    BASE_STR("1"), letter->text) == NULL
                   || (letters->redrive
                       && worker_admin_ask(admin, BASE_STR("RPUSH"),
                                           admin->keys.queue, letter->again)
                          == NULL))
        {
            return false;
        }

        moved++;
        letters->done++;
        *more = !worker_dead_limit(letters);
    }

    answer = worker_admin_ask(admin, BASE_STR("EXEC"));
    if (answer == NULL) {
        return false;
    }

    if (answer->type == BASE_JSON_NULL) {
        letters->done -= moved;     /* the list has changed: once more */
        *more = true;
        return true;
    }

    letters->skip += kept;
    return true;
}


static bool
worker_dead_page(worker_letters_t *letters, size_t from)
{
    base_str_t       first, last;
    base_json_t     *range, *item;
    worker_admin_t  *admin = letters->admin;

    letters->count = 0;
    first = base_arena_printf(&admin->arena, "%zu", from);
    last = base_arena_printf(&admin->arena, "%zu", from + WORKER_DEAD_PAGE - 1);
    if (first.data == NULL || last.data == NULL) {
        return false;
    }

    range = worker_admin_ask(admin, BASE_STR("LRANGE"), admin->keys.dead,
                             first, last);
    if (range == NULL) {
        return false;
    }

    base_json_each(item, range) {
        worker_dead_read(letters, item->text);
    }

    return true;
}


static void
worker_dead_read(worker_letters_t *letters, base_str_t text)
{
    base_json_t      *message;
    base_arena_t     *arena = &letters->admin->arena;
    worker_letter_t  *letter = &letters->page[letters->count++];

    letter->text = text;
    letter->json = base_json_parse(arena, text, NULL, NULL);
    message = base_json_parse(arena,
                              base_json_get_str(letter->json,
                                                BASE_STR("message")),
                              NULL, NULL);
    letter->id = base_json_get_str(message, BASE_STR("id"));
}


static bool
worker_dead_wanted(const worker_letters_t *letters,
    const worker_letter_t *letter)
{
    base_str_t               error;
    const worker_options_t  *options = letters->admin->context->options;

    error = base_json_get_str(letter->json, BASE_STR("error"));
    return (options->error.len == 0 || base_str_eq(options->error, error))
           && (options->id.len == 0 || base_str_eq(options->id, letter->id));
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


/* What it says is in no record. */
static bool
worker_dead_callback(base_arena_t *arena, base_str_t text)
{
    base_str_t        reason;
    orders_message_t  message;

    return orders_message_read(arena, text, &message, &reason)
           && message.kind == ORDERS_MESSAGE_CALLBACK;
}


/*
 * The message that goes back to work.  An order that has an execution gets one
 * that resumes it, unless it is a callback: its first message would be taken
 * for a double.  What cannot
 * go back (no text of a message is left) is not touched by redrive.
 */
static bool
worker_dead_again(worker_letters_t *letters, worker_letter_t *letter)
{
    int64_t          exists = 0;
    base_str_t       message;
    base_buf_t       again;
    worker_admin_t  *admin = letters->admin;

    base_buf_init(&again, &admin->arena, SIZE_MAX);
    message = base_json_get_str(letter->json, BASE_STR("message"));

    if (!letters->redrive) {
        letter->again = letter->text;
        return true;
    }

    if (letter->id.len > 0) {
        (void) worker_admin_int(admin,
            worker_admin_ask(admin, BASE_STR("HEXISTS"),
                             worker_admin_order_key(admin, letter->id),
                             BASE_STR("execution")), &exists);
        if (admin->failed) {
            return false;
        }
    }

    if (exists > 0 && !worker_dead_callback(&admin->arena, message)) {
        worker_delayed_message(&again, letter->id, worker_clock_ms());
    } else {
        worker_deliveries_write(&again, message, 0);
    }

    letter->again = base_buf_str(&again);
    return !again.failed;
}


static bool
worker_dead_total(worker_letters_t *letters)
{
    int64_t  total;

    if (!worker_admin_int(letters->admin,
                          worker_admin_ask(letters->admin, BASE_STR("LLEN"),
                                           letters->admin->keys.dead), &total))
    {
        return false;
    }

    letters->total = (size_t) total;
    return true;
}


static bool
worker_dead_limit(const worker_letters_t *letters)
{
    uint32_t  limit = letters->admin->context->options->limit;

    return limit > 0 && letters->done >= limit;
}
