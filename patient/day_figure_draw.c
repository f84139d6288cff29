/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/day_figure_parts.h"

#include <math.h>

#include "patient/svg.h"

/* source: Battelino et al., Diabetes Care 42 (2019) 1593. */
#define VERY_LOW 54.0
#define LOW      70.0
#define HIGH     180.0

/* Room that a number beside a mark takes. */
#define LABEL_GAP 30.0

/* --- Paper: what is there before any data --------------------------------*/

static void write_tick(
    FILE *out, double y, double value, const char *anchor, double x)
{
    dg_svg_text_begin(out, "small", anchor, x, y + 4.0);
    dg_svg_amount(out, value);
    dg_svg_text_end(out);
}

static void write_row_name(FILE *out,
                           double y,
                           const char *name,
                           const char *unit)
{
    dg_svg_text(out, "name", "start", NAMES, y, name);
    dg_svg_text(out, "small", "start", NAMES, y + 14.0, unit);
}

static void write_hours(const struct dg_figure_scales *scales, FILE *out)
{
    static const double steps_min[] = {
        15.0, 30.0, 60.0, 120.0, 180.0, 360.0, 720.0, 1440.0, 2880.0};
    const double length = scales->end_min - scales->start_min;
    double step = steps_min[0];

    for (size_t i = 0; i < sizeof steps_min / sizeof steps_min[0]; i++) {
        step = steps_min[i];
        if (length / step <= 12.0) {
            break;
        }
    }
    for (double at = step * ceil(scales->start_min / step);
         at <= scales->end_min;
         at += step) {
        const double x = dg_figure_x(scales, at);
        const int minute = (int)(at - 1440.0 * floor(at / 1440.0));

        dg_svg_line(out, "grid", x, scales->glucose_top, x, GLUCOSE_FLOOR);
        dg_svg_line(out, "grid", x, BOLUS_TOP, x, BOLUS_FLOOR);
        dg_svg_line(out, "grid", x, BASAL_TOP, x, BASAL_FLOOR);
        dg_svg_text_begin(out, "small", "middle", x, HOURS_Y);
        /* A day that ends says 24:00, not 00:00 again. */
        if ((minute == 0) && (at >= scales->end_min)) {
            fputs("24:00", out);
        } else {
            fprintf(out, "%02d:%02d", minute / 60, minute % 60);
        }
        dg_svg_text_end(out);
    }
}

static void write_glucose_paper(const struct dg_figure_scales *scales,
                                FILE *out)
{
    const double y_high = dg_figure_y(scales, HIGH);
    const double y_low = dg_figure_y(scales, LOW);
    const double y_very_low = dg_figure_y(scales, VERY_LOW);
    const double step = (scales->glucose_ceiling > 400.0) ? 100.0 : 50.0;

    dg_svg_box(out, "target", LEFT, y_high, RIGHT - LEFT, y_low - y_high);
    write_row_name(out, scales->glucose_top + 4.0, "Glucose", "mg/dL");
    for (double mg_dL = step * ceil(scales->glucose_floor / step);
         mg_dL <= scales->glucose_ceiling;
         mg_dL += step) {
        const double y = dg_figure_y(scales, mg_dL);

        dg_svg_line(out, "grid", LEFT, y, RIGHT, y);
        write_tick(out, y, mg_dL, "end", LEFT - 7.0);
    }
    write_hours(scales, out);

    dg_svg_line(out, "edge", LEFT, y_high, RIGHT, y_high);
    dg_svg_line(out, "edge", LEFT, y_low, RIGHT, y_low);
    dg_svg_line(out, "low", LEFT, y_very_low, RIGHT, y_very_low);
    write_tick(out, y_high, HIGH, "start", RIGHT + 7.0);
    dg_svg_text(out,
                "small",
                "start",
                RIGHT + 7.0,
                (y_high + y_low) / 2.0 + 4.0,
                "target");
    write_tick(out, y_low, LOW, "start", RIGHT + 7.0);
    dg_svg_text(out,
                "low-text",
                "start",
                RIGHT + 7.0,
                fmax(y_very_low, y_low + 12.0) + 4.0,
                "54 very low");
}

static void write_insulin_paper(const struct dg_figure_scales *scales,
                                FILE *out)
{
    dg_svg_text(out, "name", "start", NAMES, MEALS_Y, "Meals");

    write_row_name(out, BOLUS_TOP + 10.0, "Bolus", "U");
    dg_svg_line(out, "grid", LEFT, BOLUS_TOP, RIGHT, BOLUS_TOP);
    dg_svg_line(out, "axis", LEFT, BOLUS_FLOOR, RIGHT, BOLUS_FLOOR);
    write_tick(out, BOLUS_TOP, scales->bolus_max_U, "end", LEFT - 7.0);
    write_tick(out, BOLUS_FLOOR, 0.0, "end", LEFT - 7.0);

    write_row_name(out, BASAL_TOP + 10.0, "Basal", "U/h");
    dg_svg_line(out, "grid", LEFT, BASAL_TOP, RIGHT, BASAL_TOP);
    dg_svg_line(out, "axis", LEFT, BASAL_FLOOR, RIGHT, BASAL_FLOOR);
    write_tick(out, BASAL_TOP, scales->basal_max_U_per_h, "end", LEFT - 7.0);
    write_tick(out, BASAL_FLOOR, 0.0, "end", LEFT - 7.0);
}

