/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Takes letters off the list, to delete them or to send them back to work.
 *
 * One transaction moves a page, under WATCH of the list: workers that push to
 * it, or another operator, make it begin anew.  The letters of a page are known
 * by their places, so that Redis looks for none of them: each is overwritten by
 * a mark, and one LREM takes the marks away.
 */

#include "worker/command/letters.h"

#include <stdlib.h>

#include "orders/message.h"
#include "worker/clock.h"
#include "worker/queue/delayed.h"
#include "worker/queue/deliveries.h"


#define WORKER_LETTERS_TRIES  1000          /* of one page */
#define WORKER_LETTERS_MARK   "(removed)"


static int worker_letters_move(worker_letters_t *letters);
static bool worker_letters_sure(worker_letters_t *letters);
static bool worker_letters_total(worker_letters_t *letters);
static bool worker_letters_steps(worker_letters_t *letters);
static bool worker_letters_step(worker_letters_t *letters, bool *more);
static size_t worker_letters_choose(worker_letters_t *letters, size_t *seen);
static bool worker_letters_commit(worker_letters_t *letters, size_t chosen,
    size_t seen, bool *done);
static bool worker_letters_messages(worker_letters_t *letters, size_t seen);
static bool worker_letters_again(worker_letters_t *letters,
    worker_letter_t *letter, bool executed);
static bool worker_letters_callback(base_arena_t *arena, base_str_t text);


int
worker_letters_redrive(worker_letters_t *letters)
{
    letters->redrive = true;
    return worker_letters_move(letters);
}


int
worker_letters_drop(worker_letters_t *letters)
{
    return worker_letters_move(letters);
}


static int
worker_letters_move(worker_letters_t *letters)
{
    const worker_options_t  *options = letters->admin->context->options;

    if (!options->all && options->error.len == 0 && options->id.len == 0) {
        fprintf(stderr, "orders-worker: which ones? --error NAME, --id ID or "
                "--all\n");
        return WORKER_EXIT_USAGE;
    }

    if ((!letters->redrive && !letters->dry_run && !options->yes
         && !worker_letters_sure(letters))
        || !worker_letters_steps(letters))
    {
        return EXIT_FAILURE;
    }

    printf(options->json ? "{\"%s\":%zu,\"dryRun\":%s}\n"
                         : "%s: %zu dead letters%s\n",
           letters->redrive ? "redriven" : "dropped", letters->done,
           options->json ? (options->dry_run ? "true" : "false")
                         : (options->dry_run ? " (not done)" : ""));

    return EXIT_SUCCESS;
}


/* Counts them first. */
static bool
worker_letters_sure(worker_letters_t *letters)
{
    char  question[128];

    letters->dry_run = true;
    if (!worker_letters_steps(letters)) {
        return false;
    }

    (void) snprintf(question, sizeof(question),
                    "This deletes %zu dead letters for good.", letters->done);
    letters->dry_run = false;
    letters->done = 0;
    letters->skip = 0;

    return worker_admin_confirm(letters->admin, question);
}


static bool
worker_letters_total(worker_letters_t *letters)
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
worker_letters_steps(worker_letters_t *letters)
{
    bool         more = true;
    const char  *what = letters->redrive ? "redrive" : "drop";

    if (!worker_letters_total(letters)) {
        return false;
    }

    while (more) {
        base_arena_reset(&letters->admin->arena);
        if (!worker_letters_step(letters, &more)) {
            return false;
        }

        if (!letters->dry_run && letters->total > WORKER_LETTERS_PAGE_MAX) {
            worker_admin_progress(what, letters->done + letters->skip,
                                  letters->total);
        }
    }

    if (!letters->dry_run && letters->total > WORKER_LETTERS_PAGE_MAX) {
        worker_admin_progress(what, 0, 0);
    }

    return true;
}


/* One page; more is false when it was the last one. */
static bool
worker_letters_step(worker_letters_t *letters, bool *more)
{
    bool             done = true;
    size_t           chosen, seen;
    worker_admin_t  *admin = letters->admin;

    if (!letters->dry_run) {
        worker_admin_say(admin, NULL, BASE_STR("WATCH"), admin->keys.dead);
    }

    if (!worker_letters_page(letters, letters->skip)) {
        return false;
    }

    chosen = worker_letters_choose(letters, &seen);
    *more = seen > 0;

    if (!letters->dry_run && chosen > 0
        && !worker_letters_commit(letters, chosen, seen, &done))
    {
        return false;
    }

    if (!done) {
        letters->tries++;
        if (letters->tries < WORKER_LETTERS_TRIES) {
            return true;
        }

        fprintf(stderr, "orders-worker: the list changes all the time\n");
        return false;
    }

    letters->tries = 0;
    letters->done += chosen;
    letters->skip += letters->dry_run ? seen : seen - chosen;
    *more = *more && !worker_letters_limit(letters);

    return true;
}


