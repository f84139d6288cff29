/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/day_figure.h"

#include <math.h>
#include <stdbool.h>

#include "patient/day_figure_parts.h"
#include "patient/svg.h"

#define AXIS_MIN_MAX      (14.0 * 1440.0)
#define GLUCOSE_MG_DL_MAX 20000.0
#define AMOUNT_MAX        1000.0
#define ID_MAX            64U

static const char style[] =
    "<style>\n"
    ".dg-day{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Helvetica Neue\",Arial,sans-serif;font-variant-numeric:tabular-nums;"
    "max-width:100%;height:auto}\n"
    ".dg-day text{fill:var(--dg-ink,#1f2933)}\n"
    ".dg-day .title{font-size:15px;font-weight:600}\n"
    ".dg-day .name{font-weight:600}\n"
    ".dg-day .small{font-size:11px;fill:var(--dg-muted,#5b6770)}\n"
    ".dg-day .grid{stroke:var(--dg-grid,#e4e8eb)}\n"
    ".dg-day .axis{stroke:var(--dg-muted,#5b6770);stroke-width:.8}\n"
    ".dg-day .target{fill:var(--dg-target,#e8f2ec)}\n"
    ".dg-day .edge{stroke:var(--dg-target-edge,#8fb79f);stroke-width:.8}\n"
    ".dg-day .low{stroke:var(--dg-low,#b3401f);stroke-dasharray:2 3}\n"
    ".dg-day .low-text{font-size:11px;fill:var(--dg-low,#b3401f)}\n"
    ".dg-day .below{fill:var(--dg-low,#b3401f);fill-opacity:.22}\n"
    ".dg-day .glucose{fill:none;stroke:var(--dg-glucose,#1f4e79);"
    "stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}\n"
    ".dg-day .sensor{fill:none;stroke:var(--dg-sensor,#6ea3cf);"
    "stroke-width:3;stroke-linecap:round}\n"
    ".dg-day .comparison{fill:none;stroke:var(--dg-comparison,#7c868d);"
    "stroke-width:1.6;stroke-dasharray:6 4;stroke-linejoin:round}\n"
    ".dg-day .confirmed{fill:var(--dg-confirmed,#8a4b08)}\n"
    ".dg-day .automatic{fill:var(--dg-automatic,#e39b32)}\n"
    ".dg-day .basal{fill:var(--dg-basal,#8fa5b2);fill-opacity:.35;"
    "stroke:var(--dg-basal,#8fa5b2)}\n"
    ".dg-day .meal{fill:var(--dg-meal,#4f7a3a)}\n"
    ".dg-day .event{stroke:var(--dg-event,#7b2d5e)}\n"
    ".dg-day .event-text{font-weight:600;fill:var(--dg-event,#7b2d5e)}\n"
    "</style>\n";

static bool is_within(double value, double low, double high)
{
    return (value >= low) && (value <= high);
}

/* --- What is refused ---------------------------------------------------- */

static bool is_letter(char c)
{
    return ((c >= 'a') && (c <= 'z')) || ((c >= 'A') && (c <= 'Z'));
}

static bool is_id(const char *id)
{
    if (!is_letter(id[0])) {
        return false;
    }
    for (size_t i = 0; id[i] != '\0'; i++) {
        const bool is_digit = (id[i] >= '0') && (id[i] <= '9');

        if ((i >= ID_MAX) || !(is_letter(id[i]) || is_digit || (id[i] == '-') ||
                               (id[i] == '_'))) {
            return false;
        }
    }
    return true;
}

static bool is_series(const struct dg_figure_series *series)
{
    double last = -HUGE_VAL;

    for (size_t i = 0; i < series->count; i++) {
        const struct dg_figure_sample *sample = &series->samples[i];

        if (!isfinite(sample->minute) || (sample->minute < last) ||
            !is_within(sample->mg_dL, 0.0, GLUCOSE_MG_DL_MAX)) {
            return false;
        }
        last = sample->minute;
    }
    return true;
}

static bool are_deliveries(const struct dg_day_figure *figure)
{
    double last = -HUGE_VAL;

    for (size_t i = 0; i < figure->delivery_count; i++) {
        const struct dg_figure_delivery *delivery = &figure->deliveries[i];

        if (!isfinite(delivery->minute) || (delivery->minute < last) ||
            !is_within(delivery->units, 0.0, AMOUNT_MAX)) {
            return false;
        }
        last = delivery->minute;
    }
    return true;
}

static bool are_marks(const struct dg_day_figure *figure)
{
    double last = -HUGE_VAL;

    for (size_t i = 0; i < figure->meal_count; i++) {
        if (!isfinite(figure->meals[i].minute) ||
            (figure->meals[i].minute < last) ||
            !is_within(figure->meals[i].grams, 0.0, AMOUNT_MAX)) {
            return false;
        }
        last = figure->meals[i].minute;
    }
    last = -HUGE_VAL;
    for (size_t i = 0; i < figure->event_count; i++) {
        if (!isfinite(figure->events[i].minute) ||
            (figure->events[i].minute < last)) {
            return false;
        }
        last = figure->events[i].minute;
    }
    return true;
}

