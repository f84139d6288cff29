/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/profile.h"

#include "patient/control/oref0/number.h"

void dg_oref0_profile_defaults(struct dg_oref0_profile *profile)
{
    *profile = (struct dg_oref0_profile){
        .dia = DG_OREF0_ABSENT,
        .curve = DG_OREF0_RAPID,
        .curve_is_exact = true,
        .insulin_peak_time = 75.0,
        .suspend_zeros_iob = true,
        .current_basal = DG_OREF0_ABSENT,
        .max_daily_basal = DG_OREF0_ABSENT,
        .sens = DG_OREF0_ABSENT,
        .carb_ratio = DG_OREF0_ABSENT,
        .min_bg = DG_OREF0_ABSENT,
        .max_bg = DG_OREF0_ABSENT,
        .max_iob = 0.0,
        .max_basal = DG_OREF0_ABSENT,
        .max_daily_safety_multiplier = 3.0,
        .current_basal_safety_multiplier = 4.0,
        .autosens_max = 1.2,
        .noisy_cgm_target_multiplier = 1.3,
        .sensitivity_raises_target = true,
        .half_basal_exercise_target = 160.0,
        .max_cob = 120.0,
        .min_5m_carbimpact = 8.0,
        .remaining_carbs_cap = 90.0,
        .remaining_carbs_fraction = 1.0,
        .carbs_req_threshold = 1.0,
        .enable_uam = true,
        .a52_risk_enable = DG_OREF0_NO,
        .enable_smb_high_bg_target = 110.0,
        .max_smb_basal_minutes = 30.0,
        .max_uam_smb_basal_minutes = 30.0,
        .smb_interval = 3.0,
        .bolus_increment = 0.1,
        .max_delta_bg_threshold = 0.2,
    };
}

double dg_oref0_scheduled_rate(const struct dg_oref0_profile *profile,
                               double minute)
{
    const struct dg_oref0_schedule *const basal = &profile->basal;

    if (basal->count == 0) {
        return profile->current_basal;
    }
    for (size_t i = 0; i + 1 < basal->count; i++) {
        if (minute >= basal->entry[i].minute &&
            minute < basal->entry[i + 1].minute) {
            return dg_oref0_round3(basal->entry[i].rate);
        }
    }
    return dg_oref0_round3(basal->entry[basal->count - 1].rate);
}
