/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_CONTROLLER_H
#define DG_PATIENT_CONTROL_OREF0_CONTROLLER_H

#include "patient/control/controller.h"

/* The rig around the oref0-compatible decision: it keeps readings, pump
 * history and meals, and asks once per step.
 *
 * Settings that oref0 leaves to the person, and ours for virtual ones:
 *   - micro-boluses always, unannounced meals counted (enableSMB_always,
 *     enableUAM), steps of 0.05 U as the device's pulse;
 *   - max_iob = TDD/6 + 3 x the highest basal rate: a usual meal's bolus and
 *     three hours of basal, as AndroidAPS' manual advises (not verified);
 *   - max_basal = 4 x the highest basal rate: the multiplier for the current
 *     rate is oref0's own and binds first;
 *   - insulin of six hours, rapid-acting, peak 75 minutes;
 *   - no autosens: its ratio is 1.
 * The person takes carbs / CR for each announced meal. */

#define DG_OREF0_DIA_H 6.0

extern const struct dg_controller dg_controller_oref0;

#endif
