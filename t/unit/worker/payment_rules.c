/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/payment_rules.h"

#include "tap.h"


#define PAID      WORKER_PAYMENT_PAID
#define REFUNDED  WORKER_PAYMENT_REFUNDED
#define REFUSED   WORKER_PAYMENT_REFUSED
#define ERROR     WORKER_PAYMENT_ERROR


typedef struct {
    unsigned                   status;
    const char                *body;
    worker_payment_outcome_t   outcome;
    const char                *text;        /* error, or reason, or id */
    bool                       undecided;
} case_t;


static const case_t  charges[] = {
    { 200, "{\"status\":\"SUCCESS\",\"transactionId\":\"t1\"}", PAID, "t1",
      false },
    { 201, "{\"status\":\"paid\",\"transactionId\":17}", PAID, "17", false },
    { 200, "{\"status\":\"SUCCESS\"}", PAID, "", false },
    { 200, "{\"status\":\"DECLINED\",\"reason\":\"no funds\"}", REFUSED,
      "no funds", false },
    { 200, "{\"status\":\"declined\"}", REFUSED, "Payment refused (HTTP 200)",
      false },

    /* what is not said is not guessed */
    { 200, "", ERROR, "Payment.Ambiguous", true },
    { 200, "{\"status\":\"SUCC", ERROR, "Payment.Ambiguous", true },
    { 200, "OK", ERROR, "Payment.Ambiguous", true },
    { 200, "{}", ERROR, "Payment.Ambiguous", true },
    { 200, "[]", ERROR, "Payment.Ambiguous", true },
    { 200, "{\"status\":null}", ERROR, "Payment.Ambiguous", true },
    { 200, "{\"status\":\"PENDING\"}", ERROR, "Payment.Ambiguous", true },
    { 202, "{\"status\":\"processing\"}", ERROR, "Payment.Ambiguous", true },
    { 200, "{\"status\":\"SUCCESSFUL\"}", ERROR, "Payment.Ambiguous", true },
    { 200, "{\"status\":\"REFUNDED\"}", ERROR, "Payment.Ambiguous", true },
    { 302, "{\"status\":\"SUCCESS\"}", ERROR, "Payment.Ambiguous", true },
    { 408, "", ERROR, "Payment.Ambiguous", true },
    { 500, "{\"status\":\"SUCCESS\"}", ERROR, "Payment.Ambiguous", true },
    { 500, "{\"status\":\"DECLINED\"}", ERROR, "Payment.Ambiguous", true },
    { 502, "", ERROR, "Payment.Ambiguous", true },
    { 504, "", ERROR, "Payment.Ambiguous", true },

    /* a request with the same key is under way, or is over */
    { 409, "", ERROR, "Payment.Ambiguous", true },
    { 409, "{\"status\":\"SUCCESS\",\"transactionId\":\"t\"}", PAID, "t",
      false },
    { 409, "{\"status\":\"DECLINED\",\"reason\":\"r\"}", REFUSED, "r", false },

    { 402, "", REFUSED, "Payment refused (HTTP 402)", false },
    { 402, "{\"reason\":\"card expired\"}", REFUSED, "card expired", false },
    { 422, "{\"status\":\"SUCCESS\"}", ERROR, "Payment.Ambiguous", true },
    { 400, "{\"status\":\"DECLINED\",\"reason\":\"r\"}", REFUSED, "r", false },
    { 400, "{\"status\":\"SUCCESS\"}", ERROR, "Payment.Ambiguous", true },
    { 401, "", ERROR, "Payment.Rejected", false },
    { 404, "", ERROR, "Payment.Rejected", false },
    { 429, "", ERROR, "Payment.Unavailable", false },
    { 503, "{\"status\":\"DECLINED\"}", ERROR, "Payment.Unavailable", false },
};

static const case_t  refunds[] = {
    { 200, "{\"status\":\"REFUNDED\",\"transactionId\":\"r1\"}", REFUNDED,
      "r1", false },
    { 200, "{\"status\":\"PAID\"}", ERROR, "Payment.Ambiguous", true },
    { 422, "{\"reason\":\"too late\"}", REFUSED, "too late", false },
};

static const case_t  others[] = {
    { 200, "{\"data\":[{\"state\":true,\"a/b~\":\"why\"}]}", PAID, "", false },
    { 200, "{\"data\":[{\"state\":false,\"a/b~\":\"why\"}]}", REFUSED, "why",
      false },
    { 200, "{\"data\":[]}", ERROR, "Payment.Ambiguous", true },
    { 200, "{\"data\":{\"0\":{\"state\":true}}}", PAID, "", false },
    { 402, "{}", ERROR, "Payment.Rejected", false },
    { 418, "{}", REFUSED, "Payment refused (HTTP 418)", false },
};