/*
 * Notes which of the page are wanted, up to the limit.  What cannot go back (no
 * text of a message is left) is not touched by redrive.
 *
 * seen  out: how many were looked at
 *
 * How many they are.
 */
static size_t
worker_letters_choose(worker_letters_t *letters, size_t *seen)
{
    size_t            chosen = 0;
    uint32_t          limit = letters->admin->context->options->limit;
    worker_letter_t  *letter;

    for (*seen = 0; *seen < letters->count; (*seen)++) {
        if (limit > 0 && letters->done + chosen >= limit) {
            break;
        }

        letter = &letters->page[*seen];
        letter->chosen = worker_letters_wanted(letters, letter)
                         && (!letters->redrive || letter->message.len > 0);
        chosen += letter->chosen;
    }

    return chosen;
}


/* done is false if the list has changed: once more then. */
static bool
worker_letters_commit(worker_letters_t *letters, size_t chosen, size_t seen,
    bool *done)
{
    size_t           i, argc = 2;
    base_str_t      *push, place, count;
    base_json_t     *answer;
    worker_admin_t  *admin = letters->admin;

    push = base_arena_calloc(&admin->arena, chosen + 2, sizeof(base_str_t));
    count = base_arena_printf(&admin->arena, "%zu", chosen);
    if (push == NULL || count.data == NULL
        || (letters->redrive && !worker_letters_messages(letters, seen)))
    {
        return false;
    }

    push[0] = BASE_STR("RPUSH");
    push[1] = admin->keys.queue;
    worker_admin_say(admin, NULL, BASE_STR("MULTI"));

    for (i = 0; i < seen; i++) {
        if (!letters->page[i].chosen) {
            continue;
        }

        push[argc++] = letters->page[i].again;
        place = base_arena_printf(&admin->arena, "%zu", letters->skip + i);
        worker_admin_say(admin, NULL, BASE_STR("LSET"), admin->keys.dead,
                         place, BASE_STR(WORKER_LETTERS_MARK));
    }

    worker_admin_say(admin, NULL, BASE_STR("LREM"), admin->keys.dead, count,
                     BASE_STR(WORKER_LETTERS_MARK));
    if (letters->redrive) {
        worker_admin_post(admin, NULL, push, argc);
    }

    worker_admin_say(admin, &answer, BASE_STR("EXEC"));
    if (!worker_admin_wait(admin)) {
        return false;
    }

    *done = answer->type != BASE_JSON_NULL;
    return true;
}


/*
 * The messages that go back to work.  An order that has an execution gets one
 * that resumes it, unless it is a callback: its first message would be taken
 * for a double.
 */
static bool
worker_letters_messages(worker_letters_t *letters, size_t seen)
{
    size_t            i;
    worker_letter_t  *letter;
    worker_admin_t   *admin = letters->admin;

    for (i = 0; i < seen; i++) {
        letter = &letters->page[i];
        if (letter->chosen && letter->id.len > 0) {
            worker_admin_say(admin, &letter->executed, BASE_STR("HEXISTS"),
                             worker_admin_order_key(admin, letter->id),
                             BASE_STR("execution"));
        }
    }

    if (!worker_admin_wait(admin)) {
        return false;
    }

    for (i = 0; i < seen; i++) {
        letter = &letters->page[i];
        if (letter->chosen
            && !worker_letters_again(letters, letter,
                                  letter->executed != NULL
                                  && base_str_eq(letter->executed->text,
                                                 BASE_STR("1"))))
        {
            return false;
        }
    }

    return true;
}


static bool
worker_letters_again(worker_letters_t *letters, worker_letter_t *letter,
    bool executed)
{
    base_buf_t  again;

    base_buf_init(&again, &letters->admin->arena, SIZE_MAX);
    if (executed
        && !worker_letters_callback(&letters->admin->arena, letter->message))
    {
        worker_delayed_message(&again, letter->id, worker_clock_ms());
    } else {
        worker_deliveries_write(&again, letter->message, 0);
    }

    letter->again = base_buf_str(&again);
    return !again.failed;
}


/* What it says is in no record. */
static bool
worker_letters_callback(base_arena_t *arena, base_str_t text)
{
    base_str_t        reason;
    orders_message_t  message;

    return orders_message_read(arena, text, &message, &reason)
           && message.kind == ORDERS_MESSAGE_CALLBACK;
}
