/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/limits.h"

#include "dosegate/glucagon.h"

#include <stdbool.h>
#include <stddef.h>

uint32_t dg_window_s(enum dg_window window)
{
    /* SAFETY, E2. */
    static const uint32_t length_s[DG_WINDOWS] = {300U, 3600U, 14400U, 86400U};

    return ((unsigned)window < DG_WINDOWS) ? length_s[window] : 0U;
}

/* Shares of the total daily dose in permille, E1 to E3: what a person has until
 * somebody writes down less, and the most that anybody can write down.
 *
 * source: design SAFETY.md, "Start from": automatic 2.5 % per dose, 6 % per h,
 * 12 % per 4 h; confirmed 15 % per dose, 30 % per 4 h; total 100 % per 24 h.
 * The cells between them (marked d) are decided in docs/adr/0005-limits.md.
 * Insulin on board: 30 % of the daily dose, as for the confirmed cap of four
 * hours, which is what a full correction stack comes to. */
/* clang-format off */
static const uint16_t share_max[DG_SHARES] = {
    300 /*d*/,
    /* dose     5 min      1 h        4 h        24 h             */
    25,         25 /*d*/,  60,        120,       480 /*d*/,  /* automatic */
    150,        150 /*d*/, 200 /*d*/, 300,       800 /*d*/,  /* confirmed */
    200 /*d*/,  200 /*d*/, 250 /*d*/, 400 /*d*/, 1000,       /* present   */
};
/* clang-format on */

int32_t dg_limits_share_max(unsigned index)
{
    return (index < DG_SHARES) ? (int32_t)share_max[index] : 0;
}

void dg_limits_widest(struct dg_therapy *therapy)
{
    for (unsigned i = 0U; i < DG_SHARES; i++) {
        therapy->share[i] = share_max[i];
    }
}

/* Absolute ceilings in mU by age class: one dose and insulin on board.
 * source: hard limits of AndroidAPS (HardLimits.kt): bolus 5, 10, 17 U and
 * IOB 7, 13, 22 U for child, teen and adult. */
struct ceiling {
    int32_t dose_mU;
    int32_t iob_mU;
};

static const struct ceiling ceiling_of_age[4] = {
    [DG_AGE_CHILD] = {5000, 7000},
    [DG_AGE_TEEN] = {10000, 13000},
    [DG_AGE_ADULT] = {17000, 22000},
};

/* E4: a reading older than 10 min is no basis for an automatic dose
 * (DG-H03, DG-A20: fresh <= 10 min). */
#define GLUCOSE_AGE_S_MAX 600

/* E7: shortest time between the starts of two boluses, over all controllers.
 * source: oref0 gives a micro-bolus when the last one is > 3 min old. */
#define INTERVAL_S_MIN 180

static bool is_between(int32_t value, int32_t low, int32_t high)
{
    return (value >= low) && (value <= high);
}

static bool is_sound(const struct dg_therapy *therapy)
{
    struct dg_glucagon_limits glucagon;
    bool sound = (dg_glucagon_limits_derive(therapy, &glucagon) == DG_OK) &&
                 is_between((int32_t)therapy->age_class, 1, 3) &&
                 is_between((int32_t)therapy->package, 1, 3) &&
                 is_between(therapy->total_daily_dose.mU, 2000, 300000) &&
                 is_between(therapy->isf_mg_dL_per_U, 2, 1000) &&
                 is_between(therapy->floor.mg_dL, 60, 120);

    for (unsigned hour = 0U; hour < 24U; hour++) {
        sound =
            sound &&
            is_between(therapy->basal[hour].mU_per_h, 0, DG_BASAL_MU_PER_H_MAX);
    }
    for (unsigned i = 0U; i < DG_SHARES; i++) {
        sound =
            sound &&
            is_between((int32_t)therapy->share[i], 1, (int32_t)share_max[i]);
    }
    return sound;
}

static int32_t least(int32_t a, int32_t b)
{
    return (a < b) ? a : b;
}

/* At most 300000 mU * 1000 permille: fits 32 bits. */
static int32_t share_mU(const struct dg_therapy *therapy, unsigned index)
{
    return (therapy->total_daily_dose.mU * (int32_t)therapy->share[index]) /
           1000;
}

enum dg_status dg_limits_derive(const struct dg_therapy *therapy,
                                struct dg_limits *limits)
{
    if ((therapy == NULL) || (limits == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_sound(therapy)) {
        return DG_E_RANGE;
    }

    const struct ceiling *ceiling = &ceiling_of_age[therapy->age_class];
    struct dg_limits made = {0};

    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        made.dose_max_mU[tier] =
            least(share_mU(therapy, DG_SHARE_DOSE(tier)), ceiling->dose_mU);
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            made.window_max_mU[tier][window] =
                share_mU(therapy, DG_SHARE_WINDOW(tier, window));
        }
    }
    /* Low: the phone cannot show that a person was there, so confirming on it
     * reaches no further than the controller alone (SAFETY, approval tiers). */
    if (therapy->package == DG_PACKAGE_LOW) {
        made.dose_max_mU[DG_TIER_CONFIRMED] =
            made.dose_max_mU[DG_TIER_AUTOMATIC];
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            made.window_max_mU[DG_TIER_CONFIRMED][window] =
                made.window_max_mU[DG_TIER_AUTOMATIC][window];
        }
    }
    made.iob_max_mU = least(share_mU(therapy, DG_SHARE_IOB), ceiling->iob_mU);
    made.isf_mg_dL_per_U = therapy->isf_mg_dL_per_U;
    made.floor_mg_dL = therapy->floor.mg_dL;
    made.glucose_age_s_max = GLUCOSE_AGE_S_MAX;
    made.interval_s_min = INTERVAL_S_MIN;
    *limits = made;
    return DG_OK;
}
