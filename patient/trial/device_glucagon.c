/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/device_parts.h"

#include <stddef.h>
#include <string.h>

static void glucagon_view(const struct dg_trial_device *device,
                          struct dg_glucagon_view *view)
{
    memset(view, 0, sizeof *view);
    view->now = device->now;
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            const uint32_t first =
                (device->now.s - dg_window_s((enum dg_window)window)) /
                DG_BIN_S;

            view->used_ug[tier][window] =
                (int32_t)dg_bins_since(
                    &device->glucagon, first, (enum dg_tier)tier) *
                DG_GLUCAGON_STEP_UG;
        }
    }
    view->has_dose = device->has_glucagon;
    view->last_dose = device->last_glucagon;
    view->has_glucose = dg_trial_is_trusted(device);
    view->glucose = device->glucose.value;
    view->glucose_at = device->glucose.at;
    view->insulin_mU = device->windows->used[0][0][device->lane] * DG_PULSE_MU;
}

static uint32_t guarded_ug(const struct dg_trial_device *device,
                           uint32_t ug,
                           bool is_all_or_none)
{
    struct dg_glucagon_view view;
    struct dg_glucagon_decision decision;

    glucagon_view(device, &view);
    if (dg_glucagon_decide(&device->glucagon_limits,
                           &view,
                           (dg_glucagon){(int32_t)ug},
                           DG_TIER_AUTOMATIC,
                           &decision) != DG_OK) {
        return 0U;
    }
    if (decision.verdict == DG_VERDICT_ALLOW) {
        return ug;
    }

    const dg_glucagon left = decision.headroom;

    if (is_all_or_none || (left.ug <= 0) ||
        (dg_glucagon_decide(&device->glucagon_limits,
                            &view,
                            left,
                            DG_TIER_AUTOMATIC,
                            &decision) != DG_OK) ||
        (decision.verdict != DG_VERDICT_ALLOW)) {
        return 0U;
    }
    return (uint32_t)left.ug;
}

uint32_t dg_trial_device_glucagon(struct dg_trial_device *device,
                                  uint32_t ug,
                                  bool is_all_or_none)
{
    const uint32_t asked = ((ug > DG_EFFECT_UG_MAX) ? DG_EFFECT_UG_MAX : ug) /
                           DG_GLUCAGON_STEP_UG * DG_GLUCAGON_STEP_UG;

    if (asked == 0U) {
        return 0U;
    }
    dg_bins_advance(&device->glucagon, device->now.s / DG_BIN_S);

    uint32_t given = dg_trial_is_guarded(device)
                         ? guarded_ug(device, asked, is_all_or_none)
                         : asked;

    given = (given < device->chamber_ug) ? given : device->chamber_ug;
    if (given < asked) {
        device->tally->refusals[DG_TRIAL_RULE_E8]++;
        device->rule = DG_TRIAL_RULE_E8;
    }
    if (given > 0U) {
        dg_bins_add(
            &device->glucagon, DG_TIER_AUTOMATIC, given / DG_GLUCAGON_STEP_UG);
        device->chamber_ug -= given;
        device->has_glucagon = true;
        device->last_glucagon = device->now;
        device->ug += given;
        device->tally->glucagon_ug += given;
    }
    return given;
}