static bool is_complete(const struct dg_day_figure *figure)
{
    if ((figure->id == NULL) || (figure->title == NULL) ||
        (figure->description == NULL)) {
        return false;
    }
    if ((figure->comparison.count > 0U) && (figure->comparison_name == NULL)) {
        return false;
    }
    for (size_t i = 0; (figure->events != NULL) && (i < figure->event_count);
         i++) {
        if (figure->events[i].label == NULL) {
            return false;
        }
    }
    return ((figure->plasma.count == 0U) || (figure->plasma.samples != NULL)) &&
           ((figure->sensor.count == 0U) || (figure->sensor.samples != NULL)) &&
           ((figure->comparison.count == 0U) ||
            (figure->comparison.samples != NULL)) &&
           ((figure->delivery_count == 0U) || (figure->deliveries != NULL)) &&
           ((figure->meal_count == 0U) || (figure->meals != NULL)) &&
           ((figure->event_count == 0U) || (figure->events != NULL));
}

static bool is_sound(const struct dg_day_figure *figure)
{
    return is_id(figure->id) && isfinite(figure->start_min) &&
           is_within(figure->end_min,
                     figure->start_min + 1.0,
                     figure->start_min + AXIS_MIN_MAX) &&
           is_series(&figure->plasma) && is_series(&figure->sensor) &&
           is_series(&figure->comparison) && are_deliveries(figure) &&
           are_marks(figure);
}

/* --- Legend -------------------------------------------------------------- */

static double write_legend_name(FILE *out, double x, const char *name)
{
    dg_svg_text(out, "legend", "start", x, LEGEND_Y, name);
    return x + dg_svg_width(name) + 22.0;
}

static double write_legend_line(FILE *out,
                                double x,
                                const char *class,
                                const char *name)
{
    dg_svg_line(out, class, x, LEGEND_Y - 4.0, x + 22.0, LEGEND_Y - 4.0);
    return write_legend_name(out, x + 28.0, name);
}

static double write_legend_bar(
    FILE *out, double x, const char *class, double width, const char *name)
{
    dg_svg_box(out, class, x, LEGEND_Y - 10.0, width, 12.0);
    return write_legend_name(out, x + width + 6.0, name);
}

static bool has_kind(const struct dg_day_figure *figure,
                     enum dg_figure_delivery_kind kind)
{
    for (size_t i = 0; i < figure->delivery_count; i++) {
        if (figure->deliveries[i].kind == kind) {
            return true;
        }
    }
    return false;
}

/* Only what the figure shows is explained. */
static void write_legend(const struct dg_day_figure *figure,
                         const struct dg_figure_scales *scales,
                         FILE *out)
{
    double x = NAMES;

    if (figure->plasma.count > 0U) {
        x = write_legend_line(out,
                              x,
                              "glucose",
                              (figure->plasma_name != NULL)
                                  ? figure->plasma_name
                                  : "Plasma glucose");
    }
    if (figure->comparison.count > 0U) {
        x = write_legend_line(out, x, "comparison", figure->comparison_name);
    }
    if (figure->sensor.count > 0U) {
        fputs("<path class=\"sensor\" d=\"", out);
        for (int i = 0; i < 3; i++) {
            dg_svg_point(out, 'M', x + 2.0 + 7.0 * i, LEGEND_Y - 4.0);
            fputs("h0", out);
        }
        fputs("\"/>\n", out);
        x = write_legend_name(out, x + 24.0, "Sensor");
    }
    if (has_kind(figure, DG_FIGURE_CONFIRMED)) {
        x = write_legend_bar(
            out, x, "confirmed", CONFIRMED_WIDTH, "Bolus, confirmed");
    }
    if (has_kind(figure, DG_FIGURE_AUTOMATIC)) {
        (void)write_legend_bar(
            out, x, "automatic", scales->automatic_width, "Bolus, automatic");
    }
}

/* --- The whole ----------------------------------------------------------- */

static void write_head(const struct dg_day_figure *figure, FILE *out)
{
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"dg-day\" "
            "id=\"%s\" role=\"img\" aria-labelledby=\"%s-title %s-desc\" "
            "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n",
            figure->id,
            figure->id,
            figure->id,
            (int)WIDTH,
            (int)HEIGHT,
            (int)WIDTH,
            (int)HEIGHT);
    fprintf(out, "<title id=\"%s-title\">", figure->id);
    dg_svg_escaped(out, figure->title);
    fprintf(out, "</title>\n<desc id=\"%s-desc\">", figure->id);
    dg_svg_escaped(out, figure->description);
    fputs("</desc>\n", out);
    fputs(style, out);
    dg_svg_text(out, "title", "start", NAMES, TITLE_Y, figure->title);
}

enum dg_status dg_day_figure_write(const struct dg_day_figure *figure,
                                   FILE *out)
{
    if ((figure == NULL) || (out == NULL) || !is_complete(figure)) {
        return DG_E_USAGE;
    }
    if (!is_sound(figure)) {
        return DG_E_RANGE;
    }

    const struct dg_figure_scales scales = dg_figure_fit(figure);

    write_head(figure, out);
    write_legend(figure, &scales, out);
    dg_figure_draw_paper(&scales, out);
    dg_figure_draw_ink(figure, &scales, out);
    fputs("</svg>\n", out);
    return (ferror(out) == 0) ? DG_OK : DG_E_PORT;
}
