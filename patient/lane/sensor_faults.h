/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_SENSOR_FAULTS_H
#define DG_PATIENT_LANE_SENSOR_FAULTS_H

#include <stddef.h>

#include "patient/lane/sensor.h"

/* What happens to a sensor's readings beside its usual error.  Each fault
 * comes at most once in a person's day, with a chance that the trial sets;
 * zero, which is where everything starts, means never.
 *
 * Sizes are our assumptions, chosen after what is described: a lowered reading
 * under pressure in the night (compression low), oref0's test for a value that
 * does not move, Loop's limit of 40 mg/dL per 5 min for a gradual change, and
 * clocks that are minutes apart. */
enum dg_sensor_fault {
    DG_FAULT_DROPOUT,     /* no reading for 10 .. 180 min                    */
    DG_FAULT_COMPRESSION, /* in the night 30 .. 90 min; falls within 10 min to
                           * 45 .. 80 % of glucose and comes back as fast    */
    DG_FAULT_FALSE_LOW,   /* 25 .. 60 % of glucose for 15 .. 60 min, at once */
    DG_FAULT_STUCK,       /* the same value for 20 .. 180 min                */
    DG_FAULT_BIAS_RAMP,   /* 5 .. 20 mg/dL per hour, up or down, for 1 .. 6 h,
                           * then gone                                       */
    DG_FAULT_SPIKE,       /* one reading 45 .. 120 mg/dL off, up or down     */
    DG_FAULT_LATE,        /* readings 5 .. 30 min old for 1 .. 6 h           */
    DG_FAULTS,
};

#define FAULT_LATE_MAX 6 /* samples                                          */

/* The chance of each fault in a day, 0 .. 1. */
struct dg_sensor_fault_chances {
    double per_day[DG_FAULTS];
};

struct dg_lane_faults {
    struct dg_sensor_fault_chances chances;
    uint64_t seed;
    struct dg_lane_people people;
    /* In samples of this day; a length of 0: not today. */
    vec begin[DG_FAULTS];
    vec length[DG_FAULTS];
    vec size[DG_FAULTS]; /* -1 .. 1 or 0 .. 1, see the table below           */
    vec late[FAULT_LATE_MAX]; /* the last samples, newest first              */
    vec shown;                /* the last reading that was given             */
    bool has_begun;
};

static inline void dg_lane_faults_start(
    struct dg_lane_faults *faults,
    const struct dg_sensor_fault_chances *chances,
    uint64_t seed,
    uint64_t first)
{
    faults->chances = *chances;
    faults->seed = seed;
    faults->people = dg_lane_people_from(first);
    for (int i = 0; i < DG_FAULTS; i++) {
        faults->begin[i] = v_set(R(0.0));
        faults->length[i] = v_set(R(0.0));
        faults->size[i] = v_set(R(0.0));
    }
    for (int i = 0; i < FAULT_LATE_MAX; i++) {
        faults->late[i] = v_set(R(0.0));
    }
    faults->shown = v_set(R(0.0));
    faults->has_begun = false;
}

/* When each fault may begin and how long it lasts, in samples. */
static inline void faults_draw_day(struct dg_lane_faults *faults, uint32_t day)
{
    static const struct fault_shape {
        double earliest;
        double span;
        double shortest;
        double more;
    } shapes[DG_FAULTS] = {
        [DG_FAULT_DROPOUT] = {0.0, 288.0, 2.0, 35.0},
        /* Between midnight and six. */
        [DG_FAULT_COMPRESSION] = {0.0, 72.0, 6.0, 13.0},
        [DG_FAULT_FALSE_LOW] = {0.0, 288.0, 3.0, 10.0},
        [DG_FAULT_STUCK] = {0.0, 288.0, 4.0, 33.0},
        [DG_FAULT_BIAS_RAMP] = {0.0, 288.0, 12.0, 61.0},
        [DG_FAULT_SPIKE] = {0.0, 288.0, 1.0, 1.0},
        [DG_FAULT_LATE] = {0.0, 288.0, 12.0, 61.0},
    };
    const vec day_long = v_set(R(SENSOR_SAMPLES));

    for (unsigned int i = 0; i < DG_FAULTS; i++) {
        if (!(faults->chances.per_day[i] > 0.0)) {
            continue;
        }

        const struct dg_lane_block block = dg_lane_draw(faults->seed,
                                                        &faults->people,
                                                        day,
                                                        DG_LANE_STREAM_FAULTS,
                                                        u_set(i));
        /* What runs past midnight goes on, and nothing else begins. */
        const vec old_begin = faults->begin[i] - day_long;
        const bits goes_on = old_begin + faults->length[i] > v_set(R(0.0));
        const bits comes =
            v_uniform(block.word[0]) < v_set(R(faults->chances.per_day[i]));
        const vec begin = v_floor(R(shapes[i].earliest) +
                                  R(shapes[i].span) * v_uniform(block.word[1]));
        const vec length =
            v_keep(comes,
                   v_floor(R(shapes[i].shortest) +
                           R(shapes[i].more) * v_uniform(block.word[2])));

        faults->begin[i] = v_select(goes_on, old_begin, begin);
        faults->length[i] = v_select(goes_on, faults->length[i], length);
        faults->size[i] = v_select(goes_on,
                                   faults->size[i],
                                   R(2.0) * v_uniform(block.word[3]) - R(1.0));
    }
}

