/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_LIFE_H
#define DG_PATIENT_TRIAL_LIFE_H

#include <stdint.h>

#include "patient/trial/surroundings.h"

/* What a person eats, by the counter-based numbers of the trial, in double on
 * every path: float and double campaigns live the same life. */

#define DG_TRIAL_MEALS 4U

struct dg_trial_meal {
    uint32_t minute;    /* of the trial, a multiple of 5 */
    double grams;       /* as eaten, 0: no meal          */
    uint32_t counted_g; /* as the person counts it       */
    /* When it is announced, a multiple of 5; UINT32_MAX: never. */
    uint32_t bolus_minute;
};

/* What is needed to know of a person. */
struct dg_trial_eater {
    uint64_t seed;
    uint64_t person;
    double weight_kg;
    uint32_t is_child;
};

/**
 * Plan a day: breakfast, lunch, dinner and on every second day a snack, within
 * 40 min of their time and 40 % of their size, 200 g of carbohydrate a day for
 * an adult of ordinary weight (as patient/meals.h).  How it is counted, and
 * when its bolus comes if it does: patient/habits.h, with the world's chances.
 */
void dg_trial_life_day(const struct dg_trial_eater *eater,
                       const struct dg_trial_world *world,
                       uint32_t day,
                       struct dg_trial_meal meals[DG_TRIAL_MEALS]);

/**
 * Sugar against a low, grams: 15, more after sugar that did not help, with an
 * error of 20 %, 10 .. 75.  source: McGill, facts models.md 3.2.
 *
 * @param recent_g  Of it in the last 2 h.
 */
uint32_t dg_trial_life_rescue(const struct dg_trial_eater *eater,
                              uint32_t minute,
                              uint32_t recent_g);

#endif
