/* SPDX-License-Identifier: BSD-2-Clause */

/* Looks at every state that can be reached, the nearest first. */

#ifndef MODEL_EXPLORE_H
#define MODEL_EXPLORE_H

#include "model.h"


#define MODEL_STATES_MAX  12000000


typedef struct {
    size_t       states;
    const char  *violation;             /* NULL: there is none */
    size_t       steps;                 /* of the shortest way to it */
} model_result_t;


/*
 * Explores the setting until something is violated or everything was seen.
 * "It does not come to its end" is a violation too: a state from which the
 * moves that are not hostile cannot finish all orders.  With a violation the
 * way to it is printed, as comments of TAP, if trace is set.
 */
model_result_t model_explore(const model_setting_t *setting, bool trace);

#endif
