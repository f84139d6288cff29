/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_INTERVAL_H
#define DG_EVAL_TRIAL_INTERVAL_H

#include <stdint.h>

#include "eval/trial/chart.h"

/* 95 % intervals.  No libm function with an error that differs between
 * machines decides a printed digit: all are good to 1e-9. */

/**
 * A share of people: Clopper and Pearson's exact interval.
 *
 * source: Clopper, Pearson, Biometrika 1934;26:404.
 *
 * @param hits    0 .. @p people
 * @param people  of how many; 0: all three are NaN
 *
 * @return Shares, 0 .. 1.
 */
struct dg_estimate dg_interval_share(uint64_t hits, uint64_t people);

/**
 * A mean over people: Student's interval.
 *
 * @param people  how many; 0: all three are NaN; 1: the interval is NaN
 * @param mean    of their values
 * @param deviation      their standard deviation, n - 1, 0 or more
 */
struct dg_estimate dg_interval_mean(uint64_t people,
                                    double mean,
                                    double deviation);

/** Regularised incomplete beta function I_x(a, b); a and b above 0, x 0 .. 1. */
double dg_beta_share(double a, double b, double x);

/** The 97.5 % quantile of Student's t; @p freedom 1 or more. */
double dg_student_quantile(double freedom);

#endif
