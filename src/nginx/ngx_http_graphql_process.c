/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What lives as long as a worker process: its links to Redis, its parsed
 * documents, spare arenas, and the source of order ids.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <sys/random.h>

#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_replies.h"


/* What one request may take in all, besides its body. */
#define NGX_HTTP_GRAPHQL_REQUEST_BYTES_MAX  (64 * 1024 * 1024)

/* A spare arena keeps one block. */
#define NGX_HTTP_GRAPHQL_BLOCK_BYTES        (32 * 1024)
#define NGX_HTTP_GRAPHQL_SPARE_MAX          128

#define NGX_HTTP_GRAPHQL_ID_RANDOM_BYTES    16


ngx_int_t
ngx_http_graphql_process_start(ngx_cycle_t *cycle,
    ngx_http_graphql_main_conf_t *mcf)
{
    ngx_http_graphql_process_t  *process;

    process = ngx_pcalloc(cycle->pool, sizeof(ngx_http_graphql_process_t));
    if (process == NULL) {
        return NGX_ERROR;
    }

    mcf->process = process;

    ngx_http_graphql_loop_init(&process->loop);
    base_uuid_gen_init(&process->ids);

    process->fills = ngx_pcalloc(cycle->pool,
                                 mcf->queues.nelts
                                 * sizeof(ngx_http_graphql_fill_t));
    if (process->fills == NULL) {
        return NGX_ERROR;
    }

    if (mcf->cache_bytes > 0) {
        process->cache = ngx_http_graphql_cache_new(mcf->cache_bytes,
                                                    mcf->cache_entries);
        if (process->cache == NULL) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_graphql_links_open(cycle, process, &mcf->stores) != NGX_OK
        || ngx_http_graphql_replies_open(cycle, process, &mcf->queues)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    process->loop.turning = 1;

    return NGX_OK;
}


void
ngx_http_graphql_process_end(ngx_http_graphql_main_conf_t *mcf)
{
    ngx_http_graphql_memory_t   *memory;
    ngx_http_graphql_process_t  *process = mcf->process;

    /* both end the requests that wait, so they come first */
    ngx_http_graphql_links_close(process);
    ngx_http_graphql_replies_close(process);

    while (process->spare != NULL) {
        memory = process->spare;
        process->spare = memory->next;

        base_arena_deinit(&memory->arena);
        ngx_free(memory);
    }

    process->nspare = 0;

    ngx_http_graphql_cache_free(process->cache);
    process->cache = NULL;
}


ngx_http_graphql_memory_t *
ngx_http_graphql_memory_take(ngx_http_graphql_process_t *process)
{
    ngx_http_graphql_memory_t  *memory = process->spare;

    if (memory != NULL) {
        process->spare = memory->next;
        process->nspare--;
        return memory;
    }

    memory = ngx_alloc(sizeof(ngx_http_graphql_memory_t), ngx_cycle->log);
    if (memory == NULL) {
        return NULL;
    }

    base_arena_init(&memory->arena, NGX_HTTP_GRAPHQL_BLOCK_BYTES,
                    NGX_HTTP_GRAPHQL_REQUEST_BYTES_MAX);

    return memory;
}


void
ngx_http_graphql_memory_give(ngx_http_graphql_process_t *process,
    ngx_http_graphql_memory_t *memory)
{
    if (process->nspare == NGX_HTTP_GRAPHQL_SPARE_MAX) {
        base_arena_deinit(&memory->arena);
        ngx_free(memory);
        return;
    }

    base_arena_reset(&memory->arena);

    memory->next = process->spare;
    process->spare = memory;
    process->nspare++;
}


int64_t
ngx_http_graphql_now(ngx_http_graphql_process_t *process, char *text)
{
    int64_t      now_ms;
    ngx_time_t  *now;

    now = ngx_timeofday();
    now_ms = (int64_t) now->sec * 1000 + (int64_t) now->msec;

    if (now_ms != process->now_ms) {
        process->now_ms = now_ms;
        base_time_format(now_ms, (char *) process->now);
    }

    ngx_memcpy(text, process->now, BASE_TIME_TEXT_BYTES);

    return now_ms;
}


/*
 * The kernel is asked once for many ids.  Never before the fork, so no two
 * processes share random bytes.
 */
ngx_int_t
ngx_http_graphql_new_id(ngx_http_graphql_process_t *process, int64_t now_ms,
    char *id)
{
    ssize_t  n;

    if (process->random_left < NGX_HTTP_GRAPHQL_ID_RANDOM_BYTES) {

        do {
            n = getrandom(process->random, NGX_HTTP_GRAPHQL_RANDOM_BYTES, 0);
        } while (n == -1 && ngx_errno == NGX_EINTR);

        if (n < NGX_HTTP_GRAPHQL_ID_RANDOM_BYTES) {
            ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, ngx_errno,
                          "getrandom() failed");
            return NGX_ERROR;
        }

        process->random_left = (size_t) n;
    }

    process->random_left -= NGX_HTTP_GRAPHQL_ID_RANDOM_BYTES;

    base_uuid_v7(&process->ids, now_ms,
                 process->random + process->random_left, id);

    return NGX_OK;
}
