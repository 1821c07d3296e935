/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/callback.h"
#include "orders/message.h"
#include "orders/token.h"


#define ORDERS_CALLBACK_NAME(name, text)  BASE_STR_INIT(text),
static const base_str_t  orders_callback_outcomes[] = {
    ORDERS_CALLBACK_OUTCOMES(ORDERS_CALLBACK_NAME)
};
#undef ORDERS_CALLBACK_NAME


base_str_t
orders_callback_outcome_name(orders_callback_outcome_t outcome)
{
    return orders_callback_outcomes[outcome];
}


bool
orders_callback_outcome_find(base_str_t name,
    orders_callback_outcome_t *outcome)
{
    size_t  i;

    for (i = 0; i < ORDERS_CALLBACK_OUTCOME_COUNT; i++) {
        if (base_str_eq(orders_callback_outcomes[i], name)) {
            *outcome = (orders_callback_outcome_t) i;
            return true;
        }
    }

    return false;
}


/* False when out of memory. */
static bool
orders_callback_add(base_arena_t *arena, base_json_t *input, base_str_t key,
    base_str_t text)
{
    base_json_t  *value;

    if (text.len == 0) {
        return true;
    }

    value = base_json_string(arena, text);
    if (value == NULL) {
        return false;
    }

    base_json_add(input, key, value);
    return true;
}


base_json_t *
orders_callback_json(base_arena_t *arena, const orders_callback_t *callback)
{
    base_json_t  *output, *input = base_json_object(arena);

    if (input == NULL
        || !orders_callback_add(arena, input, BASE_STR("taskToken"),
                                callback->token)
        || !orders_callback_add(arena, input, BASE_STR("outcome"),
               orders_callback_outcome_name(callback->outcome))
        || !orders_callback_add(arena, input, BASE_STR("error"),
                                callback->error)
        || !orders_callback_add(arena, input, BASE_STR("cause"),
                                callback->cause)
        || !orders_callback_add(arena, input, BASE_STR("webhookId"),
                                callback->webhook_id))
    {
        return NULL;
    }

    if (callback->output != NULL) {
        output = base_json_share(arena, callback->output);
        if (output == NULL) {
            return NULL;
        }

        base_json_add(input, BASE_STR("output"), output);
    }

    return input;
}


/* A text that may be missing; false if it is none, or too long. */
static bool
orders_callback_text(const base_json_t *input, base_str_t key,
    size_t bytes_max, base_str_t *text)
{
    const base_json_t  *value = base_json_get(input, key);

    *text = BASE_STR("");
    if (value == NULL) {
        return true;
    }

    if (value->type != BASE_JSON_STRING || value->text.len > bytes_max) {
        return false;
    }

    *text = value->text;
    return true;
}


bool
orders_callback_read(const base_json_t *input, orders_callback_t *callback,
    base_str_t *reason)
{
    base_str_t          outcome;
    const base_json_t  *output;

    callback->token = base_json_get_str(input, BASE_STR("taskToken"));
    outcome = base_json_get_str(input, BASE_STR("outcome"));
    output = base_json_get(input, BASE_STR("output"));

    if (!orders_token_read(callback->token, &callback->id)) {
        *reason = BASE_STR("\"taskToken\" has not the form of one");
        return false;
    }

    if (!orders_callback_outcome_find(outcome, &callback->outcome)) {
        *reason = BASE_STR("\"outcome\" is not success, failure or heartbeat");
        return false;
    }

    if ((output != NULL) != (callback->outcome == ORDERS_CALLBACK_SUCCESS)) {
        *reason = BASE_STR("a success has an \"output\", and nothing else has");
        return false;
    }

    callback->output = output;
    if (!orders_callback_text(input, BASE_STR("error"),
                              ORDERS_CALLBACK_ERROR_BYTES_MAX,
                              &callback->error)
        || !orders_callback_text(input, BASE_STR("cause"),
                                 ORDERS_CALLBACK_CAUSE_BYTES_MAX,
                                 &callback->cause)
        || !orders_callback_text(input, BASE_STR("webhookId"),
                                 ORDERS_CALLBACK_WEBHOOK_BYTES_MAX,
                                 &callback->webhook_id))
    {
        *reason = BASE_STR("\"error\", \"cause\" or \"webhookId\" is no text, "
                           "or too long");
        return false;
    }

    if (callback->outcome != ORDERS_CALLBACK_FAILURE
        && callback->error.len + callback->cause.len > 0)
    {
        *reason = BASE_STR("only a failure has an \"error\" or a \"cause\"");
        return false;
    }

    if (!orders_input_fits(input)) {
        *reason = BASE_STR("\"output\" is nested too deeply, or has too many "
                           "values");
        return false;
    }

    return true;
}
