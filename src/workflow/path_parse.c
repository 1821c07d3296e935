/* SPDX-License-Identifier: BSD-2-Clause */

/* Compiling paths: from "$.a[0]" to a chain of steps.  path.h shows the
 * syntax.  Written bottom-up: the parts of a step first, the path last. */

#include "workflow/path.h"


bool
asl_identifier_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_' || (unsigned char) c >= 0x80;
}


/* What ends a name behind a dot, unless a backslash stands before it; in a
 * filter its operators do too. */
static bool
asl_ends_name(const asl_source_t *source, char c)
{
    const char  *ends = source->filters > 0 ? ".[](){}*?,'\"=<>!&|"
                                            : ".[](){}*?,'\"";

    return (unsigned char) c <= ' ' || (c < 0x7f && strchr(ends, c) != NULL);
}


/* A name behind a dot: "store", "store\.book", "\@type". */
static bool
asl_name_parse(asl_source_t *source, base_str_t *name)
{
    bool         escaped = false;
    const char  *begin = source->pos;

    while (source->pos < source->end) {
        if (*source->pos == '\\' && source->end - source->pos > 1) {
            escaped = true;
            source->pos += 2;
        } else if (*source->pos == '\\'
                   || asl_ends_name(source, *source->pos))
        {
            break;
        } else {
            source->pos++;
        }
    }

    *name = base_str(begin, (size_t) (source->pos - begin));
    if (name->len == 0) {
        asl_source_fail(source, "a field name");
        return false;
    }

    return !escaped
           || asl_source_unescape(source, ASL_ESCAPES_NAME, *name, name);
}


/* An index or a slice: "0", "-1", "1:3", ":2", "::2". */
static bool
asl_range_parse(asl_source_t *source, asl_step_t *step)
{
    step->kind = ASL_STEP_INDEX;
    step->stride = 1;

    if (source->pos < source->end && *source->pos != ':') {
        if (!asl_source_int(source, &step->from)) {
            return false;
        }

        step->has_from = true;
        asl_source_spaces(source);
    }

    if (!asl_source_take(source, ':')) {
        return true;
    }

    step->kind = ASL_STEP_SLICE;
    asl_source_spaces(source);
    if (source->pos < source->end && *source->pos != ':' && *source->pos != ']'
        && *source->pos != ',')
    {
        if (!asl_source_int(source, &step->to)) {
            return false;
        }

        step->has_to = true;
        asl_source_spaces(source);
    }

    if (asl_source_take(source, ':')) {
        asl_source_spaces(source);
        if (!asl_source_int(source, &step->stride) || step->stride < 1) {
            asl_source_fail(source, "a step of 1 or more");
            return false;
        }
    }

    return true;
}


/* One of those that commas divide in brackets. */
static bool
asl_member_parse(asl_source_t *source, asl_step_t *step)
{
    asl_source_spaces(source);
    if (source->pos < source->end
        && (*source->pos == '\'' || *source->pos == '"'))
    {
        step->kind = ASL_STEP_KEY;
        if (!asl_source_quoted(source, &step->key)) {
            return false;
        }

    } else if (source->pos == source->end
               || strchr("-0123456789:", *source->pos) == NULL)
    {
        asl_source_fail(source, "a name in quotes, an index, a slice, \"*\" or "
                        "\"?(\"");
        return false;

    } else if (!asl_range_parse(source, step)) {
        return false;
    }

    asl_source_spaces(source);
    return true;
}


/* What stands in brackets, up to the closing one. */
static bool
asl_bracket_parse(asl_source_t *source, asl_step_t *step)
{
    asl_step_t  *member, **last;

    asl_source_spaces(source);
    if (asl_source_take(source, '*')) {
        step->kind = ASL_STEP_ALL;
        asl_source_spaces(source);

    } else if (asl_source_take(source, '?')) {
        step->kind = ASL_STEP_FILTER;
        asl_source_spaces(source);
        if (!asl_source_take(source, '(')) {
            asl_source_fail(source, "\"(\" behind \"?\"");
            return false;
        }

        step->filter = asl_filter_parse(source);
        if (step->filter == NULL) {
            return false;
        }

        asl_source_spaces(source);

    } else if (!asl_member_parse(source, step)) {
        return false;
    }

    if (source->pos < source->end && *source->pos == ','
        && step->kind <= ASL_STEP_SLICE)
    {
        member = asl_source_alloc(source, sizeof(*member));
        if (member == NULL) {
            return false;
        }

        *member = *step;
        member->descend = false;
        step->kind = ASL_STEP_UNION;
        step->members = member;
        last = &member->next;

        while (asl_source_take(source, ',')) {
            member = asl_source_alloc(source, sizeof(*member));
            if (member == NULL || !asl_member_parse(source, member)) {
                return false;
            }

            *last = member;
            last = &member->next;
        }
    }

    if (!asl_source_take(source, ']')) {
        asl_source_fail(source, "\"]\"");
        return false;
    }

    return true;
}


