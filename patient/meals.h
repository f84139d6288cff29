/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_MEALS_H
#define DG_PATIENT_MEALS_H

#include <stddef.h>
#include <stdint.h>

#include "patient/s2008.h"

/* What a person eats in a day, and what the person believes to have eaten. */

enum dg_meal_kind {
    DG_MEAL_BREAKFAST,
    DG_MEAL_LUNCH,
    DG_MEAL_SNACK,
    DG_MEAL_DINNER,
    DG_MEAL_EXTRA, /* not in the day's plan */
};

struct dg_meal {
    enum dg_meal_kind kind;
    uint32_t minute;    /* when it begins, since midnight of the first day   */
    double grams;       /* carbohydrate                                      */
    double count_error; /* of the person's estimate, -0.5 .. 0.5 of the meal */
};

#define DG_MEALS_PER_DAY_MAX 4

struct dg_meal_day {
    struct dg_meal meals[DG_MEALS_PER_DAY_MAX]; /* in order of time          */
    size_t count;
};

/* The standard deviation of the estimate as a share of the meal.  Adults
 * misjudged meals by 21 % on average. source: Brazeau et al., Diabetes Res
 * Clin Pract 99 (2013) 19-23; a mean absolute error of 0.21 is this SD. */
#define DG_MEALS_COUNT_ERROR_SD 0.26

/**
 * Lay out the default day: the same meals every day at 07:00, 12:00, 15:30
 * and 18:30, all counted right.
 *
 * 200 g for an adult or adolescent of ordinary weight, half of it for a
 * child, scaled by weight within a quarter.
 *
 * @param[out] day         The meals; unchanged on failure.
 * @param[in]  parameters  The person: age class and weight.
 * @param      number      Which day, 0 .. 364; moves the minutes.
 *
 * @retval DG_OK       The day is planned.
 * @retval DG_E_USAGE  A pointer is NULL.
 * @retval DG_E_RANGE  @p number, the class or the weight is out of range.
 */
DG_NODISCARD enum dg_status dg_meals_default_day(
    struct dg_meal_day *day,
    const struct dg_s2008_parameters *parameters,
    uint32_t number);

/**
 * Draw a day: the default day with other times (within 40 minutes), other
 * sizes (within 40 %), a wrong count, and the snack on every second day only.
 *
 * The same seed and number give the same day, whatever was drawn before.
 *
 * @param[out] day             The meals; unchanged on failure.
 * @param[in]  parameters      The person: age class and weight.
 * @param      seed            Any value.
 * @param      number          Which day, 0 .. 364.
 * @param      count_error_sd  0 .. 0.5, for example DG_MEALS_COUNT_ERROR_SD.
 *
 * @retval DG_OK       The day is planned.
 * @retval DG_E_USAGE  A pointer is NULL.
 * @retval DG_E_RANGE  A parameter is not a number or out of range.
 */
DG_NODISCARD enum dg_status dg_meals_draw_day(
    struct dg_meal_day *day,
    const struct dg_s2008_parameters *parameters,
    uint64_t seed,
    uint32_t number,
    double count_error_sd);

/**
 * Give what the person believes a meal to be.
 *
 * @param[in] meal  A meal of a planned day.
 *
 * @return Grams of carbohydrate, a whole number.
 */
double dg_meal_counted_g(const struct dg_meal *meal);

#endif
