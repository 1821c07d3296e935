/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `orders-worker purge`: deletes for good, after a question.
 *
 *   purge queue    the messages that wait: orders that were accepted and that
 *                  nobody will run
 *   purge dead     all dead letters
 *   purge ended    the orders that have ended, with their index entries
 *   purge counts   what the workers have counted (queue/counters.h); where
 *                  executions are now is kept
 */

#include "worker/options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "orders/status.h"
#include "worker/command/admin.h"
#include "worker/command/counts.h"


#define WORKER_PURGE_PAGE  "99"         /* the last index of a page */


typedef struct {
    const char  *name;
    const char  *what;              /* in the question */
    bool       (*count)(worker_admin_t *admin, int64_t *count);
    bool       (*purge)(worker_admin_t *admin, size_t total);
} worker_purge_t;


static void worker_purge_show(const worker_command_context_t *context,
    const worker_purge_t *purge, int64_t count);
static bool worker_purge_queue_count(worker_admin_t *admin, int64_t *count);
static bool worker_purge_queue(worker_admin_t *admin, size_t total);
static bool worker_purge_dead_count(worker_admin_t *admin, int64_t *count);
static bool worker_purge_dead(worker_admin_t *admin, size_t total);
static bool worker_purge_counts_count(worker_admin_t *admin, int64_t *count);
static bool worker_purge_counts(worker_admin_t *admin, size_t total);
static bool worker_purge_ended_count(worker_admin_t *admin, int64_t *count);
static bool worker_purge_ended(worker_admin_t *admin, size_t total);
static bool worker_purge_status(worker_admin_t *admin, orders_status_t status,
    size_t *done, size_t total);
static bool worker_purge_page(worker_admin_t *admin, orders_status_t status,
    base_str_t index, const base_json_t *page);
static bool worker_purge_order(worker_admin_t *admin, orders_status_t status,
    base_str_t id, const base_json_t *user_id);


static const worker_purge_t  worker_purges[] = {
    { "queue", "orders that wait", worker_purge_queue_count,
      worker_purge_queue },
    { "dead", "dead letters", worker_purge_dead_count, worker_purge_dead },
    { "ended", "orders that have ended", worker_purge_ended_count,
      worker_purge_ended },
    { "counts", "counters", worker_purge_counts_count, worker_purge_counts },
};

#define WORKER_PURGES  (sizeof(worker_purges) / sizeof(worker_purges[0]))


int
worker_command_purge(worker_command_context_t *context)
{
    int                    exit_code = EXIT_FAILURE;
    char                   question[128];
    size_t                 i;
    int64_t                count;
    worker_admin_t         admin;
    const worker_purge_t  *purge;

    for (i = 0; i < WORKER_PURGES; i++) {
        if (context->argc == 1
            && strcmp(context->argv[0], worker_purges[i].name) == 0)
        {
            break;
        }
    }

    if (i == WORKER_PURGES) {
        fprintf(stderr, "orders-worker: purge queue | dead | ended | "
                "counts\n");
        return WORKER_EXIT_USAGE;
    }

    purge = &worker_purges[i];
    if (!worker_admin_open(&admin, context)) {
        return EXIT_FAILURE;
    }

    if (purge->count(&admin, &count)) {
        (void) snprintf(question, sizeof(question),
                        "This deletes %" PRId64 " %s for good.", count,
                        purge->what);

        if (context->options->dry_run) {
            worker_purge_show(context, purge, count);
            exit_code = EXIT_SUCCESS;

        } else if (count == 0
                   || (worker_admin_confirm(&admin, question)
                       && purge->purge(&admin, (size_t) count)))
        {
            worker_purge_show(context, purge, count);
            exit_code = EXIT_SUCCESS;
        }
    }

    worker_admin_close(&admin);
    return exit_code;
}


static void
worker_purge_show(const worker_command_context_t *context,
    const worker_purge_t *purge, int64_t count)
{
    bool  dry_run = context->options->dry_run;

    if (context->options->json) {
        printf("{\"purged\":%" PRId64 ",\"dryRun\":%s}\n", count,
               dry_run ? "true" : "false");
        return;
    }

    printf("%s%" PRId64 " %s\n", dry_run ? "" : "deleted ", count,
           purge->what);
}


static bool
worker_purge_queue_count(worker_admin_t *admin, int64_t *count)
{
    return worker_admin_int(admin, worker_admin_ask(admin, BASE_STR("LLEN"),
                                                    admin->keys.queue), count);
}


static bool
worker_purge_queue(worker_admin_t *admin, size_t total)
{
    (void) total;

    return worker_admin_ask(admin, BASE_STR("UNLINK"), admin->keys.queue)
           != NULL;
}


static bool
worker_purge_dead_count(worker_admin_t *admin, int64_t *count)
{
    return worker_admin_int(admin, worker_admin_ask(admin, BASE_STR("LLEN"),
                                                    admin->keys.dead), count);
}


static bool
worker_purge_dead(worker_admin_t *admin, size_t total)
{
    (void) total;

    return worker_admin_ask(admin, BASE_STR("UNLINK"), admin->keys.dead)
           != NULL;
}


