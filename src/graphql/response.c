/* SPDX-License-Identifier: BSD-2-Clause */

/* Errors as JSON (Response Format: Errors). */

#include "graphql/exec.h"


static void gql_write_error(const gql_error_t *error, base_buf_t *buf);
static void response_locations(const gql_error_t *error, base_buf_t *buf);
static void response_path(const gql_path_t *path, base_buf_t *buf);
static void response_extensions(const gql_error_t *error, base_buf_t *buf);
static void response_list(const gql_errors_t *errors, base_buf_t *buf);


void
gql_write_errors(const gql_errors_t *errors, base_buf_t *buf)
{
    base_buf_add_char(buf, '{');
    response_list(errors, buf);
    base_buf_add_char(buf, '}');
}


/* One error as its JSON object. */
static void
gql_write_error(const gql_error_t *error, base_buf_t *buf)
{
    base_buf_add_lit(buf, "{\"message\":");
    base_json_write_str(buf, error->message);

    if (error->location_count != 0) {
        base_buf_add_lit(buf, ",\"locations\":[");
        response_locations(error, buf);
        base_buf_add_char(buf, ']');
    }

    if (error->path != NULL) {
        base_buf_add_lit(buf, ",\"path\":[");
        response_path(error->path, buf);
        base_buf_add_char(buf, ']');
    }

    if (error->code.len != 0 || error->extensions != NULL) {
        base_buf_add_lit(buf, ",\"extensions\":{");
        response_extensions(error, buf);
        base_buf_add_char(buf, '}');
    }

    base_buf_add_char(buf, '}');
}


void
gql_response_errors(gql_exec_t *x, base_buf_t *buf, size_t at)
{
    size_t      data_bytes = buf->len - at;
    char       *room;
    base_buf_t  text;

    base_buf_init(&text, x->plan.arena, SIZE_MAX);
    response_list(x->plan.errors, &text);
    base_buf_add_char(&text, ',');

    room = text.failed ? NULL : base_buf_reserve(buf, text.len);
    if (room == NULL) {
        base_buf_fail(buf);
        return;
    }

    memmove(buf->data + at + text.len, buf->data + at, data_bytes);
    memcpy(buf->data + at, text.data, text.len);
    buf->len += text.len;
}


/* "errors":[...] */
static void
response_list(const gql_errors_t *errors, base_buf_t *buf)
{
    const gql_error_t  *error;

    base_buf_add_lit(buf, "\"errors\":[");

    for (error = errors->first; error != NULL; error = error->next) {
        if (error != errors->first) {
            base_buf_add_char(buf, ',');
        }

        gql_write_error(error, buf);
    }

    base_buf_add_char(buf, ']');
}


static void
response_locations(const gql_error_t *error, base_buf_t *buf)
{
    uint32_t  i;

    for (i = 0; i < error->location_count; i++) {
        if (i != 0) {
            base_buf_add_char(buf, ',');
        }

        base_buf_add_lit(buf, "{\"line\":");
        base_buf_add_int(buf, error->locations[i].line);
        base_buf_add_lit(buf, ",\"column\":");
        base_buf_add_int(buf, error->locations[i].column);
        base_buf_add_char(buf, '}');
    }
}


/* The path is linked from its end; it is as deep as a response at most. */
static void
response_path(const gql_path_t *path, base_buf_t *buf)
{
    if (path->up != NULL) {
        response_path(path->up, buf);
        base_buf_add_char(buf, ',');
    }

    if (path->key.data != NULL) {
        base_json_write_str(buf, path->key);
        return;
    }

    base_buf_add_int(buf, path->index);
}


static void
response_extensions(const gql_error_t *error, base_buf_t *buf)
{
    bool                first = true;
    const base_json_t  *member;

    if (error->code.len != 0) {
        base_buf_add_lit(buf, "\"code\":");
        base_json_write_str(buf, error->code);
        first = false;
    }

    if (error->extensions == NULL) {
        return;
    }

    base_json_each(member, error->extensions) {
        if (!first) {
            base_buf_add_char(buf, ',');
        }

        first = false;

        base_json_write_str(buf, member->key);
        base_buf_add_char(buf, ':');
        base_json_write(buf, member);
    }
}
