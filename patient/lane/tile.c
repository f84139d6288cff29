/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/tile.h"

#include <string.h>

#include "patient/lane/cambridge.h"
#include "patient/lane/draw.h"
#include "patient/lane/pump_error.h"
#include "patient/lane/s2008.h"
#include "patient/lane/sensor_faults.h"
#include "patient/trial/people.h"

/* The loop over the days of a tile, compiled once per precision and
 * instruction set (patient/lane/real.h).  Everything else that a trial does is
 * whole numbers, in files that are compiled once. */

#define LANES    DG_TRIAL_STEP_LANES
#define STEP_MIN 5U
#define DAY_MIN  1440U
#define DAY      288U /* steps */

#define TENTHS_MAX R(15000.0)
#define NO_SAMPLE  0xFFFFU

/* enum dg_trial_model, which this file cannot include beside the bodies. */
#define MODEL_WILINSKA 1U
#define MODEL_S2013    2U
#define MODEL_S2008    3U
#define MODEL_HOVORKA  4U

/* A meal is eaten at this rate. source: simglucose. */
#define EATING_G_PER_MIN R(5.0)

/* Rescue: both below for 15 min, no meal in 20 min, less than 10 g in 40 min,
 * at most 75 g in 2 h.  source: McGill, facts models.md 3.2 (3.9 and 2.8
 * mmol/L). */
#define RESCUE_SEEN_MG_DL 70
#define RESCUE_TENTHS     504
#define RESCUE_SAMPLES    3U
#define RESCUE_MEAL_MIN   20U
#define RESCUE_SOON_STEPS 8U
#define RESCUE_SOON_G     10U
#define RESCUE_LONG_STEPS 24U
#define RESCUE_LONG_G     75U

/* By the numbers of a plan. */
static const enum dg_sensor_model model_of[] = {
    DG_SENSOR_MODEL_POPULATION,
    DG_SENSOR_MODEL_IDEAL,
    DG_SENSOR_MODEL_BRETON,
    DG_SENSOR_MODEL_FACCHINETTI,
    DG_SENSOR_MODEL_G5,
    DG_SENSOR_MODEL_G6,
};

_Static_assert(DG_TILE == (int)DG_TRIAL_STEP_LANES, "one tile, one size");
_Static_assert((int)DG_TRIAL_FAULTS == (int)DG_FAULTS, "one fault, one chance");
_Static_assert(((int)DG_TRIAL_PUMP_EXACT == (int)DG_PUMP_EXACT) &&
                   ((int)DG_TRIAL_PUMP_PERIODIC == (int)DG_PUMP_PERIODIC) &&
                   ((int)DG_TRIAL_PUMP_SCATTER == (int)DG_PUMP_SCATTER),
               "the same numbers");

union body {
    struct dg_lane_cambridge cambridge[DG_GROUPS];
    struct dg_lane_s2008 s2008[DG_GROUPS];
};

/* Against lows, by step. */
struct sugar {
    uint32_t low; /* samples in a row */
    uint32_t given[RESCUE_LONG_STEPS];
    uint32_t last_meal; /* minute */
    bool has_meal;
};

struct world {
    struct dg_trial_tile *tile;
    union body body;
    struct dg_lane_sensor sensor[DG_GROUPS];
    struct dg_lane_faults faults[DG_GROUPS];
    struct dg_lane_pump pump[DG_GROUPS];
    bool has_faults;
    vec eating_g[DG_GROUPS];                          /* of meals that began */
    struct dg_trial_meal meal[LANES][DG_TRIAL_MEALS]; /* of this day */
    struct sugar sugar[LANES];
    dg_real rescue_g[LANES]; /* eaten in this step */
    uint32_t sugar_g[LANES]; /* the same */
    double meal_g[LANES];    /* begun in this step */
    struct dg_trial_step_in in;
    struct dg_trial_step_out out;
    int32_t tenths[LANES];
};

static bool is_s2008(const struct world *world)
{
    return (world->tile->model == MODEL_S2008) ||
           (world->tile->model == MODEL_S2013);
}

/* Place ---------------------------------------------------------------------- */

