/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/event.h"


static void
orders_event_write_as(base_buf_t *buf, const orders_record_t *record,
    base_str_t status, const base_json_t *order)
{
    base_buf_add_lit(buf, "{\"v\":1,\"id\":");
    base_json_write_str(buf, record->id);
    base_buf_add_lit(buf, ",\"userId\":");
    base_json_write_str(buf, record->user_id);
    base_buf_add_lit(buf, ",\"status\":\"");
    base_buf_add_str(buf, status);
    base_buf_add_lit(buf, "\",\"at\":");
    base_json_write_str(buf, record->updated_at);
    base_buf_add_lit(buf, ",\"order\":");
    base_json_write(buf, order);
    base_buf_add_char(buf, '}');
}


void
orders_event_write(base_buf_t *buf, const orders_record_t *record,
    const base_json_t *order)
{
    orders_event_write_as(buf, record, orders_status_name(record->status),
                          order);
}


void
orders_event_write_deleted(base_buf_t *buf, const orders_record_t *record,
    const base_json_t *order)
{
    orders_event_write_as(buf, record, BASE_STR("DELETED"), order);
}
