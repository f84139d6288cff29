/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_CHART_H
#define DG_EVAL_TRIAL_CHART_H

#include <cairo.h>
#include <stddef.h>

#include "eval/trial/canvas.h"

/* The four figures of a trial.  Each is a struct of numbers and one function
 * that draws it; none computes anything that a table does not show too. */

#define DG_CHART_WIDTH 510.0 /* points: the text width of an A4 page */
#define DG_CHART_ARMS  6U

/* A value with its interval, in the unit of the axis. */
struct dg_estimate {
    double value;
    double low;
    double high;
};

/* --- Dots: one row for each scenario, one mark for each arm ------------- */

struct dg_chart_dots_row {
    const char *name;
    struct dg_estimate of_arm[DG_CHART_ARMS];
};

struct dg_chart_dots {
    const char *title;
    const char *axis; /* what the axis shows, with its unit */
    double max;       /* right end of the axis, above 0; the left end is 0 */
    const char *const *arms;
    size_t arm_count; /* 1 .. DG_CHART_ARMS */
    const struct dg_chart_dots_row *rows;
    size_t row_count; /* 1 .. */
};

/** Height in points that this figure takes. */
double dg_chart_dots_height(const struct dg_chart_dots *chart);
void dg_chart_dots_draw(cairo_t *cairo, const void *what);

/* --- Ranges: stacked shares of time -------------------------------------- */

#define DG_CHART_RANGES 5U /* below 54, below 70, in, above 180, above 250 */

struct dg_chart_ranges_row {
    const char *name;
    double percent[DG_CHART_RANGES]; /* lowest first; together 100 */
};

struct dg_chart_ranges {
    const char *title;
    const struct dg_chart_ranges_row *rows;
    size_t row_count;
};

double dg_chart_ranges_height(const struct dg_chart_ranges *chart);
void dg_chart_ranges_draw(cairo_t *cairo, const void *what);

/* --- Ambulatory glucose profile: quantiles by time of day ---------------- */

#define DG_CHART_SLOTS     48U /* of half an hour */
#define DG_CHART_QUANTILES 5U  /* 5, 25, 50, 75 and 95 % */

struct dg_chart_agp {
    const char *title;
    double mg_dL[DG_CHART_SLOTS][DG_CHART_QUANTILES];
};

#define DG_CHART_AGP_HEIGHT 190.0
void dg_chart_agp_draw(cairo_t *cairo, const void *what);

/* --- Trace of one person, one line for each arm -------------------------- */

struct dg_chart_trace_line {
    const char *name;
    const double *mg_dL; /* plasma glucose, one for each five minutes */
    const double *units; /* insulin in those five minutes, U; may be NULL */
};

struct dg_chart_trace {
    const char *title;
    size_t count;       /* five-minute steps, 2 .. */
    double attack_hour; /* where the attack begins; below 0: no mark */
    struct dg_chart_trace_line lines[DG_CHART_ARMS];
    size_t line_count;
};

#define DG_CHART_TRACE_HEIGHT 230.0
void dg_chart_trace_draw(cairo_t *cairo, const void *what);

/** Draw the key to the arms' marks; @return height taken, in points. */
double dg_chart_key(cairo_t *cairo,
                    struct dg_point at,
                    const char *const *arms,
                    size_t arm_count);

#endif
