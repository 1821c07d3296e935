/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/queue/dead.h"

#include "base/json.h"
#include "base/time.h"
#include "base/utf8.h"


static void worker_dead_base64(base_buf_t *buf, base_str_t bytes);


void
worker_dead_write(base_buf_t *buf, const worker_dead_t *dead)
{
    char  at[BASE_TIME_TEXT_BYTES];

    base_time_format(dead->at_ms, at);

    base_buf_add_lit(buf, "{\"v\":1,\"error\":");
    base_json_write_str(buf, dead->error);
    base_buf_add_lit(buf, ",\"cause\":");
    base_json_write_str(buf, dead->cause);
    base_buf_add_lit(buf, ",\"deliveries\":");
    base_buf_add_int(buf, dead->deliveries);
    base_buf_add_lit(buf, ",\"consumer\":");
    base_json_write_str(buf, dead->consumer);
    base_buf_add_lit(buf, ",\"at\":\"");
    base_buf_add(buf, at, sizeof(at));

    if (base_utf8_valid(dead->message, NULL)) {
        base_buf_add_lit(buf, "\",\"message\":");
        base_json_write_str(buf, dead->message);
    } else {
        base_buf_add_lit(buf, "\",\"messageBase64\":\"");
        worker_dead_base64(buf, dead->message);
        base_buf_add_char(buf, '"');
    }

    base_buf_add_char(buf, '}');
}


/* RFC 4648, "Base 64 Encoding". */
static void
worker_dead_base64(base_buf_t *buf, base_str_t bytes)
{
    static const char  digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    size_t    i, left;
    uint32_t  group;

    for (i = 0; i < bytes.len; i += 3) {
        left = bytes.len - i;
        group = (uint32_t) (unsigned char) bytes.data[i] << 16;
        if (left > 1) {
            group |= (uint32_t) (unsigned char) bytes.data[i + 1] << 8;
        }

        if (left > 2) {
            group |= (unsigned char) bytes.data[i + 2];
        }

        base_buf_add_char(buf, digits[group >> 18]);
        base_buf_add_char(buf, digits[group >> 12 & 63]);
        base_buf_add_char(buf, left > 1 ? digits[group >> 6 & 63] : '=');
        base_buf_add_char(buf, left > 2 ? digits[group & 63] : '=');
    }
}
