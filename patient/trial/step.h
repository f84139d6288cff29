/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_STEP_H
#define DG_PATIENT_TRIAL_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/status.h"

/* Everything between the sensor and the needle for the 16 people of a tile:
 * the phone with its controller, the person who confirms, whoever attacks, and
 * the pump of the arm.  Whole numbers on both sides.  The kernels of
 * patient/lane know it by this header alone. */

#define DG_TRIAL_STEP_LANES 16U

struct dg_trial_arm;
struct dg_trial_bench; /* memory of one worker, see trial/bench.h */
struct dg_trial_plan;
struct dg_trial_tally;

/* The therapy of one person: what the clinic set. */
struct dg_trial_settings {
    uint64_t person;
    int32_t daily_mU;
    int32_t basal_mU_per_h[24];
    int32_t isf_mg_dL_per_U;
    double carb_ratio_g_per_U;
    double target_mg_dL;
    double weight_kg;
    unsigned age_class; /* of dosegate/limits.h: 1 child, 2 teen, 3 adult */
};

struct dg_trial_step_in {
    uint32_t minute;                           /* a multiple of 5 */
    int32_t sensor_mg_dL[DG_TRIAL_STEP_LANES]; /* true output; 0: none     */
    uint32_t announced_g[DG_TRIAL_STEP_LANES]; /* carbohydrate, as counted */
    int32_t moved_mU[DG_TRIAL_STEP_LANES];     /* by the mechanism, since   */
};

struct dg_trial_step_out {
    int32_t bolus_mU[DG_TRIAL_STEP_LANES]; /* in the first minute           */
    int32_t basal_mU[DG_TRIAL_STEP_LANES]; /* over all five                 */
    int32_t moved_percent[DG_TRIAL_STEP_LANES]; /* of what is counted: 100  */
    int32_t glucagon_ug[DG_TRIAL_STEP_LANES];   /* in the first minute        */
    int32_t seen_mg_dL[DG_TRIAL_STEP_LANES];    /* what the person sees; 0    */
    bool
        is_uneaten[DG_TRIAL_STEP_LANES]; /* the meal announced now stays away */
};

/**
 * Fit phone, person and pump to new people, in one scenario and arm.
 *
 * A person whom core or controller refuses is dropped: in no average.
 */
void dg_trial_step_start(struct dg_trial_bench *bench,
                         const struct dg_trial_plan *plan,
                         unsigned scenario,
                         unsigned arm,
                         const struct dg_trial_settings *settings);

/** One step of five minutes. */
void dg_trial_step(struct dg_trial_bench *bench,
                   const struct dg_trial_step_in *in,
                   struct dg_trial_step_out *out);

/** After a step: what was eaten from it on goes with it into a trace.  16 each:
 * grams of meals that begin, grams of sugar. */
void dg_trial_step_tell(struct dg_trial_bench *bench,
                        const double *meal_g,
                        const uint32_t *rescue_g);

#endif