/* --- Ink: the data ------------------------------------------------------- */

/* Write the commands of a line.  Points closer than the eye can see are left
 * out, the last one never. */
static bool line_commands(const struct dg_figure_scales *scales,
                          const struct dg_figure_series *series,
                          double *first_x,
                          double *last_x,
                          FILE *out)
{
    bool begun = false;
    double drawn_x = 0.0;

    for (size_t i = 0; i < series->count; i++) {
        const struct dg_figure_sample *sample = &series->samples[i];

        if (!dg_figure_is_shown(scales, sample->minute)) {
            continue;
        }

        const double x = dg_figure_x(scales, sample->minute);
        const bool is_last =
            (i + 1U == series->count) ||
            !dg_figure_is_shown(scales, series->samples[i + 1U].minute);

        if (begun && !is_last && (x - drawn_x < 1.0)) {
            continue;
        }
        dg_svg_point(
            out, begun ? 'L' : 'M', x, dg_figure_y(scales, sample->mg_dL));
        if (!begun) {
            *first_x = x;
        }
        begun = true;
        drawn_x = x;
        *last_x = x;
    }
    return begun;
}

static void write_line(const struct dg_figure_scales *scales,
                       const char *class,
                       const struct dg_figure_series *series,
                       FILE *out)
{
    double first_x;
    double last_x;

    if (series->count == 0U) {
        return;
    }
    fprintf(out, "<path class=\"%s\" d=\"", class);
    (void)line_commands(scales, series, &first_x, &last_x, out);
    fputs("\"/>\n", out);
}

/* Tint what lies between the line and 70 mg/dL: the harm should be seen before
 * it is read. */
static void write_below(const struct dg_day_figure *figure,
                        const struct dg_figure_scales *scales,
                        FILE *out)
{
    const double y_low = dg_figure_y(scales, LOW);
    double first_x = LEFT;
    double last_x = LEFT;

    if (figure->plasma.count == 0U) {
        return;
    }
    fprintf(out, "<clipPath id=\"%s-below\">", figure->id);
    dg_svg_box(out, "clip", LEFT, y_low, RIGHT - LEFT, GLUCOSE_FLOOR - y_low);
    fprintf(out,
            "</clipPath>\n<path class=\"below\" clip-path=\"url(#%s-below)\" "
            "d=\"",
            figure->id);
    if (line_commands(scales, &figure->plasma, &first_x, &last_x, out)) {
        dg_svg_point(out, 'L', last_x, y_low);
        dg_svg_point(out, 'L', first_x, y_low);
        fputc('Z', out);
    }
    fputs("\"/>\n", out);
}

/* Each reading is a line of no length with round ends: a dot. */
static void write_sensor(const struct dg_day_figure *figure,
                         const struct dg_figure_scales *scales,
                         FILE *out)
{
    if (figure->sensor.count == 0U) {
        return;
    }
    fputs("<path class=\"sensor\" d=\"", out);
    for (size_t i = 0; i < figure->sensor.count; i++) {
        const struct dg_figure_sample *sample = &figure->sensor.samples[i];

        if (dg_figure_is_shown(scales, sample->minute)) {
            dg_svg_point(out,
                         'M',
                         dg_figure_x(scales, sample->minute),
                         dg_figure_y(scales, sample->mg_dL));
            fputs("h0", out);
        }
    }
    fputs("\"/>\n", out);
}

static void write_meals(const struct dg_day_figure *figure,
                        const struct dg_figure_scales *scales,
                        FILE *out)
{
    double free_from = -HUGE_VAL;

    for (size_t i = 0; i < figure->meal_count; i++) {
        const double x = dg_figure_x(scales, figure->meals[i].minute);

        if (!dg_figure_is_shown(scales, figure->meals[i].minute)) {
            continue;
        }
        fputs("<path class=\"meal\" d=\"", out);
        dg_svg_point(out, 'M', x, MEALS_Y - 14.0);
        dg_svg_point(out, 'L', x + 5.0, MEALS_Y - 6.0);
        dg_svg_point(out, 'L', x - 5.0, MEALS_Y - 6.0);
        fputs("Z\"/>\n", out);
        if (x < free_from) {
            continue;
        }
        dg_svg_text_begin(out, "small", "middle", x, MEALS_Y + 6.0);
        dg_svg_amount(out, figure->meals[i].grams);
        fputs(" g", out);
        dg_svg_text_end(out);
        free_from = x + LABEL_GAP;
    }
}

