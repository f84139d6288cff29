/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "eval/trial/chart.h"
#include "eval/trial/chart_time.h"

#define STEP_HOURS     (5.0 / 60.0)
#define INSULIN_HEIGHT 36.0

static double highest(const struct dg_chart_trace *chart)
{
    double most = 300.0;

    for (size_t line = 0; line < chart->line_count; line++) {
        for (size_t step = 0; step < chart->count; step++) {
            most = fmax(most, chart->lines[line].mg_dL[step]);
        }
    }
    return fmin(most, 600.0);
}

static double most_units(const struct dg_chart_trace *chart)
{
    double most = 0.5;

    for (size_t line = 0; line < chart->line_count; line++) {
        for (size_t step = 0;
             (chart->lines[line].units != NULL) && (step < chart->count);
             step++) {
            most = fmax(most, chart->lines[line].units[step]);
        }
    }
    return most;
}

static void draw_glucose(cairo_t *cairo,
                         const struct dg_time_field *field,
                         const struct dg_chart_trace *chart,
                         size_t line)
{
    cairo_new_path(cairo);
    for (size_t step = 0; step < chart->count; step++) {
        cairo_line_to(cairo,
                      dg_time_field_x(field, (double)step * STEP_HOURS),
                      dg_time_field_y(field, chart->lines[line].mg_dL[step]));
    }
    dg_canvas_ink(cairo, (enum dg_ink)(DG_INK_ARM_1 + (int)line), 1.0);
    cairo_set_line_width(cairo, 1.5);
    cairo_stroke(cairo);
}

/* Insulin hangs below the glucose, each arm's pulses beside the others'. */
static void draw_insulin(cairo_t *cairo,
                         const struct dg_time_field *field,
                         const struct dg_chart_trace *chart,
                         size_t line,
                         double most)
{
    const double bottom =
        field->box.y + field->box.height + 16.0 + INSULIN_HEIGHT;
    const double shift =
        ((double)line - ((double)(chart->line_count - 1U) / 2.0)) * 0.9;

    for (size_t step = 0; step < chart->count; step++) {
        const double units = chart->lines[line].units[step];
        const double x =
            dg_time_field_x(field, (double)step * STEP_HOURS) + shift;

        if (units <= 0.0) {
            continue;
        }
        dg_canvas_line(
            cairo,
            (struct dg_point){x, bottom},
            (struct dg_point){x, bottom - ((INSULIN_HEIGHT * units) / most)},
            0.8,
            (enum dg_ink)(DG_INK_ARM_1 + (int)line));
    }
}

void dg_chart_trace_draw(cairo_t *cairo, const void *what)
{
    const struct dg_chart_trace *chart = what;
    const struct dg_time_field field = {
        .box = {30.0,
                38.0,
                DG_CHART_WIDTH - 42.0,
                DG_CHART_TRACE_HEIGHT - 60.0 - INSULIN_HEIGHT},
        .hours = (double)(chart->count - 1U) * STEP_HOURS,
        .max_mg_dL = highest(chart),
    };
    const char *names[DG_CHART_ARMS];
    const double most = most_units(chart);

    dg_time_field_draw(cairo, &field, chart->title);
    for (size_t line = 0; line < chart->line_count; line++) {
        names[line] = chart->lines[line].name;
    }
    (void)dg_chart_key(
        cairo, (struct dg_point){30.0, 28.0}, names, chart->line_count);
    if (chart->attack_hour >= 0.0) {
        const double x = dg_time_field_x(&field, chart->attack_hour);

        dg_canvas_line(cairo,
                       (struct dg_point){x, field.box.y},
                       (struct dg_point){x, DG_CHART_TRACE_HEIGHT - 4.0},
                       1.0,
                       DG_INK_LOW);
        dg_canvas_text(cairo,
                       (struct dg_point){x + 3.0, field.box.y + 9.0},
                       DG_ALIGN_LEFT,
                       7.5,
                       false,
                       DG_INK_LOW,
                       "it begins");
    }
    for (size_t line = 0; line < chart->line_count; line++) {
        draw_glucose(cairo, &field, chart, line);
        if (chart->lines[line].units != NULL) {
            draw_insulin(cairo, &field, chart, line, most);
        }
    }
    dg_canvas_text(cairo,
                   (struct dg_point){0.0, DG_CHART_TRACE_HEIGHT - 14.0},
                   DG_ALIGN_LEFT,
                   7.0,
                   false,
                   DG_INK_MUTED,
                   "insulin");
}
