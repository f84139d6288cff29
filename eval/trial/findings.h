/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_FINDINGS_H
#define DG_EVAL_TRIAL_FINDINGS_H

#include <stdint.h>

#include "dosegate/status.h"
#include "eval/html.h"
#include "eval/trial/book.h"
#include "eval/trial/chart.h"
#include "patient/trial/trial.h"

/* What a trial found: the exact sums of the engine, read as estimates with
 * intervals.  Reports, tables and figures take every number from here. */

#define DG_DIGEST_TEXT_SIZE 65U

struct dg_findings {
    const struct dg_book *book;
    struct dg_trial_plan plan[DG_BOOK_MODELS_MAX];
    const struct dg_trial_result *result[DG_BOOK_MODELS_MAX];
    char digest[DG_BOOK_MODELS_MAX][DG_DIGEST_TEXT_SIZE]; /* of each plan */
};

/** Lay plans and digests beside the results, which the caller has filled; the
 * plans' controllers are set (dg_book_plan()). */
void dg_findings_begin(struct dg_findings *findings,
                       const struct dg_book *book);

/** Name model number @p at's plan by its digest. */
void dg_findings_plan(struct dg_findings *findings,
                      size_t at,
                      const struct dg_trial_plan *plan,
                      const struct dg_trial_result *result);

/** A metric in one cell, in its unit; proportions of people in %. */
struct dg_estimate dg_finding(const struct dg_trial_cell *cell,
                              enum dg_trial_metric metric);

/** The same less arm 0, of the people whom both arms have. */
struct dg_estimate dg_finding_difference(const struct dg_trial_cell *cell,
                                         enum dg_trial_metric metric);

/** "%" for proportions, else the metric's own unit. */
const char *dg_finding_unit(enum dg_trial_metric metric);

#define DG_FINDING_TEXT_SIZE 48U

/** "12.3 (11.0 to 13.7)"; "-" where there is nobody. */
void dg_estimate_text(const struct dg_estimate *estimate,
                      char text[DG_FINDING_TEXT_SIZE]);

/** An arm as people call it: "no guard", "aaps, as sold", "Dosegate High". */
void dg_finding_arm(const struct dg_trial_arm *arm,
                    char text[DG_FINDING_TEXT_SIZE]);

/** All metrics of all cells as CSV (RFC 4180), one line for each. */
void dg_findings_csv(const struct dg_findings *findings, struct dg_html *out);

/** The same, with worst people, rules and percentiles by time of day, as
 * JSON. */
DG_NODISCARD enum dg_status dg_findings_json(const struct dg_findings *findings,
                                             struct dg_html *out);

/** What decides the results, in the form of a book: `dosegate trial run` of it
 * gives the same bytes again, and says so when this program is another than
 * the one that wrote it. */
DG_NODISCARD enum dg_status dg_findings_manifest(
    const struct dg_findings *findings, struct dg_html *out);

#endif
