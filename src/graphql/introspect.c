/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Schema Introspection: writes __schema and __type along the selection set, as
 * complete.c does with the host's values.  What the fields answer is in
 * introspect_fields.c.
 *
 * The schema's graph has cycles, so the size of a result is bounded here as
 * well: by depth, by fields, and by the buffer.
 */

#include "graphql/introspect.h"


#define INTROSPECT_FIELDS_MAX  1000000


typedef struct {
    gql_exec_t  *x;
    base_buf_t  *buf;
} introspect_t;


static bool introspect_value(introspect_t *i, const gql_answer_t *answer,
    const gql_group_t *group, const gql_path_t *path);
static void introspect_places(introspect_t *i, uint32_t places);
static bool introspect_list(introspect_t *i, const gql_answer_t *answer,
    const gql_group_t *group, const gql_path_t *path);
static bool introspect_object(introspect_t *i, gql_node_kind_t kind,
    const void *node, const gql_group_t *group, const gql_path_t *path);
static bool introspect_field(introspect_t *i, gql_node_kind_t kind,
    const void *node, const gql_group_t *group, const gql_path_t *up,
    bool first);
static bool introspect_answer(introspect_t *i, gql_node_kind_t kind,
    const void *node, const gql_group_t *group, const gql_path_t *path,
    gql_answer_t *answer);


bool
gql_introspect(gql_exec_t *x, const gql_group_t *group,
    const gql_path_t *path, const base_json_t *arguments, base_buf_t *buf)
{
    size_t                start = buf->len;
    introspect_t          i = { .x = x, .buf = buf };
    const gql_field_t    *field = group->selection->field;
    const gql_schema_t   *schema = x->plan.schema;
    gql_answer_t          answer = { .kind = GQL_ANSWER_NODE };

    if (field->introspection == GQL_INTROSPECT_SCHEMA) {
        answer.node_kind = GQL_NODE_SCHEMA;
        answer.node = schema;

    } else {
        answer.node_kind = GQL_NODE_TYPE;
        answer.node = gql_schema_type(schema,
                          base_json_get_str(arguments, BASE_STR("name")));

        if (answer.node == NULL) {
            answer.kind = GQL_ANSWER_NULL;
        }
    }

    if (introspect_value(&i, &answer, group, path)) {
        return true;
    }

    if (gql_typeref_is_non_null(field->type)) {
        return false;
    }

    buf->len = start;
    base_buf_add_lit(buf, "null");

    return true;
}


/* False when an error makes the value null; buf is then for the caller to
 * take back. */
static bool
introspect_value(introspect_t *i, const gql_answer_t *answer,
    const gql_group_t *group, const gql_path_t *path)
{
    switch (answer->kind) {

    case GQL_ANSWER_BOOLEAN:
        base_buf_add_str(i->buf, answer->boolean ? BASE_STR("true")
                                                 : BASE_STR("false"));
        return true;

    case GQL_ANSWER_TEXT:
        base_json_write_str(i->buf, answer->text);
        return true;

    case GQL_ANSWER_NAME:
        gql_write_name(i->buf, answer->text);
        return true;

    case GQL_ANSWER_NODE:
        return introspect_object(i, answer->node_kind, answer->node, group,
                                 path);

    case GQL_ANSWER_LIST:
        return introspect_list(i, answer, group, path);

    case GQL_ANSWER_PLACES:
        introspect_places(i, answer->count);
        return true;

    default:
        base_buf_add_lit(i->buf, "null");
        return true;
    }
}


static void
introspect_places(introspect_t *i, uint32_t places)
{
    bool      first = true;
    uint32_t  bit;

    base_buf_add_char(i->buf, '[');

    for (bit = 0; bit < GQL_PLACE_COUNT; bit++) {
        if ((places & 1u << bit) == 0) {
            continue;
        }

        if (!first) {
            base_buf_add_char(i->buf, ',');
        }

        first = false;

        gql_write_name(i->buf, gql_introspect_place(bit));
    }

    base_buf_add_char(i->buf, ']');
}


