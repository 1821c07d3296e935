/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/commit.h"

#include <string.h>

#include "worker/execute/executor.h"
#include "worker/queue/intake.h"
#include "worker/worker.h"


#define WORKER_PAUSE_MS_MIN        50
#define WORKER_PAUSE_MS_MAX        1000
#define WORKER_LANE_BLOCK_BYTES    (16 * 1024)
#define WORKER_COMPLAIN_MS         60000    /* of the same refusal again */


static bool worker_lane_open(worker_lane_t *lane);
static void worker_lane_state_handler(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason);
static void worker_lane_turn(worker_lane_t *lane);
static void worker_lane_arm(worker_lane_t *lane);
static void worker_lane_commit(worker_lane_t *lane);
static void worker_lane_exec_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_lane_committed(worker_lane_t *lane,
    const rds_reply_t *reply);
static void worker_lane_check(worker_lane_t *lane,
    worker_execution_t *execution, const rds_reply_t *reply);
static void worker_lane_taken(worker_lane_t *lane, const rds_reply_t *reply);
static void worker_lane_undo(worker_lane_t *lane);
static void worker_lane_pause(worker_lane_t *lane, const rds_reply_t *reply);
static void worker_lane_complain(worker_t *worker, const rds_reply_t *reply);
static void worker_lane_pause_handler(void *data);
static void worker_lane_resumed(worker_lane_t *lane);
static void worker_lane_queued_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_lane_guard_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_lane_epoch_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);


void
worker_lanes_open(worker_t *worker)
{
    unsigned  i;

    for (i = 0; i < WORKER_LANES; i++) {
        if (!worker_lane_open(&worker->lanes[i])) {
            worker_renew(worker, "out of memory");
            return;
        }
    }
}


static bool
worker_lane_open(worker_lane_t *lane)
{
    base_arena_deinit(&lane->scratch);
    base_arena_init(&lane->scratch, WORKER_LANE_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);
    base_buf_deinit(&lane->text);
    base_buf_init(&lane->text, NULL, SIZE_MAX);

    lane->pause_timer.fn = worker_lane_pause_handler;
    lane->pause_timer.data = lane;
    lane->unread = (worker_execution_queue_t) { 0 };
    lane->ready = (worker_execution_queue_t) { 0 };
    lane->reading = 0;
    lane->watched = 0;
    lane->group_count = 0;
    lane->group_max = WORKER_GROUP_MAX;
    lane->take_count = 0;
    lane->undone = false;
    lane->unguarded = false;
    lane->verify = false;
    lane->paused = false;
    lane->pause_ms = 0;
    lane->state = WORKER_LANE_UNARMED;
    lane->link = worker_link_new(lane->worker, worker_lane_state_handler, lane);

    return lane->link != NULL;
}


void
worker_lanes_shut(worker_t *worker)
{
    unsigned        i;
    worker_lane_t  *lane;

    for (i = 0; i < WORKER_LANES; i++) {
        lane = &worker->lanes[i];
        lane->state = WORKER_LANE_SHUT;
        worker_timer_stop(&worker->timers, &lane->pause_timer);
        rds_link_close(lane->link);
        lane->link = NULL;
    }
}


void
worker_lanes_deinit(worker_t *worker)
{
    unsigned  i;

    for (i = 0; i < WORKER_LANES; i++) {
        base_arena_deinit(&worker->lanes[i].scratch);
        base_buf_deinit(&worker->lanes[i].text);
    }
}


void
worker_lanes_turn(worker_t *worker)
{
    unsigned  i;

    for (i = 0; i < WORKER_LANES; i++) {
        worker_lane_turn(&worker->lanes[i]);
    }
}


void
worker_lanes_verify(worker_t *worker)
{
    worker->lanes[0].verify = true;
}


bool
worker_lanes_quiet(const worker_t *worker)
{
    unsigned  i;

    for (i = 0; i < WORKER_LANES; i++) {
        if (worker->lanes[i].state == WORKER_LANE_COMMITTING) {
            return false;
        }
    }

    return true;
}


