/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_PUMP_H
#define DG_PATIENT_CONTROL_OREF0_PUMP_H

#include "patient/control/oref0/profile.h"

/* What a pump can run, and how a temporary basal rate is asked for. */

/* A temporary basal rate, running or asked; both absent if not known. */
struct dg_oref0_temp {
    double rate;    /* U/h                                                   */
    double minutes; /* left of it, or for so long; 0 and 0: none, or cancel  */
};

/**
 * Round to a rate that the pump knows: steps of 0.05 U/h below 10 (0.025 below
 * 1 where profile.fine_steps), then 0.1.
 *
 * @param[in] profile  The settings.
 * @param     rate     U/h, any.
 *
 * @return U/h; the step follows from the rate before rounding.
 */
double dg_oref0_pump_rate(const struct dg_oref0_profile *profile, double rate);

/**
 * Give the highest temporary rate that the settings allow.
 *
 * @param[in] profile  The settings; an absent multiplier counts 3 (of the
 *                     day's highest rate) or 4 (of the current one).
 *
 * @return U/h, not computable if a rate is absent.
 */
double dg_oref0_safe_rate(const struct dg_oref0_profile *profile);

/**
 * Ask for a temporary rate, unless the pump runs much the same already.
 *
 * The rate is first limited and then rounded, in this order, so that it may
 * end up to half a step above dg_oref0_safe_rate(); the original does so.
 *
 * @param[in]  profile  The settings.
 * @param[in]  running  What runs now.
 * @param      wanted   Rate and length; 0 and 0 cancels.
 * @param[out] asked    What to send; unchanged when the result is false.
 *
 * @retval true   Send it.
 * @retval false  Leave the pump as it is.
 */
bool dg_oref0_set_temp(const struct dg_oref0_profile *profile,
                       const struct dg_oref0_temp *running,
                       struct dg_oref0_temp wanted,
                       struct dg_oref0_temp *asked);

#endif
