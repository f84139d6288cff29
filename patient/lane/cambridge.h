/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_CAMBRIDGE_H
#define DG_PATIENT_LANE_CAMBRIDGE_H

#include "patient/cambridge.h"
#include "patient/lane/cascade.h"
#include "patient/lane/minute.h"

/* The two Cambridge models for every lane: Wilinska 2010 with glucagon after
 * McGill, the default of trials, and Hovorka 2004 with glucagon after OHSU.
 * patient/cambridge.h names the sources.
 *
 *     Q1' = -F - FR - x1 Q1 + k12 Q2 + UM + EGP       umol/kg, G = Q1 / Vg
 *     Q2' = x1 Q1 - (k12 + x2) Q2
 *     FR  = RCl (Q1 - RTh Vg) above RTh
 *     C'  = (G - C) / tauS                            interstitial
 *
 *              Wilinska                               Hovorka
 *     F        (F01 / 0.85) G / (G + 1)               F01 min(1, G / 4.5)
 *     EGP      EGP0 (exp(-x3) + exp(-1 / (H T)))      EGP0 (1 - x3 + Y + kg3 Z)
 *
 * H is glucagon in plasma, pg/mL.  Y and Z follow a chain of three, see
 * cambridge_ohsu_half(); they have no ceiling of their own, so EGP is held to
 * 0 .. 2 EGP0, which is what the other form can reach: meant for micro-doses
 * (20 ug/h or so), this one shows no more than a direction beyond.
 *
 * Insulin, meals and McGill's glucagon are chains that cascade.h solves
 * exactly.  Q1, Q2 and C take one classical Runge-Kutta step a minute, and
 * four in a lane whose effects are too fast for one (an overdose far beyond
 * any therapy).  Rescue carbohydrate has a chain of its own: tauM 20 min, all
 * of it absorbed (McGill).  Exercise after Jacobs (cascade.h) multiplies the
 * effects of insulin, as published for Hovorka; with Wilinska, whose structure
 * is the same, the pairing is ours. */

#define CAMBRIDGE_RESCUE_TAU 20.0 /* min */
/* 1/min: effects from which fine steps are taken; see s2008.h. */
#define CAMBRIDGE_FAST 1.0
#define CAMBRIDGE_FINE 4
/* 1/min: effects count as no faster, so that fine steps are stable.  Only a
 * reservoir at once exceeds it, and empties plasma in seconds either way. */
#define CAMBRIDGE_FASTEST 8.0
#define CAMBRIDGE_MAX     1e7 /* no body holds more of anything              */
#define CAMBRIDGE_GLUCOSE 3   /* Q1, Q2, C                                   */
#define CAMBRIDGE_KINK    4.5 /* mmol/L: Hovorka's uptake falls below        */

/* Rates of OHSU's glucagon, 1/min. source: Lv et al. 2013, in T1D_VPP. */
#define OHSU_KG1    0.0065
#define OHSU_KG2    0.02777
#define OHSU_KGE1   0.0772
#define OHSU_KGE2   0.0357
#define OHSU_VDGG   0.19 /* L/kg                                              */
#define OHSU_STATES 5    /* g1, g2, g3 mg/kg; Y, Z                            */

struct dg_lane_cambridge {
    vec EGP0;
    vec F01; /* umol/kg/min; Wilinska: / 0.85                               */
    vec k12;
    vec RCl;
    vec RTh_Vg; /* umol/kg                                                   */
    vec per_Vg;
    vec per_tauS;
    vec meal_umol;   /* umol/kg per g of a meal that is absorbed             */
    vec rescue_umol; /* ... of rescue carbohydrate                           */
    vec glucagon_HT; /* H T per ug/min that appears                          */
    struct dg_lane_insulin insulin;
    struct dg_lane_exercise exercise;
    struct dg_lane_chain meal;     /* g                                      */
    struct dg_lane_chain rescue;   /* g                                      */
    struct dg_lane_chain glucagon; /* ug; Wilinska                           */
    vec ohsu[OHSU_STATES];         /* Hovorka                                */
    vec ohsu_in;                   /* mg/kg per ug                           */
    vec ohsu_kc;
    vec ohsu_kg; /* per minute and mg/kg                                     */
    vec ohsu_kg3;
    vec x[CAMBRIDGE_GLUCOSE]; /* Q1, Q2 umol/kg; C mmol/L               */
    vec liver;                /* EGP / EGP0 at the end of the last min  */
};

/**
 * Put a person into a lane, fasting, at the steady state of start_mmol_L.
 *
 * @param[out] g      The group; other lanes unchanged.
 * @param      model  Which; the same for the whole group.
 * @param      lane   0 .. DG_LANES - 1.
 * @param[in]  p      Figures that dg_cambridge_check() accepts.
 */
