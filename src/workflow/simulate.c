/* SPDX-License-Identifier: BSD-2-Clause */

/* A host for an execution that does nothing but ask for answers: events are
 * taken in the order of their times. */

#include "workflow/exec.h"


#define ASL_EVENTS_MAX_DEFAULT  100000


/* Something that will happen. */
typedef struct {
    int64_t       at_ms;
    asl_event_t   event;
} asl_future_t;

typedef struct {
    base_arena_t            *arena;
    asl_env_t               *env;
    const asl_simulation_t  *simulation;
    asl_exec_t              *exec;
    asl_future_t            *futures;
    uint32_t                 count;
    uint32_t                 cap;
    uint32_t                *calls;     /* of each state, by its number */
} asl_simulator_t;


static bool
asl_future_add(asl_simulator_t *sim, int64_t at_ms, const asl_event_t *event)
{
    uint32_t       cap = sim->cap == 0 ? 16 : sim->cap * 2;
    asl_future_t  *futures;

    if (sim->count == sim->cap) {
        futures = base_arena_calloc(sim->arena, cap, sizeof(*futures));
        if (futures == NULL) {
            return false;
        }

        if (sim->count > 0) {
            memcpy(futures, sim->futures, sim->count * sizeof(*futures));
        }

        sim->futures = futures;
        sim->cap = cap;
    }

    sim->futures[sim->count++] = (asl_future_t) { at_ms, *event };
    return true;
}


/* The first by time, and by id at one time. */
static asl_future_t
asl_future_take(asl_simulator_t *sim)
{
    uint32_t       i, first = 0;
    asl_future_t   taken;

    for (i = 1; i < sim->count; i++) {
        if (sim->futures[i].at_ms < sim->futures[first].at_ms
            || (sim->futures[i].at_ms == sim->futures[first].at_ms
                && sim->futures[i].event.action_id
                   < sim->futures[first].event.action_id))
        {
            first = i;
        }
    }

    taken = sim->futures[first];
    sim->futures[first] = sim->futures[--sim->count];
    return taken;
}


/* When a task ends, and how. */
static int64_t
asl_simulate_task(asl_simulator_t *sim, const asl_action_t *action,
    asl_event_t *event)
{
    uint32_t       number;
    int64_t        now_ms = sim->env->now_ms, at_ms;
    asl_answer_t   answer = { 0 };

    number = asl_def_state(sim->exec->def, NULL, action->state)->number;
    if (!sim->simulation->answer(sim->simulation->data, action,
                                 sim->calls[number]++, &answer))
    {
        answer = (asl_answer_t) {
            .error = BASE_STR("Simulation.NoAnswer"),
            .cause = BASE_STR("there is no answer for this task"),
        };
    }

    at_ms = now_ms + answer.delay_ms;
    event->kind = answer.result != NULL ? ASL_EVENT_SUCCEEDED
                                        : ASL_EVENT_FAILED;
    event->result = answer.result;
    event->error = answer.error;
    event->cause = answer.cause;

    if (action->heartbeat_ms > 0 && answer.delay_ms > action->heartbeat_ms
        && now_ms + action->heartbeat_ms < action->deadline_ms)
    {
        at_ms = now_ms + action->heartbeat_ms;
        event->kind = ASL_EVENT_FAILED;
        event->error = ASL_ERROR_HEARTBEAT;
        event->cause = BASE_STR("no heartbeat came in time");

    } else if (at_ms > action->deadline_ms) {
        at_ms = action->deadline_ms;
        event->kind = ASL_EVENT_FAILED;
        event->error = ASL_ERROR_TIMEOUT;
        event->cause = BASE_STR("the task took longer than its timeout");
    }

    return at_ms;
}


static bool
asl_simulate_actions(asl_simulator_t *sim, asl_actions_t actions)
{
    size_t                i;
    int64_t               at_ms;
    asl_event_t           event;
    const asl_action_t   *action;

    for (i = 0; i < actions.count; i++) {
        action = &actions.items[i];
        event = (asl_event_t) { .kind = ASL_EVENT_WAKE,
                                .action_id = action->id };
        at_ms = action->due_ms;
        if (action->kind == ASL_RUN_TASK) {
            at_ms = asl_simulate_task(sim, action, &event);
        }

        if (action->kind <= ASL_WAIT_UNTIL
            && !asl_future_add(sim, at_ms, &event))
        {
            return false;
        }
    }

    return true;
}


