/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Settings that may stand many times: each line adds one entry.
 *
 *   function        charge  builtin:orders:pay;
 *   payment_header  "Authorization: Bearer ${file:/etc/orders/key}";
 */

#ifndef WORKER_CONFIG_LIST_H
#define WORKER_CONFIG_LIST_H

#include <stddef.h>

#include "base/str.h"


#define WORKER_ENTRY_WORDS  3


typedef struct worker_entry_s  worker_entry_t;

struct worker_entry_s {
    worker_entry_t  *next;
    base_str_t       words[WORKER_ENTRY_WORDS];     /* NUL-terminated */
};

/* In the order of the text; zeroed memory is an empty one. */
typedef struct {
    worker_entry_t  *first;
    size_t           count;
} worker_entries_t;


/* The first entry whose first word is name; NULL if there is none. */
const worker_entry_t *worker_entries_find(const worker_entries_t *entries,
    base_str_t name);

#endif
