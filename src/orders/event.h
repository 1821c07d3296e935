/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A status event: what a worker publishes on orders:status at each change.
 *
 *   {"v":1,"id":"019...","userId":"u1","status":"SUCCESS",
 *    "at":"2026-11-24T06:35:07.123Z","order":{...}}
 *
 * order is the whole Order, as clients see it, with its history.  An update of
 * an order is told with the status that it has.  That an order was deleted is
 * told with status "DELETED", which is no value of ORDER_STATUS, and with the
 * order as it was at last.
 */

#ifndef ORDERS_EVENT_H
#define ORDERS_EVENT_H

#include "base/buf.h"
#include "base/json.h"
#include "orders/record.h"


/* Appends the event of record's present status; order is
 * orders_record_json() of it, with what shall be told of it.  Failures stick to
 * buf. */
void orders_event_write(base_buf_t *buf, const orders_record_t *record,
    const base_json_t *order);

/* The same for an order that is deleted. */
void orders_event_write_deleted(base_buf_t *buf,
    const orders_record_t *record, const base_json_t *order);

#endif