static void wear(struct world *world)
{
    const struct dg_trial_tile *tile = world->tile;
    struct dg_sensor_fault_chances chances;

    for (unsigned i = 0U; i < DG_TRIAL_FAULTS; i++) {
        chances.per_day[i] = tile->world->fault_permille[i] / 1000.0;
        world->has_faults =
            world->has_faults || (tile->world->fault_permille[i] > 0U);
    }
    for (int group = 0; group < DG_GROUPS; group++) {
        const uint64_t first = tile->first + (uint64_t)(group * DG_LANES);

        dg_lane_sensor_start(
            &world->sensor[group], model_of[tile->sensor], tile->seed, first);
        dg_lane_faults_start(
            &world->faults[group], &chances, tile->seed, first);
        dg_lane_pump_start(&world->pump[group],
                           (enum dg_pump_error)tile->world->pump,
                           tile->seed,
                           first);
    }
}

static void place(struct world *world)
{
    struct dg_trial_tile *tile = world->tile;

    for (int lane = 0; lane < (int)LANES; lane++) {
        const int group = lane / DG_LANES;
        const int at = lane % DG_LANES;

        if (is_s2008(world)) {
            dg_lane_s2008_set(&world->body.s2008[group],
                              at,
                              &world->tile->people->s2008[lane],
                              tile->model == MODEL_S2013);
        } else {
            dg_lane_cambridge_set(&world->body.cambridge[group],
                                  (tile->model == MODEL_HOVORKA)
                                      ? DG_CAMBRIDGE_HOVORKA
                                      : DG_CAMBRIDGE_WILINSKA,
                                  at,
                                  &world->tile->people->cambridge[lane]);
        }
    }
    for (int group = 0; group < DG_GROUPS; group++) {
        world->eating_g[group] = v_set(R(0.0));
    }
}

/* Read ------------------------------------------------------------------------ */

static struct dg_lane_glucose glucose_of(const struct world *world, int group)
{
    return is_s2008(world)
               ? dg_lane_s2008_glucose(&world->body.s2008[group])
               : dg_lane_cambridge_glucose(&world->body.cambridge[group]);
}

static bits is_sound(const struct world *world, int group)
{
    return is_s2008(world)
               ? dg_lane_s2008_is_sound(&world->body.s2008[group])
               : dg_lane_cambridge_is_sound(&world->body.cambridge[group]);
}

static void read_group(struct world *world, uint32_t minute, int group)
{
    struct dg_trial_tile *tile = world->tile;
    const size_t row = (size_t)(minute / STEP_MIN) * LANES;
    const struct dg_lane_glucose glucose = glucose_of(world, group);
    const bits sound = is_sound(world, group) &
                       v_is_finite(glucose.plasma_mg_dL) &
                       v_is_finite(glucose.interstitial_mg_dL);
    const vec sample = dg_lane_sensor_sample(
        &world->sensor[group], minute, glucose.interstitial_mg_dL);
    const vec reading =
        world->has_faults
            ? dg_lane_faults_pass(&world->faults[group], minute, sample, NULL)
            : dg_lane_sensor_shown(sample);
    const vec tenths = v_clamp(
        v_floor(glucose.plasma_mg_dL * R(10.0) + R(0.5)), R(0.0), TENTHS_MAX);

    for (int at = 0; at < DG_LANES; at++) {
        const int lane = (group * DG_LANES) + at;

        if (sound[at] == 0) {
            tile->is_lost[lane] = true;
        }
        if (tile->is_lost[lane]) {
            world->tenths[lane] = 0;
            world->in.sensor_mg_dL[lane] = 0;
            tile->plasma_tenths[row + (size_t)lane] = NO_SAMPLE;
            tile->sensor_tenths[row + (size_t)lane] = NO_SAMPLE;
            continue;
        }
        world->tenths[lane] = (int32_t)tenths[at];
        world->in.sensor_mg_dL[lane] = (int32_t)reading[at];
        tile->plasma_tenths[row + (size_t)lane] = (uint16_t)tenths[at];
        tile->sensor_tenths[row + (size_t)lane] =
            (world->in.sensor_mg_dL[lane] == 0)
                ? NO_SAMPLE
                : (uint16_t)(world->in.sensor_mg_dL[lane] * 10);
    }
}

/* Eat ------------------------------------------------------------------------- */

static void plan_day(struct world *world, uint32_t minute)
{
    for (unsigned lane = 0U; lane < LANES; lane++) {
        dg_trial_life_day(&world->tile->people->eater[lane],
                          world->tile->world,
                          minute / DAY_MIN,
                          world->meal[lane]);
    }
}

