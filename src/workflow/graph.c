/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Pictures of a definition.  Both languages get the same graph: a node for
 * each state, an arrow for each transition, a box around the states inside a
 * Parallel or a Map State.  Dialects differ in how these are written.
 */

#include "workflow/def.h"

#include <stdio.h>


#define ASL_LABEL_BYTES_MAX  120        /* of a condition; the rest is cut */


typedef struct asl_graph_s  asl_graph_t;

/* How a language writes a graph; text is raw and escaped by the dialect. */
typedef struct {
    const char *begin;
    const char *end;
    void (*node)(asl_graph_t *graph, const asl_state_t *state,
        base_str_t label);
    void (*edge)(asl_graph_t *graph, const char *from, const char *to,
        base_str_t label, bool dashed);
    void (*open)(asl_graph_t *graph, const asl_state_t *state, uint32_t index,
        base_str_t label);
    const char *close;
} asl_dialect_t;

struct asl_graph_s {
    base_buf_t           *buf;
    base_buf_t            label;        /* of what is being written */
    const asl_overlay_t  *overlay;
    const asl_dialect_t  *dialect;
};


static void asl_graph_machine(asl_graph_t *graph,
    const asl_machine_t *machine);


/* No control characters: neither language has a way to write them. */
static void
asl_graph_char(asl_graph_t *graph, char c)
{
    base_buf_add_char(graph->buf, (unsigned char) c < ' ' ? ' ' : c);
}


/* Text in double quotes of DOT. */
static void
asl_dot_quote(asl_graph_t *graph, base_str_t text)
{
    size_t  i;

    base_buf_add_char(graph->buf, '"');
    for (i = 0; i < text.len; i++) {
        switch (text.data[i]) {

        case '"':
        case '\\':
            base_buf_add_char(graph->buf, '\\');
            base_buf_add_char(graph->buf, text.data[i]);
            break;

        case '\n':
            base_buf_add_lit(graph->buf, "\\n");
            break;

        default:
            asl_graph_char(graph, text.data[i]);
        }
    }

    base_buf_add_char(graph->buf, '"');
}


static void
asl_dot_node(asl_graph_t *graph, const asl_state_t *state, base_str_t label)
{
    static const char *const  shapes[] = {
        [ASL_STATE_TASK] = "box",
        [ASL_STATE_PASS] = "box, style=rounded",
        [ASL_STATE_CHOICE] = "diamond",
        [ASL_STATE_WAIT] = "octagon",
        [ASL_STATE_SUCCEED] = "oval, style=bold",
        [ASL_STATE_FAIL] = "oval, style=dashed",
        [ASL_STATE_PARALLEL] = "parallelogram",
        [ASL_STATE_MAP] = "box3d",
    };

    base_buf_printf(graph->buf, "  s%u [label=", state->number);
    asl_dot_quote(graph, label);
    base_buf_printf(graph->buf, ", shape=%s];\n", shapes[state->kind]);
}


static void
asl_dot_edge(asl_graph_t *graph, const char *from, const char *to,
    base_str_t label, bool dashed)
{
    base_buf_printf(graph->buf, "  %s -> %s [style=%s", from, to,
                    dashed ? "dashed" : "solid");
    if (label.len > 0) {
        base_buf_add_lit(graph->buf, ", label=");
        asl_dot_quote(graph, label);
    }

    base_buf_add_lit(graph->buf, "];\n");
}


static void
asl_dot_open(asl_graph_t *graph, const asl_state_t *state, uint32_t index,
    base_str_t label)
{
    base_buf_printf(graph->buf, "  subgraph cluster_%u_%u {\n  label=",
                    state->number, index);
    asl_dot_quote(graph, label);
    base_buf_add_lit(graph->buf, ";\n");
}


