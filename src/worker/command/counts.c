/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/command/counts.h"

#include <inttypes.h>

#include "worker/queue/counters.h"


static bool worker_counts_ends(base_str_t field, base_str_t tail);
static int64_t worker_counts_of(const base_json_t *counts, base_str_t state,
    worker_state_count_t count);


base_json_t *
worker_counts_read(worker_admin_t *admin)
{
    base_json_t  *found, *item, *number;
    base_json_t  *counts = base_json_object(&admin->arena);

    found = worker_admin_ask(admin, BASE_STR("HGETALL"), admin->keys.stats);
    if (found == NULL || counts == NULL) {
        return NULL;
    }

    for (item = base_json_first(found); item != NULL && item->next != NULL;
         item = item->next->next)
    {
        number = base_json_number(&admin->arena, item->next->text);
        if (number == NULL) {
            return NULL;
        }

        base_json_add(counts, item->text, number);
    }

    return counts;
}


int64_t
worker_counts_get(const base_json_t *counts, base_str_t field)
{
    int64_t  value;

    return base_json_to_int(base_json_get(counts, field), &value) ? value : 0;
}


base_json_t *
worker_counts_orders(base_arena_t *arena, const base_json_t *counts)
{
    int64_t             retried = 0, value;
    base_str_t          tail = worker_state_count_name(WORKER_STATE_RETRIED);
    base_json_t        *orders = base_json_object(arena);
    worker_count_t      count;
    const base_json_t  *field;

    for (count = 0; count < WORKER_COUNT_COUNT; count++) {
        value = worker_counts_get(counts, worker_count_name(count));
        if (!worker_admin_add(orders, worker_count_name(count).data,
                              base_json_int(arena, value)))
        {
            return NULL;
        }
    }

    base_json_each(field, counts) {
        if (worker_counts_ends(field->key, tail)
            && base_json_to_int(field, &value))
        {
            retried += value;
        }
    }

    return worker_admin_add(orders, "retried", base_json_int(arena, retried))
               ? orders : NULL;
}


bool
worker_counts_past(const base_json_t *count)
{
    base_str_t  now = worker_state_count_name(WORKER_STATE_NOW);

    return !worker_counts_ends(count->key, now)
           || base_str_eq(count->text, BASE_STR("0"));
}


/* What never happens in an ordinary state is left out. */
bool
worker_counts_label(void *data, base_str_t state, base_buf_t *text)
{
    static const worker_state_count_t  rare[] = {
        WORKER_STATE_FAILED, WORKER_STATE_RETRIED, WORKER_STATE_CAUGHT
    };

    size_t       i;
    int64_t      n;
    base_str_t   name;

    base_buf_printf(text, "%" PRId64 " passed, %" PRId64 " now",
                    worker_counts_of(data, state, WORKER_STATE_PASSED),
                    worker_counts_of(data, state, WORKER_STATE_NOW));

    for (i = 0; i < sizeof(rare) / sizeof(rare[0]); i++) {
        n = worker_counts_of(data, state, rare[i]);
        if (n > 0) {
            name = worker_state_count_name(rare[i]);
            base_buf_printf(text, "\n%" PRId64 " %.*s", n, (int) name.len - 1,
                            name.data + 1);
        }
    }

    return true;
}


static int64_t
worker_counts_of(const base_json_t *counts, base_str_t state,
    worker_state_count_t count)
{
    char        field[512];
    base_str_t  name = worker_state_count_name(count);

    if (state.len > sizeof(field) - name.len) {
        return 0;
    }

    memcpy(field, state.data, state.len);
    memcpy(field + state.len, name.data, name.len);
    return worker_counts_get(counts, base_str(field, state.len + name.len));
}


static bool
worker_counts_ends(base_str_t field, base_str_t tail)
{
    return field.len > tail.len
           && base_str_eq(base_str(field.data + field.len - tail.len, tail.len),
                          tail);
}
