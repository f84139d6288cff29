/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/chart.h"
#include "eval/trial/chart_time.h"

#define SLOT_HOURS (24.0 / (double)DG_CHART_SLOTS)
#define MIDDLE     2U /* the median among the quantiles */

/* The area between two quantiles. */
static void draw_band(cairo_t *cairo,
                      const struct dg_time_field *field,
                      const struct dg_chart_agp *chart,
                      size_t low,
                      double alpha)
{
    const size_t high = DG_CHART_QUANTILES - 1U - low;

    cairo_new_path(cairo);
    for (size_t slot = 0; slot < DG_CHART_SLOTS; slot++) {
        cairo_line_to(cairo,
                      dg_time_field_x(field, ((double)slot + 0.5) * SLOT_HOURS),
                      dg_time_field_y(field, chart->mg_dL[slot][low]));
    }
    for (size_t slot = DG_CHART_SLOTS; slot-- > 0U;) {
        cairo_line_to(cairo,
                      dg_time_field_x(field, ((double)slot + 0.5) * SLOT_HOURS),
                      dg_time_field_y(field, chart->mg_dL[slot][high]));
    }
    cairo_close_path(cairo);
    dg_canvas_ink(cairo, DG_INK_GLUCOSE, alpha);
    cairo_fill(cairo);
}

void dg_chart_agp_draw(cairo_t *cairo, const void *what)
{
    const struct dg_chart_agp *chart = what;
    const struct dg_time_field field = {
        .box = {30.0, 22.0, DG_CHART_WIDTH - 42.0, DG_CHART_AGP_HEIGHT - 44.0},
        .hours = 24.0,
        .max_mg_dL = 350.0,
    };

    dg_time_field_draw(cairo, &field, chart->title);
    draw_band(cairo, &field, chart, 0U, 0.16);
    draw_band(cairo, &field, chart, 1U, 0.30);
    cairo_new_path(cairo);
    for (size_t slot = 0; slot < DG_CHART_SLOTS; slot++) {
        cairo_line_to(
            cairo,
            dg_time_field_x(&field, ((double)slot + 0.5) * SLOT_HOURS),
            dg_time_field_y(&field, chart->mg_dL[slot][MIDDLE]));
    }
    dg_canvas_ink(cairo, DG_INK_GLUCOSE, 1.0);
    cairo_set_line_width(cairo, 1.8);
    cairo_stroke(cairo);
}
