/* SPDX-License-Identifier: BSD-2-Clause */

#include "tap.h"

#include "base/json_pointer.h"


/* RFC 6901's own document (JSON String Representation), and one array more. */
static const char  document[] =
    "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
    "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,"
    "\"o\":{\"~1\":9,\"p\":[null,{\"q\":true}]}}";

typedef struct {
    const char  *pointer;
    const char  *value;             /* NULL: there is none */
} pointer_case_t;

static const pointer_case_t  cases[] = {
    { "/foo", "[\"bar\",\"baz\"]" },
    { "/foo/0", "\"bar\"" },
    { "/foo/1", "\"baz\"" },
    { "/", "0" },
    { "/a~1b", "1" },
    { "/c%d", "2" },
    { "/e^f", "3" },
    { "/g|h", "4" },
    { "/i\\j", "5" },
    { "/k\"l", "6" },
    { "/ ", "7" },
    { "/m~0n", "8" },
    { "/o/~01", "9" },              /* "~" first, so this is not "/" */
    { "/o/p/0", "null" },
    { "/o/p/1/q", "true" },
    { "/fo", NULL },
    { "/fooo", NULL },
    { "/foo/2", NULL },
    { "/foo/-", NULL },
    { "/foo/", NULL },
    { "/foo/01", NULL },
    { "/foo/00", NULL },
    { "/foo/1x", NULL },
    { "/foo/4294967296", NULL },
    { "/foo/18446744073709551616", NULL },
    { "/foo/0/bar", NULL },
    { "/foo/0/", NULL },
    { "//", NULL },
    { "/o/p/1/q/r", NULL },
};

static const char *const  wrong[] = {
    "a", "a/b", "#/a", "/~", "/a~", "/~2", "/a~b/c", " /a"
};


static void
test_case(const base_json_t *json, base_arena_t *arena,
    const pointer_case_t *c)
{
    base_buf_t          buf;
    base_str_t          pointer = base_str_c(c->pointer);
    const base_json_t  *value;

    ok(base_json_pointer_valid(pointer), "\"%.*s\" is a pointer",
       BASE_STR_ARG(pointer));

    value = base_json_pointer(json, pointer);

    if (value == NULL || c->value == NULL) {
        ok(value == NULL && c->value == NULL, "... of nothing");
        return;
    }

    base_buf_init(&buf, arena, SIZE_MAX);
    base_json_write(&buf, value);
    is_str(base_buf_str(&buf), base_str_c(c->value), "... of its value");
}


int
main(void)
{
    size_t        i;
    base_json_t  *json;
    base_arena_t  arena;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    json = base_json_parse(&arena, base_str_c(document), NULL, NULL);

    ok(base_json_pointer_valid(BASE_STR("")), "an empty pointer is one");
    ok(base_json_pointer(json, BASE_STR("")) == json, "... of the whole");
    ok(base_json_pointer(NULL, BASE_STR("/a")) == NULL, "nothing has nothing");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(json, &arena, &cases[i]);
    }

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ok(!base_json_pointer_valid(base_str_c(wrong[i])),
           "\"%s\" is no pointer", wrong[i]);
    }

    is_str(base_json_scalar(base_json_pointer(json, BASE_STR("/foo/0"))),
           BASE_STR("bar"), "the text of a string");
    is_str(base_json_scalar(base_json_pointer(json, BASE_STR("/ "))),
           BASE_STR("7"), "of a number");
    is_str(base_json_scalar(base_json_pointer(json, BASE_STR("/o/p/1/q"))),
           BASE_STR("true"), "of true");
    is_str(base_json_scalar(base_json_pointer(json, BASE_STR("/o/p/0"))),
           BASE_STR(""), "but null has none");
    is_str(base_json_scalar(json), BASE_STR(""), "nor has an object");
    is_str(base_json_scalar(NULL), BASE_STR(""), "nor what is not there");

    base_arena_deinit(&arena);

    return done_testing();
}
