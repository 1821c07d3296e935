/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/timers.h"

#include "tap.h"


#define TIMERS  200


typedef struct {
    worker_timers_t   timers;
    uint64_t          now_ms;
    unsigned          fired;
    uint64_t          last_ms;
    bool              in_order;
    bool              again;        /* the timer starts itself */
    worker_timer_t    items[TIMERS];
    worker_timer_t   *victim;       /* to stop from within */
} scene_t;


static scene_t  scene;


static uint64_t
clock_ms(void *data)
{
    (void) data;
    return scene.now_ms;
}


static void
fired(void *data)
{
    worker_timer_t  *timer = data;

    scene.fired++;
    scene.in_order &= timer->due_ms >= scene.last_ms;
    scene.last_ms = timer->due_ms;

    if (scene.again) {
        (void) worker_timer_start(&scene.timers, timer, 0);
    }

    if (scene.victim != NULL) {
        worker_timer_stop(&scene.timers, scene.victim);
    }
}


static void
scene_open(void)
{
    size_t  i;

    scene = (scene_t) { .now_ms = 1000, .in_order = true };
    worker_timers_init(&scene.timers, clock_ms, NULL);
    for (i = 0; i < TIMERS; i++) {
        scene.items[i].fn = fired;
        scene.items[i].data = &scene.items[i];
    }
}


static void
test_order(void)
{
    size_t  i;

    scene_open();
    for (i = 0; i < TIMERS; i++) {
        (void) worker_timer_start(&scene.timers, &scene.items[i],
                                  (i * 7919) % 101);
    }

    is_int((int64_t) worker_timers_next_ms(&scene.timers), 1000,
           "the earliest timer is known");
    for (i = 0; i < TIMERS; i += 3) {
        worker_timer_stop(&scene.timers, &scene.items[i]);
    }

    ok(!worker_timer_running(&scene.items[0]), "a stopped timer does not run");
    ok(worker_timer_running(&scene.items[1]), "a started one does");

    scene.now_ms = 1050;
    worker_timers_fire(&scene.timers);
    ok(scene.fired > 0 && scene.last_ms <= 1050,
       "what is not due does not fire");

    scene.now_ms = 5000;
    worker_timers_fire(&scene.timers);
    is_int(scene.fired, TIMERS - (TIMERS + 2) / 3, "all others fire once");
    ok(scene.in_order, "in the order of their times");
    ok(worker_timers_next_ms(&scene.timers) == WORKER_TIMERS_NONE,
       "then none is running");
    worker_timers_deinit(&scene.timers);
}


static void
test_restart(void)
{
    scene_open();
    (void) worker_timer_start(&scene.timers, &scene.items[0], 10);
    (void) worker_timer_start(&scene.timers, &scene.items[0], 500);
    scene.now_ms = 1100;
    worker_timers_fire(&scene.timers);
    is_int(scene.fired, 0, "a timer that is started again has its new time");

    scene.again = true;
    scene.now_ms = 1500;
    worker_timers_fire(&scene.timers);
    is_int(scene.fired, 1, "one that starts itself waits for the next call");
    scene.now_ms = 1501;
    worker_timers_fire(&scene.timers);
    is_int(scene.fired, 2, "and fires then");
    worker_timers_deinit(&scene.timers);
}


static void
test_stop_within(void)
{
    scene_open();
    (void) worker_timer_start(&scene.timers, &scene.items[0], 1);
    (void) worker_timer_start(&scene.timers, &scene.items[1], 2);
    scene.victim = &scene.items[1];
    scene.now_ms = 2000;
    worker_timers_fire(&scene.timers);
    is_int(scene.fired, 1, "a timer stopped by an earlier one does not fire");
    worker_timer_stop(&scene.timers, &scene.items[1]);
    ok(!worker_timer_running(&scene.items[1]), "stopping twice is fine");
    worker_timers_deinit(&scene.timers);
}


int
main(void)
{
    test_order();
    test_restart();
    test_stop_within();

    return done_testing();
}
