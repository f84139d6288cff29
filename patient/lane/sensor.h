/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_SENSOR_H
#define DG_PATIENT_LANE_SENSOR_H

#include "patient/lane/draw.h"
#include "patient/sensor_model.h"
#include "patient/variates.h"

/* A continuous glucose sensor for every lane: patient/sensor_model.h says what
 * it gets wrong.  One reading every five minutes, whole mg/dL within 39 .. 400;
 * what fails on top is in sensor_faults.h. */

#define SENSOR_LOW     39.0
#define SENSOR_HIGH    400.0
#define SENSOR_SAMPLES 288U /* a day                                         */

struct dg_lane_drift {
    vec p1;
    vec p2;
    vec sd; /* of the innovation, mg/dL                                      */
    vec last;
    vec before;
};

struct dg_lane_sensor {
    enum dg_sensor_model model;
    uint64_t seed;
    uint64_t first; /* person in lane 0                                      */
    struct dg_lane_people people;
    vec age_days; /* at the last midnight                                    */
    vec a[3];
    vec b[3];
    struct dg_lane_drift v;
    struct dg_lane_drift c;
    vec breton;          /* the first-order process                         */
    vec breton_error[2]; /* mg/dL: at the last and at the next quarter hour */
    uint32_t serial[DG_LANES];
};

/* An autoregression in its stationary distribution. */
static inline void sensor_drift_set(struct dg_lane_drift *drift,
                                    int lane,
                                    const struct dg_autoregression *process,
                                    double one,
                                    double two)
{
    const double correlation = process->p1 / (1.0 - process->p2);
    const double sd = dg_autoregression_sd(process);

    drift->p1[lane] = R(process->p1);
    drift->p2[lane] = R(process->p2);
    drift->sd[lane] = R(dg_plain_sqrt(process->variance));
    drift->before[lane] = R(sd * one);
    drift->last[lane] =
        R(sd * (correlation * one +
                dg_plain_sqrt(1.0 - correlation * correlation) * two));
}

/* Breton's transformation. */
static inline vec sensor_breton_error(vec e)
{
    return R(DG_BRETON_XI) +
           R(DG_BRETON_LAMBDA) *
               v_sinh((e - R(DG_BRETON_GAMMA)) * R(1.0 / DG_BRETON_DELTA));
}

/* The person of a lane puts on the next sensor. */
static inline void sensor_insert(struct dg_lane_sensor *sensor, int lane)
{
    const uint64_t person = sensor->first + (uint64_t)lane;
    const uint32_t serial = sensor->serial[lane];
    /* The figures use the row's beginning; the start its far end. */
    struct dg_variates from = dg_variates_begin(
        sensor->seed, person, DG_LANE_STREAM_WORN, serial | 0x80000000U);
    struct dg_sensor_figures figures = {.a = {1.0, 0.0, 0.0}};
    double normal[5];

    /* Arguments are in range; a draw of a thousand that fails leaves ideal
     * figures. */
    (void)!dg_sensor_model_figures(
        sensor->model, sensor->seed, person, serial, &figures);
    for (int i = 0; i < 5; i++) {
        normal[i] = dg_variates_normal(&from);
    }
    for (int i = 0; i < 3; i++) {
        sensor->a[i][lane] = R(figures.a[i]);
        sensor->b[i][lane] = R(figures.b[i]);
    }
    sensor_drift_set(&sensor->v, lane, &figures.v, normal[0], normal[1]);
    sensor_drift_set(&sensor->c, lane, &figures.c, normal[2], normal[3]);

    /* The process settles to variance 0.49 / 0.51. */
    const double e = 0.98019605881960692 * normal[4];

    sensor->breton[lane] = R(e);
    sensor->breton_error[1][lane] = sensor_breton_error(v_set(R(e)))[lane];
    sensor->serial[lane] = serial + 1U;
}

/**
 * Put sensors on a group of people, each worn for 0 .. 9 whole days already:
 * a population does not change sensors on one day.
 *
 * @param[out] sensor  The group.
 * @param      model   The same for all.
 * @param      seed    The campaign.
 * @param      first   Number of the person in lane 0.
 */
