/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_TRIAL_SENSOR_H
#define DG_PATIENT_LANE_TRIAL_SENSOR_H

#include "patient/lane/draw.h"

/* A sensor for every lane: patient/sensor.h with the numbers of lanes.
 *
 * The time-varying error of a Dexcom G6: reading = a(t) G + b(t) + v + c, t the
 * days since insertion, v and c second-order autoregressive, one step per
 * sample.  source: Vettoretti et al., EMBC 2019, 10.1109/embc.2019.8856790. */
#define DG_LANE_SENSOR_G6    0U
#define DG_LANE_SENSOR_IDEAL 1U

#define SENSOR_LOW  39.0
#define SENSOR_HIGH 400.0
#define SENSOR_DAYS 10U
/* At the start the sensor has been worn for one day and an hour or two of
 * errors: the autoregression has settled. */
#define SENSOR_WORN    1U
#define SENSOR_RUN_IN  24U
#define SENSOR_SAMPLES 288U /* a day */

struct dg_lane_sensor {
    struct dg_lane_people people;
    vec v[2]; /* the last two */
    vec c[2];
    bool is_run_in;
};

static inline void dg_lane_sensor_start(struct dg_lane_sensor *sensor,
                                        uint64_t first)
{
    sensor->people = dg_lane_people_from(first);
    for (int i = 0; i < 2; i++) {
        sensor->v[i] = v_set(R(0.0));
        sensor->c[i] = v_set(R(0.0));
    }
    sensor->is_run_in = false;
}

static inline void sensor_advance(struct dg_lane_sensor *sensor,
                                  uint64_t seed,
                                  uint32_t day,
                                  uint32_t index)
{
    const struct dg_lane_block block = dg_lane_draw(
        seed, &sensor->people, day, DG_LANE_STREAM_SENSOR, u_set(index));
    vec one;
    vec two;

    v_normal_pair(block.word[0], block.word[1], &one, &two);

    /* sqrt(3.641), sqrt(5.538) */
    const vec v = R(1.22) * sensor->v[0] - R(0.331) * sensor->v[1] +
                  R(1.9081404561) * one;
    const vec c = R(1.34) * sensor->c[0] - R(0.492) * sensor->c[1] +
                  R(2.3532955615) * two;

    sensor->v[1] = sensor->v[0];
    sensor->v[0] = v;
    sensor->c[1] = sensor->c[0];
    sensor->c[0] = c;
}

/**
 * Take a sample: a whole number of mg/dL, 39 .. 400.
 *
 * @param minute  Of the trial, a multiple of 5, each once and in order.
 */
static inline vec dg_lane_sensor_read(struct dg_lane_sensor *sensor,
                                      uint64_t seed,
                                      uint32_t minute,
                                      unsigned kind,
                                      vec interstitial_mg_dL)
{
    const uint32_t day = minute / 1440U;
    vec reading = interstitial_mg_dL;

    if (kind == DG_LANE_SENSOR_G6) {
        /* Whole quotients: the same in any precision's arithmetic. */
        const uint32_t worn = (day + SENSOR_WORN) % SENSOR_DAYS;
        const dg_real t = (dg_real)worn + (dg_real)(minute % 1440U) / R(1440.0);
        const dg_real a = R(1.048) - R(0.033) * t + R(0.002) * t * t;
        const dg_real b = R(-6.398) + R(6.179) * t - R(0.448) * t * t;

        if (!sensor->is_run_in) {
            for (uint32_t i = 0U; i < SENSOR_RUN_IN; i++) {
                sensor_advance(sensor, seed, 0U, SENSOR_SAMPLES + i);
            }
            sensor->is_run_in = true;
        }
        sensor_advance(sensor, seed, day, (minute % 1440U) / 5U);
        reading = a * interstitial_mg_dL + b + sensor->v[0] + sensor->c[0];
    }
    return v_clamp(v_floor(reading + R(0.5)), R(SENSOR_LOW), R(SENSOR_HIGH));
}

#endif
