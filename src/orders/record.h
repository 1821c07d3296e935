/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An order as it is stored: the hash {orders:p}:order:<id>.
 *
 *   v             1
 *   userId        whose order it is
 *   orderStatus   a value of ORDER_STATUS
 *   createdAt     RFC 3339
 *   updatedAt     RFC 3339
 *   errorMessage  why it failed; absent otherwise
 *   input         the OrderInput as JSON: its members are fields of the Order
 *   history       the statuses that it has had (history.h)
 *   execution     the workflow's state as JSON (asl_exec_save()); gone when the
 *                 execution has ended
 *   workflow      the version of the definition the execution started with
 *   consumer      the worker registration that runs the execution; gone when
 *                 nobody does
 *   payment       how the money stands, and the state that asked for it:
 *                 "asked ProcessPayment" (it may be paid), "paid ...",
 *                 "refused ...", "refunded ...", "none ..."; absent before
 *   steps         what the execution went through; absent if not kept
 *
 * Only the worker writes it.  The front door reads the public fields alone.
 */

#ifndef ORDERS_RECORD_H
#define ORDERS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "orders/status.h"


#define ORDERS_RECORD_FORMAT  "1"           /* of v */


/* The hash's fields; the public ones, which make an Order, come first. */
#define ORDERS_RECORD_FIELDS(X)                                               \
    X(VERSION,       "v")                                                     \
    X(USER_ID,       "userId")                                                \
    X(STATUS,        "orderStatus")                                           \
    X(CREATED_AT,    "createdAt")                                             \
    X(UPDATED_AT,    "updatedAt")                                             \
    X(ERROR_MESSAGE, "errorMessage")                                          \
    X(INPUT,         "input")                                                 \
    X(HISTORY,       "history")                                               \
    X(EXECUTION,     "execution")                                             \
    X(WORKFLOW,      "workflow")                                              \
    X(CONSUMER,      "consumer")                                              \
    X(PAYMENT,       "payment")                                               \
    X(STEPS,         "steps")

#define ORDERS_RECORD_ENUM(name, text)  ORDERS_RECORD_##name,
typedef enum {
    ORDERS_RECORD_FIELDS(ORDERS_RECORD_ENUM) ORDERS_RECORD_FIELD_COUNT
} orders_record_field_t;
#undef ORDERS_RECORD_ENUM

#define ORDERS_RECORD_PUBLIC_COUNT  ORDERS_RECORD_EXECUTION
#define ORDERS_RECORD_ORDER_COUNT   ORDERS_RECORD_HISTORY   /* without it */


typedef struct {
    base_str_t          id;
    base_str_t          user_id;
    orders_status_t     status;
    base_str_t          created_at;
    base_str_t          updated_at;
    base_str_t          error_message;      /* data NULL: none */
    const base_json_t  *input;              /* an object */
    base_str_t          input_text;         /* the same as JSON; empty: not
                                               written yet */
    base_str_t          history;            /* as it is stored; empty: none */
    base_str_t          execution;          /* empty: has ended, or not read */
    base_str_t          workflow;
    base_str_t          consumer;           /* empty: nobody runs it */
    base_str_t          payment;            /* empty: never asked for */
    base_str_t          steps;              /* empty: none are kept */
} orders_record_t;


typedef enum {
    ORDERS_RECORD_OK = 0,
    ORDERS_RECORD_ABSENT,           /* there is no such order */
    ORDERS_RECORD_INVALID,          /* not written by a program we know */
    ORDERS_RECORD_NOMEM
} orders_record_status_t;


/* "userId" and so on, for HMGET and HSET; static. */
base_str_t orders_record_field_name(orders_record_field_t field);

/*
 * Makes a record of what HMGET gave for the first count fields of the table.
 *
 * id       checked by the caller: a UUID, or what it is sure of
 * values   data NULL where the hash has no such field; borrowed by the record
 *
 * A record that is read says whose it is, when it was made and changed, and has
 * no text that is not UTF-8.
 */
orders_record_status_t orders_record_read(base_arena_t *arena, base_str_t id,
    const base_str_t *values, size_t count, orders_record_t *record);

/*
 * The Order object that clients see: the members of input, then the record's
 * own, which win.  NULL when out of memory.
 */
base_json_t *orders_record_json(base_arena_t *arena,
    const orders_record_t *record);

/* Adds the member "history" to an order of orders_record_json().  False when
 * out of memory. */
bool orders_record_add_history(base_arena_t *arena, base_json_t *order,
    const orders_record_t *record);

#endif
