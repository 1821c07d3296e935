/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as JSON text.  What is read must be UTF-8, be written as a text
 * that reads as an equal value, survive a copy, and be refused with a piece of
 * another value behind it; what is refused must say why.
 */

#include "base/json.h"
#include "base/utf8.h"

#include "fuzz.h"


static void
check_value(base_arena_t *arena, const base_json_t *value)
{
    double              number;
    int64_t             whole;
    const base_json_t  *item;

    switch (value->type) {
    case BASE_JSON_STRING:
        check(base_utf8_valid(value->text, NULL));
        break;

    case BASE_JSON_NUMBER:
        if (base_json_to_int(value, &whole)) {
            check(base_json_to_double(value, &number));
            check(base_json_equal(value, base_json_int(arena, whole)));
        }
        break;

    case BASE_JSON_ARRAY:
    case BASE_JSON_OBJECT:
        base_json_each(item, value) {
            check(base_utf8_valid(item->key, NULL));
            check_value(arena, item);
        }
        break;

    default:
        break;
    }
}


static void
check_round(base_arena_t *arena, const base_json_t *value)
{
    base_buf_t    buf;
    base_json_t  *again;

    base_buf_init(&buf, arena, SIZE_MAX);

    base_json_write(&buf, value);
    check(!buf.failed);
    again = base_json_parse(arena, base_buf_str(&buf), NULL, NULL);
    check(again != NULL && base_json_equal(value, again));

    base_buf_add_char(&buf, '"');
    check(base_json_parse(arena, base_buf_str(&buf), NULL, NULL) == NULL);

    base_buf_init(&buf, arena, SIZE_MAX);
    base_json_write_pretty(&buf, value);
    check(!buf.failed);
    again = base_json_parse(arena, base_buf_str(&buf), NULL, NULL);
    check(again != NULL && base_json_equal(value, again));

    check(base_json_equal(value, base_json_copy(arena, value)));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    base_str_t         text = base_str((const char *) data, size);
    base_json_t       *value;
    base_arena_t       arena;
    base_json_error_t  error = { .status = BASE_JSON_OK };

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    value = base_json_parse(&arena, text, NULL, &error);

    if (value != NULL) {
        check(base_utf8_valid(text, NULL));
        check_value(&arena, value);
        check_round(&arena, value);

    } else {
        check(error.status != BASE_JSON_OK && error.reason != NULL
              && error.offset <= size);
    }

    base_arena_deinit(&arena);

    return 0;
}
