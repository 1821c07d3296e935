/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * key                                       type        what
 * {orders:p}:queue                          list        messages from the door
 * {orders:p}:resume                         list        recovered and woken: go
 *                                                       before the queue
 * {orders:p}:suspects                       list        recovered again: run
 *                                                       one at a time
 * {orders:p}:processing:<consumer>          list        messages it holds
 * {orders:p}:consumers                      sorted set  consumer -> lease (ms)
 * {orders:p}:epoch:<consumer>               string      the fence
 * {orders:p}:delayed                        sorted set  execution, or message
 *                                                       of a callback -> due
 *                                                       (ms)
 * {orders:p}:waker                          string      set by who wakes them
 * {orders:p}:dead                           list        messages given up
 * {orders:p}:paused                         string      while set nobody takes
 * {orders:p}:order:<id>                     hash        see record.h
 * {orders:p}:user:<userId>                  sorted set  the user's order ids
 * {orders:p}:status:<STATUS>                sorted set  order ids by status
 * {orders:p}:user-status:<STATUS>:<userId>  sorted set  both
 * {orders:p}:idempotency:<user>:<key>       string      <id> <fingerprint>
 * {orders:p}:webhook:<name>                 string      it was seen (the name
 *                                                       is signature.h's)
 * {orders:p}:stats                          hash        counters
 * orders:status                             channel     see event.h
 * orders:replies:<name>                     channel     see reply.h
 *
 * A user may be called anything, so the status comes before: no two keys are
 * one.
 *
 * "orders" is the prefix.  The sorted sets of ids have equal scores: a UUID
 * version 7 sorts by time as it is.
 */

#include "orders/keys.h"


/* A name behind the tag, and where its key goes. */
typedef struct {
    base_str_t  name;
    size_t      offset;
} orders_keys_fixed_t;


static const orders_keys_fixed_t  orders_keys_fixed[] = {
    { BASE_STR_INIT("queue"),     offsetof(orders_keys_t, queue) },
    { BASE_STR_INIT("resume"),    offsetof(orders_keys_t, resume) },
    { BASE_STR_INIT("suspects"),  offsetof(orders_keys_t, suspects) },
    { BASE_STR_INIT("consumers"), offsetof(orders_keys_t, consumers) },
    { BASE_STR_INIT("delayed"),   offsetof(orders_keys_t, delayed) },
    { BASE_STR_INIT("waker"),     offsetof(orders_keys_t, waker) },
    { BASE_STR_INIT("dead"),      offsetof(orders_keys_t, dead) },
    { BASE_STR_INIT("paused"),    offsetof(orders_keys_t, paused) },
    { BASE_STR_INIT("stats"),     offsetof(orders_keys_t, stats) },
};

#define ORDERS_KEYS_FIXED                                                     \
    (sizeof(orders_keys_fixed) / sizeof(orders_keys_fixed[0]))


static bool
orders_prefix_valid(base_str_t prefix)
{
    size_t  i;

    if (prefix.len == 0 || prefix.len > ORDERS_PREFIX_BYTES_MAX) {
        return false;
    }

    for (i = 0; i < prefix.len; i++) {
        char  c = prefix.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':'
              || c == '-'))
        {
            return false;
        }
    }

    return true;
}


bool
orders_keys_init(orders_keys_t *keys, base_arena_t *arena, base_str_t prefix,
    uint32_t partition, const char **reason)
{
    size_t  i;

    if (!orders_prefix_valid(prefix)) {
        *reason = "must be 1 to 64 of letters, digits and \"_.:-\"";
        return false;
    }

    *reason = "out of memory";
    if (!base_arena_str(arena, prefix, &keys->prefix)) {
        return false;
    }

    keys->tag = base_arena_printf(arena, "{%.*s:%u}:", BASE_STR_ARG(prefix),
                                  (unsigned) partition);
    if (keys->tag.data == NULL) {
        return false;
    }

    for (i = 0; i < ORDERS_KEYS_FIXED; i++) {
        base_str_t  key = base_arena_concat(arena, keys->tag,
                                            orders_keys_fixed[i].name);

        if (key.data == NULL) {
            return false;
        }

        *(base_str_t *) ((char *) keys + orders_keys_fixed[i].offset) = key;
    }

    keys->status_channel = base_arena_concat(arena, prefix,
                                             BASE_STR(":status"));
    return keys->status_channel.data != NULL;
}


base_str_t
orders_key_processing(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t consumer)
{
    return base_arena_concat(arena, keys->tag, BASE_STR("processing:"),
                             consumer);
}


base_str_t
orders_key_epoch(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t consumer)
{
    return base_arena_concat(arena, keys->tag, BASE_STR("epoch:"), consumer);
}


base_str_t
orders_key_order(const orders_keys_t *keys, base_arena_t *arena, base_str_t id)
{
    return base_arena_concat(arena, keys->tag, BASE_STR("order:"), id);
}


base_str_t
orders_key_user(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t user_id)
{
    return base_arena_concat(arena, keys->tag, BASE_STR("user:"), user_id);
}


base_str_t
orders_key_status(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t status)
{
    return base_arena_concat(arena, keys->tag, BASE_STR("status:"), status);
}


base_str_t
orders_key_user_status(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t user_id, base_str_t status)
{
    return base_arena_concat(arena, keys->tag, BASE_STR("user-status:"), status,
                             BASE_STR(":"), user_id);
}


base_str_t
orders_key_webhook(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t name)
{
    return base_arena_concat(arena, keys->tag, BASE_STR("webhook:"), name);
}


base_str_t
orders_key_idempotency(const orders_keys_t *keys, base_arena_t *arena,
    base_str_t user_id, base_str_t key)
{
    static const char  name[] = "idempotency:";

    size_t   i;
    char    *start, *p;

    start = base_arena_alloc(arena, keys->tag.len + sizeof(name)
                                    + 3 * user_id.len + key.len);
    if (start == NULL) {
        return base_str(NULL, 0);
    }

    memcpy(start, keys->tag.data, keys->tag.len);
    p = start + keys->tag.len;
    memcpy(p, name, sizeof(name) - 1);
    p += sizeof(name) - 1;

    for (i = 0; i < user_id.len; i++) {
        char  c = user_id.data[i];

        if (c == '%' || c == ':') {
            memcpy(p, c == '%' ? "%25" : "%3A", 3);
            p += 3;
        } else {
            *p++ = c;
        }
    }

    *p++ = ':';
    if (key.len > 0) {
        memcpy(p, key.data, key.len);
        p += key.len;
    }

    return base_str(start, (size_t) (p - start));
}
