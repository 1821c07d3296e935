/* SPDX-License-Identifier: BSD-2-Clause */

/* Evaluating Payload Templates.  The recursion follows the template's nesting,
 * which the loader bounds. */

#include "workflow/template.h"


static const base_json_t *asl_template_path(const asl_template_t *tmpl,
    asl_view_t *view, base_str_t missing);
static const base_json_t *asl_template_call(const asl_template_t *tmpl,
    asl_view_t *view, base_str_t missing);
static const base_json_t *asl_template_members(const asl_template_t *tmpl,
    asl_view_t *view, base_str_t missing);


const base_json_t *
asl_template_get(const asl_template_t *tmpl, asl_view_t *view,
    base_str_t missing)
{
    switch (tmpl->kind) {

    case ASL_TEMPLATE_LITERAL:
        return tmpl->literal;

    case ASL_TEMPLATE_PATH:
        return asl_template_path(tmpl, view, missing);

    case ASL_TEMPLATE_CALL:
        return asl_template_call(tmpl, view, missing);

    default:
        return asl_template_members(tmpl, view, missing);
    }
}


static const base_json_t *
asl_template_path(const asl_template_t *tmpl, asl_view_t *view,
    base_str_t missing)
{
    const base_json_t  *value = asl_path_get(tmpl->path, view);

    if (value == NULL) {
        asl_view_fail(view, missing, "the path %.*s selects nothing",
                      BASE_STR_ARG(tmpl->path->text));
    }

    return value;
}


static const base_json_t *
asl_template_call(const asl_template_t *tmpl, asl_view_t *view,
    base_str_t missing)
{
    uint32_t               count = 0;
    const asl_template_t  *arg;
    const base_json_t     *args[ASL_ARGS_MAX];

    for (arg = tmpl->first; arg != NULL; arg = arg->next) {
        args[count] = asl_template_get(arg, view, missing);
        if (args[count] == NULL) {
            return NULL;
        }

        count++;
    }

    return tmpl->intrinsic->fn(view, args, count);
}


static const base_json_t *
asl_template_members(const asl_template_t *tmpl, asl_view_t *view,
    base_str_t missing)
{
    base_json_t           *out, *item;
    const base_json_t     *value;
    const asl_template_t  *member;

    out = tmpl->kind == ASL_TEMPLATE_OBJECT ? base_json_object(view->arena)
                                            : base_json_array(view->arena);
    if (out == NULL) {
        view->status = ASL_NOMEM;
        return NULL;
    }

    for (member = tmpl->first; member != NULL; member = member->next) {
        value = asl_template_get(member, view, missing);
        if (value == NULL) {
            return NULL;
        }

        item = base_json_share(view->arena, value);
        if (item == NULL) {
            view->status = ASL_NOMEM;
            return NULL;
        }

        if (tmpl->kind == ASL_TEMPLATE_OBJECT) {
            base_json_add(out, member->key, item);
        } else {
            base_json_append(out, item);
        }
    }

    return out;
}
