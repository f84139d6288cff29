/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_PLAUSIBLE_CORE_H
#define DG_PATIENT_TRIAL_PLAUSIBLE_CORE_H

/* Before core/glucose.c, when it is compiled for trials: see plausible.h. */

#define dg_glucose_start      dg_trial_glucose_start
#define dg_glucose_meet       dg_trial_glucose_meet
#define dg_glucose_ahead_s    dg_trial_glucose_ahead_s
#define dg_glucose_take       dg_trial_glucose_take
#define dg_glucose_is_suspect dg_trial_glucose_is_suspect
#define dg_glucose_is_trusted dg_trial_glucose_is_trusted
#define dg_glucose_is_low     dg_trial_glucose_is_low
#define dg_glucose_bound      dg_trial_glucose_bound

#include "patient/trial/plausible.h"

/* As shipped. */
enum {
    NOISE_MG_DL = DG_GLUCOSE_NOISE_MG_DL,
    CONE_S = DG_GLUCOSE_CONE_S,
    FALL_PER_MIN = DG_GLUCOSE_FALL_PER_MIN,
    RISE_PER_MIN = DG_GLUCOSE_RISE_PER_MIN,
    DIP_MG_DL = DG_GLUCOSE_DIP_MG_DL,
    PERIOD_S = DG_GLUCOSE_PERIOD_S,
};

/* How long DG_GLUCOSE_STREAK readings take, less what two clocks may drift. */
_Static_assert(DG_GLUCOSE_SETTLE_S ==
                   ((DG_GLUCOSE_STREAK - 1U) * DG_GLUCOSE_PERIOD_S) - 60U,
               "the same rule for other numbers");

#undef DG_GLUCOSE_NOISE_MG_DL
#undef DG_GLUCOSE_CONE_S
#undef DG_GLUCOSE_FALL_PER_MIN
#undef DG_GLUCOSE_RISE_PER_MIN
#undef DG_GLUCOSE_DIP_MG_DL
#undef DG_GLUCOSE_FLAT_S
#undef DG_GLUCOSE_STREAK
#undef DG_GLUCOSE_SETTLE_S

#define OF_SHIPPED(bound) \
    (((int32_t)(bound)*dg_trial_plausible.movement_percent) / 100)

#define DG_GLUCOSE_NOISE_MG_DL OF_SHIPPED(NOISE_MG_DL)
/* Seconds for a mg/dL: the inverse. */
#define DG_GLUCOSE_CONE_S \
    (((int32_t)CONE_S * 100) / dg_trial_plausible.movement_percent)
#define DG_GLUCOSE_FALL_PER_MIN OF_SHIPPED(FALL_PER_MIN)
#define DG_GLUCOSE_RISE_PER_MIN OF_SHIPPED(RISE_PER_MIN)
#define DG_GLUCOSE_DIP_MG_DL    OF_SHIPPED(DIP_MG_DL)
#define DG_GLUCOSE_FLAT_S       (dg_trial_plausible.flat_s)
#define DG_GLUCOSE_STREAK       (dg_trial_plausible.streak)
#define DG_GLUCOSE_SETTLE_S            \
    ((dg_trial_plausible.streak <= 1U) \
         ? 0U                          \
         : (((dg_trial_plausible.streak - 1U) * (uint32_t)PERIOD_S) - 60U))

#endif
