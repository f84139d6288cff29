/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_DAY_METRICS_H
#define DG_PATIENT_DAY_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"

/* The consensus figures of a day or any other stretch of glucose samples.
 *
 * source: Battelino et al., Diabetes Care 42 (2019) 1593 (times in ranges, CV,
 * GMI, episodes); Kovatchev et al., Diabetes Care 20 (1997) 1655 (risk). */
struct dg_day_metrics {
    size_t samples;
    double in_range_percent;  /* 70 .. 180 mg/dL; goal above 70 %        */
    double below_70_percent;  /* goal below 4 %; contains the next       */
    double below_54_percent;  /* goal below 1 %                          */
    double above_180_percent; /* goal below 25 %; contains the next      */
    double above_250_percent; /* goal below 5 %                          */
    double mean_mg_dL;
    double sd_mg_dL;    /* of a sample: divided by n - 1           */
    double cv_percent;  /* goal at most 36 %                       */
    double gmi_percent; /* estimated HbA1c, 3.31 + 0.02392 mean    */
    double lbgi;        /* risk of lows: 1.1, 2.5, 5               */
    double hbgi;        /* risk of highs: 4.5, 9                   */
    double min_mg_dL;
    double max_mg_dL;
    uint32_t episodes_below_70;  /* level 1: 15 min or more, and contains   */
    uint32_t episodes_below_54;  /* level 2                                 */
    double longest_below_54_min; /* in an episode of level 2                */
};

/* An episode begins after this long below its limit and ends after this long
 * at or above it. */
#define DG_DAY_METRICS_EPISODE_MIN 15U

/**
 * Compute the figures of a row of evenly spaced samples.
 *
 * @param[in]  mg_dL     @p count samples, each 0 .. 20000 mg/dL.
 * @param      count     1 or more.
 * @param      step_min  Minutes between samples, 1 .. 15.
 * @param[out] metrics   The figures; unchanged on failure.
 *
 * @retval DG_OK       The figures are written.
 * @retval DG_E_USAGE  A pointer is NULL or @p count is 0.
 * @retval DG_E_RANGE  A sample is not a number, or a sample or @p step_min is
 *                     out of range.
 */
DG_NODISCARD enum dg_status dg_day_metrics_compute(
    const double *mg_dL,
    size_t count,
    uint32_t step_min,
    struct dg_day_metrics *metrics);

#endif
