/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_BASAL_BOLUS_H
#define DG_PATIENT_CONTROL_BASAL_BOLUS_H

#include "patient/control/controller.h"

/* The baseline: the pump's own schedule, and at each announced meal
 *
 *     carbs / CR + (G - 140) / ISF    the second term only for G > 150
 *
 * source: simglucose's basal-bolus controller (see NOTICE.md), as the figures
 * that others published were made with it. */

#define DG_BASAL_BOLUS_CORRECT_ABOVE_MG_DL 150
#define DG_BASAL_BOLUS_CORRECT_TO_MG_DL    140

struct dg_basal_bolus {
    double isf_mg_dL_U;
    double cr_g_U;
};

extern const struct dg_controller dg_controller_basal_bolus;

/**
 * Count the bolus for a meal.
 *
 * @param[in] settings       ISF and CR.
 * @param     carbs_g        As announced; 0 gives 0.
 * @param     glucose_mg_dL  The reading, 0 for none: then carbs alone.
 *
 * @return mU, rounded down, at most DG_CONTROLLER_BOLUS_MU_MAX.
 */
uint32_t dg_basal_bolus_meal_mU(const struct dg_basal_bolus *settings,
                                uint32_t carbs_g,
                                int32_t glucose_mg_dL);

#endif
