/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_HABITS_H
#define DG_PATIENT_HABITS_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/status.h"

/* What a person does about a meal: miss the bolus, give it late, count wrong;
 * and what the person eats against a low.  Scalar and the same bits on every
 * machine: it happens a few times a day. */

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

/* What is known of a person who may need sugar, minute by minute. */
struct dg_rescue {
    uint32_t low_min; /* how long both were low                              */
    uint32_t since_meal_min;
    double eaten_g[120]; /* against lows, of the last two hours              */
    uint32_t at;
};

/* source: McGill's simulator: sensor below 3.9 and plasma below 2.8 mmol/L for
 * 15 min, no meal in 20 min, below 10 g in 40 min, 75 g in 2 h at most. */
#define DG_RESCUE_SENSOR_MG_DL (3.9 * 18.016)
#define DG_RESCUE_PLASMA_MG_DL (2.8 * 18.016)
#define DG_RESCUE_LOW_MIN      15U
#define DG_RESCUE_MEAL_MIN     20U

/** Begin: no low, no meal, no sugar. */
void dg_rescue_start(struct dg_rescue *rescue);

/**
 * Let one minute pass, and say what the person eats against a low.
 *
 * @param[in,out] rescue        Began with dg_rescue_start().
 * @param         seed          The campaign.
 * @param         person        Who, 0 .. 2^56 - 1.
 * @param         minute        Since midnight of the first day.
 * @param         sensor_mg_dL  The newest reading, 0 if none.
 * @param         plasma_mg_dL  True glucose.
 * @param         is_meal       A meal began in this minute.
 *
 * @return Whole grams, 0 or 10 .. 75.
 */
double dg_rescue_minute(struct dg_rescue *rescue,
                        uint64_t seed,
                        uint64_t person,
                        uint32_t minute,
                        double sensor_mg_dL,
                        double plasma_mg_dL,
                        bool is_meal);

#endif
