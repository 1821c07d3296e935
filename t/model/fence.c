/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Looks at all that can happen to two workers and a few orders (model.h): no
 * order is lost, no message stranded, no step committed twice, and all orders
 * end.  Then at what would happen if the protocol left something out: each
 * time something is violated.
 *
 * In the environment: MODEL_TRACE=1 prints how each violation comes about;
 * MODEL_FULL=1 looks at more at once, for minutes.
 */

#include "explore.h"

#include <stdlib.h>

#include "tap.h"


#define A  model_message(MODEL_POST, 0)
#define B  model_message(MODEL_POST, 1)
#define U  model_message(MODEL_UPDATE, 0)
#define D  model_message(MODEL_DELETE, 0)


/* text, queue, orders, parks, crashes, losses, restarts, mistakes, broken */

static const model_setting_t  model_whole[] = {
    { "an order, a lost connection",
      A, 1, false, 0, 1, 0, 0, MODEL_BREAK_NONE },
    { "an order, a live worker taken for dead twice",
      A, 1, false, 0, 0, 0, 2, MODEL_BREAK_NONE },
    { "an order, redis restarted",
      A, 1, false, 0, 0, 1, 0, MODEL_BREAK_NONE },
    { "an order in two messages, a crash",
      A | A << 4, 1, false, 1, 0, 0, 0, MODEL_BREAK_NONE },
    { "an order in two messages, a live worker taken for dead",
      A | A << 4, 1, false, 0, 0, 0, 1, MODEL_BREAK_NONE },
    { "two orders, a live worker taken for dead",
      A | B << 4, 2, false, 0, 0, 0, 1, MODEL_BREAK_NONE },
    { "an order that is parked, a crash",
      A, 1, true, 1, 0, 0, 0, MODEL_BREAK_NONE },
    { "an order that is parked, a lost connection",
      A, 1, true, 0, 1, 0, 0, MODEL_BREAK_NONE },
    { "an order that is parked, a live worker taken for dead",
      A, 1, true, 0, 0, 0, 1, MODEL_BREAK_NONE },
    { "an order that is parked and updated",
      A | U << 4, 1, true, 0, 0, 0, 0, MODEL_BREAK_NONE },
    { "an order that is parked and deleted",
      A | D << 4, 1, true, 0, 0, 0, 0, MODEL_BREAK_NONE },
    { "an order that is parked, updated and deleted",
      A | U << 4 | D << 8, 1, true, 0, 0, 0, 0, MODEL_BREAK_NONE },
};

static const model_setting_t  model_full[] = {
    { "an order that is updated, a live worker taken for dead",
      A | U << 4, 1, true, 0, 0, 0, 1, MODEL_BREAK_NONE },
    { "an order that is deleted, a live worker taken for dead",
      A | D << 4, 1, true, 0, 0, 0, 1, MODEL_BREAK_NONE },
    { "an order that is updated, a lost connection",
      A | U << 4, 1, true, 0, 1, 0, 0, MODEL_BREAK_NONE },
    { "an order that is deleted, a lost connection",
      A | D << 4, 1, true, 0, 1, 0, 0, MODEL_BREAK_NONE },
    { "an order in two messages, a lost connection",
      A | A << 4, 1, false, 0, 1, 0, 0, MODEL_BREAK_NONE },
    { "two orders, a crash",
      A | B << 4, 2, false, 1, 0, 0, 0, MODEL_BREAK_NONE },
    { "two orders, a lost connection",
      A | B << 4, 2, false, 0, 1, 0, 0, MODEL_BREAK_NONE },
    { "an order, two crashes",
      A, 1, false, 2, 0, 0, 0, MODEL_BREAK_NONE },
    { "an order, a crash, a live worker taken for dead",
      A, 1, false, 1, 0, 0, 1, MODEL_BREAK_NONE },
    { "an order, a lost connection, a live worker taken for dead",
      A, 1, false, 0, 1, 0, 1, MODEL_BREAK_NONE },
    { "an order in two messages, a live worker taken for dead twice",
      A | A << 4, 1, false, 0, 0, 0, 2, MODEL_BREAK_NONE },
    { "two messages for one order and one for another, a crash",
      A | A << 4 | B << 8, 2, false, 1, 0, 0, 0, MODEL_BREAK_NONE },
};

/* What is enough to show each. */
static const model_setting_t  model_broken[] = {
    { NULL, A, 1, false, 0, 0, 0, 1, MODEL_BREAK_UNFENCED_COMMIT },
    { NULL, A, 1, false, 0, 0, 0, 1, MODEL_BREAK_GET_FIRST },
    { NULL, A, 1, false, 0, 0, 0, 1, MODEL_BREAK_EPOCH_STAYS },
    { NULL, A, 1, false, 0, 0, 0, 1, MODEL_BREAK_UNFENCED_TAKE },
    { NULL, A | B << 4, 2, false, 0, 0, 0, 1, MODEL_BREAK_LIST_UNWATCHED },
    { NULL, A | A << 4, 1, false, 0, 0, 0, 1, MODEL_BREAK_ONE_ROUND },
    { NULL, A, 1, false, 0, 0, 0, 1, MODEL_BREAK_NAME_REUSED },
    { NULL, A | A << 4, 1, false, 0, 0, 0, 0, MODEL_BREAK_HASH_UNWATCHED },
    { NULL, A | A << 4, 1, false, 0, 0, 0, 0, MODEL_BREAK_WATCH_FORGOTTEN },
    { NULL, A, 1, false, 0, 0, 0, 1, MODEL_BREAK_OWNER_UNASKED },
    { NULL, A | A << 4, 1, false, 0, 0, 0, 0, MODEL_BREAK_OWNER_DEAD },
    { NULL, A, 1, false, 0, 1, 0, 0, MODEL_BREAK_UNKNOWN_AGAIN },
    { NULL, A, 1, true, 1, 0, 0, 0, MODEL_BREAK_PARKED_LATE },
    { NULL, A | U << 4, 1, true, 0, 0, 0, 0, MODEL_BREAK_CHANGE_UNWATCHED },
    { NULL, A | U << 4, 1, true, 0, 0, 0, 0, MODEL_BREAK_CHANGE_BLIND },
};

#define MODEL_BREAK_TEXT(name, text)  text,
static const char *const  model_break_texts[] = {
    MODEL_BREAKS(MODEL_BREAK_TEXT)
};


static void
model_holds(const model_setting_t *settings, size_t count)
{
    size_t          i;
    model_result_t  result;

    for (i = 0; i < count; i++) {
        result = model_explore(&settings[i], true);
        if (!ok(result.violation == NULL, "%s: all holds in %zu states",
                settings[i].text, result.states))
        {
            printf("# %s\n", result.violation);
        }
    }
}


int
main(void)
{
    bool            trace = getenv("MODEL_TRACE") != NULL;
    size_t          i;
    model_result_t  result;

    model_holds(model_whole, sizeof(model_whole) / sizeof(model_whole[0]));
    if (getenv("MODEL_FULL") != NULL) {
        model_holds(model_full, sizeof(model_full) / sizeof(model_full[0]));
    }

    for (i = 0; i < sizeof(model_broken) / sizeof(model_broken[0]); i++) {
        result = model_explore(&model_broken[i], trace);
        ok(result.violation != NULL && result.steps > 0,
           "if %s: %s, after %zu steps",
           model_break_texts[model_broken[i].broken],
           result.violation != NULL ? result.violation : "nothing happens",
           result.steps);
    }

    is_int((int64_t) i, MODEL_BREAK_COUNT - 1, "there is no other break");

    return done_testing();
}
