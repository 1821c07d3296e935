/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What an operation comes to: depth, aliases, root fields, cost, with fragments
 * counted as often as they are spread; and directives in the document.  Each
 * fragment is measured once, behind those it spreads; sums stop at the largest
 * number instead of wrapping.
 *
 * Cost (an estimate, before variables are known): a field costs 1, and the cost
 * of its selection set once for each item of its list.  How many items there
 * are is what the argument "first", "last" or "limit" says, or the bound in
 * that argument's @constraint(max:), or else a guess.  Where a field has such
 * an argument and is no list, it speaks of the lists right below: the edges of
 * a connection.  Introspection counts each field once: its lists have the size
 * of the schema.
 */

#include "graphql/limits.h"
#include "graphql/validate.h"


#define GQL_COST_ITEMS           10     /* of a list nobody bounds */
#define GQL_COST_ITEMS_VARIABLE  100    /* where a variable bounds it */

/* Selection sets in each other, fragments included, whatever the limits say: it
 * bounds the recursion of execution. */
#define GQL_LEVELS_CEILING  1000


typedef struct {
    uint32_t  fields;                   /* on the first level */
    uint32_t  depth;                    /* levels of fields */
    uint32_t  levels;                   /* of selection sets of any kind */
    uint32_t  aliases;
    uint32_t  cost;                     /* without lists that nobody bounds */
    uint32_t  lists;                    /* the cost of one item of each of
                                           those on the first level */
} gql_measure_t;


static const base_str_t  gql_slicing_arguments[] = {
    BASE_STR_INIT("first"), BASE_STR_INIT("last"), BASE_STR_INIT("limit")
};

#define GQL_SLICING_ARGUMENTS                                                 \
    (sizeof(gql_slicing_arguments) / sizeof(gql_slicing_arguments[0]))


static gql_measure_t gql_measure_selections(gql_validation_t *v,
    const gql_measure_t *known, const gql_selection_t *selections);
static void gql_measure_field(gql_measure_t *sum,
    const gql_selection_t *field, const gql_measure_t *below);
static uint64_t gql_measure_cost(const gql_measure_t *measure,
    uint64_t items);
static bool gql_measure_is_list(const gql_selection_t *field);
static uint32_t gql_measure_items(const gql_selection_t *field);
static uint32_t gql_measure_bound(const gql_argument_t *argument);
static void gql_measure_merge(gql_measure_t *sum, const gql_measure_t *other);
static uint32_t gql_measure_directives(const gql_validation_t *v);


static inline uint32_t
gql_saturate(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t) n;
}


static inline uint32_t
gql_larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}


bool
gql_measure(gql_validation_t *v)
{
    uint32_t        i;
    gql_limits_t   *measured = &v->document->measured;
    gql_measure_t  *known, *of;

    known = base_arena_calloc(v->arena, v->definition_count + 1,
                              sizeof(gql_measure_t));
    if (known == NULL) {
        return false;
    }

    for (i = 0; i < v->definition_count; i++) {
        of = &known[v->order[i]];
        *of = gql_measure_selections(v, known,
                                     v->definitions[v->order[i]].selections);

        if (of->levels > GQL_LEVELS_CEILING) {
            gql_limit_exceeded(v->report.errors, BASE_STR("depth"),
                               GQL_LEVELS_CEILING);
            of->levels = 0;             /* said once */
        }

        if (v->definitions[v->order[i]].operation == NULL) {
            continue;
        }

        measured->depth = gql_larger(measured->depth, of->depth);
        measured->aliases = gql_larger(measured->aliases, of->aliases);
        measured->root_fields = gql_larger(measured->root_fields, of->fields);
        measured->cost = gql_larger(measured->cost,
                                    gql_measure_cost(of, GQL_COST_ITEMS));
    }

    measured->directives = gql_measure_directives(v);
    return true;
}


static gql_measure_t
gql_measure_selections(gql_validation_t *v, const gql_measure_t *known,
    const gql_selection_t *selections)
{
    gql_measure_t           sum = { 0 }, below;
    const gql_selection_t  *selection;

    for (selection = selections; selection != NULL;
         selection = selection->next)
    {
        if (selection->kind != GQL_SELECTION_SPREAD) {
            below = gql_measure_selections(v, known, selection->selections);

        } else if (selection->fragment != NULL) {
            below = known[v->document->operation_count
                          + selection->fragment->index];

        } else {
            continue;
        }

        if (selection->kind == GQL_SELECTION_FIELD) {
            gql_measure_field(&sum, selection, &below);

        } else {
            gql_measure_merge(&sum, &below);
        }

        sum.levels = gql_larger(sum.levels, below.levels + 1);
    }

    return sum;
}


