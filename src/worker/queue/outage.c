/* SPDX-License-Identifier: BSD-2-Clause */

/* Where redis refuses transactions: the pause after it, one line in the log for
 * each outage, and smaller groups, see commit.h. */

#include "worker/queue/commit.h"

#include <string.h>

#include "worker/worker.h"


#define WORKER_PAUSE_MS_MIN  50
#define WORKER_PAUSE_MS_MAX  1000
#define WORKER_COMPLAIN_MS   60000      /* of the same refusal again */


static void worker_lane_pause_handler(void *data);
static void worker_lane_complain(worker_t *worker, const rds_reply_t *reply);


void
worker_lane_outage_init(worker_lane_t *lane)
{
    lane->group_max = WORKER_GROUP_MAX;
    lane->paused = false;
    lane->pause_ms = 0;
    lane->pause_timer.fn = worker_lane_pause_handler;
    lane->pause_timer.data = lane;
}


void
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


void
worker_lane_resumed(worker_lane_t *lane)
{
    unsigned   i;
    worker_t  *worker = lane->worker;

    lane->pause_ms = 0;
    lane->group_max = 2 * lane->group_max < WORKER_GROUP_MAX
                          ? 2 * lane->group_max : WORKER_GROUP_MAX;

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
