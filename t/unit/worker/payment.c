/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/payment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"
#include "worker/task/payment_journal.h"


static uint64_t                 now_ms;
static unsigned                 answers;
static worker_payment_outcome_t last;
static char                     last_text[128];

static worker_log_t  log_nowhere;


static uint64_t
clock_ms(void *data)
{
    (void) data;
    return now_ms;
}


static void
answered(worker_payment_request_t *request,
    const worker_payment_answer_t *answer)
{
    base_str_t  text = answer->outcome == WORKER_PAYMENT_PAID
                           ? answer->transaction_id
                           : answer->outcome == WORKER_PAYMENT_REFUSED
                                 ? answer->reason : answer->error;

    (void) request;
    answers++;
    last = answer->outcome;
    (void) snprintf(last_text, sizeof(last_text), "%.*s", BASE_STR_ARG(text));
}


/* Asks and waits; how many answers came. */
static unsigned
ask(worker_payment_t *payment, worker_timers_t *timers, const char *key,
    uint32_t attempt)
{
    worker_payment_request_t  request = {
        .idempotency_key = base_str_c(key), .attempt = attempt,
        .answered = answered
    };

    answers = 0;
    payment->ask(payment, &request);
    now_ms += 100000;
    worker_timers_fire(timers);
    now_ms += 100000;
    worker_timers_fire(timers);

    return answers;
}


static worker_payment_t *
open_payment(worker_config_t *config, base_arena_t *arena,
    worker_timers_t *timers, const char *settings)
{
    worker_problems_t         problems;
    worker_payment_options_t  options = {
        .config = config, .log = &log_nowhere, .timers = timers
    };

    worker_problems_init(&problems);
    worker_config_load(config, arena, NULL, base_str_c(settings),
                       BASE_STR(""), &problems);
    ok(problems.errors == 0, "%s", settings);
    worker_timers_init(timers, clock_ms, NULL);

    return worker_payment_new(&options);
}


static void
test_outcomes(base_arena_t *arena)
{
    char               key[64], text[128];
    unsigned           i, paid = 0, refused = 0, away = 0, same = 0;
    worker_timers_t    timers;
    worker_config_t    config;
    worker_payment_t  *payment;

    payment = open_payment(&config, arena, &timers,
        "simulate_refuse 25%; simulate_unavailable 10%;"
        "simulate_latency 5ms 9ms; simulate_seed 7;");

    for (i = 0; i < 2000; i++) {
        (void) snprintf(key, sizeof(key), "order-%u:Pay", i);
        if (ask(payment, &timers, key, 0) != 1) {
            break;
        }

        paid += last == WORKER_PAYMENT_PAID;
        refused += last == WORKER_PAYMENT_REFUSED;
        away += last == WORKER_PAYMENT_ERROR;

        (void) snprintf(text, sizeof(text), "%s", last_text);
        (void) ask(payment, &timers, key, 0);
        same += strcmp(text, last_text) == 0;
    }

    is_int(paid + refused + away, 2000, "each question has one answer");
    ok(refused > 350 && refused < 550, "about the share is refused: %u",
       refused);
    ok(away > 120 && away < 280, "about the share is not answered: %u", away);
    is_int(same, 2000, "the same question has the same answer");

    for (i = 0; i < 50; i++) {
        (void) ask(payment, &timers, "order-1:Pay", i);
        if (last != WORKER_PAYMENT_ERROR) {
            break;
        }
    }

    ok(i < 50, "trying again helps against an error");
    worker_payment_free(payment);
    worker_timers_deinit(&timers);
}


