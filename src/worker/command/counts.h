/* SPDX-License-Identifier: BSD-2-Clause */

/* The counters that workers keep in Redis (queue/counters.h), for commands that
 * show them. */

#ifndef WORKER_COUNTS_H
#define WORKER_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "worker/command/admin.h"


/* All fields, as an object of numbers in admin->arena; NULL with a message on
 * stderr. */
base_json_t *worker_counts_read(worker_admin_t *admin);

/* 0 for one that was not counted. */
int64_t worker_counts_get(const base_json_t *counts, base_str_t field);

/*
 * {"accepted":..,"succeeded":..,"failed":..,"deleted":..,"dead":..,
 *  "retried":..}
 *
 * The last is the sum over all states.  NULL when out of memory.
 */
base_json_t *worker_counts_orders(base_arena_t *arena,
    const base_json_t *counts);

/* Whether a counter of these tells of the past, not of where executions are. */
bool worker_counts_past(const base_json_t *count);

/* For asl_overlay_t: data is the counts. */
bool worker_counts_label(void *data, base_str_t state, base_buf_t *text);

#endif
