/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "eval/trial/chart.h"

#define TEXT_SIZE   8.0
#define LABEL_WIDTH 168.0 /* room for the names of rows */
#define MARK_ROW    6.0   /* one arm's line within a row */
#define ROW_GAP     5.0
#define TOP         44.0
#define BOTTOM      34.0

static double row_height(const struct dg_chart_dots *chart)
{
    return ((double)chart->arm_count * MARK_ROW) + ROW_GAP;
}

double dg_chart_dots_height(const struct dg_chart_dots *chart)
{
    return TOP + BOTTOM + ((double)chart->row_count * row_height(chart));
}

double dg_chart_key(cairo_t *cairo,
                    struct dg_point at,
                    const char *const *arms,
                    size_t arm_count)
{
    struct dg_point here = at;

    for (size_t arm = 0; arm < arm_count; arm++) {
        const double width =
            dg_canvas_width(cairo, TEXT_SIZE, false, arms[arm]) + 24.0;

        if ((here.x > at.x) && ((here.x + width) > (at.x + DG_CHART_WIDTH))) {
            here.x = at.x;
            here.y += 13.0;
        }
        dg_canvas_mark(cairo,
                       (struct dg_point){here.x + 4.0, here.y - 3.0},
                       (unsigned)arm,
                       3.4,
                       (enum dg_ink)(DG_INK_ARM_1 + (int)arm));
        dg_canvas_text(cairo,
                       (struct dg_point){here.x + 11.0, here.y},
                       DG_ALIGN_LEFT,
                       TEXT_SIZE,
                       false,
                       DG_INK_TEXT,
                       arms[arm]);
        here.x += width;
    }
    return (here.y - at.y) + 13.0;
}

/* A step of 1, 2 or 5 times a power of ten that makes four to eight of them. */
static double nice_step(double max)
{
    const double rough = max / 5.0;
    const double power = pow(10.0, floor(log10(rough)));
    const double share = rough / power;

    if (share < 1.5) {
        return power;
    }
    if (share < 3.5) {
        return 2.0 * power;
    }
    return (share < 7.5) ? (5.0 * power) : (10.0 * power);
}

static double x_of(const struct dg_chart_dots *chart, double value)
{
    const double span = DG_CHART_WIDTH - LABEL_WIDTH - 14.0;
    const double share = fmin(fmax(value / chart->max, 0.0), 1.0);

    return LABEL_WIDTH + (span * share);
}

static void draw_axis(cairo_t *cairo, const struct dg_chart_dots *chart)
{
    const double bottom = dg_chart_dots_height(chart) - BOTTOM;
    const double step = nice_step(chart->max);
    char text[32];

    const unsigned steps = (unsigned)((chart->max * 1.0001) / step);

    for (unsigned i = 0U; i <= steps; i++) {
        const double value = (double)i * step;
        const double x = x_of(chart, value);

        dg_canvas_line(cairo,
                       (struct dg_point){x, TOP - 6.0},
                       (struct dg_point){x, bottom},
                       0.6,
                       DG_INK_GRID);
        (void)snprintf(text, sizeof(text), "%g", value);
        dg_canvas_text(cairo,
                       (struct dg_point){x, bottom + 11.0},
                       DG_ALIGN_MIDDLE,
                       TEXT_SIZE,
                       false,
                       DG_INK_MUTED,
                       text);
    }
    dg_canvas_text(cairo,
                   (struct dg_point){LABEL_WIDTH, bottom + 24.0},
                   DG_ALIGN_LEFT,
                   TEXT_SIZE,
                   false,
                   DG_INK_MUTED,
                   chart->axis);
}

static void draw_stripe(cairo_t *cairo,
                        const struct dg_chart_dots *chart,
                        size_t row)
{
    const double height = row_height(chart);
    const double top = TOP + ((double)row * height);

    dg_canvas_fill(cairo,
                   (struct dg_box){0.0, top - 3.0, DG_CHART_WIDTH, height},
                   DG_INK_GRID,
                   0.28);
}

static void draw_row(cairo_t *cairo,
                     const struct dg_chart_dots *chart,
                     size_t row)
{
    const double height = row_height(chart);
    const double top = TOP + ((double)row * height);

    dg_canvas_text(cairo,
                   (struct dg_point){4.0, top + (height / 2.0)},
                   DG_ALIGN_LEFT,
                   TEXT_SIZE,
                   false,
                   DG_INK_TEXT,
                   chart->rows[row].name);
    for (size_t arm = 0; arm < chart->arm_count; arm++) {
        const struct dg_estimate *found = &chart->rows[row].of_arm[arm];
        const double y = top + (((double)arm + 0.5) * MARK_ROW);
        const enum dg_ink ink = (enum dg_ink)(DG_INK_ARM_1 + (int)arm);

        if (!isfinite(found->value)) {
            continue; /* nobody is in this arm */
        }
        dg_canvas_line(cairo,
                       (struct dg_point){x_of(chart, found->low), y},
                       (struct dg_point){x_of(chart, found->high), y},
                       1.4,
                       ink);
        dg_canvas_mark(cairo,
                       (struct dg_point){x_of(chart, found->value), y},
                       (unsigned)arm,
                       2.7,
                       ink);
    }
}

void dg_chart_dots_draw(cairo_t *cairo, const void *what)
{
    const struct dg_chart_dots *chart = what;

    dg_canvas_title(cairo, chart->title);
    (void)dg_chart_key(
        cairo, (struct dg_point){0.0, 28.0}, chart->arms, chart->arm_count);
    for (size_t row = 0; row < chart->row_count; row += 2U) {
        draw_stripe(cairo, chart, row);
    }
    draw_axis(cairo, chart);
    for (size_t row = 0; row < chart->row_count; row++) {
        draw_row(cairo, chart, row);
    }
}
