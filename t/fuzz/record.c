/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An order's hash with any values.  The first line of the input is the id; each
 * further line is a field of the record, in the table's order: "=" and the
 * value, anything else where the hash has no such field.
 *
 * A record that is read makes an Order and an event: JSON in which the record's
 * own fields win over those of its input.
 */

#include "base/utf8.h"
#include "orders/event.h"
#include "orders/record.h"

#include "fuzz.h"


/* The events hold the Order one level deeper than it is itself. */
static const base_json_limits_t  record_limits = {
    .depth_max = BASE_JSON_DEPTH_MAX_DEFAULT + 1
};


static base_str_t
record_line(base_str_t *text)
{
    base_str_t   line = *text;
    const char  *end = NULL;

    if (line.len > 0) {
        end = memchr(line.data, '\n', line.len);
    }

    if (end == NULL) {
        *text = base_str(NULL, 0);
        return line;
    }

    line.len = (size_t) (end - line.data);
    *text = base_str(end + 1, text->len - line.len - 1);
    return line;
}


static size_t
record_values(base_str_t text, base_str_t *values)
{
    size_t      count;
    base_str_t  line;

    for (count = 0; count < ORDERS_RECORD_FIELD_COUNT; count++) {
        if (text.data == NULL) {
            break;
        }

        line = record_line(&text);
        values[count] = base_str_starts(line, BASE_STR("="))
                        ? base_str(line.data + 1, line.len - 1)
                        : base_str(NULL, 0);
    }

    return count;
}


/* What clients are told; the id is the caller's matter. */
static bool
record_is_text(const orders_record_t *record)
{
    return base_utf8_valid(record->user_id, NULL)
           && base_utf8_valid(record->created_at, NULL)
           && base_utf8_valid(record->updated_at, NULL)
           && base_utf8_valid(record->error_message, NULL);
}


static void
check_order(const base_json_t *order, const orders_record_t *record)
{
    const base_json_t  *message;

    check(base_str_eq(base_json_get_str(order, BASE_STR("id")), record->id));
    check(base_str_eq(base_json_get_str(order, BASE_STR("userId")),
                      record->user_id));
    check(base_str_eq(base_json_get_str(order, BASE_STR("orderStatus")),
                      orders_status_name(record->status)));
    check(base_str_eq(base_json_get_str(order, BASE_STR("createdAt")),
                      record->created_at));
    check(base_str_eq(base_json_get_str(order, BASE_STR("updatedAt")),
                      record->updated_at));

    message = base_json_get(order, BASE_STR("errorMessage"));
    check((message == NULL) == (record->error_message.data == NULL));
    check(message == NULL
          || base_str_eq(message->text, record->error_message));
}


static void
check_record(base_arena_t *arena, const orders_record_t *record)
{
    base_buf_t          buf;
    base_json_t        *order;
    const base_json_t  *event, *entry;

    check(record->status < ORDERS_STATUS_COUNT);
    check(record_is_text(record));
    check(record->input != NULL && record->input->type == BASE_JSON_OBJECT);

    order = orders_record_json(arena, record);
    check(order != NULL);
    check_order(order, record);
    check(orders_record_add_history(arena, order, record));

    base_json_each(entry, base_json_get(order, BASE_STR("history"))) {
        check(entry->count == 3);
    }

    base_buf_init(&buf, arena, SIZE_MAX);
    orders_event_write(&buf, record, order);
    check(!buf.failed);

    if (base_utf8_valid(record->id, NULL)) {
        event = base_json_parse(arena, base_buf_str(&buf), &record_limits,
                                NULL);
        check(event != NULL);
        check(base_json_equal(base_json_get(event, BASE_STR("order")), order));
        check(base_str_eq(base_json_get_str(event, BASE_STR("status")),
                          orders_status_name(record->status)));
    }
}


/* The same with the n-th allocation failing: reported, or not needed. */
static void
check_no_memory(base_str_t id, const base_str_t *values, size_t count,
    int64_t n)
{
    base_arena_t            arena;
    orders_record_t         record;
    orders_record_status_t  status;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_arena_fail_after(&arena, n);

    status = orders_record_read(&arena, id, values, count, &record);
    check(status == ORDERS_RECORD_OK || status == ORDERS_RECORD_NOMEM);
    if (status == ORDERS_RECORD_OK) {
        (void) orders_record_json(&arena, &record);
    }

    base_arena_deinit(&arena);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                  count;
    base_str_t              text = base_str((const char *) data, size);
    base_str_t              id, values[ORDERS_RECORD_FIELD_COUNT];
    base_arena_t            arena;
    orders_record_t         record;
    orders_record_status_t  status;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    id = record_line(&text);
    count = record_values(text, values);
    status = orders_record_read(&arena, id, values, count, &record);

    check((status == ORDERS_RECORD_ABSENT)
          == (count == 0 || values[ORDERS_RECORD_VERSION].data == NULL));
    check(status != ORDERS_RECORD_NOMEM);

    if (status == ORDERS_RECORD_OK) {
        check_record(&arena, &record);
        check_no_memory(id, values, count, (int64_t) (size % 32 + 1));
    }

    base_arena_deinit(&arena);

    return 0;
}