static void write_boluses(const struct dg_day_figure *figure,
                          const struct dg_figure_scales *scales,
                          enum dg_figure_delivery_kind kind,
                          FILE *out)
{
    const bool is_confirmed = (kind == DG_FIGURE_CONFIRMED);
    const double width =
        is_confirmed ? CONFIRMED_WIDTH : scales->automatic_width;
    double free_from = -HUGE_VAL;

    for (size_t i = 0; i < figure->delivery_count; i++) {
        const struct dg_figure_delivery *delivery = &figure->deliveries[i];
        const double share = delivery->units / scales->bolus_max_U;
        const double height = (BOLUS_FLOOR - BOLUS_TOP) * share;
        const double x = dg_figure_x(scales, delivery->minute);

        if ((delivery->kind != kind) || (delivery->units <= 0.0) ||
            !dg_figure_is_shown(scales, delivery->minute)) {
            continue;
        }
        dg_svg_box(out,
                   is_confirmed ? "confirmed" : "automatic",
                   x - width / 2.0,
                   BOLUS_FLOOR - height,
                   width,
                   height);
        /* A row of small automatic doses speaks through its bars. */
        if ((x < free_from) || (!is_confirmed && (share < 0.25))) {
            continue;
        }
        dg_svg_text_begin(out,
                          "small",
                          "start",
                          x + width,
                          fmin(BOLUS_FLOOR - height + 9.0, BOLUS_FLOOR - 3.0));
        dg_svg_amount(out, delivery->units);
        dg_svg_text_end(out);
        free_from = x + LABEL_GAP;
    }
}

static void write_basal(const struct dg_day_figure *figure,
                        const struct dg_figure_scales *scales,
                        FILE *out)
{
    size_t cursor = 0;

    fputs("<path class=\"basal\" d=\"", out);
    dg_svg_point(out, 'M', LEFT, BASAL_FLOOR);
    for (double at = scales->start_min; at < scales->end_min;
         at += BASAL_BIN_MIN) {
        const double to = fmin(at + BASAL_BIN_MIN, scales->end_min);
        const double share = dg_figure_basal_U_per_h(figure, at, to, &cursor) /
                             scales->basal_max_U_per_h;
        const double y = BASAL_FLOOR - (BASAL_FLOOR - BASAL_TOP) * share;

        dg_svg_point(out, 'L', dg_figure_x(scales, at), y);
        dg_svg_point(out, 'L', dg_figure_x(scales, to), y);
    }
    dg_svg_point(out, 'L', RIGHT, BASAL_FLOOR);
    fputs("Z\"/>\n", out);
}

/* A label stands right of its line, or left of it where the next event or the
 * edge would cut it.  Where neither side has room it goes one row up, above the
 * lines of its neighbours. */
static void write_event(const struct dg_figure_scales *scales,
                        const struct dg_figure_event *event,
                        double next_x,
                        double *taken_to,
                        FILE *out)
{
    const double edge = WIDTH - NAMES;
    const double x = dg_figure_x(scales, event->minute);
    const double width = 1.1 * dg_svg_width(event->label); /* it is bold */
    const bool has_room_right =
        (x >= *taken_to) && (x + width <= fmin(next_x, edge));
    const bool has_room_left = (x - width >= fmax(*taken_to, LEFT));
    const bool is_above = !has_room_right && !has_room_left;
    const bool is_right = has_room_right || (is_above && (x + width <= edge));
    const double y = EVENTS_Y + (is_above ? 0.0 : EVENTS_ROW);

    *taken_to = (has_room_right ? x + width : x) + 10.0;
    dg_svg_line(out, "event", x, y - 9.0, x, GLUCOSE_FLOOR);
    dg_svg_text(out,
                "event-text",
                is_right ? "start" : "end",
                is_right ? x + 5.0 : x - 5.0,
                y,
                event->label);
}

static void write_events(const struct dg_day_figure *figure,
                         const struct dg_figure_scales *scales,
                         FILE *out)
{
    double taken_to = -HUGE_VAL; /* in the lower row */

    for (size_t i = 0; i < figure->event_count; i++) {
        const double next_x =
            (i + 1U < figure->event_count)
                ? dg_figure_x(scales, figure->events[i + 1U].minute)
                : HUGE_VAL;

        if (dg_figure_is_shown(scales, figure->events[i].minute)) {
            write_event(scales, &figure->events[i], next_x, &taken_to, out);
        }
    }
}

void dg_figure_draw_paper(const struct dg_figure_scales *scales, FILE *out)
{
    write_glucose_paper(scales, out);
    write_insulin_paper(scales, out);
}

/* Later is on top: the line of the day covers its sensor's dots. */
void dg_figure_draw_ink(const struct dg_day_figure *figure,
                        const struct dg_figure_scales *scales,
                        FILE *out)
{
    write_below(figure, scales, out);
    write_sensor(figure, scales, out);
    write_line(scales, "comparison", &figure->comparison, out);
    write_line(scales, "glucose", &figure->plasma, out);
    write_meals(figure, scales, out);
    write_basal(figure, scales, out);
    write_boluses(figure, scales, DG_FIGURE_AUTOMATIC, out);
    write_boluses(figure, scales, DG_FIGURE_CONFIRMED, out);
    write_events(figure, scales, out);
}
