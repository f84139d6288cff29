/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_S2008_H
#define DG_PATIENT_LANE_S2008_H

#include "patient/lane/elementary.h"
#include "patient/lane/minute.h"
#include "patient/s2008.h"

/* The equations of UVA/Padova S2008 (patient/s2008.h says where they come
 * from), and the one term of S2013 that a low needs, for every lane.
 *
 * The classical Runge-Kutta method; the stomach, whose emptying switches
 * steeply in some people, takes two steps for each one of the rest.  Double is
 * the reference and takes four steps a minute.  Float takes one, and four in a
 * lane whose insulin drains tissue faster than one can follow (an overdose far
 * beyond any therapy).  test_s2008_lanes.c asserts the errors. */

#define S2008_FINE_STEPS 4
#if defined(DG_LANE_FLOAT)
#define S2008_COARSE_STEPS 1
#else
#define S2008_COARSE_STEPS S2008_FINE_STEPS
#endif
/* 1/min: emptying of tissue from which fine steps are taken; the method is
 * unstable from 2.78 on. */
#define S2008_DRAIN_FINE 1.0

/* Uptake in a low is amplified. source: Visentin et al., J Diabetes Sci
 * Technol 12 (2018) 273, as in replay-bg@3d1b8ab. */
#define S2013_R1     1.4407
#define S2013_R2     0.8124
#define S2013_GB     119.13 /* mg/dL                                         */
#define S2013_LOWEST 60.0   /* mg/dL: no more below                          */

/* No body holds more of anything that the model counts. */
#define S2008_STATE_MAX 1e7

struct dg_lane_s2008 {
    /* Members of struct dg_s2008_parameters and what follows from them. */
    vec weight_kg;
    vec kabs;
    vec kmax;
    vec kmin;
    vec half_range;    /* (kmax - kmin) / 2                               */
    vec slow_slope;    /* of the switch at b: 2.5 / (1 - b)               */
    vec slow_start;    /* slow_slope b                                    */
    vec fast_slope;    /* of the switch at d: 2.5 / d                     */
    vec solid_left[2]; /* exp(-kmax h / 2), h the step of the gut: coarse,
                           * fine                                            */
    vec solid_in[2];   /* integral of it: (1 - solid_left) / kmax         */
    vec appear;        /* 1/kg/min: f kabs / weight                       */
    vec per_Vg;        /* kg/dL                                           */
    vec k1;
    vec k2;
    vec Fsnc;
    vec Vm0;
    vec Vmx;
    vec Km0;
    vec kp1;
    vec kp2;
    vec kp3;
    vec ke1;
    vec ke2;
    vec ksc;
    vec per_Vi;
    vec Ib;
    vec m1;
    vec m2;
    vec plasma_out; /* m2 + m4                                               */
    vec liver_out;  /* m1 + m30                                              */
    vec p2u;
    vec ki;
    vec kd;
    vec ka1;
    vec ka2;
    vec depot_out; /* ka1 + kd                                               */
    vec pmol_per_kg_mU;

    vec x[DG_S2008_STATES]; /* see enum dg_s2008_state                       */
    vec meal_start_mg;      /* stomach content when the meal began           */
    vec meal_eaten_g;       /* eaten since then                              */
    vec meal_size_mg;       /* Dbar: decides how the stomach empties         */
    bits eating;            /* the last minute had carbohydrate              */
    bits amplified;         /* lanes with the uptake of S2013                */
};

/* The states that are integrated together: all but stomach and gut, which
 * come first. */
#define S2008_BODY       DG_S2008_PLASMA
#define S2008_BODY_COUNT (DG_S2008_STATES - DG_S2008_PLASMA)
#define BODY(state)      ((state)-S2008_BODY)

/* (1 - exp(-z)) / z for 0 <= z <= 2, in plain arithmetic. */
static inline double s2008_mean_decay(double z)
{
    double sum = 0.0;
    double term = 1.0;

    for (int i = 1; i < 30; i++) {
        term *= i == 1 ? 1.0 : -z / i;
        sum += term;
    }
    return sum;
}

/**
 * Put a person into a lane, fasting, at the steady state.
 *
 * @param[out] g        The group; other lanes unchanged.
 * @param      lane     0 .. DG_LANES - 1.
 * @param[in]  p        Figures that dg_s2008_init() accepts.
 * @param      is_2013  With the uptake of S2013 in a low.
 */
