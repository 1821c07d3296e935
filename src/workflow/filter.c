/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The filters of paths, "[?(@.price < 10 && @.isbn)]":
 *
 *   or       = and *("||" and)
 *   and      = test *("&&" test)
 *   test     = "!" test / "(" or ")" / operand [operator operand]
 *   operand  = "@" path / "$" path / string / number / true / false / null
 *            / "[" operand *("," operand) "]"       of literals
 *   operator = "==" "!=" "<" "<=" ">" ">=" "in" "nin"
 *
 * A path alone asks whether it selects anything.  Written bottom-up.
 */

#include "workflow/path.h"


static asl_filter_t *asl_filter_or(asl_source_t *source);


static const struct {
    base_str_t         text;
    asl_filter_kind_t  kind;
} asl_filter_operators[] = {            /* longer ones before their prefixes */
    { BASE_STR_INIT("=="), ASL_FILTER_EQ },
    { BASE_STR_INIT("!="), ASL_FILTER_NE },
    { BASE_STR_INIT("<="), ASL_FILTER_LE },
    { BASE_STR_INIT("<"), ASL_FILTER_LT },
    { BASE_STR_INIT(">="), ASL_FILTER_GE },
    { BASE_STR_INIT(">"), ASL_FILTER_GT },
    { BASE_STR_INIT("in "), ASL_FILTER_IN },
    { BASE_STR_INIT("nin "), ASL_FILTER_NIN },
};

#define ASL_FILTER_OPERATORS                                                  \
    (sizeof(asl_filter_operators) / sizeof(asl_filter_operators[0]))


static bool
asl_source_word(asl_source_t *source, base_str_t word)
{
    base_str_t  rest = base_str(source->pos,
                                (size_t) (source->end - source->pos));

    if (!base_str_starts(rest, word)) {
        return false;
    }

    source->pos += word.len;
    return true;
}


static base_json_t *
asl_literal_parse(asl_source_t *source)
{
    base_str_t    text;
    base_json_t  *value = NULL;

    if (source->pos < source->end
        && (*source->pos == '\'' || *source->pos == '"'))
    {
        if (!asl_source_quoted(source, &text)) {
            return NULL;
        }

        value = base_json_string(source->arena, text);

    } else if (asl_source_word(source, BASE_STR("true"))) {
        value = base_json_boolean(source->arena, true);

    } else if (asl_source_word(source, BASE_STR("false"))) {
        value = base_json_boolean(source->arena, false);

    } else if (asl_source_word(source, BASE_STR("null"))) {
        value = base_json_null(source->arena);

    } else {
        return asl_source_number(source);
    }

    if (value == NULL) {
        source->nomem = true;
    }

    return value;
}


/* Behind the opening bracket. */
static const base_json_t *
asl_literals_parse(asl_source_t *source)
{
    base_json_t  *array = base_json_array(source->arena), *item;

    if (array == NULL) {
        source->nomem = true;
        return NULL;
    }

    do {
        asl_source_spaces(source);
        item = asl_literal_parse(source);
        if (item == NULL) {
            return NULL;
        }

        base_json_append(array, item);
        asl_source_spaces(source);
    } while (asl_source_take(source, ','));

    if (!asl_source_take(source, ']')) {
        return asl_source_fail(source, "\"]\" at the end of the list");
    }

    return array;
}


static bool
asl_operand_parse(asl_source_t *source, asl_operand_t *operand)
{
    asl_source_spaces(source);
    if (source->pos < source->end
        && (*source->pos == '@' || *source->pos == '$'))
    {
        operand->path = asl_path_parse(source);
        return operand->path != NULL;
    }

    if (asl_source_take(source, '[')) {
        operand->literal = asl_literals_parse(source);
        return operand->literal != NULL;
    }

    operand->literal = asl_literal_parse(source);
    if (operand->literal == NULL && !source->nomem) {
        source->expected = "a filter's operand: \"@\" or \"$\" and a path, a "
                           "string in quotes, a number, true, false or null";
    }

    return operand->literal != NULL;
}


static asl_filter_t *
asl_filter_comparison(asl_source_t *source)
{
    size_t         i;
    asl_filter_t  *filter = asl_source_alloc(source, sizeof(*filter));

    if (filter == NULL || !asl_operand_parse(source, &filter->a)) {
        return NULL;
    }

    asl_source_spaces(source);
    for (i = 0; i < ASL_FILTER_OPERATORS; i++) {
        if (asl_source_word(source, asl_filter_operators[i].text)) {
            filter->kind = asl_filter_operators[i].kind;
            return asl_operand_parse(source, &filter->b) ? filter : NULL;
        }
    }

    if (filter->a.path == NULL) {
        return asl_source_fail(source, "==, !=, <, <=, >, >=, in or nin");
    }

    filter->kind = ASL_FILTER_EXISTS;
    return filter;
}


static asl_filter_t *
asl_filter_test_parse(asl_source_t *source)
{
    asl_filter_t  *filter;

    asl_source_spaces(source);
    if (asl_source_take(source, '!')) {
        if (source->depth >= ASL_FILTER_DEPTH) {
            return asl_source_fail(source, "a filter that is less nested");
        }

        filter = asl_source_alloc(source, sizeof(*filter));
        if (filter == NULL) {
            return NULL;
        }

        source->depth++;
        filter->kind = ASL_FILTER_NOT;
        filter->first = asl_filter_test_parse(source);
        source->depth--;
        return filter->first == NULL ? NULL : filter;
    }

    if (asl_source_take(source, '(')) {
        filter = asl_filter_or(source);
        if (filter != NULL && !asl_source_take(source, ')')) {
            return asl_source_fail(source, "\")\"");
        }

        return filter;
    }

    return asl_filter_comparison(source);
}


/* Members of an OR or an AND; a single one stands for itself. */
static asl_filter_t *
asl_filter_chain(asl_source_t *source, asl_filter_kind_t kind,
    base_str_t between, asl_filter_t *(*parse)(asl_source_t *source))
{
    asl_filter_t  *first = parse(source), *last = first, *chain;

    while (last != NULL) {
        asl_source_spaces(source);
        if (!asl_source_word(source, between)) {
            break;
        }

        last->next = parse(source);
        last = last->next;
    }

    if (last == NULL || last == first) {
        return last;
    }

    chain = asl_source_alloc(source, sizeof(*chain));
    if (chain != NULL) {
        chain->kind = kind;
        chain->first = first;
    }

    return chain;
}


static asl_filter_t *
asl_filter_and(asl_source_t *source)
{
    return asl_filter_chain(source, ASL_FILTER_AND, BASE_STR("&&"),
                            asl_filter_test_parse);
}


static asl_filter_t *
asl_filter_or(asl_source_t *source)
{
    asl_filter_t  *filter;

    if (source->depth >= ASL_FILTER_DEPTH) {
        return asl_source_fail(source, "a filter that is less nested");
    }

    source->depth++;
    source->filters++;
    filter = asl_filter_chain(source, ASL_FILTER_OR, BASE_STR("||"),
                              asl_filter_and);
    source->filters--;
    source->depth--;
    return filter;
}


const asl_filter_t *
asl_filter_parse(asl_source_t *source)
{
    const asl_filter_t  *filter = asl_filter_or(source);

    if (filter != NULL && !asl_source_take(source, ')')) {
        return asl_source_fail(source, "\")\", \"&&\" or \"||\"");
    }

    return filter;
}
