/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/execute/steps.h"

#include "base/time.h"


/* What is kept of a kind of step. */
typedef struct {
    bool        kept;
    base_str_t  mark;               /* before the name */
    bool        error;              /* the name is the error, not the state */
} worker_steps_row_t;

static const worker_steps_row_t  worker_steps_rows[ASL_TRACE_COUNT] = {
    [ASL_TRACE_STATE_ENTERED]       = { true, BASE_STR_INIT(""), false },
    [ASL_TRACE_TASK_FAILED]         = { true, BASE_STR_INIT("!"), true },
    [ASL_TRACE_EXECUTION_SUCCEEDED] = { true, BASE_STR_INIT("."), true },
    [ASL_TRACE_EXECUTION_FAILED]    = { true, BASE_STR_INIT("."), true },
};


static void worker_steps_add(worker_execution_t *execution,
    base_str_t mark, base_str_t name, int64_t now_ms);
static base_json_t *worker_steps_entry(base_arena_t *arena,
    const base_json_t *pair, int64_t *at_ms);


void
worker_steps_resume(worker_execution_t *execution, base_str_t text)
{
    base_buf_t  *buf = &execution->steps;

    execution->steps_ms = 0;
    base_buf_init(buf, &execution->arena, SIZE_MAX);

    if (text.len > 4 && base_str_starts(text, BASE_STR("[["))
        && base_str_eq(base_str(text.data + text.len - 2, 2), BASE_STR("]]")))
    {
        base_buf_add(buf, text.data, text.len - 1);
    }
}


void
worker_steps_note(worker_execution_t *execution, const asl_trace_t *trace,
    int64_t now_ms)
{
    base_buf_t                  *buf = &execution->steps;
    const worker_steps_row_t  *row = &worker_steps_rows[trace->kind];

    if (!row->kept) {
        return;
    }

    if (buf->len > WORKER_STEPS_BYTES_MAX) {
        base_buf_clear(buf);
        execution->steps_ms = 0;
        worker_steps_add(execution, BASE_STR("..."), BASE_STR(""), now_ms);
    }

    worker_steps_add(execution, row->mark,
                       row->error ? trace->error : trace->state, now_ms);
}


base_str_t
worker_steps_text(worker_execution_t *execution)
{
    base_str_t   text;
    base_buf_t  *buf = &execution->steps;

    if (buf->len == 0 || buf->failed) {
        return BASE_STR("");
    }

    /* the bracket stays behind the end, where the next entry goes over it */
    base_buf_add_char(buf, ']');
    if (buf->failed) {
        return BASE_STR("");
    }

    text = base_buf_str(buf);
    buf->len--;

    return text;
}


base_json_t *
worker_steps_json(base_arena_t *arena, base_str_t text)
{
    int64_t       at_ms = 0;
    base_json_t  *pairs, *pair, *entry, *steps;

    pairs = base_json_parse(arena, text, NULL, NULL);
    steps = base_json_array(arena);
    if (pairs == NULL || pairs->type != BASE_JSON_ARRAY || steps == NULL) {
        return NULL;
    }

    base_json_each(pair, pairs) {
        entry = worker_steps_entry(arena, pair, &at_ms);
        if (entry == NULL) {
            return NULL;
        }

        base_json_append(steps, entry);
    }

    return steps;
}


/* An empty buffer, or one that was resumed, has no time to count from. */
static void
worker_steps_add(worker_execution_t *execution, base_str_t mark,
    base_str_t name, int64_t now_ms)
{
    char         bytes[256];
    size_t       len;
    int64_t      since_ms = now_ms - execution->steps_ms;
    base_buf_t  *buf = &execution->steps;

    /* names are checked by the engine, errors come from anywhere */
    memcpy(bytes, mark.data, mark.len);
    len = name.len < sizeof(bytes) - mark.len ? name.len : 0;
    if (len > 0) {
        memcpy(bytes + mark.len, name.data, len);
    }

    base_buf_add(buf, buf->len == 0 ? "[[" : ",[", 2);
    base_json_write_str(buf, base_str(bytes, mark.len + len));
    base_buf_add_char(buf, ',');
    base_buf_add_int(buf, execution->steps_ms > 0 && since_ms >= 0
                              ? since_ms : now_ms);
    base_buf_add_char(buf, ']');
    execution->steps_ms = now_ms;
}


static base_json_t *
worker_steps_entry(base_arena_t *arena, const base_json_t *pair,
    int64_t *at_ms)
{
    char               *at;
    int64_t             ms;
    base_str_t          key, value;
    base_json_t        *entry, *time, *item;
    const base_json_t  *name = base_json_at(pair, 0);

    if (name == NULL || name->type != BASE_JSON_STRING || name->text.len == 0
        || !base_json_to_int(base_json_at(pair, 1), &ms))
    {
        return NULL;
    }

    *at_ms = ms >= WORKER_STEPS_UNIX_MS ? ms : *at_ms + ms;

    value = name->text;
    key = BASE_STR("state");
    if (value.data[0] == '!' || value.data[0] == '.') {
        key = value.data[0] == '!' ? BASE_STR("error") : BASE_STR("end");
        value = base_str(value.data + 1, value.len - 1);
    }

    at = base_arena_alloc(arena, BASE_TIME_TEXT_BYTES);
    entry = base_json_object(arena);
    item = base_json_string(arena, value);
    if (at == NULL || entry == NULL || item == NULL) {
        return NULL;
    }

    base_time_format(*at_ms, at);
    time = base_json_string(arena, base_str(at, BASE_TIME_TEXT_BYTES));
    if (time == NULL) {
        return NULL;
    }

    base_json_add(entry, BASE_STR("at"), time);
    base_json_add(entry, key, item);
    return entry;
}