static inline void dg_lane_cambridge_set(
    struct dg_lane_cambridge *g,
    enum dg_cambridge_model model,
    int lane,
    const struct dg_cambridge_parameters *p)
{
    const double insulin = dg_cambridge_basal_mU_L(model, p, p->start_mmol_L);
    const struct dg_insulin_rates rates = {
        .ka = p->ka,
        .ke = p->ke,
        .volume_L = p->Vi * p->weight_kg / 1000.0,
        .effect = {p->ka1, p->ka2, p->ka3},
        .S = {p->St, p->Sd, p->Se},
        .start = insulin,
    };
    const double q1 = p->start_mmol_L * p->Vg;
    const double per_kg = DG_GLUCOSE_UMOL_PER_G / p->weight_kg;
    const double effect = p->Se * insulin;

#define SET(name, value) g->name[lane] = R(value)
    SET(EGP0, p->EGP0);
    SET(F01, model == DG_CAMBRIDGE_WILINSKA ? p->F01 / 0.85 : p->F01);
    SET(k12, p->k12);
    SET(RCl, p->RCl);
    SET(RTh_Vg, p->RTh * p->Vg);
    SET(per_Vg, 1.0 / p->Vg);
    SET(per_tauS, 1.0 / p->tauS);
    SET(meal_umol, p->Bio * per_kg);
    SET(rescue_umol, per_kg);
    SET(glucagon_HT, 1e3 / (p->weight_kg * p->glucagon_MCR) * p->glucagon_T);
    SET(x[0], q1);
    SET(x[1], q1 * p->St * insulin / (p->k12 + p->Sd * insulin));
    SET(x[2], p->start_mmol_L);
    SET(liver,
        model == DG_CAMBRIDGE_WILINSKA ? cascade_decay(effect) : 1.0 - effect);
    for (int i = 0; i < OHSU_STATES; i++) {
        SET(ohsu[i], 0.0);
    }
    SET(ohsu_in, 1e-3 / p->weight_kg);
    SET(ohsu_kc, p->kc);
    SET(ohsu_kg, p->SfGG * p->kc * 1e6 / OHSU_VDGG);
    SET(ohsu_kg3, p->kg3);
    SET(exercise.gamma, 0.0);
#undef SET
    dg_lane_insulin_set(&g->insulin, lane, &rates);
    dg_lane_chain_set(&g->meal, lane, 1.0 / p->tauM);
    dg_lane_chain_set(&g->rescue, lane, 1.0 / CAMBRIDGE_RESCUE_TAU);
    dg_lane_chain_set(&g->glucagon, lane, 1.0 / p->glucagon_tau);
}

/* What drives glucose at one instant. */
struct cambridge_drive {
    vec transport; /* x1, 1/min                                              */
    vec leave_2;   /* k12 + x2, 1/min                                        */
    vec in;        /* meals and liver, umol/kg/min                           */
};

static inline struct cambridge_drive cambridge_drive(
    const struct dg_lane_cambridge *g)
{
    return (struct cambridge_drive){
        .transport = v_min(g->insulin.x[0], v_set(R(CAMBRIDGE_FASTEST))),
        .leave_2 = v_min(g->k12 + g->insulin.x[1], v_set(R(CAMBRIDGE_FASTEST))),
        .in = g->EGP0 * g->liver + g->meal_umol * dg_lane_chain_out(&g->meal) +
              g->rescue_umol * dg_lane_chain_out(&g->rescue),
    };
}

static inline void cambridge_ohsu_slope(const struct dg_lane_cambridge *g,
                                        const vec x[OHSU_STATES],
                                        vec in,
                                        vec dx[OHSU_STATES])
{
    const vec rise = R(OHSU_KG2) * x[1] - R(OHSU_KGE2) * x[2];

    dx[0] = in - R(OHSU_KG1 + OHSU_KGE1) * x[0];
    dx[1] = R(OHSU_KG1) * x[0] - R(OHSU_KG2) * x[1];
    dx[2] = rise;
    dx[3] = g->ohsu_kg * x[2] - g->ohsu_kc * x[3];
    dx[4] = g->ohsu_kg * rise - g->ohsu_kc * x[4];
}

