/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/pid.h"

#define MINUTES_PER_DAY 1440U
#define STEPS_PER_HOUR  12.0
#define STEP_MIN        5.0

static double within(double value, double least, double most)
{
    if (value < least) {
        return least;
    }
    return value > most ? most : value;
}

void dg_pid_start(struct dg_pid *pid, const struct dg_controller_person *person)
{
    const double basal = (double)person->basal[0].mU_per_h / 1000.0;

    *pid = (struct dg_pid){
        .person = *person,
        .kp = person->tdd_U / DG_PID_KP_DIVISOR,
        .integral = basal,
        .depot = basal,
        .plasma = basal,
        .effect = basal,
    };
}

/* The lags in series, fed with what was really given since the last step. */
static void feed_back(struct dg_pid *pid,
                      const struct dg_controller_input *input)
{
    const double given = ((double)input->basal_mU + (double)input->bolus_mU) *
                         STEPS_PER_HOUR / 1000.0;

    pid->effect += DG_PID_LAG_E * (pid->plasma - pid->effect);
    pid->plasma += DG_PID_LAG_P * (pid->depot - pid->plasma);
    pid->depot += DG_PID_LAG_S * (given - pid->depot);
}

static double integral_minutes(uint32_t minute)
{
    const uint32_t today = minute % MINUTES_PER_DAY;

    return today >= DG_PID_NIGHT_FROM_MIN || today < DG_PID_NIGHT_BEFORE_MIN
               ? DG_PID_TI_NIGHT_MIN
               : DG_PID_TI_DAY_MIN;
}

bool dg_pid_step(struct dg_pid *pid,
                 const struct dg_controller_input *input,
                 uint32_t *rate_mU_per_h)
{
    /* Before the first step nothing was given since one. */
    if (input->minute >= DG_CONTROLLER_STEP_MIN) {
        feed_back(pid, input);
    }

    const int32_t before = pid->last_mg_dL;
    const int32_t now = input->glucose_mg_dL;

    pid->last_mg_dL = now;
    if (now <= 0) {
        return false;
    }

    const double basal =
        (double)dg_controller_basal_mU_per_h(&pid->person, input->minute) /
        1000.0;
    const double error =
        (double)now - (pid->person.target_mg_dL > DG_PID_TARGET_LEAST
                           ? pid->person.target_mg_dL
                           : DG_PID_TARGET_LEAST);
    const double slope =
        before > 0 ? (double)(now - before) / STEP_MIN : 0.0; /* per minute */
    const double proportional = pid->kp * error;
    const double derivative = pid->kp * DG_PID_TD_MIN * slope;

    if (now >= DG_PID_SUSPEND_MG_DL || error < 0.0) {
        const double grown =
            pid->integral +
            proportional * STEP_MIN / integral_minutes(input->minute);
        pid->integral = within(grown, 0.0, DG_PID_INTEGRAL_MAX * basal);
    }

    const double sum = proportional + pid->integral + derivative;
    const double gain =
        1.0 + DG_PID_FEEDBACK_S + DG_PID_FEEDBACK_P + DG_PID_FEEDBACK_E;
    double rate = gain * sum - DG_PID_FEEDBACK_S * pid->depot -
                  DG_PID_FEEDBACK_P * pid->plasma -
                  DG_PID_FEEDBACK_E * pid->effect;

    rate = within(rate, 0.0, DG_PID_RATE_MAX * basal);
    *rate_mU_per_h =
        now < DG_PID_SUSPEND_MG_DL ? 0U : (uint32_t)(rate * 1000.0);
    return true;
}

uint32_t dg_pid_meal_mU(const struct dg_controller_person *person,
                        uint32_t carbs_g)
{
    const double dose_mU =
        DG_PID_MEAL_PART * (double)carbs_g / person->cr_g_U * 1000.0;

    return dose_mU < (double)DG_CONTROLLER_BOLUS_MU_MAX
               ? (uint32_t)dose_mU
               : DG_CONTROLLER_BOLUS_MU_MAX;
}

static enum dg_status start(void *state,
                            const struct dg_controller_person *person)
{
    dg_pid_start(state, person);
    return DG_OK;
}

static enum dg_status step(void *state,
                           const struct dg_controller_input *input,
                           struct dg_controller_output *output)
{
    struct dg_pid *const pid = state;

    *output = (struct dg_controller_output){
        .meal_bolus_mU = dg_pid_meal_mU(&pid->person, input->carbs_g),
    };
    if (dg_pid_step(pid, input, &output->temp_mU_per_h)) {
        output->temp_set = true;
        output->temp_minutes = DG_PID_TEMP_MIN;
    }
    return DG_OK;
}

const struct dg_controller dg_controller_pid = {
    .name = "pid",
    .title = "PID with insulin feedback, meals announced",
    .state_bytes = sizeof(struct dg_pid),
    .start = start,
    .step = step,
};
