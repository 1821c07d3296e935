/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * From text to values over yajl's callbacks.
 *
 * yajl's tree API is not used (CVE-2023-33460), nor its integer callback,
 * which fails from 2^63 on.
 */

#include "base/json.h"

#include "base/json_internal.h"
#include "base/json_yajl.h"


/* An object with more members is searched for equal keys by sorting. */
#define JSON_LINEAR_KEYS_MAX  16


typedef struct {
    base_json_memory_t   memory;
    base_str_t           text;
    base_json_error_t    error;
    uint32_t             depth_max;
    uint32_t             depth;
    uint32_t             values_left;
    base_str_t           key;           /* of the value to come */
    base_json_t         *root;
    size_t               root_end;      /* offset behind the finished root */
    yajl_handle          yajl;
    base_json_t         *open[BASE_JSON_DEPTH_CEILING];
} json_parser_t;


static void json_run(json_parser_t *parser);
static void json_finish(json_parser_t *parser);
static void json_syntax_error(json_parser_t *parser, size_t offset);
static base_str_t json_trim(base_str_t text);
static bool json_fail(json_parser_t *parser, base_json_status_t status,
    const char *reason);
static int json_add(json_parser_t *parser, base_json_t *value);
static bool json_str(json_parser_t *parser, const void *data, size_t len,
    base_str_t *s);
static base_json_t *json_value(json_parser_t *parser, base_json_type_t type);
static int json_open(json_parser_t *parser, base_json_type_t type);
static int json_close(json_parser_t *parser);
static bool json_sorted_keys_differ(json_parser_t *parser,
    const base_json_t *object);
static bool json_duplicate(json_parser_t *parser, base_str_t key);

static int json_null_handler(void *ctx);
static int json_boolean_handler(void *ctx, int value);
static int json_number_handler(void *ctx, const char *text, size_t len);
static int json_string_handler(void *ctx, const unsigned char *text,
    size_t len);
static int json_key_handler(void *ctx, const unsigned char *text, size_t len);
static int json_object_handler(void *ctx);
static int json_array_handler(void *ctx);
static int json_end_handler(void *ctx);


static const yajl_callbacks  json_callbacks = {
    .yajl_null = json_null_handler,
    .yajl_boolean = json_boolean_handler,
    .yajl_number = json_number_handler,
    .yajl_string = json_string_handler,
    .yajl_start_map = json_object_handler,
    .yajl_map_key = json_key_handler,
    .yajl_end_map = json_end_handler,
    .yajl_start_array = json_array_handler,
    .yajl_end_array = json_end_handler,
};


base_json_t *
base_json_parse(base_arena_t *arena, base_str_t text,
    const base_json_limits_t *limits, base_json_error_t *error)
{
    json_parser_t  parser;

    parser.memory.arena = arena;
    parser.text = json_trim(text);
    parser.error = (base_json_error_t) { .status = BASE_JSON_OK };
    parser.depth_max = BASE_JSON_DEPTH_MAX_DEFAULT;
    parser.depth = 0;
    parser.values_left = BASE_JSON_VALUES_MAX_DEFAULT;
    parser.key = base_str(NULL, 0);
    parser.root = NULL;
    parser.root_end = 0;

    if (limits != NULL && limits->depth_max != 0) {
        parser.depth_max = limits->depth_max < BASE_JSON_DEPTH_CEILING
                               ? limits->depth_max
                               : BASE_JSON_DEPTH_CEILING;
    }

    if (limits != NULL && limits->values_max != 0) {
        parser.values_left = limits->values_max;
    }

    if (parser.text.len == 0) {
        json_fail(&parser, BASE_JSON_SYNTAX, "the text is empty");

    } else if (base_json_check(parser.text, &parser.error)) {
        json_run(&parser);
    }

    if (parser.error.status == BASE_JSON_OK) {
        return parser.root;
    }

    if (error != NULL) {
        *error = parser.error;
    }

    return NULL;
}