/* Half a minute of OHSU's glucagon: one classical Runge-Kutta step. */
static inline void cambridge_ohsu_half(struct dg_lane_cambridge *g,
                                       vec glucagon_ug)
{
    const dg_real h = R(CASCADE_HALF);
    const vec in = glucagon_ug * g->ohsu_in;
    vec *const x = g->ohsu;
    vec at[OHSU_STATES];
    vec slope[OHSU_STATES];
    vec sum[OHSU_STATES];

    /* Who never had any stays at zero either way. */
    if (!b_any((in != v_set(R(0.0))) | (x[0] != v_set(R(0.0))))) {
        return;
    }
    cambridge_ohsu_slope(g, x, in, slope);
    for (int stage = 1; stage < 4; stage++) {
        const dg_real reach = stage < 3 ? R(0.5) * h : h;
        const dg_real weight = stage == 1 ? R(1.0) : R(2.0);

        for (int i = 0; i < OHSU_STATES; i++) {
            sum[i] = stage == 1 ? slope[i] : sum[i] + weight * slope[i];
            at[i] = x[i] + reach * slope[i];
        }
        cambridge_ohsu_slope(g, at, in, slope);
    }
    for (int i = 0; i < OHSU_STATES; i++) {
        x[i] += h * R(1.0 / 6.0) * (sum[i] + slope[i]);
    }
}

/* The share of EGP0 that the liver puts out. */
static inline vec cambridge_liver(const struct dg_lane_cambridge *g,
                                  enum dg_cambridge_model model)
{
    if (model == DG_CAMBRIDGE_HOVORKA) {
        return v_clamp(R(1.0) - g->insulin.x[2] + g->ohsu[3] +
                           g->ohsu_kg3 * g->ohsu[4],
                       R(0.0),
                       R(2.0));
    }

    const vec potency = g->glucagon_HT * dg_lane_chain_out(&g->glucagon);
    const bits has_glucagon = potency > v_set(R(0.0));
    vec liver = v_exp(-g->insulin.x[2]);

    if (b_any(has_glucagon)) {
        liver += v_keep(has_glucagon,
                        v_exp(R(-1.0) / v_max(potency, v_set(R(1e-6)))));
    }
    return liver;
}

static inline void cambridge_slope(const struct dg_lane_cambridge *g,
                                   enum dg_cambridge_model model,
                                   const vec x[CAMBRIDGE_GLUCOSE],
                                   const struct cambridge_drive *drive,
                                   vec dx[CAMBRIDGE_GLUCOSE])
{
    const vec none = v_set(R(0.0));
    const vec glucose = v_max(x[0], none) * g->per_Vg;
    const vec uptake =
        model == DG_CAMBRIDGE_WILINSKA
            ? g->F01 * glucose / (glucose + R(1.0))
            : g->F01 * v_min(glucose * R(1.0 / CAMBRIDGE_KINK), v_set(R(1.0)));
    const vec kidney = g->RCl * v_max(x[0] - g->RTh_Vg, none);
    const vec moved = drive->transport * x[0];

    dx[0] = drive->in - uptake - kidney - moved + g->k12 * x[1];
    dx[1] = moved - drive->leave_2 * x[1];
    dx[2] = g->per_tauS * (glucose - x[2]);
}

/* One Runge-Kutta step from drive[0] by way of drive[1] to drive[2]. */
static inline void cambridge_step(const struct dg_lane_cambridge *g,
                                  enum dg_cambridge_model model,
                                  const struct cambridge_drive drive[3],
                                  dg_real h,
                                  vec x[CAMBRIDGE_GLUCOSE])
{
    vec at[CAMBRIDGE_GLUCOSE];
    vec slope[CAMBRIDGE_GLUCOSE];
    vec sum[CAMBRIDGE_GLUCOSE];

    cambridge_slope(g, model, x, &drive[0], slope);
    for (int i = 0; i < CAMBRIDGE_GLUCOSE; i++) {
        sum[i] = slope[i];
        at[i] = x[i] + R(0.5) * h * slope[i];
    }
    cambridge_slope(g, model, at, &drive[1], slope);
    for (int i = 0; i < CAMBRIDGE_GLUCOSE; i++) {
        sum[i] += R(2.0) * slope[i];
        at[i] = x[i] + R(0.5) * h * slope[i];
    }
    cambridge_slope(g, model, at, &drive[1], slope);
    for (int i = 0; i < CAMBRIDGE_GLUCOSE; i++) {
        sum[i] += R(2.0) * slope[i];
        at[i] = x[i] + h * slope[i];
    }
    cambridge_slope(g, model, at, &drive[2], slope);
    for (int i = 0; i < CAMBRIDGE_GLUCOSE; i++) {
        x[i] += h * R(1.0 / 6.0) * (sum[i] + slope[i]);
    }
}

