/* SPDX-License-Identifier: BSD-2-Clause */

/* Values: made, linked, found, shared, copied, compared. */

#include "tap.h"

#include <string.h>

#include "base/json.h"


static base_arena_t  arena;


static base_json_t *
parse(const char *text)
{
    static const base_json_limits_t  limits = {
        .depth_max = BASE_JSON_DEPTH_CEILING, .values_max = 1000000
    };

    return base_json_parse(&arena, base_str_c(text), &limits, NULL);
}


static base_str_t
written(const base_json_t *value)
{
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_json_write(&buf, value);

    return base_buf_str(&buf);
}


static void
test_build(void)
{
    base_json_t  *root = base_json_object(&arena);
    base_json_t  *list = base_json_array(&arena);

    base_json_append(list, base_json_null(&arena));
    base_json_append(list, base_json_boolean(&arena, true));
    base_json_append(list, base_json_boolean(&arena, false));
    base_json_append(list, base_json_int(&arena, -3));
    base_json_append(list, base_json_number(&arena, BASE_STR("1.50")));
    base_json_add(root, BASE_STR("list"), list);
    base_json_add(root, BASE_STR("s"),
        base_json_string(&arena, BASE_STR("a\0b")));

    is_str(written(root),
           BASE_STR("{\"list\":[null,true,false,-3,1.50],\"s\":\"a\\u0000b\"}"),
           "a value is built from parts");
    is_int(list->count, 5, "an array knows its count");
    is_int(root->count, 2, "so does an object");
}


static void
test_set_remove(void)
{
    base_json_t  *root = base_json_object(&arena);

    base_json_set(root, BASE_STR("a"), base_json_int(&arena, 1));
    base_json_set(root, BASE_STR("b"), base_json_int(&arena, 2));
    base_json_set(root, BASE_STR("c"), base_json_int(&arena, 3));
    is_str(written(root), BASE_STR("{\"a\":1,\"b\":2,\"c\":3}"), "set adds");

    base_json_set(root, BASE_STR("a"), base_json_int(&arena, 4));
    base_json_set(root, BASE_STR("b"), base_json_int(&arena, 5));
    base_json_set(root, BASE_STR("c"), base_json_int(&arena, 6));
    is_str(written(root), BASE_STR("{\"a\":4,\"b\":5,\"c\":6}"),
           "set replaces at the front, in the middle and at the end");
    is_int(root->count, 3, "which does not change the count");

    base_json_add(root, BASE_STR("d"), base_json_int(&arena, 7));
    ok(base_json_remove(root, BASE_STR("b")), "the middle is removed");
    ok(base_json_remove(root, BASE_STR("d")), "the end is removed");
    base_json_add(root, BASE_STR("e"), base_json_int(&arena, 8));
    ok(base_json_remove(root, BASE_STR("a")), "the front is removed");
    ok(!base_json_remove(root, BASE_STR("a")), "only once");
    is_str(written(root), BASE_STR("{\"c\":6,\"e\":8}"), "the rest stays");

    ok(base_json_remove(root, BASE_STR("c"))
       && base_json_remove(root, BASE_STR("e")) && root->count == 0,
       "all are removed");
    base_json_add(root, BASE_STR("f"), base_json_int(&arena, 9));
    is_str(written(root), BASE_STR("{\"f\":9}"), "and a new one is added");
}


