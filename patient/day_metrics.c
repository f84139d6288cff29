/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/day_metrics.h"

#include <math.h>
#include <stdbool.h>

#define GLUCOSE_MG_DL_MAX 20000.0
#define STEP_MIN_MAX      15U

/* The limits of the consensus. source: Battelino 2019. */
#define VERY_LOW  54.0
#define LOW       70.0
#define HIGH      180.0
#define VERY_HIGH 250.0

static bool are_samples(const double *mg_dL, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(mg_dL[i] >= 0.0) || !(mg_dL[i] <= GLUCOSE_MG_DL_MAX)) {
            return false;
        }
    }
    return true;
}

static void measure_ranges(const double *mg_dL,
                           size_t count,
                           struct dg_day_metrics *m)
{
    size_t very_low = 0;
    size_t low = 0;
    size_t high = 0;
    size_t very_high = 0;

    for (size_t i = 0; i < count; i++) {
        very_low += (mg_dL[i] < VERY_LOW) ? 1U : 0U;
        low += (mg_dL[i] < LOW) ? 1U : 0U;
        high += (mg_dL[i] > HIGH) ? 1U : 0U;
        very_high += (mg_dL[i] > VERY_HIGH) ? 1U : 0U;
    }

    const double percent = 100.0 / (double)count;

    m->below_54_percent = percent * (double)very_low;
    m->below_70_percent = percent * (double)low;
    m->above_180_percent = percent * (double)high;
    m->above_250_percent = percent * (double)very_high;
    m->in_range_percent = percent * (double)(count - low - high);
}

static void measure_spread(const double *mg_dL,
                           size_t count,
                           struct dg_day_metrics *m)
{
    double sum = 0.0;
    double squares = 0.0;

    m->min_mg_dL = mg_dL[0];
    m->max_mg_dL = mg_dL[0];
    for (size_t i = 0; i < count; i++) {
        sum += mg_dL[i];
        m->min_mg_dL = fmin(m->min_mg_dL, mg_dL[i]);
        m->max_mg_dL = fmax(m->max_mg_dL, mg_dL[i]);
    }
    m->mean_mg_dL = sum / (double)count;

    for (size_t i = 0; i < count; i++) {
        const double away = mg_dL[i] - m->mean_mg_dL;

        squares += away * away;
    }
    m->sd_mg_dL = (count > 1U) ? sqrt(squares / (double)(count - 1U)) : 0.0;
    m->cv_percent =
        (m->mean_mg_dL > 0.0) ? 100.0 * m->sd_mg_dL / m->mean_mg_dL : 0.0;
    m->gmi_percent = 3.31 + 0.02392 * m->mean_mg_dL;
}

/* Kovatchev's scale makes lows weigh as much as highs. */
static void measure_risk(const double *mg_dL,
                         size_t count,
                         struct dg_day_metrics *m)
{
    double low = 0.0;
    double high = 0.0;

    for (size_t i = 0; i < count; i++) {
        /* The logarithm needs a floor; 1 mg/dL is far below life. */
        const double glucose = fmax(1.0, mg_dL[i]);
        const double f = 1.509 * (pow(log(glucose), 1.084) - 5.381);
        const double risk = 10.0 * f * f;

        if (f < 0.0) {
            low += risk;
        } else {
            high += risk;
        }
    }
    m->lbgi = low / (double)count;
    m->hbgi = high / (double)count;
}

/* Count the episodes below a limit.  A sample stands for the step that begins
 * with it, so three samples of five minutes make fifteen. */
static uint32_t count_episodes(const double *mg_dL,
                               size_t count,
                               uint32_t step_min,
                               double limit,
                               double *longest_min)
{
    const size_t needed =
        (DG_DAY_METRICS_EPISODE_MIN + step_min - 1U) / step_min;
    uint32_t episodes = 0;
    size_t below = 0;  /* samples in a row            */
    size_t above = 0;  /* samples in a row            */
    size_t length = 0; /* of the episode so far       */
    bool inside = false;

    *longest_min = 0.0;
    for (size_t i = 0; i < count; i++) {
        if (mg_dL[i] < limit) {
            below++;
            above = 0;
        } else {
            above++;
            below = 0;
        }
        if (!inside && (below >= needed)) {
            inside = true;
            episodes++;
            length = below;
        } else if (inside && (above >= needed)) {
            inside = false;
        } else if (inside) {
            length++;
        }
        /* A rise counts only if the fall comes back: it is cut here. */
        if (inside && (above == 0U)) {
            *longest_min =
                fmax(*longest_min, (double)length * (double)step_min);
        }
    }
    return episodes;
}

enum dg_status dg_day_metrics_compute(const double *mg_dL,
                                      size_t count,
                                      uint32_t step_min,
                                      struct dg_day_metrics *metrics)
{
    if ((mg_dL == NULL) || (metrics == NULL) || (count == 0U)) {
        return DG_E_USAGE;
    }
    if ((step_min == 0U) || (step_min > STEP_MIN_MAX)) {
        return DG_E_RANGE;
    }
    if (!are_samples(mg_dL, count)) {
        return DG_E_RANGE;
    }

    double longest_low_min;

    *metrics = (struct dg_day_metrics){.samples = count};
    measure_ranges(mg_dL, count, metrics);
    measure_spread(mg_dL, count, metrics);
    measure_risk(mg_dL, count, metrics);
    metrics->episodes_below_70 =
        count_episodes(mg_dL, count, step_min, LOW, &longest_low_min);
    metrics->episodes_below_54 = count_episodes(
        mg_dL, count, step_min, VERY_LOW, &metrics->longest_below_54_min);
    return DG_OK;
}
