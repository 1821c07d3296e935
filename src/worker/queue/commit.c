/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/commit.h"

#include "worker/execute/executor.h"
#include "worker/queue/intake.h"
#include "worker/worker.h"


#define WORKER_LANE_BLOCK_BYTES  (16 * 1024)
#define WORKER_GROUP_BYTES       (16 * 1024 * 1024)     /* the last execution
                                                           may go beyond */


static bool worker_lane_open(worker_lane_t *lane);
static void worker_lane_state_handler(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason);
static void worker_lane_turn(worker_lane_t *lane);
static bool worker_lane_only_ends(const worker_lane_t *lane);
static void worker_lane_arm(worker_lane_t *lane);
static void worker_lane_commit(worker_lane_t *lane);
static bool worker_lane_write_group(worker_lane_t *lane);
static void worker_lane_leave(worker_lane_t *lane);
static void worker_lane_write_takes(worker_lane_t *lane);
static void worker_lane_exec_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static void worker_lane_committed(worker_lane_t *lane,
    const rds_reply_t *reply);
static void worker_lane_refused(worker_lane_t *lane,
    worker_execution_t *execution, const rds_reply_t *refusal);
static const rds_reply_t *worker_lane_refusal(
    const worker_execution_t *execution, const rds_reply_t *reply);
static void worker_lane_taken(worker_lane_t *lane, const rds_reply_t *reply);
static void worker_lane_undo(worker_lane_t *lane);
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

    worker_lane_outage_init(lane);
    lane->unread = (worker_execution_queue_t) { 0 };
    lane->ready = (worker_execution_queue_t) { 0 };
    lane->fresh = (worker_execution_queue_t) { 0 };
    lane->reading = 0;
    lane->group_count = 0;
    lane->take_count = 0;
    lane->undone = false;
    lane->unguarded = false;
    lane->verify = false;
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
    worker_execution_queue_add(execution->watched ? &lane->fresh : &lane->ready,
                               execution);
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

    if (lane->unread.count > 0 && lane->reading == 0
        && lane->fresh.count == 0 && !worker_lane_only_ends(lane))
    {
        worker_intake_read(lane);
    }

    if (lane->state == WORKER_LANE_ARMED && lane->reading == 0) {
        worker_lane_commit(lane);
    }
}


/* While Redis refuses to write, what was begun comes before what is new: it is
 * memory that may be short, and each end gives some back. */
static bool
worker_lane_only_ends(const worker_lane_t *lane)
{
    return lane->worker->refused && lane->ready.count > 0;
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
    worker_t    *worker = lane->worker;
    base_str_t   exec[] = { BASE_STR("EXEC") };

    lane->take_count = worker_lane_only_ends(lane)
                           ? 0 : worker_consumer_takes(&worker->consumer,
                                                       lane->takes,
                                                       lane->group_max);
    if (lane->fresh.count + lane->ready.count == 0 && lane->take_count == 0) {
        return;
    }

    base_arena_reset(&lane->scratch);
    lane->state = WORKER_LANE_COMMITTING;
    lane->undone = false;
    worker_lane_say(lane, BASE_STR("MULTI"));
    lane->commands = 0;
    lane->bytes = 0;

    if (!worker_lane_write_group(lane)
        || !worker_gather_write(&lane->gather, lane)
        || !worker_tally_write(&lane->tally, lane))
    {
        worker_renew(worker, "out of memory");
        return;
    }

    worker_lane_write_takes(lane);

    if (rds_link_send(lane->link, exec, 1, worker_lane_exec_handler, lane)
        == NULL)
    {
        worker_renew(worker, "out of memory");
        return;
    }

    worker_lane_arm(lane);
}


/* False when out of memory. */
static bool
worker_lane_write_group(worker_lane_t *lane)
{
    worker_execution_t  *execution;

    lane->group_count = 0;
    worker_gather_begin(&lane->gather, &lane->scratch);
    worker_tally_begin(&lane->tally);

    while (lane->group_count < lane->group_max
           && lane->bytes < WORKER_GROUP_BYTES)
    {
        execution = worker_execution_queue_take(
            lane->fresh.count > 0 ? &lane->fresh : &lane->ready);
        if (execution == NULL) {
            break;
        }

        execution->phase = WORKER_PHASE_COMMITTING;
        execution->command_first = lane->commands;
        execution->refusal = NULL;
        lane->group[lane->group_count++] = execution;

        if (!worker_commit_write(lane, execution)) {
            return false;
        }

        execution->command_count = lane->commands - execution->command_first;
    }

    worker_lane_leave(lane);
    return true;
}


