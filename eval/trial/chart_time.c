/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/chart_time.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#define TEXT_SIZE 8.0

double dg_time_field_x(const struct dg_time_field *field, double hour)
{
    return field->box.x + ((field->box.width * hour) / field->hours);
}

double dg_time_field_y(const struct dg_time_field *field, double mg_dL)
{
    const double share = fmin(fmax(mg_dL / field->max_mg_dL, 0.0), 1.0);

    return field->box.y + (field->box.height * (1.0 - share));
}

/* Lines that clinicians read: the two thresholds of hypoglycaemia, target,
 * and what counts as very high. */
static void draw_levels(cairo_t *cairo, const struct dg_time_field *field)
{
    static const double levels[] = {54.0, 70.0, 180.0, 250.0};
    const double right = field->box.x + field->box.width;
    char text[16];

    dg_canvas_fill(cairo,
                   (struct dg_box){field->box.x,
                                   dg_time_field_y(field, 180.0),
                                   field->box.width,
                                   dg_time_field_y(field, 70.0) -
                                       dg_time_field_y(field, 180.0)},
                   DG_INK_TARGET,
                   1.0);
    for (size_t i = 0; i < (sizeof(levels) / sizeof(levels[0])); i++) {
        const double y = dg_time_field_y(field, levels[i]);

        if (levels[i] > field->max_mg_dL) {
            continue;
        }
        dg_canvas_line(cairo,
                       (struct dg_point){field->box.x, y},
                       (struct dg_point){right, y},
                       0.6,
                       (i == 0U) ? DG_INK_LOW : DG_INK_GRID);
        (void)snprintf(text, sizeof(text), "%.0f", levels[i]);
        dg_canvas_text(cairo,
                       (struct dg_point){field->box.x - 4.0, y + 3.0},
                       DG_ALIGN_RIGHT,
                       TEXT_SIZE,
                       false,
                       (i == 0U) ? DG_INK_LOW : DG_INK_MUTED,
                       text);
    }
}

static void draw_hours(cairo_t *cairo, const struct dg_time_field *field)
{
    const double bottom = field->box.y + field->box.height;
    const double step = (field->hours > 30.0) ? 12.0 : 3.0;
    char text[16];

    const unsigned steps = (unsigned)((field->hours + 0.01) / step);

    for (unsigned i = 0U; i <= steps; i++) {
        const double hour = (double)i * step;
        const double x = dg_time_field_x(field, hour);

        dg_canvas_line(cairo,
                       (struct dg_point){x, field->box.y},
                       (struct dg_point){x, bottom},
                       0.5,
                       DG_INK_GRID);
        (void)snprintf(text, sizeof(text), "%.0f h", hour);
        dg_canvas_text(cairo,
                       (struct dg_point){x, bottom + 11.0},
                       DG_ALIGN_MIDDLE,
                       TEXT_SIZE,
                       false,
                       DG_INK_MUTED,
                       text);
    }
}

void dg_time_field_draw(cairo_t *cairo,
                        const struct dg_time_field *field,
                        const char *title)
{
    dg_canvas_title(cairo, title);
    draw_levels(cairo, field);
    draw_hours(cairo, field);
    dg_canvas_text(cairo,
                   (struct dg_point){0.0, field->box.y + 6.0},
                   DG_ALIGN_LEFT,
                   7.0,
                   false,
                   DG_INK_MUTED,
                   "mg/dL");
}
