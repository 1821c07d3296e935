/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Compiling what stands behind a ".$":
 *
 *   expression = path / call
 *   call       = "States." name "(" [argument *("," argument)] ")"
 *   argument   = string in apostrophes / number / null / true / false
 *              / path / call
 *
 * Written bottom-up.
 */

#include "workflow/template.h"


static asl_template_t *asl_call_parse(asl_source_t *source);


static asl_template_t *
asl_literal_new(asl_source_t *source, const base_json_t *literal)
{
    asl_template_t  *tmpl;

    if (literal == NULL) {
        source->nomem |= source->expected == NULL;
        return NULL;
    }

    tmpl = asl_source_alloc(source, sizeof(*tmpl));
    if (tmpl != NULL) {
        tmpl->literal = literal;
    }

    return tmpl;
}


/* States.Format undoes its own escapes: they tell braces from braces. */
static asl_template_t *
asl_string_parse(asl_source_t *source, bool format)
{
    base_str_t       raw, text;
    asl_template_t  *tmpl;

    if (!asl_source_raw(source, &raw)
        || !asl_source_unescape(source, ASL_ESCAPES_RESERVED, raw, &text))
    {
        return NULL;
    }

    tmpl = asl_literal_new(source, base_json_string(source->arena,
                                                    format ? raw : text));
    if (tmpl != NULL) {
        tmpl->format = format;
    }

    return tmpl;
}


static asl_template_t *
asl_word_parse(asl_source_t *source)
{
    size_t      i;
    base_str_t  rest = base_str(source->pos,
                                (size_t) (source->end - source->pos));

    static const base_str_t  words[] = {
        BASE_STR_INIT("null"), BASE_STR_INIT("false"), BASE_STR_INIT("true"),
    };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (base_str_starts(rest, words[i])) {
            source->pos += words[i].len;
            return asl_literal_new(source,
                                   i == 0 ? base_json_null(source->arena)
                                          : base_json_boolean(source->arena,
                                                              i == 2));
        }
    }

    return asl_source_fail(source, "an argument: a path, a string in "
                           "apostrophes, a number, null, true, false or a "
                           "States. function");
}


static asl_template_t *
asl_path_node(asl_source_t *source)
{
    asl_path_t      *path = asl_path_parse(source);
    asl_template_t  *tmpl;

    if (path == NULL) {
        return NULL;
    }

    tmpl = asl_source_alloc(source, sizeof(*tmpl));
    if (tmpl != NULL) {
        tmpl->kind = ASL_TEMPLATE_PATH;
        tmpl->path = path;
    }

    return tmpl;
}


static asl_template_t *
asl_argument_parse(asl_source_t *source, bool format)
{
    char  c;

    asl_source_spaces(source);
    c = source->pos < source->end ? *source->pos : '\0';

    if (c == '$') {
        return asl_path_node(source);
    }

    if (c == '\'') {
        return asl_string_parse(source, format);
    }

    if (c == '-' || (c >= '0' && c <= '9')) {
        return asl_literal_new(source, asl_source_number(source));
    }

    if (c == 'S') {
        return asl_call_parse(source);
    }

    return asl_word_parse(source);
}


static void
asl_arguments_refuse(asl_source_t *source, const asl_intrinsic_t *intrinsic,
    uint32_t count)
{
    base_str_t  text;

    text = intrinsic->args_min == intrinsic->args_max
           ? base_arena_printf(source->arena,
                               "%u argument%s of States.%.*s, not %u",
                               intrinsic->args_min,
                               intrinsic->args_min == 1 ? "" : "s",
                               BASE_STR_ARG(intrinsic->name), count)
           : base_arena_printf(source->arena,
                               "from %u to %u arguments of States.%.*s, not %u",
                               intrinsic->args_min, intrinsic->args_max,
                               BASE_STR_ARG(intrinsic->name), count);

    source->expected = text.data;
    source->nomem |= text.data == NULL;
}


static bool
asl_arguments_parse(asl_source_t *source, asl_template_t *call)
{
    bool              format;
    uint32_t          count = 0;
    asl_template_t  **last = &call->first;

    format = base_str_eq_c(call->intrinsic->name, "Format");
    asl_source_spaces(source);
    if (!asl_source_take(source, ')')) {
        do {
            *last = asl_argument_parse(source, format && count == 0);
            if (*last == NULL) {
                return false;
            }

            last = &(*last)->next;
            count++;
            asl_source_spaces(source);
        } while (asl_source_take(source, ','));

        if (!asl_source_take(source, ')')) {
            asl_source_fail(source, "\",\" or \")\" behind an argument");
            return false;
        }
    }

    if (count < call->intrinsic->args_min || count > call->intrinsic->args_max)
    {
        asl_arguments_refuse(source, call->intrinsic, count);
        return false;
    }

    return true;
}


static asl_template_t *
asl_call_parse(asl_source_t *source)
{
    bool             parsed;
    const char      *begin;
    base_str_t       rest, name;
    asl_template_t  *call;

    rest = base_str(source->pos, (size_t) (source->end - source->pos));
    if (!base_str_starts(rest, BASE_STR("States."))) {
        return asl_source_fail(source, "a path that begins with \"$\" or a "
                               "function that begins with \"States.\"");
    }

    if (source->depth >= ASL_CALL_DEPTH) {
        return asl_source_fail(source, "at most 10 functions in each other");
    }

    source->pos += sizeof("States.") - 1;
    begin = source->pos;
    while (source->pos < source->end
           && (*source->pos == '_' || *source->pos == '.'
               || (*source->pos >= '0' && *source->pos <= '9')
               || (*source->pos >= 'a' && *source->pos <= 'z')
               || (*source->pos >= 'A' && *source->pos <= 'Z')))
    {
        source->pos++;
    }

    name = base_str(begin, (size_t) (source->pos - begin));
    call = asl_source_alloc(source, sizeof(*call));
    if (call == NULL) {
        return NULL;
    }

    call->kind = ASL_TEMPLATE_CALL;
    call->intrinsic = asl_intrinsic_find(name);
    if (call->intrinsic == NULL) {
        source->pos = begin;
        return asl_source_fail(source, "the name of an intrinsic function");
    }

    if (!asl_source_take(source, '(')) {
        return asl_source_fail(source, "\"(\"");
    }

    source->uses |= call->intrinsic->uses;
    source->depth++;
    parsed = asl_arguments_parse(source, call);
    source->depth--;
    return parsed ? call : NULL;
}


asl_template_t *
asl_expression_compile(asl_source_t *source)
{
    asl_template_t  *tmpl;

    tmpl = source->pos < source->end && *source->pos == '$'
           ? asl_path_node(source) : asl_call_parse(source);

    if (tmpl != NULL && source->pos != source->end) {
        return asl_source_fail(source, "the end of the text");
    }

    return tmpl;
}
