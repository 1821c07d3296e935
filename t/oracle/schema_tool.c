/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Our side of schema.mjs: loads schemas.
 *
 *   schema_tool schema.graphql < schemas > answers
 *
 * A schema is a line with a JSON string; its answer is one too: an array of
 * messages, empty where it loads.  The argument is not used.
 */

#include "graphql/graphql.h"

#include <stdio.h>
#include <stdlib.h>


static void
answer_line(base_str_t line)
{
    base_buf_t          buf;
    base_arena_t        arena;
    gql_errors_t        errors;
    gql_schema_t       *schema;
    gql_source_t        source;
    const gql_error_t  *error;
    const base_json_t  *text;

    base_arena_init(&arena, 65536, BASE_ARENA_UNLIMITED);
    base_buf_init(&buf, &arena, SIZE_MAX);
    gql_errors_init(&errors, &arena);

    text = base_json_parse(&arena, line, NULL, NULL);
    if (text == NULL || text->type != BASE_JSON_STRING) {
        fprintf(stderr, "a schema is no JSON string\n");
        exit(EXIT_FAILURE);
    }

    source.name = BASE_STR("generated");
    source.text = text->text;
    schema = gql_schema_load(&source, 1, &errors);
    gql_schema_free(schema);

    base_buf_add_char(&buf, '[');

    for (error = errors.first; error != NULL; error = error->next) {
        base_json_write_str(&buf, error->message);
        base_buf_printf(&buf, "%s", error->next == NULL ? "" : ",");
    }

    base_buf_add_lit(&buf, "]\n");
    fwrite(buf.data, 1, buf.len, stdout);
    fflush(stdout);
    base_arena_deinit(&arena);
}


int
main(void)
{
    char     *line = NULL;
    size_t    cap = 0;
    ssize_t   len;

    for (len = getline(&line, &cap, stdin); len > 0;
         len = getline(&line, &cap, stdin))
    {
        answer_line(base_str(line, (size_t) len));
    }

    free(line);
    return EXIT_SUCCESS;
}