static inline void dg_lane_s2008_set(struct dg_lane_s2008 *g,
                                     int lane,
                                     const struct dg_s2008_parameters *p,
                                     bool is_2013)
{
    const double half_min[2] = {0.25 / S2008_COARSE_STEPS,
                                0.25 / S2008_FINE_STEPS};

    for (int i = 0; i < 2; i++) {
        const double in = half_min[i] * s2008_mean_decay(p->kmax * half_min[i]);

        g->solid_in[i][lane] = R(in);
        g->solid_left[i][lane] = R(1.0 - p->kmax * in);
    }
#define SET(name, value) g->name[lane] = R(value)
    SET(weight_kg, p->weight_kg);
    SET(kabs, p->kabs);
    SET(kmax, p->kmax);
    SET(kmin, p->kmin);
    SET(half_range, (p->kmax - p->kmin) / 2.0);
    SET(slow_slope, 2.5 / (1.0 - p->b));
    SET(slow_start, 2.5 / (1.0 - p->b) * p->b);
    SET(fast_slope, 2.5 / p->d);
    SET(appear, p->f * p->kabs / p->weight_kg);
    SET(per_Vg, 1.0 / p->Vg);
    SET(k1, p->k1);
    SET(k2, p->k2);
    SET(Fsnc, p->Fsnc);
    SET(Vm0, p->Vm0);
    SET(Vmx, p->Vmx);
    SET(Km0, p->Km0);
    SET(kp1, p->kp1);
    SET(kp2, p->kp2);
    SET(kp3, p->kp3);
    SET(ke1, p->ke1);
    SET(ke2, p->ke2);
    SET(ksc, p->ksc);
    SET(per_Vi, 1.0 / p->Vi);
    SET(Ib, p->Ib);
    SET(m1, p->m1);
    SET(m2, p->m2);
    SET(plasma_out, p->m2 + p->m4);
    SET(liver_out, p->m1 + p->m30);
    SET(p2u, p->p2u);
    SET(ki, p->ki);
    SET(kd, p->kd);
    SET(ka1, p->ka1);
    SET(ka2, p->ka2);
    SET(depot_out, p->ka1 + p->kd);
    SET(pmol_per_kg_mU, 6.0 / p->weight_kg);
    SET(x[DG_S2008_STOMACH_SOLID], 0.0);
    SET(x[DG_S2008_STOMACH_LIQUID], 0.0);
    SET(x[DG_S2008_GUT], 0.0);
    SET(x[DG_S2008_PLASMA], p->Gpb);
    SET(x[DG_S2008_TISSUE], p->Gtb);
    SET(x[DG_S2008_INSULIN], p->Ipb);
    SET(x[DG_S2008_REMOTE], 0.0);
    SET(x[DG_S2008_DELAY_1], p->Ib);
    SET(x[DG_S2008_DELAY_2], p->Ib);
    SET(x[DG_S2008_LIVER], p->Ilb);
    SET(x[DG_S2008_DEPOT_1], p->isc1ss);
    SET(x[DG_S2008_DEPOT_2], p->isc2ss);
    SET(x[DG_S2008_SUBCUTANEOUS], p->Gpb);
    SET(meal_start_mg, 0.0);
    SET(meal_eaten_g, 0.0);
    SET(meal_size_mg, 0.0);
#undef SET
    g->eating[lane] = 0;
    g->amplified[lane] = is_2013 ? -1 : 0;
}

/* The share of the stomach's liquid that leaves it per minute: fast when the
 * stomach is full, slow in between, fast again when it is nearly empty. */
static inline vec s2008_emptying(const struct dg_lane_s2008 *g,
                                 vec content_mg,
                                 vec per_meal_size)
{
    const vec share = content_mg * per_meal_size;
    const vec slow = g->slow_slope * share - g->slow_start;
    const vec fast = g->fast_slope * share - R(2.5);

#if defined(DG_LANE_FLOAT)
    /* v_tanh_rough() of both with one division. */
    const vec y = v_clamp(slow, R(-4.97), R(4.97));
    const vec z = v_clamp(fast, R(-4.97), R(4.97));
    const vec yy = y * y;
    const vec zz = z * z;
    const vec y_up =
        y * (R(135135.0) + yy * (R(17325.0) + yy * (R(378.0) + yy)));
    const vec z_up =
        z * (R(135135.0) + zz * (R(17325.0) + zz * (R(378.0) + zz)));
    const vec y_down =
        R(135135.0) + yy * (R(62370.0) + yy * (R(3150.0) + yy * R(28.0)));
    const vec z_down =
        R(135135.0) + zz * (R(62370.0) + zz * (R(3150.0) + zz * R(28.0)));
    const vec steps = (y_up * z_down - z_up * y_down) / (y_down * z_down);
#else
    const vec steps = v_tanh(slow) - v_tanh(fast);
#endif
    return g->kmin + g->half_range * (steps + R(2.0));
}

