/* SPDX-License-Identifier: BSD-2-Clause */

#include "base/encoding.h"

#include <stdint.h>


static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


static int
base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return c == '+' ? 62 : c == '/' ? 63 : -1;
}


void
base_hex(const unsigned char *data, size_t bytes, char *hex)
{
    size_t  i;

    static const char  digits[] = "0123456789abcdef";

    for (i = 0; i < bytes; i++) {
        hex[2 * i] = digits[data[i] >> 4];
        hex[2 * i + 1] = digits[data[i] & 15];
    }
}


bool
base_hex_read(base_str_t text, unsigned char *data)
{
    int     high, low;
    size_t  i;

    if (text.len % 2 != 0) {
        return false;
    }

    for (i = 0; i < text.len; i += 2) {
        high = hex_digit(text.data[i]);
        low = hex_digit(text.data[i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }

        data[i / 2] = (unsigned char) (high << 4 | low);
    }

    return true;
}


/* The padding fills up the last four characters, or is left out. */
static bool
base64_unpad(base_str_t *text)
{
    size_t  pad = 0;

    while (pad < text->len && text->data[text->len - 1 - pad] == '=') {
        pad++;
    }

    if (pad > 2 || (pad > 0 && text->len % 4 != 0)) {
        return false;
    }

    text->len -= pad;

    return text->len % 4 != 1;
}


bool
base_base64_read(base_str_t text, unsigned char *data, size_t *bytes)
{
    int       digit;
    size_t    i, n = 0;
    uint32_t  bits = 0, left = 0;

    if (!base64_unpad(&text)) {
        return false;
    }

    for (i = 0; i < text.len; i++) {
        digit = base64_digit(text.data[i]);
        if (digit < 0) {
            return false;
        }

        bits = (bits << 6 | (uint32_t) digit) & 0xfff;
        left += 6;

        if (left >= 8) {
            left -= 8;
            data[n++] = (unsigned char) (bits >> left);
        }
    }

    *bytes = n;

    /* the bits that fill up the last character are zero */
    return (bits & ((1u << left) - 1)) == 0;
}
