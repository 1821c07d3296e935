/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/command/letters.h"


#define WORKER_LETTERS_BYTES  (4 * 1024 * 1024)     /* of a page, about */


static void worker_letters_read(worker_letters_t *letters, base_str_t text);


bool
worker_letters_page(worker_letters_t *letters, size_t from)
{
    size_t           bytes = 0, most;
    base_str_t       first, last;
    base_json_t     *range, *item;
    worker_admin_t  *admin = letters->admin;

    letters->count = 0;
    first = base_arena_printf(&admin->arena, "%zu", from);
    last = base_arena_printf(&admin->arena, "%zu",
                             from + letters->page_max - 1);
    if (first.data == NULL || last.data == NULL) {
        return false;
    }

    worker_admin_say(admin, &range, BASE_STR("LRANGE"), admin->keys.dead,
                     first, last);
    if (!worker_admin_wait(admin)) {
        return false;
    }

    base_json_each(item, range) {
        bytes += item->text.len;
        worker_letters_read(letters, item->text);
    }

    /* letters may be large, and an answer may not */
    most = WORKER_LETTERS_BYTES / (bytes / (letters->count + 1) + 1);
    if (most > WORKER_LETTERS_PAGE_MAX) {
        most = WORKER_LETTERS_PAGE_MAX;
    }

    letters->page_max = most > 0 ? most : 1;
    return true;
}


bool
worker_letters_wanted(const worker_letters_t *letters,
    const worker_letter_t *letter)
{
    base_str_t               error;
    const worker_options_t  *options = letters->admin->context->options;

    error = base_json_get_str(letter->json, BASE_STR("error"));
    return (options->error.len == 0 || base_str_eq(options->error, error))
           && (options->id.len == 0 || base_str_eq(options->id, letter->id));
}


bool
worker_letters_limit(const worker_letters_t *letters)
{
    uint32_t  limit = letters->admin->context->options->limit;

    return limit > 0 && letters->done >= limit;
}


static void
worker_letters_read(worker_letters_t *letters, base_str_t text)
{
    base_json_t      *message;
    base_arena_t     *arena = &letters->admin->arena;
    worker_letter_t  *letter = &letters->page[letters->count++];

    *letter = (worker_letter_t) { .text = text };
    letter->json = base_json_parse(arena, text, NULL, NULL);
    letter->message = base_json_get_str(letter->json, BASE_STR("message"));
    message = base_json_parse(arena, letter->message, NULL, NULL);
    letter->id = base_json_get_str(message, BASE_STR("id"));
}
