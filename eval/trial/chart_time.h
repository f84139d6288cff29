/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_CHART_TIME_H
#define DG_EVAL_TRIAL_CHART_TIME_H

#include "eval/trial/canvas.h"

/* What figures of glucose over time share: the field with its band of 70 to
 * 180 mg/dL, and where an hour and a glucose lie in it. */
struct dg_time_field {
    struct dg_box box;
    double hours;     /* at the right edge, above 0 */
    double max_mg_dL; /* at the upper edge; the lower one is 0 */
};

double dg_time_field_x(const struct dg_time_field *field, double hour);

/** Held within the field. */
double dg_time_field_y(const struct dg_time_field *field, double mg_dL);

/** Draw title, band, grid and both axes. */
void dg_time_field_draw(cairo_t *cairo,
                        const struct dg_time_field *field,
                        const char *title);

#endif
