/* SPDX-License-Identifier: BSD-2-Clause */

/* The moves, each in the file of the part that makes it; moves.c has them in
 * its table. */

#ifndef MODEL_MOVES_H
#define MODEL_MOVES_H

#include "model.h"


#define MODEL_MOVE(name)                                                      \
    bool name(model_state_t *s, unsigned w, unsigned choice)

/* chores.c */
MODEL_MOVE(model_register);
MODEL_MOVE(model_registered);
MODEL_MOVE(model_reap);
MODEL_MOVE(model_takeover);
MODEL_MOVE(model_takeover_fenced);
MODEL_MOVE(model_takeover_watch);
MODEL_MOVE(model_takeover_read);
MODEL_MOVE(model_takeover_moved);
MODEL_MOVE(model_takeover_removed);
MODEL_MOVE(model_wake);
MODEL_MOVE(model_wake_watch);
MODEL_MOVE(model_wake_read);
MODEL_MOVE(model_woken);
MODEL_MOVE(model_take_alone);
MODEL_MOVE(model_taken_alone);

/* lane.c */
MODEL_MOVE(model_arm_watch);
MODEL_MOVE(model_arm_get);
MODEL_MOVE(model_read);
MODEL_MOVE(model_read_score);
MODEL_MOVE(model_read_hash);
MODEL_MOVE(model_read_owner);
MODEL_MOVE(model_commit);
MODEL_MOVE(model_committed);
MODEL_MOVE(model_pay);
MODEL_MOVE(model_park_late);

/* WATCH and GET are on their way. */
void model_arm(model_worker_t *worker);

/* Keeps a message that has come. */
void model_keep(model_worker_t *worker, unsigned message);

/* moves.c */

/* worker_drop(): all it holds counts no more. */
void model_renew(model_worker_t *worker);

#endif