/* A number of the drawn range: low for -1, high for 1. */
static inline vec faults_between(vec size, dg_real low, dg_real high)
{
    return R(0.5) * (low + high) + R(0.5) * (high - low) * size;
}

/* From the size of the fault, whose sign is the direction, its amount. */
static inline vec faults_signed(vec size, dg_real low, dg_real high)
{
    return v_copysign(low + (high - low) * v_abs(size), size);
}

/**
 * Pass a sample through the faults of its time.
 *
 * @param[in,out] faults  The group.
 * @param         minute  As for dg_lane_sensor_sample().
 * @param         sample  What the sensor would read, mg/dL.
 * @param[out]    struck  Optional: lanes whose reading a fault touches.
 *
 * @return What arrives: whole mg/dL, 39 .. 400; 0 where none does.
 */
static inline vec dg_lane_faults_pass(struct dg_lane_faults *faults,
                                      uint32_t minute,
                                      vec sample,
                                      bits *struck)
{
    const uint32_t index = minute % 1440U / 5U;
    const vec now = v_set((dg_real)index);
    const vec none = v_set(R(0.0));
    bits is_on[DG_FAULTS];
    vec since[DG_FAULTS];

    if (index == 0U) {
        faults_draw_day(faults, minute / 1440U);
    }
    for (int i = 0; i < DG_FAULTS; i++) {
        since[i] = now - faults->begin[i];
        is_on[i] = (since[i] >= none) & (since[i] < faults->length[i]);
    }

    /* Pressure: in over two samples, out over two. */
    const vec left =
        faults->length[DG_FAULT_COMPRESSION] - since[DG_FAULT_COMPRESSION];
    const vec pressed =
        v_min(v_min(since[DG_FAULT_COMPRESSION] + R(1.0), left) * R(0.5),
              v_set(R(1.0)));
    const vec share =
        faults_between(faults->size[DG_FAULT_COMPRESSION], R(0.45), R(0.80));
    vec value = v_select(is_on[DG_FAULT_COMPRESSION],
                         sample * (R(1.0) - pressed * (R(1.0) - share)),
                         sample);

    value = v_select(is_on[DG_FAULT_FALSE_LOW],
                     value * faults_between(faults->size[DG_FAULT_FALSE_LOW],
                                            R(0.25),
                                            R(0.60)),
                     value);
    value += v_keep(
        is_on[DG_FAULT_BIAS_RAMP],
        (since[DG_FAULT_BIAS_RAMP] + R(1.0)) * R(1.0 / 12.0) *
            faults_signed(faults->size[DG_FAULT_BIAS_RAMP], R(5.0), R(20.0)));
    value +=
        v_keep(is_on[DG_FAULT_SPIKE],
               faults_signed(faults->size[DG_FAULT_SPIKE], R(45.0), R(120.0)));

    /* An old value under a new time stamp. */
    const vec age =
        v_floor(faults_between(faults->size[DG_FAULT_LATE], R(1.0), R(6.999)));
    vec old = value;

    for (int i = 0; i < FAULT_LATE_MAX; i++) {
        if (!faults->has_begun) {
            faults->late[i] = value;
        }
        old = v_select(age == v_set((dg_real)(i + 1)), faults->late[i], old);
    }
    for (int i = FAULT_LATE_MAX - 1; i > 0; i--) {
        faults->late[i] = faults->late[i - 1];
    }
    faults->late[0] = value;
    value = v_select(is_on[DG_FAULT_LATE], old, value);

    const vec shown = dg_lane_sensor_shown(value);

    /* Stuck on what was shown last. */
    faults->shown = faults->has_begun
                        ? v_select(is_on[DG_FAULT_STUCK], faults->shown, shown)
                        : shown;
    faults->has_begun = true;
    if (struck != NULL) {
        *struck = b_set(0);
        for (int i = 0; i < DG_FAULTS; i++) {
            *struck |= is_on[i];
        }
    }
    return v_keep(~is_on[DG_FAULT_DROPOUT], faults->shown);
}

#endif
