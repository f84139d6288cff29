/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_CASCADE_H
#define DG_PATIENT_LANE_CASCADE_H

#include "patient/lane/elementary.h"

/* The linear parts that the Cambridge models share, solved exactly in half
 * minutes, so that no rate is too fast: what goes in is even over a minute.
 *
 * Constants are made in plain double arithmetic when a person is placed. */

#define CASCADE_HALF 0.5 /* min */

/* Two compartments in a row with one rate: gut, or glucagon in the skin.
 * first' = in - rate first; second' = rate (first - second). */
struct dg_lane_chain {
    vec rate;  /* 1/min                                                      */
    vec left;  /* share of a compartment that is left after half a minute    */
    vec cross; /* share of the first that is in the second by then           */
    vec in_first;
    vec in_second;
    vec first; /* in the unit of what goes in                                */
    vec second;
};

/* Insulin: two compartments in the skin, plasma, and three effects.
 * s1' = in - ka s1; s2' = ka (s1 - s2); I' = s2 ka / V - ke I;
 * x_k' = r_k (S_k I - x_k). */
struct dg_lane_insulin {
    vec s1_from[2];   /* s1, in: after half a minute                         */
    vec s2_from[3];   /* s1, s2, in                                          */
    vec i_from[4];    /* s1, s2, I, in                                       */
    vec x_from[3][5]; /* x, s1, s2, I, in; the last four for S_k             */
    vec s1;           /* mU                                                  */
    vec s2;           /* mU                                                  */
    vec plasma;       /* I, mU/L                                             */
    vec x[3];         /* effects on transport, disposal (1/min) and liver    */
};

/* exp(-z) for z of 0 .. 4, by its series after eight halvings. */
static inline double cascade_decay(double z)
{
    double sum = 1.0;
    double term = 1.0;

    for (int i = 1; i < 14; i++) {
        term *= -z / 256.0 / i;
        sum += term;
    }
    for (int i = 0; i < 8; i++) {
        sum *= sum;
    }
    return sum;
}

/* Put an empty chain into a lane; rate of 1e-3 .. 5 per minute. */
static inline void dg_lane_chain_set(struct dg_lane_chain *chain,
                                     int lane,
                                     double rate)
{
    const double left = cascade_decay(rate * CASCADE_HALF);
    const double filled = (1.0 - left) / rate;

    chain->rate[lane] = R(rate);
    chain->left[lane] = R(left);
    chain->cross[lane] = R(rate * CASCADE_HALF * left);
    chain->in_first[lane] = R(filled);
    chain->in_second[lane] = R(filled - CASCADE_HALF * left);
    chain->first[lane] = R(0.0);
    chain->second[lane] = R(0.0);
}

/* Half a minute; `in` per minute. */
static inline void dg_lane_chain_half(struct dg_lane_chain *chain, vec in)
{
    /* Nothing is left below this; tiny numbers are slow.  What is no number
     * stays. */
    const vec nothing = v_set(R(1e-12));
    const vec second = chain->left * chain->second +
                       chain->cross * chain->first + chain->in_second * in;
    const vec first = chain->left * chain->first + chain->in_first * in;

    chain->second = v_keep(~(second <= nothing), second);
    chain->first = v_keep(~(first <= nothing), first);
}

/* What leaves the chain, per minute. */
static inline vec dg_lane_chain_out(const struct dg_lane_chain *chain)
{
    return chain->rate * chain->second;
}

/* What an insulin cascade is made of. */
struct dg_insulin_rates {
    double ka;        /* 1/min                                               */
    double ke;        /* 1/min                                               */
    double volume_L;  /* of the whole person                                 */
    double effect[3]; /* r_k, 1/min                                          */
    double S[3];      /* S_k                                                 */
    double start;     /* I at the start, mU/L; everything settled            */
};

/* Rows of the matrix exponential over half a minute: what in, s1, s2 and I of
 * the beginning (and x, in a row of x) are at its end. */
enum cascade_state {
    CASCADE_IN,
    CASCADE_S1,
    CASCADE_S2,
    CASCADE_I,
    CASCADE_X,
    CASCADE_STATES,
};

struct cascade_solution {
    double s1[CASCADE_STATES];
    double s2[CASCADE_STATES];
    double plasma[CASCADE_STATES];
    double x[3][CASCADE_STATES];
};

/* One more term of a row of the exponential's series: the term before of this
 * row and of the row above that feeds it. */
static inline void cascade_term(double out[CASCADE_STATES],
                                double term[CASCADE_STATES],
                                const double above[CASCADE_STATES],
                                double fed,
                                double lost,
                                int n)
{
    for (int j = 0; j < CASCADE_STATES; j++) {
        term[j] = CASCADE_HALF * (fed * above[j] - lost * term[j]) / n;
        out[j] += term[j];
    }
}

/* Twenty terms: the rest is below rounding for rates up to 2.5 per minute. */
static inline void cascade_solve(const struct dg_insulin_rates *rates,
                                 struct cascade_solution *out)
{
    double in[CASCADE_STATES] = {[CASCADE_IN] = 1.0};
    struct cascade_solution term = {
        .s1 = {[CASCADE_S1] = 1.0},
        .s2 = {[CASCADE_S2] = 1.0},
        .plasma = {[CASCADE_I] = 1.0},
        .x = {{[CASCADE_X] = 1.0}, {[CASCADE_X] = 1.0}, {[CASCADE_X] = 1.0}},
    };