static bool
worker_purge_counts_count(worker_admin_t *admin, int64_t *count)
{
    const base_json_t  *item, *counts = worker_counts_read(admin);

    if (counts == NULL) {
        return false;
    }

    *count = 0;
    base_json_each(item, counts) {
        *count += worker_counts_past(item);
    }

    return true;
}


static bool
worker_purge_counts(worker_admin_t *admin, size_t total)
{
    size_t              argc = 2;
    base_str_t         *argv;
    const base_json_t  *item, *counts = worker_counts_read(admin);

    if (counts == NULL) {
        return false;
    }

    argv = base_arena_calloc(&admin->arena, counts->count + 2,
                             sizeof(base_str_t));
    if (argv == NULL) {
        return false;
    }

    argv[0] = BASE_STR("HDEL");
    argv[1] = admin->keys.stats;
    base_json_each(item, counts) {
        if (worker_counts_past(item)) {
            argv[argc++] = item->key;
        }
    }

    (void) total;
    return argc == 2 || worker_admin_send(admin, argv, argc) != NULL;
}


static bool
worker_purge_ended_count(worker_admin_t *admin, int64_t *count)
{
    int64_t           n;
    base_str_t        index;
    orders_status_t   status;

    *count = 0;

    for (status = 0; status < ORDERS_STATUS_COUNT; status++) {
        if (!orders_status_terminal(status)) {
            continue;
        }

        index = orders_key_status(&admin->keys, &admin->arena,
                                  orders_status_name(status));
        if (!worker_admin_int(admin, worker_admin_ask(admin, BASE_STR("ZCARD"),
                                                      index), &n))
        {
            return false;
        }

        *count += n;
    }

    return true;
}


static bool
worker_purge_ended(worker_admin_t *admin, size_t total)
{
    size_t            done = 0;
    orders_status_t   status;

    for (status = 0; status < ORDERS_STATUS_COUNT; status++) {
        if (orders_status_terminal(status)
            && !worker_purge_status(admin, status, &done, total))
        {
            return false;
        }
    }

    worker_admin_progress("purge", 0, 0);
    return true;
}


/* The index is its own list of what is left to do. */
static bool
worker_purge_status(worker_admin_t *admin, orders_status_t status,
    size_t *done, size_t total)
{
    base_str_t    index;
    base_json_t  *page;

    for ( ;; ) {
        base_arena_reset(&admin->arena);
        index = orders_key_status(&admin->keys, &admin->arena,
                                  orders_status_name(status));
        page = worker_admin_ask(admin, BASE_STR("ZRANGE"), index,
                                BASE_STR("0"), BASE_STR(WORKER_PURGE_PAGE));
        if (page == NULL) {
            return false;
        }

        if (base_json_first(page) == NULL) {
            return true;
        }

        if (!worker_purge_page(admin, status, index, page)) {
            return false;
        }

        *done += page->count;
        worker_admin_progress("purge", *done, *done > total ? *done : total);
    }
}


/* One round trip asks whose orders they are, another deletes them. */
static bool
worker_purge_page(worker_admin_t *admin, orders_status_t status,
    base_str_t index, const base_json_t *page)
{
    size_t              i;
    base_str_t         *argv;
    base_json_t       **users;
    const base_json_t  *id;

    users = base_arena_calloc(&admin->arena, page->count, sizeof(users[0]));
    argv = base_arena_calloc(&admin->arena, page->count + 2, sizeof(argv[0]));
    if (users == NULL || argv == NULL) {
        return false;
    }

    argv[0] = BASE_STR("ZREM");
    argv[1] = index;
    i = 0;
    base_json_each(id, page) {
        worker_admin_say(admin, &users[i], BASE_STR("HGET"),
                         worker_admin_order_key(admin, id->text),
                         BASE_STR("userId"));
        argv[2 + i++] = id->text;
    }

    if (!worker_admin_wait(admin)) {
        return false;
    }

    worker_admin_say(admin, NULL, BASE_STR("MULTI"));
    i = 0;
    base_json_each(id, page) {
        if (!worker_purge_order(admin, status, id->text, users[i++])) {
            return false;
        }
    }

    worker_admin_post(admin, NULL, argv, i + 2);
    worker_admin_say(admin, NULL, BASE_STR("EXEC"));

    return worker_admin_wait(admin);
}


static bool
worker_purge_order(worker_admin_t *admin, orders_status_t status,
    base_str_t id, const base_json_t *user_id)
{
    base_str_t  order = worker_admin_order_key(admin, id);
    base_str_t  name, user, both;

    name = user_id->type == BASE_JSON_STRING ? user_id->text : BASE_STR("");
    user = orders_key_user(&admin->keys, &admin->arena, name);
    both = orders_key_user_status(&admin->keys, &admin->arena, name,
                                  orders_status_name(status));
    if (order.data == NULL || user.data == NULL || both.data == NULL) {
        return false;
    }

    worker_admin_say(admin, NULL, BASE_STR("DEL"), order);
    worker_admin_say(admin, NULL, BASE_STR("ZREM"), user, id);
    worker_admin_say(admin, NULL, BASE_STR("ZREM"), both, id);
    return true;
}
