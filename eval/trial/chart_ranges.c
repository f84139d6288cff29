/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "eval/trial/chart.h"

#define TEXT_SIZE   8.0
#define LABEL_WIDTH 168.0
#define ROW         17.0
#define BAR         12.0
#define TOP         40.0
#define BOTTOM      20.0

static const char *const range_names[DG_CHART_RANGES] = {
    "below 54", "54 to 69", "70 to 180", "181 to 250", "above 250 mg/dL"};

double dg_chart_ranges_height(const struct dg_chart_ranges *chart)
{
    return TOP + BOTTOM + ((double)chart->row_count * ROW);
}

static void draw_key(cairo_t *cairo)
{
    struct dg_point here = {LABEL_WIDTH, 28.0};

    for (size_t range = 0; range < DG_CHART_RANGES; range++) {
        dg_canvas_fill(cairo,
                       (struct dg_box){here.x, here.y - 7.0, 8.0, 8.0},
                       (enum dg_ink)(DG_INK_BELOW_54 + (int)range),
                       1.0);
        dg_canvas_text(cairo,
                       (struct dg_point){here.x + 11.0, here.y},
                       DG_ALIGN_LEFT,
                       TEXT_SIZE,
                       false,
                       DG_INK_TEXT,
                       range_names[range]);
        here.x +=
            dg_canvas_width(cairo, TEXT_SIZE, false, range_names[range]) + 21.0;
    }
}

static void draw_row(cairo_t *cairo,
                     const struct dg_chart_ranges_row *row,
                     double top)
{
    const double span = DG_CHART_WIDTH - LABEL_WIDTH;
    double x = LABEL_WIDTH;
    char text[16];

    dg_canvas_text(cairo,
                   (struct dg_point){4.0, top + 9.5},
                   DG_ALIGN_LEFT,
                   TEXT_SIZE,
                   false,
                   DG_INK_TEXT,
                   row->name);
    for (size_t range = 0; range < DG_CHART_RANGES; range++) {
        const double width = (span * row->percent[range]) / 100.0;

        if (width <= 0.0) {
            continue;
        }
        dg_canvas_fill(cairo,
                       (struct dg_box){x, top, width, BAR},
                       (enum dg_ink)(DG_INK_BELOW_54 + (int)range),
                       1.0);
        if (width > 24.0) {
            (void)snprintf(text, sizeof(text), "%.1f", row->percent[range]);
            dg_canvas_text(cairo,
                           (struct dg_point){x + (width / 2.0), top + 9.0},
                           DG_ALIGN_MIDDLE,
                           7.5,
                           false,
                           (range == 3U) ? DG_INK_TEXT : DG_INK_PAPER,
                           text);
        }
        x += width;
    }
}

void dg_chart_ranges_draw(cairo_t *cairo, const void *what)
{
    const struct dg_chart_ranges *chart = what;

    dg_canvas_title(cairo, chart->title);
    draw_key(cairo);
    for (size_t row = 0; row < chart->row_count; row++) {
        draw_row(cairo, &chart->rows[row], TOP + ((double)row * ROW));
    }
    dg_canvas_text(
        cairo,
        (struct dg_point){LABEL_WIDTH, dg_chart_ranges_height(chart) - 8.0},
        DG_ALIGN_LEFT,
        TEXT_SIZE,
        false,
        DG_INK_MUTED,
        "share of time, %");
}
