/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tasks that a program does (program.h).  It reads the task's input as JSON and
 * writes its result, which counts if its exit code is 0.  Otherwise the task
 * fails:
 *
 *   output {"errorType": ...} and another exit code    that name
 *   another exit code, or a signal                     Command.Failed
 *   it could not be started                            Command.NotStarted
 *   no JSON                                            Command.InvalidAnswer
 *   too much of it                                     States.DataLimitExceeded
 *
 * In its environment are PATH, HOME, LANG, LC_ALL, TZ, TMPDIR, what command_env
 * names, and
 *
 *   ORDERS_ID, ORDERS_STATE, ORDERS_ATTEMPT
 *   ORDERS_KEY         what stays the same however often the task is tried,
 *                      for programs that must not do a thing twice
 *   ORDERS_TASK_TOKEN  of a task that waits for a callback
 */

#ifndef WORKER_TASK_COMMAND_H
#define WORKER_TASK_COMMAND_H

#include "worker/execute/tasks.h"


/* target: the program with its arguments. */
extern const worker_task_t  worker_task_command;

#endif
