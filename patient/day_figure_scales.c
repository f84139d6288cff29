/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/day_figure_parts.h"

#include <math.h>

#define GLUCOSE_CEILING_MAX 600.0

bool dg_figure_is_shown(const struct dg_figure_scales *scales, double minute)
{
    return (minute >= scales->start_min) && (minute <= scales->end_min);
}

double dg_figure_x(const struct dg_figure_scales *scales, double minute)
{
    return LEFT + (RIGHT - LEFT) * (minute - scales->start_min) /
                      (scales->end_min - scales->start_min);
}

double dg_figure_y(const struct dg_figure_scales *scales, double mg_dL)
{
    const double share = (mg_dL - scales->glucose_floor) /
                         (scales->glucose_ceiling - scales->glucose_floor);

    return GLUCOSE_FLOOR -
           (GLUCOSE_FLOOR - scales->glucose_top) * fmin(fmax(share, 0.0), 1.0);
}

/* The next of 1, 2, 5, 10, 20 ... at or above a value. */
static double round_up(double value)
{
    double power = 0.1;

    while (power * 10.0 <= value) {
        power *= 10.0;
    }
    if (value <= power) {
        return power;
    }
    if (value <= 2.0 * power) {
        return 2.0 * power;
    }
    return (value <= 5.0 * power) ? 5.0 * power : 10.0 * power;
}

static void fit_series(const struct dg_figure_series *series,
                       struct dg_figure_scales *scales)
{
    for (size_t i = 0; i < series->count; i++) {
        const double mg_dL = series->samples[i].mg_dL;

        if (!dg_figure_is_shown(scales, series->samples[i].minute)) {
            continue;
        }
        if (mg_dL < scales->glucose_floor) {
            scales->glucose_floor = 0.0;
        }
        scales->glucose_ceiling =
            fmax(scales->glucose_ceiling, 50.0 * ceil(mg_dL / 50.0));
    }
    scales->glucose_ceiling =
        fmin(scales->glucose_ceiling, GLUCOSE_CEILING_MAX);
}

double dg_figure_basal_U_per_h(const struct dg_day_figure *figure,
                               double from_min,
                               double to_min,
                               size_t *cursor)
{
    double units = 0.0;

    while ((*cursor < figure->delivery_count) &&
           (figure->deliveries[*cursor].minute < to_min)) {
        const struct dg_figure_delivery *delivery =
            &figure->deliveries[*cursor];

        if ((delivery->kind == DG_FIGURE_BASAL) &&
            (delivery->minute >= from_min)) {
            units += delivery->units;
        }
        (*cursor)++;
    }
    return units * 60.0 / (to_min - from_min);
}

/* A dose every five minutes needs thin bars; a lone one should be seen. */
static double fit_automatic_width(const struct dg_day_figure *figure,
                                  const struct dg_figure_scales *scales)
{
    double last_x = -HUGE_VAL;
    double gap = HUGE_VAL;

    for (size_t i = 0; i < figure->delivery_count; i++) {
        if (figure->deliveries[i].kind == DG_FIGURE_AUTOMATIC) {
            const double x = dg_figure_x(scales, figure->deliveries[i].minute);

            gap = fmin(gap, x - last_x);
            last_x = x;
        }
    }
    return fmin(fmax(0.8 * gap, AUTOMATIC_WIDTH_MIN), CONFIRMED_WIDTH);
}

struct dg_figure_scales dg_figure_fit(const struct dg_day_figure *figure)
{
    struct dg_figure_scales scales = {
        .start_min = figure->start_min,
        .end_min = figure->end_min,
        .glucose_top = (figure->event_count > 0U) ? GLUCOSE_TOP_2 : GLUCOSE_TOP,
        .glucose_floor = 40.0,
        .glucose_ceiling = 250.0,
        .bolus_max_U = 1.0,
        .basal_max_U_per_h = 1.0,
    };
    double bolus_max = 0.0;
    double basal_max = 0.0;
    size_t cursor = 0;

    fit_series(&figure->plasma, &scales);
    fit_series(&figure->sensor, &scales);
    fit_series(&figure->comparison, &scales);

    for (size_t i = 0; i < figure->delivery_count; i++) {
        const struct dg_figure_delivery *delivery = &figure->deliveries[i];

        if ((delivery->kind != DG_FIGURE_BASAL) &&
            dg_figure_is_shown(&scales, delivery->minute)) {
            bolus_max = fmax(bolus_max, delivery->units);
        }
    }
    for (double at = scales.start_min; at < scales.end_min;
         at += BASAL_BIN_MIN) {
        const double to = fmin(at + BASAL_BIN_MIN, scales.end_min);

        basal_max =
            fmax(basal_max, dg_figure_basal_U_per_h(figure, at, to, &cursor));
    }
    scales.bolus_max_U = round_up(fmax(bolus_max, 0.5));
    scales.basal_max_U_per_h = round_up(fmax(basal_max, 0.5));
    scales.automatic_width = fit_automatic_width(figure, &scales);
    return scales;
}
