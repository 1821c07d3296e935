/* SPDX-License-Identifier: BSD-2-Clause */

#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define MODEL_TABLE_SLOTS_MIN  4096      /* a power of two */
#define MODEL_NONE         UINT32_MAX


/* How a state was reached first. */
typedef struct {
    uint32_t  from;
    uint8_t   move;
    uint8_t   worker;
    uint8_t   choice;
} model_way_t;

/* A step that comes to pass sooner or later. */
typedef struct {
    uint32_t  from;
    uint32_t  to;
} model_edge_t;

typedef struct {
    model_state_t  *states;
    model_way_t    *ways;
    size_t          count;
    size_t          room;
    model_edge_t   *edges;
    size_t          edge_count;
    size_t          edge_room;
    uint32_t       *table;              /* of indexes; at most half full */
    size_t          table_slots;
} model_space_t;


const model_setting_t  *model_setting;
const char             *model_violation;


static void *model_grow(void *items, size_t count, size_t *room, size_t bytes);
static void model_table_grow(model_space_t *space);
static uint32_t *model_slot(const model_space_t *space,
    const model_state_t *s);
static uint32_t model_find(model_space_t *space, const model_state_t *s,
    const model_way_t *way);
static bool model_expand(model_space_t *space, uint32_t at);
static bool model_move(model_space_t *space, uint32_t at,
    const model_way_t *way);
static uint32_t model_endless(const model_space_t *space);
static void model_mark_back(const model_space_t *space, bool *ends);
static size_t model_steps(const model_space_t *space, uint32_t at);
static void model_trace(const model_space_t *space, uint32_t at);


model_result_t
model_explore(const model_setting_t *setting, bool trace)
{
    uint32_t        at;
    model_way_t     none = { .from = MODEL_NONE };
    model_space_t   space = { 0 };
    model_state_t   first;
    model_result_t  result = { 0 };

    model_setting = setting;
    model_violation = NULL;
    model_table_grow(&space);
    model_state_init(&first, setting);
    (void) model_find(&space, &first, &none);

    for (at = 0; at < space.count; at++) {
        if (!model_expand(&space, at)) {
            break;
        }
    }

    at = (uint32_t) space.count - 1;
    if (model_violation == NULL) {
        at = model_endless(&space);
        if (at != MODEL_NONE) {
            model_violation = "the orders do not come to their ends";
        }
    }

    result.states = space.count;
    result.violation = model_violation;
    if (model_violation != NULL) {
        result.steps = model_steps(&space, at);
        if (trace) {
            model_trace(&space, at);
        }
    }

    free(space.states);
    free(space.ways);
    free(space.edges);
    free(space.table);

    return result;
}


static void *
model_grow(void *items, size_t count, size_t *room, size_t bytes)
{
    if (count < *room) {
        return items;
    }

    *room = *room == 0 ? 4096 : 2 * *room;
    items = realloc(items, *room * bytes);
    if (items == NULL) {
        abort();
    }

    return items;
}


/* The index of a state, which is added if it is new; MODEL_NONE if there are
 * too many. */
static uint32_t
model_find(model_space_t *space, const model_state_t *s,
    const model_way_t *way)
{
    size_t     room = space->room;
    uint32_t  *slot = model_slot(space, s);

    if (*slot != MODEL_NONE) {
        return *slot;
    }

    if (space->count == MODEL_STATES_MAX) {
        model_violation = "too many states to look at";
        return MODEL_NONE;
    }

    space->states = model_grow(space->states, space->count, &room,
                               sizeof(space->states[0]));
    space->ways = model_grow(space->ways, space->count, &space->room,
                             sizeof(space->ways[0]));
    space->states[space->count] = *s;
    space->ways[space->count] = *way;
    *slot = (uint32_t) space->count++;

    if (2 * space->count >= space->table_slots) {
        model_table_grow(space);
    }

    return (uint32_t) space->count - 1;
}


static void
model_table_grow(model_space_t *space)
{
    size_t  i;

    space->table_slots = space->table_slots == 0 ? MODEL_TABLE_SLOTS_MIN
                                                 : 4 * space->table_slots;
    free(space->table);
    space->table = malloc(space->table_slots * sizeof(uint32_t));
    if (space->table == NULL) {
        abort();
    }

    memset(space->table, 0xff, space->table_slots * sizeof(uint32_t));
    for (i = 0; i < space->count; i++) {
        *model_slot(space, &space->states[i]) = (uint32_t) i;
    }
}


/* Where a state is in the table, or its free place.  (All states are made from
 * zeroed memory and have no padding.) */
static uint32_t *
model_slot(const model_space_t *space, const model_state_t *s)
{
    size_t                i, at;
    uint64_t              h = 14695981039346656037u;
    const unsigned char  *bytes = (const unsigned char *) s;

    for (i = 0; i < sizeof(*s); i++) {
        h = (h ^ bytes[i]) * 1099511628211u;
    }

    at = (size_t) (h >> 20) & (space->table_slots - 1);
    while (space->table[at] != MODEL_NONE
           && memcmp(&space->states[space->table[at]], s, sizeof(*s)) != 0)
    {
        at = (at + 1) & (space->table_slots - 1);
    }

    return &space->table[at];
}