static inline void dg_lane_sensor_start(struct dg_lane_sensor *sensor,
                                        enum dg_sensor_model model,
                                        uint64_t seed,
                                        uint64_t first)
{
    sensor->model = model;
    sensor->seed = seed;
    sensor->first = first;
    sensor->people = dg_lane_people_from(first);
    for (int lane = 0; lane < DG_LANES; lane++) {
        struct dg_variates from = dg_variates_begin(
            seed, first + (uint64_t)lane, DG_LANE_STREAM_WORN, UINT32_MAX);
        const double worn = DG_SENSOR_MODEL_DAYS * dg_variates_uniform(&from);

        sensor->age_days[lane] = R((double)(uint32_t)worn);
        sensor->serial[lane] = 0U;
        sensor_insert(sensor, lane);
    }
    sensor->breton_error[0] = sensor->breton_error[1];
}

static inline void sensor_advance(struct dg_lane_drift *drift, vec normal)
{
    const vec next = drift->p1 * drift->last + drift->p2 * drift->before +
                     drift->sd * normal;

    drift->before = drift->last;
    drift->last = next;
}

/* Midnight: who has worn a sensor for long enough puts on the next. */
static inline void sensor_midnight(struct dg_lane_sensor *sensor)
{
    const vec age = sensor->age_days + R(1.0);
    const bits is_old = age >= v_set(R(DG_SENSOR_MODEL_DAYS));

    sensor->age_days = v_keep(~is_old, age);
    if (b_any(is_old)) {
        for (int lane = 0; lane < DG_LANES; lane++) {
            if (is_old[lane] != 0) {
                sensor_insert(sensor, lane);
                sensor->breton_error[0][lane] = sensor->breton_error[1][lane];
            }
        }
    }
}

/**
 * Take a sample, before rounding.
 *
 * @param[in,out] sensor        The group.
 * @param         minute        Since midnight of the first day, a multiple of
 *                              5; each once and in order.
 * @param         interstitial  mg/dL.
 *
 * @return mg/dL, any value.
 */
static inline vec dg_lane_sensor_sample(struct dg_lane_sensor *sensor,
                                        uint32_t minute,
                                        vec interstitial)
{
    const uint32_t day = minute / 1440U;
    const uint32_t index = minute % 1440U / 5U;

    if ((index == 0U) && (day > 0U)) {
        sensor_midnight(sensor);
    }
    if (sensor->model == DG_SENSOR_MODEL_IDEAL) {
        return interstitial;
    }

    const struct dg_lane_block block = dg_lane_draw(sensor->seed,
                                                    &sensor->people,
                                                    day,
                                                    DG_LANE_STREAM_SENSOR,
                                                    u_set(index));
    vec one;
    vec two;

    v_normal_pair(block.word[0], block.word[1], &one, &two);
    if (sensor->model == DG_SENSOR_MODEL_BRETON) {
        const dg_real share = (dg_real)(index % 3U) * R(1.0 / 3.0);

        if (index % 3U == 0U) {
            sensor->breton = R(DG_BRETON_KEEP) * (sensor->breton + one);
            sensor->breton_error[0] = sensor->breton_error[1];
            sensor->breton_error[1] = sensor_breton_error(sensor->breton);
        }
        return interstitial + sensor->breton_error[0] +
               share * (sensor->breton_error[1] - sensor->breton_error[0]);
    }
    sensor_advance(&sensor->v, one);
    sensor_advance(&sensor->c, two);

    const vec t = sensor->age_days + (dg_real)index * R(1.0 / SENSOR_SAMPLES);
    const vec gain = sensor->a[0] + t * (sensor->a[1] + t * sensor->a[2]);
    const vec offset = sensor->b[0] + t * (sensor->b[1] + t * sensor->b[2]);

    return gain * interstitial + offset + sensor->v.last + sensor->c.last;
}

/** What is shown: a whole number of mg/dL, 39 .. 400. */
static inline vec dg_lane_sensor_shown(vec sample)
{
    return v_floor(v_clamp(sample, R(SENSOR_LOW), R(SENSOR_HIGH)) + R(0.5));
}

/** Sample and show. */
static inline vec dg_lane_sensor_read(struct dg_lane_sensor *sensor,
                                      uint32_t minute,
                                      vec interstitial)
{
    return dg_lane_sensor_shown(
        dg_lane_sensor_sample(sensor, minute, interstitial));
}

#endif
