/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/deliveries.h"


#define WORKER_DELIVERIES_DIGITS_MAX  6


/* Splits text into what comes before the count's member (or before the closing
 * brace) and the count. */
static uint32_t
worker_deliveries_split(base_str_t text, base_str_t *before)
{
    static const base_str_t  member = BASE_STR_INIT(",\"deliveries\":");

    size_t    i, digits;
    uint32_t  count = 0;

    *before = base_str(text.data, text.len - 1);
    i = before->len;

    for (digits = 0; digits < WORKER_DELIVERIES_DIGITS_MAX && i > 0; digits++) {
        if (text.data[i - 1] < '0' || text.data[i - 1] > '9') {
            break;
        }

        i--;
    }

    if (digits == 0 || i < member.len
        || !base_str_eq(base_str(text.data + i - member.len, member.len),
                        member))
    {
        return 0;
    }

    before->len = i - member.len;
    for (; digits > 0; digits--) {
        count = count * 10 + (uint32_t) (text.data[i++] - '0');
    }

    return count;
}


static bool
worker_deliveries_object(base_str_t text)
{
    return text.len > 2 && text.data[text.len - 1] == '}';
}


uint32_t
worker_deliveries_read(base_str_t text)
{
    base_str_t  before;

    return worker_deliveries_object(text)
               ? worker_deliveries_split(text, &before) : 0;
}


void
worker_deliveries_write(base_buf_t *buf, base_str_t text, uint32_t count)
{
    base_str_t  before;

    if (!worker_deliveries_object(text)) {
        base_buf_add_str(buf, text);
        return;
    }

    (void) worker_deliveries_split(text, &before);
    base_buf_add_str(buf, before);
    base_buf_add_lit(buf, ",\"deliveries\":");
    base_buf_add_int(buf, count);
    base_buf_add_char(buf, '}');
}
