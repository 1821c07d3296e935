/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include <string.h>

#include "base/encoding.h"
#include "base/hmac.h"


typedef struct {
    const char  *name;
    const char  *key;               /* times: so often, else as it is */
    size_t       key_times;
    const char  *data;
    size_t       data_times;
    const char  *hex;
} hmac_case_t;

/* RFC 4231 (Test Cases 1 to 3, 6), and the ends of a block. */
static const hmac_case_t  cases[] = {
    { "a short key", "\x0b", 20, "Hi There", 1,
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { "a key of letters", "Jefe", 1, "what do ya want for nothing?", 1,
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { "bytes beyond ASCII", "\xaa", 20, "\xdd", 50,
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
    { "a key longer than a block", "\xaa", 131,
      "Test Using Larger Than Block-Size Key - Hash Key First", 1,
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { "a key of a block", "k", 64, "a", 64,
      "be3d7fe630653ed1d0337820c56df488dcf1345d4462cac69ea00a98e2478713" },
    { "a key one byte longer", "k", 65, "a", 65,
      "3a0b0f00a7a23220b7b2ba05d95d454fe49b700d058f9a4b907e6a58583bb3f7" },
    { "no key and no data", "k", 0, "a", 0,
      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
};


static base_str_t
times(char *buf, const char *text, size_t n)
{
    size_t  i, len = strlen(text);

    for (i = 0; i < n; i++) {
        memcpy(buf + i * len, text, len);
    }

    return base_str(buf, n * len);
}


/* The data in pieces of every length. */
static void
test_case(const hmac_case_t *c)
{
    char           key[256], data[256], hex[2 * BASE_HMAC_BYTES];
    size_t         piece, at, n;
    bool           good = true;
    base_str_t     d, k;
    base_hmac_t    hmac;
    unsigned char  mac[BASE_HMAC_BYTES];

    k = times(key, c->key, c->key_times);
    d = times(data, c->data, c->data_times);

    for (piece = 1; piece <= d.len + 1; piece++) {
        base_hmac_init(&hmac, k);

        for (at = 0; at < d.len; at += n) {
            n = d.len - at < piece ? d.len - at : piece;
            base_hmac_add(&hmac, base_str(d.data + at, n));
        }

        base_hmac_end(&hmac, mac);
        base_hex(mac, sizeof(mac), hex);
        good = good && base_str_eq_c(base_str(hex, sizeof(hex)), c->hex);
    }

    ok(good, "%s, the data in pieces of every length", c->name);
}


int
main(void)
{
    size_t         i;
    bool           all = true;
    unsigned char  a[BASE_HMAC_BYTES] = { 1 }, b[BASE_HMAC_BYTES] = { 1 };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(&cases[i]);
    }

    ok(base_hmac_equal(a, b), "equal codes are equal");

    for (i = 0; i < 8 * BASE_HMAC_BYTES; i++) {
        b[i / 8] ^= (unsigned char) (1 << i % 8);
        all = all && !base_hmac_equal(a, b);
        b[i / 8] ^= (unsigned char) (1 << i % 8);
    }

    ok(all, "and differ in any bit");

    return done_testing();
}
