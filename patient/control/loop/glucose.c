/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/loop/glucose.h"

#include <math.h>

#define SAMPLES_MIN      3U
#define JUMP_MG_DL_MAX   40.0
#define RISE_MG_DL_S_MAX (4.0 / 60.0) /* source: LoopAlgorithm              */
#define SPACING_S_MIN    240.0

static bool is_steady(const struct dg_loop_sample *samples, size_t count)
{
    if (count < SAMPLES_MIN || samples[count - 1].at_s - samples[0].at_s >=
                                   DG_LOOP_STEP_S * (double)count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (samples[i].is_display_only ||
            samples[i].provenance != samples[0].provenance) {
            return false;
        }
        if (i > 0 &&
            fabs(samples[i].mg_dL - samples[i - 1].mg_dL) > JUMP_MG_DL_MAX) {
            return false;
        }
    }
    return true;
}

/* Least squares; not a number if all times are one. */
static double slope_of(const struct dg_loop_sample *samples, size_t count)
{
    double x = 0.0;
    double y = 0.0;
    double xx = 0.0;
    double xy = 0.0;
    const double n = (double)count;

    for (size_t i = 0; i < count; i++) {
        const double t = samples[i].at_s - samples[0].at_s;

        x += t;
        y += samples[i].mg_dL;
        xx += t * t;
        xy += t * samples[i].mg_dL;
    }
    return (n * xy - x * y) / (n * xx - x * x);
}

size_t dg_loop_momentum(const struct dg_loop_sample *samples,
                        size_t count,
                        double duration_s,
                        struct dg_loop_value *values,
                        size_t max)
{
    if (!is_steady(samples, count)) {
        return 0;
    }

    const double slope = slope_of(samples, count);
    const double last = samples[count - 1].at_s;
    const double end = dg_loop_ceil(last + duration_s);
    size_t made = 0;

    if (!isfinite(slope)) {
        return 0;
    }
    for (double at = dg_loop_floor(last); at <= end; at += DG_LOOP_STEP_S) {
        if (made == max) {
            return 0;
        }
        values[made] = (struct dg_loop_value){
            .at_s = at,
            .amount = fmax(0.0, at - last) * fmin(slope, RISE_MG_DL_S_MAX),
        };
        made++;
    }
    return made;
}

/* The first value at or after a time; NULL behind the last. */
static const struct dg_loop_value *effect_at(
    const struct dg_loop_value *effects, size_t count, double at_s)
{
    for (size_t i = 0; i < count; i++) {
        if (effects[i].at_s >= at_s) {
            return &effects[i];
        }
    }
    return NULL;
}

size_t dg_loop_counteraction(const struct dg_loop_sample *samples,
                             size_t count,
                             const struct dg_loop_value *effects,
                             size_t effect_count,
                             struct dg_loop_velocity *velocities,
                             size_t max)
{
    const struct dg_loop_sample *before = NULL;
    size_t made = 0;

    for (size_t i = 0; i < count && made < max; i++) {
        const struct dg_loop_sample *const now = &samples[i];

        if (before == NULL || now->is_display_only || before->is_display_only ||
            now->provenance != before->provenance) {
            before = now;
            continue;
        }

        const double span_s = now->at_s - before->at_s;

        if (span_s < SPACING_S_MIN) {
            continue;
        }

        const struct dg_loop_value *const first =
            effect_at(effects, effect_count, before->at_s);
        const struct dg_loop_value *const last =
            effect_at(effects, effect_count, now->at_s);

        if (first == NULL || last == NULL) {
            break;
        }
        velocities[made] = (struct dg_loop_velocity){
            .from_s = before->at_s,
            .to_s = now->at_s,
            .mg_dL_min =
                (now->mg_dL - before->mg_dL - (last->amount - first->amount)) /
                (span_s / 60.0),
        };
        made++;
        before = now;
    }
    return made;
}