static void
json_run(json_parser_t *parser)
{
    yajl_status       status;
    yajl_alloc_funcs  alloc = base_json_yajl_memory(&parser->memory);

    if (setjmp(parser->memory.nomem) != 0) {
        parser->error.status = BASE_JSON_NOMEM;
        parser->error.reason = "out of memory";
        return;
    }

    parser->yajl = yajl_alloc(&json_callbacks, &alloc, parser);
    yajl_config(parser->yajl, yajl_dont_validate_strings, 1);

    status = yajl_parse(parser->yajl,
        (const unsigned char *) parser->text.data, parser->text.len);

    switch (status) {
    case yajl_status_ok:
        json_finish(parser);
        break;

    case yajl_status_client_canceled:
        break;                  /* the callback has set the error */

    default:
        json_syntax_error(parser, yajl_get_bytes_consumed(parser->yajl));
    }
}


/*
 * All text went through yajl without an error: is there a value, and nothing
 * behind it?  yajl's own end is needed only for what it could not know to be
 * complete, a lone number and a torso; asked after a whole value it would take
 * {}"abc for one.
 */
static void
json_finish(json_parser_t *parser)
{
    if (parser->root != NULL && parser->depth == 0) {
        if (parser->root_end != parser->text.len) {
            parser->error.offset = parser->root_end;
            json_fail(parser, BASE_JSON_SYNTAX,
                "there is more text behind the value");
        }

        return;
    }

    if (yajl_complete_parse(parser->yajl) == yajl_status_error) {
        json_syntax_error(parser, parser->text.len);
    }
}


static void
json_syntax_error(json_parser_t *parser, size_t offset)
{
    parser->error.offset = offset;
    json_fail(parser, BASE_JSON_SYNTAX, base_json_yajl_reason(parser->yajl));
}


/* Without white space at the end, so that yajl ends with the last token. */
static base_str_t
json_trim(base_str_t text)
{
    while (text.len > 0) {
        char  c = text.data[text.len - 1];

        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
            break;
        }

        text.len--;
    }

    return text;
}


/* False, which as a callback's result stops yajl. */
static bool
json_fail(json_parser_t *parser, base_json_status_t status, const char *reason)
{
    parser->error.status = status;
    parser->error.reason = reason;

    return false;
}


/* Puts a new value into the innermost open container. */
static int
json_add(json_parser_t *parser, base_json_t *value)
{
    base_json_t  *parent;

    if (parser->depth == 0) {
        parser->root = value;
        parser->root_end = yajl_get_bytes_consumed(parser->yajl);
        return true;
    }

    parent = parser->open[parser->depth - 1];

    if (parent->type == BASE_JSON_OBJECT) {
        base_json_add(parent, parser->key, value);
    } else {
        base_json_append(parent, value);
    }

    return true;
}


/* A new value of the type, its union uninitialized; NULL at a limit. */
static base_json_t *
json_value(json_parser_t *parser, base_json_type_t type)
{
    base_json_t  *value;

    if (parser->values_left == 0) {
        parser->error.offset = yajl_get_bytes_consumed(parser->yajl);
        json_fail(parser, BASE_JSON_VALUES, "too many values");
        return NULL;
    }

    parser->values_left--;

    value = base_arena_alloc(parser->memory.arena, sizeof(base_json_t));
    if (value == NULL) {
        json_fail(parser, BASE_JSON_NOMEM, "out of memory");
        return NULL;
    }

    value->type = type;
    value->boolean = false;
    value->next = NULL;
    value->key = base_str(NULL, 0);
    value->count = 0;

    return value;
}


static int
json_null_handler(void *ctx)
{
    base_json_t  *value = json_value(ctx, BASE_JSON_NULL);

    if (value == NULL) {
        return false;
    }

    value->text = base_str(NULL, 0);
    return json_add(ctx, value);
}


static int
json_boolean_handler(void *ctx, int boolean)
{
    base_json_t  *value = json_value(ctx, BASE_JSON_BOOLEAN);

    if (value == NULL) {
        return false;
    }

    value->text = base_str(NULL, 0);
    value->boolean = boolean != 0;
    return json_add(ctx, value);
}


