/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/event.h"
#include "orders/record.h"
#include "tap.h"


#define TIME   "2026-11-24T06:35:07.123Z"
#define LATER  "2026-11-24T06:35:08.456Z"


static base_str_t  stored[ORDERS_RECORD_FIELD_COUNT] = {
    [ORDERS_RECORD_VERSION] = BASE_STR_INIT("1"),
    [ORDERS_RECORD_USER_ID] = BASE_STR_INIT("u1"),
    [ORDERS_RECORD_STATUS] = BASE_STR_INIT("FAILED"),
    [ORDERS_RECORD_CREATED_AT] = BASE_STR_INIT(TIME),
    [ORDERS_RECORD_UPDATED_AT] = BASE_STR_INIT(LATER),
    [ORDERS_RECORD_ERROR_MESSAGE] = BASE_STR_INIT("card declined"),
    [ORDERS_RECORD_INPUT] = BASE_STR_INIT(
        "{\"name\":\"Soup\",\"quantity\":2,\"orderStatus\":\"SUCCESS\","
        "\"note\":{\"by\":[\"door\"]}}"),
    [ORDERS_RECORD_EXECUTION] = BASE_STR_INIT("{\"s\":1}"),
    [ORDERS_RECORD_WORKFLOW] = BASE_STR_INIT("00ff"),
};


static void
test_read(base_arena_t *arena)
{
    orders_record_t  record;

    is_int(orders_record_read(arena, BASE_STR("o1"), stored,
                              ORDERS_RECORD_FIELD_COUNT, &record),
           ORDERS_RECORD_OK, "a whole record is read");
    is_str(record.id, BASE_STR("o1"), "id");
    is_str(record.user_id, BASE_STR("u1"), "userId");
    is_int(record.status, ORDERS_STATUS_FAILED, "orderStatus");
    is_str(record.execution, BASE_STR("{\"s\":1}"), "execution");
    is_str(record.workflow, BASE_STR("00ff"), "workflow");

    is_int(orders_record_read(arena, BASE_STR("o1"), stored,
                              ORDERS_RECORD_PUBLIC_COUNT, &record),
           ORDERS_RECORD_OK, "the public fields alone are enough");
    is_int((int64_t) record.execution.len, 0, "and hold no execution");
}


static void
test_json(base_arena_t *arena)
{
    base_buf_t        buf;
    base_json_t      *order;
    orders_record_t   record;

    orders_record_read(arena, BASE_STR("o1"), stored,
                       ORDERS_RECORD_PUBLIC_COUNT, &record);
    order = orders_record_json(arena, &record);
    base_buf_init(&buf, arena, SIZE_MAX);
    base_json_write(&buf, order);
    is_str(base_buf_str(&buf), BASE_STR("{\"id\":\"o1\",\"name\":\"Soup\","
        "\"quantity\":2,\"note\":{\"by\":[\"door\"]},\"userId\":\"u1\","
        "\"orderStatus\":\"FAILED\",\"createdAt\":\"" TIME "\","
        "\"updatedAt\":\"" LATER "\",\"errorMessage\":\"card declined\"}"),
        "an Order has the input's members and the record's own, which win");

    base_buf_clear(&buf);
    orders_event_write(&buf, &record, order);
    ok(base_json_parse(arena, base_buf_str(&buf), NULL, NULL) != NULL,
       "an event is JSON");
    ok(base_str_starts(base_buf_str(&buf), BASE_STR("{\"v\":1,\"id\":\"o1\","
       "\"userId\":\"u1\",\"status\":\"FAILED\",\"at\":\"" LATER
       "\",\"order\":{\"id\":\"o1\",")), "with status, time and order");
}


