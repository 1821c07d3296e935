/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include "base/buf.h"
#include "orders/signature.h"


#define WINDOW_S  300


/* A webhook that is good at now_s. */
typedef struct {
    const char  *name;
    const char  *words[6];
    const char  *secret;
    const char  *signature;
    const char  *timestamp;
    const char  *id;
    const char  *body;
    int64_t      now_s;
} good_case_t;

typedef struct {
    const char  *name;
    const char  *words[7];
} wrong_case_t;

typedef struct {
    const char                 *name;
    const char                 *signature;
    const char                 *timestamp;
    const char                 *id;
    orders_signature_status_t   status;
} check_case_t;


static base_arena_t  arena;


/* The first is of Standard Webhooks' own libraries, those of GitHub and Slack
 * are of their documentation; the others were made with openssl dgst -hmac. */
static const good_case_t  good[] = {
    { "standard", { "standard" }, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "1614265330",
      "msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}", 1614265330 },
    { "standard, among signatures of other keys and kinds", { "standard" },
      "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= "
      "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= "
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,Zm9v",
      "1614265330", "msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}",
      1614265330 },
    { "svix, whose headers have other names", { "svix" },
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "1614265330",
      "msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}", 1614265330 },
    { "github", { "github" }, "It's a Secret to Everybody",
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      NULL, NULL, "Hello, World!", 1 },
    { "slack", { "slack" }, "8f742231b10e8888abcd99yyyzzz85a5",
      "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
      "1531420618", NULL,
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain="
      "testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA"
      "&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url="
      "https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
      "96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887"
      "a14d10d2c447fce8b6703c", 1531420618 },
    { "stripe, whose key has whsec_ in it", { "stripe" },
      "whsec_abcdefghijklmnop",
      "t=1700000000,"
      "v1=d8d245c31dd242c9c378b988dcf0ccfa2f113c6a171df06e028775b4a30d48ab,"
      "v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39",
      NULL, NULL, "{\"id\":\"evt_1\"}", 1700000000 },
    { "stripe, while the key changes", { "stripe" }, "whsec_abcdefghijklmnop",
      "t=1700000000,"
      "v1=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39,"
      "v1=d8d245c31dd242c9c378b988dcf0ccfa2f113c6a171df06e028775b4a30d48ab",
      NULL, NULL, "{\"id\":\"evt_1\"}", 1700000000 },
    { "stripe, the elements in another order", { "stripe" },
      "whsec_abcdefghijklmnop",
      "v1=d8d245c31dd242c9c378b988dcf0ccfa2f113c6a171df06e028775b4a30d48ab, "
      "t=1700000000", NULL, NULL, "{\"id\":\"evt_1\"}", 1700000000 },
    { "paddle", { "paddle" }, "pdl_ntfset_0123456789",
      "ts=1700000000;"
      "h1=2e0599a8407f0b1f23fc091f9adbda7f8278862c04650d0e8d1281ffa6992956",
      NULL, NULL, "{\"id\":\"evt_1\"}", 1700000000 },
    { "shopify", { "shopify" }, "shpss_0123456789abcdef",
      "aSGafNJkXiKk7tXIaA55z2eOy6xl30f4MmN4AOD5GSs=", NULL, NULL,
      "{\"id\":\"evt_1\"}", 1 },
    { "square, in words: the URL is signed", { "form={base64}",
      "header=x-square-hmacsha256-signature",
      "payload=https://shop.example/hook{body}" }, "sq_0123456789abcdef",
      "R0ucQBWfA+bbGgLjfMLxsaMpDZLGU4nI3s4xSiUL/+A=", NULL, NULL,
      "{\"id\":\"evt_1\"}", 1 },
    { "a key in hexadecimal digits", { "header=Signature", "form={hex}",
      "payload={body}", "key=hex" }, "0123456789abcdef0123456789ABCDEF",
      "44ee4a07c7c3d8a38bb9fec8db525167a74c7929621a272a3d388217e1ec3038",
      NULL, NULL, "{\"id\":\"evt_1\"}", 1 },
};