/* Behind a dot or two: a name or a star; behind two also a bracket. */
static bool
asl_dot_parse(asl_source_t *source, asl_step_t *step)
{
    if (asl_source_take(source, '.')) {
        step->descend = true;
        if (asl_source_take(source, '[')) {
            return asl_bracket_parse(source, step);
        }
    }

    if (asl_source_take(source, '*')) {
        step->kind = ASL_STEP_ALL;
        return true;
    }

    step->kind = ASL_STEP_KEY;
    return asl_name_parse(source, &step->key);
}


static bool
asl_steps_parse(asl_source_t *source, asl_path_t *path)
{
    bool          dot;
    asl_step_t   *step, **last = &path->steps;

    path->definite = true;
    while (source->pos < source->end
           && (*source->pos == '.' || *source->pos == '['))
    {
        step = asl_source_alloc(source, sizeof(*step));
        if (step == NULL) {
            return false;
        }

        dot = *source->pos++ == '.';
        if (!(dot ? asl_dot_parse(source, step)
                  : asl_bracket_parse(source, step)))
        {
            return false;
        }

        if (step->kind > ASL_STEP_INDEX || step->descend) {
            path->definite = false;
        }

        *last = step;
        last = &step->next;
    }

    if (source->pos < source->end && *source->pos == '(') {
        asl_source_fail(source, "no \"(\": functions of JSONPath, such as "
                        "length(), are not part of the States Language; see "
                        "States.ArrayLength");
        return false;
    }

    return true;
}


/* Notes which parts of the Context Object have to be kept for a path. */
static void
asl_context_note(asl_source_t *source, const asl_path_t *path)
{
    const asl_step_t  *first = path->steps, *second;

    if (first == NULL || first->kind != ASL_STEP_KEY || first->descend) {
        source->uses |= ASL_USES_INPUT | ASL_USES_ENTERED;
        return;
    }

    second = first->next;
    if (base_str_eq_c(first->key, "Execution")
        && (second == NULL || second->kind != ASL_STEP_KEY || second->descend
            || base_str_eq_c(second->key, "Input")))
    {
        source->uses |= ASL_USES_INPUT;
    }

    if (base_str_eq_c(first->key, "State")
        && (second == NULL || second->kind != ASL_STEP_KEY || second->descend
            || base_str_eq_c(second->key, "EnteredTime")))
    {
        source->uses |= ASL_USES_ENTERED;
    }
}


/* The name behind "$". */
static bool
asl_variable_parse(asl_source_t *source, base_str_t *name)
{
    const char     *begin = source->pos;
    asl_mention_t  *mention;

    while (source->pos < source->end && asl_identifier_char(*source->pos)) {
        source->pos++;
    }

    mention = asl_source_alloc(source, sizeof(*mention));
    if (mention == NULL) {
        return false;
    }

    *name = base_str(begin, (size_t) (source->pos - begin));
    mention->name = *name;
    mention->next = source->mentions;
    source->mentions = mention;
    return true;
}


asl_path_t *
asl_path_parse(asl_source_t *source)
{
    asl_path_t  *path;
    const char  *begin = source->pos;

    path = asl_source_alloc(source, sizeof(*path));
    if (path == NULL) {
        return NULL;
    }

    if (source->filters > 0 && asl_source_take(source, '@')) {
        path->root = ASL_ROOT_ITEM;

    } else if (!asl_source_take(source, '$')) {
        return asl_source_fail(source, "a path that begins with \"$\"");

    } else if (asl_source_take(source, '$')) {
        path->root = ASL_ROOT_CONTEXT;

    } else if (source->pos < source->end && asl_identifier_char(*source->pos)) {
        path->root = ASL_ROOT_VARIABLE;
        if (!asl_variable_parse(source, &path->variable)) {
            return NULL;
        }
    }

    if (!asl_steps_parse(source, path)) {
        return NULL;
    }

    if (path->root == ASL_ROOT_CONTEXT) {
        asl_context_note(source, path);
    }

    path->text = base_str(begin, (size_t) (source->pos - begin));
    return path;
}


asl_path_t *
asl_path_compile(asl_source_t *source)
{
    asl_path_t  *path = asl_path_parse(source);

    if (path != NULL && source->pos != source->end) {
        return asl_source_fail(source, "\".\", \"[\" or the end of the path");
    }

    return path;
}


bool
asl_path_is_result(const asl_path_t *path)
{
    const asl_step_t  *step;

    if (path->root != ASL_ROOT_DATA || !path->definite) {
        return false;
    }

    for (step = path->steps; step != NULL; step = step->next) {
        if (step->kind == ASL_STEP_INDEX && step->from < 0) {
            return false;
        }
    }

    return true;
}
