/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_DAY_FIGURE_H
#define DG_PATIENT_DAY_FIGURE_H

#include <stddef.h>
#include <stdio.h>

#include "dosegate/status.h"

/* One figure of one day: glucose above, then meals, boluses and basal, under
 * one time axis.  It is an inline <svg> for a report that is read offline.
 *
 * Colours are CSS custom properties with a fallback for white paper, so a page
 * restyles all figures (a dark theme, say) by setting some of: --dg-ink,
 * --dg-muted, --dg-grid, --dg-target, --dg-target-edge, --dg-glucose,
 * --dg-sensor, --dg-comparison, --dg-low, --dg-confirmed, --dg-automatic,
 * --dg-basal, --dg-meal, --dg-event. */

struct dg_figure_sample {
    double minute; /* since midnight of the first day                        */
    double mg_dL;
};

struct dg_figure_series {
    const struct dg_figure_sample *samples; /* in order of time              */
    size_t count;                           /* 0: not drawn                  */
};

enum dg_figure_delivery_kind {
    DG_FIGURE_BASAL,     /* drawn as a rate over half hours                  */
    DG_FIGURE_AUTOMATIC, /* a bolus that no person confirmed                 */
    DG_FIGURE_CONFIRMED, /* a bolus that the person confirmed                */
};

struct dg_figure_delivery {
    double minute;
    double units;
    enum dg_figure_delivery_kind kind;
};

struct dg_figure_meal {
    double minute;
    double grams;
};

struct dg_figure_event {
    double minute;
    const char *label; /* a few words, UTF-8; escaped when written           */
};

struct dg_day_figure {
    const char *id;          /* of the element; a letter, then letters,
                              * digits, '-' or '_'; one per page             */
    const char *title;       /* one line, seen                               */
    const char *description; /* a sentence or two, for who cannot see it     */
    double start_min;        /* time axis, at most 14 days long              */
    double end_min;

    struct dg_figure_series plasma;
    struct dg_figure_series sensor;
    struct dg_figure_series comparison; /* optional: plasma of another run   */
    const char *plasma_name;     /* NULL: "Plasma glucose"                   */
    const char *comparison_name; /* required with a comparison               */

    const struct dg_figure_delivery *deliveries; /* in order of time         */
    size_t delivery_count;
    const struct dg_figure_meal *meals; /* in order of time                  */
    size_t meal_count;
    const struct dg_figure_event *events; /* in order of time                */
    size_t event_count;
};

/**
 * Write a day as an <svg> element.
 *
 * What lies outside the time axis is left out.
 *
 * @param[in] figure  The day.
 * @param     out     A stream open for writing.
 *
 * @retval DG_OK       The whole figure was written.
 * @retval DG_E_USAGE  A required pointer is NULL.
 * @retval DG_E_RANGE  A number is not finite, a glucose is outside
 *                     0 .. 20000 mg/dL, an amount is negative or above 1000,
 *                     a time goes backwards, the axis is empty or too long, or
 *                     the id is malformed; nothing was written.
 * @retval DG_E_PORT   The stream failed; a part may have been written.
 */
DG_NODISCARD enum dg_status dg_day_figure_write(
    const struct dg_day_figure *figure, FILE *out);

#endif
