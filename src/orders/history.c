/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/history.h"

#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"


/* Members of an entry. */
enum {
    ORDERS_HISTORY_STATUS = 0,
    ORDERS_HISTORY_AT,
    ORDERS_HISTORY_REASON
};


/* NULL if it cannot be read, or when out of memory. */
static base_json_t *
orders_history_read(base_arena_t *arena, base_str_t history,
    base_json_status_t *status)
{
    base_json_t        *array;
    base_json_error_t   error = { .status = BASE_JSON_OK };

    array = base_json_parse(arena, history, NULL, &error);
    *status = error.status;

    return array == NULL || array->type != BASE_JSON_ARRAY ? NULL : array;
}


static base_str_t
orders_history_text(const base_json_t *entry, size_t member)
{
    const base_json_t  *item = NULL;

    if (entry != NULL && entry->type == BASE_JSON_ARRAY) {
        item = base_json_at(entry, member);
    }

    return item == NULL || item->type != BASE_JSON_STRING ? base_str(NULL, 0)
                                                          : item->text;
}


/* Cut where a character ends. */
static base_str_t
orders_history_cut(base_str_t reason)
{
    size_t  valid;

    if (reason.len > ORDERS_HISTORY_REASON_BYTES_MAX) {
        reason.len = ORDERS_HISTORY_REASON_BYTES_MAX;
        if (!base_utf8_valid(reason, &valid)) {
            reason.len = valid;
        }
    }

    return reason;
}


base_str_t
orders_history_add(base_arena_t *arena, base_str_t history,
    orders_status_t status, int64_t at_ms, base_str_t reason)
{
    bool                 first = true;
    size_t               i = 0;
    base_buf_t           buf;
    base_json_t         *array = NULL, *entry, *last = NULL;
    base_json_status_t   read;

    if (history.len > 0) {
        array = orders_history_read(arena, history, &read);
        if (array == NULL && read == BASE_JSON_NOMEM) {
            return base_str(NULL, 0);
        }
    }

    if (array != NULL && array->count > 0) {
        last = array->members.last;
    }

    if (reason.data == NULL
        && base_str_eq(orders_history_text(last, ORDERS_HISTORY_STATUS),
                       orders_status_name(status)))
    {
        return history;
    }

    base_buf_init(&buf, arena, SIZE_MAX);
    base_buf_add_char(&buf, '[');

    if (array != NULL) {
        base_json_each(entry, array) {
            if (i++ > 0 && i + ORDERS_HISTORY_MAX <= array->count + 2) {
                continue;
            }

            if (!first) {
                base_buf_add_char(&buf, ',');
            }

            base_json_write(&buf, entry);
            first = false;
        }
    }

    base_buf_add_str(&buf, first ? BASE_STR("[\"") : BASE_STR(",[\""));
    base_buf_add_str(&buf, orders_status_name(status));
    base_buf_add_lit(&buf, "\",");
    base_buf_add_int(&buf, at_ms);
    if (reason.data != NULL) {
        base_buf_add_char(&buf, ',');
        base_json_write_str(&buf, orders_history_cut(reason));
    }

    base_buf_add_lit(&buf, "]]");

    return buf.failed ? base_str(NULL, 0) : base_buf_str(&buf);
}


/* NULL when out of memory. */
static base_json_t *
orders_history_entry(base_arena_t *arena, const base_json_t *entry,
    int64_t at_ms)
{
    char         *at = base_arena_alloc(arena, BASE_TIME_TEXT_BYTES);
    base_str_t    text = orders_history_text(entry, ORDERS_HISTORY_REASON);
    base_json_t  *object, *status, *time, *reason;

    if (at == NULL) {
        return NULL;
    }

    base_time_format(at_ms, at);
    object = base_json_object(arena);
    status = base_json_string(arena,
                              orders_history_text(entry,
                                                  ORDERS_HISTORY_STATUS));
    time = base_json_string(arena, base_str(at, BASE_TIME_TEXT_BYTES));
    reason = text.data == NULL ? base_json_null(arena)
                               : base_json_string(arena, text);

    if (object == NULL || status == NULL || time == NULL || reason == NULL) {
        return NULL;
    }

    base_json_add(object, BASE_STR("status"), status);
    base_json_add(object, BASE_STR("at"), time);
    base_json_add(object, BASE_STR("reason"), reason);

    return object;
}


base_json_t *
orders_history_json(base_arena_t *arena, base_str_t history)
{
    int64_t              at_ms;
    base_json_t         *array, *item, *stored = NULL;
    const base_json_t   *entry;
    base_json_status_t   read = BASE_JSON_OK;

    array = base_json_array(arena);
    if (history.len > 0) {
        stored = orders_history_read(arena, history, &read);
    }

    if (array == NULL || read == BASE_JSON_NOMEM) {
        return NULL;
    }

    if (stored == NULL) {
        return array;
    }

    base_json_each(entry, stored) {
        if (orders_history_text(entry, ORDERS_HISTORY_STATUS).data == NULL
            || !base_json_to_int(base_json_at(entry, ORDERS_HISTORY_AT),
                                 &at_ms))
        {
            continue;
        }

        item = orders_history_entry(arena, entry, at_ms);
        if (item == NULL) {
            return NULL;
        }

        base_json_append(array, item);
    }

    return array;
}