static const asl_dialect_t  asl_dot = {
    .begin = "digraph workflow {\n"
             "  start [shape=point];\n"
             "  end [shape=point];\n",
    .end = "}\n",
    .node = asl_dot_node,
    .edge = asl_dot_edge,
    .open = asl_dot_open,
    .close = "  }\n",
};


/* Text in double quotes of Mermaid, which reads "#...;" as characters and
 * much else as Markdown or HTML. */
static void
asl_mermaid_quote(asl_graph_t *graph, base_str_t text)
{
    size_t  i;

    base_buf_add_char(graph->buf, '"');
    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '\n') {
            base_buf_add_lit(graph->buf, "<br/>");
        } else if (text.data[i] != '\0'
                   && strchr("\"#<>&`*_~\\|", text.data[i]) != NULL)
        {
            base_buf_printf(graph->buf, "#%u;", (unsigned char) text.data[i]);
        } else {
            asl_graph_char(graph, text.data[i]);
        }
    }

    base_buf_add_char(graph->buf, '"');
}


static void
asl_mermaid_node(asl_graph_t *graph, const asl_state_t *state,
    base_str_t label)
{
    static const char *const  shapes[][2] = {
        [ASL_STATE_TASK] = { "[", "]" },
        [ASL_STATE_PASS] = { "(", ")" },
        [ASL_STATE_CHOICE] = { "{", "}" },
        [ASL_STATE_WAIT] = { "{{", "}}" },
        [ASL_STATE_SUCCEED] = { "([", "])" },
        [ASL_STATE_FAIL] = { "([", "])" },
        [ASL_STATE_PARALLEL] = { "[/", "/]" },
        [ASL_STATE_MAP] = { "[[", "]]" },
    };

    base_buf_printf(graph->buf, "  s%u%s", state->number,
                    shapes[state->kind][0]);
    asl_mermaid_quote(graph, label);
    base_buf_printf(graph->buf, "%s\n", shapes[state->kind][1]);
}


static void
asl_mermaid_edge(asl_graph_t *graph, const char *from, const char *to,
    base_str_t label, bool dashed)
{
    base_buf_printf(graph->buf, "  %s %s", from, dashed ? "-.->" : "-->");
    if (label.len > 0) {
        base_buf_add_char(graph->buf, '|');
        asl_mermaid_quote(graph, label);
        base_buf_add_char(graph->buf, '|');
    }

    base_buf_printf(graph->buf, " %s\n", to);
}


static void
asl_mermaid_open(asl_graph_t *graph, const asl_state_t *state, uint32_t index,
    base_str_t label)
{
    base_buf_printf(graph->buf, "  subgraph g%u_%u [", state->number, index);
    asl_mermaid_quote(graph, label);
    base_buf_add_lit(graph->buf, "]\n");
}


static const asl_dialect_t  asl_mermaid = {
    .begin = "flowchart TD\n  start((\" \"))\n  end1(((\" \")))\n",
    .end = "",
    .node = asl_mermaid_node,
    .edge = asl_mermaid_edge,
    .open = asl_mermaid_open,
    .close = "  end\n",
};


/* A comparison as "$.a StringEquals \"b\""; the recursion is bounded by
 * ASL_CHOICE_DEPTH. */
static void
asl_graph_rule(const asl_rule_t *rule, base_buf_t *buf)
{
    const asl_rule_t  *member;

    if (rule->op->kind == ASL_RULE_NOT) {
        base_buf_add_lit(buf, "not ");
    }

    if (rule->op->kind <= ASL_RULE_NOT) {
        base_buf_add_char(buf, '(');
        for (member = rule->first; member != NULL; member = member->next) {
            if (member != rule->first) {
                base_buf_add_str(buf, rule->op->kind == ASL_RULE_AND
                                      ? BASE_STR(" and ") : BASE_STR(" or "));
            }

            asl_graph_rule(member, buf);
        }

        base_buf_add_char(buf, ')');
        return;
    }

    base_buf_printf(buf, "%.*s %.*s ", BASE_STR_ARG(rule->variable->text),
                    BASE_STR_ARG(rule->op->name));
    if (rule->path != NULL) {
        base_buf_add_str(buf, rule->path->text);
    } else if (rule->number != NULL) {
        base_json_write(buf, rule->number);
    } else if (rule->text.data != NULL) {
        base_json_write_str(buf, rule->text);
    } else {
        base_buf_add_str(buf, rule->boolean ? BASE_STR("true")
                                            : BASE_STR("false"));
    }
}