static void
test_read(void)
{
    base_json_t  *item;
    base_json_t  *root = parse("{\"a\":[10,20,30],\"s\":\"text\",\"n\":1,"
                               "\"\":2,\"a\\u0000\":3}");
    base_json_t  *list = base_json_get(root, BASE_STR("a"));
    int64_t       sum = 0, n = 0;

    ok(list != NULL && list->type == BASE_JSON_ARRAY, "a member is found");
    ok(base_json_get(root, BASE_STR("")) != NULL, "the empty key too");
    ok(base_json_to_int(base_json_get(root, BASE_STR("a\0")), &n) && n == 3,
       "a key's NUL byte counts");
    ok(base_json_get(root, BASE_STR("b")) == NULL, "what is not there is not");
    ok(base_json_get(NULL, BASE_STR("a")) == NULL, "nothing has no members");
    ok(base_json_get(list, BASE_STR("a")) == NULL, "nor has an array");

    is_str(base_json_at(list, 2)->text, BASE_STR("30"), "an item is found");
    ok(base_json_at(list, 3) == NULL, "behind the last is none");
    ok(base_json_at(list, SIZE_MAX) == NULL, "nor far behind");
    ok(base_json_at(root, 0) == NULL, "an object has no items");
    ok(base_json_at(NULL, 0) == NULL, "nor has nothing");

    is_str(base_json_get_str(root, BASE_STR("s")), BASE_STR("text"),
           "a string member");
    ok(base_json_get_str(root, BASE_STR("n")).len == 0, "a number is none");
    ok(base_json_get_str(root, BASE_STR("x")).len == 0, "nor what is missing");
    ok(base_json_get_str(NULL, BASE_STR("x")).len == 0, "nor in nothing");

    base_json_each(item, list) {
        base_json_to_int(item, &n);
        sum += n;
    }
    is_int(sum, 60, "each visits all");
    ok(base_json_first(list) == base_json_at(list, 0), "first is the first");
}


static void
test_share_copy(void)
{
    char          text[] = "{\"k\":[\"borrowed\",12,true,null,{}]}";
    base_json_t  *root = parse(text);
    base_json_t  *share = base_json_share(&arena,
                              base_json_get(root, BASE_STR("k")));
    base_json_t  *copy = base_json_copy(&arena, root);
    base_json_t  *list = base_json_array(&arena);

    base_json_append(list, share);
    base_json_append(list, base_json_share(&arena, share));
    is_str(written(list),
           BASE_STR("[[\"borrowed\",12,true,null,{}],"
                    "[\"borrowed\",12,true,null,{}]]"),
           "a value is shared by two places");
    is_str(written(root), BASE_STR("{\"k\":[\"borrowed\",12,true,null,{}]}"),
           "and stays in its own");

    memset(text, '!', sizeof(text) - 1);
    is_str(written(copy), BASE_STR("{\"k\":[\"borrowed\",12,true,null,{}]}"),
           "a copy outlives the text");
}


