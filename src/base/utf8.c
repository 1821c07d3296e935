/* SPDX-License-Identifier: BSD-2-Clause */

/* The well-formed sequences are a table in RFC 3629 ("Syntax of UTF-8 Byte
 * Sequences"); only the second byte's range depends on the first. */

#include "base/utf8.h"

#include <string.h>


#define UTF8_HIGHS  UINT64_C(0x8080808080808080)


typedef struct {
    unsigned char  lead_min;
    unsigned char  lead_max;
    unsigned char  second_min;
    unsigned char  second_max;
    unsigned char  bytes;
    unsigned char  lead_mask;
} utf8_form_t;

static const utf8_form_t  utf8_forms[] = {
    { 0xc2, 0xdf, 0x80, 0xbf, 2, 0x1f },
    { 0xe0, 0xe0, 0xa0, 0xbf, 3, 0x0f },        /* below: overlong */
    { 0xe1, 0xec, 0x80, 0xbf, 3, 0x0f },
    { 0xed, 0xed, 0x80, 0x9f, 3, 0x0f },        /* above: surrogates */
    { 0xee, 0xef, 0x80, 0xbf, 3, 0x0f },
    { 0xf0, 0xf0, 0x90, 0xbf, 4, 0x07 },        /* below: overlong */
    { 0xf1, 0xf3, 0x80, 0xbf, 4, 0x07 },
    { 0xf4, 0xf4, 0x80, 0x8f, 4, 0x07 },        /* above: over U+10FFFF */
};


static const utf8_form_t *utf8_form(unsigned char lead);


bool
base_utf8_valid(base_str_t text, size_t *offset)
{
    size_t    i = 0;
    size_t    bytes;
    uint64_t  word;

    while (i < text.len) {
        if (text.len - i >= sizeof(word)) {
            memcpy(&word, text.data + i, sizeof(word));
            if ((word & UTF8_HIGHS) == 0) {
                i += sizeof(word);
                continue;
            }
        }

        if (base_utf8_decode(base_str(text.data + i, text.len - i), &bytes)
            == BASE_UTF8_INVALID)
        {
            if (offset != NULL) {
                *offset = i;
            }

            return false;
        }

        i += bytes;
    }

    return true;
}


uint32_t
base_utf8_decode(base_str_t text, size_t *bytes)
{
    size_t                i;
    uint32_t              code_point;
    const utf8_form_t    *form;
    const unsigned char  *p = (const unsigned char *) text.data;

    *bytes = 1;

    if (text.len == 0) {
        return BASE_UTF8_INVALID;
    }

    if (p[0] < 0x80) {
        return p[0];
    }

    form = utf8_form(p[0]);

    if (form == NULL || text.len < form->bytes || p[1] < form->second_min
        || p[1] > form->second_max)
    {
        return BASE_UTF8_INVALID;
    }

    code_point = (uint32_t) (p[0] & form->lead_mask) << 6 | (p[1] & 0x3f);

    for (i = 2; i < form->bytes; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return BASE_UTF8_INVALID;
        }

        code_point = code_point << 6 | (p[i] & 0x3f);
    }

    *bytes = form->bytes;
    return code_point;
}


size_t
base_utf8_encode(uint32_t code_point, char *out)
{
    if (code_point < 0x80) {
        out[0] = (char) code_point;
        return 1;
    }

    if (code_point < 0x800) {
        out[0] = (char) (0xc0 | code_point >> 6);
        out[1] = (char) (0x80 | (code_point & 0x3f));
        return 2;
    }

    if (code_point < 0x10000) {
        out[0] = (char) (0xe0 | code_point >> 12);
        out[1] = (char) (0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char) (0x80 | (code_point & 0x3f));
        return 3;
    }

    out[0] = (char) (0xf0 | code_point >> 18);
    out[1] = (char) (0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char) (0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char) (0x80 | (code_point & 0x3f));
    return 4;
}


size_t
base_utf8_length(base_str_t text)
{
    size_t    i = 0;
    size_t    length;
    uint64_t  word;

    for ( ; text.len - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, text.data + i, sizeof(word));
        if ((word & UTF8_HIGHS) != 0) {
            break;
        }
    }

    for (length = i; i < text.len; i++) {
        length += ((unsigned char) text.data[i] & 0xc0) != 0x80;
    }

    return length;
}


/* The form of a sequence that begins with lead; NULL if none does. */
static const utf8_form_t *
utf8_form(unsigned char lead)
{
    size_t  i;

    for (i = 0; i < sizeof(utf8_forms) / sizeof(utf8_forms[0]); i++) {
        if (lead >= utf8_forms[i].lead_min && lead <= utf8_forms[i].lead_max) {
            return &utf8_forms[i];
        }
    }

    return NULL;
}
