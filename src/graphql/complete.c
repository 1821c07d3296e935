/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Value Completion: walks the host's JSON along the selection sets and writes
 * the response in one pass.
 *
 * Where a value must not be null and is, what has been written of its parent is
 * taken back, up to the nearest place where null may stand (Handling Execution
 * Errors).  The response path lives on the C stack and is copied only into an
 * error.
 *
 * Recursion is bounded by GQL_RESPONSE_DEPTH_CEILING.
 */

#include "graphql/exec.h"
#include "graphql/print.h"


/* Scalars whose strings are written as they are. */
#define COMPLETE_TEXTS                                                        \
    (1u << GQL_SCALAR_STRING | 1u << GQL_SCALAR_ID                            \
     | 1u << GQL_SCALAR_DATETIME | 1u << GQL_SCALAR_CUSTOM)


/* An object being completed. */
typedef struct {
    const gql_type_t   *type;
    const base_json_t  *value;
    const base_json_t  *hint;       /* where the next member is likely */
    const gql_path_t   *path;
    bool                first;      /* no member is written yet */
} complete_object_t;


static bool complete_roots(gql_exec_t *x, base_buf_t *buf);
static bool complete_root(gql_exec_t *x, size_t i, base_buf_t *buf);
static bool complete_value(gql_exec_t *x, const gql_group_t *group,
    const gql_typeref_t *type, const base_json_t *value,
    const gql_path_t *path, base_buf_t *buf);
static bool complete_null(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path);
static bool complete_list(gql_exec_t *x, const gql_group_t *group,
    const gql_typeref_t *item_type, const base_json_t *value,
    const gql_path_t *path, base_buf_t *buf);
static bool complete_leaf(gql_exec_t *x, const gql_group_t *group,
    const gql_type_t *type, const base_json_t *value, const gql_path_t *path,
    base_buf_t *buf);
static const gql_type_t *complete_object_type(gql_exec_t *x,
    const gql_group_t *group, const gql_type_t *abstract,
    const base_json_t *value, const gql_path_t *path);
static bool complete_object(gql_exec_t *x, const gql_group_t *group,
    const gql_type_t *type, const base_json_t *value, const gql_path_t *path,
    base_buf_t *buf);
static bool complete_field(gql_exec_t *x, const gql_group_t *group,
    complete_object_t *object, base_buf_t *buf);
static const base_json_t *complete_member(complete_object_t *object,
    base_str_t name);
static void complete_refuse(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path, base_str_t reason, const base_json_t *value,
    const char *end);


gql_result_t
gql_complete(gql_plan_t *plan, const base_json_t *extensions, base_buf_t *buf)
{
    bool         data;
    size_t       start;
    gql_exec_t  *x = (gql_exec_t *) plan;

    base_buf_add_char(buf, '{');
    start = buf->len;

    base_buf_add_lit(buf, "\"data\":");
    data = complete_roots(x, buf);

    if (extensions != NULL) {
        base_buf_add_lit(buf, ",\"extensions\":");
        base_json_write(buf, extensions);
    }

    base_buf_add_char(buf, '}');

    if (plan->errors->count != 0 && !buf->failed) {
        gql_response_errors(x, buf, start);
    }

    if (buf->failed || x->nomem || plan->errors->nomem) {
        return GQL_RESULT_NOMEM;
    }

    if (plan->errors->count == 0) {
        return GQL_RESULT_DATA;
    }

    return data ? GQL_RESULT_PARTIAL : GQL_RESULT_NULL;
}


/* False when data is null. */
static bool
complete_roots(gql_exec_t *x, base_buf_t *buf)
{
    size_t  i, start = buf->len;

    x->parent = x->plan.operation->root;

    /* the others may not even have been executed */

    for (i = 0; i < x->plan.count; i++) {
        if (gql_root_ends(&x->plan, &x->plan.fields[i])) {
            base_buf_add_lit(buf, "null");
            return false;
        }
    }

    base_buf_add_char(buf, '{');

    for (i = 0; i < x->plan.count; i++) {
        gql_write_key(buf, x->plan.fields[i].response_key, i == 0);

        if (!complete_root(x, i, buf)) {
            buf->len = start;
            base_buf_add_lit(buf, "null");
            return false;
        }
    }

    base_buf_add_char(buf, '}');

    return true;
}


static bool
complete_root(gql_exec_t *x, size_t i, base_buf_t *buf)
{
    gql_root_t              *root = &x->roots[i];
    gql_path_t               path = { .key = root->group.selection->key };
    const gql_field_t       *definition = root->group.selection->field;
    const gql_root_field_t  *field = &x->plan.fields[i];

    if (root->failed) {
        if (gql_typeref_is_non_null(definition->type)) {
            return false;
        }

        base_buf_add_lit(buf, "null");
        return true;
    }

    switch (definition->introspection) {

    case GQL_INTROSPECT_NONE:
        return complete_value(x, &root->group, definition->type, field->value,
                              &path, buf);

    case GQL_INTROSPECT_TYPENAME:
        gql_write_name(buf, x->plan.operation->root->name);
        return true;

    default:
        return gql_introspect(x, &root->group, &path, field->arguments, buf);
    }
}


