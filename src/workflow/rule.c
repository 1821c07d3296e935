/* SPDX-License-Identifier: BSD-2-Clause */

/* Loading Choice Rules (States Language: Choice State). */

#include "workflow/load.h"


typedef struct {
    asl_loader_t  *loader;
    asl_state_t   *state;
    unsigned       depth;
} asl_rules_t;


static bool asl_load_rule(asl_rules_t *rules, const asl_place_t *at,
    asl_rule_t *rule);


/* The rules of an array, as a chain. */
static asl_rule_t *
asl_load_rules(asl_rules_t *rules, const asl_place_t *at)
{
    uint32_t            i = 0;
    asl_rule_t         *chain;
    asl_place_t         item;
    const base_json_t  *value;

    if (!asl_read_array(rules->loader, at)) {
        return NULL;
    }

    if (at->value->count == 0) {
        asl_problem(rules->loader, at, "expected at least one Choice Rule");
        return NULL;
    }

    chain = asl_loader_alloc(rules->loader, at->value->count, sizeof(*chain));
    if (chain == NULL) {
        return NULL;
    }

    base_json_each(value, at->value) {
        item = asl_place_item(at, i, value);
        (void) asl_load_rule(rules, &item, &chain[i]);
        if (++i < at->value->count) {
            chain[i - 1].next = &chain[i];
        }
    }

    return chain;
}


void
asl_load_choices(asl_loader_t *loader, asl_state_t *state,
    const asl_place_t *at)
{
    asl_rules_t  rules = { .loader = loader, .state = state };

    state->choice.rules = asl_load_rules(&rules, at);
}


static void
asl_rule_string(asl_rules_t *rules, const asl_place_t *at, asl_rule_t *rule)
{
    asl_loader_t  *loader = rules->loader;

    if (!asl_read_string(loader, at, &rule->text)) {
        return;
    }

    if (rule->op->type == ASL_OPERAND_TIMESTAMP
        && !asl_timestamp_parse(rule->text, &rule->time_ms))
    {
        asl_problem(loader, at, "expected a time as \"2016-03-14T01:59:00Z\", "
                    "not \"%.*s\"", BASE_STR_ARG(rule->text));
    }

    if (rule->op->kind == ASL_RULE_MATCHES && !asl_pattern_valid(rule->text)) {
        asl_problem(loader, at, "expected \"*\" or \"\\\" behind every "
                    "backslash of a pattern");
    }
}


/* And, Or, Not: the rules inside. */
static void
asl_rule_inner(asl_rules_t *rules, const asl_place_t *at, asl_rule_t *rule)
{
    if (rules->depth >= ASL_CHOICE_DEPTH) {
        asl_problem(rules->loader, at, "more than %d of And, Or and Not in "
                    "each other; expected fewer", ASL_CHOICE_DEPTH);
        return;
    }

    rules->depth++;
    if (rule->op->kind == ASL_RULE_NOT) {
        rule->first = asl_loader_alloc(rules->loader, 1, sizeof(*rule->first));
        if (rule->first != NULL) {
            (void) asl_load_rule(rules, at, rule->first);
        }
    } else {
        rule->first = asl_load_rules(rules, at);
    }

    rules->depth--;
}


/* The field of an operator. */
static void
asl_rule_operator(asl_rules_t *rules, const asl_place_t *at, bool path,
    asl_rule_t *rule)
{
    asl_loader_t  *loader = rules->loader;

    if (rule->op->kind <= ASL_RULE_NOT) {
        asl_rule_inner(rules, at, rule);
        return;
    }

    if (path) {
        (void) asl_read_path(loader, at, &rule->path);
        return;
    }

    if (rule->op->kind == ASL_RULE_PRESENT || rule->op->kind == ASL_RULE_TYPE
        || rule->op->type == ASL_OPERAND_BOOLEAN)
    {
        (void) asl_read_boolean(loader, at, &rule->boolean);

    } else if (rule->op->type == ASL_OPERAND_NUMBER) {
        rule->number = at->value;
        if (at->value->type != BASE_JSON_NUMBER) {
            asl_problem(loader, at, "expected a number");
        }

    } else {
        asl_rule_string(rules, at, rule);
    }
}


static void
asl_rule_field(asl_rules_t *rules, const asl_place_t *at, asl_rule_t *rule)
{
    bool                   path;
    asl_loader_t          *loader = rules->loader;
    const asl_operator_t  *op;

    if (base_str_eq_c(at->key, "Variable")) {
        (void) asl_read_path(loader, at, &rule->variable);

    } else if (base_str_eq_c(at->key, "Next")) {
        if (rules->depth > 0) {
            asl_problem(loader, at, "a rule inside And, Or or Not has no "
                        "\"Next\"; expected it in the outermost rule");
            return;
        }

        (void) asl_read_target(loader, at, rules->state->machine,
                               &rule->target);

    } else if (base_str_eq_c(at->key, "Assign") && rules->depth == 0) {
        (void) asl_read_assign(loader, at, rules->state->machine,
                               &rule->assign);

    } else if (base_str_eq_c(at->key, "Condition")) {
        asl_problem(loader, at, "the state \"%.*s\" has \"Condition\", a field "
                    "of JSONata, which is not supported; expected "
                    "\"Variable\" and a comparison",
                    BASE_STR_ARG(rules->state->name));

    } else if (!base_str_eq_c(at->key, "Comment")) {
        op = asl_operator_find(at->key, &path);
        if (op == NULL) {
            asl_problem(loader, at, "unknown field \"%.*s\"; expected a "
                        "comparison as StringEquals, And, Or, Not, Variable or "
                        "Next", BASE_STR_ARG(at->key));
        } else if (rule->op != NULL) {
            asl_problem(loader, at, "a second comparison; expected one in each "
                        "rule (\"And\" joins several)");
        } else {
            rule->op = op;
            asl_rule_operator(rules, at, path, rule);
        }
    }
}


/* The recursion is bounded by ASL_CHOICE_DEPTH. */
static bool
asl_load_rule(asl_rules_t *rules, const asl_place_t *at, asl_rule_t *rule)
{
    bool                variable;
    asl_place_t         field;
    asl_loader_t       *loader = rules->loader;
    const base_json_t  *member;

    if (!asl_read_object(loader, at)) {
        return false;
    }

    base_json_each(member, at->value) {
        field = asl_place_member(at, member);
        asl_rule_field(rules, &field, rule);
        if (loader->nomem) {
            return false;
        }
    }

    if (rules->depth == 0
        && base_json_get(at->value, BASE_STR("Next")) == NULL)
    {
        asl_problem(loader, at, "a Choice Rule needs \"Next\"");
    }

    if (base_json_get(at->value, BASE_STR("Condition")) != NULL) {
        return false;
    }

    variable = base_json_get(at->value, BASE_STR("Variable")) != NULL;
    if (rule->op == NULL) {
        asl_problem(loader, at, "a Choice Rule needs a comparison as "
                    "StringEquals, or And, Or, Not");
        return false;
    }

    if (variable != (rule->op->kind > ASL_RULE_NOT)) {
        asl_problem(loader, at, variable
                    ? "\"Variable\" has no meaning beside And, Or and Not; "
                      "expected it in the rules inside"
                    : "a comparison needs \"Variable\"");
        return false;
    }

    return true;
}
