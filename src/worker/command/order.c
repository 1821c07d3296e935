/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `orders-worker order show ID`: the record, the state of the execution, and
 * what it went through, until when a parked order waits, and which states wait
 * for a callback.  With --json one object:
 *
 *   {"id":...,"record":{...},"execution":{...}|null,"dueMs":...|null,
 *    "callbacks":["Pay",...],"history":[{"at":...,"status":...},...],
 *    "steps":[{"at":...,"state":...},...]}
 *
 * Who knows a token may answer for the order: of those in the execution only
 * the beginning is shown.
 */

#include "worker/options.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "orders/history.h"
#include "orders/record.h"
#include "orders/token.h"
#include "worker/command/admin.h"
#include "worker/execute/steps.h"
#include "workflow/workflow.h"


static int worker_order_show(worker_admin_t *admin, base_str_t id);
static base_json_t *worker_order_read(worker_admin_t *admin, base_str_t id,
    const base_json_t *hash);
static bool worker_order_fields(worker_admin_t *admin, base_str_t id,
    const base_json_t *hash, base_json_t *order);
static base_json_t *worker_order_value(worker_admin_t *admin, base_str_t id,
    base_str_t name, base_str_t text);
static base_json_t *worker_order_parsed(worker_admin_t *admin,
    base_str_t text);
static base_str_t worker_order_hide(worker_admin_t *admin, base_str_t id,
    base_str_t text);
static bool worker_order_callbacks(worker_admin_t *admin,
    const base_json_t *frame, base_json_t *states);
static void worker_order_print(const base_json_t *order);
static void worker_order_print_history(const base_json_t *history);
static void worker_order_print_steps(const base_json_t *steps);


int
worker_command_order(worker_command_context_t *context)
{
    int             exit_code;
    base_str_t      id;
    worker_admin_t  admin;

    if (context->argc != 2
        || !base_str_eq_c(BASE_STR("show"), context->argv[0]))
    {
        fprintf(stderr, "orders-worker: order show ID\n");
        return WORKER_EXIT_USAGE;
    }

    id = base_str_c(context->argv[1]);
    if (!base_uuid_valid(id)) {
        fprintf(stderr, "orders-worker: \"%s\" is no order's id\n",
                context->argv[1]);
        return WORKER_EXIT_USAGE;
    }

    if (!worker_admin_open(&admin, context)) {
        return EXIT_FAILURE;
    }

    exit_code = worker_order_show(&admin, id);
    worker_admin_close(&admin);

    return exit_code;
}


static int
worker_order_show(worker_admin_t *admin, base_str_t id)
{
    base_json_t  *hash, *order;

    hash = worker_admin_ask(admin, BASE_STR("HGETALL"),
                            worker_admin_order_key(admin, id));
    if (hash == NULL) {
        return EXIT_FAILURE;
    }

    if (base_json_first(hash) == NULL) {
        fprintf(stderr, "orders-worker: there is no order %.*s\n",
                BASE_STR_ARG(id));
        return EXIT_FAILURE;
    }

    order = worker_order_read(admin, id, hash);
    if (order == NULL) {
        return EXIT_FAILURE;
    }

    if (admin->context->options->json) {
        return worker_admin_print(admin, order) ? EXIT_SUCCESS : EXIT_FAILURE;
    }

    worker_order_print(order);
    return EXIT_SUCCESS;
}


static base_json_t *
worker_order_read(worker_admin_t *admin, base_str_t id,
    const base_json_t *hash)
{
    base_str_t     due;
    base_json_t   *order, *record, *callbacks, *score;
    base_arena_t  *arena = &admin->arena;

    order = base_json_object(arena);
    record = base_json_object(arena);
    callbacks = base_json_array(arena);
    score = worker_admin_ask(admin, BASE_STR("ZSCORE"), admin->keys.delayed,
                             id);
    if (record == NULL || score == NULL) {
        return NULL;
    }

    due = score->type == BASE_JSON_STRING ? score->text : BASE_STR("");
    if (!worker_admin_add(order, "id", base_json_string(arena, id))
        || !worker_admin_add(order, "record", record)
        || !worker_admin_add(order, "execution", base_json_null(arena))
        || !worker_admin_add(order, "dueMs",
                             due.len > 0 ? base_json_number(arena, due)
                                         : base_json_null(arena))
        || !worker_admin_add(order, "callbacks", callbacks)
        || !worker_admin_add(order, "history", base_json_array(arena))
        || !worker_admin_add(order, "steps", base_json_array(arena))
        || !worker_order_fields(admin, id, hash, order)
        || !worker_order_callbacks(
               admin, base_json_get(base_json_get(order, BASE_STR("execution")),
                                    BASE_STR("frame")), callbacks))
    {
        return NULL;
    }

    return order;
}


/* Some fields are members of their own, the others those of the record.  False
 * when out of memory. */
static bool
worker_order_fields(worker_admin_t *admin, base_str_t id,
    const base_json_t *hash, base_json_t *order)
{
    base_str_t    name;
    base_json_t  *item, *value, *record;

    record = base_json_get(order, BASE_STR("record"));

    for (item = base_json_first(hash); item != NULL && item->next != NULL;
         item = item->next->next)
    {
        name = item->text;
        value = worker_order_value(admin, id, name, item->next->text);
        if (value == NULL) {
            return false;
        }

        base_json_set(base_json_get(order, name) != NULL ? order : record,
                      name, value);
    }

    return true;
}


