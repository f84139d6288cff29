/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/bench.h"

#include <stddef.h>

/* What an attacker does at each step. */

#define DAY_MIN 1440U

bool dg_trial_is_under_way(const struct dg_trial_bench *bench, uint32_t minute)
{
    if (bench->scenario->attack == DG_TRIAL_OS_UPDATE) {
        const uint32_t length = bench->end - bench->start;
        const uint32_t since =
            (minute + DAY_MIN - (bench->start % DAY_MIN)) % DAY_MIN;

        return (minute >= bench->start) && (since < length);
    }
    return (minute >= bench->start) && (minute < bench->end);
}

/* The largest dose by the way that gives most: alone, or in the name of a
 * person where the phone's word is enough. */
static void take_most(struct dg_trial_device *device)
{
    const struct dg_trial_asker asker = {.is_hostile = true,
                                         .is_compromised = true};
    const int32_t alone =
        dg_trial_device_most(device, DG_TIER_AUTOMATIC, &asker);
    enum dg_tier tier = DG_TIER_AUTOMATIC;

    if (device->phone->confirms_alone &&
        (dg_trial_device_most(device, DG_TIER_CONFIRMED, &asker) > alone)) {
        tier = DG_TIER_CONFIRMED;
    }
    (void)dg_trial_device_dose(device, DG_TRIAL_OVERDOSE_MU, tier, &asker);
}

static bool is_falling(const struct dg_trial_around *around, int32_t reading)
{
    return (reading > 0) && (around->before_mg_dL > 0) &&
           (reading < DG_TRIAL_STRIKE_MG_DL) &&
           (reading < around->before_mg_dL);
}

/* One hostile step of one person. */
struct strike {
    const struct dg_trial_bench *bench;
    struct dg_trial_around *around;
    struct dg_trial_device *device;
    uint32_t minute;
    int32_t reading; /* true */
};

/* Takes all that it asks for or nothing: it knows no headroom. */
static void blunt(const struct strike *strike, int32_t mU)
{
    const struct dg_trial_asker asker = {
        .is_hostile = true, .is_compromised = true, .is_all_or_none = true};

    (void)dg_trial_device_dose(strike->device, mU, DG_TIER_AUTOMATIC, &asker);
}

static void at_once(const struct strike *strike)
{
    blunt(strike, DG_TRIAL_OVERDOSE_MU);
}

static void greedy(const struct strike *strike)
{
    take_most(strike->device);
}

static void patient(const struct strike *strike)
{
    struct dg_trial_around *around = strike->around;

    around->is_struck =
        around->is_struck || is_falling(around, strike->reading);
    if (around->is_struck) {
        take_most(strike->device);
    }
}

static void slow(const struct strike *strike)
{
    const int64_t daily_mU = strike->device->therapy.total_daily_dose.mU;

    if ((((strike->minute - strike->bench->start) * 60U) % DG_TRIAL_SLOW_S) ==
        0U) {
        blunt(strike, (int32_t)((daily_mU * DG_TRIAL_SLOW_PERMILLE) / 1000));
    }
}

static void withhold(const struct strike *strike)
{
    dg_trial_device_temp(strike->device, 0, 30U);
}

static void drain(const struct strike *strike)
{
    (void)dg_trial_device_glucagon(strike->device, DG_TRIAL_GLUCAGON_UG, true);
}

static void drain_most(const struct strike *strike)
{
    (void)dg_trial_device_glucagon(strike->device, DG_TRIAL_GLUCAGON_UG, false);
}

/* E9: pressed once by somebody who believed the phone's screen. */
static void raise_schedule(const struct strike *strike)
{
    dg_trial_device_reprogram(strike->device, 1);
}

static void lower_schedule(const struct strike *strike)
{
    dg_trial_device_reprogram(strike->device, -1);
}

static void loosen(const struct strike *strike)
{
    const struct dg_trial_device *device = strike->device;
    const uint32_t delay_min =
        (uint32_t)dg_trial_change_of(&device->arm->change,
                                     DG_TRIAL_LIMIT_E9_DELAY) *
        60U;

    if (strike->minute == (strike->bench->start + delay_min)) {
        dg_trial_device_loosen(strike->device);
    }
    take_most(strike->device);
}

/* What is done at each step that is under way; what is not here acts by what
 * the phone sees, sends again or fails to do. */
static void (*const acts[DG_TRIAL_ATTACKS])(const struct strike *strike) = {
    [DG_TRIAL_OVERDOSE] = at_once,
    [DG_TRIAL_OVERDOSE_WORST] = greedy,
    [DG_TRIAL_STRIKE_WORST] = patient,
    [DG_TRIAL_SLOW] = slow,
    [DG_TRIAL_SUSPEND] = withhold,
    [DG_TRIAL_SUSPEND_WORST] = withhold,
    [DG_TRIAL_GLUCAGON] = drain,
    [DG_TRIAL_GLUCAGON_WORST] = drain_most,
    [DG_TRIAL_BASAL_OVER] = raise_schedule,
    [DG_TRIAL_BASAL_UNDER] = lower_schedule,
    [DG_TRIAL_LOOSEN] = loosen,
};

void dg_trial_strike(struct dg_trial_bench *bench,
                     unsigned lane,
                     uint32_t minute,
                     int32_t reading)
{
    const struct strike strike = {
        bench, &bench->around[lane], &bench->device[lane], minute, reading};

    if ((acts[bench->scenario->attack] != NULL) &&
        dg_trial_is_under_way(bench, minute)) {
        acts[bench->scenario->attack](&strike);
    }
}