    *out = term;
    for (int n = 1; n <= 20; n++) {
        /* From below: each row needs the row above as it was. */
        for (int k = 0; k < 3; k++) {
            const double rate = rates->effect[k];

            cascade_term(
                out->x[k], term.x[k], term.plasma, rate * rates->S[k], rate, n);
        }
        cascade_term(out->plasma,
                     term.plasma,
                     term.s2,
                     rates->ka / rates->volume_L,
                     rates->ke,
                     n);
        cascade_term(out->s2, term.s2, term.s1, rates->ka, rates->ka, n);
        cascade_term(out->s1, term.s1, in, 1.0, rates->ka, n);
        /* What goes in is constant: its row has no further terms. */
        in[CASCADE_IN] = 0.0;
    }
}

/* Put a settled cascade into a lane; rates of 1e-4 .. 5 per minute. */
static inline void dg_lane_insulin_set(struct dg_lane_insulin *insulin,
                                       int lane,
                                       const struct dg_insulin_rates *rates)
{
    const double depot = rates->start * rates->ke * rates->volume_L / rates->ka;

    struct cascade_solution p;

    cascade_solve(rates, &p);
    insulin->s1_from[0][lane] = R(p.s1[CASCADE_S1]);
    insulin->s1_from[1][lane] = R(p.s1[CASCADE_IN]);
    insulin->s2_from[0][lane] = R(p.s2[CASCADE_S1]);
    insulin->s2_from[1][lane] = R(p.s2[CASCADE_S2]);
    insulin->s2_from[2][lane] = R(p.s2[CASCADE_IN]);
    insulin->i_from[0][lane] = R(p.plasma[CASCADE_S1]);
    insulin->i_from[1][lane] = R(p.plasma[CASCADE_S2]);
    insulin->i_from[2][lane] = R(p.plasma[CASCADE_I]);
    insulin->i_from[3][lane] = R(p.plasma[CASCADE_IN]);
    for (int k = 0; k < 3; k++) {
        insulin->x_from[k][0][lane] = R(p.x[k][CASCADE_X]);
        insulin->x_from[k][1][lane] = R(p.x[k][CASCADE_S1]);
        insulin->x_from[k][2][lane] = R(p.x[k][CASCADE_S2]);
        insulin->x_from[k][3][lane] = R(p.x[k][CASCADE_I]);
        insulin->x_from[k][4][lane] = R(p.x[k][CASCADE_IN]);
        insulin->x[k][lane] = R(rates->S[k] * rates->start);
    }
    insulin->s1[lane] = R(depot);
    insulin->s2[lane] = R(depot);
    insulin->plasma[lane] = R(rates->start);
}

/* Half a minute; `in` mU per minute, `sensitivity` multiplies each S_k. */
static inline void dg_lane_insulin_half(struct dg_lane_insulin *insulin,
                                        vec in,
                                        const vec sensitivity[3])
{
    const vec s1 = insulin->s1;
    const vec s2 = insulin->s2;
    const vec plasma = insulin->plasma;

    for (int k = 0; k < 3; k++) {
        const vec *const from = insulin->x_from[k];

        insulin->x[k] = from[0] * insulin->x[k] +
                        sensitivity[k] * (from[1] * s1 + from[2] * s2 +
                                          from[3] * plasma + from[4] * in);
    }
    insulin->plasma = insulin->i_from[0] * s1 + insulin->i_from[1] * s2 +
                      insulin->i_from[2] * plasma + insulin->i_from[3] * in;
    insulin->s2 = insulin->s2_from[0] * s1 + insulin->s2_from[1] * s2 +
                  insulin->s2_from[2] * in;
    insulin->s1 = insulin->s1_from[0] * s1 + insulin->s1_from[1] * in;
}

/* Exercise multiplies the effects of insulin.
 *
 * source: Jacobs et al. 2015 after Lenart and Parker, PMC4667295.  PAMM, the
 * share of muscle that works, is 0.5.  Oxygen uptake of 8.1 % or less counts
 * as rest, where the published parabola becomes negative. */
struct dg_lane_exercise {
    vec gamma; /* mg/min: extra uptake, settling over 30 minutes             */
};

#define EXERCISE_PAMM 0.5
#define EXERCISE_KEEP 0.9672161004820059 /* exp(-1/30)                      */
#define EXERCISE_PIU  (1.0 + 2.4 * EXERCISE_PAMM)

/* A minute of exercise or rest; gives the multipliers of the three effects.
 *
 * @param percent  Of the largest oxygen uptake, 0 .. 100. */
static inline void dg_lane_exercise_minute(struct dg_lane_exercise *exercise,
                                           vec percent,
                                           vec sensitivity[3])
{
    const vec one = v_set(R(1.0));
    const vec settled = percent * (R(0.006) * percent + R(1.2264)) - R(10.1958);
    const bits works = settled > v_set(R(0.0));
    const vec to = v_keep(works, settled);
    const vec from =
        v_select(works, v_max(exercise->gamma, v_set(R(0.1))), exercise->gamma);
    /* The difference is 0, or no number where the input is none. */
    const vec gamma = to + (from - to) * R(EXERCISE_KEEP) + (percent - percent);

    exercise->gamma = v_keep(~(gamma <= v_set(R(1e-6))), gamma);

    const vec uptake = (one + exercise->gamma * R(EXERCISE_PAMM / 35.0)) *
                       v_select(works, v_set(R(EXERCISE_PIU)), one);

    sensitivity[0] = uptake;
    sensitivity[1] = uptake;
    sensitivity[2] = one + exercise->gamma * R(EXERCISE_PAMM / 155.0);
}

#endif
