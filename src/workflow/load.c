/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Loading a definition.  All states of a machine are known by name before any
 * of their fields is read, so that a Next finds its state at once.  Reading
 * goes on behind a problem: all of them are reported.
 */

#include "workflow/load.h"

#include <stdlib.h>


#define ASL_DATA_BYTES_MAX_DEFAULT   262144
#define ASL_TRANSITIONS_MAX_DEFAULT  25000
#define ASL_STEPS_MAX_DEFAULT        1000
#define ASL_TASK_TIMEOUT_DEFAULT_S   60
#define ASL_TOKEN_TIMEOUT_DEFAULT_S  86400


static bool asl_def_build(asl_loader_t *loader, base_str_t text,
    asl_problem_t **problems);
static base_json_t *asl_text_parse(asl_loader_t *loader, base_str_t text);
static bool asl_table_create(asl_loader_t *loader, size_t text_bytes);


asl_def_t *
asl_def_load(base_str_t text, const asl_limits_t *limits, base_arena_t *arena,
    asl_problem_t **problems)
{
    return asl_def_load_failing(text, limits, arena, problems, 0);
}


asl_def_t *
asl_def_load_failing(base_str_t text, const asl_limits_t *limits,
    base_arena_t *arena, asl_problem_t **problems, int64_t fail_after)
{
    asl_def_t     *def = calloc(1, sizeof(*def));
    asl_limits_t  *l;
    asl_loader_t   loader = { .def = def, .problem_arena = arena };

    *problems = NULL;
    if (def == NULL) {
        return NULL;
    }

    base_arena_init(&def->arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    if (fail_after > 0) {
        base_arena_fail_after(&def->arena, fail_after);
    }

    loader.arena = &def->arena;

    l = &def->limits;
    *l = limits == NULL ? (asl_limits_t) { 0 } : *limits;
    l->data_bytes_max = l->data_bytes_max ? l->data_bytes_max
                                          : ASL_DATA_BYTES_MAX_DEFAULT;
    l->transitions_max = l->transitions_max ? l->transitions_max
                                            : ASL_TRANSITIONS_MAX_DEFAULT;
    l->steps_max = l->steps_max ? l->steps_max : ASL_STEPS_MAX_DEFAULT;
    l->task_timeout_s = l->task_timeout_s ? l->task_timeout_s
                                          : ASL_TASK_TIMEOUT_DEFAULT_S;
    l->token_timeout_s = l->token_timeout_s ? l->token_timeout_s
                                            : ASL_TOKEN_TIMEOUT_DEFAULT_S;

    if (!asl_def_build(&loader, text, problems)) {
        asl_def_free(def);
        return NULL;
    }

    return def;
}


void
asl_def_free(asl_def_t *def)
{
    if (def != NULL) {
        base_arena_deinit(&def->arena);
        free(def);
    }
}


static bool
asl_def_build(asl_loader_t *loader, base_str_t text, asl_problem_t **problems)
{
    asl_def_t    *def = loader->def;
    asl_place_t   root = { 0 };
    base_json_t  *json;

    json = asl_text_parse(loader, text);
    if (json != NULL) {
        root.value = json;
        asl_version_write(asl_json_hash(json), def->version);
        if (asl_table_create(loader, text.len)) {
            asl_load_machine(loader, &root, &def->machine);
            if (!loader->nomem) {
                asl_check_machine(loader, &def->machine);
                asl_check_references(loader);
            }
        }
    }

    if (loader->nomem || !asl_problems_sort(loader, json, problems)) {
        *problems = NULL;
        return false;
    }

    return !loader->invalid;
}


/* Line and column of an offset, from 1. */
static void
asl_text_position(base_str_t text, size_t offset, size_t *line, size_t *column)
{
    size_t  i, begin = 0;

    *line = 1;
    for (i = 0; i < offset && i < text.len; i++) {
        if (text.data[i] == '\n') {
            (*line)++;
            begin = i + 1;
        }
    }

    *column = offset - begin + 1;
}


static base_json_t *
asl_text_parse(asl_loader_t *loader, base_str_t text)
{
    size_t              line, column;
    base_str_t          copy;
    asl_place_t         root = { 0 };
    base_json_t        *json;
    base_json_error_t   error;

    base_json_limits_t  limits = { .depth_max = ASL_TEXT_DEPTH_MAX };

    if (!base_arena_str(loader->arena, text, &copy)) {
        loader->nomem = true;
        return NULL;
    }

    json = base_json_parse(loader->arena, copy, &limits, &error);
    if (json != NULL) {
        return json;
    }

    if (error.status == BASE_JSON_NOMEM) {
        loader->nomem = true;
        return NULL;
    }

    asl_text_position(copy, error.offset, &line, &column);
    if (error.status == BASE_JSON_DUPLICATE) {
        asl_problem(loader, &root, "the field \"%.*s\" stands twice in one "
                    "object, the second time at line %zu, column %zu",
                    BASE_STR_ARG(error.key), line, column);
    } else {
        asl_problem(loader, &root, "not JSON: %s at line %zu, column %zu",
                    error.reason, line, column);
    }

    return NULL;
}


/* A table of names, by the length of the text: an average state takes more than
 * 64 bytes of it. */
static bool
asl_table_create(asl_loader_t *loader, size_t text_bytes)
{
    uint32_t  size = 16;

    while (size < text_bytes / 64 && size < 65536) {
        size *= 2;
    }

    loader->def->table = asl_loader_alloc(loader, size,
                                          sizeof(loader->def->table[0]));
    loader->def->table_mask = size - 1;
    return loader->def->table != NULL;
}


uint32_t
asl_name_hash(base_str_t name)
{
    size_t    i;
    uint32_t  hash = 2166136261u;       /* FNV-1a */

    for (i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char) name.data[i]) * 16777619u;
    }

    return hash;
}


asl_state_t *
asl_def_state(const asl_def_t *def, const asl_machine_t *machine,
    base_str_t name)
{
    asl_state_t  *state = def->table[asl_name_hash(name) & def->table_mask];

    while (state != NULL
           && ((machine != NULL && state->machine != machine)
               || !base_str_eq(state->name, name)))
    {
        state = state->hash_next;
    }

    return state;
}


base_str_t
asl_def_version(const asl_def_t *def)
{
    return base_str(def->version, sizeof(def->version));
}
