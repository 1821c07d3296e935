/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Our side of execute.mjs: executes requests against a schema.
 *
 *   execute_tool schema.graphql < requests > answers
 *
 * A request is a line, {"document":...,"variables":...,"values":...}; its
 * answer is one too: {"response":...,"arguments":...}.
 */

#include "execute.h"

#include <stdio.h>
#include <stdlib.h>


static base_str_t
member_text(base_arena_t *arena, const base_json_t *request, const char *name)
{
    base_buf_t          buf;
    const base_json_t  *member = base_json_get(request, base_str_c(name));

    if (member == NULL) {
        return base_str(NULL, 0);
    }

    base_buf_init(&buf, arena, SIZE_MAX);
    base_json_write(&buf, member);

    return base_buf_str(&buf);
}


static void
answer_line(const gql_schema_t *schema, base_str_t line)
{
    execute_t           e = { .schema = schema, .limits = gql_limits_default };
    base_arena_t        arena;
    const base_json_t  *request;
    execute_answer_t    answer;

    base_arena_init(&arena, 65536, BASE_ARENA_UNLIMITED);

    request = base_json_parse(&arena, line, NULL, NULL);
    if (request == NULL) {
        fprintf(stderr, "a request is no JSON\n");
        exit(EXIT_FAILURE);
    }

    e.arena = &arena;
    e.limits = (gql_limits_t) { .nesting = 100 };
    e.document = base_json_get_str(request, BASE_STR("document"));
    e.variables = member_text(&arena, request, "variables");
    e.values = member_text(&arena, request, "values");

    answer = execute_run(&e);

    printf("{\"response\":%.*s,\"arguments\":%.*s}\n",
           BASE_STR_ARG(answer.response),
           BASE_STR_ARG(answer.arguments.data == NULL ? BASE_STR("null")
                                                      : answer.arguments));
    fflush(stdout);

    base_arena_deinit(&arena);
}


int
main(int argc, char **argv)
{
    char          *line = NULL;
    FILE          *file;
    size_t         size = 0;
    ssize_t        len;
    gql_error_t   *error;
    base_arena_t   arena;
    gql_errors_t   errors;
    gql_source_t   source;
    gql_schema_t  *schema;

    file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    len = file == NULL ? -1 : getdelim(&line, &size, '\0', file);
    if (len < 0) {
        fprintf(stderr, "usage: execute_tool schema < requests\n");
        return EXIT_FAILURE;
    }

    fclose(file);

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);

    source.name = base_str_c(argv[1]);
    source.text = base_str(line, (size_t) len);

    schema = gql_schema_load(&source, 1, &errors);

    for (error = errors.first; error != NULL; error = error->next) {
        fprintf(stderr, "schema: %.*s\n", BASE_STR_ARG(error->message));
    }

    if (schema == NULL) {
        return EXIT_FAILURE;
    }

    for ( ;; ) {
        len = getline(&line, &size, stdin);
        if (len <= 0) {
            break;
        }

        answer_line(schema, base_str(line, (size_t) len));
    }

    gql_schema_free(schema);
    base_arena_deinit(&arena);
    free(line);

    return EXIT_SUCCESS;
}