static asl_status_t
asl_simulate_events(asl_simulator_t *sim)
{
    uint32_t       left = sim->simulation->events_max;
    asl_status_t   status;
    asl_future_t   future;
    asl_actions_t  actions;

    if (left == 0) {
        left = ASL_EVENTS_MAX_DEFAULT;
    }

    while (!asl_exec_ended(sim->exec)) {
        if (left-- == 0) {
            return ASL_LIMIT;
        }

        future = asl_future_take(sim);
        if (asl_action_find(sim->exec, future.event.action_id) == NULL) {
            continue;                   /* a failed branch took it away */
        }

        if (future.at_ms > sim->env->now_ms) {
            sim->env->now_ms = future.at_ms;
        }

        if (sim->simulation->clock != NULL) {
            sim->simulation->clock(sim->simulation->data, sim->env->now_ms);
        }

        status = asl_advance(sim->exec, &future.event, sim->env, &actions);
        if (status != ASL_OK) {
            return status;
        }

        if (!asl_simulate_actions(sim, actions)) {
            return ASL_NOMEM;
        }
    }

    return ASL_OK;
}


asl_status_t
asl_simulate(const asl_def_t *def, base_arena_t *arena, base_str_t name,
    const base_json_t *input, asl_env_t *env,
    const asl_simulation_t *simulation, asl_exec_t **exec)
{
    asl_status_t      status;
    asl_actions_t     actions;
    asl_simulator_t   sim = { .arena = arena, .env = env,
                              .simulation = simulation };

    sim.calls = base_arena_calloc(arena, def->state_count + 1,
                                  sizeof(sim.calls[0]));
    if (sim.calls == NULL) {
        return ASL_NOMEM;
    }

    status = asl_exec_start(def, arena, name, input, env, &sim.exec, &actions);
    if (status != ASL_OK) {
        return status;
    }

    *exec = sim.exec;
    return asl_simulate_actions(&sim, actions) ? asl_simulate_events(&sim)
                                               : ASL_NOMEM;
}


bool
asl_mock_answer(const base_json_t *mocks, base_str_t state, uint32_t call,
    asl_answer_t *answer)
{
    double              seconds;
    const base_json_t  *mock = base_json_get(mocks, state), *thrown;

    if (mock != NULL && mock->type == BASE_JSON_ARRAY && mock->count > 0) {
        mock = base_json_at(mock, call < mock->count ? call : mock->count - 1);
    }

    *answer = (asl_answer_t) { 0 };
    answer->result = base_json_get(mock, BASE_STR("Return"));
    thrown = base_json_get(mock, BASE_STR("Throw"));
    answer->error = base_json_get_str(thrown, BASE_STR("Error"));
    answer->cause = base_json_get_str(thrown, BASE_STR("Cause"));

    mock = base_json_get(mock, BASE_STR("Seconds"));
    if (mock != NULL && base_json_to_double(mock, &seconds) && seconds > 0) {
        answer->delay_ms = seconds > ASL_SECONDS_MAX
                           ? ASL_SECONDS_MAX * INT64_C(1000)
                           : (int64_t) (seconds * 1000);
    }

    return answer->result != NULL || thrown != NULL;
}


/* One answer of a table. */
static bool
asl_mock_valid(const base_json_t *mock)
{
    double              seconds;
    const base_json_t  *thrown, *delay;

    thrown = base_json_get(mock, BASE_STR("Throw"));
    delay = base_json_get(mock, BASE_STR("Seconds"));
    return (base_json_get(mock, BASE_STR("Return")) == NULL) != (thrown == NULL)
           && (thrown == NULL
               || base_json_get_str(thrown, BASE_STR("Error")).len > 0)
           && (delay == NULL || base_json_to_double(delay, &seconds));
}


const char *
asl_mocks_check(const asl_def_t *def, const base_json_t *mocks,
    base_arena_t *arena)
{
    bool                valid;
    const base_json_t  *mock, *each;
    const asl_state_t  *state;

    if (mocks->type != BASE_JSON_OBJECT) {
        return "expected an object of answers by state";
    }

    base_json_each(mock, mocks) {
        state = asl_def_state(def, NULL, mock->key);
        if (state == NULL || state->kind != ASL_STATE_TASK) {
            return base_arena_printf(arena, "\"%.*s\": expected the name of a "
                                     "Task State",
                                     BASE_STR_ARG(mock->key)).data;
        }

        valid = mock->type == BASE_JSON_ARRAY ? mock->count > 0
                                              : asl_mock_valid(mock);
        if (mock->type == BASE_JSON_ARRAY) {
            base_json_each(each, mock) {
                valid &= asl_mock_valid(each);
            }
        }

        if (!valid) {
            return base_arena_printf(arena, "\"%.*s\": expected an answer or "
                                     "an array of them; an answer has "
                                     "\"Return\", or \"Throw\" with "
                                     "\"Error\", and may have \"Seconds\"",
                                     BASE_STR_ARG(mock->key)).data;
        }
    }

    return NULL;
}