/*
 * Writes the value or null; false, and nothing good in buf, when it is null and
 * its place cannot be.  value may be NULL.
 */
static bool
complete_value(gql_exec_t *x, const gql_group_t *group,
    const gql_typeref_t *type, const base_json_t *value,
    const gql_path_t *path, base_buf_t *buf)
{
    bool               completed, non_null = false;
    size_t             start = buf->len;
    const gql_type_t  *named;

    if (type->kind == GQL_TYPEREF_NON_NULL) {
        non_null = true;
        type = type->of;
    }

    if (value == NULL || value->type == BASE_JSON_NULL) {
        if (non_null) {
            return complete_null(x, group, path);
        }

        base_buf_add_lit(buf, "null");
        return true;
    }

    if (type->kind == GQL_TYPEREF_LIST) {
        completed = complete_list(x, group, type->of, value, path, buf);

    } else {
        named = type->type;

        switch (named->kind) {

        case GQL_TYPE_INTERFACE:
        case GQL_TYPE_UNION:
            named = complete_object_type(x, group, named, value, path);
            /* fall through */

        case GQL_TYPE_OBJECT:
            completed = named != NULL
                        && complete_object(x, group, named, value, path, buf);
            break;

        default:
            completed = complete_leaf(x, group, named, value, path, buf);
            break;
        }
    }

    if (completed || non_null) {
        return completed;
    }

    buf->len = start;
    base_buf_add_lit(buf, "null");

    return true;
}


/* A null where none may be. */
static bool
complete_null(gql_exec_t *x, const gql_group_t *group, const gql_path_t *path)
{
    const gql_selection_t  *selection = group->selection;

    if (gql_exec_full(x)) {
        return false;
    }

    gql_exec_error(x, group, path, GQL_CODE_INTERNAL,
                   base_arena_printf(x->plan.arena, "Cannot return null for "
                                     "non-nullable field %.*s.%.*s.",
                                     BASE_STR_ARG(x->parent->name),
                                     BASE_STR_ARG(selection->name)));
    return false;
}


static bool
complete_list(gql_exec_t *x, const gql_group_t *group,
    const gql_typeref_t *item_type, const base_json_t *value,
    const gql_path_t *path, base_buf_t *buf)
{
    bool                     completed = true;
    gql_path_t               step = { .up = path };
    const base_json_t       *item;
    const gql_selection_t   *selection = group->selection;

    if (value->type != BASE_JSON_ARRAY) {
        if (gql_exec_full(x)) {
            return false;
        }

        gql_exec_error(x, group, path, GQL_CODE_INTERNAL,
                       base_arena_printf(x->plan.arena, "Expected Iterable, "
                           "but did not find one for field \"%.*s.%.*s\".",
                           BASE_STR_ARG(x->parent->name),
                           BASE_STR_ARG(selection->name)));
        return false;
    }

    if (!gql_exec_enter(x, group, path)) {
        return false;
    }

    base_buf_add_char(buf, '[');

    base_json_each(item, value) {
        if (step.index != 0) {
            base_buf_add_char(buf, ',');
        }

        completed = complete_value(x, group, item_type, item, &step, buf);
        if (!completed || buf->failed) {
            break;
        }

        step.index++;
    }

    base_buf_add_char(buf, ']');
    x->depth--;

    return completed;
}


static bool
complete_leaf(gql_exec_t *x, const gql_group_t *group,
    const gql_type_t *type, const base_json_t *value, const gql_path_t *path,
    base_buf_t *buf)
{
    const char  *reason;

    if (type->kind == GQL_TYPE_SCALAR) {

        /* most of what is answered */
        if (value->type == BASE_JSON_STRING
            && (COMPLETE_TEXTS & 1u << type->scalar) != 0)
        {
            base_json_write_str(buf, value->text);
            return true;
        }

        reason = gql_scalar_write(type, value, buf);
        if (reason == NULL) {
            return true;
        }

        complete_refuse(x, group, path, base_str_c(reason), value, "");
        return false;
    }

    if (value->type == BASE_JSON_STRING
        && gql_type_value(type, value->text) != NULL)
    {
        gql_write_name(buf, value->text);
        return true;
    }

    complete_refuse(x, group, path,
                    base_arena_printf(x->plan.arena, "Enum \"%.*s\" cannot "
                                      "represent value: ",
                                      BASE_STR_ARG(type->name)), value, "");
    return false;
}