static void
test_latency(base_arena_t *arena)
{
    worker_timers_t           timers;
    worker_config_t           config;
    worker_payment_t         *payment;
    worker_payment_request_t  request = {
        .idempotency_key = BASE_STR("k"), .answered = answered
    };

    payment = open_payment(&config, arena, &timers,
                           "simulate_latency 50ms 50ms;");
    answers = 0;
    payment->ask(payment, &request);
    now_ms += 49;
    worker_timers_fire(&timers);
    is_int(answers, 0, "an answer takes its time");
    now_ms += 1;
    worker_timers_fire(&timers);
    is_int(answers, 1, "and comes");

    payment->ask(payment, &request);
    payment->cancel(payment, &request);
    now_ms += 1000;
    worker_timers_fire(&timers);
    is_int(answers, 1, "but not if it is not wanted any more");
    worker_payment_free(payment);
    worker_timers_deinit(&timers);

    payment = open_payment(&config, arena, &timers,
                           "simulate_latency 0ms 0ms; simulate_refuse 0%;");
    answers = 0;
    payment->ask(payment, &request);
    is_int(answers, 1, "without latency it comes at once");
    is_int(last, WORKER_PAYMENT_PAID, "nothing is refused at 0%");
    worker_payment_free(payment);
    worker_timers_deinit(&timers);
}


static void
test_journal(base_arena_t *arena)
{
    int                fd;
    char               path[] = "/tmp/worker-journal-XXXXXX";
    base_str_t         text, settings;
    worker_timers_t    timers;
    worker_config_t    config;
    worker_journal_t  *journals[2];
    worker_payment_t  *payment;

    fd = mkstemp(path);
    (void) close(fd);

    journals[0] = worker_journal_new(path, &log_nowhere);
    journals[1] = worker_journal_new(path, &log_nowhere);
    ok(journals[0] != NULL && journals[1] != NULL, "two share a journal");
    ok(worker_journal_charge(journals[0], BASE_STR("a"), "paid")
       && worker_journal_charge(journals[1], BASE_STR("a"), "paid")
       && worker_journal_charge(journals[1], BASE_STR("b"), "refused")
       && worker_journal_charge(journals[0], BASE_STR("b"), "refused")
       && worker_journal_sync(journals[0]), "both charge");
    worker_journal_free(journals[0]);
    worker_journal_free(journals[1]);

    settings = base_arena_printf(arena, "simulate_journal %s;"
                                 "simulate_refuse 0%%;", path);
    payment = open_payment(&config, arena, &timers, settings.data);
    is_int(ask(payment, &timers, "a", 1), 1, "a later one asks");
    is_int(ask(payment, &timers, "c", 0), 1, "and asks for something new");
    worker_payment_free(payment);
    worker_timers_deinit(&timers);

    ok(worker_file_read(arena, path, 4096, &text), "the journal is there");
    is_str(text, BASE_STR("charge a paid\nagain a\ncharge b refused\nagain b\n"
                          "again a\ncharge c paid\n"),
           "each key is charged once");
    (void) unlink(path);

    ok(worker_journal_new("/nonexistent/journal", &log_nowhere) == NULL,
       "a journal that cannot be opened is an error");
}


static void
test_many(base_arena_t *arena)
{
    char               key[32], path[] = "/tmp/worker-journal-XXXXXX";
    unsigned           i;
    base_str_t         text;
    worker_journal_t  *journal;

    (void) close(mkstemp(path));
    journal = worker_journal_new(path, &log_nowhere);
    for (i = 0; i < 3000; i++) {
        (void) snprintf(key, sizeof(key), "key-%u", i % 1500);
        (void) worker_journal_charge(journal, base_str_c(key), "paid");
    }

    worker_journal_free(journal);
    ok(worker_file_read(arena, path, 1000000, &text), "a long journal");
    for (i = 0; text.len > 0; ) {
        const char  *end = memchr(text.data, '\n', text.len);

        i += base_str_starts(text, BASE_STR("charge "));
        text.len -= (size_t) (end + 1 - text.data);
        text.data = end + 1;
    }

    is_int(i, 1500, "each of many keys is charged once");
    (void) unlink(path);
}


int
main(void)
{
    base_arena_t  arena;

    log_nowhere.fd = open("/dev/null", O_WRONLY);
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    test_outcomes(&arena);
    test_latency(&arena);
    test_journal(&arena);
    test_many(&arena);

    base_arena_deinit(&arena);
    return done_testing();
}
