/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/task_publish.h"

#include "worker/worker.h"


/* A call's own. */
typedef struct {
    worker_call_t  *call;
    rds_pending_t  *pending;        /* NULL: over */
    base_str_t      key;
    bool            topic;
} worker_publish_t;


static void worker_publish_begin(worker_call_t *call, const worker_job_t *job);
static void worker_push_begin(worker_call_t *call, const worker_job_t *job);
static void worker_publish_send(worker_call_t *call, const worker_job_t *job,
    base_str_t command, const base_json_t *message);
static void worker_publish_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static base_json_t *worker_publish_result(base_arena_t *arena,
    const worker_publish_t *publish, const rds_reply_t *reply);
static void worker_publish_cancel(worker_call_t *call);


const worker_task_t  worker_task_publish = {
    BASE_STR_INIT(""), WORKER_TASK_REMOTE, NULL, NULL, worker_publish_begin,
    worker_publish_cancel
};

const worker_task_t  worker_task_push = {
    BASE_STR_INIT(""), WORKER_TASK_REMOTE, NULL, NULL, worker_push_begin,
    worker_publish_cancel
};


static void
worker_publish_begin(worker_call_t *call, const worker_job_t *job)
{
    worker_publish_send(call, job, BASE_STR("PUBLISH"),
                        base_json_get(job->input, BASE_STR("Message")));
}


static void
worker_push_begin(worker_call_t *call, const worker_job_t *job)
{
    worker_publish_send(call, job, BASE_STR("RPUSH"),
                        base_json_get(job->input, BASE_STR("MessageBody")));
}


static void
worker_publish_send(worker_call_t *call, const worker_job_t *job,
    base_str_t command, const base_json_t *message)
{
    base_buf_t         text;
    base_str_t         argv[3] = { command, job->target, BASE_STR("") };
    base_arena_t      *arena = &call->execution->arena;
    worker_publish_t  *publish;

    publish = base_arena_zalloc(arena, sizeof(worker_publish_t));
    call->work = publish;
    if (message == NULL) {
        worker_task_failed(call, BASE_STR("Worker.InvalidParameters"),
                           BASE_STR("\"Message\" of sns:publish or "
                                    "\"MessageBody\" of sqs:sendMessage is "
                                    "missing"));
        return;
    }

    base_buf_init(&text, arena, SIZE_MAX);
    if (message->type != BASE_JSON_STRING) {
        base_json_write(&text, message);
    }

    argv[2] = message->type == BASE_JSON_STRING ? message->text
                                                : base_buf_str(&text);

    if (publish != NULL && !text.failed) {
        publish->call = call;
        publish->topic = job->task == &worker_task_publish;
        publish->key = worker_task_key(arena, call->execution, job->action);
        publish->pending = rds_link_send(call->execution->worker->chores.link,
                                         argv, 3, worker_publish_handler,
                                         publish);
        if (publish->pending != NULL) {
            return;
        }
    }

    worker_task_failed(call, BASE_STR("Redis.Unavailable"),
                       BASE_STR("redis does not take the message"));
}


static void
worker_publish_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    asl_event_t        event = { .kind = ASL_EVENT_FAILED };
    base_arena_t       arena;
    worker_publish_t  *publish = data;

    publish->pending = NULL;
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    if (outcome != RDS_REPLIED) {
        event.error = BASE_STR("Redis.Unavailable");
        event.cause = BASE_STR("redis has not answered");

    } else if (rds_reply_is_error(reply)) {
        event.error = BASE_STR("Redis.Refused");
        event.cause = rds_reply_str(reply);

    } else {
        event.result = worker_publish_result(&arena, publish, reply);
        event.error = BASE_STR("Worker.OutOfMemory");
    }

    if (event.result != NULL) {
        event.kind = ASL_EVENT_SUCCEEDED;
    }

    worker_task_done(publish->call, &event);
    base_arena_deinit(&arena);
}


static base_json_t *
worker_publish_result(base_arena_t *arena, const worker_publish_t *publish,
    const rds_reply_t *reply)
{
    int64_t       count = 0;
    base_json_t  *result, *id, *receivers;

    (void) rds_reply_int(reply, &count);
    result = base_json_object(arena);
    id = base_json_string(arena, publish->key);
    receivers = base_json_int(arena, count);
    if (result == NULL || id == NULL || receivers == NULL) {
        return NULL;
    }

    base_json_add(result, BASE_STR("MessageId"), id);
    if (publish->topic) {
        base_json_add(result, BASE_STR("Receivers"), receivers);
    }

    return result;
}


static void
worker_publish_cancel(worker_call_t *call)
{
    worker_publish_t  *publish = call->work;

    if (publish != NULL && publish->pending != NULL) {
        rds_pending_cancel(publish->pending);
        publish->pending = NULL;
    }
}