/* The label written so far, cut to its limit at a character. */
static base_str_t
asl_graph_label(asl_graph_t *graph)
{
    base_buf_t  *label = &graph->label;

    if (label->len > ASL_LABEL_BYTES_MAX) {
        label->len = ASL_LABEL_BYTES_MAX;
        while (label->len > 0
               && ((unsigned char) label->data[label->len] & 0xc0) == 0x80)
        {
            label->len--;
        }

        base_buf_add_lit(label, "...");
    }

    return base_buf_str(label);
}


/* From a state to another, to an end where there is none. */
static void
asl_graph_edge(asl_graph_t *graph, const asl_state_t *state,
    const asl_state_t *target, bool dashed)
{
    char  from[16], to[16];

    (void) snprintf(from, sizeof(from), "s%u", state->number);
    (void) snprintf(to, sizeof(to), "%s",
                    graph->dialect == &asl_dot ? "end" : "end1");
    if (target != NULL) {
        (void) snprintf(to, sizeof(to), "s%u", target->number);
    }

    graph->dialect->edge(graph, from, to, asl_graph_label(graph), dashed);
    base_buf_clear(&graph->label);
}


/* What a Task runs, as short as people want it: "lambda:invoke fraud-check",
 * "function:fraud-check". */
static void
asl_graph_resource(asl_graph_t *graph, const asl_state_t *state)
{
    bool                given;
    const char         *found;
    base_str_t          text = state->task.resource;
    base_str_t          prefix = BASE_STR("arn:aws:states:::");
    base_str_t          marker = BASE_STR(":function:");
    asl_task_info_t     task = { .parameters = state->parameters };
    const base_json_t  *name;

    if (base_str_starts(text, prefix)) {
        text = base_str(text.data + prefix.len, text.len - prefix.len);

    } else if (base_str_starts(text, BASE_STR("arn:"))) {
        found = memmem(text.data, text.len, marker.data, marker.len);
        if (found != NULL) {
            found++;
            text = base_str(found, text.len - (size_t) (found - text.data));
        }
    }

    base_buf_add_str(&graph->label, text);
    name = asl_task_parameter(&task, BASE_STR("FunctionName"), &given);
    if (name != NULL && name->type == BASE_JSON_STRING) {
        base_buf_add_char(&graph->label, ' ');
        base_buf_add_str(&graph->label, name->text);
    }
}


static void
asl_graph_node(asl_graph_t *graph, const asl_state_t *state)
{
    size_t                before;
    const asl_overlay_t  *overlay = graph->overlay;

    base_buf_add_str(&graph->label, state->name);
    base_buf_add_char(&graph->label, '\n');
    if (state->kind == ASL_STATE_TASK) {
        asl_graph_resource(graph, state);
    } else {
        base_buf_add_str(&graph->label, asl_kind_name(state->kind));
    }

    before = graph->label.len;
    if (overlay != NULL && overlay->label != NULL) {
        base_buf_add_char(&graph->label, '\n');
        if (!overlay->label(overlay->data, state->name, &graph->label)) {
            graph->label.len = before;
        }
    }

    graph->dialect->node(graph, state, base_buf_str(&graph->label));
    base_buf_clear(&graph->label);
}


