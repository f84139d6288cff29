/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/change.h"

#include <string.h>

#define WHOLE 100 /* % */

/* clang-format off */
static const struct dg_trial_limit_row rows[DG_TRIAL_LIMITS] = {
    [DG_TRIAL_LIMIT_E1_AUTOMATIC] = {
        "e1_automatic", "%", 5, 400, WHOLE, "one automatic dose, and 5 min of them" },
    [DG_TRIAL_LIMIT_E1_CONFIRMED] = {
        "e1_confirmed", "%", 5, 400, WHOLE, "one confirmed dose, and 5 min of them" },
    [DG_TRIAL_LIMIT_E1_PRESENT] = {
        "e1_present", "%", 5, 400, WHOLE, "one dose at the device, and 5 min of all" },
    [DG_TRIAL_LIMIT_E2_AUTOMATIC_1_H] = {
        "e2_automatic_1h", "%", 5, 400, WHOLE, "automatic doses in 1 h" },
    [DG_TRIAL_LIMIT_E2_AUTOMATIC_4_H] = {
        "e2_automatic_4h", "%", 5, 400, WHOLE, "automatic doses in 4 h" },
    [DG_TRIAL_LIMIT_E2_AUTOMATIC_24_H] = {
        "e2_automatic_24h", "%", 5, 400, WHOLE, "automatic doses in 24 h" },
    [DG_TRIAL_LIMIT_E2_CONFIRMED_1_H] = {
        "e2_confirmed_1h", "%", 5, 400, WHOLE, "automatic and confirmed doses in 1 h" },
    [DG_TRIAL_LIMIT_E2_CONFIRMED_4_H] = {
        "e2_confirmed_4h", "%", 5, 400, WHOLE, "automatic and confirmed doses in 4 h" },
    [DG_TRIAL_LIMIT_E2_CONFIRMED_24_H] = {
        "e2_confirmed_24h", "%", 5, 400, WHOLE, "automatic and confirmed doses in 24 h" },
    [DG_TRIAL_LIMIT_E2_TOTAL_1_H] = {
        "e2_total_1h", "%", 5, 400, WHOLE, "all doses in 1 h" },
    [DG_TRIAL_LIMIT_E2_TOTAL_4_H] = {
        "e2_total_4h", "%", 5, 400, WHOLE, "all doses in 4 h" },
    [DG_TRIAL_LIMIT_E2_TOTAL_24_H] = {
        "e2_total_24h", "%", 5, 400, WHOLE, "all doses in 24 h" },
    [DG_TRIAL_LIMIT_E3_IOB] = {
        "e3_iob", "%", 5, 400, WHOLE, "insulin on board" },
    [DG_TRIAL_LIMIT_E4_FLOOR] = {
        "e4_floor", "mg/dL", 60, 120, 80, "no automatic dose below this reading" },
    [DG_TRIAL_LIMIT_E4_AGE] = {
        "e4_age", "s", 300, 7200, 600, "oldest reading for an automatic dose" },
    [DG_TRIAL_LIMIT_E4_PHONE] = {
        "e4_phone", "", 0, 1, 0, "1: what is confirmed at the phone alone needs the glucose of "
        "an automatic dose; 1 is shipped in dosegate:low" },
    [DG_TRIAL_LIMIT_E4_PREDICTED] = {
        "e4_predicted", "mg/dL", 40, 120, 70, "no automatic dose that brings glucose below this" },
    [DG_TRIAL_LIMIT_E4_MOVEMENT] = {
        "e4_movement", "%", 25, 1500, WHOLE, "how far and how fast a plausible reading moves" },
    [DG_TRIAL_LIMIT_E4_FLAT] = {
        "e4_flat", "s", 900, 86400, 2700, "how long a reading may stand still" },
    [DG_TRIAL_LIMIT_E4_STREAK] = {
        "e4_streak", "readings", 1, 13, 3, "that agree before they are trusted, 5 min apart" },
    [DG_TRIAL_LIMIT_E5_4_H] = {
        "e5_4h", "%", 5, 200, WHOLE, "basal withheld in 4 h" },
    [DG_TRIAL_LIMIT_E5_24_H] = {
        "e5_24h", "%", 5, 400, WHOLE, "basal withheld in 24 h" },
    [DG_TRIAL_LIMIT_E6_LEASE] = {
        "e6_lease", "min", 5, 720, 30, "a raised basal" },
    [DG_TRIAL_LIMIT_E7_INTERVAL] = {
        "e7_interval", "s", 0, 7200, 180, "between two doses" },
    [DG_TRIAL_LIMIT_E8_DOSE] = {
        "e8_dose", "%", 10, 400, WHOLE, "one dose of glucagon" },
    [DG_TRIAL_LIMIT_E8_DAY] = {
        "e8_day", "%", 10, 400, WHOLE, "glucagon in 24 h" },
    [DG_TRIAL_LIMIT_E8_INTERVAL] = {
        "e8_interval", "s", 0, 7200, 600, "between two doses of glucagon" },
    [DG_TRIAL_LIMIT_E8_LOCK] = {
        "e8_lock", "s", 0, 14400, 3600, "no automatic insulin after glucagon" },
    [DG_TRIAL_LIMIT_E9_BASAL] = {
        "e9_basal", "%", 10, 1000, WHOLE, "one change of the basal schedule" },
    [DG_TRIAL_LIMIT_E9_DELAY] = {
        "e9_delay", "h", 0, 72, 24, "from the press to looser limits" },
    [DG_TRIAL_LIMIT_E9_DAILY] = {
        "e9_daily", "%", 25, 400, WHOLE, "the daily dose that was written down; 100: the true one" },
    [DG_TRIAL_LIMIT_E9_ISF] = {
        "e9_isf", "%", 25, 400, WHOLE, "the sensitivity that was written down; 100: the true one" },
    [DG_TRIAL_LIMIT_E10_BASE] = {
        "e10_base", "mU", 50, 100000, 1000, "what a reservoir may be off by" },
    [DG_TRIAL_LIMIT_E10_SHARE] = {
        "e10_share", "permille", 0, 500, 50, "... and of what was delivered" },
    [DG_TRIAL_LIMIT_TICKET] = {
        "ticket", "%", 1, 400, WHOLE, "age of an attestation for automatic doses" },
    [DG_TRIAL_LIMIT_EMERGENCY] = {
        "emergency", "%", 5, 400, WHOLE, "the bolus by the buttons alone" },
    [DG_TRIAL_LIMIT_UNUSUAL] = {
        "unusual", "%", 5, 400, WHOLE, "part of the daily dose above which a dose wants the "
        "button" },
};
/* clang-format on */

