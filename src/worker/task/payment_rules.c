/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/payment_rules.h"

#include <stdio.h>
#include <strings.h>

#include "base/json_pointer.h"


#define WORKER_REASON_BYTES_MAX  500


typedef enum {
    WORKER_WORD_NONE = 0,           /* there is no word there */
    WORKER_WORD_OTHER,              /* one that nothing is known about */
    WORKER_WORD_DONE,
    WORKER_WORD_REFUSED
} worker_word_t;


static void worker_payment_judge_none(const worker_http_answer_t *http,
    worker_payment_answer_t *answer);
static void worker_payment_judge_status(const worker_config_t *config,
    unsigned status, worker_word_t word, worker_payment_answer_t *answer);
static worker_word_t worker_payment_word(const worker_config_t *config,
    worker_payment_kind_t kind, base_str_t text);
static void worker_payment_explain(const worker_http_answer_t *http,
    base_str_t word, base_str_t reason, base_arena_t *arena,
    worker_payment_answer_t *answer);
static base_str_t worker_json_scalar(const base_json_t *json,
    base_str_t pointer);
static bool worker_words_have(base_str_t words, base_str_t word);
static bool worker_codes_have(base_str_t codes, unsigned code);
static bool worker_codes_good(base_str_t codes);
static base_str_t worker_words_next(base_str_t *words);


void
worker_payment_judge(const worker_config_t *config, worker_payment_kind_t kind,
    const worker_http_answer_t *http, base_arena_t *arena,
    worker_payment_answer_t *answer)
{
    base_str_t          word, reason;
    const base_json_t  *json;

    *answer = (worker_payment_answer_t) {
        .outcome = WORKER_PAYMENT_ERROR,
        .retry_after_ms = http->retry_after_ms
    };

    if (http->outcome != WORKER_HTTP_ANSWERED) {
        worker_payment_judge_none(http, answer);
        return;
    }

    json = base_json_parse(arena, http->body, NULL, NULL);
    word = worker_json_scalar(json, config->payment_status);
    reason = worker_json_scalar(json, config->payment_reason);
    answer->transaction_id = worker_json_scalar(json,
                                                config->payment_transaction);

    worker_payment_judge_status(config, http->status,
                                worker_payment_word(config, kind, word),
                                answer);
    if (answer->outcome == WORKER_PAYMENT_PAID
        && kind == WORKER_PAYMENT_REFUND)
    {
        answer->outcome = WORKER_PAYMENT_REFUNDED;
    }

    worker_payment_explain(http, word, reason, arena, answer);
}


static void
worker_payment_judge_none(const worker_http_answer_t *http,
    worker_payment_answer_t *answer)
{
    static const struct {
        base_str_t  error;
        bool        undecided;
    }  errors[] = {
        [WORKER_HTTP_UNREACHED] = { BASE_STR_INIT("Payment.Unavailable"),
                                    false },
        [WORKER_HTTP_TIMEOUT] = { BASE_STR_INIT("Payment.Timeout"), true },
        [WORKER_HTTP_BROKEN] = { BASE_STR_INIT("Payment.Ambiguous"), true },
        [WORKER_HTTP_TOO_LARGE] = { BASE_STR_INIT("Payment.Ambiguous"), true },
    };

    answer->error = errors[http->outcome].error;
    answer->undecided = errors[http->outcome].undecided;
    answer->cause = http->cause;
}


static void
worker_payment_judge_status(const worker_config_t *config, unsigned status,
    worker_word_t word, worker_payment_answer_t *answer)
{
    bool  spoken = (status >= 200 && status <= 299) || status == 409;

    if (spoken && word == WORKER_WORD_DONE) {
        answer->outcome = WORKER_PAYMENT_PAID;

    } else if ((spoken && word == WORKER_WORD_REFUSED)
               || (word != WORKER_WORD_DONE
                   && worker_codes_have(config->payment_refused_codes,
                                        status)))
    {
        answer->outcome = WORKER_PAYMENT_REFUSED;

    } else if (worker_codes_have(config->payment_busy_codes, status)) {
        answer->error = BASE_STR("Payment.Unavailable");

    } else if (spoken || status < 400 || status > 499 || status == 408
               || status == 425 || word == WORKER_WORD_DONE)
    {
        answer->error = BASE_STR("Payment.Ambiguous");
        answer->undecided = true;

    } else if (word == WORKER_WORD_REFUSED) {
        answer->outcome = WORKER_PAYMENT_REFUSED;

    } else {
        answer->error = BASE_STR("Payment.Rejected");
    }
}


