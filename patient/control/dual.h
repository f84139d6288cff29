/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_DUAL_H
#define DG_PATIENT_CONTROL_DUAL_H

#include "patient/control/pid.h"

/* Two hormones: insulin by the PID controller, glucagon by a proportional and
 * derivative rule in small doses, coordinated as Herrero et al. describe
 * (PMC6522378).  Rules and sizes are ours (no bionic pancreas publishes its
 * numbers):
 *
 *   - glucose is predicted 20 minutes ahead along the slope of the last 15;
 *   - below 80 mg/dL (predicted) insulin stops;
 *   - below 80 mg/dL (predicted) a dose of glucagon is
 *     0.025 ug/kg per mg/dL that the prediction lies below 90, 100 ug at
 *     most, and none below 5 ug;
 *   - no glucagon while insulin was given in the last step, unless glucose is
 *     below 70 mg/dL now;
 *   - none within 15 minutes of the last, and at most 1 mg in any 24 h
 *     (the day's cap of dual-hormone studies, 10.1177/1932296819879093). */

#define DG_DUAL_AHEAD_STEPS    4.0
#define DG_DUAL_BELOW_MG_DL    80.0
#define DG_DUAL_TO_MG_DL       90.0
#define DG_DUAL_LOW_MG_DL      70
#define DG_DUAL_UG_KG_MG_DL    0.025
#define DG_DUAL_DOSE_UG_MAX    100U
#define DG_DUAL_DOSE_UG_MIN    5U
#define DG_DUAL_INTERVAL_STEPS 3U
#define DG_DUAL_DAY_UG_MAX     1000U
#define DG_DUAL_STEPS_PER_DAY  288U
#define DG_DUAL_SLOPE_STEPS    3U

struct dg_dual {
    struct dg_pid pid;
    int32_t last_mg_dL[DG_DUAL_SLOPE_STEPS];  /* newest first, 0 = missing    */
    uint16_t given_ug[DG_DUAL_STEPS_PER_DAY]; /* ring of the last day        */
    uint32_t given_at;    /* where the next goes                              */
    uint32_t day_ug;      /* sum of the ring                                  */
    uint32_t steps_since; /* since a dose was asked or given                 */
};

extern const struct dg_controller dg_controller_dual;

#endif
