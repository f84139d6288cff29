/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/habits.h"

#include <math.h>
#include <stddef.h>

#include "patient/lane/draw.h"
#include "patient/variates.h"

#define PERSON_MAX     (UINT64_C(1) << 56)
#define MINUTES_OF_DAY 1440U
#define MINUTES_MAX    (MINUTES_OF_DAY * 36500U)
#define MEAL_G_MAX     500.0
/* Rows of numbers that no minute of a day has: a person's lasting bias. */
#define BIAS_DAY 0x80000000U

static bool is_share(double value, double most)
{
    return (value >= 0.0) && (value <= most);
}

static double within(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

/* How wrong this person always is at this time of day. */
static double lasting_bias(double sd,
                           uint64_t seed,
                           uint64_t person,
                           uint32_t minute)
{
    const uint32_t slot =
        minute % MINUTES_OF_DAY / (MINUTES_OF_DAY / DG_HABITS_SLOTS);
    struct dg_variates from =
        dg_variates_begin(seed, person, DG_LANE_STREAM_HABITS, BIAS_DAY | slot);

    return sd * dg_variates_normal(&from);
}

enum dg_status dg_habits_meal(const struct dg_habits *habits,
                              uint64_t seed,
                              uint64_t person,
                              uint32_t minute,
                              double grams,
                              struct dg_habit *habit)
{
    if ((habits == NULL) || (habit == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_share(habits->skip, 1.0) || !is_share(habits->late, 1.0) ||
        !is_share(habits->count_bias, DG_HABITS_COUNT_ERROR_MAX) ||
        !is_share(habits->count_sd, DG_HABITS_COUNT_ERROR_MAX) ||
        (person >= PERSON_MAX) || (minute >= MINUTES_MAX) ||
        !is_share(grams, MEAL_G_MAX)) {
        return DG_E_RANGE;
    }

    /* Every draw is taken every time: one chance does not move another. */
    struct dg_variates from =
        dg_variates_begin(seed, person, DG_LANE_STREAM_HABITS, minute);
    const double skip = dg_variates_uniform(&from);
    const double late = dg_variates_uniform(&from);
    const double how_late = dg_variates_uniform(&from);
    const double error =
        lasting_bias(habits->count_bias, seed, person, minute) +
        habits->count_sd * dg_variates_normal(&from);
    const double span = DG_HABITS_LATE_MAX - DG_HABITS_LATE_MIN + 1U;

    habit->is_skipped = skip < habits->skip;
    habit->late_min = late < habits->late
                          ? DG_HABITS_LATE_MIN + (uint32_t)(span * how_late)
                          : 0U;
    habit->counted_g = floor(grams * (1.0 + within(error,
                                                   -DG_HABITS_COUNT_ERROR_MAX,
                                                   DG_HABITS_COUNT_ERROR_MAX)) +
                             0.5);
    return DG_OK;
}
