/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/device_parts.h"

#include <stddef.h>
#include <string.h>

/* Arms of today: the caps of patient/trial/arm.c. */

static struct dg_trial_answer cut(struct dg_trial_answer answer,
                                  int32_t most_mU)
{
    if (answer.mU > most_mU) {
        answer.mU = (most_mU > 0) ? most_mU : 0;
        answer.rule = DG_TRIAL_RULE_SOLD;
    }
    return answer;
}

static struct dg_trial_answer within_caps(const struct dg_trial_device *device,
                                          const struct dg_trial_caps *caps,
                                          struct dg_trial_answer answer)
{
    const unsigned age = (unsigned)device->therapy.age_class;
    const int32_t iob_mU =
        dg_trial_windows_iob_mU(device->windows, device->lane);

    answer = cut(answer, caps->bolus_mU[age]);
    if (answer.tier != DG_TIER_AUTOMATIC) {
        return answer;
    }
    answer = cut(answer, caps->automatic_mU);
    if (caps->iob_mU[age] != DG_TRIAL_UNLIMITED) {
        answer = cut(answer, caps->iob_mU[age] - iob_mU);
    }
    if (caps->iob_in_boluses_permille != DG_TRIAL_UNLIMITED) {
        const int64_t most =
            ((int64_t)caps->bolus_mU[age] * caps->iob_in_boluses_permille) /
            DG_TRIAL_PERMILLE;

        answer = cut(answer, (int32_t)most - iob_mU);
    }
    if (caps->share_2_h_permille != DG_TRIAL_UNLIMITED) {
        /* Four hours are kept; two are within. */
        const int64_t most = ((int64_t)device->therapy.total_daily_dose.mU *
                              caps->share_2_h_permille) /
                             DG_TRIAL_PERMILLE;

        answer =
            cut(answer,
                (int32_t)most -
                    (device->windows->used[0][2][device->lane] * DG_PULSE_MU));
    }
    if (device->has_automatic && ((device->now.s - device->last_automatic.s) <
                                  (uint32_t)caps->automatic_s)) {
        answer = cut(answer, 0);
    }
    return answer;
}

struct dg_trial_answer dg_trial_sold(const struct dg_trial_device *device,
                                     int32_t mU,
                                     enum dg_tier tier,
                                     const struct dg_trial_asker *asker)
{
    const struct dg_trial_sold *product = device->arm->sold;
    struct dg_trial_answer answer = {mU, tier, DG_TRIAL_RULE_NONE};

    /* A phone that fell says of any dose that a person wanted it. */
    if (asker->is_compromised) {
        answer.tier = DG_TIER_CONFIRMED;
    } else {
        answer = within_caps(device, &product->app, answer);
    }
    answer = within_caps(device, &product->pump, answer);
    if (asker->is_all_or_none && (answer.mU < mU)) {
        answer.mU = 0;
    }
    return answer;
}

int32_t dg_trial_sold_rate(struct dg_trial_device *device,
                           int32_t rate,
                           const struct dg_trial_asker *asker)
{
    const struct dg_trial_sold *product = device->arm->sold;
    const struct dg_trial_caps *caps[2] = {&product->pump, &product->app};
    const unsigned age = (unsigned)device->therapy.age_class;
    const int32_t schedule = dg_trial_device_schedule(device);
    int32_t most = rate;

    for (unsigned i = 0U; i < (asker->is_compromised ? 1U : 2U); i++) {
        const int32_t multiple = caps[i]->basal_multiple_permille;

        most = dg_trial_least(most, caps[i]->basal_mU_per_h[age]);
        if (multiple != DG_TRIAL_UNLIMITED) {
            most = dg_trial_least(
                most,
                (int32_t)(((int64_t)schedule * multiple) / DG_TRIAL_PERMILLE));
        }
        if ((rate > schedule) && (caps[i]->iob_mU[age] != DG_TRIAL_UNLIMITED) &&
            (dg_trial_windows_iob_mU(device->windows, device->lane) >=
             caps[i]->iob_mU[age])) {
            most = dg_trial_least(most, schedule);
        }
        if ((caps[i]->pause_below_mg_dL > 0) && (device->reading_mg_dL > 0) &&
            (device->reading_mg_dL < caps[i]->pause_below_mg_dL)) {
            most = 0;
        }
    }
    if (most < rate) {
        device->tally->refusals[DG_TRIAL_RULE_SOLD]++;
        device->rule = DG_TRIAL_RULE_SOLD;
    }
    return most;
}
