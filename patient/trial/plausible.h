/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_PLAUSIBLE_H
#define DG_PATIENT_TRIAL_PLAUSIBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/glucose.h"

/* The device's judgement of readings with other bounds than it ships: for arms
 * that ask whether these are right.  core/glucose.c is compiled a second time
 * with patient/trial/plausible_core.h before it, which gives its functions the
 * names below and has it read the bounds here; its text is the same. */

struct dg_trial_plausible {
    int32_t movement_percent; /* of how far and how fast a reading may move  */
    uint32_t flat_s;          /* DG_GLUCOSE_FLAT_S                           */
    uint32_t streak;          /* DG_GLUCOSE_STREAK                           */
};

/* Set before each call: each worker has its own. */
extern _Thread_local struct dg_trial_plausible dg_trial_plausible;

/** dg_glucose_take() with these bounds. */
void dg_trial_glucose_take(struct dg_glucose_state *state,
                           const struct dg_reading *reading,
                           const struct dg_glucose_context *context);

/** dg_glucose_is_trusted() with these bounds. */
bool dg_trial_glucose_is_trusted(const struct dg_glucose_state *state);

/** dg_glucose_is_low() with these bounds. */
bool dg_trial_glucose_is_low(const struct dg_glucose_state *state,
                             dg_seconds now,
                             uint32_t age_s_max,
                             dg_glucose floor);

#endif