static void
test_equal(void)
{
    static const struct {
        const char  *a;
        const char  *b;
        bool         equal;
    } cases[] = {
        { "null", "null", true },
        { "null", "false", false },
        { "true", "true", true },
        { "true", "false", false },
        { "\"a\"", "\"\\u0061\"", true },
        { "\"a\"", "\"b\"", false },
        { "\"1\"", "1", false },
        { "1", "1.0", true },
        { "[]", "[]", true },
        { "[]", "{}", false },
        { "[1,2]", "[1,2]", true },
        { "[1,2]", "[2,1]", false },
        { "[1,2]", "[1,2,3]", false },
        { "{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true },
        { "{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false },
        { "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":3}", false },
        { "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
        { "{\"a\":{\"b\":{\"c\":[{}]}}}", "{\"a\":{\"b\":{\"c\":[{}]}}}",
          true },
        { "{\"a\":{\"b\":{\"c\":[{}]}}}", "{\"a\":{\"b\":{\"c\":[[]]}}}",
          false },
    };

    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        base_json_t  *a = parse(cases[i].a);
        base_json_t  *b = parse(cases[i].b);

        ok(base_json_equal(a, b) == cases[i].equal
           && base_json_equal(b, a) == cases[i].equal, "%s %s %s", cases[i].a,
           cases[i].equal ? "equals" : "differs from", cases[i].b);
    }
}


/* An object with keys k0 ... in steps, from the back or the front. */
static base_json_t *
large(int count, bool backwards)
{
    int           i;
    base_json_t  *object = base_json_object(&arena);

    for (i = 0; i < count; i++) {
        int  n = backwards ? count - 1 - i : i;

        base_json_add(object, base_arena_printf(&arena, "k%d", n),
            base_json_int(&arena, n));
    }

    return object;
}


static void
test_equal_large(void)
{
    static const int  counts[] = { 15, 16, 17, 18, 31, 32, 33, 100, 20000 };

    size_t        i;
    base_json_t  *a, *b;

    for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        a = large(counts[i], false);
        b = large(counts[i], true);
        ok(base_json_equal(a, b), "objects of %d members are equal", counts[i]);

        base_json_set(b, BASE_STR("k3"), base_json_int(&arena, 4));
        ok(!base_json_equal(a, b), "until one value differs");

        base_json_remove(b, BASE_STR("k3"));
        base_json_add(b, BASE_STR("x3"), base_json_int(&arena, 3));
        ok(!base_json_equal(a, b), "or one key");
    }
}


/* Arrays in each other, made by hand, as deep as asked. */
static base_json_t *
nested(unsigned depth)
{
    base_json_t  *value = base_json_array(&arena);

    while (--depth > 0) {
        base_json_t  *outer = base_json_array(&arena);

        base_json_append(outer, value);
        value = outer;
    }

    return value;
}


static void
test_depth(void)
{
    base_buf_t    buf;
    base_json_t  *fits = nested(BASE_JSON_DEPTH_CEILING);
    base_json_t  *deep = nested(BASE_JSON_DEPTH_CEILING + 1);
    base_json_t  *abyss = nested(100000);

    ok(base_json_copy(&arena, fits) != NULL,
       "a value at the ceiling is copied");
    ok(base_json_copy(&arena, deep) == NULL, "a deeper one is not");
    ok(base_json_copy(&arena, abyss) == NULL, "nor a much deeper one");

    ok(base_json_equal(fits, nested(BASE_JSON_DEPTH_CEILING)),
       "a value at the ceiling is compared");
    ok(!base_json_equal(deep, nested(BASE_JSON_DEPTH_CEILING + 1)),
       "a deeper one equals nothing");
    ok(!base_json_equal(abyss, nested(100000)), "nor a much deeper one");

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_json_write(&buf, fits);
    ok(!buf.failed && buf.len == 2 * BASE_JSON_DEPTH_CEILING,
       "a value at the ceiling is written");
    base_json_write(&buf, deep);
    ok(buf.failed, "a deeper one is a failure");
    base_buf_clear(&buf);
    base_json_write_pretty(&buf, abyss);
    ok(buf.failed, "a much deeper one too");
}


static void
test_fault(void)
{
    int           n;
    base_json_t  *value = parse("{\"a\":[1,\"two\",{\"b\":null}],\"c\":true}");
    base_json_t  *copy = NULL;
    bool          sound = true;

    for (n = 1; n < 100 && copy == NULL; n++) {
        base_arena_fail_after(&arena, n);
        copy = base_json_copy(&arena, value);
        base_arena_fail_after(&arena, -1);
        sound = sound && (copy == NULL || base_json_equal(copy, value));
    }

    ok(n > 5 && copy != NULL && sound,
       "a copy fails with each allocation, then succeeds (%d)", n - 1);

    base_arena_fail_after(&arena, 1);
    ok(base_json_null(&arena) == NULL, "null without memory is NULL");
    ok(base_json_boolean(&arena, true) == NULL, "as is a boolean");
    ok(base_json_string(&arena, BASE_STR("x")) == NULL, "a string");
    ok(base_json_number(&arena, BASE_STR("1")) == NULL, "a number");
    ok(base_json_array(&arena) == NULL, "an array");
    ok(base_json_object(&arena) == NULL, "an object");
    ok(base_json_share(&arena, value) == NULL, "a share");
    base_arena_fail_after(&arena, -1);
}


int
main(void)
{
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    test_build();
    test_set_remove();
    test_read();
    test_share_copy();
    test_equal();
    test_equal_large();
    test_depth();
    test_fault();

    base_arena_deinit(&arena);

    return done_testing();
}
