/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/meals.h"

#include <math.h>
#include <stdbool.h>

#include "patient/random.h"

#define MINUTES_PER_DAY 1440U
#define DAYS_MAX        365U

#define TIME_SD_MIN 20.0
#define SIZE_SD     0.2

/* No draw goes further than this many standard deviations, so that meals
 * never change places and nobody eats a negative meal. */
#define SD_MAX 2.0

#define COUNT_ERROR_MAX 0.5

/* The sum is 200 g, the day that the published TDI is computed with; its
 * split is ours. */
static const struct plan {
    enum dg_meal_kind kind;
    uint32_t minute;
    double grams;
} plan[DG_MEALS_PER_DAY_MAX] = {
    {DG_MEAL_BREAKFAST, 7U * 60U, 50.0},
    {DG_MEAL_LUNCH, 12U * 60U, 60.0},
    {DG_MEAL_SNACK, 15U * 60U + 30U, 20.0},
    {DG_MEAL_DINNER, 18U * 60U + 30U, 70.0},
};

/* Half a portion for a child, as in the reference trajectories.  The weights
 * are the medians of the published table. source: simglucose a6f6777. */
static const struct portion {
    double share;
    double weight_kg;
} portions[] = {
    [DG_AGE_CHILD] = {0.5, 35.5},
    [DG_AGE_TEEN] = {1.0, 46.2},
    [DG_AGE_ADULT] = {1.0, 86.4},
};

static bool is_person(const struct dg_s2008_parameters *p)
{
    return ((p->age_class == DG_AGE_CHILD) || (p->age_class == DG_AGE_TEEN) ||
            (p->age_class == DG_AGE_ADULT)) &&
           (p->weight_kg >= 2.0) && (p->weight_kg <= 400.0);
}

static double portion_scale(const struct dg_s2008_parameters *p)
{
    const struct portion *portion = &portions[p->age_class];
    const double weight = p->weight_kg / portion->weight_kg;

    return portion->share * fmin(fmax(weight, 0.75), 1.25);
}

enum dg_status dg_meals_default_day(
    struct dg_meal_day *day,
    const struct dg_s2008_parameters *parameters,
    uint32_t number)
{
    if ((day == NULL) || (parameters == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_person(parameters) || (number >= DAYS_MAX)) {
        return DG_E_RANGE;
    }

    const double scale = portion_scale(parameters);

    day->count = DG_MEALS_PER_DAY_MAX;
    for (size_t i = 0; i < DG_MEALS_PER_DAY_MAX; i++) {
        day->meals[i] = (struct dg_meal){
            .kind = plan[i].kind,
            .minute = number * MINUTES_PER_DAY + plan[i].minute,
            .grams = round(scale * plan[i].grams),
        };
    }
    return DG_OK;
}

/* What is drawn for one meal of one day; each has a number of its own. */
enum draw {
    DRAW_EATEN,
    DRAW_TIME,
    DRAW_SIZE,
    DRAW_COUNT,
    DRAWS,
};

static uint64_t draw_index(uint32_t number,
                           enum dg_meal_kind kind,
                           enum draw what)
{
    return ((uint64_t)number * DG_MEALS_PER_DAY_MAX + (uint64_t)kind) * DRAWS +
           (uint64_t)what;
}

static double bounded_normal(uint64_t seed, uint64_t index)
{
    const double normal = dg_random_normal(seed, DG_STREAM_MEALS, index);

    return fmin(fmax(normal, -SD_MAX), SD_MAX);
}

static struct dg_meal vary(struct dg_meal meal,
                           uint64_t seed,
                           uint32_t number,
                           double count_error_sd)
{
    const double delay_min =
        TIME_SD_MIN *
        bounded_normal(seed, draw_index(number, meal.kind, DRAW_TIME));
    const double size =
        SIZE_SD *
        bounded_normal(seed, draw_index(number, meal.kind, DRAW_SIZE));
    const double count =
        count_error_sd *
        bounded_normal(seed, draw_index(number, meal.kind, DRAW_COUNT));

    meal.minute = (uint32_t)lround((double)meal.minute + delay_min);
    meal.grams = fmax(1.0, round(meal.grams * (1.0 + size)));
    meal.count_error = fmin(fmax(count, -COUNT_ERROR_MAX), COUNT_ERROR_MAX);
    return meal;
}

enum dg_status dg_meals_draw_day(struct dg_meal_day *day,
                                 const struct dg_s2008_parameters *parameters,
                                 uint64_t seed,
                                 uint32_t number,
                                 double count_error_sd)
{
    if (day == NULL) {
        return DG_E_USAGE;
    }
    if (!(count_error_sd >= 0.0) || !(count_error_sd <= 0.5)) {
        return DG_E_RANGE;
    }

    struct dg_meal_day usual;
    const enum dg_status status =
        dg_meals_default_day(&usual, parameters, number);

    if (status != DG_OK) {
        return status;
    }
    day->count = 0;
    for (size_t i = 0; i < usual.count; i++) {
        const struct dg_meal *meal = &usual.meals[i];

        if ((meal->kind == DG_MEAL_SNACK) &&
            (dg_random_uniform(seed,
                               DG_STREAM_MEALS,
                               draw_index(number, meal->kind, DRAW_EATEN)) <
             0.5)) {
            continue;
        }
        day->meals[day->count] = vary(*meal, seed, number, count_error_sd);
        day->count++;
    }
    return DG_OK;
}

double dg_meal_counted_g(const struct dg_meal *meal)
{
    return round(meal->grams * (1.0 + meal->count_error));
}
