/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_ELEMENTARY_H
#define DG_PATIENT_LANE_ELEMENTARY_H

#include "patient/lane/real.h"

/* exp, log and their relatives out of +, -, *, / and bits, so that every
 * machine gives the same.  libm's last bits differ between versions.
 *
 * Series are Taylor's, cut where the rest is below the rounding of the
 * precision; the bounds stated here are asserted in test_lane_real.c.  They
 * are in units of 2^-53 (double) or 2^-24 (float), called eps.
 *
 * None of these reports an error: an argument outside the range stated gives
 * the value at the nearest end of it. */

#define LN_2      0.69314718055994530942
#define LOG2_E    1.44269504088896340736
#define SQRT_HALF 0.70710678118654752440
#define TWO_PI_   6.28318530717958647693

/* Horner's rule, the highest power first. */
__attribute__((always_inline)) static inline vec v_horner(vec x,
                                                          const double *series,
                                                          unsigned int count)
{
    vec sum = v_set(R(series[0]));

    for (unsigned int i = 1; i < count; i++) {
        sum = sum * x + R(series[i]);
    }
    return sum;
}

#define V_HORNER(x, series) \
    v_horner((x), (series), sizeof(series) / sizeof((series)[0]))

#if defined(DG_LANE_FLOAT)
#define EXP_LOW  (-87.0)
#define EXP_HIGH 88.0
/* ln 2 in two parts; the first has bits to spare for a product with n. */
#define LN_2_HIGH 0.693359375
#define LN_2_LOW  (-2.1219444005469057e-4)
#else
#define EXP_LOW   (-708.0)
#define EXP_HIGH  709.0
#define LN_2_HIGH 0x1.62e42feep-1
#define LN_2_LOW  1.9082149292705877e-10
#endif

/**
 * e to the power of x, within 3 eps of the value.
 *
 * @param x  -708 .. 709 (float -87 .. 88); outside, the nearest of these.
 */
static inline vec v_exp(vec x)
{
#if defined(DG_LANE_FLOAT)
    static const double series[] = {
        1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5};
#else
    static const double series[] = {1.0 / 6227020800.0,
                                    1.0 / 479001600.0,
                                    1.0 / 39916800.0,
                                    1.0 / 3628800.0,
                                    1.0 / 362880.0,
                                    1.0 / 40320.0,
                                    1.0 / 5040.0,
                                    1.0 / 720.0,
                                    1.0 / 120.0,
                                    1.0 / 24.0,
                                    1.0 / 6.0,
                                    0.5};
#endif
    const vec at = v_clamp(x, R(EXP_LOW), R(EXP_HIGH));
    const vec n = v_round(at * R(LOG2_E));
    const vec r = (at - n * R(LN_2_HIGH)) - n * R(LN_2_LOW);
    const vec tail = r * r * V_HORNER(r, series);
    const bits scale = (b_from_v(n) + DG_REAL_BIAS) << DG_REAL_MANTISSA;

    return (R(1.0) + (r + tail)) * (vec)scale;
}

/**
 * The natural logarithm, within 3 eps of the value.
 *
 * @param x  The smallest normal number .. the largest; 0 and what is below
 *           count as the smallest normal number.
 */
static inline vec v_log(vec x)
{
#if defined(DG_LANE_FLOAT)
    static const double series[] = {
        2.0 / 11.0, 2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0};
    const vec at = v_max(x, v_set(R(0x1p-126)));
#else
    static const double series[] = {2.0 / 23.0,
                                    2.0 / 21.0,
                                    2.0 / 19.0,
                                    2.0 / 17.0,
                                    2.0 / 15.0,
                                    2.0 / 13.0,
                                    2.0 / 11.0,
                                    2.0 / 9.0,
                                    2.0 / 7.0,
                                    2.0 / 5.0,
                                    2.0 / 3.0};
    const vec at = v_max(x, v_set(R(0x1p-1022)));
#endif
    /* x = 2^n m with m from sqrt(1/2) on: subtract its bits, and what carries
     * into the exponent is n. */
    const vec half = v_set(R(SQRT_HALF));
    const bits apart = (bits)at - (bits)half;
    const bits n = apart >> DG_REAL_MANTISSA;
    const bits low = b_set(
        (dg_lane_int)(((dg_lane_uint)1 << DG_REAL_MANTISSA) - (dg_lane_uint)1));
    const vec m = (vec)((apart & low) + (bits)half);
#if defined(DG_LANE_FLOAT)
    const vec power = __builtin_convertvector(n, vec);
#else
    const vec power = v_from_u31((ubits)(n + 2048)) - 2048.0;
#endif
    /* ln m = 2 artanh(s). */
    const vec f = m - R(1.0);
    const vec s = f / (m + R(1.0));
    const vec z = s * s;
    /* 2 s = f - s f, and f is exact. */
    const vec rest = s * (z * V_HORNER(z, series) - f) + power * R(LN_2_LOW);

    return power * R(LN_2_HIGH) + (f + rest);
}

