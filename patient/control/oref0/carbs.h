/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_CARBS_H
#define DG_PATIENT_CONTROL_OREF0_CARBS_H

#include "patient/control/oref0/decide.h"

/* Carbohydrate on board: what was announced, less what glucose shows to have
 * been absorbed.  Follows the published outline of oref0's method; unlike the
 * decision it was not compared with the original case by case. */

#define DG_OREF0_CARB_STEPS   72U /* five minutes each: entries count six hours */
#define DG_OREF0_CARB_KEPT    (DG_OREF0_CARB_STEPS + 4U)
#define DG_OREF0_CARB_ENTRIES DG_OREF0_CARB_STEPS

struct dg_oref0_carb_entry {
    uint32_t step; /* number of the step at which it was announced           */
    double grams;
};

/* One step each five minutes.  Begin with all zero. */
struct dg_oref0_carb_history {
    uint32_t step; /* of the newest, from 1                                 */
    double mg_dL[DG_OREF0_CARB_KEPT];    /* ring by step, 0: no reading      */
    double activity[DG_OREF0_CARB_KEPT]; /* ring by step, U/min              */
    size_t entries;
    struct dg_oref0_carb_entry entry[DG_OREF0_CARB_ENTRIES]; /* oldest first */
};

/**
 * Record a step.
 *
 * @param[in,out] history   Begun with zeros.
 * @param         mg_dL     The reading, 0 for none.
 * @param         activity  Insulin that acts now, U/min.
 * @param         grams     Carbohydrate announced since the last step.
 */
void dg_oref0_carbs_record(struct dg_oref0_carb_history *history,
                           double mg_dL,
                           double activity,
                           double grams);

/**
 * Work out what is on board.
 *
 * @param[in]  history  With the step that is now.
 * @param[in]  profile  sens, carb_ratio, min_5m_carbimpact, max_cob.
 * @param      now_ms   The time of that step.
 * @param[out] meal     For dg_oref0_decide().
 */
void dg_oref0_carbs(const struct dg_oref0_carb_history *history,
                    const struct dg_oref0_profile *profile,
                    double now_ms,
                    struct dg_oref0_meal *meal);

#endif
