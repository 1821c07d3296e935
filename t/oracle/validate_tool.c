/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Our side of validate.mjs: parses and validates documents.
 *
 *   validate_tool schema.graphql < documents > answers
 *
 * A document is a line with a JSON string; its answer is one too: an array of
 * {"message":...,"locations":[[line,column],...]}, empty where it is valid.
 */

#include "graphql/graphql.h"

#include <stdio.h>
#include <stdlib.h>


static base_str_t
read_file(base_arena_t *arena, const char *path)
{
    long   size;
    char  *text;
    FILE  *file = fopen(path, "rb");

    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }

    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);

    text = base_arena_alloc(arena, (size_t) size + 1);
    if (text == NULL || fread(text, 1, (size_t) size, file) != (size_t) size) {
        perror(path);
        exit(EXIT_FAILURE);
    }

    fclose(file);
    return base_str(text, (size_t) size);
}


static void
write_answer(const gql_errors_t *errors, base_buf_t *buf)
{
    uint32_t            i;
    const gql_error_t  *error;

    base_buf_add_char(buf, '[');

    for (error = errors->first; error != NULL; error = error->next) {
        base_buf_add_lit(buf, "{\"message\":");
        base_json_write_str(buf, error->message);
        base_buf_add_lit(buf, ",\"locations\":[");

        for (i = 0; i < error->location_count; i++) {
            base_buf_printf(buf, "%s[%u,%u]", i == 0 ? "" : ",",
                            error->locations[i].line,
                            error->locations[i].column);
        }

        base_buf_printf(buf, "]}%s", error->next == NULL ? "" : ",");
    }

    base_buf_add_lit(buf, "]\n");
}


static void
answer_line(const gql_schema_t *schema, base_str_t line)
{
    base_buf_t               buf;
    gql_limits_t             limits = { 0 };
    base_arena_t             arena;
    gql_errors_t             errors;
    gql_document_t          *document;
    const base_json_t       *text;
    gql_validate_options_t   options = { &limits, true, true };

    base_arena_init(&arena, 65536, BASE_ARENA_UNLIMITED);
    base_buf_init(&buf, &arena, SIZE_MAX);
    gql_errors_init(&errors, &arena);

    text = base_json_parse(&arena, line, NULL, NULL);
    if (text == NULL || text->type != BASE_JSON_STRING) {
        fprintf(stderr, "a document is no JSON string\n");
        exit(EXIT_FAILURE);
    }

    document = gql_document_parse(&arena, text->text, &limits, &errors);
    if (document != NULL) {
        (void) gql_validate(schema, document, &options, &errors);
    }

    write_answer(&errors, &buf);
    fwrite(buf.data, 1, buf.len, stdout);
    fflush(stdout);
    base_arena_deinit(&arena);
}


int
main(int argc, char **argv)
{
    char          *line = NULL;
    size_t         cap = 0;
    ssize_t        len;
    base_arena_t   arena;
    gql_source_t   source;
    gql_errors_t   errors;
    gql_schema_t  *schema;

    if (argc != 2) {
        fprintf(stderr, "usage: validate_tool schema.graphql\n");
        return EXIT_FAILURE;
    }

    base_arena_init(&arena, 65536, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);

    source.name = base_str_c(argv[1]);
    source.text = read_file(&arena, argv[1]);
    schema = gql_schema_load(&source, 1, &errors);

    if (schema == NULL) {
        fprintf(stderr, "%s: %.*s\n", argv[1],
                BASE_STR_ARG(errors.first->message));
        return EXIT_FAILURE;
    }

    for (len = getline(&line, &cap, stdin); len > 0;
         len = getline(&line, &cap, stdin))
    {
        answer_line(schema, base_str(line, (size_t) len));
    }

    free(line);
    gql_schema_free(schema);
    base_arena_deinit(&arena);
    return EXIT_SUCCESS;
}