/* What drives glucose `share` of the way between two instants. */
static inline struct cambridge_drive cambridge_between(
    const struct cambridge_drive *from,
    const struct cambridge_drive *to,
    dg_real share)
{
    return (struct cambridge_drive){
        .transport =
            from->transport + share * (to->transport - from->transport),
        .leave_2 = from->leave_2 + share * (to->leave_2 - from->leave_2),
        .in = from->in + share * (to->in - from->in),
    };
}

/* A minute in four steps, for the lanes that need it. */
static inline void cambridge_fine(const struct dg_lane_cambridge *g,
                                  enum dg_cambridge_model model,
                                  const struct cambridge_drive drive[3],
                                  vec x[CAMBRIDGE_GLUCOSE])
{
    for (int step = 0; step < CAMBRIDGE_FINE; step++) {
        const struct cambridge_drive *const half = &drive[step / 2];
        const dg_real begin = step % 2 == 0 ? R(0.0) : R(0.5);
        const struct cambridge_drive steps[3] = {
            cambridge_between(&half[0], &half[1], begin),
            cambridge_between(&half[0], &half[1], begin + R(0.25)),
            cambridge_between(&half[0], &half[1], begin + R(0.5)),
        };

        cambridge_step(g, model, steps, R(1.0 / CAMBRIDGE_FINE), x);
    }
}

/* Live for one minute. */
static inline void dg_lane_cambridge_minute(struct dg_lane_cambridge *g,
                                            enum dg_cambridge_model model,
                                            const struct dg_lane_inflow *in)
{
    vec sensitivity[3];
    struct cambridge_drive drive[3];
    vec x[CAMBRIDGE_GLUCOSE];

    dg_lane_exercise_minute(&g->exercise, in->exercise, sensitivity);
    drive[0] = cambridge_drive(g);
    for (int half = 1; half <= 2; half++) {
        dg_lane_insulin_half(&g->insulin, in->insulin_mU, sensitivity);
        dg_lane_chain_half(&g->meal, in->carbs_g);
        dg_lane_chain_half(&g->rescue, in->rescue_g);
        if (model == DG_CAMBRIDGE_WILINSKA) {
            dg_lane_chain_half(&g->glucagon, in->glucagon_ug);
        } else {
            cambridge_ohsu_half(g, in->glucagon_ug);
        }
        g->liver = cambridge_liver(g, model);
        drive[half] = cambridge_drive(g);
    }

    const bits is_fast = v_max(v_max(drive[0].transport, drive[2].transport),
                               v_max(drive[0].leave_2, drive[2].leave_2)) >
                         v_set(R(CAMBRIDGE_FAST));

    for (int i = 0; i < CAMBRIDGE_GLUCOSE; i++) {
        x[i] = g->x[i];
    }
    cambridge_step(g, model, drive, R(1.0), x);
    if (b_any(is_fast)) {
        vec fine[CAMBRIDGE_GLUCOSE];

        for (int i = 0; i < CAMBRIDGE_GLUCOSE; i++) {
            fine[i] = g->x[i];
        }
        cambridge_fine(g, model, drive, fine);
        for (int i = 0; i < CAMBRIDGE_GLUCOSE; i++) {
            x[i] = v_select(is_fast, fine[i], x[i]);
        }
    }
    for (int i = 0; i < CAMBRIDGE_GLUCOSE; i++) {
        g->x[i] = x[i];
    }
}

/* Give glucose. */
static inline struct dg_lane_glucose dg_lane_cambridge_glucose(
    const struct dg_lane_cambridge *g)
{
    const vec none = v_set(R(0.0));

    return (struct dg_lane_glucose){
        v_max(g->x[0] * g->per_Vg * R(DG_MG_DL_PER_MMOL_L), none),
        v_max(g->x[2] * R(DG_MG_DL_PER_MMOL_L), none),
    };
}

/* True where every state is a number that a body can hold. */
static inline bits dg_lane_cambridge_is_sound(const struct dg_lane_cambridge *g)
{
    const vec most = v_set(R(CAMBRIDGE_MAX));

    return (v_abs(g->x[0]) <= most) & (v_abs(g->x[1]) <= most) &
           (v_abs(g->x[2]) <= most) & (v_abs(g->insulin.s1) <= most) &
           (v_abs(g->insulin.s2) <= most) & (v_abs(g->insulin.plasma) <= most) &
           (v_abs(g->insulin.x[0]) <= most) & (v_abs(g->insulin.x[1]) <= most) &
           (v_abs(g->insulin.x[2]) <= most) & (v_abs(g->meal.first) <= most) &
           (v_abs(g->rescue.first) <= most) &
           (v_abs(g->glucagon.first) <= most) & (v_abs(g->ohsu[0]) <= most) &
           (v_abs(g->liver) <= most);
}

#endif