static int
json_number_handler(void *ctx, const char *text, size_t len)
{
    base_json_t  *value = json_value(ctx, BASE_JSON_NUMBER);

    if (value == NULL || !json_str(ctx, text, len, &value->text)) {
        return false;
    }

    return json_add(ctx, value);
}


static int
json_string_handler(void *ctx, const unsigned char *text, size_t len)
{
    base_json_t  *value = json_value(ctx, BASE_JSON_STRING);

    if (value == NULL || !json_str(ctx, text, len, &value->text)) {
        return false;
    }

    return json_add(ctx, value);
}


static int
json_object_handler(void *ctx)
{
    return json_open(ctx, BASE_JSON_OBJECT);
}


static int
json_array_handler(void *ctx)
{
    return json_open(ctx, BASE_JSON_ARRAY);
}


static int
json_open(json_parser_t *parser, base_json_type_t type)
{
    base_json_t  *value;

    if (parser->depth == parser->depth_max) {
        parser->error.offset = yajl_get_bytes_consumed(parser->yajl) - 1;
        return json_fail(parser, BASE_JSON_DEPTH, "nested too deeply");
    }

    value = json_value(parser, type);
    if (value == NULL) {
        return false;
    }

    value->members.first = NULL;
    value->members.last = NULL;

    json_add(parser, value);
    parser->open[parser->depth++] = value;

    return true;
}


static int
json_end_handler(void *ctx)
{
    return json_close(ctx);
}


static int
json_close(json_parser_t *parser)
{
    base_json_t  *closed = parser->open[--parser->depth];

    if (parser->depth == 0) {
        parser->root_end = yajl_get_bytes_consumed(parser->yajl);
    }

    if (closed->type == BASE_JSON_OBJECT
        && closed->count > JSON_LINEAR_KEYS_MAX)
    {
        return json_sorted_keys_differ(parser, closed);
    }

    return true;
}


static int
json_key_handler(void *ctx, const unsigned char *text, size_t len)
{
    json_parser_t      *parser = ctx;
    const base_json_t  *member;
    const base_json_t  *object = parser->open[parser->depth - 1];

    if (!json_str(parser, text, len, &parser->key)) {
        return false;
    }

    if (object->count >= JSON_LINEAR_KEYS_MAX) {
        return true;            /* json_close() looks */
    }

    base_json_each(member, object) {
        if (base_str_eq(member->key, parser->key)) {
            return json_duplicate(parser, parser->key);
        }
    }

    return true;
}


/*
 * Looks for equal keys in a large object.  Sorted, so that no choice of keys
 * costs more than n log n comparisons; a hash table would need a secret.
 */
static bool
json_sorted_keys_differ(json_parser_t *parser, const base_json_t *object)
{
    size_t               i;
    const base_json_t  **members;

    members = base_arena_calloc(parser->memory.arena,
        (size_t) object->count * 2, sizeof(members[0]));
    if (members == NULL) {
        return json_fail(parser, BASE_JSON_NOMEM, "out of memory");
    }

    base_json_sort_members(object, members);

    for (i = 1; i < object->count; i++) {
        if (base_str_eq(members[i - 1]->key, members[i]->key)) {
            return json_duplicate(parser, members[i]->key);
        }
    }

    return true;
}


static bool
json_duplicate(json_parser_t *parser, base_str_t key)
{
    uintptr_t  offset = (uintptr_t) key.data - (uintptr_t) parser->text.data;

    parser->error.key = key;
    parser->error.offset = offset < parser->text.len
                               ? offset
                               : yajl_get_bytes_consumed(parser->yajl);

    return json_fail(parser, BASE_JSON_DUPLICATE, "a key occurs twice");
}


/* Borrows from the text; copies what yajl has decoded elsewhere. */
static bool
json_str(json_parser_t *parser, const void *data, size_t len, base_str_t *s)
{
    uintptr_t  offset = (uintptr_t) data - (uintptr_t) parser->text.data;

    *s = base_str(data, len);

    if (offset < parser->text.len) {
        return true;
    }

    if (!base_arena_str(parser->memory.arena, *s, s)) {
        return json_fail(parser, BASE_JSON_NOMEM, "out of memory");
    }

    return true;
}