static const struct {
    worker_http_outcome_t  outcome;
    const char            *error;
    bool                   undecided;
}  failures[] = {
    { WORKER_HTTP_UNREACHED, "Payment.Unavailable", false },
    { WORKER_HTTP_TIMEOUT, "Payment.Timeout", true },
    { WORKER_HTTP_BROKEN, "Payment.Ambiguous", true },
    { WORKER_HTTP_TOO_LARGE, "Payment.Ambiguous", true },
};


static void
test_cases(const worker_config_t *config, worker_payment_kind_t kind,
    const case_t *cases, size_t count)
{
    size_t                   i;
    base_str_t               text;
    base_arena_t             arena;
    worker_http_answer_t     http;
    worker_payment_answer_t  answer;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    for (i = 0; i < count; i++) {
        http = (worker_http_answer_t) {
            .status = cases[i].status, .body = base_str_c(cases[i].body),
            .retry_after_ms = 7000
        };
        worker_payment_judge(config, kind, &http, &arena, &answer);

        is_int(answer.outcome, cases[i].outcome,
               base_arena_printf(&arena, "%u %s", cases[i].status,
                                 cases[i].body).data);
        text = answer.outcome == ERROR
                   ? answer.error
                   : answer.outcome == REFUSED ? answer.reason
                                               : answer.transaction_id;
        is_str(text, base_str_c(cases[i].text), "... says what");
        is_int(answer.undecided, cases[i].undecided, "... and how certainly");
        is_int(answer.retry_after_ms, 7000, "... and when to ask again");
    }

    base_arena_deinit(&arena);
}


static void
test_failures(const worker_config_t *config, base_arena_t *arena)
{
    size_t                   i;
    worker_http_answer_t     http = { .cause = BASE_STR("why") };
    worker_payment_answer_t  answer;

    for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        http.outcome = failures[i].outcome;
        worker_payment_judge(config, WORKER_PAYMENT_CHARGE, &http, arena,
                             &answer);
        is_int(answer.outcome, ERROR, "no answer is an error");
        is_str(answer.error, base_str_c(failures[i].error), "... with a name");
        is_int(answer.undecided, failures[i].undecided, "... a certainty");
        is_str(answer.cause, BASE_STR("why"), "... and a cause");
    }
}


static void
test_length(const worker_config_t *config, base_arena_t *arena)
{
    char                     body[2048], *p = body;
    unsigned                 i;
    worker_http_answer_t     http = { .status = 402 };
    worker_payment_answer_t  answer;

    p += sprintf(p, "{\"reason\":\"a");
    for (i = 0; i < 300; i++) {
        p += sprintf(p, "\xc3\xa4");
    }

    (void) sprintf(p, "\"}");
    http.body = base_str_c(body);
    worker_payment_judge(config, WORKER_PAYMENT_CHARGE, &http, arena, &answer);
    is_int((int64_t) answer.reason.len, 499,
           "a long reason is cut between characters");
}


static void
load(worker_config_t *config, base_arena_t *arena, const char *text,
    unsigned errors)
{
    worker_problems_t  problems;

    worker_problems_init(&problems);
    worker_config_load(config, arena, NULL, base_str_c(text),
                       BASE_STR("redis://h"), &problems);
    worker_payment_check(config, arena, &problems);
    is_int(problems.errors, errors, text);
}


int
main(void)
{
    base_arena_t     arena;
    worker_config_t  config;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    load(&config, &arena, "payment http; payment_url https://h/pay;", 0);
    test_cases(&config, WORKER_PAYMENT_CHARGE, charges,
               sizeof(charges) / sizeof(charges[0]));
    test_cases(&config, WORKER_PAYMENT_REFUND, refunds,
               sizeof(refunds) / sizeof(refunds[0]));
    test_failures(&config, &arena);
    test_length(&config, &arena);

    load(&config, &arena, "payment http; payment_url https://h/pay;"
         "payment_status /data/0/state; payment_reason /data/0/a~1b~0;"
         "payment_paid 'yes true'; payment_refused false;"
         "payment_refused_codes 418;", 0);
    test_cases(&config, WORKER_PAYMENT_CHARGE, others,
               sizeof(others) / sizeof(others[0]));

    load(&config, &arena, "payment http;", 1);
    load(&config, &arena, "payment cash;", 1);
    load(&config, &arena, "payment http; payment_url https://u@h/;", 1);
    load(&config, &arena, "payment http; payment_url https://h;"
         "payment_refund_url h; payment_status status;"
         "payment_busy_codes '429 5xx'; payment_refused_codes 200;", 4);
    load(&config, &arena, "payment simulate; payment_status x;", 0);

    base_arena_deinit(&arena);
    return done_testing();
}
