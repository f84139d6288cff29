/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_REPORT_PARTS_H
#define DG_EVAL_TRIAL_REPORT_PARTS_H

#include <stdbool.h>

#include "eval/trial/report.h"

/* The sections of a report, in their order. */
void dg_trial_report_harm(struct dg_document *document,
                          const struct dg_findings *findings);
void dg_trial_report_cost(struct dg_document *document,
                          const struct dg_findings *findings);
void dg_trial_report_rules(struct dg_document *document,
                           const struct dg_findings *findings);
void dg_trial_report_worst(struct dg_document *document,
                           const struct dg_findings *findings,
                           const struct dg_traces *traces);
void dg_trial_report_models(struct dg_document *document,
                            const struct dg_findings *findings);
void dg_trial_report_method(struct dg_document *document,
                            const struct dg_findings *findings);

/* What several sections share. */

/** The scenario in which nothing goes wrong; the number of scenarios when
 * there is none. */
size_t dg_report_quiet(const struct dg_trial_plan *plan);

/** Arms that a figure has room for. */
size_t dg_report_arms(const struct dg_trial_plan *plan);

/** Titles of the arms; @p names points into @p texts. */
void dg_report_arm_names(const struct dg_trial_plan *plan,
                         char texts[DG_TRIAL_ARMS_MAX][DG_FINDING_TEXT_SIZE],
                         const char *names[DG_TRIAL_ARMS_MAX]);

/** A table of one metric: scenarios down, arms across. */
void dg_report_table(struct dg_document *document,
                     const struct dg_findings *findings,
                     size_t model,
                     enum dg_trial_metric metric);

/** A figure of one metric, a row for each scenario that errs in this way; with
 * @p is_phone only those of whoever owns the phone, beside the quiet one. */
void dg_report_dots(struct dg_document *document,
                    const struct dg_findings *findings,
                    size_t model,
                    enum dg_trial_metric metric,
                    enum dg_trial_harm harm,
                    bool is_phone,
                    const char *title,
                    const char *caption);

#endif