static const wrong_case_t  wrong[] = {
    { "no words", { NULL } },
    { "an unknown name", { "strip" } },
    { "two names", { "stripe", "github" } },
    { "a name and words", { "stripe", "key=hex" } },
    { "no header", { "form={hex}", "payload={body}" } },
    { "no form", { "header=S", "payload={body}" } },
    { "no payload", { "header=S", "form={hex}" } },
    { "an empty word", { "header=", "form={hex}", "payload={body}" } },
    { "a word twice",
      { "header=S", "header=S", "form={hex}", "payload={body}" } },
    { "a form without a signature",
      { "header=S", "form=t={timestamp}", "payload={timestamp}{body}" } },
    { "a form of two signatures",
      { "header=S", "form={hex},{base64}", "payload={body}" } },
    { "a form of three elements",
      { "header=S", "form=a={timestamp},b={hex},c={hex}",
        "payload={timestamp}{body}" } },
    { "a timestamp without a label",
      { "header=S", "form={timestamp},v1={hex}", "payload={timestamp}{body}" }
    },
    { "a form that goes on", { "header=S", "form={hex}.", "payload={body}" } },
    { "a form left open", { "header=S", "form={hex", "payload={body}" } },
    { "a form of something else",
      { "header=S", "form={octal}", "payload={body}" } },
    { "a payload without the body", { "header=S", "form={hex}", "payload=x" } },
    { "a payload with the body twice",
      { "header=S", "form={hex}", "payload={body}{body}" } },
    { "a payload left open", { "header=S", "form={hex}", "payload={body}{" } },
    { "a payload with something else",
      { "header=S", "form={hex}", "payload={body}{url}" } },
    { "a payload of too many parts",
      { "header=S", "form={hex}", "timestamp=T", "id=I",
        "payload=a{body}b{id}c{timestamp}d{id}e" } },
    { "a timestamp that is not signed",
      { "header=S", "form={hex}", "payload={body}", "timestamp=T" } },
    { "a timestamp in the form that is not signed",
      { "header=S", "form=t={timestamp},v={hex}", "payload={body}" } },
    { "a timestamp in two places",
      { "header=S", "form=t={timestamp},v={hex}", "timestamp=T",
        "payload={timestamp}{body}" } },
    { "a timestamp that is nowhere",
      { "header=S", "form={hex}", "payload={timestamp}{body}" } },
    { "an id that is not signed",
      { "header=S", "form={hex}", "payload={body}", "id=I" } },
    { "an id that is nowhere",
      { "header=S", "form={hex}", "payload={id}{body}" } },
    { "another kind of key",
      { "header=S", "form={hex}", "payload={body}", "key=octal" } },
};


#define GOOD_SIGNATURE  "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define GOOD_TIME       "1614265330"
#define GOOD_ID         "msg_p5jXN8AQM9LWM0D4loKWxJek"

/* Of the first good one, WINDOW_S before 1614265630. */
static const check_case_t  checks[] = {
    { "as it was sent", GOOD_SIGNATURE, GOOD_TIME, GOOD_ID,
      ORDERS_SIGNATURE_GOOD },
    { "without a signature", NULL, GOOD_TIME, GOOD_ID,
      ORDERS_SIGNATURE_MISSING },
    { "without a timestamp", GOOD_SIGNATURE, NULL, GOOD_ID,
      ORDERS_SIGNATURE_MISSING },
    { "without an id", GOOD_SIGNATURE, GOOD_TIME, NULL,
      ORDERS_SIGNATURE_MISSING },
    { "with an empty signature", "", GOOD_TIME, GOOD_ID,
      ORDERS_SIGNATURE_MALFORMED },
    { "with a label only", "v1,", GOOD_TIME, GOOD_ID,
      ORDERS_SIGNATURE_MALFORMED },
    { "with a signature of another kind", "v2,abc", GOOD_TIME, GOOD_ID,
      ORDERS_SIGNATURE_MALFORMED },
    { "with an empty timestamp", GOOD_SIGNATURE, "", GOOD_ID,
      ORDERS_SIGNATURE_MALFORMED },
    { "with a timestamp that is none", GOOD_SIGNATURE, "1614265330.5", GOOD_ID,
      ORDERS_SIGNATURE_MALFORMED },
    { "with a sign", GOOD_SIGNATURE, "+1614265330", GOOD_ID,
      ORDERS_SIGNATURE_MALFORMED },
    { "with a timestamp beyond numbers", GOOD_SIGNATURE,
      "1614265330161426533016142653301614265330", GOOD_ID,
      ORDERS_SIGNATURE_MALFORMED },
    { "with an empty id", GOOD_SIGNATURE, GOOD_TIME, "",
      ORDERS_SIGNATURE_MALFORMED },
    { "with an id that is no text", GOOD_SIGNATURE, GOOD_TIME, "msg \xff",
      ORDERS_SIGNATURE_MALFORMED },
    { "a second too old", GOOD_SIGNATURE, "1614265329", GOOD_ID,
      ORDERS_SIGNATURE_OLD },
    { "at the end of the window", GOOD_SIGNATURE, "1614265930", GOOD_ID,
      ORDERS_SIGNATURE_FORGED },
    { "a second too new", GOOD_SIGNATURE, "1614265931", GOOD_ID,
      ORDERS_SIGNATURE_FUTURE },
    { "with another time", GOOD_SIGNATURE, "1614265331", GOOD_ID,
      ORDERS_SIGNATURE_FORGED },
    { "with another id", GOOD_SIGNATURE, GOOD_TIME,
      "msg_p5jXN8AQM9LWM0D4loKWxJel", ORDERS_SIGNATURE_FORGED },
    { "with another signature",
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", GOOD_TIME, GOOD_ID,
      ORDERS_SIGNATURE_FORGED },
    { "with a part of the signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJE",
      GOOD_TIME, GOOD_ID, ORDERS_SIGNATURE_FORGED },
    { "with more than the signature",
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=AAAA", GOOD_TIME,
      GOOD_ID, ORDERS_SIGNATURE_FORGED },
    { "with the signature in hexadecimal digits",
      "v1,83484cf52b04f8e4cf2531adfed9882ad4b2665137b852442d594d20e2c9d4e1",
      GOOD_TIME, GOOD_ID, ORDERS_SIGNATURE_FORGED },
    { "with its time moved into its id", GOOD_SIGNATURE, "1614265330",
      "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330", ORDERS_SIGNATURE_FORGED },
};


