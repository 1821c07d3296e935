/* SPDX-License-Identifier: BSD-2-Clause */

/* The readers of a definition's values.  Each reports a problem that says what
 * was expected and what came. */

#include "workflow/load.h"

#include <inttypes.h>

#include "base/utf8.h"


static const char *const  asl_type_names[] = {
    [BASE_JSON_NULL] = "null",
    [BASE_JSON_BOOLEAN] = "a boolean",
    [BASE_JSON_NUMBER] = "a number",
    [BASE_JSON_STRING] = "a string",
    [BASE_JSON_ARRAY] = "an array",
    [BASE_JSON_OBJECT] = "an object",
};


static asl_template_t *asl_template_load(asl_loader_t *loader,
    const asl_place_t *at, unsigned *uses);


void *
asl_loader_alloc(asl_loader_t *loader, size_t count, size_t size)
{
    void  *p = base_arena_calloc(loader->arena, count, size);

    if (p == NULL) {
        loader->nomem = true;
    }

    return p;
}


static bool
asl_read_type(asl_loader_t *loader, const asl_place_t *at,
    base_json_type_t type)
{
    if (at->value->type == type) {
        return true;
    }

    asl_problem(loader, at, "expected %s, not %s", asl_type_names[type],
                asl_type_names[at->value->type]);
    return false;
}


bool
asl_read_string(asl_loader_t *loader, const asl_place_t *at, base_str_t *out)
{
    if (!asl_read_type(loader, at, BASE_JSON_STRING)) {
        return false;
    }

    *out = at->value->text;
    return true;
}


bool
asl_read_object(asl_loader_t *loader, const asl_place_t *at)
{
    return asl_read_type(loader, at, BASE_JSON_OBJECT);
}


bool
asl_read_array(asl_loader_t *loader, const asl_place_t *at)
{
    return asl_read_type(loader, at, BASE_JSON_ARRAY);
}


bool
asl_read_boolean(asl_loader_t *loader, const asl_place_t *at, bool *out)
{
    if (!asl_read_type(loader, at, BASE_JSON_BOOLEAN)) {
        return false;
    }

    *out = at->value->boolean;
    return true;
}


bool
asl_read_int(asl_loader_t *loader, const asl_place_t *at, int64_t min,
    int64_t max, int64_t *out)
{
    int64_t  value;

    if (!base_json_to_int(at->value, &value) || value < min || value > max) {
        asl_problem(loader, at, "expected a whole number from %" PRId64 " to %"
                    PRId64 ", not %.*s", min, max,
                    BASE_STR_ARG(at->value->type == BASE_JSON_NUMBER
                              ? at->value->text
                              : base_str_c(asl_type_names[at->value->type])));
        return false;
    }

    *out = value;
    return true;
}


bool
asl_read_double(asl_loader_t *loader, const asl_place_t *at, double min,
    double max, double *out)
{
    double  value;

    if (!base_json_to_double(at->value, &value) || !(value >= min)
        || !(value <= max))
    {
        asl_problem(loader, at, "expected a number from %g to %g", min, max);
        return false;
    }

    *out = value;
    return true;
}


/* Reports what was wrong in a compiled string. */
static void
asl_read_refuse(asl_loader_t *loader, const asl_place_t *at,
    const asl_source_t *source, const char *what)
{
    if (source->nomem) {
        loader->nomem = true;
        return;
    }

    asl_problem(loader, at, "invalid %s \"%.*s\" at character %zu: "
                "expected %s", what, BASE_STR_ARG(at->value->text),
                base_utf8_length(base_str(source->start,
                               (size_t) (source->pos - source->start))) + 1,
                source->expected);
}


/* Keeps the variables that a compiled string reads for
 * asl_check_references(). */
static void
asl_read_mentions(asl_loader_t *loader, const asl_place_t *at,
    const asl_source_t *source)
{
    asl_reference_t      *reference;
    const asl_mention_t  *mention;

    loader->def->uses |= source->uses;
    for (mention = source->mentions; mention != NULL; mention = mention->next) {
        reference = asl_loader_alloc(loader, 1, sizeof(*reference));
        if (reference == NULL) {
            return;
        }

        reference->name = mention->name;
        reference->machine = loader->machine;
        reference->place.value = at->value;
        reference->place.pointer = asl_place_pointer(at, loader->arena);
        reference->next = loader->references;
        loader->references = reference;
        loader->nomem |= reference->place.pointer.data == NULL;
    }
}


bool
asl_read_path(asl_loader_t *loader, const asl_place_t *at,
    const asl_path_t **out)
{
    base_str_t    text;
    asl_source_t  source;

    if (!asl_read_string(loader, at, &text)) {
        return false;
    }

    asl_source_init(&source, loader->arena, text);
    *out = asl_path_compile(&source);
    if (*out == NULL) {
        asl_read_refuse(loader, at, &source, "path");
        return false;
    }

    asl_read_mentions(loader, at, &source);
    return true;
}


bool
asl_read_target(asl_loader_t *loader, const asl_place_t *at,
    const asl_machine_t *machine, asl_state_t **out)
{
    base_str_t  name;

    if (!asl_read_string(loader, at, &name)) {
        return false;
    }

    *out = asl_def_state(loader->def, machine, name);
    if (*out != NULL) {
        return true;
    }

    if (asl_def_state(loader->def, NULL, name) != NULL) {
        asl_problem(loader, at, "the state \"%.*s\" is in another \"States\" "
                    "object; expected one of the same", BASE_STR_ARG(name));
    } else {
        asl_problem(loader, at, "there is no state \"%.*s\"; expected the name "
                    "of a state in the same \"States\" object",
                    BASE_STR_ARG(name));
    }

    return false;
}


