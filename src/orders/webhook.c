/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/webhook.h"
#include "orders/token.h"

#include "base/json_pointer.h"


static bool webhook_outcome(const orders_webhook_map_t *map, base_str_t name,
    orders_callback_outcome_t *outcome);
static bool webhook_answer(const orders_webhook_map_t *map,
    const base_json_t *body, base_str_t event, orders_callback_t *callback,
    base_str_t *pointer);


orders_webhook_status_t
orders_webhook_read(const orders_webhook_map_t *map, base_arena_t *arena,
    const base_json_t *body, orders_callback_t *callback, base_str_t *reason)
{
    const char         *what;
    base_str_t          event, pointer;
    base_json_t        *input;
    orders_callback_t   read;

    *callback = (orders_callback_t) { .output = NULL };

    event = base_json_scalar(base_json_pointer(body, map->outcome));
    pointer = map->outcome;

    if (event.len == 0) {
        what = "outcome";
        goto missing;
    }

    if (!webhook_outcome(map, event, &callback->outcome)) {
        if (map->events != NULL) {
            return ORDERS_WEBHOOK_IGNORED;
        }

        *reason = BASE_STR("the outcome is not success, failure or heartbeat");
        return ORDERS_WEBHOOK_WRONG;
    }

    callback->token = base_json_scalar(base_json_pointer(body, map->token));
    pointer = map->token;

    if (callback->token.len == 0) {
        what = "task token";
        goto missing;
    }

    if (map->id.data != NULL) {
        callback->webhook_id = base_json_scalar(base_json_pointer(body,
                                                                  map->id));
        pointer = map->id;

        if (callback->webhook_id.len == 0) {
            what = "id";
            goto missing;
        }
    }

    if (!webhook_answer(map, body, event, callback, &pointer)) {
        what = "output";
        goto missing;
    }

    /* by the rules of those who read it */

    input = orders_callback_json(arena, callback);
    if (input == NULL) {
        *reason = base_str(NULL, 0);
        return ORDERS_WEBHOOK_WRONG;
    }

    if (!orders_callback_read(input, &read, reason)) {
        return ORDERS_WEBHOOK_WRONG;
    }

    callback->id = read.id;

    return ORDERS_WEBHOOK_TAKEN;

missing:

    *reason = base_arena_printf(arena, "the webhook has no %s at \"%.*s\"",
                                what, BASE_STR_ARG(pointer));
    return ORDERS_WEBHOOK_WRONG;
}


static bool
webhook_outcome(const orders_webhook_map_t *map, base_str_t name,
    orders_callback_outcome_t *outcome)
{
    size_t  i;

    if (map->events == NULL) {
        return orders_callback_outcome_find(name, outcome);
    }

    for (i = 0; i < map->event_count; i++) {
        if (base_str_eq(map->events[i].name, name)) {
            *outcome = map->events[i].outcome;
            return true;
        }
    }

    return false;
}


/* What comes with the outcome.  False if there is no output, and where it would
 * be. */
static bool
webhook_answer(const orders_webhook_map_t *map, const base_json_t *body,
    base_str_t event, orders_callback_t *callback, base_str_t *pointer)
{
    switch (callback->outcome) {

    case ORDERS_CALLBACK_SUCCESS:
        *pointer = map->output;
        callback->output = base_json_pointer(body, map->output);

        return callback->output != NULL;

    case ORDERS_CALLBACK_FAILURE:
        callback->error = base_json_scalar(base_json_pointer(body,
                                                             map->error));
        callback->cause = base_json_scalar(base_json_pointer(body,
                                                             map->cause));

        if (callback->error.len == 0 && map->events != NULL) {
            callback->error = event;
        }

        break;

    default:
        break;
    }

    return true;
}
