/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_NUMBER_H
#define DG_PATIENT_CONTROL_OREF0_NUMBER_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* The arithmetic of oref0: binary64, left to right, no fused multiply-add
 * (this folder is compiled with -ffp-contract=off), and numbers that may be
 * absent.  Absent and not computable are the same here, a NaN: each comparison
 * with it is false, and a minimum or maximum with it is not computable. */

#define DG_OREF0_ABSENT ((double)NAN)

/* Adding this leaves no room for a fraction: 1.5 x 2^52.  Below 2^51 the sum
 * is the nearest whole number; from there on few values have a fraction, and
 * none that a controller meets: they stay as they are. */
#define DG_OREF0_SHIFT       6755399441055744.0
#define DG_OREF0_SHIFT_BELOW 2251799813685248.0

static inline bool dg_oref0_is_there(double value)
{
    return value == value;
}

/* There and not 0: what the original takes for true. */
static inline bool dg_oref0_is_set(double value)
{
    return value < 0.0 || value > 0.0;
}

/* The largest whole number that is not above; without a branch, so that a
 * compiler can work on several at once. */
static inline double dg_oref0_floor(double value)
{
    const double nearest = (value + DG_OREF0_SHIFT) - DG_OREF0_SHIFT;
    const double whole = nearest > value ? nearest - 1.0 : nearest;

    return value > -DG_OREF0_SHIFT_BELOW && value < DG_OREF0_SHIFT_BELOW
               ? whole
               : value;
}

/* The nearest whole number, halves upwards: R(2.5) = 3, R(-2.5) = -2. */
static inline double dg_oref0_round(double value)
{
    const double whole = dg_oref0_floor(value);

    return value - whole >= 0.5 ? whole + 1.0 : whole;
}

/* R(x, 1), R(x, 2), R(x, 3), R(x, 4). */
static inline double dg_oref0_round1(double value)
{
    return dg_oref0_round(value * 10.0) / 10.0;
}

static inline double dg_oref0_round2(double value)
{
    return dg_oref0_round(value * 100.0) / 100.0;
}

static inline double dg_oref0_round3(double value)
{
    return dg_oref0_round(value * 1000.0) / 1000.0;
}

static inline double dg_oref0_round4(double value)
{
    return dg_oref0_round(value * 10000.0) / 10000.0;
}

/* b also if b is not computable. */
static inline double dg_oref0_min(double a, double b)
{
    return a < b || a != a ? a : b;
}

static inline double dg_oref0_max(double a, double b)
{
    return a > b || a != a ? a : b;
}

/* What is in place of a setting that is absent (or 0, where 0 is no value). */
static inline double dg_oref0_or(double value, double otherwise)
{
    return dg_oref0_is_there(value) ? value : otherwise;
}

static inline double dg_oref0_unless_set(double value, double otherwise)
{
    return dg_oref0_is_set(value) ? value : otherwise;
}

#endif
