/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include <string.h>

#include "base/uuid.h"


#define NOW_MS  INT64_C(1645557742000)      /* as in RFC 9562's example */


static void
test_v7(void)
{
    char                        text[BASE_UUID_TEXT_BYTES];
    base_str_t                  id = base_str(text, sizeof(text));
    base_uuid_gen_t             gen;

    /* the example's rand_a is CC3, its rand_b 18C4DC0C0C07398F */
    static const unsigned char  random[16] = {
        0, 0, 0, 0, 0, 0, 0x0c, 0xc3,
        0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f
    };

    base_uuid_gen_init(&gen);
    base_uuid_v7(&gen, NOW_MS, random, text);
    is_str(id, BASE_STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"),
           "RFC 9562's example of a version 7 UUID");
    ok(base_uuid_valid(id), "is valid");
    is_int(base_uuid_v7_ms(id), NOW_MS, "and tells its time");
}


static void
test_order(void)
{
    int            i;
    char           last[BASE_UUID_TEXT_BYTES] = "";
    char           next[BASE_UUID_TEXT_BYTES];
    bool           rising = true;
    bool           valid = true;
    int64_t        now_ms = NOW_MS;
    unsigned char  random[16];
    unsigned       seed = 1;
    size_t         k;

    base_uuid_gen_t  gen;

    base_uuid_gen_init(&gen);

    for (i = 0; i < 20000; i++) {
        for (k = 0; k < sizeof(random); k++) {
            seed = seed * 1103515245 + 12345;
            random[k] = (unsigned char) (seed >> 16);
        }

        /* the clock stands, runs and jumps back */
        now_ms += i % 1000 == 999 ? -500 : i % 10 == 0;
        base_uuid_v7(&gen, now_ms, random, next);

        rising = rising && memcmp(last, next, sizeof(next)) < 0;
        valid = valid
                && base_uuid_v7_ms(base_str(next, sizeof(next))) >= NOW_MS;
        memcpy(last, next, sizeof(next));
    }

    ok(rising, "ids rise also when the clock stands or steps back");
    ok(valid, "and all are of version 7");
}


static void
test_overflow(void)
{
    int              i;
    char             last[BASE_UUID_TEXT_BYTES];
    char             next[BASE_UUID_TEXT_BYTES];
    bool             rising = true;
    unsigned char    random[16];
    base_uuid_gen_t  gen;

    memset(random, 0xff, sizeof(random));
    base_uuid_gen_init(&gen);
    base_uuid_v7(&gen, NOW_MS, random, last);

    for (i = 0; i < 10; i++) {
        base_uuid_v7(&gen, NOW_MS, random, next);
        rising = rising && memcmp(last, next, sizeof(next)) < 0;
        memcpy(last, next, sizeof(next));
    }

    ok(rising, "ids rise also when the random part is used up");
    is_int(base_uuid_v7_ms(base_str(next, sizeof(next))), NOW_MS + 10,
           "then milliseconds are borrowed");

    memset(random, 0, sizeof(random));
    gen = (base_uuid_gen_t) {
        .last_ms = NOW_MS, .random_high = 5,
        .random_low = (UINT64_C(1) << 62) - 1
    };
    base_uuid_v7(&gen, NOW_MS, random, next);
    is_str(base_str(next, sizeof(next)),
           BASE_STR("017f22e2-79b0-7006-8000-000000000000"),
           "the low part carries into the high one");
}


static void
test_range(void)
{
    char                        text[BASE_UUID_TEXT_BYTES];
    base_str_t                  id = base_str(text, sizeof(text));
    base_uuid_gen_t             gen;
    static const unsigned char  random[16];

    base_uuid_gen_init(&gen);
    base_uuid_v7(&gen, -5, random, text);
    is_int(base_uuid_v7_ms(id), 0, "a time before 1970 counts as 1970");

    base_uuid_gen_init(&gen);
    base_uuid_v7(&gen, (INT64_C(1) << 48) - 1, random, text);
    is_int(base_uuid_v7_ms(id), (INT64_C(1) << 48) - 1, "the last millisecond");
}


static void
test_v4(void)
{
    char                        text[BASE_UUID_TEXT_BYTES];
    base_str_t                  id = base_str(text, sizeof(text));
    unsigned char               random[16];

    memset(random, 0xff, sizeof(random));
    base_uuid_v4(random, text);
    is_str(id, BASE_STR("ffffffff-ffff-4fff-bfff-ffffffffffff"),
           "version 4 of all ones");
    is_int(base_uuid_v7_ms(id), -1, "has no time");

    memset(random, 0, sizeof(random));
    base_uuid_v4(random, text);
    is_str(id, BASE_STR("00000000-0000-4000-8000-000000000000"),
           "version 4 of all zeros");
}


static void
test_valid(void)
{
    static const base_str_t  bad[] = {
        BASE_STR_INIT(""),
        BASE_STR_INIT("017f22e2-79b0-7cc3-98c4-dc0c0c07398"),
        BASE_STR_INIT("017f22e2-79b0-7cc3-98c4-dc0c0c07398f0"),
        BASE_STR_INIT("017f22e2x79b0-7cc3-98c4-dc0c0c07398f"),
        BASE_STR_INIT("017f22e2-79b0-7cc3-98c4-dc0c0c07398g"),
        BASE_STR_INIT("017f22e2-79b0-7cc3-98c4-dc0c0c07398\0"),
        BASE_STR_INIT("017f22e279b0-7cc3-98c4-dc0c0c07398-f"),
        BASE_STR_INIT("{17f22e2-79b0-7cc3-98c4-dc0c0c07398}"),
    };

    size_t  i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ok(!base_uuid_valid(bad[i]), "'%.*s' is no UUID",
           BASE_STR_ARG(bad[i]));
        is_int(base_uuid_v7_ms(bad[i]), -1, "and has no time");
    }

    ok(base_uuid_valid(BASE_STR("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")),
       "capitals are valid");
    is_int(base_uuid_v7_ms(BASE_STR("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")),
           NOW_MS, "and tell the time");
    ok(base_uuid_valid(BASE_STR("00000000-0000-0000-0000-000000000000")),
       "the nil UUID is valid");
    is_int(base_uuid_v7_ms(BASE_STR("017f22e2-79b0-7cc3-c8c4-dc0c0c07398f")),
           -1, "version 7 with another variant has no time");
}


int
main(void)
{
    test_v7();
    test_order();
    test_overflow();
    test_range();
    test_v4();
    test_valid();

    return done_testing();
}