void
worker_lane_ready(worker_execution_t *execution)
{
    worker_lane_t  *lane = execution->lane;

    execution->phase = WORKER_PHASE_READY;
    if (execution->watched) {
        worker_execution_queue_add_first(&lane->ready, execution);
        lane->watched++;
    } else {
        worker_execution_queue_add(&lane->ready, execution);
    }
}


/* A connection that is lost may have taken a transaction with it.  (A link
 * that was told to close does not come here with state UP or COMMITTING.) */
static void
worker_lane_state_handler(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason)
{
    worker_lane_t  *lane = data;

    (void) link;

    if (lane->state != WORKER_LANE_SHUT && state != RDS_LINK_UP) {
        worker_renew(lane->worker, reason);
    }
}


static void
worker_lane_turn(worker_lane_t *lane)
{
    if (lane->state == WORKER_LANE_SHUT || lane->paused
        || lane->state == WORKER_LANE_COMMITTING
        || rds_link_state(lane->link) != RDS_LINK_UP)
    {
        return;
    }

    if (lane->state == WORKER_LANE_UNARMED
        || (lane->verify && lane->state == WORKER_LANE_ARMED
            && lane->reading == 0))
    {
        worker_lane_arm(lane);
    }

    if (lane->unread.count > 0 && lane->reading == 0 && lane->watched == 0) {
        worker_intake_read(lane);
    }

    if (lane->state == WORKER_LANE_ARMED && lane->reading == 0) {
        worker_lane_commit(lane);
    }
}


/* A second WATCH of the same key changes nothing, and forgets no other. */
static void
worker_lane_arm(worker_lane_t *lane)
{
    base_str_t  key = lane->worker->consumer.epoch_key;
    base_str_t  watch[] = { BASE_STR("WATCH"), key };
    base_str_t  get[] = { BASE_STR("GET"), key };

    lane->verify = false;
    lane->unguarded = false;
    lane->state = lane->state == WORKER_LANE_COMMITTING
                      ? WORKER_LANE_COMMITTING : WORKER_LANE_ARMING;

    if (rds_link_send(lane->link, watch, 2, worker_lane_guard_handler, lane)
           == NULL
        || rds_link_send(lane->link, get, 2, worker_lane_epoch_handler, lane)
           == NULL)
    {
        worker_renew(lane->worker, "out of memory");
    }
}


/* One transaction with all that is ready, and with what there is room to
 * take. */
static void
worker_lane_commit(worker_lane_t *lane)
{
    unsigned             i, k;
    worker_t            *worker = lane->worker;
    base_str_t           exec[] = { BASE_STR("EXEC") };
    worker_execution_t  *execution;

    lane->take_count = worker_consumer_takes(&worker->consumer, lane->takes,
                                             lane->group_max);
    if (lane->ready.count == 0 && lane->take_count == 0) {
        return;
    }

    base_arena_reset(&lane->scratch);
    lane->state = WORKER_LANE_COMMITTING;
    lane->undone = false;
    lane->group_count = 0;
    lane->watched = 0;
    worker_lane_say(lane, BASE_STR("MULTI"));
    lane->commands = 0;

    while (lane->ready.count > 0 && lane->group_count < lane->group_max) {
        execution = worker_execution_queue_take(&lane->ready);
        execution->phase = WORKER_PHASE_COMMITTING;
        execution->command_first = lane->commands;
        lane->group[lane->group_count++] = execution;

        if (!worker_commit_write(lane, execution)) {
            worker_renew(worker, "out of memory");
            return;
        }

        execution->command_count = lane->commands - execution->command_first;
    }

    for (i = 0; i < lane->take_count; i++) {
        base_str_t  list = worker_list_key(worker, lane->takes[i].list);

        for (k = 0; k < lane->takes[i].count; k++) {
            worker_lane_say(lane, BASE_STR("LMOVE"), list,
                            worker->consumer.processing, BASE_STR("LEFT"),
                            BASE_STR("RIGHT"));
        }
    }

    if (rds_link_send(lane->link, exec, 1, worker_lane_exec_handler, lane)
        == NULL)
    {
        worker_renew(worker, "out of memory");
        return;
    }

    worker_lane_arm(lane);
}