static void
test_refused(base_arena_t *arena)
{
    static const struct {
        orders_record_field_t   field;
        base_str_t              value;
        orders_record_status_t  status;
        const char             *name;
    } cases[] = {
        { ORDERS_RECORD_VERSION, { NULL, 0 }, ORDERS_RECORD_ABSENT,
          "no version: there is no such order" },
        { ORDERS_RECORD_VERSION, BASE_STR_INIT("2"), ORDERS_RECORD_INVALID,
          "another version" },
        { ORDERS_RECORD_USER_ID, { NULL, 0 }, ORDERS_RECORD_INVALID,
          "nobody's order" },
        { ORDERS_RECORD_USER_ID, BASE_STR_INIT(""), ORDERS_RECORD_INVALID,
          "an order of a user without a name" },
        { ORDERS_RECORD_USER_ID, BASE_STR_INIT("\xff"), ORDERS_RECORD_INVALID,
          "a user that is not UTF-8" },
        { ORDERS_RECORD_CREATED_AT, { NULL, 0 }, ORDERS_RECORD_INVALID,
          "no time of its making" },
        { ORDERS_RECORD_CREATED_AT, BASE_STR_INIT("today"),
          ORDERS_RECORD_INVALID, "a time that is none" },
        { ORDERS_RECORD_UPDATED_AT, BASE_STR_INIT(TIME "\xff"),
          ORDERS_RECORD_INVALID, "a time with something behind it" },
        { ORDERS_RECORD_ERROR_MESSAGE, BASE_STR_INIT("\xed\xa0\x80"),
          ORDERS_RECORD_INVALID, "a message that is not UTF-8" },
        { ORDERS_RECORD_STATUS, BASE_STR_INIT("LOST"), ORDERS_RECORD_INVALID,
          "a status that is none" },
        { ORDERS_RECORD_STATUS, { NULL, 0 }, ORDERS_RECORD_INVALID,
          "no status" },
        { ORDERS_RECORD_INPUT, { NULL, 0 }, ORDERS_RECORD_INVALID,
          "no input" },
        { ORDERS_RECORD_INPUT, BASE_STR_INIT("{"), ORDERS_RECORD_INVALID,
          "input that is no JSON" },
        { ORDERS_RECORD_INPUT, BASE_STR_INIT("[]"), ORDERS_RECORD_INVALID,
          "input that is no object" },
    };

    size_t           i;
    base_str_t       values[ORDERS_RECORD_FIELD_COUNT];
    orders_record_t  record;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memcpy(values, stored, sizeof(values));
        values[cases[i].field] = cases[i].value;
        is_int(orders_record_read(arena, BASE_STR("o1"), values,
                                  ORDERS_RECORD_FIELD_COUNT, &record),
               cases[i].status, cases[i].name);
    }
}


static void
test_memory(void)
{
    int                     n;
    base_arena_t            arena;
    orders_record_t         record;
    orders_record_status_t  status;

    for (n = 1; n < 100; n++) {
        base_arena_init(&arena, 0, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&arena, n);
        status = orders_record_read(&arena, BASE_STR("o1"), stored,
                                    ORDERS_RECORD_FIELD_COUNT, &record);
        if (status == ORDERS_RECORD_OK
            && orders_record_json(&arena, &record) != NULL)
        {
            base_arena_deinit(&arena);
            break;
        }

        if (status != ORDERS_RECORD_OK && status != ORDERS_RECORD_NOMEM) {
            ok(false, "allocation %d fails with status %d", n, status);
        }

        base_arena_deinit(&arena);
    }

    ok(n > 1 && n < 100, "each failed allocation is reported (%d)", n - 1);
}


int
main(void)
{
    int              i;
    base_arena_t     arena;
    orders_status_t  status;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    test_read(&arena);
    test_json(&arena);
    test_refused(&arena);
    test_memory();

    for (i = 0; i < ORDERS_STATUS_COUNT; i++) {
        base_str_t  name = orders_status_name((orders_status_t) i);

        ok(orders_status_find(name, &status) && status == (orders_status_t) i,
           "status %.*s is found by its name", BASE_STR_ARG(name));
    }

    ok(!orders_status_find(BASE_STR("pending"), &status),
       "status names have their case");
    ok(!orders_status_terminal(ORDERS_STATUS_PENDING)
       && orders_status_terminal(ORDERS_STATUS_FAILED),
       "PENDING is open, FAILED is the end");

    base_arena_deinit(&arena);
    return done_testing();
}