/* False when something was violated: then the last state shows it. */
static bool
model_expand(model_space_t *space, uint32_t at)
{
    unsigned     i, w, k;
    model_way_t  way = { .from = at };

    for (i = 0; i < model_move_count; i++) {
        for (w = 0; w < MODEL_WORKERS; w++) {
            for (k = 0; k < model_moves[i].choices; k++) {
                way.move = (uint8_t) i;
                way.worker = (uint8_t) w;
                way.choice = (uint8_t) k;
                if (!model_move(space, at, &way)) {
                    return false;
                }
            }
        }
    }

    return true;
}


static bool
model_move(model_space_t *space, uint32_t at, const model_way_t *way)
{
    size_t               before = space->count;
    uint32_t             to;
    model_state_t        s = space->states[at];
    const model_move_t  *move = &model_moves[way->move];

    if (!move->make(&s, way->worker, way->choice)) {
        return true;
    }

    model_redis_check(&s);
    (void) model_canon(&s);
    to = model_find(space, &s, way);

    if (model_violation != NULL) {
        /* also when the state itself was known: this way to it is wrong */
        if (to != MODEL_NONE && space->count == before) {
            space->states[space->count - 1] = s;
            space->ways[space->count - 1] = *way;
        }

        return false;
    }

    if (!move->hostile) {
        space->edges = model_grow(space->edges, space->edge_count,
                                  &space->edge_room,
                                  sizeof(space->edges[0]));
        space->edges[space->edge_count++] = (model_edge_t) { at, to };
    }

    return true;
}


/* A state from which there is no way to the end; MODEL_NONE if there is none.
 * With as many names as they may need, that means: if every move that stays
 * possible is made at last, all orders end. */
static uint32_t
model_endless(const model_space_t *space)
{
    bool      *ends;
    uint32_t   at, found = MODEL_NONE;

    ends = calloc(space->count, sizeof(bool));
    if (ends == NULL) {
        abort();
    }

    model_mark_back(space, ends);
    for (at = 0; at < space->count && found == MODEL_NONE; at++) {
        if (!ends[at]) {
            found = at;
        }
    }

    free(ends);
    return found;
}


/* Marks all that has a way to the end, from there backwards. */
static void
model_mark_back(const model_space_t *space, bool *ends)
{
    size_t     i, n, head, tail = 0;
    uint32_t  *first, *before, *queue;

    first = calloc(space->count + 2, sizeof(uint32_t));
    before = calloc(space->edge_count + 1, sizeof(uint32_t));
    queue = calloc(space->count + 1, sizeof(uint32_t));
    if (first == NULL || before == NULL || queue == NULL) {
        abort();
    }

    for (i = 0; i < space->edge_count; i++) {
        first[space->edges[i].to + 2]++;
    }

    for (i = 2; i < space->count + 2; i++) {
        first[i] += first[i - 1];
    }

    for (i = 0; i < space->edge_count; i++) {
        before[first[space->edges[i].to + 1]++] = space->edges[i].from;
    }

    for (i = 0; i < space->count; i++) {
        if (model_redis_done(&space->states[i])) {
            ends[i] = true;
            queue[tail++] = (uint32_t) i;
        }
    }

    for (head = 0; head < tail; head++) {
        for (n = first[queue[head]]; n < first[queue[head] + 1]; n++) {
            if (!ends[before[n]]) {
                ends[before[n]] = true;
                queue[tail++] = before[n];
            }
        }
    }

    free(first);
    free(before);
    free(queue);
}


static size_t
model_steps(const model_space_t *space, uint32_t at)
{
    size_t  n = 0;

    while (space->ways[at].from != MODEL_NONE) {
        at = space->ways[at].from;
        n++;
    }

    return n;
}


/* Prints the steps to a state, going them once more to know who is who: the
 * workers change places on the way. */
static void
model_trace(const model_space_t *space, uint32_t at)
{
    size_t              i, n = model_steps(space, at);
    unsigned            swapped = 0;
    uint32_t           *path = calloc(n + 1, sizeof(uint32_t));
    model_state_t       s;
    const model_way_t  *way;

    if (path == NULL) {
        abort();
    }

    for (i = n; i > 0; i--) {
        path[i] = at;
        at = space->ways[at].from;
    }

    s = space->states[at];
    for (i = 1; i <= n; i++) {
        way = &space->ways[path[i]];
        printf("# %3zu  worker %c  %s", i, "AB"[way->worker ^ swapped],
               model_moves[way->move].name);
        if (model_moves[way->move].choices > 1) {
            printf(" (%u)", way->choice);
        }

        printf("\n");
        (void) model_moves[way->move].make(&s, way->worker, way->choice);
        swapped ^= model_canon(&s);
    }

    free(path);
}
