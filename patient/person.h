/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_PERSON_H
#define DG_PATIENT_PERSON_H

#include <stddef.h>
#include <stdint.h>

#include "patient/meals.h"
#include "patient/s2008.h"
#include "patient/sensor.h"

/* A person with a sensor, a day's meals and a clock: the other end of the
 * pump.  The person starts at midnight, fasting, at the steady state. */

/* The model was accepted for a day; two weeks is where we stop pretending. */
#define DG_PERSON_DAYS_MAX  14U
#define DG_PERSON_MEALS_MAX (DG_PERSON_DAYS_MAX * (DG_MEALS_PER_DAY_MAX + 4U))

/* How long one call of dg_person_advance() may be, minutes. */
#define DG_PERSON_SPAN_MIN_MAX 60U

/* A sensor that has settled: worn for a day. */
#define DG_PERSON_SENSOR_AGE_DAYS 1U

enum dg_person_meals {
    DG_PERSON_MEALS_DEFAULT, /* dg_meals_default_day(), every day            */
    DG_PERSON_MEALS_DRAWN,   /* dg_meals_draw_day() from the person's seed   */
    DG_PERSON_MEALS_NONE,    /* fasting                                      */
};

struct dg_person {
    struct dg_s2008 patient;
    struct dg_sensor sensor;
    uint64_t seed;
    enum dg_person_meals plan;
    struct dg_meal_day today;
    uint32_t minute;       /* since midnight of the first day                */
    int32_t reading_mg_dL; /* the sensor's last                              */
    uint64_t insulin_mU;   /* everything delivered so far                    */
    struct dg_meal eaten[DG_PERSON_MEALS_MAX]; /* begun so far, in order     */
    size_t eaten_count;
};

/**
 * Begin the life of a published person.
 *
 * The first reading is there at once; meals are DG_PERSON_MEALS_DEFAULT.
 *
 * @param[out] person  The person; unchanged on failure.
 * @param[in]  name    For example "adult#001", see people.h.
 * @param      seed    Any value; fixes the sensor's errors and drawn meals.
 * @param      kind    The sensor.
 *
 * @retval DG_OK             It is midnight and the person fasts.
 * @retval DG_E_USAGE        A pointer is NULL.
 * @retval DG_E_UNSUPPORTED  Nobody has this name.
 * @retval DG_E_RANGE        @p kind is not in its enum.
 */
DG_NODISCARD enum dg_status dg_person_init(struct dg_person *person,
                                           const char *name,
                                           uint64_t seed,
                                           enum dg_sensor_kind kind);

/**
 * Begin the life of any person.
 *
 * @param[out] person      The person; unchanged on failure.
 * @param[in]  parameters  The figures, which are copied.
 * @param      seed        Any value.
 * @param      kind        The sensor.
 *
 * @retval DG_OK       It is midnight and the person fasts.
 * @retval DG_E_USAGE  A pointer is NULL.
 * @retval DG_E_RANGE  dg_s2008_init() refuses the figures, or @p kind is not
 *                     in its enum.
 */
DG_NODISCARD enum dg_status dg_person_init_with(
    struct dg_person *person,
    const struct dg_s2008_parameters *parameters,
    uint64_t seed,
    enum dg_sensor_kind kind);

/**
 * Choose the meals; only before the first minute.
 *
 * @param[in,out] person  A person that was begun.
 * @param         plan    A member of enum dg_person_meals.
 *
 * @retval DG_OK       The plan holds for the whole run.
 * @retval DG_E_USAGE  @p person is NULL.
 * @retval DG_E_RANGE  @p plan is not in its enum; no change.
 * @retval DG_E_STATE  Time has passed already; no change.
 */
DG_NODISCARD enum dg_status dg_person_choose_meals(struct dg_person *person,
                                                   enum dg_person_meals plan);

/**
 * Eat beyond the plan, from now on (a meal, or sugar against a low).
 *
 * @param[in,out] person  A person that was begun.
 * @param         grams   Carbohydrate, see dg_s2008_meal().
 *
 * @retval DG_OK          The meal is recorded and begins next minute.
 * @retval DG_E_USAGE     @p person is NULL.
 * @retval DG_E_RANGE     @p grams is not a number or out of range; no change.
 * @retval DG_E_NO_SPACE  Too many meals were eaten; no change.
 */
DG_NODISCARD enum dg_status dg_person_eat(struct dg_person *person,
                                          double grams);

/**
 * Live on, with the insulin that the pump really moved.
 *
 * The sensor reads whenever the clock reaches a multiple of
 * DG_SENSOR_PERIOD_MIN.
 *
 * @param[in,out] person         A person that was begun.
 * @param         minutes        1 .. DG_PERSON_SPAN_MIN_MAX.
 * @param[in]     mU_per_minute  @p minutes amounts in mU, one per minute: put
 *                               a bolus into its first minute; each at most
 *                               DG_S2008_INSULIN_U_PER_MIN_MAX U.
 *
 * @retval DG_OK          The minutes passed.
 * @retval DG_E_USAGE     A pointer is NULL.
 * @retval DG_E_RANGE     @p minutes or an amount is out of range, or the run
 *                        would pass DG_PERSON_DAYS_MAX days; no change.
 * @retval DG_E_NO_SPACE  Too many meals; no change.
 * @retval DG_E_CORRUPT   The state broke; no change.
 */
DG_NODISCARD enum dg_status dg_person_advance(struct dg_person *person,
                                              uint32_t minutes,
                                              const uint32_t *mU_per_minute);

/**
 * Spread an amount evenly over minutes, for dg_person_advance(): whole mU,
 * none lost, the first minutes one more.
 *
 * @param      total_mU       Any amount.
 * @param      minutes        1 .. DG_PERSON_SPAN_MIN_MAX; otherwise nothing
 *                            is written.
 * @param[out] mU_per_minute  @p minutes amounts.
 */
void dg_person_spread(uint32_t total_mU,
                      uint32_t minutes,
                      uint32_t *mU_per_minute);

/**
 * Give the sensor's last reading.
 *
 * @param[in] person  A person that was begun.
 *
 * @return DG_SENSOR_MG_DL_MIN .. DG_SENSOR_MG_DL_MAX mg/dL.
 */
int32_t dg_person_sensor_mg_dL(const struct dg_person *person);

/**
 * Give true plasma glucose, which no device knows.
 *
 * @param[in] person  A person that was begun.
 *
 * @return mg/dL, 0 or more.
 */
double dg_person_plasma_mg_dL(const struct dg_person *person);

/**
 * Give the time.
 *
 * @param[in] person  A person that was begun.
 *
 * @return Minutes since midnight of the first day.
 */
uint32_t dg_person_minute(const struct dg_person *person);

#endif