static size_t
word_count(const char *const *words, base_str_t *out, size_t max)
{
    size_t  n = 0;

    while (n < max && words[n] != NULL) {
        out[n] = base_str_c(words[n]);
        n++;
    }

    return n;
}


static orders_webhook_t
webhook_of(const char *signature, const char *timestamp, const char *id,
    base_str_t body)
{
    return (orders_webhook_t) {
        .signature = base_str_c(signature),
        .timestamp = base_str_c(timestamp),
        .id = base_str_c(id),
        .body = body
    };
}


static void
test_good(const good_case_t *c)
{
    size_t              n, which = 9;
    base_str_t          words[6], key, keys[2];
    const char         *reason = "";
    unsigned char       mac[BASE_HMAC_BYTES];
    orders_webhook_t    webhook;
    orders_signature_t  signature;

    n = word_count(c->words, words, 6);

    if (!ok(orders_signature_init(&signature, words, n, &reason)
            && orders_signature_key(&signature, &arena, base_str_c(c->secret),
                                    &key, &reason), "%s is known", c->name))
    {
        printf("# %s\n", reason);
        return;
    }

    keys[0] = BASE_STR("another key of the same sender");
    keys[1] = key;
    webhook = webhook_of(c->signature, c->timestamp, c->id,
                         base_str_c(c->body));

    is_int(orders_signature_check(&signature, &webhook, keys, 2, c->now_s,
                                  WINDOW_S, &which, mac),
           ORDERS_SIGNATURE_GOOD, "... a webhook of it is good");
    is_int((int64_t) which, 1, "... by the second key");
    is_int(orders_signature_check(&signature, &webhook, keys, 1, c->now_s,
                                  WINDOW_S, &which, mac),
           ORDERS_SIGNATURE_FORGED, "... and not by the first one alone");

    webhook.body.len--;
    is_int(orders_signature_check(&signature, &webhook, &key, 1, c->now_s,
                                  WINDOW_S, &which, mac),
           ORDERS_SIGNATURE_FORGED, "... and not with another body");
}


static void
test_wrong(const wrong_case_t *c)
{
    size_t              n;
    base_str_t          words[7];
    const char         *reason = NULL;
    orders_signature_t  signature;

    n = word_count(c->words, words, 7);
    ok(!orders_signature_init(&signature, words, n, &reason)
       && reason != NULL, "%s: no form", c->name);
}


static void
test_check(const check_case_t *c)
{
    size_t              which;
    base_str_t          key, word = BASE_STR("standard");
    const char         *reason;
    unsigned char       mac[BASE_HMAC_BYTES];
    orders_webhook_t    webhook;
    orders_signature_t  signature;

    (void) orders_signature_init(&signature, &word, 1, &reason);
    (void) orders_signature_key(&signature, &arena,
                                base_str_c(good[0].secret), &key, &reason);
    webhook = webhook_of(c->signature, c->timestamp, c->id,
                         base_str_c(good[0].body));

    is_int(orders_signature_check(&signature, &webhook, &key, 1, 1614265630,
                                  WINDOW_S, &which, mac),
           c->status, c->name);
    ok(orders_signature_reason(c->status).len > 0, "... and it has a reason");
}


