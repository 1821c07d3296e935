/* SPDX-License-Identifier: BSD-2-Clause */

/* What the parser makes of text: values, places, and the bounds that nothing
 * gets past. */

#include "graphql/ast.h"
#include "graphql/parser.h"

#include "tap.h"


static base_arena_t  arena;
static gql_errors_t  errors;


static void
start(void)
{
    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &arena);
}


static gql_document_t *
parse(base_str_t text)
{
    return gql_document_parse(&arena, text, NULL, &errors);
}


/* The value of the argument in { a(b: VALUE) }. */
static gql_value_t *
parse_value(base_str_t value)
{
    base_buf_t       buf;
    gql_document_t  *document;

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_buf_add_lit(&buf, "{ a(b: ");
    base_buf_add_str(&buf, value);
    base_buf_add_lit(&buf, ") }");

    document = parse(base_buf_str(&buf));
    return document == NULL
           ? NULL : document->operations->selections->arguments->value;
}


static void
string_is(base_str_t literal, base_str_t expected, const char *name)
{
    gql_value_t  *value;

    start();
    value = parse_value(literal);

    if (ok(value != NULL && value->kind == GQL_VALUE_STRING, "%s: parsed",
           name))
    {
        is_str(value->text, expected, name);
    }

    base_arena_deinit(&arena);
}


#define S(literal)  BASE_STR(literal)


