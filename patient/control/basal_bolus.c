/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/basal_bolus.h"

uint32_t dg_basal_bolus_meal_mU(const struct dg_basal_bolus *settings,
                                uint32_t carbs_g,
                                int32_t glucose_mg_dL)
{
    if (carbs_g == 0) {
        return 0;
    }

    double dose_U = (double)carbs_g / settings->cr_g_U;

    if (glucose_mg_dL > DG_BASAL_BOLUS_CORRECT_ABOVE_MG_DL) {
        dose_U += (double)(glucose_mg_dL - DG_BASAL_BOLUS_CORRECT_TO_MG_DL) /
                  settings->isf_mg_dL_U;
    }

    const double dose_mU = dose_U * 1000.0;

    return dose_mU < (double)DG_CONTROLLER_BOLUS_MU_MAX
               ? (uint32_t)dose_mU
               : DG_CONTROLLER_BOLUS_MU_MAX;
}

static enum dg_status start(void *state,
                            const struct dg_controller_person *person)
{
    struct dg_basal_bolus *const mine = state;

    mine->isf_mg_dL_U = person->isf_mg_dL_U;
    mine->cr_g_U = person->cr_g_U;
    return DG_OK;
}

static enum dg_status step(void *state,
                           const struct dg_controller_input *input,
                           struct dg_controller_output *output)
{
    const struct dg_basal_bolus *const mine = state;

    *output = (struct dg_controller_output){
        .meal_bolus_mU =
            dg_basal_bolus_meal_mU(mine, input->carbs_g, input->glucose_mg_dL),
    };
    return DG_OK;
}

const struct dg_controller dg_controller_basal_bolus = {
    .name = "basal-bolus",
    .title = "scheduled basal, and a bolus for each announced meal",
    .state_bytes = sizeof(struct dg_basal_bolus),
    .start = start,
    .step = step,
};
