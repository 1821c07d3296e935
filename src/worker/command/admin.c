/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/command/admin.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>


#define WORKER_ADMIN_DEPTH_MAX  8
#define WORKER_ADMIN_BAR        30
#define WORKER_ADMIN_ALIVE_MS   1000


/* Where the reply of a posted command goes. */
typedef struct {
    worker_admin_t   *admin;
    base_json_t     **answer;
} worker_admin_posted_t;


static void worker_admin_alive_handler(uv_timer_t *timer);
static void worker_admin_state_handler(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason);
static void worker_admin_reply_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static base_json_t *worker_admin_read(worker_admin_t *admin,
    rds_outcome_t outcome, const rds_reply_t *reply);
static void worker_admin_posted_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply);
static base_json_t *worker_admin_value(worker_admin_t *admin,
    const rds_reply_t *reply, unsigned depth);
static base_json_t *worker_admin_array(worker_admin_t *admin,
    const rds_reply_t *reply, unsigned depth);


bool
worker_admin_open(worker_admin_t *admin,
    const worker_command_context_t *context)
{
    const char              *reason;
    const worker_config_t   *config = context->config;
    rds_link_options_t       options = {
        .address = config->redis, .name = BASE_STR("orders-worker-admin"),
        .timeout_ms = config->redis_timeout_ms,
        .connect_timeout_ms = config->redis_timeout_ms,
        .on_state = worker_admin_state_handler, .data = admin
    };

    *admin = (worker_admin_t) { .context = context };
    base_arena_init(&admin->arena, 64 * 1024, BASE_ARENA_UNLIMITED);

    if (!orders_keys_init(&admin->keys, context->arena, config->prefix,
                          config->partition, &reason)
        || uv_loop_init(&admin->loop) != 0)
    {
        fprintf(stderr, "orders-worker: out of memory\n");
        return false;
    }

    (void) uv_timer_init(&admin->loop, &admin->alive);
    (void) uv_timer_start(&admin->alive, worker_admin_alive_handler,
                          WORKER_ADMIN_ALIVE_MS, WORKER_ADMIN_ALIVE_MS);
    rds_loop_uv_init(&admin->rds_loop, &admin->loop);
    admin->link = rds_link_new(&admin->rds_loop, &options);
    admin->failed = admin->link == NULL;

    while (!admin->failed && rds_link_state(admin->link) != RDS_LINK_UP) {
        (void) uv_run(&admin->loop, UV_RUN_ONCE);
    }

    if (admin->failed) {
        worker_admin_close(admin);
        return false;
    }

    return true;
}


void
worker_admin_close(worker_admin_t *admin)
{
    admin->failed = true;           /* what is said now is not of interest */
    rds_link_close(admin->link);
    admin->link = NULL;
    uv_close((uv_handle_t *) &admin->alive, NULL);
    (void) uv_run(&admin->loop, UV_RUN_DEFAULT);
    (void) uv_loop_close(&admin->loop);
    base_arena_deinit(&admin->arena);
}


base_json_t *
worker_admin_send(worker_admin_t *admin, const base_str_t *argv, size_t argc)
{
    admin->answered = false;
    admin->reply = NULL;

    if (admin->failed
        || rds_link_send(admin->link, argv, argc, worker_admin_reply_handler,
                         admin) == NULL)
    {
        if (!admin->failed) {
            fprintf(stderr, "orders-worker: the command cannot be sent\n");
        }
        return NULL;
    }

    while (!admin->answered) {
        (void) uv_run(&admin->loop, UV_RUN_ONCE);
    }

    return admin->reply;
}


void
worker_admin_post(worker_admin_t *admin, base_json_t **answer,
    const base_str_t *argv, size_t argc)
{
    worker_admin_posted_t  *posted;

    posted = base_arena_alloc(&admin->arena, sizeof(worker_admin_posted_t));
    if (posted != NULL) {
        *posted = (worker_admin_posted_t) { admin, answer };
    }

    if (answer != NULL) {
        *answer = NULL;
    }

    if (admin->failed || posted == NULL
        || rds_link_send(admin->link, argv, argc, worker_admin_posted_handler,
                         posted) == NULL)
    {
        admin->refused = true;
        if (!admin->failed) {
            fprintf(stderr, "orders-worker: the command cannot be sent\n");
        }
        return;
    }

    admin->posted++;
}


bool
worker_admin_wait(worker_admin_t *admin)
{
    bool  done;

    while (admin->posted > 0) {
        (void) uv_run(&admin->loop, UV_RUN_ONCE);
    }

    done = !admin->failed && !admin->refused;
    admin->refused = false;

    return done;
}


bool
worker_admin_int(worker_admin_t *admin, const base_json_t *reply,
    int64_t *value)
{
    (void) admin;

    return reply != NULL && base_json_to_int(reply, value);
}


base_str_t
worker_admin_order_key(worker_admin_t *admin, base_str_t id)
{
    return orders_key_order(&admin->keys, &admin->arena, id);
}


