/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * On a link that nobody serves: while it is connecting it takes commands, and
 * one that calls itself up but has no connection refuses them.
 */

#include "worker/queue/chores.h"

#include "redis/link_internal.h"
#include "tap.h"


static char           timer;
static rds_link_t    *link;
static rds_outcome_t  last;
static unsigned       ended;


static rds_timer_t *
timer_new(const rds_loop_t *loop, rds_timer_fn fn, void *data)
{
    (void) loop;
    (void) fn;
    (void) data;

    return (rds_timer_t *) (void *) &timer;
}


static void
timer_set(rds_timer_t *one, uint32_t after_ms, bool keep)
{
    (void) one;
    (void) after_ms;
    (void) keep;
}


static void
timer_ignore(rds_timer_t *one)
{
    (void) one;
}


static uint64_t
now_ms(const rds_loop_t *loop)
{
    (void) loop;
    return 1;
}


static const rds_loop_t  loop = {
    .timer_new = timer_new, .timer_set = timer_set,
    .timer_clear = timer_ignore, .timer_close = timer_ignore,
    .defer = timer_ignore, .now_ms = now_ms
};


static void
ended_handler(void *data, rds_outcome_t outcome, const rds_reply_t *reply)
{
    (void) data;
    (void) reply;

    last = outcome;
    ended++;
}


/* The second command is refused. */
static void
run(worker_chore_t *chore)
{
    worker_chores_t  *chores = chore->data;

    link->state = RDS_LINK_CONNECTING;
    worker_chores_command(chores, NULL, NULL, BASE_STR("MULTI"));
    link->state = RDS_LINK_UP;
    worker_chores_command(chores, NULL, NULL, BASE_STR("ZREM"),
                          BASE_STR("delayed"), BASE_STR("id"));
    link->state = RDS_LINK_CONNECTING;
    worker_chores_command(chores, NULL, NULL, BASE_STR("RPUSH"),
                          BASE_STR("resume"), BASE_STR("id"));
    worker_chores_command(chores, ended_handler, NULL, BASE_STR("EXEC"));
}


static void
run_nothing(worker_chore_t *chore)
{
    (void) chore;
    ended = 99;
}


int
main(void)
{
    worker_chore_t      chore = { .run = run }, next = { .run = run_nothing };
    worker_chores_t     chores = { 0 };
    rds_link_options_t  options = { .address = { .host = BASE_STR("x") } };

    link = rds_link_new(&loop, &options);
    chores.link = link;
    chore.data = &chores;
    link->state = RDS_LINK_UP;
    worker_chores_add(&chores, &chore);

    is_int((int64_t) rds_link_pending(link), 1,
           "behind a command that is refused nothing is sent: no EXEC makes a "
           "transaction of a part");
    ok(ended == 1 && last == RDS_UNSENT, "the chore hears of it");
    ok(chores.broken, "the link is to be replaced");

    worker_chores_done(&chores);
    link->state = RDS_LINK_UP;
    worker_chores_add(&chores, &next);
    is_int(ended, 1, "the next chore waits for that");
    chores.broken = false;
    worker_chores_run(&chores);
    is_int(ended, 99, "and then runs");

    rds_link_close(link);

    return done_testing();
}