bool
asl_read_expression(asl_loader_t *loader, const asl_place_t *at,
    unsigned *uses, const asl_template_t **out)
{
    base_str_t    text;
    asl_source_t  source;

    if (!asl_read_string(loader, at, &text)) {
        return false;
    }

    asl_source_init(&source, loader->arena, text);
    *out = asl_expression_compile(&source);
    if (*out == NULL) {
        asl_read_refuse(loader, at, &source, "path or function");
        return false;
    }

    *uses |= source.uses;
    asl_read_mentions(loader, at, &source);
    return true;
}


bool
asl_read_template(asl_loader_t *loader, const asl_place_t *at, unsigned *uses,
    const asl_template_t **out)
{
    if (!asl_read_object(loader, at)) {
        return false;
    }

    *out = asl_template_load(loader, at, uses);
    return *out != NULL;
}


/* A member of an object: its value, or what its ".$" says. */
static asl_template_t *
asl_template_member(asl_loader_t *loader, const asl_place_t *at,
    unsigned *uses)
{
    base_json_t           *twin;
    base_str_t             key = at->key;
    asl_template_t        *tmpl;
    const asl_template_t  *expression;

    if (key.len < 2 || memcmp(key.data + key.len - 2, ".$", 2) != 0) {
        tmpl = asl_template_load(loader, at, uses);
        if (tmpl != NULL) {
            tmpl->key = key;
        }

        return tmpl;
    }

    key.len -= 2;
    twin = base_json_get(at->up->value, key);
    if (twin != NULL) {
        asl_problem(loader, at, "\"%.*s\" and \"%.*s.$\" are the same field; "
                    "expected one of them", BASE_STR_ARG(key),
                    BASE_STR_ARG(key));
        return NULL;
    }

    if (!asl_read_expression(loader, at, uses, &expression)) {
        return NULL;
    }

    tmpl = asl_loader_alloc(loader, 1, sizeof(*tmpl));
    if (tmpl != NULL) {
        *tmpl = *expression;
        tmpl->key = key;
    }

    return tmpl;
}


/* The template of a value; a LITERAL when nothing below it has to be
 * evaluated.  The recursion is bounded by ASL_TEXT_DEPTH_MAX. */
static asl_template_t *
asl_template_load(asl_loader_t *loader, const asl_place_t *at, unsigned *uses)
{
    bool                object, failed = false, literal = true;
    uint32_t            index = 0;
    asl_place_t         place;
    asl_template_t     *tmpl, *member, **last;
    const base_json_t  *value = at->value, *item;

    tmpl = asl_loader_alloc(loader, 1, sizeof(*tmpl));
    if (tmpl == NULL) {
        return NULL;
    }

    tmpl->literal = value;
    if (value->type < BASE_JSON_ARRAY) {
        return tmpl;
    }

    object = value->type == BASE_JSON_OBJECT;
    last = &tmpl->first;
    base_json_each(item, value) {
        place = object ? asl_place_member(at, item)
                       : asl_place_item(at, index++, item);
        member = object ? asl_template_member(loader, &place, uses)
                        : asl_template_load(loader, &place, uses);
        if (member == NULL) {
            failed = true;
            continue;
        }

        literal &= member->kind == ASL_TEMPLATE_LITERAL;
        *last = member;
        last = &member->next;
    }

    if (!literal) {
        tmpl->kind = object ? ASL_TEMPLATE_OBJECT : ASL_TEMPLATE_ARRAY;
    }

    return failed ? NULL : tmpl;
}


/* A letter, then letters, digits and underscores. */
static bool
asl_variable_name(base_str_t name)
{
    size_t  i;

    if (name.len == 0 || base_utf8_length(name) > ASL_NAME_MAX
        || (name.data[0] >= '0' && name.data[0] <= '9'))
    {
        return false;
    }

    for (i = 0; i < name.len; i++) {
        if (!asl_identifier_char(name.data[i])) {
            return false;
        }
    }

    return true;
}


bool
asl_read_assign(asl_loader_t *loader, const asl_place_t *at,
    asl_machine_t *machine, const asl_template_t **out)
{
    unsigned               uses = 0;
    base_json_t           *known;
    const asl_template_t  *member;

    if (!asl_read_template(loader, at, &uses, out)) {
        return false;
    }

    /* an Assign without ".$" is one literal: its members have the names */
    for (member = (*out)->first; member != NULL; member = member->next) {
        if (base_str_eq_c(member->key, "states")) {
            asl_problem(loader, at, "\"states\" is reserved; expected another "
                        "name for a variable");
            continue;
        }

        if (!asl_variable_name(member->key)) {
            asl_problem(loader, at, "\"%.*s\" is no name of a variable; "
                        "expected a letter and at most 79 letters, digits or "
                        "underscores behind it", BASE_STR_ARG(member->key));
            continue;
        }

        if (base_json_get(machine->variables, member->key) != NULL) {
            continue;
        }

        known = base_json_null(loader->arena);
        if (known == NULL) {
            loader->nomem = true;
            return false;
        }

        base_json_add(machine->variables, member->key, known);
    }

    return true;
}


bool
asl_read_result_path(asl_loader_t *loader, const asl_place_t *at,
    asl_place_result_t *out)
{
    if (at->value->type == BASE_JSON_NULL) {
        out->discard = true;
        return true;
    }

    if (!asl_read_path(loader, at, &out->path)) {
        return false;
    }

    if (!asl_path_is_result(out->path)) {
        asl_problem(loader, at, "expected null or a reference path that begins "
                    "with \"$\" and has names and indexes only, not \"%.*s\"",
                    BASE_STR_ARG(at->value->text));
        return false;
    }

    if (out->path->steps == NULL) {
        out->path = NULL;               /* "$" is the default */
    }

    return true;
}