static void
asl_graph_edges(asl_graph_t *graph, const asl_state_t *state)
{
    uint32_t            i, j;
    const asl_rule_t   *rule;
    const asl_errors_t *errors;

    if (state->kind == ASL_STATE_CHOICE) {
        for (rule = state->choice.rules; rule != NULL; rule = rule->next) {
            asl_graph_rule(rule, &graph->label);
            asl_graph_edge(graph, state, rule->target, false);
        }

        if (state->choice.otherwise != NULL) {
            base_buf_add_lit(&graph->label, "otherwise");
            asl_graph_edge(graph, state, state->choice.otherwise, false);
        }

    } else if (state->target != NULL && !state->end) {
        asl_graph_edge(graph, state, state->target, false);

    } else if (state->machine->depth == 0) {
        asl_graph_edge(graph, state, NULL, false);
    }

    for (i = 0; i < state->catcher_count; i++) {
        errors = &state->catchers[i].errors;
        for (j = 0; j < errors->count; j++) {
            base_buf_add_str(&graph->label, j == 0 ? base_str(NULL, 0)
                                                   : BASE_STR(", "));
            base_buf_add_str(&graph->label, errors->names[j]);
        }

        asl_graph_edge(graph, state, state->catchers[i].target, true);
    }
}


/* A box with the states of a branch or an item processor, and the way in. */
static void
asl_graph_inner(asl_graph_t *graph, const asl_state_t *state, uint32_t index,
    const asl_machine_t *machine)
{
    base_buf_add_str(&graph->label, state->name);
    if (state->kind == ASL_STATE_PARALLEL) {
        base_buf_printf(&graph->label, ": branch %u", index + 1);
    } else {
        base_buf_add_lit(&graph->label, ": each item");
    }

    graph->dialect->open(graph, state, index, base_buf_str(&graph->label));
    base_buf_clear(&graph->label);
    asl_graph_machine(graph, machine);
    base_buf_add_str(graph->buf, base_str_c(graph->dialect->close));
    asl_graph_edge(graph, state, machine->start, true);
}


/* The recursion is bounded by ASL_NESTING_MAX. */
static void
asl_graph_machine(asl_graph_t *graph, const asl_machine_t *machine)
{
    uint32_t            i, j;
    const asl_state_t  *state;

    for (i = 0; i < machine->count; i++) {
        asl_graph_node(graph, &machine->states[i]);
    }

    for (i = 0; i < machine->count; i++) {
        state = &machine->states[i];
        asl_graph_edges(graph, state);
        if (state->kind == ASL_STATE_MAP) {
            asl_graph_inner(graph, state, 0, state->map.processor);
        }

        for (j = 0; state->kind == ASL_STATE_PARALLEL
                    && j < state->parallel.count; j++)
        {
            asl_graph_inner(graph, state, j, state->parallel.branches[j]);
        }
    }
}


static void
asl_graph_write(const asl_def_t *def, const asl_overlay_t *overlay,
    const asl_dialect_t *dialect, base_buf_t *buf)
{
    char         start[16];
    asl_graph_t  graph = { .buf = buf, .overlay = overlay,
                           .dialect = dialect };

    base_buf_init(&graph.label, NULL, SIZE_MAX);
    base_buf_add_str(buf, base_str_c(dialect->begin));
    (void) snprintf(start, sizeof(start), "s%u", def->machine.start->number);
    dialect->edge(&graph, "start", start, base_str(NULL, 0), false);
    asl_graph_machine(&graph, &def->machine);
    base_buf_add_str(buf, base_str_c(dialect->end));

    buf->failed |= graph.label.failed;
    base_buf_deinit(&graph.label);
}


void
asl_graph_dot(const asl_def_t *def, const asl_overlay_t *overlay,
    base_buf_t *buf)
{
    asl_graph_write(def, overlay, &asl_dot, buf);
}


void
asl_graph_mermaid(const asl_def_t *def, const asl_overlay_t *overlay,
    base_buf_t *buf)
{
    asl_graph_write(def, overlay, &asl_mermaid, buf);
}
