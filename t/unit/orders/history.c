/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include "orders/history.h"


#define AT  1795502107123               /* 2026-11-24T06:35:07.123Z */


static base_arena_t  arena;
static base_str_t    none;


static base_str_t
shown(base_str_t history)
{
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_json_write(&buf, orders_history_json(&arena, history));
    return base_buf_str(&buf);
}


static void
test_add(void)
{
    base_str_t  history = BASE_STR("");

    is_str(shown(history), BASE_STR("[]"), "no history is an empty list");

    history = orders_history_add(&arena, history, ORDERS_STATUS_PENDING, AT,
                                 none);
    is_str(history, BASE_STR("[[\"PENDING\",1795502107123]]"),
           "the first entry");

    is_str(orders_history_add(&arena, history, ORDERS_STATUS_PENDING, AT + 1,
                              none),
           history, "the same status again is no change");

    history = orders_history_add(&arena, history, ORDERS_STATUS_FAILED,
                                 AT + 1000, BASE_STR("no \"funds\""));
    is_str(history,
           BASE_STR("[[\"PENDING\",1795502107123],"
                    "[\"FAILED\",1795502108123,\"no \\\"funds\\\"\"]]"),
           "another one, with a reason");

    is_str(shown(history),
           BASE_STR("[{\"status\":\"PENDING\","
                    "\"at\":\"2026-11-24T06:35:07.123Z\",\"reason\":null},"
                    "{\"status\":\"FAILED\","
                    "\"at\":\"2026-11-24T06:35:08.123Z\","
                    "\"reason\":\"no \\\"funds\\\"\"}]"),
           "what clients see of it");

    history = orders_history_add(&arena, history, ORDERS_STATUS_FAILED,
                                 AT + 2000, BASE_STR("another"));
    ok(memmem(history.data, history.len, "another", 7) != NULL,
       "the same status with a reason is a change");
}


static void
test_bounds(void)
{
    int           i;
    char          long_reason[ORDERS_HISTORY_REASON_BYTES_MAX + 2];
    base_str_t    history = BASE_STR("");
    base_json_t  *array;

    for (i = 0; i < 3 * ORDERS_HISTORY_MAX; i++) {
        history = orders_history_add(&arena, history,
                                     i % 2 == 0 ? ORDERS_STATUS_PENDING
                                                : ORDERS_STATUS_SUCCESS,
                                     AT + i, none);
        array = base_json_parse(&arena, history, NULL, NULL);
        if (i + 1 == ORDERS_HISTORY_MAX) {
            is_int(array->count, ORDERS_HISTORY_MAX, "as many as there may be");
        }
    }

    is_int(array->count, ORDERS_HISTORY_MAX, "and no more");
    ok(base_str_eq_c(base_json_at(base_json_at(array, 0), 1)->text,
                     "1795502107123"), "the first stays");
    ok(base_str_eq_c(base_json_at(array->members.last, 1)->text,
                     "1795502107218"), "and the latest");

    memset(long_reason, 'x', sizeof(long_reason));
    memcpy(long_reason + ORDERS_HISTORY_REASON_BYTES_MAX - 1, "\xc3\xa9", 2);
    history = orders_history_add(&arena, BASE_STR(""), ORDERS_STATUS_FAILED,
                                 AT, base_str(long_reason,
                                              sizeof(long_reason)));
    array = base_json_parse(&arena, history, NULL, NULL);
    is_int((int64_t) base_json_at(base_json_at(array, 0), 2)->text.len,
           ORDERS_HISTORY_REASON_BYTES_MAX - 1,
           "a long reason is cut, but no character");
}


static void
test_unreadable(void)
{
    static const char *const  texts[] = {
        "{", "{}", "null", "\"x\"", "[1,null,{},[],[1],[\"x\"],[\"x\",\"y\"]]",
    };

    size_t  i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        is_str(shown(base_str_c(texts[i])), BASE_STR("[]"), texts[i]);
        ok(orders_history_add(&arena, base_str_c(texts[i]),
                              ORDERS_STATUS_PENDING, AT, none).data != NULL,
           "... may be added to");
    }
}


static void
test_no_memory(void)
{
    int64_t       n;
    base_str_t    added;
    base_arena_t  small;
    base_json_t  *array;

    for (n = 1; n < 100; n++) {
        base_arena_init(&small, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&small, n);
        added = orders_history_add(&small, BASE_STR("[[\"PENDING\",1]]"),
                                   ORDERS_STATUS_FAILED, AT, BASE_STR("x"));
        array = added.data == NULL ? NULL : orders_history_json(&small, added);
        base_arena_deinit(&small);

        if (array != NULL) {
            break;
        }
    }

    ok(n > 5 && n < 100, "each allocation may fail, until it passes");
}


int
main(void)
{
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    test_add();
    test_bounds();
    test_unreadable();
    test_no_memory();

    base_arena_deinit(&arena);
    return done_testing();
}
