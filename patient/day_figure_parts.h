/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_DAY_FIGURE_PARTS_H
#define DG_PATIENT_DAY_FIGURE_PARTS_H

/* What the files of the day figure share; nobody else includes it. */

#include <stdbool.h>

#include "patient/day_figure.h"

/* The page, in user units: a column of row names and ticks, the plot, and a
 * column for what the lines mean. */
#define WIDTH  960.0
#define HEIGHT 540.0
#define NAMES  16.0
#define LEFT   104.0
#define RIGHT  864.0

#define TITLE_Y       24.0
#define LEGEND_Y      50.0
#define EVENTS_Y      76.0
#define EVENTS_ROW    15.0
#define GLUCOSE_TOP   74.0
#define GLUCOSE_TOP_2 102.0 /* below the labels of events */
#define GLUCOSE_FLOOR 338.0
#define MEALS_Y       361.0
#define BOLUS_TOP     384.0
#define BOLUS_FLOOR   448.0
#define BASAL_TOP     468.0
#define BASAL_FLOOR   504.0
#define HOURS_Y       522.0

#define BASAL_BIN_MIN       30.0
#define CONFIRMED_WIDTH     6.0
#define AUTOMATIC_WIDTH_MIN 2.2

/* How values become places; settled once per figure. */
struct dg_figure_scales {
    double start_min;
    double end_min;
    double glucose_top; /* on the page */
    double glucose_floor;
    double glucose_ceiling;
    double bolus_max_U;
    double automatic_width; /* on the page */
    double basal_max_U_per_h;
};

/* Choose the axes so that everything shown has room. */
struct dg_figure_scales dg_figure_fit(const struct dg_day_figure *figure);

bool dg_figure_is_shown(const struct dg_figure_scales *scales, double minute);
double dg_figure_x(const struct dg_figure_scales *scales, double minute);
double dg_figure_y(const struct dg_figure_scales *scales, double mg_dL);

/* The basal of a stretch of time, as a rate.  Deliveries are in order, so the
 * caller walks them once, with a cursor that begins at 0. */
double dg_figure_basal_U_per_h(const struct dg_day_figure *figure,
                               double from_min,
                               double to_min,
                               size_t *cursor);

/* Draw what is there before any data: bands, grids, ticks, names. */
void dg_figure_draw_paper(const struct dg_figure_scales *scales, FILE *out);

/* Draw the data. */
void dg_figure_draw_ink(const struct dg_day_figure *figure,
                        const struct dg_figure_scales *scales,
                        FILE *out);

#endif
