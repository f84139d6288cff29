/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/device_parts.h"
#include "patient/trial/plausible.h"

/* What the device believes of glucose: by the core, with the bounds that it
 * ships or with those of the arm. */

_Thread_local struct dg_trial_plausible dg_trial_plausible;

/* The bounds of the arm are in force, if it has any of its own. */
static bool has_own(const struct dg_trial_device *device)
{
    const struct dg_trial_change *change = &device->arm->change;

    if (!dg_trial_is_changed(change, DG_TRIAL_LIMIT_E4_MOVEMENT) &&
        !dg_trial_is_changed(change, DG_TRIAL_LIMIT_E4_FLAT) &&
        !dg_trial_is_changed(change, DG_TRIAL_LIMIT_E4_STREAK)) {
        return false;
    }
    dg_trial_plausible = (struct dg_trial_plausible){
        .movement_percent =
            dg_trial_change_of(change, DG_TRIAL_LIMIT_E4_MOVEMENT),
        .flat_s = (uint32_t)dg_trial_change_of(change, DG_TRIAL_LIMIT_E4_FLAT),
        .streak =
            (uint32_t)dg_trial_change_of(change, DG_TRIAL_LIMIT_E4_STREAK)};
    return true;
}

void dg_trial_believe(struct dg_trial_device *device,
                      const struct dg_reading *reading,
                      const struct dg_glucose_context *context)
{
    if (has_own(device)) {
        dg_trial_glucose_take(&device->glucose, reading, context);
    } else {
        dg_glucose_take(&device->glucose, reading, context);
    }
}

bool dg_trial_is_trusted(const struct dg_trial_device *device)
{
    return has_own(device) ? dg_trial_glucose_is_trusted(&device->glucose)
                           : dg_glucose_is_trusted(&device->glucose);
}

bool dg_trial_is_low(const struct dg_trial_device *device)
{
    const uint32_t age_s_max = (uint32_t)device->limits.glucose_age_s_max;
    const dg_glucose floor = {device->limits.floor_mg_dL};

    return has_own(device)
               ? dg_trial_glucose_is_low(
                     &device->glucose, device->now, age_s_max, floor)
               : dg_glucose_is_low(
                     &device->glucose, device->now, age_s_max, floor);
}
