/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Headers with secrets.  worker.conf names where a secret is,
 *
 *   "Authorization: Bearer ${file:/etc/orders/payment.key}"
 *   "X-Api-Key: ${env:PAYMENT_KEY}"
 *
 * and the secret itself is read when the worker starts and when it reloads.  No
 * secret is ever in a definition, in Redis or in the log.
 */

#ifndef WORKER_SECRET_H
#define WORKER_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "worker/config/config.h"


/* A header that belongs to requests to one origin. */
typedef struct {
    base_str_t       name;          /* of the connection */
    base_str_t       origin;        /* "https://api.example" */
    base_str_t       header;        /* NUL-terminated */
} worker_connection_t;

typedef struct {
    base_arena_t          arena;
    base_str_t           *payment;      /* headers, NUL-terminated */
    size_t                payment_count;
    worker_connection_t  *connections;
    size_t                connection_count;
} worker_secrets_t;


/*
 * Reads all that config names.
 *
 * problems  gets what cannot be read, never what it says
 * arena     of the problems
 *
 * False if there was a problem; secrets is then empty.
 */
bool worker_secrets_load(worker_secrets_t *secrets,
    const worker_config_t *config, base_arena_t *arena,
    worker_problems_t *problems);

/* Zeroed memory is fine. */
void worker_secrets_free(worker_secrets_t *secrets);

/*
 * Replaces every ${file:PATH} and ${env:NAME} in text.
 *
 * out      in arena, NUL-terminated
 * problem  out, in arena, when it cannot be done; data NULL: out of memory
 */
bool worker_secret_expand(base_arena_t *arena, base_str_t text,
    base_str_t *out, base_str_t *problem);

/* The scheme, host and port of an http or https URL, as they are written; empty
 * if it is none, or has a user in it. */
base_str_t worker_url_origin(base_str_t url);

/* True if there is a connection of that name. */
bool worker_connection_known(const worker_config_t *config, base_str_t name);

#endif
