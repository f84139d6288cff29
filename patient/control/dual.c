/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/dual.h"

static enum dg_status start(void *state,
                            const struct dg_controller_person *person)
{
    struct dg_dual *const dual = state;

    *dual = (struct dg_dual){.steps_since = DG_DUAL_INTERVAL_STEPS};
    dg_pid_start(&dual->pid, person);
    return DG_OK;
}

/* What was given since the last step enters the day; its oldest leaves. */
static void count_given(struct dg_dual *dual, uint32_t glucagon_ug)
{
    const uint32_t given_ug =
        glucagon_ug < UINT16_MAX ? glucagon_ug : UINT16_MAX;

    dual->day_ug -= dual->given_ug[dual->given_at];
    dual->day_ug += given_ug;
    dual->given_ug[dual->given_at] = (uint16_t)given_ug;
    dual->given_at = (dual->given_at + 1U) % DG_DUAL_STEPS_PER_DAY;
    if (dual->steps_since < DG_DUAL_INTERVAL_STEPS) {
        dual->steps_since++;
    }
    if (given_ug > 0) {
        dual->steps_since = 1;
    }
}

/* Along the slope to the oldest reading of the last 15 minutes. */
static double predict_mg_dL(const struct dg_dual *dual, int32_t now_mg_dL)
{
    for (uint32_t steps = DG_DUAL_SLOPE_STEPS; steps > 0; steps--) {
        const int32_t then_mg_dL = dual->last_mg_dL[steps - 1U];

        if (then_mg_dL > 0) {
            const double per_step =
                (double)(now_mg_dL - then_mg_dL) / (double)steps;
            return (double)now_mg_dL + DG_DUAL_AHEAD_STEPS * per_step;
        }
    }
    return (double)now_mg_dL;
}

static void remember(struct dg_dual *dual, int32_t now_mg_dL)
{
    for (size_t i = DG_DUAL_SLOPE_STEPS - 1U; i > 0; i--) {
        dual->last_mg_dL[i] = dual->last_mg_dL[i - 1U];
    }
    dual->last_mg_dL[0] = now_mg_dL;
}

/* What the day's cap leaves of a dose, 0 if too little. */
static uint32_t glucagon_ug(const struct dg_dual *dual,
                            const struct dg_controller_input *input,
                            double predicted_mg_dL)
{
    const bool insulin = input->basal_mU > 0 || input->bolus_mU > 0;

    if (predicted_mg_dL >= DG_DUAL_BELOW_MG_DL ||
        dual->steps_since < DG_DUAL_INTERVAL_STEPS ||
        dual->day_ug >= DG_DUAL_DAY_UG_MAX ||
        (insulin && input->glucose_mg_dL >= DG_DUAL_LOW_MG_DL)) {
        return 0;
    }

    const double wanted_ug = DG_DUAL_UG_KG_MG_DL * dual->pid.person.weight_kg *
                             (DG_DUAL_TO_MG_DL - predicted_mg_dL);
    const uint32_t left_ug = DG_DUAL_DAY_UG_MAX - dual->day_ug;
    uint32_t dose_ug = wanted_ug < (double)DG_DUAL_DOSE_UG_MAX
                           ? (uint32_t)wanted_ug
                           : DG_DUAL_DOSE_UG_MAX;

    dose_ug = dose_ug < left_ug ? dose_ug : left_ug;
    return dose_ug >= DG_DUAL_DOSE_UG_MIN ? dose_ug : 0U;
}

static enum dg_status step(void *state,
                           const struct dg_controller_input *input,
                           struct dg_controller_output *output)
{
    struct dg_dual *const dual = state;
    uint32_t rate_mU_per_h = 0;

    *output = (struct dg_controller_output){
        .meal_bolus_mU = dg_pid_meal_mU(&dual->pid.person, input->carbs_g),
    };
    count_given(dual, input->glucagon_ug);
    if (dg_pid_step(&dual->pid, input, &rate_mU_per_h)) {
        const double predicted = predict_mg_dL(dual, input->glucose_mg_dL);

        output->temp_set = true;
        output->temp_minutes = DG_PID_TEMP_MIN;
        output->temp_mU_per_h =
            predicted < DG_DUAL_BELOW_MG_DL ? 0U : rate_mU_per_h;
        if (dual->pid.person.has_glucagon) {
            output->glucagon_ug = glucagon_ug(dual, input, predicted);
        }
    }
    if (output->glucagon_ug > 0) {
        dual->steps_since = 0;
    }
    remember(dual, input->glucose_mg_dL);
    return DG_OK;
}

const struct dg_controller dg_controller_dual = {
    .name = "dual",
    .title = "insulin by PID, glucagon in small doses",
    .uses_glucagon = true,
    .state_bytes = sizeof(struct dg_dual),
    .start = start,
    .step = step,
};
