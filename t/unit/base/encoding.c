/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include <string.h>

#include "base/encoding.h"


typedef struct {
    const char  *text;
    const char  *bytes;             /* NULL: it is none */
} encoding_case_t;

/* The first ones are RFC 4648's (Test Vectors). */
static const encoding_case_t  base64[] = {
    { "", "" },
    { "Zg==", "f" },
    { "Zm8=", "fo" },
    { "Zm9v", "foo" },
    { "Zm9vYg==", "foob" },
    { "Zm9vYmE=", "fooba" },
    { "Zm9vYmFy", "foobar" },
    { "+/+/", "\xfb\xff\xbf" },
    { "Zg", "f" },                  /* padding may be left out */
    { "Zm8", "fo" },
    { "Zg=", NULL },                /* or is whole */
    { "Zg===", NULL },
    { "Z", NULL },
    { "=", NULL },
    { "====", NULL },
    { "Zh==", NULL },               /* bits beyond the last byte */
    { "Zm9=", NULL },
    { "Zm9v\n", NULL },
    { "Zm 9v", NULL },
    { "Zg==Zg==", NULL },
    { "-_-_", NULL },               /* the other alphabet */
    { "Zm9\xff", NULL },
};

static const encoding_case_t  hex[] = {
    { "", "" },
    { "666f6f", "foo" },
    { "fB2A", "\xfb\x2a" },
    { "66f", NULL },
    { "6g", NULL },
    { "0x", NULL },
    { " 6", NULL },
    { "@0", NULL },
    { "\x81\x81", NULL },
};


static void
test_base64(const encoding_case_t *c)
{
    bool           good;
    size_t         bytes = 0;
    unsigned char  data[32];

    good = base_base64_read(base_str_c(c->text), data, &bytes);

    if (c->bytes == NULL) {
        ok(!good, "\"%s\" is no base64", c->text);
        return;
    }

    ok(good && base_str_eq_c(base_str((char *) data, bytes), c->bytes),
       "\"%s\" is read from base64", c->text);
}


static void
test_hex(const encoding_case_t *c)
{
    bool           good;
    unsigned char  data[32];

    good = base_hex_read(base_str_c(c->text), data);

    if (c->bytes == NULL) {
        ok(!good, "\"%s\" is not hexadecimal", c->text);
        return;
    }

    ok(good && memcmp(data, c->bytes, strlen(c->bytes)) == 0,
       "\"%s\" is read from hexadecimal digits", c->text);
}


int
main(void)
{
    char    text[6];
    size_t  i;

    for (i = 0; i < sizeof(base64) / sizeof(base64[0]); i++) {
        test_base64(&base64[i]);
    }

    for (i = 0; i < sizeof(hex) / sizeof(hex[0]); i++) {
        test_hex(&hex[i]);
    }

    base_hex((const unsigned char *) "\x00\x9f\xff", 3, text);
    is_str(base_str(text, 6), BASE_STR("009fff"), "hexadecimal is written");

    return done_testing();
}
