/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_MEASURE_H
#define DG_PATIENT_TRIAL_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "patient/trial/aggregate.h"
#include "patient/trial/tally.h"

/* From the samples of a tile to figures: row by row, 16 people a row, tenths
 * of mg/dL up to DG_TRIAL_TENTHS_MAX. */
#define DG_TRIAL_NO_SAMPLE 0xFFFFU

/**
 * Count the samples of one signal.
 *
 * Three samples in a row make 15 min, as in patient/day_metrics.c; a missing
 * one neither begins nor ends an episode.
 *
 * @param[in]  samples  @p steps rows of 16.
 * @param[out] glucose  16.
 */
void dg_trial_measure(const uint16_t *samples,
                      size_t steps,
                      struct dg_trial_glucose glucose[16]);

/** Count what only plasma shows: proxies of severe harm, and the first sample
 * below 54 from step @p start on.
 * @param[in,out] tally  16. */
void dg_trial_measure_harm(const uint16_t *samples,
                           size_t steps,
                           size_t start,
                           struct dg_trial_tally tally[16]);

/** Lay the days of one person over each other. */
void dg_trial_measure_day(const uint16_t *samples,
                          size_t steps,
                          unsigned lane,
                          enum dg_trial_signal signal,
                          struct dg_trial_cell *cell);

#endif