static void announce(struct world *world, uint32_t minute)
{
    for (unsigned lane = 0U; lane < LANES; lane++) {
        world->in.announced_g[lane] = 0U;
        for (unsigned i = 0U; i < DG_TRIAL_MEALS; i++) {
            const struct dg_trial_meal *meal = &world->meal[lane][i];

            if ((meal->bolus_minute == minute) && (meal->grams > 0.0)) {
                world->in.announced_g[lane] += meal->counted_g;
            }
        }
    }
}

static void begin_meals(struct world *world, uint32_t minute)
{
    for (unsigned lane = 0U; lane < LANES; lane++) {
        world->meal_g[lane] = 0.0;
        for (unsigned i = 0U; i < DG_TRIAL_MEALS; i++) {
            const struct dg_trial_meal *meal = &world->meal[lane][i];

            if ((meal->minute != minute) || (meal->grams <= 0.0) ||
                world->out.is_uneaten[lane]) {
                continue;
            }
            world->eating_g[lane / (unsigned)DG_LANES]
                           [lane % (unsigned)DG_LANES] += R(meal->grams);
            world->meal_g[lane] += meal->grams;
            world->tile->carbs_g[lane] += (uint32_t)(meal->grams + 0.5);
            world->sugar[lane].last_meal = minute;
            world->sugar[lane].has_meal = true;
        }
    }
}

/* Grams in the last @p steps steps. */
static uint32_t recent(const struct sugar *sugar, uint32_t step, uint32_t steps)
{
    uint32_t sum = 0U;

    for (uint32_t i = 1U; i <= steps; i++) {
        sum +=
            sugar->given[(step + RESCUE_LONG_STEPS - (i % RESCUE_LONG_STEPS)) %
                         RESCUE_LONG_STEPS];
    }
    return sum;
}

static void rescue(struct world *world, uint32_t minute, unsigned lane)
{
    struct sugar *sugar = &world->sugar[lane];
    const int32_t seen = world->out.seen_mg_dL[lane];
    const uint32_t step = minute / STEP_MIN;
    const bool is_low = (seen > 0) && (seen < RESCUE_SEEN_MG_DL) &&
                        (world->tenths[lane] < RESCUE_TENTHS) &&
                        !world->tile->is_lost[lane];
    uint32_t grams = 0U;

    sugar->given[step % RESCUE_LONG_STEPS] = 0U;
    sugar->low = is_low ? (sugar->low + 1U) : 0U;
    if (world->tile->has_rescue && (sugar->low >= RESCUE_SAMPLES) &&
        (!sugar->has_meal ||
         ((minute - sugar->last_meal) >= RESCUE_MEAL_MIN)) &&
        (recent(sugar, step, RESCUE_SOON_STEPS) < RESCUE_SOON_G)) {
        const uint32_t in_2_h = recent(sugar, step, RESCUE_LONG_STEPS - 1U);

        if (in_2_h < RESCUE_LONG_G) {
            grams = dg_trial_life_rescue(
                &world->tile->people->eater[lane], minute, in_2_h);
            grams = (grams > (RESCUE_LONG_G - in_2_h))
                        ? (RESCUE_LONG_G - in_2_h)
                        : grams;
        }
    }
    sugar->given[step % RESCUE_LONG_STEPS] = grams;
    world->tile->rescue_g[lane] += grams;
    world->rescue_g[lane] = (dg_real)grams;
    world->sugar_g[lane] = grams;
}

/* Live ------------------------------------------------------------------------ */

static vec of_lanes(const int32_t *from)
{
    vec value = {0};

    for (int at = 0; at < DG_LANES; at++) {
        value[at] = (dg_real)from[at];
    }
    return value;
}

/* Percent of the largest oxygen uptake. */
static dg_real effort(const struct world *world, uint32_t minute)
{
    const struct dg_trial_world *around = world->tile->world;
    const uint32_t since =
        (minute + DAY_MIN - around->exercise_minute) % DAY_MIN;

    return (since < around->exercise_minutes)
               ? (dg_real)around->exercise_percent
               : R(0.0);
}

