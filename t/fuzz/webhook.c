/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as the body of a webhook and as the operator's idea of what it
 * means: two lines, and the body.
 *
 *     pointers to token, outcome, output, error, cause and id, with "|" between
 *     them; an id that is not there is none
 *     names of events, with "|" between them: success, failure, heartbeat, and
 *     so on; none: the outcomes' own names
 *
 * What the front door takes, written as a message, is one that a worker reads,
 * and the same.
 */

#include "base/buf.h"
#include "base/json_pointer.h"
#include "orders/message.h"
#include "orders/webhook.h"

#include "fuzz.h"


#define POINTERS    6
#define EVENTS_MAX  9


static bool
read_map(orders_webhook_map_t *map, orders_webhook_event_t *events,
    base_str_t pointers, base_str_t names)
{
    size_t       i;
    base_str_t  *places[POINTERS];

    *map = (orders_webhook_map_t) { .events = NULL };

    places[0] = &map->token;
    places[1] = &map->outcome;
    places[2] = &map->output;
    places[3] = &map->error;
    places[4] = &map->cause;
    places[5] = &map->id;

    for (i = 0; i < POINTERS; i++) {
        *places[i] = take_until(&pointers, '|');

        if (!base_json_pointer_valid(*places[i])) {
            return false;
        }
    }

    while (names.len > 0 && map->event_count < EVENTS_MAX) {
        i = map->event_count++;
        events[i].name = take_until(&names, '|');
        events[i].outcome = (orders_callback_outcome_t)
                            (i % ORDERS_CALLBACK_OUTCOME_COUNT);
        map->events = events;
    }

    return true;
}


static void
check_taken(base_arena_t *arena, const orders_callback_t *callback)
{
    base_buf_t          buf;
    base_str_t          reason;
    orders_message_t    message = { .kind = ORDERS_MESSAGE_CALLBACK };
    orders_callback_t   again;

    message.id = callback->id;
    message.created_at = BASE_STR("2026-11-24T06:35:07.123Z");
    message.input = orders_callback_json(arena, callback);
    check(message.input != NULL);

    base_buf_init(&buf, arena, SIZE_MAX);
    orders_message_write(&buf, &message);
    check(!buf.failed);

    check(orders_message_read(arena, base_buf_str(&buf), &message, &reason));
    check(orders_callback_read(message.input, &again, &reason));

    check(base_str_eq(again.id, callback->id));
    check(base_str_eq(again.token, callback->token));
    check(again.outcome == callback->outcome);
    check(base_str_eq(again.error, callback->error));
    check(base_str_eq(again.cause, callback->cause));
    check(base_str_eq(again.webhook_id, callback->webhook_id));
    check((again.output == NULL) == (callback->output == NULL));
    check(again.output == NULL
          || base_json_equal(again.output, callback->output));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    base_str_t              rest = base_str((const char *) data, size);
    base_str_t              pointers, names, reason = base_str(NULL, 0);
    base_json_t            *body;
    base_arena_t            arena;
    orders_callback_t       callback;
    orders_webhook_map_t    map;
    orders_webhook_event_t  events[EVENTS_MAX];

    pointers = take_until(&rest, '\n');
    names = take_until(&rest, '\n');

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    body = base_json_parse(&arena, rest, NULL, NULL);

    if (body != NULL && read_map(&map, events, pointers, names)) {
        switch (orders_webhook_read(&map, &arena, body, &callback, &reason)) {

        case ORDERS_WEBHOOK_TAKEN:
            check_taken(&arena, &callback);
            break;

        case ORDERS_WEBHOOK_IGNORED:
            check(map.events != NULL);
            break;

        default:
            check(reason.data != NULL && reason.len > 0);
        }
    }

    base_arena_deinit(&arena);

    return 0;
}
