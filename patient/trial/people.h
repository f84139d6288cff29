/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_PEOPLE_H
#define DG_PATIENT_TRIAL_PEOPLE_H

#include "patient/cambridge.h"
#include "patient/s2008.h"
#include "patient/trial/digest.h"
#include "patient/trial/life.h"
#include "patient/trial/tile.h"

/* Who lives in a tile: bodies for the kernels, therapy for phone and pump. */
struct dg_trial_people {
    struct dg_cambridge_parameters cambridge[DG_TRIAL_STEP_LANES];
    struct dg_s2008_parameters s2008[DG_TRIAL_STEP_LANES];
    struct dg_trial_settings settings[DG_TRIAL_STEP_LANES];
    struct dg_trial_eater eater[DG_TRIAL_STEP_LANES];
    bool is_missing[DG_TRIAL_STEP_LANES]; /* no possible person was drawn */
};

/** Fill in the people of a tile: the model's population by the seed, or for
 * S2008 and S2013 the published ones in turn. */
void dg_trial_people_of(const struct dg_trial_tile *tile,
                        struct dg_trial_people *people);

#endif
