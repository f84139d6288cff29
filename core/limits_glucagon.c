/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/glucagon.h"

#include <stddef.h>

/* The most that a prescriber can write down, by age class, in ug: one
 * micro-dose, the micro-doses of a day, one rescue dose.
 *
 * source: mini-doses of 10 ug per year of age, at most 150 ug (doi
 * 10.2337/diacare.24.4.643): 130 under 14 years.  1 mg a day in dual-hormone
 * studies (doi 10.1177/1932296819879093), half of it for a child, as with the
 * rescue dose.  Rescue 1 mg, half of it for small children (facts: models.md,
 * section 4): which child is small the prescriber knows. */
static const struct dg_glucagon_ceiling ceiling_of_age[4] = {
    [DG_AGE_CHILD] = {130, 500, 1000},
    [DG_AGE_TEEN] = {150, 1000, 1000},
    [DG_AGE_ADULT] = {150, 1000, 1000},
};

const struct dg_glucagon_ceiling *dg_glucagon_ceiling(
    enum dg_age_class age_class)
{
    const unsigned age = (unsigned)age_class;

    return ((age >= 1U) && (age <= 3U)) ? &ceiling_of_age[age] : NULL;
}

/* Shares in permille: of the prescribed micro-dose for one dose, 5 min, 1 h
 * and 4 h, of the prescribed day for 24 h.
 *
 * source: a mini-dose that does not help is doubled after 30 min, and some
 * needed a third (doi 10.2337/diacare.24.4.643): 3 doses in an hour, 5 in four
 * hours; only a person doubles.  Closed loops gave .75 mg of the 1 mg a day
 * (doi 10.1177/1932296819879093): the rest stays for a person. */
struct share {
    int32_t dose;
    int32_t window[DG_WINDOWS]; /* 5 min, 1 h, 4 h, 24 h */
};

static const struct share share_of[DG_TIERS] = {
    [DG_TIER_AUTOMATIC] = {1000, {1000, 3000, 5000, 750}},
    [DG_TIER_CONFIRMED] = {2000, {2000, 3000, 5000, 1000}},
    [DG_TIER_PRESENT] = {0, {2000, 3000, 5000, 1000}},
};

/* source: miniboluses at intervals of 10 min (doi 10.1503/cmaj.121265). */
#define INTERVAL_S_MIN 600

/* Automatic glucagon never above the floor under which automatic insulin ends,
 * nor above 80 mg/dL; a number of its own, so that a higher floor for insulin
 * brings no glucagon sooner.  After automatic insulin only in a low, level 1 of
 * the consensus (Battelino 2019). */
#define BELOW_MG_DL_MIN 60
#define BELOW_MG_DL_MAX 80
#define LOW_MG_DL       70

/* As for insulin: E4. */
#define GLUCOSE_AGE_S_MAX 600

#define RESCUE_UG_MIN 100
#define DOSE_UG_MIN   10

static bool is_none_or_between(int32_t value, int32_t low, int32_t high)
{
    return (value == 0) || ((value >= low) && (value <= high));
}

/* Level 2 hypoglycaemia begins below 54 mg/dL; a sensor says 39 and more. */
static bool is_sound(const struct dg_therapy *therapy)
{
    const struct dg_glucagon_therapy *given = &therapy->glucagon;

    const struct dg_glucagon_ceiling *ceiling =
        dg_glucagon_ceiling(therapy->age_class);

    return (ceiling != NULL) && (therapy->floor.mg_dL > 0) &&
           is_none_or_between(given->dose.ug, DOSE_UG_MIN, ceiling->dose_ug) &&
           is_none_or_between(given->day.ug, DOSE_UG_MIN, ceiling->day_ug) &&
           (given->day.ug >= given->dose.ug) &&
           is_none_or_between(
               given->rescue.ug, RESCUE_UG_MIN, ceiling->rescue_ug) &&
           is_none_or_between(given->rescue_below.mg_dL, 40, 54) &&
           ((given->rescue_below.mg_dL == 0) || (given->rescue.ug > 0)) &&
           is_none_or_between(
               given->below.mg_dL, BELOW_MG_DL_MIN, BELOW_MG_DL_MAX) &&
           ((given->below.mg_dL > 0) == (given->dose.ug > 0)) &&
           (given->below.mg_dL <= therapy->floor.mg_dL);
}

static int32_t least(int32_t a, int32_t b)
{
    return (a < b) ? a : b;
}

/* At most 1000 ug * 5000 permille: fits. */
static int32_t share_ug(dg_glucagon of, int32_t permille)
{
    return (of.ug * permille) / 1000;
}

enum dg_status dg_glucagon_limits_derive(const struct dg_therapy *therapy,
                                         struct dg_glucagon_limits *limits)
{
    if ((therapy == NULL) || (limits == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_sound(therapy)) {
        return DG_E_RANGE;
    }

    const struct dg_glucagon_therapy *given = &therapy->glucagon;
    struct dg_glucagon_limits made = {0};

    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        const struct share *share = &share_of[tier];

        made.dose_max_ug[tier] = share_ug(given->dose, share->dose);
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            made.window_max_ug[tier][window] =
                share_ug((window == DG_WINDOW_24_H) ? given->day : given->dose,
                         share->window[window]);
        }
    }
    made.interval_s_min = INTERVAL_S_MIN;
    /* Where no micro-dose is prescribed none is given, below whatever. */
    made.below_mg_dL =
        (given->below.mg_dL > 0) ? given->below.mg_dL : BELOW_MG_DL_MIN;
    made.low_mg_dL = least(made.below_mg_dL, LOW_MG_DL);
    made.glucose_age_s_max = GLUCOSE_AGE_S_MAX;
    made.rescue_ug =
        given->rescue.ug - (given->rescue.ug % DG_GLUCAGON_STEP_UG);
    made.rescue_below_mg_dL = given->rescue_below.mg_dL;
    *limits = made;
    return DG_OK;
}