bool
worker_admin_confirm(const worker_admin_t *admin, const char *question)
{
    char  answer[16];

    if (admin->context->options->yes) {
        return true;
    }

    if (!isatty(STDIN_FILENO)) {
        fprintf(stderr, "orders-worker: %s Say --yes to do it.\n", question);
        return false;
    }

    fprintf(stderr, "%s Type \"yes\": ", question);
    return fgets(answer, sizeof(answer), stdin) != NULL
           && strcmp(answer, "yes\n") == 0;
}


void
worker_admin_progress(const char *what, size_t done, size_t total)
{
    char    bar[WORKER_ADMIN_BAR + 1];
    size_t  i;

    if (!isatty(STDERR_FILENO)) {
        return;
    }

    if (total == 0) {
        fprintf(stderr, "\n");
        return;
    }

    total = done > total ? done : total;
    for (i = 0; i < WORKER_ADMIN_BAR; i++) {
        bar[i] = i < done * WORKER_ADMIN_BAR / total ? '#' : '.';
    }

    bar[WORKER_ADMIN_BAR] = '\0';
    fprintf(stderr, "\r%s [%s] %zu of %zu", what, bar, done, total);
}


bool
worker_admin_print(worker_admin_t *admin, const base_json_t *value)
{
    base_buf_t  text;

    base_buf_init(&text, &admin->arena, SIZE_MAX);
    base_json_write_pretty(&text, value);
    base_buf_add_char(&text, '\n');

    return !text.failed && fwrite(text.data, 1, text.len, stdout) == text.len;
}


bool
worker_admin_add(base_json_t *object, const char *key, base_json_t *item)
{
    if (object == NULL || item == NULL) {
        return false;
    }

    base_json_add(object, base_str_c(key), item);
    return true;
}


static void
worker_admin_alive_handler(uv_timer_t *timer)
{
    (void) timer;
}


static void
worker_admin_state_handler(void *data, rds_link_t *link,
    rds_link_state_t state, const char *reason)
{
    worker_admin_t  *admin = data;

    (void) link;

    if (state != RDS_LINK_UP && !admin->failed) {
        admin->failed = true;
        fprintf(stderr, "orders-worker: no connection to redis %.*s: %s\n",
                BASE_STR_ARG(admin->context->config->redis_text),
                reason != NULL ? reason : "unknown reason");
    }
}


static void
worker_admin_reply_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    worker_admin_t  *admin = data;

    admin->answered = true;
    admin->reply = worker_admin_read(admin, outcome, reply);
}


static void
worker_admin_posted_handler(void *data, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    base_json_t            *value;
    worker_admin_posted_t  *posted = data;
    worker_admin_t         *admin = posted->admin;

    admin->posted--;
    value = worker_admin_read(admin, outcome, reply);
    admin->refused |= value == NULL;
    if (posted->answer != NULL) {
        *posted->answer = value;
    }
}


/* NULL with a message on stderr if there is none, or if it is an error. */
static base_json_t *
worker_admin_read(worker_admin_t *admin, rds_outcome_t outcome,
    const rds_reply_t *reply)
{
    base_json_t  *value;

    if (outcome != RDS_REPLIED) {
        if (!admin->failed) {
            fprintf(stderr, "orders-worker: redis did not answer\n");
        }
        admin->failed = true;
        return NULL;
    }

    if (rds_reply_is_error(reply)) {
        fprintf(stderr, "orders-worker: redis answers: %.*s\n",
                BASE_STR_ARG(rds_reply_str(reply)));
        return NULL;
    }

    value = worker_admin_value(admin, reply, 0);
    if (value == NULL) {
        fprintf(stderr, "orders-worker: the answer is too large\n");
    }

    return value;
}


static base_json_t *
worker_admin_value(worker_admin_t *admin, const rds_reply_t *reply,
    unsigned depth)
{
    base_str_t  text;

    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        return base_json_int(&admin->arena, reply->integer);

    case REDIS_REPLY_NIL:
        return base_json_null(&admin->arena);

    case REDIS_REPLY_ARRAY:
        return worker_admin_array(admin, reply, depth);

    default:
        return base_arena_str(&admin->arena, rds_reply_str(reply), &text)
                   ? base_json_string(&admin->arena, text) : NULL;
    }
}


static base_json_t *
worker_admin_array(worker_admin_t *admin, const rds_reply_t *reply,
    unsigned depth)
{
    size_t        i;
    base_json_t  *array, *item;

    array = base_json_array(&admin->arena);
    if (array == NULL || depth >= WORKER_ADMIN_DEPTH_MAX) {
        return NULL;
    }

    for (i = 0; rds_reply_at(reply, i) != NULL; i++) {
        item = worker_admin_value(admin, rds_reply_at(reply, i), depth + 1);
        if (item == NULL) {
            return NULL;
        }

        base_json_append(array, item);
    }

    return array;
}