static void live_group(struct world *world, uint32_t begin, int group)
{
    const int first = group * DG_LANES;
    const vec bolus = of_lanes(&world->out.bolus_mU[first]);
    const vec basal = of_lanes(&world->out.basal_mU[first]) * R(0.2);
    const vec glucagon = of_lanes(&world->out.glucagon_ug[first]);
    const vec sugar = v_load(&world->rescue_g[first]);
    const vec moves = of_lanes(&world->out.moved_percent[first]) / R(100.0);
    vec moved = v_set(R(0.0));

    for (unsigned minute = 0U; minute < STEP_MIN; minute++) {
        const vec bite = v_min(world->eating_g[group], v_set(EATING_G_PER_MIN));
        const vec once = v_set((minute == 0U) ? R(1.0) : R(0.0));
        const struct dg_lane_inflow in = {
            .insulin_mU = moves * dg_lane_pump_minute(&world->pump[group],
                                                      begin + minute,
                                                      once * bolus,
                                                      basal),
            .carbs_g = bite,
            .rescue_g = once * sugar,
            .glucagon_ug = once * glucagon,
            .exercise = v_set(effort(world, begin + minute)),
        };

        world->eating_g[group] -= bite;
        moved += in.insulin_mU;
        if (is_s2008(world)) {
            dg_lane_s2008_minute(&world->body.s2008[group], &in);
        } else if (world->tile->model == MODEL_HOVORKA) {
            dg_lane_cambridge_minute(
                &world->body.cambridge[group], DG_CAMBRIDGE_HOVORKA, &in);
        } else {
            dg_lane_cambridge_minute(
                &world->body.cambridge[group], DG_CAMBRIDGE_WILINSKA, &in);
        }
    }
    for (int at = 0; at < DG_LANES; at++) {
        world->in.moved_mU[first + at] = (int32_t)(moved[at] + R(0.5));
    }
}

static void step(struct world *world, uint32_t minute)
{
    if ((minute % DAY_MIN) == 0U) {
        plan_day(world, minute);
    }
    world->in.minute = minute;
    for (int group = 0; group < DG_GROUPS; group++) {
        read_group(world, minute, group);
    }
    announce(world, minute);
    dg_trial_step(world->tile->bench, &world->in, &world->out);
    begin_meals(world, minute);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        rescue(world, minute, lane);
    }
    dg_trial_step_tell(world->tile->bench, world->meal_g, world->sugar_g);
    for (int group = 0; group < DG_GROUPS; group++) {
        live_group(world, minute, group);
    }
}

void DG_LANE_NAME(dg_tile_run)(struct dg_trial_tile *tile);

void DG_LANE_NAME(dg_tile_run)(struct dg_trial_tile *tile)
{
    struct world world;

    memset(&world, 0, sizeof world);
    world.tile = tile;
    if (!tile->has_people) {
        dg_trial_people_of(tile, tile->people);
    }
    place(&world);
    wear(&world);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        tile->is_lost[lane] = tile->people->is_missing[lane];
    }
    dg_trial_step_start(tile->bench,
                        tile->plan,
                        tile->scenario,
                        tile->arm,
                        tile->people->settings);
    for (uint32_t at = 0U; at < (tile->days * DAY); at++) {
        step(&world, at * STEP_MIN);
    }
}

/* Bodies alone, under basal and one meal a day: what the arithmetic costs. */
void DG_LANE_NAME(dg_tile_open)(struct dg_trial_tile *tile);

void DG_LANE_NAME(dg_tile_open)(struct dg_trial_tile *tile)
{
    struct world world;

    memset(&world, 0, sizeof world);
    world.tile = tile;
    if (!tile->has_people) {
        dg_trial_people_of(tile, tile->people);
    }
    place(&world);
    for (int group = 0; group < DG_GROUPS; group++) {
        struct dg_lane_cambridge *body = &world.body.cambridge[group];
        struct dg_lane_inflow in;

        memset(&in, 0, sizeof in);
        for (int at = 0; at < DG_LANES; at++) {
            in.insulin_mU[at] =
                (dg_real)tile->people->settings[(group * DG_LANES) + at]
                    .basal_mU_per_h[0] /
                R(60.0);
        }
        for (uint32_t minute = 0U; minute < (tile->days * DAY_MIN); minute++) {
            const bool eats = (minute % DAY_MIN) - 420U < 12U;

            in.carbs_g = v_set(eats ? EATING_G_PER_MIN : R(0.0));
            dg_lane_cambridge_minute(body, DG_CAMBRIDGE_WILINSKA, &in);
        }
        for (int at = 0; at < DG_LANES; at++) {
            const vec plasma = glucose_of(&world, group).plasma_mg_dL;

            tile->plasma_tenths[(group * DG_LANES) + at] =
                (uint16_t)(plasma[at] * R(10.0));
        }
    }
}