_Static_assert(DG_TRIAL_LIMITS <= 64, "one bit each");

const struct dg_trial_limit_row *dg_trial_limit_at(unsigned which)
{
    return (which < DG_TRIAL_LIMITS) ? &rows[which] : NULL;
}

unsigned dg_trial_limit_find(const char *name)
{
    unsigned which = 0U;

    while ((which < DG_TRIAL_LIMITS) && (strcmp(rows[which].name, name) != 0)) {
        which++;
    }
    return which;
}

void dg_trial_change_set(struct dg_trial_change *change,
                         unsigned which,
                         int32_t value)
{
    change->is_changed |= (uint64_t)1U << which;
    change->value[which] = value;
}

int32_t dg_trial_change_of(const struct dg_trial_change *change, unsigned which)
{
    return dg_trial_is_changed(change, which) ? change->value[which]
                                              : rows[which].shipped;
}

int32_t dg_trial_change_scale(const struct dg_trial_change *change,
                              unsigned which,
                              int32_t amount)
{
    const int64_t scaled =
        ((int64_t)amount * dg_trial_change_of(change, which)) / WHOLE;

    return (scaled > INT32_MAX) ? INT32_MAX : (int32_t)scaled;
}

static void scale(const struct dg_trial_change *change,
                  unsigned which,
                  int32_t *amount)
{
    *amount = dg_trial_change_scale(change, which, *amount);
}

/* E1 and E2 of a tier; the rows of limits follow each other by tier. */
static void scale_tier(const struct dg_trial_change *change,
                       struct dg_limits *limits,
                       unsigned tier)
{
    const unsigned dose = DG_TRIAL_LIMIT_E1_AUTOMATIC + (tier - 1U);
    const unsigned hour = DG_TRIAL_LIMIT_E2_AUTOMATIC_1_H + (3U * (tier - 1U));
    int32_t *window = limits->window_max_mU[tier];

    scale(change, dose, &limits->dose_max_mU[tier]);
    scale(change, dose, &window[DG_WINDOW_5_MIN]);
    scale(change, hour, &window[DG_WINDOW_1_H]);
    scale(change, hour + 1U, &window[DG_WINDOW_4_H]);
    scale(change, hour + 2U, &window[DG_WINDOW_24_H]);
}

void dg_trial_change_limits(const struct dg_trial_change *change,
                            struct dg_limits *limits,
                            struct dg_glucagon_limits *glucagon)
{
    if (change->is_changed == 0U) {
        return;
    }
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        scale_tier(change, limits, tier);
        scale(change, DG_TRIAL_LIMIT_E8_DOSE, &glucagon->dose_max_ug[tier]);
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            scale(change,
                  DG_TRIAL_LIMIT_E8_DAY,
                  &glucagon->window_max_ug[tier][window]);
        }
    }
    scale(change, DG_TRIAL_LIMIT_E3_IOB, &limits->iob_max_mU);
    limits->floor_mg_dL = dg_trial_change_of(change, DG_TRIAL_LIMIT_E4_FLOOR);
    limits->glucose_age_s_max =
        dg_trial_change_of(change, DG_TRIAL_LIMIT_E4_AGE);
    limits->interval_s_min =
        dg_trial_change_of(change, DG_TRIAL_LIMIT_E7_INTERVAL);
    glucagon->interval_s_min =
        dg_trial_change_of(change, DG_TRIAL_LIMIT_E8_INTERVAL);
}
