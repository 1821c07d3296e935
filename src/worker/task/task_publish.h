/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * sns:publish and sqs:sendMessage on Redis.
 *
 *   {"TopicArn": "arn:aws:sns:eu-west-1:1:shipped", "Message": {...}}
 *   {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/parcels",
 *    "MessageBody": {...}}
 *
 * The last part of the name is looked up in worker.conf:
 *
 *   topic  shipped  orders:shipped;     PUBLISH orders:shipped <message>
 *   list   parcels  parcels;            RPUSH parcels <message>
 *
 * A string is sent as it is, anything else as JSON.  The result is
 * {"MessageId": <idempotency key>} with, for a topic, the number of
 * "Receivers".  A list gets the message at least once: after a crash it may be
 * there twice.
 */

#ifndef WORKER_TASK_PUBLISH_H
#define WORKER_TASK_PUBLISH_H

#include "worker/execute/tasks.h"


/* target: the channel or the key. */
extern const worker_task_t  worker_task_publish;
extern const worker_task_t  worker_task_push;

#endif