/* What a minute brings, in the units of the equations. */
struct s2008_inflow {
    vec carbs_mg_per_min;
    vec insulin_pmol_per_kg_min;
    vec per_meal_size; /* 1/mg                                               */
    bits never_ate;    /* no meal size yet                                   */
};

/* One step of stomach and gut, of half a body step.  The solid part is known
 * exactly: it decays and is filled evenly. */
static inline void s2008_gut_step(struct dg_lane_s2008 *g,
                                  const struct s2008_inflow *in,
                                  int steps)
{
    const int fine = steps == S2008_COARSE_STEPS ? 0 : 1;
    const dg_real h = R(0.5) / (dg_real)steps;
    const vec filled = g->solid_in[fine] * in->carbs_mg_per_min;
    const vec solid_0 = g->x[DG_S2008_STOMACH_SOLID];
    const vec solid_1 = g->solid_left[fine] * solid_0 + filled;
    const vec solid_2 = g->solid_left[fine] * solid_1 + filled;
    const vec ground_1 = g->kmax * solid_1;
    const vec liquid_0 = g->x[DG_S2008_STOMACH_LIQUID];
    const vec gut_0 = g->x[DG_S2008_GUT];
    vec liquid = liquid_0;
    vec gut = gut_0;
    vec out;
    vec liquid_slope;
    vec gut_slope;
    vec liquid_sum;
    vec gut_sum;

#define STAGE(solid, ground)                                                  \
    do {                                                                      \
        const vec rate =                                                      \
            v_select(in->never_ate,                                           \
                     g->kmax,                                                 \
                     s2008_emptying(g, (solid) + liquid, in->per_meal_size)); \
        out = rate * liquid;                                                  \
        liquid_slope = (ground)-out;                                          \
        gut_slope = out - g->kabs * gut;                                      \
    } while (0)

    STAGE(solid_0, g->kmax * solid_0);
    liquid_sum = liquid_slope;
    gut_sum = gut_slope;
    liquid = liquid_0 + R(0.5) * h * liquid_slope;
    gut = gut_0 + R(0.5) * h * gut_slope;
    STAGE(solid_1, ground_1);
    liquid_sum += R(2.0) * liquid_slope;
    gut_sum += R(2.0) * gut_slope;
    liquid = liquid_0 + R(0.5) * h * liquid_slope;
    gut = gut_0 + R(0.5) * h * gut_slope;
    STAGE(solid_1, ground_1);
    liquid_sum += R(2.0) * liquid_slope;
    gut_sum += R(2.0) * gut_slope;
    liquid = liquid_0 + h * liquid_slope;
    gut = gut_0 + h * gut_slope;
    STAGE(solid_2, g->kmax * solid_2);
#undef STAGE
    g->x[DG_S2008_STOMACH_SOLID] = solid_2;
    g->x[DG_S2008_STOMACH_LIQUID] =
        liquid_0 + h * R(1.0 / 6.0) * (liquid_sum + liquid_slope);
    g->x[DG_S2008_GUT] = gut_0 + h * R(1.0 / 6.0) * (gut_sum + gut_slope);
}

/* How much a low amplifies the effect of insulin on uptake: 1 + r1 risk. */
static inline vec s2013_amplify(const struct dg_lane_s2008 *g, vec plasma)
{
    /* ln(119.13)^0.8124 */
    const dg_real normal = R(3.5643727685753444);
    const vec glucose =
        v_clamp(plasma * g->per_Vg, R(S2013_LOWEST), R(S2013_GB));
    const vec apart = v_pow(v_log(glucose), v_set(R(S2013_R2))) - normal;
    const vec risk = R(10.0) * apart * apart;

    return v_select(g->amplified, R(1.0) + R(S2013_R1) * risk, v_set(R(1.0)));
}

