/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * yajl takes overlong UTF-8, encoded surrogates and code points above
 * U+10FFFF; it decodes lone \u surrogates wrongly, and takes vertical tab and
 * form feed for white space.  This pass refuses them all.
 *
 * It looks at sixteen bytes at once; what is plain ASCII without backslash and
 * control character needs no second look.
 */

#include "base/json_internal.h"

#include "base/utf8.h"


static size_t check_skip_plain(base_str_t text, size_t i);
static bool check_block_is_plain(const char *bytes);
static size_t check_escape(base_str_t text, size_t i);
static uint32_t check_hex4(base_str_t text, size_t i);
static bool check_fail(base_json_error_t *error, base_json_status_t status,
    size_t offset, const char *reason);


bool
base_json_check(base_str_t text, base_json_error_t *error)
{
    size_t         i = 0;
    size_t         bytes;
    unsigned char  c;

    for ( ;; ) {
        i = check_skip_plain(text, i);
        if (i == text.len) {
            return true;
        }

        c = (unsigned char) text.data[i];

        if (c >= 0x80) {
            if (base_utf8_decode(base_str(text.data + i, text.len - i), &bytes)
                == BASE_UTF8_INVALID)
            {
                return check_fail(error, BASE_JSON_UTF8, i,
                    "the text is not UTF-8");
            }

        } else if (c == '\\') {
            bytes = check_escape(text, i);
            if (bytes == 0) {
                return check_fail(error, BASE_JSON_UTF8, i,
                    "a surrogate escape stands alone");
            }

        } else if (c == '\t' || c == '\n' || c == '\r') {
            bytes = 1;

        } else {
            return check_fail(error, BASE_JSON_SYNTAX, i,
                "a control character must be escaped");
        }

        i += bytes;
    }
}


/* The first byte from i on that is not plain, or the end. */
static size_t
check_skip_plain(base_str_t text, size_t i)
{
    while (text.len - i >= BASE_JSON_BLOCK_BYTES
           && check_block_is_plain(text.data + i))
    {
        i += BASE_JSON_BLOCK_BYTES;
    }

    /* the rest, together with bytes before it that are plain */
    if (text.len - i < BASE_JSON_BLOCK_BYTES && i >= BASE_JSON_BLOCK_BYTES
        && check_block_is_plain(text.data + text.len - BASE_JSON_BLOCK_BYTES))
    {
        return text.len;
    }

    while (i < text.len) {
        unsigned char  c = (unsigned char) text.data[i];

        if (c < 0x20 || c >= 0x80 || c == '\\') {
            break;
        }

        i++;
    }

    return i;
}


static bool
check_block_is_plain(const char *bytes)
{
    base_json_block_t  block;

    memcpy(&block, bytes, sizeof(block));

    /* as a signed number, what is not ASCII is below 0x20, too */
    return !base_json_block_any((block < 0x20) | (block == '\\'));
}


/*
 * The bytes of the escape at i that need no further look; 0 for a lone or
 * mismatched surrogate.  Malformed escapes are left to yajl.
 */
static size_t
check_escape(base_str_t text, size_t i)
{
    uint32_t  unit, low;

    if (text.len - i >= 2 && text.data[i + 1] == '\\') {
        return 2;
    }

    unit = check_hex4(text, i);

    if (unit == UINT32_MAX) {
        return 1;
    }

    if (unit >= 0xdc00 && unit <= 0xdfff) {
        return 0;
    }

    if (unit < 0xd800 || unit > 0xdbff) {
        return 6;
    }

    low = check_hex4(text, i + 6);

    return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}


/* The value of the \uXXXX at i; UINT32_MAX if there is none. */
static uint32_t
check_hex4(base_str_t text, size_t i)
{
    size_t    n;
    uint32_t  value = 0;

    if (text.len - i < 6 || text.data[i] != '\\' || text.data[i + 1] != 'u') {
        return UINT32_MAX;
    }

    for (n = 2; n < 6; n++) {
        unsigned char  c = (unsigned char) text.data[i + n];
        unsigned char  lower = c | 0x20;

        if (c >= '0' && c <= '9') {
            value = value << 4 | (uint32_t) (c - '0');

        } else if (lower >= 'a' && lower <= 'f') {
            value = value << 4 | (uint32_t) (lower - 'a' + 10);

        } else {
            return UINT32_MAX;
        }
    }

    return value;
}


static bool
check_fail(base_json_error_t *error, base_json_status_t status, size_t offset,
    const char *reason)
{
    error->status = status;
    error->offset = offset;
    error->reason = reason;

    return false;
}
