/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/steps.h"

#include "tap.h"


static worker_execution_t  execution;


static void
note(asl_trace_kind_t kind, const char *state, const char *error,
    int64_t now_ms)
{
    asl_trace_t  trace = {
        .kind = kind, .state = base_str_c(state), .error = base_str_c(error)
    };

    worker_steps_note(&execution, &trace, now_ms);
}


static void
test_notes(void)
{
    base_str_t  text;

    worker_steps_resume(&execution, BASE_STR(""));
    is_str(worker_steps_text(&execution), BASE_STR(""), "nothing yet");

    note(ASL_TRACE_EXECUTION_STARTED, "", "", 1795502107000);
    note(ASL_TRACE_STATE_ENTERED, "A \"1\"", "", 1795502107123);
    note(ASL_TRACE_TASK_SCHEDULED, "A", "", 1795502107123);
    is_str(worker_steps_text(&execution),
           BASE_STR("[[\"A \\\"1\\\"\",1795502107123]]"),
           "a state that is entered, with the time");

    note(ASL_TRACE_TASK_FAILED, "A", "Payment.Unavailable", 1795502107175);
    note(ASL_TRACE_STATE_ENTERED, "B", "", 1795502107175);
    note(ASL_TRACE_EXECUTION_FAILED, "", "E", 1795502108175);
    text = worker_steps_text(&execution);
    is_str(text, BASE_STR("[[\"A \\\"1\\\"\",1795502107123],"
                          "[\"!Payment.Unavailable\",52],[\"B\",0],"
                          "[\".E\",1000]]"), "what follows, by distance");
    is_str(worker_steps_text(&execution), text, "asking changes nothing");
}


static void
test_resume(void)
{
    worker_steps_resume(&execution, BASE_STR("[[\"A\",1795502107123]]"));
    note(ASL_TRACE_STATE_ENTERED, "B", "", 1795502200000);
    note(ASL_TRACE_STATE_ENTERED, "C", "", 1795502200001);
    is_str(worker_steps_text(&execution),
           BASE_STR("[[\"A\",1795502107123],[\"B\",1795502200000],[\"C\",1]]"),
           "resumed steps go on with a time of their own");

    note(ASL_TRACE_STATE_ENTERED, "D", "", 1795502100000);
    is_str(worker_steps_text(&execution),
           BASE_STR("[[\"A\",1795502107123],[\"B\",1795502200000],[\"C\",1],"
                    "[\"D\",1795502100000]]"), "a clock that steps back too");

    worker_steps_resume(&execution, BASE_STR("[]"));
    note(ASL_TRACE_STATE_ENTERED, "B", "", 1795502200000);
    is_str(worker_steps_text(&execution),
           BASE_STR("[[\"B\",1795502200000]]"), "what is none begins anew");
}


static void
test_length(void)
{
    char        error[300];
    unsigned    i;
    base_str_t  text;

    worker_steps_resume(&execution, BASE_STR(""));
    for (i = 0; i < 1000; i++) {
        note(ASL_TRACE_STATE_ENTERED, "Again", "", 1795502107123 + i);
    }

    text = worker_steps_text(&execution);
    ok(text.len < WORKER_STEPS_BYTES_MAX + 100, "steps are bounded");
    ok(base_str_starts(text, BASE_STR("[[\"...\",17955021")),
       "what was left out is marked");

    memset(error, 'x', sizeof(error));
    error[sizeof(error) - 1] = '\0';
    worker_steps_resume(&execution, BASE_STR(""));
    note(ASL_TRACE_TASK_FAILED, "", error, 1795502107123);
    is_str(worker_steps_text(&execution), BASE_STR("[[\"!\",1795502107123]]"),
           "a name that is too long is left out");
}


static void
test_json(base_arena_t *arena)
{
    size_t              i;
    base_buf_t          buf;
    static const char  *wrong[] = {
        "", "x", "{}", "[1]", "[[]]", "[[1,2]]", "[[\"A\"]]", "[[\"A\",\"1\"]]",
        "[[\"\",1]]",
    };

    base_buf_init(&buf, arena, SIZE_MAX);
    base_json_write(&buf, worker_steps_json(arena,
        BASE_STR("[[\"A\",1795502107123],[\"!E\",77],[\".\",0]]")));
    is_str(base_buf_str(&buf),
           BASE_STR("[{\"at\":\"2026-11-24T06:35:07.123Z\",\"state\":\"A\"},"
                    "{\"at\":\"2026-11-24T06:35:07.200Z\",\"error\":\"E\"},"
                    "{\"at\":\"2026-11-24T06:35:07.200Z\",\"end\":\"\"}]"),
           "people get times");

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ok(worker_steps_json(arena, base_str_c(wrong[i])) == NULL,
           "no steps: %s", wrong[i]);
    }
}


int
main(void)
{
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_arena_init(&execution.arena, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);
    test_notes();
    test_resume();
    test_length();
    test_json(&arena);
    base_arena_deinit(&execution.arena);
    base_arena_deinit(&arena);

    return done_testing();
}