/* The object type of an interface's or union's value. */
static const gql_type_t *
complete_object_type(gql_exec_t *x, const gql_group_t *group,
    const gql_type_t *abstract, const base_json_t *value,
    const gql_path_t *path)
{
    base_str_t              name, message;
    const gql_type_t       *type;
    const gql_selection_t  *selection = group->selection;

    name = base_json_get_str(value, BASE_STR("__typename"));
    type = name.len == 0 ? NULL : gql_schema_type(x->plan.schema, name);

    if (type != NULL && type->kind == GQL_TYPE_OBJECT
        && gql_type_includes(abstract, type))
    {
        return type;
    }

    if (gql_exec_full(x)) {
        return NULL;
    }

    if (type == NULL) {
        message = base_arena_printf(x->plan.arena,
                      "Abstract type \"%.*s\" must resolve to an Object type "
                      "at runtime for field \"%.*s.%.*s\".",
                      BASE_STR_ARG(abstract->name),
                      BASE_STR_ARG(x->parent->name),
                      BASE_STR_ARG(selection->name));

    } else {
        message = base_arena_printf(x->plan.arena,
                      "Runtime Object type \"%.*s\" is not a possible type "
                      "for \"%.*s\".",
                      BASE_STR_ARG(type->name), BASE_STR_ARG(abstract->name));
    }

    gql_exec_error(x, group, path, GQL_CODE_INTERNAL, message);

    return NULL;
}


static bool
complete_object(gql_exec_t *x, const gql_group_t *group,
    const gql_type_t *type, const base_json_t *value, const gql_path_t *path,
    base_buf_t *buf)
{
    bool                    completed = true;
    gql_group_t             single = { 0 };
    const gql_type_t       *outer = x->parent;
    const gql_set_t        *set;
    const gql_group_t      *member;
    complete_object_t       object = { .type = type, .value = value,
                                       .path = path, .first = true };

    if (value->type != BASE_JSON_OBJECT) {
        complete_refuse(x, group, path,
                        base_arena_printf(x->plan.arena, "Expected value of "
                                          "type \"%.*s\" but got: ",
                                          BASE_STR_ARG(type->name)),
                        value, ".");
        return false;
    }

    if (!gql_exec_enter(x, group, path)) {
        return false;
    }

    x->parent = type;
    object.hint = value->members.first;
    single.selection = gql_collect_plain(group);

    base_buf_add_char(buf, '{');

    if (single.selection != NULL) {
        do {
            completed = complete_field(x, &single, &object, buf);
            single.selection = single.selection->next;
        } while (completed && single.selection != NULL);

    } else {
        set = gql_collect_sub(x, group, type, path);
        completed = set != NULL;

        for (member = completed ? set->first : NULL;
             completed && member != NULL;
             member = member->next)
        {
            completed = complete_field(x, member, &object, buf);
        }
    }

    base_buf_add_char(buf, '}');
    x->parent = outer;
    x->depth--;

    return completed;
}


static bool
complete_field(gql_exec_t *x, const gql_group_t *group,
    complete_object_t *object, base_buf_t *buf)
{
    gql_path_t              path = { .up = object->path };
    const gql_field_t      *field = group->selection->field;
    const base_json_t      *arguments = NULL;
    const gql_selection_t  *selection = group->selection;

    gql_write_key(buf, selection->key, object->first);
    object->first = false;

    if (field->introspection == GQL_INTROSPECT_TYPENAME) {
        gql_write_name(buf, object->type->name);
        return true;
    }

    /* a field selected on an interface may be narrower on the object */
    if (selection->parent != object->type
        && field->introspection == GQL_INTROSPECT_NONE)
    {
        field = gql_type_field(object->type, selection->name);
    }

    path.key = selection->key;

    if (field->argument_count != 0
        && !gql_exec_arguments(x, field, group, &path, &arguments))
    {
        if (gql_typeref_is_non_null(field->type)) {
            return false;
        }

        base_buf_add_lit(buf, "null");
        return true;
    }

    if (field->introspection != GQL_INTROSPECT_NONE) {
        return gql_introspect(x, group, &path, arguments, buf);
    }

    return complete_value(x, group, field->type,
                          complete_member(object, selection->name), &path, buf);
}


/* The host's member of that name, searched from the last one found on. */
static const base_json_t *
complete_member(complete_object_t *object, base_str_t name)
{
    const base_json_t  *member;

    for (member = object->hint; member != NULL; member = member->next) {
        if (base_str_eq(member->key, name)) {
            object->hint = member->next;
            return member;
        }
    }

    for (member = object->value->members.first; member != object->hint;
         member = member->next)
    {
        if (base_str_eq(member->key, name)) {
            object->hint = member->next;
            return member;
        }
    }

    return NULL;
}


/* The host's value is not what the schema says. */
static void
complete_refuse(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path, base_str_t reason, const base_json_t *value,
    const char *end)
{
    base_buf_t  text;

    if (gql_exec_full(x)) {
        return;
    }

    base_buf_init(&text, x->plan.arena, SIZE_MAX);
    base_buf_add_str(&text, reason);
    gql_print_inspect(&text, value);
    base_buf_add_str(&text, base_str_c(end));

    gql_exec_error(x, group, path, GQL_CODE_INTERNAL,
                   text.failed || reason.data == NULL ? base_str(NULL, 0)
                                                      : base_buf_str(&text));
}
