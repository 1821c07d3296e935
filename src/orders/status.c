/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/status.h"


typedef struct {
    base_str_t  name;
    bool        terminal;
} orders_status_row_t;


#define ORDERS_STATUS_ROW(name, terminal)  { BASE_STR_INIT(#name), terminal },
static const orders_status_row_t  orders_statuses[] = {
    ORDERS_STATUSES(ORDERS_STATUS_ROW)
};
#undef ORDERS_STATUS_ROW


base_str_t
orders_status_name(orders_status_t status)
{
    return orders_statuses[status].name;
}


bool
orders_status_terminal(orders_status_t status)
{
    return orders_statuses[status].terminal;
}


bool
orders_status_find(base_str_t name, orders_status_t *status)
{
    size_t  i;

    for (i = 0; i < ORDERS_STATUS_COUNT; i++) {
        if (base_str_eq(orders_statuses[i].name, name)) {
            *status = (orders_status_t) i;
            return true;
        }
    }

    return false;
}