static worker_word_t
worker_payment_word(const worker_config_t *config, worker_payment_kind_t kind,
    base_str_t text)
{
    if (text.len == 0) {
        return WORKER_WORD_NONE;
    }

    if (worker_words_have(kind == WORKER_PAYMENT_CHARGE
                              ? config->payment_paid
                              : config->payment_refunded, text))
    {
        return WORKER_WORD_DONE;
    }

    return worker_words_have(config->payment_refused, text)
               ? WORKER_WORD_REFUSED : WORKER_WORD_OTHER;
}


/* Reason and cause; what the provider says is cut to a length for people. */
static void
worker_payment_explain(const worker_http_answer_t *http, base_str_t word,
    base_str_t reason, base_arena_t *arena, worker_payment_answer_t *answer)
{
    if (reason.len > WORKER_REASON_BYTES_MAX) {
        reason.len = WORKER_REASON_BYTES_MAX;
        while (reason.len > 0
               && ((unsigned char) reason.data[reason.len] & 0xc0) == 0x80)
        {
            reason.len--;
        }
    }

    if (word.len > WORKER_REASON_BYTES_MAX) {
        word = BASE_STR("too long to be shown");
    }

    if (answer->outcome == WORKER_PAYMENT_REFUSED) {
        answer->reason = reason.len > 0
            ? reason : base_arena_printf(arena, "Payment refused (HTTP %u)",
                                         http->status);

    } else if (answer->outcome == WORKER_PAYMENT_ERROR) {
        answer->cause = base_arena_printf(
            arena, "the provider answered HTTP %u%s%.*s%s%.*s", http->status,
            word.len > 0 ? ", status " : "", BASE_STR_ARG(word),
            reason.len > 0 ? ": " : "", BASE_STR_ARG(reason));
    }
}


void
worker_payment_rules_check(const worker_config_t *config, base_arena_t *arena,
    worker_problems_t *problems)
{
    size_t  i;

    const struct {
        const char  *name;
        base_str_t   value;
    }  pointers[] = {
        { "payment_status", config->payment_status },
        { "payment_reason", config->payment_reason },
        { "payment_transaction", config->payment_transaction },
    }, codes[] = {
        { "payment_refused_codes", config->payment_refused_codes },
        { "payment_busy_codes", config->payment_busy_codes },
    };

    for (i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
        if (!base_json_pointer_valid(pointers[i].value)) {
            worker_problems_add(problems, arena, false,
                                "\"%s\": expected a JSON pointer such as "
                                "/status or /data/state", pointers[i].name);
        }
    }

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (!worker_codes_good(codes[i].value)) {
            worker_problems_add(problems, arena, false,
                                "\"%s\": expected codes of HTTP from 400 to "
                                "599, with blanks between them",
                                codes[i].name);
        }
    }
}


/* A string, or what stands for it; empty if there is none. */
static base_str_t
worker_json_scalar(const base_json_t *json, base_str_t pointer)
{
    return base_json_scalar(base_json_pointer(json, pointer));
}


static bool
worker_words_have(base_str_t words, base_str_t word)
{
    base_str_t  next;

    for ( ;; ) {
        next = worker_words_next(&words);
        if (next.len == 0) {
            return false;
        }

        if (next.len == word.len
            && strncasecmp(next.data, word.data, word.len) == 0)
        {
            return true;
        }
    }
}


static bool
worker_codes_have(base_str_t codes, unsigned code)
{
    char  text[16];

    (void) snprintf(text, sizeof(text), "%u", code);
    return worker_words_have(codes, base_str_c(text));
}


static bool
worker_codes_good(base_str_t codes)
{
    base_str_t  next;

    for ( ;; ) {
        next = worker_words_next(&codes);
        if (next.len == 0) {
            return true;
        }

        if (next.len != 3 || (next.data[0] != '4' && next.data[0] != '5')
            || next.data[1] < '0' || next.data[1] > '9'
            || next.data[2] < '0' || next.data[2] > '9')
        {
            return false;
        }
    }
}


/* Empty at the end. */
static base_str_t
worker_words_next(base_str_t *words)
{
    size_t      start = 0, end;
    base_str_t  word;

    while (start < words->len && words->data[start] == ' ') {
        start++;
    }

    end = start;
    while (end < words->len && words->data[end] != ' ') {
        end++;
    }

    word = base_str(words->data + start, end - start);
    *words = base_str(words->data + end, words->len - end);

    return word;
}
