/* SPDX-License-Identifier: BSD-2-Clause */

#include "orders/token.h"
#include "tap.h"


#define ID    "019ab3c4-5d6e-7f80-9123-456789abcdef"
#define BITS  "AAECAwQFBgcICQoLDA0ODxAREhMUFfv_"


static void
test_write(void)
{
    size_t         i;
    char           text[ORDERS_TOKEN_BYTES];
    unsigned char  random[ORDERS_TOKEN_RANDOM_BYTES];
    base_str_t     id = BASE_STR("");

    for (i = 0; i < sizeof(random); i++) {
        random[i] = (unsigned char) i;
    }

    random[22] = 0xfb;
    random[23] = 0xff;
    orders_token_write(BASE_STR(ID), random, text);
    is_str(base_str(text, sizeof(text)), BASE_STR(ID "." BITS),
           "an id, a dot, and bits in the URL-safe alphabet");
    ok(orders_token_read(base_str(text, sizeof(text)), &id),
       "what was written has the form of a token");
    is_str(id, BASE_STR(ID), "and tells its order");
}


static void
test_read(void)
{
    static const struct {
        const char  *name;
        base_str_t   text;
    } refused[] = {
        { "nothing", BASE_STR_INIT("") },
        { "an id alone", BASE_STR_INIT(ID) },
        { "one character less",
          BASE_STR_INIT(ID ".AAECAwQFBgcICQoLDA0ODxAREhMUFfv") },
        { "one character more", BASE_STR_INIT(ID "." BITS "A") },
        { "padding", BASE_STR_INIT(ID ".AAECAwQFBgcICQoLDA0ODxAREhMUFfv=") },
        { "the other alphabet of Base64",
          BASE_STR_INIT(ID ".AAECAwQFBgcICQoLDA0ODxAREhMUFfv/") },
        { "a NUL", BASE_STR_INIT(ID ".AAECAwQFBgcICQoLDA0ODxAREhMUFfv\0") },
        { "another dot",
          BASE_STR_INIT(ID ".AAECAwQFBgcICQo.DA0ODxAREhMUFfv_") },
        { "no dot", BASE_STR_INIT(ID "-" BITS) },
        { "an id that is none",
          BASE_STR_INIT("019ab3c4-5d6e-7f80-9123-456789abcdeg." BITS) },
        { "an id without dashes",
          BASE_STR_INIT("019ab3c405d6e07f80091230456789abcdef." BITS) },
    };

    size_t      i;
    base_str_t  id;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        ok(!orders_token_read(refused[i].text, &id), "no token: %s",
           refused[i].name);
    }
}


static void
test_equal(void)
{
    size_t      i;
    char        text[] = ID "." BITS;
    base_str_t  token = BASE_STR(ID "." BITS);
    base_str_t  other = base_str(text, token.len);

    ok(orders_token_equal(token, other), "equal to a copy");

    for (i = 0; i < token.len; i++) {
        text[i] ^= 1;
        if (orders_token_equal(token, other)) {
            break;
        }
        text[i] ^= 1;
    }

    is_int((int64_t) i, (int64_t) token.len,
           "not to one with another character in any place");
    ok(!orders_token_equal(token, base_str(token.data, token.len - 1))
       && !orders_token_equal(base_str(token.data, token.len - 1), token)
       && !orders_token_equal(token, BASE_STR("")),
       "nor to a part of it");
}


int
main(void)
{
    test_write();
    test_read();
    test_equal();

    return done_testing();
}
