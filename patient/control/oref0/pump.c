/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/pump.h"

#include "patient/control/oref0/number.h"

/* A running temp stays if it lasts at least so much less than the wanted one,
 * at most so long at all, and its rate is within a fifth. */
#define KEEP_SHORTER_MIN 10.0
#define KEEP_MIN_MAX     120.0
#define KEEP_LOW         0.8
#define KEEP_HIGH        1.2

double dg_oref0_pump_rate(const struct dg_oref0_profile *profile, double rate)
{
    double per_unit = 20.0;

    if (rate < 1.0) {
        per_unit = profile->fine_steps ? 40.0 : 20.0;
    } else if (!(rate < 10.0)) {
        per_unit = 10.0;
    }
    return dg_oref0_round(rate * per_unit) / per_unit;
}

double dg_oref0_safe_rate(const struct dg_oref0_profile *profile)
{
    const double daily =
        dg_oref0_or(profile->max_daily_safety_multiplier, 3.0) *
        profile->max_daily_basal;
    const double current =
        dg_oref0_or(profile->current_basal_safety_multiplier, 4.0) *
        profile->current_basal;

    return dg_oref0_min(dg_oref0_min(profile->max_basal, daily), current);
}

bool dg_oref0_set_temp(const struct dg_oref0_profile *profile,
                       const struct dg_oref0_temp *running,
                       struct dg_oref0_temp wanted,
                       struct dg_oref0_temp *asked)
{
    const double most = dg_oref0_safe_rate(profile);
    double limited = wanted.rate;

    if (limited < 0.0) {
        limited = 0.0;
    } else if (limited > most) {
        limited = most;
    }

    const double rate = dg_oref0_pump_rate(profile, limited);

    if (wanted.minutes > 0.0 &&
        running->minutes > wanted.minutes - KEEP_SHORTER_MIN &&
        running->minutes <= KEEP_MIN_MAX && rate <= running->rate * KEEP_HIGH &&
        rate >= running->rate * KEEP_LOW) {
        return false;
    }
    if (rate == profile->current_basal && profile->skip_neutral_temps) {
        if (!(running->minutes > 0.0)) {
            return false;
        }
        *asked = (struct dg_oref0_temp){.rate = 0.0, .minutes = 0.0};
        return true;
    }
    *asked = (struct dg_oref0_temp){.rate = rate, .minutes = wanted.minutes};
    return true;
}
