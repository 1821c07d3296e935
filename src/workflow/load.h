/* SPDX-License-Identifier: BSD-2-Clause */

/* Loading a definition: the places in its text, the problems found there, and
 * the readers of values that the files of the loader share. */

#ifndef ASL_LOAD_H
#define ASL_LOAD_H

#include "workflow/def.h"


#define ASL_PROBLEMS_MAX     100        /* more are not reported */
#define ASL_TEXT_DEPTH_MAX   128        /* nesting of a definition's text */


/* Where in the text a value stands; lives on the loader's stack. */
typedef struct asl_place_s  asl_place_t;

struct asl_place_s {
    const asl_place_t  *up;             /* NULL: pointer is where this is */
    base_str_t          pointer;
    base_str_t          key;            /* a member's; data NULL: an item */
    uint32_t            index;          /* an item's */
    const base_json_t  *value;
};

typedef struct asl_entry_s      asl_entry_t;
typedef struct asl_reference_s  asl_reference_t;

/* A place where a variable is read. */
struct asl_reference_s {
    asl_reference_t      *next;
    base_str_t            name;
    const asl_machine_t  *machine;
    asl_place_t           place;        /* without places above it */
};

typedef struct {
    asl_def_t      *def;
    base_arena_t   *arena;              /* the definition's */
    base_arena_t   *problem_arena;
    const asl_machine_t *machine;       /* whose states are being read */
    asl_reference_t *references;
    asl_entry_t    *problems;           /* newest first */
    uint32_t        problem_count;
    bool            invalid;            /* one is more than a warning */
    bool            nomem;
} asl_loader_t;


asl_place_t asl_place_member(const asl_place_t *up, const base_json_t *member);
asl_place_t asl_place_item(const asl_place_t *up, uint32_t index,
    const base_json_t *item);

/* A pointer to place, in arena. */
base_str_t asl_place_pointer(const asl_place_t *place, base_arena_t *arena);

void asl_problem(asl_loader_t *loader, const asl_place_t *place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void asl_warning(asl_loader_t *loader, const asl_place_t *place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The problems in the order of the text; false when out of memory. */
bool asl_problems_sort(asl_loader_t *loader, const base_json_t *text,
    asl_problem_t **out);


/* A zeroed array in the definition; NULL with loader->nomem set. */
void *asl_loader_alloc(asl_loader_t *loader, size_t count, size_t size);

/* Readers of values: false with a problem reported, that names what was
 * expected. */
bool asl_read_string(asl_loader_t *loader, const asl_place_t *at,
    base_str_t *out);
bool asl_read_object(asl_loader_t *loader, const asl_place_t *at);
bool asl_read_array(asl_loader_t *loader, const asl_place_t *at);
bool asl_read_boolean(asl_loader_t *loader, const asl_place_t *at, bool *out);
bool asl_read_int(asl_loader_t *loader, const asl_place_t *at, int64_t min,
    int64_t max, int64_t *out);
bool asl_read_double(asl_loader_t *loader, const asl_place_t *at, double min,
    double max, double *out);
bool asl_read_path(asl_loader_t *loader, const asl_place_t *at,
    const asl_path_t **out);
/* The name of a state of machine. */
bool asl_read_target(asl_loader_t *loader, const asl_place_t *at,
    const asl_machine_t *machine, asl_state_t **out);
/* A Payload Template, which must be an object; what it uses is added to
 * *uses. */
bool asl_read_template(asl_loader_t *loader, const asl_place_t *at,
    unsigned *uses, const asl_template_t **out);
/* A path or an intrinsic function. */
bool asl_read_expression(asl_loader_t *loader, const asl_place_t *at,
    unsigned *uses, const asl_template_t **out);
/* Assign, in a state of machine. */
bool asl_read_assign(asl_loader_t *loader, const asl_place_t *at,
    asl_machine_t *machine, const asl_template_t **out);
bool asl_read_result_path(asl_loader_t *loader, const asl_place_t *at,
    asl_place_result_t *out);


/* The parts of the loader. */

/* A machine at place: its StartAt, States and what else it may hold. */
void asl_load_machine(asl_loader_t *loader, const asl_place_t *at,
    asl_machine_t *machine);
void asl_load_state(asl_loader_t *loader, const asl_place_t *at,
    asl_state_t *state);
/* What must go together in the fields of a loaded state. */
void asl_check_fields(asl_loader_t *loader, const asl_place_t *at,
    const asl_state_t *state);
void asl_load_retry(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at);
void asl_load_catch(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at);
void asl_load_choices(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at);
void asl_load_branches(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at);
void asl_load_processor(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at);

/* Looks at a machine whose states are loaded: states that nothing leads to,
 * ways that never end. */
void asl_check_machine(asl_loader_t *loader, const asl_machine_t *machine);

/* Looks for variables that are read and have no value in any scope around. */
void asl_check_references(asl_loader_t *loader);

#endif
