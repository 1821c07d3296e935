/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/reply.h"


#define ORDERS_REPLY_VERSION  1

/* Behind the prefix. */
static const base_str_t  orders_reply_tag = BASE_STR_INIT(":replies:");


void
orders_reply_write(base_buf_t *buf, const orders_reply_t *reply)
{
    base_buf_add_lit(buf, "{\"v\":1,\"requestId\":");
    base_json_write_str(buf, reply->request_id);

    if (reply->code.len > 0) {
        base_buf_add_lit(buf, ",\"ok\":false,\"code\":");
        base_json_write_str(buf, reply->code);
        base_buf_add_lit(buf, ",\"message\":");
        base_json_write_str(buf, reply->message);

    } else {
        base_buf_add_lit(buf, ",\"ok\":true,\"order\":");
        base_json_write(buf, reply->order);
    }

    base_buf_add_char(buf, '}');
}


bool
orders_reply_read(base_arena_t *arena, base_str_t text, orders_reply_t *reply)
{
    int64_t             version;
    const base_json_t  *json, *ok;

    json = base_json_parse(arena, text, NULL, NULL);
    ok = base_json_get(json, BASE_STR("ok"));

    if (!base_json_to_int(base_json_get(json, BASE_STR("v")), &version)
        || version != ORDERS_REPLY_VERSION
        || ok == NULL || ok->type != BASE_JSON_BOOLEAN)
    {
        return false;
    }

    reply->request_id = base_json_get_str(json, BASE_STR("requestId"));
    reply->code = base_json_get_str(json, BASE_STR("code"));
    reply->message = base_json_get_str(json, BASE_STR("message"));
    reply->order = base_json_get(json, BASE_STR("order"));

    if (!ok->boolean) {
        return reply->code.len > 0;
    }

    return reply->code.len == 0 && reply->order != NULL
           && reply->order->type == BASE_JSON_OBJECT;
}


base_str_t
orders_reply_channel(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t name)
{
    return base_arena_printf(arena, "%.*s%.*s%.*s", BASE_STR_ARG(keys->prefix),
                             BASE_STR_ARG(orders_reply_tag),
                             BASE_STR_ARG(name));
}


bool
orders_reply_channel_valid(const orders_keys_t *keys, base_str_t channel)
{
    size_t  len = keys->prefix.len;

    return base_str_starts(channel, keys->prefix)
           && base_str_starts(base_str(channel.data + len, channel.len - len),
                              orders_reply_tag);
}
