/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/person.h"

#include "patient/people.h"

#define MINUTES_PER_DAY 1440U
#define MU_PER_U        1000.0

/* Lay out the meals of the day that begins now. */
static enum dg_status plan_day(struct dg_person *person)
{
    const struct dg_s2008_parameters *who = &person->patient.parameters;
    const uint32_t number = person->minute / MINUTES_PER_DAY;

    if (person->plan == DG_PERSON_MEALS_NONE) {
        person->today.count = 0;
        return DG_OK;
    }
    if (person->plan == DG_PERSON_MEALS_DRAWN) {
        return dg_meals_draw_day(
            &person->today, who, person->seed, number, DG_MEALS_COUNT_ERROR_SD);
    }
    return dg_meals_default_day(&person->today, who, number);
}

static enum dg_status read_sensor(struct dg_person *person)
{
    return dg_sensor_sample(&person->sensor,
                            dg_s2008_subcutaneous_mg_dL(&person->patient),
                            &person->reading_mg_dL);
}

enum dg_status dg_person_init(struct dg_person *person,
                              const char *name,
                              uint64_t seed,
                              enum dg_sensor_kind kind)
{
    const struct dg_published_person *published;
    const enum dg_status status = dg_people_find(name, &published);

    if (status != DG_OK) {
        return status;
    }
    return dg_person_init_with(person, &published->parameters, seed, kind);
}

enum dg_status dg_person_init_with(struct dg_person *person,
                                   const struct dg_s2008_parameters *parameters,
                                   uint64_t seed,
                                   enum dg_sensor_kind kind)
{
    if (person == NULL) {
        return DG_E_USAGE;
    }

    struct dg_person fresh = {.seed = seed, .plan = DG_PERSON_MEALS_DEFAULT};
    enum dg_status status = dg_s2008_init(&fresh.patient, parameters);

    if (status != DG_OK) {
        return status;
    }
    status =
        dg_sensor_init(&fresh.sensor, kind, seed, DG_PERSON_SENSOR_AGE_DAYS);
    if (status != DG_OK) {
        return status;
    }
    status = plan_day(&fresh);
    if (status != DG_OK) {
        return status;
    }
    status = read_sensor(&fresh);
    if (status != DG_OK) {
        return status;
    }
    *person = fresh;
    return DG_OK;
}

enum dg_status dg_person_choose_meals(struct dg_person *person,
                                      enum dg_person_meals plan)
{
    if (person == NULL) {
        return DG_E_USAGE;
    }
    if ((plan != DG_PERSON_MEALS_DEFAULT) && (plan != DG_PERSON_MEALS_DRAWN) &&
        (plan != DG_PERSON_MEALS_NONE)) {
        return DG_E_RANGE;
    }
    if (person->minute != 0U) {
        return DG_E_STATE;
    }
    person->plan = plan;
    return plan_day(person);
}

static enum dg_status begin_meal(struct dg_person *person,
                                 const struct dg_meal *meal)
{
    if (person->eaten_count >= DG_PERSON_MEALS_MAX) {
        return DG_E_NO_SPACE;
    }

    const enum dg_status status = dg_s2008_meal(&person->patient, meal->grams);

    if (status != DG_OK) {
        return status;
    }
    person->eaten[person->eaten_count] = *meal;
    person->eaten_count++;
    return DG_OK;
}

enum dg_status dg_person_eat(struct dg_person *person, double grams)
{
    if (person == NULL) {
        return DG_E_USAGE;
    }

    const struct dg_meal meal = {
        .kind = DG_MEAL_EXTRA, .minute = person->minute, .grams = grams};

    return begin_meal(person, &meal);
}

static enum dg_status sit_down_to_meals(struct dg_person *person)
{
    for (size_t i = 0; i < person->today.count; i++) {
        if (person->today.meals[i].minute != person->minute) {
            continue;
        }

        const enum dg_status status =
            begin_meal(person, &person->today.meals[i]);

        if (status != DG_OK) {
            return status;
        }
    }
    return DG_OK;
}

static enum dg_status live_minute(struct dg_person *person, uint32_t mU)
{
    enum dg_status status = sit_down_to_meals(person);

    if (status != DG_OK) {
        return status;
    }
    status = dg_s2008_minute(&person->patient, 0.0, (double)mU / MU_PER_U);
    if (status != DG_OK) {
        return status;
    }
    person->insulin_mU += mU;
    person->minute++;
    if (person->minute % MINUTES_PER_DAY == 0U) {
        status = plan_day(person);
        if (status != DG_OK) {
            return status;
        }
    }
    if (person->minute % DG_SENSOR_PERIOD_MIN == 0U) {
        return read_sensor(person);
    }
    return DG_OK;
}

enum dg_status dg_person_advance(struct dg_person *person,
                                 uint32_t minutes,
                                 const uint32_t *mU_per_minute)
{
    if ((person == NULL) || (mU_per_minute == NULL)) {
        return DG_E_USAGE;
    }
    if ((minutes == 0U) || (minutes > DG_PERSON_SPAN_MIN_MAX)) {
        return DG_E_RANGE;
    }
    if (minutes > DG_PERSON_DAYS_MAX * MINUTES_PER_DAY - person->minute) {
        return DG_E_RANGE;
    }

    /* On a copy: a refused minute takes those before it back, too. */
    struct dg_person later = *person;

    for (uint32_t i = 0; i < minutes; i++) {
        const enum dg_status status = live_minute(&later, mU_per_minute[i]);

        if (status != DG_OK) {
            return status;
        }
    }
    *person = later;
    return DG_OK;
}

void dg_person_spread(uint32_t total_mU,
                      uint32_t minutes,
                      uint32_t *mU_per_minute)
{
    if ((minutes == 0U) || (minutes > DG_PERSON_SPAN_MIN_MAX)) {
        return;
    }
    for (uint32_t i = 0; i < minutes; i++) {
        mU_per_minute[i] =
            total_mU / minutes + ((i < total_mU % minutes) ? 1U : 0U);
    }
}

int32_t dg_person_sensor_mg_dL(const struct dg_person *person)
{
    return person->reading_mg_dL;
}

double dg_person_plasma_mg_dL(const struct dg_person *person)
{
    return dg_s2008_plasma_mg_dL(&person->patient);
}

uint32_t dg_person_minute(const struct dg_person *person)
{
    return person->minute;
}
