/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/loop/insulin.h"

#include <math.h>

#include "patient/lane/elementary.h"

/* A dose no longer than this acts as a whole at its start. */
#define MOMENTARY_S (1.05 * DG_LOOP_STEP_S)

const struct dg_loop_curve dg_loop_rapid_adult = {
    .duration_s = 21600.0, .peak_s = 4500.0, .delay_s = 600.0};

double dg_loop_floor(double at_s)
{
    return floor(at_s / DG_LOOP_STEP_S) * DG_LOOP_STEP_S;
}

double dg_loop_ceil(double at_s)
{
    return ceil(at_s / DG_LOOP_STEP_S) * DG_LOOP_STEP_S;
}

/* Ours, not that of a mathematical library: the same bits on any machine. */
static double exp_of(double x)
{
    return v_exp(v_set(x))[0];
}

double dg_loop_remaining(const struct dg_loop_curve *curve, double age_s)
{
    const double td = curve->duration_s;
    const double tp = curve->peak_s;
    const double t = age_s - curve->delay_s;

    if (t <= 0.0) {
        return 1.0;
    }
    if (t >= td) {
        return 0.0;
    }

    const double tau = tp * (1.0 - tp / td) / (1.0 - 2.0 * tp / td);
    const double a = 2.0 * tau / td;
    const double scale = 1.0 / (1.0 - a + (1.0 + a) * exp_of(-td / tau));

    return 1.0 - scale * (1.0 - a) *
                     ((t * t / (tau * td * (1.0 - a)) - t / tau - 1.0) *
                          exp_of(-t / tau) +
                      1.0);
}

size_t dg_loop_net(struct dg_loop_dose dose,
                   const struct dg_loop_rate *rates,
                   size_t count,
                   struct dg_loop_dose *doses,
                   size_t max)
{
    const double length = dose.to_s - dose.from_s;
    size_t made = 0;

    for (size_t i = 0; i < count; i++) {
        const double from = fmax(dose.from_s, rates[i].from_s);
        const double to = fmin(dose.to_s, rates[i].to_s);

        if (!(to > from)) {
            continue;
        }
        if (made == max) {
            return 0;
        }
        doses[made] = (struct dg_loop_dose){
            .from_s = from,
            .to_s = to,
            .units = dose.units * (to - from) / length -
                     rates[i].U_per_h * (to - from) / 3600.0,
        };
        made++;
    }
    if (made == 0 && max > 0) {
        doses[0] = dose;
        made = 1;
    }
    return made;
}

/* The share of one dose that has not acted; slices of a long one that are
 * still to come count as not acted, or (for what is on board) not at all. */
static double share_left(const struct dg_loop_curve *curve,
                         const struct dg_loop_dose *dose,
                         double at_s,
                         bool only_given)
{
    const double length = dose->to_s - dose->from_s;
    const double age = at_s - dose->from_s;
    double share = 0.0;

    if (length <= MOMENTARY_S) {
        return only_given && age < 0.0 ? 0.0 : dg_loop_remaining(curve, age);
    }
    for (double from = 0.0; from < length; from += DG_LOOP_STEP_S) {
        const double part = fmin(DG_LOOP_STEP_S, length - from) / length;

        if (!only_given || age >= from) {
            share += part * dg_loop_remaining(curve, age - from);
        }
    }
    return share;
}

double dg_loop_iob(const struct dg_loop_curve *curve,
                   const struct dg_loop_dose *doses,
                   size_t count,
                   double at_s)
{
    double units = 0.0;

    for (size_t i = 0; i < count; i++) {
        units += doses[i].units * share_left(curve, &doses[i], at_s, true);
    }
    return units;
}

double dg_loop_insulin_effect(const struct dg_loop_curve *curve,
                              const struct dg_loop_dose *doses,
                              size_t count,
                              double isf_mg_dL_U,
                              double at_s)
{
    double effect = 0.0;

    for (size_t i = 0; i < count; i++) {
        effect -= isf_mg_dL_U * doses[i].units *
                  (1.0 - share_left(curve, &doses[i], at_s, false));
    }
    return effect;
}