static bool
introspect_list(introspect_t *i, const gql_answer_t *answer,
    const gql_group_t *group, const gql_path_t *path)
{
    uint32_t     n;
    gql_path_t   step = { .up = path };
    const void  *node;

    base_buf_add_char(i->buf, '[');

    for (n = 0; n < answer->count; n++) {
        node = answer->stride == 0
                   ? ((const void *const *) answer->node)[n]
                   : (const char *) answer->node + n * answer->stride;

        if (!answer->deprecated
            && gql_introspect_deprecated(answer->node_kind, node))
        {
            continue;
        }

        if (step.index != 0) {
            base_buf_add_char(i->buf, ',');
        }

        if (!introspect_object(i, answer->node_kind, node, group, &step)
            || i->buf->failed)
        {
            return false;
        }

        step.index++;
    }

    base_buf_add_char(i->buf, ']');

    return true;
}


static bool
introspect_object(introspect_t *i, gql_node_kind_t kind, const void *node,
    const gql_group_t *group, const gql_path_t *path)
{
    bool                 completed = true;
    gql_exec_t          *x = i->x;
    gql_group_t          single = { 0 };
    const gql_set_t     *set;
    const gql_group_t   *member;

    if (!gql_exec_enter(x, group, path)) {
        return false;
    }

    single.selection = gql_collect_plain(group);

    base_buf_add_char(i->buf, '{');

    if (single.selection != NULL) {
        member = &single;

        do {
            completed = introspect_field(i, kind, node, &single, path,
                                         member != NULL);
            member = NULL;
            single.selection = single.selection->next;
        } while (completed && single.selection != NULL);

    } else {
        set = gql_collect_sub(x, group, group->selection->field->named, path);
        completed = set != NULL;

        for (member = completed ? set->first : NULL;
             completed && member != NULL;
             member = member->next)
        {
            completed = introspect_field(i, kind, node, member, path,
                                         member == set->first);
        }
    }

    base_buf_add_char(i->buf, '}');
    x->depth--;

    return completed;
}


static bool
introspect_field(introspect_t *i, gql_node_kind_t kind, const void *node,
    const gql_group_t *group, const gql_path_t *up, bool first)
{
    size_t              start;
    gql_path_t          path = { .up = up, .key = group->selection->key };
    gql_answer_t        answer = { 0 };
    const gql_field_t  *field = group->selection->field;

    gql_write_key(i->buf, path.key, first);

    if (field->introspection == GQL_INTROSPECT_TYPENAME) {
        gql_write_name(i->buf, group->selection->parent->name);
        return true;
    }

    start = i->buf->len;

    if (introspect_answer(i, kind, node, group, &path, &answer)
        && introspect_value(i, &answer, group, &path))
    {
        return true;
    }

    if (gql_typeref_is_non_null(field->type)) {
        return false;
    }

    i->buf->len = start;
    base_buf_add_lit(i->buf, "null");

    return true;
}


static bool
introspect_answer(introspect_t *i, gql_node_kind_t kind, const void *node,
    const gql_group_t *group, const gql_path_t *path, gql_answer_t *answer)
{
    bool                    deprecated = false;
    gql_exec_t             *x = i->x;
    const base_json_t      *arguments, *include;
    const gql_selection_t  *selection = group->selection;

    if (x->introspected++ >= INTROSPECT_FIELDS_MAX) {
        gql_exec_error(x, group, path, GQL_CODE_LIMIT,
                       BASE_STR("The result of introspection is too large."));
        return false;
    }

    if (selection->arguments != NULL) {
        if (!gql_exec_arguments(x, selection->field, group, path, &arguments))
        {
            return false;
        }

        include = base_json_get(arguments, BASE_STR("includeDeprecated"));
        deprecated = include != NULL && include->boolean;
    }

    if (!gql_introspect_field(x->plan.schema, x->plan.arena, kind, node,
                              selection->name, deprecated, answer))
    {
        x->nomem = true;
        return false;
    }

    return true;
}
