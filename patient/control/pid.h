/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_PID_H
#define DG_PATIENT_CONTROL_PID_H

#include "patient/control/controller.h"

/* Proportional, integral, derivative control of the basal rate with insulin
 * feedback, as Steil and Palerm describe it (PMC3262700, PMC3876382):
 *
 *     PID = Kp [(G - target) + 1/TI integral of (G - target) + TD dG/dt]
 *     u   = (1 + g1 + g2 + g3) PID - g1 I_S - g2 I_P - g3 I_E
 *
 * I_S, I_P, I_E are the insulin delivered (U/h) behind one, two and three
 * first-order lags, so that a steady rate is neither raised nor lowered by the
 * feedback.  The integral term begins at the scheduled basal rate: at target u
 * is that rate.  Meals are announced, and get most of carbs / CR: the rest
 * comes by the rate, which would answer the same meal again otherwise (hybrid).
 *
 * Ours, not the authors': the size of Kp, the bounds of the integral, the part
 * of a meal, the suspension below 70 mg/dL.  They were tuned on virtual people
 * until lows met the consensus in three models (docs/controllers.md). */

/* Gains of the feedback. source: PMC3876382; not verified
 * against the full text. */
#define DG_PID_FEEDBACK_S 0.64935
#define DG_PID_FEEDBACK_P 0.34128
#define DG_PID_FEEDBACK_E 0.0093667

/* Minutes. source: Steil, as above; night is 22:00 to 06:00. */
#define DG_PID_TI_DAY_MIN       450.0
#define DG_PID_TI_NIGHT_MIN     150.0
#define DG_PID_TD_MIN           66.0
#define DG_PID_NIGHT_FROM_MIN   1320U
#define DG_PID_NIGHT_BEFORE_MIN 360U

/* 1 - exp(-5/tau) for lags of 70, 55 and 70 minutes and a step of 5. */
#define DG_PID_LAG_S 0.0689372202959773
#define DG_PID_LAG_P 0.0868992837177377
#define DG_PID_LAG_E 0.0689372202959773

/* Kp = TDD / this, in U/h per mg/dL: with ISF = 1800/TDD the proportional
 * term alone gives what a deviation needs in four hours. */
#define DG_PID_KP_DIVISOR 7200.0

/* The set-point is the person's, and not below this. source: Steil, as above. */
#define DG_PID_TARGET_LEAST 120.0

/* Of the bolus that carbohydrate asks for. */
#define DG_PID_MEAL_PART 0.8

/* Bounds, in multiples of the scheduled basal rate. */
#define DG_PID_RATE_MAX     4.0
#define DG_PID_INTEGRAL_MAX 1.5

/* Below it no basal at all, and the integral does not grow. */
#define DG_PID_SUSPEND_MG_DL 70

#define DG_PID_TEMP_MIN 30U /* so long a rate lasts if nobody renews it      */

struct dg_pid {
    struct dg_controller_person person;
    double kp;          /* U/h per mg/dL                                    */
    double integral;    /* U/h, its whole term                              */
    double depot;       /* I_S, U/h                                         */
    double plasma;      /* I_P, U/h                                         */
    double effect;      /* I_E, U/h                                         */
    int32_t last_mg_dL; /* the reading before, 0 if it was missing          */
};

extern const struct dg_controller dg_controller_pid;

/**
 * Begin with a person.
 *
 * @param[out] pid     The state.
 * @param[in]  person  In range.
 */
void dg_pid_start(struct dg_pid *pid,
                  const struct dg_controller_person *person);

/**
 * Take the step; the feedback runs also where a reading is missing.
 *
 * @param[in,out] pid          A state that was started.
 * @param[in]     input        What is known.
 * @param[out]    rate_mU_per_h  Basal to run, rounded down; unchanged when
 *                             the result is false.
 *
 * @retval true   There is a reading: set the rate.
 * @retval false  There is none: leave the pump as it is.
 */
bool dg_pid_step(struct dg_pid *pid,
                 const struct dg_controller_input *input,
                 uint32_t *rate_mU_per_h);

/**
 * Count the bolus for a meal: DG_PID_MEAL_PART of carbs / CR, nothing else.
 *
 * @param[in] person   In range.
 * @param     carbs_g  As announced.
 *
 * @return mU, rounded down, at most DG_CONTROLLER_BOLUS_MU_MAX.
 */
uint32_t dg_pid_meal_mU(const struct dg_controller_person *person,
                        uint32_t carbs_g);

#endif
