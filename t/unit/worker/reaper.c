/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/reaper.h"

#include "worker/queue/consumer.h"

#include "tap.h"


static uint64_t
since(const worker_look_t *look, const char *id)
{
    size_t  i;

    for (i = 0; i < look->count; i++) {
        if (base_str_eq_c(look->items[i].id, id)) {
            return look->items[i].since_ms;
        }
    }

    return 0;
}


static void
beats_count(void)
{
    worker_beats_t  beats = { 0 };

    is_int((int64_t) worker_beats_since_ms(&beats, 600, 50), 0,
           "before the first heartbeat nothing is known");

    beats.asked_ms = 100;
    worker_beats_answered(&beats, true, 600, 130);
    beats.asked_ms = 300;
    worker_beats_answered(&beats, true, 600, 700);
    is_int((int64_t) worker_beats_since_ms(&beats, 600, 800), 130,
           "a slow redis takes heartbeats all the same");
    is_int((int64_t) worker_beats_since_ms(&beats, 600, 901), 0,
           "but not one that answers none for the time of a lease");

    beats.asked_ms = 1000;
    worker_beats_answered(&beats, true, 600, 1050);
    is_int((int64_t) worker_beats_since_ms(&beats, 600, 1060), 1050,
           "after such a break the time begins anew");

    beats.asked_ms = 1200;
    worker_beats_answered(&beats, false, 600, 1210);
    is_int((int64_t) worker_beats_since_ms(&beats, 600, 1220), 0,
           "a refusal ends it");
}


int
main(void)
{
    worker_look_t     looks[3];
    const base_str_t  first[] = {
        BASE_STR_INIT("a"), BASE_STR_INIT("100"),
        BASE_STR_INIT("b"), BASE_STR_INIT("100"),
    };
    const base_str_t  second[] = {
        BASE_STR_INIT("b"), BASE_STR_INIT("100"),
        BASE_STR_INIT("a"), BASE_STR_INIT("200"),
        BASE_STR_INIT("c"), BASE_STR_INIT("100"),
    };
    const base_str_t  third[] = {
        BASE_STR_INIT("a"), BASE_STR_INIT("100"),
        BASE_STR_INIT("b"), BASE_STR_INIT("100"),
    };
    size_t            i;

    for (i = 0; i < 3; i++) {
        looks[i] = (worker_look_t) { 0 };
        base_arena_init(&looks[i].memory, 4096, BASE_ARENA_UNLIMITED);
    }

    ok(worker_look_keep(&looks[0], &looks[2], first, 2, 10), "a first look");
    is_int((int64_t) since(&looks[0], "a"), 10, "what is new is of now");

    ok(worker_look_keep(&looks[1], &looks[0], second, 3, 20), "a second look");
    is_int((int64_t) since(&looks[1], "b"), 10,
           "a lease that did not change is of then");
    is_int((int64_t) since(&looks[1], "a"), 20, "a renewed one is of now");
    is_int((int64_t) since(&looks[1], "c"), 20, "a new consumer too");

    ok(worker_look_keep(&looks[2], &looks[1], third, 2, 30), "a third look");
    is_int((int64_t) since(&looks[2], "a"), 30,
           "a lease that stepped back is renewed as well");
    is_int((int64_t) since(&looks[2], "b"), 10, "silence goes on");
    is_int((int64_t) looks[2].count, 2, "who has gone is forgotten");

    is_int((int64_t) worker_look_silent_ms(&looks[2].items[1], 5, 90), 80,
           "who has not renewed since then has been silent since then");
    is_int((int64_t) worker_look_silent_ms(&looks[2].items[1], 60, 90), 30,
           "but not while we could not renew ours");
    is_int((int64_t) worker_look_silent_ms(&looks[2].items[1], 0, 90), 0,
           "nobody is silent while our heartbeats are refused");
    is_int((int64_t) worker_look_silent_ms(&looks[2].items[0], 5, 25), 0,
           "a question that is older than the answer proves nothing");

    ok(worker_look_keep(&looks[0], &looks[2], NULL, 0, 40)
       && looks[0].count == 0, "nobody is there");

    beats_count();

    for (i = 0; i < 3; i++) {
        base_arena_deinit(&looks[i].memory);
    }

    return done_testing();
}