/* What stands under a WATCH, which the EXEC forgets, and found no room in the
 * group. */
static void
worker_lane_leave(worker_lane_t *lane)
{
    if (lane->fresh.count > 0) {
        lane->group_max = lane->group_count;    /* so many are read next time */
    }

    while (lane->fresh.count > 0) {
        worker_executor_undone(worker_execution_queue_take(&lane->fresh));
    }
}


static void
worker_lane_write_takes(worker_lane_t *lane)
{
    unsigned    i, k;
    base_str_t  list;

    for (i = 0; i < lane->take_count; i++) {
        list = worker_list_key(lane->worker, lane->takes[i].list);

        for (k = 0; k < lane->takes[i].count; k++) {
            worker_lane_say(lane, BASE_STR("LMOVE"), list,
                            lane->worker->consumer.processing,
                            BASE_STR("LEFT"), BASE_STR("RIGHT"));
        }
    }
}


void
worker_lane_command(worker_lane_t *lane, const base_str_t *argv, size_t argc)
{
    size_t  i;

    for (i = 0; i < argc; i++) {
        lane->bytes += argv[i].len;
    }

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
    const rds_reply_t   *refusal;
    worker_execution_t  *execution;

    worker_gather_check(&lane->gather, reply);

    for (i = 0; i < lane->group_count; i++) {
        execution = lane->group[i];
        refusal = worker_lane_refusal(execution, reply);
        if (refusal != NULL) {
            worker_lane_refused(lane, execution, refusal);
        }

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
worker_lane_refused(worker_lane_t *lane, worker_execution_t *execution,
    const rds_reply_t *refusal)
{
    worker_log(&lane->worker->log, WORKER_LOG_ERROR,
               "order %.*s: redis refused one of its commands: %.*s",
               BASE_STR_ARG(execution->id),
               BASE_STR_ARG(rds_reply_str(refusal)));
    worker_executor_give_up(execution, BASE_STR("Redis.Refused"),
                            rds_reply_str(refusal));
}


/* The first of its commands that was refused; NULL if there is none. */
static const rds_reply_t *
worker_lane_refusal(const worker_execution_t *execution,
    const rds_reply_t *reply)
{
    size_t              i;
    const rds_reply_t  *answer;

    for (i = 0; i < execution->command_count; i++) {
        answer = rds_reply_at(reply, execution->command_first + i);
        if (rds_reply_is_error(answer)) {
            return answer;
        }
    }

    return execution->refusal;
}


static void
worker_lane_taken(worker_lane_t *lane, const rds_reply_t *reply)
{
    size_t              largest, at = lane->commands;
    unsigned            i, k, taken;
    worker_take_t      *take;
    const rds_reply_t  *answer;

    for (i = 0; i < lane->take_count; i++) {
        at -= lane->takes[i].count;
    }

    for (i = 0; i < lane->take_count; i++) {
        take = &lane->takes[i];
        taken = 0;
        largest = 0;

        for (k = 0; k < take->count; k++) {
            answer = rds_reply_at(reply, at++);
            if (answer != NULL && answer->type == REDIS_REPLY_STRING) {
                taken++;
                largest = answer->len > largest ? answer->len : largest;
                worker_intake_taken(lane, take->list, rds_reply_str(answer));
            }
        }

        worker_consumer_took(&lane->worker->consumer, take, taken, largest);
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
    unsigned                   i;
    worker_execution_queue_t   fresh = lane->fresh;
    worker_execution_queue_t   ready = lane->ready;

    lane->fresh = (worker_execution_queue_t) { 0 };
    lane->ready = (worker_execution_queue_t) { 0 };

    for (i = 0; i < lane->group_count; i++) {
        worker_executor_undone(lane->group[i]);
    }

    while (fresh.count + ready.count > 0) {
        worker_executor_undone(worker_execution_queue_take(
            fresh.count > 0 ? &fresh : &ready));
    }

    for (i = 0; i < lane->take_count; i++) {
        worker_consumer_took(&lane->worker->consumer, &lane->takes[i], 0, 0);
    }

    lane->group_count = 0;
    lane->take_count = 0;
    worker_consumer_look(&lane->worker->consumer);
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
