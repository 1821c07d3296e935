/* SPDX-License-Identifier: BSD-2-Clause */

/* Inside graphql/ only: how an exceeded limit is reported. */

#ifndef GQL_LIMITS_H
#define GQL_LIMITS_H

#include "graphql/report.h"


/*
 * Adds an error with code LIMIT_EXCEEDED and the extensions
 * {"limit":name,"max":max}.  name is one of GQL_LIMITS, or "work".
 */
void gql_limit_exceeded(gql_errors_t *errors, base_str_t name, uint32_t max);

#endif