static base_json_t *
worker_order_value(worker_admin_t *admin, base_str_t id, base_str_t name,
    base_str_t text)
{
    base_json_t   *steps;
    base_arena_t  *arena = &admin->arena;

    if (base_str_eq(name, orders_record_field_name(ORDERS_RECORD_EXECUTION))) {
        return worker_order_parsed(admin, worker_order_hide(admin, id, text));
    }

    if (base_str_eq(name, orders_record_field_name(ORDERS_RECORD_STEPS))) {
        steps = worker_steps_json(arena, text);
        return steps != NULL ? steps : base_json_array(arena);
    }

    if (base_str_eq(name, orders_record_field_name(ORDERS_RECORD_HISTORY))) {
        return orders_history_json(arena, text);
    }

    return base_str_eq(name, orders_record_field_name(ORDERS_RECORD_INPUT))
               ? worker_order_parsed(admin, text)
               : base_json_string(arena, text);
}


/* The value that text is, or text itself if it is none. */
static base_json_t *
worker_order_parsed(worker_admin_t *admin, base_str_t text)
{
    base_json_t  *value;

    value = base_json_parse(&admin->arena, text, &asl_saved_limits, NULL);
    return value != NULL ? value : base_json_string(&admin->arena, text);
}


/* Without the random bits of tokens, wherever they stand. */
static base_str_t
worker_order_hide(worker_admin_t *admin, base_str_t id, base_str_t text)
{
    char        *found, *p;
    size_t       left = text.len;
    base_str_t   token, copy;

    if (!base_arena_str(&admin->arena, text, &copy)) {
        return BASE_STR("");
    }

    p = (char *) copy.data;
    while ((found = memmem(p, left, id.data, id.len)) != NULL) {
        left -= (size_t) (found - p);
        if (left >= ORDERS_TOKEN_BYTES
            && orders_token_read(base_str(found, ORDERS_TOKEN_BYTES), &token))
        {
            memset(found + id.len + 1, '*', ORDERS_TOKEN_BYTES - id.len - 1);
        }

        left--;
        p = found + 1;
    }

    return copy;
}


/* Appends the names of the states that wait.  False when out of memory. */
static bool
worker_order_callbacks(worker_admin_t *admin, const base_json_t *frame,
    base_json_t *states)
{
    base_json_t        *name;
    const base_json_t  *child, *children;

    if (base_json_get(frame, BASE_STR("called")) != NULL) {
        name = base_json_string(&admin->arena,
                                base_json_get_str(frame, BASE_STR("state")));
        if (name == NULL) {
            return false;
        }

        base_json_append(states, name);
    }

    children = base_json_get(frame, BASE_STR("children"));
    if (children == NULL || children->type != BASE_JSON_ARRAY) {
        return true;
    }

    base_json_each(child, children) {
        if (!worker_order_callbacks(admin, child, states)) {
            return false;
        }
    }

    return true;
}


static void
worker_order_print(const base_json_t *order)
{
    char                due[BASE_TIME_TEXT_BYTES];
    int64_t             due_ms;
    base_buf_t          text;
    const base_json_t  *item, *record, *execution;

    base_buf_init(&text, NULL, SIZE_MAX);
    record = base_json_get(order, BASE_STR("record"));

    base_json_each(item, record) {
        base_buf_clear(&text);
        base_json_write(&text, item);
        printf("%-14.*s %.*s\n", BASE_STR_ARG(item->key),
               BASE_STR_ARG(base_buf_str(&text)));
    }

    if (base_json_to_int(base_json_get(order, BASE_STR("dueMs")), &due_ms)) {
        base_time_format(due_ms, due);
        printf("%-14s %.*s\n", "parked until", (int) sizeof(due), due);
    }

    base_json_each(item, base_json_get(order, BASE_STR("callbacks"))) {
        printf("%-14s a callback, in %.*s\n", "waits for",
               BASE_STR_ARG(item->text));
    }

    worker_order_print_history(base_json_get(order, BASE_STR("history")));
    worker_order_print_steps(base_json_get(order, BASE_STR("steps")));

    execution = base_json_get(order, BASE_STR("execution"));
    if (execution->type != BASE_JSON_NULL) {
        base_buf_clear(&text);
        base_json_write_pretty(&text, execution);
        printf("execution\n%.*s\n", BASE_STR_ARG(base_buf_str(&text)));
    }

    base_buf_deinit(&text);
}


static void
worker_order_print_history(const base_json_t *history)
{
    base_str_t          reason;
    const base_json_t  *entry;

    base_json_each(entry, history) {
        reason = base_json_get_str(entry, BASE_STR("reason"));
        printf("%.*s  status %.*s%s%.*s\n",
               BASE_STR_ARG(base_json_get_str(entry, BASE_STR("at"))),
               BASE_STR_ARG(base_json_get_str(entry, BASE_STR("status"))),
               reason.len > 0 ? ": " : "", BASE_STR_ARG(reason));
    }
}


static void
worker_order_print_steps(const base_json_t *steps)
{
    const base_json_t  *entry, *what;

    base_json_each(entry, steps) {
        what = base_json_first(entry)->next;
        printf("%.*s  %.*s %.*s\n",
               BASE_STR_ARG(base_json_first(entry)->text),
               BASE_STR_ARG(what->key), BASE_STR_ARG(what->text));
    }
}
