/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `orders-worker status`: what waits, who works, how many orders there are;
 * and `pause` and `resume`, which set and remove the key that workers look at
 * every second.  With --json:
 *
 *   {"paused":false,"queue":0,"resume":0,"suspects":0,"delayed":0,"dead":0,
 *    "oldestMs":null,"dueMs":null,"callbacksDropped":0,
 *    "orders":{"PENDING":0,...},
 *    "counts":{"accepted":0,"succeeded":0,"failed":0,"deleted":0,"dead":0,
 *              "retried":0},
 *    "consumers":[{"id":"shop.5f0c2a91d3e4","leaseMs":9120,"holds":3}]}
 *
 * oldestMs is how long the head of the queue has waited, dueMs when the first
 * of the parked goes on, both null where there is none; "orders" is how many
 * there are, "counts" what the workers have counted (queue/counters.h).
 */

#include "worker/options.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/uuid.h"
#include "orders/status.h"
#include "worker/clock.h"
#include "worker/command/admin.h"
#include "worker/command/counts.h"
#include "worker/queue/callback.h"


typedef struct {
    const char  *name;
    size_t       offset;            /* of its key in orders_keys_t */
    const char  *command;           /* that counts it */
} worker_status_list_t;

static const worker_status_list_t  worker_status_lists[] = {
    { "queue", offsetof(orders_keys_t, queue), "LLEN" },
    { "resume", offsetof(orders_keys_t, resume), "LLEN" },
    { "suspects", offsetof(orders_keys_t, suspects), "LLEN" },
    { "delayed", offsetof(orders_keys_t, delayed), "ZCARD" },
    { "dead", offsetof(orders_keys_t, dead), "LLEN" },
};

#define WORKER_STATUS_LISTS                                                   \
    (sizeof(worker_status_lists) / sizeof(worker_status_lists[0]))


static base_json_t *worker_status(worker_admin_t *admin);
static base_json_t *worker_status_oldest(worker_admin_t *admin);
static base_json_t *worker_status_due(worker_admin_t *admin);
static base_json_t *worker_status_orders(worker_admin_t *admin);
static base_json_t *worker_status_consumers(worker_admin_t *admin);
static void worker_status_show_object(const base_json_t *object);
static void worker_status_show(const base_json_t *status);


int
worker_command_status(worker_command_context_t *context)
{
    int             exit_code = EXIT_FAILURE;
    base_json_t    *status;
    worker_admin_t  admin;

    if (!worker_admin_open(&admin, context)) {
        return EXIT_FAILURE;
    }

    status = worker_status(&admin);
    if (status != NULL && context->options->json) {
        exit_code = worker_admin_print(&admin, status) ? EXIT_SUCCESS
                                                       : EXIT_FAILURE;
    } else if (status != NULL) {
        worker_status_show(status);
        exit_code = EXIT_SUCCESS;
    }

    worker_admin_close(&admin);
    return exit_code;
}


int
worker_command_pause(worker_command_context_t *context)
{
    bool            done;
    char            at[BASE_TIME_TEXT_BYTES];
    worker_admin_t  admin;

    if (!worker_admin_open(&admin, context)) {
        return EXIT_FAILURE;
    }

    base_time_format(worker_clock_ms(), at);
    done = worker_admin_ask(&admin, BASE_STR("SET"), admin.keys.paused,
                            base_str(at, sizeof(at))) != NULL;
    worker_admin_close(&admin);
    if (!done) {
        return EXIT_FAILURE;
    }

    printf(context->options->json
               ? "{\"paused\":true}\n"
               : "paused: workers finish what they hold and take no more\n");
    return EXIT_SUCCESS;
}


int
worker_command_resume(worker_command_context_t *context)
{
    bool            done;
    worker_admin_t  admin;

    if (!worker_admin_open(&admin, context)) {
        return EXIT_FAILURE;
    }

    done = worker_admin_ask(&admin, BASE_STR("DEL"), admin.keys.paused)
           != NULL;
    worker_admin_close(&admin);
    if (!done) {
        return EXIT_FAILURE;
    }

    printf(context->options->json
               ? "{\"paused\":false}\n"
               : "resumed: workers take orders within a second\n");
    return EXIT_SUCCESS;
}


static base_json_t *
worker_status(worker_admin_t *admin)
{
    size_t         i;
    int64_t        paused;
    base_str_t     key;
    base_json_t   *status = base_json_object(&admin->arena), *counts;
    base_arena_t  *arena = &admin->arena;

    if (!worker_admin_int(admin, worker_admin_ask(admin, BASE_STR("EXISTS"),
                                                  admin->keys.paused), &paused)
        || !worker_admin_add(status, "paused",
                             base_json_boolean(arena, paused > 0)))
    {
        return NULL;
    }

    for (i = 0; i < WORKER_STATUS_LISTS; i++) {
        key = *(const base_str_t *) ((const char *) &admin->keys
                                     + worker_status_lists[i].offset);
        if (!worker_admin_add(status, worker_status_lists[i].name,
                              worker_admin_ask(admin, base_str_c(
                                  worker_status_lists[i].command), key)))
        {
            return NULL;
        }
    }

    counts = worker_counts_read(admin);
    if (counts == NULL
        || !worker_admin_add(status, "oldestMs", worker_status_oldest(admin))
        || !worker_admin_add(status, "dueMs", worker_status_due(admin))
        || !worker_admin_add(status, "callbacksDropped",
                             base_json_int(arena, worker_counts_get(counts,
                                               WORKER_CALLBACKS_DROPPED)))
        || !worker_admin_add(status, "orders", worker_status_orders(admin))
        || !worker_admin_add(status, "counts",
                             worker_counts_orders(arena, counts))
        || !worker_admin_add(status, "consumers",
                             worker_status_consumers(admin)))
    {
        return NULL;
    }

    return status;
}


