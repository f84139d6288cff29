/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_PUMP_ERROR_H
#define DG_PATIENT_LANE_PUMP_ERROR_H

#include "patient/lane/draw.h"

/* What a pump really moves when it counts a dose as delivered, for every lane.
 * The device goes on counting what it was told: this is beyond its knowledge.
 *
 * What each hormone chamber, occlusion or air does is no error of delivery and
 * belongs to a trial's failures. */
enum dg_pump_error {
    DG_PUMP_EXACT,
    /* A patch pump's screw: error with a period of 5 U, 1.67 % too much on
     * average. source: Eichenlaub et al., J Diabetes Sci Technol 17 (2023)
     * 4: A0, A1, A2; as in LoopInsighT1.  The start of the turn is drawn. */
    DG_PUMP_PERIODIC,
    /* Each bolus and each hour of basal is off by a normal error, whose
     * standard deviation depends on the amount: see the tables. */
    DG_PUMP_SCATTER,
};

#define PUMP_TURN_MU 5000.0
#define PUMP_A0      1.0167
#define PUMP_A1      (-0.1852)
#define PUMP_A2      (-0.0633)

struct dg_lane_pump {
    enum dg_pump_error error;
    uint64_t seed;
    struct dg_lane_people people;
    vec turn;       /* 0 .. 1: where the screw is                            */
    vec cosine;     /* there                                                 */
    vec basal_gain; /* of this hour                                          */
};

/* A dose and the standard deviation of what is delivered, relative. */
struct pump_scatter {
    double mU;
    double sd;
};

/* Boluses of patch pumps. source: 0.1, 0.2 and 1 U PMC9294567; 5 and 30 U the
 * user guide of Omnipod 5 (12 pods), a third of the distance to its extremes. */
static const struct pump_scatter pump_bolus_scatter[] = {
    {100.0, 0.129},
    {200.0, 0.185},
    {1000.0, 0.136},
    {5000.0, 0.029},
    {30000.0, 0.006},
};

/* Basal in windows of one hour. source: PMC9294567. */
static const struct pump_scatter pump_basal_scatter[] = {
    {100.0, 0.217},
    {1000.0, 0.10},
};

/* Between the points of a table; its ends beyond. */
static inline vec pump_sd(const struct pump_scatter *table,
                          unsigned int count,
                          vec mU)
{
    vec sd = v_set(R(table[0].sd));

    for (unsigned int i = 1; i < count; i++) {
        const double slope =
            (table[i].sd - table[i - 1].sd) / (table[i].mU - table[i - 1].mU);
        const vec here =
            R(table[i - 1].sd) +
            (v_min(mU, v_set(R(table[i].mU))) - R(table[i - 1].mU)) * R(slope);

        sd = v_select(mU > v_set(R(table[i - 1].mU)), here, sd);
    }
    return sd;
}

/* Put pumps on the people first, first + 1, .. of a group. */
static inline void dg_lane_pump_start(struct dg_lane_pump *pump,
                                      enum dg_pump_error error,
                                      uint64_t seed,
                                      uint64_t first)
{
    vec sine;

    pump->error = error;
    pump->seed = seed;
    pump->people = dg_lane_people_from(first);

    const struct dg_lane_block block = dg_lane_draw(
        seed, &pump->people, UINT32_MAX, DG_LANE_STREAM_PUMP, u_set(0U));

    pump->turn = v_uniform(block.word[0]);
    v_sincos_turn(pump->turn, &sine, &pump->cosine);
    pump->basal_gain = v_set(R(1.0));
}

/* The screw turns on; A0 dose + (5/2pi) [A1 (cos p - cos q) + A2/2 (cos 2p -
 * cos 2q)], p and q its angles before and after. */
static inline vec pump_periodic(struct dg_lane_pump *pump, vec mU)
{
    const dg_real unit = R(PUMP_TURN_MU / TWO_PI_);
    const vec moved = pump->turn + mU * R(1.0 / PUMP_TURN_MU);
    const vec before = pump->cosine;
    vec sine;
    vec after;

    pump->turn = moved - v_floor(moved);
    v_sincos_turn(pump->turn, &sine, &after);
    /* A screw that did not turn stays exactly where it was. */
    after = v_select(mU > v_set(R(0.0)), after, before);
    pump->cosine = after;

    /* cos 2p - cos 2q = 2 (cos^2 p - cos^2 q) */
    const vec apart = before - after;

    return R(PUMP_A0) * mU +
           unit * apart * (R(PUMP_A1) + R(PUMP_A2) * (before + after));
}

/**
 * Deliver what the pump counts in this minute.
 *
 * @param[in,out] pump      The group.
 * @param         minute    Since midnight of the first day; each once.
 * @param         bolus_mU  Beyond basal, 0 or more.
 * @param         basal_mU  Of the schedule or a temporary rate, 0 or more.
 *
 * @return What enters the person, mU, 0 or more.
 */
static inline vec dg_lane_pump_minute(struct dg_lane_pump *pump,
                                      uint32_t minute,
                                      vec bolus_mU,
                                      vec basal_mU)
{
    const vec none = v_set(R(0.0));
    const uint32_t day = minute / 1440U;
    const uint32_t of_day = minute % 1440U;
    const vec both = bolus_mU + basal_mU;

    if (pump->error == DG_PUMP_EXACT) {
        return both;
    }
    if (pump->error == DG_PUMP_PERIODIC) {
        return v_max(pump_periodic(pump, both), none);
    }
    if (of_day % 60U == 0U) {
        const struct dg_lane_block block =
            dg_lane_draw(pump->seed,
                         &pump->people,
                         day,
                         DG_LANE_STREAM_PUMP,
                         u_set(1440U + of_day / 60U));
        vec one;
        vec two;

        /* The rate of the hour's first minute stands for the hour. */
        v_normal_pair(block.word[0], block.word[1], &one, &two);
        pump->basal_gain =
            R(1.0) + one * pump_sd(pump_basal_scatter, 2U, basal_mU * R(60.0));
    }

    vec given = v_max(basal_mU * pump->basal_gain, none);

    if (b_any(bolus_mU > none)) {
        const struct dg_lane_block block = dg_lane_draw(
            pump->seed, &pump->people, day, DG_LANE_STREAM_PUMP, u_set(of_day));
        vec one;
        vec two;

        v_normal_pair(block.word[0], block.word[1], &one, &two);
        given +=
            v_max(bolus_mU * (R(1.0) +
                              one * pump_sd(pump_bolus_scatter, 5U, bolus_mU)),
                  none);
    }
    return given;
}

#endif
