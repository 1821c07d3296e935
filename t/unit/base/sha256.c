/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include <string.h>

#include "base/sha256.h"


typedef struct {
    const char  *name;
    size_t       times;             /* the text so many times */
    const char  *text;
    const char  *hex;
} sha256_case_t;

/* The first three and the last are FIPS 180-4's examples; the others are around
 * the ends of a block. */
static const sha256_case_t  cases[] = {
    { "no bytes", 0, "a",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "three bytes", 1, "abc",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "448 bits", 1,
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { "55 bytes: the length has just room", 55, "a",
      "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
    { "56 bytes: it has not", 56, "a",
      "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
    { "63 bytes", 63, "a",
      "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
    { "64 bytes: a block", 64, "a",
      "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
    { "65 bytes", 65, "a",
      "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
    { "119 bytes", 119, "a",
      "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb" },
    { "120 bytes", 120, "a",
      "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c" },
    { "bytes beyond ASCII", 100, "\xc3\xbf",
      "7f84bcae9b3df87f4c1a9339664d5e2b29a48e832909bc68bf1f99efcd3dcc05" },
    { "a million bytes", 1000000, "a",
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};


int
main(void)
{
    char        *data, hex[BASE_SHA256_HEX_BYTES];
    size_t       i, n, len;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        len = strlen(cases[i].text);
        data = malloc(cases[i].times * len + 1);

        if (data == NULL) {
            return 1;
        }

        for (n = 0; n < cases[i].times; n++) {
            memcpy(data + n * len, cases[i].text, len);
        }

        base_sha256_hex(base_str(data, cases[i].times * len), hex);
        is_str(base_str(hex, sizeof(hex)), base_str_c(cases[i].hex),
               cases[i].name);
        free(data);
    }

    return done_testing();
}