void
worker_lane_command(worker_lane_t *lane, const base_str_t *argv, size_t argc)
{
    lane->commands++;
    if (rds_link_send(lane->link, argv, argc, worker_lane_queued_handler, lane)
        == NULL)
    {
        worker_renew(lane->worker, "out of memory");
    }
}


/* "QUEUED", or the reason why EXEC will be refused. */
static void
worker_lane_queued_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_lane_t  *lane = data;

    if (outcome == RDS_REPLIED && rds_reply_is_error(reply)) {
        worker_lane_pause(lane, reply);
    }
}


static void
worker_lane_exec_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_lane_t  *lane = data;

    if (outcome != RDS_REPLIED || lane->state == WORKER_LANE_SHUT) {
        return;                     /* see worker_lane_state_handler() */
    }

    if (rds_reply_is_error(reply)) {
        worker_lane_pause(lane, reply);
        lane->group_max = lane->group_max / 2 > 0 ? lane->group_max / 2 : 1;
        worker_lane_undo(lane);

    } else if (reply->type == REDIS_REPLY_NIL) {
        lane->undone = true;

    } else {
        worker_lane_resumed(lane);
        worker_lane_committed(lane, reply);
    }
}


static void
worker_lane_committed(worker_lane_t *lane, const rds_reply_t *reply)
{
    size_t               i;
    worker_execution_t  *execution;

    for (i = 0; i < lane->group_count; i++) {
        execution = lane->group[i];
        worker_lane_check(lane, execution, reply);
        worker_executor_committed(execution);
    }

    lane->group_count = 0;
    worker_lane_taken(lane, reply);
}


/*
 * A command may fail inside a transaction that is otherwise executed, when
 * something foreign stands under a key of ours (WRONGTYPE).  The order cannot
 * go on like that: a dead letter says so.
 */
static void
worker_lane_check(worker_lane_t *lane, worker_execution_t *execution,
    const rds_reply_t *reply)
{
    size_t              i;
    const rds_reply_t  *answer;

    for (i = 0; i < execution->command_count; i++) {
        answer = rds_reply_at(reply, execution->command_first + i);

        if (rds_reply_is_error(answer)) {
            worker_log(&lane->worker->log, WORKER_LOG_ERROR,
                       "order %.*s: redis refused one of its commands: %.*s",
                       BASE_STR_ARG(execution->id),
                       BASE_STR_ARG(rds_reply_str(answer)));
            worker_executor_give_up(execution, BASE_STR("Redis.Refused"),
                                    rds_reply_str(answer));
            return;
        }
    }
}


static void
worker_lane_taken(worker_lane_t *lane, const rds_reply_t *reply)
{
    size_t              at = lane->commands;
    unsigned            i, k, taken;
    worker_take_t      *take;
    const rds_reply_t  *answer;

    for (i = 0; i < lane->take_count; i++) {
        at -= lane->takes[i].count;
    }

    for (i = 0; i < lane->take_count; i++) {
        take = &lane->takes[i];
        taken = 0;

        for (k = 0; k < take->count; k++) {
            answer = rds_reply_at(reply, at++);
            if (answer != NULL && answer->type == REDIS_REPLY_STRING) {
                taken++;
                worker_intake_taken(lane, take->list, rds_reply_str(answer));
            }
        }

        worker_consumer_took(&lane->worker->consumer, take, taken);
    }

    lane->take_count = 0;
}


/*
 * Nothing of the group was done.  What was read under a WATCH has to be read
 * again, also what was made ready since; the rest is tried as it is.
 */
