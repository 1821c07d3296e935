/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Inside graphql/ only: validation (Validation).
 *
 * One walk over the document ties it to the schema and lays out what it holds
 * in lists: fields, spreads, directives, arguments, values.  A rule is one
 * function that loops over a list; none recurses into the document again.
 * Fragments are walked once, by themselves; what depends on the operation
 * follows the graph of spreads.
 */

#ifndef GQL_VALIDATE_H
#define GQL_VALIDATE_H

#include "graphql/list.h"
#include "graphql/names.h"
#include "graphql/report.h"
#include "graphql/uses.h"
#include "graphql/values.h"


#define GQL_NO_DEFINITION  UINT32_MAX


/* A range of a list. */
typedef struct {
    uint32_t  first;
    uint32_t  end;
} gql_range_t;


/* An operation or a fragment.  Operations come first; a fragment's number is
 * operation_count + fragment->index. */
typedef struct {
    gql_operation_t   *operation;       /* NULL: a fragment */
    gql_fragment_t    *fragment;
    gql_selection_t   *selections;
    const gql_type_t  *type;            /* of its selection set; NULL: unknown,
                                           or not composite */
    gql_range_t        spreads;
    gql_range_t        usages;
} gql_definition_t;

/* A field or an inline fragment where it stands. */
typedef struct {
    gql_selection_t   *selection;
    const gql_type_t  *parent;          /* NULL: unknown */
} gql_placed_t;

/* A fragment spread. */
typedef struct {
    gql_selection_t   *selection;
    const gql_type_t  *parent;
    uint32_t           target;          /* a definition; GQL_NO_DEFINITION */
} gql_spread_t;


typedef struct {
    const gql_schema_t            *schema;
    gql_document_t                *document;
    const gql_validate_options_t  *options;
    base_arena_t                  *arena;       /* the errors' */
    gql_report_t                   report;

    gql_definition_t  *definitions;
    uint32_t           definition_count;
    gql_index_t        fragment_names;          /* of gql_fragment_t */

    gql_list_t         fields;                  /* gql_placed_t */
    gql_list_t         inlines;                 /* gql_placed_t */
    gql_list_t         spreads;                 /* gql_spread_t */
    gql_list_t         conditions;              /* gql_typeref_t *: of
                                                   fragments */
    gql_list_t         directives;              /* gql_directive_site_t */
    gql_list_t         arguments;               /* gql_argument_site_t */
    gql_list_t         values;                  /* gql_typed_value_t */
    gql_list_t         usages;                  /* gql_typed_value_t: those
                                                   that are variables */

    uint32_t          *order;                   /* definitions, each behind
                                                   those it spreads; cycles are
                                                   cut */
    bool               cyclic;

    uint64_t           work;                    /* steps done by rules that
                                                   are not linear */
    uint64_t           work_max;
} gql_validation_t;


/* The walk (resolve.c).  False when out of memory. */
bool gql_resolve(gql_validation_t *v);

/* Sets order and cyclic; reports cycles (graph.c).  False when out of
 * memory. */
bool gql_graph(gql_validation_t *v);

/* Fills document->measured (measure.c).  False when out of memory. */
bool gql_measure(gql_validation_t *v);

/* Spends steps; false, with an error the first time, when there are none
 * left. */
bool gql_validation_work(gql_validation_t *v, uint64_t steps);

/* Notes that memory is out. */
void gql_validation_nomem(gql_validation_t *v);

#define gql_each(item, list)                                                  \
    for ((item) = (list)->items;                                              \
         (item) != NULL                                                       \
         && (size_t) ((item) - (__typeof__(item)) (list)->items)              \
            < (list)->count;                                                  \
         (item)++)

/* Type as text. */
base_str_t gql_validation_type_text(gql_validation_t *v,
    const gql_typeref_t *type);


/* The rules: name, as graphql-js calls it, and function. */
#define GQL_RULES(X)                                                          \
    X(ExecutableDefinitions,         gql_rule_executable_definitions)         \
    X(KnownOperationTypes,           gql_rule_known_operation_types)          \
    X(UniqueOperationNames,          gql_rule_unique_operation_names)         \
    X(LoneAnonymousOperation,        gql_rule_lone_anonymous_operation)       \
    X(SingleFieldSubscriptions,      gql_rule_single_field_subscriptions)     \
    X(KnownTypeNames,                gql_rule_known_type_names)               \
    X(FragmentsOnCompositeTypes,     gql_rule_fragments_on_composite_types)   \
    X(VariablesAreInputTypes,        gql_rule_variables_are_input_types)      \
    X(ScalarLeafs,                   gql_rule_scalar_leafs)                   \
    X(FieldsOnCorrectType,           gql_rule_fields_on_correct_type)         \
    X(UniqueFragmentNames,           gql_rule_unique_fragment_names)          \
    X(KnownFragmentNames,            gql_rule_known_fragment_names)           \
    X(NoUnusedFragments,             gql_rule_no_unused_fragments)            \
    X(PossibleFragmentSpreads,       gql_rule_possible_fragment_spreads)      \
    X(UniqueVariableNames,           gql_rule_unique_variable_names)          \
    X(VariableUsages,                gql_rule_variable_usages)                \
    X(KnownDirectives,               gql_rule_known_directives)               \
    X(UniqueDirectivesPerLocation,   gql_rule_unique_directives)              \
    X(KnownArgumentNames,            gql_rule_known_argument_names)           \
    X(UniqueArgumentNames,           gql_rule_unique_argument_names)          \
    X(ProvidedRequiredArguments,     gql_rule_provided_required_arguments)    \
    X(ValuesOfCorrectType,           gql_rule_values_of_correct_type)         \
    X(UniqueInputFieldNames,         gql_rule_unique_input_field_names)       \
    X(IntrospectionAllowed,          gql_rule_introspection_allowed)          \
    X(MaxIntrospectionDepth,         gql_rule_max_introspection_depth)        \
    X(OverlappingFieldsCanBeMerged,  gql_rule_overlapping_fields)

#define GQL_RULE_PROTOTYPE(name, fn)  void fn(gql_validation_t *v);
GQL_RULES(GQL_RULE_PROTOTYPE)
#undef GQL_RULE_PROTOTYPE

#endif
