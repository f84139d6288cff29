/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/reservoir.h"
#include "patient/trial/device_parts.h"

/* E10: what is left, against what was counted.  The mechanism may move more or
 * less than it counts, and the reading of what is left may lie. */

/* As core/reservoir.c has them. */
#define SHIPPED_BASE  20
#define SHIPPED_SHARE 50 /* permille */

/* A person hears the alarm and changes reservoir and set; ours. */
#define CHANGED_AFTER_S 3600U

void dg_trial_reservoir_fill(struct dg_trial_device *device)
{
    device->reservoir = DG_TRIAL_RESERVOIR_PULSES;
    device->left_mU = (int32_t)DG_TRIAL_RESERVOIR_PULSES * DG_PULSE_MU;
}

static int32_t allowed(int32_t used, int32_t base, int32_t share)
{
    return base + (int32_t)(((int64_t)used * share) / DG_TRIAL_PERMILLE);
}

/* The core's verdict.  A tolerance that is wider by so much says what the
 * shipped one says when so much less is missing. */
static bool adds_up(const struct dg_trial_device *device, int32_t reading_mU)
{
    const struct dg_trial_change *change = &device->arm->change;
    const int32_t filled = (int32_t)DG_TRIAL_RESERVOIR_PULSES;
    const int32_t used = filled - (int32_t)device->reservoir;
    int32_t left = (reading_mU < 0) ? 0 : (reading_mU / DG_PULSE_MU);

    if (dg_trial_is_changed(change, DG_TRIAL_LIMIT_E10_BASE) ||
        dg_trial_is_changed(change, DG_TRIAL_LIMIT_E10_SHARE)) {
        const int32_t apart = used + left - filled;
        const int32_t off =
            ((apart < 0) ? -apart : apart) +
            allowed(used, SHIPPED_BASE, SHIPPED_SHARE) -
            allowed(used,
                    dg_trial_change_of(change, DG_TRIAL_LIMIT_E10_BASE) /
                        DG_PULSE_MU,
                    dg_trial_change_of(change, DG_TRIAL_LIMIT_E10_SHARE));

        left = filled - used + ((off > 0) ? off : 0);
    }
    return dg_reservoir_is_within(
        (uint32_t)filled, (uint32_t)used, (uint32_t)left);
}

void dg_trial_reservoir_check(struct dg_trial_device *device,
                              int32_t moved_mU,
                              int32_t lie_mU)
{
    device->left_mU -= moved_mU;
    if (device->left_mU < 0) {
        device->left_mU = 0;
    }
    if (!dg_trial_is_guarded(device)) {
        return;
    }
    if (adds_up(device, device->left_mU + lie_mU)) {
        device->is_off = false;
        return;
    }
    if (!device->is_off) {
        device->is_off = true;
        device->off_at = device->now;
        device->tally->alarms++;
    } else if ((device->now.s - device->off_at.s) >= CHANGED_AFTER_S) {
        dg_trial_reservoir_fill(device);
        device->is_off = false;
        device->is_mended = true;
    }
}