static void
test_strings(void)
{
    string_is(S("\"\""), S(""), "an empty string");
    string_is(S("\"simple # not a comment\""), S("simple # not a comment"),
              "a string on one line");
    string_is(S("\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t\""),
              S("\" \\ / \b \f \n \r \t"), "all short escapes");
    string_is(S("\"\\u0041\\u00e9\\u20ac\\uD83D\\uDe00\""),
              S("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
              "escapes of four digits, and a pair");
    string_is(S("\"\\u{41}\\u{e9}\\u{1F600}\\u{00000041}\\u{10FFFF}\""),
              S("A\xc3\xa9\xf0\x9f\x98\x80" "A\xf4\x8f\xbf\xbf"),
              "escapes in braces");
    string_is(S("\"\\u0000\""), S("\0"), "a NUL");
    string_is(S("\"\xf0\x9f\x98\x80 \xc3\xa9\""),
              S("\xf0\x9f\x98\x80 \xc3\xa9"), "characters as they are");
}


static void
test_block_strings(void)
{
    string_is(S("\"\"\"\"\"\""), S(""), "an empty block string");
    string_is(S("\"\"\" a \"\"\""), S(" a "), "a block string on one line");
    string_is(S("\"\"\"\n    Hello,\n      World!\n\n    Yours,\n      G.\n"
                "  \"\"\""), S("Hello,\n  World!\n\nYours,\n  G."),
              "common indentation is removed");
    string_is(S("\"\"\"    a\n    b\n      c\"\"\""), S("    a\nb\n  c"),
              "the first line does not count");
    string_is(S("\"\"\"\n\n   \n\t\n  a\n\n  b\n   \n\n\"\"\""),
              S("a\n\nb"), "blank lines at both ends are removed");
    string_is(S("\"\"\"\r\n  a\r\n    b\r  c\n  d\"\"\""),
              S("a\n  b\nc\nd"), "all line ends become line feeds");
    string_is(S("\"\"\"a \\\"\"\" \\\" \\n \"\" b\"\"\""),
              S("a \"\"\" \\\" \\n \"\" b"), "there is one escape");
    string_is(S("\"\"\"\n  a\n\n    \n b\n\"\"\""), S(" a\n\n   \nb"),
              "blank lines do not count for the indentation");
    string_is(S("\"\"\"\n \t a\n \tb\n\"\"\""), S(" a\nb"),
              "tabs count like spaces");
    string_is(S("\"\"\"   \n  \n\"\"\""), S(""), "nothing but blanks");
    string_is(S("\"\"\"\n    \\\"\"\"x\n    y\"\"\""), S("\"\"\"x\ny"),
              "an escape after the indentation");
}


static void
test_values(void)
{
    gql_value_t  *value, *item;

    start();
    value = parse_value(S("{a: 1, b: -2.5e+10 c: [true false null E $v], "
                          "d: {}, e: []}"));

    ok(value != NULL && value->kind == GQL_VALUE_OBJECT, "an object");
    is_int(value->count, 5, "it counts its fields");

    item = value->first;
    ok(item->kind == GQL_VALUE_INT, "an Int");
    is_str(item->name, S("a"), "a field has its name");
    is_int(item->name_offset, 8, "and the place of its name");
    is_int(item->offset, 11, "and of its value");

    item = item->next;
    ok(item->kind == GQL_VALUE_FLOAT, "a Float");
    is_str(item->text, S("-2.5e+10"), "as it is written");

    item = item->next;
    ok(item->kind == GQL_VALUE_LIST && item->count == 5, "a list");
    item = item->first;
    ok(item->kind == GQL_VALUE_BOOLEAN && item->boolean, "true");
    item = item->next;
    ok(item->kind == GQL_VALUE_BOOLEAN && !item->boolean, "false");
    item = item->next;
    ok(item->kind == GQL_VALUE_NULL, "null");
    item = item->next;
    ok(item->kind == GQL_VALUE_ENUM, "an enum value");
    is_str(item->text, S("E"), "by its name");
    item = item->next;
    ok(item->kind == GQL_VALUE_VARIABLE, "a variable");
    is_str(item->text, S("v"), "without the dollar");

    base_arena_deinit(&arena);
}


static void
test_document(void)
{
    gql_document_t         *document;
    const gql_fragment_t   *fragment;
    const gql_operation_t  *operation;
    const gql_selection_t  *selection;

    start();
    document = parse(S("\xef\xbb\xbf# comment\n"
        "\"one\" query A(\"v\" $a: [Int!]! = [1] @x, $b: B) @d(e: 1) {\n"
        "  k: f(x: $a) @g { ...F ... on T @h { i } ... { j } }\n"
        "},\n"
        "\"\"\"two\"\"\" fragment F on T @m { n }\n"
        "mutation { o }"));

    if (!ok(document != NULL, "a document with all there is")) {
        base_arena_deinit(&arena);
        return;
    }

    is_int(document->operation_count, 2, "it counts operations");
    is_int(document->fragment_count, 1, "and fragments");

    operation = document->operations;
    is_str(operation->name, S("A"), "an operation's name");
    is_str(operation->description, S("one"), "its description");
    is_int(operation->variable_count, 2, "its variables");
    is_int(operation->variables->next->index, 1, "which are numbered");
    is_str(operation->variables->description, S("v"), "and described");
    ok(operation->variables->type->kind == GQL_TYPEREF_NON_NULL
       && operation->variables->type->of->kind == GQL_TYPEREF_LIST
       && operation->variables->type->of->of->kind == GQL_TYPEREF_NON_NULL,
       "a type keeps its order");
    ok(operation->variables->directives != NULL
       && operation->variables->default_value != NULL
       && operation->variables->next->default_value == NULL,
       "defaults and directives of variables");

    selection = operation->selections;
    is_str(selection->alias, S("k"), "an alias");
    is_str(selection->name, S("f"), "the field's name");
    is_str(selection->key, S("k"), "the response key");

    selection = selection->selections;
    ok(selection->kind == GQL_SELECTION_SPREAD, "a spread");
    selection = selection->next;
    ok(selection->kind == GQL_SELECTION_INLINE
       && selection->condition != NULL, "an inline fragment on a type");
    selection = selection->next;
    ok(selection->kind == GQL_SELECTION_INLINE
       && selection->condition == NULL, "an inline fragment on no type");

    fragment = document->fragments;
    is_str(fragment->name, S("F"), "a fragment's name");
    is_str(fragment->condition->name, S("T"), "its type");
    is_str(fragment->description, S("two"), "its description");

    operation = operation->next;
    ok(operation->kind == GQL_MUTATION && operation->name.len == 0,
       "an operation without a name");
    is_int(gql_source_location(document->source, operation->offset).line, 6,
           "its line");

    base_arena_deinit(&arena);
}


static void
test_places(void)
{
    base_str_t      text = S("a\n\xc3\xa9x\r\ny\rz");
    gql_location_t  at;

    at = gql_source_location(text, 0);
    ok(at.line == 1 && at.column == 1, "the first byte");
    at = gql_source_location(text, 4);
    ok(at.line == 2 && at.column == 2, "columns count characters");
    at = gql_source_location(text, 7);
    ok(at.line == 3 && at.column == 1, "a carriage return and a line feed");
    at = gql_source_location(text, 9);
    ok(at.line == 4 && at.column == 1, "a carriage return alone");
    at = gql_source_location(text, 99);
    ok(at.line == 4 && at.column == 2, "beyond the end is the end");
}


/* n times open, then middle, then n times close. */
static base_str_t
nested(const char *before, const char *open, const char *middle,
    const char *close, const char *after, uint32_t n)
{
    uint32_t    i;
    base_buf_t  buf;

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_buf_add_str(&buf, base_str_c(before));

    for (i = 0; i < n; i++) {
        base_buf_add_str(&buf, base_str_c(open));
    }

    base_buf_add_str(&buf, base_str_c(middle));

    for (i = 0; i < n; i++) {
        base_buf_add_str(&buf, base_str_c(close));
    }

    base_buf_add_str(&buf, base_str_c(after));
    return base_buf_str(&buf);
}


static const struct {
    const char  *name;
    const char  *before;
    const char  *open;
    const char  *middle;
    const char  *close;
    const char  *after;
    uint32_t     depth;         /* of what is around */
} nestings[] = {
    { "selection sets", "", "{a", "", "}", "", 0 },
    { "inline fragments", "", "{...", "{a}", "}", "", 1 },
    { "lists", "{a(b:", "[", "", "]", ")}", 1 },
    { "objects", "{a(b:", "{c:", "1", "}", ")}", 1 },
    { "types", "query($a:", "[", "B", "]", "){a}", 0 },
    { "default values", "query($a:B=", "[", "1", "]", "){a}", 0 },
    { "arguments of directives", "{a @b(c:", "[", "1", "]", ")}", 1 },
};


static void
test_nesting(void)
{
    size_t      i;
    base_str_t  text;

    for (i = 0; i < sizeof(nestings) / sizeof(nestings[0]); i++) {
        start();

        text = nested(nestings[i].before, nestings[i].open, nestings[i].middle,
                      nestings[i].close, nestings[i].after,
                      GQL_NESTING_CEILING - nestings[i].depth);
        ok(parse(text) != NULL, "%s at the ceiling", nestings[i].name);

        text = nested(nestings[i].before, nestings[i].open, nestings[i].middle,
                      nestings[i].close, nestings[i].after,
                      GQL_NESTING_CEILING - nestings[i].depth + 1);
        ok(parse(text) == NULL && errors.count == 1
           && base_str_eq(errors.first->code, GQL_CODE_LIMIT),
           "%s beyond the ceiling", nestings[i].name);

        text = nested(nestings[i].before, nestings[i].open, nestings[i].middle,
                      nestings[i].close, nestings[i].after, 100000);
        ok(parse(text) == NULL && errors.count == 2,
           "%s by the 100,000", nestings[i].name);

        base_arena_deinit(&arena);
    }
}


static void
test_limits(void)
{
    gql_limits_t     limits = { .document_bytes = 16, .tokens = 8 };
    base_json_t     *extensions;
    gql_document_t  *document;

    start();

    document = gql_document_parse(&arena, S("{ a b c(d:[1]) }"), NULL,
                                  &errors);
    is_int(document->measured.tokens, 12, "tokens are counted");
    is_int(document->measured.document_bytes, 16, "and bytes");
    is_int(document->measured.nesting, 2, "and nesting");

    ok(gql_document_parse(&arena, S("{ a b c d e f }"), &limits, &errors)
       != NULL, "as many tokens as the limit");
    ok(gql_document_parse(&arena, S("{a b c d e f g}"), &limits, &errors)
       == NULL, "one token more");

    extensions = errors.first->extensions;
    is_str(base_json_get_str(extensions, S("limit")), S("tokens"),
           "the error names the limit");
    is_str(base_json_get(extensions, S("max"))->text, S("8"),
           "and its value");
    is_str(errors.first->code, S("LIMIT_EXCEEDED"), "and has the limits' code");

    ok(gql_document_parse(&arena, S("{ a b c #comment}"), &limits, &errors)
       == NULL, "a byte too many");
    is_str(base_json_get_str(errors.last->extensions, S("limit")),
           S("document_bytes"), "is another limit");

    base_arena_deinit(&arena);
}


static void
test_utf8(void)
{
    start();
    ok(parse(S("{ a(b: \"\xc0\xaf\") }")) == NULL, "overlong UTF-8");
    ok(parse(S("{ a(b: \"\xed\xa0\x80\") }")) == NULL, "an encoded surrogate");
    ok(parse(S("{ a # \xff\n}")) == NULL, "bad UTF-8 in a comment");
    ok(parse(S("")) == NULL, "an empty text");
    ok(parse(base_str(NULL, 0)) == NULL, "no text");
    ok(parse(S("{ a(b: \"\0\") \0 }")) == NULL, "a NUL between tokens");
    ok(parse(S("{ a(b: \"\0\") }")) != NULL, "a NUL in a string");
    base_arena_deinit(&arena);
}


int
main(void)
{
    test_strings();
    test_block_strings();
    test_values();
    test_document();
    test_places();
    test_nesting();
    test_limits();
    test_utf8();

    return done_testing();
}
