/* SPDX-License-Identifier: BSD-2-Clause */

#include "model.h"


unsigned
model_list_length(model_list_t list)
{
    unsigned  n = 0;

    for ( ; list != 0; list >>= 4) {
        n++;
    }

    return n;
}


void
model_list_push(model_list_t *list, unsigned message)
{
    unsigned  n = model_list_length(*list);

    if (n == 4) {
        model_violation = "more messages than there can be";
        return;
    }

    *list |= (model_list_t) (message << 4 * n);
}


unsigned
model_list_pop(model_list_t *list)
{
    unsigned  message = *list & 15;

    *list >>= 4;
    return message;
}


bool
model_list_remove(model_list_t *list, unsigned message)
{
    bool          removed = false;
    unsigned      one;
    model_list_t  rest = 0;

    while (*list != 0) {
        one = model_list_pop(list);
        if (one == message && !removed) {
            removed = true;
        } else {
            model_list_push(&rest, one);
        }
    }

    *list = rest;
    return removed;
}


bool
model_list_has(model_list_t list, unsigned message)
{
    while (list != 0) {
        if (model_list_pop(&list) == message) {
            return true;
        }
    }

    return false;
}


bool
model_list_has_order(model_list_t list, unsigned order)
{
    return model_list_has(list, model_message(MODEL_POST, order))
           || model_list_has(list, model_message(MODEL_RESUME, order));
}
