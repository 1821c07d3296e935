/* SPDX-License-Identifier: BSD-2-Clause */

/* JSON as application/x-www-form-urlencoded (URL Standard). */

#ifndef WORKER_HTTP_FORM_H
#define WORKER_HTTP_FORM_H

#include "base/buf.h"
#include "base/json.h"


/*
 * Appends the members of an object:
 *
 *   {"a":"b c","n":1,"o":{"x":[true,null]}}
 *   a=b%20c&n=1&o[x][0]=true&o[x][1]=
 *
 * with the brackets encoded too.  What is no object gives nothing.
 */
void worker_form_write(base_buf_t *buf, const base_json_t *object);

#endif