/* The slopes of everything but stomach and gut. */
static inline void s2008_slope(const struct dg_lane_s2008 *g,
                               const vec x[S2008_BODY_COUNT],
                               vec appearing,
                               vec insulin_pmol_per_kg_min,
                               vec amplify,
                               vec dx[S2008_BODY_COUNT])
{
    const vec none = v_set(R(0.0));
    const vec plasma = x[BODY(DG_S2008_PLASMA)];
    const vec tissue = x[BODY(DG_S2008_TISSUE)];
    const vec subcutaneous = x[BODY(DG_S2008_SUBCUTANEOUS)];
    const vec insulin = x[BODY(DG_S2008_INSULIN)];
    const vec remote = x[BODY(DG_S2008_REMOTE)];
    const vec delay_1 = x[BODY(DG_S2008_DELAY_1)];
    const vec delay_2 = x[BODY(DG_S2008_DELAY_2)];
    const vec liver_insulin = x[BODY(DG_S2008_LIVER)];
    const vec depot_1 = x[BODY(DG_S2008_DEPOT_1)];
    const vec depot_2 = x[BODY(DG_S2008_DEPOT_2)];
    const vec concentration = insulin * g->per_Vi;
    const vec liver = v_max(g->kp1 - g->kp2 * plasma - g->kp3 * delay_2, none);
    const vec kidney = g->ke1 * v_max(plasma - g->ke2, none);
    const vec uptake =
        (g->Vm0 + g->Vmx * remote * amplify) * tissue / (g->Km0 + tissue);
    const vec exchange = g->k2 * tissue - g->k1 * plasma;

    /* The published code freezes these below zero.  It is all that stops
     * glucose in an overdose, so it belongs to the model.  (It freezes insulin,
     * too, which cannot go there.) */
    dx[BODY(DG_S2008_PLASMA)] =
        v_keep(plasma >= none, liver + appearing - g->Fsnc - kidney + exchange);
    dx[BODY(DG_S2008_TISSUE)] = v_keep(tissue >= none, -uptake - exchange);
    dx[BODY(DG_S2008_SUBCUTANEOUS)] =
        v_keep(subcutaneous >= none, g->ksc * (plasma - subcutaneous));

    dx[BODY(DG_S2008_INSULIN)] = g->m1 * liver_insulin + g->ka1 * depot_1 +
                                 g->ka2 * depot_2 - g->plasma_out * insulin;
    dx[BODY(DG_S2008_REMOTE)] = g->p2u * (concentration - g->Ib - remote);
    dx[BODY(DG_S2008_DELAY_1)] = g->ki * (concentration - delay_1);
    dx[BODY(DG_S2008_DELAY_2)] = g->ki * (delay_1 - delay_2);
    dx[BODY(DG_S2008_LIVER)] = g->m2 * insulin - g->liver_out * liver_insulin;
    dx[BODY(DG_S2008_DEPOT_1)] =
        insulin_pmol_per_kg_min - g->depot_out * depot_1;
    dx[BODY(DG_S2008_DEPOT_2)] = g->kd * depot_1 - g->ka2 * depot_2;
}

/* One step of everything else; `appearing` is glucose from the gut at its
 * start, middle and end. */
static inline void s2008_body_step(struct dg_lane_s2008 *g,
                                   const vec appearing[3],
                                   vec insulin,
                                   int steps)
{
    const dg_real h = R(1.0) / (dg_real)steps;
    vec *const x = &g->x[S2008_BODY];
    vec at[S2008_BODY_COUNT];
    vec slope[S2008_BODY_COUNT];
    vec sum[S2008_BODY_COUNT];
    vec amplify = v_set(R(1.0));
    vec amplify_mid = amplify;
    const bool any_2013 = b_any(g->amplified);

    if (any_2013) {
        amplify = s2013_amplify(g, x[BODY(DG_S2008_PLASMA)]);
    }
    s2008_slope(g, x, appearing[0], insulin, amplify, slope);
    for (int i = 0; i < S2008_BODY_COUNT; i++) {
        sum[i] = slope[i];
        at[i] = x[i] + R(0.5) * h * slope[i];
    }
    /* It changes slowly: the middle serves twice, the end follows from it. */
    if (any_2013) {
        amplify_mid = s2013_amplify(g, at[BODY(DG_S2008_PLASMA)]);
    }
    s2008_slope(g, at, appearing[1], insulin, amplify_mid, slope);
    for (int i = 0; i < S2008_BODY_COUNT; i++) {
        sum[i] += R(2.0) * slope[i];
        at[i] = x[i] + R(0.5) * h * slope[i];
    }
    s2008_slope(g, at, appearing[1], insulin, amplify_mid, slope);
    for (int i = 0; i < S2008_BODY_COUNT; i++) {
        sum[i] += R(2.0) * slope[i];
        at[i] = x[i] + h * slope[i];
    }
    s2008_slope(
        g, at, appearing[2], insulin, R(2.0) * amplify_mid - amplify, slope);
    for (int i = 0; i < S2008_BODY_COUNT; i++) {
        x[i] += h * R(1.0 / 6.0) * (sum[i] + slope[i]);
    }
}

