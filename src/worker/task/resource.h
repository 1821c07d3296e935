/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * From the Resource of a Task state to the task that it is.
 *
 *   orders:pay                              a built-in task (tasks.h)
 *   arn:aws:states:::lambda:invoke          the function that the parameter
 *                                           FunctionName names, with Payload
 *                                           as its input; the result is
 *                                           {"StatusCode":200,"Payload":...}
 *   arn:aws:lambda:eu-west-1:1:function:f   the function f; its result as it is
 *   ${f}, f                                 the same
 *   arn:aws:states:::http:invoke            a request (task_http.h)
 *   arn:aws:states:::sns:publish            a message to the topic TopicArn
 *   arn:aws:states:::sqs:sendMessage        to the queue QueueUrl
 *                                           (task_publish.h)
 *   command:/path/program                   a program of command_folder
 *                                           (task_command.h)
 *
 * Behind each of them but the built-in tasks ".waitForTaskToken" may stand: the
 * call is made, its result does not count, and the task ends by a callback with
 * the token that the call was given ($$.Task.Token; queue/callback.h).
 *
 * The prefix "arn:aws:states:::" may be left out, and is that of any other
 * partition ("arn:aws-cn:") as well.  What a function is says worker.conf:
 *
 *   function f builtin:orders:pay;
 *   function g https://functions.example/g;
 *   function h "command:/usr/local/bin/h --fast";
 */

#ifndef WORKER_RESOURCE_H
#define WORKER_RESOURCE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "worker/config/config.h"
#include "worker/execute/tasks.h"
#include "workflow/workflow.h"


/*
 * What an action asks for.
 *
 * arena   of what job points to, besides config and the action
 * job     out; its task is worker_task_unknown, with the problem, if there is
 *         no such one
 */
void worker_resource_job(const worker_config_t *config, base_arena_t *arena,
    const asl_action_t *action, worker_job_t *job);

/*
 * The same for a task of a definition, as far as that can be known.
 *
 * True if there is nothing to complain of; otherwise *problem says what, in
 * arena, or its data is NULL when out of memory.
 */
bool worker_resource_check(const worker_config_t *config, base_arena_t *arena,
    const asl_task_info_t *info, base_str_t *problem);

/* Reports functions that are mapped to nothing. */
void worker_resource_check_functions(const worker_config_t *config,
    base_arena_t *arena, worker_problems_t *problems);

#endif