static void
test_keys(void)
{
    size_t              i;
    base_str_t          key, words[4];
    const char         *reason;
    orders_signature_t  signature;

    static const struct {
        const char  *kind;
        const char  *secret;
        bool         good;
    } secrets[] = {
        { "key=raw", "0123456789abcdef", true },
        { "key=raw", "0123456789abcde", false },
        { "key=raw", "", false },
        { "key=hex", "0123456789abcdef0123456789abcdef", true },
        { "key=hex", "0123456789abcdef0123456789abcd", false },
        { "key=hex", "0123456789abcdef0123456789abcdefg0", false },
        { "key=base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true },
        { "key=base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true },
        { "key=base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=", false },
        { "key=base64", "whsec_", false },
        { "key=base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", false },
        { "key=base64", "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false },
    };

    words[0] = BASE_STR("header=S");
    words[1] = BASE_STR("form={hex}");
    words[2] = BASE_STR("payload={body}");

    for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        words[3] = base_str_c(secrets[i].kind);
        reason = NULL;
        (void) orders_signature_init(&signature, words, 4, &reason);

        is_int(orders_signature_key(&signature, &arena,
                                    base_str_c(secrets[i].secret), &key,
                                    &reason),
               secrets[i].good, secrets[i].secret);
        ok(secrets[i].good == (reason == NULL), "... by %s",
           secrets[i].kind);
    }
}


/* Enough signatures, and one too many. */
static void
test_many(void)
{
    size_t              i, which;
    base_buf_t          buf;
    base_str_t          key = base_str_c(good[3].secret);
    base_str_t          word = BASE_STR("github");
    const char         *reason;
    unsigned char       mac[BASE_HMAC_BYTES];
    orders_webhook_t    webhook = { .body = base_str_c(good[3].body) };
    orders_signature_t  signature;

    (void) orders_signature_init(&signature, &word, 1, &reason);
    base_buf_init(&buf, &arena, SIZE_MAX);

    for (i = 0; i < 31; i++) {
        base_buf_add_lit(&buf, "sha256=00 ");
    }

    base_buf_add_str(&buf, base_str_c(good[3].signature));
    webhook.signature = base_buf_str(&buf);
    is_int(orders_signature_check(&signature, &webhook, &key, 1, 0, WINDOW_S,
                                  &which, mac),
           ORDERS_SIGNATURE_GOOD, "the last of 32 signatures counts");

    base_buf_add_lit(&buf, " sha256=00");
    webhook.signature = base_buf_str(&buf);
    is_int(orders_signature_check(&signature, &webhook, &key, 1, 0, WINDOW_S,
                                  &which, mac),
           ORDERS_SIGNATURE_MALFORMED, "33 are too many");

    word = BASE_STR("stripe");
    (void) orders_signature_init(&signature, &word, 1, &reason);
    webhook.signature = BASE_STR("t=1700000000,v1=00,t=1700000000");
    is_int(orders_signature_check(&signature, &webhook, &key, 1, 1700000000,
                                  WINDOW_S, &which, mac),
           ORDERS_SIGNATURE_MALFORMED, "a webhook has one timestamp");
    webhook.signature = BASE_STR("v1=00");
    is_int(orders_signature_check(&signature, &webhook, &key, 1, 1700000000,
                                  WINDOW_S, &which, mac),
           ORDERS_SIGNATURE_MALFORMED, "and not none");
}


static void
test_names(void)
{
    char  a[ORDERS_WEBHOOK_NAME_BYTES], b[ORDERS_WEBHOOK_NAME_BYTES];

    orders_webhook_name(BASE_STR("Jefe"),
                        BASE_STR("what do ya want for nothing?"), a);
    is_str(base_str(a, sizeof(a)),
           BASE_STR("5bdcc146bf60754e6a042426089575c7"),
           "a webhook's name is its id under the sender's key");

    orders_webhook_name(BASE_STR("Jeff"),
                        BASE_STR("what do ya want for nothing?"), b);
    ok(memcmp(a, b, sizeof(a)) != 0, "another sender has other names");
}


int
main(void)
{
    size_t  i;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        test_good(&good[i]);
    }

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        test_wrong(&wrong[i]);
    }

    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        test_check(&checks[i]);
    }

    test_keys();
    test_many();
    test_names();
    base_arena_deinit(&arena);

    return done_testing();
}
