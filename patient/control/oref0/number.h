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

/* From here on a double has no fraction: there is nothing to round. */
#define DG_OREF0_WHOLE_FROM 4503599627370496.0

static inline bool dg_oref0_is_there(double value)
{
    return value == value;
}

/* There and not 0: what the original takes for true. */
static inline bool dg_oref0_is_set(double value)
{
    return value < 0.0 || value > 0.0;
}

/* The largest whole number that is not above. */
static inline double dg_oref0_floor(double value)
{
    if (!(value > -DG_OREF0_WHOLE_FROM && value < DG_OREF0_WHOLE_FROM)) {
        return value;
    }

    const double whole = (double)(int64_t)value;

    return whole > value ? whole - 1.0 : whole;
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
