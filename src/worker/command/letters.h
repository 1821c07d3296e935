/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Going through the dead letters, page by page: what the commands of
 * `orders-worker dead` share.
 */

#ifndef WORKER_LETTERS_H
#define WORKER_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/str.h"
#include "worker/command/admin.h"


#define WORKER_LETTERS_PAGE_MIN  16
#define WORKER_LETTERS_PAGE_MAX  250


/* One letter of a page. */
typedef struct {
    base_str_t    text;             /* as it is on the list */
    base_json_t  *json;             /* NULL: none of ours */
    base_str_t    message;          /* in it; empty: none */
    base_str_t    id;               /* of the order; empty: unknown */
    bool          chosen;
    base_json_t  *executed;         /* 1: the order has an execution */
    base_str_t    again;            /* the message to be sent back */
} worker_letter_t;

typedef struct {
    worker_admin_t   *admin;
    bool              redrive;      /* else: drop */
    bool              dry_run;
    size_t            skip;         /* letters that are to stay */
    size_t            done;
    size_t            total;        /* on the list */
    unsigned          tries;        /* that failed, one after the other */
    worker_letter_t   page[WORKER_LETTERS_PAGE_MAX];
    size_t            page_max;     /* of the next page */
    size_t            count;
} worker_letters_t;


/* Reads a page, from a place of the list on.  False with a message on stderr;
 * a page of 0 letters is behind the end. */
bool worker_letters_page(worker_letters_t *letters, size_t from);

/* Whether the command's filters let it pass. */
bool worker_letters_wanted(const worker_letters_t *letters,
    const worker_letter_t *letter);

/* Whether so many were done as the command shall do. */
bool worker_letters_limit(const worker_letters_t *letters);


/* letters_move.c; the exit code. */

int worker_letters_redrive(worker_letters_t *letters);
int worker_letters_drop(worker_letters_t *letters);

#endif