static void
gql_measure_field(gql_measure_t *sum, const gql_selection_t *field,
    const gql_measure_t *below)
{
    bool      list;
    uint64_t  items, cost = 1;

    list = gql_measure_is_list(field);
    items = gql_measure_items(field);

    if (list && items == 0) {
        sum->lists = gql_saturate((uint64_t) sum->lists
                                  + gql_measure_cost(below, GQL_COST_ITEMS));

    } else if (list) {
        cost += items * gql_measure_cost(below, GQL_COST_ITEMS);

    } else {
        cost += gql_measure_cost(below, items == 0 ? GQL_COST_ITEMS : items);
    }

    sum->fields = gql_saturate((uint64_t) sum->fields + 1);
    sum->depth = gql_larger(sum->depth,
                            gql_saturate((uint64_t) below->depth + 1));
    sum->aliases = gql_saturate((uint64_t) sum->aliases + below->aliases
                                + (field->alias.len > 0));
    sum->cost = gql_saturate(sum->cost + cost);
}


/* The cost of a selection set whose unbounded lists have so many items. */
static uint64_t
gql_measure_cost(const gql_measure_t *measure, uint64_t items)
{
    return gql_saturate(measure->cost + measure->lists * items);
}


/* A list that the schema does not bound by its own size. */
static bool
gql_measure_is_list(const gql_selection_t *field)
{
    const gql_typeref_t  *type;

    if (field->field == NULL || field->parent->builtin) {
        return false;
    }

    type = field->field->type;
    type = type->kind == GQL_TYPEREF_NON_NULL ? type->of : type;
    return type->kind == GQL_TYPEREF_LIST;
}


/* How many items an argument of the field asks for; 0: none says. */
static uint32_t
gql_measure_items(const gql_selection_t *field)
{
    size_t                 i;
    const gql_argument_t  *argument;

    for (argument = field->arguments; argument != NULL;
         argument = argument->next)
    {
        if (argument->value->kind == GQL_VALUE_NULL) {
            continue;
        }

        for (i = 0; i < GQL_SLICING_ARGUMENTS; i++) {
            if (base_str_eq(argument->name, gql_slicing_arguments[i])) {
                return gql_larger(gql_measure_bound(argument), 1);
            }
        }
    }

    return 0;
}


static uint32_t
gql_measure_number(base_str_t text)
{
    size_t    i;
    uint64_t  number = 0;

    for (i = 0; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'; i++)
    {
        number = number * 10 + (uint64_t) (text.data[i] - '0');
        number = gql_saturate(number);
    }

    return (uint32_t) number;
}


static uint32_t
gql_measure_bound(const gql_argument_t *argument)
{
    const gql_argument_t   *max;
    const gql_directive_t  *constraint;

    if (argument->value->kind == GQL_VALUE_INT) {
        return gql_measure_number(argument->value->text);
    }

    constraint = argument->definition == NULL
                 ? NULL : gql_directive_find(argument->definition->directives,
                                             BASE_STR("constraint"));
    if (constraint == NULL) {
        return GQL_COST_ITEMS_VARIABLE;
    }

    for (max = constraint->arguments; max != NULL; max = max->next) {
        if (base_str_eq(max->name, BASE_STR("max"))) {
            return gql_measure_number(max->value->text);
        }
    }

    return GQL_COST_ITEMS_VARIABLE;
}


static void
gql_measure_merge(gql_measure_t *sum, const gql_measure_t *other)
{
    sum->fields = gql_saturate((uint64_t) sum->fields + other->fields);
    sum->depth = gql_larger(sum->depth, other->depth);
    sum->aliases = gql_saturate((uint64_t) sum->aliases + other->aliases);
    sum->cost = gql_saturate((uint64_t) sum->cost + other->cost);
    sum->lists = gql_saturate((uint64_t) sum->lists + other->lists);
}


static uint32_t
gql_measure_directives(const gql_validation_t *v)
{
    uint32_t                     count = 0;
    const gql_directive_t       *directive;
    const gql_directive_site_t  *site;

    gql_each(site, &v->directives) {
        for (directive = site->first; directive != NULL;
             directive = directive->next)
        {
            count++;
        }
    }

    return count;
}