/**
 * base to the power of x as exp(x log(base)): the relative error is 3 eps
 * times (1 + |x log(base)|).
 *
 * @param base  Above 0.
 */
static inline vec v_pow(vec base, vec x)
{
    return v_exp(x * v_log(base));
}

/**
 * The hyperbolic tangent, within 4 eps of 1 (not of the value: what is added
 * to a number near 1 needs no more).
 */
static inline vec v_tanh(vec x)
{
    const vec power = v_exp(R(2.0) * v_clamp(x, R(-20.0), R(20.0)));

    return R(1.0) - R(2.0) / (power + R(1.0));
}

/**
 * The hyperbolic tangent as a quotient of polynomials, within 9.6e-5.
 *
 * source: its continued fraction, cut after seven steps; beyond +-4.97 the
 * value there.
 */
static inline vec v_tanh_rough(vec x)
{
    const vec y = v_clamp(x, R(-4.97), R(4.97));
    const vec z = y * y;

    return y * (R(135135.0) + z * (R(17325.0) + z * (R(378.0) + z))) /
           (R(135135.0) + z * (R(62370.0) + z * (R(3150.0) + z * R(28.0))));
}

/**
 * The hyperbolic sine, within 4 eps of the larger of 1 and |value|.
 *
 * @param x  -708 .. 708 (float -87 .. 87); outside, the nearest of these.
 */
static inline vec v_sinh(vec x)
{
    const vec power = v_exp(v_clamp(x, R(EXP_LOW), -R(EXP_LOW)));

    return R(0.5) * power - R(0.5) / power;
}

/**
 * Sine and cosine of a share of a full turn, within 2 eps of 1.
 *
 * @param      turn    0 .. 1.
 * @param[out] sine    sin(2 pi turn).
 * @param[out] cosine  cos(2 pi turn).
 */
static inline void v_sincos_turn(vec turn, vec *sine, vec *cosine)
{
#if defined(DG_LANE_FLOAT)
    static const double sines[] = {
        1.0 / 362880.0, -1.0 / 5040.0, 1.0 / 120.0, -1.0 / 6.0, 1.0};
    static const double cosines[] = {
        -1.0 / 3628800.0, 1.0 / 40320.0, -1.0 / 720.0, 1.0 / 24.0, -0.5, 1.0};
#else
    static const double sines[] = {-1.0 / 1307674368000.0,
                                   1.0 / 6227020800.0,
                                   -1.0 / 39916800.0,
                                   1.0 / 362880.0,
                                   -1.0 / 5040.0,
                                   1.0 / 120.0,
                                   -1.0 / 6.0,
                                   1.0};
    static const double cosines[] = {1.0 / 20922789888000.0,
                                     -1.0 / 87178291200.0,
                                     1.0 / 479001600.0,
                                     -1.0 / 3628800.0,
                                     1.0 / 40320.0,
                                     -1.0 / 720.0,
                                     1.0 / 24.0,
                                     -0.5,
                                     1.0};
#endif
    /* Quarters of a turn are exact, and what is left is an eighth at most. */
    const vec quarter = v_round(turn * R(4.0));
    const vec angle = (turn - quarter * R(0.25)) * R(TWO_PI_);
    const vec z = angle * angle;
    const vec s = angle * V_HORNER(z, sines);
    const vec c = V_HORNER(z, cosines);
    const bits q = b_from_v(quarter);
    const bits is_odd = (q & 1) != 0;
    const bits sine_is_negative = (q & 2) != 0;
    const bits cosine_is_negative = ((q + 1) & 2) != 0;
    const vec up = v_select(is_odd, c, s);
    const vec along = v_select(is_odd, s, c);

    *sine = v_select(sine_is_negative, -up, up);
    *cosine = v_select(cosine_is_negative, -along, along);
}

#endif