static void
worker_lane_undo(worker_lane_t *lane)
{
    size_t                     i, count;
    worker_execution_t        *execution;
    worker_execution_queue_t   ready = lane->ready;

    lane->watched = 0;
    lane->ready = (worker_execution_queue_t) { 0 };
    count = lane->group_count + ready.count;

    for (i = 0; i < count; i++) {
        execution = i < lane->group_count ? lane->group[i]
                                          : worker_execution_queue_take(&ready);
        worker_executor_undone(execution);
    }

    for (i = 0; i < lane->take_count; i++) {
        worker_consumer_took(&lane->worker->consumer, &lane->takes[i], 0);
    }

    lane->group_count = 0;
    lane->take_count = 0;
    worker_consumer_look(&lane->worker->consumer);
}


static void
worker_lane_pause(worker_lane_t *lane, const rds_reply_t *reply)
{
    worker_t  *worker = lane->worker;

    if (lane->paused || lane->state == WORKER_LANE_SHUT) {
        return;
    }

    lane->pause_ms = lane->pause_ms == 0 ? WORKER_PAUSE_MS_MIN
                                         : 2 * lane->pause_ms;
    if (lane->pause_ms > WORKER_PAUSE_MS_MAX) {
        lane->pause_ms = WORKER_PAUSE_MS_MAX;
    }

    if (!worker->refused) {
        worker->refused = true;
        worker_lane_complain(worker, reply);
    }

    lane->paused = true;
    if (!worker_timer_start(&worker->timers, &lane->pause_timer,
                            lane->pause_ms))
    {
        lane->paused = false;
    }
}


/* Not the same again and again where redis is at the brink. */
static void
worker_lane_complain(worker_t *worker, const rds_reply_t *reply)
{
    uint64_t    now_ms = uv_now(&worker->loop);
    base_str_t  code = rds_reply_error_code(reply);

    if (code.len >= sizeof(worker->refusal)) {
        code.len = sizeof(worker->refusal) - 1;
    }

    worker->refusal_told = !base_str_eq_c(code, worker->refusal)
                           || now_ms >= worker->refusal_told_ms
                                        + WORKER_COMPLAIN_MS;
    if (!worker->refusal_told) {
        return;
    }

    memcpy(worker->refusal, code.data, code.len);
    worker->refusal[code.len] = '\0';
    worker->refusal_told_ms = now_ms;
    worker_log(&worker->log, WORKER_LOG_ERROR,
               "redis refuses to commit, orders wait until it does: %s%.*s",
               worker_refusal_hint(reply), BASE_STR_ARG(rds_reply_str(reply)));
}


static void
worker_lane_resumed(worker_lane_t *lane)
{
    unsigned   i;
    worker_t  *worker = lane->worker;

    lane->pause_ms = 0;
    if (lane->group_max < WORKER_GROUP_MAX) {
        lane->group_max *= 2;
    }

    for (i = 0; i < WORKER_LANES; i++) {
        if (worker->lanes[i].paused) {
            return;
        }
    }

    if (worker->refused && worker->refusal_told) {
        worker_log(&worker->log, WORKER_LOG_NOTICE, "redis commits again");
    }

    worker->refused = false;
}


static void
worker_lane_pause_handler(void *data)
{
    worker_lane_t  *lane = data;

    lane->paused = false;
}


/* Without it GET proves nothing. */
static void
worker_lane_guard_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_lane_t  *lane = data;

    if (outcome == RDS_REPLIED && rds_reply_is_error(reply)) {
        lane->unguarded = true;
        worker_lane_pause(lane, reply);
    }
}


static void
worker_lane_epoch_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_lane_t  *lane = data;
    worker_t       *worker = lane->worker;

    if (outcome != RDS_REPLIED || lane->state == WORKER_LANE_SHUT) {
        return;
    }

    if (rds_reply_is_error(reply) || lane->unguarded) {
        worker_lane_pause(lane, reply);
        if (lane->undone) {
            lane->undone = false;
            worker_lane_undo(lane);
        }

        lane->state = WORKER_LANE_UNARMED;
        return;
    }

    if (!base_str_eq(rds_reply_str(reply), worker->consumer.epoch)) {
        worker_renew(worker, "another worker has taken over");
        return;
    }

    if (lane->undone) {
        lane->undone = false;
        worker_lane_undo(lane);
    }

    lane->state = WORKER_LANE_ARMED;
}
