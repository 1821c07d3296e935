/* SPDX-License-Identifier: BSD-2-Clause */

/* A link's event loop on libuv, for the worker. */

#ifndef RDS_LOOP_UV_H
#define RDS_LOOP_UV_H

#include <uv.h>

#include "redis/loop.h"


/* Fills loop for uv, which must outlive every link on it. */
void rds_loop_uv_init(rds_loop_t *loop, uv_loop_t *uv);

#endif
