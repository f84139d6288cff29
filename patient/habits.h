/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_HABITS_H
#define DG_PATIENT_HABITS_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/status.h"

/* What a person does about a meal: miss the bolus, give it late, count wrong.
 * Scalar and the same bits on every machine: it happens a few times a day. */

/* The chances, 0 .. 1, and errors of a person's day.  All zero: a person who
 * does everything right. */
struct dg_habits {
    double skip;       /* chance that a meal gets no bolus                   */
    double late;       /* chance that the bolus comes late                   */
    double count_bias; /* SD of a person's own lasting error in counting, per
                        * six parts of the day, share of the meal, 0 .. 0.5  */
    double count_sd;   /* SD of the error of one meal, beside it, 0 .. 0.5   */
};

#define DG_HABITS_LATE_MIN        10U /* minutes                                    */
#define DG_HABITS_LATE_MAX        60U
#define DG_HABITS_SLOTS           6U /* of four hours                               */
#define DG_HABITS_COUNT_ERROR_MAX 0.5 /* of a meal, either way               */

struct dg_habit {
    bool is_skipped;
    uint32_t late_min; /* 0, or DG_HABITS_LATE_MIN .. _MAX                  */
    double counted_g;  /* a whole number                                    */
};

/**
 * Say what becomes of one meal.
 *
 * Lasting bias after McGill's simulator (carbohydrate counting with a bias per
 * four hours); rates are the trial's to choose.
 *
 * @param[in]  habits  In range.
 * @param      seed    The campaign.
 * @param      person  Who, 0 .. 2^56 - 1.
 * @param      minute  When the meal begins, since midnight of the first day.
 * @param      grams   What is in it, 0 .. 500 g.
 * @param[out] habit   What the person does; unchanged on failure.
 *
 * @retval DG_OK       Done; the same for the same numbers.
 * @retval DG_E_USAGE  A pointer is NULL.
 * @retval DG_E_RANGE  A number is out of range or none.
 */
DG_NODISCARD enum dg_status dg_habits_meal(const struct dg_habits *habits,
                                           uint64_t seed,
                                           uint64_t person,
                                           uint32_t minute,
                                           double grams,
                                           struct dg_habit *habit);

#endif