/* Keep the book that decides how fast the stomach empties: its content when
 * the meal began and what was eaten since. */
static inline void s2008_eat(struct dg_lane_s2008 *g, vec carbs_g)
{
    const bits eats = carbs_g > v_set(R(0.0));
    const bits begins = eats & ~g->eating;
    const vec content =
        g->x[DG_S2008_STOMACH_SOLID] + g->x[DG_S2008_STOMACH_LIQUID];

    g->meal_start_mg = v_select(begins, content, g->meal_start_mg);
    g->meal_eaten_g =
        v_select(begins, v_set(R(0.0)), g->meal_eaten_g) + carbs_g;
    g->meal_size_mg = v_select(
        eats, g->meal_start_mg + R(1000.0) * g->meal_eaten_g, g->meal_size_mg);
    g->eating = eats;
}

/* A minute in equal steps. */
static inline void s2008_minute_in_steps(struct dg_lane_s2008 *g,
                                         const struct s2008_inflow *in,
                                         int steps)
{
    for (int step = 0; step < steps; step++) {
        vec appearing[3];

        appearing[0] = g->appear * g->x[DG_S2008_GUT];
        s2008_gut_step(g, in, steps);
        appearing[1] = g->appear * g->x[DG_S2008_GUT];
        s2008_gut_step(g, in, steps);
        appearing[2] = g->appear * g->x[DG_S2008_GUT];
        s2008_body_step(g, appearing, in->insulin_pmol_per_kg_min, steps);
    }
}

/* Live for one minute. */
static inline void dg_lane_s2008_minute(struct dg_lane_s2008 *g,
                                        const struct dg_lane_inflow *in)
{
    const vec carbs_g = in->carbs_g + in->rescue_g;

    s2008_eat(g, carbs_g);

    const bits never_ate = g->meal_size_mg <= v_set(R(0.0));
    const struct s2008_inflow inflow = {
        .carbs_mg_per_min = R(1000.0) * carbs_g,
        .insulin_pmol_per_kg_min = in->insulin_mU * g->pmol_per_kg_mU,
        .per_meal_size =
            R(1.0) / v_select(never_ate, v_set(R(1.0)), g->meal_size_mg),
        .never_ate = never_ate,
    };
    const bits drained =
        g->Vm0 + g->Vmx * g->x[DG_S2008_REMOTE] > R(S2008_DRAIN_FINE) * g->Km0;

    if (S2008_COARSE_STEPS == S2008_FINE_STEPS || b_all(drained)) {
        s2008_minute_in_steps(g, &inflow, S2008_FINE_STEPS);
    } else if (!b_any(drained)) {
        s2008_minute_in_steps(g, &inflow, S2008_COARSE_STEPS);
    } else {
        struct dg_lane_s2008 fine = *g;

        s2008_minute_in_steps(&fine, &inflow, S2008_FINE_STEPS);
        s2008_minute_in_steps(g, &inflow, S2008_COARSE_STEPS);
        for (int i = 0; i < DG_S2008_STATES; i++) {
            g->x[i] = v_select(drained, fine.x[i], g->x[i]);
        }
    }
    /* What is left of a meal after days would slow processors down that
     * handle the smallest numbers in microcode. */
    for (int i = 0; i < S2008_BODY; i++) {
        g->x[i] = v_keep(~(g->x[i] <= v_set(R(1e-9))), g->x[i]);
    }
}

/* Give glucose; a hair below zero, where the model freezes, counts as 0. */
static inline struct dg_lane_glucose dg_lane_s2008_glucose(
    const struct dg_lane_s2008 *g)
{
    const vec none = v_set(R(0.0));

    return (struct dg_lane_glucose){
        v_max(g->x[DG_S2008_PLASMA] * g->per_Vg, none),
        v_max(g->x[DG_S2008_SUBCUTANEOUS] * g->per_Vg, none),
    };
}

/* True where every state is a number that a body can hold. */
static inline bits dg_lane_s2008_is_sound(const struct dg_lane_s2008 *g)
{
    bits sound = b_set(-1);

    for (int i = 0; i < DG_S2008_STATES; i++) {
        sound &= v_abs(g->x[i]) <= v_set(R(S2008_STATE_MAX));
    }
    return sound;
}

#undef BODY
#endif
