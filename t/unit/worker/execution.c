/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/execution.h"

#include "tap.h"


#define LIVE_MAX  40


static base_str_t
id_of(unsigned n, char *text)
{
    (void) snprintf(text, BASE_UUID_TEXT_BYTES + 1,
                    "019ac0de-0000-7000-8000-%012x", n);
    return base_str(text, BASE_UUID_TEXT_BYTES);
}


static void
test_pool(void)
{
    char                  text[BASE_UUID_TEXT_BYTES + 1];
    unsigned              i, found = 0;
    worker_executions_t   executions;
    worker_execution_t   *live[LIVE_MAX], *more;

    ok(worker_executions_init(&executions, LIVE_MAX), "a pool is made");

    for (i = 0; i < LIVE_MAX; i++) {
        live[i] = worker_execution_take(&executions, NULL, NULL);
        (void) worker_execution_set_text(live[i], BASE_STR("message"));
        worker_execution_name(&executions, live[i], id_of(i, text));
    }

    (void) worker_execution_set_text(live[0], BASE_STR("another one"));
    is_str(base_buf_str(&live[0]->text), BASE_STR("another one"),
           "a message takes the place of another");
    is_int((int64_t) executions.bytes, LIVE_MAX * 7 + 4,
           "and what is held is counted");

    is_int((int64_t) worker_executions_room(&executions), 0,
           "no more are to be taken than allowed");
    worker_execution_set_fate(live[3], WORKER_FATE_END);
    worker_execution_set_fate(live[3], WORKER_FATE_DEAD);
    is_int((int64_t) worker_executions_room(&executions), 1,
           "one that leaves makes room");
    worker_execution_set_fate(live[3], WORKER_FATE_KEEP);
    is_int((int64_t) worker_executions_room(&executions), 0,
           "until it stays after all");

    worker_execution_set_fate(live[3], WORKER_FATE_PARK);
    more = worker_execution_take(&executions, NULL, NULL);
    is_int((int64_t) worker_executions_room(&executions), 0,
           "the one that came instead counts");
    worker_execution_give(&executions, more);
    worker_execution_set_fate(live[3], WORKER_FATE_KEEP);

    for (i = 0; i < LIVE_MAX; i++) {
        found += worker_execution_find(&executions, id_of(i, text)) == live[i];
    }

    is_int(found, LIVE_MAX, "each is found by its id");
    ok(worker_execution_find(&executions, id_of(99, text)) == NULL,
       "another is not");

    for (i = 0; i < LIVE_MAX; i += 2) {
        worker_execution_give(&executions, live[i]);
    }

    for (i = 0, found = 0; i < LIVE_MAX; i++) {
        found += worker_execution_find(&executions, id_of(i, text)) != NULL;
    }

    is_int(found, LIVE_MAX / 2, "what was given back is not found");
    is_int((int64_t) executions.live, LIVE_MAX / 2, "nor counted");

    live[0] = worker_execution_take(&executions, NULL, NULL);
    ok(live[0]->text.len == 0 && live[0]->id.len == 0 && !live[0]->named,
       "a recycled one is clean");

    for (i = 1; i < LIVE_MAX; i += 2) {
        worker_execution_give(&executions, live[i]);
    }

    worker_execution_give(&executions, live[0]);
    worker_executions_deinit(&executions);
}


static void
test_queue(void)
{
    worker_execution_t        a = { 0 }, b = { 0 }, c = { 0 };
    worker_execution_queue_t  queue = { 0 };

    ok(worker_execution_queue_take(&queue) == NULL, "an empty queue");
    worker_execution_queue_add(&queue, &a);
    worker_execution_queue_add(&queue, &b);
    worker_execution_queue_add(&queue, &c);
    is_int((int64_t) queue.count, 3, "three are in it");
    ok(worker_execution_queue_take(&queue) == &a, "the first");
    ok(worker_execution_queue_take(&queue) == &b, "then in order");
    ok(worker_execution_queue_take(&queue) == &c, "to the last");
    worker_execution_queue_add(&queue, &a);
    ok(worker_execution_queue_take(&queue) == &a && queue.count == 0,
       "an emptied queue is used again");
}


int
main(void)
{
    test_pool();
    test_queue();

    return done_testing();
}