/* How long the head of the queue has waited, by the time in its id. */
static base_json_t *
worker_status_oldest(worker_admin_t *admin)
{
    int64_t       at_ms;
    base_json_t  *head, *message;

    head = worker_admin_ask(admin, BASE_STR("LINDEX"), admin->keys.queue,
                            BASE_STR("0"));
    if (head == NULL) {
        return NULL;
    }

    message = head->type == BASE_JSON_STRING
                  ? base_json_parse(&admin->arena, head->text, NULL, NULL)
                  : NULL;
    at_ms = base_uuid_v7_ms(base_json_get_str(message, BASE_STR("id")));

    return at_ms < 0 ? base_json_null(&admin->arena)
                     : base_json_int(&admin->arena, worker_clock_ms() - at_ms);
}


/* When the first of the parked goes on; what is due and was not woken is below
 * 0. */
static base_json_t *
worker_status_due(worker_admin_t *admin)
{
    int64_t             due_ms;
    base_json_t        *first;
    const base_json_t  *score;

    first = worker_admin_ask(admin, BASE_STR("ZRANGE"), admin->keys.delayed,
                             BASE_STR("0"), BASE_STR("0"),
                             BASE_STR("WITHSCORES"));
    if (first == NULL) {
        return NULL;
    }

    score = base_json_at(first, 1);
    if (score == NULL) {
        return base_json_null(&admin->arena);
    }

    due_ms = strtoll(score->text.data, NULL, 10) - worker_clock_ms();
    return base_json_int(&admin->arena, due_ms);
}


static base_json_t *
worker_status_orders(worker_admin_t *admin)
{
    base_str_t        key;
    base_json_t      *orders = base_json_object(&admin->arena);
    orders_status_t   status;

    for (status = 0; status < ORDERS_STATUS_COUNT; status++) {
        key = orders_key_status(&admin->keys, &admin->arena,
                                orders_status_name(status));
        if (key.data == NULL
            || !worker_admin_add(orders, orders_status_name(status).data,
                                 worker_admin_ask(admin, BASE_STR("ZCARD"),
                                                  key)))
        {
            return NULL;
        }
    }

    return orders;
}


static base_json_t *
worker_status_consumers(worker_admin_t *admin)
{
    int64_t       lease_ms;
    base_str_t    key;
    base_json_t  *found, *item, *lease, *consumer;
    base_json_t  *consumers = base_json_array(&admin->arena);

    found = worker_admin_ask(admin, BASE_STR("ZRANGE"), admin->keys.consumers,
                             BASE_STR("0"), BASE_STR("-1"),
                             BASE_STR("WITHSCORES"));
    if (found == NULL || consumers == NULL) {
        return NULL;
    }

    for (item = base_json_first(found); item != NULL; item = lease->next) {
        lease = item->next;
        if (lease == NULL) {
            break;
        }

        lease_ms = strtoll(lease->text.data, NULL, 10) - worker_clock_ms();
        key = orders_key_processing(&admin->keys, &admin->arena, item->text);
        consumer = base_json_object(&admin->arena);

        if (key.data == NULL
            || !worker_admin_add(consumer, "id",
                                 base_json_string(&admin->arena, item->text))
            || !worker_admin_add(consumer, "leaseMs",
                                 base_json_int(&admin->arena, lease_ms))
            || !worker_admin_add(consumer, "holds",
                                 worker_admin_ask(admin, BASE_STR("LLEN"),
                                                  key)))
        {
            return NULL;
        }

        base_json_append(consumers, consumer);
    }

    return consumers;
}


/* Names of counters are those of lists, too: they share a line of their own. */
static void
worker_status_show_object(const base_json_t *object)
{
    bool                counts = base_str_eq_c(object->key, "counts");
    const base_json_t  *part;

    if (counts) {
        printf("%-16s", "counted");
    }

    base_json_each(part, object) {
        printf(counts ? " %.*s %.*s%s" : "%-16.*s %.*s\n",
               BASE_STR_ARG(part->key), BASE_STR_ARG(part->text),
               part->next == NULL ? "\n" : ",");
    }
}


static void
worker_status_show(const base_json_t *status)
{
    int64_t             ms;
    const base_json_t  *item, *consumers;

    base_json_each(item, status) {
        switch (item->type) {
        case BASE_JSON_BOOLEAN:
            printf("%-16.*s %s\n", BASE_STR_ARG(item->key),
                   item->boolean ? "yes" : "no");
            break;

        case BASE_JSON_NUMBER:
            printf("%-16.*s %.*s\n", BASE_STR_ARG(item->key),
                   BASE_STR_ARG(item->text));
            break;

        case BASE_JSON_OBJECT:
            worker_status_show_object(item);
            break;

        default:
            break;
        }
    }

    consumers = base_json_get(status, BASE_STR("consumers"));
    base_json_each(item, consumers) {
        (void) base_json_to_int(base_json_get(item, BASE_STR("leaseMs")), &ms);
        printf("worker           %.*s holds %.*s, lease %s %" PRId64 " ms\n",
               BASE_STR_ARG(base_json_get(item, BASE_STR("id"))->text),
               BASE_STR_ARG(base_json_get(item, BASE_STR("holds"))->text),
               ms < 0 ? "ended before" : "ends in", ms < 0 ? -ms : ms);
    }
}
