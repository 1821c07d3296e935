/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside base/ only: yajl's memory, and what yajl says. */

#ifndef BASE_JSON_YAJL_H
#define BASE_JSON_YAJL_H

#include <setjmp.h>
#include <stddef.h>

#include <yajl/yajl_parse.h>

#include "base/arena.h"


/*
 * yajl works in the arena: nothing is freed one by one, and yajl_free() is not
 * needed.  yajl does not look at what its allocator returns, so an allocation
 * that fails must not return: it jumps to nomem, over frames of yajl that own
 * nothing but memory of the arena.  Whoever calls yajl sets nomem first.
 */
typedef struct {
    base_arena_t  *arena;
    jmp_buf        nomem;
} base_json_memory_t;


/* Functions for yajl_alloc(), which copies them; memory is borrowed for the
 * life of the handle. */
yajl_alloc_funcs base_json_yajl_memory(base_json_memory_t *memory);

/* After yajl_status_error: our words for it, static text. */
const char *base_json_yajl_reason(yajl_handle yajl);

#endif
