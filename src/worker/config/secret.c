/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/config/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>


#define WORKER_SECRET_BYTES_MAX  65536


typedef struct {
    base_str_t    prefix;
    bool        (*read)(base_arena_t *arena, base_str_t name, base_str_t *value,
                      base_str_t *problem);
} worker_secret_source_t;


static bool worker_secret_file(base_arena_t *arena, base_str_t name,
    base_str_t *value, base_str_t *problem);
static bool worker_secret_env(base_arena_t *arena, base_str_t name,
    base_str_t *value, base_str_t *problem);
static bool worker_secret_read(base_arena_t *arena, base_str_t reference,
    base_str_t *value, base_str_t *problem);
static bool worker_secrets_header(worker_secrets_t *secrets,
    base_str_t setting, base_str_t text, base_str_t *header,
    base_arena_t *arena, worker_problems_t *problems);


static const worker_secret_source_t  worker_secret_sources[] = {
    { BASE_STR_INIT("file:"), worker_secret_file },
    { BASE_STR_INIT("env:"),  worker_secret_env },
};

#define WORKER_SECRET_SOURCES                                                 \
    (sizeof(worker_secret_sources) / sizeof(worker_secret_sources[0]))


bool
worker_secrets_load(worker_secrets_t *secrets, const worker_config_t *config,
    base_arena_t *arena, worker_problems_t *problems)
{
    bool                   good = true;
    size_t                 i = 0;
    const worker_entry_t  *entry;

    *secrets = (worker_secrets_t) { 0 };
    base_arena_init(&secrets->arena, BASE_ARENA_BLOCK_BYTES,
                    BASE_ARENA_UNLIMITED);
    secrets->payment = base_arena_calloc(&secrets->arena,
                                         config->payment_headers.count + 1,
                                         sizeof(base_str_t));
    secrets->connections = base_arena_calloc(&secrets->arena,
                                             config->connections.count + 1,
                                             sizeof(worker_connection_t));
    if (secrets->payment == NULL || secrets->connections == NULL) {
        problems->nomem = true;
        worker_secrets_free(secrets);
        return false;
    }

    for (entry = config->payment_headers.first; entry != NULL;
         entry = entry->next)
    {
        good &= worker_secrets_header(secrets, BASE_STR("payment_header"),
                                      entry->words[0],
                                      &secrets->payment[i++], arena, problems);
    }

    secrets->payment_count = i;
    i = 0;

    for (entry = config->connections.first; entry != NULL; entry = entry->next)
    {
        secrets->connections[i].name = entry->words[0];
        secrets->connections[i].origin = worker_url_origin(entry->words[1]);
        good &= worker_secrets_header(secrets, entry->words[0],
                                      entry->words[2],
                                      &secrets->connections[i++].header,
                                      arena, problems);
    }

    secrets->connection_count = i;
    if (!good) {
        worker_secrets_free(secrets);
    }

    return good;
}


void
worker_secrets_free(worker_secrets_t *secrets)
{
    base_arena_deinit(&secrets->arena);
    *secrets = (worker_secrets_t) { 0 };
}


static bool
worker_secrets_header(worker_secrets_t *secrets, base_str_t setting,
    base_str_t text, base_str_t *header, base_arena_t *arena,
    worker_problems_t *problems)
{
    base_str_t  problem;

    if (worker_secret_expand(&secrets->arena, text, header, &problem)) {
        return true;
    }

    if (problem.data == NULL) {
        problems->nomem = true;
    } else {
        worker_problems_add(problems, arena, false, "\"%.*s\": %.*s",
                            BASE_STR_ARG(setting), BASE_STR_ARG(problem));
    }

    return false;
}


