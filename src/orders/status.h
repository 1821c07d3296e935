/* SPDX-License-Identifier: BSD-2-Clause */

/* The statuses of an order: the values of ORDER_STATUS in the schema. */

#ifndef ORDERS_STATUS_H
#define ORDERS_STATUS_H

#include <stdbool.h>

#include "base/str.h"


/* name, whether nothing more will happen to the order */
#define ORDERS_STATUSES(X)                                                    \
    X(PENDING,   false)                                                       \
    X(SUCCESS,   true)                                                        \
    X(FAILED,    true)

#define ORDERS_STATUS_ENUM(name, terminal)  ORDERS_STATUS_##name,
typedef enum {
    ORDERS_STATUSES(ORDERS_STATUS_ENUM) ORDERS_STATUS_COUNT
} orders_status_t;
#undef ORDERS_STATUS_ENUM


base_str_t orders_status_name(orders_status_t status);

bool orders_status_terminal(orders_status_t status);

/* False if name is no status. */
bool orders_status_find(base_str_t name, orders_status_t *status);

#endif
