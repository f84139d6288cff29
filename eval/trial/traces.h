/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_TRACES_H
#define DG_EVAL_TRIAL_TRACES_H

#include <stddef.h>
#include <stdint.h>

#include "eval/trial/chart.h"
#include "eval/trial/findings.h"

/* The worst people, lived through once more for a figure: the same person in
 * the same days, one line for each arm. */

#define DG_TRACES_MAX 4U

struct dg_trace {
    size_t scenario;
    size_t chosen; /* the arm in which this person fared worst */
    uint64_t person;
    size_t steps;                 /* of five minutes */
    double start_hour;            /* of the attack; below 0: none */
    double *mg_dL[DG_CHART_ARMS]; /* plasma */
    double *units[DG_CHART_ARMS]; /* insulin in all, in the step */
    char title[128];
};

struct dg_traces {
    size_t count;
    struct dg_trace trace[DG_TRACES_MAX];
};

/**
 * Choose and simulate the worst people of the first model: for the scenario
 * with the most people below 54 mg/dL in arm 0, the person with the lowest
 * glucose in arm 0 and in the last arm; for the one with the longest lack of
 * insulin, the same.
 *
 * @retval DG_OK      Done; free with dg_traces_free(), also after an error.
 * @retval DG_E_PORT  Memory is out, or a controller failed.
 */
DG_NODISCARD enum dg_status dg_traces_make(const struct dg_findings *findings,
                                           struct dg_traces *traces);

/** One trace as CSV (RFC 4180). */
void dg_trace_csv(const struct dg_findings *findings,
                  const struct dg_trace *trace,
                  struct dg_html *out);

void dg_traces_free(struct dg_traces *traces);

#endif