bool
worker_secret_expand(base_arena_t *arena, base_str_t text, base_str_t *out,
    base_str_t *problem)
{
    size_t       i = 0;
    base_buf_t   buf;
    base_str_t   value;
    const char  *end;

    *problem = base_str(NULL, 0);
    base_buf_init(&buf, arena, SIZE_MAX);

    while (i < text.len) {
        if (text.data[i] != '$' || i + 1 == text.len
            || text.data[i + 1] != '{')
        {
            base_buf_add_char(&buf, text.data[i++]);
            continue;
        }

        i += 2;
        end = memchr(text.data + i, '}', text.len - i);
        if (end == NULL) {
            *problem = BASE_STR("\"${\" without \"}\"");
            return false;
        }

        if (!worker_secret_read(arena,
                                base_str(text.data + i,
                                         (size_t) (end - text.data) - i),
                                &value, problem))
        {
            return false;
        }

        base_buf_add_str(&buf, value);
        i = (size_t) (end - text.data) + 1;
    }

    base_buf_add_char(&buf, '\0');
    *out = base_str(buf.data, buf.len - 1);
    return !buf.failed;
}


static bool
worker_secret_read(base_arena_t *arena, base_str_t reference,
    base_str_t *value, base_str_t *problem)
{
    size_t      i;
    base_str_t  name, prefix;

    for (i = 0; i < WORKER_SECRET_SOURCES; i++) {
        prefix = worker_secret_sources[i].prefix;
        if (!base_str_starts(reference, prefix)) {
            continue;
        }

        if (!base_arena_str(arena,
                            base_str(reference.data + prefix.len,
                                     reference.len - prefix.len), &name)
            || !worker_secret_sources[i].read(arena, name, value, problem))
        {
            return false;
        }

        for (i = 0; i < value->len; i++) {
            if ((unsigned char) value->data[i] < 0x20) {
                *problem = base_arena_printf(arena, "%.*s has a line break or "
                                             "a control character in it",
                                             BASE_STR_ARG(name));
                return false;
            }
        }

        return true;
    }

    *problem = BASE_STR("expected ${file:PATH} or ${env:NAME}");
    return false;
}


/* Without the line breaks at its end, which editors leave. */
static bool
worker_secret_file(base_arena_t *arena, base_str_t name, base_str_t *value,
    base_str_t *problem)
{
    if (name.len == 0 || name.data[0] != '/') {
        *problem = BASE_STR("${file:} wants an absolute path");
        return false;
    }

    if (!worker_file_read(arena, name.data, WORKER_SECRET_BYTES_MAX, value)) {
        *problem = base_arena_printf(arena, "%.*s: cannot read: %s",
                                     BASE_STR_ARG(name), strerror(errno));
        return false;
    }

    while (value->len > 0 && (value->data[value->len - 1] == '\n'
                              || value->data[value->len - 1] == '\r'))
    {
        value->len--;
    }

    if (value->len == 0) {
        *problem = base_arena_printf(arena, "%.*s is empty",
                                     BASE_STR_ARG(name));
        return false;
    }

    return true;
}


static bool
worker_secret_env(base_arena_t *arena, base_str_t name, base_str_t *value,
    base_str_t *problem)
{
    *value = base_str_c(getenv(name.data));
    if (value->len > 0) {
        return true;
    }

    *problem = base_arena_printf(arena, "the environment has no %.*s",
                                 BASE_STR_ARG(name));
    return false;
}


base_str_t
worker_url_origin(base_str_t url)
{
    size_t  i, start;

    if (base_str_starts(url, BASE_STR("https://"))) {
        start = 8;
    } else if (base_str_starts(url, BASE_STR("http://"))) {
        start = 7;
    } else {
        return BASE_STR("");
    }

    for (i = start; i < url.len; i++) {
        unsigned char  c = (unsigned char) url.data[i];

        if (c == '/' || c == '?' || c == '#') {
            break;
        }

        if (c == '@' || c == '\\' || c <= 0x20 || c >= 0x7f) {
            return BASE_STR("");
        }
    }

    return i > start ? base_str(url.data, i) : BASE_STR("");
}


bool
worker_connection_known(const worker_config_t *config, base_str_t name)
{
    return worker_entries_find(&config->connections, name) != NULL;
}
